"""What TCP and UDP carried, out of a capture file. Source: pcap and pcapng as the IETF opsawg drafts describe them.

Reads pcap of both byte orders with micro- and nanoseconds, and pcapng with any number of sections and interfaces.
Bytes in, payloads out: UDP a datagram at a time, TCP one stream for each direction of a connection.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from anymeter.errors import DecodeError
from anymeter.links.pcap_packets import segment_of
from anymeter.links.pcap_streams import Payload, Streams

_MAGIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
_SECTION: Final = b"\x0a\x0d\x0d\x0a"
_WHAT: Final = "capture"
_IF_TSRESOL: Final = 9
_IF_TSOFFSET: Final = 14

__all__ = ["Capture", "Payload", "is_capture", "packets", "payloads", "read"]


def is_capture(octets: bytes) -> bool:
    """Whether *octets* begin like a pcap or pcapng file."""
    return octets[:4] in _MAGIC or (octets[:4] == _SECTION and _byte_order(octets, 0) is not None)


class Capture(msgspec.Struct, frozen=True):
    """What a file holds: its payloads, how many packets carried none, and where it breaks off (None: nowhere)."""

    payloads: tuple[Payload, ...]
    passed_over: int = 0
    broken: DecodeError | None = None


def read(octets: bytes) -> Capture:
    """What the connections in a capture file carried, in the order in which they began to.

    Packets of other protocols, fragments and damaged packets are passed over and counted. A file that breaks off
    gives what came before, and says where; one that is no capture raises DecodeError.
    """
    streams, passed_over, broken = Streams(), 0, None
    found = packets(octets)
    try:
        for time, link, packet in found:
            segment = segment_of(link, packet)
            if segment is None:
                passed_over += 1
            else:
                streams.feed(time, segment)
    except DecodeError as error:
        broken = error
    return Capture(tuple(streams.finish()), passed_over, broken)


def payloads(octets: bytes) -> list[Payload]:
    """The payloads of a capture file that is whole; raises DecodeError where it breaks off."""
    capture = read(octets)
    if capture.broken is not None:
        raise capture.broken
    return list(capture.payloads)


def packets(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Time in nanoseconds since 1970 (UTC), link type and octets of every packet; raises DecodeError."""
    if octets[:4] in _MAGIC:
        return _pcap(octets)
    if octets[:4] == _SECTION:
        return _pcapng(octets)
    raise DecodeError("neither pcap nor pcapng", what=_WHAT, at=0)


def _pcap(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    order, fraction = _MAGIC[octets[:4]]
    if len(octets) < 24:
        raise DecodeError("the file header is cut off", what=_WHAT, at=len(octets))
    link = struct.unpack_from(order + "I", octets, 20)[0] & 0x0FFFFFFF
    record, at = struct.Struct(order + "IIII"), 24
    while at < len(octets):
        if at + 16 > len(octets):
            raise DecodeError("a packet header is cut off", what=_WHAT, at=at)
        seconds, parts, size, _ = record.unpack_from(octets, at)
        at += 16
        if size > len(octets) - at:
            raise DecodeError(f"a packet of {size} octets runs past the end", what=_WHAT, at=at)
        yield seconds * 10**9 + parts * fraction, link, octets[at : at + size]
        at += size


def _byte_order(octets: bytes, at: int) -> str | None:
    return {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}.get(octets[at + 8 : at + 12])


def _pcapng(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    order, at = "<", 0
    interfaces: list[tuple[int, int, int]] = []
    while at < len(octets):
        if octets[at : at + 4] == _SECTION:
            found = _byte_order(octets, at)
            if found is None:
                raise DecodeError("no byte-order magic", what=_WHAT, at=at + 8)
            order, interfaces = found, []
        body, kind, end = _block(octets, at, order)
        if kind == 1:
            interfaces.append(_interface(body, order, at))
        elif kind in (2, 3, 6):
            packet = _packet(kind, body, order, interfaces, at)
            if packet is not None:
                yield packet
        at = end


def _block(octets: bytes, at: int, order: str) -> tuple[bytes, int, int]:
    """Body, type and end of the block at *at*."""
    if at + 12 > len(octets):
        raise DecodeError("a block is cut off", what=_WHAT, at=at)
    kind, size = struct.unpack_from(order + "II", octets, at)
    if size < 12 or size % 4 or at + size > len(octets):
        raise DecodeError(f"a block of {size} octets", what=_WHAT, at=at + 4)
    return octets[at + 8 : at + size - 4], kind, at + size


def _interface(body: bytes, order: str, at: int) -> tuple[int, int, int]:
    """Link type, ticks a second and offset in seconds of an interface description."""
    if len(body) < 8:
        raise DecodeError("an interface description is cut off", what=_WHAT, at=at)
    link = struct.unpack_from(order + "H", body)[0]
    ticks, offset, here = 10**6, 0, 8
    while here + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, here)
        value = body[here + 4 : here + 4 + size]
        if code == _IF_TSRESOL and len(value) == 1:
            ticks = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        elif code == _IF_TSOFFSET and len(value) == 8:
            offset = struct.unpack(order + "q", value)[0]
        elif code == 0:
            break
        here += 4 + size + -size % 4
    return link, ticks, offset


def _packet(
    kind: int, body: bytes, order: str, interfaces: list[tuple[int, int, int]], at: int
) -> tuple[int, int, bytes] | None:
    """The packet of an enhanced (6), simple (3) or old (2) packet block; None when its interface is not described."""
    if len(body) < (4 if kind == 3 else 20):
        raise DecodeError("a packet block is cut off", what=_WHAT, at=at)
    if kind == 3:
        index, ticks, size, start = 0, 0, struct.unpack_from(order + "I", body)[0], 4
        size = min(size, len(body) - 4)
    else:
        index, high, low, size = struct.unpack_from(order + ("IIII" if kind == 6 else "H2xIII"), body)
        ticks, start = high << 32 | low, 20
    if size > len(body) - start:
        raise DecodeError(f"a packet of {size} octets runs past its block", what=_WHAT, at=at)
    if index >= len(interfaces):
        return None
    link, rate, offset = interfaces[index]
    return offset * 10**9 + ticks * 10**9 // rate, link, body[start : start + size]
