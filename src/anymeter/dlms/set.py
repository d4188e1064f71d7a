"""SET service. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (Set-Request, Set-Response)."""

from __future__ import annotations

from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection, DataBlock, SelectiveAccess
from anymeter.dlms.fields import AccessResult, Data, Invoke
from anymeter.wire import U32, Wire, pdu


@pdu(0xC1, 0x01)
class SetRequestNormal(Wire, frozen=True):
    """set-request-normal."""

    invoke: Invoke
    attribute: AttributeDescriptor
    selection: SelectiveAccess | None
    data: Data


@pdu(0xC1, 0x02)
class SetRequestWithFirstDatablock(Wire, frozen=True):
    """set-request-with-first-datablock."""

    invoke: Invoke
    attribute: AttributeDescriptor
    selection: SelectiveAccess | None
    block: DataBlock


@pdu(0xC1, 0x03)
class SetRequestWithDatablock(Wire, frozen=True):
    """set-request-with-datablock."""

    invoke: Invoke
    block: DataBlock


@pdu(0xC1, 0x04)
class SetRequestWithList(Wire, frozen=True):
    """set-request-with-list: as many values as attributes."""

    invoke: Invoke
    attributes: tuple[AttributeWithSelection, ...]
    values: tuple[Data, ...]


@pdu(0xC1, 0x05)
class SetRequestWithListAndFirstDatablock(Wire, frozen=True):
    """set-request-with-list-and-first-datablock."""

    invoke: Invoke
    attributes: tuple[AttributeWithSelection, ...]
    block: DataBlock


@pdu(0xC5, 0x01)
class SetResponseNormal(Wire, frozen=True):
    """set-response-normal."""

    invoke: Invoke
    result: AccessResult


@pdu(0xC5, 0x02)
class SetResponseDatablock(Wire, frozen=True):
    """set-response-datablock: the block *number* has come."""

    invoke: Invoke
    number: U32


@pdu(0xC5, 0x03)
class SetResponseLastDatablock(Wire, frozen=True):
    """set-response-last-datablock."""

    invoke: Invoke
    result: AccessResult
    number: U32


@pdu(0xC5, 0x04)
class SetResponseLastDatablockWithList(Wire, frozen=True):
    """set-response-last-datablock-with-list."""

    invoke: Invoke
    results: tuple[AccessResult, ...]
    number: U32


@pdu(0xC5, 0x05)
class SetResponseWithList(Wire, frozen=True):
    """set-response-with-list."""

    invoke: Invoke
    results: tuple[AccessResult, ...]
