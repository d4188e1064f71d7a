"""Makes pcap and pcapng captures for tests: packets of every link type, TCP and UDP in IPv4 and IPv6."""

from __future__ import annotations

import ipaddress
import struct

ETHERNET, NULL, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 1, 0, 101, 108, 113, 228, 229, 276
TCP, UDP, SYN, ACK = 6, 17, 0x02, 0x10


def udp(source_port, destination_port, octets):
    return struct.pack(">HHHH", source_port, destination_port, 8 + len(octets), 0) + octets


def tcp(source_port, destination_port, sequence, octets, flags=ACK, options=b""):
    offset = (20 + len(options)) // 4
    head = struct.pack(">HHII", source_port, destination_port, sequence & 0xFFFFFFFF, 0)
    return head + struct.pack(">BBHHH", offset << 4, flags, 1024, 0, 0) + options + octets


def ip4(protocol, octets, source="10.0.0.1", destination="10.0.0.2", options=b"", fragment=0):
    head = struct.pack(
        ">BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(octets), 7, fragment, 64, protocol, 0
    )
    return head + ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed + options + octets


def ip6(protocol, octets, source="fe80::1", destination="2001:db8::2", extensions=b""):
    body = extensions + octets
    head = struct.pack(">IHBB", 6 << 28, len(body), protocol, 64)
    return head + ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed + body


def ethernet(packet, vlans=()):
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    tags = b"".join(struct.pack(">HH", tag, 5) for tag in vlans)
    return bytes(12) + tags + struct.pack(">H", kind) + packet


def linked(link, packet):
    """*packet* in a frame of this link type."""
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    match link:
        case 1:
            return ethernet(packet)
        case 0:
            return struct.pack("<I", 2) + packet
        case 108:
            return struct.pack(">I", 2) + packet
        case 113:
            return bytes(14) + struct.pack(">H", kind) + packet
        case 276:
            return struct.pack(">H", kind) + bytes(18) + packet
        case _:
            return packet


def pcap(packets, link=ETHERNET, order="<", nano=False):
    """A pcap file of (time in nanoseconds, octets)."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for time, octets in packets:
        parts = time % 10**9 // (1 if nano else 1000)
        out += struct.pack(order + "IIII", time // 10**9, parts, len(octets), len(octets)) + octets
    return out


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))


def section(order="<"):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order="<", link=ETHERNET, options=b""):
    return block(order, 1, struct.pack(order + "HHI", link, 0, 65535) + options)


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def enhanced(order, ticks, octets, index=0):
    return block(
        order,
        6,
        struct.pack(order + "IIIII", index, ticks >> 32, ticks & 0xFFFFFFFF, len(octets), len(octets)) + octets,
    )


def simple(order, octets):
    return block(order, 3, struct.pack(order + "I", len(octets)) + octets)
