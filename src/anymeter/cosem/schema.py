"""The types of COSEM values, under the standard's names, and their encoding. Source: IEC 62056-5-3, Data (A-XDR).

A value on the wire names its own type, so decoding needs no schema. Encoding does: ``5`` may be any of fourteen
integer types. One :class:`Schema` serves an attribute, a profile row and the TypeDescription of a compact array alike.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.values import DONT_CARE, Bcd, BitString, Delta, DontCare, Enum, Float32
from anymeter.errors import LocalError
from anymeter.wire.lengths import length_of

T = TypeVar("T")

NULL, ARRAY, STRUCTURE, COMPACT_ARRAY = 0, 1, 2, 19
"""The tags that hold no contents of their own, or other values."""

MAX_DEPTH: Final = 32
"""How deep arrays and structures may be nested."""


class Schema(msgspec.Struct, Generic[T], frozen=True):
    """The type of a COSEM value, and of its Python twin ``T``.

    *parts*: the fields of a structure; the element type of an array, or one type for each element where they differ;
    the row type of a compact array; the types that a choice is among, none for any. *code*: struct code of a type of
    fixed size. *size*: octets of a string of known length, elements of an array of known length. *fields*: the names
    of a structure's fields, where they have names.
    """

    name: str
    tag: int
    parts: tuple[Schema[Any], ...] = ()
    code: str = ""
    size: int | None = None
    fields: tuple[str, ...] = ()

    def encode(self, value: T) -> bytes:
        """The octets of *value*, tag first; :class:`LocalError` when it is not of this type or out of range."""
        if self.tag == ANY_TAG:
            return _chosen(self, value)
        head = bytes((self.tag,))
        if self.tag == COMPACT_ARRAY:
            row, values = self.parts[0], _items(self, value)
            contents = b"".join([row.contents(v) for v in values])
            return head + row.description() + length_of(len(contents)) + contents
        if self.tag in (ARRAY, STRUCTURE):
            values = _items(self, value)
            pairs = zip(_parts_for(self, len(values)), values, strict=True)
            return head + length_of(len(values)) + b"".join([part.encode(v) for part, v in pairs])
        return head + self.contents(value)

    def contents(self, value: T) -> bytes:
        """The octets of *value* without tags and counts, as they stand in a compact array."""
        if self.code:
            return _fixed_contents(self, value)
        if self.tag in (ARRAY, STRUCTURE):
            values = _items(self, value)
            pairs = zip(_parts_for(self, len(values)), values, strict=True)
            return b"".join([part.contents(v) for part, v in pairs])
        encode = _CONTENTS.get(self.tag)
        if encode is None:
            raise LocalError(f"{self.name} does not stand in a compact array")
        return encode(self, value)

    def description(self) -> bytes:
        """The TypeDescription of this type; :class:`LocalError` for types that have none."""
        head = bytes((self.tag & 0xFF,))
        if self.tag == STRUCTURE:
            return head + length_of(len(self.parts)) + b"".join([part.description() for part in self.parts])
        if self.tag == ARRAY:
            if self.size is None or not 0 <= self.size <= 0xFFFF or len(self.parts) != 1:
                raise LocalError("an array in a compact array needs a fixed count (below 65536) and one element type")
            return head + self.size.to_bytes(2, "big") + self.parts[0].description()
        if self.tag in (ANY_TAG, COMPACT_ARRAY):
            raise LocalError(f"{self.name} does not stand in a compact array")
        return head


ANY_TAG: Final = -1

CHOICE: Final[Schema[Any]] = Schema("CHOICE", ANY_TAG)
NULL_DATA: Final[Schema[None]] = Schema("null-data", NULL)
BOOLEAN: Final[Schema[bool]] = Schema("boolean", 3, code="?")
BIT_STRING: Final[Schema[BitString]] = Schema("bit-string", 4)
DOUBLE_LONG: Final[Schema[int]] = Schema("double-long", 5, code="i")
DOUBLE_LONG_UNSIGNED: Final[Schema[int]] = Schema("double-long-unsigned", 6, code="I")
OCTET_STRING: Final[Schema[bytes]] = Schema("octet-string", 9)
VISIBLE_STRING: Final[Schema[str]] = Schema("visible-string", 10)
UTF8_STRING: Final[Schema[str]] = Schema("utf8-string", 12)
BCD: Final[Schema[int]] = Schema("bcd", 13, code="b")
INTEGER: Final[Schema[int]] = Schema("integer", 15, code="b")
LONG: Final[Schema[int]] = Schema("long", 16, code="h")
UNSIGNED: Final[Schema[int]] = Schema("unsigned", 17, code="B")
LONG_UNSIGNED: Final[Schema[int]] = Schema("long-unsigned", 18, code="H")
LONG64: Final[Schema[int]] = Schema("long64", 20, code="q")
LONG64_UNSIGNED: Final[Schema[int]] = Schema("long64-unsigned", 21, code="Q")
ENUM: Final[Schema[int]] = Schema("enum", 22, code="B")
FLOAT32: Final[Schema[float]] = Schema("float32", 23, code="f")
FLOAT64: Final[Schema[float]] = Schema("float64", 24, code="d")
DATE_TIME: Final[Schema[DateTime]] = Schema("date-time", 25, code="12s")
DATE: Final[Schema[Date]] = Schema("date", 26, code="5s")
TIME: Final[Schema[Time]] = Schema("time", 27, code="4s")
DELTA_INTEGER: Final[Schema[int]] = Schema("delta-integer", 28, code="b")
DELTA_LONG: Final[Schema[int]] = Schema("delta-long", 29, code="h")
DELTA_DOUBLE_LONG: Final[Schema[int]] = Schema("delta-double-long", 30, code="i")
DELTA_UNSIGNED: Final[Schema[int]] = Schema("delta-unsigned", 31, code="B")
DELTA_LONG_UNSIGNED: Final[Schema[int]] = Schema("delta-long-unsigned", 32, code="H")
DELTA_DOUBLE_LONG_UNSIGNED: Final[Schema[int]] = Schema("delta-double-long-unsigned", 33, code="I")
DONT_CARE_TYPE: Final[Schema[DontCare]] = Schema("dont-care", 255)

OCTET_STRING_DATE_TIME: Final[Schema[bytes]] = Schema("date-time in an octet-string", 9, size=12)
"""An octet-string that holds a date-time, as attributes like Clock.time have it."""

SIMPLE: Final[dict[int, Schema[Any]]] = {s.tag: s for s in list(vars().values()) if isinstance(s, Schema)} | {
    9: OCTET_STRING
}
"""Every type that has no parts, by its tag."""
del SIMPLE[ANY_TAG]

TYPE_NAMES: Final = {tag: s.name for tag, s in SIMPLE.items()} | {
    ARRAY: "array",
    STRUCTURE: "structure",
    COMPACT_ARRAY: "compact-array",
}
"""What the standard calls each tag."""

_BCDS: Final = tuple(Bcd(i if i < 128 else i - 256) for i in range(256))
_ENUMS: Final = tuple(Enum(i) for i in range(256))
_DELTAS: Final = tuple(Delta(i if i < 128 else i - 256) for i in range(256))
_DELTAS_UNSIGNED: Final = tuple(Delta(i) for i in range(256))

WRAPPERS: Final[dict[int, Callable[[Any], Any]]] = {
    BCD.tag: _BCDS.__getitem__,
    ENUM.tag: _ENUMS.__getitem__,
    FLOAT32.tag: Float32,
    DATE_TIME.tag: DateTime,
    DATE.tag: Date,
    TIME.tag: Time,
    **dict.fromkeys(range(DELTA_INTEGER.tag, DELTA_DOUBLE_LONG_UNSIGNED.tag + 1), Delta),
    DELTA_INTEGER.tag: _DELTAS.__getitem__,
    DELTA_UNSIGNED.tag: _DELTAS_UNSIGNED.__getitem__,
}
"""What makes the Python twin of what :mod:`struct` unpacks, for the types where that is not enough.

