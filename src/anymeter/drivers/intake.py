"""Where asyncio puts what comes over a stream. Left to itself it takes 256 KiB from the system for every piece."""

from __future__ import annotations

from typing import Final

FIRST: Final = 4096
MOST: Final = 1 << 18


class Intake:
    """A buffer for pieces of a stream: *first* octets at the beginning, more when pieces fill it."""

    __slots__ = ("buffer",)

    def __init__(self, first: int = FIRST) -> None:
        self.buffer = memoryview(bytearray(first))

    def take(self, size: int) -> bytes:
        """The piece of this *size* that was just put into the buffer."""
        piece = bytes(self.buffer[:size])
        if size == len(self.buffer) < MOST:
            self.buffer = memoryview(bytearray(4 * size))
        return piece
