"""date-time, date and time, kept octet for octet. Source: IEC 62056-6-2 (Blue Book), "Date and time formats".

Any part may be left unspecified, months and days have special values (daylight saving begins, last day of the
month), and meters send values that no calendar knows. All of that is kept: a value *is* its octets.
"""

from __future__ import annotations

import datetime as dt
import struct
from typing import Final, Self

import msgspec

from anymeter.errors import DecodeError, LocalError

DST_END: Final = 0xFD
"""Month: the value applies when daylight saving ends. As a day of the month: the second last day."""
DST_BEGIN: Final = 0xFE
"""Month: the value applies when daylight saving begins. As a day of the month: the last day."""

_ANY: Final = 0xFF
_ANY_YEAR: Final = 0xFFFF
_NO_DEVIATION: Final = -0x8000
_LAYOUT: Final = struct.Struct(">HBBBBBBBhB")
_STATUS_BITS: Final = (
    (0x01, "invalid"),
    (0x02, "doubtful"),
    (0x04, "different clock base"),
    (0x08, "invalid clock status"),
    (0x80, "daylight saving"),
)


def _octet(name: str, value: int | None) -> int:
    if value is None:
        return _ANY
    if not 0 <= value <= 0xFF:
        raise LocalError(f"{name} {value} does not fit into one octet")
    return value


def _year(value: int | None) -> bytes:
    if value is None:
        return b"\xff\xff"
    if not 0 <= value <= _ANY_YEAR:
        raise LocalError(f"year {value} does not fit into two octets")
    return value.to_bytes(2, "big")


def _known(octet: int) -> int | None:
    return None if octet == _ANY else octet


def _part(octet: int) -> str:
    """Two digits, ``--`` where unspecified, ``FD`` and ``FE`` as the standard writes the special months and days."""
    if octet == _ANY:
        return "--"
    return f"{octet:X}" if octet in (DST_END, DST_BEGIN) else f"{octet:02d}"


def _date_text(octets: bytes) -> str:
    year = int.from_bytes(octets[:2], "big")
    return f"{'----' if year == _ANY_YEAR else f'{year:04d}'}-{_part(octets[2])}-{_part(octets[3])}"


def _time_text(octets: bytes) -> str:
    hour, minute, second, hundredths = octets
    text = f"{_digits(hour)}:{_digits(minute)}"
    fraction = "" if hundredths in (0, _ANY) else f".{hundredths:02d}"
    return text if second == _ANY and not fraction else f"{text}:{_digits(second)}{fraction}"


def _digits(octet: int) -> str:
    return "--" if octet == _ANY else f"{octet:02d}"


def _offset_text(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def days_in_month(year: int, month: int) -> int:
    """How many days a month has; ``calendar`` knows too, and takes longer to import than all of this module."""
    if month == 2:
        return 28 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 30 if month in (4, 6, 9, 11) else 31


def _is_calendar_day(year: int, month: int, day: int) -> bool:
    return 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)


class _Dated(msgspec.Struct, frozen=True, gc=False):
    """What begins with the five octets of a date."""

    octets: bytes

    @property
    def year(self) -> int | None:
        year = int.from_bytes(self.octets[:2], "big")
        return None if year == _ANY_YEAR else year

    @property
    def month(self) -> int | None:
        """1 to 12, :data:`DST_END`, :data:`DST_BEGIN`, or None."""
        return _known(self.octets[2])

    @property
    def day(self) -> int | None:
        """1 to 31, 0xFE = last day of the month, 0xFD = the day before that, or None."""
        return _known(self.octets[3])

    @property
    def weekday(self) -> int | None:
        """1 = Monday to 7 = Sunday."""
        return _known(self.octets[4])


class Date(_Dated, frozen=True, gc=False):
    """A date of five octets: year, month, day of month, day of week.

    >>> print(Date.of(2024, 11, 21), Date.of(None, 12, 0xFE))
    2024-11-21 -----12-FE
    """

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """The date of exactly five octets; :class:`DecodeError` when there are more or fewer."""
        return cls(_exactly(5, octets, "date"))

    @classmethod
    def of(
        cls, year: int | None = None, month: int | None = None, day: int | None = None, weekday: int | None = None
    ) -> Self:
        """A date from its parts; None = not specified. *weekday*: 1 = Monday to 7 = Sunday."""
        return cls(_year(year) + bytes((_octet("month", month), _octet("day", day), _octet("weekday", weekday))))

    @property
    def specified(self) -> bool:
        """Whether any part is specified at all."""
        return self.octets != b"\xff" * 5

    @property
    def complete(self) -> bool:
        """Whether year, month and day name one day of the calendar."""
        return _is_calendar_day(int.from_bytes(self.octets[:2], "big"), self.octets[2], self.octets[3])

    def to_date(self) -> dt.date:
        """The calendar day; :class:`LocalError` when the date is not :attr:`complete`."""
        if not self.complete:
            raise LocalError(f"not a day of the calendar: {self.iso()}")
        return dt.date(int.from_bytes(self.octets[:2], "big"), self.octets[2], self.octets[3])

    def iso(self) -> str:
        """ISO 8601, unspecified parts as dashes."""
        return _date_text(self.octets)

    def __str__(self) -> str:
        return self.iso()


