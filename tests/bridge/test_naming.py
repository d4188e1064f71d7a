"""Readings with a code get the code's short name."""

from __future__ import annotations

import pytest

from anymeter.bridge.naming import medium_of, named
from anymeter.bridge.reading import Meaning, Reading
from anymeter.cosem.datetimes import DateTime
from anymeter.obis import Obis
from anymeter.obis.names import short_name

WHEN = DateTime.of(2026, 11, 22)


@pytest.mark.parametrize("code", ["1-0:1.8.0", "7-0:3.2.0", "6-0:1.0.0", "0-0:1.0.0"])
def test_the_short_name_of_the_code(code):
    reading = named(Reading(Meaning(Obis(code)), 5))
    assert reading.name == short_name(Obis(code))
    assert reading.name


def test_a_code_without_a_name_is_its_own():
    code = Obis("200-63:250.251.252*253")
    assert not short_name(code)
    assert named(Reading(Meaning(code), 5)).name == str(code)


def test_everything_else_stays():
    meaning = Meaning(Obis("1-0:1.8.0"), unit="Wh", exponent=-1, storage=2, function="maximum", quantity="energy")
    before = Reading(meaning, 5, b"\x06\x05", WHEN, "overflow")
    after = named(before)
    assert (after.number, after.raw, after.time, after.status) == (5, b"\x06\x05", WHEN, "overflow")
    assert (after.value, after.unit, after.meaning.storage) == (before.value, "Wh", 2)
    assert (after.meaning.function, after.meaning.quantity) == ("maximum", "energy")


@pytest.mark.parametrize("meaning", [Meaning(Obis("1-0:1.8.0"), "mine"), Meaning(), Meaning(name="value")])
def test_a_name_of_its_own_and_no_code_stay_as_they_are(meaning):
    reading = Reading(meaning, 5)
    assert named(reading) is reading


def test_the_same_meaning_is_worked_out_once():
    one, two = (named(Reading(Meaning(Obis("1-0:2.8.0")), n)) for n in (1, 2))
    assert one.meaning is two.meaning


@pytest.mark.parametrize(
    ("codes", "medium"),
    [
        (["0-0:1.0.0", "1-0:1.8.0"], "electricity"),
        (["0-1:24.2.1", "7-0:13.2.0"], "gas"),
        (["6-0:0.1.10", "6-0:1.0.0"], "heat"),
        (["8-0:1.0.0", "9-0:1.0.0"], "cold water"),
        (["0-0:96.1.0"], None),
        (["15-0:1.0.0"], None),
        ([], None),
    ],
)
def test_the_medium_that_readings_tell(codes, medium):
    """Identification, clock and general entries belong to no medium; the first quantity does."""
    assert medium_of([Reading(Meaning(obis=Obis(code)), 1) for code in codes]) == medium


def test_readings_without_a_code_tell_no_medium():
    assert medium_of([Reading(Meaning(name="value"), 1)]) is None
