"""The schema of an encoded value: what a re-encoding needs."""

from __future__ import annotations

from typing import Any

from anymeter.cosem.compact import described
from anymeter.cosem.schema import ARRAY, COMPACT_ARRAY, SIMPLE, STRUCTURE, Schema, array, compact_array, structure
from anymeter.cosem.walk import skip
from anymeter.wire.lengths import length_at


def schema_of(octets: bytes, at: int = 0) -> Schema[Any]:
    """The type of the value that begins at *at*: ``schema_of(x).encode(decode(x)[0])`` is *x* in its shortest form.

    An array whose elements are all of one type has that type as its only part, else a part for each element.
    Raises :class:`DecodeError` like :func:`skip`.
    """
    skip(octets, at)
    return _schema(octets, at)[0]


def _schema(buf: bytes, at: int) -> tuple[Schema[Any], int]:
    tag = buf[at]
    if tag == COMPACT_ARRAY:
        return compact_array(described(buf, at + 1)[0]), skip(buf, at)
    if tag not in (ARRAY, STRUCTURE):
        return SIMPLE[tag], skip(buf, at)
    count, at = length_at(buf, at + 1)
    parts: list[Schema[Any]] = []
    for _ in range(count):
        part, at = _schema(buf, at)
        parts.append(parts[-1] if parts and parts[-1] == part else part)  # rows of one type share one schema
    if tag == STRUCTURE:
        return structure(*parts), at
    same = all(part == parts[0] for part in parts)
    return array(*parts[:1]) if same else array(*parts), at
