"""What a server sends unasked, octet by octet (spec 02 section 13), and what it awaits."""

import pytest

from anymeter.cosem.surroundings import Outgoing
from anymeter.dlms import apdu
from anymeter.dlms.server.notify import Awaited, data_notification, event_notification, information_report
from anymeter.errors import DecodeError
from anymeter.obis import Obis


def outgoing(confirmed=True):
    return Outgoing(origin=Obis("0-0:25.9.0"), body=b"\x11\x05", due=0, confirmed=confirmed)


def test_a_data_notification():
    body = bytes.fromhex("0203 120001 0600000064 1102")
    assert data_notification(1, body) == bytes.fromhex("0F 00000001 00 0203 120001 0600000064 1102")
    when = bytes.fromhex("07E4060A03100F2D0AFF8880")
    octets = data_notification(0xFFFFFF, b"\x00", date_time=when, confirmed=True)
    assert octets == bytes.fromhex("0F 40FFFFFF 0C 07E4060A03100F2D0AFF8880 00")
    assert apdu.decode(octets).when.octets == when


def test_an_event_notification():
    descriptor = bytes.fromhex("0003 0100010800FF 02")
    octets = event_notification(descriptor, bytes.fromhex("06000003E8"))
    assert octets == bytes.fromhex("C2 00 0003 0100010800FF 02 06 000003E8")
    assert apdu.decode(octets).value == 1000
    when = bytes.fromhex("07E4060A03100F2D0AFF8880")
    assert apdu.decode(event_notification(descriptor, b"\x00", time=when)).time == when


def test_an_information_report():
    assert information_report([(0x00A8, bytes.fromhex("06000003E8"))]) == bytes.fromhex(
        "18 00 01 02 00A8 01 06 000003E8"
    )
    timed = apdu.decode(information_report([(1, b"\x00"), (2, b"\x11\x01")], time="20200610161545Z"))
    assert (timed.time, len(timed.variables), timed.data) == (b"20200610161545Z", 2, (b"\x00", b"\x11\x01"))


def test_confirmed_ones_are_awaited_until_they_are_confirmed():
    awaited = Awaited()
    mine = outgoing()
    number = awaited.number(mine)
    assert awaited.number(outgoing(False)) == number + 1
    assert awaited.sent == {number: mine}
    assert awaited.confirmed(bytes.fromhex("10 40000009 00")) is None
    assert awaited.confirmed(b"\x10" + (0x40000000 | number).to_bytes(4, "big") + b"\x00") is mine
    assert awaited.sent == {}
    with pytest.raises(DecodeError):
        awaited.confirmed(b"\x10\x40")


def test_numbers_have_24_bits_and_are_not_0():
    awaited = Awaited()
    awaited._last = (1 << 24) - 2
    assert [awaited.number(outgoing(False)) for _ in range(3)] == [(1 << 24) - 1, 1, 2]


def test_the_oldest_are_forgotten():
    awaited = Awaited()
    for _ in range(300):
        awaited.number(outgoing())
    assert len(awaited.sent) == 256
    assert 44 not in awaited.sent
    assert 45 in awaited.sent
