"""GET service. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (Get-Request, Get-Response)."""

from __future__ import annotations

from typing import Any

from anymeter.cosem import data
from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection, SelectiveAccess
from anymeter.dlms.enums import DataAccessResult
from anymeter.dlms.fields import DATA_OR_RESULT, DataOrResult, Invoke, RawOrResult
from anymeter.errors import DecodeError
from anymeter.wire import U32, Wire, pdu
from anymeter.wire.kinds import Many


@pdu(0xC0, 0x01)
class GetRequestNormal(Wire, frozen=True):
    """get-request-normal."""

    invoke: Invoke
    attribute: AttributeDescriptor
    selection: SelectiveAccess | None = None


@pdu(0xC0, 0x02)
class GetRequestNext(Wire, frozen=True):
    """get-request-next: the block *number* has come, send the next."""

    invoke: Invoke
    number: U32


@pdu(0xC0, 0x03)
class GetRequestWithList(Wire, frozen=True):
    """get-request-with-list."""

    invoke: Invoke
    attributes: tuple[AttributeWithSelection, ...]


@pdu(0xC4, 0x01)
class GetResponseNormal(Wire, frozen=True):
    """get-response-normal."""

    invoke: Invoke
    result: DataOrResult

    @property
    def value(self) -> Any:
        """The value decoded, or the DataAccessResult that stands in its place."""
        result = self.result
        return data.decode(result)[0] if result.__class__ is bytes else result


@pdu(0xC4, 0x02)
class GetResponseWithDatablock(Wire, frozen=True):
    """get-response-with-datablock."""

    invoke: Invoke
    last: bool
    number: U32
    result: RawOrResult


@pdu(0xC4, 0x03)
class GetResponseWithList(Wire, frozen=True):
    """get-response-with-list: one result for each attribute of the request."""

    invoke: Invoke
    results: tuple[DataOrResult, ...]

    @property
    def values(self) -> list[Any]:
        """Every value decoded, or the DataAccessResult that stands in its place."""
        return [r if isinstance(r, DataAccessResult) else data.parse(r) for r in self.results]


def parse_result_list(octets: bytes) -> tuple[bytes | DataAccessResult, ...]:
    """The results out of the joined blocks of a get-response-with-list; raises DecodeError."""
    results: tuple[bytes | DataAccessResult, ...]
    results, end = Many(DATA_OR_RESULT).read(octets, 0)
    if end != len(octets):
        raise DecodeError(f"{len(octets) - end} octets are left over", what="results", at=end)
    return results
