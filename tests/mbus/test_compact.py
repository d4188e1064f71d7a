from __future__ import annotations

import pytest
from fastcrc import crc16
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.cosem.units import scaled
from anymeter.errors import DecodeError
from anymeter.mbus import compact, records
from anymeter.mbus.compact import FormatStore
from anymeter.mbus.tabled import rows
from mbus_strategies import attempt, messages, octets_of
from shared import vectors

# Energy, volume and power, composed from EN 13757-3, compact frame
FULL = bytes.fromhex("0202D204 02152E16 022A3423")
HEADS = bytes.fromhex("0202 0215 022A")
SIGNATURE = 0x3B31


def test_format_frame_says_its_signature() -> None:
    found = compact.format_of(records.decode(FULL))
    assert compact.signature(found) == SIGNATURE
    frame = compact.encode_format(found)
    assert frame == b"\x08" + SIGNATURE.to_bytes(2, "little") + HEADS
    for again in (compact.decode_format(frame), compact.decode_format(b"\x69" + frame, 1)):
        assert [header.octets for header in again[0]] == [header.octets for header in found[0]]
        assert again[1] == found[1]


def test_a_compact_frame_after_its_full_frame() -> None:
    store = FormatStore()
    assert store.learn(records.decode(FULL)) == SIGNATURE
    later = bytes.fromhex("0202D304 02152F16 022A3523")
    short = compact.compress(records.decode(later))
    assert len(short) == 4 + 6
    full = store.expand(b"\x79" + short, 1)
    assert full.octets == later
    assert full.verified


def test_a_compact_frame_after_its_format_frame() -> None:
    store = FormatStore()
    store.add(compact.decode_format(compact.encode_format(compact.format_of(records.decode(FULL)))))
    assert store.expand(compact.compress(records.decode(FULL))).octets == FULL


def test_fillers_are_no_part_of_a_format() -> None:
    padded = b"\x2f\x2f" + FULL[:4] + b"\x2f" + FULL[4:] + b"\x2f"
    assert compact.signature(compact.format_of(records.decode(padded))) == SIGNATURE
    store = FormatStore()
    store.learn(records.decode(padded))
    assert store.expand(compact.compress(records.decode(padded))).octets == FULL


def test_variable_data_and_a_maker_block() -> None:
    full = bytes.fromhex("0D0C02 4142 0113 05 0F AABBCC")
    store = FormatStore()
    store.learn(records.decode(full))
    other = bytes.fromhex("0D0C03 414243 0113 06 0F 00")
    assert store.expand(compact.compress(records.decode(other))).octets == other


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(DecodeError, match="format 3B31 is not known") as e:
        FormatStore().expand(compact.compress(records.decode(FULL)))
    assert e.value.at == 0


def test_a_wrong_crc() -> None:
    store = FormatStore()
    store.learn(records.decode(FULL))
    short = bytearray(compact.compress(records.decode(FULL)))
    short[-1] ^= 1
    with pytest.raises(DecodeError, match="full-frame CRC") as e:
        store.expand(bytes(short))
    assert e.value.at == 2
    told = store.expand(bytes(short), tolerant=True)
    assert not told.verified
    assert told.octets[:-1] == FULL[:-1]


@pytest.mark.parametrize("change", [-1, 1])
def test_data_of_another_length(change: int) -> None:
    store = FormatStore()
    store.learn(records.decode(FULL))
    short = compact.compress(records.decode(FULL))
    with pytest.raises(DecodeError):
        store.expand(short[:-1] if change < 0 else short + b"\0", tolerant=True)


def test_two_formats_of_one_signature() -> None:
    store = FormatStore()
    first, second = compact.format_of(records.decode(FULL)), compact.format_of(records.decode(b"\x01\x13\x05"))
    store.add(first)
    store._formats[SIGNATURE].insert(0, second)
    assert store.expand(compact.compress(records.decode(FULL))).octets == FULL


