"""M-Bus client: installing, capturing, sending and keys, against a bus made for the test; the ports' attributes."""

import msgspec
import pytest

from anymeter.cosem.classes.mbus_bus import Record, Slave
from anymeter.cosem.classes.mbus_ports import (
    DlmsServerMBusPortSetup,
    MBusClient,
    MBusClientV1,
    MBusDiagnostic,
    MBusMasterPortSetup,
    MBusSlavePortSetup,
    WirelessModeQChannel,
    WirelessModeQChannelV1,
)
from anymeter.cosem.classes.registers import ExtendedRegister
from anymeter.cosem.data import parse
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import CHOICE, DOUBLE_LONG_UNSIGNED, INTEGER, UNSIGNED
from anymeter.obis import Obis
from cosem.classes.surroundings import device, refused

ZERO = b"\x0f\x00"
PORT = "0-0:24.6.0*255"
HEAT = Slave(identification=0x12345678, manufacturer=0x2C2D, version=27, device_type=4, access_number=9, status=4)
WATER = Slave(identification=0x00000042, manufacturer=0x2C2D, version=1, device_type=7)
ENERGY = Record(b"\x04", b"\x06", 1234, DOUBLE_LONG_UNSIGNED)
VOLUME = Record(b"\x04", b"\x13", 567, DOUBLE_LONG_UNSIGNED)


class Bus:
    """Slaves by their addresses."""

    def __init__(self, *slaves):
        self.at = {0: list(slaves)}
        self.records = [ENERGY, VOLUME]
        self.deaf = False
        self.log = []

    def slaves_at(self, address, now):
        return [] if self.deaf else self.at.get(address, [])

    def set_address(self, address, new, now):
        if self.deaf or not self.at.get(address):
            return False
        self.at.setdefault(new, []).extend(self.at.pop(address))
        return True

    def read(self, address, now):
        found = self.slaves_at(address, now)
        return (found[0], self.records) if len(found) == 1 else None

    def send(self, address, records, now):
        self.log.append((address, records))
        return not self.deaf

    def set_clock(self, address, moment, now):
        self.log.append((address, moment))
        return not self.deaf

    def set_key(self, address, wrapped, now):
        self.log.append((address, wrapped))
        return not self.deaf


class Captured(InterfaceClass, class_id=8505):
    """Stands for a profile: counts its captures."""

    buffer = attribute(2, CHOICE)

    def set_up(self):
        self.captures = 0

    @method(1, INTEGER)
    def reset(self, data, now):
        """Reset."""

    @method(2, INTEGER)
    def capture(self, data, now):
        """Capture."""
        self.captures += 1


def client(bus, kind=MBusClientV1, *others, **more):
    port = MBusMasterPortSetup(PORT)
    port.port = bus
    one = kind("0-1:24.1.0*255", mbus_port_reference=bytes(port.logical_name), **more)
    found = device(one, port, *others)
    found.advance(0)
    return found, one


def installed(bus=None, kind=MBusClientV1, *others, **more):
    bus = bus or Bus(HEAT)
    found, one = client(bus, kind, *others, **more)
    one.invoke(1, b"\x11\x05", 0)
    return found, one, bus


# --- installing ---


@pytest.mark.parametrize("kind", [MBusClient, MBusClientV1])
def test_a_slave_is_installed_at_an_address(kind):
    _, one, bus = installed(kind=kind)
    assert bus.at == {5: [HEAT]}
    assert [one.get(n, 0) for n in range(5, 13)] == [5, 0x12345678, 0x2C2D, 27, 4, 9, 4, 0]
    assert one.encoded(6, 0).hex() == "0612345678"


def test_a_free_address_is_chosen():
    other = MBusClient("0-2:24.1.0*255", mbus_port_reference=bytes(Obis(PORT)), primary_address=1)
    elsewhere = MBusClient("0-3:24.1.0*255", primary_address=2)
    _, one = client(Bus(HEAT), MBusClientV1, other, elsewhere)
    assert refused(lambda: one.invoke(1, b"\x11\x01", 0)) == 250
    one.invoke(1, b"\x11\x00", 0)
    assert one.primary_address == 2


@pytest.mark.parametrize("slaves", [[], [HEAT, WATER]])
def test_no_slave_and_too_many(slaves):
    _, one = client(Bus(*slaves))
    assert refused(lambda: one.invoke(1, b"\x11\x05", 0)) == 250
    assert one.primary_address == 0


