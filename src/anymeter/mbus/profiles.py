"""Compact profiles: one record that stands for many values at regular times. Source: EN 13757-3, compact profile.

The data are a control octet (how elements count, unit of the spacing, data field of an element), the spacing, and the
elements. They go on from a base value and a base time: the records of the same storage number, tariff and subunit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from anymeter.cosem.datetimes import DateTime, days_in_month
from anymeter.mbus import dib, layout, types, vib
from anymeter.mbus.layout import RecordHeader
from anymeter.mbus.records import Records
from anymeter.mbus.types import Number

VALUES_MAX: Final = 512
"""Values that the profiles of one message are expanded to; further profiles stay as octets."""
_ABSOLUTE, _POSITIVE, _NEGATIVE, _SIGNED = range(4)
_SECONDS: Final = (1, 60, 3600, 86400)
_DAY: Final = 3
_HALF_MONTH: Final = 253
_MONTHS: Final = 254
_MONTHS_OF: Final = {1: 6, 2: 3, 3: 1}
_SPACING_MAX: Final = 250
_STORAGE_END: Final = 1 << 41
_UNSPECIFIED: Final = b"\xff"


class ProfileValue(msgspec.Struct, frozen=True):
    """One value of the compact profile in record *index*, as if it had been sent in a record of its own."""

    index: int
    header: RecordHeader
    number: Number
    time: DateTime | None
    raw: bytes
    status: str | None = None


class _Profile(msgspec.Struct, frozen=True):
    increments: int
    unit: int
    field: int
    spacing: int
    elements: bytes
    inverse: bool


def expand(records: Records) -> list[ProfileValue]:
    """All values of all compact profiles, in the order in which they were sent.

    A profile whose control or spacing octet is reserved gives none: its octets stay in the record.
    """
    out: list[ProfileValue] = []
    if not records.plan.profiles:
        return out
    for i, form in enumerate(records.plan.forms):
        if form != types.PROFILE:
            continue
        profile = _parse(records.data(i), records.headers[i].profile == "inverse")
        if profile is None or len(out) + len(profile.elements) // dib.SIZES[profile.field] > VALUES_MAX:
            continue
        if records.headers[i].storage + VALUES_MAX < _STORAGE_END:
            out.extend(_values(records, i, profile))
    return out


def _parse(octets: bytes, inverse: bool) -> _Profile | None:
    if len(octets) < 2:
        return None
    control, spacing = octets[0], octets[1]
    unit, field = control >> 4 & 3, control & 0x0F
    if not dib.SIZES[field] or (len(octets) - 2) % dib.SIZES[field]:
        return None
    known = spacing <= _SPACING_MAX or (spacing == _HALF_MONTH and unit == _DAY)
    if not known and not (spacing == _MONTHS and unit in _MONTHS_OF):
        return None
    return _Profile(control >> 6, unit, field, spacing, octets[2:], inverse)


def _values(records: Records, i: int, profile: _Profile) -> Iterator[ProfileValue]:
    head = records.headers[i]
    base = _base(records, head)
    start = _base_time(records, head)
    size = dib.SIZES[profile.field]
    stripped = _without_profile(head)
    shared = _shared(head, profile.field, head.storage, stripped)
    for k, at in enumerate(range(0, len(profile.elements), size), 1):
        octets = profile.elements[at : at + size]
        if head.profile != "values":
            shared = _shared(head, profile.field, head.storage + k, stripped)
        number, status = _element(octets, shared, profile)
        if profile.increments != _ABSOLUTE and status is None:
            base = _summed(base, number, profile)
            number, status = base, (None if base is not None else "no-base-value")
        elif profile.increments != _ABSOLUTE:
            base = None
        yield ProfileValue(i, shared, number, _moved(start, profile, k), octets, status or head.status)


def _element(octets: bytes, head: RecordHeader, profile: _Profile) -> tuple[Number, str | None]:
    """The number of one element, with *mul* applied (and *add* for an absolute one)."""
    form = types.fixed_form(profile.field, head.type)
    if form in (types.INT, types.UINT) and profile.increments != _ABSOLUTE:
        form = types.INT if profile.increments == _SIGNED else types.UINT
    if form == types.UINT and set(octets) == {0xFF}:
        return None, "no-value"
    if form == types.INT and octets[-1] == 0x80 and not any(octets[:-1]):
        return None, "no-value"
    number = types.value(form, octets)
    add = head.add if profile.increments == _ABSOLUTE else 0
    return types.linear(number, head.mul, add), types.status(form, octets)


def _summed(base: Number, step: Number, profile: _Profile) -> Number:
    if not isinstance(base, int | Decimal) or not isinstance(step, int | Decimal):
        return None
    down = profile.inverse != (profile.increments == _NEGATIVE)
    return base - step if down else base + step


def _place(head: RecordHeader) -> tuple[int, int, int]:
    return head.storage, head.tariff, head.subunit


def _base(records: Records, head: RecordHeader) -> Number:
    """The number of the record that is the profile's but for the profile VIFE; ``None`` where there is none."""
    wanted = _without_profile(head)
    for other, number in zip(records.headers, records.numbers, strict=True):
        if other.vib == wanted and _place(other) == _place(head) and other.function == head.function:
            return number
    return None


