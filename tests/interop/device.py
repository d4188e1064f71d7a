"""The meter of ours that the peers speak to, and what they must find in it."""

from __future__ import annotations

import datetime as dt

from anymeter.cosem.access import ACCESS, READ, READ_WRITE, Rights
from anymeter.cosem.associations import DEFAULT_CONFORMANCE, DEFAULT_SHORT_NAME_CONFORMANCE, AssociationProfile
from anymeter.cosem.classes.association_sn import AssociationSn
from anymeter.cosem.classes.associations import AssociationLnV1
from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.management import SapAssignment
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.classes.scripts import ScriptTable
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, LONG_UNSIGNED, OCTET_STRING, UNSIGNED
from anymeter.dlms.server import Server
from anymeter.drivers import serve
from anymeter.links.hdlc_parameters import Parameters
from anymeter.links.hdlc_secondary import HdlcSecondary
from anymeter.links.wrapper_link import WrapperLink
from anymeter.obis import Obis
from driver_meters import Background

NOW = int(dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC).timestamp())
START = int(dt.datetime(2026, 10, 1, tzinfo=dt.UTC).timestamp())
PERIOD, ROWS = 900, 2976
PASSWORD = "12345678"
NAME = b"ANY1000000000001"
PUBLIC, READER, SHORT, SHORT_READER = 16, 32, 48, 49
ENERGY, EXPORT = 12345678, 4321
SERIAL = b"87654321"

CLOCK, PROFILE, ROOM, SCRIPTS = "0.0.1.0.0.255", "1.0.99.1.0.255", "0.0.96.1.1.255", "0.0.10.0.0.255"
REGISTER, OTHER, LDN, SERIAL_NUMBER = "1.0.1.8.0.255", "1.0.2.8.0.255", "0.0.42.0.0.255", "0.0.96.1.0.255"
ABSENT, ASSOCIATION, CLEARED = "1.0.9.9.9.255", "0.0.40.0.0.255", "1.0.3.8.0.255"


def stamp(instant: float) -> bytes:
    """The 12 octets of a time in UTC, by hand: year, month, day, day of week, time, hundredths, deviation, status."""
    t = dt.datetime.fromtimestamp(instant, dt.UTC)
    date = t.year.to_bytes(2, "big") + bytes((t.month, t.day, t.isoweekday()))
    return date + bytes((t.hour, t.minute, t.second, 0, 0, 0, 0))


def row(number: int) -> tuple[bytes, int, int, int]:
    """Entry *number* of the profile, from 1."""
    return stamp(START + (number - 1) * PERIOD), number % 8, 1000 + 7 * number, 100 + number


