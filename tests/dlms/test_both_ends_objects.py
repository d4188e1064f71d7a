"""Our client and real objects behind our server: clock, profile and image."""

import datetime as dt

import pytest

import value_meters as values
from anymeter.cosem.access import ACCESS, READ_WRITE, Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.image import ImageTransfer
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.selection import CaptureObject, EntryDescriptor
from anymeter.dlms.client.action import invoke
from anymeter.dlms.client.association import associate
from anymeter.dlms.client.clock import moment_of, read_clock, set_clock, shift_clock
from anymeter.dlms.client.get import get, get_many
from anymeter.dlms.client.images import IMAGE_TRANSFER, activate_image, enable, transfer_image, verify_image
from anymeter.dlms.client.profiles import between, entries_in_use, read_buffer, read_chunks, read_layout
from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.dlms.server import Server
from anymeter.errors import AccessError, LinkTimeout
from anymeter.links.events import Route, Unit
from anymeter.obis import Obis

NOON = values.utc("2026-03-01T12:00")
ROUTE = Route(16, 1)
CET = dt.timezone(dt.timedelta(hours=1))


class Meter:
    """A device behind a server, and a client that is associated with it; time passes while nothing comes."""

    def __init__(self, *more, pdu=1024, **settings):
        basic = values.meter()
        objects = [*basic.objects.values(), *more]
        for obj in objects:
            obj.device = None
        full = Rights(dict.fromkeys(range(1, 10), READ_WRITE), dict.fromkeys(range(1, 10), ACCESS), {2: (1, 2)})
        public = AssociationProfile(
            name="public", client=16, max_receive_pdu=pdu, rights={obj.logical_name: full for obj in objects}
        )
        self.logical = LogicalDevice(1, b"ANY0000000000001", objects, [public])
        self.device, self.now = PhysicalDevice([self.logical]), float(NOON)
        self.line = Server(self.device).line()
        self.session = Session(Settings(max_receive_pdu=pdu, **settings))
        self.run(associate(self.session))

    def run(self, conversation):
        """Run a conversation to its end; where it only waits, five seconds pass and nothing comes."""
        try:
            sent = next(conversation)
            while True:
                if sent:
                    (unit,) = self.line.answer(Unit(ROUTE, sent), self.now)
                    sent = conversation.send(unit.apdu)
                else:
                    self.now += 5
                    self.device.advance(self.now)
                    sent = conversation.throw(LinkTimeout("silence"))
        except StopIteration as end:
            return end.value


def load_profile(rows, entries=3000):
    """A profile of a quarter of an hour with so many rows in it, oldest at the first of January, 2026."""
    profile = ProfileGeneric(
        values.LOAD_PROFILE, capture_objects=values.COLUMNS, capture_period=900, profile_entries=entries
    )
    profile.rows = Rows(rows)
    return profile


