"""The server end of the application layer: octets of a request to octets of the answer, without a link."""

from __future__ import annotations

import cases
from timing import measure

from anymeter.cosem.access import ACCESS, READ, Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.enums import Mechanism
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, OCTET_STRING
from anymeter.dlms.server import Server
from anymeter.links.events import Route, Unit

AARQ = "60{:02X} A109060760857405080101 {} BE10 040E 01000000065F1F0400FFFFFF04B0"
PASSWORD = "8A0207808B0760857405080201AC0A80083132333435363738"
ROUTES = {"": Route(16, 1), PASSWORD: Route(1, 1)}


class Store(InterfaceClass, class_id=8200):
    """One long value."""

    contents = attribute(2, OCTET_STRING)


def opened(password=""):
    """A line with an association open, and what its answers are asked with."""
    energy = Register("1-0:1.8.0", value=123456, scaler_unit=(0, 30), types={2: DOUBLE_LONG_UNSIGNED})
    store = Store("0-0:96.1.0", contents=bytes(64_000))
    rights = {obj.logical_name: Rights({1: READ, 2: READ}, {1: ACCESS}) for obj in (energy, store)}
    associations = [
        AssociationProfile(name="public", client=16, rights=rights),
        AssociationProfile(name="low", client=1, mechanism=Mechanism.low_level, secret=b"12345678", rights=rights),
    ]
    device = PhysicalDevice([LogicalDevice(1, b"ANY0000000000001", [energy, store], associations)])
    line, route = Server(device).line(), ROUTES[password]

    def ask(octets):
        return line.answer(Unit(route, octets), 0.0)

    aarq = bytes.fromhex(AARQ.format(29 + len(password) // 2, password))
    assert ask(aarq)[0].apdu[:1] == b"\x61"
    return line, Unit(route, aarq), route


def get():
    """One item: a GET answered."""
    line, _, route = opened()
    asked = Unit(route, cases.GET_REQUEST)

    def work():
        return line.answer(asked, 0.0)[0].apdu

    return work, cases.GET_RESPONSE, 1


def associate(password):
    """One item: an association granted and released."""

    def make():
        line, asked, route = opened(password)
        release = Unit(route, bytes.fromhex("6203800100"))

        def work():
            line.answer(asked, 0.0)
            return line.answer(release, 0.0)[0].apdu

        return work, bytes.fromhex("6303800100"), 1

    return make


def blocks():
    """One item: one block of a long GET."""
    line, _, route = opened()
    asked = Unit(route, bytes.fromhex("C001C1 2008 0000600100FF 02 00"))
    following = [Unit(route, b"\xc0\x02\xc1" + number.to_bytes(4, "big")) for number in range(1, 64)]

    def work():
        line.answer(asked, 0.0)
        for unit in following:
            answer = line.answer(unit, 0.0)[0].apdu
        return answer[:4]

    return work, b"\xc4\x02\xc1\x01", len(following) + 1


measure(
    {
        "server: GET": get,
        "server: AARQ and RLRQ": associate(""),
        "server: AARQ with a password and RLRQ": associate(PASSWORD),
        "server: block of a long GET": blocks,
    }
)
