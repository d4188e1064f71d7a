"""SN services: variables named in every way, results of every kind."""

import pytest

from anymeter.dlms import apdu
from anymeter.dlms.descriptors import AttributeDescriptor, SelectiveAccess
from anymeter.dlms.enums import DataAccessResult
from anymeter.dlms.short_names import (
    BlockNumberAccess,
    DataBlockResult,
    InformationReport,
    ParameterizedAccess,
    ReadDataBlockAccess,
    ReadRequest,
    ReadResponse,
    UnconfirmedWriteRequest,
    VariableName,
    WriteDataBlockAccess,
    WriteRequest,
    WriteResponse,
)
from anymeter.errors import DecodeError
from anymeter.obis import Obis

ENERGY = AttributeDescriptor(3, Obis("1-0:1.8.0"), 2)


def test_short_name_results_of_every_kind():
    results = (b"\x11\x05", DataAccessResult(77), DataBlockResult(True, 1, b"a"), 7)
    assert ReadResponse.parse(ReadResponse(results).encode()) == ReadResponse(results)
    assert WriteResponse((None, DataAccessResult(1), 2)).encode().hex() == "0d03000101020002"


VARIABLES = [
    (VariableName(0x0100), "02 0100"),
    (ParameterizedAccess(0x0100, SelectiveAccess(1, b"\x00")), "04 0100 01 00"),
    (BlockNumberAccess(2), "05 0002"),
    (ReadDataBlockAccess(True, 3, b"ab"), "06 01 0003 02 6162"),
    (WriteDataBlockAccess(False, 4), "07 00 0004"),
]


@pytest.mark.parametrize(("variable", "octets"), VARIABLES)
def test_every_way_to_name_a_variable(variable, octets):
    for cls, head, tail in (
        (ReadRequest, "05 01", ()),
        (WriteRequest, "06 01", ((b"\x11\x05",),)),
        (UnconfirmedWriteRequest, "16 01", ((b"\x11\x05",),)),
    ):
        made = cls((variable,), *tail)
        assert made.encode() == bytes.fromhex(head + octets + ("01 1105" if tail else ""))
        assert apdu.decode(made.encode()) == made


@pytest.mark.parametrize("choice", [0, 1, 3, 8])
def test_an_unknown_variable_is_refused(choice):
    with pytest.raises(DecodeError, match="is none of 2, 4, 5, 6, 7"):
        apdu.decode(bytes((5, 1, choice, 0, 0, 0)))


@pytest.mark.parametrize("time", [None, b"20200610161545Z", b""])
def test_an_information_report(time):
    made = InformationReport(time, (VariableName(8),), (b"\x11\x05",))
    assert apdu.decode(made.encode()) == made


def test_names_are_shown_in_the_form_they_are_written_in():
    rows = {row.name: row.meaning for row in apdu.explain(bytes.fromhex("05 01 02 FA00"))}
    assert rows["name"] == "0xFA00"
    assert rows["variables[0] choice"] == "VariableName"
