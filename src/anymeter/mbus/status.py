"""The status octet of the transport header, both directions. Source: EN 13757-7:2018, status field."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from anymeter.errors import LocalError
from anymeter.mbus.tabled import rows


@cache
def _bits() -> tuple[tuple[int, int, str, str], ...]:
    return tuple((int(r["mask"], 16), int(r["value"], 16), r["name"], r["meaning"]) for r in rows("status"))


@cache
def status_names(status: int) -> tuple[str, ...]:
    """What a meter's status octet says.

    >>> status_names(0x00), status_names(0x04), status_names(0x1B)
    ((), ('power-low',), ('abnormal', 'permanent-error', 'temporary-error'))
    """
    return tuple(name for mask, value, name, _ in _bits() if status & mask == value)


def status_of(names: Iterable[str]) -> int:
    """The status octet that says all of *names*; raises :class:`LocalError` for two that exclude each other.

    >>> hex(status_of(["power-low", "abnormal"]))
    '0x7'
    """
    out = used = 0
    by_name = {name: (mask, value) for mask, value, name, _ in _bits()}
    for name in names:
        if name not in by_name:
            raise LocalError(f"{name!r} is no status; they are {', '.join(by_name)}")
        mask, value = by_name[name]
        if used & mask and out & mask != value:
            raise LocalError(f"{name!r} excludes another status that is given")
        out, used = out | value, used | mask
    return out


def status_meaning(status: int) -> str:
    """A meter's status octet in words."""
    return ", ".join(m for mask, value, _, m in _bits() if status & mask == value) or "no error"


def reception_dbm(status: int) -> int | None:
    """The level in dBm at which the partner heard the meter, from the partner's status octet; None where it says none.

    >>> reception_dbm(0x1E), reception_dbm(0x00)
    (-70, None)
    """
    level = status & 0x3F
    return -130 + 2 * level if level else None


def reception_status(dbm: int | None) -> int:
    """The partner's status octet for a reception level of -128 to -4 dBm (rounded down to even), or for none."""
    if dbm is None:
        return 0
    if not -128 <= dbm <= -4:
        raise LocalError(f"a reception level is -128 to -4 dBm, not {dbm}")
    return (dbm + 130) // 2
