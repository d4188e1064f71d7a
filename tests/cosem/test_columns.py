"""Columns: whichever way is taken, the same arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem import columns as module
from anymeter.cosem import schema as s
from anymeter.cosem.columns import columns
from anymeter.cosem.compression import expand
from anymeter.cosem.data import parse
from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.values import Delta
from anymeter.errors import DecodeError, LocalError
from cosem.strategies import SIMPLE_VALUES, flat_rows, profiles, values_of
from shared import vectors

NUMBERS = s.structure(s.DOUBLE_LONG_UNSIGNED, s.INTEGER, s.FLOAT32)
NOON = DateTime.of(2024, 2, 29, hour=12, minute=0, second=0, deviation=-60, status=0x80)


def profile(row, values):
    return s.array(row).encode(values)


def described(made):
    """Arrays by name, comparable: dtype, and values as text (so that what is no number equals itself)."""
    return {name: (column.dtype.str, [repr(v) for v in column.tolist()]) for name, column in made.items()}


def both_ways(raw, **options):
    """The columns, after making sure that the general way gives the same; None for an error."""
    fixed, module._fixed = module._fixed, lambda *_: None
    try:
        general = described(columns(raw, **options))
    except DecodeError:
        general = None
    finally:
        module._fixed = fixed
    try:
        made = columns(raw, **options)
    except DecodeError:
        assert general is None
        return None
    assert described(made) == general
    return made


def is_fixed(raw):
    return module._fixed(raw, None, set()) is not None


def test_numbers():
    raw = profile(NUMBERS, [(1, -1, 1.5), (2**32 - 1, 127, -0.25)])
    assert is_fixed(raw)
    made = both_ways(raw, names=["energy", "signal", "factor"])
    assert {name: str(column.dtype) for name, column in made.items()} == {
        "energy": "uint32",
        "signal": "int8",
        "factor": "float32",
    }
    assert made["energy"].tolist() == [1, 2**32 - 1]
    assert made["factor"].tolist() == [1.5, -0.25]


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        (s.BOOLEAN, "|b1"),
        (s.DOUBLE_LONG, "<i4"),
        (s.DOUBLE_LONG_UNSIGNED, "<u4"),
        (s.BCD, "|i1"),
        (s.INTEGER, "|i1"),
        (s.LONG, "<i2"),
        (s.UNSIGNED, "|u1"),
        (s.LONG_UNSIGNED, "<u2"),
        (s.LONG64, "<i8"),
        (s.LONG64_UNSIGNED, "<u8"),
        (s.ENUM, "|u1"),
        (s.FLOAT32, "<f4"),
        (s.FLOAT64, "<f8"),
        (s.OCTET_STRING_DATE_TIME, "<M8[ms]"),
        (s.DATE_TIME, "<M8[ms]"),
        (s.DATE, "<M8[D]"),
    ],
)
@given(data=st.data())
def test_the_dtype_of_each_type(kind, dtype, data):
    values = {s.DATE_TIME: st.just(NOON), s.DATE: st.just(NOON.date), s.OCTET_STRING_DATE_TIME: st.just(NOON.octets)}
    drawn = data.draw(st.lists(values[kind] if kind in values else SIMPLE_VALUES[kind], min_size=1, max_size=5))
    raw = profile(s.structure(kind), [(v,) for v in drawn])
    assert is_fixed(raw)
    made = both_ways(raw, schema=s.structure(kind))
    assert made["c0"].dtype.str.replace(">", "<") == dtype
    compact = s.compact_array(s.structure(kind)).encode([(v,) for v in drawn])
    if kind != s.OCTET_STRING_DATE_TIME:
        assert is_fixed(compact)
    assert described(both_ways(compact, schema=s.structure(kind))) == described(made)
    empty = columns(b"\x01\x00", schema=s.structure(kind))
    assert {n: c.dtype for n, c in empty.items()} == {n: c.dtype for n, c in made.items()}


@pytest.mark.parametrize("kind", [s.OCTET_STRING_DATE_TIME, s.DATE_TIME])
def test_date_times_come_with_deviation_and_status(kind):
    row = s.structure(kind, s.UNSIGNED)
    later = NOON.later(900)
    raw = profile(row, [(NOON, 1), (later, 2)])
    made = both_ways(raw, names=["time", "status"], schema=row)
    assert list(made) == ["time", "time.deviation", "time.status", "status"]
    assert made["time"].tolist() == [NOON._local(), later._local()]
    assert made["time.deviation"].tolist() == [-60, -60]
    assert made["time.status"].tolist() == [0x80, 0x80]


@pytest.mark.parametrize("kind", [s.OCTET_STRING_DATE_TIME, s.DATE_TIME, s.DATE, s.TIME])
def test_what_is_not_complete_stays_as_it_is(kind):
    values = {s.DATE: [NOON.date, Date.of(2024)], s.TIME: [NOON.time, Time.of()]}.get(kind, [NOON, DateTime.of(2024)])
    row = s.structure(kind)
    made = both_ways(profile(row, [(v,) for v in values]), schema=row)
    assert list(made) == ["c0"]
    assert made["c0"].dtype == object
    assert made["c0"].tolist() == values


def test_octet_strings_are_date_times_only_where_it_is_said():
    raw = profile(s.structure(s.OCTET_STRING), [(NOON.octets,)] * 2)
    made = both_ways(raw)
    assert made["c0"].dtype == "V12"
    assert made["c0"][0].tobytes() == NOON.octets


def test_null_data_for_a_time():
    row = s.structure(s.OCTET_STRING_DATE_TIME, s.UNSIGNED)
    first, rest = row.encode((NOON, 1)), s.structure(s.NULL_DATA, s.UNSIGNED).encode((None, 2))
    made = both_ways(b"\x01\x03" + first + rest * 2, schema=row)
    assert made["c0"].tolist() == [NOON, None, None]
    assert made["c1"].dtype == np.uint8


def test_octet_strings_that_end_in_zeros_keep_them():
    made = both_ways(profile(s.structure(s.OCTET_STRING), [(b"a\x00",), (b"\x00\x00",)]))
    assert [v.tobytes() for v in made["c0"]] == [b"a\x00", b"\x00\x00"]


@pytest.mark.parametrize("values", [[(b"",), (b"",)], [(b"a",), (b"bc",)]])
def test_octet_strings_of_no_one_length_are_objects(values):
    made = both_ways(profile(s.structure(s.OCTET_STRING), values))
    assert made["c0"].dtype == object
    assert made["c0"].tolist() == [v for (v,) in values]


def test_texts_deltas_nested_values_and_nothing_are_objects():
    row = s.structure(s.VISIBLE_STRING, s.DELTA_LONG, s.array(s.UNSIGNED), s.structure(s.LONG, s.LONG), s.NULL_DATA)
    values = [("ab", Delta(1), [1, 2], (3, 4), None), ("cd", Delta(2), [5, 6], (7, 8), None)]
    made = both_ways(profile(row, values))
    assert {str(column.dtype) for column in made.values()} == {"object"}
    assert list(zip(*(column.tolist() for column in made.values()), strict=True)) == values
    assert isinstance(made["c1"][0], Delta)


def test_columns_of_mixed_types_are_objects():
    raw = b"\x01\x02" + s.structure(s.UNSIGNED).encode((5,)) + s.structure(s.LONG).encode((-5,))
    assert both_ways(raw)["c0"].tolist() == [5, -5]
    assert both_ways(raw)["c0"].dtype == object


def test_rows_that_end_early():
    raw = b"\x01\x02" + s.structure(s.UNSIGNED, s.LONG).encode((5, 6)) + s.structure(s.UNSIGNED).encode((7,))
    with pytest.raises(DecodeError, match="rows of 1 to 2 columns"):
        columns(raw)
    made = both_ways(raw, names=["a", "b"])
    assert made["a"].tolist() == [5, 7]
    assert made["b"].tolist() == [6, None]
    with pytest.raises(DecodeError, match="a row of 2 values in a profile of 1 columns"):
        columns(raw, names=["a"])


def test_every_tag_is_checked():
    raw = bytearray(profile(NUMBERS, [(i, i, 0.0) for i in range(50)]))
    size = (len(raw) - 2) // 50
    for at, tag in ((0, 2), (1, 3), (2, 6), (7, 15), (9, 23)):
        place = 2 + 30 * size + at
        assert raw[place] == tag
        damaged = bytes(raw[:place]) + b"\x07" + bytes(raw[place + 1 :])
        assert not is_fixed(damaged)
        with pytest.raises(DecodeError):
            columns(damaged)
    assert is_fixed(bytes(raw))


def test_another_type_of_the_same_size_in_one_row():
    raw = bytearray(profile(NUMBERS, [(1, 1, 0.0)] * 20))
    raw[2 + 5 * (len(raw) - 2) // 20 // 5 * 5 + 2] = 5
    made = both_ways(bytes(raw))
    assert made is None or made["c0"].dtype == object


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("1105", "not an array of rows"),
        ("0200", "not an array of rows"),
        ("01021105 1106", "a row is not a structure"),
        ("131102 0506", "a row is not a structure"),
        ("0184FFFFFFFF", "do not fit"),
        ("0101 020111", "past the end"),
        ("0101 02011105 00", "left over"),
        ("", "ends before a value"),
        ("01", "length"),
        ("13", "ends before a type"),
    ],
)
def test_what_is_no_profile(written, why):
    with pytest.raises(DecodeError, match=why):
        columns(bytes.fromhex(written))


def test_our_own_mistakes():
    with pytest.raises(LocalError, match="2 names for 1 columns"):
        columns(b"\x01\x00", ["a", "b"], s.structure(s.UNSIGNED))
    with pytest.raises(LocalError, match="structures"):
        columns(b"\x01\x00", schema=s.UNSIGNED)
    assert columns(b"\x01\x00", schema=s.array(s.structure(s.UNSIGNED)))["c0"].dtype == np.uint8


def test_no_rows():
    assert columns(b"\x01\x00") == {}
    assert columns(b"\x01\x00", ["a"])["a"].dtype == object


@given(profiles(), st.booleans())
def test_both_ways_agree_on_profiles(raw, named):
    width = max((len(row) for row in parse(raw)), default=0)
    made = both_ways(raw, names=[f"n{i}" for i in range(width)] if named else None)
    if made is not None:
        for i in range(width):
            cells = [row[i] if i < len(row) else None for row in parse(raw)]
            column = made[f"n{i}" if named else f"c{i}"]
            if column.dtype.kind in "iufb":
                assert column.tolist() == cells


@given(flat_rows, st.data())
def test_both_ways_agree_on_rows_of_one_layout(row, data):
    if not row.parts:
        return
    values = data.draw(st.lists(values_of(row), min_size=1, max_size=3)) * 2
    moments = s.structure(*[s.OCTET_STRING_DATE_TIME if part == s.OCTET_STRING else part for part in row.parts])
    both_ways(profile(row, values))
    both_ways(profile(row, values), schema=moments)


@given(
    st.binary(max_size=60), st.sampled_from([b"\x01", b"\x01\x02\x02\x02", b"\x13\x02", b"\x01\x02\x02\x01\x09\x0c"])
)
def test_garbage(raw, head):
    both_ways(head + raw)
    both_ways(head + raw, schema=s.structure(s.OCTET_STRING_DATE_TIME))


@pytest.mark.parametrize(
    "vector", vectors("dlms_vectors.jsonl", where=lambda v: v["id"].startswith("axdr-") and "rows" in v["expect"])
)
def test_shared_profiles(vector):
    raw = bytes.fromhex(vector["hex"])
    width = len(parse(raw)[0])
    row = s.structure(s.OCTET_STRING_DATE_TIME, *[s.CHOICE] * (width - 1))
    made = both_ways(raw, schema=row)
    assert {len(column) for column in made.values()} == {vector["expect"]["rows"]}
    assert (made["c0"].dtype == "M8[ms]") == all(values[0] is not None for values in parse(raw))


def test_written_out_columns_have_the_types_of_what_was_sent():
    octets = bytes.fromhex("0103 0203 06000000ff 1105 0301 0203 1c02 00 00 0203 00 1106 0300")
    plain = columns(octets, ["a", "b", "c"])
    assert {name: str(column.dtype) for name, column in plain.items()} == dict.fromkeys("abc", "object")
    full = columns(octets, ["a", "b", "c"], expand=expand)
    assert {name: str(column.dtype) for name, column in full.items()} == {"a": "uint32", "b": "uint8", "c": "bool"}
    assert [column.tolist() for column in full.values()] == [[255, 257, 257], [5, 5, 6], [True, True, False]]


def test_what_cannot_be_written_out_stays_an_object():
    octets = bytes.fromhex("0102 0202 00 1c05 0202 1105 1c05")
    full = columns(octets, ["a", "b"], expand=expand)
    assert [column.tolist() for column in full.values()] == [[None, 5], [5, 5]]
    assert {str(column.dtype) for column in full.values()} == {"object"}
