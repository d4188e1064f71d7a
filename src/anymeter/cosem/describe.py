"""An encoded value field by field, for people."""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem.compact import Reader, described
from anymeter.cosem.schema import ARRAY, COMPACT_ARRAY, SIMPLE, STRUCTURE, TYPE_NAMES, Schema
from anymeter.cosem.walk import skip
from anymeter.wire.fields import Field
from anymeter.wire.lengths import length_at

MOST_FIELDS: Final = 384
"""From so many fields on, what is left of an array or structure is shown in one."""


def explain(buf: bytes, at: int = 0) -> list[Field]:
    """One field for each value and for each head of an array or structure; raises :class:`DecodeError` like decode.

    Every octet stands in one field; nobody reads thousands of them: see :data:`MOST_FIELDS`.

    >>> for field in explain(bytes.fromhex("02 02 11 05 09 02 41 42")):
    ...     print(field.at, "  " * field.depth + field.name, field.octets.hex(" "), "=", field.meaning)
    0 structure 02 02 = 2 elements
    2   unsigned 11 05 = 5
    4   octet-string 09 02 41 42 = 4142 "AB"
    """
    skip(buf, at)
    fields: list[Field] = []
    _explain(Reader(buf, at, len(buf), at), 0, fields)
    return fields


def _explain(reader: Reader, depth: int, fields: list[Field]) -> None:
    """Add the fields of the value where *reader* stands; it stands behind it then."""
    buf, at = reader.buf, reader.at
    tag = buf[at]
    if tag in (ARRAY, STRUCTURE):
        count, reader.at = length_at(buf, at + 1)
        fields.append(Field(at, buf[at : reader.at], TYPE_NAMES[tag], _elements(count), depth=depth))
        for left in range(count, 0, -1):
            if len(fields) >= MOST_FIELDS:
                _explain_rest(reader, left, depth + 1, fields)
                break
            _explain(reader, depth + 1, fields)
    elif tag == COMPACT_ARRAY:
        reader.at = skip(buf, at)
        _explain_compact(buf, at, reader.at, depth, fields)
    else:
        reader.at += 1
        value = reader.value(SIMPLE[tag])
        fields.append(Field(at, buf[at : reader.at], SIMPLE[tag].name, _meaning(value), depth=depth))


def _explain_rest(reader: Reader, left: int, depth: int, fields: list[Field]) -> None:
    """One field for the *left* elements that go on where *reader* stands; it stands behind them then."""
    start = reader.at
    for _ in range(left):
        reader.at = skip(reader.buf, reader.at)
    fields.append(Field(start, reader.buf[start : reader.at], "the rest", _elements(left), depth=depth))


def _explain_compact(buf: bytes, at: int, end: int, depth: int, fields: list[Field]) -> None:
    row, start = described(buf, at + 1)
    length, contents = length_at(buf, start)
    fields.append(Field(at, buf[at : at + 1], TYPE_NAMES[COMPACT_ARRAY], depth=depth))
    fields.append(Field(at + 1, buf[at + 1 : start], "TypeDescription", type_text(row), depth=depth + 1))
    fields.append(Field(start, buf[start:contents], "length of the contents", f"{length} octets", depth=depth + 1))
    reader = Reader(buf, contents, end, at)
    while reader.at < end and len(fields) < MOST_FIELDS:
        _explain_contents(reader, row, depth + 1, fields)
    if reader.at < end:
        rest = buf[reader.at : end]
        fields.append(Field(reader.at, rest, "the rest", f"{len(rest)} octets", depth=depth + 1))


def _explain_contents(reader: Reader, schema: Schema[Any], depth: int, fields: list[Field]) -> None:
    start = reader.at
    if schema.tag not in (ARRAY, STRUCTURE):
        value = reader.value(schema)
        fields.append(Field(start, reader.buf[start : reader.at], schema.name, _meaning(value), depth=depth))
        return
    is_array = schema.tag == ARRAY
    count = schema.size or 0 if is_array else len(schema.parts)
    fields.append(Field(start, b"", schema.name, _elements(count), depth=depth))
    for place in range(count):
        if len(fields) >= MOST_FIELDS:
            start = reader.at
            for later in range(place, count):
                reader.value(schema.parts[0 if is_array else later])
            rest = _elements(count - place)
            fields.append(Field(start, reader.buf[start : reader.at], "the rest", rest, depth=depth + 1))
            break
        _explain_contents(reader, schema.parts[0 if is_array else place], depth + 1, fields)


def type_text(schema: Schema[Any]) -> str:
    """A type in words.

    >>> from anymeter.cosem.schema import LONG_UNSIGNED, UNSIGNED, array, structure
    >>> type_text(structure(LONG_UNSIGNED, array(UNSIGNED, count=3)))
    'structure {long-unsigned, array of 3 unsigned}'
    """
    if schema.tag == STRUCTURE:
        return f"structure {{{', '.join(type_text(part) for part in schema.parts)}}}"
    if schema.tag == ARRAY:
        of = " or ".join(type_text(part) for part in schema.parts[:1])
        return " ".join(filter(None, ("array of", "" if schema.size is None else str(schema.size), of or "anything")))
    return schema.name


def _elements(count: int) -> str:
    return "1 element" if count == 1 else f"{count} elements"


def _meaning(value: Any) -> str:
    """A value in words: octets as hex, and as text where they are printable."""
    if isinstance(value, bytes):
        text = value.decode("latin-1")
        return f'{value.hex()} "{text}"' if value and text.isascii() and text.isprintable() else value.hex()
    if isinstance(value, str):
        return f'"{value}"'
    return "" if value is None else str(value)
