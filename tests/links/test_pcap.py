"""Captures: files of every form, made here octet by octet."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

import capture_files as make
from anymeter.errors import DecodeError
from anymeter.links import pcap, wrapper

TIME = 1_700_000_000_123_456_000
DATAGRAM = wrapper.Wpdu(1, 16, b"\x0f\x00").encode()
PACKET = make.ip4(make.UDP, make.udp(4059, 40000, DATAGRAM))


def only(octets):
    (payload,) = pcap.payloads(octets)
    return payload


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_pcap_of_both_byte_orders_and_resolutions(order, nano):
    found = only(make.pcap([(TIME + 789, make.ethernet(PACKET))], order=order, nano=nano))
    assert found == pcap.Payload(TIME + (789 if nano else 0), "udp", "10.0.0.1", "10.0.0.2", 4059, 40000, DATAGRAM)
    assert wrapper.decode(found.octets).destination == 16


@pytest.mark.parametrize("link", [0, 1, 101, 108, 113, 228, 276])
def test_link_types(link):
    assert only(make.pcap([(TIME, make.linked(link, PACKET))], link=link)).octets == DATAGRAM


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng(order):
    octets = make.section(order) + make.interface(order) + make.enhanced(order, TIME // 1000, make.ethernet(PACKET))
    found = only(octets)
    assert (found.time, found.octets) == (TIME, DATAGRAM)


@pytest.mark.parametrize(
    ("resolution", "ticks"),
    [(b"\x09", TIME), (b"\x06", TIME // 1000), (b"\x80", TIME // 10**9), (b"\x00", TIME // 10**9)],
)
def test_pcapng_time_resolutions(resolution, ticks):
    options = make.option("<", 9, resolution) + make.option("<", 0, b"")
    octets = make.section() + make.interface(options=options) + make.enhanced("<", ticks, make.ethernet(PACKET))
    assert only(octets).time // 10**9 == TIME // 10**9


def test_pcapng_time_offset():
    options = make.option("<", 14, (100).to_bytes(8, "little"))
    octets = make.section() + make.interface(options=options) + make.enhanced("<", 5_000_000, make.ethernet(PACKET))
    assert only(octets).time == 105 * 10**9


def test_pcapng_with_sections_interfaces_and_blocks_of_other_kinds():
    packet = make.ethernet(PACKET)
    octets = (
        make.section("<") + make.interface("<", link=make.RAW) + make.interface("<", link=make.ETHERNET)
        + make.block("<", 0x0BAD, b"custom") + make.enhanced("<", 1, packet, index=1)
        + make.simple("<", PACKET) + make.enhanced("<", 2, packet, index=9)
        + make.section(">") + make.interface(">") + make.enhanced(">", 3, packet)
    )  # fmt: skip
    assert [p.time for p in pcap.payloads(octets)] == [1000, 0, 3000]


def test_what_is_no_capture():
    for octets in (b"", b"\x7e\xa0", b"\x0a\x0d\x0d\x0a", bytes(40)):
        assert not pcap.is_capture(octets)
    with pytest.raises(DecodeError, match="neither pcap nor pcapng"):
        pcap.read(bytes(40))
    assert pcap.is_capture(make.pcap([]))
    assert pcap.is_capture(make.section(">"))


def test_a_file_that_breaks_off_gives_what_came_before():
    octets = make.pcap([(TIME, make.ethernet(PACKET))] * 2)
    capture = pcap.read(octets[:-1])
    assert len(capture.payloads) == 1
    assert capture.broken is not None
    assert capture.broken.at == len(octets) - len(PACKET) - 14
    with pytest.raises(DecodeError):
        pcap.payloads(octets[:-1])


def test_packets_without_payload_are_counted():
    packets = [(TIME, bytes(60)), (TIME, make.ethernet(PACKET)), (TIME, b"")]
    capture = pcap.read(make.pcap(packets))
    assert (len(capture.payloads), capture.passed_over, capture.broken) == (1, 2, None)


@pytest.mark.parametrize("whole", [
    make.pcap([(TIME, make.ethernet(PACKET))]),
    make.section() + make.interface() + make.enhanced("<", 1, make.ethernet(PACKET)),
])  # fmt: skip
def test_every_truncation_is_told(whole):
    for size in range(len(whole)):
        try:
            capture = pcap.read(whole[:size])
        except DecodeError:
            continue
        assert capture.broken is not None or not capture.payloads


@given(st.binary(max_size=200), st.integers(0, 3))
def test_garbage_raises_only_our_error(octets, kind):
    heads = (make.pcap([]), make.pcap([], order=">"), make.section() + make.interface(), b"")
    try:
        capture = pcap.read(heads[kind] + octets)
    except DecodeError:
        return
    assert isinstance(capture, pcap.Capture)


@given(st.lists(st.tuples(st.integers(0, 2**60), st.binary(min_size=1, max_size=50)), max_size=6))
def test_datagrams_round_trip(datagrams):
    packets = [
        (t // 1000 * 1000, make.ethernet(make.ip4(17, make.udp(1, 2, d)))) for t, d in datagrams if t < 2**32 * 10**9
    ]
    found = pcap.payloads(make.pcap(packets))
    assert [p.octets for p in found] == [d for t, d in datagrams if t < 2**32 * 10**9]
    assert [p.time for p in found] == [t for t, _ in packets]


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (make.block("<", 1, b"\x01\x00\x00\x00"), "an interface description is cut off"),
        (make.block("<", 6, bytes(16)), "a packet block is cut off"),
        (make.block("<", 2, bytes(16)), "a packet block is cut off"),
        (make.block("<", 3, b""), "a packet block is cut off"),
        (make.block("<", 6, bytes(12) + b"\xff\x00\x00\x00" + bytes(4)), "a packet of 255 octets runs past its block"),
        (b"\x06\x00\x00\x00\x0b\x00\x00\x00" + bytes(4), "a block of 11 octets"),
        (b"\x06\x00\x00\x00\x0e\x00\x00\x00" + bytes(8), "a block of 14 octets"),
        (b"\x06\x00\x00\x00\xff\xff\x00\x00" + bytes(8), "a block of 65535 octets"),
        (b"\x06\x00\x00\x00", "a block is cut off"),
        (b"\x0a\x0d\x0d\x0a\x10\x00\x00\x00" + bytes(8), "no byte-order magic"),
    ],
)
def test_a_broken_block_ends_the_file_and_is_told(block, why):
    good = make.section() + make.interface() + make.enhanced("<", 1, make.ethernet(PACKET))
    capture = pcap.read(good + block)
    assert len(capture.payloads) == 1
    assert capture.broken is not None
    assert capture.broken.why == why
    assert len(good) <= capture.broken.at <= len(good) + 8


def test_a_simple_packet_block_may_hold_less_than_was_on_the_line():
    """The block has no captured length: it is what the block has room for. Source: pcapng, Simple Packet Block."""
    packet = make.ethernet(PACKET)
    whole = make.section() + make.interface() + make.simple("<", packet)
    assert only(whole).octets == DATAGRAM
    longer = make.block("<", 3, (10_000).to_bytes(4, "little") + packet)
    assert only(make.section() + make.interface() + longer).octets == DATAGRAM


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_old_packet_block(order):
    """Interface and drops in two octets each. Source: pcapng, Packet Block (obsolete)."""
    packet = make.ethernet(PACKET)
    body = struct.pack(order + "HHIIII", 0, 9, 0, 7_000_000, len(packet), len(packet)) + packet
    found = only(make.section(order) + make.interface(order) + make.block(order, 2, body))
    assert (found.time, found.octets) == (7 * 10**9, DATAGRAM)


@pytest.mark.parametrize("options", [
    make.option("<", 2, b"eth0") + make.option("<", 9, b"\x09") + make.option("<", 0, b""),
    make.option("<", 9, b"\x09") + make.option("<", 0, b"") + make.option("<", 9, b"\x03"),
    make.option("<", 9, b"\x06\x00") + make.option("<", 9, b"\x09") + b"\x0e",
    make.option("<", 14, b"\x01") + make.option("<", 9, b"\x09"),
])  # fmt: skip
def test_options_of_an_interface(options):
    """Resolution 10**-9 counts wherever it stands before the end; options of another size or kind don't."""
    octets = make.section() + make.interface(options=options) + make.enhanced("<", 42, make.ethernet(PACKET))
    assert only(octets).time == 42


def test_an_empty_capture_holds_nothing():
    assert pcap.read(make.pcap([])) == pcap.Capture(())
    assert pcap.read(make.section()) == pcap.Capture(())
    assert pcap.payloads(make.section() + make.interface()) == []


@pytest.mark.parametrize("size", [4, 12, 23])
def test_a_file_header_that_is_cut_off(size):
    capture = pcap.read(make.pcap([])[:size])
    assert capture.payloads == ()
    assert (capture.broken.why, capture.broken.at) == ("the file header is cut off", size)


def test_bits_above_the_link_type_do_not_count():
    """They hold the length of a frame check sequence. Source: pcap, file header."""
    octets = bytearray(make.pcap([(TIME, make.ethernet(PACKET))]))
    octets[23] |= 0x50
    assert only(bytes(octets)).octets == DATAGRAM
