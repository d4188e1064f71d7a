"""ACTION service. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (Action-Request, Action-Response)."""

from __future__ import annotations

from anymeter.dlms.descriptors import DataBlock, MethodDescriptor
from anymeter.dlms.fields import ActResult, Data, Invoke, MaybeDataOrResult
from anymeter.wire import U32, Wire, pdu


@pdu()
class ActionOutcome(Wire, frozen=True):
    """Action-Response-With-Optional-Data."""

    result: ActResult
    returned: MaybeDataOrResult = None


@pdu(0xC3, 0x01)
class ActionRequestNormal(Wire, frozen=True):
    """action-request-normal."""

    invoke: Invoke
    method: MethodDescriptor
    parameters: Data | None = None


@pdu(0xC3, 0x02)
class ActionRequestNextPblock(Wire, frozen=True):
    """action-request-next-pblock: the block *number* has come, send the next."""

    invoke: Invoke
    number: U32


@pdu(0xC3, 0x03)
class ActionRequestWithList(Wire, frozen=True):
    """action-request-with-list: as many parameters as methods, null-data where there is none."""

    invoke: Invoke
    methods: tuple[MethodDescriptor, ...]
    parameters: tuple[Data, ...]


@pdu(0xC3, 0x04)
class ActionRequestWithFirstPblock(Wire, frozen=True):
    """action-request-with-first-pblock."""

    invoke: Invoke
    method: MethodDescriptor
    block: DataBlock


@pdu(0xC3, 0x05)
class ActionRequestWithListAndFirstPblock(Wire, frozen=True):
    """action-request-with-list-and-first-pblock."""

    invoke: Invoke
    methods: tuple[MethodDescriptor, ...]
    block: DataBlock


@pdu(0xC3, 0x06)
class ActionRequestWithPblock(Wire, frozen=True):
    """action-request-with-pblock."""

    invoke: Invoke
    block: DataBlock


@pdu(0xC7, 0x01)
class ActionResponseNormal(Wire, frozen=True):
    """action-response-normal."""

    invoke: Invoke
    outcome: ActionOutcome


@pdu(0xC7, 0x02)
class ActionResponseWithPblock(Wire, frozen=True):
    """action-response-with-pblock."""

    invoke: Invoke
    block: DataBlock


@pdu(0xC7, 0x03)
class ActionResponseWithList(Wire, frozen=True):
    """action-response-with-list."""

    invoke: Invoke
    outcomes: tuple[ActionOutcome, ...]


@pdu(0xC7, 0x04)
class ActionResponseNextPblock(Wire, frozen=True):
    """action-response-next-pblock: the block *number* of the request has come."""

    invoke: Invoke
    number: U32
