"""SET: one attribute, many at once, long values in blocks; with short names WRITE does the same.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (SET service, block transfer).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from anymeter.cosem.infer import schema_of
from anymeter.cosem.members import Attribute
from anymeter.cosem.schema import Schema
from anymeter.dlms.client import short_names
from anymeter.dlms.client.exchange import exchange, send_only
from anymeter.dlms.client.get import get_octets
from anymeter.dlms.client.naming import attribute_refused, logical_name
from anymeter.dlms.client.session import Session
from anymeter.dlms.client.transfers import batches, divides, in_blocks, send_blocks
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection, DataBlock, SelectiveAccess
from anymeter.dlms.enums import Conformance, DataAccessResult
from anymeter.dlms.set import (
    SetRequestNormal,
    SetRequestWithDatablock,
    SetRequestWithFirstDatablock,
    SetRequestWithList,
    SetRequestWithListAndFirstDatablock,
    SetResponseDatablock,
    SetResponseLastDatablock,
    SetResponseLastDatablockWithList,
    SetResponseNormal,
    SetResponseWithList,
)
from anymeter.errors import AccessError, DecodeError
from anymeter.obis import Obis
from anymeter.wire.lengths import length_of

T = TypeVar("T")

RESPONSE: Final = 0xC5
NORMAL, LAST_WITH_LIST, WITH_LIST = 1, 4, 5
_UNCONFIRMED: Final = ~0x40
_LIST_FIXED: Final = 16
"""Octets of a request with a list beside its items, at most."""
_DESCRIPTOR: Final = 10

Item = tuple[AttributeDescriptor, bytes]
"""An attribute and the octets of the value it is to have."""


def set_attribute(
    session: Session,
    name: Obis | str,
    attribute: Attribute[T],
    value: T,
    *,
    schema: Schema[Any] | None = None,
    selection: SelectiveAccess | None = None,
) -> Conversation[None]:
    """Set an attribute to a value of its type, or of the type *schema* where the class leaves it open.

    Raises AccessError when the meter refuses it, LocalError for a value that does not fit.
    """
    target = AttributeDescriptor(attribute.owner.class_id, logical_name(name), attribute.number)
    yield from set_octets(session, target, (schema or attribute.schema).encode(value), selection)


def set_alike(session: Session, target: AttributeDescriptor, value: Any) -> Conversation[None]:
    """Set an attribute to a value of the type that it has now, which is read first."""
    now = yield from get_octets(session, target)
    yield from set_octets(session, target, schema_of(now).encode(value))


def set_octets(
    session: Session,
    target: AttributeDescriptor,
    value: bytes,
    selection: SelectiveAccess | None = None,
    *,
    unconfirmed: bool = False,
) -> Conversation[None]:
    """Set an attribute to an encoded value; AccessError when the meter refuses it. *unconfirmed*: nobody answers."""
    if session.short:
        return (yield from short_names.write(session, target, value, selection, unconfirmed=unconfirmed))
    _check(session, target.attribute_id, selection)
    invoke = session.next_invoke()
    if unconfirmed:
        send_only(session, SetRequestNormal(invoke & _UNCONFIRMED, target, selection, value).encode())
        return None
    request = SetRequestNormal(invoke, target, selection, value).encode()

    def first(block: DataBlock) -> bytes:
        return SetRequestWithFirstDatablock(invoke, target, selection, block).encode()

    if not divides(session, request, first, Conformance.block_transfer_with_set_or_write):
        answer = yield from exchange(session, request, RESPONSE, invoke)
        result: DataAccessResult = SetResponseNormal.parse(answer).result
    else:
        result = (yield from _in_blocks(session, invoke, first, value, 1))[0]
    if result:
        raise attribute_refused(result, target)
    return None


def set_many(session: Session, items: Sequence[Item]) -> Conversation[list[AccessError | None]]:
    """Set many attributes; for each None, or the error that says why it was refused.

    With multiple references negotiated they go together, as many as fit; else one by one.
    """
    if session.short:
        return (yield from short_names.write_many(session, items))
    for target, _ in items:
        _check(session, target.attribute_id, None)
    together = session.has(Conformance.multiple_references)
    refusals: list[AccessError | None] = []
    for part in _batches(session, items, together):
        if len(part) == 1:
            refusals.append((yield from _one(session, part[0])))
        else:
            refusals += yield from _list(session, part)
    return refusals


def _check(session: Session, number: int, selection: SelectiveAccess | None) -> None:
    session.require(Conformance.set)
    if selection is not None:
        session.require(Conformance.selective_access)
    if number == 0:
        session.require(Conformance.attribute0_supported_with_set)


def _batches(session: Session, items: Sequence[Item], together: bool) -> Iterator[list[Item]]:
    most = session.settings.most_references if together else 1
    limit = session.max_send_pdu - (session.guard.overhead if session.guard else 0)
    in_blocks = session.settings.long_lists and session.has(Conformance.block_transfer_with_set_or_write)
    return batches(items, lambda item: _DESCRIPTOR + (0 if in_blocks else len(item[1])), limit - _LIST_FIXED, most)


def _one(session: Session, item: Item) -> Conversation[AccessError | None]:
    try:
        yield from set_octets(session, *item)
    except AccessError as error:
        return error
    return None


def _list(session: Session, part: list[Item]) -> Conversation[list[AccessError | None]]:
    invoke = session.next_invoke()
    targets = tuple(AttributeWithSelection(target) for target, _ in part)
    values = tuple(value for _, value in part)
    request = SetRequestWithList(invoke, targets, values).encode()
    results: Sequence[DataAccessResult]

    def first(block: DataBlock) -> bytes:
        return SetRequestWithListAndFirstDatablock(invoke, targets, block).encode()

    if not divides(session, request, first, Conformance.block_transfer_with_set_or_write):
        answer = yield from exchange(session, request, RESPONSE, invoke)
        if answer[1] == NORMAL:
            results = [SetResponseNormal.parse(answer).result] * len(part)
        else:
            results = SetResponseWithList.parse(answer).results
    else:
        raw = length_of(len(values)) + b"".join(values)
        results = yield from _in_blocks(session, invoke, first, raw, len(part))
    if len(results) != len(part):
        raise DecodeError(f"{len(results)} results came for {len(part)} attributes", what="SetResponseWithList")
    pairs = zip(results, part, strict=True)
    return [attribute_refused(result, target) if result else None for result, (target, _) in pairs]


def _in_blocks(
    session: Session, invoke: int, first: Callable[[DataBlock], bytes], octets: bytes, count: int
) -> Conversation[Sequence[DataAccessResult]]:
    """Send a long request; its results, *count* of them."""
    requests = in_blocks(session, first, lambda block: SetRequestWithDatablock(invoke, block).encode(), octets)
    answer, number, was_last = yield from send_blocks(session, requests, SetResponseDatablock, invoke)
    results = _results(answer, answer[1], count)
    if not was_last and not any(results):
        raise DecodeError(f"success was answered to block {number}, which was not the last", what="SetResponse")
    return results


def _results(answer: bytes, kind: int, count: int) -> Sequence[DataAccessResult]:
    """The results of a long request, which may come before its end when it is refused."""
    if kind == LAST_WITH_LIST:
        return SetResponseLastDatablockWithList.parse(answer).results
    if kind == NORMAL:
        return [SetResponseNormal.parse(answer).result] * count
    if kind == WITH_LIST:
        return SetResponseWithList.parse(answer).results
    return [SetResponseLastDatablock.parse(answer).result] * count
