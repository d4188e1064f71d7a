"""Rows of a profile as they were captured, from rows as they were sent. Source: IEC 62056-6-2, Profile generic, buffer.

A meter may send null-data for a value that is as in the row before (for the clock: that is one capture period later),
a delta instead of a value, and leave out the end of a row that repeats the row before. Whether null-data means that,
or that there is no value, only the reader knows: so expanding is a step of its own, and decoding changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeGuard

from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.values import Delta
from anymeter.errors import LocalError


def expand(
    rows: Iterable[tuple[Any, ...]],
    *,
    width: int | None = None,
    clock: int | None = None,
    capture_period: int = 0,
    newest_first: bool = False,
    literal: Collection[int] = (),
) -> list[tuple[Any, ...]]:
    """The *rows* with every value written out.

    *width*: number of columns; shorter rows are filled up as if null-data had been sent (None: they stay short).
    *clock*: the column of the time (a date-time, its twelve octets, or seconds as an int): null-data there is the time
    of the row before plus *capture_period* seconds, minus when *newest_first*. With period 0 (captured at odd times)
    or after a time that is not complete the time is not known, and null-data stays.
    *literal*: columns in which null-data says that there is no value; it stays.

    Null-data in the first row has nothing to repeat and stays; so does a delta with no number before it.
    Rows longer than *width* are a :class:`LocalError`.

    >>> expand([(100, 7, 1), (None, Delta(2)), (None, None, 3)], width=3, clock=0, capture_period=60)
    [(100, 7, 1), (160, 9, 1), (220, 9, 3)]
    """
    step = -capture_period if newest_first else capture_period
    before: tuple[Any, ...] = ()
    out = []
    for row in rows:
        if width is not None and len(row) != width:
            if len(row) > width:
                raise LocalError(f"a row of {len(row)} values in a profile of {width} columns")
            row = (*row, *(None,) * (width - len(row)))
        if None in row or any(isinstance(value, Delta) for value in row):
            row = tuple(_value(i, value, before, clock, step, literal) for i, value in enumerate(row))
        before = (*row, *before[len(row) :])
        out.append(row)
    return out


def _value(
    column: int, value: Any, before: tuple[Any, ...], clock: int | None, step: int, literal: Collection[int]
) -> Any:
    """What was captured where *value* was sent."""
    previous = before[column] if column < len(before) else None
    if isinstance(value, Delta):
        return int(previous) + int(value) if _is_number(previous) else value
    if value is not None or column in literal:
        return value
    return _later(previous, step) if column == clock else previous


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool | Delta)


def _later(previous: Any, step: int) -> Any:
    """The time *step* seconds after *previous*; None where that is not known."""
    if step == 0:
        return None
    if _is_number(previous):
        return previous + step
    if isinstance(previous, bytes):
        return later_octets(previous, step)
    later = later_octets(previous.octets, step) if isinstance(previous, DateTime) else None
    return None if later is None else DateTime(later)


def later_octets(octets: bytes, step: int) -> bytes | None:
    """The octets of a date-time *step* seconds after the one in *octets*; None where that is not known."""
    moment = DateTime(octets)
    if step == 0 or len(octets) != 12 or not moment.complete:
        return None
    try:
        return moment.later(step).octets
    except LocalError:
        return None
