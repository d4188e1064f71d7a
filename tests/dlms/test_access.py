"""ACCESS: specifications, data and outcomes."""

import pytest

from anymeter.dlms import apdu
from anymeter.dlms.access import (
    AccessAction,
    AccessGet,
    AccessGetWithSelection,
    AccessOutcome,
    AccessRequest,
    AccessResponse,
    AccessSet,
    AccessSetWithSelection,
)
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor, SelectiveAccess
from anymeter.dlms.enums import AccessKind, DataAccessResult
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

ENERGY = AttributeDescriptor(3, Obis("1-0:1.8.0"), 2)


def test_an_access_response():
    outcomes = (AccessOutcome(AccessKind.get, DataAccessResult.success),)
    made = AccessResponse(0x40000001, b"", None, (b"\x11\x05",), outcomes)
    assert made.encode().hex() == "da40000001" + "00" + "00" + "01" + "1105" + "01" + "0100"


METHOD = MethodDescriptor(70, Obis("0-0:96.3.10"), 1)
SELECTION = SelectiveAccess(1, b"\x00")
SPECIFICATIONS = [
    (AccessGet(ENERGY), "01 0003 0100010800FF 02"),
    (AccessSet(ENERGY), "02 0003 0100010800FF 02"),
    (AccessAction(METHOD), "03 0046 000060030AFF 01"),
    (AccessGetWithSelection(ENERGY, SELECTION), "04 0003 0100010800FF 02 01 00"),
    (AccessSetWithSelection(ENERGY, SELECTION), "05 0003 0100010800FF 02 01 00"),
]


@pytest.mark.parametrize(("specification", "octets"), SPECIFICATIONS)
def test_every_specification(specification, octets):
    made = AccessRequest(1, b"", (specification,), (b"\x00",))
    assert made.encode() == bytes.fromhex("D9 00000001 00 01" + octets + "01 00")
    assert apdu.decode(made.encode()) == made


def test_specifications_keep_their_order():
    made = AccessRequest(1, b"", tuple(one for one, _ in SPECIFICATIONS), (b"\x00",) * 5)
    assert apdu.decode(made.encode()).specifications == made.specifications


@pytest.mark.parametrize("choice", [0, 6, 255])
def test_an_unknown_specification_is_refused(choice):
    octets = bytes.fromhex("D9 00000001 00 01") + bytes((choice,)) + bytes.fromhex("0003 0100010800FF 02 01 00")
    with pytest.raises(DecodeError, match=f"choice {choice} is none of 1, 2, 3, 4, 5"):
        apdu.decode(octets)


def test_an_echo_may_be_absent_or_empty():
    for specifications, octets in ((None, "00"), ((), "01 00")):
        made = AccessResponse(1, b"", specifications, (), ())
        assert made.encode() == bytes.fromhex("DA 00000001 00" + octets + "00 00")
        assert apdu.decode(made.encode()) == made


def test_what_is_no_specification_is_our_mistake():
    with pytest.raises(LocalError, match="none of the alternatives"):
        AccessRequest(1, b"", (ENERGY,), ()).encode()