A value of one octet is made once: a list of thousands holds the same few objects.
"""


def octets(size: int) -> Schema[bytes]:
    """An octet-string of exactly *size* octets."""
    return Schema("octet-string", 9, size=size)


def structure(*parts: Schema[Any], **named: Schema[Any]) -> Schema[tuple[Any, ...]]:
    """A structure of these fields; keywords give them names.

    >>> structure(scaler=INTEGER, unit=ENUM).fields
    ('scaler', 'unit')
    """
    return Schema("structure", STRUCTURE, (*parts, *named.values()), fields=tuple(named))


def one_of(*parts: Schema[Any]) -> Schema[Any]:
    """A choice among these types; a value is encoded as the first one that takes it."""
    return Schema("CHOICE", ANY_TAG, parts)


def array(*parts: Schema[Any], count: int | None = None) -> Schema[list[Any]]:
    """An array of one element type; or of one type for each element, as some meters send.

    *count* fixes the number of elements, which a compact array needs for an array inside it.
    """
    return Schema("array", ARRAY, parts, size=count)


def compact_array(row: Schema[Any]) -> Schema[list[Any]]:
    """A compact array of elements of type *row*."""
    return Schema("compact-array", COMPACT_ARRAY, (row,))


def encode(schema: Schema[T], value: T) -> bytes:
    """The octets of *value* as *schema*, tag first; :class:`LocalError` when it does not fit.

    >>> encode(structure(INTEGER, ENUM), (-3, 30)).hex()
    '02020ffd161e'
    """
    return schema.encode(value)


def choice_of(value: Any) -> Schema[Any]:
    """The type of a value that shows it; :class:`LocalError` for numbers and containers, which do not.

    >>> choice_of("text").name, choice_of(True).name
    ('visible-string', 'boolean')
    """
    for kind, schema in () if isinstance(value, Delta) else _BY_KIND:
        if isinstance(value, kind):
            return schema
    raise LocalError(f"name the type of {value!r}: more than one can hold it")


_BY_KIND: Final[tuple[tuple[Any, Schema[Any]], ...]] = (
    (type(None), NULL_DATA),
    (bool, BOOLEAN),
    (Bcd, BCD),
    (Enum, ENUM),
    (Float32, FLOAT32),
    (bytes, OCTET_STRING),
    (str, VISIBLE_STRING),
    (BitString, BIT_STRING),
    (DateTime, DATE_TIME),
    (Date, DATE),
    (Time, TIME),
    (DontCare, DONT_CARE_TYPE),
)


def _chosen(schema: Schema[Any], value: Any) -> bytes:
    if not schema.parts:
        return choice_of(value).encode(value)
    for part in schema.parts:
        try:
            return part.encode(value)
        except LocalError:
            continue
    raise LocalError(f"{value!r} is of none of the types {', '.join(part.name for part in schema.parts)}")


UNSPECIFIED: Final = b"\xff" * 9 + b"\x80\x00\xff"
"""The date-time that says nothing: every part, the deviation and the status not specified."""


def initial_of(schema: Schema[Any]) -> Any:
    """The first value of a type: zero, an empty string or array, a structure of such, null-data for any type.

    >>> initial_of(structure(INTEGER, OCTET_STRING, array(ENUM), CHOICE))
    (0, b'', [], None)
    """
    if schema == OCTET_STRING_DATE_TIME:
        return UNSPECIFIED
    if schema.tag == ANY_TAG:
        return initial_of(schema.parts[0]) if schema.parts else None
    if schema.tag == STRUCTURE:
        return tuple(initial_of(part) for part in schema.parts)
    if schema.tag == ARRAY and schema.size:
        return [initial_of(schema.parts[0]) for _ in range(schema.size)]
    if schema.tag in (ARRAY, COMPACT_ARRAY):
        return []
    return _INITIAL[schema.tag](schema.size or 0)


def _items(schema: Schema[Any], value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise LocalError(f"{schema.name} takes a list or a tuple, not {value!r}")
    return value


def _parts_for(schema: Schema[Any], count: int) -> tuple[Schema[Any], ...]:
    """One type for each of *count* elements."""
    wanted = schema.size if schema.tag == ARRAY else len(schema.parts)
    if wanted is not None and count != wanted:
        raise LocalError(f"{schema.name} takes {wanted} elements, not {count}")
    parts = schema.parts * count if schema.tag == ARRAY and len(schema.parts) == 1 else schema.parts
    if len(parts) != count:
        raise LocalError(f"{schema.name} takes {len(parts)} elements, not {count}")
    return parts


def _fixed_contents(schema: Schema[Any], value: Any) -> bytes:
    if schema.tag in (25, 26, 27):
        size = int(schema.code[:-1])
        value = getattr(value, "octets", value)
        if not isinstance(value, bytes) or len(value) != size:
            raise LocalError(f"{schema.name} takes {size} octets or a value made of them, not {value!r}")
        return value
    wants_bool = schema.tag == BOOLEAN.tag
    if isinstance(value, bool) is not wants_bool:
        raise LocalError(f"{schema.name} does not take {value!r}")
    try:
        return struct.pack(">" + schema.code, value)
    except (struct.error, OverflowError, TypeError):
        raise LocalError(f"{value!r} does not fit into {schema.name}") from None


def _string_contents(schema: Schema[Any], value: Any) -> bytes:
    try:
        raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    except UnicodeEncodeError:
        raise LocalError(f"{value!r} has no UTF-8 form") from None
    raw = getattr(raw, "octets", raw) if schema.tag == OCTET_STRING.tag else raw
    if not isinstance(raw, bytes | bytearray | memoryview):
        raise LocalError(f"{schema.name} does not take {value!r}")
    raw = bytes(raw)
    if schema.size is not None and len(raw) != schema.size:
        raise LocalError(f"{schema.name} takes {schema.size} octets, not {len(raw)}")
    return length_of(len(raw)) + raw


def _bit_string_contents(schema: Schema[Any], value: Any) -> bytes:
    if not isinstance(value, BitString) or len(value.octets) != (value.size + 7) // 8:
        raise LocalError(f"{schema.name} takes a BitString with octets for its bits, not {value!r}")
    return length_of(value.size) + BitString.cut(value.octets, value.size).octets


def _nothing(wanted: Any) -> Callable[[Schema[Any], Any], bytes]:
    def contents(schema: Schema[Any], value: Any) -> bytes:
        if value is not wanted:
            raise LocalError(f"{schema.name} takes {wanted!r}, not {value!r}")
        return b""

    return contents


_CONTENTS: Final[dict[int, Callable[[Schema[Any], Any], bytes]]] = {
    NULL: _nothing(None),
    BIT_STRING.tag: _bit_string_contents,
    OCTET_STRING.tag: _string_contents,
    VISIBLE_STRING.tag: _string_contents,
    UTF8_STRING.tag: _string_contents,
    DONT_CARE_TYPE.tag: _nothing(DONT_CARE),
}

_INITIAL: Final[dict[int, Callable[[int], Any]]] = {
    **dict.fromkeys(SIMPLE, lambda size: 0),
    NULL: lambda size: None,
    BOOLEAN.tag: lambda size: False,
    BIT_STRING.tag: lambda size: BitString(bytes((size + 7) // 8), size),
    OCTET_STRING.tag: bytes,
    VISIBLE_STRING.tag: lambda size: "",
    UTF8_STRING.tag: lambda size: "",
    FLOAT32.tag: lambda size: 0.0,
    FLOAT64.tag: lambda size: 0.0,
    DATE_TIME.tag: lambda size: DateTime(UNSPECIFIED),
    DATE.tag: lambda size: Date(b"\xff" * 5),
    TIME.tag: lambda size: Time(b"\xff" * 4),
    DONT_CARE_TYPE.tag: lambda size: DONT_CARE,
}
