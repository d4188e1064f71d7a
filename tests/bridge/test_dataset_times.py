"""Time stamps of data sets: what is known is kept, what is not stays unspecified."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.dataset_times import calendar, clock, stamp


# Source: P1 Companion Standard, TST: YYMMDDhhmmss and S (daylight saving) or W.
@pytest.mark.parametrize(
    ("value", "deviation", "iso", "flags"),
    [
        (b"170102192002W", None, "2017-01-02T19:20:02", ()),
        (b"170702192002S", None, "2017-07-02T19:20:02", ("daylight saving",)),
        (b"170102192002W", -60, "2017-01-02T19:20:02+01:00", ()),
        (b"170702192002S", -60, "2017-07-02T19:20:02+02:00", ("daylight saving",)),
        (b"090212160000", -60, "2009-02-12T16:00:00", ()),
        (b"1703100930", None, "2017-03-10T09:30", ()),
        (b"01703100930", None, "2017-03-10T09:30", ()),
        (b"1220823161500", None, "2022-08-23T16:15:00", ("daylight saving",)),
        (b"1220823161500", 0, "2022-08-23T16:15:00+01:00", ("daylight saving",)),
        (b"2220823161500", None, "2022-08-23T16:15:00+00:00", ()),
    ],
)
def test_stamps(value, deviation, iso, flags):
    is_stamp, moment = stamp(value, deviation)
    assert is_stamp
    assert (moment.iso(), moment.status_flags) == (iso, flags)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"1",
        b"63355730",
        b"201455",
        b"0001.500",
        b"000000000000",
        b"171302192002",
        b"170132192002",
        b"170102242002",
    ],
)
def test_what_is_no_stamp(value):
    assert stamp(value) == (False, None)


def test_an_empty_slot_is_a_stamp_without_moment():
    assert stamp(b"632525252525S") == (True, None)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2022-06-08&10:06:51", "2022-06-08T10:06:51"),
        ("2022-06-08 10:06", "2022-06-08T10:06"),
        ("2018-09-07", "2018-09-07"),
        ("2000-00-00", None),
        ("01-01&00:00", None),
        ("2022-06-08&25:00", None),
    ],
)
def test_dates_in_full(text, iso):
    found = calendar(text)
    assert (found and found.iso()) == iso


@pytest.mark.parametrize(
    ("date", "time", "iso"),
    [
        ("170318", "201455", "2017-03-18T20:14:55"),
        ("0170318", "201455", "2017-03-18T20:14:55"),
        ("1170318", "1201455", "2017-03-18T20:14:55"),
        ("17-03-18", "20:14", "2017-03-18T20:14"),
        ("17.03.18", "20:14:55", "2017-03-18T20:14:55"),
        ("", "", None),
        ("170318", "", None),
        ("171418", "201455", None),
        ("１７0318", "201455", None),
    ],
)
def test_date_and_time_apart(date, time, iso):
    found = clock(date, time)
    assert (found and found.iso()) == iso


def test_the_season_of_a_date_is_kept():
    assert clock("1170318", "201455").status_flags == ("daylight saving",)


@given(st.binary(max_size=16), st.text(max_size=12))
def test_anything_is_a_moment_or_none(value, text):
    is_stamp, moment = stamp(value)
    assert is_stamp or moment is None
    calendar(text)
    clock(text, text)


# Season digit or letter, deviation of normal time: the offset from UTC that is told, and the clock status.
@pytest.mark.parametrize(
    ("value", "normal", "offset", "status"),
    [
        (b"170702192002", None, "", 0xFF),
        (b"170702192002", -60, "", 0xFF),
        (b"0170702192002", None, "", 0x00),
        (b"0170702192002", -60, "+01:00", 0x00),
        (b"1170702192002", -60, "+02:00", 0x80),
        (b"2170702192002", None, "+00:00", 0x00),
        (b"2170702192002", -60, "+00:00", 0x00),
        (b"170702192002W", -60, "+01:00", 0x00),
        (b"170702192002S", -60, "+02:00", 0x80),
        (b"170702192002S", 300, "-04:00", 0x80),
        (b"170702192002S", None, "", 0x80),
    ],
)
def test_what_the_season_says(value, normal, offset, status):
    is_stamp, moment = stamp(value, normal)
    assert is_stamp
    assert moment.iso() == "2017-07-02T19:20:02" + offset
    assert moment.octets[11] == status


@given(
    st.datetimes(min_value=dt.datetime(2000, 1, 1), max_value=dt.datetime(2099, 12, 31, 23, 59, 59)),
    st.sampled_from(["", "0", "1", "2"]),
)
def test_every_moment_of_the_century_is_read_as_written(moment, season):
    whole = moment.replace(microsecond=0)
    found = stamp((season + whole.strftime("%y%m%d%H%M%S")).encode())[1]
    assert found.to_datetime().replace(tzinfo=None) == whole
    minutes = stamp((season + whole.strftime("%y%m%d%H%M")).encode())[1]
    assert (minutes.minute, minutes.second) == (whole.minute, None)


@pytest.mark.parametrize("place", range(5))
def test_each_part_has_its_limits(place):
    """Month 1 to 12, day 1 to 31, hour to 23, minute and second to 59."""
    low, high = ((1, 12), (1, 31), (0, 23), (0, 59), (0, 59))[place]
    for value, good in ((low, True), (high, True), (high + 1, False), (low - 1, False)):
        if value < 0:
            continue
        parts = [6, 15, 12, 30, 30]
        parts[place] = value
        digits = "17" + "".join(f"{part:02d}" for part in parts)
        assert (stamp(digits.encode())[1] is not None) is good
