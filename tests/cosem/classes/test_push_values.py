"""The values of a push: elements, all attributes, parts of a profile, and what is not there or secret."""

import pytest

from anymeter.cosem.classes.protection import DataProtection
from anymeter.cosem.classes.push import PushSetup
from anymeter.cosem.classes.push_values import Pushed, body_of, value_of
from anymeter.cosem.data import parse
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import OCTET_STRING, UNSIGNED, array
from anymeter.obis import Obis
from cosem.classes.surroundings import device

LIST = Obis("0-0:96.60.1*255")
PROFILE = Obis("1-0:99.1.0*255")
BY_DATE, BY_ENTRY = 1, 2


class Listing(InterfaceClass, class_id=8501):
    """A list and a secret."""

    items = attribute(2, array(UNSIGNED))
    secret = attribute(3, OCTET_STRING, secret=True)


class Rows(InterfaceClass, class_id=8502):
    """Stands for a profile: answers what it was asked."""

    buffer = attribute(2, array(UNSIGNED))

    def select(self, number, selector, parameters, now):
        self.asked = (number, selector, parse(parameters))
        return b"\x01\x01\x11\x09"


def owner(monkeypatch=None):
    one, rows = PushSetup("0-0:25.9.0*255"), Rows(PROFILE, buffer=[1, 2])
    device(one, Listing(LIST, items=[5, 6, 7], secret=b"key"), rows)
    return one, rows


def value(entry):
    return parse(value_of(owner()[0], entry, 0))


def test_whole_values_and_elements():
    assert value(Pushed(8501, bytes(LIST), 2)) == [5, 6, 7]
    assert value(Pushed(8501, bytes(LIST), 2, 3)) == 7
    assert value(Pushed(8501, bytes(LIST), 2, 4)) is None
    assert value(Pushed(8501, bytes(LIST), 1, 1)) is None


def test_all_attributes_but_not_the_secret():
    assert value(Pushed(8501, bytes(LIST), 0)) == (bytes(LIST), [5, 6, 7], None)
    assert value(Pushed(8501, bytes(LIST), 3)) is None


@pytest.mark.parametrize(
    ("class_id", "name", "number"), [(8501, bytes(6), 2), (1, bytes(LIST), 2), (8501, bytes(LIST), 9)]
)
def test_what_is_not_there_is_null(class_id, name, number):
    assert value(Pushed(class_id, name, number)) is None


def test_parts_of_a_profile(monkeypatch):
    monkeypatch.setattr(Rows, "class_id", 7)
    one, rows = owner()
    entry = Pushed(7, bytes(PROFILE), 2, 0, (BY_ENTRY, (1, 20)))
    assert parse(value_of(one, entry, 0)) == [9]
    assert rows.asked == (2, 2, (1, 20, 1, 0))
    start, end = b"\x07\xea" + bytes(10), b"\x07\xeb" + bytes(10)
    entry = Pushed(7, bytes(PROFILE), 2, 0, (BY_DATE, (start, end)), ((3, bytes(LIST), 2, 0),))
    assert parse(value_of(one, entry, 0)) == [9]
    assert rows.asked == (2, 1, ((8, bytes.fromhex("0000010000FF"), 2, 0), start, end, [(3, bytes(LIST), 2, 0)]))
    odd = Pushed(7, bytes(PROFILE), 2, 0, (BY_ENTRY, ("a", "b")))
    assert value_of(one, odd, 0) == b"\x00"
    whole = Pushed(7, bytes(PROFILE), 2, 0, (BY_ENTRY, None))
    assert parse(value_of(one, whole, 0)) == [1, 2]


def test_a_profile_that_refuses(monkeypatch):
    monkeypatch.setattr(Listing, "class_id", 7)
    one, _ = owner()
    assert value_of(one, Pushed(7, bytes(LIST), 2, 0, (BY_ENTRY, (1, 2))), 0) == b"\x00"


def test_entries_of_all_versions():
    four = (1, bytes(6), 2, 3)
    assert Pushed.of(four) == Pushed(1, bytes(6), 2, 3)
    assert Pushed.of((*four, (2, (1, 5)))) == Pushed(1, bytes(6), 2, 3, (2, (1, 5)))
    assert Pushed.of((*four, (2, (1, 5)), [four])) == Pushed(1, bytes(6), 2, 3, (2, (1, 5)), (four,))


def test_the_body_keeps_the_order():
    one, _ = owner()
    entries = [Pushed(8501, bytes(LIST), 2, 2), Pushed(8501, bytes(6), 2), Pushed(8501, bytes(LIST), 2, 1)]
    assert body_of(one, entries, 0).hex() == "0203" + "1106" + "00" + "1105"
    assert body_of(one, [], 0).hex() == "0200"


def test_data_protection_has_no_secrets_to_tell():
    assert DataProtection("0-0:43.2.0*255").encoded(3, 0) == b"\x01\x00"
