"""Billing periods in value group F. Source of the facts: EN 13757-1:2014, Table 53, Tables 14 and 41."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.obis import Obis, period_age, period_code, scheme
from anymeter.obis.billing import is_period, period_text


@pytest.mark.parametrize(
    ("f", "counter", "limit", "age"),
    [
        (255, None, 100, None),
        (255, 5, 100, None),
        (101, None, 100, 1),
        (102, 7, 100, 2),
        (125, None, 100, 25),
        (126, None, 100, None),
        (100, 3, 100, None),
        (127, 3, 100, None),
        (200, 3, 100, None),
        (5, None, 100, None),
        (5, 5, 100, 1),
        (4, 5, 100, 2),
        (99, 0, 100, 2),
        (1, 0, 100, 100),
        (12, 12, 12, 1),
        (12, 1, 12, 2),
        (2, 1, 12, 12),
        (1, 1, 1, 1),
    ],
)
def test_the_age_of_a_period(f: int, counter: int | None, limit: int, age: int | None) -> None:
    assert period_age(f, counter, limit) == age


@pytest.mark.parametrize(
    ("f", "counter", "limit"),
    [(0, 5, 12), (13, 5, 12), (5, 0, 12), (5, 13, 12), (5, 100, 100), (5, -1, 100), (5, 5, 0), (5, 5, 101)],
)
def test_a_counter_that_cannot_be(f: int, counter: int, limit: int) -> None:
    with pytest.raises(LocalError):
        period_age(f, counter, limit)


@given(st.integers(1, 100), st.data())
def test_codes_and_ages_are_inverse(limit: int, data: st.DataObject) -> None:
    counter = data.draw(st.integers(0, 99) if limit == 100 else st.integers(1, limit))
    age = data.draw(st.integers(1, limit))
    assert period_age(period_code(age, counter, limit), counter, limit) == age


@pytest.mark.parametrize("age", range(1, 26))
def test_codes_without_a_counter(age: int) -> None:
    assert period_code(age) == 100 + age
    assert period_age(100 + age) == age


@pytest.mark.parametrize(
    ("age", "counter", "limit"), [(0, None, 100), (26, None, 100), (0, 5, 100), (101, 5, 100), (13, 5, 12), (1, 0, 12)]
)
def test_ages_without_a_code(age: int, counter: int | None, limit: int) -> None:
    with pytest.raises(LocalError):
        period_code(age, counter, limit)


@pytest.mark.parametrize(
    ("medium", "number", "counter", "periods", "stamp"),
    [
        (0, 1, "0-0:0.1.0", "0-0:0.1.1", "0-0:0.1.2"),
        (0, 2, "0-0:0.1.3", "0-0:0.1.4", "0-0:0.1.5"),
        (1, 2, "1-0:0.1.3", "1-0:0.1.4", "1-0:0.1.5"),
        (7, 3, "7-0:0.1.6", "7-0:0.1.7", "7-0:0.1.8"),
        (7, 4, "7-0:0.1.9", "7-0:0.1.10", "7-0:0.1.11"),
        (6, 1, "6-0:0.1.1", "6-0:0.1.2", "6-0:0.9.3"),
        (4, 1, "4-0:0.1.1", "4-0:0.1.2", "4-0:0.9.3"),
    ],
)
def test_the_objects_of_a_scheme(medium: int, number: int, counter: str, periods: str, stamp: str) -> None:
    objects = scheme(medium, number=number)
    assert (objects.counter, objects.periods, objects.time_stamp) == (Obis(counter), Obis(periods), Obis(stamp))


def test_a_scheme_of_a_channel() -> None:
    assert str(scheme(7, channel=3, number=2).counter) == "7-3:0.1.3*255"


@pytest.mark.parametrize(("medium", "number"), [(6, 2), (7, 5), (1, 3), (7, 0)])
def test_schemes_there_are_not(medium: int, number: int) -> None:
    with pytest.raises(LocalError, match="billing period scheme"):
        scheme(medium, number=number)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("1-0:1.8.0", ""),
        ("1-0:1.8.0*0", "billing period 0"),
        ("1-0:1.8.0*101", "last period"),
        ("1-0:1.8.0*102", "2nd last period"),
        ("1-0:1.8.0*103", "3rd last period"),
        ("1-0:1.8.0*111", "11th last period"),
        ("1-0:1.8.0*122", "22nd last period"),
        ("1-0:1.8.0*126", "all last periods"),
        ("1-0:1.8.0*100", "reserved period 100"),
        ("1-0:1.8.0*200", "manufacturer specific period 200"),
        ("1-0:1.35.0*2", "threshold 2"),
        ("1-0:0.5.1*3", "limit 3"),
        ("7-0:0.5.2*11", "limit 11"),
        ("0-0:96.51.2*1", "F = 1"),
        ("6-0:1.35.0*2", "billing period 2"),
    ],
)
def test_value_group_f_in_words(code: str, text: str) -> None:
    assert period_text(Obis(code)) == text


def test_the_counter_turns_a_number_into_an_age() -> None:
    assert period_text(Obis("6-0:1.2.0*99"), counter=1) == "3rd last period"
    assert period_text(Obis("6-0:1.2.0*1"), counter=1) == "last period"


@given(st.binary(min_size=6, max_size=6))
def test_every_code_has_words_for_f(code: bytes) -> None:
    assert bool(period_text(code)) == (code[5] != 255)
    if not is_period(code) and code[2] != 96:
        assert code[5] <= 99
