"""M-Bus: ports, and one object for each slave that a master reads. Classes 25, 72, 73, 74, 76, 77.

Source: EN 13757-1:2014, 10.2 (Tables 5 to 8); DLMS UA 1000-1 Ed. 16, Part 2, 4.8.
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem.classes.mbus_bus import BusPort, Record, Slave, free_address, value_object
from anymeter.cosem.classes.parts import BAUD, WINDOW, blue_book, clear, declined, shown
from anymeter.cosem.model import InterfaceClass, attribute, method, writes
from anymeter.cosem.schema import (
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    array,
    structure,
)
from anymeter.obis import Obis

ADDRESS_STATE: Final = {0: "no address since power up", 1: "address assigned"}
KEY_STATUS: Final = {
    0: "no key",
    1: "key set",
    2: "key transferred",
    3: "key set and transferred",
    4: "key in use",
}
_PROFILE: Final = 7
_MOST_KEY: Final = 64


class MBusSlavePortSetup(InterfaceClass, class_id=25, clause="EN 13757-1:2014, 10.2, Table 5"):
    """M-Bus slave port setup: a port of a device that is a slave on an M-Bus."""

    default_baud = attribute(2, ENUM, default=3, words=BAUD)
    avail_baud = attribute(3, ENUM, default=3, words=BAUD)
    addr_state = attribute(4, ENUM, dynamic=True, words=ADDRESS_STATE)
    bus_address = attribute(5, UNSIGNED)

    @writes(bus_address)
    def _set_bus_address(self, value: int, now: float) -> None:
        if value > 250:
            raise declined(self, f"bus_address {value}")
        self.put(5, value, now)
        self.put(4, 1, now)


class MBusMasterPortSetup(InterfaceClass, class_id=74, clause="EN 13757-1:2014, 10.2, Table 8"):
    """M-Bus master port setup: a port of a device that is the master of an M-Bus."""

    comm_speed = attribute(2, ENUM, default=3, words=BAUD)

    def set_up(self) -> None:
        """*port* is the bus behind it."""
        self.port: BusPort | None = None


class MBusClient(InterfaceClass, class_id=72, methods_at=0x60, clause="EN 13757-1:2014, 10.2, Table 6"):
    """M-Bus client: a master's picture of one slave. ``identification_number`` has its eight BCD digits as hex digits.

    What is captured goes into the value objects 0-b:24.2.e of the same channel, the first record of the
    capture_definition into e = 1, and into the profiles 0-b:24.3.e. Methods fail with other-reason where the slave, or
    the port, does not do what is wanted.
    """

    mbus_port_reference = attribute(2, OCTET_STRING, default=bytes(6))
    capture_definition = attribute(
        3, array(structure(data_information_block=OCTET_STRING, value_information_block=OCTET_STRING))
    )
    capture_period = attribute(4, DOUBLE_LONG_UNSIGNED)
    primary_address = attribute(5, UNSIGNED, dynamic=True)
    identification_number = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    manufacturer_id = attribute(7, LONG_UNSIGNED, dynamic=True)
    version_number = attribute(8, UNSIGNED, dynamic=True)
    device_type = attribute(9, UNSIGNED, dynamic=True)
    access_number = attribute(10, UNSIGNED, dynamic=True)
    status = attribute(11, UNSIGNED, dynamic=True)
    alarm = attribute(12, UNSIGNED, dynamic=True)

    def set_up(self) -> None:
        """*port*: the bus, where it is not that of the object named by mbus_port_reference. *key*: the slave's key."""
        self.port: BusPort | None = None
        self.key = b""
        self._captured: float | None = None

    # --- binding a slave ---

    @method(1, UNSIGNED)
    def slave_install(self, data: int, now: float) -> None:
        """Bind the slave that answers at address 0, and give it this address, a free one for 0."""
        if self.primary_address or data > 250:
            raise declined(self, f"slave_install {data} with primary_address {self.primary_address}")
        bus, taken = self._bus(), self._taken()
        address = data or free_address(taken)
        if address is None or address in taken:
            raise declined(self, f"address {address} is taken")
        found = bus.slaves_at(0, now)
        if len(found) != 1:
            raise declined(self, f"{len(found)} slaves answer at address 0")
        if not bus.set_address(0, address, now) or len(again := bus.slaves_at(address, now)) != 1:
            raise declined(self, f"no slave answers at address {address}")
        self._bind(address, again[0], now)

    @method(2, INTEGER)
    def slave_deinstall(self, data: int, now: float) -> None:
        """Give the slave the address 0 and forget it and its key."""
        address = self._bound()
        if not self._bus().set_address(address, 0, now):
            raise declined(self, f"no slave answers at address {address}")
        self._bind(0, Slave(), now)
        self.put(12, 0, now)
        self._forget_key(now)

    def _bind(self, address: int, slave: Slave, now: float) -> None:
        self.put(5, address, now)
        self._show(slave, now)

    def _show(self, slave: Slave, now: float) -> None:
        shown_ = (
            slave.identification,
            slave.manufacturer,
            slave.version,
            slave.device_type,
            slave.access_number,
            slave.status,
        )
        for number, value in enumerate(shown_, 6):
            self.put(number, value, now)

    # --- reading it ---

    @method(3, INTEGER)
    def capture(self, data: int, now: float) -> None:
        """Read the slave and put what the capture_definition names into its objects."""
        self._captured = now
        read = self._bus().read(self._bound(), now)
        if read is None:
            raise declined(self, f"no slave answers at address {self.primary_address}")
        slave, records = read
        self._show(slave, now)
        self._store(records, now)

    def _store(self, records: list[Record], now: float) -> None:
        if self.device is None:
            return
        known = {(record.dib, record.vib): record for record in records}
        for place, block in enumerate(self.capture_definition, 1):
            target = self.device.named(value_object(self.logical_name, place))
            record = known.get((block[0], block[1]))
            if target is None or record is None:
                continue
            if record.schema is not None:
                target.types = {**target.types, 2: record.schema}
            target.put(2, record.value, now)
            if 5 in target.attributes:
                target.put(5, shown(self, now).octets, now)
        for obj in self.device.everything():
            if obj.class_id == _PROFILE and obj.logical_name[:4] == bytes((0, self.logical_name[1], 24, 3)):
                obj.invoke(2, None, now)

    def next_due(self) -> float | None:
        """When to capture."""
        if not self.capture_period or self._captured is None or not self.primary_address:
            return None
        return self._captured + self.capture_period

    def started(self, now: float) -> None:
        """Begin to count the capture period."""
        self._captured = now

    def run(self, now: float) -> None:
        """Capture; a slave that does not answer is asked again after the period."""
        self._captured = now
        bus = self._port()
        read = None if bus is None else bus.read(self.primary_address, now)
        if read is not None:
            self._show(read[0], now)
            self._store(read[1], now)

    # --- the rest ---

    @method(4, INTEGER)
    def reset_alarm(self, data: int, now: float) -> None:
        """Forget the alarm."""
        self.put(12, 0, now)

    @method(5, INTEGER)
    def synchronize_clock(self, data: int, now: float) -> None:
        """Give the slave the time of our clock."""
        if not self._bus().set_clock(self._bound(), shown(self, now), now):
            raise declined(self, "the slave does not take the time")

    @method(
        6,
        array(
            structure(data_information_block=OCTET_STRING, value_information_block=OCTET_STRING, data=CHOICE),
        ),
    )
    def data_send(self, data: list[tuple[bytes, bytes, Any]], now: float) -> None:
        """Send records to the slave."""
        records = [Record(dib, vib, value) for dib, vib, value in data]
        if not self._bus().send(self._bound(), records, now):
            raise declined(self, "the slave does not take the data")

    @method(7, OCTET_STRING)
    def set_encryption_key(self, data: bytes, now: float) -> None:
        """Keep the key of the slave here; without octets, delete it."""
        if len(data) > _MOST_KEY:
            raise declined(self, f"key of {len(data)} octets")
        self.key = data
        self._key_is(now, set_=bool(data))

    @method(8, OCTET_STRING)
    def transfer_key(self, data: bytes, now: float) -> None:
        """Send the slave a key that is wrapped with its default key."""
        if not self._bus().set_key(self._bound(), data, now):
            raise declined(self, "the slave does not take the key")
        self._key_is(now, transferred=True)

    def _key_is(self, now: float, *, set_: bool | None = None, transferred: bool = False) -> None:
        """Version 0 does not show what becomes of the key."""

    def _forget_key(self, now: float) -> None:
        self.key = b""

    # --- what is around ---

    def _port(self) -> BusPort | None:
        if self.port is not None or self.device is None or len(self.mbus_port_reference) != 6:
            return self.port
        port: BusPort | None = getattr(self.device.named(Obis(self.mbus_port_reference)), "port", None)
        return port

    def _bus(self) -> BusPort:
        port = self._port()
        if port is None:
            raise declined(self, "has no port")
        return port

    def _bound(self) -> int:
        if not self.primary_address:
            raise declined(self, "has no slave")
        return self.primary_address

    def _taken(self) -> set[int]:
        """The addresses of the slaves on the same port."""
        others = [] if self.device is None else self.device.everything()
        return {
            other.primary_address
            for other in others
            if isinstance(other, MBusClient) and other.mbus_port_reference == self.mbus_port_reference
        } - {0}