class Time(msgspec.Struct, frozen=True, gc=False):
    """A time of day of four octets: hour, minute, second, hundredths.

    >>> print(Time.of(16, 48), Time.of(16, 48, 5, 25), Time.of(minute=15))
    16:48 16:48:05.25 --:15
    """

    octets: bytes

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """The time of exactly four octets; :class:`DecodeError` when there are more or fewer."""
        return cls(_exactly(4, octets, "time"))

    @classmethod
    def of(
        cls,
        hour: int | None = None,
        minute: int | None = None,
        second: int | None = None,
        hundredths: int | None = None,
    ) -> Self:
        """A time from its parts; None = not specified."""
        parts = (("hour", hour), ("minute", minute), ("second", second), ("hundredths", hundredths))
        return cls(bytes(_octet(name, value) for name, value in parts))

    @property
    def hour(self) -> int | None:
        return _known(self.octets[0])

    @property
    def minute(self) -> int | None:
        return _known(self.octets[1])

    @property
    def second(self) -> int | None:
        return _known(self.octets[2])

    @property
    def hundredths(self) -> int | None:
        return _known(self.octets[3])

    @property
    def specified(self) -> bool:
        """Whether any part is specified at all."""
        return self.octets != b"\xff" * 4

    @property
    def complete(self) -> bool:
        """Whether hour, minute and second are known and in range; hundredths may be unspecified."""
        hour, minute, second, hundredths = self.octets
        return hour < 24 and minute < 60 and second < 60 and (hundredths < 100 or hundredths == _ANY)

    def to_time(self) -> dt.time:
        """The time of day; :class:`LocalError` when it is not :attr:`complete`."""
        if not self.complete:
            raise LocalError(f"not a time of day: {self.iso()}")
        hour, minute, second, hundredths = self.octets
        return dt.time(hour, minute, second, 0 if hundredths == _ANY else hundredths * 10_000)

    def iso(self) -> str:
        """ISO 8601, without seconds where they are unspecified, other unspecified parts as dashes."""
        return _time_text(self.octets)

    def __str__(self) -> str:
        return self.iso()


