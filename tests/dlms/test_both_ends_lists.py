"""Object lists of our server as our client reads them, by logical and by short names, at every PDU size."""

import pytest

from anymeter.cosem.access import ACCESS, READ, READ_WRITE, Rights
from anymeter.cosem.associations import (
    DEFAULT_CONFORMANCE,
    DEFAULT_SHORT_NAME_CONFORMANCE,
    AssociationProfile,
)
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.cosem.model import interface_class
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED
from anymeter.dlms.client.action import invoke
from anymeter.dlms.client.association import associate
from anymeter.dlms.client.get import get
from anymeter.dlms.client.objects import AssociationEntry, associations, object_list
from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.server import Server
from anymeter.errors import AccessError
from anymeter.links.events import Route, Unit
from anymeter.obis import Obis

OWN, SHORT_OWN = Obis("0-0:40.0.1*255"), Obis("0-0:40.0.2*255")
FULL = Rights({1: READ, 2: READ_WRITE, 3: READ}, {1: ACCESS})
LN, SN = 16, 17


class Meter:
    """So many registers behind two associations, one with logical and one with short names."""

    def __init__(self, registers, *, pdu=1024, ln_version=1, sn_version=2):
        names = [Obis((1, n >> 8, 1, n & 0xFF, 0, 255)) for n in range(registers)]
        objects = [Register(name, value=n, types={2: DOUBLE_LONG_UNSIGNED}) for n, name in enumerate(names)]
        objects += [
            interface_class(15, ln_version)(OWN),
            interface_class(12, sn_version)(SHORT_OWN),
            Data("0-0:42.0.0", value=b"ANY0000000000001"),
        ]
        shown = dict.fromkeys(names[: registers - 1], FULL)
        shown[Obis("0-0:42.0.0")] = Rights({1: READ, 2: READ})
        whole = Rights(dict.fromkeys(range(1, 8), READ))
        ln = AssociationProfile(
            name="ln", client=LN, rights=shown | {OWN: whole}, max_receive_pdu=pdu, conformance=DEFAULT_CONFORMANCE,
            object_name=OWN, version=ln_version,
        )  # fmt: skip
        sn = AssociationProfile(
            name="sn", client=SN, rights=shown | {SHORT_OWN: whole}, max_receive_pdu=pdu, object_name=SHORT_OWN,
            context=ApplicationContext.short_names, conformance=DEFAULT_SHORT_NAME_CONFORMANCE, version=sn_version,
        )  # fmt: skip
        self.logical = LogicalDevice(1, b"ANY0000000000001", objects, [ln, sn])
        self.line = Server(PhysicalDevice([self.logical])).line()

    def client(self, sap=LN, **settings):
        context = ApplicationContext.short_names if sap == SN else ApplicationContext.logical_names
        session = Session(Settings(client=sap, context=context, **settings))
        self.run(session, associate(session))
        return session

    def run(self, session, conversation):
        route = Route(session.settings.client, 1)
        sent = next(conversation)
        while True:
            (unit,) = self.line.answer(Unit(route, sent), 0.0)
            try:
                sent = conversation.send(unit.apdu)
            except StopIteration as end:
                return end.value


@pytest.mark.parametrize("version", range(4))
def test_a_list_by_logical_names(version):
    """Objects that the association may do nothing with are not in it."""
    meter = Meter(5, ln_version=version)
    session = meter.client()
    entries = {entry.name: entry for entry in meter.run(session, object_list(session))}
    register = entries[Obis("1-0:1.0.0*255")]
    assert (register.class_id, register.version, register.rights.attributes) == (3, 0, {1: 1, 2: 3, 3: 1})
    assert register.rights.methods == {1: ACCESS}
    assert register.interface_class is Register
    assert Obis("1-0:1.4.0*255") not in entries
    assert entries[OWN].version == version


@pytest.mark.parametrize("version", range(5))
def test_a_list_by_short_names(version):
    meter = Meter(5, sn_version=version)
    session = meter.client(SN)
    entries = {entry.name: entry for entry in meter.run(session, object_list(session))}
    register = entries[Obis("1-0:1.2.0*255")]
    assert (register.class_id, register.version) == (3, 0)
    assert register.rights == (None if version == 0 else Rights({1: 1, 2: 3, 3: 1}, {1: ACCESS}, {}))
    assert register.base_name is not None
    assert meter.run(session, get(session, register.name, Register.value)) == 2


def test_names_are_found_without_asking_for_the_list():
    meter = Meter(5)
    session = meter.client(SN)
    assert meter.run(session, get(session, "1-0:1.3.0", Register.value)) == 3
    assert meter.run(session, invoke(session, "1-0:1.3.0", Register.reset, 0)) is None
    assert meter.run(session, get(session, "1-0:1.3.0", Register.value)) == 0
    with pytest.raises(AccessError, match="the meter lists no such object"):
        meter.run(session, get(session, "1-0:1.4.0", Register.value))


@pytest.mark.parametrize("sap", [LN, SN])
@pytest.mark.parametrize("pdu", [128, 1024, 0xFFFF])
def test_a_list_of_a_thousand_objects(sap, pdu):
    meter = Meter(1001, pdu=pdu)
    session = meter.client(sap, max_receive_pdu=pdu)
    entries = meter.run(session, object_list(session))
    assert sum(entry.class_id == 3 for entry in entries) == 1000
    assert all(entry.rights is None or entry.rights.attributes for entry in entries)


def test_associations_tell_of_themselves():
    meter = Meter(1)
    session = meter.client()
    entries = meter.run(session, object_list(session))
    (found,) = meter.run(session, associations(session, entries))
    assert found == AssociationEntry(OWN, 1, LN, 1, ApplicationContext.logical_names, Mechanism.lowest)
