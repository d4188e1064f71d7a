"""Columns of a profile as tables of pyarrow and pandas, which are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.units import scaled
from anymeter.errors import LocalError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[Any]]

_UNSPECIFIED: Final = -0x8000
_MINUTE: Final = 60_000
_DIGITS: Final = 20
"""As many digits as the largest integer of 64 bits has."""
_MOST_DIGITS: Final = 38
_LARGEST: Final = 2**63 - 1
_MOST_SCALER: Final = 18


def to_arrow(columns: Columns, scalers: Mapping[str, int], units: Mapping[str, str], sign: int) -> Any:
    """A ``pyarrow.Table``: integers scaled to exact integers or decimals, times in UTC, units as field metadata."""
    try:
        import pyarrow as pa  # noqa: PLC0415
    except ImportError:
        raise _missing("pyarrow") from None
    arrays, fields = [], []
    for name in columns:
        made = _arrow_column(pa, _moments(columns, name, sign), scalers.get(name, 0), f"{name}.deviation" in columns)
        arrays.append(made)
        fields.append(pa.field(name, made.type, metadata={"unit": units[name]} if name in units else None))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def to_pandas(
    columns: Columns, scalers: Mapping[str, int], units: Mapping[str, str], sign: int, exact: bool = False
) -> Any:
    """A ``pandas.DataFrame``: numbers scaled, with negative scalers as float64 or as *exact* decimals; times in UTC."""
    try:
        import pandas as pd  # noqa: PLC0415
    except ImportError:
        raise _missing("pandas") from None
    made: dict[str, Any] = {}
    for name, column in columns.items():
        scaler, values = scalers.get(name, 0), _moments(columns, name, sign)
        if isinstance(values, tuple):
            made[name] = pd.DatetimeIndex(values[0], tz="UTC")
        elif scaler and column.dtype.kind in "iu":
            made[name] = _exact_list(column, scaler) if exact or scaler > 0 else column / 10**-scaler
        elif column.dtype.kind == "V" or column.dtype == object:
            made[name] = _exact_list(column, scaler)
        elif scaler and column.dtype.kind == "f":
            made[name] = column.astype("f8") * 10.0**scaler
        else:
            made[name] = values
    frame = pd.DataFrame(made)
    frame.attrs["units"] = dict(units)
    return frame


def _missing(package: str) -> LocalError:
    return LocalError(f"{package} is not installed: pip install 'anymeter[tables]'")


def _moments(columns: Columns, name: str, sign: int) -> Any:
    """A column; one of times as (UTC,) where every deviation is specified."""
    column, deviation = columns[name], columns.get(f"{name}.deviation")
    if deviation is None or (deviation == _UNSPECIFIED).any():
        return column
    return (column + deviation.astype("i8").astype("m8[m]") * sign,)


def _exact_list(column: NDArray[Any], scaler: int) -> list[Any]:
    return [scaled(value, scaler) if scaler else value for value in column.tolist()]


def _arrow_column(pa: Any, column: Any, scaler: int, is_time: bool) -> Any:
    if isinstance(column, tuple):
        return pa.array(column[0], pa.timestamp("ms", tz="UTC"))
    if is_time or column.dtype.kind in "Mb" or (not scaler and column.dtype.kind in "iuf"):
        return pa.array(column)
    if column.dtype.kind == "f":
        return pa.array(column.astype("f8") * 10.0**scaler)
    if column.dtype.kind in "iu":
        return _arrow_integers(pa, column, scaler)
    values = _exact_list(column, scaler)
    kinds = {type(value) for value in values} - {type(None)}
    if len(kinds) > 1 and kinds <= {int, Decimal}:
        return pa.array([None if v is None else Decimal(v) for v in values])
    if len(kinds) > 1 or kinds & {DateTime, Date, Time, tuple, list}:
        return pa.array([None if value is None else _text(value) for value in values], pa.string())
    return pa.array(values)


def _arrow_integers(pa: Any, column: NDArray[Any], scaler: int) -> Any:
    """Integers times ten to the scaler, exactly: int64 where all of their type fit, else decimal."""
    import numpy as np  # noqa: PLC0415

    if scaler > 0:
        if (
            scaler <= _MOST_SCALER
            and max(abs(int(np.iinfo(column.dtype).min)), int(np.iinfo(column.dtype).max)) * (10**scaler) <= _LARGEST
        ):
            return pa.array(column.astype("i8") * 10**scaler)
        return pa.array([Decimal(value) * 10**scaler for value in column.tolist()], pa.decimal128(_MOST_DIGITS, 0))
    words = np.empty((len(column), 2), "<u8")
    words[:, 0] = column.astype("i8").view("u8") if column.dtype.kind == "i" else column.astype("u8")
    words[:, 1] = np.where(column < 0, np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0))
    digits = _DIGITS if -scaler <= _DIGITS else _MOST_DIGITS
    kind = pa.decimal128(digits, -scaler)
    return pa.Array.from_buffers(kind, len(column), [None, pa.py_buffer(words.tobytes())])


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.iso() if isinstance(value, DateTime | Date | Time) else str(value)
