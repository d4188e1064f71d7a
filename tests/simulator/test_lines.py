from __future__ import annotations

import pytest

from anymeter.cosem.companion import Companion
from anymeter.dlms.apdu import decode
from anymeter.dlms.server.server import Server
from anymeter.links.events import Route, Unit
from anymeter.links.hdlc_stations import ALL_STATION
from anymeter.simulator.faults import BUSY, Faults, Rates
from anymeter.simulator.lines import MeterLine, MultiDrop

NOW = 1_790_000_000.0
# AARQ of the public client: logical names, no authentication, conformance of everything, PDU of 65535 octets;
# composed after IEC 62056-5-3, Annex of examples.
AARQ = bytes.fromhex("601da109060760857405080101be10040e01000000065f1f040000fe1fffff")
RELEASE = bytes.fromhex("6200")
GET_NAME = bytes.fromhex("c001c1 0001 00002a0000ff 02 00")
PUBLIC = Route(16, 1)


def line(rates=None, *, seed=1, number=1):
    server = Server(Companion.load("cold-water").build())
    return MeterLine(server, None if rates is None else Faults(rates, seed))


def asked(on, apdu, route=PUBLIC, *, confirmed=True):
    return [unit.apdu for unit in on.answer(Unit(route, apdu, confirmed), NOW)]


def test_a_line_answers_as_its_meter_does():
    one = line()
    (aare,) = asked(one, AARQ)
    assert aare[0] == 0x61
    (name,) = asked(one, GET_NAME)
    assert decode(name).result.endswith(b"AMT0000000000001") or b"AMT0000000000001" in name


def test_a_meter_that_is_busy_says_so_but_never_to_an_association():
    busy = line(Rates(busy=1.0))
    assert asked(busy, AARQ)[0][0] == 0x61
    assert asked(busy, GET_NAME) == [BUSY]
    assert asked(busy, GET_NAME, confirmed=False) == []
    assert asked(busy, RELEASE)[0][0] == 0x63


def test_a_line_that_closes_ends_its_associations():
    one = line()
    asked(one, AARQ)
    one.closed(None, NOW)
    assert asked(one, GET_NAME)[0][0] == 0xD8
    assert one.next_timeout() is None
    assert list(one.handle_timeout(NOW)) == []


def test_what_is_due_happens_before_the_answer():
    server = Server(Companion.load("electricity").build())
    one = MeterLine(server)
    device = server.device
    device.advance(NOW)
    asked(one, AARQ)
    first = device.next_due()
    assert first is not None
    one.answer(Unit(PUBLIC, GET_NAME), first + 3 * 86_400)
    after = device.next_due()
    assert after is None or after > first + 3 * 86_400


def test_meters_on_one_line_are_told_apart_by_their_address():
    made = []

    def maker(number):
        def make():
            made.append(number)
            return line()

        return make

    bus = MultiDrop({17: maker(17), 18: maker(18)})
    assert bus.addresses == [17, 18]
    assert made == []
    assert asked(bus, AARQ, Route(16, 1, 18))[0][0] == 0x61
    assert made == [18]
    assert asked(bus, GET_NAME, Route(16, 1, 18))[0][0] == 0xC4
    assert asked(bus, GET_NAME, Route(16, 1, 17))[0][0] == 0xD8
    assert made == [18, 17]
    assert asked(bus, AARQ, Route(16, 1, 19)) == []
    assert asked(bus, AARQ, Route(16, 1)) == [], "no address: nobody knows who is meant"
    bus.closed(Route(16, 1, 18), NOW)
    bus.closed(Route(16, 1, 99), NOW)
    assert asked(bus, GET_NAME, Route(16, 1, 18))[0][0] == 0xD8
    bus.closed(None, NOW)
    assert bus.next_timeout() is None
    assert list(bus.handle_timeout(NOW)) == []


def test_all_stations_hear_and_nobody_answers():
    made = []

    def maker():
        made.append(line())
        return made[-1]

    bus = MultiDrop({17: maker, 18: maker})
    assert asked(bus, AARQ, Route(16, 1, ALL_STATION), confirmed=False) == []
    assert len(made) == 2


def test_alone_on_a_line_a_meter_needs_no_address():
    bus = MultiDrop({17: line})
    assert asked(bus, AARQ, Route(16, 1))[0][0] == 0x61


@pytest.mark.parametrize("octets", [b"", b"\x00", b"\xff" * 40, AARQ[:9]])
def test_garbage_raises_nothing(octets):
    assert isinstance(asked(line(Rates(busy=0.5)), octets), list)
