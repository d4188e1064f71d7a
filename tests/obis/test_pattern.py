"""Patterns of value groups: what they mean, and whether two of them share a code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.obis import Obis, Pattern
from anymeter.obis.pattern import members

VALUE = st.integers(0, 255)
SPAN = st.tuples(VALUE, VALUE).map(lambda ab: f"{min(ab)}..{max(ab)}")
ELEMENT = st.lists(VALUE.map(str) | SPAN, min_size=1, max_size=4).map(";".join) | st.sampled_from("xbcdefF")


def values(element: str) -> set[int]:
    return {value for value in range(256) if members(element).has(value)}


@pytest.mark.parametrize(
    ("element", "meant"),
    [
        ("5", {5}),
        ("0", {0}),
        ("1..3", {1, 2, 3}),
        ("0;2..4;255", {0, 2, 3, 4, 255}),
        ("x", set(range(256))),
        ("b", set(range(65))),
        ("c", set(range(256)) - set(range(128, 200)) - {240}),
        ("d", {*range(128), 255}),
        ("e", {*range(128), 255}),
        ("f", {*range(128), 255}),
        ("F", {*range(100), *range(101, 127)}),
        ("255;F", {*range(100), *range(101, 127), 255}),
        ("VZ", set(range(100))),
        ("VZ;255", {*range(100), 255}),
        ("VZ..VZ-n", set(range(100))),
    ],
)
def test_what_an_element_means(element: str, meant: set[int]) -> None:
    assert values(element) == meant


@pytest.mark.parametrize(
    ("element", "ages"),
    [("VZ", {1}), ("VZ-1", {2}), ("VZ-3", {4}), ("VZ-n", set(range(5, 101))), ("VZ..VZ-n", set(range(1, 101)))],
)
def test_periods_told_from_the_counter(element: str, ages: set[int]) -> None:
    assert {age for age in range(1, 101) if members(element).has(50, age=age)} == ages
    assert not members(element).has(255, age=1)


@pytest.mark.parametrize(
    "element", ["", "256", "7..3", "1..256", "g", "VZ-x", "1,2", "1..", "..2", "VZ-n..", "1;;2", "xx"]
)
def test_what_is_no_element(element: str) -> None:
    with pytest.raises(LocalError):
        members(element)


def test_a_pattern_matches_its_codes() -> None:
    pattern = Pattern("5;6", "b", "1..7", "0;2", "0..9", "255")
    assert pattern.matches(Obis("6-0:1.2.9"))
    assert pattern.matches(Obis("5-64:7.0.0"))
    for other in ("7-0:1.2.9", "6-65:1.2.0", "6-0:8.0.0", "6-0:1.1.0", "6-0:1.0.10", "6-0:1.0.0*1"):
        assert not pattern.matches(Obis(other)), other


def test_a_pattern_told_from_the_counter() -> None:
    last_but_one = Pattern("2", "0", "2", "2", "0", "VZ-1")
    code = Obis("2-0:2.2.0*11")
    assert last_but_one.matches(code)
    assert last_but_one.matches(code, counter=12)
    assert not last_but_one.matches(code, counter=11)
    assert last_but_one.matches(Obis("2-0:2.2.0*12"), counter=1, limit=12)
    assert not last_but_one.matches(Obis("2-0:2.2.0*101"), counter=12)
    assert last_but_one.first(counter=0) == Obis("2-0:2.2.0*99")


@given(ELEMENT, ELEMENT)
def test_elements_meet_where_they_share_a_value(one: str, other: str) -> None:
    assert members(one).meets(members(other)) == bool(values(one) & values(other))


@given(st.tuples(*[ELEMENT] * 6), st.tuples(*[ELEMENT] * 6))
def test_patterns_meet_only_where_every_group_does(one: tuple, other: tuple) -> None:
    shared = all(values(x) & values(y) for x, y in zip(one, other, strict=True))
    assert Pattern(*one).meets(Pattern(*other)) == shared


@given(
    st.tuples(*[ELEMENT] * 5),
    ELEMENT | st.sampled_from(["VZ", "VZ-2", "VZ-n", "VZ..VZ-n", "VZ;255"]),
    st.integers(0, 99),
)
def test_the_first_code_matches(head: tuple, f: str, counter: int) -> None:
    pattern = Pattern(*head, f)
    assert pattern.matches(pattern.first(counter), counter=counter)
