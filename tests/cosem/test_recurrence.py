"""Wildcards of dates and times against hand-made facts, the gaps and doublings of a clock, and the watermark."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.recurrence import (
    DAY,
    Pattern,
    Watermark,
    calendar_day,
    day_number,
    days_of,
    instant_of,
    local_seconds,
    matches,
    moment_of,
    pattern_of,
    times_of,
)

EVERY_DAY = bytes.fromhex("FFFFFFFFFF")
EPOCH = dt.datetime(1970, 1, 1)


def local(text):
    return int((dt.datetime.fromisoformat(text) - EPOCH).total_seconds())


def shown(seconds):
    return None if seconds is None else (EPOCH + dt.timedelta(seconds=seconds)).isoformat(sep=" ")


def pattern(date, time="00000000"):
    return Pattern(bytes.fromhex(date), bytes.fromhex(time))


def central_europe():
    return Clock(
        "0-0:1.0.0*255",
        time_zone=-60,
        daylight_savings_begin=bytes.fromhex("FFFF03FE0702000000800000"),
        daylight_savings_end=bytes.fromhex("FFFF0AFE0703000000800000"),
        daylight_savings_deviation=60,
        daylight_savings_enabled=True,
    )


@pytest.mark.parametrize(
    ("date", "year", "month", "days"),
    [
        ("FFFF03FE07", 2026, 3, [29]),
        ("FFFF03FD07", 2026, 3, [22]),
        ("FFFF04FF07", 2026, 4, [5, 12, 19, 26]),
        ("FFFF040107", 2026, 4, [5]),
        ("FFFFFFFEFF", 2024, 2, [29]),
        ("FFFFFFFEFF", 2023, 2, [28]),
        ("FFFFFFFDFF", 2023, 2, [27]),
        ("FFFF021EFF", 2024, 2, []),
        ("FFFF0419FF", 2026, 5, []),
        ("07EA0C1907", 2026, 12, [25]),
        ("07EA0C19FF", 2027, 12, []),
        ("FFFF041908", 2026, 4, []),
        ("FFFF0400FF", 2026, 4, []),
    ],
)
def test_the_days_of_a_month(date, year, month, days):
    assert [calendar_day(d)[2] for d in days_of(bytes.fromhex(date), year, month)] == days


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("00000000", [0]),
        ("173B3BFF", [86399]),
        ("06FF00FF"[:8], [6 * 3600 + m * 60 for m in range(60)]),
        ("FF1E0000", [h * 3600 + 1800 for h in range(24)]),
        ("FFFFFFFF", []),
        ("18000000", []),
        ("003C0000", []),
        ("00003C00", []),
    ],
)
def test_the_times_of_a_day(time, seconds):
    assert list(times_of(bytes.fromhex(time))) == seconds


@pytest.mark.parametrize(
    ("date", "time", "after", "first"),
    [
        ("FFFFFFFFFF", "06000000", "2026-03-01 05:59:59", "2026-03-01 06:00:00"),
        ("FFFFFFFFFF", "06000000", "2026-03-01 06:00:00", "2026-03-02 06:00:00"),
        ("FFFFFF01FF", "00000000", "2026-03-01 00:00:00", "2026-04-01 00:00:00"),
        ("FFFFFFFEFF", "173B0000", "2024-02-01 00:00:00", "2024-02-29 23:59:00"),
        ("FFFF021DFF", "00000000", "2024-02-29 00:00:00", "2028-02-29 00:00:00"),
        ("FFFF021DFF", "00000000", "2096-02-29 00:00:00", "2104-02-29 00:00:00"),
        ("FFFFFFFF01", "000F0000", "2026-11-24 00:00:00", "2026-11-30 00:15:00"),
        ("07EA0C1FFF", "173B3B00", "2020-01-01 00:00:00", "2026-12-31 23:59:59"),
        ("07EA0C1FFF", "173B3B00", "2026-12-31 23:59:59", None),
        ("FFFF011F07", "00000000", "2025-12-01 00:00:00", "2026-02-01 00:00:00"),
        ("FFFFFFFFFF", "FFFFFFFF", "2026-12-31 23:59:59", None),
        ("FFFF0D01FF", "00000000", "2026-12-31 23:59:59", None),
    ],
)
def test_the_first_time_after(date, time, after, first):
    assert shown(pattern(date, time).first_after(local(after))) == first


@pytest.mark.parametrize(
    ("date", "until", "after", "last"),
    [
        ("FFFF0401FF", "2026-03-01 00:00:00", "2020-01-01 00:00:00", "2025-04-01 00:00:00"),
        ("FFFF0401FF", "2026-04-01 00:00:00", "2020-01-01 00:00:00", "2026-04-01 00:00:00"),
        ("FFFF0401FF", "2026-03-01 00:00:00", "2025-04-01 00:00:00", None),
        ("07E80401FF", "2026-03-01 00:00:00", "2020-01-01 00:00:00", "2024-04-01 00:00:00"),
        ("FFFF021DFF", "2026-03-01 00:00:00", "1971-01-01 00:00:00", "2024-02-29 00:00:00"),
        ("FFFFFFFFFF", "2026-03-01 00:00:00", "2026-03-01 00:00:00", None),
    ],
)
def test_the_last_time_until(date, until, after, last):
    assert shown(pattern(date).last_until(local(until), local(after))) == last


@given(
    st.sampled_from(["FFFFFFFFFF", "FFFFFF1FFF", "FFFFFFFF03", "FFFF02FE05", "FFFF021DFF", "FFFF0B1C07", "07E80307FF"]),
    st.sampled_from(["00000000", "FF1E0000", "17FF0000"]),
    st.integers(0, 40_000 * DAY),
)
def test_first_and_last_agree(date, time, at):
    one = pattern(date, time)
    first = one.first_after(at)
    if first is not None:
        assert first > at
        assert matches(one.date, first // DAY)
        assert one.last_until(first, at) == first
        assert one.last_until(first - 1, at) is None


def test_whether_a_pattern_recurs():
    assert pattern("FFFF0401FF").recurs
    assert pattern("07E804FEFF").recurs
    assert not pattern("07E80401FF").recurs


def test_months_that_stand_for_daylight_saving():
    clock = central_europe()
    begins = pattern_of(bytes.fromhex("FFFFFEFFFF"), b"\0\0\0\0", clock)
    assert shown(begins.first_after(local("2026-01-01 00:00:00"))) == "2026-03-29 00:00:00"
    ends = pattern_of(bytes.fromhex("07EAFDFFFF"), b"\0\0\0\0", clock)
    assert shown(ends.first_after(0)) == "2026-10-25 00:00:00"
    for without in (None, Clock("0-0:1.0.0*255")):
        assert pattern_of(bytes.fromhex("FFFFFEFFFF"), b"\0\0\0\0", without).first_after(0) is None


def test_local_seconds_and_back():
    clock = central_europe()
    assert (local_seconds(None, 5.9), instant_of(None, 7)) == (5, 7)
    noon = local("2026-07-01 12:00:00")
    assert instant_of(clock, noon) == noon - 2 * 3600
    assert local_seconds(clock, noon - 2 * 3600) == noon
    assert moment_of(noon).iso() == "2026-07-01T12:00:00"


def test_what_daylight_saving_leaves_out_is_due_when_it_begins():
    clock = central_europe()
    change = local("2026-03-29 01:00:00")  # UTC
    for inside in ("02:00:00", "02:15:00", "02:59:59", "03:00:00"):
        assert instant_of(clock, local(f"2026-03-29 {inside}")) == change
    assert instant_of(clock, local("2026-03-29 01:59:59")) == change - 1


def test_in_the_doubled_hour_the_first_counts():
    assert instant_of(central_europe(), local("2026-10-25 02:30:00")) == local("2026-10-25 00:30:00")


class Switched:
    """A clock that can be set."""

    def __init__(self, ahead=0):
        self.ahead = ahead

    def date_time(self, now):
        return moment_of(int(now + self.ahead))

    def instant(self, moment):
        return None if not moment.complete else local(moment.iso().replace("T", " ")) - self.ahead


def test_a_watermark_moves_on():
    clock, mark = Switched(), Watermark()
    every_hour = Pattern(EVERY_DAY, bytes.fromhex("FF000000"))
    assert mark.due(clock, every_hour.first_after) is None
    mark.begin(clock, 3600)
    mark.begin(clock, 9999)
    assert mark.due(clock, every_hour.first_after) == 3600
    assert mark.reach(clock, 3600) == (3599, 3600)
    assert mark.due(clock, every_hour.first_after) == 7200
    assert mark.due(clock, lambda after: None) is None


def test_a_watermark_stays_when_the_clock_is_set_back():
    clock, mark = Switched(), Watermark()
    mark.begin(clock, 10_000)
    mark.reach(clock, 20_000)
    clock.ahead = -8000
    assert not mark.set_back(clock, 8000, 21_000)
    assert mark.until == 21_000
    assert mark.reach(clock, 22_000) == (21_000, 21_000)
    clock.ahead = -8000 - mark.rearm_after
    assert mark.set_back(clock, mark.rearm_after + 1, 30 * DAY)
    assert mark.until == 30 * DAY - 8000 - mark.rearm_after


def test_a_clock_that_shows_a_second_less_than_it_said_does_not_hang():
    class Rounding(Switched):
        def date_time(self, now):
            return moment_of(int(now - 0.001))

    clock, mark = Rounding(), Watermark()
    mark.begin(clock, 3000)
    due = mark.due(clock, Pattern(EVERY_DAY, bytes.fromhex("FF000000")).first_after)
    assert mark.reach(clock, due)[1] >= 3600


def test_days_are_counted_from_1970():
    assert day_number(1970, 1, 1) == 0
    assert calendar_day(day_number(2024, 2, 29)) == (2024, 2, 29, 4)
