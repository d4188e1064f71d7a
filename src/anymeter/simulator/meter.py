"""A simulated meter: a companion profile, an identity, and consumption that says what its objects hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.limiter import Limiter
from anymeter.cosem.classes.monitors import RegisterMonitor
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.companion import Companion, Identity
from anymeter.cosem.datetimes import DateTime, days_in_month
from anymeter.cosem.device import CLOCK, LogicalDevice, PhysicalDevice
from anymeter.cosem.model import InterfaceClass
from anymeter.obis import Obis
from anymeter.simulator import bus
from anymeter.simulator.chance import seed_of
from anymeter.simulator.consumption import Quantity, Site, media, quantities
from anymeter.simulator.history import MONTHS, History
from anymeter.simulator.zone import DAY, HOUR, day_of, month_at
from anymeter.wire import tables

At = Callable[[float], Any]

_EXTENDED_REGISTER, _DEMAND_REGISTER, _PROFILE = 4, 5, 7
_LISTS: Final = 98
_CAPTURE_TIME: Final = {_EXTENDED_REGISTER: 5, _DEMAND_REGISTER: 6}
_START_TIME: Final = 7
_SCALER_UNIT: Final = {3: 3, _EXTENDED_REGISTER: 3, _DEMAND_REGISTER: 4}
_SET_DATE: Final = (1, 10)
_NO_LEAP_YEAR: Final = 2001
_QUARTER: Final = 900
_GAS_DAY: Final = 6 * HOUR
_SHAPE: Final = (3, 4, 8)
"""The attributes of Profile generic that say what its rows are: capture_objects, capture_period, profile_entries."""


class _Source(NamedTuple):
    """One row of the table of sources."""

    medium: str
    attribute: int
    quantity: str
    when: str


@cache
def _sources() -> dict[Obis, list[_Source]]:
    found: dict[Obis, list[_Source]] = {}
    for medium, obis, attribute, quantity, when in tables.records(__file__, "sources.csv"):
        found.setdefault(Obis(obis), []).append(_Source(medium, int(attribute), quantity, when))
    return found


def build(companion: Companion, identity: Identity, site: Site) -> PhysicalDevice:
    """The meter that *companion* describes, with this *identity*, counting at *site*."""
    device = companion.build(identity)
    for logical in device.logical.values():
        _bind(logical, companion.medium, site)
        bus.connect(logical, identity.number)
    return device


def _bind(logical: LogicalDevice, medium: str, site: Site) -> None:
    """Let consumption say what the objects of a logical device hold."""
    models: dict[str, Mapping[str, Quantity]] = {}
    clock = logical.objects.get(CLOCK)
    set_date = _SetDate(logical, clock if isinstance(clock, Clock) else None, site)
    sources = _sources()
    for name, obj in logical.objects.items():
        for row in sources.get(name, ()):
            if row.medium in ("*", medium):
                at = _value(row, name, medium, site, models, set_date)
                if at is not None:
                    _bind_value(obj, row, at, set_date)
    for obj in logical.objects.values():
        if isinstance(obj, Limiter | RegisterMonitor):
            obj.watched.period = _QUARTER  # what is simulated stays the same for so long
    if isinstance(clock, Clock):
        rows = _Rows(logical, clock, _GAS_DAY if medium == "gas" else 0)
        for obj in logical.objects.values():
            if isinstance(obj, ProfileGeneric):
                rows.bind(obj, site.since)
                for number in _SHAPE:
                    logical.watch(obj.logical_name, number, rows)


def _value(
    row: _Source, name: Obis, medium: str, site: Site, models: dict[str, Mapping[str, Quantity]], set_date: _SetDate
) -> Quantity | None:
    """The quantity of a row of the table; None where its medium has no model."""
    if row.quantity == "billing.periods":
        return Quantity("", 0, set_date.periods, counts=True)
    prefix, colon, quantity = row.quantity.rpartition(":")
    of, key = (prefix, f"{prefix}:{name.b}") if colon else (medium, medium)
    if key not in models:
        own = Site(site.world, seed_of(site.meter, key), site.zone, site.since) if colon else site
        if not colon and of not in media():
            of = media()[0]  # only what every medium has is asked of it
        models[key] = quantities(of, own)
    return models[key].get(quantity)


def _bind_value(obj: InterfaceClass, row: _Source, quantity: Quantity, set_date: _SetDate) -> None:
    number = _SCALER_UNIT.get(obj.class_id)
    scaler = obj.stored(number)[0] if number is not None else 0
    at = quantity.scaled(scaler)
    obj.bind(row.attribute, _MOMENTS[row.when](at, set_date))
    if isinstance(obj, Register):
        obj.counts = quantity.counts
    stamp = _CAPTURE_TIME.get(obj.class_id)
    if stamp is None or set_date.clock is None:
        return
    show = set_date.clock.date_time
    if obj.class_id == _DEMAND_REGISTER:
        obj.bind(stamp, lambda now: show(now // _QUARTER * _QUARTER).octets)
        obj.bind(_START_TIME, lambda now: show(now // _QUARTER * _QUARTER).octets)
    elif row.when == "now":
        obj.bind(stamp, lambda now: show(now // HOUR * HOUR).octets)
    else:
        obj.bind(stamp, lambda now: show(set_date.last(now)).octets)


_MOMENTS: Final[dict[str, Callable[[Callable[[int], int], _SetDate], At]]] = {
    "now": lambda at, _: lambda now: at(int(now)),
    "set-date": lambda at, day: lambda now: at(int(day.last(now))),
    "since": lambda at, day: lambda now: at(int(now)) - at(int(day.last(now))),
    "set-date-period": lambda at, day: lambda now: at(int(day.last(now))) - at(int(day.last(day.last(now) - 1))),
}


class _SetDate:
    """When the year of a meter's account ends: at the end of its set date, the last of December unless it says else."""

    __slots__ = ("clock", "logical", "name", "site")

    def __init__(self, logical: LogicalDevice, clock: Clock | None, site: Site) -> None:
        self.logical, self.clock, self.site = logical, clock, site
        self.name = next((n for n in logical.objects if n.c == 0 and (n.d, n.e) == _SET_DATE), None)

    def last(self, now: float) -> float:
        """The end of the last set date until *now*."""
        month, day = self._day()
        local, back = self._local(now), self._instant
        year = 1970 + month_at(local) // 12
        end = (day_of(year, month, day) + 1) * DAY
        while end > local:
            year -= 1
            end = (day_of(year, month, day) + 1) * DAY
        return back(end)

    def periods(self, now: int) -> int:
        """How many months have ended since the meter was installed, modulo 256."""
        return max(0, month_at(self._local(now)) - month_at(self._local(self.site.since))) % 256

    def _day(self) -> tuple[int, int]:
        octets = self.logical.objects[self.name].stored(2) if self.name is not None else b""
        if isinstance(octets, bytes) and len(octets) == 5:
            date = DateTime(octets + b"\xff" * 7)
            month, day = date.month or 0, date.day or 0
            if 1 <= month <= 12 and 1 <= day <= days_in_month(_NO_LEAP_YEAR, month):
                return month, day
        return 12, 31

    def _local(self, now: float) -> float:
        return now + self.site.zone.normal if self.clock is None else self.clock.local(now)

    def _instant(self, local: float) -> float:
        return local - self.site.zone.normal if self.clock is None else self.clock.at_local(local)


