"""General block transfer, as the partner that asks sees it: blocks both ways, windows, lost blocks sent again.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (General-Block-Transfer).
"""

from __future__ import annotations

from typing import Final

from anymeter.dlms.blocks import LAST, MOST_BLOCKS, GeneralBlockTransfer
from anymeter.dlms.client.notifications import is_notification, notification
from anymeter.dlms.client.session import Session
from anymeter.dlms.conversation import Conversation, Sent
from anymeter.errors import DecodeError, LinkTimeout, LocalError, ServiceRefused

TAG: Final = b"\xe0"
STREAMING: Final = 0x40
WINDOW: Final = 0x3F
ABORT: Final = GeneralBlockTransfer(LAST, 0, 0, b"").encode()
"""The block that ends a transfer before its time."""
SILENCES: Final = 3
"""How often in a row a partner may stay silent before the transfer is given up."""
FRUITLESS: Final = 16
"""How many bursts in a row may bring nothing new."""
USELESS: Final = 512
"""How many blocks in a row may bring nothing new."""
_FIXED: Final = 6
_WHAT: Final = "general-block-transfer"


class Blocks:
    """The two runs of blocks of one exchange: ours, *room* octets each, and those that come.

    Blocks count from 1 on each side. An acknowledgement without data is a block too: it takes the number after the
    last that its receiver has told to have. So numbers have no gap where one was lost.
    """

    def __init__(self, apdu: bytes, room: int, window: int, most_octets: int) -> None:
        if not 1 <= window <= WINDOW:
            raise LocalError(f"a window is 1 to {WINDOW} blocks, not {window}")
        self._ours = [apdu[i : i + room] for i in range(0, len(apdu), room)]
        if len(self._ours) > MOST_BLOCKS:
            raise LocalError(f"{len(self._ours)} blocks are more than {MOST_BLOCKS}")
        self._window, self._most_octets = window, most_octets
        self._acknowledged = 0
        self._told = len(self._ours)  # the highest of our numbers that the partner has
        self._reach = 0  # our highest number that was sent
        self.peer_window = 1
        self._parts: list[bytes] = []
        self._offset = 0  # numbers that the partner used up for blocks without data, before its first with data
        self._size = 0
        self._in_burst = 0
        self.complete = False

    @property
    def received(self) -> int:
        """The highest number that came with no gap before it."""
        return self._offset + len(self._parts)

    @property
    def octets(self) -> bytes:
        """The APDU that came."""
        return b"".join(self._parts)

    def burst(self) -> tuple[bytes, ...]:
        """What to say now: our next blocks, from the first that is not acknowledged, or an acknowledgement alone."""
        self._in_burst = 0
        start = self._acknowledged
        ours = self._ours[start : start + self.peer_window]
        if not ours:
            return (self.acknowledgement(),)
        last = start + len(ours)
        self._reach = max(self._reach, last)
        return tuple(
            self._block(number, data, streaming=number != last, final=number == len(self._ours))
            for number, data in enumerate(ours, start + 1)
        )

    def acknowledgement(self) -> bytes:
        """A block without data that tells what has come."""
        self._in_burst = 0
        return self._block(min(self._told + 1, MOST_BLOCKS), b"", streaming=False, final=True)

    def _block(self, number: int, data: bytes, *, streaming: bool, final: bool) -> bytes:
        control = self._window | (STREAMING if streaming else 0) | (LAST if final else 0)
        return GeneralBlockTransfer(control, number, self.received, data).encode()

    def take(self, block: GeneralBlockTransfer) -> bool:
        """Take in a block; whether it brought anything new. ServiceRefused for an abort, DecodeError beyond bounds."""
        if not block.number and not block.data and block.control & LAST:
            raise ServiceRefused("the meter aborted the general block transfer")
        self._told = max(self._told, block.acknowledged)
        acknowledged = min(block.acknowledged, self._reach)
        news = acknowledged > self._acknowledged
        self._acknowledged = max(acknowledged, self._acknowledged)
        self.peer_window = max(block.window, 1)
        self._in_burst += 1
        if block.data:
            return self._take_data(block) or news
        if not self._parts:
            self._offset = max(block.number, self._offset)
        return news

    def _take_data(self, block: GeneralBlockTransfer) -> bool:
        """A block beyond a gap is not kept: its sender will send it again."""
        if not self._parts and block.number == self._offset:
            self._offset -= 1  # an acknowledgement before took no number
        if self.complete or block.number != self.received + 1:
            return False
        self._parts.append(block.data)
        self._size += len(block.data)
        if self._size > self._most_octets:
            raise DecodeError(f"more than {self._most_octets} octets", what=_WHAT)
        self.complete = block.last
        return True

    def our_turn(self, block: GeneralBlockTransfer) -> bool:
        """Whether the partner, having sent *block*, waits for us."""
        if block.window == 0 and block.data and not block.last:
            return False  # unconfirmed: it goes on without us
        return not block.streaming or self._in_burst >= self._window


def send_by_blocks(session: Session, apdu: bytes) -> Conversation[bytes]:
    """Send an APDU in blocks; the APDU that came for it, in blocks or whole."""
    blocks = Blocks(apdu, session.room(_FIXED), session.settings.window, session.settings.most_octets)
    sent = blocks.burst()
    if session.unsent:
        sent = (*session.take_unsent(), *sent)
    return (yield from _transfer(session, blocks, sent))


def receive_by_blocks(session: Session, first: bytes) -> Conversation[bytes]:
    """The APDU that begins with the block *first*, which has come for a request that was sent whole."""
    blocks = Blocks(b"", 1, session.settings.window, session.settings.most_octets)
    return (yield from _transfer(session, blocks, b"", first))


def _transfer(session: Session, blocks: Blocks, sent: Sent, octets: bytes | None = None) -> Conversation[bytes]:
    try:
        return (yield from _exchange(session, blocks, sent, octets))
    except DecodeError:
        session.unsent.append(ABORT)
        raise


def _exchange(session: Session, blocks: Blocks, sent: Sent, octets: bytes | None) -> Conversation[bytes]:
    silences = fruitless = useless = 0
    while True:
        if octets is None:
            try:
                octets = yield sent
            except LinkTimeout:
                silences += 1
                if silences > SILENCES:
                    raise
                sent = blocks.burst()
                continue
        if octets[:1] != TAG:
            if not is_notification(octets):
                return octets
            sent, octets = told(session, octets), None
            useless += 1
        else:
            block = GeneralBlockTransfer.parse(octets)
            octets = None
            news, turn = blocks.take(block), blocks.our_turn(block)
            if blocks.complete:
                if block.window:
                    session.unsent.append(blocks.acknowledgement())
                return blocks.octets
            silences, useless = (0, 0) if news else (silences, useless + 1)
            fruitless = 0 if news else fruitless + turn
            sent = blocks.burst() if turn else b""
        if fruitless > FRUITLESS or useless > USELESS:
            raise DecodeError(f"the transfer does not get beyond block {blocks.received}", what=_WHAT)


def told(session: Session, octets: bytes) -> bytes:
    """Hand a notification to the session's watcher; the confirmation to send, empty for none."""
    found = notification(octets)
    if session.watcher is not None:
        session.watcher(found)
    return found.confirmation or b""
