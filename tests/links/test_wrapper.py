"""The IP wrapper: datagrams and streams."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links import wrapper
from anymeter.links.events import Discarded
from anymeter.links.wrapper import Wpdu, WrapperStream
from shared import vectors

ANY = st.builds(Wpdu, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(max_size=300))


def test_header():
    """Client 16 to logical device 1, 31 octets. Source: EN 13757-1:2014, 8.2.3."""
    wpdu = Wpdu(16, 1, bytes(31))
    assert wpdu.encode()[:8].hex() == "000100100001001f"
    assert wrapper.decode(wpdu.encode()) == wpdu
    assert wrapper.PORT == 4059


@pytest.mark.parametrize("vector", vectors("dlms_vectors.jsonl", where=lambda v: v["layer"] == "wrapper"))
def test_captured_datagrams(vector):
    expect, octets = vector["expect"], bytes.fromhex(vector["hex"])
    found = wrapper.decode(octets)
    assert (found.source, found.destination) == (expect["source_wport"], expect["destination_wport"])
    assert len(found.apdu) == expect["length"]
    if "apdu_tag" in expect:
        assert found.apdu[0] == int(expect["apdu_tag"], 16)
    assert found.encode() == octets
    assert wrapper.split(octets) == [found]


@given(ANY)
def test_round_trip(wpdu):
    assert wrapper.decode(wpdu.encode()) == wpdu
    assert wrapper.decode_at(b"\0\0" + wpdu.encode() + b"\0", 2) == (wpdu, 10 + len(wpdu.apdu))


@given(ANY, st.data())
def test_every_truncation_is_an_error(wpdu, data):
    octets = wpdu.encode()
    with pytest.raises(DecodeError):
        wrapper.decode(octets[: data.draw(st.integers(0, len(octets) - 1))])


@pytest.mark.parametrize(
    ("octets", "why", "at"),
    [
        ("", "a header has 8 octets, 0 are there", 0),
        ("00010010000100", "a header has 8 octets, 7 are there", 7),
        ("0002001000010000", "version 2 is not 1", 0),
        ("0100001000010000", "version 256 is not 1", 0),
        ("0001001000010002AA", "1 octets are missing", 9),
        ("0001001000010001AABB", "1 octets left over", 9),
    ],
)
def test_broken_datagrams(octets, why, at):
    with pytest.raises(DecodeError) as caught:
        wrapper.decode(bytes.fromhex(octets))
    assert (caught.value.why, caught.value.at) == (why, at)


@pytest.mark.parametrize("wrong", [(0x10000, 1, b""), (1, -1, b""), (1, 1, bytes(0x10000))])
def test_what_does_not_fit_is_our_own_mistake(wrong):
    with pytest.raises(LocalError):
        Wpdu(*wrong).encode()


@given(st.lists(ANY, max_size=5), st.lists(st.integers(0, 3000), max_size=8), st.binary(max_size=20))
def test_how_a_stream_is_cut_does_not_matter(wpdus, places, tail):
    octets = b"".join(w.encode() for w in wpdus) + tail
    edges = [0, *sorted(p % (len(octets) + 1) for p in places), len(octets)]
    stream, out = WrapperStream(keep=len(octets)), []
    for a, b in itertools.pairwise(edges):
        out += stream.feed(octets[a:b])
    assert out + stream.finish() == wrapper.split(octets)
    assert [w for w in wrapper.split(octets) if isinstance(w, Wpdu)][: len(wpdus)] == wpdus


def test_an_apdu_comes_out_with_its_last_octet():
    stream, octets = WrapperStream(), Wpdu(1, 16, b"abc").encode()
    assert stream.feed(octets[:-1]) == []
    assert stream.feed(octets[-1:]) == [Wpdu(1, 16, b"abc")]


def test_another_version_loses_the_stream():
    stream, good = WrapperStream(), Wpdu(1, 16, b"abc").encode()
    assert stream.feed(good + b"\x00\x02" + good) == [Wpdu(1, 16, b"abc")]
    assert stream.lost
    assert stream.feed(good) == []
    assert stream.finish() == [Discarded("not version 1 of the wrapper", b"\x00\x02" + good + good)]


def test_a_lost_stream_keeps_little():
    stream = WrapperStream(keep=100)
    stream.feed(b"\xff" * 50)
    for _ in range(100):
        stream.feed(bytes(1000))
    assert [len(d.octets) for d in stream.finish()] == [100]


def test_a_cut_off_apdu_is_told():
    octets = Wpdu(1, 16, b"abc").encode()[:-1]
    assert wrapper.split(octets) == [Discarded("the APDU is cut off", octets)]
    assert wrapper.split(b"") == []


@given(ANY)
def test_explain_covers_every_octet_once(wpdu):
    octets = wpdu.encode()
    rows = wrapper.explain(octets)
    assert b"".join(row.octets for row in rows) == octets
    assert {row.name: row.meaning for row in rows}["source wPort"] == str(wpdu.source)
    assert all(octets[row.at : row.at + len(row.octets)] == row.octets for row in rows)


@given(st.binary(max_size=60))
def test_garbage(octets):
    assert b"".join(d.octets if isinstance(d, Discarded) else d.encode() for d in wrapper.split(octets)) == octets
    try:
        found = wrapper.decode(octets)
    except DecodeError:
        return
    assert found.encode() == octets


@pytest.mark.parametrize(
    ("wpdu", "octets"),
    [
        (Wpdu(0, 0, b""), "0001000000000000"),
        (Wpdu(1, 16, b"\x0f"), "00010001001000010f"),
        (Wpdu(0xFFFF, 0xFFFF, b""), "0001ffffffff0000"),
        (Wpdu(16, 1, b"\xc0\x01\xc1"), "0001001000010003c001c1"),
    ],
)
def test_headers_at_their_borders(wpdu, octets):
    assert wpdu.encode().hex() == octets
    assert wrapper.decode(bytes.fromhex(octets)) == wpdu


def test_the_longest_apdu():
    wpdu = Wpdu(1, 2, bytes(0xFFFF))
    assert wpdu.encode()[:8].hex() == "000100010002ffff"
    assert wrapper.decode(wpdu.encode()) == wpdu
    assert wrapper.split(wpdu.encode() * 2) == [wpdu, wpdu]


@pytest.mark.parametrize("version", [0, 2, 0x0100, 0x0101, 0xFFFF])
def test_version_one_alone(version):
    octets = version.to_bytes(2, "big") + bytes.fromhex("000100100001c0")
    with pytest.raises(DecodeError, match=f"version {version} is not 1") as caught:
        wrapper.decode(octets)
    assert caught.value.at == 0
    assert wrapper.split(octets) == [Discarded("not version 1 of the wrapper", octets)]


def test_offsets_count_from_the_beginning_of_the_octets():
    good = Wpdu(1, 2, b"abc").encode()
    found, end = wrapper.decode_at(b"??" + good + b"?", 2)
    assert (found.apdu, end) == (b"abc", 2 + len(good))
    rows = wrapper.explain(b"??" + good + b"?", 2)
    assert [row.at for row in rows] == [2, 4, 6, 8, 10]
    assert [row.meaning for row in rows] == ["1", "1", "2", "3", ""]


def test_a_stream_goes_on_after_it_was_finished():
    stream = WrapperStream()
    assert stream.feed(b"\x00\x02") == []
    assert stream.lost
    assert stream.finish() == [Discarded("not version 1 of the wrapper", b"\x00\x02")]
    assert not stream.lost
    assert stream.feed(Wpdu(1, 2, b"x").encode()) == [Wpdu(1, 2, b"x")]
    assert stream.finish() == []
