"""Values as people write them: by their type, or refused."""

from __future__ import annotations

import pytest

from anymeter.cli.values import named_type, parse, written
from anymeter.cosem import schema as types
from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.values import BitString
from anymeter.errors import LocalError

MOMENT = bytes.fromhex("07EA030107081E0000FFC4FF")


@pytest.mark.parametrize(
    ("text", "schema", "octets"),
    [
        ("5", types.UNSIGNED, "1105"),
        (" -5 ", types.INTEGER, "0FFB"),
        ("+7", types.LONG, "100007"),
        ("0x10", types.LONG_UNSIGNED, "120010"),
        ("3", types.ENUM, "1603"),
        ("true", types.BOOLEAN, "0301"),
        ("OFF", types.BOOLEAN, "0300"),
        ("hex:00 FF", types.OCTET_STRING, "090200FF"),
        ("text:ab", types.OCTET_STRING, "09026162"),
        ("text:", types.OCTET_STRING, "0900"),
        ("hello", types.VISIBLE_STRING, "0A0568656C6C6F"),
        ("text:hex:00", types.VISIBLE_STRING, "0A066865783A3030"),
        ("zwölf", types.UTF8_STRING, "0C067A77C3B66C66"),
        ("1010", types.BIT_STRING, "0404A0"),
        ("", types.BIT_STRING, "0400"),
        ("0.5", types.FLOAT32, "173F000000"),
        ("null", types.NULL_DATA, "00"),
        ("2026-03-01", types.DATE, "1A07EA030107"),
        ("08:30", types.TIME, "1B081E0000"),
        ("2026-03-01T08:30+01:00", types.DATE_TIME, "19" + MOMENT.hex()),
        ("2026-03-01T08:30+01:00", types.OCTET_STRING_DATE_TIME, "090C" + MOMENT.hex()),
        ("[1, 2]", types.array(types.UNSIGNED), "010211011102"),
        ("[]", types.array(types.UNSIGNED), "0100"),
        ('[1, "hex:00"]', types.structure(types.UNSIGNED, types.OCTET_STRING), "020211 01090100"),
        ("[[1, true]]", types.array(types.structure(types.UNSIGNED, types.BOOLEAN)), "0101020211010301"),
        ("[1, 2]", types.array(types.UNSIGNED, types.LONG), "01021101100002"),
        ("[null]", types.structure(types.NULL_DATA), "020100"),
    ],
)
def test_what_is_meant(text, schema, octets):
    assert schema.encode(parse(text, schema)) == bytes.fromhex(octets)


def test_the_values_themselves():
    assert parse("1010", types.BIT_STRING) == BitString.of("1010")
    assert parse("2026-03-01", types.DATE) == Date.of(2026, 3, 1, 7)
    assert parse("08:30:05.25", types.TIME) == Time.of(8, 30, 5, 25)
    assert parse("2026-03-01T08:30+01:00", types.DATE_TIME) == DateTime(MOMENT)
    assert parse("2026-03-01T08:30", types.DATE_TIME).deviation is None


def test_an_octet_string_that_holds_a_date_time_takes_another():
    was = b"\x09\x0c" + bytes(12)
    assert parse("2026-03-01T08:30+01:00", types.OCTET_STRING, was=was) == MOMENT
    assert parse("hex:00", types.OCTET_STRING, was=was) == b"\x00"


@pytest.mark.parametrize("text", ["connected", "ready-for_reconnection"])
def test_enumerations_have_words(text):
    words = {1: "connected", 2: "ready_for_reconnection"}
    assert parse(text, types.ENUM, words) in words
    with pytest.raises(LocalError):
        parse("gone", types.ENUM, words)


@pytest.mark.parametrize(
    ("text", "schema", "why"),
    [
        ("five", types.UNSIGNED, "'five' is no unsigned"),
        ("1.5", types.LONG, "is no long"),
        ("1e3", types.LONG, "is no long"),
        ("１", types.LONG, "is no long"),
        ("", types.LONG, "is no long"),
        ("maybe", types.BOOLEAN, "is no boolean"),
        ("2", types.BOOLEAN, "is no boolean"),
        ("nan", types.FLOAT64, "is no float64"),
        ("inf", types.FLOAT32, "is no float32"),
        ("abc", types.FLOAT32, "is no float32"),
        ("0", types.NULL_DATA, "is no null-data"),
        ("0102", types.OCTET_STRING, "is not clear: octets are written as hex:0A0B or text:abc"),
        ("hex:0", types.OCTET_STRING, "is no octet-string"),
        ("yesterday", types.OCTET_STRING_DATE_TIME, "is no date-time: write 2026-11-01T06:00"),
        ("2026-02-30", types.DATE, "is no date"),
        ("25:00", types.TIME, "is no time"),
        ("12", types.BIT_STRING, "written with 0 and 1"),
        ("5", types.CHOICE, "leaves the type of this value open"),
        ("[5]", types.compact_array(types.UNSIGNED), "name it with --type"),
        ("1, 2", types.array(types.UNSIGNED), "is no JSON"),
        ("5", types.array(types.UNSIGNED), "which is written"),
        ("[1]", types.structure(types.UNSIGNED, types.UNSIGNED), "of 2 values was meant, 1 are given"),
        ("[[1]]", types.array(types.UNSIGNED), r"\[1\] is no unsigned"),
        ("[{}]", types.array(types.UNSIGNED), "is no unsigned"),
        ('["x"]', types.array(types.UNSIGNED), "'x' is no unsigned"),
        ("[1]", types.array(), "nothing tells the type of its elements"),
        ("[1]", types.array(types.UNSIGNED, types.LONG), "of different types"),
    ],
)
def test_what_is_refused(text, schema, why):
    with pytest.raises(LocalError, match=why):
        parse(text, schema)


def test_numbers_out_of_range_are_refused_by_their_type():
    with pytest.raises(LocalError):
        types.UNSIGNED.encode(parse("256", types.UNSIGNED))


def test_types_by_name():
    assert named_type("double-long-unsigned") == types.DOUBLE_LONG_UNSIGNED
    assert named_type("date-time") == types.DATE_TIME
    with pytest.raises(LocalError, match="'u32' is no type; there are bcd, bit-string, boolean"):
        named_type("u32")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((-3, 13), "[-3, 13]"),
        ([(2, b"\xff"), (3, "b")], '[[2, "hex:FF"], [3, "b"]]'),
        ((None, True, 0.5, BitString.of("101"), Date.of(2026, 3, 1)), '[null, true, 0.5, "101", "2026-03-01"]'),
    ],
)
def test_values_are_written_as_they_are_read(value, text):
    assert written(value) == text


def test_what_is_written_can_be_parsed():
    schema = types.array(types.structure(types.UNSIGNED, types.OCTET_STRING))
    value = [(1, b"\x00"), (2, b"")]
    assert parse(written(value), schema) == value
