"""EN 13757-1 meters: any meter, any medium, any link, one COSEM model.

>>> import anymeter
>>> message = anymeter.decode("68 15 15 68 08 01 72 78 56 34 12 2D 2C 01 07 2A 00 00 00 04 13 15 CD 5B 07 75 16")
>>> message.readings[0].value
Decimal('123456.789')
"""

from __future__ import annotations

from anymeter.bridge.reading import Meaning, Message, Meter, Reading, Security
from anymeter.decoding import Decoder, KeyRing, decode
from anymeter.errors import AnymeterError, ApplicationError, DecodeError, LocalError, SecurityError
from anymeter.obis import Obis

__version__ = "0.1.0"

__all__ = [
    "AnymeterError",
    "ApplicationError",
    "DecodeError",
    "Decoder",
    "KeyRing",
    "LocalError",
    "Meaning",
    "Message",
    "Meter",
    "Obis",
    "Reading",
    "Security",
    "SecurityError",
    "decode",
]
