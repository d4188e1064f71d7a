"""READ, WRITE and UNCONFIRMED WRITE at the server.

A method is invoked by writing to its short name, or by reading it with parameterized access when it returns something.
The blocks of a long answer carry the value alone when one variable was asked for, else all results with their count;
those of a long request its octets after the tag. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (SN services).
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.enums import Conformance, DataAccessResult
from anymeter.dlms.server.get import item_of
from anymeter.dlms.server.reach import SCOPE, SUCCESS, UNDEFINED
from anymeter.dlms.server.refusals import NOT_NEGOTIATED, TOO_LONG, UNDECODABLE, refused
from anymeter.dlms.server.state import Association
from anymeter.dlms.server.transfers import READ, WRITE, LongAnswer, fit
from anymeter.dlms.short_names import (
    BlockNumberAccess,
    ParameterizedAccess,
    ReadDataBlockAccess,
    ReadRequest,
    UnconfirmedWriteRequest,
    Variable,
    VariableName,
    WriteDataBlockAccess,
    WriteRequest,
)
from anymeter.wire import length_of
from anymeter.wire.lengths import octets_at

_MULTIPLE: Final = int(Conformance.multiple_references)
_PARAMETERIZED: Final = int(Conformance.parameterized_access)
_READ_BLOCKS: Final = int(Conformance.block_transfer_with_get_or_read)
_WRITE_BLOCKS: Final = int(Conformance.block_transfer_with_set_or_write)
_BLOCK_HEADER: Final = 6
_LONGEST_BLOCK_NUMBER: Final = 0xFFFF
_OCTET_STRING: Final = 9
_NOT_HERE: Final = int(DataAccessResult.data_block_unavailable)


def read(association: Association, octets: bytes, now: float) -> bytes:
    """readRequest."""
    variables = ReadRequest.parse(octets).variables
    if len(variables) == 1:
        (part,) = variables
        if isinstance(part, BlockNumberAccess):
            return _following(association, octets, part.number)
        if isinstance(part, ReadDataBlockAccess):
            return _part(association, octets, (part.last, part.number, part.raw), now)
    _end_transfers(association)
    return _read(association, octets, variables, now)


def write(association: Association, octets: bytes, now: float) -> bytes:
    """writeRequest."""
    request = WriteRequest.parse(octets)
    if len(request.variables) == 1 == len(request.data) and isinstance(request.variables[0], WriteDataBlockAccess):
        part, data = request.variables[0], request.data[0]
        if data[0] != _OCTET_STRING:
            return _refused_part(association, WRITE, DataAccessResult.type_unmatched)
        return _part(association, octets, (part.last, part.number, octets_at(data, 1)[0]), now)
    _end_transfers(association)
    return _written(association, octets, request, now)


def unconfirmed_write(association: Association, octets: bytes, now: float) -> bytes:
    """unconfirmedWriteRequest: never answered."""
    _written(association, octets, UnconfirmedWriteRequest.parse(octets), now)
    return b""


def _end_transfers(association: Association) -> None:
    """A request that does not go on with a transfer ends it, unless it may be a datagram that comes late."""
    if association.repeats is None:
        association.abandon()


def _read(association: Association, octets: bytes, variables: tuple[Variable, ...], now: float) -> bytes:
    if len(variables) != 1 and not association.allows(_MULTIPLE):
        return refused(octets, NOT_NEGOTIATED)
    results = association.reach.each(variables, lambda variable: _value(association, variable, now))
    items = length_of(len(results)) + b"".join(map(item_of, results))
    if len(items) + 1 <= association.room:
        return b"\x0c" + items
    payload = results[0] if len(results) == 1 and isinstance(results[0], bytes) else items
    size = fit(association.room, _BLOCK_HEADER)
    if association.allows(_READ_BLOCKS) and size > 0 and len(payload) <= size * _LONGEST_BLOCK_NUMBER:
        return _block(association.answering(LongAnswer(READ, 0, payload, size, octets)), 1)
    return b"\x0c" + items if association.general_blocks else refused(octets, TOO_LONG)


def _value(association: Association, variable: Variable, now: float) -> bytes | int:
    if not isinstance(variable, VariableName | ParameterizedAccess):
        return _NOT_HERE
    found = association.reach.member(variable.name)
    if found is None:
        return UNDEFINED
    selection = None
    if isinstance(variable, ParameterizedAccess):
        if not association.allows(_PARAMETERIZED):
            return SCOPE
        selection = variable.selection
    return association.reach.read_member(found, selection, association.protection, now)


def _following(association: Association, octets: bytes, number: int) -> bytes:
    """block-number-access: the block after *number*."""
    if not association.allows(_READ_BLOCKS):
        return refused(octets, NOT_NEGOTIATED)
    answer = association.answer
    if answer is None or answer.service != READ:
        return b"\x0c\x01\x01%c" % DataAccessResult.no_long_get_in_progress
    if not answer.may_follow(number, association.repeats is not None):
        over = answer.sent == answer.blocks
        association.answer = None
        why = DataAccessResult.no_long_get_in_progress if over else DataAccessResult.data_block_number_invalid
        return b"\x0c\x01\x01%c" % why
    return _block(answer, number + 1)


def _block(answer: LongAnswer, number: int) -> bytes:
    last, raw = answer.block(number)
    return b"\x0c\x01\x02%c%b%b%b" % (last, number.to_bytes(2, "big"), length_of(len(raw)), raw)


def _part(association: Association, octets: bytes, part: tuple[bool, int, bytes], now: float) -> bytes:
    """One block of a long request: acknowledged, or the request served when it is the last."""
    service = octets[0]
    if not association.allows(_READ_BLOCKS if service == READ else _WRITE_BLOCKS):
        return refused(octets, NOT_NEGOTIATED)
    last, number, raw = part
    running = association.request
    if running is not None and running.service != service:
        running = None
    if number == 1:
        running = association.begin(service, octets, 0, None, raw)
    if running is None:
        return _refused_part(association, service, DataAccessResult.no_long_set_in_progress)
    if not running.take(number, raw, association.repeats is not None):
        return _refused_part(association, service, DataAccessResult.data_block_number_invalid)
    if running.exceeds(association.reach.most):
        return _refused_part(association, service, DataAccessResult.long_set_aborted)
    if not last:
        return (b"\x0c\x01\x03" if service == READ else b"\x0d\x01\x02") + number.to_bytes(2, "big")
    association.finish(running)
    whole = octets[:1] + running.octets
    if service == READ:
        return _read(association, whole, ReadRequest.parse(whole).variables, now)
    return _written(association, whole, WriteRequest.parse(whole), now)


def _refused_part(association: Association, service: int, why: DataAccessResult) -> bytes:
    association.request = None
    return (b"\x0c\x01\x01%c" if service == READ else b"\x0d\x01\x01%c") % why


def _written(
    association: Association, octets: bytes, request: WriteRequest | UnconfirmedWriteRequest, now: float
) -> bytes:
    count = len(request.variables)
    if count != len(request.data):
        return refused(octets, UNDECODABLE)
    if count != 1 and not association.allows(_MULTIPLE):
        return refused(octets, NOT_NEGOTIATED)
    if 1 + len(length_of(count)) + 2 * count > association.room and not association.general_blocks:
        return refused(octets, TOO_LONG)
    pairs = zip(request.variables, request.data, strict=True)
    results = [_store(association, variable, data, now) for variable, data in pairs]
    coded = [b"\x00" if result == SUCCESS else b"\x01%c" % result for result in results]
    return b"\x0d" + length_of(count) + b"".join(coded)


def _store(association: Association, variable: Variable, data: bytes, now: float) -> int:
    if isinstance(variable, ParameterizedAccess):
        return SCOPE
    if not isinstance(variable, VariableName):
        return _NOT_HERE
    found = association.reach.member(variable.name)
    if found is None:
        return UNDEFINED
    return association.reach.write_member(found, data, association.protection, now)
