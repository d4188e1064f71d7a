"""Blocks of long requests and answers, and requests divided so that they fit."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.dlms.client.transfers import MOST_EMPTY, LongAnswer, batches, cut, divides, in_blocks, send_blocks
from anymeter.dlms.enums import Conformance
from anymeter.dlms.set import SetResponseDatablock
from anymeter.errors import DecodeError, LinkTimeout, LocalError
from client_talk import SILENCE, session, talk


def test_octets_are_cut_into_numbered_blocks():
    assert list(cut(b"abcdefg", 2, 3)) == [(1, False, b"ab"), (2, False, b"cde"), (3, True, b"fg")]
    assert list(cut(b"ab", 2, 3)) == [(1, True, b"ab")]
    assert list(cut(b"", 2, 3)) == [(1, True, b"")]


def test_blocks_join_in_their_order():
    told = []
    answer = LongAnswer(5, "Blocks", told.append)
    answer.take(1, b"ab")
    answer.take(2, b"")
    answer.take(3, b"cde")
    assert (answer.octets, told) == (b"abcde", [2, 2, 5])


@pytest.mark.parametrize("number", [0, 1, 3, 0xFFFFFFFF])
def test_another_block_is_an_error(number):
    answer = LongAnswer(5, "Blocks")
    answer.take(1, b"a")
    with pytest.raises(DecodeError, match=f"Blocks.* block {number} came instead of 2"):
        answer.take(number, b"b")


def test_blocks_have_an_end():
    answer = LongAnswer(5, "Blocks")
    answer.take(1, b"abcde")
    with pytest.raises(DecodeError, match="6 octets came in 2 blocks, and no end"):
        answer.take(2, b"f")
    answer = LongAnswer(5, "Blocks")
    for number in range(1, MOST_EMPTY + 1):
        answer.take(number, b"")
    with pytest.raises(DecodeError, match="and no end"):
        answer.take(MOST_EMPTY + 1, b"")


def test_tiny_blocks_have_an_end_too():
    answer = LongAnswer(32_000, "Blocks")
    for number in range(1, 2001):
        answer.take(number, b"x")
    with pytest.raises(DecodeError, match="2001 octets came in 2001 blocks, and no end"):
        answer.take(2001, b"x")


def first(block):
    return b"\xc1\x02\xc1" + bytes(10) + block.encode()


def later(block):
    return b"\xc1\x03\xc1" + block.encode()


@pytest.mark.parametrize("pdu", [20, 21, 64, 145, 146, 147, 148, 200, 300])
def test_every_request_fits_and_all_carry_the_octets(pdu):
    octets = bytes(range(256)) * 4
    requests = list(in_blocks(session(max_send_pdu=pdu), first, later, octets))
    assert all(len(request) <= pdu for _, request in requests)
    assert [number for number, _ in requests] == list(range(1, len(requests) + 1))
    heads = [13] + [3] * (len(requests) - 1)
    blocks = [request[head:] for head, (_, request) in zip(heads, requests, strict=True)]
    assert [block[0] for block in blocks] == [0] * (len(blocks) - 1) + [1]
    assert [int.from_bytes(block[1:5], "big") for block in blocks] == [number for number, _ in requests]
    skipped = [6 if block[5] < 0x80 else 7 if block[5] == 0x81 else 8 for block in blocks]
    assert b"".join(block[at:] for at, block in zip(skipped, blocks, strict=True)) == octets


def test_a_first_request_that_never_fits_is_our_mistake():
    with pytest.raises(LocalError, match="no block fits into the 19 octets"):
        next(in_blocks(session(max_send_pdu=19), first, later, b"abc"))


BLOCKS, GENERAL = Conformance.block_transfer_with_set_or_write, Conformance.general_block_transfer


@pytest.mark.parametrize(
    ("size", "pdu", "negotiated", "divided"),
    [
        (50, 50, BLOCKS, False),
        (51, 50, BLOCKS, True),
        (51, 50, BLOCKS | GENERAL, True),
        (51, 50, GENERAL, False),
        (51, 50, 0, False),
        (51, 20, BLOCKS | GENERAL, True),
        (51, 19, BLOCKS | GENERAL, False),
        (51, 19, BLOCKS, True),
    ],
)
def test_what_goes_in_blocks_of_its_own_service(size, pdu, negotiated, divided):
    """The first block of this service has 19 octets beside its own."""
    assert divides(session(int(negotiated), pdu), bytes(size), first, BLOCKS) is divided


def sent(*blocks, **settings):
    return send_blocks(session(**settings), iter(blocks), SetResponseDatablock, 0xC1)


ONE, TWO = (1, b"\x01"), (2, b"\x02")


def test_each_block_waits_for_the_acknowledgement_of_the_one_before():
    outcome = talk(sent(ONE, TWO), ("01", "C502C1 00000001"), ("02", "C503C1 00 00000002"))
    assert outcome == (bytes.fromhex("C503C10000000002"), 2, True)


def test_an_answer_may_come_before_the_last_block():
    assert talk(sent(ONE, TWO), ("01", "C503C1 13 00000001")) == (bytes.fromhex("C503C11300000001"), 1, False)


def test_an_acknowledgement_that_comes_again_is_passed_over():
    turns = [("01", "C502C1 00000001"), ("02", "C502C1 00000001"), ("", "C501C1 00")]
    assert talk(sent(ONE, TWO), *turns) == (b"\xc5\x01\xc1\x00", 2, True)


def test_a_block_is_repeated_on_silence():
    turns = [("01", SILENCE), ("01", "C502C1 00000001"), ("02", "C501C1 00")]
    assert talk(sent(ONE, TWO, repeats=1), *turns)[1:] == (2, True)
    with pytest.raises(LinkTimeout):
        talk(sent(ONE, TWO), ("01", SILENCE))


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (["C502C1 00000002"], "block 2 was acknowledged instead of 1"),
        (["C502C1 00000001", "C502C1 00000003"], "block 3 was acknowledged instead of 2"),
        (["C502C1 00000001", "C502C1 00000002"], "the last block was acknowledged, but no result came"),
        (["C502C1 000001"], "SetResponseDatablock"),
        (["C502C1 0000000100"], "SetResponseDatablock"),
    ],
)
def test_a_wrong_acknowledgement_is_an_error(answers, why):
    with pytest.raises(DecodeError, match=why):
        talk(sent(ONE, TWO), *((None, answer) for answer in answers))


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 60), st.integers(1, 10))
def test_batches_keep_the_order_and_the_limits(items, room, most):
    parts = list(batches(items, lambda item: item, room, most))
    assert [item for part in parts for item in part] == items
    assert all(0 < len(part) <= most and (sum(part) <= room or len(part) == 1) for part in parts)
    for part, following in pairwise(parts):
        assert len(part) == most or sum(part) + following[0] > room
