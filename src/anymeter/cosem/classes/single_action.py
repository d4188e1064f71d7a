"""Single action schedule: one script at certain times. Class 22.

Source: EN 13757-1:2014, 6.4, Annex B; DLMS UA 1000-1 Ed. 16, Part 2, 4.5.7.
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem.classes.parts import blue_book, declined
from anymeter.cosem.classes.scripts import REFERENCE
from anymeter.cosem.model import InterfaceClass, attribute, writes
from anymeter.cosem.recurrence import Pattern, Watermark, pattern_of
from anymeter.cosem.schema import ENUM, array, octets, structure
from anymeter.obis import Obis

TYPES: Final = {
    1: "one time, wildcards in the date",
    2: "the same time on several dates, no wildcards",
    3: "the same time on several dates, wildcards in the dates",
    4: "several times and dates, no wildcards",
    5: "several times and dates, wildcards in the dates",
}
_WILD: Final = frozenset((1, 3, 5))
_SAME_TIME: Final = frozenset((2, 3))
_MOST_TIMES: Final = 1000


class SingleActionSchedule(InterfaceClass, class_id=22, clause=blue_book("4.5.7")):
    """Single action schedule: executes a script once, at several times, or again and again."""

    run_order = 2

    executed_script = attribute(2, REFERENCE)
    type = attribute(3, ENUM, default=1, words=TYPES)
    execution_time = attribute(4, array(structure(time=octets(4), date=octets(5))))

    def set_up(self) -> None:
        """*runs_missed*: whether a time that the clock jumps over is made up for, once."""
        self.watermark = Watermark()
        self.runs_missed = True

    def put(self, number: int, value: Any, now: float) -> None:
        """Change the value of an attribute: what is past is past, also by the new times."""
        if self.watermark.until is not None:
            self.run(now)
        super().put(number, value, now)

    @writes(type)
    def _set_type(self, value: int, now: float) -> None:
        if value not in TYPES:
            raise declined(self, f"type {value}")
        self.put(3, value, now)

    @writes(execution_time)
    def _set_execution_time(self, value: list[tuple[bytes, bytes]], now: float) -> None:
        """Times as the type of the schedule allows them; no time at all is always allowed."""
        kind = self.type
        wild = any(pattern.recurs for pattern in self._patterns(value))
        if (
            (wild and kind not in _WILD)
            or (kind == 1 and len(value) > 1)
            or (kind in _SAME_TIME and len({time for time, _ in value}) > 1)
            or len(value) > _MOST_TIMES
        ):
            raise declined(self, f"execution_time is not of type {kind}: {TYPES.get(kind, 'unknown')}")
        self.put(4, value, now)

    # --- time ---

    def started(self, now: float) -> None:
        """Begin at *now*."""
        self.watermark.begin(self._clock, now)

    def next_due(self) -> float | None:
        """When the script is due next."""
        return self.watermark.due(self._clock, self._first_after)

    def run(self, now: float) -> None:
        """Execute the script where it is due, once however many times fall together."""
        after, until = self.watermark.reach(self._clock, now)
        if self.device is not None and self._hit(after, until):
            name, selector = self.executed_script
            self.device.execute(Obis(name), selector, now)

    def clock_changed(self, old: float, new: float, now: float) -> None:
        """Set forward, catch up; set back, do nothing again."""
        if new < old:
            self.watermark.set_back(self._clock, old - new, now)
        else:
            self.catch_up(now)

    def catch_up(self, now: float) -> None:
        """Execute the script once where its time has been missed up to *now* (clock set forward, power back)."""
        if self.runs_missed:
            self.run(now)
        else:
            self.watermark.reach(self._clock, now)

    @property
    def _clock(self) -> Any:
        return None if self.device is None else self.device.clock

    def _patterns(self, times: list[tuple[bytes, bytes]]) -> list[Pattern]:
        return [pattern_of(date, time, self._clock) for time, date in times]

    def _first_after(self, after: int) -> int | None:
        found = (pattern.first_after(after) for pattern in self._patterns(self.execution_time))
        return min((at for at in found if at is not None), default=None)

    def _hit(self, after: int, until: int) -> bool:
        patterns = self._patterns(self.execution_time)
        return any(pattern.last_until(until, after) is not None for pattern in patterns)
