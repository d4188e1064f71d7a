"""The tables of clause 11 as rows, and the rows that speak of a code. The data is ``tables/obis.csv``.

Columns: value groups A to F (:func:`anymeter.obis.pattern.members` reads them), ``media``, ``clause`` and ``table`` of
EN 13757-1:2014 (``61-n``: table n of IEC 62056-6-1, the electricity extension), and

* ``kind``: ``object`` one COSEM object; ``example``; ``A`` to ``F`` what a value of that group means; ``combination``
  values that go together; ``rule`` whole codes in somebody's hands; ``form`` how a code is written;
* ``precedence``: of rows of one kind that speak of one code, the highest is meant (0 where empty). Rules: the leftmost
  value group that decides (5 for B to 1 for F; 0 for what is not allocated). Definitions: what is said of every medium
  is below 0, a narrower table (harmonics, angles, dips, COSEM contexts) above. Forms: display letters before Figure 19.
  Objects and combinations: two pairs that share codes in the standard itself, with a ``note``;
* ``name`` in words; ``label`` the short name, ``{E+1}`` standing for value group E plus one; ``integral`` the label
  where the value is a time integral, ``*`` for none; only time integrals have it among ``D`` rows;
* ``unit`` (``power | energy`` where the time integral has its own) or type; ``classes``: interface classes;
* ``edition``: ``later`` than 2014, or ``uncertain``; ``note``; ``confidence``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

import msgspec

from anymeter.obis.billing import period_age
from anymeter.obis.pattern import Members, Pattern, members
from anymeter.wire import tables

KINDS: Final = ("object", "example", "C", "D", "E", "F", "A", "B", "combination", "rule", "form")
"""What a row can be, the most specific first."""
_RANK: Final = {kind: rank for rank, kind in enumerate(KINDS)}


class Row(msgspec.Struct, frozen=True):
    """One row of a table of the standard; see the module for its columns."""

    precedence: int
    a: str
    b: str
    c: str
    d: str
    e: str
    f: str
    media: str
    clause: str
    table: str
    kind: str
    name: str
    label: str
    integral: str
    unit: str
    classes: str
    edition: str
    note: str
    confidence: str

    @property
    def pattern(self) -> Pattern:
        """The codes the row speaks of."""
        return Pattern(self.a, self.b, self.c, self.d, self.e, self.f)

    @property
    def rank(self) -> tuple[int, int]:
        """Place among the rows that speak of a code, the most specific lowest; equal ranks never share a code."""
        return _RANK[self.kind], -self.precedence

    @property
    def interface_classes(self) -> tuple[int, ...]:
        """The class ids of the objects, empty where any may be used or none is known."""
        return tuple(int(c) for c in self.classes.split(";") if c.isdecimal())

    @property
    def reserved(self) -> bool:
        """Whether the row says that nothing is allocated there."""
        return self.name == "reserved"


def cited(clause: str, table: str) -> str:
    """Where a row stands, in words.

    >>> cited("11.3.4.2", "31"), cited("IEC 62056-6-1 7.1", "61-13"), cited("Annex D", "D.1")
    ('EN 13757-1:2014, 11.3.4.2, Table 31', 'IEC 62056-6-1, 7.1, Table 13', 'EN 13757-1:2014, Annex D, Table D.1')
    """
    if table.startswith("61-"):
        document, _, place = clause.rpartition(" ")
        return f"{document}, {place}, Table {table[3:]}"
    return f"EN 13757-1:2014, {clause}, {'Figure 19' if table == 'Fig19' else f'Table {table}'}"


_Groups = tuple[Row, Members, Members, Members, Members]


def read_table(name: str) -> list[list[str]]:
    """The rows of one CSV of ``tables/``, without its heading."""
    return tables.records(__file__, name)


@cache
def rows() -> tuple[Row, ...]:
    """Every row of the tables, in the order of the standard."""
    return tuple(Row(int(precedence or 0), *texts) for precedence, *texts in read_table("obis.csv"))


@cache
def countries() -> dict[int, str]:
    """Value group D of country specific codes (C = 94) and the country it stands for. Source: Table D.1."""
    return {int(code): country for code, country, *_ in read_table("country.csv") if code.isdecimal()}


@cache
def class_names() -> dict[int, str]:
    """The names of the interface classes. Source: EN 13757-1:2014, Annex B, and later editions of the Blue Book."""
    return {int(number): name for number, name, *_ in read_table("interface_classes.csv")}


@lru_cache(maxsize=4096)
def lookup(code: bytes, *, counter: int | None = None, limit: int = 100) -> tuple[Row, ...]:
    """The rows that speak of *code*, the most specific first.

    *counter* is the billing period counter VZ; without it, rows that need it (an example, a meaning of F) are left out.
    """
    _, b, _, d, e, f = code
    age = None if counter is None or f > 99 else period_age(f, counter, limit)
    found = [
        row
        for row, of_b, of_d, of_e, of_f in _candidates(code[0], code[2])
        if of_b.has(b) and of_d.has(d) and of_e.has(e) and of_f.has(f, age)
        and (age is not None or row.kind in ("object", "C", "D", "E", "combination") or of_f.values >> f & 1)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda row: row.rank))


def defining(code: bytes, kind: str) -> Row | None:
    """The row that says what the value of group *kind* (``A`` to ``E``) means, whatever the groups after it hold."""
    place = "ABCDE".index(kind)
    best: Row | None = None
    for row, of_b, of_d, of_e, _ in _candidates(code[0], code[2]):
        fits = (
            row.kind == kind
            and (place == 2 or of_b.has(code[1]))
            and (place < 3 or of_d.has(code[3]))
            and (place < 4 or of_e.has(code[4]))
        )
        if fits and (best is None or row.precedence > best.precedence):
            best = row
    return best


@lru_cache(maxsize=512)
def _candidates(a: int, c: int) -> list[_Groups]:
    """The rows whose value groups A and C fit, with the members of the other groups at hand."""
    alone, wide = _of_medium(a)
    fitting = [*alone.get(c, ()), *(row for row in wide if members(row.c).has(c))]
    return [(row, members(row.b), members(row.d), members(row.e), members(row.f)) for row in fitting]


@lru_cache(maxsize=32)
def _of_medium(a: int) -> tuple[dict[int, list[Row]], list[Row]]:
    """The rows of a medium: those of one value of group C by that value, and those of several.

    A readout may ask for a thousand codes that were never seen, so that going through all rows for each is too slow.
    """
    alone: dict[int, list[Row]] = {}
    wide: list[Row] = []
    for row in rows():
        if members(row.a).has(a):
            where = alone.setdefault(int(row.c), []) if row.c.isdecimal() else wide
            where.append(row)
    return alone, wide
