"""The lines of a world: a meter's server behind its faults, and several meters on one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from anymeter.dlms.server.line import Line
from anymeter.dlms.server.server import Server
from anymeter.links.events import Route, Unit
from anymeter.links.hdlc_stations import ALL_STATION
from anymeter.simulator.faults import BUSY, Faults

_NEVER_BUSY = (b"", b"\x60", b"\x62")


class MeterLine:
    """A line to one meter, which may be too busy for a request."""

    __slots__ = ("_faults", "_line")

    def __init__(self, server: Server, faults: Faults | None = None, *, datagrams: bool = False) -> None:
        self._line: Line = server.line(datagrams=datagrams)
        self._faults = faults

    def answer(self, unit: Unit, now: float) -> list[Unit]:
        """What the meter sends back; see :meth:`anymeter.dlms.server.line.Line.answer`."""
        if self._faults is not None and unit.apdu[:1] not in _NEVER_BUSY and self._faults.is_busy():
            return [Unit(unit.route, BUSY)] if unit.confirmed else []
        return self._line.answer(unit, now)

    def closed(self, route: Route | None, now: float) -> None:
        """The link below is down for *route*, or for all with None."""
        self._line.closed(route, now)

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""
        return self._line.next_timeout()

    def handle_timeout(self, now: float) -> list[Unit]:
        """Forget what does not go on; what is to be sent again."""
        return self._line.handle_timeout(now)


class MultiDrop:
    """Several meters on one line, told apart by their physical address; each is made when it is first spoken to."""

    def __init__(self, meters: Mapping[int, Callable[[], MeterLine]]) -> None:
        self._makers = dict(meters)
        self._lines: dict[int, MeterLine] = {}

    @property
    def addresses(self) -> list[int]:
        """The physical addresses that answer."""
        return sorted(self._makers)

    def answer(self, unit: Unit, now: float) -> list[Unit]:
        """What the meter that is meant sends back; nothing from an address where there is none."""
        if unit.route.physical == ALL_STATION:
            for physical in self._makers:
                if (line := self._line(physical)) is not None:
                    line.answer(unit, now)
            return []
        line = self._line(unit.route.physical)
        return [] if line is None else line.answer(unit, now)

    def closed(self, route: Route | None, now: float) -> None:
        """The link below is down for *route*, or for all with None."""
        if route is None:
            for line in self._lines.values():
                line.closed(None, now)
        elif route.physical in self._lines:
            self._lines[route.physical].closed(route, now)

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""
        return min((at for line in self._lines.values() if (at := line.next_timeout()) is not None), default=None)

    def handle_timeout(self, now: float) -> list[Unit]:
        """Forget what does not go on; what is to be sent again."""
        return [unit for line in self._lines.values() for unit in line.handle_timeout(now)]

    def _line(self, physical: int | None) -> MeterLine | None:
        if physical is None and len(self._makers) == 1:
            physical = next(iter(self._makers))
        if physical is None or physical not in self._makers:
            return None
        if physical not in self._lines:
            self._lines[physical] = self._makers[physical]()
        return self._lines[physical]
