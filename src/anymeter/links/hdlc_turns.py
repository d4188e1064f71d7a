"""Who has the turn on a two-way alternate line: polls, repeats, and when to give up. Source: IEC 62056-46, 6.4."""

from __future__ import annotations

from collections import deque
from typing import Final

from anymeter.links.hdlc_connection import Connection
from anymeter.links.hdlc_end import MAX_APDU, MAX_CONNECTIONS, HdlcEnd
from anymeter.links.hdlc_frame import DISC, POLL_FINAL, SNRM
from anymeter.links.hdlc_parameters import Parameters, encode_parameters

OPENING: Final = "while the connection is set up"
UP: Final = "while connected"
CLOSING: Final = "while the connection is released"
DEFAULTS: Final = Parameters()


class PollingEnd(HdlcEnd):
    """The turns of a primary: one connection at a time, from our frame with P=1 to its answer with F=1 or the time-out.

    What a frame means is the business of :class:`~anymeter.links.hdlc_primary.HdlcPrimary`.
    """

    def __init__(
        self,
        parameters: Parameters = DEFAULTS,
        *,
        address_octets: int | None = None,
        response_timeout: float = 3.0,
        retries: int = 3,
        inter_octet_timeout: float | None = 1.0,
        poll_interval: float = 0.1,
        busy_timeout: float = 120.0,
        keep_alive: float | None = None,
        reject: bool = False,
        max_apdu: int = MAX_APDU,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        super().__init__(parameters, inter_octet_timeout, max_apdu, max_connections, reject)
        self._form = address_octets
        self._response_timeout, self._tries = response_timeout, retries + 1
        self._poll_interval, self._busy_timeout, self._keep_alive = poll_interval, busy_timeout, keep_alive
        self._waiting: deque[Connection] = deque()
        self._turn: Connection | None = None
        self._answer_until = 0.0
        self._run = 0
        self._broadcasts: list[bytes] = []

    def data_to_send(self) -> bytes:
        """What is to be sent; empty while an answer is awaited."""
        if self._turn is None:
            if self._broadcasts:
                self._out += self._broadcasts
                self._broadcasts.clear()
            while self._waiting and self._turn is None:
                connection = self._waiting.popleft()
                connection.ready = False
                if connection.state:
                    self._speak(connection)
        out = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return out

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, None for never."""
        if self._turn is not None:
            due: float | None = self._answer_until
        elif self._waiting or self._broadcasts:
            due = self._now
        else:
            due = min((c.due for c in self._routes.values() if c.due is not None), default=None)
        until = self._octets_until
        return until if due is None or (until is not None and until < due) else due

    def handle_timeout(self, now: float) -> None:
        """The time has come: repeat, poll, or give up."""
        self._now = now
        self._octets_late(now)
        if self._turn is not None:
            if now < self._answer_until:
                return
            self._take(self._stream.finish())
        late = self._turn
        if late is not None and now >= self._answer_until:
            self._turn = None
            late.enquire = late.sent.in_flight > 1
            late.sent.rewind()
            self._want(late, first=True)
        for connection in list(self._routes.values()):
            if connection.due is not None and now >= connection.due:
                self._want(connection)

    def _forget(self) -> None:
        super()._forget()
        self._waiting.clear()
        self._broadcasts.clear()
        self._turn = None

    def _want(self, connection: Connection, *, first: bool = False) -> None:
        """Give *connection* a turn when the line is free, or give it up when it had so many for nothing."""
        connection.due = None
        if connection is self._turn or connection.ready:
            return
        if connection.tries >= self._tries:
            times = "once" if self._tries == 1 else f"{self._tries} times"
            self._drop(connection, connection.why or f"no answer, asked {times}", timed_out=True)
            return
        connection.ready = True
        if first:
            self._waiting.appendleft(connection)
        else:
            self._waiting.append(connection)

    def _speak(self, connection: Connection) -> None:
        """Send what *connection* has to send, and give its server the turn."""
        connection.tries += 1
        if connection.state is UP:
            frames = [] if connection.enquire or connection.busy else connection.turn()
            for octets in frames or (connection.supervision(self._reject),):
                self._write(connection, octets)
        elif connection.state is OPENING:
            asked = self._parameters
            self._write(
                connection, connection.frame(SNRM | POLL_FINAL, b"" if asked == DEFAULTS else encode_parameters(asked))
            )
        else:
            self._write(connection, connection.frame(DISC | POLL_FINAL))
        self._turn = connection
        self._run = 0
        self._answer_until = self._now + self._response_timeout

    def _go_on(self, connection: Connection) -> None:
        """The turn is over: what *connection* wants next."""
        connection.enquire = False
        sent = connection.sent
        if connection.state is not UP:
            self._want(connection)
        elif connection.peer_busy:
            self._rest(connection, "the meter stays busy (RNR)")
        elif connection.busy:
            connection.tries = 0
        elif sent.pending:
            sent.rewind()
            self._want(connection)
        elif connection.gap or (connection.got.begun and connection.tries == 0):
            self._want(connection)
        elif connection.got.begun:
            self._rest(connection, "the rest of an APDU does not come")
        elif connection.awaited:
            self._rest(connection, "")
        else:
            connection.tries = 0
            if self._keep_alive is not None:
                connection.due = self._now + self._keep_alive

    def _rest(self, connection: Connection, why: str) -> None:
        """Poll again after a while; after too long give up, or with no *why* just stop polling."""
        connection.tries = 0
        if self._now - connection.since < self._busy_timeout:
            connection.due = self._now + self._poll_interval
        elif why:
            self._drop(connection, why, timed_out=True)
        else:
            connection.awaited = False

    def _leave(self, connection: Connection, why: str) -> None:
        connection.state, connection.why, connection.tries = CLOSING, why, 0
        self._want(connection)
