"""Long requests and long answers in blocks of their own service, and many requests divided so that they fit.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (service-specific block transfer); blocks count from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias, TypeVar

from anymeter.dlms.action import ActionResponseNextPblock
from anymeter.dlms.client.exchange import Stale, exchange
from anymeter.dlms.client.session import Session
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import DataBlock
from anymeter.dlms.enums import Conformance
from anymeter.dlms.set import SetResponseDatablock
from anymeter.errors import DecodeError

T = TypeVar("T")

MOST_EMPTY: Final = 16
"""How many blocks without data may come in one long answer."""
_LEAST_BLOCK: Final = 16
"""Octets that the blocks of a long answer have at least on average: tiny ones must not go on for ever."""
_FEW_BLOCKS: Final = 1000
"""As many blocks may always come."""
_BLOCK_FIXED: Final = 8
"""Octets of a request that carries a later block, beside the octets of the block and their length."""
_SMALLEST: Final = DataBlock(False, 1, b"\x00")

Progress: TypeAlias = Callable[[int], object]
"""Told how many octets of a long answer have come."""
Requests: TypeAlias = Iterator[tuple[int, bytes]]
"""Requests that carry the blocks of a long one, each with the number of its block."""
Acknowledgement: TypeAlias = type[SetResponseDatablock] | type[ActionResponseNextPblock]
"""What says that a block of a long request has come."""


class LongAnswer:
    """The blocks of a long answer, joined as they come: at most *most_octets*; *what* names the APDUs in errors."""

    def __init__(self, most_octets: int, what: str, progress: Progress | None = None) -> None:
        self._most_octets, self._what, self._progress = most_octets, what, progress
        self._most_blocks = max(most_octets // _LEAST_BLOCK, _FEW_BLOCKS)
        self._parts: list[bytes] = []
        self._size = self._empty = 0

    def take(self, number: int, raw: bytes) -> None:
        """Take the next block; DecodeError when it is another one, or no end is to be seen."""
        wanted = len(self._parts) + 1
        if number != wanted:
            raise DecodeError(f"block {number} came instead of {wanted}", what=self._what, at=4)
        self._parts.append(raw)
        self._size += len(raw)
        self._empty += not raw
        if self._size > self._most_octets or wanted > self._most_blocks or self._empty > MOST_EMPTY:
            raise DecodeError(f"{self._size} octets came in {wanted} blocks, and no end", what=self._what)
        if self._progress is not None:
            self._progress(self._size)

    @property
    def octets(self) -> bytes:
        """What the blocks make together."""
        return b"".join(self._parts)


def cut(octets: bytes, first: int, room: int) -> Iterator[tuple[int, bool, bytes]]:
    """Blocks of *octets*: number from 1, whether it is the last, and its data, *first* octets and then *room* each."""
    number, start, end = 1, 0, first
    while True:
        last = end >= len(octets)
        yield number, last, octets[start:end]
        if last:
            return
        number, start, end = number + 1, end, end + room


def divides(session: Session, request: bytes, first: Callable[[DataBlock], bytes], feature: Conformance) -> bool:
    """Whether a request is to go in blocks of its own service, of which *first* encodes the first.

    It is too long, *feature* was negotiated for it, and a block fits, unless nothing else would take it either.
    """
    if session.fits(request) or not session.has(feature):
        return False
    return session.fits(first(_SMALLEST)) or not session.has(Conformance.general_block_transfer)


def in_blocks(
    session: Session, first: Callable[[DataBlock], bytes], later: Callable[[DataBlock], bytes], octets: bytes
) -> Requests:
    """The requests that carry *octets*: *first* and *later* encode one around its block."""
    fixed = len(first(DataBlock(False, 1, b""))) - 1
    for number, last, raw in cut(octets, session.room(fixed), session.room(_BLOCK_FIXED)):
        yield number, (first if number == 1 else later)(DataBlock(last, number, raw))


def send_blocks(
    session: Session, requests: Requests, acknowledgement: Acknowledgement, invoke: int
) -> Conversation[tuple[bytes, int, bool]]:
    """Send each of *requests* when the *acknowledgement* of the one before has come.

    Gives the answer that is none, the number of the block it answers, and whether that was the last one. DecodeError
    for wrong acknowledgements.
    """
    what = acknowledgement.__name__
    response, form = acknowledgement.HEAD
    for number, request in requests:
        answer = yield from exchange(session, request, response, invoke, _before(number, form))
        if answer[1] != form:
            return answer, number, next(requests, None) is None
        acknowledged = acknowledgement.parse(answer).number
        if acknowledged != number:
            raise DecodeError(f"block {acknowledged} was acknowledged instead of {number}", what=what)
    raise DecodeError("the last block was acknowledged, but no result came", what=what)


def _before(number: int, form: int) -> Stale:
    """Whether an answer acknowledges a block before *number*."""

    def stale(octets: bytes) -> bool:
        return octets[1] == form and len(octets) == 7 and int.from_bytes(octets[3:], "big") < number

    return stale


def batches(items: Sequence[T], octets_of: Callable[[T], int], room: int, most: int) -> Iterator[list[T]]:
    """The items in their order, as many at a time as fit into *room* octets, at most *most*; a longer one alone.

    >>> list(batches([3, 3, 3, 9, 1], lambda item: item, 6, 10))
    [[3, 3], [3], [9], [1]]
    """
    part: list[T] = []
    size = 0
    for item in items:
        octets = octets_of(item)
        if part and (len(part) >= most or size + octets > room):
            yield part
            part, size = [], 0
        part.append(item)
        size += octets
    if part:
        yield part
