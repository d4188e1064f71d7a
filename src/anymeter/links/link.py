"""What every link offers a driver: octets and the time go in; octets, events and the next deadline come out."""

from __future__ import annotations

from typing import Protocol

from anymeter.links.events import Event, Route, Unit


class Link(Protocol):
    """One end of a line, client or server, sans-IO. *now* is a monotonic time in seconds, from the driver."""

    def open(self, route: Route, now: float) -> None:
        """Set the route up; :class:`Opened` or :class:`Closed` follows. LocalError at server ends: their peer opens."""

    def close(self, route: Route, now: float) -> None:
        """Take the route down; :class:`Closed` follows."""

    def send(self, unit: Unit, now: float) -> None:
        """Take *unit* to be sent; LocalError when its route is not up or it is too long."""

    def receive_data(self, data: bytes, now: float) -> None:
        """Octets came (one whole datagram, where the carrier has datagrams); raises nothing."""

    def data_to_send(self) -> bytes:
        """What is to be sent: all of it on a stream, one datagram a call otherwise; empty when nothing is left."""

    def next_event(self) -> Event | None:
        """The next event, None when there is none."""

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""

    def handle_timeout(self, now: float) -> None:
        """The time has come; too early a call does nothing."""

    def connection_lost(self, now: float) -> None:
        """The carrier is gone: :class:`Closed` follows for the line."""
