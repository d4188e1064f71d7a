from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.simulator import curves
from anymeter.simulator.curves import ONE_YEAR, QUARTER, YEAR, Curve
from anymeter.simulator.zone import CENTRAL_EUROPE, DAY, HOUR, day_of

INSTANTS = st.integers(-2_000_000_000, 6_000_000_000)
NEW_YEAR = day_of(2026, 1, 1) * DAY


def curve(season="heating", day="heat", weekend="heat-weekend", seed=1, days=900, quarters=950):
    seeds = curves.seeds(1, seed, "test", common=False)
    return Curve(curves.months(season), (day, weekend), CENTRAL_EUROPE, seeds, days, quarters)


RISING = {
    "heating": curve(),
    "sun": curve("sun", "sun", "sun"),
    "night": curve("household", "low", "low-weekend"),
    "water": curve("garden", "water", "water-weekend", 9),
    "wild": curve("cooling", "cooling", "cooling", 3, 999, 999),
}


@pytest.mark.parametrize("name", RISING)
@given(at=INSTANTS, steps=st.lists(st.integers(0, 100_000), min_size=1, max_size=8))
def test_a_curve_never_falls(name, at, steps):
    before = RISING[name].at(at)
    for step in steps:
        at += step
        now = RISING[name].at(at)
        assert now >= before
        before = now


@pytest.mark.parametrize("name", RISING)
def test_a_curve_never_falls_from_second_to_second(name):
    for start in (NEW_YEAR - 100, NEW_YEAR + 5 * HOUR - 50, NEW_YEAR + 12 * HOUR + QUARTER - 20, 1_774_746_000 - 10):
        values = [RISING[name].at(start + s) for s in range(200)]
        assert values == sorted(values)


@given(at=INSTANTS)
def test_an_instant_has_one_value_in_whatever_order_it_is_asked(at):
    fresh = curve()
    used = RISING["heating"]
    used.at(at + 12345678)
    assert fresh.at(at) == used.at(at)


@pytest.mark.parametrize("name", RISING)
def test_a_year_brings_one_year(name):
    risen = RISING[name].at(NEW_YEAR + 4 * YEAR) - RISING[name].at(NEW_YEAR)
    assert risen == pytest.approx(4 * ONE_YEAR, rel=0.02)


def test_winter_takes_more_heat_than_summer():
    def month(number):
        begin = day_of(2026, number, 1) * DAY
        return RISING["heating"].at(begin + 28 * DAY) - RISING["heating"].at(begin)

    assert month(1) > 10 * month(7)
    assert month(12) > month(4) > month(6)


def test_days_differ_and_so_do_meters():
    def days(of):
        return [of.at(NEW_YEAR + (d + 1) * DAY) - of.at(NEW_YEAR + d * DAY) for d in range(30)]

    one, other = days(curve(seed=1)), days(curve(seed=2))
    assert len(set(one)) == 30
    assert one != other
    assert max(one) > 1.3 * min(one)


def test_without_wander_every_quarter_of_an_hour_of_a_flat_day_is_alike():
    flat = curve("even", "flat", "flat", days=0, quarters=0)
    parts = [flat.at(NEW_YEAR + (q + 1) * QUARTER) - flat.at(NEW_YEAR + q * QUARTER) for q in range(96)]
    assert max(parts) - min(parts) <= 8
    assert sum(parts) == pytest.approx(ONE_YEAR * DAY / YEAR, rel=1e-4)


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ((2026, 1, 12, 23), True),  # 24:00 in Germany
        ((2026, 1, 12, 4), True),  # 05:00
        ((2026, 1, 12, 5), False),  # 06:00: the day rate begins
        ((2026, 1, 12, 20), False),
        ((2026, 1, 12, 21), True),  # 22:00: the night rate begins
        ((2026, 7, 13, 3), True),  # 05:00, daylight saving
        ((2026, 7, 13, 4), False),  # 06:00
        ((2026, 7, 13, 19), False),
        ((2026, 7, 13, 20), True),  # 22:00
    ],
)
def test_the_night_rate_counts_from_22_to_6_by_the_clock_on_the_wall(at, counts):
    year, month, day, hour = at
    begin = day_of(year, month, day) * DAY + hour * HOUR
    night = RISING["night"]
    assert (night.at(begin + HOUR) > night.at(begin)) is counts


def test_levels_go_through_the_months():
    outdoor = curves.months("outdoor")
    middle_of_july = day_of(2026, 7, 16) * DAY
    assert curves.level(outdoor, middle_of_july) == pytest.approx(outdoor[6], abs=20)
    assert curves.level(outdoor, NEW_YEAR) == pytest.approx((outdoor[11] + outdoor[0]) / 2, abs=20)


def test_cold_days_are_those_that_take_more_heat():
    seeds = (curves.weather_seed(5), 77)
    heat = Curve(curves.months("even"), ("flat", "flat"), CENTRAL_EUROPE, seeds, 900, 0)
    days = [NEW_YEAR + d * DAY - HOUR for d in range(200)]
    used = [heat.at(d + DAY) - heat.at(d) for d in days]
    felt = [curves.weather(seeds[0], d) for d in days]
    warmest, coldest = (sorted(range(200), key=lambda i: felt[i], reverse=r)[:20] for r in (True, False))
    assert sum(used[i] for i in coldest) > 1.5 * sum(used[i] for i in warmest)
    assert -650 <= min(felt) < -200 < 200 < max(felt) <= 650


@pytest.mark.parametrize("function", [curves.months, lambda name: curves.pattern(name, summer=False)])
def test_a_name_that_is_in_no_table_is_a_mistake(function):
    with pytest.raises(KeyError):
        function("no such season")


def test_common_weather_is_shared_by_all_meters_of_a_world():
    assert curves.seeds(1, 10, "heat", common=True)[0] == curves.seeds(1, 11, "heat", common=True)[0]
    assert curves.seeds(1, 10, "heat", common=True)[0] != curves.seeds(2, 10, "heat", common=True)[0]
    assert curves.seeds(1, 10, "water", common=False)[0] != curves.seeds(1, 11, "water", common=False)[0]
