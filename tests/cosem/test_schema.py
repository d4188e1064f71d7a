"""Types: encoding by schema, with every limit checked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem import schema as s
from anymeter.cosem.data import decode, parse
from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.schema import CHOICE, SIMPLE, TYPE_NAMES, array, choice_of, compact_array, encode, octets, structure
from anymeter.cosem.values import DONT_CARE, Bcd, BitString, Delta, Enum, Float32
from anymeter.errors import LocalError
from anymeter.obis import Obis
from cosem.strategies import DELTAS, INTEGERS, layout_types, typed_values, values_of

# composed from the table of data types in the spec: tag, then the contents
WRITTEN = [
    (s.NULL_DATA, None, "00"),
    (s.BOOLEAN, True, "0301"),
    (s.BOOLEAN, False, "0300"),
    (s.BIT_STRING, BitString.of("1010"), "0404A0"),
    (s.DOUBLE_LONG, -2, "05FFFFFFFE"),
    (s.DOUBLE_LONG_UNSIGNED, 1517, "06000005ED"),
    (s.OCTET_STRING, b"\x01\x02", "09020102"),
    (s.OCTET_STRING, Obis("1-0:1.8.0"), "09060100010800FF"),
    (s.VISIBLE_STRING, "AB", "0A024142"),
    (s.UTF8_STRING, "é", "0C02C3A9"),
    (s.BCD, Bcd(0x42), "0D42"),
    (s.INTEGER, -3, "0FFD"),
    (s.LONG, -2, "10FFFE"),
    (s.UNSIGNED, 200, "11C8"),
    (s.LONG_UNSIGNED, 65535, "12FFFF"),
    (s.LONG64, -1, "14FFFFFFFFFFFFFFFF"),
    (s.LONG64_UNSIGNED, 1, "150000000000000001"),
    (s.ENUM, Enum(30), "161E"),
    (s.FLOAT32, 1.5, "173FC00000"),
    (s.FLOAT64, 1.5, "183FF8000000000000"),
    (s.DATE_TIME, DateTime.of(2018, 6, 1, None, 0, 3, 0, None, -120, 0x80), "1907E20601FF000300FFFF8880"),
    (s.DATE, Date.of(2018, 6, 1), "1A07E20601FF"),
    (s.TIME, Time.of(0, 3, 0), "1B000300FF"),
    (s.DELTA_INTEGER, Delta(-5), "1CFB"),
    (s.DELTA_LONG, Delta(-5), "1DFFFB"),
    (s.DELTA_DOUBLE_LONG, Delta(-5), "1EFFFFFFFB"),
    (s.DELTA_UNSIGNED, Delta(5), "1F05"),
    (s.DELTA_LONG_UNSIGNED, Delta(5), "200005"),
    (s.DELTA_DOUBLE_LONG_UNSIGNED, Delta(5), "2100000005"),
    (s.DONT_CARE_TYPE, DONT_CARE, "FF"),
    (structure(s.INTEGER, s.ENUM), (-3, 30), "02020FFD161E"),
    (array(s.UNSIGNED), [1, 2], "010211011102"),
    (array(), [], "0100"),
    (array(s.NULL_DATA, s.UNSIGNED), [None, 2], "0102001102"),
    (compact_array(structure(s.LONG_UNSIGNED, s.UNSIGNED)), [(1, 5), (2, 7)], "1302021211060001050002 07"),
    (compact_array(array(s.UNSIGNED, count=2)), [[1, 2]], "1301000211020102"),
]


@pytest.mark.parametrize(("schema", "value", "written"), WRITTEN, ids=lambda x: getattr(x, "name", None))
def test_every_type_as_it_is_written(schema, value, written):
    assert encode(schema, value) == bytes.fromhex(written)
    assert parse(bytes.fromhex(written)) == value


def test_every_simple_type_is_tried_above():
    assert set(SIMPLE) == {schema.tag for schema, _, _ in WRITTEN} - {1, 2, 19}
    assert set(TYPE_NAMES) == set(SIMPLE) | {1, 2, 19}


@given(typed_values)
def test_what_is_encoded_decodes_to_the_same(pair):
    schema, value = pair
    octets_made = schema.encode(value)
    assert decode(b"\xaa" + octets_made + b"\xbb", 1) == (value, len(octets_made) + 1)
    assert [type(v) for v in [decode(octets_made)[0]]] == [type(value)]


@given(layout_types.flatmap(lambda t: st.tuples(st.just(t), st.lists(values_of(t), max_size=5))))
def test_compact_arrays_decode_to_the_same(pair):
    row, values = pair
    contents = b"".join(row.contents(v) for v in values)
    if len(contents) < len(values) * 8:  # values that take no octets cannot be told apart, or are refused
        return
    assert parse(compact_array(row).encode(values)) == values


@pytest.mark.parametrize(
    ("schema", "limits"), list({**INTEGERS, **DELTAS}.items()), ids=lambda x: getattr(x, "name", None)
)
def test_limits(schema, limits):
    for value in limits:
        assert parse(schema.encode(value)) == value
    for value in (limits[0] - 1, limits[1] + 1, 10**30):
        with pytest.raises(LocalError, match=f"does not fit into {schema.name}"):
            schema.encode(value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (s.UNSIGNED, True),
        (s.UNSIGNED, "5"),
        (s.UNSIGNED, 5.0),
        (s.UNSIGNED, None),
        (s.BOOLEAN, 1),
        (s.NULL_DATA, 0),
        (s.DONT_CARE_TYPE, None),
        (s.FLOAT32, 1e39),
        (s.FLOAT32, "1"),
        (s.OCTET_STRING, 5),
        (s.OCTET_STRING, [1]),
        (s.VISIBLE_STRING, 5),
        (s.VISIBLE_STRING, "\ud800"),
        (s.BIT_STRING, "101"),
        (s.BIT_STRING, BitString(b"", 3)),
        (s.DATE_TIME, b"\x00" * 11),
        (s.DATE, Time.of()),
        (s.TIME, 5),
        (octets(12), b"\x00" * 11),
        (structure(s.UNSIGNED), (1, 2)),
        (structure(s.UNSIGNED), 1),
        (structure(s.UNSIGNED), "1"),
        (array(s.UNSIGNED, count=2), [1]),
        (array(s.UNSIGNED, s.LONG), [1]),
        (array(), [1]),
        (array(s.UNSIGNED), {1, 2}),
        (compact_array(s.UNSIGNED), 5),
        (compact_array(array(s.UNSIGNED)), [[1]]),
        (compact_array(array(s.UNSIGNED, count=70000)), []),
        (compact_array(array(s.UNSIGNED, s.LONG, count=2)), [[1, 2]]),
        (compact_array(compact_array(s.UNSIGNED)), [[1]]),
        (compact_array(CHOICE), [None]),
        (CHOICE, 5),
        (CHOICE, [1]),
        (CHOICE, (1,)),
        (CHOICE, Delta(5)),
    ],
)
def test_what_does_not_fit_is_our_own_mistake(schema, value):
    with pytest.raises(LocalError):
        schema.encode(value)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (None, s.NULL_DATA),
        (True, s.BOOLEAN),
        (Enum(5), s.ENUM),
        (Bcd(5), s.BCD),
        (Float32(1.5), s.FLOAT32),
        (b"x", s.OCTET_STRING),
        ("x", s.VISIBLE_STRING),
        (BitString.of("1"), s.BIT_STRING),
        (DateTime.of(), s.DATE_TIME),
        (Date.of(), s.DATE),
        (Time.of(), s.TIME),
        (DONT_CARE, s.DONT_CARE_TYPE),
    ],
)
def test_a_choice_takes_what_shows_its_type(value, schema):
    assert choice_of(value) == schema
    assert CHOICE.encode(value) == schema.encode(value)
    assert structure(CHOICE).encode((value,))[2:] == schema.encode(value)


def test_date_times_in_octet_strings_take_either_form():
    moment = DateTime.of(2024, 1, 1)
    assert s.OCTET_STRING_DATE_TIME.encode(moment) == b"\x09\x0c" + moment.octets
    assert s.OCTET_STRING_DATE_TIME.encode(moment.octets) == b"\x09\x0c" + moment.octets
    assert s.DATE_TIME.encode(moment.octets) == b"\x19" + moment.octets


def test_long_strings_have_long_lengths():
    assert s.OCTET_STRING.encode(bytes(127))[:2] == b"\x09\x7f"
    assert s.OCTET_STRING.encode(bytes(128))[:3] == b"\x09\x81\x80"
    assert s.OCTET_STRING.encode(bytes(256))[:4] == b"\x09\x82\x01\x00"


def test_schemas_are_values():
    assert structure(s.UNSIGNED) == structure(s.UNSIGNED)
    assert len({structure(s.UNSIGNED), structure(s.UNSIGNED), array(s.UNSIGNED)}) == 2
    assert octets(12) != s.OCTET_STRING_DATE_TIME


@pytest.mark.parametrize("schema", [s.DELTA_INTEGER, s.DELTA_UNSIGNED, s.BCD, s.ENUM])
def test_every_value_of_one_octet_is_made_once(schema):
    for octet in range(256):
        raw = bytes((schema.tag, octet))
        value = parse(raw)
        assert value is parse(raw)
        assert schema.encode(value) == raw
        assert int(value) == (octet - 256 if schema.code == "b" and octet > 127 else octet)


def test_a_compact_array_holds_no_compact_array_and_no_choice():
    for row in (compact_array(s.UNSIGNED), CHOICE):
        with pytest.raises(LocalError, match="does not stand in a compact array"):
            row.description()
        with pytest.raises(LocalError, match="does not stand in a compact array"):
            compact_array(structure(row)).encode([([1],)])
        with pytest.raises(LocalError, match="does not stand in a compact array"):
            row.contents([1])
