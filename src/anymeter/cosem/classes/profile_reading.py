"""Selective access to the buffer of a Profile generic object.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.3.6 (range_descriptor, entry_descriptor).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from anymeter.cosem import data
from anymeter.cosem.cells import column_of
from anymeter.cosem.classes.local_time import Zone
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import refuse
from anymeter.cosem.selection import CaptureObject

_ANY: Final = 0xFF
_LATEST_TIME: Final = b"\x17\x3b\x3b"


class RowSource(Protocol):
    """Where the entries of a profile come from that are computed instead of captured.

    Entries are counted 1 to n, the oldest first. A row is the tuple of the values in the order of capture_objects, a
    date-time in an octet-string as its 12 octets, None for null-data.
    """

    def entries(self, now: float) -> int:
        """How many entries there are."""

    def between(self, start: float | None, end: float | None, now: float) -> tuple[int, int]:
        """The first and last entry whose time lies from *start* to *end*, both included, in device time.

        None is no limit. There are none when the last is below the first.
        """

    def read(self, first: int, last: int, now: float) -> list[tuple[Any, ...]]:
        """The entries *first* to *last*, both included."""

    def reset(self, now: float) -> None:
        """Forget every entry until now."""

    def capture(self, now: float) -> None:
        """The method capture was invoked."""


def bound(value: Any, zone: Zone, what: str, *, upper: bool) -> float | None:
    """A limit of a range of times, as the clock's UTC; None for no limit.

    Hours, minutes and seconds that are not specified make the range as wide as can be. AccessError for other wildcards,
    and type-unmatched for what is no date-time.
    """
    if value is None:
        return None
    octets = getattr(value, "octets", value)
    if not isinstance(octets, bytes) or len(octets) != 12:
        raise refuse(DataAccessResult.type_unmatched, what)
    moment = DateTime(octets)
    if not moment.specified:
        return None
    time = bytes(
        (limit if upper else 0) if part == _ANY else part for part, limit in zip(octets[5:8], _LATEST_TIME, strict=True)
    )
    utc = zone.instant(DateTime(octets[:5] + time + octets[8:]))
    if utc is None:
        raise refuse(DataAccessResult.scope_of_access_violated, f"{what} {moment.iso()}")
    return utc


def times_within(rows: Sequence[bytes], column: int, start: float | None, end: float | None, zone: Zone) -> list[bytes]:
    """The encoded *rows* whose date-time in *column* lies from *start* to *end*; those without one do not."""
    found = []
    for row, cell in zip(rows, column_of(rows, column), strict=True):
        utc = zone.instant(DateTime(cell[-12:])) if len(cell) >= 13 else None
        if utc is not None and (start is None or start <= utc) and (end is None or utc <= end):
            found.append(row)
    return found


def values_within(rows: Sequence[bytes], column: int, start: Any, end: Any, what: str) -> list[bytes]:
    """The encoded *rows* whose value in *column* lies from *start* to *end*; null-data is no value, and no limit.

    AccessError type-unmatched when the two cannot be compared.
    """
    found = []
    for row, cell in zip(rows, column_of(rows, column), strict=True):
        value = data.parse(cell)
        if value is None:
            continue
        try:
            if (start is None or start <= value) and (end is None or value <= end):
                found.append(row)
        except TypeError:
            raise refuse(DataAccessResult.type_unmatched, what) from None
    return found


def place_of(columns: Sequence[CaptureObject], wanted: CaptureObject, what: str) -> int:
    """Which column *wanted* is, counted from 0; AccessError where it is none."""
    try:
        return columns.index(wanted)
    except ValueError:
        raise refuse(DataAccessResult.scope_of_access_violated, f"{what} has no column {wanted.label}") from None


def rank_of(cell: bytes, zone: Zone) -> int | float | None:
    """The number by which an encoded value is ranked: itself, or the instant of a date-time; None where it is none."""
    value = data.parse(cell)
    octets = getattr(value, "octets", value)
    if isinstance(octets, bytes) and len(octets) == 12:
        return zone.instant(DateTime(octets))
    return value if isinstance(value, int | float) else None
