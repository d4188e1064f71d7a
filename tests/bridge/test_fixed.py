"""The two counters of the fixed data structure as readings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from anymeter.bridge.fixed import device_type, fixed_readings
from anymeter.bridge.mbus_obis import obis_for
from anymeter.mbus import fixed


def message(units, counters="0100000035010000", status="00"):
    """Identification 87654321, access number 10; source: composed from EN 13757-3, fixed data structure."""
    return fixed.decode(bytes.fromhex(f"21436587 0A {status} {units} {counters}"))


def told(message):
    return [(r.value, r.unit, r.meaning.quantity, r.meaning.storage) for r in fixed_readings(message)]


def test_two_counters():
    assert told(message("E97E")) == [
        (Decimal("0.001"), "m3", "volume", 0), (Decimal("0.135"), "m3", "volume", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("place", [0, 1])
def test_each_has_its_octets(place):
    found = message("E97E")
    assert fixed_readings(found)[place].raw == found.counters[place].raw
    assert len(fixed_readings(found)[place].raw) == 4


def test_counters_are_bcd_or_binary_as_the_status_says():
    assert [v for v, *_ in told(message("E97E", status="00"))] == [Decimal("0.001"), Decimal("0.135")]
    assert [v for v, *_ in told(message("E97E", status="01"))] == [Decimal("0.001"), Decimal("0.309")]


def test_energy_in_its_base_unit():
    readings = fixed_readings(message("0505"))
    for reading, counter in zip(readings, message("0505").counters, strict=True):
        assert reading.unit == counter.unit.unit
        assert reading.value == reading.number * 10**reading.meaning.exponent
        assert reading.name == counter.unit.quantity.replace("-", " ")


def test_a_counter_that_is_none_says_so():
    first, _ = fixed_readings(message("E97E", "EEEEEEEE35010000"))
    assert first.value is None
    assert first.status


def test_their_codes_are_those_of_records_that_say_the_same():
    first, second = fixed_readings(message("E97E"))
    assert str(first.obis) == "8-0:1.0.0*255"
    assert second.obis == obis_for(7, storage=1, vib=b"\x13", quantity="volume")


@pytest.mark.parametrize(
    ("medium", "wanted"), [(0x07, 7), (0x04, 4), (0x0A, 3), (0x0B, 4), (0x0C, 6), (0x0D, 7), (0x0E, 8)]
)
def test_media_that_say_the_byte_order_too(medium, wanted):
    assert device_type(medium) == wanted
