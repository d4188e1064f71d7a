"""Records of real telegrams against what three and more independent decoders agree on."""

from __future__ import annotations

import importlib.util
from decimal import Decimal
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from anymeter.cosem.units import scaled
from anymeter.errors import DecodeError
from anymeter.mbus import compact, profiles, records
from anymeter.mbus.layout import RecordHeader
from shared import SHARED, lines, vectors

FILES = (
    "libmbus_test_frames.jsonl", "harvested_other.jsonl", "wmbusmeters_drivers.jsonl", "wmbusmeters_simulations.jsonl",
)  # fmt: skip
HEADERS = {0x72: 12, 0x76: 12, 0x7A: 4, 0x78: 0, 0x79: 0, 0x7B: 4, 0x73: 12}
EXTENDED = {0x8C: 3, 0x8D: 9, 0x8E: 11, 0x8F: 17}
UNSIGNED_ACCESS_NUMBER = {"wmbusmeters/hydrus/5", "wmbusmeters/topaseskr/1"}
"""Access numbers are of type C: four decoders print a negative one, the source of the second says 128 itself."""

WRONG_CRC = {"wmbusmeters/kamwater/6", "wmbusmeters/sim/simulation_formulas.txt/x0"}
"""Compact frames whose full-frame CRC does not match their data."""


def application(octets: bytes) -> tuple[int, bytes] | None:
    """CI field and application layer, roughly: wired frames, and wireless ones without CRC and encryption."""
    if octets[0] == 0x68:
        at, stop = 6, len(octets) - 2
    else:
        at, stop = 10, 1 + octets[0]
    while octets[at] in EXTENDED or octets[at] == 0x90:
        at += 2 + octets[at + 1] if octets[at] == 0x90 else EXTENDED[octets[at]]
    ci = octets[at]
    return (ci, octets[at + 1 + HEADERS[ci] : stop]) if ci in HEADERS else None


def readable(vector: dict[str, Any]) -> bool:
    frame = vector.get("frame") or {}
    plain = vector.get("predecrypted") or (vector["key"] is None and not frame.get("mode"))
    return bool(vector.get("decoded_records")) and bool(plain) and frame.get("crc_format", "none") in ("none", None)


def score() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", SHARED / "tools" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_reading(head: RecordHeader, number: records.Number) -> dict[str, Any]:
    value = scaled(number, head.exponent)
    return {
        "value": value if isinstance(value, int | Decimal | None) else str(value), "unit": head.unit,
        "storage": head.storage, "tariff": head.tariff, "subunit": head.subunit, "function": head.function,
    }  # fmt: skip


def body_of(vector: dict[str, Any]) -> bytes:
    found = application(octets_of(vector["hex"]))
    assert found is not None
    if found[0] not in (0x79, 0x7B):
        return found[1]
    store = heard() if not vector.get("prior_hex") else compact.FormatStore()
    for prior in vector.get("prior_hex") or ():
        earlier = application(octets_of(prior))
        if earlier is not None and earlier[0] not in (0x79, 0x7B):
            store.learn(records.decode(earlier[1]))
    full = store.expand(found[1], tolerant=True)
    assert full.verified == (vector["id"] not in WRONG_CRC)
    return full.octets


@cache
def heard() -> compact.FormatStore:
    """The formats of all full frames in the files, as a receiver of all these meters would have them."""
    store = compact.FormatStore()
    for vector in (v for name in FILES for v in lines(name) if readable(v)):
        found = application(octets_of(vector["hex"]))
        if found is not None and found[0] not in (0x79, 0x7B):
            store.learn(records.decode(found[1], tolerant=True))
    return store


