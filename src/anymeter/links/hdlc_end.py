"""What both ends of an HDLC line do alike: octets in and out, noise, echo, UI frames, events. Source: IEC 62056-46."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Final

from anymeter.errors import DecodeError, LocalError
from anymeter.links.events import Closed, Discarded, Event, Route, Unit
from anymeter.links.hdlc_connection import Connection
from anymeter.links.hdlc_frame import LLC_COMMAND, LLC_RESPONSE, Address, Frame
from anymeter.links.hdlc_parameters import Parameters, decode_parameters, encode_parameters
from anymeter.links.hdlc_stream import Found, FrameStream
from anymeter.links.hdlc_units import Reassembler
from anymeter.links.hdlc_window import GAP, IN_ORDER

MAX_APDU: Final = 1 << 20
MAX_CONNECTIONS: Final = 64
_REMEMBERED: Final = 16
_ECHO: Final = "the echo of our own frame"
_LLC_HEADERS: Final = frozenset((LLC_COMMAND, LLC_RESPONSE, b"\xff\xe6\x00", b"\xff\xe7\x00"))


class HdlcEnd(ABC):
    """One end of a line with its connections; see :class:`HdlcPrimary` and :class:`HdlcSecondary`."""

    def __init__(
        self,
        parameters: Parameters,
        inter_octet_timeout: float | None,
        max_apdu: int,
        max_connections: int,
        reject: bool,
    ) -> None:
        encode_parameters(parameters)
        self._parameters, self._max_apdu, self._max_connections = parameters, max_apdu, max_connections
        self._reject = reject
        self._inter_octet = inter_octet_timeout
        self._octets_until: float | None = None
        self._now = 0.0
        self._stream = FrameStream()
        self._events: deque[Event] = deque()
        self._out: list[bytes] = []
        self._ways: dict[tuple[Address, Address], Connection] = {}
        self._routes: dict[Route, Connection] = {}
        self._unnumbered = Reassembler(max_unit=max_apdu)
        self._mine: deque[bytes] = deque(maxlen=_REMEMBERED)
        self._echoes = False

    @abstractmethod
    def _frame(self, frame: Frame) -> None:
        """A frame came; the time is ``self._now``."""

    @abstractmethod
    def _leave(self, connection: Connection, why: str) -> None:
        """Take a connection down, as this end does it; *why* is empty when our user asked for it."""

    def receive_data(self, data: bytes, now: float) -> None:
        """Octets came; raises nothing."""
        self._now = now
        if self._octets_until is not None:
            if now >= self._octets_until:
                self._take(self._stream.finish())
            self._octets_until = None
        self._take(self._stream.feed(data))
        if self._inter_octet is not None and self._stream.unfinished:
            self._octets_until = now + self._inter_octet

    def close(self, route: Route, now: float) -> None:
        """Leave *route*; :class:`Closed` follows, at once when it is not up or nothing has to be said before."""
        self._now = now
        connection = self._routes.get(route)
        if connection is None:
            self._events.append(Closed("", route))
        else:
            self._leave(connection, "")

    def next_event(self) -> Event | None:
        """The next event, None when there is none."""
        return self._events.popleft() if self._events else None

    def connection_lost(self, now: float) -> None:
        """The carrier is gone: every connection is down, :class:`Closed` follows for the line."""
        self._now = now
        self._forget()
        self._events.append(Closed("the line was lost"))

    def _check_length(self, apdu: bytes) -> None:
        if len(apdu) > self._max_apdu:
            raise LocalError(f"an APDU of {len(apdu)} octets is longer than {self._max_apdu}")

    def _forget(self) -> None:
        self._take_noise(self._stream.finish())
        self._octets_until = None
        self._ways.clear()
        self._routes.clear()
        self._out.clear()
        self._mine.clear()
        self._unnumbered = Reassembler(max_unit=self._max_apdu)

    def _at(self, route: Route) -> Connection:
        connection = self._routes.get(route)
        if connection is None:
            raise LocalError(f"not connected: {route}")
        return connection

    def _add(self, connection: Connection) -> None:
        self._ways[connection.own, connection.peer] = connection
        self._routes[connection.route] = connection

    def _drop(self, connection: Connection, why: str, *, timed_out: bool = False) -> None:
        del self._ways[connection.own, connection.peer]
        del self._routes[connection.route]
        connection.state = ""
        self._events.append(Closed(why, connection.route, timed_out))

    def _octets_late(self, now: float) -> None:
        """Give up a frame whose next octet does not come."""
        if self._octets_until is not None and now >= self._octets_until:
            self._octets_until = None
            self._take(self._stream.finish())

    def _take(self, found: list[Found]) -> None:
        for one in found:
            if type(one) is Frame:
                self._frame(one)
            else:
                self._events.append(one)  # type: ignore[arg-type]

    def _take_noise(self, found: list[Found]) -> None:
        self._events += [one if isinstance(one, Discarded) else Discarded("too late", one.encode()) for one in found]

    def _discard(self, why: str, frame: Frame) -> None:
        self._events.append(Discarded(why, frame.encode()))

    def _write(self, connection: Connection, octets: bytes) -> None:
        if connection.mirrored:
            self._mine.append(octets)
        self._out.append(octets)

    def _stray(self, frame: Frame, why: str) -> None:
        """A frame that means nothing to this end: told, and taken for our own where it goes the way we send."""
        ours = self._ways.get((frame.source, frame.destination))
        if ours is not None and (not ours.mirrored or self._wrote(frame)):
            self._echoes = True
            why = _ECHO
        self._discard(why, frame)

    def _echoed(self, frame: Frame) -> bool:
        """Whether a frame between two equal addresses is the echo of ours: told by an earlier echo, and its octets."""
        if not self._echoes or not self._wrote(frame):
            return False
        self._discard(_ECHO, frame)
        return True

    def _wrote(self, frame: Frame) -> bool:
        octets = frame.encode()
        if octets not in self._mine:
            return False
        self._mine.remove(octets)
        return True

    def _arrived(self, connection: Connection, frame: Frame) -> str:
        """An I frame: its place in the sequence; in order it is taken, and an APDU that is whole becomes a unit."""
        place = connection.placed(frame)
        if place != IN_ORDER or connection.busy:
            self._discard(place if place != IN_ORDER else "we are busy", frame)
            return place if place != IN_ORDER else GAP
        whole = connection.got.take(frame.information, frame.segmented)
        if whole is not None:
            apdu = whole[3:] if whole[:3] in _LLC_HEADERS else whole
            if apdu:
                self._events.append(Unit(connection.route, apdu))
                connection.awaited = False
                connection.asked = self._now
            else:
                self._discard("an I frame without an APDU, or one longer than we take", frame)
        return place

    def _said(self, frame: Frame) -> Parameters | None:
        """The parameters in an SNRM or UA frame; None, and told, when they cannot be read."""
        try:
            return decode_parameters(frame.information)
        except DecodeError as error:
            self._discard(str(error), frame)
            return None
