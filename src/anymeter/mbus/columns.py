"""Many telegrams of one layout as numpy columns: one column a record, one row a telegram.

Every octet of every header is still compared; values are those of :func:`anymeter.mbus.records.decode`, or masked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from anymeter.errors import LocalError
from anymeter.mbus import plan as plans
from anymeter.mbus import types
from anymeter.mbus.layout import RecordHeader
from anymeter.mbus.plan import Plan

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_BLOCK: Final = 4096
"""Rows worked on at a time: small enough for the processor's caches."""
_EXACT_MAX: Final = 1 << 62
_SIGN: Final = 0xF
_TABLE_YEARS: Final = 4


class Column(msgspec.Struct, frozen=True, eq=False):
    """The numbers of one record: *values* in 10^exponent of the header's unit, *valid* which of them are values.

    Integers and BCD are ``int64`` (``uint64``, or Python integers in an ``object`` array where those do not hold them),
    floats ``float32`` as on the wire, dates ``datetime64`` in days, minutes or seconds, all else ``object``. A date
    that is invalid or leaves a part open is not valid.
    """

    header: RecordHeader
    values: Array
    valid: Array

    def masked(self) -> Any:
        """The column as a masked array."""
        import numpy as np  # noqa: PLC0415

        return np.ma.MaskedArray(self.values, mask=~self.valid)


def by_layout(telegrams: Sequence[bytes]) -> dict[Plan, list[int]]:
    """Which telegrams share a layout: the indexes of each; :class:`DecodeError` for one that holds no records."""
    out: dict[Plan, list[int]] = {}
    for i, octets in enumerate(telegrams):
        out.setdefault(plans.find(octets), []).append(i)
    return out


def columns(telegrams: Sequence[bytes], plan: Plan | None = None) -> tuple[Column, ...]:
    """One column for each record of the layout that all *telegrams* (the octets of their records) share.

    Raises :class:`LocalError` where one of them has another layout, naming the first such.
    """
    import numpy as np  # noqa: PLC0415

    if not telegrams:
        return ()
    plan = plans.find(telegrams[0]) if plan is None else plan
    if set(map(len, telegrams)) != {plan.size}:
        raise _odd(telegrams, plan)
    data = b"".join(telegrams)
    rows = np.frombuffer(data, np.uint8).reshape(len(telegrams), plan.size)
    plan.seal(telegrams[0])
    mask = np.frombuffer(plan.mask.to_bytes(plan.size, "little"), np.uint8)
    pattern = np.frombuffer(plan.pattern.to_bytes(plan.size, "little"), np.uint8)
    columns = [_Builder(plan, i, rows) for i in range(len(plan.headers))]
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        if ((block & mask) != pattern).any():
            raise _odd(telegrams, plan)
        for column in columns:
            column.add(block, start)
    return tuple(c.done() for c in columns)


def _odd(telegrams: Sequence[bytes], plan: Plan) -> LocalError:
    first = next(i for i, octets in enumerate(telegrams) if not plan.fits(octets))
    return LocalError(f"telegram {first} has another layout than the rest")


class _Builder:
    """One column in the making: blocks of rows come in, values and validity go to their places."""

    def __init__(self, plan: Plan, i: int, rows: Array) -> None:
        import numpy as np  # noqa: PLC0415

        self.header, self.form = plan.headers[i], plan.forms[i]
        self.data, self.end = plan.datas[i], plan.ends[i]
        self.size = self.end - self.data
        self.read, kind = self._reader()
        self.values: Array = np.zeros(len(rows), kind)
        self.valid: Array = np.ones(len(rows), np.bool_)

    def add(self, block: Array, start: int) -> None:
        values, valid = self.read(block[:, self.data : self.end])
        stop = start + len(block)
        self.values[start:stop] = values
        if valid is not None:
            self.valid[start:stop] = valid

    def done(self) -> Column:
        return Column(self.header, self.values, self.valid)

    def _reader(self) -> tuple[Any, Any]:
        form, size = self.form, self.size
        if form in (types.NOTHING, types.SELECTED, types.PROFILE):
            return _nothing, "i8"
        if form == types.BCD and size <= 6 and self._fits(10 ** (2 * size)):
            return self._bcd, "i8"
        if form in (types.INT, types.UINT) and size in (1, 2, 3, 4, 6) and self._fits(1 << 8 * size):
            return self._int, "i8"
        if form in (types.INT, types.UINT) and size == 8 and self.header.mul == 1 and not self.header.add:
            return self._int, "i8" if form == types.INT else "u8"
        if form == types.REAL and self.header.mul == 1 and not self.header.add:
            return self._real, "f4"
        if form == types.DATE and size in (2, 4, 6):
            return self._date, {2: "M8[D]", 4: "M8[m]", 6: "M8[s]"}[size]
        return self._general, "O"

    def _fits(self, largest: int) -> bool:
        """Whether 64 bits hold every value."""
        return largest * abs(self.header.mul) + abs(self.header.add) < _EXACT_MAX

    def _linear(self, values: Array) -> Array:
        if self.header.mul != 1:
            values = values * self.header.mul
        return values + self.header.add if self.header.add else values

    def _int(self, octets: Array) -> tuple[Array, None]:
        if self.size in (1, 2, 4, 8):
            sign = "i" if self.form == types.INT else "u"
            values = _view(octets, 0, f"<{sign}{self.size}")
            return (values if self.size == 8 else self._linear(values.astype("i8"))), None
        low = 2 if self.size == 3 else 4
        high = _view(octets, low, ("<i" if self.form == types.INT else "<u") + str(self.size - low))
        return self._linear((high.astype("i8") << 8 * low) + _view(octets, 0, f"<u{low}")), None

    def _bcd(self, octets: Array) -> tuple[Array, Array | None]:
        words = _words(octets, self.size)
        over = _over(words)
        if not over.any():
            return self._linear(_binary(words, self.size)), None
        top = 8 * self.size - 4
        digits = words & (1 << top) - 1
        minus = (words >> top == _SIGN) & (_over(digits) == 0)
        numbers = _binary(words * ~minus + digits * minus, self.size)
        numbers[minus] *= -1
        return self._linear(numbers), minus | (over == 0)

    def _real(self, octets: Array) -> tuple[Array, Array]:
        import numpy as np  # noqa: PLC0415

        values = _view(octets, 0, "<f4")
        return values, np.isfinite(values)

    def _date(self, octets: Array) -> tuple[Array, Array]:
        if self.size == 2:
            return _dates(_view(octets, 0, "<u2"))
        if self.size == 4:
            return _minutes(_view(octets, 0, "<u4"))
        return _seconds(octets)

    def _general(self, octets: Array) -> tuple[list[Any], list[bool]]:
        values = [plans.number_of(self.header, self.form, row.tobytes()) for row in octets]
        return values, [v is not None for v in values]


