"""Compact data: captured values without their types, which a template says.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.3.10.
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem import data
from anymeter.cosem.classes import capturing
from anymeter.cosem.classes.parts import blue_book
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.infer import schema_of
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, writes
from anymeter.cosem.schema import (
    ARRAY,
    COMPACT_ARRAY,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    NULL_DATA,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    STRUCTURE,
    UNSIGNED,
    Schema,
    array,
    octets,
    one_of,
    structure,
)
from anymeter.cosem.selection import CAPTURE_OBJECTS, CaptureObject
from anymeter.errors import LocalError

BY_DATE: Final = structure(from_date=OCTET_STRING_DATE_TIME, to_date=OCTET_STRING_DATE_TIME)
BY_ENTRY: Final = structure(from_entry=DOUBLE_LONG_UNSIGNED, to_entry=DOUBLE_LONG_UNSIGNED)
RESTRICTION: Final = structure(restriction_type=ENUM, restriction_value=one_of(NULL_DATA, BY_DATE, BY_ENTRY))
"""Which part of the buffer of a profile is captured: all of it (0), by date (1), by entry (2)."""

RESTRICTED_CAPTURE_OBJECTS: Final = array(
    structure(
        class_id=LONG_UNSIGNED,
        logical_name=octets(6),
        attribute_index=INTEGER,
        data_index=LONG_UNSIGNED,
        restriction=RESTRICTION,
    )
)
INVOKE, IMPLICIT = 0, 1
"""capture_method."""


class CompactDataV0(InterfaceClass, class_id=62, version=0, methods_at=0x30, clause=blue_book("4.3.10")):
    """Compact data, version 0: the values of the capture objects in a row, without tags and counts.

    ``template_description`` is their TypeDescription; ``template_id`` changes whenever that changes.
    """

    compact_buffer = attribute(2, OCTET_STRING, dynamic=True)
    capture_objects = attribute(3, CAPTURE_OBJECTS)
    template_id = attribute(4, UNSIGNED)
    template_description = attribute(5, OCTET_STRING, dynamic=True)
    capture_method = attribute(6, ENUM, default=INVOKE, words={INVOKE: "upon invoking capture", IMPLICIT: "implicit"})

    def set_up(self) -> None:
        """Nothing is being captured."""
        self._busy = False

    def _values(self, now: float) -> list[bytes]:
        """The encoded values of the capture objects."""
        return [self._value(element, now) for element in self.stored(3)]

    def _value(self, element: tuple[Any, ...], now: float) -> bytes:
        column = CaptureObject.parse(element[:4])
        obj = capturing.found(self.device, column)
        if len(element) > 4:
            return capturing.bounded(capturing.restricted(obj, column, element[4], now))
        return capturing.captured(obj, column, now)

    def _take(self, now: float) -> None:
        """Capture; an object that captures itself, or one that captures it, finds what was captured before."""
        if self._busy:
            return
        self._busy = True
        try:
            self._copy(now)
        except LocalError as error:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name}: {error}") from None
        finally:
            self._busy = False

    def _copy(self, now: float) -> None:
        """The template comes first, as its id may be captured too."""
        values = self._values(now)
        schemas = [_counted(schema_of(value), data.parse(value)) for value in values]
        template = structure(*schemas).description()
        if template != self.stored(5):
            self.put(4, (self.stored(4) + 1) % 256 if self.stored(5) else self.stored(4), now)
            self.put(5, template, now)
            values = self._values(now)
        pairs = zip(schemas, values, strict=True)
        self.put(2, b"".join([schema.contents(data.parse(value)) for schema, value in pairs]), now)

    @reads(compact_buffer)
    def _buffer(self, now: float) -> bytes:
        if int(self.capture_method) == IMPLICIT:
            self._take(now)
        captured: bytes = self.stored(2)
        return captured

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Clear the buffer."""
        self.put(2, b"", now)

    @method(2, INTEGER)
    def capture(self, data: int, now: float) -> None:
        """Copy the values of the capture objects into the buffer; refused when they are captured implicitly."""
        if int(self.capture_method) == IMPLICIT:
            raise self.refusal(DataAccessResult.read_write_denied, f"{self.logical_name} captures on reading")
        self._take(now)

    @writes(compact_buffer, template_description)
    def _deny(self, value: Any, now: float) -> None:
        raise self.refusal(DataAccessResult.read_write_denied, f"{self.logical_name} buffer")

    @writes(capture_objects)
    def _set_columns(self, value: list[tuple[Any, ...]], now: float) -> None:
        for element in value:
            capturing.checked(self.device, CaptureObject.parse(element[:4]))
        self.put(3, value, now)
        self.reset(0, now)

    @writes(capture_method)
    def _set_method(self, value: int, now: float) -> None:
        if int(value) not in (INVOKE, IMPLICIT):
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} capture method {int(value)}")
        self.put(6, value, now)


class CompactData(CompactDataV0, class_id=62, version=1, methods_at=0x30):
    """Compact data: the values of the capture objects, of profiles a part of their entries, without tags and counts."""

    capture_objects = attribute(3, RESTRICTED_CAPTURE_OBJECTS)


def _counted(schema: Schema[Any], value: Any) -> Schema[Any]:
    """The type of *value* as a template says it: every array with its count, octet-strings of any length."""
    if schema.tag == STRUCTURE:
        return structure(*map(_counted, schema.parts, value))
    if schema.tag in (ARRAY, COMPACT_ARRAY):
        part = _counted(schema.parts[0], value[0]) if value else NULL_DATA
        return array(part, count=len(value))
    return schema
