"""Walk over encoded values without building them: the one place that says where octets end, or what is wrong, where."""

from __future__ import annotations

import struct
from typing import Final

from anymeter.cosem.compact import check_contents, described
from anymeter.cosem.schema import ARRAY, BIT_STRING, COMPACT_ARRAY, MAX_DEPTH, SIMPLE, STRUCTURE, TYPE_NAMES
from anymeter.errors import DecodeError
from anymeter.wire.lengths import length_at

SIZES: Final[tuple[int, ...]] = tuple(
    1 + struct.calcsize(">" + s.code) if (s := SIMPLE.get(tag)) and s.code else 1 if tag in (0, 255) else 0
    for tag in range(256)
)
"""Octets of a value with each tag, the tag counted, where that is always the same; else 0."""


_STRINGS: Final = frozenset((0x09, 0x0A, 0x0C))


def skip(buf: bytes, at: int = 0) -> int:
    """Where the value that begins at *at* ends; :class:`DecodeError` names the octet where it breaks the encoding.

    >>> skip(bytes.fromhex("02 02 11 05 09 01 41 FF"))
    7
    """
    try:
        end = _end(buf, at, 1, 0)
    except (IndexError, DecodeError):  # told below: an error kept with its frames would hold what they had read
        end = len(buf) + 1
    return end if end <= len(buf) else _skip(buf, at, 0)


def _end(buf: bytes, at: int, count: int, depth: int) -> int:
    """Where *count* values inside *depth* arrays and structures end, which may be past the end of *buf*.

    Every APDU with a value asks this; of what is wrong it only knows that something is.
    """
    if count > len(buf) - at or depth > MAX_DEPTH:
        raise IndexError
    sizes = SIZES
    for _ in range(count):
        tag = buf[at]
        if size := sizes[tag]:
            at += size
        elif tag in _STRINGS or tag <= STRUCTURE:
            n = buf[at + 1]
            at += 2
            if n >= 0x80:
                n, at = length_at(buf, at - 1)
            at = _end(buf, at, n, depth + 1) if tag <= STRUCTURE else at + n
        else:
            at = _skip(buf, at, depth)
    return at


def _skip(buf: bytes, at: int, depth: int) -> int:
    """The same for one value, step by step: here everything is checked where it stands."""
    if at >= len(buf):
        raise DecodeError("the message ends before a value", what="Data", at=at)
    tag = buf[at]
    if size := SIZES[tag]:
        return _within(buf, at, at + size)
    if tag in (ARRAY, STRUCTURE):
        return _skip_elements(buf, at, depth)
    if tag == COMPACT_ARRAY:
        row, start = described(buf, at + 1)
        length, start = length_at(buf, start)
        end = _within(buf, at, start + length)
        check_contents(row, buf, start, end, at)
        return end
    if tag not in SIMPLE:
        raise DecodeError(f"{tag} is no data type", what="Data", at=at)
    length, start = length_at(buf, at + 1)
    return _within(buf, at, start + ((length + 7) // 8 if tag == BIT_STRING.tag else length))


def _skip_elements(buf: bytes, at: int, depth: int) -> int:
    name = TYPE_NAMES[buf[at]]
    if depth >= MAX_DEPTH:
        raise DecodeError(f"nested more than {MAX_DEPTH} deep", what=name, at=at)
    count, end = length_at(buf, at + 1)
    if count > len(buf) - end:
        raise DecodeError(f"{count} elements do not fit into the {len(buf) - end} octets left", what=name, at=at)
    for _ in range(count):
        end = _skip(buf, end, depth + 1)
    return end


def _within(buf: bytes, at: int, end: int) -> int:
    if end > len(buf):
        raise DecodeError(f"runs {end - len(buf)} octets past the end", what=TYPE_NAMES[buf[at]], at=at)
    return end
