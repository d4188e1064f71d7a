"""The extended link layer (ELL), CI 8C to 8F. Source: EN 13757-4.

8C ``CC ACC`` · 8D ``CC ACC SN(4) CRC(2)`` · 8E ``CC ACC M(2) A(6)`` · 8F ``CC ACC M(2) A(6) SN(4) CRC(2)``.
Where SN says so, everything from the payload CRC on is encrypted.
"""

from __future__ import annotations

from typing import Final

import msgspec
from fastcrc import crc16

from anymeter.errors import DecodeError, LocalError
from anymeter.links.address import Address, address_at
from anymeter.wire.fields import Field

WHAT: Final = "extended link layer"
CLAUSE: Final = "EN 13757-4"
FIRST, LAST = 0x8C, 0x8F
NAMES: Final = {0x8C: "ell-i", 0x8D: "ell-ii", 0x8E: "ell-iii", 0x8F: "ell-iv"}
SESSION: Final = frozenset((0x8D, 0x8F))
ADDRESSED: Final = frozenset((0x8E, 0x8F))
HOP, REPEATED = 0x10, 0x02
AES_CTR: Final = 1
_BITS: Final = (
    (0x80, "bidirectional"),
    (0x20, "synchronous"),
    (HOP, "repeated by a hop"),
    (0x08, "priority"),
    (0x04, "accessible"),
    (REPEATED, "repeated access"),
)


class ExtendedLink(msgspec.Struct, frozen=True):
    """One extended link layer: *control* is CC, *session* the session number SN, *address* the receiver's."""

    ci: int
    control: int
    access: int
    address: Address | None = None
    session: int | None = None

    @property
    def encryption(self) -> int:
        """How the payload is encrypted: 0 not at all, 1 by AES-128 in counter mode."""
        return 0 if self.session is None else self.session >> 29

    @property
    def minutes(self) -> int | None:
        """The time in the session number, in minutes."""
        return None if self.session is None else self.session >> 4 & 0x1FFFFFF

    @property
    def response(self) -> str:
        """When the meter listens or answers: ``slow``, ``fast``, ``extended`` or ``reserved`` (bits D and X)."""
        return ("slow", "extended", "fast", "reserved")[self.control >> 5 & 2 | self.control & 1]

    def encode(self) -> bytes:
        """The layer from its CI field up to, and without, the payload CRC."""
        return encode(self)


def decode(octets: bytes, at: int = 0) -> tuple[ExtendedLink, int]:
    """The layer that begins at *at* with its CI field, and the offset behind it (of the payload CRC, if any)."""
    size = len(octets) - at
    if size < 3:
        raise DecodeError(f"CI, CC and ACC are 3 octets, {max(size, 0)} remain", what=WHAT, at=at)
    ci, control, access = octets[at : at + 3]
    if not FIRST <= ci <= LAST:
        raise DecodeError(f"CI {ci:02X} is not one of 8C to 8F", what=WHAT, at=at)
    at += 3
    address = None
    if ci in ADDRESSED:
        address = address_at(octets, at, WHAT)
        at += 8
    if ci not in SESSION:
        return ExtendedLink(ci, control, access, address), at
    if at + 6 > len(octets):
        why = f"session number and payload CRC are 6 octets, {len(octets) - at} remain"
        raise DecodeError(why, what=WHAT, at=at)
    return ExtendedLink(ci, control, access, address, int.from_bytes(octets[at : at + 4], "little")), at + 4


def encode(layer: ExtendedLink) -> bytes:
    """The layer from its CI field up to, and without, the payload CRC."""
    if layer.ci not in NAMES or (layer.address is None) == (layer.ci in ADDRESSED):
        raise LocalError("an extended link layer is CI 8C to 8F, with an address in 8E and 8F")
    if (layer.session is None) == (layer.ci in SESSION):
        raise LocalError("an extended link layer has a session number in 8D and 8F")
    out = bytes((layer.ci, layer.control, layer.access)) + (layer.address.octets if layer.address else b"")
    return out if layer.session is None else out + layer.session.to_bytes(4, "little")


def crc_fits(payload: bytes) -> bool:
    """Whether the first two octets are the CRC of the others."""
    crc: int = crc16.en_13757(payload[2:])
    return len(payload) >= 2 and payload[0] | payload[1] << 8 == crc


def with_crc(plain: bytes) -> bytes:
    """*plain* with its payload CRC in front."""
    return crc16.en_13757(plain).to_bytes(2, "little") + plain


def initial_counter(layer: ExtendedLink, address: Address) -> bytes:
    """The first counter block of the payload's encryption: M A CC SN FN BC, hop and repeat bits of CC cleared."""
    if layer.session is None:
        raise LocalError(f"extended link layer {layer.ci:02X} has no session number")
    cc = layer.control & ~(HOP | REPEATED)
    return address.octets + bytes((cc,)) + layer.session.to_bytes(4, "little") + bytes(3)


def explain(octets: bytes, at: int = 0) -> list[Field]:
    """The fields of the layer that begins at *at*."""
    layer, end = decode(octets, at)
    bits = [text for bit, text in _BITS if layer.control & bit]
    out = [
        Field(at, octets[at : at + 1], "CI", NAMES[layer.ci], CLAUSE),
        Field(at + 1, octets[at + 1 : at + 2], "CC", ", ".join([f"{layer.response} response", *bits]), CLAUSE),
        Field(at + 2, octets[at + 2 : at + 3], "ACC", str(layer.access), CLAUSE),
    ]
    if layer.address is not None:
        out.append(Field(at + 3, octets[at + 3 : at + 11], "M A", f"receiver {layer.address}", CLAUSE))
    if layer.session is not None:
        how = {0: "not encrypted", AES_CTR: "AES-128-CTR"}.get(layer.encryption, f"encryption {layer.encryption}")
        text = f"{how}, minute {layer.minutes}, session {layer.session & 15}"
        out.append(Field(end - 4, octets[end - 4 : end], "SN", text, CLAUSE))
        fits = "right" if crc_fits(octets[end:]) else "encrypted" if layer.encryption else "wrong"
        out.append(Field(end, octets[end : end + 2], "payload CRC", fits, CLAUSE))
    return out
