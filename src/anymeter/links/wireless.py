"""Telegrams of the wireless M-Bus link layer: frame formats A and B, and without CRCs. Source: EN 13757-4.

Format A: ``L C M(2) A(6) CRC(2)``, then blocks of 16 octets with a CRC each; L counts neither itself nor the CRCs.
Format B: the first CRC covers up to 126 octets, L included, a second the rest; L counts the CRCs.
Receivers often strip the CRCs and print octets of their own (signal strength, a time) behind the telegram.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Final, Literal, TypeAlias

import msgspec
from fastcrc import crc16

from anymeter.errors import DecodeError, LocalError
from anymeter.links.address import Address
from anymeter.wire import tables
from anymeter.wire.fields import Field

WHAT: Final = "wireless telegram"
CLAUSE: Final = "EN 13757-4"
FIRST: Final = 10
BLOCK: Final = 16
FIRST_B: Final = 126
TRAILER: Final = 4
"""Octets a receiver may append: signal strength (1 or 2), a CRC of its own, a time stamp (4)."""

Crcs: TypeAlias = Literal["A", "B", "none"]


class Frame(msgspec.Struct, frozen=True):
    """One telegram without its CRCs: *address* is the sender's, *body* begins with the CI field (or is empty).

    *crcs* says how it came: frame format ``A`` or ``B`` with good CRCs, or ``none``; *trailer* keeps the octets a
    receiver has appended.
    """

    c: int
    address: Address
    body: bytes
    crcs: Crcs = "none"
    trailer: bytes = b""

    @property
    def name(self) -> str:
        """The function by the C field: ``SND-NR``, ``RSP-UD``, ..."""
        return function(self.c).name

    @property
    def from_meter(self) -> bool:
        """Whether a frame with this C field can come from a meter."""
        return function(self.c).sender != "other"

    @property
    def octets(self) -> bytes:
        """The telegram without CRCs, L field first."""
        return encode(self, "none")


class Function(msgspec.Struct, frozen=True):
    """What a C field says: its name, who sends it (``meter``, ``other``, ``both``, ``unknown``), and what for."""

    name: str
    sender: str
    meaning: str


@cache
def _functions() -> tuple[Function | None, ...]:
    out: list[Function | None] = [None] * 256
    for row in tables.rows(__file__, "wireless_c.csv"):
        out[int(row["code"], 16)] = Function(row["name"], row["from"], row["meaning"])
    return tuple(out)


def function(c: int) -> Function:
    """The function of a C field.

    >>> function(0x44).name, function(0x7B).name, function(0x28).name, function(0x99).name
    ('SND-NR', 'REQ-UD2', 'RSP-UD', 'C 99')
    """
    return _functions()[c] or Function(f"C {c:02X}", "unknown", "not a function of EN 13757-4")


def air_length(count: int, crcs: Crcs = "A") -> int:
    """How many octets go on air for *count* octets (L field included) without CRCs.

    >>> air_length(47), air_length(47, "B"), air_length(128, "B")
    (55, 49, 132)
    """
    if count <= FIRST - 1:
        raise LocalError(f"a telegram has at least {FIRST} octets, not {count}")
    if crcs == "A":
        return count + 2 + 2 * ((count - FIRST + BLOCK - 1) // BLOCK)
    if crcs == "B":
        return count + (2 if count <= FIRST_B else 4)
    return count


def parse(octets: bytes, crcs: Crcs | None = None) -> Frame:
    """The telegram that *octets* are, up to four appended octets kept as its trailer.

    Where *crcs* does not name the format it is found by trying: a telegram whose first CRC fits is of that format and
    all its CRCs must be right; one with as many octets as L says, or a few more, came without CRCs.
    """
    frame, end = decode(octets, crcs=crcs)
    left = len(octets) - end
    if left:
        if left > TRAILER:
            raise DecodeError(f"L field {octets[0]} leaves {left} octets behind the telegram", what=WHAT, at=end)
        return Frame(frame.c, frame.address, frame.body, frame.crcs, octets[end:])
    return frame


def decode(octets: bytes, at: int = 0, *, crcs: Crcs | None = None) -> tuple[Frame, int]:
    """The telegram that begins at *at* with its L field, and the offset behind it; CRCs as in :func:`parse`."""
    size = len(octets) - at
    if size < FIRST:
        raise DecodeError(f"truncated: a telegram has at least {FIRST} octets, {max(size, 0)} remain", what=WHAT, at=at)
    length = octets[at]
    if length < FIRST - 1:
        raise DecodeError(f"L field {length}: C, M and A make at least {FIRST - 1}", what=WHAT, at=at)
    bare_b = length == size - 1 == FIRST + 1  # format B without a body has its one CRC where format A has its first
    if crcs == "A" and size > FIRST + 1:
        _checked(octets, at, at + FIRST)
    if crcs == "A" or (crcs is None and not bare_b and size > FIRST + 1 and _fits(octets, at, at + FIRST)):
        return _format_a(octets, at, length)
    end = at + length + 1
    if length > size - 1:
        raise DecodeError(f"truncated: L promises {length + 1} octets, {size} are there", what=WHAT, at=len(octets))
    first = min(end, at + FIRST_B + 2) - 2
    if crcs == "B" or (crcs is None and length > FIRST and _fits(octets, at, first)):
        return _format_b(octets, at, first, end)
    return _frame(octets[at:end], "none"), end


def _fits(octets: bytes, start: int, stop: int) -> bool:
    """Whether the two octets at *stop* are the CRC of what stands before them from *start* on."""
    crc: int = crc16.en_13757(octets[start:stop])
    return crc == octets[stop] << 8 | octets[stop + 1]


def _frame(plain: bytes, crcs: Crcs) -> Frame:
    return Frame(plain[1], Address(plain[2:10]), plain[10:], crcs)


def _format_a(octets: bytes, at: int, length: int) -> tuple[Frame, int]:
    """The telegram of format A at *at*, whose first CRC is known to be right."""
    end = at + air_length(length + 1)
    if end > len(octets):
        why = f"truncated: format A with L {length} has {end - at} octets on air, {len(octets) - at} are there"
        raise DecodeError(why, what=WHAT, at=len(octets))
    blocks = [octets[at : at + FIRST]]
    for start in range(at + FIRST + 2, end, BLOCK + 2):
        stop = min(start + BLOCK, end - 2)
        blocks.append(_checked(octets, start, stop))
    return _frame(b"".join(blocks), "A"), end


def _format_b(octets: bytes, at: int, first: int, end: int) -> tuple[Frame, int]:
    rest = first + 2
    if first - at < FIRST:
        raise DecodeError(f"L field {octets[at]} leaves no room for the CRC of format B", what=WHAT, at=at)
    head = _checked(octets, at, first)
    if rest == end:
        return _frame(head, "B"), end
    if end - rest < 3:
        raise DecodeError("the second block of format B has no data", what=WHAT, at=rest)
    return _frame(head + _checked(octets, rest, end - 2), "B"), end


def _checked(octets: bytes, start: int, stop: int) -> bytes:
    """The block from *start* to *stop* when the CRC behind it is right."""
    block = octets[start:stop]
    sent, computed = octets[stop] << 8 | octets[stop + 1], crc16.en_13757(block)
    if sent != computed:
        raise DecodeError(f"CRC {sent:04X}, computed {computed:04X}", what=WHAT, at=stop)
    return block


def encode(frame: Frame, crcs: Crcs | None = None) -> bytes:
    """The telegram in frame format *crcs* (its own when not given), L field first, without any trailer."""
    crcs = crcs or frame.crcs
    if len(frame.address.octets) != 8 or not 0 <= frame.c <= 255:
        raise LocalError("a telegram has a C field from 0 to 255 and an address of 8 octets")
    plain = bytes((0, frame.c)) + frame.address.octets + frame.body
    length = (air_length(len(plain), "B") if crcs == "B" else len(plain)) - 1
    if length > 255:
        raise LocalError(f"L field {length}: a telegram is too long above 255")
    plain = bytes((length,)) + plain[1:]
    if crcs == "none":
        return plain
    if crcs == "A":
        cuts = [0, *range(FIRST, len(plain), BLOCK), len(plain)]
    else:
        cuts = [0, min(FIRST_B, len(plain)), len(plain)]
    parts = [plain[a:b] for a, b in pairwise(cuts) if a < b]
    return b"".join(p + crc16.en_13757(p).to_bytes(2, "big") for p in parts)


def with_length(octets: bytes) -> bytes:
    """The telegram of a receiver that leaves the L field away: the same octets with L in front."""
    if not FIRST - 1 <= len(octets) <= 255:
        raise LocalError(f"a telegram without its L field has 9 to 255 octets, not {len(octets)}")
    return bytes((len(octets),)) + octets


def body_place(crcs: Crcs, at: int) -> int:
    """Where octet *at* of a telegram's body stands in the telegram, its L field first, past the CRCs before it.

    >>> body_place("none", 0), body_place("A", 0), body_place("A", 16), body_place("B", 115), body_place("B", 116)
    (10, 12, 30, 125, 128)
    """
    if crcs == "A":
        return FIRST + 2 + at + 2 * (at // BLOCK)
    return FIRST + at + (2 if crcs == "B" and FIRST + at >= FIRST_B else 0)


def explain(octets: bytes, at: int = 0) -> list[Field]:
    """The link-layer fields of the telegram that begins at *at*, its CRCs too; raises as :func:`decode` does."""
    frame, end = decode(octets, at)
    f, a = function(frame.c), frame.address
    note = {"A": "frame format A", "B": "frame format B", "none": "no CRCs"}[frame.crcs]
    rows = [
        (0, 1, "L", f"{octets[at]} octets follow, {note}"),
        (1, 2, "C", f"{f.name}: {f.meaning}"),
        (2, 4, "M", f"manufacturer {a.manufacturer}{' (soft address)' if a.soft else ''}"),
        (4, 8, "A identification", a.id),
        (8, 9, "A version", str(a.version)),
        (9, 10, "A device type", f"{a.device_type:02X}"),
    ]
    for kind, start, stop in _spans(frame.crcs, end - at):
        rows.append((start, stop, kind, "right" if kind == "CRC" else "CI field first" if start <= FIRST + 2 else ""))
    out = [Field(at + s, octets[at + s : at + e], name, meaning, CLAUSE) for s, e, name, meaning in rows]
    if end < len(octets) <= end + TRAILER:
        out.append(Field(end, octets[end:], "trailer", "appended by the receiver"))
    return out


def _spans(crcs: Crcs, size: int) -> list[tuple[str, int, int]]:
    """Where the data and the CRCs behind the address stand, relative to the L field."""
    out: list[tuple[str, int, int]] = []
    at = FIRST
    if crcs == "A":
        out.append(("CRC", at, at + 2))
        at += 2
    while at < size:
        if crcs == "none":
            stop = size
        elif crcs == "A":
            stop = min(at + BLOCK, size - 2)
        else:
            stop = min(FIRST_B if at < FIRST_B else size, size - 2)
        if stop > at:
            out.append(("data", at, stop))
        if crcs != "none":
            out.append(("CRC", stop, stop + 2))
        at = stop + (0 if crcs == "none" else 2)
    return out
