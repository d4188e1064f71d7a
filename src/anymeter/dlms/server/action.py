"""ACTION at the server: one method, a list of them, parameters and results in blocks.

The blocks of an answer carry the returned value alone, of a list all outcomes with their count. Errors of a transfer in
blocks end it: action-response-normal with long-action-aborted, data-block-unavailable or no-long-action-in-progress.
Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (ACTION service).
"""

from __future__ import annotations

from typing import Final, TypeAlias

from anymeter.cosem.enums import ActionResult, Conformance
from anymeter.dlms import action as apdus
from anymeter.dlms.descriptors import DataBlock, MethodDescriptor
from anymeter.dlms.server.reach import OTHER_REASON, UNMATCHED
from anymeter.dlms.server.refusals import TOO_LONG, UNDECODABLE, refused
from anymeter.dlms.server.set import parted
from anymeter.dlms.server.state import Association
from anymeter.dlms.server.transfers import ACTION, LongAnswer, LongRequest, fit
from anymeter.wire import length_of

_BLOCKS: Final = int(Conformance.block_transfer_with_action)
_BLOCK_HEADER: Final = 8
_LIST_HEADER: Final = 3
_WITHHELD: Final = b"\x01\x01%c" % OTHER_REASON

_Outcome: TypeAlias = tuple[int, bytes | None]


def normal(association: Association, octets: bytes, now: float) -> bytes:
    """action-request-normal."""
    request = apdus.ActionRequestNormal.parse(octets)
    outcome = association.reach.act(octets[3:12], request.parameters, association.protection, now)
    return _answer(association, octets, [outcome], False)


def with_list(association: Association, octets: bytes, now: float) -> bytes:
    """action-request-with-list: every method in the order of the request, whatever becomes of the others."""
    request = apdus.ActionRequestWithList.parse(octets)
    if len(request.methods) != len(request.parameters):
        return refused(octets, UNDECODABLE)
    if _too_many(association, len(request.methods)):
        return refused(octets, TOO_LONG)
    return _answer(association, octets, _act_all(association, request.methods, list(request.parameters), now), True)


def first_block(association: Association, octets: bytes, now: float) -> bytes:
    """action-request-with-first-pblock."""
    request = apdus.ActionRequestWithFirstPblock.parse(octets)
    running = association.begin(ACTION, octets, octets[2], ((request.method,), False), request.block.raw)
    return _taken(association, running, octets, request.block, now)


def first_block_of_list(association: Association, octets: bytes, now: float) -> bytes:
    """action-request-with-list-and-first-pblock."""
    request = apdus.ActionRequestWithListAndFirstPblock.parse(octets)
    if _too_many(association, len(request.methods)):
        return refused(octets, TOO_LONG)
    running = association.begin(ACTION, octets, octets[2], (request.methods, True), request.block.raw)
    return _taken(association, running, octets, request.block, now)


def block(association: Association, octets: bytes, now: float) -> bytes:
    """action-request-with-pblock."""
    request = apdus.ActionRequestWithPblock.parse(octets)
    running = association.request
    if running is None or running.service != ACTION or (running.invoke ^ request.invoke) & 0x0F:
        if association.is_late(ACTION, request.invoke, request.block.number):
            return apdus.ActionResponseNextPblock(request.invoke, request.block.number).encode()
        return _failed(octets[2], ActionResult.no_long_action_in_progress)
    return _taken(association, running, octets, request.block, now)


def following(association: Association, octets: bytes, now: float) -> bytes:
    """action-request-next-pblock: the block after the one that has come."""
    request = apdus.ActionRequestNextPblock.parse(octets)
    answer = association.answer
    if answer is None or answer.service != ACTION or (answer.invoke ^ request.invoke) & 0x0F:
        return _failed(request.invoke, ActionResult.no_long_action_in_progress)
    if not answer.may_follow(request.number, association.repeats is not None):
        over = answer.sent == answer.blocks
        association.answer = None
        why = ActionResult.no_long_action_in_progress if over else ActionResult.data_block_unavailable
        return _failed(request.invoke, why)
    return _block(answer, request.invoke, request.number + 1)


def _too_many(association: Association, count: int) -> bool:
    """Whether so many outcomes, with no values, do not fit into an answer: told before anything is invoked."""
    least = _LIST_HEADER + len(length_of(count)) + (1 + len(_WITHHELD)) * count
    return least > association.room and not (association.allows(_BLOCKS) or association.general_blocks)


def _taken(association: Association, running: LongRequest, octets: bytes, taken: DataBlock, now: float) -> bytes:
    again = association.repeats is not None
    if not running.take(taken.number, taken.raw, again) or running.exceeds(association.reach.most):
        association.request = None
        return _failed(octets[2], ActionResult.long_action_aborted)
    if not taken.last:
        return apdus.ActionResponseNextPblock(octets[2], taken.number).encode()
    association.finish(running)
    methods, listed = running.head
    parameters = parted(running.octets, len(methods), listed)
    if parameters is None:
        return _answer(association, octets, [(UNMATCHED, None)] * len(methods), listed)
    return _answer(association, octets, _act_all(association, methods, parameters, now), listed)


def _act_all(
    association: Association, methods: tuple[MethodDescriptor, ...], parameters: list[bytes], now: float
) -> list[_Outcome]:
    reach, protection = association.reach, association.protection
    return [reach.act(m.encode(), p, protection, now) for m, p in zip(methods, parameters, strict=True)]


def _answer(association: Association, octets: bytes, outcomes: list[_Outcome], listed: bool) -> bytes:
    head = b"\xc7%c%c" % (3 if listed else 1, octets[2]) + (length_of(len(outcomes)) if listed else b"")
    response = head + b"".join(map(_coded, outcomes))
    if len(response) <= association.room:
        return response
    returned = response[3:] if listed else outcomes[0][1] or b""
    size = fit(association.room, _BLOCK_HEADER)
    if association.allows(_BLOCKS) and size > 0:
        return _block(association.answering(LongAnswer(ACTION, octets[2], returned, size, octets)), octets[2], 1)
    if association.general_blocks:
        return response
    return head + b"".join([b"%c%b" % (r, b"\x00" if v is None else _WITHHELD) for r, v in outcomes])


def _coded(outcome: _Outcome) -> bytes:
    """Action-Response-With-Optional-Data."""
    result, returned = outcome
    return b"%c\x00" % result if returned is None else b"%c\x01\x00%b" % (result, returned)


def _block(answer: LongAnswer, invoke: int, number: int) -> bytes:
    last, raw = answer.block(number)
    return apdus.ActionResponseWithPblock(invoke, DataBlock(last, number, raw)).encode()


def _failed(invoke: int, why: ActionResult) -> bytes:
    return b"\xc7\x01%c%c\x00" % (invoke, why)
