from __future__ import annotations

import gc
import linecache
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError
from anymeter.mbus import layout, plan, records
from anymeter.mbus.plan import Plan
from mbus_strategies import messages, octets_of

HEADS = (
    "0C78",
    "0A5A",
    "0B3B",
    "0E13",
    "0922",
    "0128",
    "0213",
    "0313",
    "0413",
    "0613",
    "0713",
    "01FD08",
    "03FD17",
    "06FD17",
    "0422",
    "02DB7B",
    "055B",
    "426C",
    "046D",
    "066D",
    "0322",
)
SIZES = (4, 2, 3, 6, 1, 1, 2, 3, 4, 6, 8, 1, 3, 6, 4, 2, 4, 2, 4, 6, 3)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    plan.forget()
    yield
    plan.forget()


def composed(data: bytes) -> bytes:
    out, at = b"", 0
    for head, size in zip(HEADS, SIZES, strict=True):
        out += bytes.fromhex(head) + data[at : at + size]
        at += size
    return out


@given(messages(), st.data())
def test_the_generated_function_reads_what_the_general_path_reads(
    message: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    octets = octets_of(message)
    made = Plan(octets, layout.split(octets))
    made.seal(octets)
    read = plan.compiled(made)
    assert read(octets) == made.general(octets)
    mutated = bytearray(octets)
    for start, end in zip(made.datas, made.ends, strict=True):
        if end > start:
            mutated[start:end] = data.draw(st.binary(min_size=end - start, max_size=end - start))
    changed = bytes(mutated)
    assert made.fits(changed)
    assert read(changed) == made.general(changed)
    assert [type(n) for n in read(changed)] == [type(n) for n in made.general(changed)]


@given(st.binary(min_size=sum(SIZES), max_size=sum(SIZES)))
def test_all_forms_at_once(data: bytes) -> None:
    octets = composed(data)
    made = Plan(octets, layout.split(octets))
    assert plan.compiled(made)(octets) == made.general(octets)


@given(st.integers(0, 99_999_999), st.integers(-999, 9999))
def test_bcd_with_and_without_sign(first: int, second: int) -> None:
    text = f"{second:04d}" if second >= 0 else f"f{-second:03d}"
    octets = b"\x0c\x13" + bytes.fromhex(f"{first:08d}")[::-1] + b"\x0a\x5a" + bytes.fromhex(text)[::-1]
    assert plan.compiled(Plan(octets, layout.split(octets)))(octets) == (first, second)


def test_the_same_layout_gives_the_same_plan() -> None:
    first = plan.find(composed(bytes(sum(SIZES))))
    assert plan.find(composed(b"\x11" * sum(SIZES))) is first
    assert plan.find(b"\x01\x13\x05") is not first


def test_another_layout_of_the_same_length_is_told_apart() -> None:
    first = plan.find(bytes.fromhex("0213 0100 0215 0100"))
    second = plan.find(bytes.fromhex("0213 0100 0216 0100"))
    assert first is not second
    assert plan.find(bytes.fromhex("0213 0200 0215 0300")) is first
    assert [h.exponent for h in second.headers] == [-3, 0]


def test_the_length_octet_belongs_to_the_layout() -> None:
    text = plan.find(bytes.fromhex("0D1302 4142 01 13 05"))
    number = plan.find(bytes.fromhex("0D13C2 4142 01 13 05"))
    assert text is not number
    assert number.read(bytes.fromhex("0D13C2 4142 01 13 05")) == (4241, 5)


def test_fillers_and_the_leading_octets_of_decrypted_telegrams() -> None:
    first = plan.find(bytes.fromhex("2F2F 0113 05 2F2F"))
    assert plan.find(bytes.fromhex("2F2F 0113 06 2F2F")) is first
    assert plan.find(bytes.fromhex("2F2F 0114 05 2F2F")) is not first


def test_compiled_at_second_sight_with_its_source_in_reach() -> None:
    octets = bytes.fromhex("0213 0100 0A5A 3412")
    found = plan.find(octets)
    assert found.compiled is None
    plan.find(octets)
    assert found.compiled is not None
    assert found.read(octets) == (1, 1234)
    assert "def read(b)" in "".join(linecache.getlines(found.filename))
    plan.forget()
    assert linecache.getlines(found.filename) == []
    assert found.read(octets) == (1, 1234)


def test_plans_that_are_not_kept_go_at_once() -> None:
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(50):
            records.decode(b"\x04\x13\x01\x02\x03\x04" * 100 + b"\x0c", tolerant=True)
        assert len(gc.get_objects()) - before < 50
    finally:
        gc.enable()


def test_the_caches_are_bounded() -> None:
    for i in range(3000):
        plan.find(bytes((0x82, 0x80 | i & 0x7F, i >> 7, 0x13, 1, 0)) + b"\x01\x13\x01" * (i % 7))
    assert plan._count <= plan._PLANS_MAX
    assert sum(map(len, plan._plans.values())) == plan._count
    for i in range(200):
        plan.find(bytes((0x01, 0x13, 0x05, 0x82, 0x80 | i & 0x7F, i >> 7, 0x13, 1, 0)))
    assert max(map(len, plan._plans.values())) <= plan._CANDIDATES_MAX


def test_long_messages_are_not_kept() -> None:
    octets = b"\x04\x13\x01\x02\x03\x04" * 100
    assert plan.find(octets) is not plan.find(octets)


def test_memo_of_dates_is_bounded() -> None:
    memo = plan._Memo("date", 1, 0)
    for i in range(plan._MEMO_MAX + 50):
        memo[i.to_bytes(4, "little")]
    assert len(memo) <= plan._MEMO_MAX


def test_no_records_no_plan() -> None:
    with pytest.raises(DecodeError):
        plan.find(b"\x0c")
    assert plan._plans == {}


def test_an_empty_message_has_an_empty_plan() -> None:
    for _ in range(3):
        assert plan.find(b"").read(b"") == ()


def test_profiles_are_announced() -> None:
    assert plan.find(bytes.fromhex("0D931E 04 32 01 0500")).profiles
    assert not plan.find(bytes.fromhex("0D13 02 4142")).profiles
