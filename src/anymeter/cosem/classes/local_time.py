"""Local time by the rules of a Clock object: time zone and daylight saving, by arithmetic alone.

Instants are seconds since 1970-01-01T00:00Z; *local* seconds count the same way from what the clock on the wall shows.
Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.1.6 (date and time formats) and 4.5.1 (Clock).
"""

from __future__ import annotations

import datetime as dt
import math
import struct
from functools import lru_cache
from typing import Final

from anymeter.cosem.datetimes import DateTime, days_in_month
from anymeter.errors import LocalError

DAY: Final = 86_400
SAVING: Final = 0x80
"""Clock status: daylight saving is active."""
LATEST: Final = 7_258_118_400
"""2200-01-01T00:00Z: no clock here goes on for longer."""

_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_ANY: Final = 0xFF
_LAST_DAY, _SECOND_LAST_DAY = 0xFE, 0xFD
_DATE: Final = struct.Struct(">HBBB")
_TIME: Final = struct.Struct(">BBBBhB")
_NOT_SPECIFIED: Final = -0x8000
_MOST_YEARS: Final = 64


def day_of(year: int, month: int, day: int) -> int:
    """The number of a calendar day, counted from 1970-01-01; ValueError where there is no such day."""
    return dt.date(year, month, day).toordinal() - _EPOCH


@lru_cache(maxsize=4096)
def date_octets(day: int) -> bytes:
    """The five octets of a calendar day, with its weekday.

    >>> date_octets(20781).hex()
    '07ea0b1802'
    """
    date = dt.date.fromordinal(day + _EPOCH)
    return _DATE.pack(date.year, date.month, date.day, date.isoweekday())


def local_of(moment: DateTime) -> int:
    """The local seconds of a complete date-time, hundredths left out; :class:`LocalError` when it is not complete."""
    if not moment.complete:
        raise LocalError(f"not one moment of the calendar: {moment.iso()}")
    raw = moment.octets
    day = day_of(raw[0] << 8 | raw[1], raw[2], raw[3])
    return day * DAY + raw[5] * 3600 + raw[6] * 60 + raw[7]


