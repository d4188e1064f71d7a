"""The meter's end of an HDLC line: it answers when it is polled. Source: IEC 62056-46 (EN 13757-1:2014, 8.2.2).

What may come in which state of a connection, and what it does, is the table at the end of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, TypeAlias

from anymeter.errors import LocalError
from anymeter.links.events import Opened, Route, Unit
from anymeter.links.hdlc_connection import Connection, lower, unnumbered
from anymeter.links.hdlc_end import MAX_APDU, MAX_CONNECTIONS, HdlcEnd
from anymeter.links.hdlc_frame import (
    DM,
    FRMR,
    LLC_RESPONSE,
    POLL_FINAL,
    UA,
    Frame,
    assemble,
)
from anymeter.links.hdlc_parameters import Parameters, Rejection, encode_parameters, encode_rejection
from anymeter.links.hdlc_stations import Stations, client_address, server_address, to_all
from anymeter.links.hdlc_units import Unit as JoinedUnit
from anymeter.links.hdlc_window import INVALID

CONNECTED: Final = "while connected"
REJECTING: Final = "after FRMR"

_DEFAULTS: Final = Parameters()


class HdlcSecondary(HdlcEnd):
    """A meter's :class:`~anymeter.links.link.Link` over HDLC, with any number of logical devices and clients.

    *parameters* are its own limits, as the meter sees them. It answers to the *physical* address (to each of several,
    None: to any), to the logical devices *saps* (None: all), in addresses of *address_octets*; as the device that
    called (*calling*) to CALLING too. A client silent for *inactivity_timeout* seconds (None: for ever) is
    disconnected.

    A poll is answered by :meth:`data_to_send` with what :meth:`send` has taken until then, else by RR; a request may
    wait *patience* seconds for its answer before that RR. Unconfirmed units go out in UI frames when nobody is polled.
    """

    def __init__(
        self,
        parameters: Parameters = _DEFAULTS,
        *,
        physical: int | Collection[int] | None = None,
        saps: Collection[int] | None = None,
        address_octets: Collection[int] = (1, 2, 4),
        calling: bool = False,
        inactivity_timeout: float | None = 120.0,
        inter_octet_timeout: float | None = 1.0,
        patience: float = 0.0,
        reject: bool = False,
        max_apdu: int = MAX_APDU,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        super().__init__(parameters, inter_octet_timeout, max_apdu, max_connections, reject)
        self._stations = Stations(physical, saps, address_octets, calling)
        self._inactivity, self._patience = inactivity_timeout, patience
        self._polled: list[Connection] = []
        self._pushes: list[bytes] = []

    def open(self, route: Route, now: float) -> None:
        """Not for a meter: its clients open."""
        raise LocalError("a secondary does not open connections")

    def send(self, unit: Unit, now: float) -> None:
        """Take *unit* to be sent at the next poll of its route; an unconfirmed one in UI frames, without connection."""
        self._now = now
        self._check_length(unit.apdu)
        connection = self._routes.get(unit.route)
        if not unit.confirmed:
            addresses = (
                client_address(unit.route).encode() + server_address(unit.route).encode()
                if connection is None
                else connection.addresses
            )
            size = self._parameters.max_information_transmit if connection is None else connection.sent.size
            self._pushes.append(unnumbered(addresses, LLC_RESPONSE + unit.apdu, size, True))
        elif connection is None:
            raise LocalError(f"not connected: {unit.route}")
        elif unit.apdu:
            connection.sent.put(LLC_RESPONSE + unit.apdu)
            connection.asked = None

    def set_busy(self, route: Route, busy: bool, now: float) -> None:
        """Take no more I frames of *route* (its client is told RNR), or take them again."""
        self._now = now
        self._at(route).busy = busy

    def data_to_send(self) -> bytes:
        """The answers that are due, or what is pushed while nobody is polled; empty when there is nothing to say."""
        if self._polled:
            self._polled = [connection for connection in self._polled if not self._answered(connection)]
        if self._pushes and not self._polled and not self._stream.unfinished:
            self._out += self._pushes
            self._pushes.clear()
        out = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return out

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""
        due = [self._octets_until] if self._octets_until is not None else []
        if self._inactivity is not None:
            due += [c.heard + self._inactivity for c in self._routes.values()]
        due += [c.asked + self._patience for c in self._polled if c.asked is not None]
        return min(due, default=None)

    def handle_timeout(self, now: float) -> None:
        """The time has come: give up a frame, an answer or a client that does not come."""
        self._now = now
        self._octets_late(now)
        if self._inactivity is None:
            return
        for connection in list(self._routes.values()):
            if now >= connection.heard + self._inactivity:
                self._drop(connection, f"the client was silent for {self._inactivity:g} s", timed_out=True)

    def _forget(self) -> None:
        super()._forget()
        self._polled.clear()
        self._pushes.clear()

    def _leave(self, connection: Connection, why: str) -> None:
        """Nothing is said: what the client sends next is answered with DM."""
        self._drop(connection, why)

    def _answered(self, connection: Connection) -> bool:
        """Answer the poll of *connection*, unless its answer may still come."""
        if not connection.state:
            return True
        if connection.refusal:
            self._write(connection, connection.frame(FRMR | POLL_FINAL, connection.refusal))
            return True
        if connection.asked is not None and self._now < connection.asked + self._patience:
            return False
        # What a poll does not acknowledge has to be sent again.
        connection.sent.rewind()
        for octets in connection.turn() or (connection.supervision(self._reject),):
            self._write(connection, octets)
        return True

    def _frame(self, frame: Frame) -> None:
        connection = self._ways.get((frame.destination, frame.source))
        if connection is None:
            self._unconnected(frame)
            return
        if connection.mirrored and self._echoed(frame):
            return
        kind = frame.kind
        move = _MOVES[connection.state].get(kind)
        if move is None:
            self._stray(frame, f"{kind} {connection.state}")
            return
        connection.heard = self._now
        move(self, connection, frame)
        if frame.control & POLL_FINAL and connection.state and kind not in _ANSWERED and connection not in self._polled:
            self._polled.append(connection)

    def _unconnected(self, frame: Frame) -> None:
        """A frame in NDM: to set a connection up, or to be answered with DM."""
        kind = frame.kind
        route = self._stations.route(frame.source, frame.destination)
        if route is None or kind in _RESPONSES:
            self._stray(frame, "a frame of other stations" if route is None else f"{kind} while not connected")
        elif kind == "UI":
            self._heard(route, frame)
        elif to_all(frame.destination):
            self._discard(f"{kind} to all stations", frame)
        elif kind == "SNRM":
            self._set_up(route, frame)
        elif frame.control & POLL_FINAL:
            self._discard(f"{kind} while not connected", frame)
            self._out.append(assemble(frame.source.encode() + frame.destination.encode(), DM | POLL_FINAL))
        else:
            self._discard(f"{kind} while not connected", frame)

    def _heard(self, route: Route, frame: Frame) -> None:
        """UI of a client."""
        for one in self._unnumbered.feed(frame):
            if type(one) is not JoinedUnit:
                self._events.append(one)  # type: ignore[arg-type]
            elif one.from_server:
                self._discard("a UI frame of a server", frame)
            else:
                self._events.append(Unit(route, one.apdu, False))

    def _set_up(self, route: Route, frame: Frame) -> None:
        """SNRM: UA with what both can do; DM when it cannot be read or there are too many connections."""
        asked = self._said(frame)
        older = self._routes.get(route)
        if asked is None or (older is None and len(self._routes) >= self._max_connections):
            self._discard("the connection is refused", frame)
            self._out.append(assemble(frame.source.encode() + frame.destination.encode(), DM | POLL_FINAL))
            return
        if older is not None:
            self._drop(older, "the client sets the connection up again")
        connection = Connection(route, frame.destination, frame.source, self._max_apdu, CONNECTED, self._now)
        agreed = lower(self._parameters, asked)
        connection.set_up(agreed, self._max_apdu)
        self._add(connection)
        plain = not frame.information and agreed == _DEFAULTS
        self._write(connection, connection.frame(UA | POLL_FINAL, b"" if plain else encode_parameters(agreed)))
        self._events.append(Opened(route, self._max_apdu))

    def _set_up_again(self, connection: Connection, frame: Frame) -> None:
        """Set up anew: what was under way is dropped, the route closed and opened."""
        self._set_up(connection.route, frame)

    def _release(self, connection: Connection, frame: Frame) -> None:
        """Answered with UA: closed."""
        self._write(connection, connection.frame(UA | POLL_FINAL))
        self._drop(connection, "released by the client")

    def _information(self, connection: Connection, frame: Frame) -> None:
        """Taken in order and acknowledged; the whole APDU is a unit. FRMR when it is longer than agreed."""
        if len(frame.information) > connection.max_information:
            self._refuse(connection, frame, "information_too_long")
        elif self._acknowledged(connection, frame):
            connection.peer_busy = False
            self._arrived(connection, frame)

    def _supervision(self, connection: Connection, frame: Frame) -> None:
        """What it acknowledges is done. RNR: I frames wait; else they go on from N(R)."""
        if frame.information:
            self._refuse(connection, frame, "information_not_allowed")
        elif self._acknowledged(connection, frame):
            connection.peer_busy = frame.kind == "RNR"

    def _unnumbered_information(self, connection: Connection, frame: Frame) -> None:
        """A unit that is not confirmed."""
        self._heard(connection.route, frame)

    def _undefined(self, connection: Connection, frame: Frame) -> None:
        """Refused with FRMR."""
        self._refuse(connection, frame, "undefined_control")

    def _still_refused(self, connection: Connection, frame: Frame) -> None:
        """Discarded; FRMR again."""
        self._discard(f"{frame.kind} {REJECTING}", frame)

    def _acknowledged(self, connection: Connection, frame: Frame) -> bool:
        if connection.acknowledged(frame.control) == INVALID:
            self._refuse(connection, frame, "invalid_receive_number")
            return False
        return True

    def _refuse(self, connection: Connection, frame: Frame, why: str) -> None:
        """FRMR from now on, until the client sets the connection up anew or releases it."""
        reasons = dict.fromkeys(_REASONS, False) | {why: True}
        connection.refusal = encode_rejection(
            Rejection(frame.control, connection.sent.next, connection.got.expected, False, **reasons)
        )
        connection.state = REJECTING
        self._discard(why.replace("_", " "), frame)


_REASONS: Final = (
    "undefined_control",
    "information_not_allowed",
    "information_too_long",
    "invalid_receive_number",
)
_ANSWERED: Final = frozenset(("SNRM", "DISC"))
_RESPONSES: Final = frozenset(("UA", "DM", "FRMR"))
_Move: TypeAlias = Callable[[HdlcSecondary, Connection, Frame], None]

_MOVES: Final[dict[str, dict[str, _Move]]] = {
    CONNECTED: {
        "I": HdlcSecondary._information,
        "RR": HdlcSecondary._supervision,
        "RNR": HdlcSecondary._supervision,
        "REJ": HdlcSecondary._supervision,
        "UI": HdlcSecondary._unnumbered_information,
        "SNRM": HdlcSecondary._set_up_again,
        "DISC": HdlcSecondary._release,
        "SREJ": HdlcSecondary._undefined,
        "?": HdlcSecondary._undefined,
    },
    REJECTING: {
        "SNRM": HdlcSecondary._set_up_again,
        "DISC": HdlcSecondary._release,
        "UI": HdlcSecondary._unnumbered_information,
        "I": HdlcSecondary._still_refused,
        "RR": HdlcSecondary._still_refused,
        "RNR": HdlcSecondary._still_refused,
        "REJ": HdlcSecondary._still_refused,
        "SREJ": HdlcSecondary._still_refused,
        "?": HdlcSecondary._still_refused,
    },
}
