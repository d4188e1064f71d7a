"""A world of meters, as a TOML file describes it: which, how many, where, with what time and what faults.

Nothing here listens or looks at a clock: a world says who answers at which endpoint, and makes a meter when it is
first asked for. Whoever serves it (:mod:`anymeter.simulator.serve`) brings the time.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import tomllib
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

import msgspec

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.companion import Companion, Identity
from anymeter.cosem.device import PhysicalDevice
from anymeter.errors import LocalError
from anymeter.simulator import meter
from anymeter.simulator.chance import between, seed_of
from anymeter.simulator.consumption import Site
from anymeter.simulator.faults import Rates
from anymeter.simulator.zone import CENTRAL_EUROPE

SCHEMA: Final = "anymeter.world/1"
_MOST_METERS: Final = 1_000_000
_PORTS: Final = 65_535
_PHYSICAL: Final = range(16, 0x3FFE)


class ClockTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How wrong the clocks are at most: *offset* in seconds when the world begins, *drift* in ppm; chance says which
    way and how far for each meter."""

    offset: int = 0
    drift: int = 0


class PushTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where meters push to: ``host:port`` by tcp or udp; *every* so many seconds of the world's time, 0 for only when
    their own schedules say so."""

    to: str
    transport: Literal["tcp", "udp"] = "tcp"
    every: int = 3600


class MetersTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One ``[[meters]]``: meters of one kind."""

    companion: str
    count: int = 1
    first: int | None = None
    manufacturer: str | None = None
    link: Literal["tcp", "udp", "hdlc"] = "tcp"
    spread: Literal["ports", "addresses", "line"] = "ports"
    host: str | None = None
    port: int = 4059
    physical: int = 17
    laboratory: str | None = None
    clock: ClockTable = ClockTable()
    faults: Rates = Rates()
    push: PushTable | None = None


