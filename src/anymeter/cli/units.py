"""Friendly units for people: kWh, m³, °C. The JSON keeps the base unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from anymeter.bridge.reading import Value
from anymeter.cosem.units import scaled

_FRIENDLY: Final[dict[str, tuple[tuple[int, int, str], ...]]] = {
    # base unit: from which magnitude on, which exponent, which text
    "Wh": ((0, 3, "kWh"),),
    "varh": ((0, 3, "kvarh"),),
    "VAh": ((0, 3, "kVAh"),),
    "J": ((10**9, 9, "GJ"), (0, 6, "MJ")),
    "W": ((10**4, 3, "kW"),),
    "var": ((10**4, 3, "kvar"),),
    "VA": ((10**4, 3, "kVA"),),
    "J/h": ((10**6, 6, "MJ/h"),),
    "m3": ((0, 0, "m³"),),
    "m3/h": ((0, 0, "m³/h"),),
    "Cel": ((0, 0, "°C"),),
    "deg": ((0, 0, "°"),),
}
_DURATIONS: Final = ((86400, "d"), (3600, "h"), (60, "min"))


def friendly(value: Value, unit: str) -> tuple[str, str]:
    """A value and its unit as a person would write them; every digit is kept.

    >>> friendly(1234500, "Wh"), friendly(Decimal("21.50"), "Cel"), friendly(7200, "s")
    (('1234.5', 'kWh'), ('21.50', '°C'), ('2', 'h'))
    """
    if value is None:
        return "–", ""
    if isinstance(value, str):
        return value, unit
    if not isinstance(value, int | Decimal):
        return value.iso().replace("T", " "), ""
    if unit == "s" and isinstance(value, int) and value:
        for seconds, text in _DURATIONS:
            if value % seconds == 0:
                return str(value // seconds), text
    for least, exponent, text in _FRIENDLY.get(unit, ()):
        if abs(Decimal(value)) >= least:
            return _scaled(value, exponent), text
    return format(Decimal(value), "f"), unit


def _scaled(value: int | Decimal, exponent: int) -> str:
    """Whole numbers lose the zeros that the change of unit puts behind the point; decimals keep their digits."""
    text = format(scaled(Decimal(value), -exponent), "f")
    return text.rstrip("0").rstrip(".") if isinstance(value, int) and "." in text else text
