"""GET: one attribute, many at once, long values in blocks, parts of a value; with short names READ does the same.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (GET service, block transfer).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias, TypeVar

from anymeter.cosem import data
from anymeter.cosem.members import Attribute
from anymeter.dlms.access import AccessGet, AccessGetWithSelection
from anymeter.dlms.client import short_names
from anymeter.dlms.client.access import access
from anymeter.dlms.client.exchange import Stale, exchange
from anymeter.dlms.client.naming import attribute_refused, logical_name
from anymeter.dlms.client.session import Session
from anymeter.dlms.client.transfers import LongAnswer, Progress, batches
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection, SelectiveAccess
from anymeter.dlms.enums import Conformance, DataAccessResult, ServiceError
from anymeter.dlms.get import (
    GetRequestNext,
    GetRequestNormal,
    GetRequestWithList,
    GetResponseNormal,
    GetResponseWithDatablock,
    GetResponseWithList,
    parse_result_list,
)
from anymeter.errors import AccessError, AnymeterError, DecodeError, ServiceRefused
from anymeter.obis import Obis

T = TypeVar("T")

RESPONSE: Final = 0xC4
NORMAL, WITH_DATABLOCK, WITH_LIST = 1, 2, 3
_LIST_HEAD: Final = 6
_NULL: Final = b"\x00"

Outcome: TypeAlias = bytes | AnymeterError
"""The octets of a value, or why there is none."""
_GET: Final = int(Conformance.get)
_ATTRIBUTE_0: Final = int(Conformance.attribute0_supported_with_get)
_SELECTIVE: Final = int(Conformance.selective_access)
_LISTS: Final = int(Conformance.multiple_references)
_ACCESS: Final = int(Conformance.access)
_UNSELECTED: Final = 10
"""Octets of an attribute without selection in a list."""


def get(
    session: Session, name: Obis | str, attribute: Attribute[T], selection: SelectiveAccess | None = None
) -> Conversation[T]:
    """Read an attribute, decoded; AccessError when the meter refuses it."""
    target = AttributeDescriptor(attribute.owner.class_id, logical_name(name), attribute.number)
    octets = yield from get_octets(session, target, selection)
    value: T = data.parse(octets)
    return value


def get_value(
    session: Session, target: AttributeDescriptor, selection: SelectiveAccess | None = None
) -> Conversation[Any]:
    """Read an attribute that may be of any class, decoded."""
    octets = yield from get_octets(session, target, selection)
    return data.parse(octets)


def get_octets(
    session: Session,
    target: AttributeDescriptor,
    selection: SelectiveAccess | None = None,
    progress: Progress | None = None,
) -> Conversation[bytes]:
    """Read an attribute: the octets of its value, as they came. Attribute 0: a structure of all of them.

    Raises AccessError when the meter refuses the attribute, ServiceRefused when it refuses the request, LocalError
    for what was not negotiated, DecodeError for answers that are none.
    """
    if session.short:
        return (yield from short_names.read(session, target, selection, progress))
    check(session, target.attribute_id, selection)
    invoke = session.next_invoke()
    request = GetRequestNormal(invoke, target, selection).encode()
    answer = yield from exchange(session, request, RESPONSE, invoke)
    if answer[1] == NORMAL:
        result = GetResponseNormal.parse(answer).result
    else:
        result = yield from _joined(session, invoke, answer, progress)
        if isinstance(result, bytes):
            _check_whole(result)
    if isinstance(result, bytes):
        return result
    raise attribute_refused(result, target)


def get_many(
    session: Session, targets: Sequence[AttributeDescriptor | AttributeWithSelection]
) -> Conversation[list[Outcome]]:
    """Read many attributes: for each the octets of its value, or the error that says why there is none.

    With multiple references negotiated they go together, as many as fit; else with ACCESS; else one by one.
    """
    wanted = [t if isinstance(t, AttributeWithSelection) else AttributeWithSelection(t) for t in targets]
    outcomes: list[Outcome] = []
    if session.short:
        return (yield from short_names.read_many(session, wanted))
    for item in wanted:
        check(session, item.attribute.attribute_id, item.selection)
    together = session.has(_LISTS)
    most = session.settings.most_references if together or session.has(_ACCESS) else 1
    octets_of = _octets_in_list if together else _octets_in_access
    for part in batches(wanted, octets_of, session.room(_LIST_HEAD), most):
        if len(part) == 1:
            outcomes.append((yield from _one(session, part[0])))
        elif together:
            outcomes += yield from _list(session, part)
        else:
            outcomes += yield from _accessed(session, part)
    return outcomes


def check(session: Session, number: int, selection: SelectiveAccess | None) -> None:
    """LocalError when this request needs what was not negotiated."""
    needed = _GET | (_SELECTIVE if selection is not None else 0) | (0 if number else _ATTRIBUTE_0)
    if session.conformance & needed != needed:
        for bit in (_GET, _SELECTIVE, _ATTRIBUTE_0):
            if needed & bit:
                session.require(Conformance(bit))


def _octets_in_list(item: AttributeWithSelection) -> int:
    return _UNSELECTED if item.selection is None else len(item.encode())


def _octets_in_access(item: AttributeWithSelection) -> int:
    return 2 * _octets_in_list(item)


def _one(session: Session, item: AttributeWithSelection) -> Conversation[Outcome]:
    try:
        return (yield from get_octets(session, item.attribute, item.selection))
    except AccessError as error:
        return error


def _list(session: Session, part: list[AttributeWithSelection]) -> Conversation[list[Outcome]]:
    invoke = session.next_invoke()
    answer = yield from exchange(session, GetRequestWithList(invoke, tuple(part)).encode(), RESPONSE, invoke)
    results: Sequence[bytes | DataAccessResult]
    if answer[1] == WITH_LIST:
        results = GetResponseWithList.parse(answer).results
    elif answer[1] == NORMAL and isinstance(refusal := GetResponseNormal.parse(answer).result, DataAccessResult):
        results = [refusal] * len(part)
    else:
        joined = yield from _joined(session, invoke, answer, None)
        results = parse_result_list(joined) if isinstance(joined, bytes) else [joined] * len(part)
    if len(results) != len(part):
        raise DecodeError(f"{len(results)} results came for {len(part)} attributes", what="GetResponseWithList")
    return [outcome(result, item.attribute) for result, item in zip(results, part, strict=True)]


def _accessed(session: Session, part: list[AttributeWithSelection]) -> Conversation[list[Outcome]]:
    """Read with ACCESS; one by one when the answer would be too long, as its service knows no blocks."""
    items = [
        (AccessGetWithSelection(i.attribute, i.selection) if i.selection else AccessGet(i.attribute), _NULL)
        for i in part
    ]
    try:
        results = yield from access(session, items)
    except ServiceRefused as refusal:
        if refusal.service != ServiceError.pdu_too_long:
            raise
        outcomes: list[Outcome] = []
        for item in part:
            outcomes.append((yield from _one(session, item)))
        return outcomes
    return [
        octets if result == 0 else attribute_refused(result, item.attribute)
        for (result, octets), item in zip(results, part, strict=True)
    ]


def outcome(result: bytes | DataAccessResult, target: AttributeDescriptor) -> Outcome:
    """A result as callers get it: octets, or the error."""
    return result if isinstance(result, bytes) else attribute_refused(result, target)


def _joined(
    session: Session, invoke: int, answer: bytes, progress: Progress | None
) -> Conversation[bytes | DataAccessResult]:
    """The octets that the blocks of a long answer carry, of which *answer* is the first; or the meter's refusal."""
    joined = LongAnswer(session.settings.most_octets, "GetResponseWithDatablock", progress)
    while True:
        if answer[1] == NORMAL and isinstance(refusal := GetResponseNormal.parse(answer).result, DataAccessResult):
            return refusal
        block = GetResponseWithDatablock.parse(answer)
        if not isinstance(block.result, bytes):
            return block.result
        joined.take(block.number, block.result)
        if block.last:
            return joined.octets
        request = GetRequestNext(invoke, block.number).encode()
        answer = yield from exchange(session, request, RESPONSE, invoke, _not_after(block.number))


def _not_after(number: int) -> Stale:
    """Whether an answer is a block up to *number*, which has come before."""

    def stale(octets: bytes) -> bool:
        return octets[1] == WITH_DATABLOCK and octets[8:9] == b"\x00" and int.from_bytes(octets[4:8], "big") <= number

    return stale


def _check_whole(octets: bytes) -> None:
    """The blocks must make one value; DecodeError."""
    end = data.skip(octets)
    if end != len(octets):
        raise DecodeError(f"{len(octets) - end} octets left over after the value", what="Data", at=end)


__all__ = [
    "Outcome",
    "Progress",
    "get",
    "get_many",
    "get_octets",
    "get_value",
]
