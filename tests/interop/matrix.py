"""The interoperability matrix: each check is a cell, recorded with the report of its test and printed as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

PROPERTY = "interop"
"""The name under which cells stand in the user properties of a report."""
OK, WRONG, LACKS = "ok", "failed", "peer cannot"
BEGIN, END = "<!-- the matrix: made by make interop -->", "<!-- the end of the matrix -->"
LINKS = ("TCP wrapper", "UDP wrapper", "HDLC")
_WORDS = 160
_PDU = "PDU "


class Cell(NamedTuple):
    """One check: who spoke to whom over which link, what was tried, in which variant, and what came of it."""

    pair: str
    link: str
    feature: str
    variant: str
    verdict: str
    note: str


class Checks:
    """The checks of one test, for one pair and link. Failures are collected; :meth:`settle` raises them all."""

    def __init__(self, record: Callable[[str, object], None], pair: str, link: str, variant: str = "") -> None:
        self._record, self.pair, self.link, self.variant = record, pair, link, variant
        self.problems: list[str] = []

    @contextmanager
    def __call__(self, feature: str, variant: str | None = None) -> Iterator[None]:
        """What is inside must hold."""
        try:
            yield
        except Exception as problem:  # noqa: BLE001 - whatever went wrong is what the cell says
            self._failed(feature, variant, f"{type(problem).__name__}: {problem}")
        else:
            self._note(feature, variant, OK)

    @contextmanager
    def cannot(self, feature: str, why: str, variant: str | None = None) -> Iterator[None]:
        """What is inside fails, for a reason that lies with the peer; should it hold one day, the test says so."""
        try:
            yield
        except Exception:  # noqa: BLE001 - how it fails is the peer's affair
            self._note(feature, variant, LACKS, why)
        else:
            self._failed(feature, variant, f"it works: it should not have, as {why}")

    def lacks(self, feature: str, why: str) -> None:
        """The peer has no such thing at all."""
        self._note(feature, None, LACKS, why)

    def settle(self) -> None:
        """Raise what went wrong."""
        assert not self.problems, "\n".join(self.problems)

    def _failed(self, feature: str, variant: str | None, words: str) -> None:
        self._note(feature, variant, WRONG, words[:_WORDS])
        self.problems.append(f"{self.pair}, {self.link}: {feature}: {words[:2000]}")

    def _note(self, feature: str, variant: str | None, verdict: str, note: str = "") -> None:
        variant = self.variant if variant is None else variant
        self._record(PROPERTY, json.dumps([self.pair, self.link, feature, variant, verdict, note]))


def cells_of(properties: Iterable[tuple[str, object]]) -> Iterator[Cell]:
    """The cells among the user properties of a report."""
    for name, value in properties:
        if name == PROPERTY:
            yield Cell(*json.loads(str(value)))


def table(cells: Iterable[Cell], *, wide: bool = False) -> list[str]:
    """The matrix in lines: for each pair its features, with a column for each link; notes below.

    With *wide* as Markdown.
    """
    lines: list[str] = []
    notes: dict[str, int] = {}
    by_pair: dict[str, list[Cell]] = {}
    for cell in sorted(set(cells)):
        by_pair.setdefault(cell.pair, []).append(cell)
    for pair, of_pair in by_pair.items():
        links = [link for link in LINKS if any(cell.link == link for cell in of_pair)]
        rows = [["", *links]]
        for feature in sorted({cell.feature for cell in of_pair}, key=str.casefold):
            texts = [[c for c in of_pair if (c.feature, c.link) == (feature, link)] for link in links]
            rows.append([feature, *(_text(found, notes) for found in texts)])
        lines += _markdown(pair, rows) if wide else _plain(pair, rows)
    return lines + [f"{number}. {note}" if wide else f"[{number}] {note}" for note, number in notes.items()]


def _text(cells: list[Cell], notes: dict[str, int]) -> str:
    """What a place of the table says of the checks in it."""
    if not cells:
        return "–"
    parts = []
    for verdict in (OK, LACKS, WRONG):
        found = [cell for cell in cells if cell.verdict == verdict]
        if found:
            variants = _variants({cell.variant for cell in found if cell.variant})
            marks = sorted({notes.setdefault(cell.note, len(notes) + 1) for cell in found if cell.note})
            parts.append(
                verdict
                + (f" ({variants})" if variants else "")
                + (" " + " ".join(f"[{mark}]" for mark in marks) if marks else "")
            )
    return "; ".join(parts)


def _variants(found: set[str]) -> str:
    """Variants in a row: PDU sizes as one list, the others after them.

    >>> _variants({"PDU 1024", "PDU 128", "window 5"})
    'PDU 128, 1024; window 5'
    """
    sizes = sorted(int(one.removeprefix(_PDU)) for one in found if one.startswith(_PDU))
    joined = [_PDU + ", ".join(map(str, sizes))] if sizes else []
    return "; ".join(joined + sorted(one for one in found if not one.startswith(_PDU)))


def _plain(title: str, rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        title,
        *("  " + "  ".join(t.ljust(w) for t, w in zip(row, widths, strict=True)).rstrip() for row in rows),
        "",
    ]


def _markdown(title: str, rows: list[list[str]]) -> list[str]:
    head, *body = rows
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return [*lines, *(f"| {' | '.join(row)} |" for row in body), ""]


def written_into(page: str, cells: Iterable[Cell], peers: dict[str, str]) -> str:
    """*page* with the matrix of *cells* in its place, under the versions of the *peers*."""
    before, found, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError("the page has no place for the matrix")
    versions = ", ".join(f"{name} {version}" for name, version in sorted(peers.items()))
    lines = [BEGIN, "", f"Peers: {versions}.", "", *table(cells, wide=True), "", END]
    return before + "\n".join(lines) + after
