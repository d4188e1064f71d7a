"""Profile rows as columns of numpy arrays. Source: IEC 62056-6-2, Profile generic, buffer.

Rows of one fixed layout are decoded all at once, with every tag and count still checked; all others one by one.
Which way was taken does not show in the result: the dtype of a column follows from what was sent in it.

================================================= ====================================================
every value of the column                         dtype
================================================= ====================================================
integers, enum, bcd, floats, boolean of one type  that type: ``uint32``, ``int8``, ``float32``, ``bool``
date-time, all complete                           ``datetime64[ms]``, the meter's clock as sent, and two columns more:
                                                  ``NAME.deviation`` (int16 minutes, -32768 = not specified) and
                                                  ``NAME.status`` (uint8)
date, all complete                                ``datetime64[D]``
octet-string, all of one length above 0           ``V<length>``
anything else                                     ``object``, of what :func:`anymeter.cosem.data.decode` makes
================================================= ====================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anymeter.cosem import data
from anymeter.cosem.compact import described
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.moments import SPECIAL, moments
from anymeter.cosem.schema import ARRAY, COMPACT_ARRAY, OCTET_STRING_DATE_TIME, SIMPLE, STRUCTURE, Schema
from anymeter.cosem.values import Delta
from anymeter.cosem.walk import SIZES, skip
from anymeter.errors import DecodeError, LocalError
from anymeter.wire.lengths import length_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = dict[str, NDArray[Any]]

_OCTET_STRING: Final = 9
_TEXTS: Final = (10, 12)
_BOOLEAN: Final = 3
_DELTAS: Final = frozenset(range(28, 34))

_DTYPES: Final = {
    tag: s.code for tag, s in SIMPLE.items() if s.code and s.code[-1] != "s" and not s.name.startswith("delta")
}
"""The code of each type of number, the same for :mod:`struct` and numpy. A delta is no number by itself: an object."""


class _Cell(msgspec.Struct, frozen=True):
    """One column of a fixed layout: *at* is the offset in the row of its *size* octets, behind tag and length."""

    tag: int
    at: int
    size: int


class _Layout(msgspec.Struct, frozen=True):
    """A fixed layout: *size* octets a row, runs of octets that are always the same, and what lies between."""

    size: int
    fixed: tuple[tuple[int, bytes], ...]
    cells: tuple[_Cell, ...]


def columns(
    octets: bytes,
    names: Sequence[str] | None = None,
    schema: Schema[Any] | None = None,
    expand: Callable[[list[tuple[Any, ...]]], list[tuple[Any, ...]]] | None = None,
) -> Columns:
    """The columns of an encoded array (or compact array) of structures, by name.

    *names* default to ``c0``, ``c1``, ...; given *names* or a *schema*, rows that end early read as if null-data
    followed. *schema* is the structure of a row: its fields :data:`OCTET_STRING_DATE_TIME` say which octet-strings are
    date-times, and it gives the dtypes of a profile without rows; what was sent decides otherwise.
    *expand* writes out null-data and deltas (see :func:`anymeter.cosem.compression.expand`) before dtypes are found.
    Raises :class:`DecodeError` like decode, and when the elements are not structures that fit.

    >>> two = bytes.fromhex("01 02  02 02 06 00000001 11 05  02 02 06 00000002 11 06")
    >>> {name: column.tolist() for name, column in columns(two, ["energy", "status"]).items()}
    {'energy': [1, 2], 'status': [5, 6]}
    """
    row = schema.parts[0] if schema is not None and schema.tag in (ARRAY, COMPACT_ARRAY) else schema
    if row is not None and row.tag != STRUCTURE:
        raise LocalError(f"the rows of a profile are structures, not {row.name}")
    if row is not None and names is not None and len(names) != len(row.parts):
        raise LocalError(f"{len(names)} names for {len(row.parts)} columns")
    width = len(row.parts) if row is not None else None if names is None else len(names)
    moment_columns = {i for i, part in enumerate(row.parts if row else ()) if part == OCTET_STRING_DATE_TIME}
    made = _fixed(octets, width, moment_columns)
    if made is None:
        made = _general(octets, width, moment_columns, expand)
    if not made and width:
        made = [_empty(row.parts[i].tag if row else -1, i in moment_columns) for i in range(width)]
    out: Columns = {}
    for i, column in enumerate(made):
        name = names[i] if names is not None else f"c{i}"
        out[name] = column[0]
        if len(column) == 3:
            out[f"{name}.deviation"], out[f"{name}.status"] = column[1:]
    return out


_Made = list[tuple[Any, ...]]
"""For each column its array, or the three arrays of a column of date-times."""


def _empty(tag: int, is_moment: bool) -> tuple[Any, ...]:
    import numpy as np  # noqa: PLC0415

    if is_moment or tag in SPECIAL:
        return moments(np.empty((0, 5 if tag == 26 else 12), np.uint8), tag) or ()
    return (np.empty(0, _DTYPES.get(tag, "O")),)


def _fixed(octets: bytes, width: int | None, moment_columns: set[int]) -> _Made | None:
    """The columns when every row is of one fixed layout, else None."""
    import numpy as np  # noqa: PLC0415

    found = _compact_layout(octets) if octets[:1] == b"\x13" else _array_layout(octets)
    if found is None:
        return None
    layout, start, count = found
    if width is not None and len(layout.cells) != width:
        return None
    raw = np.frombuffer(octets, np.uint8, count * layout.size, start).reshape(count, layout.size)
    if not _shows(raw, layout):
        return None
    return [_cells(raw, cell, i in moment_columns) for i, cell in enumerate(layout.cells)]


def _shows(raw: NDArray[Any], layout: _Layout) -> bool:
    """Whether every row has the tags and counts of the layout."""
    import numpy as np  # noqa: PLC0415

    good = np.ones(len(raw), np.bool_)
    for at, octets in layout.fixed:
        while octets:
            size = 4 if len(octets) >= 4 else 2 if len(octets) >= 2 else 1
            column = np.ndarray((len(raw),), f">u{size}", raw, at, (layout.size,))
            good &= column == int.from_bytes(octets[:size], "big")
            at, octets = at + size, octets[size:]
    return bool(good.all())


def _cells(raw: NDArray[Any], cell: _Cell, is_moment: bool) -> tuple[Any, ...]:
    """One column out of rows of one layout."""
    import numpy as np  # noqa: PLC0415

    if cell.tag == 0:
        return (np.full(len(raw), None, object),)
    part = raw[:, cell.at : cell.at + cell.size]
    if dtype := _DTYPES.get(cell.tag):
        if cell.tag == _BOOLEAN:
            return (part[:, 0] != 0,)
        wide = np.ndarray((len(raw),), ">" + dtype, raw, cell.at, (raw.shape[1],))
        return (wide.astype(dtype),)
    if cell.tag in SPECIAL or (is_moment and cell.tag == _OCTET_STRING and cell.size == 12):
        made = moments(part, cell.tag)
        return made if made is not None else _column({cell.tag}, _strings(raw, cell), is_moment)
    if cell.tag == _OCTET_STRING and cell.size and not is_moment:
        return (np.ndarray((len(raw),), f"V{cell.size}", raw, cell.at, (raw.shape[1],)).copy(),)
    return _column({cell.tag}, _strings(raw, cell), is_moment)


def _strings(raw: NDArray[Any], cell: _Cell) -> list[Any]:
    """The octets of each row, as decode would give them."""
    contents = raw[:, cell.at : cell.at + cell.size].tobytes()
    octets = [contents[i * cell.size : (i + 1) * cell.size] for i in range(len(raw))]
    if cell.tag in _TEXTS:
        return [str(o, "utf-8", "surrogateescape") for o in octets]
    return [SPECIAL[cell.tag](o) for o in octets] if cell.tag in SPECIAL else octets


def _array_layout(octets: bytes) -> tuple[_Layout, int, int] | None:
    """The layout of the first row of an array, if it is fixed and the array as long as so many of it."""
    if octets[:1] != b"\x01" or len(octets) < 4:
        return None
    count, start = length_at(octets, 1)
    left = len(octets) - start
    if count == 0 or left % count or left // count < 2 or octets[start] != STRUCTURE:
        return None
    layout = _row_layout(octets[start : start + left // count])
    return None if layout is None else (layout, start, count)


def _row_layout(row: bytes) -> _Layout | None:
    if row[1] >= 0x80:
        return None
    fixed = []
    cells = []
    at, run = 2, 0
    for _ in range(row[1]):
        if at >= len(row):
            return None
        tag = row[at]
        at += 1
        size = SIZES[tag] - 1
        if tag == _OCTET_STRING or tag in _TEXTS:
            if at >= len(row) or row[at] >= 0x80:
                return None
            size = row[at]
            at += 1
        elif tag not in _DTYPES and tag not in SPECIAL and tag != 0:
            return None
        cells.append(_Cell(tag, at, size))
        if size:
            fixed.append((run, row[run:at]))
            run = at = at + size
    fixed.append((run, row[run:]))
    return _Layout(len(row), tuple(fixed), tuple(cells)) if at == len(row) else None


def _compact_layout(octets: bytes) -> tuple[_Layout, int, int] | None:
    """The layout that a compact array's description fixes, if it does."""
    row, at = described(octets, 1)
    length, start = length_at(octets, at)
    cells = []
    size = 0
    for part in row.parts if row.tag == STRUCTURE else ():
        if part.tag not in _DTYPES and part.tag not in SPECIAL:
            return None
        cells.append(_Cell(part.tag, size, SIZES[part.tag] - 1))
        size += SIZES[part.tag] - 1
    if not size or length != len(octets) - start or length == 0 or length % size:
        return None
    return _Layout(size, (), tuple(cells)), start, length // size


