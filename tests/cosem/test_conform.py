"""Whether an encoded value is of a declared type: what passes, what is refused, and that nothing else is raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.conform import accept, fits
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.infer import schema_of
from anymeter.cosem.schema import (
    CHOICE,
    DATE_TIME,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    VISIBLE_STRING,
    array,
    compact_array,
    octets,
    one_of,
    structure,
)
from anymeter.errors import AccessError

NOON = bytes.fromhex("07EA0B18020C000000FFC400")
OBJECTS = array(structure(class_id=LONG_UNSIGNED, name=octets(6)))


@pytest.mark.parametrize(
    ("schema", "given", "value"),
    [
        (UNSIGNED, "11 05", 5),
        (CHOICE, "12 0005", 5),
        (one_of(UNSIGNED, LONG_UNSIGNED), "12 0005", 5),
        (structure(INTEGER, ENUM), "02 02 0F FD 16 1E", (-3, 30)),
        (OBJECTS, "01 00", []),
        (OBJECTS, "01 01 02 02 12 0008 09 06 0000010000FF", [(8, bytes.fromhex("0000010000FF"))]),
        (array(UNSIGNED, count=2), "01 02 11 01 11 02", [1, 2]),
        (array(LONG_UNSIGNED), "13 12 04 0001 0002", [1, 2]),
        (OCTET_STRING_DATE_TIME, "09 0C" + NOON.hex(), NOON),
        (OCTET_STRING_DATE_TIME, "19" + NOON.hex(), NOON),
        (structure(octets(4), UNSIGNED), "02 02 1B 0C000000 11 01", (bytes.fromhex("0C000000"), 1)),
        (array(octets(5)), "01 01 1A 07EA0B1802", [bytes.fromhex("07EA0B1802")]),
    ],
)
def test_what_is_of_its_type_is_taken(schema, given, value):
    assert accept(schema, bytes.fromhex(given), "x") == value


@pytest.mark.parametrize(
    ("schema", "given"),
    [
        (UNSIGNED, "12 0005"),
        (UNSIGNED, ""),
        (UNSIGNED, "11"),
        (UNSIGNED, "11 05 05"),
        (one_of(UNSIGNED, LONG_UNSIGNED), "0F 05"),
        (structure(INTEGER, ENUM), "02 01 0F FD"),
        (structure(INTEGER, ENUM), "02 02 0F FD 11 1E"),
        (OBJECTS, "01 01 02 02 12 0008 09 05 0000010000"),
        (OBJECTS, "02 00"),
        (array(UNSIGNED, count=2), "01 01 11 01"),
        (array(UNSIGNED), "01 02 11 01 12 0001"),
        (OCTET_STRING_DATE_TIME, "09 0B" + NOON.hex()[:22]),
        (octets(5), "19" + NOON.hex()),
        (VISIBLE_STRING, "09 01 41"),
        (array(LONG_UNSIGNED), "13 11 02 0102"),
    ],
)
def test_what_is_of_another_type_is_refused(schema, given):
    with pytest.raises(AccessError) as caught:
        accept(schema, bytes.fromhex(given), "1-0:1.8.0*255 value")
    assert caught.value.result == 12
    assert "type-unmatched" in str(caught.value)


@given(st.binary(max_size=40))
def test_garbage_is_refused_and_raises_nothing_else(octets_in):
    refusal = None
    try:
        accept(OBJECTS, octets_in, "x")
    except AccessError as error:
        refusal = error.result
    assert refusal in (None, 12)


def test_a_date_time_passes_for_the_octet_string_that_holds_it_but_not_the_other_way_round():
    tagged = schema_of(b"\x19" + NOON)
    assert fits(OCTET_STRING, tagged, DateTime(NOON))
    assert not fits(DATE_TIME, schema_of(b"\x09\x0c" + NOON), NOON)


def test_a_number_of_another_width_does_not_fit():
    assert not fits(DOUBLE_LONG_UNSIGNED, schema_of(bytes.fromhex("110 5".replace(" ", ""))), 5)
    assert fits(compact_array(UNSIGNED), schema_of(bytes.fromhex("13110101")), [1])
