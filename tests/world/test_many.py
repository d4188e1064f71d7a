"""Several associations on one line at once, several meters on one line, and rights kept apart."""

import pytest

from anymeter.cosem.device import PhysicalDevice
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.get import get_value
from anymeter.dlms.client.objects import object_list
from anymeter.dlms.client.set import set_octets
from anymeter.dlms.server import Server
from anymeter.drivers.loopback import Loopback, cut_into
from anymeter.errors import LinkError, LocalError, ServiceRefused
from anymeter.links.events import Route
from anymeter.links.hdlc_discovery import addresses, discover
from anymeter.links.hdlc_secondary import HdlcSecondary
from world.device import HELD, NOW, READER, ROUTES, SHORT, Meter, device
from world.lines import LINKS, hdlc, line, session
from world.sessions import ENERGY_VALUE, STORED

EVERY = ["wrapper", "datagrams", "hdlc", "hdlc window 7"]


def together(over, sessions, builder):
    """The same conversation in every association at once; what came of each."""
    jobs = [
        over.pump.run(ROUTES[one.settings.client], builder(one), over.now, one.take_unsent) for one in sessions.values()
    ]
    return [job.result() for job in over.run_all(jobs)]


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("more", [{}, {"latency": 0.2}, {"latency": 0.05, "disturb": "pieces"}])
def test_three_associations_interleaved(kind, more):
    if more.get("disturb"):
        if kind == "datagrams":
            pytest.skip("a datagram comes whole")
        more = more | {"disturb": cut_into(11)}
    meter = Meter()
    over = line(kind, meter, **more)
    sessions = {client: session(client, max_receive_pdu=128) for client in (16, READER, SHORT)}
    over.run_all([over.pump.open(ROUTES[client], over.now) for client in sessions])
    assert together(over, sessions, associate) == [None] * 3
    assert meter.server.associations == 3
    for n in range(5):
        together(over, sessions, lambda one, n=n: set_octets(one, STORED, bytes((9, 2, one.settings.client, n))))
        assert together(over, sessions, lambda one: get_value(one, ENERGY_VALUE)) == [HELD] * 3
    lists = together(over, sessions, object_list)
    assert all(len(found) >= 9 for found in lists)
    over.run(ROUTES[READER], release(sessions[READER]))
    assert meter.server.associations == 2
    assert over.run(ROUTES[16], get_value(sessions[16], ENERGY_VALUE)) == HELD
    assert over.run(ROUTES[SHORT], get_value(sessions[SHORT], ENERGY_VALUE)) == HELD
    with pytest.raises(LocalError, match="there is no association"):
        over.run(ROUTES[READER], get_value(sessions[READER], ENERGY_VALUE))
    with pytest.raises(ServiceRefused):
        over.run(ROUTES[READER], get_value(session(READER, unnegotiated=True), ENERGY_VALUE))
    assert not meter.server.faults


@pytest.mark.parametrize("kind", ["hdlc", "hdlc window 7"])
def test_one_connection_goes_down_and_the_others_stay(kind):
    meter = Meter()
    over = line(kind, meter)
    sessions = {client: session(client) for client in (16, READER, SHORT)}
    over.run_all([over.pump.open(ROUTES[client], over.now) for client in sessions])
    together(over, sessions, associate)
    over.close(ROUTES[16])
    assert meter.server.associations == 2
    with pytest.raises(LinkError, match="not connected"):
        over.run(ROUTES[16], get_value(sessions[16], ENERGY_VALUE))
    for client in (READER, SHORT):
        assert over.run(ROUTES[client], get_value(sessions[client], ENERGY_VALUE)) == HELD


class Bus:
    """Several meters behind one line, told apart by their physical addresses."""

    def __init__(self, meters):
        self.lines = {physical: meter.server.line() for physical, meter in meters.items()}

    def answer(self, unit, now):
        return self.lines[unit.route.physical].answer(unit, now)

    def closed(self, route, now):
        for physical, one in self.lines.items():
            if route is None or route.physical == physical:
                one.closed(route, now)

    def next_timeout(self):
        return min((at for one in self.lines.values() if (at := one.next_timeout()) is not None), default=None)

    def handle_timeout(self, now):
        return [unit for one in self.lines.values() for unit in one.handle_timeout(now)]


def bus(count, **more):
    """A multi-drop line with *count* meters; the energy of each is its physical address."""
    meters = {physical: Meter() for physical in range(17, 17 + count)}
    for physical, meter in meters.items():
        meter.obj(ENERGY_VALUE.instance_id).store(2, physical)
    client, _ = hdlc()
    over = Loopback(client(), HdlcSecondary(physical=frozenset(meters)), Bus(meters), device_time=NOW, **more)
    return meters, over


@pytest.mark.parametrize("more", [{}, {"latency": 0.1}, {"echo": True}])
def test_meters_on_one_bus(more):
    meters, over = bus(8, **more)
    routes = [Route(16, 1, physical) for physical in meters]
    ones = [session() for _ in routes]
    for opened in over.run_all([over.pump.open(route, over.now) for route in routes]):
        opened.result()
    for _ in range(3):
        for builder, wanted in ((associate, None), (lambda one: get_value(one, ENERGY_VALUE), "physical")):
            jobs = [
                over.pump.run(r, builder(one), over.now, one.take_unsent) for r, one in zip(routes, ones, strict=True)
            ]
            got = [job.result() for job in over.run_all(jobs)]
            assert got == [wanted and route.physical for route in routes]


def test_an_address_without_a_meter_is_a_timeout_and_disturbs_nobody():
    _meters, over = bus(2)
    over.open(Route(16, 1, 17))
    one = session()
    over.run(Route(16, 1, 17), associate(one), one.take_unsent)
    with pytest.raises(LinkError, match="no answer"):
        over.open(Route(16, 1, 99))
    assert over.run(Route(16, 1, 17), get_value(one, ENERGY_VALUE)) == 17


def test_the_meters_of_a_bus_are_found():
    meters, _ = bus(3)
    link, now = HdlcSecondary(physical=frozenset(meters)), 0.0
    search = discover(addresses(range(10, 40)), seconds=1.0)
    came, found = None, []
    for _ in range(1000):
        try:
            probe = search.send(came)
        except StopIteration as end:
            found = end.value
            break
        link.receive_data(probe.octets, now)
        while link.next_event() is not None:
            pass
        came = link.data_to_send()
        now += 0.0 if came else probe.seconds
    assert [(station.route.physical, station.answer) for station in found] == [(p, "UA") for p in sorted(meters)]


def test_two_logical_devices_of_one_meter():
    first, second = device().logical[1], device().logical[1]
    second.sap = 2
    second.objects[ENERGY_VALUE.instance_id].store(2, 2)
    server = Server(PhysicalDevice([first, second]))
    client, meter = LINKS["hdlc"]
    over = Loopback(client(), meter(), server.line(), device_time=NOW)
    for sap, value in ((1, HELD), (2, 2)):
        one = session(server=sap)
        over.open(Route(16, sap))
        over.run(Route(16, sap), associate(one), one.take_unsent)
        assert over.run(Route(16, sap), get_value(one, ENERGY_VALUE)) == value
    assert server.associations == 2
