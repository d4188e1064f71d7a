"""The meter that the peers speak to: it is as the tests say, before anybody else speaks to it."""

from __future__ import annotations

from anymeter.cosem.selection import EntryDescriptor
from anymeter.dlms.client.get import get_octets
from anymeter.dlms.client.profiles import read_buffer
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.drivers.connect_sync import connect_sync
from anymeter.obis import Obis
from interop import device


def test_the_octets_of_a_time():
    assert device.stamp(device.START).hex() == "07ea0a010400000000000000"
    assert device.stamp(device.NOW).hex() == "07ea0b18020c000000000000"


def test_the_rows_between_two_times():
    rows = device.Rows()
    at = [device.START + n * device.PERIOD for n in range(3)]
    assert rows.between(at[1], at[2], 0) == (2, 3)
    assert rows.between(at[1] - 1, at[2] + 1, 0) == (2, 3)
    assert rows.between(at[1] + 1, at[2] - 1, 0) == (3, 2)
    assert rows.between(None, None, 0) == (1, device.ROWS)
    assert rows.read(2, 3, 0) == [device.row(2), device.row(3)]


def test_it_has_as_many_objects_as_are_wanted():
    assert 20 <= len(device.Meter().logical.objects) < 30
    assert len(device.Meter(extra=980).logical.objects) >= 1000


def test_our_own_client_reads_it():
    meter = device.Meter()
    profile = Obis(device.PROFILE)
    with (
        device.served(meter) as serving,
        connect_sync(f"dlms+tcp://127.0.0.1:{serving.port}", client=device.READER, password=device.PASSWORD) as line,
    ):
        octets = line.run(get_octets, AttributeDescriptor(3, Obis(device.REGISTER), 2))
        assert octets == b"\x06" + device.ENERGY.to_bytes(4, "big")
        rows = line.run(read_buffer, profile, EntryDescriptor(first=1, last=2)).profile().rows
        assert [(stamp.octets, *rest) for stamp, *rest in rows] == [device.row(1), device.row(2)]
    assert not meter.server.faults
