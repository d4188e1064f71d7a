"""Units and scalers. Source: EN 13757-1:2014, Annex B, Table B.1; IEC 62056-6-2, Register, scaler_unit."""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from functools import cache
from typing import Any, Final, Self, TypeVar, overload

import msgspec

from anymeter.cosem.values import Float32
from anymeter.errors import DecodeError, LocalError
from anymeter.wire import tables

T = TypeVar("T")

_EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Keeps every digit, whatever the precision of the caller's context."""


class Unit(msgspec.Struct, frozen=True):
    """One code of the table of units.

    *text* is the symbol in ASCII, as readings carry it; *si* how the unit is made of SI units. A code that the table
    leaves free has no quantity and shows its number as *text*.
    """

    code: int
    name: str
    symbol: str
    quantity: str
    text: str
    si: str = ""
    notes: str = ""

    @property
    def reserved(self) -> bool:
        """Whether the table leaves this code free."""
        return self.name == "reserved"


@cache
def table() -> tuple[Unit, ...]:
    """Every code from 0 to 255, in order."""
    rows: dict[int, Unit] = {}
    for row in tables.rows(__file__, "units.csv"):
        first, _, last = row["code"].partition("..")
        for code in range(int(first), int(last or first) + 1):
            text = row["text"].replace("{code}", str(code))
            symbol = row["symbol"].replace("{code}", str(code))
            rows[code] = Unit(code, row["name"], symbol, row["quantity"], text, row["si_expression"], row["notes"])
    return tuple(rows[code] for code in range(256))


def unit(code: int) -> Unit:
    """The unit with this code, 0 to 255; :class:`LocalError` for other numbers.

    >>> unit(30).text, unit(9).text, unit(9).symbol, unit(255).text
    ('Wh', 'Cel', '°C', '')
    """
    if not 0 <= code <= 255:
        raise LocalError(f"a unit is a number from 0 to 255, not {code}")
    return table()[code]


@cache
def by_text(text: str) -> Unit:
    """The first unit with this ASCII text, no text being 255, "no unit"; :class:`LocalError` when there is none.

    >>> by_text("m3").code, by_text("").code
    (13, 255)
    """
    for found in table():
        if found.text == text and found.code:
            return found
    raise LocalError(f"no unit is written {text!r}")


class ScalerUnit(msgspec.Struct, frozen=True):
    """The attribute scaler_unit: the value is the number times ten to the *scaler*, in *unit*.

    >>> kilo = ScalerUnit.parse((3, 30))
    >>> kilo.apply(12), kilo.unit.text, ScalerUnit.parse((-3, 13)).apply(123450)
    (12000, 'Wh', Decimal('123.450'))
    """

    scaler: int
    unit: Unit

    @classmethod
    def parse(cls, value: Any) -> Self:
        """From the decoded structure {scaler, unit}; :class:`DecodeError` when it is not one."""
        match value:
            case (int(scaler), int(code)) if 0 <= code <= 255 and -128 <= scaler <= 127:
                return cls(int(scaler), unit(code))
        raise DecodeError(f"not a scaler and a unit: {value!r}", what="scaler_unit")

    def apply(self, number: int | float | Decimal) -> int | Decimal:
        """The value of *number* in :attr:`unit`, exactly."""
        return scaled(number, self.scaler)


@overload
def scaled(number: int | float | Decimal, exponent: int) -> int | Decimal: ...
@overload
def scaled(number: T, exponent: int) -> T | int | Decimal: ...
def scaled(number: Any, exponent: int) -> Any:
    """*number* times ten to the *exponent*, exactly: an int where it stays whole by itself, else a Decimal.

    A float counts as the shortest decimal that reads back the same, at its width; what is no number stays as it is.

    >>> scaled(7, 0), scaled(7, 2), scaled(700, -2), scaled(Float32(0.10000000149011612), 3), scaled("text", 3)
    (7, 700, Decimal('7.00'), Decimal('100'), 'text')
    """
    if isinstance(number, int):
        return number * 10**exponent if exponent >= 0 else _EXACT.scaleb(number, exponent)
    if isinstance(number, float):
        number = number.decimal if isinstance(number, Float32) else Decimal(repr(number))
    if not isinstance(number, Decimal):
        return number
    return Decimal(format(_EXACT.scaleb(number, exponent), "f"))  # written out: no positive exponent is left