class Rows:
    """Computed rows: the clock in CET, a status, a register."""

    start = values.utc("2026-01-01")

    def __init__(self, count):
        self.count = count

    def entries(self, now):
        return self.count

    def between(self, start, end, now):
        first = 1 if start is None else max(1, -int(-(start - self.start) // 900) + 1)
        last = self.count if end is None else min(self.count, int((end - self.start) // 900) + 1)
        return first, last

    def read(self, first, last, now):
        return [self.row(n) for n in range(first, last + 1)]

    def row(self, n):
        moment = dt.datetime.fromtimestamp(self.start + 900 * (n - 1), CET)
        return (values.DateTime.of_datetime(moment, 0).octets, n % 4, 1000 + n)

    def reset(self, now):
        self.count = 0

    def capture(self, now):
        self.count += 1


def energies(buffer):
    return [row[-1] for row in buffer.profile().scaled()]


@pytest.mark.parametrize("pdu", [128, 1024, 16384])
def test_a_profile_whole_by_entry_by_range_and_in_chunks(pdu):
    meter = Meter(load_profile(2976), pdu=pdu)
    layout = meter.run(read_layout(meter.session, values.LOAD_PROFILE, units=True))
    assert layout.columns == tuple(CaptureObject(*column) for column in values.COLUMNS)
    assert layout.capture_period == 900
    assert meter.run(entries_in_use(meter.session, values.LOAD_PROFILE)) == 2976

    whole = meter.run(read_buffer(meter.session, values.LOAD_PROFILE, layout=layout))
    assert energies(whole) == list(range(1001, 3977))
    assert whole.profile().units[-1] == "Wh"

    by_entry = EntryDescriptor(first=5, last=9, first_column=3)
    assert energies(meter.run(read_buffer(meter.session, values.LOAD_PROFILE, by_entry, layout=layout))) == [
        *range(1005, 1010)
    ]
    since = dt.datetime(2026, 1, 2, 1, tzinfo=CET)
    by_range = between(meter.session, layout, since, since + dt.timedelta(hours=1))
    found = meter.run(read_buffer(meter.session, values.LOAD_PROFILE, by_range, layout=layout))
    assert energies(found) == [1097, 1098, 1099, 1100, 1101]

    chunks = meter.run(read_chunks(meter.session, values.LOAD_PROFILE, chunk=500, layout=layout))
    assert chunks.octets == whole.octets


def test_a_clock_is_read_set_and_shifted():
    meter = Meter()
    assert moment_of(meter.session, meter.run(read_clock(meter.session))).timestamp() == pytest.approx(meter.now, abs=1)
    wanted = dt.datetime(2026, 7, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    meter.run(set_clock(meter.session, wanted))
    shown = moment_of(meter.session, meter.run(read_clock(meter.session)))
    assert 0 <= (shown - wanted).total_seconds() < 30
    meter.run(shift_clock(meter.session, -600))
    shifted = moment_of(meter.session, meter.run(read_clock(meter.session)))
    assert -600 <= (shifted - wanted).total_seconds() < -540


IMAGE = bytes(range(256)) * 4096


def test_an_image_of_a_megabyte_is_resumed_verified_and_activated():
    transfer = ImageTransfer(IMAGE_TRANSFER, image_block_size=4000, image_transfer_enabled=False)
    transfer.verification_time, transfer.activation_time = 30, 20
    meter = Meter(transfer)
    with pytest.raises(AccessError, match="disabled"):
        meter.run(transfer_image(meter.session, b"v2", IMAGE))
    meter.run(enable(meter.session))

    def broken(done, count):
        if done == 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        meter.run(transfer_image(meter.session, b"v2", IMAGE, progress=broken))
    assert meter.run(transfer_image(meter.session, b"v2", IMAGE, resume=True)) == 263 - 100
    assert transfer.image == IMAGE
    meter.run(verify_image(meter.session))
    meter.run(activate_image(meter.session))
    assert transfer.image_transfer_status == 6


def test_a_bad_image_is_not_verified():
    transfer = ImageTransfer(IMAGE_TRANSFER, image_transfer_enabled=True)
    transfer.verifier = lambda image: False
    meter = Meter(transfer)
    meter.run(transfer_image(meter.session, b"v2", b"firmware"))
    with pytest.raises(AccessError):
        meter.run(verify_image(meter.session))


def test_registers_are_read_and_reset():
    registers = [values.register(Obis((1, 0, n, 8, 0, 255)), n) for n in range(3, 99)]
    meter = Meter(*registers)
    targets = [AttributeDescriptor(3, register.logical_name, 2) for register in registers]
    found = meter.run(get_many(meter.session, targets))
    assert [octets[-1] for octets in found] == list(range(3, 99))
    meter.run(invoke(meter.session, "1-0:3.8.0", Register.reset, 0))
    assert meter.run(get(meter.session, "1-0:3.8.0", Register.value)) == 0


@pytest.mark.slow
def test_a_profile_of_a_hundred_thousand_rows():
    meter = Meter(load_profile(100_000), pdu=1024)
    layout = meter.run(read_layout(meter.session, values.LOAD_PROFILE))
    whole = meter.run(read_buffer(meter.session, values.LOAD_PROFILE, layout=layout))
    assert energies(whole) == list(range(1001, 101_001))
