"""Local time where meters stand, and the months of its calendar; the arithmetic is that of the Clock class.

Instants are seconds since 1970-01-01T00:00Z, *local* seconds count the same way from what the clock on the wall shows,
months are counted from January 1970.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from anymeter.cosem.classes.local_time import DAY, Zone, day_of, zone
from anymeter.cosem.datetimes import DateTime

__all__ = ["CENTRAL_EUROPE", "DAY", "HOUR", "Zone", "day_of", "month_at", "month_begin", "weekday_of"]

HOUR: Final = 3_600
_LAST: Final = 0xFE
_SUNDAY: Final = 7


def _switch(month: int, hour: int) -> bytes:
    return DateTime.of(None, month, _LAST, _SUNDAY, hour, 0, 0, 0).octets


CENTRAL_EUROPE: Final = zone(HOUR, HOUR, _switch(3, 2), _switch(10, 3), 1)
"""Standard time UTC+1, daylight saving from the last Sunday of March to that of October (Directive 2000/84/EC)."""


def weekday_of(day: int) -> int:
    """0 for Monday to 6 for Sunday, of a day counted from 1970-01-01.

    >>> weekday_of(day_of(2026, 11, 24))
    1
    """
    return (day + 3) % 7


def month_at(local: float) -> int:
    """The month that *local* seconds fall into.

    >>> month_at(0), month_at(31 * DAY), month_at(-1)
    (0, 1, -1)
    """
    date = dt.date(1970, 1, 1) + dt.timedelta(days=int(local // DAY))
    return (date.year - 1970) * 12 + date.month - 1


def month_begin(month: int) -> int:
    """The local seconds at which a month begins.

    >>> month_begin(1) // DAY, month_begin(12) // DAY
    (31, 365)
    """
    return day_of(1970 + month // 12, month % 12 + 1, 1) * DAY
