"""An M-Bus as an M-Bus client object sees it: slaves, records, and what can be asked of a port.

Source: EN 13757-1:2014, 10.2; EN 13757-2 and -3 for what happens on the bus.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec

from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import Schema
from anymeter.obis import Obis

LAST_ADDRESS: Final = 250
_CHANNEL_GROUP: Final = 24
_VALUES: Final = 2


class Slave(msgspec.Struct, frozen=True, kw_only=True):
    """What the header of a slave's telegram says of it; *encrypted*: its contents were decrypted with the key."""

    identification: int = 0
    manufacturer: int = 0
    version: int = 0
    device_type: int = 0
    access_number: int = 0
    status: int = 0
    configuration: int = 0
    encrypted: bool = False


class Record(msgspec.Struct, frozen=True):
    """A data record: its information blocks, its value, and the COSEM type of that where it is known."""

    dib: bytes
    vib: bytes
    value: Any
    schema: Schema[Any] | None = None


class BusPort(Protocol):
    """An M-Bus with its slaves, wired or wireless. What no slave answers is told, never raised."""

    def slaves_at(self, address: int, now: float) -> list[Slave]:
        """The slaves that answer at a primary address: none, one, or several that collide."""

    def set_address(self, address: int, new: int, now: float) -> bool:
        """Give the slave at an address a new one; whether it acknowledged."""

    def read(self, address: int, now: float) -> tuple[Slave, list[Record]] | None:
        """Everything that the slave sends when it is asked for its data; None when it does not answer."""

    def send(self, address: int, records: list[Record], now: float) -> bool:
        """Send records; whether the slave acknowledged."""

    def set_clock(self, address: int, moment: DateTime, now: float) -> bool:
        """Set the clock of the slave; whether it acknowledged."""

    def set_key(self, address: int, wrapped: bytes, now: float) -> bool:
        """Give the slave a key wrapped with its default key; whether it acknowledged."""


def free_address(taken: set[int]) -> int | None:
    """The lowest address that no slave has; None when there is none."""
    return next((address for address in range(1, LAST_ADDRESS + 1) if address not in taken), None)


def value_object(client: Obis, place: int) -> Obis:
    """The name of the object for a value of the slave of an M-Bus client object, counted from 1.

    >>> str(value_object(Obis("0-3:24.1.0*255"), 2))
    '0-3:24.2.2*255'
    """
    return Obis(bytes((0, client[1], _CHANNEL_GROUP, _VALUES, min(place, 0xFF), 0xFF)))
