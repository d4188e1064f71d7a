"""What a code means: its object, its name, each of its value groups. Source: EN 13757-1:2014, clause 11."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from anymeter.obis.billing import period_text
from anymeter.obis.code import GROUPS, Obis
from anymeter.obis.table import Row, cited, countries, defining, lookup

_SLOT: Final = re.compile(r"\{([B-F])([+-]\d+)?\}")
_CONFIDENCE: Final = ("low", "medium", "high")
_UNSAID: Final = (0, 255)
_UNDIVIDED: Final = "no further classification"
_COUNTRY: Final = 94


class Group(msgspec.Struct, frozen=True):
    """One value group of a code: what its value means, and the row that says so (empty where none does)."""

    letter: str
    value: int
    meaning: str
    clause: str
    table: str
    confidence: str

    @property
    def source(self) -> str:
        """Document, clause and table."""
        return cited(self.clause, self.table) if self.table else ""


class Description(msgspec.Struct, frozen=True):
    """What a code means.

    *kind* tells how that is known: ``object`` or ``example`` from one row of the standard; ``composed`` from what its
    value groups mean; ``rule`` where somebody else assigns it (a manufacturer, utility, country or consortium);
    ``reserved`` where nobody does. *name* is in full, *short* is for readings. *classes* are class ids of its objects.
    *confidence* is how sure we are of the table (``high``, ``medium``, ``low``), *edition* is empty for what stands in
    the edition of 2014, ``later`` or ``uncertain`` otherwise. *rows* are all rows that speak of the code.
    """

    obis: Obis
    kind: str
    name: str
    short: str
    unit: str
    classes: tuple[int, ...]
    groups: tuple[Group, ...]
    clause: str
    table: str
    confidence: str
    edition: str
    note: str
    rows: tuple[Row, ...]

    @property
    def source(self) -> str:
        """Document, clause and table."""
        return cited(self.clause, self.table)

    @property
    def known(self) -> bool:
        """Whether the code means something: it is not merely reserved."""
        return self.kind != "reserved"


class _Parts(msgspec.Struct, frozen=True):
    """The rows that make a composed name; *summed* where the value is a time integral that has a name of its own."""

    c: Row
    d: Row
    e: Row | None

    @property
    def summed(self) -> bool:
        return bool(self.d.integral and self.c.integral)

    @property
    def rows(self) -> tuple[Row, ...]:
        return (self.c, self.d) if self.e is None else (self.c, self.d, self.e)

    def label(self, row: Row) -> str:
        text = row.integral if self.summed and row.integral else row.label
        return "" if text == "*" else text


@lru_cache(maxsize=4096)
def describe(code: bytes, *, counter: int | None = None, limit: int = 100) -> Description:
    """The meaning of a code; *counter* is the billing period counter VZ where it is known, wrapping at *limit*.

    >>> known = describe(Obis("6-0:1.2.0"))
    >>> known.name, known.unit, known.short
    ('energy, set date value, total', 'Wh / J', 'energy, at set date')
    >>> describe(Obis("1-0:1.8.0*255")).name
    'active energy import (+A), time integral 1 (since origin), total'
    """
    obis = Obis(code)
    found = lookup(obis, counter=counter, limit=limit)
    parts = _parts(obis)
    period = period_text(obis, counter, limit)
    best, kind = _headline(obis, found, parts)
    sources: tuple[Row, ...] = (best,)
    if kind == "composed" and parts is not None:
        name, sources = ", ".join(filter(None, (*_full(parts, obis), period))), parts.rows
    elif kind == "object":
        name = ", ".join(filter(None, (_own_name(best, obis), _own_period(best, period))))
    else:
        name = _country(obis) or best.name
    confidence = min((row.confidence for row in sources), key=_CONFIDENCE.index)
    return Description(
        obis=obis,
        kind=kind,
        name=name,
        short=_short(obis, best, kind, parts, period),
        unit=_unit(best, kind, parts),
        classes=_classes(found, kind, parts, best),
        groups=_groups(obis, found, period),
        clause=best.clause,
        table=best.table,
        confidence=confidence,
        edition=next((row.edition for row in sources if row.edition), ""),
        note="; ".join(dict.fromkeys(row.note for row in sources if row.note)),
        rows=found,
    )


@lru_cache(maxsize=16384)
def short_name(code: bytes) -> str:
    """The name of a reading: lower case, what is understood left out; empty where the code is reserved.

    >>> [short_name(Obis(c)) for c in ("1-0:1.8.0", "1-0:2.8.1", "1-0:32.7.0", "6-0:1.0.0", "0-1:24.2.1")]
    ['active energy import (+A), total', 'active energy export (-A), rate 1', 'L1 voltage', 'energy',
    'M-Bus value 1, channel 1']
    """
    found = lookup(code)
    parts = _parts(code)
    best, kind = _headline(code, found, parts)
    return _short(code, best, kind, parts, period_text(code))


def _headline(code: bytes, found: tuple[Row, ...], parts: _Parts | None) -> tuple[Row, str]:
    """The row that says most about a code, and how it does: see :class:`Description`.

    An object that the tables list for the current period only is found for other billing periods too.
    """
    for row in found:
        if row.kind in ("object", "example"):
            return row, row.kind
    if parts is not None:
        return parts.c, "composed"
    rule = next(row for row in found if row.kind == "rule")
    if rule.precedence:
        return rule, "rule"
    if code[5] not in (100, 127, 255) and (now := lookup(code[:5] + b"\xff"))[0].kind == "object":
        return now[0], "object"
    return rule, "reserved"


def _parts(code: bytes) -> _Parts | None:
    """The definitions of C, D and E where the standard has C and D; they hold for standard channels only."""
    if code[1] > 64 or 128 <= code[3] <= 254:
        return None
    c, d, e = (defining(code, letter) for letter in "CDE")
    if c is None or d is None or c.reserved or d.reserved or c.precedence < 0:
        return None
    if d.precedence < -2 or c.name == "manufacturer specific":
        return None
    return _Parts(c, d, e if e is not None and e.precedence >= 0 else None)


def _full(parts: _Parts, code: bytes) -> tuple[str, str, str]:
    first = parts.c.integral if parts.summed and parts.c.integral != "*" else parts.c.name
    second = countries().get(code[3], "reserved country") if code[2] == _COUNTRY else parts.d.name
    third = f"classification {code[4]}" if code[4] not in _UNSAID else ""
    if parts.e is not None and parts.e.name != _UNDIVIDED:
        third = _filled(parts.e.label, code) if "{" in parts.e.label else parts.e.name
    return first, second, third


def _short(code: bytes, best: Row, kind: str, parts: _Parts | None, period: str) -> str:
    if kind == "reserved":
        return ""
    if kind in ("example", "composed") and parts is not None:
        texts = [_filled(parts.label(row), code) for row in parts.rows]
        if parts.e is None and code[4] not in _UNSAID:
            texts.append(f"classification {code[4]}")
        if code[2] == _COUNTRY:
            texts.append(_country_name(code))
    else:
        texts = [_numbered(best, code)]
        if kind == "rule" and best.label.startswith("country"):
            texts.append(_country_name(code))
    channel = f"channel {code[1]}" if 0 < code[1] <= 64 else ""
    return ", ".join(filter(None, (*texts, channel, _own_period(best, period) if kind == "object" else period)))


def _own_name(row: Row, code: bytes) -> str:
    return _filled(row.label, code) if "{" in row.label else row.name


def _own_period(row: Row, period: str) -> str:
    """The billing period of an object, unless its value group F numbers something else."""
    return "" if "{F" in row.label else period


def _numbered(row: Row, code: bytes) -> str:
    """The label of one object, with value group E as its number where one row stands for several objects."""
    several = not row.e.isdecimal() and code[4] not in _UNSAID
    if row.kind == "object" and several and "{" not in row.label:
        return f"{row.label} {code[4]}"
    return _filled(row.label or row.name, code)


def _filled(label: str, code: bytes) -> str:
    """A label with the numbers of the code in its slots: ``error register {E+1}``."""
    if "{" not in label:
        return label
    return _SLOT.sub(lambda m: str(code[GROUPS.index(m[1])] + int(m[2] or 0)), label)


def _country(code: bytes) -> str:
    return f"country specific, {_country_name(code)}" if code[2] == _COUNTRY and code[1] <= 64 else ""


def _country_name(code: bytes) -> str:
    return countries().get(code[3], f"country {code[3]}")


def _unit(best: Row, kind: str, parts: _Parts | None) -> str:
    if kind in ("object", "rule", "reserved") or parts is None:
        return best.unit
    plain = (row.unit for row in (parts.e, parts.d) if row is not None and "/" not in row.unit)
    unit = next(filter(None, plain), "") or parts.c.unit or parts.d.unit
    power, _, energy = unit.partition(" | ")
    return energy if energy and parts.summed else power


def _classes(found: tuple[Row, ...], kind: str, parts: _Parts | None, best: Row) -> tuple[int, ...]:
    """The classes of an object, or what the value groups allow: an example shows but one of them."""
    if kind not in ("example", "composed") or parts is None:
        return best.interface_classes
    allowed = (row for row in found if row.kind == "combination")
    narrow = (*allowed, *reversed(parts.rows), best)
    return next((row.interface_classes for row in narrow if row.classes), ())


def _groups(code: bytes, found: tuple[Row, ...], period: str) -> tuple[Group, ...]:
    groups = []
    for letter, value in zip(GROUPS, code, strict=True):
        row = defining(code, letter) if letter != "F" else next((r for r in found if r.kind == "F"), None)
        if letter == "F":
            meaning = period or "not used, or the current billing period"
        else:
            meaning = _meaning(letter, value, row, code)
        source = ("", "", "") if row is None else (row.clause, row.table, row.confidence)
        groups.append(Group(letter, value, meaning, *source))
    return tuple(groups)


def _meaning(letter: str, value: int, row: Row | None, code: bytes) -> str:
    if row is None or (letter == "A" and row.precedence < 0):
        return "reserved"
    if letter == "B" and row.name == "channel number":
        return f"channel {value}"
    if letter == "D" and code[2] == _COUNTRY:
        return _country_name(code)
    if row.precedence < -2:
        return {"C": "not defined", "D": "as defined for value group C", "E": "as defined for C and D"}[letter]
    return _filled(row.label, code) if "{" in row.label else row.name
