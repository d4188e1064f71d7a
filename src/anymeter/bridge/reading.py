"""What every protocol ends in: readings named by OBIS, in exact numbers, with units."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

import msgspec

from anymeter.cosem import units
from anymeter.cosem.datetimes import DateTime
from anymeter.obis import Obis

Value: TypeAlias = "int | Decimal | str | DateTime | None"


class Meaning(msgspec.Struct, frozen=True, gc=False):
    """What a value is: everything that stays the same from one message of a meter to the next.

    *unit* is the text of the enumerated unit of Table B.1, ASCII (``Wh``, ``m3``, ``Cel``); *exponent* is the power
    of ten that takes the number of the wire into it; *function* is ``instantaneous``, ``maximum``, ``minimum`` or
    ``error``; *address* is a data set's address as sent (62056-21 and P1 only).
    """

    obis: Obis | None = None
    name: str = ""
    unit: str = ""
    quantity: str | None = None
    function: str = "instantaneous"
    storage: int = 0
    tariff: int = 0
    subunit: int = 0
    exponent: int = 0
    address: str | None = None


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One value of a meter: *number* as the wire has it, :attr:`value` in the unit of its meaning."""

    meaning: Meaning
    number: Value
    raw: bytes = b""
    time: DateTime | None = None
    status: str | None = None

    @property
    def value(self) -> Value:
        """The value with the decimal exponent applied, exactly."""
        return units.scaled(self.number, self.meaning.exponent)

    @property
    def obis(self) -> Obis | None:
        return self.meaning.obis

    @property
    def name(self) -> str:
        return self.meaning.name

    @property
    def unit(self) -> str:
        return self.meaning.unit


class Meter(msgspec.Struct, frozen=True, gc=False):
    """Who sent a message: *id* and three-letter *manufacturer* as printed on the meter."""

    id: str | None = None
    manufacturer: str | None = None
    version: int | None = None
    medium: str | None = None
    device_type: int | None = None


class Security(msgspec.Struct, frozen=True, gc=False):
    """How a message was protected: *mode* is the M-Bus security mode or the DLMS security control octet.

    *verified* is true only when a key proved the message genuine.
    """

    mode: int
    verified: bool


class Message(msgspec.Struct, frozen=True, gc=False):
    """One decoded message: which layers it went through, who sent it, what it says and what stayed opaque."""

    protocol: str
    layers: tuple[str, ...]
    meter: Meter | None = None
    time: DateTime | None = None
    status: tuple[str, ...] = ()
    security: Security | None = None
    readings: tuple[Reading, ...] = ()
    undecoded: tuple[bytes, ...] = ()
