"""ACTION: every form made of plain values, with and without data."""

import pytest

from anymeter.dlms import apdu
from anymeter.dlms.action import (
    ActionOutcome,
    ActionRequestNextPblock,
    ActionRequestNormal,
    ActionRequestWithFirstPblock,
    ActionRequestWithList,
    ActionRequestWithListAndFirstPblock,
    ActionRequestWithPblock,
    ActionResponseNextPblock,
    ActionResponseNormal,
    ActionResponseWithList,
    ActionResponseWithPblock,
)
from anymeter.dlms.descriptors import AttributeDescriptor, DataBlock, MethodDescriptor
from anymeter.dlms.enums import ActionResult, DataAccessResult
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

ENERGY = AttributeDescriptor(3, Obis("1-0:1.8.0"), 2)


def test_an_action_without_data_and_with_a_reason():
    assert ActionResponseNormal(0xC1, ActionOutcome(ActionResult.success)).encode().hex() == "c701c10000"
    outcome = ActionOutcome(ActionResult.success, DataAccessResult.other_reason)
    assert ActionResponseNormal(0xC1, outcome).encode().hex() == "c701c1000101fa"


RECONNECT = MethodDescriptor(70, Obis("0-0:96.3.10"), 2)
BLOCK = DataBlock(False, 1, b"ab")
DONE = ActionOutcome(ActionResult.success)
MADE = [
    (ActionRequestNormal(1, RECONNECT), "C301 01 0046 000060030AFF 02 00"),
    (ActionRequestNormal(1, RECONNECT, b"\x0f\x00"), "C301 01 0046 000060030AFF 02 01 0F00"),
    (ActionRequestNextPblock(1, 7), "C302 01 00000007"),
    (ActionRequestWithList(1, (RECONNECT,), (b"\x00",)), "C303 01 01 0046 000060030AFF 02 01 00"),
    (ActionRequestWithFirstPblock(1, RECONNECT, BLOCK), "C304 01 0046 000060030AFF 02 00 00000001 02 6162"),
    (
        ActionRequestWithListAndFirstPblock(1, (RECONNECT,), BLOCK),
        "C305 01 01 0046 000060030AFF 02 00 00000001 02 6162",
    ),
    (ActionRequestWithPblock(1, BLOCK), "C306 01 00 00000001 02 6162"),
    (ActionResponseNormal(1, ActionOutcome(ActionResult(99), b"\x00")), "C701 01 63 01 00 00"),
    (ActionResponseWithPblock(1, BLOCK), "C702 01 00 00000001 02 6162"),
    (
        ActionResponseWithList(1, (DONE, ActionOutcome(ActionResult.success, b"\x11\x05"))),
        "C703 01 02 00 00 00 01 00 1105",
    ),
    (ActionResponseNextPblock(1, 7), "C704 01 00000007"),
]


@pytest.mark.parametrize(("made", "octets"), MADE)
def test_made_of_values_and_read_back(made, octets):
    assert made.encode() == bytes.fromhex(octets)
    assert apdu.decode(bytes.fromhex(octets)) == made


def test_the_method_of_a_manufacturer_is_negative():
    request = ActionRequestNormal(1, MethodDescriptor(70, Obis("0-0:96.3.10"), -3))
    assert apdu.decode(request.encode()).method.method_id == -3
    with pytest.raises(LocalError):
        ActionRequestNormal(1, MethodDescriptor(70, Obis("0-0:96.3.10"), 128)).encode()


@pytest.mark.parametrize(
    ("octets", "why"), [("C701 C1 00", "presence octet"), ("C701 C1 00 01", "a choice"), ("C701 C1 00 02", "not 02")]
)
def test_an_answer_that_breaks_off(octets, why):
    with pytest.raises(DecodeError, match=why):
        apdu.decode(bytes.fromhex(octets))
