"""One request of an open association: taken out of its protection or its blocks, served, and the answer put back.

Source: EN 13757-1:2014, 8.3; whole APDUs are ciphered first and then cut into general blocks.
"""

from __future__ import annotations

from typing import Final

from anymeter.dlms.ciphered import SERVICES as CIPHERED_SERVICES
from anymeter.dlms.server.block_transfer import BlockTransfer
from anymeter.dlms.server.refusals import DECIPHERING, NOT_NEGOTIATED, TOO_LONG, UNDECODABLE, refused
from anymeter.dlms.server.services import serve
from anymeter.dlms.server.state import Association
from anymeter.errors import DecodeError, SecurityError

AARQ: Final = 0x60
RLRQ: Final = 0x62
CONFIRM: Final = 0x10
GENERAL_BLOCK: Final = 0xE0

_CIPHERED_ANSWERS: Final = frozenset(b"\x28\x2c\x2d\x2e\x38\xca\xcc\xcd\xcf\x48\x4c\x4d\x4e\x58\xd2\xd4\xd5\xd7")
_CIPHERED: Final = (frozenset(CIPHERED_SERVICES) | frozenset(b"\xdb\xdc\xdd\xdf")) - _CIPHERED_ANSWERS
ANSWERS: Final = _CIPHERED_ANSWERS | frozenset(b"\x08\x0c\x0d\x0e\x0f\x18\x61\x63\xc2\xc4\xc5\xc7\xd8\xda")
"""What only servers send: answering it could go on for ever."""
SPECIAL: Final = ANSWERS | _CIPHERED | {AARQ, RLRQ, CONFIRM, GENERAL_BLOCK}
"""What is not a plain service."""


def plain(association: Association, octets: bytes, now: float) -> list[bytes]:
    """The answer to a service that is neither ciphered nor in blocks."""
    if len(octets) > association.receive_limit:
        response = refused(octets, TOO_LONG)
    else:
        response = serve(association, octets, now)
    if not response or not association.answers:
        return []
    if association.answer is not None or association.request is not None:
        association.touched = now
    return [response] if len(response) <= association.send_limit else _cut(association, octets, response, now)


def served(association: Association, octets: bytes, now: float) -> list[bytes]:
    """The answer to whatever belongs to an open association; what changes something is remembered for datagrams."""
    before = association.reach.effects
    if octets[0] == GENERAL_BLOCK:
        out = _blocks(association, octets, now)
        association.touched = now
        return out if association.answers else []
    out = _protected(association, octets, now) if octets[0] in _CIPHERED else plain(association, octets, now)
    if association.repeats is not None and association.reach.effects != before:
        association.repeats.keep(octets, out, now)
    return out


def _protected(association: Association, octets: bytes, now: float) -> list[bytes]:
    if len(octets) > association.receive_limit:
        return [refused(octets, TOO_LONG)]
    response = _opened(association, octets, now)
    association.touched = now
    if not response or not association.answers:
        return []
    return [response] if len(response) <= association.send_limit else _cut(association, octets, response, now)


def _opened(association: Association, octets: bytes, now: float) -> bytes:
    """The answer to a ciphered request, ciphered as well."""
    guard = association.guard
    if guard is None:
        return refused(octets, DECIPHERING)
    try:
        request, association.protection = guard.opened(octets, now)
    except (SecurityError, DecodeError):
        return refused(octets, DECIPHERING)
    association.room -= guard.overhead
    response = serve(association, request, now)
    association.room += guard.overhead
    association.protection = 0
    return guard.closed(response, octets, now) if response else b""


def _blocks(association: Association, octets: bytes, now: float) -> list[bytes]:
    """A block of general block transfer; the answer to what it completes goes the same way."""
    if not association.general_blocks:
        return [refused(octets, NOT_NEGOTIATED)]
    if len(octets) > association.receive_limit:
        return [refused(octets, TOO_LONG)]
    blocks = _blocks_of(association)
    try:
        out, request = blocks.receive(octets, now, association.settings.silence, association.repeats is not None)
    except DecodeError:
        return [refused(octets, UNDECODABLE)]
    if request is None:
        return out
    response = _unpacked(association, request, now)
    if not response:
        return []
    return blocks.send(response, association.send_limit) or [refused(request, TOO_LONG)]


def _unpacked(association: Association, request: bytes, now: float) -> bytes:
    """The answer to an APDU that came in blocks; to one that came twice the same once more."""
    repeats, before = association.repeats, association.reach.effects
    known = None if repeats is None else repeats.answer(request, now)
    if known is not None:
        return b"".join(known)
    association.room = association.settings.most_transfer
    if request[:1] and request[0] in _CIPHERED:
        response = _opened(association, request, now)
    elif request[:1] and request[0] in SPECIAL:
        response = refused(request, NOT_NEGOTIATED)
    else:
        response = serve(association, request, now)
    association.room = association.send_limit
    if repeats is not None and association.reach.effects != before:
        repeats.keep(request, [response], now)
    return response


def _blocks_of(association: Association) -> BlockTransfer:
    if association.blocks is None:
        association.blocks = BlockTransfer(association.settings.window, association.settings.most_transfer)
    return association.blocks


def _cut(association: Association, octets: bytes, response: bytes, now: float) -> list[bytes]:
    """An answer longer than the client's PDU: in general blocks, or refused."""
    if association.general_blocks:
        association.touched = now
        blocks = _blocks_of(association)
        blocks.begin_anew()
        sent = blocks.send(response, association.send_limit)
        if sent is not None:
            return sent
    refusal = refused(octets, TOO_LONG)
    return [refusal] if refusal else []
