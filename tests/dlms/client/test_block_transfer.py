"""General block transfer: windows both ways, lost, doubled and late blocks, aborts, and partners that never end."""

import random

import pytest

from anymeter.dlms.blocks import LAST, GeneralBlockTransfer
from anymeter.dlms.client.block_transfer import (
    ABORT,
    SILENCES,
    STREAMING,
    Blocks,
    receive_by_blocks,
    send_by_blocks,
    told,
)
from anymeter.errors import DecodeError, LinkTimeout, LocalError, ServiceRefused
from client_talk import SILENCE, answered, forever, session, talk


def block(number, acknowledged, data=b"", *, last=False, streaming=False, window=3):
    control = window | (LAST if last else 0) | (STREAMING if streaming else 0)
    return GeneralBlockTransfer(control, number, acknowledged, bytes(data)).encode()


def read(octets):
    return GeneralBlockTransfer.parse(octets)


REQUEST = bytes.fromhex("C001C100080000010000FF0200")


def test_the_worked_example():
    """A request in one block, an answer in three, window 3: general-block-transfer in the application layer."""
    one = session(window=3)
    turns = [
        (["E0 83 0001 0000 0D" + REQUEST.hex()], block(1, 1, b"ab", streaming=True)),
        ("", block(2, 1, b"cd", streaming=True)),
        ("", block(3, 1, b"ef", last=True)),
    ]
    assert talk(send_by_blocks(one, REQUEST), *turns) == b"abcdef"
    assert [apdu.hex() for apdu in one.take_unsent()] == ["e0830002000300"]


def test_a_long_request_begins_with_one_block_and_then_fills_the_window():
    one = session(max_send_pdu=12, window=5)
    request = bytes(range(17))
    turns = [
        ([block(1, 0, request[:5], window=5)], block(1, 1)),
        (
            [
                block(2, 1, request[5:10], streaming=True, window=5),
                block(3, 1, request[10:15], streaming=True, window=5),
                block(4, 1, request[15:], last=True, window=5),
            ],
            block(2, 4, b"answer", last=True),
        ),
    ]
    assert talk(send_by_blocks(one, request), *turns) == b"answer"


def test_lost_blocks_of_ours_are_sent_again():
    one = session(max_send_pdu=12)
    request = bytes(range(20))
    turns = [
        ([block(1, 0, request[:5], window=8)], block(1, 1)),
        (None, block(2, 2)),
        ([block(3, 2, request[10:15], streaming=True, window=8), block(4, 2, request[15:], last=True, window=8)], None),
    ]
    turns[-1] = (turns[-1][0], block(3, 4, b"answer", last=True))
    assert talk(send_by_blocks(one, request), *turns) == b"answer"


def test_ours_are_sent_again_on_silence():
    one = session()
    burst = [block(1, 0, REQUEST, last=True, window=8)]
    assert talk(send_by_blocks(one, REQUEST), (burst, SILENCE), (burst, block(1, 1, b"x", last=True))) == b"x"
    with pytest.raises(LinkTimeout):
        talk(send_by_blocks(session(), REQUEST), *[(burst, SILENCE)] * (SILENCES + 1))


def test_what_comes_beyond_a_gap_is_not_kept():
    one = session(window=3)
    turns = [
        (None, block(1, 1, b"ab", streaming=True)),
        ("", block(3, 1, b"XX", last=True)),
        ([block(2, 1, last=True)], block(2, 1, b"cd", streaming=True)),
        ("", block(3, 1, b"ef", last=True)),
    ]
    assert talk(send_by_blocks(one, REQUEST), *turns) == b"abcdef"


def test_silence_in_the_middle_is_answered_with_what_came():
    one = session(window=3)
    turns = [
        (None, block(1, 1, b"ab", streaming=True)),
        ("", SILENCE),
        ([block(2, 1, last=True)], block(2, 1, b"cd", last=True)),
    ]
    assert talk(send_by_blocks(one, REQUEST), *turns) == b"abcd"


