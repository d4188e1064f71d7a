from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.datetimes import DateTime
from anymeter.simulator.history import MONTHS, History
from anymeter.simulator.zone import DAY, HOUR, day_of

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
SINCE = day_of(2025, 1, 1) * DAY
RULES = {"time_zone": -60, "daylight_savings_deviation": 60, "daylight_savings_enabled": True}


def clock(offset=0.0):
    begin, end = (DateTime.of(None, m, 0xFE, 7, hour=h, minute=0, second=0).octets for m, h in ((3, 2), (10, 3)))
    made = Clock("0-0:1.0.0*255", daylight_savings_begin=begin, daylight_savings_end=end, **RULES)
    made.offset = offset
    return made


def history(period, *, offset=0.0, most=10_000, begins=0, since=SINCE):
    return History(clock(offset), period, [lambda now: now], most, since, begins)


def times(source, now):
    return [row[0] for row in source.read(1, source.entries(now), now)]


def local(*parts):
    return dt.datetime(*parts, tzinfo=BERLIN).timestamp()


def test_hours_follow_one_another_through_daylight_saving():
    begin = local(2026, 3, 28, 12)
    found = times(history(HOUR, since=begin), begin + 2 * DAY)
    assert found == [begin + HOUR * i for i in range(1, 49)]


def test_days_end_at_midnight_on_the_wall():
    found = times(history(DAY, since=local(2026, 3, 27, 15)), local(2026, 4, 1))
    assert found == [local(2026, 3, d) for d in (28, 29, 30, 31)] + [local(2026, 4, 1)]
    assert found[2] - found[1] == 23 * HOUR


def test_the_gas_day_ends_at_six():
    found = times(history(DAY, begins=6 * HOUR, since=local(2026, 10, 24, 7)), local(2026, 10, 26, 7))
    assert found == [local(2026, 10, 25, 6), local(2026, 10, 26, 6)]


def test_months_end_with_the_calendar():
    found = times(history(MONTHS, since=local(2025, 11, 20)), local(2026, 4, 2))
    assert found == [local(2025, 12, 1), *(local(2026, m, 1) for m in range(1, 5))]


@pytest.mark.parametrize("period", [900, HOUR, DAY, MONTHS])
@given(now=st.integers(SINCE - DAY, SINCE + 900 * DAY), most=st.integers(1, 500))
def test_entries_are_those_that_are_read(period, now, most):
    source = history(period, most=most)
    count = source.entries(now)
    assert 0 <= count <= most
    found = times(source, now)
    assert len(found) == count
    assert found == sorted(set(found))
    assert all(SINCE < t <= now for t in found)


@pytest.mark.parametrize("period", [900, DAY, MONTHS])
@given(
    now=st.integers(SINCE, SINCE + 400 * DAY),
    start=st.integers(SINCE - 10 * DAY, SINCE + 400 * DAY) | st.none(),
    end=st.integers(SINCE - 10 * DAY, SINCE + 420 * DAY) | st.none(),
)
def test_a_range_holds_exactly_the_entries_between(period, now, start, end):
    source = history(period, most=300)
    wanted = [
        (i, t)
        for i, t in enumerate(times(source, now), 1)
        if (start is None or t >= start) and (end is None or t <= end)
    ]
    first, last = source.between(start, end, now)
    if wanted:
        assert (first, last) == (wanted[0][0], wanted[-1][0])
    else:
        assert last < first


def test_bounds_of_a_range_belong_to_it():
    source, now = history(HOUR), SINCE + 10 * HOUR
    assert source.between(SINCE + 2 * HOUR, SINCE + 4 * HOUR, now) == (2, 4)
    assert source.between(SINCE + 2 * HOUR + 1, SINCE + 4 * HOUR - 1, now) == (3, 3)


def test_a_clock_that_is_wrong_closes_its_periods_late():
    source = history(HOUR, offset=-90.0)
    now = SINCE + 2 * HOUR + 60
    assert [t - SINCE for t in times(source, now)] == [90, HOUR + 90]
    assert source.clock.date_time(SINCE + 90).minute == 0


def test_the_oldest_entries_go_when_there_are_too_many():
    source = history(HOUR, most=5)
    assert times(source, SINCE + 100 * HOUR + 5) == [SINCE + HOUR * h for h in range(96, 101)]


def test_reset_forgets_what_was_before_and_capture_adds_nothing():
    source = history(HOUR)
    source.reset(SINCE + 10 * HOUR + 1)
    source.capture(SINCE + 10 * HOUR + 2)
    assert source.entries(SINCE + 10 * HOUR + 3) == 0
    assert times(source, SINCE + 12 * HOUR) == [SINCE + 11 * HOUR, SINCE + 12 * HOUR]


def test_before_the_installation_there_is_nothing():
    source = history(HOUR)
    assert source.entries(SINCE - 5 * DAY) == 0
    assert source.read(1, 0, SINCE - 5 * DAY) == []


def test_columns_are_asked_at_the_end_of_each_period():
    source = History(clock(), HOUR, [lambda now: now, lambda now: now * 2], 100, SINCE)
    assert source.read(2, 3, SINCE + 5 * HOUR) == [
        (SINCE + 2 * HOUR, 2 * (SINCE + 2 * HOUR)),
        (SINCE + 3 * HOUR, 2 * (SINCE + 3 * HOUR)),
    ]
