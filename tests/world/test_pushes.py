"""What a meter sends unasked, from its Push setup to the readings of whoever listens: whole, in blocks, confirmed."""

import asyncio

import pytest

import anymeter
from anymeter.cosem.classes.push import PushSetup
from anymeter.dlms.client.association import associate
from anymeter.dlms.client.get import get_value
from anymeter.drivers.listen import listen
from anymeter.drivers.loopback import Loopback, cut_into
from anymeter.drivers.postbox import Postbox
from anymeter.errors import LocalError
from anymeter.links.events import Route, Unit
from anymeter.obis import Obis
from world.device import CLOCK, ENERGY, HELD, NAME, NOW, SHORT, STORE, Meter
from world.lines import LINKS, session
from world.sessions import ENERGY_VALUE

PUSH = Obis("0-0:25.9.0")
LISTENED = [(40, PUSH.octets, 2, 0), (8, CLOCK.octets, 2, 0), (1, NAME.octets, 2, 0), (3, ENERGY.octets, 2, 0)]
"""What is pushed, this list first."""
KINDS = ["wrapper", "datagrams", "hdlc", "hdlc window 7"]
ROUTE = Route(16, 1)


class Pushing:
    """A meter with a Push setup, and a client that listens on the same line."""

    def __init__(self, kind="wrapper", client=16, listened=LISTENED, **more):
        self.meter, self.met = Meter(), []
        self.push = PushSetup(PUSH, push_object_list=listened)
        self.logical = self.meter.device.management
        self.logical.add(self.push)
        ends, self.one = LINKS[kind], session(client, max_receive_pdu=128)
        self.one.watcher = self.met.append
        self.box = Postbox(None, lambda route, apdu: self.over.tell(route, apdu))
        end = self.meter.server.line(datagrams=kind == "datagrams")
        self.over = Loopback(ends[0](), ends[1](), end, device_time=NOW, unasked=self.box.unit, **more)
        self.end, self.route = end, Route(client, 1)

    def open(self):
        self.over.open(self.route)
        self.over.run(self.route, associate(self.one), self.one.take_unsent)
        return self

    def trigger(self, *, confirmed=False):
        """Let the Push setup push, and send what is in the outbox."""
        self.push.push(0, NOW)
        self.logical.advance(NOW)
        (outgoing,) = self.logical.outbox
        self.logical.outbox.clear()
        if confirmed:
            outgoing = type(outgoing)(origin=outgoing.origin, body=outgoing.body, due=outgoing.due, confirmed=True)
        number, units = self.end.notify(self.route, outgoing, NOW)
        self.over.push(units)
        self.over.listen(5.0)
        return number


def readings(message):
    return {str(one.obis): one.value for one in message.readings}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [{}, {"latency": 0.3}, {"disturb": "pieces"}])
def test_a_push_arrives_as_readings(kind, more):
    if more.get("disturb"):
        more = {"disturb": cut_into(5 if kind != "datagrams" else 9999)}
    there = Pushing(kind, **more).open()
    there.trigger()
    (message,) = there.box.messages
    assert readings(message)[str(ENERGY)] == HELD
    assert there.over.run(ROUTE, get_value(there.one, ENERGY_VALUE)) == HELD


@pytest.mark.parametrize("kind", KINDS)
def test_a_confirmed_push_is_confirmed(kind):
    there = Pushing(kind).open()
    number = there.trigger(confirmed=True)
    if kind.startswith("hdlc"):  # an I frame waits until the meter is polled
        assert not there.box.messages
        there.over.run(ROUTE, get_value(there.one, ENERGY_VALUE), there.one.take_unsent)
        there.over.listen(1.0)
    assert len(there.box.messages) + len(there.met) == 1
    assert number not in there.end.awaited


@pytest.mark.parametrize("kind", ["wrapper", "datagrams"])
def test_nobody_confirms_what_did_not_arrive(kind):
    there = Pushing(kind, disturb=lambda sent, to_server: [(0.0, sent)] if to_server or sent[8:9] != b"\x0f" else [])
    there.open()
    number = there.trigger(confirmed=True)
    assert number in there.end.awaited
    assert not there.box.messages


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_push_comes_in_general_blocks(kind):
    there = Pushing(kind, listened=[*LISTENED, (1, STORE.octets, 2, 0)]).open()
    there.meter.obj(STORE).store(2, bytes(1000))
    there.trigger()
    (message,) = there.box.messages
    assert readings(message)[str(STORE)] in (bytes(1000).hex(), bytes(1000))


def test_a_block_that_is_missing_is_told_and_the_next_push_is_whole():
    lost = []

    def loses_one(sent, to_server):
        if not to_server and sent[8:9] == b"\xe0" and not lost:
            lost.append(sent)
            return []
        return [(0.0, sent)]

    there = Pushing("datagrams", listened=[*LISTENED, (1, STORE.octets, 2, 0)], disturb=loses_one).open()
    there.meter.obj(STORE).store(2, bytes(1000))
    there.trigger()
    assert lost
    assert all(isinstance(one, anymeter.DecodeError) for one in there.box.messages)
    there.box.messages.clear()
    there.trigger()
    assert readings(there.box.messages[-1])[str(ENERGY)] == HELD


def test_a_push_in_the_middle_of_a_request_disturbs_neither():
    there = Pushing("wrapper", latency=0.5).open()
    job = there.over.pump.run(ROUTE, get_value(there.one, ENERGY_VALUE), there.over.now, there.one.take_unsent)
    there.trigger()
    there.over.run_all([])
    assert job.result() == HELD
    assert len(there.met) + len(there.box.messages) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_notification(kind):
    there = Pushing(kind).open()
    there.over.push(there.end.event(ROUTE, ENERGY_VALUE.encode(), b"\x06\x00\x01\xe2\x40", NOW))
    there.over.listen(1.0)
    (message,) = there.box.messages
    assert readings(message)[str(ENERGY)] == HELD


def test_an_information_report():
    there = Pushing("wrapper", SHORT)
    taken = []
    there.over.pump.unasked = lambda unit: taken.append(anymeter.decode(unit.apdu, protocol="dlms"))
    there.open()
    there.over.push(there.end.report(there.route, [(0x1208, b"\x06\x00\x01\xe2\x40")], NOW))
    there.over.listen(1.0)
    assert len(taken) == 1


def test_what_was_not_negotiated_is_not_sent():
    there = Pushing("wrapper").open()
    with pytest.raises(LocalError, match="information"):
        there.end.report(ROUTE, [(0x1208, b"\x11\x01")], NOW)


def test_a_listener_hears_meters_that_call():
    """Over real sockets: the meter is the client of the socket, the listener confirms."""
    there = Pushing()
    there.push.push(0, NOW)
    there.logical.advance(NOW)
    (outgoing,) = there.logical.outbox
    _, units = there.end.notify(ROUTE, outgoing, NOW)
    link = LINKS["wrapper"][1]()
    link.send(Unit(ROUTE, units[0].apdu, False), 0.0)
    octets = link.data_to_send()

    async def heard():
        async with listen("dlms+tcp://127.0.0.1:0") as listener:
            host, port = listener.addresses[0][:2]
            _, writer = await asyncio.open_connection(host, port)
            for n in range(len(octets)):
                writer.write(octets[n : n + 1])
            await writer.drain()
            async with asyncio.timeout(10):
                found = await anext(listener)
            writer.close()
            await writer.wait_closed()
            return found

    message = asyncio.run(heard()).message
    assert readings(message)[str(ENERGY)] == HELD
