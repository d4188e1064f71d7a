"""Numbers, windows and segments of I frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.links.hdlc_window import GAP, IN_ORDER, INVALID, REPEATED, Incoming, Outgoing


def test_a_short_apdu_is_one_piece_of_itself():
    out = Outgoing(128, 1)
    octets = b"\xe6\xe6\x00\xc0\x01"
    out.put(octets)
    assert out.burst() == [(0, octets, False)]
    assert out.burst() == []
    assert (out.in_flight, out.next, out.pending) == (1, 1, True)
    assert out.acknowledge(1) == 1
    assert not out.pending


def test_a_long_one_is_cut_at_the_size_and_marked_but_for_the_last():
    out = Outgoing(4, 7)
    out.put(b"abcdefghij")
    assert out.burst() == [(0, b"abcd", True), (1, b"efgh", True), (2, b"ij", False)]


@pytest.mark.parametrize("size", [32, 64, 2030])
def test_an_apdu_of_whole_pieces_has_no_empty_last_one(size):
    out = Outgoing(size, 7)
    out.put(bytes(2 * size))
    assert [(len(octets), more) for _, octets, more in out.burst()] == [(size, True), (size, False)]


@pytest.mark.parametrize("window", range(1, 8))
def test_no_more_than_the_window_is_on_its_way(window):
    out = Outgoing(1, window)
    out.put(bytes(20))
    assert [number for number, _, _ in out.burst()] == list(range(window))
    assert out.burst() == []
    assert out.acknowledge(1) == 1
    assert [number for number, _, _ in out.burst()] == [window % 8]


def test_what_is_not_acknowledged_goes_again_with_its_numbers():
    out = Outgoing(1, 3)
    out.put(b"abcdef")
    first = out.burst()
    assert out.acknowledge(1) == 1
    out.rewind()
    assert out.burst() == [*first[1:], (3, b"d", True)]


@pytest.mark.parametrize(("window", "number"), [(1, 2), (1, 5), (3, 4), (2, 3)])
def test_an_acknowledgement_of_what_was_never_sent(window, number):
    out = Outgoing(1, window)
    out.put(b"abcdef")
    out.burst()
    assert out.acknowledge(number) == INVALID
    assert out.in_flight == window


def test_an_old_acknowledgement_is_none():
    out = Outgoing(1, 1)
    for number in range(1, 4):
        out.put(b"a")
        out.burst()
        assert out.acknowledge(number) == 1
    assert out.acknowledge(2) == 0
    assert out.first == 3


def test_apdus_follow_one_another():
    out = Outgoing(4, 7)
    out.put(b"abcde")
    out.put(b"fg")
    assert out.burst() == [(0, b"abcd", True), (1, b"e", False), (2, b"fg", False)]


def test_places_in_the_sequence():
    got = Incoming(1, 100)
    assert [got.place(number) for number in range(8)] == [IN_ORDER] + [GAP] * 6 + [REPEATED]
    wide = Incoming(7, 100)
    assert [wide.place(number) for number in range(8)] == [IN_ORDER] + [GAP] * 3 + [REPEATED] * 4


def test_numbers_are_expected_modulo_eight():
    got = Incoming(1, 100)
    for number in range(20):
        assert got.place(number % 8) == IN_ORDER
        assert got.take(b"x", False) == b"x"


def test_segments_are_joined():
    got = Incoming(1, 100)
    assert got.take(b"ab", True) is None
    assert got.begun
    assert got.take(b"cd", True) is None
    assert got.take(b"e", False) == b"abcde"
    assert not got.begun


def test_segments_without_octets_take_no_room():
    got = Incoming(1, 10)
    for _ in range(1000):
        assert got.take(b"", True) is None
    assert got.begun
    assert len(got._parts) == 1
    got.take(b"ab", True)
    got.take(b"", True)
    assert got.take(b"c", False) == b"abc"
    assert not got.begun


def test_too_long_an_apdu_is_empty_and_the_next_is_well():
    got = Incoming(1, 10)
    for _ in range(5):
        assert got.take(b"abc", True) is None
    assert got.take(b"a", False) == b""
    assert got.take(b"abc", True) is None
    assert got.take(b"d", False) == b"abcd"


@given(
    st.lists(st.binary(min_size=1, max_size=300), max_size=6),
    st.integers(1, 64),
    st.integers(1, 7),
    st.data(),
)
def test_whatever_is_lost_what_was_put_in_comes_out(apdus, size, window, data):
    """A channel that loses frames, and tells after each burst what it expects next."""
    out, got, whole = Outgoing(size, window), Incoming(window, 1 << 20), []
    for apdu in apdus:
        out.put(apdu)
    for turn in range(10_000):
        if not out.pending:
            break
        for number, octets, more in out.burst():
            lost = turn < 30 and data.draw(st.booleans())
            if not lost and got.place(number) == IN_ORDER:
                one = got.take(octets, more)
                whole += [one] if one is not None else []
        assert out.acknowledge(got.expected) != INVALID
        out.rewind()
    assert whole == apdus