def _base_time(records: Records, head: RecordHeader) -> DateTime | None:
    """The date of the same storage number, of the same tariff and subunit where there is one."""
    found: DateTime | None = None
    for other, number in zip(records.headers, records.numbers, strict=True):
        if other.storage != head.storage or not isinstance(number, DateTime):
            continue
        if other.modifiers or other.quantity not in ("date", "date-time"):
            continue
        if _place(other) == _place(head):
            return number
        found = found or number
    return found


def _without_profile(head: RecordHeader) -> bytes:
    """The VIB without its profile VIFE."""
    steps = [s.octets for s in vib.steps(head.vib)]
    rest = [s for s in steps[1:] if len(s) > 1 or s[0] & 0x7F not in (0x13, 0x1E, 0x1F)]
    first = bytearray(steps[0])
    if not rest:
        first[0 if first[0] & 0x7F == vib.PLAIN_TEXT else -1] &= 0x7F
        return bytes(first)
    last = bytearray(b"".join(rest))
    last[-1] &= 0x7F
    return bytes(first + last)


def _shared(head: RecordHeader, field: int, storage: int, vib_octets: bytes) -> RecordHeader:
    place = dib.Dib(field, dib.FUNCTIONS.index(head.function), storage, head.tariff, head.subunit)
    return layout.header(dib.encode(place) + vib_octets)


def _moved(start: DateTime | None, profile: _Profile, steps: int) -> DateTime | None:
    """*start* moved by so many spacings, backwards for an inverse profile; unspecified parts stay so."""
    if start is None or profile.spacing == 0:
        return None
    year, month, day = start.year, start.month, start.day
    if year is None or month is None or day is None:
        return None
    steps = -steps if profile.inverse else steps
    if profile.spacing == _HALF_MONTH:
        return _on(start, *_half_months(year, month, day, steps))
    if profile.spacing == _MONTHS:
        return _on(start, *_months(year, month, day, steps * _MONTHS_OF[profile.unit]))
    clock = dt.datetime(year, month, day, start.hour or 0, start.minute or 0, start.second or 0)
    moved = clock + dt.timedelta(seconds=steps * profile.spacing * _SECONDS[profile.unit])
    on = _on(start, moved.year, moved.month, moved.day)
    if profile.unit == _DAY:
        return on
    seconds = bytes((moved.second,)) if profile.unit == 0 or start.second is not None else _UNSPECIFIED
    return DateTime(on.octets[:5] + bytes((moved.hour, moved.minute)) + seconds + start.octets[8:])


def _on(start: DateTime, year: int, month: int, day: int) -> DateTime:
    return DateTime(year.to_bytes(2, "big") + bytes((month, day, 0xFF)) + start.octets[5:])


def _months(year: int, month: int, day: int, months: int) -> tuple[int, int, int]:
    """So many months later; the last day of a month stays the last day."""
    last = day == days_in_month(year, month)
    year, month = divmod(year * 12 + month - 1 + months, 12)
    length = days_in_month(year, month + 1)
    return year, month + 1, length if last else min(day, length)


def _half_months(year: int, month: int, day: int, halves: int) -> tuple[int, int, int]:
    """So many half months later: from the first half of a month into the second and so on, 15 days apart."""
    late = day > 15
    whole, rest = divmod(halves + late, 2)
    first = day - 15 if late else day
    year, month, first = _months(year, month, min(first, 15), whole)
    return year, month, min(first + 15 * rest, days_in_month(year, month))
