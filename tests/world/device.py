"""The device of the world tests: built from the interface classes, as large as a test wants it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from anymeter.cosem.access import ACCESS, READ_WRITE, Rights
from anymeter.cosem.associations import DEFAULT_SHORT_NAME_CONFORMANCE, AssociationProfile
from anymeter.cosem.classes.association_sn import AssociationSn
from anymeter.cosem.classes.associations import AssociationLnV1
from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.image import ImageTransfer
from anymeter.cosem.classes.management import SapAssignment
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, OCTET_STRING
from anymeter.dlms.server import Server
from anymeter.links.events import Route
from anymeter.obis import Obis

PUBLIC, READER, SHORT = 16, 1, 2
PASSWORD = b"correct horse"
NOW = 1_772_323_200.0
"""2026-03-01T00:00:00Z, the time of the device when a test begins."""
SINCE = 1_577_836_800
"""2020-01-01T00:00:00Z: the time of the first entry of the profile."""
PERIOD = 900

NAME, CLOCK, ENERGY = Obis("0-0:42.0.0"), Obis("0-0:1.0.0"), Obis("1-0:1.8.0")
STORE, PROFILE, IMAGE = Obis("0-0:96.1.0"), Obis("1-0:99.1.0"), Obis("0-0:44.0.0")
HELD = 123_456
"""What the register of energy holds."""


def moment(number: int) -> dt.datetime:
    """When the entry *number* of the profile was captured."""
    return dt.datetime.fromtimestamp(SINCE + (number - 1) * PERIOD, dt.UTC)


def stamp(number: int) -> bytes:
    """The date-time of the entry *number* of the profile, in UTC."""
    return DateTime.of_datetime(moment(number)).octets


class Rows:
    """The entries of a profile, computed: the time, and the number of the entry times seven."""

    def __init__(self, count: int) -> None:
        self.count, self.captured = count, 0

    def entries(self, now: float) -> int:
        return self.count

    def between(self, start: float | None, end: float | None, now: float) -> tuple[int, int]:
        first = 1 if start is None else max(1, int(-((SINCE - start) // PERIOD) if start > SINCE else 0) + 1)
        last = self.count if end is None else min(self.count, int((end - SINCE) // PERIOD) + 1)
        return first, last

    def read(self, first: int, last: int, now: float) -> list[tuple[object, ...]]:
        return [(stamp(number), number * 7) for number in range(first, last + 1)]

    def reset(self, now: float) -> None:
        self.count = 0

    def capture(self, now: float) -> None:
        self.captured += 1


def profile(rows: int) -> ProfileGeneric:
    """A load profile of so many entries."""
    made = ProfileGeneric(
        PROFILE,
        capture_objects=[(8, CLOCK.octets, 2, 0), (3, ENERGY.octets, 2, 0)],
        capture_period=PERIOD,
        profile_entries=max(rows, 1),
    )
    made.rows = Rows(rows)
    return made


def registers(count: int) -> Iterable[Register]:
    """Registers that make an object list long."""
    for number in range(count):
        name = Obis(f"1-{1 + number // 200}:{1 + number % 200}.8.1")
        yield Register(name, value=number, scaler_unit=(0, 30), types={2: DOUBLE_LONG_UNSIGNED})


def device(*, rows: int = 20, more: int = 0, max_pdu: int = 1024, conformance: int | None = None) -> PhysicalDevice:
    """A meter with three associations that may do everything: public, low level security, and short names."""
    objects = [
        Data(NAME, value=b"ANY0000000000042", types={2: OCTET_STRING}),
        Clock(CLOCK),
        Register(ENERGY, value=HELD, scaler_unit=(0, 30), types={2: DOUBLE_LONG_UNSIGNED}),
        Data(STORE, value=b"", types={2: OCTET_STRING}),
        profile(rows),
        ImageTransfer(IMAGE, image_block_size=1000, image_transfer_enabled=True),
        SapAssignment("0-0:41.0.0"),
        AssociationLnV1("0-0:40.0.1"),
        AssociationLnV1("0-0:40.0.2"),
        AssociationSn("0-0:40.0.3"),
        *registers(more),
    ]
    rights = {
        one.logical_name: Rights(
            dict.fromkeys(one.attributes, READ_WRITE), dict.fromkeys(one.methods, ACCESS), {2: (1, 2, 3, 4)}
        )
        for one in objects
    }
    agreed = {} if conformance is None else {"conformance": conformance}
    sizes = {"max_receive_pdu": max_pdu, "max_send_pdu": max_pdu}
    associations = [
        AssociationProfile(name="public", client=PUBLIC, rights=rights, **sizes, **agreed),
        AssociationProfile(
            name="reader",
            client=READER,
            mechanism=Mechanism.low_level,
            secret=PASSWORD,
            object_name=Obis("0-0:40.0.2"),
            rights=rights,
            **sizes,
            **agreed,
        ),
        AssociationProfile(
            name="short names",
            client=SHORT,
            context=ApplicationContext.short_names,
            object_name=Obis("0-0:40.0.3"),
            version=0,
            rights=rights,
            **sizes,
            **({"conformance": DEFAULT_SHORT_NAME_CONFORMANCE} if conformance is None else agreed),
        ),
    ]
    base_names = {name: 0x1000 + 0x100 * i for i, name in enumerate((NAME, CLOCK, ENERGY, STORE, PROFILE, IMAGE))}
    logical = LogicalDevice(1, b"ANY0000000000042", objects, associations, base_names)
    return PhysicalDevice([logical], b"ANY\0\0\0\0\x2a")


class Meter:
    """A device behind a server, and the time it has; what :func:`driver_meters.serving` takes as well."""

    def __init__(self, **more) -> None:
        self.device, self.now = device(**more), NOW
        self.server = Server(self.device)

    def obj(self, name: Obis):
        return self.device.management.objects[name]


ROUTES = {client: Route(client, 1) for client in (PUBLIC, READER, SHORT)}