def test_a_slave_that_does_not_take_its_address():
    bus = Bus(HEAT)
    bus.set_address = lambda address, new, now: False
    _, one = client(bus)
    assert refused(lambda: one.invoke(1, b"\x11\x05", 0)) == 250


def test_installing_twice_and_beyond_250():
    _, one, _ = installed()
    assert refused(lambda: one.invoke(1, b"\x11\x06", 0)) == 250
    assert refused(lambda: client(Bus(HEAT))[1].invoke(1, b"\x11\xfb", 0)) == 250


def test_every_address_is_taken():
    others = [
        MBusClient(f"0-{n // 100 + 2}:24.1.{n % 100}*255", mbus_port_reference=bytes(Obis(PORT)), primary_address=n)
        for n in range(1, 251)
    ]
    _, one = client(Bus(HEAT), MBusClientV1, *others)
    assert refused(lambda: one.invoke(1, b"\x11\x00", 0)) == 250


def test_deinstalling_forgets_the_slave_and_its_key():
    _, one, bus = installed()
    one.invoke(7, b"\x09\x10" + bytes(range(16)), 0)
    one.invoke(2, ZERO, 0)
    assert bus.at == {0: [HEAT]}
    assert [one.get(n, 0) for n in range(5, 15)] == [0] * 10
    assert one.key == b""
    assert refused(lambda: one.invoke(2, ZERO, 0)) == 250


def test_a_slave_that_is_gone_cannot_be_deinstalled():
    _, one, bus = installed()
    bus.deaf = True
    assert refused(lambda: one.invoke(2, ZERO, 0)) == 250
    assert one.primary_address == 5


# --- capturing ---


def captured(monkeypatch, **more):
    monkeypatch.setattr(Captured, "class_id", 7)
    values = [ExtendedRegister(f"0-1:24.2.{n}*255") for n in (1, 2, 3)]
    profile, other = Captured("0-1:24.3.0*255"), Captured("0-2:24.3.0*255")
    definition = [(VOLUME.dib, VOLUME.vib), (b"\x02", b"\x5a"), (ENERGY.dib, ENERGY.vib), (b"\x01", b"\x01")]
    found, one, bus = installed(None, MBusClientV1, *values, profile, other, capture_definition=definition, **more)
    return found, one, bus, values, (profile, other)


def test_what_is_captured_goes_into_its_objects(monkeypatch):
    _, one, bus, values, profiles = captured(monkeypatch)
    bus.at[5] = [msgspec.structs.replace(HEAT, access_number=10)]
    one.invoke(3, ZERO, 1000)
    assert [value.stored(2) for value in values] == [567, None, 1234]
    assert values[0].encoded(2, 0).hex() == "0600000237"
    assert DateTime(values[2].stored(5)).iso() == "1970-01-01T00:16:40+00:00"
    assert one.access_number == 10
    assert [profile.captures for profile in profiles] == [1, 0]


def test_captures_come_by_their_period(monkeypatch):
    found, one, bus, _, profiles = captured(monkeypatch, capture_period=900)
    found.advance(899)
    assert profiles[0].captures == 0
    found.advance(2700)
    assert (profiles[0].captures, found.next_due()) == (3, 3600)
    bus.deaf = True
    found.advance(3600)
    bus.deaf = False
    found.advance(4500)
    assert profiles[0].captures == 4
    one.invoke(3, ZERO, 5000)
    assert found.next_due() == 5900


def test_a_slave_that_does_not_answer(monkeypatch):
    _, one, bus, values, _ = captured(monkeypatch)
    bus.deaf = True
    assert refused(lambda: one.invoke(3, ZERO, 1000)) == 250
    assert values[0].stored(2) is None


# --- the rest ---


def test_the_clock_is_sent():
    _, one, bus = installed()
    one.invoke(5, ZERO, 86_400)
    assert [(address, moment.iso()) for address, moment in bus.log] == [(5, "1970-01-02T00:00:00+00:00")]


def test_records_are_sent():
    _, one, bus = installed()
    one.invoke(6, bytes.fromhex("0101 0203 090101 09017A 1107".replace(" ", "")), 0)
    assert bus.log == [(5, [Record(b"\x01", b"\x7a", 7)])]


