"""Security modes of the transport header, as the table ``tables/security_modes.csv`` has them."""

from __future__ import annotations

from functools import cache

import msgspec

from anymeter.mbus.tabled import codes, rows


class Mode(msgspec.Struct, frozen=True):
    """One security mode.

    *extension* is the number of octets of the configuration field extension, *unit* how many octets one step of N
    counts (0 where N counts nothing), *support* ``full``, ``opaque``, ``maker`` or ``none``.
    """

    number: int
    name: str
    extension: int
    unit: int
    support: str
    confidence: str


@cache
def table() -> tuple[Mode, ...]:
    """The 32 security modes."""
    return tuple(
        Mode(n, r["name"], int(r["extension"]), int(r["unit"]), r["support"], r["confidence"])
        for r in rows("security_modes")
        for n in codes(r["mode"], 10)
    )


def mode_text(number: int) -> str:
    """The mode in words.

    >>> mode_text(5)
    'security mode 5 (AES-128-CBC, IV from the meter)'
    """
    return f"security mode {number} ({table()[number].name})"
