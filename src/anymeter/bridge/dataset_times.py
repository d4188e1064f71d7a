"""Time stamps in data sets: IEC 62056-21 meters and P1 telegrams write them as digits.

Source: DSMR P1 Companion Standard, TST; for the digit in front, practice of IEC 62056-21 load profiles.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from anymeter.cosem.datetimes import DateTime

_STAMP: Final = re.compile(rb"([0-2]?)((?:\d\d){5,6})|((?:\d\d){6})([SW])", re.ASCII)
_CALENDAR: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[&T ](\d\d):(\d\d)(?::(\d\d))?)?", re.ASCII)
_PACK: Final = struct.Struct(">HBBBBBBBhB").pack
_SHORTEST, _LONGEST = 10, 13
_SUMMER: Final = 0x80
_UNKNOWN: Final = 0xFF


def stamp(value: bytes, deviation: int | None = None) -> tuple[bool, DateTime | None]:
    """Whether *value* is a time stamp, and the moment it names (None when no calendar has it, as in an empty slot).

    ``YYMMDDhhmm[ss]``, with S or W after it (P1: daylight saving or not), or with 0, 1 or 2 before it (62056-21:
    normal time, daylight saving, UTC). The digits alone do not tell the time zone: the clock status keeps what is
    known, and the deviation stays unspecified unless *deviation* gives the one of normal time (CET: -60).

    >>> print(stamp(b"170702192002S")[1], stamp(b"170702192002S", -60)[1], stamp(b"1703100930")[1])
    2017-07-02T19:20:02 2017-07-02T19:20:02+02:00 2017-03-10T09:30
    >>> stamp(b"632525252525S"), stamp(b"00000123456")
    ((True, None), (False, None))
    """
    if not _SHORTEST <= len(value) <= _LONGEST or (m := _STAMP.fullmatch(value)) is None:
        return False, None
    season, digits, marked, mark = m.groups()
    digits = digits or marked
    rest, minute = divmod(int(digits), 100)
    second = _UNKNOWN
    if len(digits) == 12:
        second = minute
        rest, minute = divmod(rest, 100)
    rest, hour = divmod(rest, 100)
    rest, day = divmod(rest, 100)
    year, month = divmod(rest, 100)
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and (second < 60 or second == _UNKNOWN)):
        return mark is not None, None
    status = _status(season, mark)
    zone = _deviation(season, status, deviation)
    return True, DateTime(_PACK(2000 + year, month, day, _UNKNOWN, hour, minute, second, _UNKNOWN, zone, status))


def _status(season: bytes | None, mark: bytes | None) -> int:
    if mark is not None:
        return _SUMMER if mark == b"S" else 0
    return {b"0": 0, b"1": _SUMMER, b"2": 0}.get(season or b"", _UNKNOWN)


def _deviation(season: bytes | None, status: int, normal: int | None) -> int:
    if season == b"2":
        return 0
    if normal is None or status == _UNKNOWN:
        return -0x8000
    return normal - 60 * (status == _SUMMER)


def calendar(text: str) -> DateTime | None:
    """The moment of a date written in full, ``2022-06-08&10:06:51`` (heat meters) or any part of it; else None.

    >>> print(calendar("2022-06-08&10:06:51"), calendar("01-01&00:00"))
    2022-06-08T10:06:51 None
    """
    m = _CALENDAR.fullmatch(text)
    if m is None:
        return None
    year, month, day, hour, minute, second = (None if x is None else int(x) for x in m.groups())
    if not (1 <= (month or 0) <= 12 and 1 <= (day or 0) <= 31 and (hour or 0) < 24):
        return None
    return DateTime.of(year, month, day, hour=hour, minute=minute, second=second)


def clock(date: str, time: str, deviation: int | None = None) -> DateTime | None:
    """The moment of the data sets 0.9.2 and 0.9.1 together; separators are passed over, the season stands in front.

    >>> print(clock("17-03-18", "20:14:55"), clock("0170318", "0201455"), clock("18", ""))
    2017-03-18T20:14:55 2017-03-18T20:14:55 None
    """
    day, hours = (re.sub(r"[-:. ]", "", x) for x in (date, time))
    if len(hours) in (5, 7):
        hours = hours[1:]
    elif len(day) == 6 and len(hours) not in (4, 6):
        return None
    try:
        return stamp((day + hours).encode("ascii"), deviation)[1]
    except UnicodeEncodeError:
        return None
