"""The same services where the meter names its objects by short names: READ, WRITE, unconfirmed WRITE.

Logical names are looked up in the object list of the association, which is read once. Source: EN 13757-1:2014, 6.4
and 8.3, after IEC 62056-5-3 (SN referencing).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from anymeter.cosem import data
from anymeter.cosem.associations import CURRENT, CURRENT_SHORT_NAME
from anymeter.cosem.short_names import RESERVED, STEP
from anymeter.dlms.client.exchange import ANY, Stale, exchange, send_only
from anymeter.dlms.client.naming import attribute_refused, attribute_words, class_of, listed, method_words
from anymeter.dlms.client.session import Session, ShortName
from anymeter.dlms.client.transfers import LongAnswer, Progress, batches, cut
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection, MethodDescriptor, SelectiveAccess
from anymeter.dlms.enums import Conformance, DataAccessResult
from anymeter.dlms.short_names import (
    BlockNumberAccess,
    DataBlockResult,
    ParameterizedAccess,
    ReadDataBlockAccess,
    ReadRequest,
    ReadResponse,
    ReadResult,
    UnconfirmedWriteRequest,
    Variable,
    VariableName,
    WriteDataBlockAccess,
    WriteRequest,
    WriteResponse,
)
from anymeter.errors import AccessError, AnymeterError, DecodeError, LocalError
from anymeter.obis import Obis

READ_RESPONSE: Final = 0x0C
WRITE_RESPONSE: Final = 0x0D
ASSOCIATION_SN: Final = 12
OBJECT_LIST: Final = 2
_CLASSES: Final = {0xFB00: 9, 0xFC00: 17, 0xFD00: 1}
KNOWN: Final = {(ASSOCIATION_SN, CURRENT): ShortName(CURRENT_SHORT_NAME, 2)} | {
    (_CLASSES[base], name): ShortName(base, 0) for base, name in RESERVED.items()
}
"""Where every meter has them: found without the object list."""
_HEAD: Final = 6
_BLOCK_FIXED: Final = 8
_BLOCK, _READ_ON, _WRITE_ON = (2, 4), (3, 3), (2, 3)
"""Results with a block number, their form and where it stands: a block of a long READ answer; that a block of a long
READ, or WRITE, request has come."""
_INTEGER_0: Final = b"\x0f\x00"
_WHAT: Final = "ReadResponse"

Outcome: TypeAlias = bytes | AnymeterError
Result: TypeAlias = bytes | DataAccessResult


def load(session: Session) -> Conversation[dict[tuple[int, Obis], ShortName]]:
    """The short names of all objects by class and logical name, read from the meter unless they are known."""
    if session.names is None:
        octets = yield from _read_one(session, VariableName(CURRENT_SHORT_NAME + STEP * (OBJECT_LIST - 1)), None)
        if not isinstance(octets, bytes):
            raise attribute_refused(octets, AttributeDescriptor(ASSOCIATION_SN, CURRENT, OBJECT_LIST))
        session.names = table(data.parse(octets))
    return session.names


def table(rows: Any) -> dict[tuple[int, Obis], ShortName]:
    """An object list as a table, with the reserved names in it; DecodeError when it is none."""
    try:
        found = [(base & 0xFFFF, *listed(class_id, version, name)) for base, class_id, version, name in rows]
    except (TypeError, ValueError):
        raise DecodeError("no array of base_name, class_id, version, logical_name", what="object list") from None
    return KNOWN | {(class_id, name): ShortName(base, version) for base, class_id, version, name in found}


def read(
    session: Session,
    target: AttributeDescriptor,
    selection: SelectiveAccess | None = None,
    progress: Progress | None = None,
) -> Conversation[bytes]:
    """Read an attribute; the octets of its value. AccessError when the meter refuses it."""
    variable = yield from _attribute(session, target, selection)
    result = yield from _read_one(session, variable, progress)
    if isinstance(result, bytes):
        return result
    raise attribute_refused(result, target)


def read_many(session: Session, items: Sequence[AttributeWithSelection]) -> Conversation[list[Outcome]]:
    """Read many attributes, as many at a time as fit; for each its octets, or why there are none."""
    outcomes: list[Outcome] = []
    variables: list[Variable | AccessError] = []
    for item in items:
        try:
            variables.append((yield from _attribute(session, item.attribute, item.selection)))
        except AccessError as error:
            variables.append(error)
    named = [v for v in variables if not isinstance(v, AccessError)]
    most = session.settings.most_references if session.has(Conformance.multiple_references) else 1
    for part in batches(named, lambda variable: len(variable.encode()), session.room(_HEAD), most):
        results = yield from _read(session, part, None)
        outcomes += results  # type: ignore[arg-type]
    found = iter(outcomes)
    merged = [v if isinstance(v, AccessError) else next(found) for v in variables]
    return [
        one if isinstance(one, bytes | AnymeterError) else attribute_refused(one, item.attribute)
        for one, item in zip(merged, items, strict=True)
    ]


def write(
    session: Session,
    target: AttributeDescriptor,
    value: bytes,
    selection: SelectiveAccess | None = None,
    *,
    unconfirmed: bool = False,
) -> Conversation[None]:
    """Write an attribute; AccessError when the meter refuses it. *unconfirmed*: nobody answers."""
    variable = yield from _attribute(session, target, selection)
    if unconfirmed:
        return _write_only(session, variable, value)
    result = (yield from _write(session, (variable,), (value,)))[0]
    if result:
        raise attribute_refused(result, target)
    return None


def write_many(
    session: Session, items: Sequence[tuple[AttributeDescriptor, bytes]]
) -> Conversation[list[AccessError | None]]:
    """Write many attributes one after another; for each None, or why it was refused."""
    refusals: list[AccessError | None] = []
    for target, value in items:
        try:
            yield from write(session, target, value)
            refusals.append(None)
        except AccessError as error:
            refusals.append(error)
    return refusals


def invoke(
    session: Session,
    target: MethodDescriptor,
    parameters: bytes | None = None,
    *,
    returns: bool = False,
    unconfirmed: bool = False,
) -> Conversation[bytes | None]:
    """Invoke a method by writing its short name; by reading it with parameters when a result is expected."""
    name = yield from _method(session, target)
    value = _INTEGER_0 if parameters is None else parameters
    if unconfirmed:
        _write_only(session, VariableName(name), value)
        return None
    result: Result | None
    if returns:
        session.require(Conformance.parameterized_access)
        result = yield from _read_one(session, ParameterizedAccess(name, SelectiveAccess(0, value)), None)
    else:
        result = (yield from _write(session, (VariableName(name),), (value,)))[0]
    if result is None or isinstance(result, bytes):
        return result
    if not result:
        return None
    raise AccessError(int(result), method_words(target), result.words)


def _base(session: Session, class_id: int, name: Obis) -> Conversation[ShortName | None]:
    """Where an object is; None when the meter lists no such object."""
    key = (class_id, name)
    found = (session.names or KNOWN).get(key)
    return found if found is not None else (yield from load(session)).get(key)


def _unlisted(words: str) -> AccessError:
    return AccessError(int(DataAccessResult.object_undefined), words, "the meter lists no such object")


def _attribute(
    session: Session, target: AttributeDescriptor, selection: SelectiveAccess | None
) -> Conversation[Variable]:
    if target.attribute_id < 1:
        raise LocalError(f"{target.instance_id}: attribute {target.attribute_id} has no short name")
    if selection is not None:
        session.require(Conformance.parameterized_access)
    found = yield from _base(session, target.class_id, target.instance_id)
    if found is None:
        raise _unlisted(attribute_words(target))
    name = found.base + STEP * (target.attribute_id - 1)
    return VariableName(name) if selection is None else ParameterizedAccess(name, selection)


def _method(session: Session, target: MethodDescriptor) -> Conversation[int]:
    found = yield from _base(session, target.class_id, target.instance_id)
    if found is None:
        raise _unlisted(method_words(target))
    cls = class_of(target.class_id, found.version)
    first = cls.methods_at if cls else None
    if first is None or target.method_id < 1:
        raise LocalError(f"the short name of {method_words(target)} is not known")
    return found.base + first + STEP * (target.method_id - 1)


def _read_one(session: Session, variable: Variable, progress: Progress | None) -> Conversation[Result]:
    return (yield from _read(session, [variable], progress))[0]


def _read(session: Session, variables: list[Variable], progress: Progress | None) -> Conversation[list[Result]]:
    """Read, in blocks where request or answer are long; a result for each variable."""
    session.require(Conformance.read)
    request = ReadRequest(tuple(variables)).encode()
    if session.fits(request) or not session.has(Conformance.block_transfer_with_get_or_read):
        answer = yield from exchange(session, request, READ_RESPONSE, ANY)
    else:
        answer = yield from _ask_in_blocks(session, request)
    results = ReadResponse.parse(answer).results
    if len(results) == 1 and isinstance(results[0], DataBlockResult):
        joined = yield from _joined(session, results[0], progress)
        results = joined if isinstance(joined, tuple) else _results(joined, len(variables))
    if len(results) == 1 and len(variables) > 1 and isinstance(results[0], DataAccessResult):
        results *= len(variables)
    plain = [one for one in results if isinstance(one, bytes | DataAccessResult)]
    if len(plain) != len(variables) or len(plain) != len(results):
        raise DecodeError(f"{len(plain)} values came for {len(variables)} variables", what=_WHAT)
    return plain


def _results(octets: bytes, count: int) -> tuple[ReadResult, ...]:
    """The results out of joined blocks: the one value that was asked for, or a list of results.

    The standard is not plain about the first; one value that takes up all the octets is no list with a value in it.
    """
    if count == 1 and octets and data.skip(octets) == len(octets):
        return (octets,)
    return ReadResponse.parse(ReadResponse.HEAD + octets).results


def _joined(
    session: Session, block: DataBlockResult, progress: Progress | None
) -> Conversation[bytes | tuple[ReadResult, ...]]:
    """The octets that the blocks of a long answer carry; or the results that came instead of a block."""
    joined = LongAnswer(session.settings.most_octets, _WHAT, progress)
    while True:
        joined.take(block.number, block.raw)
        if block.last:
            return joined.octets
        request = ReadRequest((BlockNumberAccess(block.number),)).encode()
        answer = yield from exchange(session, request, READ_RESPONSE, ANY, _not_after(_BLOCK, block.number))
        results = ReadResponse.parse(answer).results
        if len(results) != 1 or not isinstance(results[0], DataBlockResult):
            return results
        block = results[0]


def _not_after(result: tuple[int, int], number: int) -> Stale:
    """Whether an answer is one such *result* with a block number up to *number*: it has come before."""
    form, at = result

    def stale(octets: bytes) -> bool:
        one = octets[1] == 1 and octets[2] == form and len(octets) >= at + 2
        return one and int.from_bytes(octets[at : at + 2], "big") <= number

    return stale


def _ask_in_blocks(session: Session, request: bytes) -> Conversation[bytes]:
    """Send a long READ request in blocks; the answer to the last one."""
    room = session.room(_BLOCK_FIXED)
    for number, last, raw in cut(request[1:], room, room):
        block = ReadRequest((ReadDataBlockAccess(last, number, raw),)).encode()
        answer = yield from exchange(session, block, READ_RESPONSE, ANY, _not_after(_READ_ON, number - 1))
        if not last and ReadResponse.parse(answer).results != (number,):
            _refuse_block(ReadResponse.parse(answer).results, number)
    return answer


def _write(session: Session, variables: tuple[Variable, ...], values: tuple[bytes, ...]) -> Conversation[list[Any]]:
    """Write, in blocks where the request is long; for each variable None, or why it was refused."""
    session.require(Conformance.write)
    request = WriteRequest(variables, values).encode()
    if session.fits(request) or not session.has(Conformance.block_transfer_with_set_or_write):
        answer = yield from exchange(session, request, WRITE_RESPONSE, ANY)
    else:
        answer = yield from _write_in_blocks(session, request)
    results = WriteResponse.parse(answer).results
    if len(results) == 1 and len(variables) > 1 and isinstance(results[0], DataAccessResult):
        results *= len(variables)
    plain = [one for one in results if one is None or isinstance(one, DataAccessResult)]
    if len(plain) != len(variables) or len(plain) != len(results):
        raise DecodeError(f"{len(plain)} results came for {len(variables)} variables", what="WriteResponse")
    return plain


def _write_in_blocks(session: Session, request: bytes) -> Conversation[bytes]:
    """Send a long WRITE request in blocks; the answer to the last one."""
    room = session.room(_BLOCK_FIXED)
    for number, last, raw in cut(request[1:], room, room):
        value = data.encode(data.schema_of(b"\x09\x00"), raw)
        block = WriteRequest((WriteDataBlockAccess(last, number),), (value,)).encode()
        answer = yield from exchange(session, block, WRITE_RESPONSE, ANY, _not_after(_WRITE_ON, number - 1))
        if not last and WriteResponse.parse(answer).results != (number,):
            _refuse_block(WriteResponse.parse(answer).results, number)
    return answer


def _refuse_block(results: tuple[Any, ...], number: int) -> None:
    """Raise what an answer means that does not take the block *number*."""
    if len(results) == 1 and isinstance(results[0], DataAccessResult) and results[0]:
        raise AccessError(int(results[0]), f"block {number} of a long request", results[0].words)
    raise DecodeError(f"block {number} was not acknowledged", what="the answer to a block")


def _write_only(session: Session, variable: Variable, value: bytes) -> None:
    session.require(Conformance.unconfirmed_write)
    send_only(session, UnconfirmedWriteRequest((variable,), (value,)).encode())
