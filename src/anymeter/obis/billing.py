"""Value group F: billing periods and their counter VZ. Source: EN 13757-1:2014, 11.5.3, Tables 14, 41 and 53."""

from __future__ import annotations

from typing import Final

import msgspec

from anymeter.errors import LocalError
from anymeter.obis.code import Obis

CURRENT: Final = 255
WILDCARD: Final = 126
_LAST: Final = range(101, 126)
_THRESHOLDS: Final = range(31, 43)
_MANUFACTURER: Final = range(50, 100)


class Scheme(msgspec.Struct, frozen=True):
    """The objects that tell about one billing period scheme: counter VZ, number of periods kept, their time stamps."""

    counter: Obis
    periods: Obis
    time_stamp: Obis


def period_age(f: int, counter: int | None = None, limit: int = 100) -> int | None:
    """How many periods ago the billing period *f* was closed: 1 is the youngest; None where *f* names no single period.

    *counter* is the billing period counter VZ and is needed for F = 0..99. It wraps from 99 to 0 with *limit* = 100,
    from *limit* to 1 otherwise. Raises :class:`LocalError` where the counter cannot have that value.

    >>> period_age(101), period_age(98, counter=1), period_age(12, counter=1, limit=12), period_age(255)
    (1, 4, 2, None)
    """
    if f in _LAST:
        return f - 100
    if f > 99 or counter is None:
        return None
    _check("the billing period counter", counter, limit)
    _check("value group F", f, limit)
    return (counter - f) % limit + 1


def period_code(age: int, counter: int | None = None, limit: int = 100) -> int:
    """Value group F of the period closed *age* periods ago: from the *counter* where it is given, else 101 to 125.

    >>> period_code(1), period_code(2, counter=0), period_code(2, counter=1, limit=12)
    (101, 99, 12)
    """
    if counter is None:
        if not 1 <= age <= len(_LAST):
            raise LocalError(f"without the billing period counter F names 1 to 25 periods back, not {age}")
        return 100 + age
    if not 1 <= age <= limit:
        raise LocalError(f"a counter that wraps at {limit} names 1 to {limit} periods back, not {age}")
    _check("the billing period counter", counter, limit)
    return (counter - age + 1) % limit if limit == 100 else (counter - age) % limit + 1


def _check(name: str, value: int, limit: int) -> None:
    """Raise :class:`LocalError` where a counter that wraps at *limit* cannot have that value."""
    if not 1 <= limit <= 100:
        raise LocalError(f"a billing period counter wraps at 1 to 100, not {limit}")
    lowest, highest = (0, 99) if limit == 100 else (1, limit)
    if not lowest <= value <= highest:
        raise LocalError(f"{name} is {value}, but it runs from {lowest} to {highest}")


def scheme(medium: int, channel: int = 0, number: int = 1) -> Scheme:
    """The objects of billing period scheme *number*: one for allocators, heat and water, four for gas, else two.

    >>> scheme(7, number=4).counter, scheme(6).counter
    (Obis('7-0:0.1.9*255'), Obis('6-0:0.1.1*255'))
    """
    single = medium in (4, 5, 6, 8, 9)
    schemes = 1 if single else 4 if medium == 7 else 2
    if not 1 <= number <= schemes:
        raise LocalError(f"medium {medium} has {schemes} billing period scheme(s), not scheme {number}")
    if single:
        places = ((1, 1), (1, 2), (9, 3))
    else:
        first = 3 * (number - 1)
        places = ((1, first), (1, first + 1), (1, first + 2))
    counter, periods, stamp = (Obis((medium, channel, 0, d, e, CURRENT)) for d, e in places)
    return Scheme(counter, periods, stamp)


def is_period(code: bytes) -> bool:
    """Whether value group F of *code* means a billing period: elsewhere 0..99 numbers a threshold or a limit.

    In the manufacturer's own objects (C = 96, D = 50..99) it means what the manufacturer likes. Source: IEC 62056-6-1
    (D = 31..42 of electricity); EN 13757-1:2014, Tables 10 and 41 (over-consumption limits of gas).

    >>> is_period(Obis("1-0:1.8.0*5")), is_period(Obis("1-0:32.35.0*1"))
    (True, False)
    """
    a, _, c, d, e, f = code
    if c == 96 and d in _MANUFACTURER:
        return False
    if f > 99:
        return True
    return not (a == 1 and c != 0 and d in _THRESHOLDS) and not (a in (1, 7) and (c, d) == (0, 5) and e in (1, 2))


def period_text(code: bytes, counter: int | None = None, limit: int = 100) -> str:
    """What value group F of *code* says, in words; empty for the current value.

    >>> [period_text(Obis(f"1-0:1.8.0*{f}")) for f in (255, 5, 101, 103, 126, 127)]
    ['', 'billing period 5', 'last period', '3rd last period', 'all last periods', 'reserved period 127']
    >>> period_text(Obis("1-0:1.8.0*5"), counter=6), period_text(Obis("1-0:1.35.0*2"))
    ('2nd last period', 'threshold 2')
    """
    f = code[5]
    if f == CURRENT:
        return ""
    if code[2] == 96 and not is_period(code):
        return f"F = {f}"
    if not is_period(code):
        return f"threshold {f}" if code[2] else f"limit {f}"
    if f == WILDCARD:
        return "all last periods"
    if f >= 128:
        return f"manufacturer specific period {f}"
    if f in (100, 127):
        return f"reserved period {f}"
    age = period_age(f, counter, limit)
    return f"billing period {f}" if age is None else f"{_ordinal(age)}last period"


def _ordinal(age: int) -> str:
    if age == 1:
        return ""
    ending = "th" if 10 <= age % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(age % 10, "th")
    return f"{age}{ending} "
