"""Which codes a row of a table stands for: numbers, ranges, sets, letters, billing periods in each value group."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import msgspec

from anymeter.errors import LocalError
from anymeter.obis.billing import period_age

_ALL: Final = (1 << 256) - 1
_PERIODS: Final = (1 << 100) - 1
_VZ: Final = re.compile(r"VZ(?:-(\d|n))?(\.\.VZ-n)?", re.ASCII)
_RANGE: Final = re.compile(r"(\d{1,3})(?:\.\.(\d{1,3}))?", re.ASCII)


class Members(msgspec.Struct, frozen=True):
    """The values of one value group, a bit each, and the ages of billing periods where they are told from VZ."""

    values: int
    ages: int = 0

    def has(self, value: int, age: int | None = None) -> bool:
        """Whether *value* is meant; *age* is its billing period's (1 = youngest) where the counter is known."""
        if self.values >> value & 1:
            return True
        return bool(self.ages) and value <= 99 and (age is None or bool(self.ages >> age & 1))

    def meets(self, other: Members) -> bool:
        """Whether some value is meant by both."""
        mixed = (self.ages and other.values & _PERIODS) or (other.ages and self.values & _PERIODS)
        return bool(self.values & other.values or self.ages & other.ages or mixed)


@cache
def members(element: str) -> Members:
    """What one element of a table means.

    ``5``, ``1..7``, ``0;2;13``: these values. ``x``: any value at all. ``b c d e f``: any value that is the
    standard's own in that group, so neither the manufacturer's nor the utility's. ``F``: any billing period.
    ``VZ``, ``VZ-1``, ``VZ-n``, ``VZ..VZ-n``: periods counted back from the billing period counter.

    >>> [v for v in range(256) if members("0;2..4;255").has(v)]
    [0, 2, 3, 4, 255]
    >>> members("b").has(64), members("b").has(65), members("VZ-1").has(11, age=2), members("VZ-1").has(11, age=1)
    (True, False, True, False)
    """
    values = ages = 0
    for part in element.split(";"):
        if vz := _VZ.fullmatch(part):
            ages |= _ages(vz[1], to_end=vz[2] is not None)
        elif part in _LETTERS:
            values |= _LETTERS[part]
        elif span := _RANGE.fullmatch(part):
            first, last = int(span[1]), int(span[2] or span[1])
            if first > last or last > 255:
                raise LocalError(f"not a range of value group members: {part!r}")
            values |= _span(first, last)
        else:
            raise LocalError(f"not an element of an OBIS pattern: {part!r}")
    return Members(values, ages)


class Pattern(msgspec.Struct, frozen=True):
    """The codes of one table row, an element a value group (see :func:`members`).

    >>> Pattern("7", "b", "41;42", "0..3", "0", "255").matches(bytes.fromhex("0700290200ff"))
    True
    """

    a: str
    b: str
    c: str
    d: str
    e: str
    f: str

    @property
    def elements(self) -> tuple[str, str, str, str, str, str]:
        """The elements of A to F."""
        return self.a, self.b, self.c, self.d, self.e, self.f

    def matches(self, code: bytes, *, counter: int | None = None, limit: int = 100) -> bool:
        """Whether *code* is meant; *counter* is VZ, wrapping at *limit* (any period will do where it is not known)."""
        age = None if counter is None or code[5] > 99 else period_age(code[5], counter, limit)
        groups = zip(self.elements[:5], code, strict=False)
        return all(members(x).has(v) for x, v in groups) and members(self.f).has(code[5], age)

    def meets(self, other: Pattern) -> bool:
        """Whether some code is meant by both patterns."""
        return all(members(x).meets(members(y)) for x, y in zip(self.elements, other.elements, strict=True))

    def first(self, counter: int = 99) -> bytes:
        """The lowest code that is meant, *counter* standing for VZ."""
        return bytes(_lowest(members(x), counter) for x in self.elements)


def _lowest(of: Members, counter: int) -> int:
    if of.values:
        return (of.values & -of.values).bit_length() - 1
    return (counter - ((of.ages & -of.ages).bit_length() - 1) + 1) % 100


def _span(first: int, last: int) -> int:
    return (1 << last + 1) - (1 << first)


def _ages(back: str | None, *, to_end: bool) -> int:
    if back == "n":
        return _span(5, 100)
    age = 1 + int(back or 0)
    return _span(age, 100) if to_end else 1 << age


_LETTERS: Final = {
    "x": _ALL,
    "b": _span(0, 64),
    "c": _ALL & ~_span(128, 199) & ~(1 << 240),
    "d": _ALL & ~_span(128, 254),
    "e": _ALL & ~_span(128, 254),
    "f": _ALL & ~_span(128, 254),
    "F": _span(0, 99) | _span(101, 126),
}
