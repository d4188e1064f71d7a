"""Fields for people: every octet shown once, in order."""

import pytest
from hypothesis import given

import hostile
from anymeter.cosem.data import decode, explain
from anymeter.cosem.describe import MOST_FIELDS, type_text
from anymeter.cosem.schema import LONG, UNSIGNED, array, structure
from anymeter.errors import DecodeError
from cosem.strategies import encoded


@given(encoded)
def test_every_octet_is_in_one_field(raw):
    fields = explain(b"\xaa" + raw + b"\xbb", 1)
    assert b"".join(field.octets for field in fields) == raw
    at = 1
    for field in fields:
        assert field.at == at
        at += len(field.octets)


def rows(written):
    return [(f.at, f.octets.hex(), f.depth, f.name, f.meaning) for f in explain(bytes.fromhex(written))]


def test_nested_values():
    assert rows("0202 0101 0A024142 190000000000000000000000" + "00") == [
        (0, "0202", 0, "structure", "2 elements"),
        (2, "0101", 1, "array", "1 element"),
        (4, "0a024142", 2, "visible-string", '"AB"'),
        (8, "19" + "00" * 12, 1, "date-time", "0000-00-00T00:00:00+00:00"),
    ]


def test_a_compact_array():
    assert rows("13 02 02 01 0002 11 00 04 0102 0304") == [
        (0, "13", 0, "compact-array", ""),
        (1, "020201000211" + "00", 1, "TypeDescription", "structure {array of 2 unsigned, null-data}"),
        (8, "04", 1, "length of the contents", "4 octets"),
        (9, "", 1, "structure", "2 elements"),
        (9, "", 2, "array", "2 elements"),
        (9, "01", 3, "unsigned", "1"),
        (10, "02", 3, "unsigned", "2"),
        (11, "", 2, "null-data", ""),
        (11, "", 1, "structure", "2 elements"),
        (11, "", 2, "array", "2 elements"),
        (11, "03", 3, "unsigned", "3"),
        (12, "04", 3, "unsigned", "4"),
        (13, "", 2, "null-data", ""),
    ]


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("00", ""),
        ("0301", "True"),
        ("0404A0", "1010"),
        ("0902FF00", "ff00"),
        ("09024142", '4142 "AB"'),
        ("0900", ""),
        ("0DFF", "-1"),
        ("161E", "30"),
        ("1CFB", "-5"),
        ("173DCCCCCD", "0.1"),
        ("1B1030FFFF", "16:48"),
        ("FF", "DontCare.DONT_CARE"),
    ],
)
def test_meanings(written, meaning):
    assert explain(bytes.fromhex(written))[0].meaning == meaning


def test_types_in_words():
    assert (
        type_text(structure(array(structure(LONG), count=3), UNSIGNED))
        == "structure {array of 3 structure {long}, unsigned}"
    )


def test_errors_are_those_of_decode():
    raw = bytes.fromhex("0202 0006")
    with pytest.raises(DecodeError) as ours:
        explain(raw)
    with pytest.raises(DecodeError) as theirs:
        decode(raw)
    assert str(ours.value) == str(theirs.value)


# Each costs a field a value: what nobody reads is shown in one. Composed from the A-XDR encoding.
MANY = {
    "numbers": hostile.array(b"\x11\x05"),
    "null-data": hostile.array(b"\x00"),
    "rows": hostile.array(b"\x02\x02\x12\x01\x02\x12\x03\x04"),
    "rows in a structure": hostile.array(b"\x02\x02\x12\x01\x02\x12\x03\x04", tag=2),
    "strings": hostile.array(b"\x0a\x02\xff\x41"),
    "arrays as deep as may be": hostile.array(b"\x01\x01" * 28 + b"\x01\x00"),
    "a compact array of numbers": hostile.compact(b"\x11"),
    "a compact array of rows": hostile.compact(b"\x02\x02\x11\x11"),
    "a compact array of strings": hostile.compact(b"\x09", b"\x00"),
    "a compact array of one long array": hostile.compact(b"\x01\x27\x08\x11", b"\x00"),
    "rows with compact arrays": hostile.array(b"\x02\x02\x11\x01\x13\x11\x03\x01\x02\x03"),
}


@pytest.mark.parametrize("kind", MANY)
def test_many_values_are_shown_in_few_fields(kind):
    raw = MANY[kind]
    fields = explain(raw)
    assert b"".join(field.octets for field in fields) == raw
    at = 0
    for field in fields:
        assert field.at == at
        at += len(field.octets)
    assert MOST_FIELDS <= len(fields) <= MOST_FIELDS + 2 * 32
    assert fields[-1].name == "the rest"
    assert hostile.peak(explain, raw) <= 11


def test_the_rest_is_counted():
    fields = explain(hostile.array(b"\x11\x05"))
    assert fields[0].meaning == "4998 elements"
    assert fields[-1].meaning == f"{4998 - (MOST_FIELDS - 1)} elements"
    assert fields[-1].depth == fields[-2].depth == 1


def test_values_below_the_bound_are_all_shown():
    raw = b"\x01\x82\x01\x7f" + b"\x11\x05" * 383
    assert len(explain(raw)) == MOST_FIELDS
    assert {field.name for field in explain(raw)} == {"array", "unsigned"}
