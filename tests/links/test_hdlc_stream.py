"""Frames out of a stream: what comes out does not depend on how the octets are cut."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.links import hdlc
from anymeter.links.hdlc_stream import MAX_NOISE, FrameStream
from hdlc_strategies import ANY_FRAME
from shared import vectors

SNRM = hdlc.Frame(hdlc.Address(1), hdlc.Address(16), 0x93)
UA = hdlc.Frame(hdlc.Address(16), hdlc.Address(1), 0x73)
NOISE = st.binary(min_size=1, max_size=20) | st.sampled_from([b"\x7e", b"\x7e\x7e", b"\x7e\xa0", b"\x7e\xa7\xff\0"])
LINE = st.lists(ANY_FRAME.map(hdlc.Frame.encode) | NOISE, max_size=6).map(b"".join)


def cut(octets, places):
    edges = [0, *sorted(p % (len(octets) + 1) for p in places), len(octets)]
    return [octets[a:b] for a, b in itertools.pairwise(edges)]


def fed(pieces):
    stream, out = FrameStream(), []
    for piece in pieces:
        out += stream.feed(piece)
    return out + stream.finish()


@given(st.lists(ANY_FRAME, max_size=5), st.booleans())
def test_frames_in_a_row(frames, shared):
    assert hdlc.frames(hdlc.encode(*frames, shared_flags=shared)) == frames


@given(LINE, st.lists(st.integers(0, 10_000), max_size=8))
def test_how_octets_are_cut_does_not_matter(octets, places):
    assert fed(cut(octets, places)) == hdlc.frames(octets)


@given(LINE)
def test_octet_by_octet(octets):
    assert fed(cut(octets, range(len(octets)))) == hdlc.frames(octets)


@given(st.lists(ANY_FRAME, min_size=1, max_size=4), st.binary(max_size=12).filter(lambda b: b"\x7e" not in b))
def test_noise_between_frames_is_told_and_costs_no_frame(frames, noise):
    octets = noise.join(frame.encode() for frame in frames)
    found = hdlc.frames(octets)
    assert [f for f in found if isinstance(f, hdlc.Frame)] == frames
    told = b"".join(f.octets for f in found if isinstance(f, hdlc.Discarded))
    assert told == noise * (len(frames) - 1)


def test_a_frame_comes_out_with_its_last_octet():
    stream, octets = FrameStream(), SNRM.encode()
    assert stream.feed(octets[:-1]) == []
    assert stream.feed(octets[-1:]) == [SNRM]
    assert stream.finish() == []


def test_the_closing_flag_opens_the_next_frame():
    stream = FrameStream()
    assert stream.feed(SNRM.encode()) == [SNRM]
    assert stream.feed(UA.encode()[1:]) == [UA]


def test_flags_between_frames_are_no_noise():
    assert hdlc.frames(b"\x7e\x7e\x7e" + SNRM.encode() + b"\x7e\x7e" + UA.encode() + b"\x7e\x7e") == [SNRM, UA]


def test_noise_is_told_with_the_first_reason():
    assert hdlc.frames(b"\x01\x02" + SNRM.encode() + b"\x03") == [
        hdlc.Discarded("no flag", b"\x01\x02"),
        SNRM,
        hdlc.Discarded("the frame is cut off", b"\x03"),
    ]
    broken = bytearray(UA.encode())
    broken[5] ^= 0xFF
    found = hdlc.frames(SNRM.encode() + bytes(broken) + SNRM.encode())
    assert [type(f) for f in found] == [hdlc.Frame, hdlc.Discarded, hdlc.Frame]
    assert found[1].why == "bad frame check sequence"


def test_a_false_start_does_not_hide_the_frame_behind_it():
    """A flag and a length of 2047 in noise would wait for octets that never come."""
    octets = b"\x7e\xa7\xff" + SNRM.encode()
    stream = FrameStream()
    assert stream.feed(octets) == []
    assert stream.finish() == [hdlc.Discarded("the frame is cut off", b"\x7e\xa7\xff"), SNRM]


def test_long_noise_comes_in_pieces():
    found = hdlc.frames(b"\x55" * (2 * MAX_NOISE + 5))
    assert [len(f.octets) for f in found] == [MAX_NOISE, MAX_NOISE, 5]


def test_nothing_is_nothing():
    assert hdlc.frames(b"") == []
    assert hdlc.frames(b"\x7e") == []


@given(st.binary(max_size=400))
def test_garbage_raises_nothing_and_loses_nothing_but_flags(octets):
    told = b"".join(f.octets if isinstance(f, hdlc.Discarded) else f.encode() for f in hdlc.frames(octets))
    assert told.replace(b"\x7e", b"") == octets.replace(b"\x7e", b"")


@pytest.mark.parametrize("octets", [b"\x7e\xa7\xff" * 3400, b"\x7e" * 10_000, b"\x7e\x00" * 5000, b"\xa0" * 10_000])
def test_hostile_streams_stay_small(octets):
    tracemalloc.start()
    hdlc.frames(octets)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * len(octets)


@pytest.mark.parametrize(
    "vector", vectors("dlms_vectors.jsonl", where=lambda v: v["layer"] == "hdlc" and v["hex"].startswith("7e"))
)
def test_captures_hold_whole_frames_and_nothing_else(vector):
    found = hdlc.frames(bytes.fromhex(vector["hex"]))
    assert all(isinstance(f, hdlc.Frame) for f in found)
    wanted = next((v for v in vector["verified_with"] if v.startswith("pydlms-frames:")), None)
    if wanted:
        assert len(found) == int(wanted.partition(":")[2])
