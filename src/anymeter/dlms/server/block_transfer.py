"""General block transfer, both directions: any APDU in blocks, several at a time, lost ones sent again.

Each side numbers its blocks from 1 and tells how many it takes at a time (its window) and the highest number that came
without a gap. What comes behind a gap is not kept: at the end of a burst the sender is told where to begin again. A
block without data only acknowledges; it takes the next number of its sender. An APDU we send begins with the number
after the last one that the peer has acknowledged. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3
(General-Block-Transfer); how acknowledgements count, and window 0, are uncertain.
"""

from __future__ import annotations

from typing import Final

from anymeter.dlms.blocks import LAST, MOST_BLOCKS, GeneralBlockTransfer
from anymeter.dlms.server.transfers import fit
from anymeter.errors import LocalError

STREAMING: Final = 0x40
ABORT: Final = GeneralBlockTransfer(LAST, 0, 0, b"").encode()
HEADER: Final = 6
_MOST_REMINDERS: Final = 3


class BlockTransfer:
    """What is under way between us and one client. *window*: blocks we take at a time; *most*: octets of one APDU."""

    def __init__(self, window: int, most: int) -> None:
        self.window, self.most = min(max(window, 1), 63), most
        self.peer_window = 1
        self.received = 0
        """The highest number that came without a gap."""
        self.due: float | None = None
        """When the peer has been silent in the middle of a burst for too long."""
        self._parts: list[bytes] | None = None
        self._size = 0
        self._first = 1
        self._served: list[bytes] = []  # the blocks of the request whose answer is on its way
        self._acknowledged = 0  # of our numbers, as the peer's last block says
        self._payload: bytes | None = None
        self._base = self._acked = self._sent = self._block = 0
        self._reminders = 0

    @property
    def busy(self) -> bool:
        """Whether an APDU is on its way, in one direction or the other."""
        return self._parts is not None or self._payload is not None

    def drop(self) -> None:
        """Forget what is on its way."""
        self._parts = self._payload = self.due = None
        self._served = []

    def begin_anew(self) -> None:
        """Nothing has been exchanged yet: an answer follows to a request that came whole."""
        self.drop()
        self.received = self._acknowledged = 0

    def receive(self, octets: bytes, now: float, silence: float, again: bool) -> tuple[list[bytes], bytes | None]:
        """Take a block: what to send at once, and the APDU when it is complete.

        *silence*: seconds that the next block of a burst may stay away. With *again* the first block of a request is
        taken for a repetition of it as long as its answer is on the way. Raises DecodeError.
        """
        block = GeneralBlockTransfer.parse(octets)
        self.peer_window = block.window or self.peer_window
        self.due = None
        if block.number == 0:
            self.drop()
            return [], None
        self._acknowledged = block.acknowledged
        if self._parts is None:
            if not block.data:
                return self._acknowledge(block), None
            if self._payload is not None and (again or block.number > 1) and self._is_served(block):
                return self._once_more(block), None
            if not self._begins(block, again):
                return [], None
        return self._data(block, now + silence)

    def send(self, payload: bytes, limit: int) -> list[bytes] | None:
        """Begin to send an APDU in blocks of at most *limit* octets: the first burst. None when it cannot be done."""
        size = fit(limit, HEADER)
        if size < 1 or len(payload) > self.most or self._acknowledged - (-len(payload) // size) > MOST_BLOCKS:
            return None
        self._payload, self._block = payload, size
        self._base = self._acked = self._sent = self._acknowledged
        return self._burst()

    def remind(self, now: float, silence: float) -> list[bytes]:
        """The peer has been silent: ask for the blocks that are missing."""
        if self.due is None or now < self.due or self._parts is None:
            return []
        self._reminders += 1
        self.due = now + silence if self._reminders < _MOST_REMINDERS else None
        return [self._pure()]

    # --- taking ---

    def _is_served(self, block: GeneralBlockTransfer) -> bool:
        """Whether a block belongs to the request whose answer is on its way."""
        at = block.number - self._first
        return 0 <= at < len(self._served) and block.data == self._served[at]

    def _once_more(self, block: GeneralBlockTransfer) -> list[bytes]:
        """A request comes again, as the client has not heard our answer: from where it has got to."""
        if not block.last:
            return []
        self._acked = min(max(self._base, block.acknowledged), self._sent)
        return self._burst()

    def _begins(self, block: GeneralBlockTransfer, again: bool) -> bool:
        """Whether a block belongs to a new APDU, which is begun then.

        It has number 1; where nothing gets lost also the number after the last one, as some peers count on.
        """
        follows = block.number == self.received + 1 and not again
        if block.number != 1 and not follows and block.number <= self.received:
            return False
        if not follows or block.number == 1:
            self.received = 0
        self._first = self.received + 1
        self._parts, self._size, self._payload, self._reminders = [], 0, None, 0
        return True

    def _data(self, block: GeneralBlockTransfer, due: float) -> tuple[list[bytes], bytes | None]:
        parts = self._parts
        if parts is None:
            return [], None
        if block.number == 1 and parts and block.data != parts[0]:
            parts.clear()
            self.received = self._size = 0
        fresh = block.number == self.received + 1
        if fresh:
            self._size += len(block.data)
            if self._size > self.most:
                self.drop()
                return [ABORT], None
            self.received = block.number
            parts.append(block.data)
            if block.last:
                self._parts, self._served = None, parts
                return [], b"".join(parts)
        if block.streaming and not block.last:
            self.due = due
            return [], None
        return [self._pure()], None

    def _pure(self) -> bytes:
        """A block that only acknowledges."""
        number = (self._acknowledged + 1) & 0xFFFF
        return GeneralBlockTransfer(self.window, number, self.received, b"").encode()

    # --- sending ---

    def _acknowledge(self, block: GeneralBlockTransfer) -> list[bytes]:
        """The peer says how far our blocks have come."""
        if block.number == self.received + 1:
            self.received = block.number
        if self._payload is None or block.acknowledged < self._acked:
            return []
        if block.acknowledged > self._sent:
            self.drop()
            return [ABORT]
        self._acked = block.acknowledged
        if self._acked == self._final:
            self._payload, self._served = None, []
            return []
        return self._burst()

    @property
    def _final(self) -> int:
        return self._base - (-len(self._payload or b"") // self._block)

    def _burst(self) -> list[bytes]:
        """As many blocks as the peer takes, from the first that it has not acknowledged."""
        payload = self._payload or b""
        final = self._final
        end = min(self._acked + self.peer_window, final)
        self._sent = max(self._sent, end)
        out = []
        for number in range(self._acked + 1, end + 1):
            at = (number - self._base - 1) * self._block
            control = self.window | (LAST if number == final else 0) | (STREAMING if number < end else 0)
            out.append(GeneralBlockTransfer(control, number, self.received, payload[at : at + self._block]).encode())
        return out


def unconfirmed(payload: bytes, limit: int) -> list[bytes]:
    """An APDU that nobody acknowledges, in blocks of at most *limit* octets, with window 0. LocalError if too long."""
    size = fit(limit, HEADER)
    if size < 1 or len(payload) > size * MOST_BLOCKS:
        raise LocalError(f"{len(payload)} octets do not go in blocks of {limit}")
    starts = range(0, len(payload), size)
    return [
        GeneralBlockTransfer(
            LAST if at + size >= len(payload) else STREAMING, number, 0, payload[at : at + size]
        ).encode()
        for number, at in enumerate(starts, 1)
    ]
