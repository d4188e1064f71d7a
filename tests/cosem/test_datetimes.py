"""Dates and times: every form of the standard, lossless."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.datetimes import DST_BEGIN, DST_END, Date, DateTime, Time
from anymeter.errors import DecodeError, LocalError
from shared import vectors

# composed from the spec: 2018-06-01 00:03:00 CEST, the example printed for the date-time format
SUMMER = bytes.fromhex("07E20601FF000300FFFF8880")


def test_the_example_of_the_standard():
    moment = DateTime(SUMMER)
    assert (moment.year, moment.month, moment.day, moment.weekday) == (2018, 6, 1, None)
    assert (moment.hour, moment.minute, moment.second, moment.hundredths) == (0, 3, 0, None)
    assert (moment.deviation, moment.status, moment.status_flags) == (-120, 0x80, ("daylight saving",))
    assert moment.iso() == "2018-06-01T00:03:00+02:00"
    assert moment.to_datetime() == dt.datetime(2018, 5, 31, 22, 3, tzinfo=dt.UTC)


@pytest.mark.parametrize("vector", vectors("dlms_vectors.jsonl", where=lambda v: v["id"].startswith("axdr-datetime")))
def test_shared_date_times(vector):
    raw = bytes.fromhex(vector["hex"])[2:]
    expected = vector["expect"]["datetime"]
    assert DateTime.parse(raw).iso() == expected
    assert DateTime.parse(raw).to_datetime() == dt.datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"year": 2014, "month": 9, "day": 26, "hour": 16, "minute": 48, "second": 0}, "2014-09-26T16:48:00"),
        ({"year": 2014, "month": 9, "day": 26, "hour": 16, "minute": 48}, "2014-09-26T16:48"),
        ({"year": 2014, "month": 9, "day": 26}, "2014-09-26"),
        ({"year": 2014, "month": 9, "day": 26, "deviation": -60}, "2014-09-26"),
        ({"year": 2014, "month": 9, "day": 26, "hour": 16, "minute": 48, "deviation": -60}, "2014-09-26T16:48+01:00"),
        ({"year": 2014, "hour": 1, "minute": 2, "second": 3, "deviation": 210}, "2014------T01:02:03-03:30"),
        ({"month": 12, "day": 25}, "-----12-25"),
        ({"hour": 7, "second": 30}, "----------T07:--:30"),
        ({"month": DST_END, "day": 0xFE, "weekday": 7, "hour": 3, "minute": 0}, "-----FD-FET03:00"),
        ({"month": DST_BEGIN, "day": 0xFD}, "-----FE-FD"),
        ({"year": 2024, "month": 13, "day": 200, "hour": 25, "minute": 61}, "2024-13-200T25:61"),
        (
            {"year": 1, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 5, "hundredths": 7},
            "0001-01-01T00:00:05.07",
        ),
        ({"hour": 1, "minute": 1, "hundredths": 50}, "----------T01:01:--.50"),
        ({}, "----------"),
    ],
)
def test_iso(parts, text):
    moment = DateTime.of(**parts)
    assert moment.iso() == str(moment) == text
    assert {name: getattr(moment, name) for name in parts} == parts


def test_the_sign_of_the_deviation_is_an_option():
    moment = DateTime.of(2020, 1, 1, hour=12, minute=0, second=0, deviation=60)
    assert moment.iso() == "2020-01-01T12:00:00-01:00"
    assert moment.iso(deviation_sign=-1) == "2020-01-01T12:00:00+01:00"
    assert moment.to_datetime(-1) - moment.to_datetime() == dt.timedelta(hours=-2)
    with pytest.raises(LocalError, match="deviation_sign"):
        moment.to_datetime(2)


@pytest.mark.parametrize(
    "parts",
    [
        {"year": 2023, "month": 2, "day": 29},
        {"year": 2023, "month": 4, "day": 31},
        {"year": 2023, "month": 0, "day": 1},
        {"year": 2023, "month": 1, "day": 0},
        {"year": 2023, "month": DST_BEGIN, "day": 1},
        {"year": 2023, "month": 1, "day": 0xFE},
        {"year": 0, "month": 1, "day": 1},
        {"year": 10000, "month": 1, "day": 1},
        {"month": 1, "day": 1},
        {"year": 2023, "day": 1},
        {"year": 2023, "month": 1},
        {"hour": None},
        {"hour": 24},
        {"minute": 60},
        {"second": 60},
        {"second": None},
        {"hundredths": 100},
    ],
)
def test_what_no_calendar_knows_is_kept_and_not_complete(parts):
    whole = {"year": 2024, "month": 2, "day": 29, "hour": 23, "minute": 59, "second": 59}
    assert DateTime.of(**whole).complete
    dates = {"year", "month", "day"}
    moment = DateTime.of(**({k: v for k, v in whole.items() if not (dates & set(parts) and k in dates)} | parts))
    assert not moment.complete
    with pytest.raises(LocalError, match="not one moment"):
        moment.to_datetime()


def test_an_impossible_zone_is_an_error_and_still_shown():
    moment = DateTime.of(2024, 1, 1, hour=0, minute=0, second=0, deviation=-1440)
    assert moment.iso() == "2024-01-01T00:00:00+24:00"
    with pytest.raises(LocalError, match="time zone"):
        moment.to_datetime()


def test_naive_without_deviation():
    moment = DateTime.of(2024, 1, 1, hour=1, minute=2, second=3, hundredths=4)
    assert moment.to_datetime() == dt.datetime(2024, 1, 1, 1, 2, 3, 40_000)


@given(st.binary(min_size=12, max_size=12))
def test_any_twelve_octets_are_kept_and_shown(raw):
    moment = DateTime.parse(raw)
    fields = ("year", "month", "day", "weekday", "hour", "minute", "second", "hundredths", "deviation", "status")
    assert DateTime.of(**{name: getattr(moment, name) for name in fields}).octets == raw
    assert moment.iso()
    assert moment.date == Date(raw[:5])
    assert moment.time == Time(raw[5:9])
    if moment.complete:
        assert moment.to_datetime().replace(tzinfo=None).isoformat()[:16] == moment.iso()[:16]


@given(st.datetimes(), st.none() | st.integers(-720, 840))
def test_datetimes_come_back(moment, offset):
    if offset is not None:
        moment = moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=offset)))
    moment = moment.replace(microsecond=moment.microsecond // 10_000 * 10_000)
    made = DateTime.of_datetime(moment, status=0)
    assert made.to_datetime() == moment
    assert made.to_datetime().utcoffset() == moment.utcoffset()
    assert made.weekday == moment.isoweekday()


@pytest.mark.parametrize(
    ("seconds", "text", "weekday"),
    [
        (3600, "2024-03-01T00:30:00+01:00", 5),
        (-86400, "2024-02-28T23:30:00+01:00", 3),
        (0, "2024-02-29T23:30:00+01:00", 4),
    ],
)
def test_later_rolls_over(seconds, text, weekday):
    moment = DateTime.of(2024, 2, 29, 4, 23, 30, 0, hundredths=None, deviation=-60, status=0x80)
    later = moment.later(seconds)
    assert (later.iso(), later.weekday, later.status, later.hundredths) == (text, weekday, 0x80, None)


def test_later_keeps_an_unspecified_weekday_and_knows_its_limits():
    last = DateTime.of(9999, 12, 31, hour=23, minute=59, second=59)
    assert last.later(-1).weekday is None
    with pytest.raises(LocalError, match="outside the calendar"):
        last.later(1)
    with pytest.raises(LocalError, match="outside the calendar"):
        last.later(10**18)
    with pytest.raises(LocalError, match="not one moment"):
        DateTime.of(2024).later(1)


@pytest.mark.parametrize(("kind", "size"), [(Date, 5), (Time, 4), (DateTime, 12)])
def test_parse_takes_exactly_its_octets(kind, size):
    assert kind.parse(bytes(size)).octets == bytes(size)
    for wrong in (size - 1, size + 1, 0):
        with pytest.raises(DecodeError, match=f"has {size} octets, not {wrong}"):
            kind.parse(bytes(wrong))


@pytest.mark.parametrize(
    "parts",
    [
        {"year": 65536},
        {"year": -1},
        {"month": 256},
        {"hour": -1},
        {"deviation": 32768},
        {"deviation": -32769},
        {"status": 256},
    ],
)
def test_parts_that_do_not_fit(parts):
    with pytest.raises(LocalError, match="does not fit"):
        DateTime.of(**parts)


def test_dates():
    date = Date.of(2024, 11, 21, 4)
    assert (date.iso(), date.to_date(), date.weekday, date.complete) == ("2024-11-21", dt.date(2024, 11, 21), 4, True)
    assert Date.of().specified is False
    assert Date.of(weekday=1).specified
    with pytest.raises(LocalError, match="not a day"):
        Date.of(2024, 2, 30).to_date()


def test_times():
    time = Time.of(1, 2, 3, 4)
    assert (time.iso(), time.to_time(), time.complete) == ("01:02:03.04", dt.time(1, 2, 3, 40_000), True)
    assert Time.of(1, 2, 3).to_time() == dt.time(1, 2, 3)
    assert (Time.of().specified, Time.of().iso(), Time.of(second=1).iso()) == (False, "--:--", "--:--:01")
    with pytest.raises(LocalError, match="not a time"):
        Time.of(1, 2).to_time()


@pytest.mark.parametrize(
    "vector", vectors("dlms_vectors.jsonl", where=lambda v: v["id"].startswith(("axdr-1a", "axdr-1b")))
)
def test_shared_dates_and_times(vector):
    raw = bytes.fromhex(vector["hex"])
    kind, expected = next(iter(vector["expect"].items()))
    value = {"date": Date, "time": Time}[kind].parse(raw[1:])
    assert (value.iso() if value.specified else None) == expected


def test_values_are_equal_by_their_octets():
    assert DateTime(SUMMER) == DateTime.parse(SUMMER)
    assert hash(DateTime(SUMMER)) == hash(DateTime.parse(SUMMER))
    assert DateTime(SUMMER) != DateTime(SUMMER[:-1] + b"\x00")
    assert DateTime.of().specified is False
    assert DateTime.of(status=0).specified is False


def test_clock_status_in_words():
    assert DateTime.of(status=0x0F).status_flags == (
        "invalid",
        "doubtful",
        "different clock base",
        "invalid clock status",
    )
    assert DateTime.of(status=0).status_flags == ()
    assert DateTime.of().status_flags == ()
