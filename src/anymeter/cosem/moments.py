"""Many date-times at once, as numpy's datetime64."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from anymeter.cosem.datetimes import Date, DateTime, Time

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DATE, _TIME = 26, 27

SPECIAL: Final[dict[int, Callable[[bytes], Any]]] = {25: DateTime, _DATE: Date, _TIME: Time}
"""The classes of values by tag."""

_LIMITS: Final = ((1, 11), (1, 30), (0, 255), (0, 23), (0, 59), (0, 59), (255, 100))
"""Month, day, weekday, hour, minute, second, hundredths: how far, modulo 256, a known value may be above which; with
hundredths 0xFF, not specified, comes before 0."""


def moments(raw: NDArray[Any], tag: int) -> tuple[Any, ...] | None:
    """The columns of rows of octets, one date (*tag* 26) or date-time a row; None when not all are complete.

    A date gives datetime64[D]; a date-time gives datetime64[ms] of the local clock, the deviation as int16 and the
    clock status as uint8. A time of day has no day, and gives None. Complete is what ``DateTime.complete`` says.
    """
    import numpy as np  # noqa: PLC0415

    if tag == _TIME:
        return None
    parts = np.ascontiguousarray(raw.T)
    low, span = np.array(_LIMITS[: 2 if tag == _DATE else None], np.uint8).T[:, :, np.newaxis]
    if (parts[2 : 2 + len(low)] - low > span).any():
        return None
    year = parts[0].astype(np.uint16) << 8 | parts[1]
    if len(year) and (year - np.uint16(1)).max() >= 9999:
        return None
    months = ((year.astype(np.int64) - 1970) * 12 + parts[2] - 1).view("M8[M]")
    days = months.astype("M8[D]") + (parts[3] - 1).astype("m8[D]")
    late = parts[3] > 28
    if late.any() and (days[late].astype("M8[M]") != months[late]).any():
        return None
    if tag == _DATE:
        return (days,)
    clock = days.view(np.int64)
    for part, units in ((5, 24), (6, 60), (7, 60)):
        clock *= units
        clock += parts[part]
    clock *= 100
    clock += parts[8] % 0xFF
    clock *= 10
    deviation = np.ascontiguousarray(raw[:, 9:11]).view(">i2")[:, 0].astype(np.int16)
    return clock.view("M8[ms]"), deviation, parts[11].copy()
