"""compact-array: one TypeDescription, then contents without tags. Source: IEC 62056-5-3, Data (A-XDR)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

from anymeter.cosem.schema import (
    ARRAY,
    BIT_STRING,
    COMPACT_ARRAY,
    DONT_CARE_TYPE,
    MAX_DEPTH,
    NULL,
    SIMPLE,
    STRUCTURE,
    WRAPPERS,
    Schema,
    array,
    structure,
)
from anymeter.cosem.values import DONT_CARE, BitString, text_of
from anymeter.errors import DecodeError
from anymeter.wire.lengths import length_at

GROWN: Final = 16
"""Shorter lists are copied when they are complete: grown, a list holds room for more."""

_SPARE: Final = 256
_PER_OCTET: Final = 3
_CONTAINER: Final = 4
"""What may be made of a compact array: a type description can multiply null-data, arrays and structures without limit.
An octet pays for three values of no octets, an array or structure costs as much as four, or eight when it takes no
octets, and some are free. Elements of fixed size are what they are: they need no bound."""


def described(buf: bytes, at: int) -> tuple[Schema[Any], int]:
    """The TypeDescription that stands at *at* as a schema, and where it ends.

    >>> schema, _ = described(bytes.fromhex("02 02 12 11"), 0)
    >>> [part.name for part in schema.parts]
    ['long-unsigned', 'unsigned']
    """
    return _described(buf, at, 0)


def _described(buf: bytes, at: int, depth: int) -> tuple[Schema[Any], int]:
    if at >= len(buf):
        raise DecodeError("the message ends before a type", what="TypeDescription", at=at)
    tag = buf[at]
    if tag in SIMPLE:
        return SIMPLE[tag], at + 1
    if depth >= MAX_DEPTH:
        raise DecodeError(f"nested more than {MAX_DEPTH} deep", what="TypeDescription", at=at)
    if tag == ARRAY:
        if at + 3 > len(buf):
            raise DecodeError("the message ends inside a count", what="TypeDescription", at=at)
        part, end = _described(buf, at + 3, depth + 1)
        return array(part, count=int.from_bytes(buf[at + 1 : at + 3], "big")), end
    if tag != STRUCTURE:
        raise DecodeError(f"{tag} is no type of a compact array", what="TypeDescription", at=at)
    count, end = length_at(buf, at + 1)
    if count > len(buf) - end:
        raise DecodeError(f"{count} types do not fit into the octets left", what="TypeDescription", at=at)
    parts = []
    for _ in range(count):
        part, end = _described(buf, end, depth + 1)
        parts.append(part)
    return structure(*parts), end


def decode_compact(buf: bytes, at: int) -> tuple[list[Any], int]:
    """The elements of the compact array whose tag stands at *at*, and where it ends."""
    row, start = described(buf, at + 1)
    length, start = length_at(buf, start)
    end = start + length
    if end > len(buf):
        raise DecodeError(f"runs {end - len(buf)} octets past the end", what="compact-array", at=at)
    return contents_of(row, buf, start, end, at), end


def check_contents(row: Schema[Any], buf: bytes, start: int, end: int, at: int) -> None:
    """Raise the :class:`DecodeError` that :func:`contents_of` would."""
    layout = _flat_layout(row)
    if layout is None or (end - start) % layout.size:
        for _ in _elements(row, buf, start, end, at):
            pass


def contents_of(row: Schema[Any], buf: bytes, start: int, end: int, at: int) -> list[Any]:
    """The elements that stand untagged from *start* to *end*, all of type *row*; *at* is the array's tag."""
    layout = _flat_layout(row)
    if layout is None or (end - start) % layout.size:
        return list(_elements(row, buf, start, end, at))
    return _flat_contents(row, layout, buf[start:end])


def _elements(row: Schema[Any], buf: bytes, start: int, end: int, at: int) -> Iterator[Any]:
    reader = Reader(buf, start, end, at)
    while reader.at < end:
        before = reader.at
        yield reader.value(row)
        if reader.at == before:
            raise DecodeError("contents for elements that take no octets", what="compact-array", at=before)


