"""Compact arrays: one description, contents without tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from anymeter.cosem.compact import contents_of, decode_compact, described
from anymeter.cosem.schema import (
    BIT_STRING,
    BOOLEAN,
    DELTA_LONG,
    DELTA_UNSIGNED,
    ENUM,
    FLOAT32,
    INTEGER,
    LONG_UNSIGNED,
    NULL_DATA,
    UNSIGNED,
    UTF8_STRING,
    array,
    compact_array,
    structure,
)
from anymeter.cosem.values import BitString, Delta, Enum, Float32
from anymeter.errors import DecodeError
from cosem.strategies import layout_types


def test_the_example_of_the_spec():
    raw = bytes.fromhex("13 02 02 12 11 06 0001 05 0002 07")
    assert decode_compact(raw, 0) == ([(1, 5), (2, 7)], len(raw))
    assert described(raw, 1) == (structure(LONG_UNSIGNED, UNSIGNED), 5)


@given(layout_types)
def test_descriptions_round_trip(schema):
    raw = schema.description()
    assert described(b"\x13" + raw + b"\x00", 1) == (schema, 1 + len(raw))
    for end in range(len(raw)):
        with pytest.raises(DecodeError):
            described(raw[:end], 0)


@given(st.binary(max_size=40))
def test_garbage_described(raw):
    try:
        schema, end = described(raw, 0)
    except DecodeError:
        return
    assert described(schema.description(), 0)[0] == schema
    assert end <= len(raw)


def test_nested_arrays_and_strings():
    row = structure(array(UNSIGNED, count=2), UTF8_STRING, BIT_STRING)
    raw = bytes.fromhex("01 02  02 C3A9  03 BF") + bytes.fromhex("03 04  00  00")
    assert contents_of(row, raw, 0, len(raw), 0) == [([1, 2], "é", BitString.of("101")), ([3, 4], "", BitString.of(""))]


def test_octets_behind_the_contents_are_not_touched():
    raw = bytes.fromhex("13 09 02 03AA BB CC")
    with pytest.raises(DecodeError, match="octet-string at octet 4: contents end inside an element"):
        decode_compact(raw, 0)
    with pytest.raises(DecodeError, match="long-unsigned at octet 3: contents end inside an element"):
        decode_compact(bytes.fromhex("13 12 01 00 00"), 0)
    with pytest.raises(DecodeError, match="octet-string at octet 6: contents end inside an element"):
        decode_compact(bytes.fromhex("13 09 01 82 0001AA"), 0)


def test_columns_of_null_data_are_fine_in_measure():
    row = structure(LONG_UNSIGNED, NULL_DATA, NULL_DATA)
    raw = b"\x13" + row.description() + b"\x81\xc8" + bytes(200)
    assert decode_compact(raw, 0)[0] == [(0, None, None)] * 100


def test_more_null_data_than_octets_can_pay_for():
    row = structure(UNSIGNED, array(NULL_DATA, count=1000))
    raw = b"\x13" + row.description() + b"\x81\xc8" + bytes(200)
    with pytest.raises(DecodeError, match="more values than its octets can mean"):
        decode_compact(raw, 0)


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(-128, 127)), max_size=20))
def test_flat_rows_are_read_like_all_others(rows):
    """A row of fixed layout is unpacked at once; one with an empty string in it is not."""
    flat, other = structure(UNSIGNED, INTEGER), structure(UNSIGNED, UTF8_STRING, INTEGER)
    raw = compact_array(flat).encode(rows)
    assert decode_compact(raw, 0) == (rows, len(raw))
    raw = compact_array(other).encode([(a, "", b) for a, b in rows])
    assert decode_compact(raw, 0)[0] == [(a, "", b) for a, b in rows]


def test_flat_rows_make_the_types_of_their_own():
    row = structure(ENUM, FLOAT32, DELTA_LONG)
    (value,) = decode_compact(compact_array(row).encode([(3, 1.5, -2)]), 0)[0]
    assert [type(part) for part in value] == [Enum, Float32, Delta]
    (value,) = decode_compact(compact_array(ENUM).encode([3]), 0)[0]
    assert type(value) is Enum


def test_the_budget_is_the_same_in_a_message():
    """null-data of ordinary structures around a compact array does not pay for what is in it."""
    raw = compact_array(structure(UNSIGNED, array(NULL_DATA, count=500))).encode([(1, [None] * 500)])
    with pytest.raises(DecodeError, match="more values than its octets can mean"):
        decode_compact(raw, 0)
    with pytest.raises(DecodeError, match="more values than its octets can mean"):
        decode_compact(bytes(5000) + raw, 5000)


def test_structures_of_one_octet_are_shared():
    """There are but 256 of them, however many a compact array holds."""
    values, _ = decode_compact(hostile.compact(b"\x02\x01\x11"), 0)
    assert len({id(value) for value in values}) <= 256
    assert all(isinstance(value, tuple) and len(value) == 1 for value in values)
    assert [value[0] for value in values] == list(hostile.noise(len(values)))


@pytest.mark.parametrize("part", [UNSIGNED, INTEGER, ENUM, DELTA_UNSIGNED, BOOLEAN])
def test_structures_of_one_octet_are_those_of_their_type(part):
    octets = bytes((0, 1, 127, 128, 255, 1))
    one = decode_compact(b"\x13" + part.description() + b"\x06" + octets, 0)[0]
    rows = decode_compact(b"\x13" + structure(part).description() + b"\x06" + octets, 0)[0]
    assert rows == [(value,) for value in one]
    assert [type(row[0]) for row in rows] == [type(value) for value in one]


def nested(depth):
    row = UNSIGNED
    for _ in range(depth):
        row = structure(row)
    return row


@pytest.mark.parametrize(
    ("row", "contents"),
    [
        (nested(3), b"\x07"),
        (structure(UTF8_STRING), b"\x00"),
        (array(UNSIGNED, count=1), b"\x07"),
        (structure(UNSIGNED, array(NULL_DATA, count=2)), b"\x07"),
    ],
)
def test_containers_of_hardly_any_octets_are_refused_in_measure(row, contents):
    """A few are as good as any; thousands of them are more than their octets can pay for."""
    few = b"\x13" + row.description() + b"\x14" + contents * 20
    assert len(decode_compact(few, 0)[0]) == 20
    many = hostile.compact(row.description(), contents)
    with pytest.raises(DecodeError, match="more values than its octets can mean"):
        decode_compact(many, 0)
    assert hostile.peak(lambda raw: decode_compact(raw, 0), many) <= 60


@pytest.mark.parametrize(
    ("raw", "why", "at"),
    [
        ("13", "the message ends before a type", 1),
        ("13 07 00", "7 is no type of a compact array", 1),
        ("13 13 11 00", "19 is no type of a compact array", 1),
        ("13 01 00", "the message ends inside a count", 1),
        ("13 02 09 11", "9 types do not fit into the octets left", 1),
        ("13 11", "the octets end where a length should stand", 2),
        ("13 11 02 05", "runs 1 octets past the end", 0),
        ("13 12 03 000102", "contents end inside an element", 5),
        ("13 02 00 01 05", "contents for elements that take no octets", 4),
        ("13 00 01 05", "contents for elements that take no octets", 3),
    ],
)
def test_each_way_to_be_broken(raw, why, at):
    with pytest.raises(DecodeError) as caught:
        decode_compact(bytes.fromhex(raw), 0)
    assert (caught.value.why, caught.value.at) == (why, at)


def test_an_element_that_stands_for_nothing_is_refused_however_many_there_are():
    with pytest.raises(DecodeError):
        contents_of(structure(), b"\x00", 0, 1, 0)
    assert contents_of(structure(), b"", 0, 0, 0) == []
