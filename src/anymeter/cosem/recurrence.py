"""Dates and times with wildcards: when they are next, when they last were, and until when has been executed.

All of it is told in *local* seconds, counted from 1970-01-01 as the clock of the device shows them; so a schedule goes
by that clock. Where the clock is set forward, or daylight saving begins, what was left out is due at once; where it is
set back, or daylight saving ends, a :class:`Watermark` keeps what has been executed from being executed again.
Source: EN 13757-1:2014, Annex B (B.10, B.51, B.64); DLMS UA 1000-1 Ed. 16, Part 2, 4.1.6 (date and time formats).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

import msgspec

from anymeter.cosem.datetimes import DST_BEGIN, DST_END, DateTime, days_in_month
from anymeter.cosem.surroundings import LocalTime

DAY: Final = 86_400
REARM_AFTER: Final = 7 * DAY
"""A clock that is set back by more than this was wrong: what it has executed is forgotten."""

_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_LAST_DAY: Final = dt.date(9999, 12, 31).toordinal() - _EPOCH
_ANY: Final = 0xFF
_ANY_DATE: Final = b"\xff" * 5
_ANY_YEAR: Final = 0xFFFF
_HORIZON: Final = 41
"""Years to look ahead: 29 February falls on a certain weekday every 28, sometimes 40 years."""
_WIDEST_GAP: Final = 3 * 3600


def calendar_day(day: int) -> tuple[int, int, int, int]:
    """Year, month, day and weekday (1 for Monday) of a day counted from 1970-01-01.

    >>> calendar_day(20781)
    (2026, 11, 24, 2)
    """
    date = dt.date.fromordinal(day + _EPOCH)
    return date.year, date.month, date.day, date.isoweekday()


def day_number(year: int, month: int, day: int) -> int:
    """The number of a calendar day, counted from 1970-01-01."""
    return dt.date(year, month, day).toordinal() - _EPOCH


def _weekday(day: int) -> int:
    return (day + 3) % 7 + 1


@lru_cache(maxsize=4096)
def days_of(date: bytes, year: int, month: int) -> tuple[int, ...]:
    """The days of one month, counted from 1970-01-01, that a date of five octets with wildcards names.

    Day 0xFE is the last of the month, 0xFD the one before; with a weekday the last, or second last, of those. Any
    other day with a weekday is that weekday on the day or next after it, unless the year is given too: then the
    weekday is not asked for.

    >>> [calendar_day(day)[:3] for day in days_of(bytes.fromhex("FFFF 03 FE 07"), 2026, 3)]
    [(2026, 3, 29)]
    """
    own, wanted, day, weekday = int.from_bytes(date[:2], "big"), date[2], date[3], date[4]
    if own not in (_ANY_YEAR, year) or wanted not in (_ANY, month) or not (weekday == _ANY or 1 <= weekday <= 7):
        return ()
    first, length = day_number(year, month, 1), days_in_month(year, month)
    if day == _ANY:
        return tuple(d for d in range(first, first + length) if weekday in (_ANY, _weekday(d)))
    if day in (0xFE, 0xFD):
        last, before = first + length - 1, day == 0xFD
        if weekday == _ANY:
            return (last - before,)
        return (last - (_weekday(last) - weekday) % 7 - 7 * before,)
    if not 1 <= day <= length:
        return ()
    found = first + day - 1
    if weekday != _ANY and not (own == year and wanted == month):
        found += (weekday - _weekday(found)) % 7
    return (found,)


@lru_cache(maxsize=1024)
def times_of(time: bytes) -> tuple[int, ...]:
    """The seconds of a day that a time of four octets with wildcards names.

    A second that is not specified is 0, an hour or a minute is every one; a time of which nothing is specified, or
    that does not exist, is none.

    >>> times_of(bytes.fromhex("06 1E FF FF")), len(times_of(bytes.fromhex("FF 0F 00 00")))
    ((23400,), 24)
    """
    hour, minute, second = time[0], time[1], time[2]
    if hour == minute == second == _ANY:
        return ()
    hours = range(24) if hour == _ANY else range(hour, min(hour + 1, 24))
    minutes = range(60) if minute == _ANY else range(minute, min(minute + 1, 60))
    at = 0 if second == _ANY else second
    return tuple(h * 3600 + m * 60 + at for h in hours for m in minutes) if at < 60 else ()


def matches(date: bytes, day: int) -> bool:
    """Whether a date with wildcards names a *day*."""
    year, month, _, _ = calendar_day(day)
    near = [days_of(date, year, month)]
    if date[4] != _ANY and 25 < date[3] < 0xFD:  # the weekday next after may lie in the next month
        near.append(days_of(date, *((year - 1, 12) if month == 1 else (year, month - 1))))
    return any(day in days for days in near)


class Pattern(msgspec.Struct, frozen=True):
    """When something recurs: a date of five octets and a time of four, both with wildcards.

    >>> noon = Pattern(bytes.fromhex("FFFF FF FF FF"), bytes.fromhex("0C 00 00 00"))
    >>> noon.first_after(0), noon.first_after(43200), noon.last_until(129599, 0)
    (43200, 129600, 43200)
    """

    date: bytes
    time: bytes

    @property
    def recurs(self) -> bool:
        """Whether the date has wildcards."""
        return self.date[:2] == b"\xff\xff" or self.date[2] > 12 or self.date[3] > 31

    def first_after(self, local: int) -> int | None:
        """The first time after *local*; None when there is none."""
        times = times_of(self.time)
        if not times:
            return None
        day, second = divmod(local, DAY)
        if second < times[-1] and matches(self.date, day):
            return day * DAY + times[bisect_right(times, second)]
        found = next((d for d in self._days(day + 1) if d > day), None)
        return None if found is None else found * DAY + times[0]

    def last_until(self, local: int, after: int) -> int | None:
        """The last time after *after* and not after *local*; None when there is none."""
        times = times_of(self.time)
        if not times or local <= after:
            return None
        day, second = divmod(local, DAY)
        if times[0] <= second and matches(self.date, day):
            found = day * DAY + times[bisect_right(times, second) - 1]
        else:
            before = next((d for d in self._days_back(day - 1, after // DAY) if d < day), None)
            if before is None:
                return None
            found = before * DAY + times[-1]
        return found if found > after else None

    def _days(self, day: int) -> Iterator[int]:
        """The days from the month before that of *day* on, in order as far as wanted."""
        year, month, _, _ = calendar_day(max(min(day, _LAST_DAY), 31) - 31)
        fixed = int.from_bytes(self.date[:2], "big")
        if fixed != _ANY_YEAR and fixed > year:
            year, month = fixed, 1
        for _ in range(_HORIZON * 12):
            if not 1 <= year <= 9998 or year > fixed:
                return
            yield from (d for d in days_of(self.date, year, month) if d >= day)
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)

    def _days_back(self, day: int, until: int) -> Iterator[int]:
        year, month, _, _ = calendar_day(day)
        until = max(until, day - _HORIZON * 366)
        while year >= 1970 and day_number(year, month, 1) + 40 > until:
            yield from (d for d in reversed(days_of(self.date, year, month)) if d <= day)
            year, month = (year - 1, 12) if month == 1 else (year, month - 1)


def pattern_of(date: bytes, time: bytes, clock: object) -> Pattern:
    """The pattern of a date and a time; months that stand for daylight saving are those of the *clock*.

    A clock that has no daylight saving names no such day.
    """
    special = {DST_BEGIN: "daylight_savings_begin", DST_END: "daylight_savings_end"}.get(date[2])
    if special is not None:
        rule: bytes = getattr(clock, special, b"")[:5] or _ANY_DATE
        if rule[2] > 12:
            return Pattern(date, b"\xff" * 4)
        date = (date[:2] if date[:2] != b"\xff\xff" else rule[:2]) + rule[2:]
    return Pattern(date, time)


# --- the clock ---


def local_seconds(clock: LocalTime | None, now: float) -> int:
    """What the clock shows at *now*; without a clock, *now* itself."""
    if clock is None:
        return int(now // 1)
    raw = clock.date_time(now).octets
    day = day_number(raw[0] << 8 | raw[1], raw[2], raw[3])
    return day * DAY + raw[5] * 3600 + raw[6] * 60 + raw[7]


def instant_of(clock: LocalTime | None, local: int) -> float | None:
    """The first *now* at which the clock shows *local* or, where daylight saving leaves that out, what comes after."""
    if clock is None:
        return local
    found = clock.instant(moment_of(local))
    if found is None or local_seconds(clock, found) == local:
        return found
    early, late = 0, _WIDEST_GAP
    while early < late:  # the clock jumps over *local*: find the end of the gap, to a second
        middle = (early + late) // 2
        if local_seconds(clock, found - _WIDEST_GAP + middle) >= local:
            late = middle
        else:
            early = middle + 1
    return found - _WIDEST_GAP + early


def moment_of(local: int) -> DateTime:
    """The date-time that shows *local* seconds, without weekday, deviation and status."""
    day, second = divmod(local, DAY)
    year, month, date, _ = calendar_day(day)
    return DateTime.of(year, month, date, None, second // 3600, second // 60 % 60, second % 60, 0)


class Watermark:
    """Until when, in local seconds, has been executed: nothing is executed twice, whatever the clock does.

    *until* is None before the device runs. A clock set back by more than *rearm_after* seconds begins anew.
    """

    def __init__(self, rearm_after: int = REARM_AFTER) -> None:
        self.until: int | None = None
        self.rearm_after = rearm_after
        self._ahead: int | None = None

    def begin(self, clock: LocalTime | None, now: float) -> None:
        """Begin at *now*; what is due at this very second is still to be executed."""
        if self.until is None:
            self.until = local_seconds(clock, now) - 1

    def due(self, clock: LocalTime | None, first_after: Callable[[int], int | None]) -> float | None:
        """When the first of what comes after the watermark is due."""
        if self.until is None:
            return None
        self._ahead = first_after(self.until)
        return None if self._ahead is None else instant_of(clock, self._ahead)

    def reach(self, clock: LocalTime | None, now: float) -> tuple[int, int]:
        """Move on to *now*: what lies after the first and not after the second is to be executed now."""
        after = local_seconds(clock, now) - 1 if self.until is None else self.until
        local = local_seconds(clock, now)
        if self._ahead is not None and local < self._ahead <= local + 1:  # a clock that drifts rounds
            local = self._ahead
        self.until = max(after, local)
        return after, self.until

    def set_back(self, clock: LocalTime | None, by: float, now: float) -> bool:
        """The clock was set back *by* so many seconds; whether it is so much that execution begins anew."""
        local = local_seconds(clock, now)
        known = local if self.until is None else self.until
        if by > self.rearm_after:
            self.until = local
            return True
        self.until = max(known, local + int(by))
        return False
