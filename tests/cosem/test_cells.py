"""Encoded rows taken apart and put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.cells import RowEncoder, array_of, cells_of, column_of, compressed, picked, row_of
from anymeter.cosem.compression import expand
from anymeter.cosem.data import encode, parse
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import (
    BOOLEAN,
    DATE_TIME,
    DOUBLE_LONG,
    FLOAT32,
    LONG_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    structure,
)
from anymeter.errors import DecodeError, LocalError
from cosem.strategies import typed_values

ROW = structure(OCTET_STRING_DATE_TIME, UNSIGNED, DOUBLE_LONG)
NEW_YEAR = DateTime.of(2026, 1, 1, 4, 0, 0, 0, 0, -60, 0)


def rows_of(*values, schema=ROW):
    return [schema.encode(value) for value in values]


def quarter(i):
    return NEW_YEAR.later(900 * i).octets


def test_cells_by_hand():
    row = bytes.fromhex("0204 1105 00 0902abcd 02020f00161e")
    assert [cell.hex() for cell in cells_of(row)] == ["1105", "00", "0902abcd", "02020f00161e"]
    assert row_of(cells_of(row)) == row
    assert cells_of(b"\x02\x00") == ()


@given(st.lists(typed_values, max_size=150))
def test_cells_are_the_values_of_the_row(values):
    cells = [encode(schema, value) for schema, value in values]
    assert list(cells_of(row_of(cells))) == cells


@pytest.mark.parametrize(
    "row", ["", "0101", "0201", "0202 1105", "0201 11", "0201 1105 00", "0201 0905ab", "1105", "0281", "0201 77"]
)
def test_what_is_no_row(row):
    with pytest.raises(DecodeError):
        cells_of(bytes.fromhex(row))


def test_picking_columns_of_rows_of_one_layout():
    rows = rows_of(*((quarter(i), i, -i) for i in range(5)))
    assert [parse(row) for row in picked(rows, (2,))] == [(-i,) for i in range(5)]
    assert [parse(row) for row in picked(rows, (1, 0))] == [(i, quarter(i)) for i in range(5)]
    assert [cell.hex() for cell in column_of(rows, 1)] == ["1100", "1101", "1102", "1103", "1104"]
    assert picked([], (1,)) == column_of([], 1) == []


def test_picking_columns_of_rows_of_other_layouts():
    rows = [row_of([UNSIGNED.encode(1), OCTET_STRING.encode(text), b"\x00"]) for text in (b"a", b"bcd", b"e" * 200)]
    rows.append(row_of([b"\x00", b"\x00", UNSIGNED.encode(9)]))
    assert [parse(row)[::-1] for row in picked(rows, (2, 1, 0))] == [parse(row) for row in rows]
    assert column_of(rows, 0) == [b"\x11\x01"] * 3 + [b"\x00"]


def test_rows_of_one_length_and_other_types():
    rows = [bytes.fromhex("0202 1101 120005"), bytes.fromhex("0202 120001 1105")]
    assert [parse(row) for row in picked(rows, (1,))] == [(5,), (5,)]
    assert [cell.hex() for cell in column_of(rows, 0)] == ["1101", "120001"]


def test_an_array_of_many_rows():
    rows = rows_of(*((quarter(0), 1, i) for i in range(300)))
    assert array_of(rows)[:4].hex() == "0182012c"
    assert len(parse(array_of(rows))) == 300
    assert array_of([]) == b"\x01\x00"


def test_null_data_for_what_is_as_before():
    rows = rows_of((quarter(0), 1, 5), (quarter(1), 1, 5), (quarter(2), 2, 5), (quarter(5), 2, 6))
    assert [parse(row) for row in compressed(rows, 0, 900)] == [
        (quarter(0), 1, 5),
        (None, None, None),
        (None, 2, None),
        (quarter(5), None, 6),
    ]
    assert [parse(row)[0] for row in compressed(rows, 0)] == [quarter(0), quarter(1), quarter(2), quarter(5)]
    assert [parse(row)[0] for row in compressed(rows[::-1], 0, -900)] == [quarter(5), quarter(2), None, None]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(-1, 1)), max_size=20),
    st.sampled_from([0, 900, -900]),
)
def test_expanding_undoes_it(values, step):
    rows = [(quarter(a), b, c) for a, b, c in values]
    short = [parse(row) for row in compressed(rows_of(*rows), 0, step)]
    assert expand(short, width=3, clock=0, capture_period=abs(step), newest_first=step < 0) == rows


SCHEMAS = (OCTET_STRING_DATE_TIME, UNSIGNED, DOUBLE_LONG, FLOAT32, LONG_UNSIGNED)


@given(st.tuples(st.just(quarter(1)), st.integers(0, 255), st.integers(-9, 9), st.just(0.5), st.integers(0, 65535)))
def test_rows_of_fixed_size_are_encoded_like_structures(row):
    assert RowEncoder(SCHEMAS)(row) == structure(*SCHEMAS).encode(row)


@pytest.mark.parametrize(
    ("schemas", "row", "expected"),
    [
        (SCHEMAS[:2], (None, 5), "0202001105"),
        (SCHEMAS[:2], (quarter(1), None), "0202090c" + quarter(1).hex() + "00"),
        ((OCTET_STRING, BOOLEAN), (b"ab", True), "0202090261620301"),
        ((DATE_TIME,), (NEW_YEAR,), "020119" + NEW_YEAR.octets.hex()),
        ((), (), "0200"),
    ],
)
def test_rows_of_other_values(schemas, row, expected):
    assert RowEncoder(schemas)(row).hex() == expected


@pytest.mark.parametrize("row", [(b"short", 5), (quarter(1), 256), (quarter(1), "x"), (quarter(1),), (5, 5), ("", 5)])
def test_rows_that_do_not_fit(row):
    with pytest.raises(LocalError):
        RowEncoder(SCHEMAS[:2])(row)