@pytest.mark.parametrize(("number", "octets"), [(5, "0F00"), (6, "0100"), (8, "090100")])
def test_a_slave_that_does_not_take_it(number, octets):
    _, one, bus = installed()
    bus.deaf = True
    assert refused(lambda: one.invoke(number, bytes.fromhex(octets), 0)) == 250
    assert one.encryption_key_status == 0


def test_an_alarm_is_reset():
    _, one, _ = installed()
    one.put(12, 7, 0)
    one.invoke(4, ZERO, 0)
    assert one.alarm == 0


def test_what_becomes_of_a_key():
    _, one, bus = installed()
    status = [one.encryption_key_status]
    for number, octets in ((7, b"\x09\x01k"), (8, b"\x09\x01w")):
        one.invoke(number, octets, 0)
        status.append(one.encryption_key_status)
    one.invoke(3, ZERO, 0)
    status.append(one.encryption_key_status)
    bus.at[5] = [msgspec.structs.replace(HEAT, encrypted=True, configuration=0x0520)]
    one.invoke(3, ZERO, 0)
    status.append(one.encryption_key_status)
    one.invoke(7, b"\x09\x00", 0)
    status.append(one.encryption_key_status)
    assert status == [0, 1, 3, 3, 4, 2]
    assert (one.configuration, one.key) == (0x0520, b"")


def test_keys_of_version_0_and_keys_too_long():
    _, one, _ = installed(kind=MBusClient)
    one.invoke(7, b"\x09\x01k", 0)
    one.invoke(8, b"\x09\x01w", 0)
    assert one.key == b"k"
    assert refused(lambda: one.set_encryption_key(bytes(65), 0)) == 250
    one.slave_deinstall(0, 0)
    assert one.key == b""


def test_no_port_and_no_slave():
    lonely = MBusClientV1("0-1:24.1.0*255")
    assert refused(lambda: lonely.invoke(1, b"\x11\x05", 0)) == 250
    device(lonely)
    assert refused(lambda: lonely.invoke(1, b"\x11\x05", 0)) == 250
    lonely.port = Bus(HEAT)
    assert refused(lambda: lonely.invoke(3, ZERO, 0)) == 250
    lonely.invoke(1, b"\x11\x05", 0)
    assert lonely.primary_address == 5


def test_a_clone_has_neither_key_nor_port():
    _, one, _ = installed()
    one.key = b"secret"
    other = one.clone()
    assert (other.key, other.port, other.primary_address) == (b"", None, 5)


# --- ports ---


def test_a_slave_port_has_an_address_once_it_is_given():
    one = MBusSlavePortSetup("0-0:24.0.0*255")
    assert (one.encoded(2, 0), one.encoded(4, 0), one.encoded(5, 0)) == (b"\x16\x03", b"\x16\x00", b"\x11\x00")
    one.write(5, b"\x11\xfa", 0)
    assert (one.bus_address, one.addr_state) == (250, 1)
    assert refused(lambda: one.write(5, b"\x11\xfb", 0)) == 250


def test_counters_of_a_port():
    one = MBusDiagnostic("0-0:24.9.0*255", channel_id=3, transmissions_counter=0xFFFFFFFF)
    found = device(one)
    one.count(7, 60)
    one.count(6, 60)
    assert (one.FCS_OK_frames_counter, one.transmissions_counter) == (1, 0)
    assert (parse(one.encoded(9, 0))[0], found.clock is not None) == (6, True)
    one.invoke(1, ZERO, 120)
    assert [one.get(n, 0) for n in range(2, 9)] == [0, 0, 0, [], 0, 0, 0]
    assert DateTime(one.capture_time[1]).iso() == "1970-01-01T00:02:00+00:00"


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (MBusSlavePortSetup, 5),
        (MBusMasterPortSetup, 2),
        (MBusClient, 12),
        (MBusClientV1, 14),
        (WirelessModeQChannel, 4),
        (WirelessModeQChannelV1, 4),
        (DlmsServerMBusPortSetup, 11),
        (MBusDiagnostic, 9),
    ],
)
def test_every_attribute_can_be_read_as_it_comes(kind, numbers):
    one = kind("0-0:24.0.0*255")
    assert list(kind.attributes) == list(range(1, numbers + 1))
    assert all(one.encoded(number, 0) for number in kind.attributes)


def test_offsets_of_methods():
    assert (MBusClient.methods[1].short_offset, MBusClientV1.methods[8].short_offset) == (0x60, 0xA8)
    assert UNSIGNED.encode(1) == b"\x11\x01"
