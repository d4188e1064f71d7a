"""Datagrams that are lost, doubled, late or out of order; two clients on one port; what has an effect has it once."""

import random
import socket
import threading

import pytest

import driver_meters
from anymeter.dlms.client.action import invoke_octets
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.get import get_value
from anymeter.dlms.client.set import set_octets
from anymeter.dlms.descriptors import MethodDescriptor
from anymeter.drivers.blocking import BlockingLine
from anymeter.errors import AnymeterError, LinkError
from anymeter.links.wrapper_link import WrapperLink
from world.device import HELD, PROFILE, READER, ROUTES, STORE, Meter
from world.lines import Talk, line, session
from world.sessions import ENERGY_VALUE, STORED, attempt, fresh


@pytest.fixture(scope="module")
def meter():
    return Meter()


def doubled(sent, to_server):
    return [(0.0, sent), (0.0, sent)]


def tripled_late(sent, to_server):
    return [(0.0, sent), (0.5, sent), (1.1, sent)]


def late_by_chance(seed, share, seconds):
    dice = random.Random(seed)
    return lambda sent, to_server: [(dice.random() * seconds if dice.random() < share else 0.0, sent)]


def lost_by_chance(seed, share):
    dice = random.Random(seed)
    return lambda sent, to_server: [(0.0, sent)] if dice.random() > share else []


def over(meter, disturb, client=16, repeats=4, **more):
    return attempt(
        line("datagrams", fresh(meter), disturb=disturb, timeout=2.0), session(client, repeats=repeats, **more)
    )


@pytest.mark.parametrize("client", [16, READER])
@pytest.mark.parametrize("pdu", [64, 512])
@pytest.mark.parametrize("disturb", [doubled, tripled_late])
def test_duplicates_change_nothing(disturb, pdu, client, meter):
    outcome = over(meter, disturb, client, max_receive_pdu=pdu)
    assert outcome.whole, outcome
    assert not outcome.wrong


@pytest.mark.parametrize("seed", range(40))
def test_late_ones_change_nothing(seed, meter):
    outcome = over(meter, late_by_chance(seed, 0.2, 1.5), max_receive_pdu=64)
    assert outcome.whole, outcome
    assert not outcome.wrong


@pytest.mark.parametrize("seed", range(40))
def test_lost_ones_are_asked_for_again(seed, meter):
    outcome = over(meter, lost_by_chance(seed, 0.1), max_receive_pdu=64)
    assert not outcome.wrong
    assert outcome.whole or isinstance(outcome.error, LinkError), outcome
    assert over(meter, lost_by_chance(seed, 0.02), max_receive_pdu=64).whole


def test_most_sessions_survive_the_loss_of_a_tenth(meter):
    ends = [over(meter, lost_by_chance(seed, 0.1), max_receive_pdu=64).whole for seed in range(100, 150)]
    assert sum(ends) >= 48


@pytest.mark.parametrize("seed", range(20))
def test_very_late_ones_are_no_answers_to_others(seed, meter):
    """Answers to what was given up come while something else is asked: never is one taken for the other."""
    outcome = over(meter, late_by_chance(seed, 0.3, 9.0), max_receive_pdu=64)
    assert not outcome.wrong, outcome
    assert outcome.whole or isinstance(outcome.error, AnymeterError)


@pytest.mark.parametrize("disturb", [doubled, tripled_late, lost_by_chance(3, 0.2), late_by_chance(4, 0.3, 3.0)])
def test_what_has_an_effect_has_it_once(disturb):
    meter = Meter()
    one = Talk(line("datagrams", meter, disturb=disturb, timeout=2.0), session(repeats=6)).open()
    for _ in range(10):
        one(invoke_octets, MethodDescriptor(7, PROFILE, 2), b"\x0f\x00")
    assert meter.obj(PROFILE).rows.captured == 10
    assert not meter.server.faults


@pytest.mark.parametrize("kind", ["datagrams"])
def test_two_clients_on_one_port_are_two_lines(kind):
    meter = Meter()
    with driver_meters.serving(kind, meter) as serving:
        lines = [
            BlockingLine.connected(socket.SOCK_DGRAM, "127.0.0.1", serving.port, WrapperLink(datagrams=True))
            for _ in range(2)
        ]
        ones = [session(repeats=1), session(repeats=1)]
        for over_socket, one in zip(lines, ones, strict=True):
            over_socket.open(ROUTES[16])
            over_socket.run(ROUTES[16], associate(one), one.take_unsent)
        for n in range(5):
            for place, (over_socket, one) in enumerate(zip(lines, ones, strict=True)):
                octets = bytes((0x09, 2, place, n))
                over_socket.run(ROUTES[16], set_octets(one, STORED, octets), one.take_unsent)
                assert over_socket.run(ROUTES[16], get_value(one, STORED), one.take_unsent) == bytes((place, n))
        lines[0].run(ROUTES[16], release(ones[0]), ones[0].take_unsent)
        assert lines[1].run(ROUTES[16], get_value(ones[1], ENERGY_VALUE), ones[1].take_unsent) == HELD
        for over_socket in lines:
            over_socket.hang_up()


def test_ten_clients_at_once_over_udp():
    meter = Meter()
    found = []

    def read(port):
        over_socket = BlockingLine.connected(socket.SOCK_DGRAM, "127.0.0.1", port, WrapperLink(datagrams=True))
        found.append(driver_meters.read(over_socket, session(repeats=2), ROUTES[16], ENERGY_VALUE))
        over_socket.hang_up()

    with driver_meters.serving("datagrams", meter) as serving:
        threads = [threading.Thread(target=read, args=(serving.port,)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert found == [HELD] * 10
    assert meter.obj(STORE).get(2, 0) == b""
