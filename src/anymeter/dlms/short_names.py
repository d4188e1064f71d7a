"""SN services: READ, WRITE, UNCONFIRMED WRITE and INFORMATION REPORT.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (ReadRequest and its kin).
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anymeter.dlms.descriptors import SelectiveAccess
from anymeter.dlms.enums import DataAccessResult
from anymeter.dlms.fields import RESULT, VALUE, Data, ShortName, Text, WriteResult
from anymeter.wire import U16, Octets, Wire, pdu
from anymeter.wire.kinds import Choice, Fixed
from anymeter.wire.pdu import Nested


@pdu(2)
class VariableName(Wire, frozen=True):
    """variable-name."""

    name: ShortName


@pdu(4)
class ParameterizedAccess(Wire, frozen=True):
    """parameterized-access."""

    name: ShortName
    selection: SelectiveAccess


@pdu(5)
class BlockNumberAccess(Wire, frozen=True):
    """block-number-access: the block *number* has come, send the next."""

    number: U16


@pdu(6)
class ReadDataBlockAccess(Wire, frozen=True):
    """read-data-block-access."""

    last: bool
    number: U16
    raw: Octets


@pdu(7)
class WriteDataBlockAccess(Wire, frozen=True):
    """write-data-block-access."""

    last: bool
    number: U16


Variable: TypeAlias = (
    VariableName | ParameterizedAccess | BlockNumberAccess | ReadDataBlockAccess | WriteDataBlockAccess
)


@pdu()
class DataBlockResult(Wire, frozen=True):
    """data-block-result of a ReadResponse."""

    last: bool
    number: U16
    raw: Octets


ReadResult: TypeAlias = Annotated[
    bytes | DataAccessResult | DataBlockResult | int,
    Choice(
        {0: VALUE, 1: RESULT, 2: Nested(DataBlockResult), 3: Fixed("H")},
        {0: "data", 1: "data-access-error", 2: "data-block-result", 3: "block-number"},
    ),
]
"""The octets of a value, why there is none, a block of it, or the number of the block that was taken."""


@pdu(0x05)
class ReadRequest(Wire, frozen=True):
    """readRequest."""

    variables: tuple[Variable, ...]


@pdu(0x0C)
class ReadResponse(Wire, frozen=True):
    """readResponse."""

    results: tuple[ReadResult, ...]


@pdu(0x06)
class WriteRequest(Wire, frozen=True):
    """writeRequest."""

    variables: tuple[Variable, ...]
    data: tuple[Data, ...]


@pdu(0x0D)
class WriteResponse(Wire, frozen=True):
    """writeResponse."""

    results: tuple[WriteResult, ...]


@pdu(0x16)
class UnconfirmedWriteRequest(Wire, frozen=True):
    """unconfirmedWriteRequest."""

    variables: tuple[Variable, ...]
    data: tuple[Data, ...]


@pdu(0x18)
class InformationReport(Wire, frozen=True):
    """informationReportRequest; the time is the text of a GeneralizedTime."""

    time: Text | None
    variables: tuple[Variable, ...]
    data: tuple[Data, ...]