def _nothing(octets: Array) -> tuple[int, bool]:
    return 0, False


def _view(octets: Array, at: int, kind: str) -> Array:
    """Columns *at* ... of a block of octets as numbers, without a copy."""
    import numpy as np  # noqa: PLC0415

    dtype = np.dtype(kind)
    view: Array = octets[:, at : at + dtype.itemsize].view(dtype)[:, 0]
    return view


def _words(octets: Array, size: int) -> Array:
    """Up to four octets, least significant first, as 32-bit numbers, six as 64-bit ones."""
    if size in (1, 2, 4):
        return _view(octets, 0, f"<u{size}").astype("u4")
    low, kind = (2, "u4") if size == 3 else (4, "u8")
    words: Array = (_view(octets, low, f"<u{size - low}").astype(kind) << 8 * low) + _view(octets, 0, f"<u{low}")
    return words


_ONES: Final = {4: 0x01010101, 8: 0x0101010101010101}
_PAIRS: Final = {4: 0x00FF00FF, 8: 0x00FF00FF00FF00FF}


def _over(words: Array) -> Array:
    """Not zero where a digit is above nine: its 8 is set, and its 4 or its 2."""
    ones = _ONES[words.dtype.itemsize]
    eights = words & 0x88 * ones
    over: Array = ((eights >> 1) | (eights >> 2)) & words & 0x66 * ones
    return over


def _binary(words: Array, size: int) -> Array:
    """Packed decimal digits as numbers: digits to pairs, pairs to fours, fours to eights."""
    out = words - 6 * ((words >> 4) & 0x0F * _ONES[words.dtype.itemsize])
    if size > 1:
        pairs = _PAIRS[words.dtype.itemsize]
        out = (out & pairs) + 100 * ((out >> 8) & pairs)
    if size > 2:
        high = out >> 16
        out = (out & 0xFFFF) + 10_000 * (high & 0xFFFF)
        if size > 4:
            out = out + 100_000_000 * (high >> 16)
    numbers: Array = out.astype("i8")
    return numbers


@cache
def _days() -> Array:
    """Days since 1970 for every date of 16 bits (type G) in every century code; a sentinel for no complete date."""
    import numpy as np  # noqa: PLC0415

    code = np.arange(_TABLE_YEARS << 16, dtype="i8")
    day, month, century = code & 0x1F, code >> 8 & 0x0F, code >> 16
    short = (code >> 5 & 7) | (code >> 9 & 0x78)
    year = 1900 + 100 * century + short + 100 * ((century == 0) & (short <= 80))
    known = (short <= 99) & (month >= 1) & (month <= 12) & (day >= 1)
    months = (year - 1970) * 12 + np.where(known, month, 1) - 1
    first = months.astype("M8[M]").astype("M8[D]")
    length = ((months + 1).astype("M8[M]").astype("M8[D]") - first).astype("i8")
    known &= day <= length
    days: Array = np.where(known, first.astype("i8") + day - 1, _NO_DAY)
    return days


_NO_DAY: Final = -(1 << 40)


def _dates(codes: Array) -> tuple[Array, Array]:
    """Type G."""
    days = _days()[codes]
    valid = days != _NO_DAY
    return _moments(days, valid, "M8[D]"), valid


def _minutes(words: Array) -> tuple[Array, Array]:
    """Type F."""
    minute, hour = words & 0x3F, words >> 8 & 0x1F
    days = _days()[(words >> 16) | (words >> 13 & 3) << 16]
    valid = (days != _NO_DAY) & (words & 0x80 == 0) & (minute < 60) & (hour < 24)
    return _moments(days * 1440 + hour * 60 + minute, valid, "M8[m]"), valid


def _seconds(octets: Array) -> tuple[Array, Array]:
    """Type I."""
    clock = _view(octets, 0, "<u4")
    second, minute, hour = clock & 0x3F, clock >> 8 & 0x3F, clock >> 16 & 0x1F
    days = _days()[_view(octets, 3, "<u2")]
    valid = (days != _NO_DAY) & (clock & 0x8000 == 0) & (second < 60) & (minute < 60) & (hour < 24)
    return _moments(days * 86400 + hour * 3600 + minute * 60 + second, valid, "M8[s]"), valid


def _moments(counts: Array, valid: Array, kind: str) -> Array:
    import numpy as np  # noqa: PLC0415

    moments = counts.astype("i8").view(kind)
    if not valid.all():
        moments[~valid] = np.array("NaT", kind)
    return moments
