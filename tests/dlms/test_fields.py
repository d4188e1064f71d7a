"""The field kinds of xDLMS: their words, their tolerances, and what is refused."""

import pytest

from anymeter.dlms.access import AccessRequest
from anymeter.dlms.enums import DataAccessResult
from anymeter.dlms.fields import (
    DATA_OR_RESULT,
    NO_PRESENCE_OCTET,
    RAW_OR_RESULT,
    SUCCESS_OR_RESULT,
    TAGGED_DATE_TIME,
    VALUE,
    date_time_words,
    enum_words,
    invoke_words,
    long_invoke_words,
    text_words,
)
from anymeter.dlms.initiate import InitiateRequest
from anymeter.dlms.notifications import DataNotification, EventNotification
from anymeter.dlms.short_names import ReadRequest, VariableName
from anymeter.errors import DecodeError
from anymeter.obis import Obis

MOMENT = bytes.fromhex("07E4060A03100F2D0AFF8880")


@pytest.mark.parametrize(
    ("octet", "words"),
    [
        (0xC1, "id 1, confirmed, high priority"),
        (0x4F, "id 15, confirmed, normal priority"),
        (0x80, "id 0, unconfirmed, high priority"),
        (0x30, "id 0, unconfirmed, normal priority, reserved bits 3"),
    ],
)
def test_invoke_id_and_priority(octet, words):
    assert invoke_words(octet) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0x00000001, "id 1, unconfirmed, normal priority"),
        (0x40FFFFFF, "id 16777215, confirmed, normal priority"),
        (0x90000002, "id 2, unconfirmed, high priority, self-descriptive"),
        (0x25000000, "id 0, unconfirmed, normal priority, break on error, reserved bits 5"),
    ],
)
def test_long_invoke_id_and_priority(number, words):
    assert long_invoke_words(number) == words


def test_words():
    assert date_time_words(MOMENT).startswith("2020-06-10T16:15:45")
    assert date_time_words(b"") == date_time_words(None) == "none"
    assert date_time_words(b"abc") == "616263"
    assert text_words(b"GX") == '4758 "GX"'
    assert text_words(b"\x00\xff") == "00ff"
    assert text_words(b"") == "empty"
    assert enum_words(DataAccessResult(77)) == "77, unknown-77"


@pytest.mark.parametrize(
    ("octets", "moment", "quirks"),
    [
        ("00", b"", ()),
        ("0C" + MOMENT.hex(), MOMENT, ()),
        ("090C" + MOMENT.hex(), MOMENT, (TAGGED_DATE_TIME,)),
    ],
)
def test_the_forms_of_the_date_time_of_a_notification(octets, moment, quirks):
    message = bytes.fromhex("0F00000001" + octets + "00")
    decoded = DataNotification.parse(message)
    assert (decoded.date_time, decoded.quirks) == (moment, quirks)
    assert decoded.encode() == message


@pytest.mark.parametrize("octets", ["01", "0B", "0D", "09", "0901", "0C07", "090C07", ""])
def test_what_is_no_date_time_of_a_notification(octets):
    with pytest.raises(DecodeError, match="a date-time takes"):
        DataNotification.parse(bytes.fromhex("0F00000001" + octets))


@pytest.mark.parametrize(
    ("octets", "moment", "quirks"),
    [
        ("00", None, ()),
        ("010C" + MOMENT.hex(), MOMENT, ()),
        ("0C" + MOMENT.hex(), MOMENT, (NO_PRESENCE_OCTET,)),
    ],
)
def test_the_forms_of_the_time_of_an_event(octets, moment, quirks):
    message = bytes.fromhex("C2" + octets + "00030100010800FF0200")
    decoded = EventNotification.parse(message)
    assert (decoded.time, decoded.quirks) == (moment, quirks)
    assert decoded.encode() == message


@pytest.mark.parametrize("octets", ["01", "02", "0100", "010B", "0C07"])
def test_what_is_no_time_of_an_event(octets):
    with pytest.raises(DecodeError, match="time"):
        EventNotification.parse(bytes.fromhex("C2" + octets + "0003"))


@pytest.mark.parametrize("octets", ["5F1F0400007E", "5F1F0401007E1F", "5F1F0500007E1F00", "5F0401", "0400007E1F", ""])
def test_what_is_no_conformance(octets):
    with pytest.raises(DecodeError, match="the conformance is not 5F 1F 04 00"):
        InitiateRequest.parse(bytes.fromhex("0100000006" + octets))


def test_the_quirk_of_one_field_is_that_of_its_pdu():
    message = bytes.fromhex("D940000001090C" + MOMENT.hex() + "0000")
    decoded = AccessRequest.parse(message)
    assert decoded.quirks == (TAGGED_DATE_TIME,)
    assert decoded.encode() == message


def test_a_logical_name_is_an_obis_code():
    decoded = EventNotification.parse(bytes.fromhex("C20000030100010800FF0200"))
    assert type(decoded.attribute.instance_id) is Obis
    assert decoded.attribute.instance_id == Obis("1-0:1.8.0")


@pytest.mark.parametrize(
    ("kind", "value", "octets"),
    [
        (DATA_OR_RESULT, b"\x11\x05", "001105"),
        (DATA_OR_RESULT, DataAccessResult.other_reason, "01FA"),
        (RAW_OR_RESULT, b"\x11", "000111"),
        (SUCCESS_OR_RESULT, None, "00"),
        (SUCCESS_OR_RESULT, DataAccessResult.type_unmatched, "010C"),
        (SUCCESS_OR_RESULT, 3, "020003"),
    ],
)
def test_choices_are_told_apart_by_type(kind, value, octets):
    assert kind.write(value) == bytes.fromhex(octets)
    assert kind.read(bytes.fromhex(octets), 0) == (value, len(octets) // 2)


def test_short_names_are_unsigned():
    assert ReadRequest((VariableName(0xFA00),)).encode() == bytes.fromhex("050102FA00")


def test_the_rows_of_a_value_are_those_of_the_cosem_room():
    rows, end = VALUE.rows("data", bytes.fromhex("02021105 00"), 0, 2)
    assert end == 5
    assert rows[0].name == "data"
    assert {row.depth for row in rows[1:]} == {3, 4}