def _general(
    octets: bytes,
    width: int | None,
    moment_columns: set[int],
    expand: Callable[[list[tuple[Any, ...]]], list[tuple[Any, ...]]] | None,
) -> _Made:
    """The columns by way of the general decoder."""
    rows, tags = _compact_rows(octets) if octets[:1] == b"\x13" else _array_rows(octets)
    widths = {len(row) for row in rows}
    if width is None and len(widths) > 1:
        raise DecodeError(f"rows of {min(widths)} to {max(widths)} columns: name the columns", what="profile", at=0)
    if width is not None and max(widths, default=0) > width:
        raise DecodeError(f"a row of {max(widths)} values in a profile of {width} columns", what="profile", at=0)
    made = []
    if expand is not None:
        rows = expand(rows)
    for i in range(max(widths, default=0) if width is None or not rows else width):
        cells = [row[i] if i < len(row) else None for row in rows]
        seen = {row_tags[i] if i < len(row_tags) else 0 for row_tags in tags}
        if expand is not None:
            seen = _written_out(seen, cells)
        made.append(_column(seen, cells, i in moment_columns))
    return made


def _written_out(tags: set[int], cells: list[Any]) -> set[int]:
    """The tags of a column without those of null-data and of deltas that were written out."""
    if 0 in tags and None not in cells:
        tags = tags - {0}
    return tags if any(isinstance(cell, Delta) for cell in cells) else tags - _DELTAS


