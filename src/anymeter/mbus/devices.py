"""Device types: which medium a device meters (``tables/device_types.csv``). Source: EN 13757-7:2018, device types."""

from __future__ import annotations

from functools import cache

import msgspec

from anymeter.mbus.tabled import codes, rows


class Device(msgspec.Struct, frozen=True):
    """One device type: *name* is the medium in short, *category* ``meter``, ``sensor``, ``adapter``, ``system``, ..."""

    code: int
    name: str
    category: str
    meaning: str


@cache
def table() -> tuple[Device, ...]:
    """The 256 device types."""
    return tuple(
        Device(code, row["name"], row["category"], row["meaning"])
        for row in rows("device_types")
        for code in codes(row["code"])
    )


def medium(device_type: int) -> str:
    """The medium of a device type.

    >>> medium(4), medium(0x16), medium(8), medium(2)
    ('heat', 'cold water', 'heat cost allocator', 'electricity')
    """
    return table()[device_type].name


def device(device_type: int) -> Device:
    """Everything the table says of a device type."""
    return table()[device_type]