class MBusClientV1(MBusClient, class_id=72, version=1, methods_at=0x70, clause=blue_book("4.8.3")):
    """M-Bus client: also shows the configuration field of the slave's telegrams and what becomes of its key."""

    configuration = attribute(13, LONG_UNSIGNED, dynamic=True)
    encryption_key_status = attribute(14, ENUM, dynamic=True, words=KEY_STATUS)

    def _show(self, slave: Slave, now: float) -> None:
        super()._show(slave, now)
        self.put(13, slave.configuration, now)
        if slave.encrypted and self.encryption_key_status == 3:
            self.put(14, 4, now)

    def _key_is(self, now: float, *, set_: bool | None = None, transferred: bool = False) -> None:
        was = self.encryption_key_status
        here = was in (1, 3, 4) if set_ is None else set_
        there = transferred or was in (2, 3, 4)
        self.put(14, here + 2 * there, now)

    def _forget_key(self, now: float) -> None:
        super()._forget_key(now)
        self.put(14, 0, now)


class MBusClientV2(InterfaceClass, class_id=72, version=2, catalogued=True, clause=blue_book("4.8.3")):
    """M-Bus client: the newest version, of which only the name is known."""


class WirelessModeQChannel(InterfaceClass, class_id=73, clause="EN 13757-1:2014, 10.2, Table 7"):
    """Wireless Mode Q channel: the address of a radio, and the group it answers to."""

    addr_state = attribute(2, ENUM, words=ADDRESS_STATE)
    device_address = attribute(3, OCTET_STRING)
    address_mask = attribute(4, OCTET_STRING)


