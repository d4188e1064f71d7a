"""Servers that stop, talk nonsense, answer for somebody else, or never come to an end."""

import itertools
import random

import pytest

from anymeter.dlms.client.association import associate
from anymeter.dlms.client.get import get_octets, get_value
from anymeter.dlms.client.objects import object_list
from anymeter.dlms.client.profiles import read_buffer
from anymeter.dlms.client.set import set_octets
from anymeter.errors import AnymeterError, DecodeError, LinkError, LinkTimeout, SecurityError
from anymeter.links.events import Unit
from world.device import PROFILE, ROUTES, SHORT, Meter
from world.lines import LINKS, Loopback, session
from world.sessions import ENERGY_VALUE, STORED, WRITTEN, attempt

KINDS = ["wrapper", "hdlc", "datagrams"]
MOST = 20_000
"""Octets that the client takes in one answer in these tests."""


class Liar:
    """Answers associations as the meter does, and everything else with what *reply* makes of request and answer."""

    def __init__(self, line, reply, honest=1):
        self.line, self.reply, self.honest = line, reply, honest
        self.closed, self.next_timeout, self.handle_timeout = line.closed, line.next_timeout, line.handle_timeout

    def answer(self, unit, now):
        said = self.line.answer(unit, now)
        if self.honest > 0:
            self.honest -= 1
            return said
        truth = said[0].apdu if said else b""
        return [Unit(unit.route, apdu) for apdu in self.reply(unit.apdu, truth)]


def lied(kind, reply, conversation, client=16, honest=1, **settings):
    """What a conversation with a liar comes to, and how long it took."""
    ends, meter = LINKS[kind], Meter()
    liar = Liar(meter.server.line(datagrams=kind == "datagrams"), reply, honest)
    over = Loopback(ends[0](), ends[1](), liar)
    one, route = session(client, most_octets=MOST, max_receive_pdu=256, **settings), ROUTES[client]
    over.open(route)
    try:
        if honest:
            over.run(route, associate(one), one.take_unsent)
        return over.run(route, conversation(one), one.take_unsent), over.now
    except AnymeterError as error:
        return error, over.now


def reading(one):
    return get_value(one, ENERGY_VALUE)


def writing(one):
    return set_octets(one, STORED, b"\x09\x82\x03\xe8" + bytes(1000))


def listing(one):
    return object_list(one)


def profiling(one):
    return read_buffer(one, PROFILE)


TALKS = [reading, writing, listing, profiling]


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("kind", KINDS)
def test_it_stops_answering(kind, talk):
    error, took = lied(kind, lambda request, truth: [], talk)
    assert isinstance(error, LinkTimeout)
    assert "the loopback" in str(error)
    assert took <= 45


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("client", [16, SHORT])
@pytest.mark.parametrize("seed", range(8))
def test_it_talks_nonsense(kind, talk, client, seed):
    dice = random.Random(seed)

    def nonsense(request, truth):
        if seed % 2:
            return [dice.randbytes(dice.randrange(1, 40))]
        octets = bytearray(truth or b"\0")
        for _ in range(dice.randrange(1, 4)):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        return [bytes(octets[: dice.randrange(1, len(octets) + 1)])]

    _, took = lied(kind, nonsense, talk, client)
    assert took <= 600


@pytest.mark.parametrize("seed", range(60))
def test_its_aare_is_nonsense(seed):
    dice = random.Random(seed)

    def nonsense(request, truth):
        octets = bytearray(truth)
        for _ in range(dice.randrange(1, 4)):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        return [bytes(octets[: dice.randrange(1, len(octets) + 1)])]

    found, took = lied("wrapper", nonsense, associate, honest=0)
    assert found is None or (isinstance(found, AnymeterError) and str(found))
    assert took <= 20


def other_invoke(request, truth):
    return [truth[:2] + bytes((truth[2] ^ 0x01,)) + truth[3:]] if truth[:1] in b"\xc4\xc5\xc7" else [truth]


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("kind", KINDS)
def test_it_answers_for_another_invoke_id_for_ever(kind, talk):
    error, took = lied(kind, other_invoke, talk)
    assert isinstance(error, AnymeterError)
    assert took <= 45


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("kind", ["wrapper", "datagrams"])
def test_it_floods_with_answers_for_another_invoke_id(kind, talk):
    error, took = lied(kind, lambda request, truth: other_invoke(request, truth) * 5000, talk)
    assert isinstance(error, AnymeterError)
    assert took <= 45


