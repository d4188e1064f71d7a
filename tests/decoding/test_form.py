"""Messages and errors as JSON objects: keys in their order, numbers exact, text whole."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.reading import Meaning, Message, Meter, Reading, Security
from anymeter.cosem.datetimes import DateTime
from anymeter.decoding.form import error_form, message_form, reading_form, to_json, value_form
from anymeter.errors import ApplicationError, DecodeError, LocalError, SecurityError
from anymeter.obis import Obis

WHEN = DateTime.of(2026, 11, 22, None, 8, 15)
READING = Reading(
    Meaning(Obis("6-0:1.0.0"), "energy", "Wh", "energy", "maximum", 1, 2, 3, exponent=2), 12345, b"\x0c\x05", WHEN
)


def test_a_message():
    message = Message(
        protocol="mbus",
        layers=("mbus-wired", "tpl-long", "records"),
        meter=Meter("12345678", "KAM", 27, "heat", 4),
        time=WHEN,
        status=("power-low",),
        security=Security(5, True),
        readings=(READING,),
        undecoded=(b"\x01\xab",),
    )
    assert to_json(message_form(message)) == (
        '{"schema":"anymeter.message/1","protocol":"mbus","layers":["mbus-wired","tpl-long","records"],'
        '"meter":{"id":"12345678","manufacturer":"KAM","version":27,"medium":"heat","device_type":4},'
        '"time":"2026-11-22T08:15","status":["power-low"],"security":{"mode":5,"verified":true},'
        '"readings":[{"obis":"6-0:1.0.0*255","name":"energy","value":1234500,"unit":"Wh","quantity":"energy",'
        '"function":"maximum","storage":1,"tariff":2,"subunit":3,"time":"2026-11-22T08:15","status":null,'
        '"raw":"0C05"}],"undecoded":["01AB"]}'
    )


def test_an_empty_message():
    assert to_json(message_form(Message("wmbus", ("wmbus",)))) == (
        '{"schema":"anymeter.message/1","protocol":"wmbus","layers":["wmbus"],"meter":null,"time":null,"status":[],'
        '"security":null,"readings":[],"undecoded":[]}'
    )


def test_a_data_set_has_its_address_and_its_text():
    form = reading_form(Reading(Meaning(address="1.8.0"), 1, b"(1*kWh)"))
    assert list(form)[-2:] == ["raw", "address"]
    assert (form["raw"], form["address"], form["obis"]) == ("(1*kWh)", "1.8.0", None)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-5, "-5"),
        (2**64, "18446744073709551616"),
        (10**40, "1" + "0" * 40),
        (True, "1"),
        (Decimal("0.10"), "0.10"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-1E-12"), "-0.000000000001"),
        (Decimal("123456789.123456789123456789"), "123456789.123456789123456789"),
        ("text", '"text"'),
        (None, "null"),
        (WHEN, '"2026-11-22T08:15"'),
    ],
)
def test_values(value, written):
    assert to_json({"v": value_form(value)}) == f'{{"v":{written}}}'


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30) | st.integers())
def test_numbers_come_back_digit_for_digit(number):
    read = json.loads(to_json({"v": value_form(number)}), parse_float=Decimal)["v"]
    assert read == number
    assert type(read) in (int, Decimal)


@given(st.text(st.characters()))
def test_any_text_makes_one_line_of_json(text):
    line = to_json({"v": text, "w": [text, {"x": (text,)}]})
    assert len(line.splitlines()) == 1
    read = json.loads(line)
    assert read["v"] == read["w"][0] == read["w"][1]["x"][0]


@pytest.mark.parametrize("text", ["\ud800", "a\udc80b", "\udcff\ud800", "\ud83d\ude00 and \ud83d"])
def test_half_a_surrogate_pair_does_not_break_the_writer(text):
    read = json.loads(to_json({"v": text}))["v"]
    assert "\N{REPLACEMENT CHARACTER}" in read
    assert read.encode("utf-8")


def test_whole_characters_stay():
    assert json.loads(to_json({"v": "m³ \U0001f600 \u2028\x85"}))["v"] == "m³ \U0001f600 \u2028\x85"


@pytest.mark.parametrize(
    ("error", "written"),
    [
        (
            DecodeError("it ends", what="record", at=7),
            '"error":"DecodeError","what":"record","at":7,"why":"it ends"',
        ),
        (SecurityError("wrong key"), '"error":"SecurityError","what":"","at":null,"why":"wrong key"'),
        (
            ApplicationError("busy", code=8, what="device", at=1),
            '"error":"ApplicationError","what":"device","at":1,"why":"busy"',
        ),
        (LocalError("a key has 16 octets"), '"error":"LocalError","what":"","at":null,"why":"a key has 16 octets"'),
    ],
)
def test_errors(error, written):
    assert to_json(error_form(error, "68 0")) == f'{{"schema":"anymeter.error/1",{written},"input":"68 0"}}'
