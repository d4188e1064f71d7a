"""A profile as a client reads it: rows and columns with names, units and exact values.

Source: EN 13757-1:2014, 6.4; IEC 62056-6-2, Profile generic, buffer.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TextIO

from anymeter.cosem import data
from anymeter.cosem import table_export as export
from anymeter.cosem.columns import columns as columns_of
from anymeter.cosem.compression import expand
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import CHOICE, OCTET_STRING_DATE_TIME, structure
from anymeter.cosem.selection import CaptureObject
from anymeter.cosem.units import ScalerUnit
from anymeter.errors import DecodeError
from anymeter.wire.lengths import length_at

if TYPE_CHECKING:
    from numpy.typing import NDArray


_OCTETS: Final = 12


class Profile:
    """The entries of a profile that were read: their *columns*, and the encoded array of rows.

    *capture_period* and *newest_first* tell what null-data in the time column means, *literal* in which columns
    null-data says that there is no value. *scaler_units* by column, counted from 0, where they are known.
    *deviation_sign* is -1 for meters that send the offset of local time instead of the deviation.

    >>> from anymeter.obis import Obis
    >>> columns = [CaptureObject(8, Obis("0-0:1.0.0*255")), CaptureObject(3, Obis("1-0:1.8.0*255"))]
    >>> octets = bytes.fromhex("0102 0202 090C 07EA0301FF000000FF800000 1105 0202 00 1107")
    >>> profile = Profile(columns, octets, capture_period=900, scaler_units={1: ScalerUnit.parse((-1, 30))})
    >>> profile.names, profile.units, [(str(time), energy) for time, energy in profile.scaled()]
    (('0-0:1.0.0*255', '1-0:1.8.0*255'), ('', 'Wh'), [('2026-03-01T00:00:00', Decimal('0.5')),
    ('2026-03-01T00:15:00', Decimal('0.7'))])
    """

    def __init__(
        self,
        columns: Sequence[CaptureObject],
        octets: bytes,
        *,
        capture_period: int = 0,
        newest_first: bool = False,
        scaler_units: Mapping[int, ScalerUnit] | None = None,
        literal: Collection[int] = (),
        deviation_sign: int = 1,
    ) -> None:
        self.capture_objects, self.octets = tuple(columns), octets
        self.capture_period, self.newest_first, self.literal = capture_period, newest_first, literal
        self.scaler_units, self.deviation_sign = dict(scaler_units or {}), deviation_sign
        self.names = _names(self.capture_objects)
        self.time = next((i for i, column in enumerate(columns) if column.is_clock), None)
        """Which column is the time of the entries, counted from 0; None where there is none."""

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each column as text, empty where there is none or it is not known."""
        known = [self.scaler_units.get(i) for i in range(len(self.names))]
        return tuple("" if found is None else found.unit.text for found in known)

    def __len__(self) -> int:
        if self.octets[:1] == b"\x01":
            return length_at(self.octets, 1)[0]
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"Profile({', '.join(self.names)}: {len(self)} entries)"

    @cached_property
    def rows(self) -> list[tuple[Any, ...]]:
        """The values as the meter holds them, in the order they were sent; times as :class:`DateTime`.

        :class:`DecodeError` when the octets are not rows of these columns.
        """
        values = data.parse(self.octets)
        if not isinstance(values, list) or not all(isinstance(row, tuple) for row in values):
            raise DecodeError("not an array of rows", what="profile", at=0)
        if any(len(row) > len(self.names) for row in values):
            raise DecodeError(f"a row has more than {len(self.names)} values", what="profile", at=0)
        rows = self._expanded(values)
        times = [i for i, column in enumerate(self.capture_objects) if column.is_time]
        return [_timed(row, times) for row in rows] if times else rows

    def scaled(self) -> list[tuple[Any, ...]]:
        """The rows with numbers in their units, exactly."""
        known = sorted(self.scaler_units.items())
        if not known:
            return list(self.rows)
        out = []
        for row in self.rows:
            values = list(row)
            for i, scaler_unit in known:
                values[i] = scaler_unit.apply(values[i])
            out.append(tuple(values))
        return out

    def columns(self) -> dict[str, NDArray[Any]]:
        """The values as the meter holds them, as numpy arrays by name; a time has ``.deviation`` and ``.status``.

        See :func:`anymeter.cosem.columns.columns` for the dtypes. :class:`DecodeError` as for :attr:`rows`.
        """
        kinds = [OCTET_STRING_DATE_TIME if column.is_time else CHOICE for column in self.capture_objects]
        return columns_of(self.octets, self.names, structure(*kinds), self._expanded)

    def to_arrow(self) -> Any:
        """A ``pyarrow.Table`` of the values in their units: exact integers and decimals, times in UTC.

        The unit of a column is in the metadata of its field. Times stay local where a deviation is not specified.
        :class:`LocalError` when pyarrow is not installed.
        """
        return export.to_arrow(self.columns(), self._scalers(), self._unit_texts(), self.deviation_sign)

    def to_pandas(self, *, exact: bool = False) -> Any:
        """A ``pandas.DataFrame`` of the values in their units: as float64 where the scaler is negative, or as *exact*
        decimals; times in UTC. The units are in its ``attrs``. :class:`LocalError` when pandas is not installed.
        """
        return export.to_pandas(self.columns(), self._scalers(), self._unit_texts(), self.deviation_sign, exact)

    def to_csv(self, file: TextIO) -> None:
        """Write a line of names with their units, and a line for each row: exact numbers, times as ISO 8601."""
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f"{n} [{u}]" if u else n for n, u in zip(self.names, self.units, strict=True)])
        for row in self.scaled():
            writer.writerow([self._text(value) for value in row])

    def _text(self, value: Any) -> str:
        if isinstance(value, DateTime):
            return value.iso(self.deviation_sign)
        if isinstance(value, bytes):
            return value.hex()
        return "" if value is None else str(value)

    def _scalers(self) -> dict[str, int]:
        return {self.names[i]: found.scaler for i, found in self.scaler_units.items()}

    def _unit_texts(self) -> dict[str, str]:
        return {name: unit for name, unit in zip(self.names, self.units, strict=True) if unit}

    def _expanded(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return expand(
            rows,
            width=len(self.names),
            clock=self.time,
            capture_period=self.capture_period,
            newest_first=self.newest_first,
            literal=self.literal,
        )


def _names(columns: Sequence[CaptureObject]) -> tuple[str, ...]:
    """The label of each column; one that comes again has its place behind it."""
    names: list[str] = []
    for place, column in enumerate(columns, 1):
        names.append(f"{column.label}~{place}" if column.label in names else column.label)
    return tuple(names)


def _timed(row: tuple[Any, ...], times: Sequence[int]) -> tuple[Any, ...]:
    values = list(row)
    for i in times:
        if isinstance(values[i], bytes) and len(values[i]) == _OCTETS:
            values[i] = DateTime(values[i])
    return tuple(values)
