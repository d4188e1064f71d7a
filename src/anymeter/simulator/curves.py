"""Curves that only rise: how an amount spreads over years, days and hours, at any instant, without storage.

A year has a season (a table of months), a day a pattern (a table of hours). Chance moves each boundary of a day, and of
a quarter of an hour, a little ahead in its table: amounts vary, no boundary overtakes the next one, and the sum over a
year stays what it was. All in whole numbers, so that a later instant never has less.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from anymeter.simulator.chance import SCALE, seed_of, share
from anymeter.simulator.zone import DAY, HOUR, Zone, weekday_of
from anymeter.wire import tables

YEAR: Final = 31_556_952
"""Seconds of a mean Gregorian year."""
ONE_YEAR: Final = 1 << 40
"""What a curve rises in a year."""
QUARTER: Final = 900
_KNOTS: Final = 378
_KNOT: Final = YEAR // _KNOTS
_ONE_DAY: Final = 1 << 30
_QUARTERS: Final = DAY // QUARTER
_MONTHS: Final = 12


@cache
def months(season: str) -> tuple[int, ...]:
    """The twelve numbers of a season."""
    for row in tables.records(__file__, "seasons.csv"):
        if row[0] == season:
            return tuple(map(int, row[1:]))
    raise KeyError(season)


def level(values: tuple[int, ...], now: int) -> int:
    """A quantity with a season at an instant, between the middles of the months."""
    month, rest = divmod(now % YEAR * _MONTHS - YEAR // 2, YEAR)
    low, high = values[month % _MONTHS], values[(month + 1) % _MONTHS]
    return low + (high - low) * rest // YEAR


@cache
def season(weights: tuple[int, ...]) -> tuple[int, ...]:
    """The rise of a year at its knots, from 0 to :data:`ONE_YEAR`, for the weights of the months."""
    parts = [level(tuple(w << 10 for w in weights), k * _KNOT + _KNOT // 2) for k in range(_KNOTS)]
    whole, done, knots = sum(parts), 0, [0]
    for part in parts:
        done += part
        knots.append(done * ONE_YEAR // whole)
    return tuple(knots)


class Pattern:
    """The rise of a day at its quarters of an hour, and those of them at which chance has no say."""

    __slots__ = ("fixed", "knots")

    def __init__(self, hours: tuple[int, ...], fixed: frozenset[int]) -> None:
        whole, done, knots = sum(hours) * 4, 0, [0]
        for quarter in range(_QUARTERS):
            done += hours[quarter // 4]
            knots.append(done * _ONE_DAY // whole)
        self.knots, self.fixed = tuple(knots), fixed | {0, _QUARTERS}


@cache
def pattern(name: str, *, summer: bool) -> Pattern:
    """The pattern of a day by standard time; in summer all of it comes an hour earlier."""
    for row in tables.records(__file__, "days.csv"):
        if row[0] == name:
            hours, switches = tuple(map(int, row[1:25])), [int(h) for h in row[25].split(";") if h]
            earlier = int(summer)
            turned = hours[earlier:] + hours[:earlier]
            return Pattern(turned, frozenset((hour - earlier) % 24 * 4 for hour in switches))
    raise KeyError(name)


class Curve:
    """One rising curve: 0 at 1970, :data:`ONE_YEAR` more each year.

    *wander_days* and *wander_quarters*, 0 to 999, say how far amounts stray, in thousandths of a day and a quarter.
    """

    __slots__ = ("_day", "_knots", "_patterns", "_quarter_seed", "_seed", "_wander_days", "_wander_quarters", "_zone")

    def __init__(
        self,
        weights: tuple[int, ...],
        patterns: tuple[str, str],
        zone: Zone,
        seeds: tuple[int, int],
        wander_days: int,
        wander_quarters: int,
    ) -> None:
        self._knots = season(weights)
        self._patterns = tuple(pattern(name, summer=summer) for summer in (False, True) for name in patterns)
        self._zone = zone
        self._seed, self._quarter_seed = seeds
        self._wander_days = wander_days * DAY // 1000
        self._wander_quarters = wander_quarters * SCALE // 1000
        self._day: tuple[int, int, int, Pattern] | None = None

    def at(self, now: int) -> int:
        """How far the curve has risen at this instant."""
        number, second = divmod(now + self._zone.normal, DAY)
        day = self._day
        if day is None or day[0] != number:
            day = self._day = (number, self._begin(number), self._begin(number + 1), self._pattern(number))
        _, begin, end, shape = day
        quarter, rest = divmod(second, QUARTER)
        low = self._knot(shape, number, quarter)
        if not rest:
            return begin + ((end - begin) * low >> 30)
        high = self._knot(shape, number, quarter + 1)
        return begin + (end - begin) * (low * QUARTER + (high - low) * rest) // (QUARTER << 30)

    def _begin(self, day: int) -> int:
        moment = day * DAY - self._zone.normal + share(self._seed, day, self._wander_days + 1)
        year, phase = divmod(moment, YEAR)
        knot, rest = divmod(phase, _KNOT)
        low, high = self._knots[knot], self._knots[knot + 1]
        return year * ONE_YEAR + low + (high - low) * rest // _KNOT

    def _pattern(self, day: int) -> Pattern:
        weekend = weekday_of(day) >= 5
        summer = self._zone.offset(day * DAY - self._zone.normal + DAY // 2)[1]
        return self._patterns[summer * 2 + weekend]

    def _knot(self, shape: Pattern, day: int, quarter: int) -> int:
        knots = shape.knots
        low = knots[quarter]
        if quarter in shape.fixed:
            return low
        ahead = share(self._quarter_seed, day * _QUARTERS + quarter, self._wander_quarters + 1)
        return low + ((knots[quarter + 1] - low) * ahead >> 16)


def weather(seed: int, now: int, standard: int = HOUR) -> int:
    """By how much a day is colder (below 0) or warmer than its season, in hundredths of a degree, about -600 to 600.

    It comes from the same chance that moves the days of curves with this *seed*: on cold days more heat is used.
    """
    day = (now + standard) // DAY
    return 600 * (share(seed, day) - share(seed, day + 1)) // SCALE


def seeds(world: int, meter: int, stream: str, *, common: bool) -> tuple[int, int]:
    """The seeds of a curve's days and quarters; the days of all meters of a world are alike where *common*."""
    return weather_seed(world) if common else seed_of(meter, stream, "days"), seed_of(meter, stream, "quarters")


def weather_seed(world: int) -> int:
    """The seed of the weather of a world."""
    return seed_of(world, "weather")
