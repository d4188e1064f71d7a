"""One request and its answer: what comes in between is told apart, what refuses the request as a whole is raised.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from anymeter.dlms.client.block_transfer import TAG as BLOCK
from anymeter.dlms.client.block_transfer import receive_by_blocks, send_by_blocks, told
from anymeter.dlms.client.notifications import TAGS as UNASKED
from anymeter.dlms.client.session import Session
from anymeter.dlms.conversation import Conversation, Sent
from anymeter.dlms.enums import Conformance
from anymeter.dlms.initiate import ConfirmedServiceError, ExceptionResponse
from anymeter.errors import DecodeError, LinkTimeout, LocalError, ServiceRefused

ANY: Final = -1
"""In the place of an invoke id: the service has none."""
MOST_OTHERS: Final = 256
"""How many APDUs that are no answer are passed over while one is waited for."""

EXCEPTION, SERVICE_ERROR = 0xD8, 0x0E
ACCESS_RESPONSE: Final = 0xDA
_LATE: Final = frozenset((0x0C, 0x0D, 0xC4, 0xC5, 0xC7, ACCESS_RESPONSE, 0x61, 0x63))
"""What may be the answer to an earlier request."""

Stale = Callable[[bytes], bool]
"""Whether an answer with the right invoke id is one that came before, sent again."""


def exchange(
    session: Session, request: bytes, tag: int, invoke: int = ANY, stale: Stale | None = None
) -> Conversation[bytes]:
    """Send a request; the octets of its answer, which begins with *tag* and has the id of *invoke*.

    Answers to earlier requests, *stale* ones and notifications are passed over, so many of them at most. Raises
    ServiceRefused for exception-response and confirmedServiceError, DecodeError for anything else.
    """
    guard = session.guard
    apdu = request if guard is None else guard.protect(request)
    if len(apdu) > session.max_send_pdu or session.settings.general_blocks:
        _check_blocks(session, apdu)
        octets = yield from send_by_blocks(session, apdu)
        apdu = b""
    else:
        octets = yield from ask(session, session.with_unsent(apdu) if session.unsent else apdu, apdu)
    wanted, others = invoke & 0x0F, 0
    any_id = invoke == ANY or session.settings.any_invoke_id
    while True:
        if octets[:1] == BLOCK:
            octets = yield from receive_by_blocks(session, octets)
        if guard is not None:
            octets = guard.unprotect(octets)
        mine = len(octets) > 2 and octets[0] == tag and (octets[2] & 0x0F == wanted or any_id)
        if mine and (stale is None or not stale(octets)):
            return octets
        reply = _other(session, octets, tag)
        others += 1
        if others > MOST_OTHERS:
            raise DecodeError(f"{others} APDUs came and none is the answer", what="APDU")
        octets = yield from _wait(session, reply, apdu, octets)


def ask(session: Session, sent: Sent, again: bytes) -> Conversation[bytes]:
    """Send, and on silence send *again* as often as the settings say; the APDU that came."""
    repeats = session.settings.repeats
    while True:
        try:
            return (yield sent)
        except LinkTimeout:
            if not repeats:
                raise
        repeats -= 1
        sent = again


def send_only(session: Session, request: bytes) -> None:
    """Put a request that asks for no answer among those to be sent; LocalError when it is too long."""
    apdu = request if session.guard is None else session.guard.protect(request)
    if len(apdu) > session.max_send_pdu:
        raise LocalError(f"{len(apdu)} octets are more than the {session.max_send_pdu} that this meter takes")
    session.unsent.append(apdu)


def _check_blocks(session: Session, apdu: bytes) -> None:
    if not session.has(Conformance.general_block_transfer):
        raise LocalError(
            f"a request of {len(apdu)} octets is more than the {session.max_send_pdu} that this meter takes, and no"
            " block transfer was negotiated for it"
        )


def _wait(session: Session, reply: bytes, again: bytes, last: bytes) -> Conversation[bytes]:
    """Wait on after an APDU that was no answer; silence then says what came instead."""
    try:
        return (yield from ask(session, reply, again))
    except LinkTimeout as silence:
        told_apart = "a notification" if last[0] in UNASKED else f"an answer to an earlier request ({last[:3].hex()})"
        raise LinkTimeout(f"{silence or 'silence'}: all that came was {told_apart}") from None


def _other(session: Session, octets: bytes, tag: int) -> bytes:
    """What to say to an APDU that is not the answer: nothing mostly; raises what refuses the request."""
    first = octets[0] if octets else -1
    if first in UNASKED:
        return told(session, octets)
    if first == EXCEPTION:
        raise refused(octets)
    if first == SERVICE_ERROR:
        raise ServiceRefused(ConfirmedServiceError.parse(octets).words)
    if first == tag and len(octets) < 3:
        raise DecodeError("the answer ends after its first octets", what="APDU", at=len(octets))
    if first not in _LATE:
        raise DecodeError(f"{octets[:1].hex() or 'nothing'} stands where {tag:02x} should", what="APDU", at=0)
    return b""


def refused(octets: bytes) -> ServiceRefused:
    """The error that an exception-response stands for; DecodeError when the octets are none."""
    answer = ExceptionResponse.parse(octets)
    lowest = answer.invocation_counter
    counter = "" if lowest is None else f", the lowest accepted is {lowest}"
    return ServiceRefused(
        f"the meter refused the request: {answer.state_error.words}, {answer.service_error.words}{counter}",
        state=int(answer.state_error),
        service=int(answer.service_error),
        invocation_counter=lowest,
    )
