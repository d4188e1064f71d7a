"""A server's line: several APDUs in a row, from clients with and without associations. It raises nothing."""

from __future__ import annotations

from anymeter.cosem.access import ACCESS, READ_WRITE, Rights
from anymeter.cosem.associations import DEFAULT_SHORT_NAME_CONFORMANCE, AssociationProfile
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.enums import ApplicationContext
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import CHOICE, INTEGER, OCTET_STRING
from anymeter.dlms.server import Server, Settings
from anymeter.links.events import Route, Unit

ALLOWED = ()
AARQ = bytes.fromhex("601D A109060760857405080101 BE10 040E 01000000065F1F0400FFFFFF0040")
SHORT_AARQ = AARQ.replace(bytes.fromhex("05080101"), bytes.fromhex("05080102"))
MOST = 64
SHORT = ApplicationContext.short_names


class Thing(InterfaceClass, class_id=8200, methods_at=0x20):
    """Thing: what a fuzzer may read, write and invoke."""

    value = attribute(2, CHOICE)
    text = attribute(3, OCTET_STRING)

    @method(1, INTEGER)
    def press(self, data, now):
        """Count."""
        self.put(2, b"pressed", now)

    @method(2, OCTET_STRING, returns=OCTET_STRING)
    def twice(self, data, now):
        """Return it doubled."""
        return data + data


def line_of(datagrams: bool):
    """A line of a small device, two associations open, PDUs of 64 octets."""
    thing = Thing("1-0:1.8.0", value=b"value", text=bytes(200))
    rights = {thing.logical_name: Rights(dict.fromkeys((1, 2, 3), READ_WRITE), {1: ACCESS, 2: ACCESS}, {2: (1,)})}
    associations = [
        AssociationProfile(name="public", client=16, rights=rights),
        AssociationProfile(
            name="short", client=1, rights=rights, context=SHORT, conformance=DEFAULT_SHORT_NAME_CONFORMANCE
        ),
    ]
    device = PhysicalDevice([LogicalDevice(1, b"ANY0000000000001", [thing], associations)])
    line = Server(device, Settings(most_transfer=5000)).line(datagrams=datagrams)
    for client, octets in ((16, AARQ), (1, SHORT_AARQ)):
        assert line.answer(Unit(Route(client, 1), octets), 0.0)[0].apdu[:1] == b"\x61"
    return line


def apdus(octets: bytes):
    """The first octet of each piece says who sends it and how long it is; a whole APDU first."""
    yield 16, octets
    yield 1, octets
    at = 0
    while at < len(octets):
        client, size = (16, 1, 2, 4)[octets[at] >> 6], octets[at] & 0x3F
        yield client, octets[at + 1 : at + 1 + size]
        at += 1 + size


def one(octets: bytes) -> None:
    line = line_of(bool(octets and octets[0] & 1))
    for now, (client, apdu) in enumerate(apdus(octets)):
        for unit in line.answer(Unit(Route(client, 1), apdu), float(now)):
            assert len(unit.apdu) <= MOST or client not in (16, 1) or apdu[:1] == b"\x60"
        due = line.next_timeout()
        if due is not None and octets[-1] & 1:
            line.handle_timeout(due)


if __name__ == "__main__":
    from harness import run

    run(one)
