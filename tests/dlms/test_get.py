"""GET: requests made of plain values, results decoded, lists out of blocks."""

import pytest

import dlms_cases as cases
from anymeter.dlms import apdu
from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection, SelectiveAccess
from anymeter.dlms.enums import DataAccessResult
from anymeter.dlms.get import (
    GetRequestNext,
    GetRequestNormal,
    GetRequestWithList,
    GetResponseNormal,
    GetResponseWithDatablock,
    GetResponseWithList,
    parse_result_list,
)
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

ENERGY = AttributeDescriptor(3, Obis("1-0:1.8.0"), 2)


def test_a_request_is_made_of_plain_values():
    assert GetRequestNormal(0xC1, ENERGY).encode().hex() == "c001c100030100010800ff0200"
    selected = GetRequestNormal(0xC1, ENERGY, SelectiveAccess(1, b"\x00"))
    assert selected.encode().hex() == "c001c100030100010800ff02010100"


def test_a_logical_name_of_five_octets_is_our_mistake():
    with pytest.raises(LocalError, match="instance_id takes 6 octets"):
        GetRequestNormal(0xC1, AttributeDescriptor(3, b"12345", 2)).encode()


def test_the_value_of_a_response_is_decoded_or_the_reason():
    assert GetResponseNormal(0xC1, bytes.fromhex("020206000003E81600")).value == (1000, 0)
    assert GetResponseNormal(0xC1, DataAccessResult.other_reason).value is DataAccessResult.other_reason
    listed = GetResponseWithList(0xC1, (b"\x11\x05", DataAccessResult.object_undefined, b"\x00"))
    assert listed.values == [5, DataAccessResult.object_undefined, None]


def test_results_out_of_joined_blocks():
    assert parse_result_list(bytes.fromhex("02 00 1105 01 03")) == (b"\x11\x05", DataAccessResult.read_write_denied)
    for octets, why in (
        ("02 00 1105 01", "1 octets are needed"),
        ("01 00 1105 00", "1 octets are left over"),
        ("", "length"),
    ):
        with pytest.raises(DecodeError, match=why):
            parse_result_list(bytes.fromhex(octets))


PROFILE = AttributeDescriptor(7, Obis("1-0:99.1.0"), 2)
MADE = [
    (GetRequestNormal(0x41, PROFILE, SelectiveAccess(2, b"\x00")), "C001 41 0007 0100630100FF 02 01 02 00"),
    (GetRequestNext(0xC1, 0x01020304), "C002 C1 01020304"),
    (GetRequestWithList(1, ()), "C003 01 00"),
    (
        GetRequestWithList(
            1, (AttributeWithSelection(ENERGY), AttributeWithSelection(PROFILE, SelectiveAccess(1, b"\xff")))
        ),
        "C003 01 02 0003 0100010800FF 02 00 0007 0100630100FF 02 01 01 FF",
    ),
    (GetResponseNormal(1, DataAccessResult(99)), "C401 01 01 63"),
    (GetResponseWithDatablock(1, True, 2, b""), "C402 01 01 00000002 00 00"),
    (GetResponseWithDatablock(1, True, 2, DataAccessResult.long_get_aborted), "C402 01 01 00000002 01 0F"),
    (GetResponseWithList(1, ()), "C403 01 00"),
]


@pytest.mark.parametrize(("made", "octets"), MADE)
def test_made_of_values_and_read_back(made, octets):
    assert made.encode() == bytes.fromhex(octets)
    assert apdu.decode(bytes.fromhex(octets)) == made


def test_a_broken_value_of_a_list_is_named_by_its_place():
    with pytest.raises(DecodeError) as caught:
        apdu.decode(bytes.fromhex("C403 C1 02 00 1105 00 63"))
    assert caught.value.what.startswith("GetResponseWithList.results")
    assert caught.value.at == 8


def test_the_rows_of_a_list_are_numbered():
    rows = cases.names_of(apdu.explain(bytes.fromhex("C403 C1 02 00 1105 01 04")))
    assert {"results count", "results[0] choice", "results[0]", "results[1] choice", "results[1]"} <= set(rows)
