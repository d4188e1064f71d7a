"""M-Bus data records to OBIS codes. The data is ``tables/mbus_obis.csv`` with its rules; where it says nothing: None.

``mbus_obis.csv``: one row a record. ``vif`` are code ranges without extension bits (``FD 40-4F`` of the FD table),
``vife`` the VIFEs that must follow, without extension bits; a record whose ``quantity`` is the row's counts as its VIF,
so that energy in GJ is energy too. In ``obis``, ``x`` is the medium of the device type, ``e`` the tariff and ``p`` the
billing period of the storage number. ``carries`` tells which of function, storage and tariff the rules may carry into
the value groups of a row; ``option`` rows hold only where :class:`MappingRules` asks for them.
``mbus_obis_rules.csv``: function into D, storage into D and F (``age_less``: how much younger the period is than the
storage number; empty: F = 255), tariff into E. ``mbus_media.csv``: value group A of each device type.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

import msgspec

from anymeter.obis.billing import CURRENT, period_code
from anymeter.obis.code import Obis
from anymeter.obis.pattern import members
from anymeter.wire import tables

STATUS: Final = Obis("0-0:97.97.0*255")
"""The object of the status octet of a transport header."""
_CONFIDENCE: Final = ("low", "medium", "high")
_EXTENDED: Final = (0xFB, 0xFD)
_VALUE_ONLY: Final = frozenset((*range(0x10), *range(0x15, 0x1D), *range(0x70, 0x7C), 0x7D))
"""VIFEs that say nothing about what is measured: record errors, factors and offsets. Source: EN 13757-3, VIFE table."""
_INSTANTANEOUS: Final = "instantaneous"
_ELEMENT: Final = re.compile(r"\w+")
_Places: TypeAlias = "tuple[int, int, int | None]"


class MappingRules(msgspec.Struct, frozen=True):
    """What devices do differently, and the standard leaves open.

    *gas_volume*: a gas volume without VIFE is ``converted`` to base temperature (7-0:3.1.0, as OMS has it), or at
    ``metering`` conditions (7-0:3.0.0), as simple meters send it. *cooling*: how a combined heat/cooling meter marks
    the cooling energy: by a ``vife`` 3C, by ``tariff`` 1 or by ``subunit`` 1. *channel*: value group B of a subunit:
    the ``same`` number, the ``next`` one, or ``none``: records of subunits get no code. *history*: whether storages
    that need value group F get a code: counted back as 101, 102, ..., or from the billing period *counter* VZ where it
    is given. *confidence*: rows that are less sure (``high``, ``medium``, ``low``) are left out.
    """

    gas_volume: Literal["converted", "metering"] = "converted"
    cooling: Literal["vife", "tariff", "subunit"] = "vife"
    channel: Literal["same", "next", "none"] = "same"
    history: bool = True
    counter: int | None = None
    confidence: Literal["low", "medium", "high"] = "low"

    @property
    def options(self) -> frozenset[str]:
        """The ``option`` rows that hold."""
        return frozenset((f"gas-{self.gas_volume}", f"cooling-{self.cooling}"))


class Mapped(msgspec.Struct, frozen=True):
    """One row of ``mbus_obis.csv``: a record and its code."""

    device_types: str
    function: str
    storage: str
    tariff: str
    vif: str
    vife: str
    quantity: str
    obis: str
    carries: str
    option: str
    meaning: str
    confidence: str
    note: str


class Carry(msgspec.Struct, frozen=True):
    """One row of ``mbus_obis_rules.csv``: how a function, storage or tariff goes into the value groups of a medium."""

    carry: str
    value: str
    media: str
    c: str
    d_from: str
    d: str
    age_less: str
    confidence: str


class _Record(msgspec.Struct, frozen=True):
    """What a data record says about its value: VIF and VIFEs without extension bits."""

    function: str
    storage: int
    tariff: int
    subunit: int
    vif: tuple[int, ...]
    vifes: tuple[int, ...]
    quantity: str | None


DEFAULT_RULES: Final = MappingRules()


@lru_cache(maxsize=8192)
def obis_for(
    device_type: int,
    *,
    dib_function: str = _INSTANTANEOUS,
    storage: int = 0,
    tariff: int = 0,
    subunit: int = 0,
    vib: bytes,
    quantity: str | None = None,
    rules: MappingRules = DEFAULT_RULES,
) -> Obis | None:
    """The code of an M-Bus data record, None where no mapping is known.

    *dib_function* is ``instantaneous``, ``maximum``, ``minimum`` or ``error``; *vib* is the VIF and its VIFEs as sent;
    *quantity* is what the VIF tables call it.

    >>> obis_for(0x04, vib=b"\\x06"), obis_for(0x04, storage=1, vib=b"\\x06")
    (Obis('6-0:1.0.0*255'), Obis('6-0:1.2.0*255'))
    >>> obis_for(0x02, tariff=2, vib=b"\\x84\\x3c")
    Obis('1-0:2.8.2*255')
    """
    split = _split(vib)
    if split is None:
        return None
    record = _Record(dib_function, storage, tariff, subunit, *split, quantity)
    row = _best([row for row in _rows_of(device_type, rules) if _says(row, record)], record)
    return None if row is None else _code(row, record, device_type, rules)


def medium_of(device_type: int) -> int | None:
    """Value group A of a device type, None where it has none.

    >>> medium_of(0x04), medium_of(0x16), medium_of(0xFF)
    (6, 8, None)
    """
    return _media().get(device_type)


def mapped_rows() -> tuple[Mapped, ...]:
    """Every row of the map, in order."""
    return _mapped()


def _split(vib: bytes) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """VIF and VIFEs without extension bits and without what only scales; None for text and for the maker's own."""
    if not vib or vib[0] & 0x7F in (0x7C, 0x7E, 0x7F) or vib[0] in (0xEF, 0x7B):
        return None
    size = 2 if vib[0] in _EXTENDED else 1
    if len(vib) < size:
        return None
    vif = (vib[0], vib[1] & 0x7F) if size == 2 else (vib[0] & 0x7F,)
    vifes: list[int] = []
    rest = iter(octet & 0x7F for octet in vib[size:])
    for octet in rest:
        if octet == 0x7C:
            vifes += octet, next(rest, 0)
        elif octet not in _VALUE_ONLY:
            vifes.append(octet)
    return vif, tuple(vifes)


