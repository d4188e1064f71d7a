"""Frames joined to what they carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.links import hdlc
from anymeter.links.hdlc_units import MAX_OPEN
from hdlc_strategies import ANY_FRAME
from shared import vectors

CLIENT, SERVER = hdlc.Address(16), hdlc.Address(1, 17, 2)
NO_FLAG = st.binary(min_size=1, max_size=600)


def units(frames):
    return [u for u in hdlc.reassemble(frames) if isinstance(u, hdlc.Unit)]


def lost(frames):
    return [u.why for u in hdlc.reassemble(frames) if isinstance(u, hdlc.Discarded)]


@given(NO_FLAG, st.integers(4, 200), st.booleans(), st.sampled_from([hdlc.UI, 0x10, 0x5C]))
def test_segments_join_to_what_was_cut(apdu, size, from_server, control):
    frames = hdlc.segment(
        apdu, client=CLIENT, server=SERVER, from_server=from_server, max_information=size, control=control
    )
    assert all(len(f.information) <= size for f in frames)
    assert [f.segmented for f in frames] == [True] * (len(frames) - 1) + [False]
    assert [f.poll_final for f in frames] == [False] * (len(frames) - 1) + [True]
    (unit,) = hdlc.reassemble(frames)
    assert (unit.apdu, unit.client, unit.server, unit.physical) == (apdu, 16, 1, 17)
    assert (unit.from_server, unit.confirmed, unit.frames) == (from_server, control != hdlc.UI, len(frames))


def test_numbers_of_segments_count_modulo_eight():
    frames = hdlc.segment(bytes(40), client=CLIENT, server=SERVER, max_information=4, control=0xAC)
    assert [f.send_number for f in frames] == [(6 + i) % 8 for i in range(11)]
    assert {f.receive_number for f in frames} == {5}


def test_the_llc_header_is_taken_off_the_first_segment_only():
    """A later segment may begin with the same octets by chance."""
    first = hdlc.Frame(CLIENT, SERVER, 0x10, hdlc.LLC_RESPONSE + b"\xc4\x01", True)
    second = hdlc.Frame(CLIENT, SERVER, 0x12, hdlc.LLC_RESPONSE + b"\x02")
    (unit,) = hdlc.reassemble([first, second])
    assert unit.apdu == b"\xc4\x01" + hdlc.LLC_RESPONSE + b"\x02"
    assert unit.llc == hdlc.LLC_RESPONSE


def test_ui_frames_without_the_segmentation_bit_are_units_of_their_own():
    """Later blocks of a push have no LLC header; who sends them is known from the first."""
    server, client = hdlc.Address(1), hdlc.Address(103, 127, 2)
    frames = [
        hdlc.Frame(client, server, 0x13, hdlc.LLC_RESPONSE + b"\xe0\x40"),
        hdlc.Frame(client, server, 0x13, b"\xe0"),
    ]
    first, second = hdlc.reassemble(frames)
    assert (first.apdu, first.llc) == (b"\xe0\x40", hdlc.LLC_RESPONSE)
    assert (second.apdu, second.llc) == (b"\xe0", b"")
    for unit in (first, second):
        assert (unit.client, unit.server, unit.from_server, unit.confirmed) == (103, 1, True, False)


def test_a_repeated_i_frame_counts_once():
    frames = hdlc.segment(bytes(20), client=CLIENT, server=SERVER, max_information=12, control=0x10)
    assert units([frames[0], frames[0], frames[1], frames[1]]) == units(frames)
    assert lost([frames[0], frames[0], frames[1]]) == ["an I frame sent again"]


def test_a_gap_in_the_numbers_loses_the_unit_and_no_more():
    frames = hdlc.segment(bytes(40), client=CLIENT, server=SERVER, max_information=12, control=0x10)
    after = hdlc.Frame(SERVER, CLIENT, 0x18, hdlc.LLC_COMMAND + b"\xc0")
    assert "a segment is missing" in lost([frames[0], frames[2], after])
    assert units([frames[0], frames[2], after])[-1].apdu == b"\xc0"


def test_two_lines_of_segments_do_not_mix():
    one = hdlc.segment(b"a" * 20, client=CLIENT, server=SERVER, max_information=12)
    two = hdlc.segment(b"b" * 20, client=hdlc.Address(2), server=SERVER, max_information=12)
    assert [u.apdu for u in units([one[0], two[0], one[1], two[1]])] == [b"a" * 20, b"b" * 20]


def test_a_new_llc_header_ends_an_unfinished_run_of_ui_frames():
    one = hdlc.segment(b"a" * 20, client=CLIENT, server=SERVER, max_information=12)
    two = hdlc.segment(b"b" * 5, client=CLIENT, server=SERVER, max_information=12)
    assert [u.apdu for u in units([one[0], *two])] == [b"b" * 5]
    assert lost([one[0], *two]) == ["the last segment is missing"]


@pytest.mark.parametrize("control", [0x93, 0x53, 0x73, 0x1F])
def test_set_up_and_release_discard_what_was_begun(control):
    first = hdlc.segment(bytes(20), client=CLIENT, server=SERVER, max_information=12, control=0x10)[0]
    reset = hdlc.Frame(CLIENT, SERVER, control)
    assert lost([first, reset]) == [f"{reset.kind} before the last segment"]


def test_frames_without_information_carry_nothing():
    assert hdlc.reassemble([hdlc.Frame(SERVER, CLIENT, c) for c in (0x93, 0x31, 0x15, 0x97, 0x13, 0x10)]) == []


def test_noise_passes_through():
    noise = hdlc.Discarded("no flag", b"\x01")
    assert hdlc.reassemble([noise]) == [noise]


def test_what_is_unfinished_at_the_end_is_told():
    first = hdlc.segment(bytes(20), client=CLIENT, server=SERVER, max_information=12)[0]
    assert lost([first]) == ["the last segment is missing"]


def test_units_have_a_limit():
    joiner = hdlc.Reassembler(max_unit=30)
    frames = hdlc.segment(bytes(100), client=CLIENT, server=SERVER, max_information=12)
    out = [u for f in frames for u in joiner.feed(f)]
    assert out[0].why == "more than 30 octets"


def test_segments_without_octets_take_no_room():
    joiner = hdlc.Reassembler()
    first, last = hdlc.segment(b"\xc2\x00", client=CLIENT, server=SERVER, max_information=4)
    assert joiner.feed(first) == []
    for _ in range(1000):
        assert joiner.feed(hdlc.Frame(SERVER, CLIENT, 0x03, b"", True)) == []
    assert [len(begun.parts) for begun in joiner._open.values()] == [1]
    (unit,) = joiner.feed(last)
    assert (unit.apdu, unit.frames) == (b"\xc2\x00", 1002)


def test_senders_have_a_limit():
    joiner = hdlc.Reassembler()
    out = []
    for upper in range(MAX_OPEN + 1):
        for frame in hdlc.segment(bytes(20), client=hdlc.Address(upper), server=SERVER, max_information=12)[:1]:
            out += joiner.feed(frame)
    assert [u.why for u in out] == ["too many senders at once"]
    assert len(joiner.finish()) == MAX_OPEN


@given(st.lists(ANY_FRAME, max_size=12))
def test_any_frames_raise_nothing(frames):
    for unit in hdlc.reassemble(frames):
        assert isinstance(unit, hdlc.Unit | hdlc.Discarded)


def test_no_room_for_a_segment():
    with pytest.raises(LocalError):
        hdlc.segment(b"x", client=CLIENT, server=SERVER, max_information=3)


@pytest.mark.parametrize("vector", vectors("dlms_vectors.jsonl", where=lambda v: v["id"] == "meter-hdlc-iskra550"))
def test_a_captured_push_in_three_segments(vector):
    (unit,) = hdlc.reassemble(hdlc.frames(bytes.fromhex(vector["hex"])))
    assert (unit.frames, unit.client, unit.server, unit.physical) == (3, 103, 1, 17)
    assert unit.from_server
    assert not unit.confirmed
    assert unit.apdu[0] == 0x0F


@pytest.mark.parametrize(
    "vector", vectors("dlms_vectors.jsonl", where=lambda v: "e450" in v["id"] and "gbt" not in v["id"])
)
def test_captured_blocks_in_ui_frames(vector):
    found = hdlc.reassemble(hdlc.frames(bytes.fromhex(vector["hex"])))
    assert all(unit.apdu[0] == 0xE0 and unit.client == 103 and unit.from_server for unit in found)
    assert [int.from_bytes(unit.apdu[2:4], "big") for unit in found] == list(range(1, len(found) + 1))
