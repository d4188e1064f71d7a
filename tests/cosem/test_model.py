"""The machinery of interface classes: numbers, types, sharing, and every way of saying no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem import model
from anymeter.cosem.model import (
    InterfaceClass,
    attribute,
    interface_class,
    method,
    reads,
    refuse,
    registered,
    writes,
)
from anymeter.cosem.schema import (
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    NULL_DATA,
    OCTET_STRING,
    UNSIGNED,
    array,
    structure,
)
from anymeter.errors import AccessError, LocalError
from anymeter.obis import Obis

NAME = "1-0:1.8.0*255"


class Gauge(InterfaceClass, class_id=8310, methods_at=0x28, clause="here"):
    """Gauge."""

    value = attribute(2, CHOICE, dynamic=True)
    scaler_unit = attribute(3, structure(scaler=INTEGER, unit=ENUM), default=(0, 255))
    thresholds = attribute(4, array(CHOICE))

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Reset."""
        self.put(2, 0, now)

    @method(2, NULL_DATA)
    def nothing(self, data: None, now: float) -> None:
        """Nothing."""

    @method(3, LONG_UNSIGNED, returns=OCTET_STRING)
    def echo(self, data: int, now: float) -> bytes:
        """Echo."""
        return data.to_bytes(2, "big")


class Counting(Gauge, class_id=8310, version=1):
    """Counts the seconds."""

    @reads(Gauge.value)
    def _value(self, now: float) -> int:
        return int(now)


def gauge(**more):
    return Gauge(NAME, value=7, scaler_unit=(-3, 13), types={"value": DOUBLE_LONG_UNSIGNED}, **more)


class Listener:
    """A device that notes what it is told."""

    def __init__(self):
        self.told = []

    def changed(self, obj, number, value, now):
        self.told.append((number, value, now))

    def touched(self, obj):
        self.told.append("touched")


def test_the_first_attribute_is_the_logical_name():
    assert gauge().encoded(1, 0) == bytes.fromhex("0906" + "0100010800FF")
    assert gauge().logical_name == Obis(NAME)
    with pytest.raises(AccessError) as caught:
        gauge().write(1, bytes.fromhex("0906000000000000"), 0)
    assert caught.value.result == 3


def test_an_attribute_is_encoded_as_its_class_or_its_object_says():
    assert gauge().encoded(2, 0).hex() == "0600000007"
    assert gauge().encoded(3, 0).hex() == "02020ffd160d"
    assert gauge().encoded(4, 0).hex() == "0100"


def test_a_source_comes_before_a_reader_and_a_reader_before_what_is_stored():
    counting = Counting(NAME, value=1, types={2: DOUBLE_LONG_UNSIGNED})
    assert counting.get(2, 99.5) == 99
    assert counting.value == 1
    counting.bind("value", lambda now: 5)
    assert (counting.get(2, 99.5), counting.encoded(2, 99.5).hex()) == (5, "0600000005")


def test_what_a_client_sets_must_be_of_the_type():
    one = gauge()
    one.write(2, bytes.fromhex("06000000FF"), 0)
    assert one.value == 255
    for wrong in ("1105", "", "06000000", "0600000000FF", "09020102"):
        with pytest.raises(AccessError) as caught:
            one.write(2, bytes.fromhex(wrong), 0)
        assert caught.value.result == 12
    assert one.value == 255


def test_a_choice_that_nothing_fixes_takes_the_type_of_what_is_set():
    one = gauge()
    one.write(4, bytes.fromhex("010211051106"), 0)
    assert one.encoded(4, 0).hex() == "010211051106"
    one.write(4, bytes.fromhex("0102110512 0006".replace(" ", "")), 0)
    assert one.encoded(4, 0).hex() == "01021105120006"


def test_numbers_that_the_class_lacks_are_refused():
    for attempt in (
        lambda: gauge().encoded(5, 0),
        lambda: gauge().get(-1, 0),
        lambda: gauge().write(5, b"\x00", 0),
        lambda: gauge().invoke(4, None, 0),
        lambda: gauge().schema_of(0),
    ):
        with pytest.raises(AccessError) as caught:
            attempt()
        assert caught.value.result == 4


def test_selective_access_is_refused_unless_a_class_has_it():
    with pytest.raises(AccessError) as caught:
        gauge().select(2, 1, b"\x00", 0)
    assert (caught.value.result, str(caught.value)) == (13, f"{NAME} value selector 1: scope-of-access-violated")


def test_methods_take_their_parameters_and_unused_ones_may_be_left_out():
    one = gauge()
    assert one.invoke(1, None, 0) is None
    assert one.value == 0
    assert one.invoke(1, bytes.fromhex("0F00"), 0) is None
    assert one.invoke(1, b"\x00", 0) is None
    assert one.invoke(2, b"\x00", 0) is None
    assert one.invoke(3, bytes.fromhex("120102"), 0) == bytes.fromhex("09020102")
    for number, wrong in ((3, None), (3, b"\x11\x01"), (1, b"\x12\x00\x00"), (2, b"\x11\x01")):
        with pytest.raises(AccessError) as caught:
            one.invoke(number, wrong, 0)
        assert caught.value.result == 12


