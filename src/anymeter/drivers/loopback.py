"""A client and a server in one process, on a clock of our own, over a line as good or bad as one likes.

>>> from anymeter.cosem.device import LogicalDevice, PhysicalDevice
>>> from anymeter.dlms.server.server import Server
>>> from anymeter.links.wrapper_link import WrapperLink
>>> server = Server(PhysicalDevice([LogicalDevice(1, b"AMT1")]))
>>> line = Loopback(WrapperLink(), WrapperLink(server=True), server.line(), latency=0.25)
>>> line.open(Route(16, 1)), line.now
(None, 0.0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

from anymeter.dlms.conversation import Conversation
from anymeter.drivers.pump import Job, Pump
from anymeter.drivers.server_end import Answering, ServerEnd
from anymeter.errors import LocalError
from anymeter.links.events import Event, Route, Unit
from anymeter.links.link import Link

T = TypeVar("T")

Disturb = Callable[[bytes, bool], Iterable[tuple[float, bytes]]]
"""What becomes of octets that are sent, to the server (True) or to the client: pieces, each with its extra delay.

Nothing is a loss, twice the same a duplicate, many a cut, a later one before an earlier one a reordering.
"""


class Loopback:
    """One line with *link* at the client, and *server_link* with the *line* behind it at the server.

    Octets take *latency* seconds each way; *disturb* says what else becomes of them; with *echo* the client hears what
    it sends. *device_time* is the time of the server's device when :attr:`now` is 0. Time passes only where a side
    waits for it: no test sleeps.
    """

    def __init__(
        self,
        link: Link,
        server_link: Link,
        line: Answering,
        *,
        timeout: float = 10.0,
        latency: float = 0.0,
        disturb: Disturb | None = None,
        echo: bool = False,
        device_time: float = 0.0,
        unasked: Callable[[Unit], None] | None = None,
        watch: Callable[[Event], None] | None = None,
    ) -> None:
        self.now = 0.0
        self.pump = Pump(link, "the loopback", timeout=timeout, unasked=unasked, watch=watch)
        self.server = ServerEnd(server_link, line)
        self._latency, self._disturb, self._echo, self._device_time = latency, disturb, echo, device_time
        self._direct = not latency and disturb is None and not echo
        self._flying: list[tuple[float, int, bool, bytes]] = []
        self._numbers: Iterator[int] = count()

    def open(self, route: Route) -> None:
        """Set a route up; LinkError."""
        self._wait(self.pump.open(route, self.now))

    def run(
        self, route: Route, conversation: Conversation[T], unsent: Callable[[], Iterable[bytes]] | None = None
    ) -> T:
        """Run a conversation to its end; raises what it raises."""
        return self._wait(self.pump.run(route, conversation, self.now, unsent))

    def run_all(self, jobs: Iterable[Job[T]]) -> list[Job[T]]:
        """Wait until all of these jobs of the pump are done: conversations on several routes at once."""
        started = list(jobs)
        while not all(job.done for job in started):
            self._turn()
        return started

    def close(self, route: Route) -> None:
        """Take a route down."""
        self._wait(self.pump.close(route, self.now))

    def tell(self, route: Route, apdu: bytes) -> None:
        """Send an APDU that wants no answer."""
        self.pump.tell(route, apdu, self.now)
        self._exchange()

    def listen(self, seconds: float) -> None:
        """Let time pass: what is on its way arrives, what is due is done."""
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass."""
        until = self.now + seconds
        while (due := self._due()) is not None and due <= until:
            self._turn()
        self.now = until

    def push(self, units: Iterable[Unit]) -> None:
        """Let the server send what nobody asked for."""
        self.server.send(list(units), self.now)
        self._exchange()

    def hang_up(self) -> None:
        """Break the line off at both ends; what is on its way is lost."""
        self._flying.clear()
        self.pump.lost("the line was cut", self.now)
        self.server.lost(self.now, self._device_time + self.now)

    def _wait(self, job: Job[T]) -> T:
        while not job.done:
            self._turn()
        self._exchange()
        return job.result()

    def _turn(self) -> None:
        """The next thing that happens."""
        if self._exchange():
            return
        due = self._due()
        if due is None:
            raise LocalError("nothing will ever happen on this line")
        self.now = max(self.now, due)
        if self._flying and self._flying[0][0] <= self.now:
            _, _, to_server, octets = heappop(self._flying)
            self._arrive(octets, to_server)
            return
        self.pump.handle_timeout(self.now)
        self.server.handle_timeout(self.now, self._device_time + self.now)

    def _due(self) -> float | None:
        """When something happens next."""
        answering = self.server.line.next_timeout()
        soonest = [
            self._flying[0][0] if self._flying else None,
            self.pump.next_timeout(),
            self.server.next_timeout(),
            None if answering is None else answering - self._device_time,
        ]
        return min((due for due in soonest if due is not None), default=None)

    def _exchange(self) -> bool:
        """Take what both ends want to send, on its way or, on a perfect line, right to the other end; was there any?"""
        any_sent = False
        while True:
            sent = False
            while octets := self.pump.data_to_send():
                sent = True
                self._send(octets, True)
            while octets := self.server.data_to_send():
                sent = True
                self._send(octets, False)
            if not sent:
                return any_sent
            any_sent = True

    def _send(self, octets: bytes, to_server: bool) -> None:
        if self._direct:
            self._arrive(octets, to_server)
            return
        pieces = [(0.0, octets)] if self._disturb is None else self._disturb(octets, to_server)
        for delay, piece in pieces:
            heappush(self._flying, (self.now + self._latency + delay, next(self._numbers), to_server, piece))
        if self._echo and to_server:
            heappush(self._flying, (self.now, next(self._numbers), False, octets))

    def _arrive(self, octets: bytes, at_server: bool) -> None:
        if at_server:
            self.server.receive(octets, self.now, self._device_time + self.now)
        elif self.pump.dead is None:
            self.pump.receive(octets, self.now)


def broken_after(octets: int) -> Disturb:
    """A line that carries so many octets to the client and nothing more."""
    left = octets

    def disturb(sent: bytes, to_server: bool) -> Iterable[tuple[float, bytes]]:
        nonlocal left
        if to_server:
            return [(0.0, sent)]
        piece, left = sent[:left], max(left - len(sent), 0)
        return [(0.0, piece)] if piece else []

    return disturb


def cut_into(size: int) -> Disturb:
    """A line that brings *size* octets at a time."""
    if size < 1:
        raise LocalError(f"octets come at least one at a time, not {size}")
    return lambda sent, to_server: [(0.0, sent[at : at + size]) for at in range(0, len(sent), size)]
