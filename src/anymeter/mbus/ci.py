"""The CI field: which layer follows, with which header, in which direction, and what the payload is.

Source: EN 13757-7:2018, CI-field. The table is data (``tables/ci.csv``).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec

from anymeter.errors import DecodeError
from anymeter.mbus.tabled import codes, rows

NONE, SHORT, LONG = "none", "short", "long"
TO, FROM, BOTH = "to", "from", "both"
CLAUSE: Final = "EN 13757-7:2018, CI-field"


class Ci(msgspec.Struct, frozen=True):
    """One CI field: *direction* is ``to`` or ``from`` the device, or ``both``; *kind* names what the payload is.

    *header* is ``none``, ``short`` or ``long``, or the layer that follows: ``ell``, ``afl``, ``transport``; *name* is
    what the layer is called in a decoded message; *plain* says that a payload a meter sends follows the header at once.
    """

    code: int
    direction: str
    header: str
    layer: str
    kind: str
    meaning: str
    name: str
    plain: bool


@cache
def table() -> tuple[Ci | None, ...]:
    """The 256 CI fields; None where the standard reserves one."""
    out: list[Ci | None] = [None] * 256
    for row in rows("ci"):
        for code in codes(row["ci"]):
            out[code] = _ci(code, row)
    return tuple(out)


def _ci(code: int, row: dict[str, str]) -> Ci:
    header, kind, direction = row["header"], row["kind"], row["direction"]
    headed = header in (NONE, SHORT, LONG)
    name = "tpl-" + header if headed and row["layer"] in ("apl", "tpl") and kind != "manufacturer" else kind
    plain = headed and direction != TO and kind not in ("application-error", "compact")
    return Ci(code, direction, header, row["layer"], kind, row["meaning"], name, plain)


@cache
def obsolete() -> dict[int, str]:
    """The CI fields of mode 2 (most significant octet first), which the standard has withdrawn."""
    return {int(row["ci"], 16): row["meaning"] for row in rows("ci_obsolete")}


def ci_field(code: int, at: int = 0) -> Ci:
    """The meaning of a CI field; raises :class:`DecodeError`, naming it, for a reserved or withdrawn one.

    >>> ci_field(0x72).header, ci_field(0x72).direction, ci_field(0x51).direction
    ('long', 'from', 'to')
    """
    found = table()[code]
    if found is None:
        why = obsolete().get(code)
        why = f"CI {code:02X}: {why} is not supported" if why else f"CI {code:02X} is reserved"
        raise DecodeError(why, what="CI field", at=at)
    return found
