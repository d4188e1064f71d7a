"""Codes by words: which code means that. Objects and examples of the tables, and what C, D and E compose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import msgspec

from anymeter.obis.code import Obis, unwritten_e
from anymeter.obis.pattern import members
from anymeter.obis.table import KINDS, Row, defining, rows

_TOKEN: Final = re.compile(r"[a-z0-9]+")
_SLOT_E: Final = re.compile(r"\{E([+-]\d+)?\}")
_SHORTEST_PREFIX: Final = 3
_EMPTY: Final = frozenset(
    {"a", "an", "and", "at", "for", "in", "of", "or", "the", "to", "value", "metering", "conditions"}
)
"""Words that tell nothing apart: a value is at metering conditions unless told."""
_SAME: Final = {
    "avg": "average", "consumption": "import", "demand": "power", "due": "set", "feed": "export",
    "generation": "export", "max": "maximum", "min": "minimum", "tariff": "rate", "tariffs": "rate",
}  # fmt: skip
"""What users say, and what the tables say."""
_MEDIA: Final = (
    (("heat", "cost", "allocator"), (4,)), (("allocator",), (4,)), (("hca",), (4,)), (("cold", "water"), (8,)),
    (("hot", "water"), (9,)), (("warm", "water"), (9,)), (("water",), (8, 9)), (("gas",), (7,)), (("heat",), (6,)),
    (("cooling",), (5,)), (("thermal",), (6, 5)), (("electricity",), (1,)), (("electric",), (1,)),
    (("electrical",), (1,)), (("abstract",), (0,)),
)  # fmt: skip
"""Words that name a medium, the longest first, and value group A."""
_EVERY_MEDIUM: Final = (0, 1, 4, 5, 6, 7, 8, 9, 15)


class Match(msgspec.Struct, frozen=True, order=True):
    """A code that the words fit; the smaller, the better.

    *inexact* words are found as beginnings only, *unasked* words of its short name were not asked for.
    """

    inexact: int
    unasked: int
    later: bool
    kind: int
    doubt: int
    obis: Obis


def search(words: Iterable[str]) -> list[Match]:
    """The codes that mean all *words*, in any order, the best first. A word that names a medium stands for it.

    >>> [str(m.obis) for m in search(["heat", "energy", "set", "date"])][:1]
    ['6-0:1.2.0*255']
    >>> [str(m.obis) for m in search(["L1", "voltage"])][:1], search(["no", "such", "thing"])
    (['1-0:32.7.0*255'], [])
    """
    asked = list(dict.fromkeys(_TOKEN.findall(" ".join(words).lower())))
    media, rest = _media(asked)
    found = _search(_meant(rest), media)
    if not found and media != _EVERY_MEDIUM:
        found = _search(_meant(asked), _EVERY_MEDIUM)
    return found


def medium_named(words: Iterable[str]) -> int | None:
    """Value group A of the medium that *words* name, and nothing else; None where they say more, or less.

    >>> medium_named(["cold", "water"]), medium_named(["gas", "volume"])
    (8, None)
    """
    media, rest = _media(_TOKEN.findall(" ".join(words).lower()))
    return None if rest or media == _EVERY_MEDIUM else media[0]


def _media(asked: list[str]) -> tuple[tuple[int, ...], list[str]]:
    for phrase, media in _MEDIA:
        if all(word in asked for word in phrase):
            return media, [word for word in asked if word not in phrase]
    return _EVERY_MEDIUM, asked


def _meant(asked: list[str]) -> list[str]:
    return [word for word in asked if word not in _EMPTY]


def _search(asked: list[str], media: tuple[int, ...]) -> list[Match]:
    if not asked and media == _EVERY_MEDIUM:
        return []
    best: dict[bytes, Match] = {}
    for medium in media:
        for match in (*_single(asked, medium), *_composed(asked, medium)):
            if match.obis not in best or match < best[match.obis]:
                best[match.obis] = match
    return sorted(best.values())


class _Words(msgspec.Struct, frozen=True):
    """The words of a row: all of them, and those of its short name."""

    every: frozenset[str]
    short: frozenset[str]


class _Hit(msgspec.Struct, frozen=True):
    """What a row has of the words asked for, a bit each: found at all, and found exactly; and how many more it has."""

    found: int
    exact: int
    unasked: int
    e: int | None = None


@cache
def _words(name: str, label: str) -> _Words:
    short = frozenset(_TOKEN.findall(_SLOT_E.sub("", label).lower())) - _EMPTY
    return _Words(frozenset(_TOKEN.findall(name.lower())) | short, short)


def _hit(row: Row, asked: list[str], *, summed: bool = False) -> _Hit:
    """How a row answers; *summed*: as the part of a time integral that has a name of its own."""
    label = row.integral if summed and row.integral else row.label
    label = "" if label == "*" else label
    words = _words(label if summed and row.kind == "C" else row.name, label)
    found = exact = 0
    used: set[str] = set()
    e = None
    for bit, word in enumerate(asked):
        same = word if word in words.every else _SAME.get(word, word)
        if same in words.every:
            found |= 1 << bit
            exact |= 1 << bit
            used.add(same)
        elif word.isdecimal():
            number = _number(row, int(word))
            if number is not None:
                e, found, exact = number, found | 1 << bit, exact | 1 << bit
        elif len(word) >= _SHORTEST_PREFIX and (begun := [w for w in words.every if w.startswith(word)]):
            found |= 1 << bit
            used.update(begun)
    return _Hit(found, exact, len(words.short - used), e)


def _number(row: Row, number: int) -> int | None:
    """Value group E of the object that a row numbers so."""
    slot = _SLOT_E.search(row.label)
    e = number - int(slot[1] or 0) if slot else -1
    return e if 0 <= e <= 255 and members(row.e).has(e) else None


def _single(asked: list[str], medium: int) -> Iterator[Match]:
    """The objects and examples that have all words."""
    for row in _rows(medium, "object") + _rows(medium, "example"):
        hit = _hit(row, asked)
        if hit.found == (1 << len(asked)) - 1:
            e = _classification(row.e) if hit.e is None else hit.e
            code = (medium, _lowest(row.b), _lowest(row.c), _lowest(row.d), e, _period(row.f))
            yield _match(asked, (hit,), (row,), Obis(code))


def _composed(asked: list[str], medium: int) -> Iterator[Match]:
    """What the quantities and processings of a medium make together, with a classification where words ask for it."""
    everything = (1 << len(asked)) - 1
    processings = [(d, members(d.c), _hit(d, asked), _hit(d, asked, summed=True)) for d in _rows(medium, "D")]
    classes = [(e, hit) for e in _rows(medium, "E") if (hit := _hit(e, asked)).found]
    for quantity in _rows(medium, "C"):
        plain, total = _hit(quantity, asked), _hit(quantity, asked, summed=True)
        c = _lowest(quantity.c)
        for d, of_c, as_is, summed in processings:
            if not of_c.has(c):
                continue
            both = (total, summed) if quantity.integral and d.integral else (plain, as_is)
            missing = everything & ~(both[0].found | both[1].found)
            head, f = (medium, 0, c, _lowest(d.d)), _period(d.f)
            if not missing:
                e = unwritten_e(medium, c, head[3]) if d.e == "e" else _classification(d.e)
                yield _match(asked, both, (quantity, d), Obis((*head, e, f)))
            elif missing != everything:
                for row, hit in classes:
                    if missing & ~hit.found or not _fits(row, c, head[3]):
                        continue
                    code = Obis((*head, _classification(row.e) if hit.e is None else hit.e, f))
                    if defining(code, "E") is row:
                        yield _match(asked, (*both, hit), (quantity, d, row), code)


def _fits(row: Row, c: int, d: int) -> bool:
    return members(row.c).has(c) and members(row.d).has(d)


def _match(asked: list[str], hits: tuple[_Hit, ...], parts: tuple[Row, ...], obis: Obis) -> Match:
    exact = 0
    for hit in hits:
        exact |= hit.exact
    return Match(
        inexact=len(asked) - exact.bit_count(),
        unasked=sum(hit.unasked for hit in hits),
        later=any(row.edition == "later" for row in parts),
        kind=KINDS.index(parts[0].kind),
        doubt=max(("high", "medium", "low").index(row.confidence) for row in parts),
        obis=obis,
    )


@cache
def _lowest(element: str) -> int:
    of = members(element)
    return (of.values & -of.values).bit_length() - 1


def _classification(element: str) -> int:
    """Value group E that stands for an element: 0, else 255, else the lowest."""
    of = members(element)
    return next((e for e in (0, 255) if of.has(e)), _lowest(element))


def _period(element: str) -> int:
    """Value group F that stands for an element: the current period, else the last one, else the lowest."""
    of = members(element)
    return next((f for f in (255, 101) if of.values >> f & 1), 0 if of.ages else _lowest(element))


@cache
def _rows(medium: int, kind: str) -> list[Row]:
    """The rows of a kind that name something in a medium."""
    general = kind in ("C", "D", "E")
    return [
        row
        for row in rows()
        if row.kind == kind
        and row.a != "x"
        and members(row.a).has(medium)
        and not (general and (row.precedence < 0 or row.reserved or row.name == "manufacturer specific"))
        and "VZ" not in (row.f if kind == "example" else "")
    ]
