"""What the addresses and units of data sets mean, from the tables beside this file.

Kinds of values: ``number``, ``text``, ``time``, ``hex`` (text sent as hexadecimal digits), or nothing known. Roles:
what a data set tells about the message as a whole (``id1`` before ``id2``, ``clock``, ``date``, ``time``, ``error``).
"""

from __future__ import annotations

from functools import cache
from typing import Final, TypeVar

import msgspec

from anymeter.bridge.reading import Meaning
from anymeter.errors import LocalError
from anymeter.links.iec_text import decode_text
from anymeter.obis import Obis
from anymeter.obis.code import read
from anymeter.obis.names import short_name
from anymeter.wire import tables

_K = TypeVar("_K")
_V = TypeVar("_V")
_REMEMBERED: Final = 2048
_LONGEST: Final = 64
_FRAMING: Final = bytes(range(0x21))
_RATED: Final = frozenset((2, 6, 8, 9))
_MAXIMUM: Final = frozenset((6, 16, 26))
_MINIMUM: Final = frozenset((3, 13, 23))


class Plan(msgspec.Struct, frozen=True, cache_hash=True):
    """What is known of an address before its value is seen; *name* and *function* where its OBIS code says none."""

    address: str
    obis: Obis | None = None
    kind: str = ""
    role: str = ""
    name: str = ""
    function: str = "instantaneous"
    storage: int = 0


class Rule(msgspec.Struct, frozen=True):
    """One row of a table of objects: ranges of the value groups A to E, and what is known of such objects.

    *name* is what P1 calls an object that the tables of OBIS name otherwise.
    """

    ranges: tuple[range, ...]
    kind: str
    role: str
    name: str = ""

    def covers(self, obis: Obis) -> bool:
        if obis[2] not in self.ranges[2]:  # tells most of them apart
            return False
        return all(value in span for span, value in zip(self.ranges, obis, strict=False))


def _rows(name: str) -> list[dict[str, str]]:
    return tables.rows(__file__, f"{name}.csv")


def _span(text: str) -> range:
    first, _, last = text.partition("..")
    return range(int(first), int(last or first) + 1) if first else range(256)


@cache
def units() -> dict[str, tuple[str, int]]:
    """Unit as sent -> its text in Table B.1 and the power of ten that takes a number into it."""
    return {row["text"]: (row["unit"], int(row["exponent"])) for row in _rows("dataset_units")}


@cache
def rules(p1: bool) -> tuple[Rule, ...]:
    """The tables of objects, the first row that covers a code counts."""
    rows = (_rows("p1_objects") if p1 else []) + _rows("dataset_objects")
    return tuple(
        Rule(tuple(_span(row[g]) for g in "abcde"), row["kind"], row["role"], row.get("name", "")) for row in rows
    )


@cache
def heat_addresses() -> dict[str, Plan]:
    """The addresses of heat meters that use numbers of their own in place of OBIS codes."""
    return {
        row["address"]: Plan(
            row["address"],
            Obis(row["obis"]) if row["obis"] else None,
            row["kind"],
            row["role"],
            row["name"],
            row["function"],
        )
        for row in _rows("dataset_heat")
    }


def name_of(obis: Obis) -> str:
    """The name of a reading with this code; the code itself where the tables know none."""
    return short_name(obis) or str(obis)


