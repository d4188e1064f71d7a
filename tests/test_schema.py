"""Every object that is printed is one of its published JSON Schema: keys in order, numbers exact."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import message_cases as cases
from anymeter.bridge.reading import Meaning, Message, Reading
from anymeter.decoding.form import error_form, message_form, to_json
from anymeter.errors import AnymeterError, DecodeError

FOLDER = Path(__file__).parents[1] / "docs" / "schema"
MESSAGE = ["schema", "protocol", "layers", "meter", "time", "status", "security", "readings", "undecoded"]
METER = ["id", "manufacturer", "version", "medium", "device_type"]
READING = [
    "obis", "name", "value", "unit", "quantity", "function", "storage", "tariff", "subunit", "time", "status", "raw",
]  # fmt: skip
ERROR = ["schema", "error", "what", "at", "why", "input"]


@cache
def validator(name: str) -> Any:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def refuse(text: str) -> Any:
    raise AssertionError(f"{text} is no JSON")


def read(line: str) -> Any:
    """One line, its numbers exactly as written and its keys in their order."""
    assert len(line.splitlines()) == 1
    return json.loads(line, parse_float=Decimal, parse_constant=refuse)


def complaints(name: str, form: Any) -> list[str]:
    plain = json.loads(json.dumps(form, default=float))
    return [f"{e.json_path}: {e.message}" for e in validator(name).iter_errors(plain)]


def check_message(message: Message) -> None:
    form = read(to_json(message_form(message)))
    assert complaints("message", form) == []
    assert list(form) == MESSAGE
    assert form["meter"] is None or list(form["meter"]) == METER
    assert form["security"] is None or list(form["security"]) == ["mode", "verified"]
    dataset = message.protocol in ("iec62056-21", "p1")
    for told, reading in zip(form["readings"], message.readings, strict=True):
        assert list(told) == ([*READING, "address"] if dataset else READING)
        check_value(told["value"], reading)


def check_value(told: Any, reading: Reading) -> None:
    """The number that was written is the number that was read, digit for digit."""
    value = reading.value
    if isinstance(value, bool | int | Decimal):
        assert isinstance(told, int | Decimal)
        assert not isinstance(told, bool)
        assert Decimal(told) == Decimal(value)
        if isinstance(value, Decimal) and isinstance(told, Decimal):
            assert told.as_tuple().exponent == min(value.as_tuple().exponent, 0)
    elif value is None:
        assert told is None
        assert reading.status
    else:
        assert told == (value if isinstance(value, str) else value.iso())


def check_error(error: AnymeterError, given: str) -> None:
    form = read(to_json(error_form(error, given)))
    assert complaints("error", form) == []
    assert list(form) == ERROR


def check(vector: dict[str, Any], octets: bytes) -> None:
    try:
        message = cases.decoder(vector).decode(octets)
    except AnymeterError as e:
        check_error(e, octets.hex())
    else:
        check_message(message)


@pytest.mark.parametrize("v", cases.params(cases.OWN))
def test_own(v):
    check(v, cases.octets(v))


@pytest.mark.parametrize("name", cases.SHARED_FILES)
def test_shared(name):
    found = list(cases.shared(name))
    if not found:
        pytest.skip(cases.REASON)
    for _, vector, octets in found:
        check(vector, octets)


@pytest.mark.parametrize("name", cases.SHARED_FILES)
def test_shared_without_their_keys_and_cut(name):
    found = list(cases.shared(name))
    if not found:
        pytest.skip(cases.REASON)
    for _, _, octets in found:
        check({}, octets)
        check({}, octets[: len(octets) // 2])


@pytest.mark.parametrize("text", ["\ud800", "a\udcffb", "\x00\x1f", '"\\', "\u2028", "m³"])
def test_text_of_any_kind(text):
    reading = Reading(Meaning(name=text), text, b"", status=text)
    form = read(to_json(message_form(Message("dlms", ("data",), readings=(reading,)))))
    assert complaints("message", form) == []
    check_error(DecodeError(text, what=text, at=0), text)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"schema": "anymeter.message/2"}, "$.schema"),
        ({"protocol": "sml"}, "$.protocol"),
        ({"layers": "hdlc"}, "$.layers"),
        ({"meter": {}}, "$.meter"),
        ({"status": None}, "$.status"),
        ({"undecoded": ["0"]}, "$.undecoded[0]"),
        ({"more": 1}, "$"),
    ],
)
def test_the_schema_of_messages_can_fail(change, path):
    form = json.loads(to_json(message_form(Message("dlms", ("hdlc",)))))
    assert complaints("message", form) == []
    assert complaints("message", form | change)[0].startswith(path)


@pytest.mark.parametrize(
    "change",
    [{"value": True}, {"value": None}, {"obis": "1.8.0"}, {"function": "average"}, {"storage": -1}, {"raw": "0g"},
     {"address": "1.8.0"}],
)  # fmt: skip
def test_the_schema_of_readings_can_fail(change):
    reading = Reading(Meaning(name="x"), 1, b"\x01")
    form = json.loads(to_json(message_form(Message("dlms", ("hdlc",), readings=(reading,)))))
    assert complaints("message", form) == []
    form["readings"][0] |= change
    assert complaints("message", form)


@pytest.mark.parametrize("change", [{"at": -1}, {"why": ""}, {"error": "KeyError"}, {"what": None}, {"input": None}])
def test_the_schema_of_errors_can_fail(change):
    form = error_form(DecodeError("why", what="x", at=1), "68")
    assert complaints("error", form) == []
    assert complaints("error", form | change)
