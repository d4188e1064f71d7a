"""Where an encoded value ends, found without building it: every APDU with a value asks this once."""

from __future__ import annotations

from typing import Final

from anymeter.cosem import data
from anymeter.cosem.walk import SIZES
from anymeter.errors import DecodeError
from anymeter.wire.lengths import length_at

DEEPEST: Final = 16
"""Levels that are walked here; deeper values, and all that is broken, are left to :func:`anymeter.cosem.data.skip`."""
ARRAY: Final = 0x01
STRUCTURE: Final = 0x02
STRINGS: Final = (0x09, 0x0A, 0x0C)


def value_end(buf: bytes, at: int) -> int:
    """Where the value at *at* ends; raises the DecodeError of :func:`anymeter.cosem.data.skip`, which it agrees with.

    >>> value_end(bytes.fromhex("0202110509014100"), 0)
    7
    """
    try:
        end = _end(buf, at, 1, 0)
    except (IndexError, DecodeError):
        return data.skip(buf, at)
    return end if end <= len(buf) else data.skip(buf, at)


def _end(buf: bytes, at: int, count: int, depth: int) -> int:
    """Where *count* values end; may be past the end of *buf*."""
    if count > len(buf) - at or depth > DEEPEST:
        raise IndexError
    sizes = SIZES
    for _ in range(count):
        tag = buf[at]
        if size := sizes[tag]:
            at += size
        elif tag in STRINGS or tag <= STRUCTURE:
            n = buf[at + 1]
            at += 2
            if n >= 0x80:
                n, at = length_at(buf, at - 1)
            at = _end(buf, at, n, depth + 1) if tag <= STRUCTURE else at + n
        else:
            at = data.skip(buf, at)
    return at
