"""ACTION: one method, many at once, long parameters and results in blocks; short names do it by WRITE and READ.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (ACTION service, block transfer).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from anymeter.cosem import data
from anymeter.cosem.members import Method
from anymeter.dlms.action import (
    ActionOutcome,
    ActionRequestNextPblock,
    ActionRequestNormal,
    ActionRequestWithFirstPblock,
    ActionRequestWithList,
    ActionRequestWithListAndFirstPblock,
    ActionRequestWithPblock,
    ActionResponseNextPblock,
    ActionResponseNormal,
    ActionResponseWithList,
    ActionResponseWithPblock,
)
from anymeter.dlms.client import short_names
from anymeter.dlms.client.exchange import Stale, exchange, send_only
from anymeter.dlms.client.naming import logical_name, method_refused, method_words
from anymeter.dlms.client.session import Session
from anymeter.dlms.client.transfers import LongAnswer, batches, divides, in_blocks, send_blocks
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import DataBlock, MethodDescriptor
from anymeter.dlms.enums import ActionResult, Conformance
from anymeter.errors import AccessError, DecodeError
from anymeter.obis import Obis
from anymeter.wire.kinds import MOST
from anymeter.wire.lengths import count_at, length_of

P = TypeVar("P")
R = TypeVar("R")

RESPONSE: Final = 0xC7
NORMAL, WITH_PBLOCK, WITH_LIST, NEXT_PBLOCK = 1, 2, 3, 4
_UNCONFIRMED: Final = ~0x40
_LIST_FIXED: Final = 16
"""Octets of a request with a list beside its items, at most."""
_DESCRIPTOR: Final = 9
_NULL: Final = b"\x00"

Call = tuple[MethodDescriptor, bytes | None]
"""A method and its encoded parameters."""


def invoke(session: Session, name: Obis | str, method: Method[P, R], parameters: P) -> Conversation[R | None]:
    """Invoke a method; its result decoded, None where it has none. AccessError when the meter refuses it."""
    target = MethodDescriptor(method.owner.class_id, logical_name(name), method.number)
    returns = method.returns is not None
    octets = yield from invoke_octets(session, target, method.schema.encode(parameters), returns=returns)
    result: R | None = None if octets is None else data.parse(octets)
    return result


def invoke_octets(
    session: Session,
    target: MethodDescriptor,
    parameters: bytes | None = None,
    *,
    returns: bool = False,
    unconfirmed: bool = False,
) -> Conversation[bytes | None]:
    """Invoke a method with encoded parameters; the octets of its result, None where none came.

    *returns* tells short names that a result is expected. *unconfirmed*: nobody answers. Raises AccessError when the
    meter refuses the method, or the result.
    """
    if session.short:
        return (yield from short_names.invoke(session, target, parameters, returns=returns, unconfirmed=unconfirmed))
    session.require(Conformance.action)
    number = session.next_invoke()
    if unconfirmed:
        send_only(session, ActionRequestNormal(number & _UNCONFIRMED, target, parameters).encode())
        return None
    request = ActionRequestNormal(number, target, parameters).encode()

    def first(block: DataBlock) -> bytes:
        return ActionRequestWithFirstPblock(number, target, block).encode()

    if parameters is None or not divides(session, request, first, Conformance.block_transfer_with_action):
        answer = yield from exchange(session, request, RESPONSE, number)
    else:
        answer = yield from _in_blocks(session, number, first, parameters)
    if answer[1] == WITH_PBLOCK:
        outcome = _outcome((yield from _joined(session, number, answer)))
    else:
        outcome = ActionResponseNormal.parse(answer).outcome
    found = _settled(outcome, target)
    if isinstance(found, AccessError):
        raise found
    return found


def invoke_many(session: Session, calls: Sequence[Call]) -> Conversation[list[bytes | AccessError | None]]:
    """Invoke many methods in their order; for each the octets of its result (None for none), or why it was refused."""
    if not session.short:
        session.require(Conformance.action)
    results: list[bytes | AccessError | None] = []
    for part in _batches(session, calls):
        if len(part) == 1:
            results.append((yield from _one(session, part[0])))
        else:
            results += yield from _list(session, part)
    return results


def _one(session: Session, call: Call) -> Conversation[bytes | AccessError | None]:
    try:
        return (yield from invoke_octets(session, *call))
    except AccessError as error:
        return error


def _batches(session: Session, calls: Sequence[Call]) -> Iterator[list[Call]]:
    together = not session.short and session.has(Conformance.multiple_references)
    most = session.settings.most_references if together else 1
    limit = session.max_send_pdu - (session.guard.overhead if session.guard else 0)
    in_blocks = session.settings.long_lists and session.has(Conformance.block_transfer_with_action)

    def octets_of(call: Call) -> int:
        return _DESCRIPTOR + (0 if in_blocks else len(call[1] or _NULL))

    return batches(calls, octets_of, limit - _LIST_FIXED, most)


def _list(session: Session, part: list[Call]) -> Conversation[list[bytes | AccessError | None]]:
    number = session.next_invoke()
    methods, values = tuple(m for m, _ in part), tuple(_NULL if v is None else v for _, v in part)
    request = ActionRequestWithList(number, methods, values).encode()

    def first(block: DataBlock) -> bytes:
        return ActionRequestWithListAndFirstPblock(number, methods, block).encode()

    if not divides(session, request, first, Conformance.block_transfer_with_action):
        answer = yield from exchange(session, request, RESPONSE, number)
    else:
        answer = yield from _in_blocks(session, number, first, length_of(len(values)) + b"".join(values))
    outcomes: Sequence[ActionOutcome]
    if answer[1] == WITH_PBLOCK:
        outcomes = _outcomes((yield from _joined(session, number, answer)))
    elif answer[1] == NORMAL:
        outcomes = [ActionResponseNormal.parse(answer).outcome] * len(part)
    else:
        outcomes = ActionResponseWithList.parse(answer).outcomes
    if len(outcomes) != len(part):
        raise DecodeError(f"{len(outcomes)} results came for {len(part)} methods", what="ActionResponseWithList")
    return [_settled(one, method) for one, method in zip(outcomes, methods, strict=True)]


def _settled(outcome: ActionOutcome, target: MethodDescriptor) -> bytes | AccessError | None:
    """What a method gave: octets, nothing, or the error that says why it was refused."""
    if outcome.result:
        return method_refused(outcome.result, target)
    if outcome.returned is None or isinstance(outcome.returned, bytes):
        return outcome.returned
    if outcome.returned == 0:
        return None
    return AccessError(int(outcome.returned), f"{method_words(target)} (its result)", outcome.returned.words)


def _outcome(octets: bytes) -> ActionOutcome:
    """The outcome that the joined blocks of a long answer are: one value, or an outcome with all its parts.

    The standard does not say which of the two. A value that takes up all the octets is no outcome with a value in it.
    """
    if octets and data.skip(octets) == len(octets):
        return ActionOutcome(ActionResult.success, octets)
    return ActionOutcome.parse(octets)


def _outcomes(octets: bytes) -> list[ActionOutcome]:
    """The outcomes out of the joined blocks of a long answer to a list; DecodeError."""
    count, at = count_at(octets, 0, 2, MOST)
    outcomes = []
    for _ in range(count):
        outcome, at = ActionOutcome.decode(octets, at)
        outcomes.append(outcome)
    if at != len(octets):
        raise DecodeError(f"{len(octets) - at} octets are left over", what="ActionResponseWithPblock", at=at)
    return outcomes


def _in_blocks(
    session: Session, number: int, first: Callable[[DataBlock], bytes], octets: bytes
) -> Conversation[bytes]:
    """Send a long request; the answer to its last block, or the one that refuses it before."""
    requests = in_blocks(session, first, lambda block: ActionRequestWithPblock(number, block).encode(), octets)
    answer, block, was_last = yield from send_blocks(session, requests, ActionResponseNextPblock, number)
    if not was_last and not _refuses(answer):
        raise DecodeError(f"the result came after block {block}, which was not the last", what="ActionResponse")
    return answer


def _refuses(answer: bytes) -> bool:
    return answer[1] == NORMAL and ActionResponseNormal.parse(answer).outcome.result != 0


def _joined(session: Session, number: int, answer: bytes) -> Conversation[bytes]:
    """The octets that the blocks of a long answer carry, of which *answer* is the first."""
    joined = LongAnswer(session.settings.most_octets, "ActionResponseWithPblock")
    while True:
        block = ActionResponseWithPblock.parse(answer).block
        joined.take(block.number, block.raw)
        if block.last:
            return joined.octets
        request = ActionRequestNextPblock(number, block.number).encode()
        answer = yield from exchange(session, request, RESPONSE, number, _not_after(block.number))
        if answer[1] == NORMAL:
            refusal = ActionResponseNormal.parse(answer).outcome
            raise _aborted(refusal)


def _aborted(outcome: ActionOutcome) -> AccessError | DecodeError:
    """The error for a long answer that the meter breaks off."""
    if outcome.result:
        return AccessError(int(outcome.result), "the long answer to an action", outcome.result.words)
    return DecodeError("a result came instead of a block", what="ActionResponseNormal", at=1)


def _not_after(number: int) -> Stale:
    """Whether an answer is a block up to *number* that came before, or an acknowledgement that did."""

    def stale(octets: bytes) -> bool:
        if octets[1] == NEXT_PBLOCK:
            return True
        return octets[1] == WITH_PBLOCK and len(octets) >= 8 and int.from_bytes(octets[4:8], "big") <= number

    return stale
