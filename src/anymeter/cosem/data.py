"""The Data CHOICE: octets to plain Python values and back. Source: IEC 62056-5-3 (Green Book), Data (A-XDR).

======================================== =========================================================================
null-data                                ``None``
array, compact-array                     ``list``
structure                                ``tuple``
boolean                                  ``bool``
integers of 8 to 64 bits                 ``int``
enum, bcd, delta types                   :class:`Enum`, :class:`Bcd`, :class:`Delta`, subclasses of ``int``
float32, float64                         :class:`Float32` (a ``float`` that prints shortest), ``float``
octet-string                             ``bytes``
visible-string, utf8-string              ``str``; octets that are no UTF-8 stand as surrogates (PEP 383): none is lost
bit-string                               :class:`BitString`
date-time, date, time                    :class:`DateTime`, :class:`Date`, :class:`Time`
dont-care                                :data:`DONT_CARE`
======================================== =========================================================================

Nothing here raises anything but :class:`DecodeError` for what a peer sends, with the offset of the value at fault.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from anymeter.cosem.compact import GROWN, decode_compact
from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.describe import explain
from anymeter.cosem.infer import schema_of
from anymeter.cosem.rows import FEWEST_ROWS, MOST_DEPTH, decode_rows
from anymeter.cosem.schema import ARRAY, COMPACT_ARRAY, MAX_DEPTH, SIMPLE, STRUCTURE, WRAPPERS, Schema, encode
from anymeter.cosem.values import DONT_CARE, Bcd, BitString, Delta, DontCare, Enum, Float32, text_of
from anymeter.cosem.walk import skip
from anymeter.errors import DecodeError
from anymeter.wire.lengths import length_at

__all__ = [
    "DONT_CARE",
    "Bcd",
    "BitString",
    "Date",
    "DateTime",
    "Delta",
    "DontCare",
    "Enum",
    "Float32",
    "Schema",
    "Time",
    "Value",
    "decode",
    "encode",
    "explain",
    "parse",
    "schema_of",
    "skip",
]

Value: TypeAlias = Any
"""A decoded value: one of the Python types of the table above."""

_Unpack: TypeAlias = Callable[[bytes, int], tuple[Any, ...]]

_PLAIN: Final[list[tuple[_Unpack, int] | None]] = [None] * 256
"""By tag: unpacks a value of fixed size whose Python twin is what :mod:`struct` gives, tag and all; and its size."""
_WRAPPED: Final[dict[int, tuple[_Unpack, int, Callable[[Any], Any]]]] = {}
"""The same for types whose Python twin is a class of ours."""

for _tag, _schema in SIMPLE.items():
    if _schema.code:
        _layout = struct.Struct(">x" + _schema.code)
        if _tag in WRAPPERS:
            _WRAPPED[_tag] = (_layout.unpack_from, _layout.size, WRAPPERS[_tag])
        else:
            _PLAIN[_tag] = (_layout.unpack_from, _layout.size)


class _BrokenError(DecodeError):
    """The octets break the encoding; :func:`skip` says how and where."""

    def __init__(self) -> None:
        super().__init__("breaks the encoding", what="Data")


def decode(buf: bytes, at: int = 0) -> tuple[Value, int]:
    """The value that begins at *at*, and where it ends; :class:`DecodeError` names the octet at fault.

    >>> decode(bytes.fromhex("02 03 06 00 00 05 ED 0A 02 68 69 00"))
    ((1517, 'hi', None), 12)
    """
    try:
        plain = _PLAIN[buf[at]]
        if plain is not None:
            return plain[0](buf, at)[0], at + plain[1]
        return _value(buf, at, 0)
    except (_BrokenError, IndexError, struct.error):
        skip(buf, at)
        raise


def parse(octets: bytes) -> Value:
    """The one value that *octets* are; :class:`DecodeError` when any are left over.

    >>> parse(b"\\x12\\x01\\x00")
    256
    """
    value, end = decode(octets)
    if end != len(octets):
        raise DecodeError(f"{len(octets) - end} octets left over after the value", what="Data", at=end)
    return value


def _value(buf: bytes, at: int, depth: int) -> tuple[Value, int]:
    """The value at *at*, inside *depth* arrays and structures."""
    tag = buf[at]
    if tag in (STRUCTURE, ARRAY):
        if depth >= MAX_DEPTH:
            raise _BrokenError
        count = buf[at + 1]
        start = at + 2
        if count >= 0x80:
            count, start = length_at(buf, at + 1)
        if count > len(buf) - start:
            raise _BrokenError
        if tag == STRUCTURE:
            values, end = _elements(buf, start, count, depth + 1)
            return tuple(values), end
        if count >= FEWEST_ROWS and buf[start] == STRUCTURE and depth <= MOST_DEPTH:
            return decode_rows(buf, start, count, depth + 1, _value)
        values, end = _elements(buf, start, count, depth + 1)
        return (values[:] if count < GROWN else values), end
    plain = _PLAIN[tag]
    if plain is not None:
        return plain[0](buf, at)[0], at + plain[1]
    if tag in _WRAPPED:
        unpack, size, wrap = _WRAPPED[tag]
        return wrap(unpack(buf, at)[0]), at + size
    if tag in _STRINGS:
        length, start = length_at(buf, at + 1)
        make, bits = _STRINGS[tag]
        end = start + ((length + 7) // 8 if bits else length)
        if end > len(buf):
            raise _BrokenError
        return make(buf[start:end], length), end
    if tag == COMPACT_ARRAY:
        return decode_compact(buf, at)
    if tag in _EMPTY:
        return _EMPTY[tag], at + 1
    raise _BrokenError


def _elements(buf: bytes, at: int, count: int, depth: int) -> tuple[list[Value], int]:
    """*count* values one after another. The types that profiles are made of are read here, without a call each."""
    values: list[Value] = []
    append, plains = values.append, _PLAIN
    for _ in range(count):
        tag = buf[at]
        plain = plains[tag]
        if plain is not None:
            append(plain[0](buf, at)[0])
            at += plain[1]
        elif tag == 0:
            append(None)
            at += 1
        elif tag in _BYTES and (length := buf[at + 1]) < 0x80:
            start = at + 2
            at = start + length
            octets = buf[start:at]
            if len(octets) != length:
                raise _BrokenError
            append(octets if tag == 9 else text_of(octets))
        else:
            value, at = _value(buf, at, depth)
            append(value)
    return values, at


def _octets(octets: bytes, length: int) -> bytes:
    return octets


def _text(octets: bytes, length: int) -> str:
    return text_of(octets)


_STRINGS: Final[dict[int, tuple[Callable[[bytes, int], Any], bool]]] = {
    4: (BitString.cut, True),
    9: (_octets, False),
    10: (_text, False),
    12: (_text, False),
}
_BYTES: Final = frozenset((9, 10, 12))
_EMPTY: Final[dict[int, Value]] = {0: None, 255: DONT_CARE}