def _says(row: Mapped, record: _Record) -> bool:
    """Whether a row speaks of a record's quantity, direction and phase, and of its subunit."""
    if row.option == "cooling-subunit" and record.subunit != 1:
        return False
    same = record.vif in _vifs(row.vif) or (bool(row.quantity) and row.quantity == record.quantity)
    return same and bytes(record.vifes) == bytes.fromhex(row.vife)


def _best(fitting: list[Mapped], record: _Record) -> Mapped | None:
    """The row that has the record's function, storage and tariff, or else carries them; options go before the rest."""
    for group in ([row for row in fitting if row.option], [row for row in fitting if not row.option]):
        for row in group:
            if _exact(row, record):
                return row
        for row in group:
            if row.carries and row.storage == "0" and (row.tariff == "0" or _among(row.tariff, record.tariff)):
                return row
    return None


def _exact(row: Mapped, record: _Record) -> bool:
    return (
        row.function == record.function
        and _among(row.storage, record.storage)
        and _among(row.tariff, record.tariff)
    )  # fmt: skip


def _code(row: Mapped, record: _Record, device_type: int, rules: MappingRules) -> Obis | None:
    """The row's code with medium, channel, function, storage and tariff in their value groups."""
    a, _, c, d, e, f = _ELEMENT.findall(row.obis)
    medium = _media().get(device_type) if a == "x" else int(a)
    channel = _channel(row, record, rules)
    if medium is None or channel is None:
        return None
    places: _Places | None
    if _exact(row, record):
        rate = record.tariff if e == "e" else int(e)
        places = int(d), rate, _period(record.storage, rules) if f == "p" else int(f)
    else:
        places = _carried(row, record, rules, Obis((medium, channel, int(c), int(d), int(e), int(f))))
    if places is None or places[2] is None:
        return None
    return Obis((medium, channel, int(c), places[0], places[1], places[2]))


