"""Addresses and units: the tables are whole, and reduced IDs stand for the right objects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.dataset_words import Words, heat_addresses, obis_of, rules, units, words
from anymeter.cosem.units import by_text
from anymeter.errors import LocalError
from anymeter.obis import Obis


# Source: EN 13757-1:2014, 11.5 with its examples; an address may leave out A, B, E and F.
@pytest.mark.parametrize(
    ("address", "medium", "obis"),
    [
        ("1.8.0", 1, "1-0:1.8.0*255"),
        ("1.8.1*03", 1, "1-0:1.8.1*3"),
        ("1.8.1&03", 1, "1-0:1.8.1*3"),
        ("1-1:1.8.0", 1, "1-1:1.8.0*255"),
        ("C.1.0", 1, "0-0:96.1.0*255"),
        ("F.F", 1, "0-0:97.97.0*255"),
        ("P.01", 1, "1-0:99.1.0*255"),
        ("6-0:1.0.0*255", 1, "6-0:1.0.0*255"),
        ("1-0:21.7.0.255", 1, "1-0:21.7.0*255"),
        ("0:96.7.19", 1, "0-0:96.7.19*255"),
        ("3.0.0", 7, "7-0:3.0.0*255"),
        ("0.9.1", 8, "8-0:0.9.1*255"),
        ("0-1:24.2.1", 1, "0-1:24.2.1*255"),
        ("32.7", 1, "1-0:32.7.0*255"),
    ],
)
def test_addresses(address, medium, obis):
    assert str(obis_of(address, medium)) == obis


@pytest.mark.parametrize(
    "address", ["", "F", "!", "abc", "1.8.x", "999.1.0", "1.8.0(", "112233445566", "1" * 300 + ".1"]
)
def test_what_is_no_code(address):
    assert obis_of(address) is None


def test_every_unit_is_one_of_the_standard():
    for text, (unit, exponent) in units().items():
        assert by_text(unit).text == unit, text
        assert -3 <= exponent <= 12


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("kWh", ("Wh", 3)),
        ("GJ", ("J", 9)),
        ("l", ("m3", -3)),
        ("mA", ("A", -3)),
        ("MW", ("W", 6)),
        ("mW", ("W", -3)),
        ("°C", ("Cel", 0)),
        ("m3ph", ("m3/h", 0)),
        ("kvarh", ("varh", 3)),
    ],
)
def test_units(text, unit):
    assert units()[text] == unit


def test_the_tables_know_their_kinds_and_roles():
    for row in (*rules(True), *heat_addresses().values()):
        assert row.kind in ("", "number", "text", "time", "hex")
        assert row.role in ("", "id1", "id2", "id3", "clock", "date", "time", "error")


def test_p1_rules_come_first():
    own = Words(p1=True).plan(b"0-0:96.1.1")
    assert (own.kind, own.role) == ("hex", "id1")
    assert Words().plan(b"0-0:96.1.1").kind == "text"


def test_a_meaning_holds_unit_and_exponent():
    known = Words()
    meaning = known.meaning(known.plan(b"1.8.2"), b"kWh", 3)
    assert (str(meaning.obis), meaning.unit, meaning.exponent, meaning.tariff) == ("1-0:1.8.2*255", "Wh", 0, 2)
    assert (meaning.address, meaning.function, meaning.name != "") == ("1.8.2", "instantaneous", True)
    assert known.meaning(known.plan(b"1.6.0"), b"kW", 1).function == "maximum"
    assert known.meaning(known.plan(b"32.7.5"), b"V", 1).tariff == 0


def test_a_unit_that_nobody_knows_is_kept():
    known = Words()
    meaning = known.meaning(known.plan(b"13.7.0"), b"k", 2)
    assert (meaning.unit, meaning.exponent) == ("k", -2)


def test_heat_meters_with_addresses_of_their_own():
    known = words(heat=True)
    assert str(known.plan(b"6.8").obis) == "6-0:1.0.0*255"
    past = known.plan(b"6.8*01")
    assert (past.obis, past.storage, past.name) == (None, 1, known.meaning(known.plan(b"6.8")).name)
    assert known.plan(b"1.8.0").obis is None


def test_a_column_of_a_profile_means_its_object():
    plan = words().plan(b"P.01", b"1-1:1.29")
    assert (plan.address, plan.obis) == ("P.01", Obis("1-1:1.29.0"))


@given(st.lists(st.binary(min_size=1, max_size=80), max_size=30))
def test_memory_of_words_is_bounded(addresses):
    known = Words()
    for address in addresses:
        known.meaning(known.plan(address), address, 0)
        known.learn(address, b"", 0, known.meaning(known.plan(address)))
    assert all(len(key[0]) <= 64 for key in known.quick)


def test_old_words_are_forgotten(monkeypatch):
    monkeypatch.setattr("anymeter.bridge.dataset_words._REMEMBERED", 4)
    known = Words()
    for number in range(20):
        known.learn(b"%d" % number, b"", 0, known.meaning(known.plan(b"1.8.0")))
    assert len(known.quick) <= 4


@given(st.text(max_size=30))
def test_any_address_is_a_code_or_none(address):
    try:
        found = obis_of(address)
    except LocalError:
        pytest.fail("an address is what a peer sends")
    assert found is None or len(found) == 6


@pytest.mark.parametrize(
    ("address", "function", "tariff"),
    [
        ("1.8.0", "instantaneous", 0),
        ("1.8.63", "instantaneous", 63),
        ("1.8.64", "instantaneous", 0),
        ("1.2.1", "instantaneous", 1),
        ("1.6.2", "maximum", 2),
        ("1.16.1", "maximum", 0),
        ("1.26.0", "maximum", 0),
        ("1.3.1", "minimum", 0),
        ("1.13.0", "minimum", 0),
        ("80.6.1", "maximum", 1),
        ("81.6.1", "instantaneous", 0),
        ("7-0:3.6.1", "instantaneous", 0),
        ("0.0.0", "instantaneous", 0),
    ],
)
def test_function_and_tariff_are_those_of_electricity_s_value_groups(address, function, tariff):
    """D = 6, 16, 26 maximum, 3, 13, 23 minimum; E is a rate where D counts or holds a maximum. Source: EN 13757-1."""
    known = Words()
    meaning = known.meaning(known.plan(address.encode()), b"kW", 1)
    assert (meaning.function, meaning.tariff) == (function, tariff)


@pytest.mark.parametrize("medium", [1, 6, 7, 8])
def test_an_address_without_medium_has_that_of_the_meter(medium):
    known = words(medium=medium)
    assert known.plan(b"2.0.0").obis[0] == medium
    assert known.plan(b"1-0:2.0.0").obis[0] == 1
    assert known.plan(b"C.1.0").obis[0] == 0
    assert words(medium=medium) is known


def test_rules_cover_their_ranges_and_nothing_beside_them():
    for rule in rules(True):
        inside = Obis(bytes((*(span[0] for span in rule.ranges), 255)))
        assert rule.covers(inside)
        assert rule.covers(Obis(bytes((*(span[-1] for span in rule.ranges), 255))))
        for place, span in enumerate(rule.ranges):
            for beside in (span[0] - 1, span[-1] + 1):
                if 0 <= beside <= 255:
                    assert not rule.covers(Obis(inside[:place] + bytes((beside,)) + inside[place + 1 :]))
