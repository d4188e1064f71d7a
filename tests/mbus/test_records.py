from __future__ import annotations

import tomllib
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.cosem.datetimes import DateTime
from anymeter.errors import DecodeError, LocalError
from anymeter.mbus import dib, layout, plan, records, types
from anymeter.mbus.records import Record
from mbus_strategies import attempt, messages, octets_of

VECTORS = tomllib.loads((Path(__file__).parents[1] / "vectors" / "mbus_records.toml").read_text("utf-8"))["vector"]
GOOD = [v for v in VECTORS if "error" not in v]
BAD = [v for v in VECTORS if "error" in v]
LARGE = 10_000


def said(record: Record) -> dict[str, Any]:
    head = record.header
    out: dict[str, Any] = {"quantity": head.quantity, "unit": head.unit}
    if record.number is not None:
        out["value"] = f"{record.value:f}" if isinstance(record.value, Decimal) else str(record.value)
    for name, usual in (("storage", 0), ("tariff", 0), ("subunit", 0), ("function", "instantaneous")):
        if getattr(head, name) != usual:
            out[name] = getattr(head, name)
    if record.status is not None:
        out["status"] = record.status
    return out


def plainly(facts: dict[str, Any]) -> dict[str, Any]:
    """Decimals compare as numbers."""
    try:
        return {**facts, "value": Decimal(facts["value"]).normalize()}
    except (KeyError, ArithmeticError):
        return facts


@pytest.mark.parametrize("vector", GOOD, ids=lambda v: v["name"])
def test_vectors(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector["hex"])
    for _ in range(3):  # the general path, then the generated function
        found = records.decode(octets)
        assert [plainly(said(r)) for r in found] == [plainly(r) for r in vector["records"]]
        assert b"".join(found.undecoded) == bytes.fromhex(vector.get("undecoded", ""))
        assert found.more_follow == vector.get("more_follow", False)