def _carried(row: Mapped, record: _Record, rules: MappingRules, code: Obis) -> _Places | None:
    """Value groups D, E, F with function, tariff and storage carried into them; None where a rule is missing."""
    d, e = code.d, code.e
    period: int | None = code.f
    if record.function != _INSTANTANEOUS:
        rule = _rule(row, "function", record.function, code, d)
        if rule is None:
            return None
        d = int(rule.d)
    if record.tariff and not _among(row.tariff, record.tariff):
        if _rule(row, "tariff", record.tariff, code, d) is None:
            return None
        e = record.tariff
    if record.storage:
        rule = _rule(row, "storage", record.storage, code, d)
        if rule is None:
            return None
        d = int(rule.d)
        period = _period(record.storage - int(rule.age_less), rules) if rule.age_less else CURRENT
    return d, e, period


def _rule(row: Mapped, carry: str, value: str | int, code: Obis, d: int) -> Carry | None:
    """The rule by which a row carries a function, storage or tariff when value group D has come to be *d*."""
    if carry not in row.carries.split():
        return None
    for rule in _carries():
        if (
            rule.carry == carry
            and (rule.value == value if isinstance(value, str) else _among(rule.value, value))
            and _among(rule.media, code.a)
            and (not rule.c or _among(rule.c, code.c))
            and (not rule.d_from or int(rule.d_from) == d)
        ):
            return rule
    return None


def _period(age: int, rules: MappingRules) -> int | None:
    """Value group F of the period closed *age* periods ago, None where the rules or the standard have none."""
    longest = 25 if rules.counter is None else 100
    return period_code(age, rules.counter) if rules.history and age <= longest else None


def _channel(row: Mapped, record: _Record, rules: MappingRules) -> int | None:
    if record.subunit == 0 or row.option == "cooling-subunit":
        return 0
    channel = {"same": record.subunit, "next": record.subunit + 1, "none": 65}[rules.channel]
    return channel if channel <= 64 else None


def _among(element: str, value: int) -> bool:
    return value <= 255 and members(element).has(value)


@cache
def _vifs(ranges: str) -> frozenset[tuple[int, ...]]:
    """The VIFs of ``00-07;FD 46``, one or two octets each."""
    found: set[tuple[int, ...]] = set()
    for part in ranges.split(";"):
        *table, span = part.split()
        first, _, last = span.partition("-")
        found |= {(*(int(t, 16) for t in table), code) for code in range(int(first, 16), int(last or first, 16) + 1)}
    return frozenset(found)


@lru_cache(maxsize=256)
def _rows_of(device_type: int, rules: MappingRules) -> tuple[Mapped, ...]:
    """The rows for a device type: its own first, then those of any device."""
    floor = _CONFIDENCE.index(rules.confidence)
    own = f"{device_type:02X}"
    rows = [
        row
        for row in _mapped()
        if row.vif != "status"
        and (row.device_types == "*" or own in row.device_types.split(";"))
        and (not row.option or row.option in rules.options)
        and _CONFIDENCE.index(row.confidence) >= floor
    ]
    return tuple(sorted(rows, key=lambda row: row.device_types == "*"))


@cache
def _mapped() -> tuple[Mapped, ...]:
    return tuple(Mapped(*row) for row in _table("mbus_obis.csv"))


@cache
def _carries() -> tuple[Carry, ...]:
    return tuple(Carry(*row) for row in _table("mbus_obis_rules.csv"))


@cache
def _media() -> dict[int, int]:
    return {int(code, 16): int(medium) for code, medium, *_ in _table("mbus_media.csv")}


def _table(name: str) -> list[list[str]]:
    return tables.records(__file__, name)
