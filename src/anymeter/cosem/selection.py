"""What a profile captures, and which part of it is read: the same types for the client and the server.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.3.6 (Profile generic: capture objects, selective access).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Final, Self

import msgspec

from anymeter.cosem.conform import accept
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import (
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING_DATE_TIME,
    Schema,
    array,
    octets,
    structure,
)
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

CAPTURE_OBJECT: Final = structure(
    class_id=LONG_UNSIGNED, logical_name=octets(6), attribute_index=INTEGER, data_index=LONG_UNSIGNED
)
"""capture_object_definition."""

CAPTURE_OBJECTS: Final = array(CAPTURE_OBJECT)

ENTRY_DESCRIPTOR: Final = structure(
    from_entry=DOUBLE_LONG_UNSIGNED,
    to_entry=DOUBLE_LONG_UNSIGNED,
    from_selected_value=LONG_UNSIGNED,
    to_selected_value=LONG_UNSIGNED,
)

RANGE_DESCRIPTOR: Final = structure(
    restricting_object=CAPTURE_OBJECT, from_value=CHOICE, to_value=CHOICE, selected_values=CAPTURE_OBJECTS
)

_CLOCK: Final = 8
_CAPTURE_TIMES: Final = frozenset(((_CLOCK, 2), (4, 5), (5, 6), (5, 7), (65, 3), (67, 10)))
"""Class and attribute of date-times that stand in octet-strings."""


class CaptureObject(msgspec.Struct, frozen=True):
    """One column of a profile: an attribute of an object.

    *attribute* 0 means all attributes; *data_index* k > 0 the k-th element of the attribute's structure or array.

    >>> energy = CaptureObject(3, Obis("1-0:1.8.0*255"))
    >>> energy.label, energy.value[2:]
    ('1-0:1.8.0*255', (2, 0))
    """

    class_id: int
    logical_name: Obis
    attribute: int = 2
    data_index: int = 0

    @classmethod
    def parse(cls, value: Any) -> Self:
        """From the decoded capture_object_definition; :class:`DecodeError` when it is not one."""
        match value:
            case (int(class_id), bytes(name), int(attribute), int(data_index)) if len(name) == 6:
                return cls(int(class_id), Obis(bytes(name)), int(attribute), int(data_index))
        raise DecodeError(f"not a capture object: {value!r}", what="capture_objects")

    @property
    def value(self) -> tuple[int, bytes, int, int]:
        """The capture_object_definition."""
        return (self.class_id, bytes(self.logical_name), self.attribute, self.data_index)

    @property
    def label(self) -> str:
        """The logical name, ``#3`` behind it where attribute 3 is meant and not 2, ``[1]`` for its first element."""
        attribute = "" if self.attribute == 2 else f"#{self.attribute}"
        return f"{self.logical_name}{attribute}{f'[{self.data_index}]' if self.data_index else ''}"

    @property
    def is_time(self) -> bool:
        """Whether this is a date-time in an octet-string."""
        return (self.class_id, self.attribute) in _CAPTURE_TIMES and not self.data_index

    @property
    def is_clock(self) -> bool:
        """Whether this is the time of a Clock."""
        return self.class_id == _CLOCK and self.attribute == 2 and not self.data_index


CLOCK_TIME: Final = CaptureObject(_CLOCK, Obis("0-0:1.0.0*255"))
"""The time of the device's clock, by which profiles are mostly read."""


def capture_objects(value: Any) -> tuple[CaptureObject, ...]:
    """The columns from the decoded attribute capture_objects; :class:`DecodeError` when it is not that."""
    if not isinstance(value, list | tuple):
        raise DecodeError(f"not an array of capture objects: {value!r}", what="capture_objects")
    return tuple(CaptureObject.parse(element) for element in value)


class RangeDescriptor(msgspec.Struct, frozen=True, kw_only=True):
    """Selective access 1: the entries whose *restricting* value lies from *start* to *end*, both included.

    *start* and *end* are date-times, or numbers of *kind*; *columns* are those wanted, none for all of them.

    >>> since = DateTime.of(2026, 3, 1, None, 0, 0, 0)
    >>> RangeDescriptor(start=since, end=since).encode()[:20].hex()
    '0204020412000809060000010000ff0f02120000'
    """

    selector: ClassVar[int] = 1

    start: Any
    end: Any
    restricting: CaptureObject = CLOCK_TIME
    columns: tuple[CaptureObject, ...] = ()
    kind: Schema[Any] | None = None

    @classmethod
    def between(cls, since: dt.datetime, until: dt.datetime, columns: tuple[CaptureObject, ...] = ()) -> Self:
        """By the clock: the entries from *since* to *until*; naive ones are in the local time of the meter."""
        return cls(start=DateTime.of_datetime(since), end=DateTime.of_datetime(until), columns=columns)

    def encode(self) -> bytes:
        """The access parameters; :class:`LocalError` for a start or end that is not of its *kind*."""
        head = b"\x02\x04" + CAPTURE_OBJECT.encode(self.restricting.value)
        columns = CAPTURE_OBJECTS.encode([column.value for column in self.columns])
        return head + self._bound(self.start) + self._bound(self.end) + columns

    def _bound(self, value: Any) -> bytes:
        if self.kind is not None:
            return self.kind.encode(value)
        if isinstance(value, DateTime):
            return OCTET_STRING_DATE_TIME.encode(value.octets)
        if isinstance(value, bytes) and len(value) == 12:
            return OCTET_STRING_DATE_TIME.encode(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return DOUBLE_LONG_UNSIGNED.encode(value)
        return CHOICE.encode(value)

    @classmethod
    def parse(cls, parameters: bytes, what: str = "range_descriptor") -> Self:
        """From encoded access parameters; AccessError type-unmatched when they are not a range_descriptor."""
        restricting, start, end, columns = accept(RANGE_DESCRIPTOR, parameters, what)
        return cls(restricting=CaptureObject.parse(restricting), start=start, end=end, columns=capture_objects(columns))


class EntryDescriptor(msgspec.Struct, frozen=True, kw_only=True):
    """Selective access 2: entries *first* to *last* and their columns, counted from 1; a *last* of 0 is the last one.

    >>> EntryDescriptor(first=1, last=10).encode().hex()
    '02040600000001060000000a120001120000'
    """

    selector: ClassVar[int] = 2

    first: int = 1
    last: int = 0
    first_column: int = 1
    last_column: int = 0

    def encode(self) -> bytes:
        """The access parameters; :class:`LocalError` for numbers out of range."""
        return ENTRY_DESCRIPTOR.encode((self.first, self.last, self.first_column, self.last_column))

    @classmethod
    def parse(cls, parameters: bytes, what: str = "entry_descriptor") -> Self:
        """From encoded access parameters; AccessError type-unmatched when they are not an entry_descriptor."""
        first, last, first_column, last_column = accept(ENTRY_DESCRIPTOR, parameters, what)
        return cls(first=first, last=last, first_column=first_column, last_column=last_column)

    def entries(self, count: int) -> tuple[int, int]:
        """First and last of *count* entries that are meant; none where the last comes before the first."""
        return max(self.first, 1), count if self.last == 0 else min(self.last, count)

    def columns(self, count: int) -> range:
        """The columns out of *count* that are meant, counted from 0; :class:`LocalError` when there are none such."""
        first, last = max(self.first_column, 1), self.last_column or count
        if not first <= last <= count:
            raise LocalError(f"columns {first} to {last} of {count}")
        return range(first - 1, last)


Selection = RangeDescriptor | EntryDescriptor
"""What part of a profile is read."""
