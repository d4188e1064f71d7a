"""What codes mean: names composed from the tables, units, classes, value groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.obis import Obis, describe, read, rows, short_name
from shared import vectors

SIX = st.binary(min_size=6, max_size=6)


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("1-0:1.8.0", "active energy import (+A), total"),
        ("1-0:2.8.0", "active energy export (-A), total"),
        ("1-0:1.8.2", "active energy import (+A), rate 2"),
        ("1-0:1.8.1*5", "active energy import (+A), rate 1, billing period 5"),
        ("1-0:1.8.0*101", "active energy import (+A), total, last period"),
        ("1-0:1.9.0", "active energy import (+A), this billing period, total"),
        ("1-0:3.8.0", "reactive energy import (+R), total"),
        ("1-0:5.8.0", "reactive energy, quadrant I, total"),
        ("1-0:1.7.0", "active power import (+P)"),
        ("1-0:16.7.0", "active power, net"),
        ("1-0:1.6.0", "active power import (+P), maximum"),
        ("1-0:1.4.0", "active power import (+P), current average"),
        ("1-0:21.7.0", "L1 active power import (+P)"),
        ("1-0:21.7.255", "L1 active power import (+P)"),
        ("1-0:32.7.0", "L1 voltage"),
        ("1-0:51.7.0", "L2 current"),
        ("1-0:91.7.0", "neutral current"),
        ("1-0:14.7.0", "frequency"),
        ("1-0:13.7.0", "power factor"),
        ("1-0:32.7.5", "L1 voltage, harmonic 5"),
        ("1-0:81.7.4", "angle from I(L1) to reference U(L1)"),
        ("1-0:32.36.0", "L1 voltage, over limit occurrence counter"),
        ("1-0:104.8.0", "reactive energy, capacitive"),
        ("1-2:1.8.0", "active energy import (+A), total, channel 2"),
        ("1-0:1.8.70", "active energy import (+A), classification 70"),
        ("0-0:1.0.0", "clock"),
        ("0-0:96.1.0", "device ID 1"),
        ("0-1:96.1.0", "device ID 1, channel 1"),
        ("0-1:24.2.1", "M-Bus value 1, channel 1"),
        ("0-0:97.97.0", "error register 1"),
        ("0-0:97.98.12", "alarm filter 3"),
        ("0-0:98.1.0*126", "data of billing period, scheme 1, all last periods"),
        ("0-0:40.0.3", "association 3"),
        ("1-0:0.5.1*3", "demand limit 3"),
        ("1-0:99.98.1", "event log 1"),
        ("4-0:1.0.0", "unrated integral"),
        ("4-0:1.2.0", "unrated integral, at set date"),
        ("4-0:7.0.255", "room temperature"),
        ("5-0:1.0.0", "energy"),
        ("6-0:1.0.0", "energy"),
        ("6-0:1.2.0", "energy, at set date"),
        ("6-0:1.0.1", "energy, rate 1"),
        ("6-0:8.5.0", "power, maximum"),
        ("6-0:11.0.0", "return temperature"),
        ("6-0:0.1.10", "set date"),
        ("7-0:3.0.0", "volume, forward, metering conditions"),
        ("7-0:3.1.0", "volume, forward, corrected"),
        ("7-0:13.2.1", "converter volume, forward, base conditions, rate 1"),
        ("7-0:70.66.0", "natural gas analysis, carbon dioxide CO2"),
        ("7-0:99.3.2", "load profile of indexes 3.2"),
        ("8-0:1.0.0", "volume"),
        ("9-0:2.5.0", "flow rate, maximum"),
        ("15-0:5.0.0", "solar"),
        ("1-0:94.49.7", "country specific, classification 7, Germany"),
        ("1-0:200.8.0", ""),
        ("1-150:1.8.0", "manufacturer specific"),
        ("1-70:1.8.0", "utility specific"),
        ("0-0:96.51.2*1", "manufacturer specific 2, F = 1"),
    ],
)
def test_short_names(code: str, short: str) -> None:
    assert short_name(Obis(code)) == short
    assert describe(Obis(code)).short == short


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        ("0-0:1.0.0", "object", "clock"),
        ("7-0:3.2.0", "example", "Vb: meter volume at base conditions"),
        ("1-0:1.8.0", "composed", "active energy import (+A), time integral 1 (since origin), total"),
        ("1-0:1.7.0", "composed", "active power import (+P), QI+QIV, sum of all phases, instantaneous value, total"),
        ("6-0:1.3.1*101", "composed", "energy, billing date value, rate 1, last period"),
        ("7-0:43.15.0", "composed", "flow rate, current average, averaging period 1 (5 min), metering conditions"),
        ("0-0:94.31.0", "composed", "country specific, Netherlands"),
        ("0-0:94.50.0", "composed", "country specific, reserved country"),
        ("1-0:1.200.0", "rule", "manufacturer specific (value group D)"),
        ("1-0:150.8.0", "rule", "manufacturer specific (value group C)"),
        ("1-150:1.8.0", "rule", "manufacturer specific (value group B)"),
        ("1-70:1.8.0", "rule", "utility specific (whole code)"),
        ("0-0:0.1.2*5", "object", "time stamp of billing period (1), billing period 5"),
        ("7-0:0.5.1*12", "object", "over-consumption limit 2, measurement period 3"),
        ("0-0:96.13.2", "reserved", "not allocated, so reserved"),
        ("1-0:0.20.5", "reserved", "not allocated, so reserved"),
        ("2-0:1.8.0", "reserved", "not allocated, so reserved"),
        ("129-129:199.130.3", "reserved", "not allocated, so reserved"),
        ("7-0:9.0.0", "reserved", "not allocated, so reserved"),
        ("6-0:1.30.0", "reserved", "not allocated, so reserved"),
    ],
)
def test_the_most_specific_row_names_a_code(code: str, kind: str, name: str) -> None:
    meaning = describe(Obis(code))
    assert (meaning.kind, meaning.name, meaning.known) == (kind, name, kind != "reserved")


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("1-0:1.8.0", "Wh"),
        ("1-0:1.7.0", "W"),
        ("1-0:3.8.0", "varh"),
        ("1-0:3.7.0", "var"),
        ("1-0:9.8.0", "VAh"),
        ("1-0:32.7.0", "V"),
        ("1-0:124.7.0", "V"),
        ("1-0:32.36.0", "count"),
        ("1-0:32.37.0", "s"),
        ("1-0:81.7.0", "deg"),
        ("6-0:1.0.0", "Wh / J"),
        ("6-0:12.0.0", "K"),
        ("6-0:1.25.0", "s"),
        ("7-0:3.0.0", "m3"),
        ("7-0:43.15.0", "m3/h"),
        ("7-0:70.66.0", "mol%"),
        ("7-0:54.0.16", "J/m3 ; Wh/m3"),
        ("7-0:53.12.0", "enum"),
        ("8-0:1.0.0", "m3"),
        ("4-0:3.0.255", "Cel"),
        ("0-0:96.6.3", "V"),
    ],
)
def test_units(code: str, unit: str) -> None:
    assert describe(Obis(code)).unit == unit


@pytest.mark.parametrize(
    ("code", "classes"),
    [
        ("0-0:1.0.0", (8,)),
        ("0-1:24.1.0", (72,)),
        ("0-0:40.0.0", (12, 15)),
        ("1-0:1.8.0", (3, 4, 5, 7)),
        ("1-0:99.1.0", (7,)),
        ("1-0:32.32.3", (1, 3)),
        ("6-0:1.2.0", (3, 4, 7)),
        ("7-0:3.2.0", (3, 4, 7)),
        ("1-0:1.200.0", ()),
    ],
)
def test_interface_classes(code: str, classes: tuple[int, ...]) -> None:
    assert describe(Obis(code)).classes == classes


def test_each_value_group_has_its_meaning_and_source() -> None:
    groups = describe(Obis("7-3:3.2.4*101")).groups
    assert [(g.letter, g.value) for g in groups] == [("A", 7), ("B", 3), ("C", 3), ("D", 2), ("E", 4), ("F", 101)]
    assert [g.meaning for g in groups] == [
        "gas", "channel 3", "meter volume, forward absolute", "index, current, base conditions (converted)", "rate 4",
        "last period",
    ]  # fmt: skip
    assert [g.table for g in groups] == ["11", "12", "31", "32", "37", "53"]
    assert groups[2].source == "EN 13757-1:2014, 11.3.4.2, Table 31"


def test_reserved_value_groups_say_so() -> None:
    assert describe(Obis("7-0:9.0.0")).groups[2].meaning == "reserved"
    assert describe(Obis("19-0:1.0.0")).groups[0].meaning == "reserved"
    assert describe(Obis("1-210:1.8.0")).groups[1].meaning == "reserved"


def test_the_counter_names_the_example_and_the_age() -> None:
    code = Obis("4-0:2.2.0*7")
    assert describe(code).kind == "composed"
    assert describe(code).name == "rated integral (after rating/compensation), set date value, billing period 7"
    known = describe(code, counter=7)
    assert (known.kind, known.name, known.groups[5].meaning) == (
        "example",
        "rated integral at last set date",
        "last period",
    )
    assert describe(code, counter=8).kind == "composed"
    assert describe(code, counter=8).groups[5].meaning == "2nd last period"


def test_a_counter_that_cannot_be_is_our_mistake() -> None:
    with pytest.raises(LocalError):
        describe(Obis("4-0:2.2.0*7"), counter=200)


def test_the_least_sure_part_says_how_sure_a_composed_name_is() -> None:
    assert describe(Obis("6-0:1.2.0")).confidence == "high"
    assert describe(Obis("6-0:8.5.0")).confidence == "medium"
    assert describe(Obis("7-0:7.0.0")).confidence == "low"


def test_editions() -> None:
    assert describe(Obis("0-0:25.9.0")).edition == ""
    assert describe(Obis("0-0:25.10.0")).edition == "later"
    assert describe(Obis("7-0:0.15.1")).edition == "uncertain"


@given(SIX)
def test_every_six_octets_have_a_description(code: bytes) -> None:
    meaning = describe(code)
    assert meaning.obis == code
    assert len(meaning.groups) == 6
    assert meaning.known == bool(meaning.short)
    assert meaning.short == short_name(code)
    assert "{" not in meaning.name + meaning.short
    assert "*" not in meaning.short
    assert meaning.confidence in ("high", "medium", "low")
    assert all(group.meaning for group in meaning.groups)


@given(st.sampled_from([row for row in rows() if row.kind in "CDE" and row.precedence >= 0]), st.integers(0, 99))
def test_definitions_make_names(row, counter: int) -> None:
    meaning = describe(row.pattern.first(counter))
    letter = "CDE".index(row.kind) + 2
    if meaning.kind == "composed" and not row.reserved and meaning.obis[2] != 94:
        assert meaning.groups[letter].meaning


@given(st.integers(128, 199), SIX)
def test_one_group_in_the_manufacturers_range_makes_the_code_his(b: int, code: bytes) -> None:
    a = code[0] % 2
    meaning = describe(bytes((a, b, *code[2:])))
    assert meaning.name == "manufacturer specific (value group B)"


@pytest.mark.parametrize("vector", vectors("dsmr_p1.jsonl", "iec62056_21.jsonl", where=lambda v: v.get("data_sets")))
def test_data_sets_of_real_readouts_have_names(vector) -> None:
    unknown = set()
    for address in {d["address"] for d in vector["data_sets"]}:
        try:
            code = read(address).obis
        except LocalError:
            continue
        if not short_name(code):
            unknown.add(str(code))
    assert not {code for code in unknown if not code.startswith("0-0:96.13.")}
