"""GET at the server: one attribute, a list of them, and blocks of a long answer.

A selection or attribute 0 that was not negotiated is refused for that attribute (scope-of-access-violated,
read-write-denied); a list or a next block as a whole. An answer too long for the client without block transfer is
other-reason. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (GET service).
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.enums import Conformance, DataAccessResult
from anymeter.dlms.descriptors import AttributeWithSelection
from anymeter.dlms.get import GetRequestNext, GetRequestNormal, GetRequestWithList, GetResponseWithDatablock
from anymeter.dlms.server.reach import OTHER_REASON
from anymeter.dlms.server.state import Association
from anymeter.dlms.server.transfers import GET, LongAnswer, fit
from anymeter.wire import length_of

_BLOCKS: Final = int(Conformance.block_transfer_with_get_or_read)
_BLOCK_HEADER: Final = 9
_WITHOUT_SELECTION: Final = 13


def normal(association: Association, octets: bytes, now: float) -> bytes:
    """get-request-normal."""
    if len(octets) == _WITHOUT_SELECTION and not octets[12]:
        result = association.reach.get(octets[3:12], None, association.protection, now)
    else:
        request = GetRequestNormal.parse(octets)
        result = association.reach.get(octets[3:12], request.selection, association.protection, now)
    if isinstance(result, int):
        return b"\xc4\x01%c\x01%c" % (octets[2], result)
    response = b"\xc4\x01%c\x00%b" % (octets[2], result)
    if len(response) <= association.room:
        return response
    return _in_blocks(association, octets, response[4:]) or _as_it_may(association, response)


def with_list(association: Association, octets: bytes, now: float) -> bytes:
    """get-request-with-list: the results in the order of the request."""
    request = GetRequestWithList.parse(octets)
    reach, protection = association.reach, association.protection

    def read(wanted: AttributeWithSelection) -> bytes | int:
        return reach.get(wanted.attribute.encode(), wanted.selection, protection, now)

    items = [item_of(result) for result in reach.each(request.attributes, read)]
    results = length_of(len(items)) + b"".join(items)
    response = b"\xc4\x03%c%b" % (request.invoke, results)
    if len(response) <= association.room:
        return response
    return _in_blocks(association, octets, results) or response


def item_of(result: bytes | int) -> bytes:
    """Get-Data-Result: octets, or why there are none.

    >>> item_of(b"\\x11\\x05").hex(), item_of(3).hex()
    ('001105', '0103')
    """
    return b"\x01%c" % result if isinstance(result, int) else b"\x00" + result


def following(association: Association, octets: bytes, now: float) -> bytes:
    """get-request-next: the block after the one that has come."""
    request = GetRequestNext.parse(octets)
    answer = association.answer
    if answer is None or answer.service != GET or (answer.invoke ^ request.invoke) & 0x0F:
        return _failed(request, DataAccessResult.no_long_get_in_progress)
    if not answer.may_follow(request.number, association.repeats is not None):
        over = answer.sent == answer.blocks
        association.answer = None
        why = DataAccessResult.no_long_get_in_progress if over else DataAccessResult.data_block_number_invalid
        return _failed(request, why)
    return _block(answer, request.invoke, request.number + 1)


def _in_blocks(association: Association, octets: bytes, payload: bytes) -> bytes:
    """The first block of a long answer; empty where service-specific block transfer is not possible."""
    size = fit(association.room, _BLOCK_HEADER)
    if not association.allows(_BLOCKS) or size < 1:
        return b""
    return _block(association.answering(LongAnswer(GET, octets[2], payload, size, octets)), octets[2], 1)


def _block(answer: LongAnswer, invoke: int, number: int) -> bytes:
    last, raw = answer.block(number)
    return GetResponseWithDatablock(invoke, last, number, raw).encode()


def _failed(request: GetRequestNext, why: DataAccessResult) -> bytes:
    return GetResponseWithDatablock(request.invoke, True, request.number, why).encode()


def _as_it_may(association: Association, response: bytes) -> bytes:
    """A long response where general block transfer can take it, else other-reason."""
    return response if association.general_blocks else b"\xc4\x01%c\x01%c" % (response[2], OTHER_REASON)