def _flat_layout(row: Schema[Any]) -> struct.Struct | None:
    """The layout of elements that are each one value of fixed size, or a structure of such values; else None."""
    parts = row.parts if row.tag == STRUCTURE else (row,)
    if not parts or not all(part.code for part in parts):
        return None
    return struct.Struct(">" + "".join([part.code for part in parts]))


def _flat_contents(row: Schema[Any], layout: struct.Struct, contents: bytes) -> list[Any]:
    wraps = [WRAPPERS.get(part.tag) for part in (row.parts if row.tag == STRUCTURE else (row,))]
    if row.tag != STRUCTURE:
        wrap = wraps[0]
        return [value if wrap is None else wrap(value) for (value,) in layout.iter_unpack(contents)]
    if layout.size == 1:  # there are 256 such structures at most: they are shared
        made = {octet: _row(layout.unpack(bytes((octet,))), wraps) for octet in set(contents)}
        return [made[octet] for octet in contents]
    if not any(wraps):
        return list(layout.iter_unpack(contents))
    return [_row(values, wraps) for values in layout.iter_unpack(contents)]


def _row(values: tuple[Any, ...], wraps: list[Callable[[Any], Any] | None]) -> tuple[Any, ...]:
    return tuple([v if w is None else w(v) for v, w in zip(values, wraps, strict=True)])


class Reader:
    """Reads untagged values by their types; :attr:`at` is where it stands."""

    def __init__(self, buf: bytes, at: int, end: int, owner: int) -> None:
        self.buf, self.at, self.end = buf, at, end
        self.left = _PER_OCTET * (end - owner) + _SPARE

    def value(self, schema: Schema[Any]) -> Any:
        """The next value, of type *schema*."""
        tag = schema.tag
        reader = _FIXED.get(tag)
        if reader is not None:
            unpack, size, wrap = reader
            value = unpack(self.buf, self.take(schema, size))[0]
            return value if wrap is None else wrap(value)
        if tag in (STRUCTURE, ARRAY):
            return self.container(schema)
        if tag in (NULL, DONT_CARE_TYPE.tag):
            self.spend(1)
            return None if tag == NULL else DONT_CARE
        return self.string(schema)

    def container(self, schema: Schema[Any]) -> Any:
        """The next array or structure."""
        start = self.at
        self.spend(_CONTAINER)
        if schema.tag == STRUCTURE:
            values: Any = tuple([self.value(part) for part in schema.parts])
        else:
            values = [self.value(schema.parts[0]) for _ in range(schema.size or 0)]
            values = values[:] if len(values) < GROWN else values
        if self.at == start:
            self.spend(_CONTAINER)
        return values

    def string(self, schema: Schema[Any]) -> Any:
        """The next value of a type that begins with its length."""
        length, self.at = length_at(self.buf, self.take(schema, 0))
        if schema.tag == BIT_STRING.tag:
            start = self.take(schema, (length + 7) // 8)
            return BitString.cut(self.buf[start : self.at], length)
        start = self.take(schema, length)
        octets = self.buf[start : self.at]
        return octets if schema.tag == 9 else text_of(octets)

    def take(self, schema: Schema[Any], size: int) -> int:
        """Where the next *size* octets begin; stands behind them."""
        start = self.at
        if size > self.end - start:  # also when a length has run past the end
            raise DecodeError("contents end inside an element", what=f"compact-array, {schema.name}", at=start)
        self.at = start + size
        return start

    def spend(self, cost: int) -> None:
        """Pay for what takes no octets."""
        self.left -= cost
        if self.left < 0:
            raise DecodeError("stands for more values than its octets can mean", what="compact-array", at=self.at)


_Fixed = tuple[Callable[[bytes, int], tuple[Any, ...]], int, Callable[[Any], Any] | None]

_FIXED: Final[dict[int, _Fixed]] = {
    tag: (struct.Struct(">" + s.code).unpack_from, struct.calcsize(">" + s.code), WRAPPERS.get(tag))
    for tag, s in SIMPLE.items()
    if s.code and tag != COMPACT_ARRAY
}