def test_a_full_window_is_acknowledged_even_if_the_partner_says_it_goes_on():
    one = session(window=2)
    turns = [
        (None, block(1, 1, b"ab", streaming=True)),
        ("", block(2, 1, b"cd", streaming=True)),
        ([block(2, 2, last=True, window=2)], block(3, 1, b"ef", last=True)),
    ]
    assert talk(send_by_blocks(one, REQUEST), *turns) == b"abcdef"


@pytest.mark.parametrize("first", [1, 2])
def test_an_acknowledgement_may_take_a_number_or_not(first):
    """Partners differ in whether a block without data counts."""
    one = session(max_send_pdu=20)
    request = bytes(range(20))
    turns = [
        (None, block(1, 1)),
        (None, block(first, 2, b"ab", streaming=True)),
        ("", block(first + 1, 2, b"cd", last=True)),
    ]
    assert talk(send_by_blocks(one, request), *turns) == b"abcd"


def test_an_answer_in_blocks_may_come_unasked():
    one = session(window=2)
    turns = [([block(1, 1, last=True, window=2)], block(2, 0, b"cd", last=True))]
    assert talk(receive_by_blocks(one, block(1, 0, b"ab")), *turns) == b"abcd"


def test_blocks_of_a_partner_that_takes_none_are_not_acknowledged():
    """Window 0: a notification that is not confirmed, as meters push it in frames that are not acknowledged."""
    one = session()
    turns = [("", block(2, 0, b"cd", window=0)), ("", block(3, 0, b"ef", window=0, last=True))]
    assert talk(receive_by_blocks(one, block(1, 0, b"ab", window=0)), *turns) == b"abcdef"
    assert one.take_unsent() == []


def test_a_plain_answer_ends_the_transfer():
    assert talk(send_by_blocks(session(), REQUEST), (None, "D80102")) == bytes.fromhex("D80102")


def test_notifications_are_told_apart():
    seen = []
    one = session(watcher=seen.append)
    turns = [
        (None, "0F 00000001 00 1105"),
        ("", "0F 40000002 00 1106"),
        ("10 40000002 00", block(1, 1, b"x", last=True)),
    ]
    assert talk(send_by_blocks(one, REQUEST), *turns) == b"x"
    assert [n.apdu.value for n in seen] == [5, 6]
    assert told(session(), bytes.fromhex("0F 00000001 00 1105")) == b""


def test_what_waits_to_be_sent_leaves_before_the_blocks():
    one = session()
    one.unsent.append(b"earlier")
    burst = [b"earlier", block(1, 0, REQUEST, last=True, window=8)]
    assert talk(send_by_blocks(one, REQUEST), (burst, block(1, 1, b"x", last=True))) == b"x"


def test_the_meter_may_abort():
    with pytest.raises(ServiceRefused, match="aborted"):
        talk(send_by_blocks(session(), REQUEST), (None, ABORT))


@pytest.mark.parametrize("octets", ["E0", "E08000010001", "E0800001000105AB", "E08000010001840FFFFFFF"])
def test_a_broken_block_is_an_error_and_aborts(octets):
    one = session()
    with pytest.raises(DecodeError, match="GeneralBlockTransfer"):
        talk(send_by_blocks(one, REQUEST), (None, octets))
    assert one.take_unsent() == [bytes.fromhex("E0 80 0000 0000 00")]


@pytest.mark.parametrize(
    "reply",
    [
        block(1, 0),
        block(1, 1, b"ab"),
        block(7, 1, b"ab"),
        block(7, 1, b"ab", streaming=True),
        block(1, 1, b"ab", streaming=True),
        block(9, 0, streaming=True),
        bytes.fromhex("0F 00000001 00 1105"),
    ],
    ids=lambda octets: octets.hex(),
)
def test_a_partner_that_never_gets_on_is_given_up(reply):
    one = session()
    with pytest.raises(DecodeError, match="does not get beyond block"):
        forever(send_by_blocks(one, REQUEST), lambda sent: reply, 2000)
    assert one.take_unsent() == [ABORT]


