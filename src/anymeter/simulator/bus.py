"""The M-Bus behind a simulated access point: slaves whose counters are those of the model of consumption."""

from __future__ import annotations

import msgspec

from anymeter.cosem.classes.mbus_bus import Record, Slave, value_object
from anymeter.cosem.classes.mbus_ports import MBusClient, MBusMasterPortSetup
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.device import LogicalDevice
from anymeter.obis import Obis


class Meter(msgspec.Struct):
    """One slave: the client object that it was bound to when it was made tells what it is and what it counts."""

    client: MBusClient
    identity: Slave
    answers: int = 0


class SimulatedBus:
    """A bus with a slave for each M-Bus client object that names its port; see :class:`.mbus_bus.BusPort`."""

    def __init__(self, clients: list[MBusClient]) -> None:
        self.meters: list[tuple[int, Meter]] = [
            (client.primary_address, Meter(client, _identity(client))) for client in clients
        ]

    def slaves_at(self, address: int, now: float) -> list[Slave]:
        """The slaves that answer at a primary address."""
        return [self._answer(meter) for at, meter in self.meters if at == address]

    def set_address(self, address: int, new: int, now: float) -> bool:
        """Give the slaves at an address a new one; whether there were any."""
        known = any(at == address for at, _ in self.meters)
        self.meters = [(new if at == address else at, meter) for at, meter in self.meters]
        return known

    def read(self, address: int, now: float) -> tuple[Slave, list[Record]] | None:
        """What the slave counts; None when none, or more than one, answers."""
        found = [meter for at, meter in self.meters if at == address]
        if len(found) != 1:
            return None
        return self._answer(found[0]), _records(found[0].client, now)

    def send(self, address: int, records: list[Record], now: float) -> bool:
        """Take records and do nothing with them."""
        return any(at == address for at, _ in self.meters)

    def set_clock(self, address: int, moment: DateTime, now: float) -> bool:
        """Take a time and do nothing with it."""
        return any(at == address for at, _ in self.meters)

    def set_key(self, address: int, wrapped: bytes, now: float) -> bool:
        """Take a key and do nothing with it."""
        return any(at == address for at, _ in self.meters)

    @staticmethod
    def _answer(meter: Meter) -> Slave:
        meter.answers = meter.answers % 255 + 1
        return msgspec.structs.replace(meter.identity, access_number=meter.answers)


def connect(logical: LogicalDevice, number: int) -> None:
    """Put a bus behind each M-Bus master port of a device; the slaves are numbered by the *number* of the device."""
    clients = [obj for obj in logical.objects.values() if isinstance(obj, MBusClient)]
    for client in clients:
        digits = f"{number * 10 + client.logical_name.b:08d}"[-8:]
        client.store(6, int(digits, 16))
    for obj in logical.objects.values():
        if isinstance(obj, MBusMasterPortSetup):
            obj.port = SimulatedBus([c for c in clients if Obis(bytes(c.mbus_port_reference)) == obj.logical_name])


def _identity(client: MBusClient) -> Slave:
    return Slave(
        identification=client.identification_number,
        manufacturer=client.manufacturer_id,
        version=client.version_number,
        device_type=client.device_type,
    )


def _records(client: MBusClient, now: float) -> list[Record]:
    """The records that the client's capture_definition names, with the values of its value objects."""
    records = []
    for place, (dib, vib) in enumerate(client.capture_definition, 1):
        held = None if client.device is None else client.device.named(value_object(client.logical_name, place))
        if held is not None:
            records.append(Record(dib, vib, held.get(2, now), held.schema_of(2)))
    return records
