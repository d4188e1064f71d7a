"""Blocks of one transfer: how much fits, what may be asked for next, what is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.dlms.server.transfers import GET, SET, LongAnswer, LongRequest, fit
from anymeter.wire import length_of


@given(st.integers(0, 70_000), st.integers(0, 20))
def test_what_fits_fits_and_hardly_more_would(room, header):
    size = fit(room, header)
    if size:
        assert header + len(length_of(size)) + size <= room
    assert header + len(length_of(size + 2)) + size + 2 > room


@given(st.binary(max_size=200), st.integers(1, 50))
def test_blocks_join_to_the_payload(payload, size):
    answer = LongAnswer(GET, 0xC1, payload, size, b"")
    blocks = [answer.block(number) for number in range(1, answer.blocks + 1)]
    assert b"".join(raw for _, raw in blocks) == payload
    assert [last for last, _ in blocks] == [False] * (answer.blocks - 1) + [True]


@pytest.fixture
def answer():
    return LongAnswer(GET, 0xC1, bytes(10), 3, b"")


def followers(answer, again=False):
    return [number for number in range(-1, 7) if answer.may_follow(number, again)]


def test_what_may_be_asked_for_next(answer):
    assert answer.blocks == 4
    asked = []
    for number in range(1, 5):
        answer.block(number)
        asked.append(followers(answer))
    assert asked == [[1], [1, 2], [2, 3], [3]]


def test_what_may_be_asked_for_again_where_datagrams_get_lost(answer):
    for number in range(1, 5):
        answer.block(number)
    assert followers(answer, again=True) == [1, 2, 3]
    answer.block(2)
    assert answer.sent == 4


def test_an_empty_payload_is_one_block():
    answer = LongAnswer(GET, 0xC1, b"", 3, b"")
    assert (answer.blocks, answer.block(1), followers(answer)) == (1, (True, b""), [])


def test_a_request_takes_its_blocks_in_order():
    request = LongRequest(SET, 0xC1, None, b"")
    blocks = ((2, b"b"), (1, b"a"), (1, b"a"), (1, b"x"), (3, b"c"), (2, b"b"), (1, b"a"), (0, b""))
    assert [request.take(*block, False) for block in blocks] == [False, True, True, False, False, True, False, False]
    assert (request.octets, request.size, request.number) == (b"ab", 2, 2)


def test_where_datagrams_come_late_any_block_may_come_once_more():
    request = LongRequest(SET, 0xC1, None, b"")
    blocks = ((1, b"a"), (2, b"b"), (3, b"c"), (1, b"a"), (2, b"b"), (2, b"x"), (0, b""), (-1, b""), (5, b"e"))
    taken = [request.take(*block, True) for block in blocks]
    assert taken == [True] * 5 + [False] * 4
    assert request.octets == b"abc"


def test_a_request_has_a_bound_in_octets_and_in_blocks():
    request = LongRequest(SET, 0xC1, None, b"")
    for number in range(1, 257):
        request.take(number, b"", False)
    assert not request.exceeds(0)
    request.take(257, b"", False)
    assert request.exceeds(8 * 256)
    assert not request.exceeds(8 * 257)
    request = LongRequest(SET, 0xC1, None, b"")
    request.take(1, bytes(9), False)
    assert [request.exceeds(most) for most in (8, 9)] == [True, False]
