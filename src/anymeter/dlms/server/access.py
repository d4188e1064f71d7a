"""ACCESS at the server: gets, sets and actions of one request, in order.

With break on error what comes after the first failure is not done and answered other-reason and null-data. An answer
too long for the client goes by general block transfer; where it would be too long even without values, nothing is
done. What is read is long-get-aborted when it gets too long together.
Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (ACCESS).
"""

from __future__ import annotations

from typing import Final

from anymeter.dlms.access import (
    AccessAction,
    AccessGet,
    AccessGetWithSelection,
    AccessOutcome,
    AccessRequest,
    AccessResponse,
    AccessSet,
    AccessSetWithSelection,
    Specification,
)
from anymeter.dlms.enums import AccessKind, DataAccessResult
from anymeter.dlms.server.reach import ABORTED, OTHER_REASON, SUCCESS
from anymeter.dlms.server.refusals import TOO_LONG, UNDECODABLE, refused
from anymeter.dlms.server.state import Association
from anymeter.wire import length_of

_SELF_DESCRIPTIVE: Final = 1 << 28
_BREAK_ON_ERROR: Final = 1 << 29
_NULL: Final = b"\x00"
_HEADER: Final = 7
_LEAST: Final = 3
"""Octets of one result without a value."""
_KINDS: Final = {
    AccessGet: AccessKind.get,
    AccessGetWithSelection: AccessKind.get,
    AccessSet: AccessKind.set,
    AccessSetWithSelection: AccessKind.set,
    AccessAction: AccessKind.action,
}


def served(association: Association, octets: bytes, now: float) -> bytes:
    """access-request."""
    request = AccessRequest.parse(octets)
    if len(request.specifications) != len(request.data):
        return refused(octets, UNDECODABLE)
    least = _HEADER + 2 * len(length_of(len(request.data))) + _LEAST * len(request.data)
    if least > association.room and not association.general_blocks:
        return refused(octets, TOO_LONG)
    data, outcomes, broken, left = [], [], False, association.reach.most
    for wanted, given in zip(request.specifications, request.data, strict=True):
        kind = _KINDS[type(wanted)]
        if broken:
            result, value = OTHER_REASON, _NULL
        elif left < 0 and kind == AccessKind.get:
            result, value = ABORTED, _NULL
        else:
            result, value = _one(association, wanted, given, now)
        left -= len(value)
        if left < 0 and value != _NULL:
            result, value = ABORTED, _NULL
        broken = broken or (result != SUCCESS and request.invoke & _BREAK_ON_ERROR != 0)
        data.append(value)
        outcomes.append(AccessOutcome(kind, DataAccessResult(result)))
    echoed = request.specifications if request.invoke & _SELF_DESCRIPTIVE else None
    return AccessResponse(request.invoke, b"", echoed, tuple(data), tuple(outcomes)).encode()


def _one(association: Association, wanted: Specification, given: bytes, now: float) -> tuple[int, bytes]:
    """One result, and the value that comes with it, null-data for none."""
    reach, protection = association.reach, association.protection
    if isinstance(wanted, AccessAction):
        result, returned = reach.act(wanted.method.encode(), given, protection, now)
        return result, _NULL if returned is None else returned
    attribute = wanted.attribute
    selection = wanted.selection if isinstance(wanted, AccessGetWithSelection | AccessSetWithSelection) else None
    if isinstance(wanted, AccessSet | AccessSetWithSelection):
        return reach.set(attribute.encode(), selection, given, protection, now), _NULL
    value = reach.get(attribute.encode(), selection, protection, now)
    return (value, _NULL) if isinstance(value, int) else (SUCCESS, value)
