"""The Association object: what it keeps for the server and shows of an association, in every class and version."""

import pytest

from anymeter.cosem.access import READ, Rights
from anymeter.cosem.associations import CURRENT, AssociationProfile
from anymeter.cosem.classes import association_sn, associations
from anymeter.cosem.device import LogicalDevice
from anymeter.dlms import apdu
from anymeter.dlms.server.association_object import secret_of, users_of
from anymeter.obis import Obis
from dlms_meter import ALL, BOTH, LISTED, LOW, PUBLIC, SHORT, SN, Meter, aarq

NAME = Obis("0-0:40.0.9")
LOGICAL = [
    associations.AssociationLn,
    associations.AssociationLnV1,
    associations.AssociationLnV2,
    associations.AssociationLnV3,
]
SHORT_NAMES = [
    association_sn.AssociationSn,
    association_sn.AssociationSnV1,
    association_sn.AssociationSnV2,
    association_sn.AssociationSnV3,
]


def device_of(obj, **profile):
    profile = AssociationProfile(name="", client=1, object_name=NAME, **profile)
    return LogicalDevice(1, b"ANY1", [] if obj is None else [obj], [profile]), profile


@pytest.mark.parametrize("cls", [*LOGICAL, *SHORT_NAMES])
def test_the_secret_is_the_one_that_is_kept(cls):
    obj = cls(NAME)
    device, profile = device_of(obj, secret=b"agreed")
    assert secret_of(device, profile) == b"agreed"
    obj.secret = b"changed"
    assert secret_of(device, profile) == b"changed"


def test_without_an_object_the_profile_counts():
    device, profile = device_of(None, secret=b"agreed", users=((7, "Ada"),))
    assert secret_of(device, profile) == b"agreed"
    assert users_of(device, profile, 0) == {7: "Ada"}


@pytest.mark.parametrize("cls", [*LOGICAL, *SHORT_NAMES])
def test_users_are_those_of_the_profile_until_the_object_has_others(cls):
    obj = cls(NAME)
    device, profile = device_of(obj, users=((7, "Ada"),))
    assert users_of(device, profile, 0) == {7: "Ada"}
    if hasattr(cls, "user_list"):
        obj.add_user((8, "Bob"), 0)
        assert users_of(device, profile, 0) == {7: "Ada", 8: "Bob"}


def meter_with(cls, client, **more):
    meter = Meter()
    rights = ALL | {CURRENT: Rights(dict.fromkeys(range(1, 12), READ))}
    meter.logical.associations[client] = AssociationProfile(
        name="", client=client, object_name=NAME, rights=rights, conformance=BOTH, **more
    )
    meter.logical.add(cls(NAME))
    return meter


@pytest.mark.parametrize("cls", LOGICAL)
def test_what_was_negotiated_is_shown(cls):
    meter = meter_with(cls, PUBLIC, max_receive_pdu=500)
    obj = meter.object("0-0:40.0.9")
    assert obj.association_status == 0
    answer = apdu.decode(bytes.fromhex(meter.ask(aarq(pdu=200))))
    negotiated = apdu.decode(answer.user_information)
    conformance, receive, send, *others = obj.get(5, 0)
    assert int(str(conformance), 2) == int(negotiated.conformance)
    assert (receive, send, others) == (500, 200, [6, 0, b""])
    assert obj.association_status == 2
    assert meter.ask("C001C1 000F 0000280000FF 08 00") == "C401C1001602"
    meter.ask("6200")
    assert obj.association_status == 0


@pytest.mark.parametrize("cls", LOGICAL)
def test_the_object_list_of_the_current_association(cls):
    """Whatever its own name is, 0-0:40.0.0*255 reads it."""
    meter = meter_with(cls, PUBLIC).opened()
    listed = apdu.decode(meter.send(bytes.fromhex("C001C1 000F 0000280000FF 02 00"))[0]).value
    assert [(entry[0], bytes(entry[2])) for entry in listed][:2] == [
        (0x2008, bytes.fromhex("0100010800FF")),
        (0x2009, bytes.fromhex("0000600100FF")),
    ]
    assert meter.ask("C001C1 000F 0000280000FF 07 00") == "C401C10103"


def test_the_current_user_is_shown():
    meter = meter_with(associations.AssociationLnV2, LISTED, users=((7, "Ada"),))
    meter.opened(LISTED)
    assert meter.object("0-0:40.0.9").current_user == (7, "Ada")


def test_a_user_that_was_added_may_ask():
    meter = meter_with(associations.AssociationLnV2, LISTED, users=((9, "Bob"),))
    assert "A305A103020106" in meter.open(LISTED)
    meter.object("0-0:40.0.9").add_user((7, "Ada"), 0)
    assert meter.open(LISTED).startswith("6129")


@pytest.mark.parametrize("cls", SHORT_NAMES)
def test_the_object_list_by_short_name(cls):
    meter = meter_with(cls, SHORT, context=SN).opened(SHORT)
    listed = apdu.decode(meter.send(bytes.fromhex("05 01 02 FA08"), SHORT)[0]).results[0]
    assert listed[0] == 1
    assert bytes.fromhex("0204 100100 12 2008") in listed


def test_a_device_without_the_object_shows_nothing():
    meter = Meter()
    meter.logical.remove(Obis("0-0:40.0.1"))
    assert meter.open(LOW).startswith("6129")
    assert meter.ask("6200", LOW) == "6303800100"


class Faulty:
    """A watcher of attributes that fails whenever one changes."""

    def noticed(self, obj, number, value, now):
        raise ZeroDivisionError


def test_an_object_at_fault_harms_no_association():
    meter = Meter()
    meter.logical.watch(Obis("0-0:40.0.1"), 3, Faulty())
    assert meter.open()[:2] == "61"
    assert meter.ask("6200") == "6303800100"
    meter.opened()
    meter.line.closed(None, 0)
    assert meter.server.associations == 0
    assert [what for what, _ in meter.server.faults] == ["show client 16, server 1"] * 4


def test_users_that_cannot_be_read_are_a_fault_of_ours():
    obj = associations.AssociationLnV3(NAME)
    obj.bind("user_list", lambda now: 1 / 0)
    profile = AssociationProfile(name="", client=PUBLIC, object_name=NAME)
    meter = Meter()
    meter.logical.add(obj)
    meter.logical.associations[PUBLIC] = profile
    assert meter.ask(aarq()) == "D80103"
    assert [what for what, _ in meter.server.faults] == ["associate client 16, server 1"]
    assert meter.server.associations == 0
