"""A small meter for tests of the server, and the octets a client would send to it, written by hand from the layouts."""

from __future__ import annotations

from anymeter.cosem.access import ACCESS, AUTHENTICATED_REQUEST, READ, READ_WRITE, WRITE, Rights
from anymeter.cosem.associations import DEFAULT_CONFORMANCE, DEFAULT_SHORT_NAME_CONFORMANCE, AssociationProfile
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.enums import ApplicationContext, Conformance, Mechanism
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import (
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    array,
    octets,
    structure,
)
from anymeter.dlms.server import Server, Settings
from anymeter.errors import LocalError
from anymeter.links.events import Route, Unit
from anymeter.obis import Obis

PUBLIC, LOW, SHORT, CIPHERED, STANDING, HIGH, LISTED, GUARDED = 16, 1, 2, 3, 4, 5, 6, 7
"""Client SAPs, each with an association of its own kind."""
TITLE = b"ANY\x00\x00\x12\x34\x56"
PASSWORD = b"12345678"

GAUGE = "2008 0100010800FF"
STORE = "2009 0000600100FF"
BOTH = DEFAULT_CONFORMANCE | DEFAULT_SHORT_NAME_CONFORMANCE


class Gauge(InterfaceClass, class_id=0x2008, methods_at=0x28):
    """Gauge: a value, a note, a key that nobody reads, a counter of what happened."""

    value = attribute(2, CHOICE, dynamic=True)
    note = attribute(3, OCTET_STRING)
    key = attribute(4, octets(4), secret=True, default=b"KEY!")
    happened = attribute(5, UNSIGNED)

    def set_up(self):
        self.presses = 0

    @method(1, INTEGER)
    def press(self, data, now):
        self.presses += 1
        self.put(5, self.presses, now)

    @method(2, OCTET_STRING, returns=OCTET_STRING)
    def twice(self, data, now):
        return data + data

    @method(3, INTEGER)
    def jam(self, data, now):
        raise LocalError("our own mistake")

    @method(4, INTEGER)
    def crash(self, data, now):
        self.put(5, 1 // data, now)

    @method(5, INTEGER)
    def refuse(self, data, now):
        raise self.refusal(2, "press again later")

    def select(self, number, selector, parameters, now):
        if selector == 1:
            return bytes((9, len(parameters))) + parameters
        return super().select(number, selector, parameters, now)


class Store(InterfaceClass, class_id=0x2009):
    """Store: one long value."""

    contents = attribute(2, OCTET_STRING)
    rows = attribute(3, array(structure(LONG_UNSIGNED, LONG_UNSIGNED)))


class Card(InterfaceClass, class_id=0x200F, methods_at=0x20):
    """Card: what stands in for an Association object."""

    secret = attribute(2, OCTET_STRING, secret=True)
    association_status = attribute(3, UNSIGNED)


ALL = {
    Obis("1-0:1.8.0"): Rights(
        {1: READ, 2: READ_WRITE, 3: READ_WRITE, 4: READ_WRITE, 5: READ}, dict.fromkeys(range(1, 6), ACCESS), {2: (1, 2)}
    ),
    Obis("0-0:96.1.0"): Rights({1: READ, 2: READ_WRITE, 3: READ_WRITE}),
    Obis("0-0:96.1.1"): Rights({1: READ, 2: WRITE}),
    Obis("0-0:40.0.1"): Rights({1: READ, 2: READ_WRITE, 3: READ}),
}
PROTECTED = {
    Obis("1-0:1.8.0"): Rights({1: READ, 2: READ_WRITE | AUTHENTICATED_REQUEST}, {1: ACCESS | AUTHENTICATED_REQUEST})
}
LN_CIPHERED, SN = ApplicationContext.logical_names_ciphered, ApplicationContext.short_names


def profiles(conformance, pdu):
    """One association of every kind."""

    def one(name, client, rights=ALL, **more):
        sizes = {"max_receive_pdu": pdu, "max_send_pdu": 0}
        return AssociationProfile(name=name, client=client, conformance=conformance, rights=rights, **(sizes | more))

    return [
        one("public", PUBLIC),
        one("low", LOW, mechanism=Mechanism.low_level, secret=PASSWORD),
        one("short names", SHORT, context=SN),
        one("ciphered", CIPHERED, context=LN_CIPHERED),
        one("standing", STANDING, pre_established=True),
        one("high", HIGH, mechanism=Mechanism.high_level_gmac),
        one("listed", LISTED, users=((7, "Ada"),)),
        one("guarded", GUARDED, PROTECTED),
    ]


def objects():
    gauge = Gauge("1-0:1.8.0", value=5009, note=b"kWh", types={2: DOUBLE_LONG_UNSIGNED})
    return [
        gauge,
        Store("0-0:96.1.0", contents=b"", rows=[]),
        Store("0-0:96.1.1", contents=b"hidden"),
        Card("0-0:40.0.1"),
    ]


class Meter:
    """A server with one line, spoken to in hex."""

    def __init__(self, *, conformance=BOTH, pdu=1024, datagrams=False, **settings):
        self.logical = LogicalDevice(1, b"ANY0000000000001", objects(), profiles(conformance, pdu))
        self.device = PhysicalDevice([self.logical, LogicalDevice(2, b"ANY0000000000002")], TITLE)
        self.server = Server(self.device, Settings(**settings))
        self.line = self.server.line(datagrams=datagrams)
        self.now = 0.0

    def object(self, name):
        return self.logical.objects[Obis(name)]

    @property
    def gauge(self):
        return self.object("1-0:1.8.0")

    @property
    def store(self):
        return self.object("0-0:96.1.0")

    def send(self, octets, client=PUBLIC, server=1, confirmed=True):
        """Every APDU that comes back."""
        route = Route(client, server)
        units = self.line.answer(Unit(route, octets, confirmed), self.now)
        assert all(unit.route == route for unit in units)
        return [unit.apdu for unit in units]

    def all(self, octets, client=PUBLIC, **more):
        """The same in hex."""
        return [apdu.hex().upper() for apdu in self.send(bytes.fromhex(octets), client, **more)]

    def ask(self, octets, client=PUBLIC, **more):
        """The one answer, in hex; empty for none."""
        answers = self.all(octets, client, **more)
        assert len(answers) < 2
        return answers[0] if answers else ""

    def open(self, client=PUBLIC, conformance=BOTH, pdu=0xFFFF):
        """Associate; the answer in hex."""
        context = {SHORT: 2, CIPHERED: 3}.get(client, 1)
        extra = ""
        if client == CIPHERED:
            extra += "A60A0408" + TITLE.hex()
        if client == LISTED:
            extra += "A903020107"
        if client == LOW:
            extra += "8A0207808B0760857405080201" + "AC0A8008" + PASSWORD.hex()
        return self.ask(aarq(conformance, pdu, context, extra), client)

    def opened(self, *arguments, **more):
        """This meter, with an association open."""
        assert self.open(*arguments, **more)[:2] == "61"
        return self

    @property
    def association(self):
        """The only association that is open."""
        (found,) = self.line.associations.values()
        return found


def aarq(conformance=BOTH, pdu=0xFFFF, context=1, extra="", *, initiate=None):
    """An AARQ in hex; *extra*: elements between context name and user-information."""
    if initiate is None:
        initiate = f"01000000065F1F0400{conformance:06X}{pdu:04X}"
    return element("60", name_of(context) + extra + said(initiate))


def name_of(context):
    return f"A1090607608574050801{context:02X}"


def said(initiate):
    """user-information in hex."""
    return element("BE", element("04", initiate)) if initiate else ""


def element(tag, contents):
    size = len(bytes.fromhex(contents))
    assert size < 128
    return f"{tag}{size:02X}{contents}"


def hexed(text):
    """Hex without blanks, in capitals."""
    return bytes.fromhex(text).hex().upper()


def without(*bits: Conformance):
    """Everything but these bits."""
    return BOTH & ~int(sum(bits))