def test_the_store_is_bounded_and_forgets_the_oldest() -> None:
    store = FormatStore(size=3)
    keys = [store.learn(records.decode(bytes((1, code, 5)))) for code in (0x10, 0x11, 0x12, 0x13)]
    assert len(store) == 3
    with pytest.raises(DecodeError):
        store.expand(keys[0].to_bytes(2, "little") + b"\0\0\5")
    store.learn(records.decode(bytes((1, 0x11, 5))))
    store.learn(records.decode(bytes((1, 0x14, 5))))
    assert store.expand(compact.compress(records.decode(bytes((1, 0x11, 5))))).verified
    assert len(store) == 3


def test_formats_known_beforehand_prove_themselves() -> None:
    for row in rows("formats"):
        octets = bytes.fromhex(row["headers"])
        assert f"{crc16.en_13757(octets):04X}" == row["signature"]
        assert int(row["signature"], 16) in compact.known()


def test_a_known_format_need_not_be_heard() -> None:
    full = bytes.fromhex("02FF20 0000 0413 10000000 4413 08000000")
    assert FormatStore().expand(compact.compress(records.decode(full))).octets == full


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "08",
        "0831",
        "01 31 3B",
        "08 313B 0202 0215 02",
        "09 313B 0202 0215 022A",
        "08 323B 0202 0215 022A",
        "05 313B 1F 02 13",
        "04 313B 3F 00",
    ],
)
def test_format_frames_that_are_none(octets: str) -> None:
    with pytest.raises(DecodeError) as e:
        compact.decode_format(bytes.fromhex(octets))
    assert e.value.at is not None


@pytest.mark.parametrize("size", range(4))
def test_compact_frames_too_short(size: int) -> None:
    with pytest.raises(DecodeError):
        FormatStore().expand(bytes(size))


@settings(max_examples=40)
@given(messages())
def test_round_trip(message: list[tuple[bytes, bytes]]) -> None:
    full = records.decode(octets_of(message))
    store = FormatStore()
    store.learn(full)
    assert store.expand(compact.compress(full)).octets == octets_of(message)
    found = compact.format_of(full)
    if len(b"".join(h.octets for h in found[0])) <= 253:
        headers, rest = compact.decode_format(compact.encode_format(found))
        assert ([h.octets for h in headers], rest) == ([h.octets for h in found[0]], found[1])


@given(st.binary(max_size=60))
def test_garbage_raises_only_our_error(octets: bytes) -> None:
    store = FormatStore()
    key = store.learn(records.decode(FULL)).to_bytes(2, "little")
    for act in (compact.decode_format, store.expand, lambda o: store.expand(key + o, tolerant=True)):
        result, error = attempt(act, octets)
        assert (result is None) == (error is not None)


@pytest.mark.parametrize(
    "vector", vectors("spec_and_security_vectors.jsonl", where=lambda v: v.get("kind") == "compact_frame")
)
def test_compact_frames_of_others(vector: dict[str, str]) -> None:
    full = bytes.fromhex(vector["full"])
    short = bytes.fromhex(vector["compact"])
    skip = {0x78: 1, 0x79: 1, 0x7A: 5, 0x7B: 5}
    store = FormatStore()
    store.learn(records.decode(full, skip[full[0]]))
    found = records.decode(store.expand(short, skip[short[0]]).octets)
    assert found.headers == records.decode(full, skip[full[0]]).headers
    if "format_frame" in vector:
        frame = bytes.fromhex(vector["format_frame"])
        told = FormatStore()
        told.add(compact.decode_format(frame, 1 if frame[0] == 0x69 else 5))
        assert told.expand(short, skip[short[0]]).octets == full[skip[full[0]] :]
        values = [scaled(n, h.exponent) for n, h in zip(found.numbers, found.headers, strict=True)]
        assert [float(v) for v in values] == [pytest.approx(r["value"]) for r in vector["records"]]


@pytest.mark.parametrize(
    "vector", vectors("spec_and_security_vectors.jsonl", where=lambda v: v.get("kind") == "crc16_en13757")
)
def test_signature_of_others(vector: dict[str, str]) -> None:
    assert crc16.en_13757(bytes.fromhex(vector["input"])) == vector["value"]
