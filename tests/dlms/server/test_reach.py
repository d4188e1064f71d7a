"""What an association reaches: rights, objects that come and go, attribute 0, faults of objects themselves."""

from collections import deque

import pytest

from anymeter.cosem.access import ACCESS, ENCRYPTED_REQUEST, READ, READ_WRITE, Rights
from anymeter.cosem.associations import CURRENT, AssociationProfile
from anymeter.cosem.device import LogicalDevice
from anymeter.dlms.descriptors import SelectiveAccess
from anymeter.dlms.server import reach as reaching
from anymeter.dlms.server.reach import DENIED, OTHER_REASON, SCOPE, SUCCESS, UNDEFINED, UNMATCHED, Reach
from anymeter.obis import Obis
from dlms_meter import BOTH, Card, Gauge, objects

NAME = Obis("1-0:1.8.0")
CARD = Obis("0-0:40.0.1")


def descriptor(number, name=NAME, class_id=0x2008):
    return class_id.to_bytes(2, "big") + name + number.to_bytes(1, "big", signed=True)


def reach_of(rights, conformance=BOTH, most=1000, others=None):
    device = LogicalDevice(1, b"ANY1", objects())
    profile = AssociationProfile(name="", client=16, rights={NAME: rights} | (others or {}))
    return Reach(device, profile, conformance, most, deque())


@pytest.fixture
def reach():
    return reach_of(Rights({1: READ, 2: READ_WRITE, 3: READ}, {1: ACCESS, 4: ACCESS}, {2: (1,)}))


def test_numbers_of_the_standard():
    assert (SUCCESS, DENIED, UNDEFINED, UNMATCHED, SCOPE, OTHER_REASON) == (0, 3, 4, 12, 13, 250)


def test_reading_writing_and_invoking(reach):
    assert reach.get(descriptor(2), None, 0, 0) == bytes.fromhex("0600001391")
    assert reach.set(descriptor(2), None, bytes.fromhex("0600000007"), 0, 0) == SUCCESS
    assert reach.get(descriptor(2), None, 0, 0) == bytes.fromhex("0600000007")
    assert reach.act(descriptor(1), None, 0, 0) == (SUCCESS, None)


def test_effects_are_what_may_have_changed_something(reach):
    reach.get(descriptor(2), None, 0, 0)
    reach.set(descriptor(3), None, b"\x09\x00", 0, 0)
    reach.act(descriptor(2), None, 0, 0)
    assert reach.effects == 0
    reach.set(descriptor(2), None, b"\x00", 0, 0)
    reach.act(descriptor(1), None, 0, 0)
    assert reach.effects == 2


def test_what_is_not_named_is_not_allowed(reach):
    assert reach.get(descriptor(5), None, 0, 0) == DENIED
    assert reach.set(descriptor(3), None, b"\x09\x00", 0, 0) == DENIED
    assert reach.act(descriptor(2), b"\x09\x00", 0, 0) == (DENIED, None)
    assert reach.get(descriptor(2, Obis("0-0:96.1.0"), 0x2009), None, 0, 0) == DENIED
    assert reach.get(descriptor(0, Obis("0-0:96.1.0"), 0x2009), None, 0, 0) == DENIED


def test_what_is_not_there_is_undefined(reach):
    assert reach.get(descriptor(9), None, 0, 0) == UNDEFINED
    assert reach.set(descriptor(-2), None, b"\x00", 0, 0) == UNDEFINED
    assert reach.act(descriptor(9), None, 0, 0) == (UNDEFINED, None)
    assert reach.get(descriptor(2, Obis("1-0:2.8.0")), None, 0, 0) == UNDEFINED
    assert reach.get(descriptor(2, class_id=3), None, 0, 0) == 9


def test_protection_that_is_demanded():
    reach = reach_of(Rights({2: READ_WRITE | ENCRYPTED_REQUEST, 3: READ}, {1: ACCESS | ENCRYPTED_REQUEST}))
    assert [type(reach.get(descriptor(2), None, given, 0)) for given in (0, 4, 8, 12)] == [int, int, bytes, bytes]
    assert [reach.set(descriptor(2), None, b"\x06\x00\x00\x00\x01", given, 0) for given in (0, 8)] == [DENIED, SUCCESS]
    assert [reach.act(descriptor(1), None, given, 0)[0] for given in (0, 8)] == [DENIED, SUCCESS]
    assert reach.get(descriptor(0), None, 0, 0) == bytes.fromhex("02050000 0903 6B5768 0000")
    assert reach.get(descriptor(0), None, 8, 0) == bytes.fromhex("020500 06 00000001 0903 6B5768 0000")


