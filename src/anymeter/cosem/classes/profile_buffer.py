"""The buffer of a Profile generic object: a ring by time, or a ranking by value; rows are kept encoded.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.3.6 (Profile generic, sort_method).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any, Final

FIFO, LIFO, LARGEST, SMALLEST, NEAREST_TO_ZERO, FAREST_FROM_ZERO = range(1, 7)
"""sort_method."""

SORT_METHODS: Final = {
    FIFO: "fifo (first in, first out)",
    LIFO: "lifo (last in, first out)",
    LARGEST: "largest",
    SMALLEST: "smallest",
    NEAREST_TO_ZERO: "nearest to zero",
    FAREST_FROM_ZERO: "farest from zero",
}

_SLACK: Final = 1024


class Buffer:
    """At most *capacity* encoded rows, each with the clock's UTC at which it was captured, in order of *sort_method*.

    Entries are counted from 1. With FIFO the oldest comes first, with LIFO the newest; the others keep the best by the
    key of a row, which comes first; of equal ones the older.
    """

    def __init__(self, capacity: int, sort_method: int = FIFO) -> None:
        self.capacity, self.sort_method = capacity, sort_method
        self._rows: list[bytes] = []
        self._times: list[float] = []
        self._keys: list[Any] = []
        self._start = 0
        self._in_order = True

    def __len__(self) -> int:
        return len(self._rows) - self._start

    def add(self, row: bytes, utc: float, key: Any = None) -> None:
        """Take in a row; when full, the oldest or the worst goes."""
        if not self.capacity:
            return
        if self.sort_method > LIFO:
            self._rank(row, utc, key)
            return
        if self._in_order and self._times and utc < self._times[-1]:
            self._in_order = False
        self._rows.append(row)
        self._times.append(utc)
        if len(self) > self.capacity:
            self._start += 1
            if self._start >= _SLACK:
                self._trim()

    def drop(self, utc: float) -> None:
        """Forget the rows that were captured at this instant."""
        self._trim()
        keep = [i for i, time in enumerate(self._times) if time != utc]
        if len(keep) < len(self._times):
            self._rows = [self._rows[i] for i in keep]
            self._times = [self._times[i] for i in keep]

    def clear(self) -> None:
        """Forget everything."""
        self.__init__(self.capacity, self.sort_method)  # type: ignore[misc]

    def rows(self, first: int = 1, last: int | None = None) -> list[bytes]:
        """The entries *first* to *last*, both included, as far as they exist."""
        count = len(self)
        last = count if last is None else min(last, count)
        first = max(first, 1)
        if last < first:
            return []
        if self.sort_method == LIFO:
            return self._rows[self._start + count - last : self._start + count - first + 1][::-1]
        return self._rows[self._start + first - 1 : self._start + last]

    def captured(self, start: float | None, end: float | None) -> list[bytes]:
        """The entries captured from *start* to *end*, both included, None for no limit."""
        if self._in_order and self.sort_method <= LIFO:
            low = self._start if start is None else bisect_left(self._times, start, self._start)
            high = len(self._times) if end is None else bisect_right(self._times, end, self._start)
            found = self._rows[low:high]
        else:
            found = [
                row
                for row, time in zip(self._rows[self._start :], self._times[self._start :], strict=True)
                if (start is None or start <= time) and (end is None or time <= end)
            ]
        return found[::-1] if self.sort_method == LIFO else found

    def _rank(self, row: bytes, utc: float, key: Any) -> None:
        rank = self._rank_of(key)
        place = bisect_right(self._keys, rank)
        if place >= self.capacity:
            return
        self._keys.insert(place, rank)
        self._rows.insert(place, row)
        self._times.insert(place, utc)
        for values in (self._keys, self._rows, self._times):
            del values[self.capacity :]

    def _rank_of(self, key: Any) -> tuple[bool, Any]:
        """What sorts a key into its place; no key comes last."""
        if key is None:
            return (True, 0)
        if self.sort_method in (NEAREST_TO_ZERO, FAREST_FROM_ZERO):
            key = abs(key)
        return (False, key if self.sort_method in (SMALLEST, NEAREST_TO_ZERO) else -key)

    def _trim(self) -> None:
        del self._rows[: self._start]
        del self._times[: self._start]
        self._start = 0
