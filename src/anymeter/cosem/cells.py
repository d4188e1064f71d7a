"""Encoded rows of a profile taken apart into their cells, without decoding them.

Source: IEC 62056-6-2, Profile generic, buffer and selective access; null-data compression.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

from anymeter.cosem.compression import later_octets
from anymeter.cosem.schema import OCTET_STRING_DATE_TIME, STRUCTURE, Schema
from anymeter.cosem.walk import SIZES, skip
from anymeter.errors import DecodeError, LocalError
from anymeter.wire.lengths import length_at, length_of

Cells = Sequence[bytes]

_NULL: Final = b"\x00"
_MOMENT: Final = 12


def cells_of(row: bytes) -> tuple[bytes, ...]:
    """The encoded values of one encoded row; :class:`DecodeError` when it is not a structure.

    >>> [cell.hex() for cell in cells_of(bytes.fromhex("0202 1105 0600000001"))]
    ['1105', '0600000001']
    """
    if row[:1] != b"\x02":
        raise DecodeError("a row is not a structure", what="profile", at=0)
    count, at = length_at(row, 1)
    cells = []
    for _ in range(count):
        tag = row[at] if at < len(row) else 0
        end = at + SIZES[tag] if SIZES[tag] else skip(row, at)
        cells.append(row[at:end])
        at = end
    if at != len(row):
        raise DecodeError("a row does not end where its values end", what="profile", at=at)
    return tuple(cells)


def row_of(cells: Cells) -> bytes:
    """The encoded row of these encoded values."""
    return bytes((STRUCTURE,)) + length_of(len(cells)) + b"".join(cells)


def array_of(rows: Sequence[bytes]) -> bytes:
    """The encoded array of these encoded rows."""
    return b"\x01" + length_of(len(rows)) + b"".join(rows)


def picked(rows: Sequence[bytes], columns: Sequence[int]) -> list[bytes]:
    """The encoded *rows* with only these *columns*, counted from 0, in this order."""
    if not rows:
        return []
    head = bytes((STRUCTURE,)) + length_of(len(columns))
    places = _places(rows, columns)
    if places is not None:
        if len(places) == 1:
            ((start, end),) = places
            return [head + row[start:end] for row in rows]
        return [head + b"".join([row[start:end] for start, end in places]) for row in rows]
    out = []
    for row in rows:
        cells = cells_of(row)
        out.append(head + b"".join([cells[column] for column in columns]))
    return out


def column_of(rows: Sequence[bytes], column: int) -> list[bytes]:
    """The encoded values of one column."""
    if not rows:
        return []
    places = _places(rows, (column,))
    if places is not None:
        ((start, end),) = places
        return [row[start:end] for row in rows]
    return [cells_of(row)[column] for row in rows]


def _places(rows: Sequence[bytes], columns: Sequence[int]) -> list[tuple[int, int]] | None:
    """Where the cells of *columns* stand, when that is the same in every row."""
    first = rows[0]
    size = len(first)
    cells = cells_of(first)
    starts, heads = [], []
    at = size - sum(map(len, cells))
    for cell in cells:
        tag = cell[0]
        if not SIZES[tag] and (tag not in (9, 10, 12) or cell[1] >= 0x80):
            return None
        starts.append(at)
        heads.append((at, cell[:1] if SIZES[tag] else cell[:2]))
        at += len(cell)
    for row in rows:
        if len(row) != size:
            return None
        for place, head in heads:
            if not row.startswith(head, place):
                return None
    return [(starts[column], starts[column] + len(cells[column])) for column in columns]


def compressed(rows: Sequence[bytes], clock: int | None = None, step: int = 0) -> list[bytes]:
    """The encoded *rows* with null-data for every value that is as in the row before.

    In the column *clock* it stands for a time *step* seconds after that of the row before: the capture period, negative
    where the newest row comes first; with 0 times are written out. :func:`anymeter.cosem.compression.expand` undoes it.
    """
    before: Cells = ()
    out = []
    for row in rows:
        cells = cells_of(row)
        short = list(cells)
        for column in range(min(len(cells), len(before))):
            if column == clock:
                expected = later_octets(before[column][2:], step) if len(before[column]) == 14 else None
                same = expected is not None and cells[column][2:] == expected
            else:
                same = cells[column] == before[column]
            if same:
                short[column] = _NULL
        out.append(row_of(short))
        before = cells
    return out


class RowEncoder:
    """Encodes rows of values whose types are known, with one :class:`struct.Struct` where all are of fixed size.

    >>> from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, UNSIGNED
    >>> RowEncoder([UNSIGNED, DOUBLE_LONG_UNSIGNED])((5, 1)).hex()
    '020211050600000001'
    """

    def __init__(self, schemas: Sequence[Schema[Any]]) -> None:
        self._schemas = tuple(schemas)
        self._head = bytes((STRUCTURE,)) + length_of(len(schemas))
        self._layout: struct.Struct | None = None
        self._fixed: tuple[bytes, ...] = ()
        self._times = tuple(i for i, schema in enumerate(schemas) if schema == OCTET_STRING_DATE_TIME)
        fixed, code, lead = [], ">", self._head
        for schema in schemas:
            if schema == OCTET_STRING_DATE_TIME:
                lead, own = lead + b"\x09\x0c", "12s"
            elif schema.code and schema.code[-1] not in "s?":
                lead, own = lead + bytes((schema.tag,)), schema.code
            else:
                return
            fixed.append(lead)
            code += f"{len(lead)}s{own}"
            lead = b""
        if not schemas:
            return
        self._layout, self._fixed = struct.Struct(code), tuple(fixed)

    def __call__(self, row: Sequence[Any]) -> bytes:
        """The encoded row; None stands for null-data. :class:`LocalError` when a value is not of its type."""
        if len(row) != len(self._schemas):
            raise LocalError(f"a row of {len(row)} values in a profile of {len(self._schemas)} columns")
        layout = self._layout
        for i in self._times:
            if type(row[i]) is not bytes or len(row[i]) != _MOMENT:
                layout = None
        if layout is not None:
            parts: list[Any] = [None] * (2 * len(row))
            parts[::2] = self._fixed
            parts[1::2] = row
            try:
                packed = layout.pack(*parts)
            except struct.error:
                pass
            else:
                return packed
        pairs = zip(self._schemas, row, strict=True)
        return self._head + b"".join([_NULL if value is None else schema.encode(value) for schema, value in pairs])
