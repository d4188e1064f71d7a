"""Dates and times of M-Bus records: types F, G, I and J. Source: EN 13757-3, data types.

Every value becomes the project's one :class:`DateTime`; what the type cannot say stays unspecified. "Every day",
"every month" and so on are unspecified parts as well, which is how COSEM writes the same thing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from anymeter.cosem.datetimes import DateTime, days_in_month
from anymeter.errors import LocalError

_EVERY_YEAR: Final = 127
_EVERY_MONTH: Final = 15
_EVERY_HOUR: Final = 31
_EVERY_MINUTE: Final = 63
_LAST_2000_YEAR: Final = 80
"""Where no century is given, years up to 80 are 20xx and later ones 19xx."""
_ANY: Final = 0xFF
_SUMMER: Final = 0x80
_NO_DEVIATION: Final = b"\x80\x00"
_MINUTE_END: Final = b"\xff\xff" + _NO_DEVIATION + b"\xff"
_MINUTE_SUMMER: Final = b"\xff\xff" + _NO_DEVIATION + bytes((_SUMMER,))
_MINUTES: Final = {**{n: n for n in range(60)}, _EVERY_MINUTE: _ANY}
_HOURS: Final = {**{n: n for n in range(24)}, _EVERY_HOUR: _ANY}
_NO_TIME: Final = b"\xff\xff\xff\xff" + _NO_DEVIATION + b"\xff"
SIZES: Final = {2: "G", 3: "J", 4: "F", 6: "I"}
"""The type of a date or time by its number of octets."""


def value(octets: bytes) -> DateTime | None:
    """The date and time of 2, 3, 4 or 6 octets; ``None`` where they are marked invalid or are none.

    >>> str(value(bytes.fromhex("32371F15"))), str(value(bytes.fromhex("1F15")))
    ('2008-05-31T23:50', '2008-05-31')
    """
    return _READERS[len(octets)](octets)


def octets(moment: DateTime, size: int) -> bytes:
    """*moment* as type G, J, F or I (2, 3, 4 or 6 octets); :class:`LocalError` where it does not fit.

    >>> octets(DateTime.of(2008, 5, 31, hour=23, minute=50), 4).hex()
    '32371f15'
    """
    match size:
        case 2:
            return _day_octets(moment)
        case 3:
            return _clock_octets(moment)
        case 4:
            return _minute_octets(moment)
        case 6:
            return _second_octets(moment)
        case _:
            raise LocalError(f"no date or time has {size} octets")


@lru_cache(maxsize=4096)
def _date(low: int, high: int, century: int) -> bytes | None:
    """Year, month, day and weekday as a COSEM date writes them; ``None`` where no calendar has such a day."""
    day, month, short = low & 0x1F, high & 0x0F, low >> 5 | (high & 0xF0) >> 1
    year = 0xFFFF
    if short != _EVERY_YEAR:
        if short > 99:
            return None
        year = 1900 + 100 * century + short
        if not century and short <= _LAST_2000_YEAR:
            year += 100
    if month == _EVERY_MONTH:
        month = _ANY
    elif not 1 <= month <= 12:
        return None
    if not day:
        day = _ANY
    elif month != _ANY and day > days_in_month(2000 if year == 0xFFFF else year, month):
        return None
    return bytes((year >> 8, year & 0xFF, month, day, _ANY))


def _day(octets: bytes) -> DateTime | None:
    """Type G."""
    if octets == b"\xff\xff":
        return None
    date = _date(octets[0], octets[1], 0)
    return None if date is None else DateTime(date + _NO_TIME)


def _minute(octets: bytes) -> DateTime | None:
    """Type F."""
    first, second = octets[0], octets[1]
    if first & 0x80:
        return None
    date = _date(octets[2], octets[3], second >> 5 & 3)
    minute, hour = first & 0x3F, second & 0x1F
    if date is None:
        return None
    if minute > 59 or hour > 23:
        if minute not in _MINUTES or hour not in _HOURS:
            return None
        minute, hour = _MINUTES[minute], _HOURS[hour]
    return DateTime(date + bytes((hour, minute)) + (_MINUTE_SUMMER if second & 0x80 else _MINUTE_END))


def _second(octets: bytes) -> DateTime | None:
    """Type I; its leap-year bit, week number and daylight-saving deviation follow from the rest or stay in the raw."""
    if octets[1] & 0x80:
        return None
    second = _MINUTES.get(octets[0] & 0x3F)
    minute = _MINUTES.get(octets[1] & 0x3F)
    hour = _HOURS.get(octets[2] & 0x1F)
    date = _date(octets[3], octets[4], 0)
    if date is None or second is None or minute is None or hour is None:
        return None
    weekday = octets[2] >> 5 or _ANY
    status = _SUMMER if octets[0] & 0x80 else _ANY
    clock = bytes((weekday, hour, minute, second, _ANY))
    return DateTime(date[:4] + clock + _NO_DEVIATION + bytes((status,)))


def _clock(octets: bytes) -> DateTime | None:
    """Type J: a time of day."""
    if octets == b"\xff\xff\xff":
        return None
    second = _MINUTES.get(octets[0] & 0x3F)
    minute = _MINUTES.get(octets[1] & 0x3F)
    hour = _HOURS.get(octets[2] & 0x1F)
    if second is None or minute is None or hour is None:
        return None
    return DateTime(b"\xff" * 5 + bytes((hour, minute, second, _ANY)) + _NO_DEVIATION + b"\xff")


_READERS: Final = {2: _day, 3: _clock, 4: _minute, 6: _second}


def _coded(part: int | None, every: int, stop: int, what: str) -> int:
    if part is None:
        return every
    if not 0 <= part < stop:
        raise LocalError(f"{what} {part} cannot be sent")
    return part


def _year_code(moment: DateTime, first: int, last: int) -> int:
    year = moment.year
    if year is None:
        return _EVERY_YEAR
    if not first <= year <= last:
        raise LocalError(f"year {year} cannot be sent")
    return year % 100


def _date_octets(moment: DateTime, year: int) -> bytes:
    month = _coded(moment.month, _EVERY_MONTH, 13, "month")
    day = _coded(moment.day, 0, 32, "day")
    return bytes((day | (year & 7) << 5, month | (year & 0x78) << 1))


def _day_octets(moment: DateTime) -> bytes:
    return _date_octets(moment, _year_code(moment, 1981, 2080))


def _minute_octets(moment: DateTime) -> bytes:
    minute = _coded(moment.minute, _EVERY_MINUTE, 60, "minute")
    hour = _coded(moment.hour, _EVERY_HOUR, 24, "hour")
    year = _year_code(moment, 1981, 2299)
    century = 0 if moment.year is None else (moment.year - 1900) // 100
    summer = _SUMMER if "daylight saving" in moment.status_flags else 0
    return bytes((minute, hour | century << 5 | summer)) + _date_octets(moment, year)


def _clock_octets(moment: DateTime) -> bytes:
    return bytes(
        (
            _coded(moment.second, _EVERY_MINUTE, 60, "second"),
            _coded(moment.minute, _EVERY_MINUTE, 60, "minute"),
            _coded(moment.hour, _EVERY_HOUR, 24, "hour"),
        )
    )


def _second_octets(moment: DateTime) -> bytes:
    second, minute, hour = _clock_octets(moment)
    weekday = _coded(moment.weekday, 0, 8, "weekday")
    summer = _SUMMER if "daylight saving" in moment.status_flags else 0
    date = _date_octets(moment, _year_code(moment, 1981, 2080))
    return bytes((second | summer, minute, hour | weekday << 5)) + date + b"\0"
