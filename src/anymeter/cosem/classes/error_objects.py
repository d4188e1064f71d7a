"""Error and alarm objects: registers of bits, what they mean, and how alarms come of errors.

They are Data (or Register) objects with a bit-string or an unsigned value: error register 97.97.e, alarm register
97.98.e, alarm filter 97.98.(10 + e), alarm descriptor 97.98.(20 + e). In a bit-string bit 0 is the first bit.
Source: EN 13757-1:2014, 10.3; which bit means what is left to the maker.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import msgspec

from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.schema import BIT_STRING
from anymeter.cosem.surroundings import Surroundings
from anymeter.cosem.values import BitString
from anymeter.errors import LocalError
from anymeter.obis import Obis
from anymeter.wire.tables import rows

VALUE: Final = 2
_ERRORS, _ALARMS = 97, 98
_FILTER, _DESCRIPTOR = 10, 20
_SIZE: Final = 32
SEVERITIES: Final = ("alert", "warning", "indication")


class ErrorBit(msgspec.Struct, frozen=True):
    """What one bit of an error register means: how severe, the maker's code and text."""

    bit: int
    severity: str
    code: str = ""
    text: str = ""


@lru_cache(maxsize=1)
def default_bits() -> dict[int, ErrorBit]:
    """Bits 0 to 7 alert, 8 to 15 warning, 16 to 31 indication: what holds unless the maker says otherwise."""
    found = {}
    for row in rows(__file__, "error_bits.csv"):
        for bit in range(int(row["first_bit"]), int(row["last_bit"]) + 1):
            found[bit] = ErrorBit(bit, row["severity"], row["code"], row["text"])
    return found


def bits_of(value: Any) -> int:
    """The bits of a register, bit 0 the lowest; :class:`LocalError` when the value has none.

    >>> bits_of(5), bits_of(BitString.of("1010")), bits_of(None)
    (5, 5, 0)
    """
    if value is None:
        return 0
    if isinstance(value, BitString):
        return sum(1 << n for n in range(len(value)) if value[n])
    if isinstance(value, int) and value >= 0:
        return int(value)
    raise LocalError(f"{value!r} is no register of bits")


def meanings(value: Any, table: dict[int, ErrorBit] | None = None) -> list[ErrorBit]:
    """What the bits that are set in an error register mean, the lowest first; unknown ones are indications.

    >>> [error.severity for error in meanings(0b1_0000_0001)]
    ['alert', 'warning']
    """
    known, bits = default_bits() if table is None else table, bits_of(value)
    return [known.get(n, ErrorBit(n, "indication")) for n in range(bits.bit_length()) if bits >> n & 1]


def raise_errors(register: InterfaceClass, errors: Iterable[int], now: float) -> None:
    """Set bits of an error register; what is an alarm by the alarm filter sets its bit there and in the descriptor."""
    _change(register, bits_of(register.stored(VALUE)) | _mask(errors), now)


def clear_errors(register: InterfaceClass, errors: Iterable[int], now: float, *, latched: int = 0) -> None:
    """The causes of errors have vanished: clear their bits, but those of the mask *latched*, which wait for a reset."""
    _change(register, bits_of(register.stored(VALUE)) & ~(_mask(errors) & ~latched), now)


def reset_errors(register: InterfaceClass, now: float, *, present: Iterable[int] = ()) -> None:
    """An authorised reset: clear all bits but those whose causes are *present*."""
    _change(register, _mask(present), now)


def alarm_objects(register: Obis) -> tuple[Obis, Obis, Obis]:
    """The names of alarm register, alarm filter and alarm descriptor that belong to an error register.

    >>> [str(name) for name in alarm_objects(Obis("0-0:97.97.0*255"))]
    ['0-0:97.98.0*255', '0-0:97.98.10*255', '0-0:97.98.20*255']
    """
    medium, channel, _, _, number, f = register
    if number > _FILTER - 1:
        raise LocalError(f"{register} is no error register with alarms")
    alarm, filter_, descriptor = (
        Obis(bytes((medium, channel, _ERRORS, _ALARMS, number + more, f))) for more in (0, _FILTER, _DESCRIPTOR)
    )
    return alarm, filter_, descriptor


def _change(register: InterfaceClass, bits: int, now: float) -> None:
    before = bits_of(register.stored(VALUE))
    if bits != before:
        _put(register, bits, now)
        if register.device is not None and register.logical_name[4] < _FILTER:
            _alarm(register.device, register.logical_name, before, bits, now)


def _alarm(device: Surroundings, name: Obis, before: int, after: int, now: float) -> None:
    """Error bits that pass the filter show in the alarm register; new ones stay in the descriptor until cleared."""
    alarms, filter_, descriptor = (device.named(other) for other in alarm_objects(name))
    passing = bits_of(filter_.stored(VALUE)) if filter_ is not None else 0
    if alarms is not None:
        _put(alarms, after & passing, now)
    if descriptor is not None and (new := after & ~before & passing):
        _put(descriptor, bits_of(descriptor.stored(VALUE)) | new, now)


def _put(register: InterfaceClass, bits: int, now: float) -> None:
    """Give a register these bits, in the type that it has."""
    value = register.stored(VALUE)
    if isinstance(value, BitString) or register.schema_of(VALUE) == BIT_STRING:
        size = max(len(value) if value else _SIZE, bits.bit_length())
        text = "".join("1" if bits >> n & 1 else "0" for n in range(size))
        register.put(VALUE, BitString.of(text), now)
    else:
        register.put(VALUE, bits, now)


def _mask(errors: Iterable[int]) -> int:
    mask = 0
    for bit in errors:
        if not 0 <= bit < 64:
            raise LocalError(f"error registers have bits 0 to 63, not {bit}")
        mask |= 1 << bit
    return mask
