"""The tables of clause 11 as data: complete, consistent, and every row found by its own code."""

from __future__ import annotations

import csv
import itertools
import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.obis import Obis, Row, class_names, countries, describe, lookup, rows
from anymeter.obis.pattern import members
from anymeter.obis.table import KINDS, defining, read_table
from shared import REASON, SHARED

COUNTER = 99
SOURCE = SHARED / "obis"
beside = pytest.mark.skipif(not SOURCE.is_dir(), reason=REASON)


def ends(element: str) -> list[int]:
    """The lowest and the highest value of an element; of periods told from the counter, the youngest and the oldest."""
    of = members(element)
    found = [value for value in range(256) if of.values >> value & 1]
    found += [(COUNTER - age + 1) % 100 for age in range(1, 101) if of.ages >> age & 1]
    return sorted({found[0], found[-1]})


def codes(row: Row) -> list[bytes]:
    """Codes at the edges of what a row speaks of."""
    return [bytes(groups) for groups in itertools.product(*map(ends, row.pattern.elements))]


def test_there_is_every_row() -> None:
    assert len(rows()) == 1721
    assert {row.table for row in rows()} >= {str(n) for n in range(9, 54)} | {"C.1", "D.1", "Fig19"}
    assert {row.table for row in rows()} >= {f"61-{n}" for n in range(13, 25)}


@pytest.mark.parametrize("table", sorted({row.table for row in rows()}))
def test_every_row_is_found_by_its_own_codes(table: str) -> None:
    for row in (row for row in rows() if row.table == table):
        for code in codes(row):
            assert row in lookup(code, counter=COUNTER), (row, Obis(code))


def test_no_two_rows_of_one_rank_claim_one_code() -> None:
    ranks: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows():
        ranks[row.rank].append(row)
    shared = [
        (one, other)
        for group in ranks.values()
        for one, other in itertools.combinations(group, 2)
        if one.pattern.meets(other.pattern)
    ]
    assert shared == []


def test_every_object_gives_its_codes_their_meaning() -> None:
    for row in rows():
        if row.kind != "object":
            continue
        for code in codes(row):
            best = next(found for found in lookup(code) if found.kind == "object")
            assert best == row or best.precedence > row.precedence
            assert describe(code).kind == "object"


@pytest.mark.parametrize("row", [row for row in rows() if row.kind == "object" and row.precedence])
def test_the_objects_that_share_codes(row: Row) -> None:
    assert row.name in ("standard readout parametrisation", "parameter monitor logbook (Italian use)")
    assert row.note


def test_every_row_has_its_source_and_confidence() -> None:
    for row in rows():
        assert row.clause
        assert row.table
        assert row.kind in KINDS
        assert row.confidence in ("high", "medium", "low")
        assert row.edition in ("", "later", "uncertain")
        assert row.name == row.name.strip()
        assert not re.search(r"\[[A-Z]\]|gurux|spodes|solostec|ioBroker", f"{row.name} {row.note}", re.IGNORECASE)


def test_labels_have_slots_of_value_groups_only() -> None:
    for row in rows():
        bare = re.sub(r"\{[B-F]([+-]\d+)?\}", "", row.label)
        assert "{" not in bare
        assert "}" not in bare
        assert row.integral == "" or row.kind in "CDE"


def test_every_interface_class_has_a_name() -> None:
    used = {number for row in rows() for number in row.interface_classes}
    assert used <= set(class_names())
    assert class_names()[3] == "Register"
    assert class_names()[72] == "M-Bus client"


def test_countries_of_annex_d() -> None:
    assert len(countries()) == 69
    assert (countries()[31], countries()[49], countries()[0]) == ("Netherlands", "Germany", "Finland")
    assert len({len(row) for row in read_table("country.csv")}) == 1


@beside
def test_the_rows_are_those_of_the_source() -> None:
    with (SOURCE / "obis.csv").open(encoding="utf-8", newline="") as file:
        source = list(csv.DictReader(file))
    assert len(source) == len(rows())
    for given_row, row in zip(source, rows(), strict=True):
        assert (row.clause, row.table, row.confidence) == tuple(given_row[k] for k in ("clause", "table", "confidence"))
        for letter, element in zip("ABCDEF", row.pattern.elements, strict=True):
            same = given_row[letter] == element
            loosened = given_row[letter] in "bcdefn" and element in "xeb"
            narrowed = row.table == "C.1" and (letter, element) == ("B", "b")
            assert same or loosened or narrowed, (given_row, row)
        if row.classes:
            assert row.classes == given_row["interface_classes"]


@beside
def test_the_countries_are_those_of_the_source() -> None:
    with (SOURCE / "country.csv").open(encoding="utf-8", newline="") as file:
        source = {int(row["D"]): row["country"] for row in csv.DictReader(file) if row["D"].isdecimal()}
    assert countries() == source


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        ("1-0:1.8.0", "C", "active power import (+P), QI+QIV, sum of all phases"),
        ("1-0:32.7.2", "E", "nth harmonic"),
        ("1-0:32.8.2", "E", "rate 1..63"),
        ("1-0:32.32.2", "E", "UNIPEDE dip depth 10-15 %, duration 0.5-1 s"),
        ("7-0:3.42.0*255", "D", "index, historical, billing period 2 (1 month), metering conditions"),
        ("0-0:25.9.0", "C", "TCP-UDP, IPv4/6, MAC, PPP, GPRS, SMTP, GSM, push, NTP"),
        ("6-0:1.0.0", "A", "heat"),
        ("6-7:1.0.0", "B", "channel number"),
    ],
)
def test_the_row_that_defines_a_value_group(code: str, kind: str, name: str) -> None:
    row = defining(Obis(code), kind)
    assert row is not None
    assert row.name == name


@given(st.binary(min_size=6, max_size=6), st.none() | st.integers(0, 99))
def test_rows_come_by_rank_and_match(code: bytes, counter: int | None) -> None:
    found = lookup(code, counter=counter)
    assert [row.rank for row in found] == sorted(row.rank for row in found)
    assert all(row.pattern.matches(code, counter=counter) for row in found)
    assert found[-1].kind == "form" or any(row.name == "not allocated, so reserved" for row in found)


@given(st.sampled_from(rows()), st.randoms(use_true_random=False))
def test_the_index_misses_no_row(row: Row, random) -> None:
    code = random.choice(codes(row))
    found = lookup(code, counter=COUNTER)
    assert set(found) == {other for other in rows() if other.pattern.matches(code, counter=COUNTER)}
