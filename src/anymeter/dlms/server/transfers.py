"""Long values under way: what one association still has to send, and what it has taken so far, block by block.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (service-specific block transfer); blocks count from 1.
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.wire import length_of

GET: Final = 0xC0
SET: Final = 0xC1
ACTION: Final = 0xC3
READ: Final = 0x05
WRITE: Final = 0x06
_FEW_BLOCKS: Final = 256
_SMALL_BLOCK: Final = 8


def fit(room: int, header: int) -> int:
    """How many octets of raw data go into a block of *room* octets behind *header* octets and their own length.

    >>> fit(12, 9), fit(200, 9), fit(1024, 9), fit(9, 9)
    (2, 189, 1012, 0)
    """
    left = room - header - 1
    return max(left, 0) if left < 0x80 else max(left - len(length_of(left)) + 1, 0x7F)


class LongAnswer:
    """An answer that is fetched in blocks of *size* octets; *sent* is the highest number that has been sent."""

    __slots__ = ("invoke", "payload", "sent", "service", "size", "started")

    def __init__(self, service: int, invoke: int, payload: bytes, size: int, started: bytes) -> None:
        self.service, self.invoke, self.payload, self.size = service, invoke, payload, size
        self.started = started
        """The request it answers."""
        self.sent = 0

    @property
    def blocks(self) -> int:
        """How many blocks it takes."""
        return max(-(-len(self.payload) // self.size), 1)

    def block(self, number: int) -> tuple[bool, bytes]:
        """Block *number*: whether it is the last, and its octets."""
        self.sent = max(self.sent, number)
        return number == self.blocks, self.payload[(number - 1) * self.size : number * self.size]

    def may_follow(self, number: int, again: bool) -> bool:
        """Whether a client that has block *number* may ask for the next one.

        It may ask twice, as its first request or our answer may have got lost; with *again* for any block that it has
        been sent, as datagrams come late and more than once.
        """
        return (1 if again else max(self.sent - 1, 1)) <= number <= min(self.sent, self.blocks - 1)


class LongRequest:
    """A request that comes in blocks; *head* is its first APDU, decoded, without the blocks; *started* its octets."""

    __slots__ = ("head", "invoke", "parts", "service", "size", "started")

    def __init__(self, service: int, invoke: int, head: Any, started: bytes) -> None:
        self.service, self.invoke, self.head, self.started = service, invoke, head, started
        self.parts: list[bytes] = []
        self.size = 0

    @property
    def number(self) -> int:
        """The number of the last block."""
        return len(self.parts)

    def take(self, number: int, raw: bytes, again: bool) -> bool:
        """Take a block; False when it is neither the next one nor the last one again.

        With *again* any that has come may come once more, as datagrams come late and more than once.
        """
        if (1 if again else max(self.number, 1)) <= number <= self.number:
            return raw == self.parts[number - 1]
        if number != self.number + 1:
            return False
        self.size += len(raw)
        self.parts.append(raw)
        return True

    def exceeds(self, most: int) -> bool:
        """Whether it has more than *most* octets, or so many small blocks that they take as much memory."""
        return self.size > most or len(self.parts) > max(most // _SMALL_BLOCK, _FEW_BLOCKS)

    @property
    def octets(self) -> bytes:
        """What the blocks make together."""
        return b"".join(self.parts)
