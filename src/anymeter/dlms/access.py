"""ACCESS service: many requests of several kinds in one APDU.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (Access-Request, Access-Response).
"""

from __future__ import annotations

from typing import TypeAlias

from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor, SelectiveAccess
from anymeter.dlms.fields import AccessAnswer, AccessResult, Data, LongInvoke, NotifiedAt
from anymeter.wire import Quirks, Wire, pdu


@pdu(1)
class AccessGet(Wire, frozen=True):
    """access-request-get."""

    attribute: AttributeDescriptor


@pdu(2)
class AccessSet(Wire, frozen=True):
    """access-request-set."""

    attribute: AttributeDescriptor


@pdu(3)
class AccessAction(Wire, frozen=True):
    """access-request-action."""

    method: MethodDescriptor


@pdu(4)
class AccessGetWithSelection(Wire, frozen=True):
    """access-request-get-with-selection."""

    attribute: AttributeDescriptor
    selection: SelectiveAccess


@pdu(5)
class AccessSetWithSelection(Wire, frozen=True):
    """access-request-set-with-selection."""

    attribute: AttributeDescriptor
    selection: SelectiveAccess


Specification: TypeAlias = AccessGet | AccessSet | AccessAction | AccessGetWithSelection | AccessSetWithSelection


@pdu()
class AccessOutcome(Wire, frozen=True):
    """Access-Response-Specification: what was done and how it went."""

    kind: AccessAnswer
    result: AccessResult


@pdu(0xD9)
class AccessRequest(Wire, frozen=True):
    """access-request: one data item a specification, null-data where none is needed."""

    invoke: LongInvoke
    date_time: NotifiedAt
    specifications: tuple[Specification, ...]
    data: tuple[Data, ...]
    quirks: Quirks = ()


@pdu(0xDA)
class AccessResponse(Wire, frozen=True):
    """access-response; the specifications are echoed when the request asks for a self-descriptive answer."""

    invoke: LongInvoke
    date_time: NotifiedAt
    specifications: tuple[Specification, ...] | None
    data: tuple[Data, ...]
    outcomes: tuple[AccessOutcome, ...]
    quirks: Quirks = ()
