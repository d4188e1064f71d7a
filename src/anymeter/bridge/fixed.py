"""The two counters of the old fixed data structure as readings."""

from __future__ import annotations

from typing import Final

from anymeter.bridge.mbus_obis import obis_for
from anymeter.bridge.reading import Meaning, Reading
from anymeter.mbus.fixed import Counter, Fixed

_MODE_2: Final = {0x0A: 0x03, 0x0B: 0x04, 0x0C: 0x06, 0x0D: 0x07, 0x0E: 0x08}
"""Media of the fixed structure that say the byte order too, and the device type that has the medium."""
_VIFS: Final = {
    ("energy", "Wh"): 0x03,
    ("energy", "J"): 0x08,
    ("volume", "m3"): 0x13,
    ("power", "W"): 0x2B,
    ("power", "J/h"): 0x30,
    ("volume-flow", "m3/h"): 0x3B,
    ("hca-units", ""): 0x6E,
}
"""The VIF of a data record that would say the same: the table of codes knows records."""


def device_type(medium: int) -> int:
    """The device type of EN 13757-7 with the same medium as these four bits.

    >>> device_type(0x07), device_type(0x0D)
    (7, 7)
    """
    return _MODE_2.get(medium, medium)


def fixed_readings(message: Fixed) -> list[Reading]:
    """One reading a counter, named as the data record that would say the same."""
    return [_reading(counter, device_type(message.medium)) for counter in message.counters]


def _reading(counter: Counter, device: int) -> Reading:
    unit = counter.unit
    vif = _VIFS.get((unit.quantity, unit.unit))
    obis = None if vif is None else obis_for(device, storage=counter.storage, vib=bytes((vif,)), quantity=unit.quantity)
    meaning = Meaning(
        obis=obis,
        name=unit.quantity.replace("-", " "),
        unit=unit.unit,
        quantity=unit.quantity,
        storage=counter.storage,
        exponent=unit.exponent,
    )
    return Reading(meaning, counter.number, counter.raw, status=counter.status)
