from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.cosem.datetimes import DateTime
from anymeter.errors import DecodeError, LocalError
from anymeter.mbus import columns, layout, plan, records, types
from anymeter.mbus.columns import Column
from mbus_strategies import messages, octets_of


def same(column: Column, row: int, number: records.Number) -> bool:
    """Does a cell say what the general path says?"""
    valid, cell = bool(column.valid[row]), column.values[row]
    if isinstance(number, DateTime):
        if column.values.dtype == object:
            return valid and cell == number
        complete = number.date.complete and (column.values.dtype == "M8[D]" or number.minute is not None)
        complete = complete and number.hour is not None if column.values.dtype != "M8[D]" else complete
        if column.values.dtype == "M8[s]":
            complete = complete and number.second is not None
        if not valid or not complete:
            return valid == complete
        moment = dt.datetime(
            number.year, number.month, number.day, number.hour or 0, number.minute or 0, number.second or 0
        )
        return bool(cell == np.datetime64(moment))
    if number is None or not valid:
        return number is None and not valid
    if isinstance(number, Decimal) and column.values.dtype == np.float32:
        return bool(np.float32(float(number)) == cell)
    return bool(cell == number)


@settings(max_examples=40)
@given(messages(5), st.data())
def test_columns_say_what_the_general_path_says(message: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    first = octets_of(message)
    split = layout.split(first)
    telegrams = [first]
    for _ in range(3):
        mutated = bytearray(first)
        for start, end in zip(split.datas, split.ends, strict=True):
            mutated[start:end] = data.draw(
                st.one_of(st.just(bytes(mutated[start:end])), st.binary(min_size=end - start, max_size=end - start))
            )
        telegrams.append(bytes(mutated))
    found = columns.columns(telegrams)
    assert [c.header for c in found] == list(split.headers)
    for row, octets in enumerate(telegrams):
        numbers = records.decode(octets).numbers
        assert all(same(c, row, n) for c, n in zip(found, numbers, strict=True))


@given(st.lists(st.binary(min_size=6, max_size=6), min_size=1, max_size=20), st.integers(1, 6))
def test_bcd_of_every_length(datas: list[bytes], size: int) -> None:
    if size == 5:
        return
    head = {1: b"\x09", 2: b"\x0a", 3: b"\x0b", 4: b"\x0c", 6: b"\x0e"}[size] + b"\x13"
    (column,) = columns.columns([head + d[:size] for d in datas])
    for row, octets in enumerate(datas):
        assert same(column, row, types.bcd(octets[:size]))


def test_signs_and_invalid_digits() -> None:
    (column,) = columns.columns([b"\x0a\x5a" + bytes.fromhex(x) for x in ("3412", "23F1", "FFFF", "1A00", "00F0")])
    assert column.values[[0, 1, 4]].tolist() == [1234, -123, 0]
    assert column.valid.tolist() == [True, True, False, False, True]
    assert column.masked().tolist() == [1234, -123, None, None, 0]


def test_every_date_of_sixteen_bits() -> None:
    octets = [code.to_bytes(2, "little") for code in range(0, 1 << 16, 7)]
    (column,) = columns.columns([b"\x02\x6c" + o for o in octets])
    assert all(same(column, i, types.value(types.DATE, o)) for i, o in enumerate(octets))


@given(st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=50))
def test_date_times(datas: list[bytes]) -> None:
    (column,) = columns.columns([b"\x04\x6d" + d for d in datas])
    assert all(same(column, i, types.value(types.DATE, d)) for i, d in enumerate(datas))


def test_blocks_meet_without_a_seam() -> None:
    telegrams = [b"\x04\x13" + i.to_bytes(4, "little") for i in range(columns._BLOCK * 2 + 5)]
    (column,) = columns.columns(telegrams)
    assert column.values.tolist() == list(range(len(telegrams)))
    assert column.valid.all()


def test_factors() -> None:
    (column,) = columns.columns([b"\x02\x26\x01\x00", b"\x02\x26\xff\xff"])
    assert column.values.tolist() == [3600, -3600]


def test_numbers_that_64_bits_do_not_hold_stay_exact() -> None:
    (column,) = columns.columns([bytes.fromhex("0EFB68 999999999999")])
    assert column.values.tolist() == [999999999999 * 244140625]
    (column,) = columns.columns([bytes.fromhex("07FD17 FFFFFFFFFFFFFFFF")])
    assert column.values.tolist() == [2**64 - 1]


def test_texts_and_records_without_data() -> None:
    text, nothing = columns.columns([bytes.fromhex("0D78 02 4142 0013"), bytes.fromhex("0D78 02 0141 0013")])
    assert text.values.tolist() == ["BA", None]
    assert text.valid.tolist() == [True, False]
    assert not nothing.valid.any()


@pytest.mark.parametrize("odd", ["0214 0100", "0213 010000", "0213 0100 2F", "1213 0100"])
def test_another_layout_among_them_is_named(odd: str) -> None:
    good = bytes.fromhex("0213 0100")
    with pytest.raises(LocalError, match="telegram 2 has another layout"):
        columns.columns([good, good, bytes.fromhex(odd), good])


def test_a_plan_given_is_kept_to() -> None:
    good = bytes.fromhex("0213 0100")
    found = plan.find(good)
    assert columns.columns([good], found)[0].header is found.headers[0]
    with pytest.raises(LocalError, match="telegram 0"):
        columns.columns([bytes.fromhex("0214 0100")], found)


def test_no_telegrams_no_columns() -> None:
    assert columns.columns([]) == ()


def test_what_is_no_telegram() -> None:
    with pytest.raises(DecodeError):
        columns.columns([b"\x0c"])


def test_telegrams_by_layout() -> None:
    telegrams = [bytes.fromhex(x) for x in ("0213 0100", "0214 0100", "0213 0200")]
    groups = columns.by_layout(telegrams)
    assert sorted(groups.values()) == [[0, 2], [1]]
    for found, rows in groups.items():
        assert len(columns.columns([telegrams[i] for i in rows], found)[0].values) == len(rows)
