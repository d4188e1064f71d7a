"""What several interface classes share: types, words, and the way counters are reset.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.1.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.enums import ActionResult
from anymeter.cosem.members import Method
from anymeter.cosem.model import InterfaceClass, refuse
from anymeter.cosem.schema import INTEGER, OCTET_STRING_DATE_TIME, Schema, octets, structure
from anymeter.cosem.schema import UNSPECIFIED as UNSPECIFIED
from anymeter.errors import AccessError

P = TypeVar("P")
T = TypeVar("T")

LN: Final = octets(6)
"""A reference to another object."""

WINDOW: Final = structure(start_time=OCTET_STRING_DATE_TIME, end_time=OCTET_STRING_DATE_TIME)
"""A time window, with wildcards where it returns."""

BAUD: Final = {
    0: "300 Bd",
    1: "600 Bd",
    2: "1200 Bd",
    3: "2400 Bd",
    4: "4800 Bd",
    5: "9600 Bd",
    6: "19200 Bd",
    7: "38400 Bd",
    8: "57600 Bd",
    9: "115200 Bd",
}
"""The communication speeds, as every class numbers them."""


MOST: Final = 256
"""How many entries a list may have to which methods add."""


def blue_book(section: str) -> str:
    """The citation of a section of the DLMS UA's book of interface classes."""
    return f"DLMS UA 1000-1 Ed. 16, Part 2, {section}"


def clear(obj: InterfaceClass, now: float) -> None:
    """Set what *obj* counts, its dynamic attributes, to where it begins."""
    for number, found in obj.attributes.items():
        if found.dynamic:
            obj.put(number, found.initial(obj.types.get(number)), now)


def clearing(number: int, words: str) -> Method[int, None]:
    """A method, named where it is declared, that clears what its object counts; *words* say so."""

    def cleared(obj: InterfaceClass, data: int, now: float) -> None:
        clear(obj, now)

    cleared.__doc__ = words
    return Method(number, INTEGER, cleared, None)


def shown(obj: InterfaceClass, now: float) -> DateTime:
    """What the clock of the device shows; not specified where it has none."""
    clock = None if obj.device is None else obj.device.clock
    return DateTime(UNSPECIFIED) if clock is None else clock.date_time(now)


def due(obj: InterfaceClass, octets: bytes) -> float | None:
    """The instant at which the clock of the device shows the date-time in *octets*; None for never."""
    clock = None if obj.device is None else obj.device.clock
    return None if clock is None or octets == UNSPECIFIED else clock.instant(DateTime(octets))


def grown(obj: InterfaceClass, entries: list[T], entry: T) -> list[T]:
    """*entries* and one more; refused where there are already so many that the meter would run out of memory."""
    if len(entries) >= MOST:
        raise declined(obj, f"takes no more than {MOST} entries")
    return [*entries, entry]


def declined(obj: InterfaceClass, what: str) -> AccessError:
    """The error of a method that finds nothing here to work on: other-reason."""
    return refuse(ActionResult.other_reason, f"{obj.logical_name} {what}")


def out_of_reach(number: int, schema: Schema[P], words: str, *, returns: Schema[Any] | None = None) -> Method[P, Any]:
    """A method that works on what an object alone does not have, a radio or a network: always refused.

    *words* say what it would do. A device that has the radio overrides it.
    """

    def refused(obj: InterfaceClass, data: P, now: float) -> Any:
        raise declined(obj, obj.methods[number].name)

    refused.__doc__ = words
    return Method(number, schema, refused, returns)