def test_with_any_invoke_id_it_is_believed():
    found, _ = lied("wrapper", other_invoke, reading, any_invoke_id=True)
    assert found == 123_456


def endless(size):
    """Blocks that are never the last."""
    numbers = itertools.count(1)

    def reply(request, truth):
        if request[0] != 0xC0:
            return [truth]
        head = b"\xc4\x02" + request[2:3] + b"\x00" + next(numbers).to_bytes(4, "big") + b"\x00"
        return [head + (b"\x81" + bytes((size,)) if size > 127 else bytes((size,))) + bytes(size)]

    return reply


@pytest.mark.parametrize("size", [0, 1, 200])
@pytest.mark.parametrize("kind", KINDS)
def test_its_blocks_have_no_end(kind, size):
    error, _ = lied(kind, endless(size), lambda one: get_octets(one, STORED))
    assert isinstance(error, DecodeError)
    assert str(error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, 1, 100])
def test_its_general_blocks_have_no_end(kind, size):
    numbers = itertools.count(1)

    def reply(request, truth):
        if request[0] not in (0xC0, 0xE0):
            return [truth]
        number = next(numbers)
        return [b"\xe0\x01" + (number & 0xFFFF).to_bytes(2, "big") + b"\x00\x00" + bytes((size,)) + bytes(size)]

    error, took = lied(kind, reply, lambda one: get_octets(one, STORED))
    assert isinstance(error, AnymeterError)
    assert took <= 600


@pytest.mark.parametrize("size", [0, 1, 100])
def test_its_short_name_blocks_have_no_end(size):
    numbers = itertools.count(1)

    def reply(request, truth):
        return [b"\x0c\x01\x02\x00" + (next(numbers) & 0xFFFF).to_bytes(2, "big") + bytes((size,)) + bytes(size)]

    error, _ = lied("wrapper", reply, lambda one: get_octets(one, STORED), SHORT)
    assert isinstance(error, AnymeterError)


@pytest.mark.parametrize("kind", KINDS)
def test_it_sends_notifications_in_place_of_the_answer(kind):
    notification = bytes.fromhex("0F 00000001 00 0600000001")
    error, took = lied(kind, lambda request, truth: [notification], reading)
    assert isinstance(error, AnymeterError)
    assert took <= 300


@pytest.mark.parametrize("number", [2, 0, 7, 0xFFFFFFFF])
def test_blocks_out_of_order(number):
    def reply(request, truth):
        return [b"\xc4\x02" + request[2:3] + b"\x00" + number.to_bytes(4, "big") + b"\x00\x02\x09\x50"]

    error, took = lied("wrapper", reply, lambda one: get_octets(one, STORED))
    assert isinstance(error, DecodeError | LinkTimeout)
    assert took <= 20


def test_a_drip_of_octets_does_not_keep_the_client_for_ever():
    """A peer that sends one octet every now and then, and never a whole answer."""
    ends, meter = LINKS["wrapper"], Meter()

    def drip(sent, to_server):
        if to_server or len(sent) > 60:
            return [(0.0, sent)]
        return [(0.0, b"\x00\x01\x00\x01\x00\x10\xff\xff"), *((9.0 * n, b"\xc4") for n in range(1, 10_000))]

    over = Loopback(ends[0](), ends[1](), meter.server.line(), disturb=drip)
    outcome = attempt(over, session())
    assert isinstance(outcome.error, LinkTimeout)
    assert outcome.seconds <= 21 * 10


@pytest.mark.parametrize(
    "word", ["C4 01", "C4 01 C1 00 0A 83 FFFFFF", "C4 01 C1 00 01 84 FFFFFFFF", "C4 01 C1 00" + "0101" * 2000]
)
def test_lengths_that_promise_much_cost_nothing(word):
    error, _ = lied("wrapper", lambda request, truth: [bytes.fromhex(word)], reading)
    assert isinstance(error, DecodeError | LinkError)


def test_what_is_ciphered_without_a_key_is_told():
    error, _ = lied("wrapper", lambda request, truth: [bytes.fromhex("CC 05 30 00000001")], reading)
    assert isinstance(error, SecurityError | DecodeError | LinkTimeout)
    assert str(error)


def test_written_stays_whole():
    """The liars above stand on an honest meter: what it does by itself is right."""
    found, took = lied(
        "wrapper", lambda request, truth: [truth], lambda one: set_octets(one, STORED, b"\x09\x64" + WRITTEN)
    )
    assert (found, took) == (None, 0)
