"""The place of ciphering: what is protected is opened before it is served, and the answer is closed."""

import pytest

from anymeter.dlms import apdu
from anymeter.dlms.blocks import join_blocks
from anymeter.dlms.server.guard import Guard
from anymeter.links.events import Route, Unit
from dlms_guard import Turned, turned
from dlms_meter import GAUGE, GUARDED, STORE, Meter

GET = bytes.fromhex(f"C001C1 {GAUGE} 02 00")
VALUE = bytes.fromhex("C401C100 06 00001391")


def guarded(client=GUARDED, **more):
    meter = Meter(**more)
    guard: Guard = Turned()
    meter.opened(client)
    meter.association.guard = guard
    return meter


@pytest.fixture
def meter():
    return guarded()


def test_a_protected_request_gets_a_protected_answer(meter):
    assert meter.send(turned(GET), GUARDED) == [turned(VALUE)]


def test_rights_that_demand_protection_are_given_to_protected_requests_only(meter):
    assert meter.send(GET, GUARDED) == [bytes.fromhex("C401C10103")]
    assert meter.send(turned(GET), GUARDED) == [turned(VALUE)]
    assert meter.send(GET, GUARDED) == [bytes.fromhex("C401C10103")]
    press = bytes.fromhex(f"C301C1 {GAUGE} 01 00")
    assert meter.send(press, GUARDED) == [bytes.fromhex("C701C10300")]
    assert meter.send(turned(press), GUARDED) == [turned(bytes.fromhex("C701C10000"))]


@pytest.mark.parametrize("octets", [turned(GET)[:-1], b"\xdb", b"\xdb\xa5", turned(GET)[:-1] + b"\x00", b"\xc8\x01"])
def test_a_forgery_is_not_served(meter, octets):
    assert meter.send(octets, GUARDED) == [bytes.fromhex("D80105")]
    assert meter.association.protection == 0


def test_an_unconfirmed_protected_request_is_not_answered(meter):
    assert meter.send(turned(bytes.fromhex(f"C30181 {GAUGE} 01 00")), GUARDED) == []
    assert meter.gauge.presses == 1


def test_a_refusal_inside_is_protected_too(meter):
    assert meter.send(turned(b"\xff"), GUARDED) == [turned(b"\xd8\x02\x02")]


def long(pdu):
    meter = Meter()
    meter.opened(pdu=pdu)
    meter.association.guard = Turned()
    meter.store.contents = bytes(range(100))
    return meter


@pytest.mark.parametrize("pdu", [15, 40, 64])
def test_blocks_leave_room_for_the_protection(pdu):
    meter = long(pdu)
    (answer,) = meter.send(turned(bytes.fromhex(f"C001C1 {STORE} 02 00")))
    raw, number = b"", 1
    while True:
        assert len(answer) <= pdu
        block = apdu.decode(Turned().opened(answer, 0)[0])
        raw += block.result
        if block.last:
            break
        (answer,) = meter.send(turned(bytes.fromhex(f"C002C1 {number:08X}")))
        number += 1
    assert raw == meter.store.encoded(2, 0)


def test_room_is_what_it_was_before():
    meter = long(64)
    meter.send(turned(bytes.fromhex(f"C001C1 {STORE} 02 00")))
    assert meter.association.room == 64


def test_general_blocks_carry_what_is_protected():
    meter = long(40)
    (first, *others) = meter.send(b"\xe0\xbf\x00\x01\x00\x00\x17" + bytes(23))
    assert apdu.decode(first).data == b"\xd8\x02\x02"
    asked = turned(bytes.fromhex(f"C001C1 {STORE} 02 00"))
    blocks = [apdu.decode(o) for o in meter.send(b"\xe0\xbf\x00\x01\x00\x00" + bytes((len(asked),)) + asked)]
    (joined,) = join_blocks((block.control, block.number, block.data) for block in blocks)
    assert Turned().opened(joined, 0)[0] == b"\xc4\x01\xc1\x00" + meter.store.encoded(2, 0)
    assert not others


def test_an_answer_too_long_is_protected_whole_and_then_cut():
    meter = long(40)
    (first,) = meter.send(turned(bytes.fromhex(f"D9 40000001 00 01 01 {STORE} 02 01 00")))
    others = meter.send(bytes.fromhex("E0 BF 0001 0001 00"))
    blocks = [apdu.decode(octets) for octets in (first, *others)]
    (joined,) = join_blocks((block.control, block.number, block.data) for block in blocks)
    inside = apdu.decode(Turned().opened(joined, 0)[0])
    assert inside.data == (meter.store.encoded(2, 0),)
    assert all(len(octets) <= 40 for octets in (first, *others))


def test_what_is_sent_unasked_is_protected():
    meter = long(40)
    (unit,) = meter.line.event(Route(16, 1), bytes.fromhex(f"{GAUGE} 02"), b"\x11\x05", 0)
    assert unit == Unit(Route(16, 1), turned(bytes.fromhex(f"C200 {GAUGE} 02 1105")), False)