@pytest.mark.parametrize("vector", BAD, ids=lambda v: v["name"])
def test_errors(vector: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as e:
        records.decode(bytes.fromhex(vector["hex"]))
    assert {"what": e.value.what, "at": e.value.at} == vector["error"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_every_truncation_ends_at_a_record_or_is_an_error(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector["hex"])
    whole = records.decode(octets, tolerant=True)
    ends = {0, *whole.plan.ends}
    for stop in range(len(octets)):
        cut = octets[:stop].rstrip(b"\x2f")
        found, error = attempt(records.decode, cut)
        if error is not None:
            assert error.at <= len(cut)
            assert len(cut) not in ends
        else:
            assert len(cut) in ends or found.plan.tail or cut[-1:] in (b"\x0f", b"\x1f")


def test_the_offset_counts_from_the_beginning_of_the_message() -> None:
    with pytest.raises(DecodeError) as e:
        records.decode(b"\x72" * 13 + bytes.fromhex("0C13 1111"), 13)
    assert e.value.at == 15
    found = records.decode(b"\x72" * 13 + bytes.fromhex("0113 07"), 13)
    assert (found.at, found.octets, found.numbers) == (13, bytes.fromhex("011307"), (7,))


def test_records_are_made_when_asked_for() -> None:
    found = records.decode(bytes.fromhex("0C1427048502 426CFFFF"))
    assert found.numbers == (2850427, None)
    assert found.raw(0) == bytes.fromhex("0C1427048502")
    assert found.data(1) == b"\xff\xff"
    assert found[1].status == "invalid-date"
    assert len(found) == len(list(found)) == 2
    assert found.headers is found.plan.headers


def test_any_octets_like_will_do() -> None:
    assert records.decode(bytearray(b"\x01\x13\x07")).numbers == (7,)
    assert records.decode(memoryview(b"\x01\x13\x07")).numbers == (7,)


def test_tolerant_decoding_keeps_what_was_read() -> None:
    found = records.decode(bytes.fromhex("FF 0C1427048502 0C131111"), 1, tolerant=True)
    assert found.numbers == (2850427,)
    assert found.undecoded == (bytes.fromhex("0C131111"),)
    assert found.error is not None
    assert "2 are left" in found.error.why
    assert found.error.at == 9


def test_a_record_error_does_not_hide_the_number() -> None:
    (record,) = records.decode(bytes.fromhex("0A9316 FFFF"))
    assert (record.number, record.status) == (None, "data-overflow")
    (record,) = records.decode(bytes.fromhex("029316 0500"))
    assert (record.number, record.status) == (5, "data-overflow")


@pytest.mark.parametrize(
    ("number", "exponent", "value"),
    [
        (5, 3, 5000),
        (5, -1, Decimal("0.5")),
        (5, 0, 5),
        (Decimal("1.50"), 2, Decimal("150")),
        ("text", 3, "text"),
        (None, 3, None),
        (10**30 + 1, -1, Decimal("100000000000000000000000000000.1")),
    ],
)
def test_values_are_exact(number: records.Number, exponent: int, value: records.Number) -> None:
    head = msgspec.structs.replace(records.header(bytes.fromhex("0413")), exponent=exponent)
    assert Record(head, number, b"").value == value


@settings(max_examples=40)
@given(messages())
def test_what_is_decoded_encodes_to_the_same_octets(message: list[tuple[bytes, bytes]]) -> None:
    found = records.decode(octets_of(message))
    for i, head in enumerate(found.headers):
        form, data = found.plan.forms[i], found.data(i)
        if found.numbers[i] is None or form in (types.DATE, types.REAL) or (form == types.TEXT and b"\0" in data):
            continue
        lvar = found.raw(i)[len(head.octets)] if head.field == dib.VARIABLE else None
        raw = records.encode_record(head, found.numbers[i], lvar)
        if form == types.BCD and data and data[-1] >> 4 == 0xF and not found.numbers[i]:
            continue  # minus zero
        if (form == types.BCD and data and data[-1] >> 4 == 0xF) or (form == types.NEGATIVE and not any(data)):
            assert found.plan.read(octets_of(message))[i] == found.numbers[i]
        else:
            assert raw == found.raw(i)


@settings(max_examples=40)
@given(messages())
def test_dates_and_floats_decode_again_to_themselves(message: list[tuple[bytes, bytes]]) -> None:
    found = records.decode(octets_of(message))
    for i, head in enumerate(found.headers):
        number = found.numbers[i]
        if found.plan.forms[i] != types.DATE or not isinstance(number, DateTime):
            continue
        if number.year is not None and not 1981 <= number.year <= 2080:
            continue
        lvar = found.raw(i)[len(head.octets)] if head.field == dib.VARIABLE else None
        assert records.decode(records.encode_record(head, number, lvar)).numbers == (number,)


@settings(max_examples=40)
@given(messages())
def test_explain_accounts_for_every_octet(message: list[tuple[bytes, bytes]]) -> None:
    octets = b"\x72" + octets_of(message)
    rows = records.explain(octets, 1)
    assert b"".join(r.octets for r in rows if r.depth == 0) == octets[1:]
    assert b"".join(r.octets for r in rows if r.depth == 1) == octets[1:]
    assert all(octets[r.at : r.at + len(r.octets)] == r.octets for r in rows)


@given(st.binary(max_size=200))
def test_explain_of_anything(octets: bytes) -> None:
    rows = records.explain(octets)
    assert b"".join(r.octets for r in rows if r.depth == 0) == octets


def test_explain_reads_like_a_sentence() -> None:
    rows = records.explain(bytes.fromhex("2F 8C1014 27048502 0F 0102"))
    assert [(r.at, r.name, r.meaning) for r in rows] == [
        (0, "idle filler", ""),
        (1, "record", "volume = 28504.27 m3"),
        (1, "DIB", "bcd8, instantaneous, storage 0, tariff 1, subunit 0"),
        (3, "VIF", "volume, 10^-2 m3"),
        (4, "data", "28504.27 m3"),
        (8, "DIF", "manufacturer data follow"),
        (9, "manufacturer data", ""),
    ]


@given(st.binary(max_size=400))
def test_garbage_raises_only_our_error(octets: bytes) -> None:
    found, error = attempt(records.decode, octets)
    if error is not None:
        found = records.decode(octets, tolerant=True)
        assert found.error is not None
    assert len(list(found)) == len(found.numbers)


def test_encode_text_without_its_length() -> None:
    head = records.header(bytes.fromhex("0DFD0C"))
    assert records.encode([(head, "AB")]) == bytes.fromhex("0DFD0C 02 4241")
    assert records.encode_record(records.header(bytes.fromhex("0D13")), 1234, 0xC2) == bytes.fromhex("0D13C2 3412")


@pytest.mark.parametrize(
    ("head", "number", "lvar"),
    [
        ("0D13", 5, None),
        ("0D13", "A" * 192, None),
        ("0D13", 5, 0xCF),
        ("0213", 40000, None),
        ("0222", 7, None),
        ("0213", "x", None),
    ],
)
def test_what_cannot_be_sent(head: str, number: records.Number, lvar: int | None) -> None:
    with pytest.raises(LocalError):
        records.encode_record(records.header(bytes.fromhex(head)), number, lvar)


HOSTILE = {
    "no data at all": b"\x00\x13" * (LARGE // 2),
    "small integers": b"\x02\x13\x34\x12" * (LARGE // 4),
    "headers that differ": b"".join(bytes((0x80, i >> 7, i & 0x3F)) for i in range(LARGE // 3)),
    "idle fillers": b"\x2f" * LARGE,
    "nothing but DIFE": b"\x80" * LARGE,
    "long chains of VIFE": (b"\x00" + b"\x93" + b"\xff" * 8 + b"\x01") * (LARGE // 11),
    "long texts": (b"\x0d\x13\xbf" + b"A" * 0xBF) * (LARGE // 194),
    "moments of moments": (b"\x00" + b"\x93" + b"\xea" * 9 + b"\x6a") * (LARGE // 12),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_ten_thousand_hostile_octets(name: str) -> None:
    octets = HOSTILE[name]
    records.decode(bytes.fromhex("02937F 0000"))
    tracemalloc.start()
    records.decode(octets, tolerant=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 10 * LARGE
    steps = layout.split(octets, tolerant=True)
    assert len(steps.headers) <= layout.RECORDS_MAX


def test_a_plan_is_the_same_object_for_the_same_layout() -> None:
    plan.forget()
    first = records.decode(bytes.fromhex("0C1427048502"))
    second = records.decode(bytes.fromhex("0C1499999999"))
    assert first.plan is second.plan
    assert {first.plan: 1}[second.plan] == 1


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_explain_of_every_vector(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector["hex"])
    rows = records.explain(octets)
    assert b"".join(r.octets for r in rows if r.depth == 0) == octets
    if "error" in vector:
        assert rows[-1].name == "undecoded"
        assert f"at octet {vector['error']['at']}" in rows[-1].meaning
        return
    told = [r.meaning for r in rows if r.name == "record"]
    assert len(told) == len(vector["records"])
    for meaning, record in zip(told, vector["records"], strict=True):
        assert meaning.startswith(record["quantity"].replace("-", " "))
        assert (f" {record['unit']}" in meaning) == ("value" in record and record["unit"] != "") or not record["unit"]
        assert record.get("status", "") in meaning


def test_explain_shows_a_length_octet_and_every_vife() -> None:
    rows = records.explain(bytes.fromhex("0DFD8E00 02 4142"))
    assert [(r.at, r.octets.hex(), r.name) for r in rows if r.depth] == [
        (0, "0d", "DIB"),
        (1, "fd8e", "VIF"),
        (3, "00", "VIFE"),
        (4, "02", "LVAR"),
        (5, "4142", "data"),
    ]
