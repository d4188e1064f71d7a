"""The one loop between a link, the conversations on its routes and the world: itself without sockets and clocks.

A driver hands in the octets that come and the time, sends what :meth:`Pump.data_to_send` gives, and calls again when
:meth:`Pump.next_timeout` has come. Everything it asks for is a :class:`Job`, which tells when it is done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, TypeVar

from anymeter.dlms.conversation import Conversation, Sent
from anymeter.errors import AnymeterError, LinkError, LinkTimeout, LocalError
from anymeter.links.events import Closed, Event, Opened, Route, Unit
from anymeter.links.link import Link

T = TypeVar("T")

PATIENCE: Final = 20
"""How many response timeouts one answer may take, however much noise is on the line meanwhile."""


class Job(Generic[T]):
    """Something under way on a route: its opening, its closing, or a conversation."""

    __slots__ = ("_error", "_value", "conversation", "deadline", "done", "finished", "limit", "route", "unsent")

    def __init__(
        self,
        route: Route,
        conversation: Conversation[T] | None = None,
        unsent: Callable[[], Iterable[bytes]] | None = None,
    ) -> None:
        self.route, self.conversation, self.unsent = route, conversation, unsent
        self.deadline = self.limit = 0.0
        self.done = False
        self.finished: Callable[[], None] | None = None
        self._value: Any = None
        self._error: AnymeterError | None = None

    def finish(self, value: Any, error: AnymeterError | None = None) -> None:
        """It is done; whoever waits for it is told."""
        self._value, self._error, self.done = value, error, True
        if self.finished is not None:
            self.finished()

    def result(self) -> T:
        """What came of it; raises what went wrong."""
        if self._error is not None:
            raise self._error
        value: T = self._value
        return value


class Pump:
    """Runs conversations over a link: one at a time on each route, any number of routes at once.

    *where* names the peer in errors. *timeout*: seconds that the peer may stay silent. *unasked* gets the units that
    come while nobody waits, *watch* every other event of the link.
    """

    def __init__(
        self,
        link: Link,
        where: str,
        *,
        timeout: float = 10.0,
        unasked: Callable[[Unit], None] | None = None,
        watch: Callable[[Event], None] | None = None,
    ) -> None:
        self.where, self.timeout, self.unasked, self.watch = where, timeout, unasked, watch
        self.dead: LinkError | None = None
        """Why the line is of no more use."""
        self._link, self._now = link, 0.0
        self._up: set[Route] = set()
        self._running: dict[Route, Job[Any]] = {}
        self._waiting: dict[Route, deque[tuple[Job[Any], Callable[[Job[Any], float], None]]]] = {}

    # --- what a driver asks for ---

    def open(self, route: Route, now: float) -> Job[None]:
        """Set a route up; LocalError when it is up already."""
        if route in self._up or route in self._running:
            raise LocalError(f"{self.where}: {route} is in use on this line")
        job: Job[None] = Job(route)
        self._begin(job, self._open, now)
        return job

    def run(
        self,
        route: Route,
        conversation: Conversation[T],
        now: float,
        unsent: Callable[[], Iterable[bytes]] | None = None,
    ) -> Job[T]:
        """Run a conversation when those before it on the route are over.

        *unsent* is asked afterwards for APDUs that still have to go out and want no answer.
        """
        job = Job(route, conversation, unsent)
        self._begin(job, self._talk, now)
        return job

    def close(self, route: Route, now: float) -> Job[None]:
        """Take a route down when the conversations before are over; that it is down already is no error."""
        job: Job[None] = Job(route)
        self._begin(job, self._close, now)
        return job

    def tell(self, route: Route, apdu: bytes, now: float) -> None:
        """Send an APDU that wants no answer; LocalError when the link does not take it."""
        self._link.send(Unit(route, apdu, False), now)

    def cancel(self, job: Job[Any], now: float) -> None:
        """Nobody waits for *job* any more; the next one on its route begins."""
        if job.done:
            return
        if job.conversation is not None:
            job.conversation.close()
        if self._running.get(job.route) is job:
            self._finish(job, now, None, LinkError(f"{self.where}: given up"))
        else:
            waiting = self._waiting.get(job.route, deque())
            self._waiting[job.route] = deque(pair for pair in waiting if pair[0] is not job)

    # --- what a driver tells ---

    def receive(self, data: bytes, now: float) -> None:
        """Octets came: one datagram, or a piece of a stream."""
        self._now = now
        later = now + self.timeout
        for job in self._running.values():
            job.deadline = later if later < job.limit else job.limit
        self._link.receive_data(data, now)
        self._events(now)

    def lost(self, why: str, now: float) -> None:
        """The carrier is gone."""
        self._now = now
        self._link.connection_lost(now)
        self._die(LinkError(f"{self.where}: {why}"), now)

    def data_to_send(self) -> bytes:
        """What is to be sent; call until it is empty: all of it on a stream, one datagram a call otherwise."""
        octets = self._link.data_to_send()
        if octets:  # sending may bring something about
            self._events(self._now)
        return octets

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""
        soonest = self._link.next_timeout()
        for job in self._running.values():
            if soonest is None or job.deadline < soonest:
                soonest = job.deadline
        return soonest

    def handle_timeout(self, now: float) -> None:
        """The time has come; too early a call does nothing."""
        self._now = now
        due = self._link.next_timeout()
        if due is not None and due <= now:
            self._link.handle_timeout(now)
            self._events(now)
        for job in list(self._running.values()):
            if job.deadline <= now and not job.done:
                silence = LinkTimeout(f"{self.where} did not answer within {self.timeout:g} s")
                self._fail(job, silence, now)

    # --- jobs ---

    def _begin(self, job: Job[Any], start: Callable[[Job[Any], float], None], now: float) -> None:
        self._now = now
        if self.dead is not None:
            self._refuse(job, self.dead)
        elif job.route in self._running:
            self._waiting.setdefault(job.route, deque()).append((job, start))
        else:
            self._running[job.route] = job
            job.deadline, job.limit = now + self.timeout, now + PATIENCE * self.timeout
            start(job, now)

    def _refuse(self, job: Job[Any], error: LinkError) -> None:
        if job.conversation is not None:
            job.conversation.close()
        job.finish(None, error)

    def _open(self, job: Job[None], now: float) -> None:
        job.deadline = job.limit  # the link repeats by itself, and tells when it gives up
        self._link.open(job.route, now)
        self._events(now)

    def _close(self, job: Job[None], now: float) -> None:
        if job.route not in self._up:
            self._finish(job, now, None)
            return
        self._link.close(job.route, now)
        self._events(now)

    def _talk(self, job: Job[Any], now: float) -> None:
        if job.route not in self._up:
            error = LinkError(f"{self.where}: {job.route} is not connected")
            assert job.conversation is not None
            job.conversation.close()
            self._finish(job, now, None, error)
            return
        self._step(job, None, now)

    def _step(self, job: Job[Any], answer: bytes | None, now: float, error: AnymeterError | None = None) -> None:
        """One turn of a conversation: what came in, or what went wrong, and what it says to that."""
        conversation = job.conversation
        assert conversation is not None
        for _ in range(2):
            try:
                sent: Sent = conversation.send(answer) if error is None else conversation.throw(error)  # type: ignore[arg-type]
            except StopIteration as stop:
                self._finish(job, now, stop.value)
                return
            except AnymeterError as e:
                self._finish(job, now, None, e)
                return
            try:
                self._send(job.route, sent, now)
            except LocalError as e:
                self._events(now)  # where the connection went down meanwhile, that is the reason
                if job.done:
                    return
                error = e
                continue
            job.deadline, job.limit = now + self.timeout, now + PATIENCE * self.timeout
            return
        conversation.close()
        self._finish(job, now, None, error)

    def _send(self, route: Route, sent: Sent, now: float) -> None:
        """An empty APDU is handed down as well: it tells the link that more is awaited."""
        if isinstance(sent, bytes):
            self._link.send(Unit(route, sent), now)
            return
        for apdu in sent:
            self._link.send(Unit(route, apdu), now)

    def _fail(self, job: Job[Any], error: LinkError, now: float) -> None:
        """Something went wrong below: a conversation may bear silence, nothing else."""
        if job.conversation is None:
            self._finish(job, now, None, error)
        elif job.route in self._up:
            self._step(job, None, now, error)
        else:
            try:
                job.conversation.throw(error)
            except StopIteration as stop:
                self._finish(job, now, stop.value)
            except AnymeterError as e:
                self._finish(job, now, None, e)
            else:
                job.conversation.close()
                self._finish(job, now, None, error)

    def _finish(self, job: Job[Any], now: float, value: Any, error: AnymeterError | None = None) -> None:
        del self._running[job.route]
        if job.unsent is not None:
            for apdu in job.unsent():
                try:
                    self.tell(job.route, apdu, now)
                except LocalError as e:
                    error = error or e
        waiting = self._waiting.get(job.route)
        if waiting:
            self._begin(*waiting.popleft(), now)
        elif waiting is not None:
            del self._waiting[job.route]
        job.finish(value, error)

    # --- events ---

    def _events(self, now: float) -> None:
        next_event = self._link.next_event
        while (event := next_event()) is not None:
            kind = event.__class__
            if kind is Unit:
                self._unit(event, now)  # type: ignore[arg-type]
            elif kind is Opened:
                self._opened(event, now)  # type: ignore[arg-type]
            elif kind is Closed:
                self._closed(event, now)  # type: ignore[arg-type]
            elif self.watch is not None:
                self.watch(event)

    def _unit(self, unit: Unit, now: float) -> None:
        job = self._running.get(unit.route)
        if job is not None and job.conversation is not None:
            self._step(job, unit.apdu, now)
        elif self.unasked is not None:
            self.unasked(unit)

    def _opened(self, event: Opened, now: float) -> None:
        self._up.add(event.route)
        job = self._running.get(event.route)
        if job is not None and job.conversation is None:
            self._finish(job, now, None)

    def _closed(self, event: Closed, now: float) -> None:
        kind = LinkTimeout if event.timed_out else LinkError
        error = kind(f"{self.where}: {event.why or 'the connection is closed'}")
        if event.route is None:
            self._die(error, now)
            return
        was_up = event.route in self._up
        self._up.discard(event.route)
        job = self._running.get(event.route)
        if job is None:
            return
        if job.conversation is None and was_up:  # we asked for it, or it comes to the same
            self._finish(job, now, None)
        else:
            self._fail(job, error, now)

    def _die(self, error: LinkError, now: float) -> None:
        """The whole line is down: whatever is under way on it ends."""
        self.dead = self.dead or error
        up, self._up = self._up, set()
        for job in list(self._running.values()):
            if job.conversation is None and job.route in up:
                self._finish(job, now, None)
            elif not job.done:
                self._fail(job, self.dead, now)