def test_a_partner_that_never_ends_is_given_up():
    numbers = iter(range(1, 1000))
    with pytest.raises(DecodeError, match="more than 1000 octets"):
        forever(send_by_blocks(session(most_octets=1000), REQUEST), lambda sent: block(next(numbers), 1, bytes(100)))


def test_a_partner_that_counts_up_without_data_is_given_up():
    numbers = iter(range(1, 2000))
    with pytest.raises(DecodeError, match="does not get beyond"):
        forever(send_by_blocks(session(), REQUEST), lambda sent: block(next(numbers), 1, streaming=True), 2000)


def test_a_window_has_its_limits():
    for window in (0, 64):
        with pytest.raises(LocalError, match="a window is 1 to 63 blocks"):
            next(send_by_blocks(session(window=window), REQUEST))


def test_more_blocks_than_numbers_are_our_mistake():
    with pytest.raises(LocalError, match="65536 blocks are more than 65535"):
        Blocks(bytes(65536), 1, 8, 100)


def test_an_acknowledgement_of_what_was_never_sent_counts_as_of_what_was():
    blocks = Blocks(bytes(10), 5, 8, 100)
    blocks.burst()
    blocks.take(read(block(1, 9)))
    assert [read(octets).number for octets in blocks.burst()] == [2]


class Partner:
    """The meter's end of a transfer, on a carrier that loses blocks; what it says waits to be asked for."""

    def __init__(self, answer, room, window, lose):
        self.parts = [answer[i : i + room] for i in range(0, len(answer), room)]
        self.window, self.lose = window, lose
        self.request, self.whole, self.had, self.first, self.peer_window = [], False, 0, 0, 1
        self.waiting = []

    def hear(self, sent):
        spoke = False
        for octets in (sent,) if isinstance(sent, bytes) else sent:
            if octets and not self.lose():
                spoke |= self.take(read(octets))
        if spoke:
            self.waiting = [octets for octets in self.speak() if not self.lose()]
        return self.waiting.pop(0) if self.waiting else SILENCE

    def take(self, one):
        self.had, self.peer_window = one.acknowledged, one.window
        if one.data and not self.whole and one.number == len(self.request) + 1:
            self.request.append(one.data)
            self.whole, self.first = one.last, one.acknowledged
        return not one.streaming

    def speak(self):
        if not self.whole:
            yield block(self.had + 1, len(self.request), window=self.window)
            return
        start = max(self.had - self.first, 0)
        numbers = range(start, min(start + self.peer_window, len(self.parts)))
        for n in numbers:
            yield block(
                self.first + n + 1,
                len(self.request),
                self.parts[n],
                streaming=n != numbers[-1],
                last=n == len(self.parts) - 1,
                window=self.window,
            )


@pytest.mark.parametrize("seed", range(100))
def test_both_ways_over_a_line_that_loses_blocks(seed):
    """The right answer, or silence where four bursts in a row were lost; never anything else."""
    dice = random.Random(seed)
    ours, theirs = dice.randrange(1, 64), dice.randrange(1, 64)
    request, answer = dice.randbytes(dice.randrange(1, 2000)), dice.randbytes(dice.randrange(1, 4000))
    one = session(max_send_pdu=dice.randrange(20, 200), window=ours)
    loss = dice.choice((0, 0.02, 0.1, 0.3))
    partner = Partner(answer, dice.randrange(10, 200), theirs, lambda: dice.random() < loss)
    try:
        got = answered(send_by_blocks(one, request), partner.hear)
    except LinkTimeout:
        assert loss >= 0.1
    else:
        assert (got, b"".join(partner.request)) == (answer, request)


@pytest.mark.parametrize("window", [1, 2, 7, 63])
@pytest.mark.parametrize("size", [1, 50, 51, 5000])
def test_both_ways_over_a_good_line(window, size):
    request, answer = bytes(size), bytes(range(256)) * (size // 256 + 1)
    partner = Partner(answer, 50, window, lambda: False)
    assert answered(send_by_blocks(session(max_send_pdu=60, window=window), request), partner.hear) == answer
    assert b"".join(partner.request) == request