class Rows:
    """The computed entries of the profile."""

    def entries(self, now):
        return ROWS

    def between(self, start, end, now):
        first = 1 if start is None else max(1, -int((START - start) // PERIOD) + 1)
        last = ROWS if end is None else min(ROWS, int((end - START) // PERIOD) + 1)
        return first, last

    def read(self, first, last, now):
        return [row(number) for number in range(first, last + 1)]

    def reset(self, now):
        """Nothing is forgotten."""

    def capture(self, now):
        """Nothing is captured."""


def objects(extra: int = 0):
    """About 20 objects, and *extra* registers."""
    registers = [(REGISTER, ENERGY), (OTHER, EXPORT)]
    registers += [(f"1-0:{c}.8.{e}", 10 * c + e) for c in (3, 4) for e in range(4)]
    registers += [(f"1-{b}:{c}.8.0", b + c) for b in range(1, 65) for c in range(100, 120)][:extra]
    profile = ProfileGeneric(
        PROFILE,
        capture_objects=[
            (8, Obis("0-0:1.0.0"), 2, 0),
            (1, Obis("0-0:96.10.1"), 2, 0),
            (3, Obis("1-0:1.8.0"), 2, 0),
            (3, Obis("1-0:2.8.0"), 2, 0),
        ],
        capture_period=PERIOD,
        profile_entries=ROWS,
        sort_object=(8, Obis("0-0:1.0.0"), 2, 0),
    )
    profile.rows = Rows()
    reset = (1, 3, Obis("1-0:3.8.0"), 2, 0)
    scripts = ScriptTable(SCRIPTS, scripts=[(1, [reset])], types={})
    return [
        SapAssignment("0-0:41.0.0"),
        Data(LDN, value=NAME, types={2: OCTET_STRING}),
        Clock(CLOCK),
        *(
            Register(name, value=value, scaler_unit=(1, 30), types={2: DOUBLE_LONG_UNSIGNED})
            for name, value in registers
        ),
        Data(SERIAL_NUMBER, value=SERIAL, types={2: OCTET_STRING}),
        Data(ROOM, value=b"", types={2: OCTET_STRING}),
        Data("0-0:96.1.2", value=7, types={2: LONG_UNSIGNED}),
        Data("0-0:96.10.1", value=0, types={2: UNSIGNED}),
        profile,
        scripts,
        _association(AssociationLnV1("0-0:40.0.1")),
        _association(AssociationLnV1("0-0:40.0.2")),
        _association(AssociationSn("0-0:40.0.3")),
        _association(AssociationSn("0-0:40.0.4")),
    ]


def _association(obj):
    """Its method with a parameter and a result turns octets round; it is the only such method that every peer has."""
    obj.replies = lambda octets, now: octets[::-1]
    return obj


def _rights(found):
    rights = {}
    for obj in found:
        attributes = dict.fromkeys((n for n in obj.attributes if n > 0), READ)
        if obj.class_id in (1, 3, 8) and obj.logical_name not in (Obis(SERIAL_NUMBER), Obis(LDN)):
            attributes[2] = READ_WRITE
        selectors = {2: (1, 2)} if obj.class_id == 7 else {}
        rights[obj.logical_name] = Rights(attributes, dict.fromkeys(obj.methods, ACCESS), selectors)
    return rights


class Meter:
    """Our meter with a *pdu* size in octets, and *extra* objects; one server however many lines lead to it."""

    def __init__(self, pdu: int = 1024, extra: int = 0):
        found = objects(extra)
        rights = _rights(found)
        short = {"context": ApplicationContext.short_names, "conformance": DEFAULT_SHORT_NAME_CONFORMANCE}
        low = {"mechanism": Mechanism.low_level, "secret": PASSWORD.encode()}

        def offered(name, client, at, **more):
            more = {"conformance": DEFAULT_CONFORMANCE} | more
            sizes = {"max_receive_pdu": pdu, "max_send_pdu": pdu}
            return AssociationProfile(name=name, client=client, object_name=Obis(at), rights=rights, **sizes, **more)

        self.logical = LogicalDevice(
            1,
            NAME,
            found,
            [
                offered("public", PUBLIC, "0-0:40.0.1"),
                offered("reader", READER, "0-0:40.0.2", **low),
                offered("short", SHORT, "0-0:40.0.3", version=0, **short),
                offered("short reader", SHORT_READER, "0-0:40.0.4", version=0, **short, **low),
            ],
        )
        self.server = Server(PhysicalDevice([self.logical], b"ANY\x00\x00\x12\x34\x56"))

    def object(self, name: str):
        """The object of this name."""
        return self.logical.objects[Obis(name)]


def served(meter: Meter, link: str = "wrapper", *, size: int = 128, window: int = 1) -> Background:
    """*meter* behind a socket on loopback: ``wrapper``, ``udp`` or ``hdlc`` with frames of *size* and a *window*."""
    datagrams = link == "udp"
    made = {
        "wrapper": lambda: WrapperLink(server=True),
        "udp": lambda: WrapperLink(server=True, datagrams=True),
        "hdlc": lambda: HdlcSecondary(Parameters(size, size, window, window)),
    }[link]
    start = serve.serve_udp if datagrams else serve.serve_tcp
    settings = serve.Settings(clock=lambda: float(NOW))
    return Background(
        lambda: start(lambda local, peer: meter.server.line(datagrams=datagrams), link=made, settings=settings)
    )
