"""SET at the server: one attribute, a list of them, values in blocks.

Errors of a transfer in blocks end it: set-response-last-datablock with data-block-number-invalid, long-set-aborted or
no-long-set-in-progress. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (SET service).
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.walk import skip
from anymeter.dlms import set as apdus
from anymeter.dlms.descriptors import AttributeWithSelection, DataBlock
from anymeter.dlms.server.reach import UNMATCHED
from anymeter.dlms.server.refusals import TOO_LONG, UNDECODABLE, refused
from anymeter.dlms.server.state import Association
from anymeter.dlms.server.transfers import SET, LongRequest
from anymeter.errors import DecodeError
from anymeter.wire.kinds import MOST
from anymeter.wire.lengths import count_at, length_of

_LIST_HEADER: Final = 3
_LAST_BLOCK_HEADER: Final = 7


def normal(association: Association, octets: bytes, now: float) -> bytes:
    """set-request-normal."""
    request = apdus.SetRequestNormal.parse(octets)
    reach, protection = association.reach, association.protection
    result = reach.set(octets[3:12], request.selection, request.data, protection, now)
    return b"\xc5\x01%c%c" % (request.invoke, result)


def with_list(association: Association, octets: bytes, now: float) -> bytes:
    """set-request-with-list: every value in the order of the request, whatever becomes of the others."""
    request = apdus.SetRequestWithList.parse(octets)
    if len(request.attributes) != len(request.values):
        return refused(octets, UNDECODABLE)
    if _too_many(association, len(request.values), _LIST_HEADER):
        return refused(octets, TOO_LONG)
    results = _write_all(association, request.attributes, list(request.values), now)
    return b"\xc5\x05%c%b" % (request.invoke, length_of(len(results)) + results)


def first_block(association: Association, octets: bytes, now: float) -> bytes:
    """set-request-with-first-datablock."""
    request = apdus.SetRequestWithFirstDatablock.parse(octets)
    head = (AttributeWithSelection(request.attribute, request.selection),)
    running = association.begin(SET, octets, request.invoke, (head, False), request.block.raw)
    return _taken(association, running, request.invoke, request.block, now)


def first_block_of_list(association: Association, octets: bytes, now: float) -> bytes:
    """set-request-with-list-and-first-datablock."""
    request = apdus.SetRequestWithListAndFirstDatablock.parse(octets)
    if _too_many(association, len(request.attributes), _LAST_BLOCK_HEADER):
        return refused(octets, TOO_LONG)
    running = association.begin(SET, octets, request.invoke, (request.attributes, True), request.block.raw)
    return _taken(association, running, request.invoke, request.block, now)


def block(association: Association, octets: bytes, now: float) -> bytes:
    """set-request-with-datablock."""
    request = apdus.SetRequestWithDatablock.parse(octets)
    running = association.request
    if running is None or running.service != SET or (running.invoke ^ request.invoke) & 0x0F:
        if association.is_late(SET, request.invoke, request.block.number):
            return apdus.SetResponseDatablock(request.invoke, request.block.number).encode()
        return _failed(request.invoke, request.block, DataAccessResult.no_long_set_in_progress)
    return _taken(association, running, request.invoke, request.block, now)


def _too_many(association: Association, count: int, header: int) -> bool:
    """Whether so many results do not fit into an answer beside its *header*: told before anything is written."""
    return header + len(length_of(count)) + count > association.room and not association.general_blocks


def _taken(association: Association, running: LongRequest, invoke: int, taken: DataBlock, now: float) -> bytes:
    if not running.take(taken.number, taken.raw, association.repeats is not None):
        association.request = None
        return _failed(invoke, taken, DataAccessResult.data_block_number_invalid)
    if running.exceeds(association.reach.most):
        association.request = None
        return _failed(invoke, taken, DataAccessResult.long_set_aborted)
    if not taken.last:
        return apdus.SetResponseDatablock(invoke, taken.number).encode()
    association.finish(running)
    attributes, listed = running.head
    values = parted(running.octets, len(attributes), listed)
    if values is None:
        results = bytes((UNMATCHED,)) * len(attributes)
    else:
        results = _write_all(association, attributes, values, now)
    if not listed:
        return b"\xc5\x03%c%c%b" % (invoke, results[0], taken.number.to_bytes(4, "big"))
    return b"\xc5\x04%c%b%b" % (invoke, length_of(len(results)) + results, taken.number.to_bytes(4, "big"))


def parted(octets: bytes, wanted: int, listed: bool) -> list[bytes] | None:
    """The values out of joined blocks: a SEQUENCE OF Data with its count when *listed*, else one; None for others.

    >>> parted(bytes.fromhex("02 1105 00"), 2, True), parted(bytes.fromhex("1105"), 1, False)
    ([b'\\x11\\x05', b'\\x00'], [b'\\x11\\x05'])
    """
    values = []
    try:
        count, at = count_at(octets, 0, 1, MOST) if listed else (1, 0)
        for _ in range(count):
            end = skip(octets, at)
            values.append(octets[at:end])
            at = end
    except DecodeError:
        return None
    return values if at == len(octets) and count == wanted else None


def _write_all(
    association: Association, attributes: tuple[AttributeWithSelection, ...], values: list[bytes], now: float
) -> bytes:
    """A Data-Access-Result for each attribute."""
    reach, protection = association.reach, association.protection
    pairs = zip(attributes, values, strict=True)
    return bytes([reach.set(a.attribute.encode(), a.selection, value, protection, now) for a, value in pairs])


def _failed(invoke: int, at: DataBlock, why: DataAccessResult) -> bytes:
    return apdus.SetResponseLastDatablock(invoke, why, at.number).encode()
