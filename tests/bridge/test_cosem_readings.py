"""COSEM objects to readings: values, units, times, refusals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from anymeter.bridge import cosem_readings as cosem
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.datetimes import DateTime
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.errors import AccessError, DecodeError, LinkError
from anymeter.obis import Obis

ENERGY = Obis("1-0:1.8.0")
DEMAND = Obis("1-0:1.4.0")
CLOCK = Obis("0-0:1.0.0")
NUMBER, KILO_WH, CENTI_M3 = bytes.fromhex("06000004D2"), bytes.fromhex("02020F03161E"), bytes.fromhex("02020FFE160D")
MOMENT = bytes.fromhex("090C07EA030107081E0000FFC400")
DENIED = AccessError(3, "it")


@pytest.mark.parametrize(
    ("class_id", "numbers", "known"),
    [
        (1, (2,), (2,)),
        (3, (2, 3), (2,)),
        (4, (2, 3, 5), (2, 5)),
        (5, (2, 3, 4, 6), (2, 3, 6)),
        (8, (2,), (2,)),
        (63, (2,), (2,)),
        (7, (), ()),
        (70, (), ()),
    ],
)
def test_what_is_read_of_an_object(class_id, numbers, known):
    assert cosem.wanted(class_id) == numbers
    assert cosem.wanted(class_id, scaler_known=True) == known


def test_a_register():
    [reading] = cosem.object_readings(3, ENERGY, {2: NUMBER, 3: KILO_WH})
    assert (reading.obis, reading.value, reading.unit, reading.raw) == (ENERGY, 1234000, "Wh", NUMBER)
    assert reading.name == "active energy import (+A), total"
    assert (reading.time, reading.status) == (None, None)


def test_a_scaler_that_is_known_already():
    [reading] = cosem.object_readings(3, Obis("8-0:1.0.0"), {2: NUMBER}, scaler_unit=(-2, 13))
    assert (reading.value, reading.unit) == (Decimal("12.34"), "m3")


def test_a_scaler_that_is_refused_leaves_the_number_as_it_is():
    [reading] = cosem.object_readings(3, ENERGY, {2: NUMBER, 3: DENIED})
    assert (reading.value, reading.unit) == (1234, "")


@pytest.mark.parametrize("octets", ["0202110F161E", "00", "020111FE", "0202 0F03 111E"])
def test_what_is_no_scaler_and_unit(octets):
    assert cosem.scaler_unit_of(bytes.fromhex(octets)) in (None, (15, 30))
    assert cosem.scaler_unit_of(KILO_WH) == (3, 30)


def test_an_extended_register_tells_when():
    [reading] = cosem.object_readings(4, Obis("6-0:1.2.0"), {2: NUMBER, 3: KILO_WH, 5: MOMENT})
    assert reading.time == DateTime(MOMENT[2:])
    assert reading.value == 1234000


@pytest.mark.parametrize(
    "when", [b"\x09\x0c" + b"\xff" * 9 + b"\x80\x00\xff", b"\x00", DENIED, bytes.fromhex("0902ABCD")]
)
def test_a_time_that_says_nothing_is_none(when):
    [reading] = cosem.object_readings(4, Obis("6-0:1.2.0"), {2: NUMBER, 3: KILO_WH, 5: when})
    assert reading.time is None


def test_a_demand_register_has_two_values():
    outcomes = {2: NUMBER, 3: bytes.fromhex("1105"), 4: bytes.fromhex("02020F00161B"), 6: MOMENT}
    current, last = cosem.object_readings(5, DEMAND, outcomes)
    assert (current.value, last.value, current.unit, last.unit) == (1234, 5, "W", "W")
    assert current.name.endswith(", current average")
    assert last.name.endswith(", last average")
    assert (current.time, last.time) == (None, DateTime(MOMENT[2:]))


def test_a_clock_a_text_and_a_state():
    [clock] = cosem.object_readings(8, CLOCK, {2: MOMENT})
    assert clock.value == DateTime(MOMENT[2:])
    [number] = cosem.object_readings(1, Obis("0-0:96.1.0"), {2: b"\x09\x04" + b"4711"})
    assert (number.value, number.unit) == ("4711", "")
    [state] = cosem.object_readings(3, Obis("0-0:96.5.0"), {2: bytes.fromhex("160300"[:4]), 3: KILO_WH})
    assert (state.value, state.unit) == (3, "")


def test_a_structure_stays_octets():
    octets = bytes.fromhex("020211051106")
    [reading] = cosem.object_readings(1, Obis("0-0:96.1.0"), {2: octets})
    assert (reading.value, reading.status, reading.raw) == (None, "structured", octets)


def test_a_refusal_is_a_status():
    [reading] = cosem.object_readings(3, ENERGY, {2: DENIED, 3: KILO_WH})
    assert (reading.obis, reading.value, reading.status) == (ENERGY, None, "read-write-denied")
    assert reading.name == "active energy import (+A), total"


def test_other_errors_are_raised():
    with pytest.raises(LinkError):
        cosem.object_readings(3, ENERGY, {2: LinkError("gone"), 3: KILO_WH})


def test_octets_that_are_no_value_are_an_error():
    with pytest.raises(DecodeError):
        cosem.object_readings(3, ENERGY, {2: b"\x06\x00", 3: KILO_WH})


@pytest.mark.parametrize(
    ("class_id", "number", "value"),
    [
        (3, 2, True),
        (3, 3, False),
        (5, 3, True),
        (8, 2, True),
        (7, 2, True),
        (7, 3, False),
        (15, 2, False),
        (61, 2, True),
    ],
)
def test_which_attribute_a_code_stands_for(class_id, number, value):
    assert cosem.is_value(AttributeDescriptor(class_id, ENERGY, number)) is value


def test_any_attribute_has_the_name_of_its_class():
    target = AttributeDescriptor(3, ENERGY, 3)
    reading = cosem.attribute_readings(Register, target, KILO_WH)
    assert (reading.obis, reading.raw, reading.status) == (None, KILO_WH, "structured")
    assert reading.name == "active energy import (+A), total, scaler unit"
    assert cosem.attribute_readings(None, target, KILO_WH).name == "active energy import (+A), total, attribute 3"


def test_any_attribute_may_be_refused():
    reading = cosem.attribute_readings(Register, AttributeDescriptor(3, ENERGY, 3), DENIED)
    assert (reading.value, reading.status) == (None, "read-write-denied")
    assert reading.name == "active energy import (+A), total, scaler unit"
