"""The rows of a meter's profiles, computed when they are read: no meter stores a single one.

A row belongs to each end of a period that the meter's own clock has passed since it was installed (or the profile was
last reset): quarters and hours by the clock's UTC, days and months by its local time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from anymeter.cosem.classes.clock import Clock
from anymeter.simulator.zone import DAY, month_at, month_begin

MONTHS: Final = 0
"""The period of a profile that closes with the months of the calendar."""


class History:
    """A source of rows for a Profile generic.

    *period* in seconds, :data:`MONTHS` for months; *columns* give the captured values at an instant; *most* entries are
    kept; *since* is when the first period begins. *begins* is by how many seconds days and months begin after midnight
    (the gas day).
    """

    __slots__ = ("begins", "clock", "columns", "most", "period", "since")

    def __init__(
        self,
        clock: Clock,
        period: int,
        columns: Sequence[Callable[[float], Any]],
        most: int,
        since: float,
        begins: int = 0,
    ) -> None:
        self.clock, self.period, self.columns, self.most = clock, period, tuple(columns), most
        self.since, self.begins = since, begins

    def entries(self, now: float) -> int:
        """How many entries there are."""
        return max(0, min(self.most, self._passed(now) - self._passed(self.since)))

    def between(self, start: float | None, end: float | None, now: float) -> tuple[int, int]:
        """The first and last entry from *start* to *end*, both included; with none, the last is before the first."""
        count, last = self.entries(now), self._passed(now)
        before = last - count
        first = 1
        if start is not None:
            number = self._passed(start)
            first = max(1, number - before + (self._ended(number) < start))
        final = count if end is None else min(count, self._passed(end) - before)
        return first, final

    def read(self, first: int, last: int, now: float) -> list[tuple[Any, ...]]:
        """The entries from *first* to *last*, counted from 1, the oldest."""
        before = self._passed(now) - self.entries(now)
        columns = self.columns
        moments = [self._ended(before + entry) for entry in range(first, last + 1)]
        return [tuple([column(moment) for column in columns]) for moment in moments]

    def reset(self, now: float) -> None:
        """Forget what was before."""
        self.since = now

    def capture(self, now: float) -> None:
        """Entries come with the periods alone."""

    def _passed(self, now: float) -> int:
        """The number of the last period that ended until *now*."""
        if self.period == MONTHS:
            return month_at(self.clock.local(now) - self.begins)
        if self.period % DAY == 0:
            return int((self.clock.local(now) - self.begins) // self.period)
        return int(self.clock.utc(now) // self.period)

    def _ended(self, number: int) -> float:
        """When the period of this number ended."""
        if self.period == MONTHS:
            return self.clock.at_local(month_begin(number) + self.begins)
        if self.period % DAY == 0:
            return self.clock.at_local(number * self.period + self.begins)
        return self.clock.at(number * self.period)
