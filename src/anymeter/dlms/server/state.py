"""One association that is open on a line: what was negotiated, and what is under way in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.device import LogicalDevice
from anymeter.cosem.enums import Conformance
from anymeter.dlms.server.block_transfer import BlockTransfer
from anymeter.dlms.server.guard import Guard
from anymeter.dlms.server.reach import Reach
from anymeter.dlms.server.repeats import Repeats
from anymeter.dlms.server.settings import Settings
from anymeter.dlms.server.transfers import LongAnswer, LongRequest
from anymeter.links.events import Route

PENDING: Final = 1
ASSOCIATED: Final = 2
_PAST: Final = 8
_GENERAL_BLOCKS: Final = int(Conformance.general_block_transfer)


class Association:
    """An open association; what a request asks for, it asks of :attr:`reach`.

    *send_limit* and *receive_limit* are the octets of the longest APDU that the client, and we, take; *room* is what
    the answer to the request that is being served may take, *protection* how that request was protected.
    """

    def __init__(
        self,
        route: Route,
        device: LogicalDevice,
        profile: AssociationProfile,
        reach: Reach,
        send_limit: int,
        settings: Settings,
    ) -> None:
        self.settings = settings
        self.route, self.device, self.profile, self.reach = route, device, profile, reach
        self.conformance = reach.conformance
        self.general_blocks = self.allows(_GENERAL_BLOCKS)
        """Whether an APDU of any length may go in general block transfer."""
        self.send_limit = self.room = send_limit
        self.receive_limit = profile.max_receive_pdu or 0xFFFF
        self.status = ASSOCIATED
        self.answers = True
        """False in an unconfirmed association: nothing is ever answered."""
        self.user: int | None = None
        self.challenge = b""
        self.guard: Guard | None = None
        self.protection = 0
        self.answer: LongAnswer | None = None
        self.request: LongRequest | None = None
        self.past: deque[bytes] = deque(maxlen=_PAST)
        """The first requests of the last transfers that were finished: they may come late once more."""
        self.finished = (0, 0, 0)
        """Service, invoke id and number of the last block of the long request that was finished last."""
        self.blocks: BlockTransfer | None = None
        self.repeats: Repeats | None = None
        self.touched = 0.0
        """When a transfer last went on."""

    @property
    def busy(self) -> bool:
        """Whether a transfer is under way."""
        blocks = self.blocks
        return self.answer is not None or self.request is not None or (blocks is not None and blocks.busy)

    def abandon(self) -> None:
        """Forget the service-specific transfers."""
        self.answer = self.request = None

    def answering(self, answer: LongAnswer) -> LongAnswer:
        """The long answer to send: *answer*, or the one that goes on when *answer* is to a datagram that came late."""
        running = self.answer
        if running is not None and self.repeats is not None:
            if running.started == answer.started:
                return running
            if running.sent < running.blocks and answer.started in self.past:
                return answer
            self.past.append(running.started)
        self.answer = answer
        return answer

    def begin(self, service: int, octets: bytes, invoke: int, head: Any, first: bytes) -> LongRequest:
        """The long request that *octets* begin, with its *first* block: a new one, or the one that has begun so."""
        running = self.request
        if running is not None and running.service == service:
            again = running.started == octets if self.repeats is not None else running.parts == [first]
            if again and running.head == head:
                return running
            if self.repeats is not None and octets in self.past:
                return LongRequest(service, invoke, head, octets)
        self.request = LongRequest(service, invoke, head, octets)
        return self.request

    def finish(self, done: LongRequest) -> None:
        """All blocks of a long request have come."""
        self.past.append(done.started)
        self.finished = (done.service, done.invoke, done.number)
        if self.request is done:
            self.request = None

    def is_late(self, service: int, invoke: int, number: int) -> bool:
        """Whether a block came late that belongs to the long request that was finished last."""
        known, its_invoke, last = self.finished
        return self.repeats is not None and known == service and not (its_invoke ^ invoke) & 0x0F and number < last

    def allows(self, needed: int) -> bool:
        """Whether all of these bits of the conformance were negotiated."""
        return self.conformance & needed == needed

    def deadlines(self) -> Iterator[float]:
        """When something is to be done about its transfers."""
        if self.busy:
            yield self.touched + self.settings.transfer_timeout
        if self.blocks is not None and (due := self.blocks.due) is not None:
            yield due
