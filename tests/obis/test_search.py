"""Codes by words: the best first, in any order, in the medium that is named."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.obis import describe, rows
from anymeter.obis.search import medium_named, search


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("heat energy set date", "6-0:1.2.0*255"),
        ("heat energy", "6-0:1.0.0*255"),
        ("heat energy due date", "6-0:1.2.0*255"),
        ("heat flow temperature", "6-0:10.0.0*255"),
        ("heat energy tariff 2", "6-0:1.0.2*255"),
        ("cooling energy", "5-0:1.0.0*255"),
        ("maximum heat power", "6-0:8.5.0*255"),
        ("cold water volume", "8-0:1.0.0*255"),
        ("hot water flow rate maximum", "9-0:2.5.0*255"),
        ("heat cost allocator rated integral set date", "4-0:2.2.0*255"),
        ("hca room temperature", "4-0:7.0.255*255"),
        ("gas volume base conditions", "7-0:3.2.0*255"),
        ("gas volume", "7-0:3.0.0*255"),
        ("gas temperature", "7-0:41.0.0*255"),
        ("methane number gas", "7-0:70.12.0*255"),
        ("active energy import", "1-0:1.8.0*255"),
        ("energy export rate 2", "1-0:2.8.2*255"),
        ("active power export", "1-0:2.7.0*255"),
        ("L1 voltage", "1-0:32.7.0*255"),
        ("voltage l1 harmonic 5", "1-0:32.7.5*255"),
        ("frequency", "1-0:14.7.0*255"),
        ("clock", "0-0:1.0.0*255"),
        ("error register 3", "0-0:97.97.2*255"),
        ("M-Bus client", "0-0:24.1.0*255"),
        ("push setup", "0-0:25.9.0*255"),
        ("battery volt", "0-0:96.6.3*255"),
        ("water dew point", "7-0:70.16.0*255"),
    ],
)
def test_the_best_code_for_words(words: str, best: str) -> None:
    assert str(search(words.split())[0].obis) == best


@pytest.mark.parametrize("words", ["no such thing", "heat zebra", "reactive gas", "xyz", "", "of the", "°"])
def test_words_that_mean_no_code(words: str) -> None:
    assert search(words.split()) == []


def test_order_case_and_splitting_do_not_matter() -> None:
    found = search(["heat", "energy", "set", "date"])
    for words in itertools.permutations(("Energy", "HEAT", "set", "Date")):
        assert search(words) == found
    assert search(["heat energy, set-date"]) == found


def test_a_medium_alone_gives_all_its_codes() -> None:
    found = search(["heat"])
    assert len(found) > 200
    assert {match.obis.a for match in found} == {6}
    assert {match.obis.a for match in search(["water", "volume"])} == {8, 9}


def test_no_code_is_found_twice_and_the_order_is_that_of_the_matches() -> None:
    found = search(["energy"])
    assert len({match.obis for match in found}) == len(found)
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("words", "medium"),
    [
        ("gas", 7),
        ("cold water", 8),
        ("Heat Cost Allocator", 4),
        ("water cold", 8),
        ("gas volume", None),
        ("volume", None),
        ("", None),
    ],
)
def test_media_by_name(words: str, medium: int | None) -> None:
    assert medium_named(words.split()) == medium


OBJECTS = [row for row in rows() if row.kind == "object" and row.table != "D.1" and "manufacturer" not in row.name]


@pytest.mark.parametrize("row", OBJECTS[::25], ids=lambda row: row.name)
def test_objects_are_found_by_their_names(row) -> None:
    assert any(row.pattern.matches(match.obis) for match in search(row.name.split()))


WORDS = ("heat", "gas", "water", "energy", "volume", "maximum", "l1", "rate", "2", "set", "date", "export", "power")


@settings(max_examples=30)
@given(st.lists(st.sampled_from(WORDS), max_size=4))
def test_what_is_found_means_something(words: list[str]) -> None:
    for match in search(words)[:5]:
        assert describe(match.obis).known


@settings(max_examples=30)
@given(st.lists(st.text(max_size=12), max_size=5))
def test_any_words_are_searched_without_error(words: list[str]) -> None:
    assert isinstance(search(words), list)
