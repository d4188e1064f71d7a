"""A server's end of one line: what its link takes in is answered, what is answered goes out. No sockets, no clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from anymeter.errors import LocalError
from anymeter.links.events import Closed, Discarded, Event, Route, Unit
from anymeter.links.link import Link


class Answering(Protocol):
    """What stands behind a link at the server: :class:`anymeter.dlms.server.line.Line`. *now* is the device's time."""

    def answer(self, unit: Unit, now: float) -> Sequence[Unit]:
        """What to send back."""

    def closed(self, route: Route | None, now: float) -> None:
        """The link is down for *route*, or for all with None."""

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""

    def handle_timeout(self, now: float) -> Sequence[Unit]:
        """The time has come; what to send then."""


class ServerEnd:
    """A link and what answers behind it. *watch* gets the events of the link that are no units.

    Every method takes the time twice: *now*, monotonic, for the link, and the *device_time* for what answers.
    """

    def __init__(self, link: Link, line: Answering, watch: Callable[[Event], None] | None = None) -> None:
        self.line, self.watch = line, watch
        self.over = False
        """Whether the link has given its peer up altogether: the carrier may go."""
        self.data_to_send = link.data_to_send
        self.next_timeout = link.next_timeout
        self._link = link

    def receive(self, data: bytes, now: float, device_time: float) -> None:
        """Octets came: one datagram, or a piece of a stream."""
        self._link.receive_data(data, now)
        self._events(now, device_time)

    def handle_timeout(self, now: float, device_time: float) -> None:
        """Time has passed: for the link, and for what answers."""
        due = self._link.next_timeout()
        if due is not None and due <= now:
            self._link.handle_timeout(now)
            self._events(now, device_time)
        due = self.line.next_timeout()
        if due is not None and due <= device_time:
            self.send(self.line.handle_timeout(device_time), now)

    def lost(self, now: float, device_time: float) -> None:
        """The carrier is gone."""
        self._link.connection_lost(now)
        self._events(now, device_time)

    def send(self, units: Sequence[Unit], now: float) -> None:
        """Send units; one whose route is down meanwhile is told to the watcher and dropped."""
        for unit in units:
            try:
                self._link.send(unit, now)
            except LocalError as error:
                self._tell(Discarded(str(error), unit.apdu))

    def _events(self, now: float, device_time: float) -> None:
        link, line = self._link, self.line
        while (event := link.next_event()) is not None:
            if event.__class__ is Unit:
                for unit in line.answer(event, device_time):
                    try:
                        link.send(unit, now)
                    except LocalError as error:
                        self._tell(Discarded(str(error), unit.apdu))
                continue
            if isinstance(event, Closed):
                self.over = self.over or event.route is None
                line.closed(event.route, device_time)
            self._tell(event)

    def _tell(self, event: Event) -> None:
        if self.watch is not None:
            self.watch(event)