class Words:
    """The meaning of every address and unit met so far in one kind of readout.

    *medium* is value group A where an address leaves it out. ``quick`` holds the meanings of plain numbers by
    address, unit and number of decimals, all as sent; ``texts`` what is known of addresses whose values are texts.
    """

    def __init__(self, *, p1: bool = False, heat: bool = False, medium: int = 1) -> None:
        self.heat = heat
        self.medium = medium
        self.quick: dict[tuple[bytes, bytes, int], Meaning] = {}
        self.texts: dict[bytes, Plan] = {}
        self._rules = rules(p1)
        self._plans: dict[tuple[bytes, bytes], Plan] = {}
        self._meanings: dict[tuple[Plan, bytes, int], Meaning] = {}

    def plan(self, address: bytes, column: bytes = b"") -> Plan:
        """What is known of *address*; for a value listed in a profile, of the object that its *column* names."""
        known = self._plans.get((address, column))
        if known is None:
            known = self._column(address, column) if column else self._planned(decode_text(address.strip(_FRAMING)))
            _remember(self._plans, (address, column), known, len(address) + len(column))
        return known

    def _column(self, address: bytes, column: bytes) -> Plan:
        found = self._planned(decode_text(column))
        return msgspec.structs.replace(found, address=decode_text(address.strip(_FRAMING)), role="")

    def _planned(self, address: str) -> Plan:
        if self.heat and ":" not in address:
            return _heat_plan(address)
        obis = obis_of(address, self.medium)
        if obis is None:
            return Plan(address)
        rule = next((r for r in self._rules if r.covers(obis)), None)
        return Plan(address, obis) if rule is None else Plan(address, obis, rule.kind, rule.role, rule.name)

    def meaning(self, plan: Plan, unit: bytes = b"", decimals: int = 0) -> Meaning:
        """What a value of *plan* means in *unit* as sent, with so many *decimals*."""
        known = self._meanings.get((plan, unit, decimals))
        if known is None:
            text = decode_text(unit)
            unit_text, exponent = units().get(text.strip(), (text, 0))
            known = Meaning(
                obis=plan.obis,
                name=plan.name or (plan.address if plan.obis is None else name_of(plan.obis)),
                unit=unit_text,
                function=_function(plan),
                storage=plan.storage,
                tariff=_tariff(plan.obis),
                exponent=exponent - decimals,
                address=plan.address,
            )
            _remember(self._meanings, (plan, unit, decimals), known, len(plan.address) + len(unit) + decimals)
        return known

    def learn(self, address: bytes, unit: bytes, decimals: int, meaning: Meaning) -> None:
        """Numbers written like this always mean that."""
        _remember(self.quick, (address, unit, decimals), meaning, len(address) + len(unit) + decimals)

    def learn_text(self, address: bytes, plan: Plan) -> None:
        """Values without a unit under this address are texts."""
        _remember(self.texts, address, plan, len(address))


def _remember(known: dict[_K, _V], key: _K, value: _V, size: int) -> None:
    if size <= _LONGEST:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[key] = value


def obis_of(address: str, medium: int = 1) -> Obis | None:
    """The code that a data set's address stands for; None where it stands for none."""
    if "." not in address or len(address) > 24:
        return None
    try:
        return read(address, medium).obis
    except LocalError:
        return None


def _heat_plan(address: str) -> Plan:
    base, _, period = address.partition("*")
    known = heat_addresses().get(base)
    if known is None:
        return Plan(address)
    if not period:
        return known
    storage = int(period) if period.isascii() and period.isdigit() and len(period) < 4 else 0
    name = known.name or (name_of(known.obis) if known.obis else "")
    return msgspec.structs.replace(known, address=address, obis=None, role="", name=name, storage=storage)


def _function(plan: Plan) -> str:
    if plan.obis is None or plan.obis.a != 1 or not 1 <= plan.obis.c <= 80:
        return plan.function
    return "maximum" if plan.obis.d in _MAXIMUM else "minimum" if plan.obis.d in _MINIMUM else plan.function


def _tariff(obis: Obis | None) -> int:
    if obis is None or obis.a != 1 or not 1 <= obis.c <= 80 or obis.d not in _RATED or obis.e > 63:
        return 0
    return obis.e


@cache
def words(*, p1: bool = False, heat: bool = False, medium: int = 1) -> Words:
    """The words of P1 telegrams, or of readouts of meters for one *medium*."""
    return Words(p1=p1, heat=heat, medium=medium)