def _array_rows(octets: bytes) -> tuple[list[tuple[Any, ...]], set[bytes]]:
    """Every row, and every sequence of tags that a row has."""
    rows = data.parse(octets)
    if octets[0] != ARRAY:
        raise DecodeError("not an array of rows", what="profile", at=0)
    tags = set()
    _, at = length_at(octets, 1)
    for _ in rows:
        if octets[at] != STRUCTURE:
            raise DecodeError("a row is not a structure", what="profile", at=at)
        count, at = length_at(octets, at + 1)
        row_tags = bytearray()
        for _ in range(count):
            tag = octets[at]
            row_tags.append(tag)
            at = at + SIZES[tag] if SIZES[tag] else skip(octets, at)
        tags.add(bytes(row_tags))
    return rows, tags


def _compact_rows(octets: bytes) -> tuple[list[tuple[Any, ...]], set[bytes]]:
    row, _ = described(octets, 1)
    rows = data.parse(octets)
    if row.tag != STRUCTURE:
        raise DecodeError("a row is not a structure", what="profile", at=1)
    return rows, {bytes(part.tag for part in row.parts)}


def _column(tags: set[int], cells: list[Any], is_moment: bool) -> tuple[Any, ...]:
    """The array of one column from its values and the tags they were sent with."""
    import numpy as np  # noqa: PLC0415

    tag = next(iter(tags)) if len(tags) == 1 else -1
    if tag in _DTYPES:
        return (np.array(cells, _DTYPES[tag]),)
    if tag in SPECIAL:
        raw = np.frombuffer(b"".join([cell.octets for cell in cells]), np.uint8)
        made = moments(raw.reshape(len(cells), -1), tag)
        if made is not None:
            return made
    elif is_moment:
        if tag == _OCTET_STRING and {len(cell) for cell in cells} == {12}:
            made = moments(np.frombuffer(b"".join(cells), np.uint8).reshape(len(cells), 12), tag)
            if made is not None:
                return made
        cells = [DateTime(c) if isinstance(c, bytes) and len(c) == 12 else c for c in cells]
    elif tag == _OCTET_STRING and len({len(cell) for cell in cells}) == 1 and cells[0]:
        return (np.frombuffer(b"".join(cells), f"V{len(cells[0])}").copy(),)
    return (np.fromiter(cells, object, len(cells)),)
