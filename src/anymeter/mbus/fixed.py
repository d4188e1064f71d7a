"""The fixed data structure (CI field 73 on the wire): two counters. Source: EN 13757-3:2004, EN 1434-3.

Identification number, access number, status, two octets of medium and units, two counters of four octets.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.mbus import types
from anymeter.mbus.tabled import rows
from anymeter.mbus.types import Number
from anymeter.wire.fields import Field

SIZE: Final = 16
_CLAUSE: Final = "EN 1434-3, fixed data structure"
_BINARY: Final = 0x01
_STORED: Final = 0x02
_SAME_BUT_HISTORIC: Final = 0x3E
_UNIT: Final = 0x3F


class CounterUnit(msgspec.Struct, frozen=True):
    """What a counter counts: value = number * 10^*exponent* *unit*."""

    quantity: str
    unit: str = ""
    exponent: int = 0


class Counter(msgspec.Struct, frozen=True):
    """One of the two counters; *storage* 1 is the value of the last fixed date."""

    unit: CounterUnit
    number: Number
    raw: bytes
    storage: int = 0
    status: str | None = None


class Fixed(msgspec.Struct, frozen=True):
    """A message of fixed structure; *identification* has eight digits, *status* is the octet as sent."""

    identification: str
    access_number: int
    status: int
    medium: int
    medium_name: str | None
    counters: tuple[Counter, Counter]


@cache
def units() -> dict[int, CounterUnit]:
    """The units of a counter by their six bits."""
    return {
        int(row["code"], 0): CounterUnit(row["quantity"], row["unit"], int(row["exponent"]))
        for row in rows("fixed_units")
    }


@cache
def media() -> dict[int, str]:
    """The media of the fixed structure by their four bits."""
    return {int(row["code"], 0): row["medium"] for row in rows("fixed_media")}


def decode(octets: bytes, at: int = 0) -> Fixed:
    """The 16 octets from *at* to the end; :class:`DecodeError` where there are more or fewer.

    >>> f = decode(bytes.fromhex("78563412 0A 00 E97E 01000000 35010000"))
    >>> f.identification, f.medium_name, [(c.number, c.unit.exponent, c.unit.unit, c.storage) for c in f.counters]
    ('12345678', 'water', [(1, -3, 'm3', 0), (135, -3, 'm3', 1)])
    """
    if len(octets) - at != SIZE:
        raise DecodeError(f"has {SIZE} octets, not {len(octets) - at}", what="fixed data structure", at=at)
    body = bytes(octets[at:])
    status = body[5]
    first, second = body[6] & _UNIT, body[7] & _UNIT
    medium = body[6] >> 6 | body[7] >> 4 & 0x0C
    historic = second == _SAME_BUT_HISTORIC
    storage = 1 if status & _STORED else 0
    return Fixed(
        body[3::-1].hex().upper(), body[4], status, medium, media().get(medium),
        (
            _counter(first, body[8:12], status, storage),
            _counter(first if historic else second, body[12:16], status, 1 if historic else storage),
        ),
    )  # fmt: skip


def _counter(code: int, octets: bytes, status: int, storage: int) -> Counter:
    form = types.INT if status & _BINARY else types.BCD
    unit = units().get(code, CounterUnit("unknown"))
    return Counter(unit, types.value(form, octets), octets, storage, types.status(form, octets))


def encode(
    identification: str, access_number: int, medium: int, codes: tuple[int, int], numbers: tuple[int, int],
    *, binary: bool = False, stored: bool = False,
) -> bytes:  # fmt: skip
    """The 16 octets; *codes* are the six-bit units. :class:`LocalError` for what does not fit."""
    if len(identification) != 8 or not 0 <= access_number <= 0xFF or not 0 <= medium <= 0x0F:
        raise LocalError("eight digits, an octet and a medium below 16 are wanted")
    if not all(0 <= code <= _UNIT for code in codes):
        raise LocalError("a unit has six bits")
    try:
        number = bytes.fromhex(identification)[::-1]
    except ValueError:
        raise LocalError(f"{identification!r} has no eight digits") from None
    form = types.INT if binary else types.BCD
    return b"".join((
        number, bytes((access_number, _BINARY * binary | _STORED * stored)),
        bytes((codes[0] | (medium & 3) << 6, codes[1] | (medium & 0x0C) << 4)),
        types.encode(form, numbers[0], 4), types.encode(form, numbers[1], 4),
    ))  # fmt: skip


def explain(octets: bytes, at: int = 0) -> list[Field]:
    """The fields of the fixed structure."""
    f = decode(octets, at)
    body = bytes(octets[at:])
    how = ("binary" if f.status & _BINARY else "BCD") + (", at fixed date" if f.status & _STORED else "")
    rows = [
        (0, 4, "identification number", f.identification), (4, 5, "access number", str(f.access_number)),
        (5, 6, "status", how), (6, 8, "medium and units", f.medium_name or f"medium {f.medium}"),
    ]  # fmt: skip
    for i, counter in enumerate(f.counters):
        shown = f"{counter.number} * 10^{counter.unit.exponent} {counter.unit.unit} ({counter.unit.quantity})"
        rows.append((8 + 4 * i, 12 + 4 * i, f"counter {i + 1}", counter.status or shown))
    return [Field(at + a, body[a:b], name, meaning, _CLAUSE) for a, b, name, meaning in rows]