def octets_of(text: str) -> bytes:
    """One vector has a stray nibble at its end."""
    return bytes.fromhex(text[: len(text) // 2 * 2])


@pytest.mark.parametrize("vector", vectors(*FILES, where=readable))
def test_agreed_records(vector: dict[str, Any]) -> None:
    tool = score()
    found = records.decode(body_of(vector), tolerant=True)
    readings = [as_reading(h, n) for h, n in zip(found.headers, found.numbers, strict=True)]
    missing = list(tool.missing_mbus(vector, readings))
    if vector["id"] in UNSIGNED_ACCESS_NUMBER:
        assert len(missing) == 1
        assert "FD08" in missing[0]
    else:
        assert missing == []


def test_enough_vectors_are_read() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared vectors are not beside this checkout")
    assert sum(readable(v) for name in FILES for v in lines(name)) > 200


@pytest.mark.parametrize("vector", vectors("libmbus_error_frames.jsonl", where=lambda v: v["expect"] == "error"))
def test_error_frames(vector: dict[str, Any]) -> None:
    found = application(bytes.fromhex(vector["hex"]))
    assert found is not None
    with pytest.raises(DecodeError) as e:
        records.decode(found[1])
    assert e.value.at is not None
    assert e.value.what


@pytest.mark.parametrize("vector", vectors("wmbusmeters_dvparser_units.jsonl"))
def test_fields_of_dvparser(vector: dict[str, Any]) -> None:
    found = records.decode(bytes.fromhex(vector["apl_hex"]), tolerant=True)
    by_key = {h.octets.hex().upper(): (h, n) for h, n in zip(found.headers, found.numbers, strict=True)}
    values = [(p.header, p.number, p.time) for p in profiles.expand(found)]
    for fact in vector["asserts"]:
        if fact["kind"] == "date" and fact["difvif_key"] in by_key:
            assert str(by_key[fact["difvif_key"]][1])[:10].replace("----", "2127") == fact["value"][:10]
        elif fact["difvif_key"] in by_key and fact["kind"] == "double":
            head, number = by_key[fact["difvif_key"]]
            assert float(scaled(number, head.exponent)) == pytest.approx(fact["value"])
        elif fact["difvif_key"].endswith("7F77"):
            profile_fact(fact, values)


def profile_fact(fact: dict[str, Any], values: list[Any]) -> None:
    octets = bytes.fromhex(fact["difvif_key"])
    dib_end = next(i for i, o in enumerate(octets) if not o & 0x80) + 1
    storage = records.header(octets[:dib_end] + b"\x13").storage
    here = [(h, n, t) for h, n, t in values if h.storage == storage]
    match fact["kind"]:
        case "no_key":
            assert [n for _, n, _ in here if n is not None] == []
        case "double":
            ((head, number, _),) = here
            assert float(scaled(number, head.exponent)) == pytest.approx(fact["value"])
        case "date":
            ((_, _, time),) = here
            assert str(time)[:10] == fact["value"][:10]


def told(vector: dict[str, Any]) -> bool:
    return isinstance(vector.get("records"), list) and bool(vector["records"])


@pytest.mark.parametrize(
    "vector", vectors("spec_and_security_vectors.jsonl", where=lambda v: told(v) and v.get("plaintext_apl"))
)
def test_decrypted_telegrams_of_the_specification(vector: dict[str, Any]) -> None:
    found = records.decode(bytes.fromhex(vector["plaintext_apl"]))
    same = score().same
    for record, expected in zip(found, vector["records"], strict=True):
        reading = as_reading(record.header, record.number)
        assert same(expected["value"], expected.get("unit"), reading["value"], reading["unit"])
        assert reading["storage"] == expected["storage"] if "storage" in expected else True


NOT_OF_THE_RECORDS = {
    "m-bus-parser/vector/4": "says 40968.68 m3 for the BCD octets 68 86 09 04, which are 4098668 litres",
    "m-bus-parser/vector/8": "the maker's own CI field",
    "m-bus-parser/vector/11": "read out of the maker's block after DIF 0F",
    "m-bus-parser/vector/13": "read out of the maker's block after DIF 0F",
    "m-bus-parser/vector/14": "takes kWh for Wh: VIF 03 is 1 Wh and the record says 9652220",
    "m-bus-parser/vector/15": "takes MJ for kJ: VIF 0E is 10^6 J",
}


def standard(vector: dict[str, Any]) -> bool:
    plain = (
        vector["id"] not in NOT_OF_THE_RECORDS and told(vector) and vector["expect"] == "ok" and not vector.get("key")
    )
    return plain and vector["hex"][:4] not in ("2E44", "1444")  # encrypted, and with the CRC of format B


@pytest.mark.parametrize("vector", vectors("wireless_mbus_parser_ts.jsonl", "m_bus_parser_rust.jsonl", where=standard))
def test_values_of_other_parsers(vector: dict[str, Any]) -> None:
    application_layer = application(octets_of(vector["hex"]))
    assert application_layer is not None
    found = records.decode(application_layer[1], tolerant=True)
    readings = [as_reading(r.header, r.number) for r in found]
    same = score().same
    for expected in vector["records"]:
        if expected["value"] is None or "manufacturer" in str(expected.get("quantity")).lower():
            continue
        assert any(same(expected["value"], expected["unit"], r["value"], r["unit"]) for r in readings), expected