class DateTime(_Dated, frozen=True, gc=False):
    """A date-time of twelve octets: date, time, deviation, clock status.

    The constructor takes the octets as they are; :meth:`parse` also checks that there are twelve.

    >>> moment = DateTime.of(2014, 9, 26, hour=16, minute=48, second=0, deviation=-120)
    >>> print(moment, moment.complete, moment.weekday)
    2014-09-26T16:48:00+02:00 True None
    """

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """The date-time of exactly twelve octets; :class:`DecodeError` when there are more or fewer."""
        return cls(_exactly(12, octets, "date-time"))

    @classmethod
    def of(
        cls,
        year: int | None = None,
        month: int | None = None,
        day: int | None = None,
        weekday: int | None = None,
        hour: int | None = None,
        minute: int | None = None,
        second: int | None = None,
        hundredths: int | None = None,
        deviation: int | None = None,
        status: int | None = None,
    ) -> Self:
        """A date-time from its parts; None = not specified.

        *deviation* is in minutes, local time + deviation = UTC (CET is -60); *status* is the clock status octet.
        """
        minutes = _NO_DEVIATION if deviation is None else deviation
        if not _NO_DEVIATION <= minutes <= 0x7FFF:
            raise LocalError(f"deviation {deviation} does not fit into two octets")
        date = Date.of(year, month, day, weekday).octets
        time = Time.of(hour, minute, second, hundredths).octets
        return cls(date + time + minutes.to_bytes(2, "big", signed=True) + bytes((_octet("status", status),)))

    @classmethod
    def of_datetime(cls, moment: dt.datetime, status: int | None = None) -> Self:
        """The date-time of a Python datetime; a naive one leaves the deviation unspecified. Hundredths are cut off.

        >>> print(DateTime.of_datetime(dt.datetime(2024, 2, 29, 12, 30)))
        2024-02-29T12:30:00
        """
        offset = moment.utcoffset()
        deviation = None if offset is None else -(offset // dt.timedelta(minutes=1))
        clock = (moment.hour, moment.minute, moment.second, moment.microsecond // 10_000)
        return cls.of(moment.year, moment.month, moment.day, moment.isoweekday(), *clock, deviation, status)

    @property
    def date(self) -> Date:
        return Date(self.octets[:5])

    @property
    def time(self) -> Time:
        return Time(self.octets[5:9])

    @property
    def hour(self) -> int | None:
        return _known(self.octets[5])

    @property
    def minute(self) -> int | None:
        return _known(self.octets[6])

    @property
    def second(self) -> int | None:
        return _known(self.octets[7])

    @property
    def hundredths(self) -> int | None:
        return _known(self.octets[8])

    @property
    def deviation(self) -> int | None:
        """Minutes as sent; the standard's reading is local time + deviation = UTC."""
        minutes = int.from_bytes(self.octets[9:11], "big", signed=True)
        return None if minutes == _NO_DEVIATION else minutes

    @property
    def status(self) -> int | None:
        """The clock status octet."""
        return _known(self.octets[11])

    @property
    def status_flags(self) -> tuple[str, ...]:
        """The bits set in the clock status, in words; reserved bits have none."""
        status = self.octets[11]
        return () if status == _ANY else tuple(text for bit, text in _STATUS_BITS if status & bit)

    @property
    def specified(self) -> bool:
        """Whether any part of date or time is specified at all."""
        return self.octets[:9] != b"\xff" * 9

    @property
    def complete(self) -> bool:
        """Whether date, hour, minute and second are known and exist; hundredths may be unspecified."""
        year, month, day, _, hour, minute, second, hundredths, _, _ = _LAYOUT.unpack(self.octets)
        clock = hour < 24 and minute < 60 and second < 60 and (hundredths < 100 or hundredths == _ANY)
        return clock and _is_calendar_day(year, month, day)

    def to_datetime(self, deviation_sign: int = 1) -> dt.datetime:
        """The moment: aware where the deviation is specified, naive where it is not.

        *deviation_sign* is 1 for the standard's reading (UTC = local + deviation), -1 for meters that send the offset
        of local time from UTC instead. Raises :class:`LocalError` when not :attr:`complete`.
        """
        moment = self._local()
        offset = self._offset(deviation_sign)
        if offset is None:
            return moment
        if abs(offset) >= 24 * 60:
            raise LocalError(f"no time zone is {offset} minutes away from UTC")
        return moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=offset)))

    def _local(self) -> dt.datetime:
        if not self.complete:
            raise LocalError(f"not one moment of the calendar: {self.iso()}")
        return dt.datetime.combine(self.date.to_date(), self.time.to_time())

    def _offset(self, deviation_sign: int) -> int | None:
        if deviation_sign not in (1, -1):
            raise LocalError(f"deviation_sign is 1 or -1, not {deviation_sign}")
        deviation = self.deviation
        return None if deviation is None else -deviation * deviation_sign

    def later(self, seconds: int) -> Self:
        """The same clock *seconds* later (earlier when negative), deviation, status and unspecified parts as here.

        Raises :class:`LocalError` when not :attr:`complete`, or when the calendar ends first.
        """
        try:
            moment = self._local() + dt.timedelta(seconds=seconds)
        except OverflowError:
            raise LocalError(f"{seconds} seconds from {self.iso()} is outside the calendar") from None
        weekday = _ANY if self.octets[4] == _ANY else moment.isoweekday()
        clock = bytes((moment.month, moment.day, weekday, moment.hour, moment.minute, moment.second))
        return type(self)(_year(moment.year) + clock + self.octets[8:])

    def iso(self, deviation_sign: int = 1) -> str:
        """ISO 8601: the date alone where the time is wholly unspecified, without seconds where they are; unspecified
        parts in the middle as dashes; the UTC offset where the deviation is specified (see :meth:`to_datetime`)."""
        if self.octets[5:9] == b"\xff" * 4:
            return _date_text(self.octets)
        offset = self._offset(deviation_sign)
        zone = "" if offset is None else _offset_text(offset)
        return f"{_date_text(self.octets)}T{_time_text(self.octets[5:9])}{zone}"

    def __str__(self) -> str:
        return self.iso()


def _exactly(size: int, octets: bytes, what: str) -> bytes:
    if len(octets) != size:
        raise DecodeError(f"has {size} octets, not {len(octets)}", what=what)
    return bytes(octets)
