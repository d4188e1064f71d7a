"""Schedule and Special days table: scripts at times of the day, on weekdays and on special days. Classes 10, 11.

Source: EN 13757-1:2014, 6.4, Annex B (B.51, B.58, B.64); DLMS UA 1000-1 Ed. 16, Part 2, 4.5.3, 4.5.4.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import msgspec

from anymeter.cosem.classes.parts import LN, blue_book, declined
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.recurrence import DAY, Watermark, calendar_day, matches, times_of
from anymeter.cosem.schema import BIT_STRING, BOOLEAN, LONG_UNSIGNED, UNSIGNED, array, octets, structure
from anymeter.cosem.surroundings import Surroundings
from anymeter.cosem.values import BitString
from anymeter.obis import Obis

ANY_AGE: Final = 65_535
"""validity_window: however long ago, the entry is executed."""
_HORIZON: Final = 4 * 366 + 1
"""Days to look ahead and back: 29 February is seen."""
_MOST_ENTRIES: Final = 1000
_BY_DAYS: Final = (10, 20)

Entry: TypeAlias = tuple[int, bool, bytes, int, bytes, int, BitString, BitString, bytes, bytes]


class SpecialDaysTable(InterfaceClass, class_id=11, methods_at=0x10, clause=blue_book("4.5.4")):
    """Special days table: days on which a schedule or an activity calendar goes by other rules."""

    entries = attribute(2, array(structure(index=LONG_UNSIGNED, specialday_date=octets(5), day_id=UNSIGNED)))

    def put(self, number: int, value: Any, now: float) -> None:
        """Change the value of an attribute; what goes by special days executes before what is due by the old ones."""
        by_days = [o for o in self.device.everything() if o.class_id in _BY_DAYS] if self.device is not None else []
        for obj in by_days:
            obj.settle(now)
        super().put(number, value, now)
        for obj in by_days:
            obj.device.touched(obj)

    @method(1, structure(index=LONG_UNSIGNED, specialday_date=octets(5), day_id=UNSIGNED))
    def insert(self, data: tuple[int, bytes, int], now: float) -> None:
        """Insert an entry, in place of the one with this index."""
        self.put(2, _with(self, self.entries, data), now)

    @method(2, LONG_UNSIGNED)
    def delete(self, data: int, now: float) -> None:
        """Delete the entry with this index."""
        kept = [entry for entry in self.entries if entry[0] != data]
        if len(kept) == len(self.entries):
            raise declined(self, f"has no entry {data}")
        self.put(2, kept, now)

    def day_id(self, day: int) -> int | None:
        """The day_id of a day counted from 1970-01-01; None for an ordinary day. The lowest index decides."""
        return next((day_id for _, date, day_id in self.entries if matches(date, day)), None)


def special_days(device: Surroundings | None, name: Obis) -> SpecialDaysTable | None:
    """The Special days table that belongs to the object of this *name*: the one with the same B and E, else the first.

    Nothing in the objects says which one; this is the habit.
    """
    tables = [o for o in device.everything() if isinstance(o, SpecialDaysTable)] if device is not None else []
    same = [t for t in tables if (t.logical_name[1], t.logical_name[4]) == (name[1], name[4])]
    return next(iter(same or tables), None)


class _Due(msgspec.Struct, frozen=True, order=True):
    at: int
    index: int
    script: tuple[bytes, int]


class Schedule(InterfaceClass, class_id=10, methods_at=0x20, clause=blue_book("4.5.3")):
    """Schedule: executes scripts at a time of the day on days of the week, and on special days.

    Entries due at the same time are executed by their index, so the last one has the last word. What the clock jumps
    over is executed when it lies within its validity_window, of one script the latest.
    """

    run_order = 1

    entries = attribute(
        2,
        array(
            structure(
                index=LONG_UNSIGNED,
                enable=BOOLEAN,
                script_logical_name=LN,
                script_selector=LONG_UNSIGNED,
                switch_time=octets(4),
                validity_window=LONG_UNSIGNED,
                exec_weekdays=BIT_STRING,
                exec_specdays=BIT_STRING,
                begin_date=octets(5),
                end_date=octets(5),
            )
        ),
    )

    def set_up(self) -> None:
        """*first_special_day*: the day_id that the first bit of exec_specdays stands for."""
        self.watermark = Watermark()
        self.first_special_day = 0
        self._known: dict[int, tuple[int, int | None]] = {}
        self._of: tuple[Any, Any, int] = (None, None, 0)

    def put(self, number: int, value: Any, now: float) -> None:
        """Change the value of an attribute: what is past is past, also by the new entries."""
        self.settle(now)
        super().put(number, value, now)

    def settle(self, now: float) -> None:
        """Execute what is due until *now*, where the device has begun to run."""
        if self.watermark.until is not None:
            self.run(now)

    # --- what clients do ---

    @method(
        1,
        structure(
            firstIndexA=LONG_UNSIGNED, lastIndexA=LONG_UNSIGNED, firstIndexB=LONG_UNSIGNED, lastIndexB=LONG_UNSIGNED
        ),
    )
    def enable_disable(self, data: tuple[int, int, int, int], now: float) -> None:
        """Disable the entries from firstIndexA to lastIndexA, then enable those from firstIndexB to lastIndexB."""
        first_off, last_off, first_on, last_on = data

        def enabled(entry: Entry) -> bool:
            if first_on <= entry[0] <= last_on:
                return True
            return entry[1] and not first_off <= entry[0] <= last_off

        self.put(2, [(entry[0], enabled(entry), *entry[2:]) for entry in self.entries], now)

    @method(2, entries.schema.parts[0])
    def insert(self, data: Entry, now: float) -> None:
        """Insert an entry, in place of the one with this index."""
        self.put(2, _with(self, self.entries, data), now)

    @method(3, structure(firstIndex=LONG_UNSIGNED, lastIndex=LONG_UNSIGNED))
    def delete(self, data: tuple[int, int], now: float) -> None:
        """Delete the entries from firstIndex to lastIndex."""
        first, last = data
        self.put(2, [entry for entry in self.entries if not first <= entry[0] <= last], now)

    # --- time ---

    def started(self, now: float) -> None:
        """Begin at *now*."""
        self.watermark.begin(self._clock, now)

    def next_due(self) -> float | None:
        """When the next entry is due."""
        return self.watermark.due(self._clock, self._first_after)

    def run(self, now: float) -> None:
        """Execute the entries that are due, in order of their time, then of their index."""
        after, until = self.watermark.reach(self._clock, now)
        table = self._special_days()
        due = [found for entry in self.entries for found in self._between(entry, table, after, until)]
        self._execute(due, now)

    def clock_changed(self, old: float, new: float, now: float) -> None:
        """Set forward, catch up; set back, do nothing again."""
        if new < old:
            self.watermark.set_back(self._clock, old - new, now)
        else:
            self.catch_up(now)

    def catch_up(self, now: float) -> None:
        """Execute what has been missed up to *now* (clock set forward, power back) and is still valid."""
        after, until = self.watermark.reach(self._clock, now)
        table, latest = self._special_days(), dict[tuple[bytes, int], _Due]()
        for entry in self.entries:
            found = self._last_until(entry, table, until, after)
            if found is None or (entry[5] != ANY_AGE and until - found.at > 60 * entry[5]):
                continue
            latest[found.script] = max(found, latest.get(found.script, found))
        self._execute(list(latest.values()), now)

    def _execute(self, due: list[_Due], now: float) -> None:
        for one in sorted(due):
            if self.device is not None:
                self.device.execute(Obis(one.script[0]), one.script[1], now)

    # --- finding entries ---

    @property
    def _clock(self) -> Any:
        return None if self.device is None else self.device.clock

    def _special_days(self) -> SpecialDaysTable | None:
        return special_days(self.device, self.logical_name)

    def _first_after(self, after: int) -> int | None:
        """When the first of all entries is due; what is known of an entry is kept until the entries change."""
        table = self._special_days()
        of = (self.entries, table and table.entries, self.first_special_day)
        if of[0] is not self._of[0] or of[1] is not self._of[1] or of[2] != self._of[2]:
            self._of, self._known = of, {}
        dues = []
        for place, entry in enumerate(self.entries):
            since, found = self._known.get(place, (after + 1, None))
            if since > after or (found is not None and found <= after):
                found = self._next(entry, table, after)
                self._known[place] = (after, found)
            if found is not None:
                dues.append(found)
        return min(dues, default=None)

    def _next(self, entry: Entry, table: SpecialDaysTable | None, after: int) -> int | None:
        times = times_of(entry[4]) if entry[1] else ()
        if not times:
            return None
        first = max(after // DAY, _begins(entry[8]))
        for day in range(first, first + _HORIZON):
            if self._runs_on(entry, table, day):
                found = next((day * DAY + t for t in times if day * DAY + t > after), None)
                if found is not None:
                    return found
        return None

    def _between(self, entry: Entry, table: SpecialDaysTable | None, after: int, until: int) -> list[_Due]:
        """The latest time of an entry after one local time and not after the other."""
        found = self._last_until(entry, table, until, after)
        return [] if found is None else [found]

    def _last_until(self, entry: Entry, table: SpecialDaysTable | None, until: int, after: int) -> _Due | None:
        times = times_of(entry[4]) if entry[1] else ()
        if not times:
            return None
        for day in range(until // DAY, max(after // DAY, until // DAY - _HORIZON) - 1, -1):
            if self._runs_on(entry, table, day):
                at = next((day * DAY + t for t in reversed(times) if day * DAY + t <= until), None)
                if at is not None:
                    return _Due(at, entry[0], (entry[2], entry[3])) if at > after else None
        return None

    def _runs_on(self, entry: Entry, table: SpecialDaysTable | None, day: int) -> bool:
        if not within(entry[8], entry[9], day):
            return False
        day_id = None if table is None else table.day_id(day)
        if day_id is None:
            return _bit(entry[6], calendar_day(day)[3] - 1)
        return _bit(entry[7], day_id - self.first_special_day)


def within(begin: bytes, end: bytes, day: int) -> bool:
    """Whether a day lies from *begin* to *end*, dates of five octets with wildcards.

    What is not specified is not compared; without a year the range returns, also over the turn of the year.

    >>> from anymeter.cosem.recurrence import day_number
    >>> winter = bytes.fromhex("FFFF 0A 01 FF"), bytes.fromhex("FFFF 03 1F FF")
    >>> [within(*winter, day_number(2026, month, 1)) for month in (9, 10, 1, 4)]
    [False, True, True, False]
    """
    year, month, date, _ = calendar_day(day)
    low = _specified(begin, (year, month, date))
    high = _specified(end, (year, month, date))
    late = low is None or low[0] >= low[1]
    early = high is None or high[0] <= high[1]
    if low is not None and high is not None and begin[:2] == end[:2] == b"\xff\xff" and low[1] > high[1]:
        return late or early
    return late and early


def _specified(date: bytes, shown: tuple[int, int, int]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The parts of a day that a date specifies, beside those of the date itself; None where it specifies none."""
    year = int.from_bytes(date[:2], "big")
    parts = [
        (own, wanted)
        for own, wanted, any_ in zip(shown, (year, date[2], date[3]), (0xFFFF, 0xFF, 0xFF), strict=True)
        if wanted != any_
    ]
    return (tuple(own for own, _ in parts), tuple(wanted for _, wanted in parts)) if parts else None


def _begins(date: bytes) -> int:
    """The first day on which an entry may run, as far as it is given by a whole date."""
    year = int.from_bytes(date[:2], "big")
    return (year - 1970) * 365 - 1 if 1970 < year < 9000 else 0


def _bit(bits: BitString, index: int) -> bool:
    return 0 <= index < len(bits) and bits[index]


def _with(table: InterfaceClass, entries: list[Any], new: Any) -> list[Any]:
    kept = [entry for entry in entries if entry[0] != new[0]]
    if len(kept) >= _MOST_ENTRIES:
        raise declined(table, f"takes {_MOST_ENTRIES} entries")
    return sorted([*kept, new], key=lambda entry: entry[0])
