"""Time zones with daylight saving, against the time-zone database and by hand."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.local_time import (
    DAY,
    Zone,
    date_octets,
    date_time_of,
    day_of,
    local_of,
    rule_day,
    zone,
)
from anymeter.cosem.classes.parts import UNSPECIFIED
from anymeter.cosem.datetimes import DateTime
from anymeter.errors import LocalError
from value_meters import LAST_SUNDAY_OF_MARCH, LAST_SUNDAY_OF_OCTOBER, utc

BERLIN = Zone(3600, 3600, LAST_SUNDAY_OF_MARCH, LAST_SUNDAY_OF_OCTOBER)
SYDNEY = Zone(
    36_000, 3600, DateTime.of(None, 10, 1, 7, 2, 0, 0, 0).octets, DateTime.of(None, 4, 1, 7, 3, 0, 0, 0).octets
)
INSTANTS = st.integers(utc("2009-01-01"), utc("2036-01-01"))


def day(text):
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


@pytest.mark.parametrize(("own", "name"), [(BERLIN, "Europe/Berlin"), (SYDNEY, "Australia/Sydney")])
@given(now=INSTANTS)
def test_offsets_are_those_of_the_time_zone_database(own, name, now):
    there = dt.datetime.fromtimestamp(now, zoneinfo.ZoneInfo(name))
    assert own.offset(now)[0] == there.utcoffset().total_seconds()
    assert own.offset(now)[1] == bool(there.dst())


@given(now=INSTANTS)
def test_local_time_leads_back_to_the_instant(now):
    offset, saving = BERLIN.offset(now)
    assert BERLIN.utc(now + offset, saving) == now


@pytest.mark.parametrize(
    ("year", "rule", "expected"),
    [
        (2026, (None, 3, 0xFE, 7), "2026-03-29"),
        (2026, (None, 10, 0xFE, 7), "2026-10-25"),
        (2027, (None, 3, 0xFE, 7), "2027-03-28"),
        (2026, (None, 3, 0xFD, 7), "2026-03-22"),
        (2028, (None, 2, 0xFE), "2028-02-29"),
        (2028, (None, 2, 0xFD), "2028-02-28"),
        (2100, (None, 2, 0xFE), "2100-02-28"),
        (2026, (None, 4, 1, 7), "2026-04-05"),
        (2026, (None, 3, 8, 7), "2026-03-08"),
        (2026, (2026, 3, 8), "2026-03-08"),
        (2026, (2026, 3, 9, 7), "2026-03-09"),
    ],
)
def test_the_day_that_a_rule_names(year, rule, expected):
    assert rule_day(year, DateTime.of(*rule)) == day(expected)


@pytest.mark.parametrize(
    "rule",
    [
        (2025, 3, 29),
        (None, None, 29),
        (None, 0xFE, 1),
        (None, 13, 1),
        (None, 3, None),
        (None, 2, 30),
        (None, 3, 0xFE, 9),
    ],
)
def test_rules_that_name_no_day(rule):
    assert rule_day(2026, DateTime.of(*rule)) is None


def test_the_hour_that_is_left_out_and_the_hour_that_comes_twice():
    spring, autumn = utc("2026-03-29T01:00"), utc("2026-10-25T01:00")
    assert [BERLIN.offset(t)[0] for t in (spring - 1, spring)] == [3600, 7200]
    assert [BERLIN.offset(t)[0] for t in (autumn - 1, autumn)] == [7200, 3600]
    missing = local_of(DateTime.of(2026, 3, 29, None, 2, 30, 0))
    assert BERLIN.utc(missing) == spring + 1800
    doubled = local_of(DateTime.of(2026, 10, 25, None, 2, 30, 0))
    assert [BERLIN.utc(doubled, saving) for saving in (None, True, False)] == [
        autumn - 1800,
        autumn - 1800,
        autumn + 1800,
    ]


def test_the_deviation_counts_before_the_rules():
    summer = DateTime.of(2026, 7, 1, None, 12, 0, 0, 50, -60)
    assert BERLIN.instant(summer) == utc("2026-07-01T11:00") + 0.5
    other = Zone(3600, 3600, LAST_SUNDAY_OF_MARCH, LAST_SUNDAY_OF_OCTOBER, sign=-1)
    assert other.instant(DateTime.of(2026, 7, 1, None, 12, 0, 0, None, 60)) == utc("2026-07-01T11:00")
    assert BERLIN.deviation(7200) == -120
    assert other.deviation(7200) == 120
    assert BERLIN.instant(DateTime.of(None, 7, 1, None, 12, 0, 0)) is None


def test_rules_that_carry_a_deviation_are_instants():
    begin = DateTime.of(None, 3, 0xFE, 7, 1, 0, 0, 0, 0).octets
    end = DateTime.of(None, 10, 0xFE, 7, 1, 0, 0, 0, 0).octets
    by_utc = Zone(3600, 3600, begin, end)
    for year in range(2020, 2031):
        for hours in range(0, 8784, 7):
            now = utc(f"{year}-01-01") + hours * 3600
            assert by_utc.offset(now) == BERLIN.offset(now)


def test_a_rule_for_one_year_alone():
    once = Zone(0, 3600, DateTime.of(2026, 6, 1, None, 0, 0, 0).octets, DateTime.of(2026, 9, 1, None, 1, 0, 0).octets)
    assert [once.offset(utc(f"{y}-07-01"))[1] for y in (2025, 2026, 2027)] == [False, True, False]


@given(st.builds(DateTime, st.binary(min_size=12, max_size=12)))
def test_whatever_a_client_sends_is_an_instant_or_none(moment):
    for place in (BERLIN, SYDNEY):
        at = place.instant(moment)
        assert (at is not None) is moment.complete


@pytest.mark.parametrize("moment", [DateTime.of(1, 1, 1, None, 0, 0, 0), DateTime.of(9999, 12, 31, None, 23, 59, 59)])
def test_the_ends_of_the_calendar(moment):
    for place in (BERLIN, SYDNEY, Zone(-43_200, 3600, UNSPECIFIED, UNSPECIFIED)):
        assert abs(place.instant(moment) - local_of(moment)) <= 50_400


def test_years_are_kept_for_a_while_only():
    place = Zone(3600, 3600, LAST_SUNDAY_OF_MARCH, LAST_SUNDAY_OF_OCTOBER)
    for year in range(1000, 3000):
        assert place.instant(DateTime.of(year, 7, 1, None, 12, 0, 0)) is not None
    assert len(place._years) <= 64
    assert place.offset(utc("2026-07-01")) == (7200, True)


def test_without_rules_there_is_no_daylight_saving():
    plain = zone(3600, 3600, UNSPECIFIED, UNSPECIFIED, 1)
    assert {plain.offset(utc(f"2026-{month:02d}-15")) for month in range(1, 13)} == {(3600, False)}
    assert zone(3600, 3600, UNSPECIFIED, UNSPECIFIED, 1) is plain


def test_multiples_of_a_quarter_are_a_quarter_apart_on_every_day():
    now, found = utc("2026-10-25T00:00"), []
    while now < utc("2026-10-25T03:00"):
        now = BERLIN.next_multiple(now, 900)
        found.append(now)
    assert found == [utc("2026-10-25T00:00") + 900 * i for i in range(1, 13)]


def test_days_end_at_local_midnight():
    days = [BERLIN.next_multiple(utc(t), DAY) for t in ("2026-03-28T22:30", "2026-03-28T23:00", "2026-10-25T12:00")]
    assert days == [utc("2026-03-28T23:00"), utc("2026-03-29T22:00"), utc("2026-10-25T23:00")]


def test_four_hours_across_the_changes():
    assert BERLIN.next_multiple(utc("2026-03-28T23:00"), 14_400) == utc("2026-03-29T04:00+02:00")
    assert BERLIN.next_multiple(utc("2026-10-24T22:00"), 14_400) == utc("2026-10-25T04:00+01:00")


def test_periods_that_do_not_divide_a_day_count_from_1970():
    assert BERLIN.next_multiple(0, 1000) == 1000
    assert BERLIN.next_multiple(999.5, 1000) == 1000


@given(now=INSTANTS, period=st.sampled_from([60, 300, 900, 1800, 3600, 7200, 14_400, 86_400, 1000]))
def test_the_next_multiple_lies_ahead_and_is_one(now, period):
    for place in (BERLIN, SYDNEY):
        found = place.next_multiple(now, period)
        assert now < found <= now + period + 3600
        if 86_400 % period == 0 and 3600 % period == 0:
            assert (found + place.offset(found)[0]) % period == 0


def test_date_times_by_arithmetic():
    assert date_octets(day_of(2028, 2, 29)).hex() == "07ec021d02"
    leap = day_of(2028, 2, 29) * DAY + 86_399
    assert str(date_time_of(leap, 99, -60, 0)) == "2028-02-29T23:59:59.99+01:00"
    assert str(date_time_of(leap + 1, 0, -60, 0)) == "2028-03-01T00:00:00+01:00"
    assert local_of(date_time_of(leap, 0, 0, 0)) == leap
    with pytest.raises(LocalError):
        local_of(DateTime.of(2026, 2, 30, None, 0, 0, 0))
