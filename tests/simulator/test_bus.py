from __future__ import annotations

import pytest

from anymeter.cosem.classes.mbus_bus import Slave
from anymeter.cosem.companion import Companion, Identity
from anymeter.cosem.datetimes import DateTime
from anymeter.errors import AccessError
from anymeter.obis import Obis
from anymeter.simulator import meter
from anymeter.simulator.consumption import Site
from anymeter.simulator.zone import CENTRAL_EUROPE

NOW = 1_790_000_000.0
ZERO, HEAT, GAS = b"\x0f\x00", Obis("0-1:24.1.0*255"), Obis("0-2:24.1.0*255")


@pytest.fixture
def device():
    site = Site.of(1, 1, CENTRAL_EUROPE, int(NOW))
    return meter.build(Companion.load("access-point"), Identity(number=42), site).management


@pytest.fixture
def bus(device):
    return device.objects[Obis("0-0:24.6.0*255")].port


def test_every_client_has_its_slave(device, bus):
    for channel, kind in ((1, 4), (2, 3), (3, 7), (4, 6)):
        (slave,) = bus.slaves_at(channel, NOW)
        assert slave == Slave(
            identification=int(f"0000042{channel}", 16), manufacturer=1460, version=1, device_type=kind, access_number=1
        )
    assert bus.slaves_at(5, NOW) == []


def test_what_is_read_is_what_was_counted(device, bus):
    slave, records = bus.read(1, NOW)
    assert slave.access_number == 1
    assert [(r.dib, r.vib) for r in records] == [(b"\x04", b"\x06"), (b"\x04", b"\x14")]
    assert [r.value for r in records] == [device.objects[Obis(f"0-1:24.2.{e}*255")].get(2, NOW) for e in (1, 2)]
    assert bus.read(1, NOW)[0].access_number == 2
    assert bus.read(9, NOW) is None


def test_capture_shows_the_slave(device):
    client = device.objects[HEAT]
    client.invoke(3, ZERO, NOW)
    assert client.get(10, NOW) == 1
    assert client.get(6, NOW) == 0x421


def test_a_slave_is_let_go_and_found_again(device, bus):
    client = device.objects[GAS]
    client.invoke(2, ZERO, NOW)
    assert client.primary_address == 0
    assert len(bus.slaves_at(0, NOW)) == 1
    with pytest.raises(AccessError):
        client.invoke(3, ZERO, NOW)
    client.invoke(1, b"\x11\x07", NOW)
    assert (client.primary_address, client.identification_number) == (7, 0x422)
    assert bus.slaves_at(0, NOW) == []


def test_slaves_at_one_address_collide(device, bus):
    for name in (HEAT, GAS):
        device.objects[name].invoke(2, ZERO, NOW)
    assert len(bus.slaves_at(0, NOW)) == 2
    assert bus.read(0, NOW) is None
    with pytest.raises(AccessError):
        device.objects[HEAT].invoke(1, b"\x11\x00", NOW)


def test_what_is_sent_is_acknowledged_by_who_is_there(bus):
    assert bus.send(1, [], NOW)
    assert bus.set_clock(2, DateTime.of(), NOW)
    assert bus.set_key(3, b"", NOW)
    assert not bus.send(9, [], NOW)
    assert not bus.set_clock(9, DateTime.of(), NOW)
    assert not bus.set_key(9, b"", NOW)
    assert not bus.set_address(9, 1, NOW)


def test_two_access_points_have_different_meters_behind_them():
    site = Site.of(1, 2, CENTRAL_EUROPE, int(NOW))
    other = meter.build(Companion.load("access-point"), Identity(number=43), site).management
    assert other.objects[HEAT].identification_number == 0x431
    assert other.objects[Obis("0-0:24.6.0*255")].port.slaves_at(1, NOW)[0].identification == 0x431
