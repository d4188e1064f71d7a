from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.simulator.zone import CENTRAL_EUROPE, DAY, day_of, month_at, month_begin, weekday_of

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


@given(st.datetimes(dt.datetime(1997, 1, 1), dt.datetime(2100, 1, 1)))
def test_central_europe_is_what_the_time_zone_database_says(moment):
    aware = moment.replace(microsecond=0, tzinfo=dt.UTC)
    offset = aware.astimezone(BERLIN).utcoffset()
    assert offset is not None
    seconds, saving = CENTRAL_EUROPE.offset(aware.timestamp())
    assert seconds == offset.total_seconds()
    assert saving == (seconds == 7200)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_days_and_months_are_those_of_the_calendar(date):
    day = day_of(date.year, date.month, date.day)
    assert dt.date(1970, 1, 1) + dt.timedelta(days=day) == date
    assert weekday_of(day) == date.weekday()
    month = month_at(day * DAY)
    assert month == (date.year - 1970) * 12 + date.month - 1
    assert month_begin(month) == day_of(date.year, date.month, 1) * DAY


@pytest.mark.parametrize("local", [0, 59.5, 31 * DAY - 0.001, -0.5, 1_800_000_000.25])
def test_a_month_holds_the_instants_from_its_begin_to_the_next(local):
    month = month_at(local)
    assert month_begin(month) <= local < month_begin(month + 1)
