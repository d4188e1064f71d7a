"""Descriptors: what services point at."""

import pytest

from anymeter.dlms.descriptors import (
    AttributeDescriptor,
    AttributeWithSelection,
    DataBlock,
    MethodDescriptor,
    SelectiveAccess,
)
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

ENERGY = Obis("1-0:1.8.0")
MADE = [
    (AttributeDescriptor(3, ENERGY, 2), "0003 0100010800FF 02"),
    (AttributeDescriptor(0xFFFF, ENERGY, -128), "FFFF 0100010800FF 80"),
    (MethodDescriptor(70, ENERGY, 1), "0046 0100010800FF 01"),
    (SelectiveAccess(1, b"\x02\x01\x00"), "01 020100"),
    (AttributeWithSelection(AttributeDescriptor(3, ENERGY, 2)), "0003 0100010800FF 02 00"),
    (DataBlock(True, 0xFFFFFFFF, b"ab"), "01 FFFFFFFF 02 6162"),
]


@pytest.mark.parametrize(("made", "octets"), MADE)
def test_both_ways(made, octets):
    message = bytes.fromhex(octets)
    assert made.encode() == message
    assert type(made).parse(message) == made
    for keep in range(len(message)):
        with pytest.raises(DecodeError):
            type(made).parse(message[:keep])


@pytest.mark.parametrize(
    "wrong",
    [
        AttributeDescriptor(65536, ENERGY, 2),
        AttributeDescriptor(3, ENERGY, 128),
        AttributeDescriptor(3, b"", 2),
        DataBlock(True, -1, b""),
        DataBlock(True, 1, None),
    ],
)
def test_values_that_do_not_fit(wrong):
    with pytest.raises(LocalError):
        wrong.encode()


def test_attribute_0_means_all_of_them():
    assert AttributeDescriptor.parse(bytes.fromhex("0003 0100010800FF 00")).attribute_id == 0
