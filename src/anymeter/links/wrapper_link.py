"""Both ends of the TCP and UDP wrapper. Source: IEC 62056-47 (EN 13757-1:2014, 7.4.3 and 8.2.3)."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Final

from anymeter.errors import LocalError
from anymeter.links.events import Closed, Discarded, Event, Opened, Route, Unit
from anymeter.links.wrapper import HEADER, LAYOUT, MAX_APDU, MAX_DATAGRAM_APDU, VERSION

MAX_ROUTES: Final = 64
MAX_NOISE: Final = 4096


class WrapperLink:
    """A :class:`~anymeter.links.link.Link` over TCP, or over UDP with one APDU a datagram (*datagrams*).

    A client's routes are up as soon as they are opened. What comes for no open route is a unit that is not confirmed
    (a push); its wPorts are swapped where that makes an open route of it, or shows one of *clients*. A *server* learns
    routes from its clients; it takes those to its logical devices *saps* (None: all), and is closed when no whole APDU
    came for *inactivity_timeout* seconds (None: never).

    An empty APDU in :meth:`send` sends nothing.
    """

    def __init__(
        self,
        *,
        server: bool = False,
        datagrams: bool = False,
        saps: Collection[int] | None = None,
        clients: Collection[int] = (),
        inactivity_timeout: float | None = 180.0,
        max_routes: int = MAX_ROUTES,
    ) -> None:
        self._server, self._datagrams, self._max_routes = server, datagrams, max_routes
        self._max_apdu = MAX_DATAGRAM_APDU if datagrams else MAX_APDU
        self._saps = None if saps is None else frozenset(saps)
        self._clients = frozenset(clients)
        self._inactivity = inactivity_timeout if server else None
        self._heard: float | None = None
        self._lost = False
        self._buf = b""
        self._out: deque[bytes] = deque()
        self._events: deque[Event] = deque()
        self._ports: dict[int, Route] = {}
        self._routes: set[Route] = set()

    def open(self, route: Route, now: float) -> None:
        """Use *route* from now on; LocalError at a server, or when it is in use."""
        if self._server:
            raise LocalError("a server does not open connections")
        if route in self._routes or len(self._routes) >= self._max_routes:
            raise LocalError(f"open already, or one of more than {self._max_routes}: {route}")
        if not (0 <= route.client <= 0xFFFF and 0 <= route.server <= 0xFFFF):
            raise LocalError(f"a wPort has 16 bits: {route}")
        self._add(route)

    def close(self, route: Route, now: float) -> None:
        """Give *route* up; nothing is sent."""
        if route in self._routes:
            self._routes.remove(route)
            del self._ports[self._port(route)]
        self._events.append(Closed("", route))

    def send(self, unit: Unit, now: float) -> None:
        """Take *unit* to be sent; a server needs no open route for an unconfirmed one (a push)."""
        route, apdu = unit.route, unit.apdu
        if route not in self._routes and (not self._server or unit.confirmed or self._lost):
            raise LocalError(f"not connected: {route}")
        if len(apdu) > self._max_apdu:
            raise LocalError(f"an APDU of {len(apdu)} octets is longer than {self._max_apdu}")
        if not apdu:
            return
        if self._server:
            source, destination = route.server, route.client
        else:
            source, destination = route.client, route.server
        self._out.append(LAYOUT.pack(VERSION, source, destination, len(apdu)) + apdu)

    def receive_data(self, data: bytes, now: float) -> None:
        """Octets came, or one datagram; raises nothing."""
        if self._lost:
            return
        if self._heard is None:
            self._heard = now
        if self._datagrams:
            size = len(data)
            if size < HEADER or LAYOUT.unpack_from(data)[0] != VERSION or LAYOUT.unpack_from(data)[3] != size - HEADER:
                self._events.append(Discarded("a datagram that is not one wrapped APDU", bytes(data)))
            else:
                self._take(data, 0, size, now)
            return
        buf, at = self._buf + data if self._buf else data, 0
        size = len(buf)
        while size - at >= HEADER:
            version, _, _, length = LAYOUT.unpack_from(buf, at)
            end = at + HEADER + length
            if version != VERSION or end > size:
                break
            self._take(buf, at, end, now)
            at = end
        if size - at >= 2 and (buf[at] or buf[at + 1] != VERSION):
            # A stream has no marks to find the next header by.
            self._events.append(Discarded("not version 1 of the wrapper", bytes(buf[at : at + MAX_NOISE])))
            self._end(Closed("the peer sends no wrapper headers"))
            return
        self._buf = bytes(buf[at:]) if at < size else b""

    def data_to_send(self) -> bytes:
        """All that is to be sent, or the next datagram; empty when nothing is left."""
        out = self._out
        if not out:
            return b""
        if self._datagrams or len(out) == 1:
            return out.popleft()
        whole = b"".join(out)
        out.clear()
        return whole

    def next_event(self) -> Event | None:
        """The next event, None when there is none."""
        return self._events.popleft() if self._events else None

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""
        return None if self._inactivity is None or self._heard is None else self._heard + self._inactivity

    def handle_timeout(self, now: float) -> None:
        """The time has come: a client that stays silent loses its routes."""
        due = self.next_timeout()
        if due is not None and now >= due:
            self._end(Closed(f"the client was silent for {self._inactivity:g} s", None, True))

    def connection_lost(self, now: float) -> None:
        """The carrier is gone: every route is down, :class:`Closed` follows for the line."""
        if self._buf:
            self._events.append(Discarded("the APDU is cut off", self._buf[:MAX_NOISE]))
        self._end(Closed("the line was lost"))

    def _end(self, why: Closed) -> None:
        self._events.append(why)
        self._routes.clear()
        self._ports.clear()
        self._out.clear()
        self._buf = b""
        self._heard = None
        # The next datagram begins anew; a stream is at its end.
        self._lost = not self._datagrams

    def _take(self, buf: bytes, at: int, end: int, now: float) -> None:
        """The wrapped APDU between *at* and *end*."""
        self._heard = now
        _, source, destination, length = LAYOUT.unpack_from(buf, at)
        route = self._ports.get(source << 16 | destination)
        if not length:
            self._events.append(Discarded("a wrapper without an APDU", bytes(buf[at:end])))
        elif route is not None:
            self._events.append(Unit(route, bytes(buf[at + HEADER : end])))
        elif self._server:
            self._first(Route(source, destination), bytes(buf[at:end]))
        else:
            self._unasked(source, destination, bytes(buf[at + HEADER : end]))

    def _first(self, route: Route, octets: bytes) -> None:
        """The first APDU of a client to a logical device."""
        if self._saps is not None and route.server not in self._saps:
            self._events.append(Discarded(f"no logical device {route.server}", octets))
        elif len(self._routes) >= self._max_routes:
            self._events.append(Discarded(f"more than {self._max_routes} routes", octets))
        else:
            self._add(route)
            self._events.append(Unit(route, octets[HEADER:]))

    def _unasked(self, source: int, destination: int, apdu: bytes) -> None:
        """What a meter pushes; some leave the wPorts as they were in the request."""
        route = self._ports.get(destination << 16 | source)
        if route is None:
            swapped = source in self._clients and destination not in self._clients
            route = Route(source, destination) if swapped else Route(destination, source)
        self._events.append(Unit(route, apdu, False))

    def _add(self, route: Route) -> None:
        self._routes.add(route)
        self._ports[self._port(route)] = route
        self._events.append(Opened(route, self._max_apdu))

    def _port(self, route: Route) -> int:
        """The wPorts that its units come with, source before destination."""
        return route.client << 16 | route.server if self._server else route.server << 16 | route.client
