"""The wrapper of the TCP/UDP profile: an 8-octet header before every APDU. Source: IEC 62056-47 (EN 13757-1, 8.2.3)."""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.links.events import Discarded
from anymeter.wire.fields import Field

PORT: Final = 4059
"""The port registered for dlms/cosem, TCP and UDP."""

VERSION: Final = 1
HEADER: Final = 8
MAX_APDU: Final = 0xFFFF
MAX_DATAGRAM_APDU: Final = 0xFFFF - 20 - 8 - HEADER
"""What a UDP datagram over IPv4 has room for, beside the headers of IP, UDP and wrapper."""

LAYOUT: Final = struct.Struct(">HHHH")
_WHAT: Final = "wrapper"
_CLAUSE: Final = "IEC 62056-47"


class Wpdu(msgspec.Struct, frozen=True):
    """An APDU and the wPorts (client or logical device) it goes from and to."""

    source: int
    destination: int
    apdu: bytes

    def encode(self) -> bytes:
        """Header and APDU."""
        if not (0 <= self.source <= 0xFFFF and 0 <= self.destination <= 0xFFFF and len(self.apdu) <= MAX_APDU):
            raise LocalError(f"does not fit a wrapper: {self.source}, {self.destination}, {len(self.apdu)} octets")
        return LAYOUT.pack(VERSION, self.source, self.destination, len(self.apdu)) + self.apdu


Found: TypeAlias = "Wpdu | Discarded"


def decode_at(buf: bytes, at: int = 0) -> tuple[Wpdu, int]:
    """The wrapped APDU at *at* and where it ends; raises DecodeError."""
    if len(buf) - at < HEADER:
        raise DecodeError(f"a header has {HEADER} octets, {max(len(buf) - at, 0)} are there", what=_WHAT, at=len(buf))
    version, source, destination, length = LAYOUT.unpack_from(buf, at)
    if version != VERSION:
        raise DecodeError(f"version {version} is not 1", what=_WHAT, at=at)
    end = at + HEADER + length
    if end > len(buf):
        raise DecodeError(f"{end - len(buf)} octets are missing", what=_WHAT, at=len(buf))
    return Wpdu(source, destination, buf[at + HEADER : end]), end


def decode(octets: bytes) -> Wpdu:
    """The one wrapped APDU that *octets* are, as in a UDP datagram; raises DecodeError."""
    found, end = decode_at(octets)
    if end != len(octets):
        raise DecodeError(f"{len(octets) - end} octets left over", what=_WHAT, at=end)
    return found


def explain(octets: bytes, at: int = 0) -> list[Field]:
    """The header fields and the APDU as one field; raises DecodeError as :func:`decode_at` does."""
    found, end = decode_at(octets, at)
    rows = [Field(at, octets[at : at + 2], "version", "1", _CLAUSE)]
    names = (("source wPort", found.source), ("destination wPort", found.destination), ("length", len(found.apdu)))
    for place, (name, number) in enumerate(names):
        here = at + 2 + 2 * place
        rows.append(Field(here, octets[here : here + 2], name, str(number), _CLAUSE))
    if found.apdu:
        rows.append(Field(at + HEADER, octets[at + HEADER : end], "APDU", "", _CLAUSE))
    return rows


class WrapperStream:
    """Turns a TCP stream into wrapped APDUs, however it is cut; raises nothing.

    A stream has no marks to find a lost frame by: after a version other than 1 it is :attr:`lost`, and all that
    follows comes out of :meth:`finish` as one :class:`Discarded` (of at most *keep* octets).
    """

    def __init__(self, *, keep: int = 4096) -> None:
        self._buf = b""
        self._keep = keep
        self.lost = False

    def feed(self, octets: bytes) -> list[Found]:
        """The wrapped APDUs that *octets* complete."""
        if self.lost:
            self._buf = (self._buf + octets)[: self._keep]
            return []
        buf, at = self._buf + octets if self._buf else bytes(octets), 0
        out: list[Found] = []
        while len(buf) - at >= 2:
            if buf[at] or buf[at + 1] != VERSION:
                self.lost = True
                break
            if len(buf) - at < HEADER or len(buf) - at < HEADER + (buf[at + 6] << 8 | buf[at + 7]):
                break
            found, at = decode_at(buf, at)
            out.append(found)
        self._buf = buf[at:][: self._keep] if self.lost else buf[at:]
        return out

    def finish(self) -> list[Found]:
        """What is left when the stream ends."""
        left, self._buf = self._buf, b""
        why = "not version 1 of the wrapper" if self.lost else "the APDU is cut off"
        self.lost = False
        return [Discarded(why, left)] if left else []


def split(octets: bytes) -> list[Found]:
    """Every wrapped APDU in a stream, and what is none of them as one last :class:`Discarded`; raises nothing."""
    stream = WrapperStream(keep=len(octets))
    return stream.feed(octets) + stream.finish()
