"""Names in words, for classes that are known and classes that are not."""

import pytest

import anymeter.cosem.model as model
from anymeter.cosem.schema import CHOICE, INTEGER
from anymeter.dlms.client import naming
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.errors import LocalError
from anymeter.obis import Obis

NAME = Obis("1-0:1.8.0*255")


@pytest.fixture(autouse=True)
def gauges(monkeypatch):
    """Two versions of a class that nobody else has."""
    monkeypatch.setattr(model, "_registry", {})

    class Gauge(model.InterfaceClass, class_id=199):
        level = model.attribute(2, CHOICE)

        @model.method(1, INTEGER)
        def empty(self, data, now):
            """Empty it."""

    class GaugeV1(Gauge, class_id=199, version=1):
        limit = model.attribute(3, CHOICE)

    return Gauge, GaugeV1


def test_a_class_is_found_by_version_or_the_newest(gauges):
    assert naming.class_of(199) is gauges[1]
    assert naming.class_of(199, 0) is gauges[0]
    assert naming.class_of(199, 2) is None
    assert naming.class_of(198) is None


def test_known_members_have_their_names():
    assert naming.attribute_words(AttributeDescriptor(199, NAME, 3)) == "1-0:1.8.0*255 limit"
    assert naming.attribute_words(AttributeDescriptor(199, NAME, 1)) == "1-0:1.8.0*255 logical_name"
    assert naming.method_words(MethodDescriptor(199, NAME, 1)) == "1-0:1.8.0*255 empty"


def test_unknown_members_have_their_numbers():
    assert naming.attribute_words(AttributeDescriptor(199, NAME, -2)) == "1-0:1.8.0*255 attribute -2 of class 199"
    assert naming.method_words(MethodDescriptor(198, NAME, 1)) == "1-0:1.8.0*255 method 1 of class 198"


def test_refusals_are_told_in_words():
    refused = naming.attribute_refused(3, AttributeDescriptor(199, NAME, 2))
    assert (refused.result, str(refused)) == (3, "1-0:1.8.0*255 level: read-write-denied")
    odd = naming.method_refused(77, MethodDescriptor(199, NAME, 1))
    assert (odd.result, str(odd)) == (77, "1-0:1.8.0*255 empty: unknown-77")


def test_logical_names_come_in_any_form():
    assert naming.logical_name("1-0:1.8.0") == NAME
    assert naming.logical_name(NAME) is NAME
    with pytest.raises(LocalError):
        naming.logical_name("volume")


def test_what_a_meter_lists_is_checked():
    assert naming.listed(3, 0, bytes(NAME)) == (3, 0, NAME)
    for wrong in ((b"3", 0, NAME), (3, None, NAME), (3, 0, 6), (3, 0, NAME[:5]), (3, 0, "1.8.0.")):
        with pytest.raises(ValueError):
            naming.listed(*wrong)


def test_a_version_of_which_only_the_name_is_known_names_nothing(gauges):
    class GaugeV2(model.InterfaceClass, class_id=199, version=2, catalogued=True):
        pass

    class Riddle(model.InterfaceClass, class_id=197, catalogued=True):
        pass

    assert naming.class_of(199) is gauges[1]
    assert naming.class_of(199, 2) is GaugeV2
    assert naming.class_of(197) is Riddle
    assert naming.method_words(MethodDescriptor(199, NAME, 1)) == "1-0:1.8.0*255 empty"
