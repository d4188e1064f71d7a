"""Profiles: what they capture, and their buffer, whole, by range, by entry, or a chunk of entries at a time.

Source: EN 13757-1:2014, 6.4, after IEC 62056-6-2 (Profile generic, class_id 7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from anymeter.cosem import data
from anymeter.cosem.profile_rows import Profile
from anymeter.cosem.selection import (
    CLOCK_TIME,
    CaptureObject,
    EntryDescriptor,
    RangeDescriptor,
    Selection,
    capture_objects,
)
from anymeter.cosem.units import ScalerUnit
from anymeter.dlms.client.clock import shown_as
from anymeter.dlms.client.get import Progress, get_many, get_octets, get_value
from anymeter.dlms.client.session import Session
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import AttributeDescriptor, SelectiveAccess
from anymeter.errors import AnymeterError, DecodeError, LocalError
from anymeter.obis import Obis
from anymeter.wire.lengths import length_at, length_of

CLASS: Final = 7
BUFFER, CAPTURE_OBJECTS, CAPTURE_PERIOD, SORT_METHOD, ENTRIES_IN_USE = 2, 3, 4, 5, 7
NEWEST_FIRST: Final = 2
"""Sort method LIFO."""
SCALER_UNITS: Final = {(3, 2): 3, (4, 2): 3, (5, 2): 4, (5, 3): 4}
"""By class and attribute of a captured number: the attribute that holds its scaler and unit."""
CHUNK: Final = 1000
"""Entries that are asked for at a time."""
_ARRAY: Final = b"\x01"
_NONE: Final = b"\x01\x00"

Rows: TypeAlias = Callable[[int, int], object]
"""Told how many entries have come, of how many."""


class Layout(msgspec.Struct, frozen=True):
    """What a profile captures: its columns; seconds between entries, 0 for none; the number of its sort method.

    *scaler_units* of the columns whose numbers have one, as far as they were read.
    """

    columns: tuple[CaptureObject, ...]
    capture_period: int = 0
    sort_method: int = 1
    scaler_units: Mapping[CaptureObject, ScalerUnit] = {}

    @property
    def newest_first(self) -> bool:
        """Whether the last entry comes first."""
        return self.sort_method == NEWEST_FIRST

    def chosen(self, selection: Selection | None) -> tuple[CaptureObject, ...]:
        """The columns that come when this part is read; LocalError when the profile has not so many."""
        if isinstance(selection, EntryDescriptor) and self.columns:
            return tuple(self.columns[place] for place in selection.columns(len(self.columns)))
        if isinstance(selection, RangeDescriptor) and selection.columns:
            return selection.columns
        return self.columns


class Buffer(msgspec.Struct, frozen=True):
    """What was read of a profile: its entries as encoded array, the columns they have, the layout they are part of."""

    octets: bytes
    columns: tuple[CaptureObject, ...]
    layout: Layout

    def profile(self, deviation_sign: int = 1) -> Profile:
        """The entries as rows and columns with names and units; DecodeError when they are none."""
        known = self.layout.scaler_units
        return Profile(
            self.columns,
            self.octets,
            capture_period=self.layout.capture_period,
            newest_first=self.layout.newest_first,
            scaler_units={i: known[column] for i, column in enumerate(self.columns) if column in known},
            deviation_sign=deviation_sign,
        )


def read_layout(session: Session, name: Obis, *, units: bool = False) -> Conversation[Layout]:
    """What a profile captures, with *units* also the scalers and units of what it captures, where they may be read.

    A period and a sort method that may not be read count as 0 and as FIFO.
    """
    targets = [AttributeDescriptor(CLASS, name, n) for n in (CAPTURE_OBJECTS, CAPTURE_PERIOD, SORT_METHOD)]
    columns, period, sort = yield from get_many(session, targets)
    if isinstance(columns, AnymeterError):
        raise columns
    captured = capture_objects(data.parse(columns))
    scaler_units = (yield from read_scaler_units(session, captured)) if units else {}
    return Layout(captured, _number(period, 0), _number(sort, 1), scaler_units)


def read_scaler_units(
    session: Session, columns: Sequence[CaptureObject]
) -> Conversation[dict[CaptureObject, ScalerUnit]]:
    """The scalers and units of the columns that have one; what the meter refuses is left out."""
    wanted = {c: SCALER_UNITS[c.class_id, c.attribute] for c in columns if (c.class_id, c.attribute) in SCALER_UNITS}
    targets = [AttributeDescriptor(c.class_id, c.logical_name, number) for c, number in wanted.items()]
    outcomes = yield from get_many(session, targets)
    pairs = zip(wanted, outcomes, strict=True)
    return {column: ScalerUnit.parse(data.parse(one)) for column, one in pairs if isinstance(one, bytes)}


def _number(outcome: bytes | AnymeterError, otherwise: int) -> int:
    value: Any = data.parse(outcome) if isinstance(outcome, bytes) else otherwise
    if not isinstance(value, int):
        raise DecodeError("no number", what="capture_period or sort_method")
    return value


def read_buffer(
    session: Session,
    name: Obis,
    selection: Selection | None = None,
    *,
    layout: Layout | None = None,
    progress: Progress | None = None,
) -> Conversation[Buffer]:
    """Read the entries of a profile, or the *selection* of them; the layout is read first unless it is known."""
    layout = layout or (yield from read_layout(session, name))
    columns = layout.chosen(selection)
    access = None if selection is None else SelectiveAccess(selection.selector, selection.encode())
    octets = yield from get_octets(session, AttributeDescriptor(CLASS, name, BUFFER), access, progress)
    return Buffer(octets, columns, layout)


def between(
    session: Session,
    layout: Layout,
    since: dt.datetime,
    until: dt.datetime,
    columns: tuple[CaptureObject, ...] = (),
) -> RangeDescriptor:
    """The entries from *since* to *until*, by the clock that the profile captures, as this meter writes date-times."""
    clock = next((column for column in layout.columns if column.is_clock), CLOCK_TIME)
    start, end = shown_as(session, since), shown_as(session, until)
    return RangeDescriptor(start=start, end=end, restricting=clock, columns=columns)


def entries_in_use(session: Session, name: Obis) -> Conversation[int]:
    """How many entries a profile holds."""
    value = yield from get_value(session, AttributeDescriptor(CLASS, name, ENTRIES_IN_USE))
    if not isinstance(value, int) or value < 0:
        raise DecodeError("no number of entries", what=f"{name} entries_in_use")
    return value


def read_chunks(
    session: Session,
    name: Obis,
    *,
    first: int = 1,
    last: int = 0,
    chunk: int = CHUNK,
    layout: Layout | None = None,
    progress: Rows | None = None,
) -> Conversation[Buffer]:
    """Read entries *first* to *last* (0: the last one), *chunk* of them at a time; entries count from 1.

    Where the meter has no entries, though it told of some, reading ends.
    What a chunk leaves out as unchanged refers to the entry before it in that chunk. Entries that are captured
    meanwhile move the others in a profile that holds the newest first, and in a full one.
    """
    if first < 1 or chunk < 1:
        raise LocalError(f"entries count from 1, not from {first}, and a chunk has at least one, not {chunk}")
    layout = layout or (yield from read_layout(session, name))
    count = yield from entries_in_use(session, name)
    end = count if last == 0 else min(last, count)
    target = AttributeDescriptor(CLASS, name, BUFFER)
    parts: list[bytes] = []
    size = 0
    for start in range(first, end + 1, chunk):
        part = EntryDescriptor(first=start, last=min(start + chunk - 1, end))
        octets = yield from get_octets(session, target, SelectiveAccess(part.selector, part.encode()))
        if octets == _NONE:
            break
        parts.append(octets)
        size += len(octets)
        if size > session.settings.most_octets:
            raise DecodeError(f"more than {session.settings.most_octets} octets", what=f"{name} buffer")
        if progress is not None:
            progress(min(start + chunk - 1, end) - first + 1, max(end - first + 1, 0))
    return Buffer(joined(parts), layout.columns, layout)


def joined(parts: Sequence[bytes]) -> bytes:
    """One encoded array of the elements of several; DecodeError when one of them is none.

    >>> joined([bytes.fromhex("0101 1105"), bytes.fromhex("0102 1106 1107")]).hex()
    '0103110511061107'
    """
    if len(parts) == 1:
        return parts[0]
    total, elements = 0, []
    for octets in parts:
        if octets[:1] != _ARRAY:
            raise DecodeError("no array", what="profile buffer", at=0)
        count, at = length_at(octets, 1)
        total += count
        elements.append(octets[at:])
    return _ARRAY + length_of(total) + b"".join(elements)
