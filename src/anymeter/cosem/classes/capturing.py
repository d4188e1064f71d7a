"""The values that capture objects point at, as profiles, compact data and pushes take them.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.3.6 (capture_object_definition).
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem.cells import row_of
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, refuse
from anymeter.cosem.schema import ARRAY, CHOICE, STRUCTURE, Schema, structure
from anymeter.cosem.selection import CaptureObject, EntryDescriptor, RangeDescriptor
from anymeter.cosem.surroundings import Surroundings
from anymeter.cosem.walk import skip
from anymeter.errors import AccessError, DecodeError, LocalError
from anymeter.wire.lengths import length_at

NULL: Final = b"\x00"
MOST_OCTETS: Final = 0xFFFF
_LONGEST_INDEX: Final = 0x7FFF
_PROFILE, _BUFFER = 7, 2
_BY_DATE: Final = 1
_AROUND: Final = b"\x01\x01\x02\x01"
"""An array of rows: what is captured must not be nested too deep even inside of one."""


def found(device: Surroundings | None, column: CaptureObject) -> InterfaceClass | None:
    """The object that a capture object names; None where the device has none."""
    if device is None:
        return None
    try:
        obj: InterfaceClass = device.find(column.class_id, column.logical_name)
    except AccessError:
        return None
    return obj


def checked(device: Surroundings | None, column: CaptureObject) -> None:
    """AccessError when there is nothing that a capture object could capture."""
    if column.data_index > _LONGEST_INDEX:
        raise refuse(DataAccessResult.scope_of_access_violated, f"data_index {column.data_index:#06x}")
    if device is None:
        return
    obj = device.find(column.class_id, column.logical_name)
    if column.attribute:
        attribute = obj.attributes.get(column.attribute)
        if attribute is None:
            raise refuse(DataAccessResult.object_undefined, f"{column.logical_name} attribute {column.attribute}")
        if attribute.secret:
            raise refuse(DataAccessResult.read_write_denied, f"{column.logical_name} {attribute.name}")


def captured(obj: InterfaceClass | None, column: CaptureObject, now: float) -> bytes:
    """The octets of what *column* points at; null-data where there is nothing, or too much (see :func:`bounded`)."""
    return bounded(whole(obj, column, now))


def whole(obj: InterfaceClass | None, column: CaptureObject, now: float) -> bytes:
    """The octets of what *column* points at, however long; null-data for what is not there, secret or has no type.

    Attribute 0 is a structure of all attributes. A data_index above 0 is that element of an array or a structure.
    """
    if obj is None:
        return NULL
    if column.attribute == 0:
        return row_of([_octets(obj, number, now) for number in obj.attributes if number > 0])
    octets = _octets(obj, column.attribute, now)
    return element(octets, column.data_index) if column.data_index else octets


def _octets(obj: InterfaceClass, number: int, now: float) -> bytes:
    if number not in obj.attributes or obj.attributes[number].secret:
        return NULL
    try:
        return obj.encoded(number, now)
    except LocalError:  # a value that nothing gives a type yet
        return NULL


def restricted(
    obj: InterfaceClass | None,
    column: CaptureObject,
    restriction: tuple[int, Any],
    now: float,
    columns: tuple[CaptureObject, ...] = (),
) -> bytes:
    """The octets of what *column* points at; of a profile's buffer the part that *restriction* and *columns* choose.

    A restriction is its type (0 none, 1 by date, 2 by entry) and from where to where. AccessError when the profile
    refuses, :class:`LocalError` for limits of the wrong type.
    """
    kind, limits = restriction
    buffer = obj is not None and obj.class_id == _PROFILE and column.attribute == _BUFFER
    if obj is None or not (buffer and kind and isinstance(limits, tuple | list) and len(limits) == 2):
        return whole(obj, column, now)
    part: RangeDescriptor | EntryDescriptor = EntryDescriptor(first=limits[0], last=limits[1])
    if kind == _BY_DATE:
        part = RangeDescriptor(start=limits[0], end=limits[1], columns=columns)
    octets = obj.select(_BUFFER, part.selector, part.encode(), now)
    return element(octets, column.data_index) if column.data_index else octets


def bounded(octets: bytes) -> bytes:
    """An encoded value, or null-data for one that is too long or nested too deep.

    Objects can be told to capture each other: without a bound what they hold would grow without end.
    """
    if len(octets) > MOST_OCTETS:
        return NULL
    if octets[0] in (ARRAY, STRUCTURE):
        try:
            skip(_AROUND + octets)
        except DecodeError:
            return NULL
    return octets


def element(octets: bytes, index: int) -> bytes:
    """The octets of one element of an encoded structure or array, counted from 1; null-data where there is none.

    >>> element(bytes.fromhex("0202 1105 1206ff"), 2).hex()
    '1206ff'
    """
    if octets[0] not in (ARRAY, STRUCTURE):
        return NULL
    count, at = length_at(octets, 1)
    if index > count:
        return NULL
    for _ in range(index - 1):
        at = skip(octets, at)
    return octets[at : skip(octets, at)]


def type_of(obj: InterfaceClass | None, column: CaptureObject) -> Schema[Any]:
    """The type of what *column* points at, as far as it is known."""
    if obj is None or (column.attribute and column.attribute not in obj.attributes):
        return CHOICE
    if column.attribute == 0:
        return structure(*[obj.schema_of(number) for number in obj.attributes if number > 0])
    schema = obj.schema_of(column.attribute)
    if not column.data_index:
        return schema
    if schema.tag == ARRAY and len(schema.parts) == 1:
        return schema.parts[0]
    return schema.parts[column.data_index - 1] if column.data_index <= len(schema.parts) else CHOICE