def test_selections(reach):
    assert reach.get(descriptor(2), SelectiveAccess(1, b"\x11\x05"), 0, 0) == bytes.fromhex("09021105")
    assert reach.get(descriptor(2), SelectiveAccess(2, b"\x00"), 0, 0) == SCOPE
    assert reach.get(descriptor(3), SelectiveAccess(1, b"\x00"), 0, 0) == SCOPE
    assert reach.set(descriptor(2), SelectiveAccess(1, b"\x00"), b"\x00", 0, 0) == SCOPE
    assert reach_of(reach.profile.rights[NAME], 0).get(descriptor(2), SelectiveAccess(1, b"\x00"), 0, 0) == SCOPE


def test_objects_that_come_and_go_are_seen_at_once(reach):
    assert isinstance(reach.get(descriptor(2), None, 0, 0), bytes)
    reach.device.remove(NAME)
    assert reach.get(descriptor(2), None, 0, 0) == UNDEFINED
    reach.device.add(Gauge(NAME, value=b"new", note=b""))
    assert reach.get(descriptor(2), None, 0, 0) == b"\x09\x03new"


def test_what_is_remembered_is_bounded(reach, monkeypatch):
    monkeypatch.setattr(reaching, "_MOST_CACHED", 1)
    for number in (1, 2, 3, 1, 2, 3):
        assert isinstance(reach.get(descriptor(number), None, 0, 0), bytes)
    assert len(reach._attributes) == 1


def test_the_association_itself_by_the_name_of_the_current_one(reach):
    assert reach.get(descriptor(3, CURRENT, 0x200F), None, 0, 0) == DENIED
    for others in ({CARD: Rights({3: READ})}, {CURRENT: Rights({3: READ})}):
        reach = reach_of(Rights(), others=others)
        assert reach.get(descriptor(3, CURRENT, 0x200F), None, 0, 0) == b"\x11\x00"
        assert reach.get(descriptor(3, CARD, 0x200F), None, 0, 0) == b"\x11\x00"


def test_a_value_beyond_the_bound(reach):
    reach.most = 4
    assert reach.get(descriptor(2), None, 0, 0) == 15


def test_a_fault_of_an_object_is_other_reason_and_kept(reach):
    reach.device.objects[NAME].bind(2, lambda now: 1 / now)
    assert reach.get(descriptor(2), None, 0, 0) == OTHER_REASON
    assert reach.get(descriptor(0), None, 0, 0) == OTHER_REASON
    assert reach.act(descriptor(4), b"\x0f\x00", 0, 0) == (OTHER_REASON, None)
    reach.device.objects[NAME].bind(2, lambda now: "no number")
    assert reach.get(descriptor(2), None, 0, 0) == OTHER_REASON
    assert [what.split()[0] for what, _ in reach.faults] == ["get", "get", "invoke", "get"]


def test_short_names(reach):
    base = reach.device.short_names.base_of(NAME, reach.device.objects)
    value, press = reach.member(base + 8), reach.member(base + 0x28)
    assert reach.read_member(value, None, 0, 0) == bytes.fromhex("0600001391")
    assert reach.write_member(value, bytes.fromhex("0600000007"), 0, 0) == SUCCESS
    assert reach.read_member(press, None, 0, 0) == DENIED
    assert reach.read_member(press, SelectiveAccess(0, b"\x0f\x00"), 0, 0) == b"\x00"
    assert reach.write_member(press, b"\x0f\x00", 0, 0) == SUCCESS
    assert reach.device.objects[NAME].presses == 2
    assert reach.member(base + 1) is None


def test_the_association_itself_by_short_name():
    reach = reach_of(Rights(), others={CARD: Rights({1: READ, 3: READ})})
    assert reach.read_member(reach.member(0xFA10), None, 0, 0) == b"\x11\x00"
    assert isinstance(reach.member(0xFA08).obj, Card)
    assert reach.member(0xFA90) is None


@pytest.mark.parametrize("octets", ["", "02", "0205", "020500", "0205000000", "01050000000000", "028405000000"])
def test_what_is_no_structure_of_all_attributes(octets):
    reach = reach_of(Rights({1: READ, 2: READ_WRITE}))
    assert reach.set(descriptor(0), None, bytes.fromhex(octets), 0, 0) == UNMATCHED


def test_a_list_is_read_until_it_is_too_long(reach):
    reach.most = 10
    asked = []

    def read(wanted):
        asked.append(wanted)
        return wanted

    assert reach.each([b"12345", 3, b"12345", b"", 250, b"1", b"2"], read) == [b"12345", 3, b"12345", b"", 250, 15, 15]
    assert asked == [b"12345", 3, b"12345", b"", 250, b"1"]
    assert reach.each([b"1", 15, b"2"], read) == [b"1", 15, 15]