def date_time_of(local: int, hundredths: int, deviation: int, status: int) -> DateTime:
    """The date-time that shows *local* seconds; *deviation* as it stands on the wire."""
    day, second = divmod(local, DAY)
    time = _TIME.pack(second // 3600, second // 60 % 60, second % 60, hundredths, deviation, status)
    return DateTime(date_octets(day) + time)


def rule_day(year: int, rule: DateTime) -> int | None:
    """The calendar day that a date with wildcards names in *year*; None where it names none, or more than one.

    Day 0xFE is the last of the month and 0xFD the one before, with a weekday the last and second last of those; any
    other day with a weekday, in no certain year, is that weekday on the day or next after it.

    >>> rule_day(2026, DateTime.of(None, 3, 0xFE, 7)) == day_of(2026, 3, 29)
    True
    """
    raw = rule.octets
    own, month, day, weekday = raw[0] << 8 | raw[1], raw[2], raw[3], raw[4]
    if own not in (0xFFFF, year) or not 1 <= month <= 12:
        return None
    days = days_in_month(year, month)
    if day in (_LAST_DAY, _SECOND_LAST_DAY):
        last = day_of(year, month, days)
        before = day == _SECOND_LAST_DAY
        if weekday == _ANY:
            return last - before
        return last - (_weekday(last) - weekday) % 7 - 7 * before if 1 <= weekday <= 7 else None
    if not 1 <= day <= days:
        return None
    found = day_of(year, month, day)
    if weekday != _ANY and own == 0xFFFF:
        found += (weekday - _weekday(found)) % 7
    return found


def _weekday(day: int) -> int:
    """1 for Monday to 7 for Sunday."""
    return (day + 3) % 7 + 1


class Zone:
    """A time zone with its daylight saving.

    *normal* is local normal time minus UTC in seconds, *saving* what daylight saving adds to it. *begin* and *end* are
    date-times with wildcards, *begin* in normal time and *end* in daylight saving time unless they carry a deviation,
    whose sign is *sign* (1: local + deviation = UTC).
    """

    def __init__(self, normal: int, saving: int, begin: bytes, end: bytes, sign: int = 1) -> None:
        self.normal, self.saving, self.sign = normal, saving, sign
        self._begin, self._end = DateTime(begin), DateTime(end)
        self._years: dict[int, list[tuple[int, bool]]] = {}
        fixed = not self._begin.specified and not self._end.specified
        self._known = (-math.inf, math.inf, (normal, False)) if fixed else (1.0, 0.0, (normal, False))

    def offset(self, utc: float) -> tuple[int, bool]:
        """Local time minus UTC in seconds at an instant, and whether daylight saving is active."""
        since, until, found = self._known
        if since <= utc < until:
            return found
        changes = self._changes(utc)
        passed = [change for change in changes if change[0] <= utc]
        ahead = [change[0] for change in changes if change[0] > utc]
        active = bool(passed) and passed[-1][1]
        found = (self.normal + self.saving if active else self.normal), active
        self._known = (passed[-1][0] if passed else int(utc)), (ahead[0] if ahead else int(utc) + 1), found
        return found

    def utc(self, local: float, saving: bool | None = None) -> float:
        """The instant at which the clock on the wall shows *local* seconds.

        In the doubled hour it is the first time, unless *saving* tells that daylight saving is over. What falls into
        the hour that is left out is taken as normal time.
        """
        early, late = local - self.normal - self.saving, local - self.normal
        if self.saving < 0:
            early, late = late, early
        shows = [at for at in (early, late) if at + self.offset(at)[0] == local]
        if not shows:
            return local - self.normal
        if saving is not None:
            shows = [at for at in shows if self.offset(at)[1] is saving] or shows
        return shows[0]

    def next_multiple(self, utc: float, period: int) -> int:
        """The first instant after *utc* at which local time is a multiple of *period* seconds.

        Periods that do not divide a day are counted from 1970. A multiple that local time leaves out comes when it
        goes on, one that it shows twice comes the first time only; unless daylight saving is a multiple of *period*
        itself: then multiples are one *period* apart on either day.
        """
        if DAY % period or (self.normal % period == 0 and self.saving % period == 0):
            return int(utc // period + 1) * period
        local = int((utc + self.offset(utc)[0]) // period + 1) * period
        while (found := int(self.utc(local))) <= utc:
            local += period
        return found

    def instant(self, moment: DateTime) -> float | None:
        """The instant of a date-time, None when it is not one; its deviation counts before the rules of the zone."""
        if not moment.complete:
            return None
        hundredths = moment.hundredths
        local: float = local_of(moment) + (hundredths / 100 if hundredths else 0)
        deviation = moment.deviation
        if deviation is not None:
            return local + deviation * 60 * self.sign
        status = moment.status
        return self.utc(local, None if status is None else bool(status & SAVING))

    def deviation(self, offset: int) -> int:
        """The deviation to send for an *offset* of local time."""
        return -offset // 60 * self.sign

    def _changes(self, utc: float) -> list[tuple[int, bool]]:
        """The changes around an instant, in order: when, and whether daylight saving begins."""
        year = dt.date.fromordinal(min(max(_EPOCH + int(utc // DAY), 1), dt.date.max.toordinal())).year
        if year not in self._years:
            if len(self._years) >= _MOST_YEARS:
                self._years.clear()
            fixed = {rule.year for rule in (self._begin, self._end)} - {None}
            years = sorted({year - 1, year, year + 1} | {y for y in fixed if y is not None})
            found = [change for y in years for change in self._in_year(y)]
            self._years[year] = sorted(found)
        return self._years[year]

    def _in_year(self, year: int) -> list[tuple[int, bool]]:
        changes = []
        for rule, begins in ((self._begin, True), (self._end, False)):
            at = _rule_instant(year, rule, self.normal if begins else self.normal + self.saving, self.sign)
            if at is not None:
                changes.append((at, begins))
        return changes


def _rule_instant(year: int, rule: DateTime, offset: int, sign: int) -> int | None:
    """When a rule applies in *year*; parts of its time that are not specified count as 0."""
    day = rule_day(year, rule) if 1 <= year <= 9999 else None
    if day is None:
        return None
    hour, minute, second = (0 if octet == _ANY else octet for octet in rule.octets[5:8])
    deviation = int.from_bytes(rule.octets[9:11], "big", signed=True)
    if deviation != _NOT_SPECIFIED:
        offset = -deviation * 60 * sign
    return day * DAY + hour * 3600 + minute * 60 + second - offset


@lru_cache(maxsize=256)
def zone(normal: int, saving: int, begin: bytes, end: bytes, sign: int) -> Zone:
    """The zone of these rules, made once: thousands of clocks share one."""
    return Zone(normal, saving, begin, end, sign)
