"""What a meter of each medium counts and measures, as pure functions of its seed and the time.

A :class:`Quantity` gives a whole number of units times ten to an exponent, at any instant past or to come. What is
counted only rises, and begins at nought when the meter was installed. What belongs together agrees: the rates add up to
the total, heat is volume times temperature difference, base volume is volume times conversion factor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final, TypeAlias

import msgspec

from anymeter.errors import LocalError
from anymeter.simulator import curves
from anymeter.simulator.chance import between, mix, seed_of
from anymeter.simulator.curves import ONE_YEAR, QUARTER, Curve
from anymeter.simulator.zone import DAY, HOUR, Zone
from anymeter.wire import tables

WATER_HEAT: Final = 1_163
"""Heat that a cubic metre of water gives up for each kelvin: Wh/(m3 K), near 4.19 kJ/(kg K)."""
_BASE_MBAR: Final = 1_013_250
_BASE_CENTIKELVIN: Final = 27_315
_FINE: Final = 6
_YEARS_BACK: Final = 6

At: TypeAlias = Callable[[int], int]


class Quantity(msgspec.Struct, frozen=True):
    """A whole number of *unit* times ten to the *exponent* at every instant; *counts*: it only rises."""

    unit: str
    exponent: int
    at: At
    counts: bool = False

    def scaled(self, scaler: int) -> At:
        """The same in units times ten to the *scaler*, rounded down, so that what rises still does."""
        places, at = scaler - self.exponent, self.at
        if places == 0:
            return at
        if places > 0:
            part = 10**places
            return lambda now: at(now) // part
        times = 10**-places
        return lambda now: at(now) * times


class Stream:
    """One amount that only rises: its :meth:`index` and the :meth:`rate` at which it rises."""

    __slots__ = ("amount", "curve", "origin")

    def __init__(self, curve: Curve, amount: int, since: int) -> None:
        self.curve, self.amount = curve, amount
        self.origin = curve.at(since)

    def index(self, now: int) -> int:
        """Counted since the beginning."""
        risen = self.curve.at(now) - self.origin
        return self.amount * risen // ONE_YEAR if risen > 0 else 0

    def rate(self, now: int) -> int:
        """Counted each hour, in the quarter of an hour that runs."""
        begin = now // QUARTER * QUARTER
        risen = self.curve.at(begin + QUARTER) - self.curve.at(begin)
        return self.amount * risen * (HOUR // QUARTER) // ONE_YEAR


class Site(msgspec.Struct, frozen=True):
    """Where and since when a meter counts: the seed of its world, its own, its zone, and when it was installed."""

    world: int
    meter: int
    zone: Zone
    since: int

    @classmethod
    def of(cls, world: int, meter: int, zone: Zone, start: int) -> Site:
        """A site of a meter that was installed by chance within the six years before *start*."""
        days = between(seed_of(meter, "installed"), 0, 30, _YEARS_BACK * 365)
        return cls(world, meter, zone, (start // DAY - days) * DAY + 10 * HOUR)

    def outdoor(self, now: int) -> int:
        """The temperature outside, in hundredths of a degree Celsius."""
        season = curves.level(curves.months("outdoor"), now)
        hour = (now + self.zone.normal) % DAY
        afternoon = 350 - abs(hour - 15 * HOUR) * 700 // (12 * HOUR)
        return season + curves.weather(curves.weather_seed(self.world), now) + afternoon

    def noise(self, what: str, now: int, most: int) -> int:
        """What an instrument shows beside the truth, from -*most* to *most*, another one each minute."""
        return between(seed_of(self.meter, what), now // 60, -most, most)


@cache
def _streams() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in tables.rows(__file__, "streams.csv"):
        found.setdefault(row["medium"], []).append(row)
    return found


def media() -> tuple[str, ...]:
    """Every medium that has a model of consumption."""
    return tuple(_streams())


def quantities(medium: str, site: Site) -> Mapping[str, Quantity]:
    """What a meter of this *medium* counts and measures, by name; :class:`LocalError` for a medium without a model."""
    rows = _streams().get(medium)
    if rows is None:
        raise LocalError(f"there is no model of consumption for {medium!r}, only for {', '.join(media())}")
    streams = {row["stream"]: _stream(row, site) for row in rows}
    found: dict[str, Quantity] = {
        "operating.time": Quantity("s", 0, lambda now: max(0, now - site.since), counts=True),
        "outdoor.temperature": Quantity("Cel", -2, site.outdoor),
    }
    for row in rows:
        found[row["stream"]] = Quantity(row["unit"], -_FINE, streams[row["stream"]].index, counts=True)
    return found | _DERIVED[medium](streams, site)


def _stream(row: Mapping[str, str], site: Site, weights: tuple[int, ...] | None = None, times: int = 1) -> Stream:
    """A stream of this row; *weights* replace its season, *times* is in millionths where they do."""
    name = f"{row['medium']} {row['stream']}"
    low, high = int(row["low"]), int(row["high"])
    amount = between(seed_of(site.meter, name, "amount"), 0, low * 1000, high * 1000) * 10 ** (_FINE - 3)
    if weights is not None:
        amount = amount * times // 10**6
    curve = Curve(
        weights or curves.months(row["season"]),
        (row["day"], row["weekend"]),
        site.zone,
        curves.seeds(site.world, site.meter, name, common=row["weather"] == "1"),
        int(row["days"]),
        int(row["quarters"]),
    )
    return Stream(curve, amount, site.since)


def _water(streams: Mapping[str, Stream], site: Site) -> dict[str, Quantity]:
    return {"flow": Quantity("m3/h", -_FINE, streams["volume"].rate)}


def _cold_water(streams: Mapping[str, Stream], site: Site) -> dict[str, Quantity]:
    ground = curves.months("ground")
    return _water(streams, site) | {
        "temperature": Quantity("Cel", -2, lambda now: curves.level(ground, now) + site.noise("water", now, 30))
    }


def _hot_water(streams: Mapping[str, Stream], site: Site) -> dict[str, Quantity]:
    return _water(streams, site) | {
        "temperature": Quantity("Cel", -2, lambda now: 5600 + site.noise("water", now, 250))
    }


def _thermal(streams: Mapping[str, Stream], site: Site, spread: int, flow: At, sign: int) -> dict[str, Quantity]:
    """Heat and cooling: *spread* is the temperature difference in 1/100 K, *flow* the flow temperature."""
    energy = streams["energy"]
    per_volume = WATER_HEAT * spread  # Wh of a cubic metre, times 100

    def difference(now: int) -> int:
        return spread + site.noise("difference", now, spread // 200)

    return {
        "volume": Quantity("m3", -_FINE, lambda now: energy.index(now) * 100 // per_volume, counts=True),
        "power": Quantity("W", -_FINE, energy.rate),
        "flow": Quantity("m3/h", -_FINE, lambda now: energy.rate(now) * 100 // per_volume),
        "temperature.flow": Quantity("Cel", -2, flow),
        "temperature.return": Quantity("Cel", -2, lambda now: flow(now) - sign * difference(now)),
        "temperature.difference": Quantity("K", -2, difference),
    }


def _heat(streams: Mapping[str, Stream], site: Site) -> dict[str, Quantity]:
    spread = between(seed_of(site.meter, "spread"), 0, 2200, 3400)
    return _thermal(streams, site, spread, lambda now: max(5500, 7500 - site.outdoor(now)), 1)


def _cooling(streams: Mapping[str, Stream], site: Site) -> dict[str, Quantity]:
    spread = between(seed_of(site.meter, "spread"), 0, 450, 650)
    return _thermal(streams, site, spread, lambda now: 650 + site.noise("flow", now, 40), -1)


def _gas(streams: Mapping[str, Stream], site: Site) -> dict[str, Quantity]:
    """Gas behind a converter of pressure and temperature; the compressibility ratio is one. Source: EN 13757-1, C.2."""
    gauge = between(seed_of(site.meter, "pressure"), 0, 21_000, 24_000)  # 1/1000 mbar
    calorific = between(seed_of(site.world, "calorific value"), 0, 11_050, 11_450)  # Wh/m3
    ground = curves.months("ground")

    def pressure(now: int) -> int:
        return _BASE_MBAR + gauge + site.noise("pressure", now, 150)

    def temperature(now: int) -> int:
        return curves.level(ground, now) + site.noise("gas", now, 8)

    def factor(now: int) -> int:
        return pressure(now) * _BASE_CENTIKELVIN * 10**5 // (_BASE_MBAR * (temperature(now) + _BASE_CENTIKELVIN))

    row = _streams()["gas"][0]
    volumes = curves.months(row["season"])
    kelvins = [_BASE_CENTIKELVIN + celsius for celsius in ground]
    weights = tuple(v * 10**6 * _BASE_CENTIKELVIN // k for v, k in zip(volumes, kelvins, strict=True))
    mean = sum(weights) * (_BASE_MBAR + gauge) // (sum(volumes) * _BASE_MBAR)
    based = _stream(row, site, weights, mean)
    return {
        "volume.base": Quantity("m3", -_FINE, based.index, counts=True),
        "energy": Quantity("Wh", -_FINE, lambda now: based.index(now) * calorific, counts=True),
        "flow": Quantity("m3/h", -_FINE, streams["volume"].rate),
        "flow.base": Quantity("m3/h", -_FINE, based.rate),
        "pressure": Quantity("bar", -6, pressure),
        "temperature": Quantity("Cel", -2, temperature),
        "conversion.factor": Quantity("", -5, factor),
        "calorific.value": Quantity("Wh/m3", 0, lambda now: calorific),
    }


def _allocator(streams: Mapping[str, Stream], site: Site) -> dict[str, Quantity]:
    units = streams["units"]

    def room(now: int) -> int:
        return 2050 + site.noise("room", now, 60)

    def radiator(now: int) -> int:
        return room(now) + min(4500, units.rate(now) * 4500 // (units.amount // 2500 + 1))

    return {
        "temperature.room": Quantity("Cel", -2, room),
        "temperature.radiator": Quantity("Cel", -2, radiator),
    }


def _electricity(streams: Mapping[str, Stream], site: Site) -> dict[str, Quantity]:
    first, second, fed = streams["import.1"], streams["import.2"], streams["export.1"]
    if mix(seed_of(site.meter, "solar")) % 3:
        fed.amount = 0  # two houses of three have no panels

    def taken(now: int) -> int:
        return first.index(now) + second.index(now)

    def power(now: int) -> int:
        return first.rate(now) + second.rate(now)

    def last(now: int) -> int:
        return power(now // QUARTER * QUARTER - 1)

    found = {
        "import": Quantity("Wh", -_FINE, taken, counts=True),
        "export": Quantity("Wh", -_FINE, fed.index, counts=True),
        "export.2": Quantity("Wh", -_FINE, lambda now: 0, counts=True),
        "reactive.import": Quantity("varh", -_FINE, lambda now: taken(now) * 18 // 100, counts=True),
        "power.import": Quantity("W", -_FINE, power),
        "power.import.last": Quantity("W", -_FINE, last),
        "power.export": Quantity("W", -_FINE, fed.rate),
        "frequency": Quantity("Hz", -2, lambda now: 5000 + between(seed_of(site.world, "grid"), now // 10, -3, 3)),
    }
    for phase in range(1, 4):
        found |= _phase(power, site, phase)
    return found


def _phase(power: At, site: Site, phase: int) -> dict[str, Quantity]:
    part = (0, 45, 33, 22)[phase]

    def voltage(now: int) -> int:
        return 2310 + site.noise(f"U{phase}", now, 35)

    def current(now: int) -> int:
        return power(now) * part // (voltage(now) * 10**4)

    return {
        f"voltage.{phase}": Quantity("V", -1, voltage),
        f"current.{phase}": Quantity("A", -2, lambda now: current(now) // 10),
    }


_DERIVED: Final[dict[str, Callable[[Mapping[str, Stream], Site], dict[str, Quantity]]]] = {
    "cold-water": _cold_water,
    "hot-water": _hot_water,
    "heat": _heat,
    "cooling": _cooling,
    "gas": _gas,
    "heat-cost-allocator": _allocator,
    "electricity": _electricity,
}