class Text(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A world as it is written."""

    schema: str = SCHEMA
    name: str = "world"
    seed: int = 1
    start: dt.datetime | None = None
    speed: float = 1.0
    host: str = "127.0.0.1"
    meters: list[MetersTable] = []


class Plan(msgspec.Struct, frozen=True):
    """One meter before it is made: its group, its number, its seed, and where it answers."""

    group: int
    identity: Identity
    seed: int
    link: str
    host: str
    port: int
    physical: int | None = None

    @property
    def url(self) -> str:
        """How a client reaches it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.link == "hdlc":
            return f"dlms+hdlc+tcp://{host}:{self.port}?physical={self.physical}"
        return f"dlms+{self.link}://{host}:{self.port}"


class Endpoint(NamedTuple):
    """Something to listen at, and the meters behind it: more than one only on a line, by their physical address."""

    link: str
    host: str
    port: int
    plans: tuple[Plan, ...]


class WorldTime(msgspec.Struct, frozen=True):
    """The time of a world: *start* when the real clock showed *began*, and *speed* seconds for each real one."""

    start: float
    began: float
    speed: float = 1.0

    def at(self, real: float) -> float:
        """The time of the world when the real clock shows *real*."""
        return self.start + (real - self.began) * self.speed

    def real(self, now: float) -> float:
        """When the real clock shows what, as the world comes to *now*."""
        return self.began + (now - self.start) / self.speed


class World:
    """Meters by plan, made when they are asked for; *start* is the time when the world begins.

    Files of companion profiles are looked for from *folder* on.
    """

    def __init__(self, text: Text, start: float, folder: str = ".") -> None:
        self.text, self.start, self._folder = text, start, folder
        self._kinds: dict[tuple[str, str | None], Companion] = {}
        self._made: dict[Plan, PhysicalDevice] = {}

    @classmethod
    def parse(cls, text: str, real: float, where: str = "world", folder: str = ".") -> World:
        """The world that *text* describes; *real* is the time now, where it says no other. :class:`LocalError`."""
        try:
            found = msgspec.convert(tomllib.loads(text), Text)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise LocalError(f"{where}: {error}") from None
        if found.schema != SCHEMA:
            raise LocalError(f"{where}, schema: this is {SCHEMA!r}, not {found.schema!r}")
        if not 0 < found.speed <= 1_000_000:
            raise LocalError(f"{where}, speed: a number above 0, at most 1000000, not {found.speed}")
        world = cls(found, real if found.start is None else _instant(found.start), folder)
        for number, group in enumerate(found.meters, 1):
            world._check(group, f"{where}, meters {number} ({group.companion})")
        taken: set[Identity] = set()
        for plan in world.plans:
            if plan.identity in taken:
                who = f"{plan.identity.manufacturer} {plan.identity.number}"
                raise LocalError(f"{where}, meters {plan.group + 1}: two meters are {who}")
            taken.add(plan.identity)
        return world

    def _check(self, group: MetersTable, place: str) -> None:
        if not 0 <= group.count <= _MOST_METERS:
            raise LocalError(f"{place}, count: from 0 to {_MOST_METERS}, not {group.count}")
        if group.first is not None and not 0 <= group.first < 1 << 40:
            raise LocalError(f"{place}, first: a number from 0 to {(1 << 40) - 1}, not {group.first}")
        if group.manufacturer is not None and not (len(group.manufacturer) == 3 and group.manufacturer.isupper()):
            raise LocalError(f"{place}, manufacturer: three capital letters, not {group.manufacturer!r}")
        last = group.port + group.count - 1 if group.spread == "ports" and group.port else group.port
        if not 0 <= group.port <= _PORTS or last > _PORTS:
            raise LocalError(f"{place}, port: {group.count} ports from {group.port} on go beyond {_PORTS}")
        if group.spread == "line":
            if group.link != "hdlc":
                raise LocalError(f"{place}, spread: only HDLC has many meters on one line")
            if group.physical not in _PHYSICAL or group.physical + group.count - 1 not in _PHYSICAL:
                raise LocalError(f"{place}, physical: addresses from 16 to 16381")
        try:
            first = ipaddress.ip_address(group.host or self.text.host)
            if group.spread == "addresses":
                _ = first + max(0, group.count - 1)
        except ValueError as error:
            raise LocalError(f"{place}, host: {error}") from None
        if group.push is not None:
            try:
                target_of(group.push.to)
            except LocalError as error:
                raise LocalError(f"{place}, push: {error}") from None
            if group.push.every < 0:
                raise LocalError(f"{place}, push, every: seconds, 0 for never, not {group.push.every}")
        try:
            self.companion(group)
        except LocalError as error:
            raise LocalError(f"{place}, companion: {error}") from None

    def companion(self, group: MetersTable) -> Companion:
        """The profile of a group, read once."""
        key = (group.companion, group.laboratory)
        if key not in self._kinds:
            found = Companion.load(group.companion, self._folder)
            self._kinds[key] = found if group.laboratory is None else found.laboratory(group.laboratory)
        return self._kinds[key]

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """Every meter of the world, not made yet; numbers go on from group to group unless a group says its first."""
        found: list[Plan] = []
        number = 1
        for group, table in enumerate(self.text.meters):
            first = number if table.first is None else table.first
            found += [self._plan(group, first + index, index) for index in range(table.count)]
            number = first + table.count
        return tuple(found)

    def _plan(self, group: int, number: int, index: int) -> Plan:
        table = self.text.meters[group]
        host = ipaddress.ip_address(table.host or self.text.host)
        spread = table.spread
        return Plan(
            group=group,
            identity=Identity(number, table.manufacturer or self.companion(table).manufacturer),
            seed=seed_of(self.text.seed, table.companion, number),
            link=table.link,
            host=str(host + index) if spread == "addresses" else str(host),
            port=table.port + index if spread == "ports" and table.port else table.port,
            physical=(table.physical + index * (spread == "line")) if table.link == "hdlc" else None,
        )

    @property
    def endpoints(self) -> list[Endpoint]:
        """Everything to listen at; port 0 is an endpoint of its own for each meter, unless on a line."""
        found: dict[Any, list[Plan]] = {}
        for number, plan in enumerate(self.plans):
            line = self.text.meters[plan.group].spread == "line"
            alone = number if plan.port == 0 and not line else None
            found.setdefault((plan.link, plan.host, plan.port, plan.group if line else None, alone), []).append(plan)
        for (link, host, port, line, alone), plans in found.items():
            if len(plans) > 1 and line is None and alone is None:
                raise LocalError(f"{len(plans)} meters answer at {link} {host} port {port}")
        return [Endpoint(key[0], key[1], key[2], tuple(plans)) for key, plans in found.items()]

    def site(self, plan: Plan) -> Site:
        """Where and since when a meter counts."""
        return Site.of(self.text.seed, plan.seed, CENTRAL_EUROPE, int(self.start))

    def device(self, plan: Plan) -> PhysicalDevice:
        """The meter of a plan; made when it is first asked for."""
        found = self._made.get(plan)
        if found is None:
            found = self._made[plan] = self._make(plan)
        return found

    @property
    def made(self) -> int:
        """How many meters have been made."""
        return len(self._made)

    def _make(self, plan: Plan) -> PhysicalDevice:
        table = self.text.meters[plan.group]
        device = meter.build(self.companion(table), plan.identity, self.site(plan))
        clock = device.management.clock
        if isinstance(clock, Clock):
            most = table.clock
            clock.offset = between(seed_of(plan.seed, "offset"), 0, -most.offset, most.offset) if most.offset else 0
            clock.drift = between(seed_of(plan.seed, "drift"), 0, -most.drift, most.drift) if most.drift else 0
            clock.drift_since = self.start
        device.advance(self.start)
        return device


def target_of(text: str) -> tuple[str, int]:
    """Host and port of a target for pushes.

    >>> target_of("[::1]:4090")
    ('::1', 4090)
    """
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdecimal() and int(port) <= _PORTS):
        raise LocalError(f"a target is written as host:port, not {text!r}")
    return host.strip("[]"), int(port)


def _instant(moment: dt.datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
