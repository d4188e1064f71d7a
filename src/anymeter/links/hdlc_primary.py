"""The client's end of an HDLC line: it sets connections up, and polls. Source: IEC 62056-46 (EN 13757-1:2014, 8.2.2).

What may come in which state of a connection, and what it does, is the table at the end of this module; all else is
discarded. The line is two-way alternate: one connection at a time has the turn, from our frame with P=1 to the
answer with F=1 or the time-out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from anymeter.errors import DecodeError, LocalError
from anymeter.links.events import Opened, Route, Unit
from anymeter.links.hdlc_connection import Connection, lower, unnumbered
from anymeter.links.hdlc_frame import LLC_COMMAND, POLL_FINAL, Frame
from anymeter.links.hdlc_parameters import MAX_WINDOW, decode_rejection, explain_rejection
from anymeter.links.hdlc_stations import CALLING, NO_STATION, client_address, narrow, server_address
from anymeter.links.hdlc_turns import CLOSING, DEFAULTS, OPENING, UP, PollingEnd
from anymeter.links.hdlc_units import Unit as JoinedUnit
from anymeter.links.hdlc_window import IN_ORDER, INVALID, REPEATED


class HdlcPrimary(PollingEnd):
    """A client's :class:`~anymeter.links.link.Link` over HDLC, for several clients and devices at once.

    *parameters* are proposed in SNRM, as the client sees them. *address_octets* fixes the form of server addresses,
    else each route takes the shortest one. A poll is repeated *retries* times, each after *response_timeout* seconds
    without its answer (frames in sequence prolong it, other octets do not). A meter that has no answer yet, or is
    busy, is polled again every *poll_interval* seconds for at most *busy_timeout*. *reject*: ask for missing frames
    with REJ in place of RR. *keep_alive*: poll a connection that is silent for so many seconds.

    An empty APDU in :meth:`send` sends nothing: it gives the server the turn, where more is awaited from it.
    """

    def open(self, route: Route, now: float) -> None:
        """Set *route* up; LocalError when it is up already, or its addresses do not fit."""
        self._now = now
        if route in self._routes:
            raise LocalError(f"the connection is there already: {route}")
        if len(self._routes) >= self._max_connections:
            raise LocalError(f"at most {self._max_connections} connections at once")
        server = server_address(route, self._form)
        connection = Connection(route, client_address(route), server, self._max_apdu, OPENING, now)
        self._add(connection)
        self._want(connection)

    def send(self, unit: Unit, now: float) -> None:
        """Take *unit* to be sent; an unconfirmed one goes in UI frames and needs no connection."""
        self._now = now
        self._check_length(unit.apdu)
        connection = self._routes.get(unit.route)
        if not unit.confirmed:
            addresses = server_address(unit.route, self._form).encode() + client_address(unit.route).encode()
            size = self._parameters.max_information_transmit if connection is None else connection.sent.size
            self._broadcasts.append(unnumbered(addresses, LLC_COMMAND + unit.apdu, size, False))
            return
        if connection is not None and connection.state is CLOSING and connection.why:
            return  # the link has given it up by itself: Closed is about to say so
        if connection is None or connection.state is not UP:
            raise LocalError(f"not connected: {unit.route}")
        if unit.apdu:
            connection.sent.put(LLC_COMMAND + unit.apdu)
        connection.awaited, connection.since = True, now
        self._want(connection)

    def set_busy(self, route: Route, busy: bool, now: float) -> None:
        """Take no more I frames of *route* (the server is told RNR), or take them again."""
        self._now = now
        connection = self._at(route)
        connection.busy = busy
        if connection.state is UP:
            self._want(connection)

    def _frame(self, frame: Frame) -> None:
        connection = self._ways.get((frame.destination, frame.source)) or self._other_form(frame)
        if connection is None:
            self._unasked(frame)
            return
        if connection.mirrored and self._echoed(frame):
            return
        kind = frame.kind
        move = _MOVES[connection.state].get(kind)
        if move is None:
            self._stray(frame, f"{kind} {connection.state}")
            return
        over = move(self, connection, frame)
        if connection is self._turn:
            if not connection.state:
                self._turn = None
            elif over and frame.control & POLL_FINAL:
                self._turn = None
                self._go_on(connection)

    def _other_form(self, frame: Frame) -> Connection | None:
        """The connection whose turn it is, where the meter answers with an address of another form."""
        asked, server = self._turn, frame.source
        if asked is None or frame.destination != asked.own or server.upper != asked.peer.upper:
            return None
        wanted, said = asked.peer.lower, server.lower
        if wanted is None or said is None:
            return asked
        wanted = narrow(wanted, asked.peer.octets)
        return asked if wanted in (CALLING, narrow(said, server.octets)) else None

    def _unasked(self, frame: Frame) -> None:
        """A frame of no connection: a push, or what other stations say to each other.

        Pushes are UI frames; some meters push in I frames to no station.
        """
        if frame.kind != ("I" if frame.destination.upper == NO_STATION else "UI"):
            self._stray(frame, "a frame of other stations")
            return
        self._pushed(frame)

    def _pushed(self, frame: Frame) -> None:
        for one in self._unnumbered.feed(frame):
            if type(one) is not JoinedUnit:
                self._events.append(one)  # type: ignore[arg-type]
            elif one.from_server is False:
                self._discard("a UI frame of a client", frame)
            else:
                # Where nothing tells who is the server, the joiner takes the source for the client.
                client, server = (one.client, one.server) if one.from_server else (one.server, one.client)
                physical = one.physical if one.from_server else frame.source.lower
                self._events.append(Unit(Route(client, server, physical), one.apdu, False))

    def _opened(self, connection: Connection, frame: Frame) -> bool:
        """Connected: the parameters it says are final, the defaults stand for what it leaves out."""
        said = self._said(frame) or DEFAULTS
        connection.set_up(lower(self._parameters, said), self._max_apdu)
        connection.state, connection.tries = UP, 0
        self._events.append(Opened(connection.route, self._max_apdu))
        return True

    def _refused(self, connection: Connection, frame: Frame) -> bool:
        """Refused: closed."""
        self._drop(connection, "the meter refuses the connection (DM)")
        return True

    def _released(self, connection: Connection, frame: Frame) -> bool:
        """Released: closed."""
        if connection.tries:
            self._drop(connection, connection.why)
        # Else DISC has not been sent yet: this answers the SNRM before it.
        return True

    def _gone(self, connection: Connection, frame: Frame) -> bool:
        """The meter has left the connection: closed."""
        self._drop(connection, "the meter has left the connection (DM)")
        return True

    def _rejected(self, connection: Connection, frame: Frame) -> bool:
        """Released with DISC: only a new set-up helps, and with it the associations are gone."""
        try:
            said = decode_rejection(frame.information)
        except DecodeError as error:
            self._discard(str(error), frame)
            self._leave(connection, "the meter rejects a frame (FRMR)")
            return True
        self._leave(connection, f"the meter rejects a frame (FRMR): {explain_rejection(said)}")
        return True

    def _information(self, connection: Connection, frame: Frame) -> bool:
        """Taken in order and acknowledged; the whole APDU is a unit. A gap is asked for again."""
        news = self._acknowledged(connection, frame)
        if news == INVALID:
            return True
        connection.peer_busy = False
        place = self._arrived(connection, frame)
        if place == IN_ORDER:
            connection.tries, connection.since = 0, self._now
            self._run += 1
            if connection is self._turn and self._run <= MAX_WINDOW:
                self._answer_until = self._now + self._response_timeout
            elif connection is not self._turn and frame.segmented:
                self._want(connection)
        # An I frame that came before answers an older poll, one that we repeated: the answer to the last is to come.
        return place != REPEATED or news > 0

    def _ready(self, connection: Connection, frame: Frame) -> bool:
        """What it acknowledges is done, the next frames may go."""
        news = self._acknowledged(connection, frame)
        connection.peer_busy = False
        # As above: RR that does not acknowledge the one frame it would answer, answers an older one.
        return news != 0 or connection.burst != 1

    def _not_ready(self, connection: Connection, frame: Frame) -> bool:
        """What it acknowledges is done; polled until the meter has room."""
        self._acknowledged(connection, frame)
        connection.peer_busy = True
        return True

    def _repeat(self, connection: Connection, frame: Frame) -> bool:
        """Sent again from N(R) on."""
        self._acknowledged(connection, frame)
        connection.peer_busy = False
        return True

    def _unnumbered_information(self, connection: Connection, frame: Frame) -> bool:
        """A push: a unit that is not confirmed."""
        self._pushed(frame)
        return False

    def _acknowledged(self, connection: Connection, frame: Frame) -> int:
        news = connection.acknowledged(frame.control)
        if news == INVALID:
            self._discard("N(R) acknowledges what was not sent", frame)
            self._leave(connection, "the meter acknowledges what was not sent")
        elif news:
            connection.since = self._now
        return news


_Move: TypeAlias = Callable[[HdlcPrimary, Connection, Frame], bool]
"""What a frame does; whether, with F=1, it ends the turn."""


def _ends_turn(link: HdlcPrimary, connection: Connection, frame: Frame) -> bool:
    """Not wanted any more: it only gives the turn back."""
    return True


_MOVES: Final[dict[str, dict[str, _Move]]] = {
    OPENING: {
        "UA": HdlcPrimary._opened,
        "DM": HdlcPrimary._refused,
        "UI": HdlcPrimary._unnumbered_information,
    },
    UP: {
        "I": HdlcPrimary._information,
        "RR": HdlcPrimary._ready,
        "RNR": HdlcPrimary._not_ready,
        "REJ": HdlcPrimary._repeat,
        "DM": HdlcPrimary._gone,
        "FRMR": HdlcPrimary._rejected,
        "UI": HdlcPrimary._unnumbered_information,
    },
    CLOSING: {
        "UA": HdlcPrimary._released,
        "DM": HdlcPrimary._released,
        "UI": HdlcPrimary._unnumbered_information,
        # The answer to what was sent before the release: nobody waits for it, but it gives the turn back.
        "I": _ends_turn,
        "RR": _ends_turn,
        "RNR": _ends_turn,
        "REJ": _ends_turn,
        "FRMR": _ends_turn,
    },
}
