"""Readings: numbers of the wire into the unit of their meaning, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.reading import Meaning, Message, Meter, Reading, Security
from anymeter.cosem.datetimes import DateTime
from anymeter.obis import Obis

WHEN = DateTime.of(2026, 11, 22)


@pytest.mark.parametrize(
    ("number", "exponent", "wanted"),
    [
        (12345, 0, 12345),
        (12345, 2, 1234500),
        (12345, -2, Decimal("123.45")),
        (12300, -2, Decimal("123.00")),
        (0, -3, Decimal("0.000")),
        (-7, -1, Decimal("-0.7")),
        (2**63, 3, 2**63 * 1000),
        (Decimal("1.5"), 1, Decimal("15")),
        (Decimal("1.25"), 1, Decimal("12.5")),
        (Decimal("0.10"), -1, Decimal("0.010")),
        ("text", 3, "text"),
        (None, 3, None),
        (WHEN, 3, WHEN),
    ],
)
def test_scaled(number, exponent, wanted):
    found = Reading(Meaning(exponent=exponent), number).value
    assert found == wanted
    assert type(found) is type(wanted)
    assert str(found) == str(wanted)


@given(st.integers(-(10**18), 10**18), st.integers(-12, 12))
def test_no_digit_is_lost(number, exponent):
    found = Reading(Meaning(exponent=exponent), number).value
    assert isinstance(found, int | Decimal)
    assert Decimal(found) == Decimal(number).scaleb(exponent)


def test_a_reading_speaks_for_its_meaning():
    reading = Reading(Meaning(Obis("6-0:1.0.0"), "energy", "Wh", exponent=3), 12)
    assert (str(reading.obis), reading.name, reading.unit, reading.value) == ("6-0:1.0.0*255", "energy", "Wh", 12000)
    assert (reading.raw, reading.time, reading.status) == (b"", None, None)


def test_what_is_not_said_is_empty():
    assert Meaning() == Meaning(None, "", "", None, "instantaneous", 0, 0, 0, 0, None)
    assert Meter() == Meter(None, None, None, None, None)
    message = Message("dlms", ("hdlc",))
    assert (message.meter, message.time, message.status, message.security) == (None, None, (), None)
    assert (message.readings, message.undecoded) == ((), ())


@pytest.mark.parametrize("value", [Meaning(), Reading(Meaning(), 1), Meter(), Security(5, True), Message("mbus", ())])
def test_values_are_shared_and_never_changed(value):
    with pytest.raises(AttributeError):
        setattr(value, value.__struct_fields__[0], None)
    assert hash(value) == hash(type(value)(*(getattr(value, f) for f in value.__struct_fields__)))
