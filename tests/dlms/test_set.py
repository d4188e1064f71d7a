"""SET: every form made of plain values."""

import pytest

from anymeter.dlms import apdu
from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection, DataBlock, SelectiveAccess
from anymeter.dlms.enums import DataAccessResult
from anymeter.dlms.set import (
    SetRequestNormal,
    SetRequestWithDatablock,
    SetRequestWithFirstDatablock,
    SetRequestWithList,
    SetRequestWithListAndFirstDatablock,
    SetResponseDatablock,
    SetResponseLastDatablock,
    SetResponseLastDatablockWithList,
    SetResponseNormal,
    SetResponseWithList,
)
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

ENERGY = AttributeDescriptor(3, Obis("1-0:1.8.0"), 2)


def test_a_long_set_begins_with_its_descriptor():
    whole = SetRequestWithFirstDatablock(0xC1, ENERGY, None, DataBlock(False, 1, bytes(200))).encode()
    assert whole.hex().startswith("c102c1" + "00030100010800ff02" + "00" + "00" + "00000001" + "81c8")


BLOCK = DataBlock(True, 2, b"ab")
LISTED = AttributeWithSelection(ENERGY, None)
MADE = [
    (SetRequestNormal(1, ENERGY, None, b"\x11\x05"), "C101 01 0003 0100010800FF 02 00 1105"),
    (SetRequestNormal(1, ENERGY, SelectiveAccess(1, b"\x00"), b"\x00"), "C101 01 0003 0100010800FF 02 01 01 00 00"),
    (SetRequestWithFirstDatablock(1, ENERGY, None, BLOCK), "C102 01 0003 0100010800FF 02 00 01 00000002 02 6162"),
    (SetRequestWithDatablock(1, BLOCK), "C103 01 01 00000002 02 6162"),
    (SetRequestWithList(1, (LISTED,), (b"\x11\x05",)), "C104 01 01 0003 0100010800FF 02 00 01 1105"),
    (
        SetRequestWithListAndFirstDatablock(1, (LISTED,), BLOCK),
        "C105 01 01 0003 0100010800FF 02 00 01 00000002 02 6162",
    ),
    (SetResponseNormal(1, DataAccessResult.success), "C501 01 00"),
    (SetResponseDatablock(1, 3), "C502 01 00000003"),
    (SetResponseLastDatablock(1, DataAccessResult.long_set_aborted, 3), "C503 01 11 00000003"),
    (SetResponseLastDatablockWithList(1, (DataAccessResult.success,), 3), "C504 01 01 00 00000003"),
    (SetResponseWithList(1, (DataAccessResult.success, DataAccessResult(99))), "C505 01 02 00 63"),
]


@pytest.mark.parametrize(("made", "octets"), MADE)
def test_made_of_values_and_read_back(made, octets):
    assert made.encode() == bytes.fromhex(octets)
    assert apdu.decode(bytes.fromhex(octets)) == made


@pytest.mark.parametrize("octets", ["C101 01 0003 0100010800FF 02 00", "C101 01 0003 0100010800FF 02 00 63"])
def test_a_request_without_a_value_is_named(octets):
    with pytest.raises(DecodeError) as caught:
        apdu.decode(bytes.fromhex(octets))
    assert caught.value.what.startswith("SetRequestNormal.data")


def test_a_result_that_is_no_number_is_our_mistake():
    with pytest.raises(LocalError, match="SetResponseNormal cannot be encoded"):
        SetResponseNormal(1, None).encode()
