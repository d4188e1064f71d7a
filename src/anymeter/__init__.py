"""EN 13757-1 meters: any meter, any medium, any link, one COSEM model.

>>> import anymeter
>>> message = anymeter.decode("68 15 15 68 08 01 72 78 56 34 12 2D 2C 01 07 2A 00 00 00 04 13 15 CD 5B 07 75 16")
>>> message.readings[0].value
Decimal('123456.789')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from anymeter.bridge.reading import Meaning, Message, Meter, Reading, Security
from anymeter.errors import (
    AccessError,
    AnymeterError,
    ApplicationError,
    AssociationRefused,
    DecodeError,
    LinkError,
    LinkTimeout,
    LocalError,
    SecurityError,
    ServiceRefused,
)
from anymeter.obis import Obis

if TYPE_CHECKING:
    from anymeter.decoding import Decoder, KeyRing, decode
    from anymeter.drivers.connect import connect
    from anymeter.drivers.connect_sync import connect_sync

__version__ = "0.1.0"

__all__ = [
    "AccessError",
    "AnymeterError",
    "ApplicationError",
    "AssociationRefused",
    "DecodeError",
    "Decoder",
    "KeyRing",
    "LinkError",
    "LinkTimeout",
    "LocalError",
    "Meaning",
    "Message",
    "Meter",
    "Obis",
    "Reading",
    "Security",
    "SecurityError",
    "ServiceRefused",
    "connect",
    "connect_sync",
    "decode",
]

_LATER: Final = {
    "Decoder": "anymeter.decoding",
    "KeyRing": "anymeter.decoding",
    "connect": "anymeter.drivers.connect",
    "connect_sync": "anymeter.drivers.connect_sync",
    "decode": "anymeter.decoding",
}
"""Names of rooms that take long to import, or have sockets: imported when first used. See docs/decisions/0004."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'anymeter' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_LATER[name]), name)
    return found
