"""A session cut at every octet, in pieces, with echo and noise: the right result, or one clear error in time."""

import random
from collections import Counter

import pytest

from anymeter.drivers.loopback import Loopback, cut_into
from anymeter.errors import AnymeterError, LinkError, LinkTimeout
from world.device import NOW, READER, SHORT, Meter
from world.lines import LINKS, line, session
from world.sessions import attempt, fresh

KINDS = ["wrapper", "hdlc", "hdlc window 7", "datagrams"]
CLIENTS = [16, READER, SHORT]
PDU = 64
LONGEST = 15.0
"""Seconds of silence after which every one of these clients has given up."""


@pytest.fixture(scope="module")
def meter():
    return Meter()


@pytest.fixture(autouse=True)
def sound(meter):
    """No object may be at fault, and no association may be left behind."""
    yield
    assert not list(meter.server.faults)
    assert meter.server.associations == 0


def tried(kind, meter, client=16, **more):
    return attempt(line(kind, fresh(meter), **more), session(client, max_receive_pdu=PDU))


def clear(outcome, kind=AnymeterError):
    """Everything that was done was right, and one error of ours, with words, in time, says why the rest was not."""
    assert not outcome.wrong
    assert outcome.seconds <= LONGEST
    assert outcome.whole or (isinstance(outcome.error, kind) and "the loopback" in str(outcome.error)), outcome
    return True


def measured(kind, meter, client=16):
    """How many octets a session sends each way: to the client, to the server."""
    sizes = [0, 0]

    def count(octets, to_server):
        sizes[to_server] += len(octets)
        return [(0.0, octets)]

    assert tried(kind, meter, client, disturb=count).whole
    return sizes


def silent_after(octets, which):
    """A line that carries so many octets one way and no more."""
    left = octets

    def disturb(sent, to_server):
        nonlocal left
        if to_server is not which:
            return [(0.0, sent)]
        piece, left = sent[:left], max(left - len(sent), 0)
        return [(0.0, piece)] if piece else []

    return disturb


class HangsUp(Loopback):
    """A line that is cut for both ends after so many octets one way."""

    def __init__(self, kind, meter, octets, which):
        client, server = LINKS[kind]
        carry = silent_after(octets, which)
        self.left = octets

        def disturb(sent, to_server):
            self.left -= len(sent) if to_server is which else 0
            return carry(sent, to_server)

        super().__init__(client(), server(), meter.server.line(), device_time=NOW, disturb=disturb)

    def _turn(self):
        if self.left < 0 and not self._flying and self.pump.dead is None:
            self.hang_up()
        else:
            super()._turn()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("to_server", [False, True])
@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_silence_after_every_octet(kind, to_server, client, meter):
    size = measured(kind, meter, client)[to_server]
    seen = Counter()
    for octets in range(0 if client == 16 else size % 5, size, 1 if client == 16 else 5):
        outcome = tried(kind, meter, client, disturb=silent_after(octets, to_server))
        assert clear(outcome, LinkTimeout), octets
        seen[len(outcome.done)] += 1
    assert len(seen) >= 6, "every step was cut"
    assert tried(kind, meter, client, disturb=silent_after(size, to_server)).whole


@pytest.mark.parametrize("to_server", [False, True])
@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_the_line_hangs_up_after_every_octet(kind, to_server, meter):
    size = measured(kind, meter)[to_server]
    for octets in range(size):
        outcome = attempt(HangsUp(kind, fresh(meter), octets, to_server), session(max_receive_pdu=PDU))
        assert clear(outcome, LinkError), octets
        if outcome.error is not None:
            assert str(outcome.error) == "the loopback: the line was cut"
            assert outcome.seconds == 0
    assert attempt(HangsUp(kind, fresh(meter), size, to_server), session(max_receive_pdu=PDU)).whole


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("size", [1, 2, 7, 13])
@pytest.mark.parametrize("kind", ["wrapper", "hdlc", "hdlc window 7"])
def test_a_few_octets_at_a_time(kind, size, client, meter):
    assert tried(kind, meter, client, disturb=cut_into(size)).whole
    assert tried(kind, meter, client, disturb=cut_into(size), latency=0.3).whole


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("kind", ["hdlc", "hdlc window 7"])
def test_the_client_hears_its_own_echo(kind, client, meter):
    assert tried(kind, meter, client, echo=True).whole
    assert tried(kind, meter, client, echo=True, latency=0.2, disturb=cut_into(3)).whole