def test_a_change_is_told_to_the_device():
    one, device = gauge(), Listener()
    one.device = device
    one.put(2, 8, 4.0)
    one.store(2, 9)
    one.write(2, bytes.fromhex("060000000A"), 5.0)
    one.invoke(1, None, 6.0)
    assert device.told == [(2, 8, 4.0), (2, 10, 5.0), "touched", (2, 0, 6.0), "touched"]


def test_a_clone_shares_values_until_one_of_the_two_changes_them():
    one = gauge()
    other, third = one.clone(), one.clone()
    assert other.values is one.values
    other.put(2, 8, 0)
    one.put(2, 9, 0)
    assert (one.value, other.value, third.value) == (9, 8, 7)
    one.bind(2, lambda now: 1)
    assert other.sources is None
    assert one.clone().get(2, 0) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"b": attribute(3, INTEGER)}, "must run 1, 2, 3"),
        ({"a": attribute(2, INTEGER), "b": attribute(2, INTEGER)}, "have one number"),
    ],
)
def test_a_class_body_that_skips_or_repeats_a_number(body, why):
    with pytest.raises(TypeError, match=why):
        type("Wrong", (InterfaceClass,), body, class_id=8399)


def test_a_version_may_give_a_number_another_name_and_type():
    made = type("Newer", (Gauge,), {"level": attribute(2, INTEGER)}, class_id=8310, version=2)
    assert [a.name for a in made.attributes.values()] == ["logical_name", "level", "scaler_unit", "thresholds"]
    assert made(NAME, level=3).encoded(2, 0).hex() == "0f03"


def test_two_classes_of_one_id_and_version_are_refused():
    first = type("First", (InterfaceClass,), {"__module__": __name__}, class_id=8191, version=99)
    with pytest.raises(TypeError, match="declared twice"):
        type("Again", (InterfaceClass,), {}, class_id=first.class_id, version=first.version)
    assert interface_class(8191, 99) is first
    assert first in registered()
    model._registry.pop((8191, 99))


def test_a_manufacturers_class_is_not_registered():
    assert interface_class(8310, 0) is None
    assert interface_class(99, 99) is None
    assert all(cls.class_id < 8192 for cls in registered())


def test_manufacturers_attributes_have_negative_numbers():
    made = type("Own", (InterfaceClass,), {"a": attribute(2, INTEGER), "x": attribute(-1, INTEGER)}, class_id=8397)
    assert list(made.attributes) == [1, 2, -1]
    assert made(NAME, x=5).encoded(-1, 0).hex() == "0f05"


def test_a_refusal_says_why_in_words():
    assert str(refuse(11, "it")) == "it: object-unavailable"
    assert str(refuse(77, "it")) == "it: unknown-77"


def test_nothing_is_due_by_default():
    one = gauge()
    one.run(0)
    one.clock_changed(0, 1, 1)
    assert one.next_due() is None
    assert repr(one) == f"Gauge('{NAME}')"


@given(st.binary(max_size=30), st.sampled_from([2, 3, 4]))
def test_whatever_is_set_is_taken_or_refused(octets, number):
    one = gauge()
    before = one.encoded(number, 0)
    try:
        one.write(number, octets, 0)
    except AccessError:
        assert one.encoded(number, 0) == before
    else:
        assert one.get(number, 0) is not None or octets == b"\x00"


class Worked(InterfaceClass, class_id=8290):
    """Has what is worked out, what refuses, and an open list."""

    count = attribute(2, UNSIGNED)
    kept = attribute(3, CHOICE)
    entries = attribute(4, array(CHOICE))

    @reads(count)
    def _count(self, now):
        return 5

    @writes(kept)
    def _set_kept(self, value, now):
        raise LocalError("broken")


def test_what_is_worked_out_is_only_set_where_the_class_says_how():
    obj = Worked("0-0:96.1.0*255")
    obj.bind("entries", lambda now: [])
    for number, octets in ((2, b"\x11\x01"), (4, b"\x01\x00")):
        with pytest.raises(AccessError) as error:
            obj.write(number, octets, 0)
        assert error.value.result == 3
        assert number not in obj.values


def test_a_type_that_came_with_a_failing_write_is_forgotten():
    obj = Worked("0-0:96.1.0*255", kept=None)
    with pytest.raises(LocalError, match="broken"):
        obj.write(3, b"\x11\x01", 0)
    assert obj.encoded(3, 0) == b"\x00"


def test_a_type_that_a_client_brought_gives_way_to_what_does_not_fit_it():
    obj = Worked("0-0:96.1.0*255")
    obj.write(4, bytes.fromhex("01021105120006"), 0)
    assert obj.encoded(4, 0).hex() == "01021105120006"
    obj.put(4, [], 0)
    assert obj.encoded(4, 0) == b"\x01\x00"
