"""From a captured packet to the TCP segment or UDP datagram in it.

Source: IEEE 802.3 and 802.1Q; RFC 791, 768, 8200, 9293; link types as tcpdump.org lists them.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

import msgspec

TCP: Final = 6
UDP: Final = 17

_NULL, _ETHERNET, _RAW_OLD, _RAW_OPENBSD, _RAW = 0, 1, 12, 14, 101
_LOOP, _SLL, _IPV4, _IPV6, _SLL2 = 108, 113, 228, 229, 276
_RAWS: Final = frozenset((_RAW_OLD, _RAW_OPENBSD, _RAW, _IPV4, _IPV6))
_VLANS: Final = frozenset((0x8100, 0x88A8, 0x9100))
_ETHERTYPES: Final = frozenset((0x0800, 0x86DD))
_IPV6_OPTIONS: Final = frozenset((0, 43, 60, 135))
_MAX_HEADERS: Final = 8


class Segment(msgspec.Struct, frozen=True):
    """One TCP segment or UDP datagram; *flags* and *sequence* are those of TCP."""

    protocol: int
    source: str
    destination: str
    source_port: int
    destination_port: int
    octets: bytes
    sequence: int = 0
    flags: int = 0


def segment_of(link: int, packet: bytes) -> Segment | None:
    """The segment in a packet of this link type; None where there is none, or no whole one."""
    try:
        at = _network(link, packet)
        if at is None:
            return None
        version = packet[at] >> 4
        if version == 4:
            return _ipv4(packet, at)
        return _ipv6(packet, at) if version == 6 else None
    except (IndexError, struct.error):
        return None


def _network(link: int, packet: bytes) -> int | None:
    """Where the IP header begins."""
    if link == _ETHERNET:
        at = 12
        for _ in range(_MAX_HEADERS):
            if int.from_bytes(packet[at : at + 2], "big") not in _VLANS:
                break
            at += 4
        return at + 2 if int.from_bytes(packet[at : at + 2], "big") in _ETHERTYPES else None
    if link in _RAWS:
        return 0
    if link in (_NULL, _LOOP):
        return 4
    if link == _SLL:
        return 16 if int.from_bytes(packet[14:16], "big") in _ETHERTYPES else None
    if link == _SLL2:
        return 20 if int.from_bytes(packet[:2], "big") in _ETHERTYPES else None
    return None


def _ipv4(packet: bytes, at: int) -> Segment | None:
    header, total = (packet[at] & 0x0F) * 4, int.from_bytes(packet[at + 2 : at + 4], "big")
    if header < 20 or packet[at + 6] & 0x3F or packet[at + 7]:
        return None
    # Segmentation offload leaves 0 in the length field: the packet is then as long as what was captured.
    end = at + total if total else len(packet)
    if end > len(packet) or (total and total < header):
        return None
    source, destination = _ipv4_text(packet[at + 12 : at + 16]), _ipv4_text(packet[at + 16 : at + 20])
    return _transport(packet[at + 9], source, destination, packet, at + header, end)


def _ipv6(packet: bytes, at: int) -> Segment | None:
    kind, size = packet[at + 6], int.from_bytes(packet[at + 4 : at + 6], "big")
    end = at + 40 + size if size else len(packet)
    if end > len(packet):
        return None
    source, destination = _ipv6_text(packet[at + 8 : at + 24]), _ipv6_text(packet[at + 24 : at + 40])
    at += 40
    for _ in range(_MAX_HEADERS):
        if kind not in _IPV6_OPTIONS:
            break
        kind, at = packet[at], at + 8 * (packet[at + 1] + 1)
    return _transport(kind, source, destination, packet, at, end)


@lru_cache(maxsize=1024)
def _ipv4_text(octets: bytes) -> str:
    return ".".join(map(str, octets))


@lru_cache(maxsize=1024)
def _ipv6_text(octets: bytes) -> str:
    """An address as RFC 5952 writes it."""
    groups = [f"{g:x}" for g in struct.unpack(">8H", octets)]
    best, start = 1, -1
    for i in range(8):
        run = 0
        while i + run < 8 and groups[i + run] == "0":
            run += 1
        if run > best:
            best, start = run, i
    if start < 0:
        return ":".join(groups)
    return ":".join(groups[:start]) + "::" + ":".join(groups[start + best :])


def _transport(kind: int, source: str, destination: str, packet: bytes, at: int, end: int) -> Segment | None:
    if kind == UDP and at + 8 <= end:
        source_port, destination_port, size = struct.unpack_from(">HHH", packet, at)
        if size and (size < 8 or at + size > end):
            return None
        octets = packet[at + 8 : at + size if size else end]
        return Segment(UDP, source, destination, source_port, destination_port, octets)
    if kind == TCP and at + 20 <= end:
        source_port, destination_port, sequence = struct.unpack_from(">HHI", packet, at)
        start = at + (packet[at + 12] >> 4) * 4
        if at + 20 <= start <= end:
            octets = packet[start:end]
            return Segment(TCP, source, destination, source_port, destination_port, octets, sequence, packet[at + 13])
    return None