def test_an_echo_on_the_wrapper_is_an_error_and_no_answer(meter):
    outcome = tried("wrapper", meter, echo=True)
    assert not outcome.wrong
    assert isinstance(outcome.error, AnymeterError)
    assert outcome.seconds <= LONGEST


NOISES = [
    b"\x00",
    b"\xff" * 40,
    b"\x7e",
    b"\x7e\x7e\x7e",
    b"\x7e\xa0\x07",
    b"~\xa0\x08\x03\x21\x93\x0f\x01~",
    b"hello\r\n",
]


@pytest.mark.parametrize("noise", NOISES, ids=bytes.hex)
@pytest.mark.parametrize("place", ["before", "after", "both"])
@pytest.mark.parametrize("which", [False, True])
@pytest.mark.parametrize("kind", ["hdlc", "hdlc window 7"])
def test_noise_between_frames_costs_no_result(kind, which, place, noise, meter):
    def disturb(sent, to_server):
        before = [(0.0, noise)] if to_server is which and place != "after" else []
        after = [(0.0, noise)] if to_server is which and place != "before" else []
        return [*before, (0.0, sent), *after]

    outcome = tried(kind, meter, disturb=disturb)
    assert outcome.whole, outcome
    assert not outcome.wrong


@pytest.mark.parametrize("noise", [b"\x00", bytes(7), bytes(8), b"\x00\x01\x00\x01\x00\x10\x00\x09\xc4", bytes(2000)])
def test_datagrams_that_are_none_cost_no_result(noise, meter):
    assert tried("datagrams", meter, disturb=lambda sent, to_server: [(0.0, noise), (0.0, sent), (0.0, noise)]).whole


@pytest.mark.parametrize("noise", [b"\x00", b"\xff" * 8, b"\x00\x02", b"\x00\x01", b"~\xa0\x07\x03"])
@pytest.mark.parametrize("which", [False, True])
def test_noise_on_the_wrapper_is_one_clear_error(which, noise, meter):
    outcome = tried("wrapper", meter, disturb=lambda sent, to: [(0.0, noise + sent if to is which else sent)])
    assert not outcome.whole
    assert clear(outcome, LinkError)


@pytest.mark.parametrize("kind", ["hdlc", "hdlc window 7"])
@pytest.mark.parametrize("which", [False, True])
def test_a_flipped_bit_anywhere_costs_no_result(kind, which, meter):
    for place in range(measured(kind, meter)[which]):
        at = 0

        def disturb(sent, to_server, place=place):
            nonlocal at
            if to_server is not which:
                return [(0.0, sent)]
            begin, at = at, at + len(sent)
            if begin <= place < at:
                octets = bytearray(sent)
                octets[place - begin] ^= 1 << place % 8
                return [(0.0, bytes(octets))]
            return [(0.0, sent)]

        outcome = tried(kind, meter, disturb=disturb)
        assert outcome.whole, (place, outcome)
        assert not outcome.wrong, (place, outcome)


@pytest.mark.parametrize("which", [False, True])
def test_a_flipped_bit_on_the_wrapper_never_breaks_the_client(which, meter):
    """Nothing protects an APDU on the wrapper but TCP: what comes of it may be wrong, but it comes in time."""
    for place in range(measured("wrapper", meter)[which]):
        for bit in (place % 8, (place + 3) % 8):
            at = 0

            def disturb(sent, to_server, place=place, bit=bit):
                nonlocal at
                begin, at = at, at + len(sent) * (to_server is which)
                if to_server is which and begin <= place < at:
                    octets = bytearray(sent)
                    octets[place - begin] ^= 1 << bit
                    return [(0.0, bytes(octets))]
                return [(0.0, sent)]

            outcome = tried("wrapper", meter, disturb=disturb)
            assert outcome.seconds <= 3 * LONGEST, (place, outcome)
            assert outcome.error is None or str(outcome.error), place


@pytest.mark.parametrize("kind", ["hdlc", "hdlc window 7"])
@pytest.mark.parametrize("seed", range(20))
def test_lost_pieces_are_repeated_or_told(kind, seed, meter):
    dice = random.Random(seed)

    def lossy(sent, to_server):
        return [(0.0, sent)] if dice.random() > 0.1 else []

    outcome = tried(kind, meter, disturb=lossy)
    assert not outcome.wrong
    assert outcome.whole or isinstance(outcome.error, LinkError)