class _Rows:
    """Computes the rows of the profiles of a device, and goes on when a client gives a profile another shape."""

    __slots__ = ("begins", "clock", "logical")

    def __init__(self, logical: LogicalDevice, clock: Clock, begins: int) -> None:
        self.logical, self.clock, self.begins = logical, clock, begins

    def bind(self, profile: ProfileGeneric, since: float) -> None:
        """Let rows be computed where entries come with periods: not those of a log of events."""
        period = int(profile.stored(4))
        months = period == 0 and profile.logical_name.c == _LISTS
        columns = [_column(self.logical, self.clock, captured) for captured in profile.stored(3)]
        profile.rows = None
        if (period or months) and all(columns):
            found = [column for column in columns if column is not None]
            profile.rows = History(self.clock, period or MONTHS, found, int(profile.stored(8)), since, self.begins)

    def noticed(self, obj: InterfaceClass, number: int, value: Any, now: float) -> None:
        """A profile captures something else, at another period, or keeps fewer entries: it begins anew."""
        if isinstance(obj, ProfileGeneric):
            self.bind(obj, now)


def _column(logical: LogicalDevice, clock: Clock, captured: Any) -> At | None:
    class_id, name, number, index = captured[:4]
    obj = logical.objects.get(Obis(bytes(name)))
    if obj is None or obj.class_id != class_id or number <= 0:
        return None
    if obj is clock and number == 2:
        return lambda now: clock.date_time(now).octets
    if index:
        return lambda now: obj.get(number, now)[index - 1]
    source = (obj.sources or {}).get(number)
    return source or (lambda now: obj.get(number, now))