class WirelessModeQChannelV1(WirelessModeQChannel, class_id=73, version=1, clause=blue_book("4.8.4")):
    """Wireless Mode Q channel: the same after EN 13757-5:2015."""


class DlmsServerMBusPortSetup(InterfaceClass, class_id=76, clause=blue_book("4.8.6")):
    """DLMS server M-Bus port setup: a port by which a DLMS server is reached over M-Bus."""

    profile_selection = attribute(2, OCTET_STRING)
    port_communication_status = attribute(
        3,
        ENUM,
        dynamic=True,
        words={
            0: "no access",
            1: "temporary no access",
            2: "limited access",
            3: "unlimited access",
            4: "wireless M-Bus",
        },
    )
    data_header_type = attribute(4, ENUM, words={0: "none", 1: "short", 2: "long"})
    primary_address = attribute(5, UNSIGNED)
    identification_number = attribute(6, DOUBLE_LONG_UNSIGNED)
    manufacturer_id = attribute(7, LONG_UNSIGNED)
    version_number = attribute(8, UNSIGNED)
    device_type = attribute(9, UNSIGNED)
    max_pdu_size = attribute(10, LONG_UNSIGNED, default=255)
    listening_window = attribute(11, array(WINDOW))


class MBusDiagnostic(InterfaceClass, class_id=77, clause=blue_book("4.8.7")):
    """M-Bus diagnostic: signal, link and counters of a port."""

    received_signal_strength = attribute(2, UNSIGNED, dynamic=True)
    channel_id = attribute(3, UNSIGNED, dynamic=True)
    link_status = attribute(
        4,
        ENUM,
        dynamic=True,
        words={0: "never", 1: "normal", 2: "temporarily interrupted", 3: "permanently interrupted"},
    )
    broadcast_frames_counter = attribute(
        5,
        array(structure(client_id=UNSIGNED, counter=DOUBLE_LONG_UNSIGNED, time_stamp=OCTET_STRING_DATE_TIME)),
        dynamic=True,
    )
    transmissions_counter = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    FCS_OK_frames_counter = attribute(7, DOUBLE_LONG_UNSIGNED, dynamic=True)
    FCS_NOK_frames_counter = attribute(8, DOUBLE_LONG_UNSIGNED, dynamic=True)
    capture_time = attribute(
        9,
        structure(attribute_id=UNSIGNED, time_stamp=OCTET_STRING_DATE_TIME),
        dynamic=True,
    )

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Set counters, signal and link to where they begin."""
        clear(self, now)
        self.put(9, (0, shown(self, now).octets), now)

    def count(self, number: int, now: float) -> None:
        """One more of what the counter with this attribute number counts."""
        self.put(number, (self.stored(number) + 1) & 0xFFFFFFFF, now)
        self.put(9, (number, shown(self, now).octets), now)
