"""M-Bus records to readings: names, codes, dates of stored values, the meter's clock, what is wrong with a value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge import records as bridge
from anymeter.bridge.reading import Reading
from anymeter.bridge.records import Translator
from anymeter.cosem.datetimes import DateTime
from anymeter.mbus import profiles, records

HEAT, WATER, ELECTRICITY = 0x04, 0x07, 0x02


def readings(text, device=HEAT):
    return Translator().readings(records.decode(bytes.fromhex(text)), device)


def one(text, device=HEAT):
    (found,), _ = readings(text, device)
    return found


@pytest.mark.parametrize(
    ("text", "device", "code", "value", "unit"),
    [
        ("0C0645230100", HEAT, "6-0:1.0.0*255", 12345000, "Wh"),
        ("0C1427048502", HEAT, "6-0:2.0.0*255", Decimal("28504.27"), "m3"),
        ("0413D2040000", WATER, "8-0:1.0.0*255", Decimal("1.234"), "m3"),
        ("0403D2040000", ELECTRICITY, "1-0:1.8.0*255", 1234, "Wh"),
        ("022B0A00", HEAT, "6-0:8.0.0*255", 10, "W"),
        ("025A7801", HEAT, "6-0:10.0.0*255", Decimal("37.6"), "Cel"),
    ],
)
def test_values_by_their_codes(text, device, code, value, unit):
    reading = one(text, device)
    assert (str(reading.obis), reading.value, reading.unit) == (code, value, unit)
    assert reading.raw == bytes.fromhex(text)


def test_storage_tariff_subunit_and_function_are_kept():
    meaning = one("9C5006" + "12345678").meaning
    assert (meaning.function, meaning.storage, meaning.tariff, meaning.subunit) == ("maximum", 0, 1, 1)
    assert one("4C0612345678").meaning.storage == 1
    assert one("2C0612345678").meaning.function == "minimum"


def test_a_stored_value_has_the_date_of_its_storage():
    found, _ = readings("4C0690180100" + "426C3F3C" + "0C0645230100")
    assert [r.time and r.time.iso() for r in found] == ["2025-12-31", None, None]


def test_the_date_may_come_first_and_holds_for_all_values_of_its_storage():
    found, _ = readings("426C3F3C" + "4C0690180100" + "4C1390180100" + "8C010690180100")
    assert [r.time and r.time.iso() for r in found] == [None, "2025-12-31", "2025-12-31", None]


def test_a_date_that_is_none_dates_nothing():
    found, _ = readings("4C0690180100" + "426CFFFF")
    assert [r.time for r in found] == [None, None]
    assert (found[1].value, found[1].status) == (None, "invalid-date")


def test_a_maximum_is_dated_by_the_date_of_the_maximum():
    found, _ = readings("1C2B00010000" + "126C3F3C" + "0C2B00020000")
    assert [r.time and r.time.iso() for r in found][2] is None


def test_the_clock_of_the_meter():
    found, clock = readings("046D0F28563B" + "0C0645230100")
    assert isinstance(clock, DateTime)
    assert clock.iso() == "2026-11-22T08:15"
    assert [r.time for r in found] == [None, None]


@pytest.mark.parametrize("text", ["446D0F28563B", "146D0F28563B", "84106D0F28563B", "046D000000FF", "026C3F3C"])
def test_what_is_not_the_clock(text):
    assert readings(text)[1] is None


@pytest.mark.parametrize(
    ("text", "status"),
    [("0C06EEEEEEEE", "invalid-digits"), ("0C0600A00000", "invalid-digits"), ("026CFFFF", "invalid-date")],
)
def test_a_value_that_is_none_says_why(text, status):
    reading = one(text)
    assert (reading.value, reading.status) == (None, status)


def test_a_record_error_is_a_status_beside_its_value():
    found, _ = readings("0C861845230100" + "0C0645230100")
    assert found[0].status
    assert found[1].status is None


def test_a_record_that_nothing_maps_to_still_appears():
    reading = one("04FF2A07000000")
    assert (reading.obis, reading.value) == (None, 7)
    assert reading.meaning.quantity == "manufacturer-specific"


def test_one_layout_is_worked_out_once_for_a_device():
    translator = Translator()
    plans = [records.decode(bytes.fromhex(f"0C06452301{n:02d}")) for n in range(5)]
    sheets = {id(translator.sheet(p.plan, HEAT)) for p in plans}
    assert len(sheets) == 1
    assert translator.sheet(plans[0].plan, WATER) is not translator.sheet(plans[0].plan, HEAT)
    first, second = (translator.readings(p, HEAT)[0][0] for p in plans[:2])
    assert first.meaning is second.meaning


def test_sheets_are_bounded(monkeypatch):
    monkeypatch.setattr(bridge, "SHEETS", 4)
    translator = Translator()
    for n in range(20):
        translator.readings(records.decode(bytes.fromhex("01FD0E07") * (n + 1)), HEAT)
    assert len(translator._sheets) <= 4


def test_values_of_a_compact_profile_are_readings_with_their_times():
    octets = bytes.fromhex("42EC7E3F3C" + "4403E8030000" + "8D0183941E" + "0AE8" + "0600000000000000000000"[:16])
    found = records.decode(octets, tolerant=True)
    made = Translator().profile_readings(profiles.expand(found), ELECTRICITY)
    assert all(isinstance(r, Reading) for r in made)


@given(st.binary(max_size=120), st.integers(0, 255))
def test_every_record_is_one_reading(octets, device):
    found = records.decode(octets, tolerant=True)
    made, _ = Translator().readings(found, device)
    assert len(made) == len(found.headers)
    assert all(r.value is not None or r.status for r in made)
    assert b"".join(r.raw for r in made) in octets or len(made) > 1
