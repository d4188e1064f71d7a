"""The rules of ../shared/tools/score.py, in process: every scored vector, and those it leaves to us."""

from __future__ import annotations

import importlib.util
import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import message_cases as cases
from anymeter.decoding import Decoder
from anymeter.decoding.form import message_form, to_json
from anymeter.errors import AnymeterError, ApplicationError, SecurityError
from shared import REASON, SHARED, lines, vectors

DISPUTED = Path(__file__).parent / "vectors" / "disputed.md"
SCORED = (
    "dlms_vectors", "dsmr_p1", "harvested_other", "iec62056_21", "libmbus_error_frames", "libmbus_test_frames",
    "libmbus_unsupported_frames", "wmbusmeters_drivers", "wmbusmeters_simulations",
)  # fmt: skip


@cache
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", SHARED / "tools" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kind(vector: dict[str, Any]) -> str | None:
    found = tool().kind(vector) if (SHARED / "tools" / "score.py").is_file() else None
    return found if vector.get("hex") else None


def disputed() -> dict[str, str]:
    """The rows of the table: vector (and record, if it is about one) and what is expected of us there."""
    rows = [line.split("|")[1:-1] for line in DISPUTED.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return {row[0].strip(): row[2].strip() for row in rows[2:]}


def split_name(row: str) -> tuple[str, str]:
    """Vector and record of a row's first column: `` `wmbusmeters/hydrus/5`, record `01 FD08` ``."""
    quoted = re.findall("`([^`]+)`", row)
    return quoted[0], quoted[1] if len(quoted) > 1 else ""


def table() -> dict[str, tuple[str, str]]:
    """Record and our own value of every disputed vector."""
    return {split_name(row)[0]: (split_name(row)[1], ours) for row, ours in disputed().items()}


def read(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def missing(vector: dict[str, Any], decoder: Decoder) -> tuple[list[str], dict[str, Any]]:
    """What score.py misses in our answer, and the answer as it reads it."""
    try:
        form = read(to_json(message_form(decoder.decode(vector["hex"]))))
    except AnymeterError as e:
        return ([] if kind(vector) == "error" else [f"error: {e}"]), {}
    if kind(vector) == "error":
        return ["no error reported"], form
    score = tool()
    rule = {"mbus": score.missing_mbus, "sets": score.missing_sets, "values": score.missing_values}[kind(vector)]
    return [str(m) for m in rule(vector, form["readings"])], form


def first_heard(vector: dict[str, Any]) -> Decoder:
    """A decoder that has heard what came before."""
    decoder = cases.decoder(vector)
    for before in vector.get("prior_hex") or ():
        decoder.decode(before)
    return decoder


def test_every_dispute_has_two_facts_and_a_vector():
    for line in DISPUTED.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            assert "(1)" in line
            assert "(2)" in line
    if not SHARED.is_dir():
        pytest.skip(REASON)
    known = {v["id"] for name in SCORED for v in lines(f"{name}.jsonl")}
    assert set(table()) <= known


@pytest.mark.parametrize("v", vectors(*(f"{n}.jsonl" for n in SCORED), where=kind))
def test_scored(v):
    found, form = missing(v, first_heard(v))
    if v["id"] not in table():
        assert found == []
        return
    record, ours = table()[v["id"]]
    assert len(found) == 1, "a dispute is about one fact; one that is settled leaves the table"
    if not record:
        assert found == ["no error reported"]
        assert not form["readings"]
        assert form["undecoded"]
        return
    assert found[0].startswith(f"record {record} ")
    raw = record.replace(" ", "")
    assert [str(r["value"]) for r in form["readings"] if r["raw"].startswith(raw)] == [ours]


def test_as_many_as_the_tool_scores():
    if not SHARED.is_dir():
        pytest.skip(REASON)
    scored = [v for n in SCORED for v in lines(f"{n}.jsonl") if kind(v) and not v.get("prior_hex")]
    assert len(scored) == 425
    left = [p.stem for p in (SHARED / "vectors").glob("*.jsonl") if p.stem not in SCORED]
    assert not [n for n in left for v in lines(f"{n}.jsonl") if kind(v)]


# What score.py leaves to our own tests.


def agrees(wanted: dict[str, Any], readings: list[dict[str, Any]]) -> bool:
    """Is a record of another decoder among our readings? Names differ; value, unit, storage and tariff do not."""
    same = tool().same
    value, unit = wanted["value"], wanted.get("unit") or ""
    for r in readings:
        places = all(wanted.get(p) in (None, r[p]) for p in ("storage", "tariff", "subunit"))
        if places and same(value, unit, r["value"], r["unit"]):
            return True
    return False


def told(v: dict[str, Any]) -> dict[str, Any]:
    return read(to_json(message_form(cases.decoder(v).decode(v["hex"]))))


@pytest.mark.parametrize(
    "v",
    vectors(
        "spec_and_security_vectors.jsonl", where=lambda v: v.get("hex") and not str(v.get("expect")).startswith("error")
    ),
)
def test_security(v):
    form = told(v)
    if v["key"]:
        assert form["security"]["verified"]
        assert form["security"]["mode"] == v["verified_here"].get("mode", form["security"]["mode"])
    for record in v.get("records") or ():
        assert agrees(record, form["readings"]), record


@pytest.mark.parametrize(
    "v",
    vectors(
        "spec_and_security_vectors.jsonl", where=lambda v: v.get("hex") and str(v.get("expect")).startswith("error")
    ),
)
def test_security_that_fails(v):
    with pytest.raises(SecurityError) as e:
        cases.decoder(v).decode(v["hex"])
    assert e.value.why
    assert e.value.what
    assert e.value.at is not None


@pytest.mark.parametrize("v", vectors("gowmbus.jsonl"))
def test_gowmbus(v):
    form = told(v)
    wanted = v["expect_raw"]
    if form["security"] and not v["key"]:
        assert form["undecoded"], "a ciphered telegram whose key the suite doesn't tell"
        return
    numbers = [r["value"] for r in form["readings"] if isinstance(r["value"], int | Decimal)]
    for name, value in wanted.items():
        if name.endswith("_m3") and name.startswith("total"):
            assert any(abs(Decimal(str(value)) - n) < Decimal("0.001") for n in numbers), name


@pytest.mark.parametrize("v", vectors("wireless_mbus_parser_ts.jsonl"))
def test_wireless_mbus_parser(v):
    form = told(v)
    wanted = v["header"]
    meter = form["meter"]
    assert (meter["id"], meter["manufacturer"], meter["version"]) == (
        wanted["Id"], wanted["Manufacturer"], wanted["Version"],
    )  # fmt: skip
    assert (form["status"] == []) == (wanted["Status"] == 0)
    assert all(agrees(r, form["readings"]) for r in v["records"] if isinstance(r["value"], int | float))


OF_THE_MAKER = {"8": 2, "11": 1, "13": 1}
"""How many values of a telegram that suite takes from contents of the maker's own."""
OTHERWISE = {"4": 3, "14": 2, "15": 1}
"""How many it has at another power of ten than VIF 13, 2B, 03 and 0E of EN 13757-3 tell, or without their sign."""


@pytest.mark.parametrize("v", vectors("m_bus_parser_rust.jsonl", where=lambda v: v.get("records")))
def test_m_bus_parser(v):
    form = told(v)
    header = v.get("header") or {}
    if "identification_number" in header:
        assert int(form["meter"]["id"]) == header["identification_number"]
        assert form["meter"]["manufacturer"] == header["manufacturer"]
    wrong = [r for r in v["records"] if isinstance(r["value"], int | float) and not agrees(r, form["readings"])]
    number = v["id"].rpartition("/")[2]
    assert len(wrong) == (OF_THE_MAKER | OTHERWISE).get(number, 0)
    if number in OF_THE_MAKER:
        assert form["undecoded"]


MOST_SIGNIFICANT_FIRST = "test_unknown_pl.py"
"""CI 76: the one telegram with the most significant octet first."""


@pytest.mark.parametrize("v", vectors("pymeterbus.jsonl"))
def test_pymeterbus(v):
    form, error = cases.attempt(told, v)
    if error is not None:
        assert v["expect"] != "ok" or not v["records"] or v["id"].endswith(MOST_SIGNIFICANT_FIRST), error
        return
    numbers = [r["value"] for r in form["readings"]]
    assert len(numbers) >= len([r for r in v["records"] if r["value"] not in (None, "")]) - 1


MEDIA = {"Heat": "heat", "Water": "water", "Cold water": "cold water", "Electricity": "electricity", "Gas": "gas"}


@pytest.mark.parametrize("v", vectors("libmbus_test_frames.jsonl", where=lambda v: v.get("header", {}).get("Id")))
def test_libmbus_headers(v):
    form = told(v)
    wanted, meter = v["header"], form["meter"]
    assert meter["id"].lstrip("0") == wanted["Id"].lstrip("0") or not wanted["Id"].isdigit()
    if wanted.get("Manufacturer"):
        assert meter["manufacturer"] == wanted["Manufacturer"]
        assert str(meter["version"]) == wanted["Version"]
    if wanted.get("Medium") in MEDIA:
        assert meter["medium"].startswith(MEDIA[wanted["Medium"]])
    if wanted.get("Status") and wanted["Status"] != "00" and meter["manufacturer"]:
        assert form["status"]


FRAMED = ("wmbusmeters_drivers.jsonl", "wmbusmeters_simulations.jsonl", "harvested_other.jsonl")
STATUS = {0x01: "busy", 0x02: "error", 0x03: "abnormal", 0x04: "power-low", 0x08: "permanent-error"}


NOISE = "serial_rawtty_bad"
"""Octets of a serial line with telegrams among them."""


def framed(v: dict[str, Any]) -> bool:
    frame = v.get("frame") or {}
    return bool(frame.get("id")) and not frame.get("err") and NOISE not in v["id"]


@pytest.mark.parametrize("v", vectors(*FRAMED, where=framed))
def test_headers_of_wmbusmeters(v):
    form, frame = told(v), v["frame"]
    meter = form["meter"]
    if not {"72", "76", "73", "8E", "8F"} & set(frame["layers"] or ()):
        assert meter["id"].upper() == frame["id"].upper()
        assert (meter["version"], meter["device_type"]) == (frame["ver"], frame["type"])
        assert meter["manufacturer"] == frame["man"]
    for bits, name in STATUS.items():
        if frame.get("status") and frame["status"] & 0x1F == bits:
            assert name in " ".join(form["status"])


@pytest.mark.parametrize("v", vectors("libmbus_error_frames.jsonl", where=lambda v: v["expect"] == "application_error"))
def test_application_errors(v):
    with pytest.raises(ApplicationError) as e:
        cases.decoder(v).decode(v["hex"])
    assert isinstance(e.value.code, int)


# DLMS pushes whose contents another decoder has told.


def flat(told: Any) -> list[Any]:
    if isinstance(told, dict):
        return [x for v in told.values() for x in flat(v)]
    return [x for v in told for x in flat(v)] if isinstance(told, list) else [told]


@pytest.mark.parametrize("v", vectors("dlms_vectors.jsonl", where=lambda v: "decoded" in v["expect"]))
def test_pushes_of_home_area_networks(v):
    wanted = [x for x in flat(v["expect"]["decoded"]) if isinstance(x, int | float) and not isinstance(x, bool)]
    form = told(v)
    got = [abs(r["value"]) for r in form["readings"] if isinstance(r["value"], int | Decimal)]
    missing = [x for x in wanted if x and not any(same_digits(x, y) for y in got)]
    assert form["readings"]
    assert missing == []


def same_digits(one: float, other: Decimal) -> bool:
    """Are two numbers the same but for a power of ten? Another decoder applies fewer scalers and other units."""
    a, b = (str(abs(Decimal(str(x)).normalize()).scaleb(0).as_tuple().digits) for x in (one, other))
    return a == b
