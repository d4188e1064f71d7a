"""I frames in sequence: cut, numbered and kept until acknowledged; counted and joined. Source: IEC 62056-46, 6.4."""

from __future__ import annotations

from collections import deque
from typing import Final, TypeAlias

Piece: TypeAlias = "tuple[int, bytes, bool]"
"""N(S), information field, whether more segments follow."""

_BEFORE: Final = 4
"""From here on a difference of numbers modulo 8 means the past, whatever the window."""

INVALID: Final = -1
IN_ORDER: Final = "in order"
REPEATED: Final = "an I frame sent again"
GAP: Final = "an I frame is missing before this one"


class Outgoing:
    """What is to be sent in I frames: V(S), the window, and what the peer has not acknowledged."""

    __slots__ = ("_at", "_flight", "_queue", "_sent", "first", "size", "window")

    def __init__(self, size: int, window: int) -> None:
        self.size, self.window = size, window
        self.first = 0
        self._queue: deque[bytes] = deque()
        self._at = 0
        self._flight: deque[tuple[bytes, bool]] = deque()
        self._sent = 0

    def put(self, octets: bytes) -> None:
        """Queue an APDU behind its LLC header; it is cut when its turn comes."""
        self._queue.append(octets)

    @property
    def next(self) -> int:
        """V(S): the number of the next frame that has not been sent."""
        return (self.first + len(self._flight)) & 7

    @property
    def pending(self) -> bool:
        """Whether anything is unsent or unacknowledged."""
        return bool(self._flight or self._queue)

    @property
    def in_flight(self) -> int:
        """How many frames wait for their acknowledgement."""
        return len(self._flight)

    def acknowledge(self, number: int) -> int:
        """Take the N(R) *number*: how many frames it newly acknowledges, INVALID when they were never sent.

        An older N(R), as a frame sent again may carry it, acknowledges nothing new.
        """
        count = (number - self.first) & 7
        if count:
            if count > len(self._flight):
                return 0 if count >= max(_BEFORE, 8 - self.window) else INVALID
            for _ in range(count):
                self._flight.popleft()
            self.first = number
            self._sent = max(0, self._sent - count)
        return count

    def rewind(self) -> None:
        """Go back to the first unacknowledged frame."""
        self._sent = 0

    def burst(self) -> list[Piece]:
        """The frames that may be sent now, as many as the window takes."""
        flight, queue = self._flight, self._queue
        while queue and len(flight) < self.window:
            whole, at = queue[0], self._at
            end = at + self.size
            more = end < len(whole)
            flight.append((whole[at:end] if more or at else whole, more))
            if more:
                self._at = end
            else:
                queue.popleft()
                self._at = 0
        start, self._sent = self._sent, len(flight)
        return [((self.first + i) & 7, *flight[i]) for i in range(start, self._sent)]


class Incoming:
    """What comes in I frames: V(R), and the segments of an APDU that is not whole yet."""

    __slots__ = ("_limit", "_parts", "_size", "expected", "window")

    def __init__(self, window: int, limit: int) -> None:
        self.window, self._limit = window, limit
        self.expected = 0
        self._parts: list[bytes] = []
        self._size = 0

    @property
    def begun(self) -> bool:
        """Whether more segments are to come."""
        return bool(self._parts)

    def place(self, number: int) -> str:
        """Where N(S) *number* stands: IN_ORDER, REPEATED or behind a GAP."""
        ahead = (number - self.expected) & 7
        if not ahead:
            return IN_ORDER
        # With large windows the two overlap modulo 8; both are discarded, so a wrong guess costs a repetition.
        return REPEATED if ahead >= max(_BEFORE, 8 - self.window) else GAP

    def take(self, information: bytes, segmented: bool) -> bytes | None:
        """The frame in order: the whole when it is the last segment; b"" in place of what was longer than the limit."""
        self.expected = (self.expected + 1) & 7
        if not segmented and not self._parts:
            return information
        self._size += len(information)
        if self._size > self._limit:
            self._parts = [b""]
        elif information or not self._parts:  # segments without octets could go on for ever
            self._parts.append(information)
        if segmented:
            return None
        whole = b"".join(self._parts)
        self._parts, self._size = [], 0
        return whole
