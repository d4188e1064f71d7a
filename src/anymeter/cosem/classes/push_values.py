"""The values that a push carries: attributes, elements of them, and parts of profiles.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.4.8.
"""

from __future__ import annotations

from typing import Any, Final, Self

import msgspec

from anymeter.cosem.cells import row_of
from anymeter.cosem.classes import capturing
from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.selection import CaptureObject, capture_objects
from anymeter.errors import AccessError, LocalError
from anymeter.obis import Obis

_ALL: Final = 0


class Pushed(msgspec.Struct, frozen=True):
    """One entry of a push_object_list, as all versions have it."""

    class_id: int
    name: bytes
    number: int
    data_index: int = 0
    restriction: tuple[int, Any] = (_ALL, None)
    columns: tuple[Any, ...] = ()

    @classmethod
    def of(cls, entry: tuple[Any, ...]) -> Self:
        """From the structure of an attribute."""
        class_id, name, number, data_index, *rest = entry
        restriction = rest[0] if rest else (_ALL, None)
        columns = tuple(rest[1]) if len(rest) > 1 else ()
        return cls(class_id, name, number, data_index, restriction, columns)


def body_of(owner: InterfaceClass, entries: list[Pushed], now: float) -> bytes:
    """The structure of the values, in the order of the list."""
    return row_of([value_of(owner, entry, now) for entry in entries])


def value_of(owner: InterfaceClass, entry: Pushed, now: float) -> bytes:
    """The octets of one value; null-data where it is not there, secret or refused (see :mod:`.capturing`)."""
    column = CaptureObject(entry.class_id, Obis(entry.name), entry.number, entry.data_index)
    target = capturing.found(owner.device, column)
    try:
        return capturing.restricted(target, column, entry.restriction, now, capture_objects(entry.columns))
    except (AccessError, LocalError):
        return capturing.NULL
