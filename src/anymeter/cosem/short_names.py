"""Short names: which attribute or method of which object a 16-bit name means. Source: EN 13757-1:2014, 6.4, 8.3.

Attribute n of an object has the name base_name + 8 (n - 1); methods follow from an offset that their class fixes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

import msgspec

from anymeter.cosem.model import InterfaceClass
from anymeter.errors import LocalError
from anymeter.obis import Obis

FIRST: Final = 0x0100
"""Where automatic base names begin."""
LAST: Final = 0xF9F8
RESERVED: Final[dict[int, Obis]] = {
    0xFB00: Obis("0-0:10.0.125*255"),
    0xFC00: Obis("0-0:41.0.0*255"),
    0xFD00: Obis("0-0:42.0.0*255"),
}
"""Base names that mean the same object everywhere: broadcast receiver script table, SAP assignment, device name."""
STEP: Final = 8
_ASSOCIATION_SN: Final = 12


class Member(msgspec.Struct, frozen=True):
    """What a short name stands for: attribute *number* of the object, or a method."""

    obj: InterfaceClass
    number: int
    is_method: bool = False


class ShortNames:
    """The short names of one logical device: fixed ones, reserved ones, and the rest one after another."""

    def __init__(self, fixed: Mapping[Obis, int]) -> None:
        self._fixed = dict(fixed)
        self._bases: dict[Obis, int] | None = None
        self._members: dict[int, Member] = {}

    def forget(self) -> None:
        """Objects came or went: names are given anew when they are next asked for; fixed ones stay."""
        if self._bases is not None:
            self._bases, self._members = None, {}

    def base_of(self, name: Obis, objects: Mapping[Obis, InterfaceClass]) -> int:
        """The base name of an object; KeyError when the device has no such object."""
        return self._assigned(objects)[name]

    def at(self, short_name: int, objects: Mapping[Obis, InterfaceClass]) -> Member | None:
        """What *short_name* stands for; None for nothing."""
        self._assigned(objects)
        return self._members.get(short_name)

    def _assigned(self, objects: Mapping[Obis, InterfaceClass]) -> dict[Obis, int]:
        if self._bases is None:
            self._bases = bases_of(objects.values(), self._fixed)
            self._members = {}
            for name, base in self._bases.items():
                self._members.update(members_of(objects[name], base))
        return self._bases


def bases_of(objects: Iterable[InterfaceClass], fixed: Mapping[Obis, int]) -> dict[Obis, int]:
    """A base name for every object; LocalError when there is no room, or fixed names overlap.

    Associations by short names have none of their own: FA00 is whichever of them asks.
    """
    wanted = {name: base for base, name in RESERVED.items()} | dict(fixed)
    named = [o for o in objects if o.class_id != _ASSOCIATION_SN]
    out = {o.logical_name: wanted[o.logical_name] for o in named if o.logical_name in wanted}
    taken = sorted((base, base + span_of(o)) for o in named if (base := out.get(o.logical_name)) is not None)
    for (_, end), (start, _) in pairwise(taken):
        if start < end:
            raise LocalError(f"the short names of two objects overlap at {start:04X}")
    at = FIRST
    for obj in named:
        if obj.logical_name in out:
            continue
        span = span_of(obj)
        while (clash := next((end for start, end in taken if start < at + span and at < end), None)) is not None:
            at = clash
        if at + span > LAST:
            raise LocalError("no short names are left")
        out[obj.logical_name] = at
        at += span
    return out


def span_of(obj: InterfaceClass) -> int:
    """How many short names an object takes, from its base name on."""
    offsets = [a.short_offset for n, a in obj.attributes.items() if n > 0]
    offsets += [o for m in obj.methods.values() if (o := m.short_offset) is not None]
    return max(offsets) + STEP


def members_of(obj: InterfaceClass, base: int) -> dict[int, Member]:
    """The short names of an object with this base name."""
    out = {base + a.short_offset: Member(obj, n) for n, a in obj.attributes.items() if n > 0}
    for number, found in obj.methods.items():
        if found.short_offset is not None:
            out[base + found.short_offset] = Member(obj, number, True)
    return out
