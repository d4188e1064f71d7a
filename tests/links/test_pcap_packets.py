"""Packets of every link and network layer, whole and damaged."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import capture_files as make
from anymeter.links.pcap_packets import segment_of

UDP4 = make.ip4(make.UDP, make.udp(4059, 40000, b"abc"))
TCP6 = make.ip6(make.TCP, make.tcp(10001, 50000, 77, b"\xe5", make.ACK | make.SYN))


def test_udp_in_ipv4():
    found = segment_of(make.ETHERNET, make.ethernet(UDP4))
    assert (found.protocol, found.source, found.destination) == (17, "10.0.0.1", "10.0.0.2")
    assert (found.source_port, found.destination_port, found.octets) == (4059, 40000, b"abc")


def test_tcp_in_ipv6():
    found = segment_of(make.ETHERNET, make.ethernet(TCP6))
    assert (found.source, found.destination, found.octets) == ("fe80::1", "2001:db8::2", b"\xe5")
    assert (found.sequence, found.flags) == (77, make.ACK | make.SYN)


@pytest.mark.parametrize("vlans", [(0x8100,), (0x88A8, 0x8100), (0x9100, 0x8100, 0x8100)])
def test_vlan_tags(vlans):
    assert segment_of(make.ETHERNET, make.ethernet(UDP4, vlans)).octets == b"abc"


def test_the_padding_of_short_ethernet_frames_is_not_payload():
    assert segment_of(make.ETHERNET, make.ethernet(UDP4) + bytes(18)).octets == b"abc"


def test_header_options():
    options = make.ip4(make.TCP, make.tcp(1, 2, 3, b"x", options=bytes(12)), options=bytes(8))
    assert segment_of(make.RAW, options).octets == b"x"
    extension = bytes((make.UDP, 1)) + bytes(14)
    assert segment_of(make.RAW, make.ip6(0, make.udp(1, 2, b"y"), extensions=extension)).octets == b"y"


def test_a_length_of_zero_means_all_that_was_captured():
    packet = bytearray(UDP4)
    packet[2:4] = b"\0\0"
    assert segment_of(make.RAW, bytes(packet)).octets == b"abc"


@pytest.mark.parametrize("fragment", [0x2000, 0x0001, 0x1FFF])
def test_fragments_are_no_segments(fragment):
    assert segment_of(make.RAW, make.ip4(make.UDP, make.udp(1, 2, b"x"), fragment=fragment)) is None


@pytest.mark.parametrize(
    "packet",
    [
        make.ip4(1, bytes(8)),
        make.ip6(58, bytes(8)),
        b"\x45" + UDP4[1:-1],
        b"\x44" + UDP4[1:],
        b"\x75" + UDP4[1:],
        make.ip4(make.UDP, b"\0" * 7),
        make.ip4(make.TCP, bytes(20)),
        make.ip4(make.TCP, b"\0" * 12 + b"\xf0" + bytes(7)),
        make.ip4(make.UDP, make.udp(1, 2, b"abc")[:-1]),
    ],
)
def test_what_is_no_whole_segment(packet):
    assert segment_of(make.RAW, packet) is None


def test_other_ethertypes_and_links():
    assert segment_of(make.ETHERNET, bytes(12) + b"\x08\x06" + bytes(28)) is None
    assert segment_of(make.SLL, bytes(14) + b"\x08\x06" + bytes(28)) is None
    assert segment_of(make.SLL2, b"\x08\x06" + bytes(46)) is None
    assert segment_of(147, UDP4) is None


@given(st.binary(max_size=80), st.sampled_from([0, 1, 12, 101, 108, 113, 228, 229, 276, 9999]))
def test_garbage_raises_nothing(packet, link):
    segment_of(link, packet)


@given(st.data())
def test_every_truncation_is_no_segment(data):
    packet = data.draw(st.sampled_from([UDP4, TCP6]))
    assert segment_of(make.RAW, packet[: data.draw(st.integers(0, len(packet) - 1))]) is None


@given(st.binary(min_size=16, max_size=16) | st.sampled_from([bytes(16), bytes(15) + b"\1", b"\1" + bytes(15)]))
def test_ipv6_addresses_are_written_as_rfc_5952_says(octets):
    packet = make.ip6(make.UDP, make.udp(1, 2, b"x"), source=str(ipaddress.IPv6Address(octets)))
    written = segment_of(make.RAW, packet).source
    assert ipaddress.IPv6Address(written).packed == octets
    assert written == ipaddress.IPv6Address(octets).compressed or "." in ipaddress.IPv6Address(octets).compressed
