"""Client and server in one process: every link, on lines good and bad, on a clock of our own."""

from __future__ import annotations

import re

import pytest

import driver_meters as meters
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.get import get_octets, get_value
from anymeter.dlms.client.set import set_octets
from anymeter.drivers.loopback import broken_after, cut_into
from anymeter.errors import AccessError, LinkError, LinkTimeout, LocalError
from anymeter.links.events import Unit
from driver_meters import GAUGE, HELD, OTHER, PUBLIC, STORE

KINDS = tuple(meters.LINKS)
LONG = b"\x09\x82\x10\x00" + bytes(range(256)) * 16


@pytest.mark.parametrize("kind", KINDS)
def test_a_session(kind):
    line, session = meters.loopback(kind), meters.session()
    assert meters.read(line, session) == HELD
    line.run(PUBLIC, release(session), session.take_unsent)
    line.close(PUBLIC)
    assert not line.server.line.associations
    assert line.now == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_octets_take_their_time(kind):
    line = meters.loopback(kind, latency=0.25)
    assert meters.read(line) == HELD
    assert line.now == (1.0 if kind != "hdlc" else 1.5)


@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_octets_come_as_they_like(kind, size):
    assert meters.read(meters.loopback(kind, disturb=cut_into(size))) == HELD


def test_a_piece_has_octets():
    with pytest.raises(LocalError):
        cut_into(0)


@pytest.mark.parametrize("kind", KINDS)
def test_long_values_both_ways(kind):
    line, session = meters.loopback(kind), meters.session(max_receive_pdu=256)
    assert meters.read(line, session) == HELD
    line.run(PUBLIC, set_octets(session, STORE, LONG), session.take_unsent)
    assert line.run(PUBLIC, get_octets(session, STORE), session.take_unsent) == LONG


@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_a_session_cut_at_every_octet_is_right_or_one_clear_error(kind):
    left, outcomes = 0, []
    while not outcomes or outcomes[-1] != HELD:
        line = meters.loopback(kind, disturb=broken_after(left), timeout=5.0)
        try:
            outcomes.append(meters.read(line))
        except LinkError as error:
            outcomes.append(str(error))
        assert line.now < 60
        left += 1
    assert outcomes.count(HELD) == 1
    assert all(re.search("no answer|did not answer", outcome) for outcome in outcomes[:-1])
    assert 60 < left < 300


@pytest.mark.parametrize("n", range(6))
def test_a_datagram_that_is_lost_is_sent_again(n):
    sent = []

    def lossy(octets, to_server):
        sent.append(octets)
        return [] if len(sent) - 1 == n else [(0.0, octets)]

    line = meters.loopback("datagrams", disturb=lossy, timeout=2.0)
    assert meters.read(line, meters.session(repeats=3)) == HELD
    assert line.now == (2.0 if n < 4 else 0.0)


@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_datagrams_twice_and_late(delay):
    line = meters.loopback("datagrams", disturb=lambda sent, _: [(0.0, sent), (delay, sent)])
    session = meters.session(repeats=3)
    assert meters.read(line, session) == HELD
    for number in range(20):
        line.run(PUBLIC, set_octets(session, STORE, bytes((9, 1, number))), session.take_unsent)
        assert line.run(PUBLIC, get_octets(session, STORE), session.take_unsent) == bytes((9, 1, number))


@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_silence_is_a_timeout_and_takes_no_time_of_ours(kind):
    line = meters.loopback(kind, disturb=lambda sent, _: [], timeout=20.0)
    with pytest.raises(LinkTimeout, match="the loopback"):
        meters.read(line)
    assert line.now == (20.0 if kind == "wrapper" else 12.0)


def test_hdlc_bears_its_own_echo():
    assert meters.read(meters.loopback("hdlc", echo=True)) == HELD


@pytest.mark.parametrize("kind", KINDS)
def test_several_associations_at_once(kind):
    line = meters.loopback(kind)
    sessions = {route: meters.session(route.client) for route in (PUBLIC, OTHER)}
    for route in sessions:
        line.open(route)
    line.run_all(line.pump.run(route, associate(one), line.now) for route, one in sessions.items())
    assert len(line.server.line.associations) == 2
    jobs = [line.pump.run(route, get_value(one, GAUGE), line.now) for route, one in sessions.items() for _ in range(3)]
    outcomes = line.run_all(jobs)
    assert [job.result() for job in outcomes[:3]] == [HELD] * 3
    for job in outcomes[3:]:
        with pytest.raises(AccessError):
            job.result()


def test_pushes_and_time_that_passes():
    units = []
    line = meters.loopback(unasked=units.append)
    assert meters.read(line) == HELD
    line.push([Unit(PUBLIC, b"\x0f\x00\x00\x00\x01\x00\x00", False)])
    assert [unit.apdu[:1] for unit in units] == [b"\x0f"]
    line.pass_time(179.0)
    assert line.server.line.associations
    line.pass_time(2.0)
    assert not line.server.line.associations
    assert line.now == 181.0


def test_a_message_that_wants_no_answer():
    line = meters.loopback()
    line.open(PUBLIC)
    line.tell(PUBLIC, b"\x10\x00\x00\x00\x01\x00")
    assert line.now == 0.0


def test_a_line_that_is_cut():
    line = meters.loopback()
    assert meters.read(line) == HELD
    line.hang_up()
    assert not line.server.line.associations
    assert line.pump.dead is not None
    with pytest.raises(LinkError, match="cut"):
        line.open(OTHER)


def test_octets_that_come_too_late_for_a_cut_line_go_nowhere():
    line = meters.loopback(latency=1.0)
    line.open(PUBLIC)
    line.pump.run(PUBLIC, associate(meters.session()), line.now)
    line.listen(1.5)
    line.pump.lost("reset", line.now)
    line.listen(5.0)
    assert line.now == 6.5


def test_what_can_never_end_is_told():
    line = meters.loopback()
    line.server.next_timeout = line.pump.next_timeout = lambda: None
    line.pump.data_to_send = lambda: b""
    with pytest.raises(LocalError, match="nothing will ever happen"):
        meters.read(line)
