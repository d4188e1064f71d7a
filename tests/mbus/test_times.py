from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.datetimes import DateTime
from anymeter.errors import LocalError
from anymeter.mbus import times


def text(octets: str) -> str | None:
    found = times.value(bytes.fromhex(octets))
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("32371F15", "2008-05-31T23:50"),  # the gas meter of the application layer's own example
        ("1F15", "2008-05-31"),
        ("0101", "2000-01-01"),
        ("21A1", "1981-01-01"),
        ("01A1", "2080-01-01"),
        ("00002122", "2017-02-01T00:00"),
        ("00402122", "2117-02-01T00:00"),
        ("00002CAC", "1981-12-12T00:00"),
        ("FF1F", "2015----31"),
        ("3F1F0101", "2000-01-01"),
        ("3F100101", "2000-01-01T16:--"),
        ("E1F1", "-----01-01"),
        ("012F", "2016----01"),
        ("0021", "2016-01---"),
        ("2D0C0DD62C33", "2022-12-22T13:12:45"),
    ],
)
def test_values(octets: str, expected: str | None) -> None:
    assert text(octets) == expected


@pytest.mark.parametrize(
    "octets",
    [
        "0000",
        "FFFF",
        "1F12",
        "1E22",
        "0110",
        "011D",
        "00000000",
        "80371F15",
        "3C371F15",
        "32381F15",
        "32371E12",
        "3C0000010100",
        "00BC00010100",
        "000018010100",
        "FFFFFF",
        "3C0000",
        "000018",
    ],
)
def test_what_is_no_date(octets: str) -> None:
    assert times.value(bytes.fromhex(octets)) is None


def test_summer_time_is_kept() -> None:
    found = times.value(bytes.fromhex("32B71F15"))
    assert found is not None
    assert found.status_flags == ("daylight saving",)
    plain = times.value(bytes.fromhex("32371F15"))
    assert plain is not None
    assert plain.status is None


def test_time_of_day() -> None:
    found = times.value(bytes.fromhex("0D1E10"))
    assert found is not None
    assert (found.hour, found.minute, found.second, found.year) == (16, 30, 13, None)


def test_weekday_of_type_i() -> None:
    found = times.value(bytes.fromhex("2D0CADD62C33"))
    assert found is not None
    assert (found.weekday, found.hour) == (5, 13)


MOMENTS = st.datetimes(dt.datetime(1981, 1, 1), dt.datetime(2080, 12, 31))


@given(MOMENTS, st.sampled_from([2, 4, 6]))
def test_round_trip(moment: dt.datetime, size: int) -> None:
    clock = {2: {}, 4: {"hour": moment.hour, "minute": moment.minute}}.get(
        size, {"hour": moment.hour, "minute": moment.minute, "second": moment.second, "weekday": moment.isoweekday()}
    )
    value = DateTime.of(moment.year, moment.month, moment.day, **clock)
    octets = times.octets(value, size)
    assert len(octets) == size
    assert times.value(octets) == value


@given(st.times())
def test_round_trip_of_a_time_of_day(moment: dt.time) -> None:
    value = DateTime.of(hour=moment.hour, minute=moment.minute, second=moment.second)
    assert times.value(times.octets(value, 3)) == value


@given(st.sampled_from([2, 3, 4, 6]).flatmap(lambda n: st.binary(min_size=n, max_size=n)))
def test_every_value_can_be_sent_again(octets: bytes) -> None:
    found = times.value(octets)
    if found is None:
        return
    assert len(found.octets) == 12
    if found.year is None or 1981 <= found.year <= (2299 if len(octets) == 4 else 2080):
        assert times.value(times.octets(found, len(octets))) == found


def test_leap_days() -> None:
    assert text("1D02") == "2000-02-29"
    assert text("3D02") is None  # 2001


@pytest.mark.parametrize(
    ("moment", "size"),
    [
        (DateTime.of(1980, 1, 1), 2),
        (DateTime.of(2081, 1, 1), 2),
        (DateTime.of(2300, 1, 1, hour=1, minute=1), 4),
        (DateTime.of(2024, 13, 1), 2),
        (DateTime.of(2024, 1, 0xFE), 2),
        (DateTime.of(2024, 1, 1), 5),
        (DateTime.of(2024, 1, 1, hour=24, minute=0), 4),
        (DateTime.of(2024, 1, 1, hour=2, minute=61), 4),
    ],
)
def test_what_cannot_be_sent(moment: DateTime, size: int) -> None:
    with pytest.raises(LocalError):
        times.octets(moment, size)
