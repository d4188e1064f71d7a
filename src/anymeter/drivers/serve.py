"""Servers over asyncio: TCP (wrapper or HDLC) and UDP (wrapper), IPv4 and IPv6, any number of meters behind each.

Who answers is asked for with the local address and the peer's of every connection, so one listening socket serves as
many meters as it has addresses.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, cast

import msgspec

from anymeter.drivers import hosts
from anymeter.drivers.server_end import Answering, ServerEnd
from anymeter.errors import LinkError
from anymeter.links.events import Event, Unit
from anymeter.links.link import Link
from anymeter.links.wrapper_link import WrapperLink

IDLE: Final = 300.0
"""Seconds after which a connection on which nothing comes is given up."""
MOST_CONNECTIONS: Final = 20_000
MOST_PEERS: Final = 4096
"""Senders of datagrams that are remembered; whoever was silent longest is forgotten."""
BACKLOG: Final = 1024
_TURNS: Final = 10
"""Turns of the loop in which those whose connection was just being accepted are met and hung up on."""

Peer: TypeAlias = tuple[str, int]
Served: TypeAlias = Callable[[Peer, Peer], Answering | None]
"""From our address and the peer's to what answers there; None turns the peer away."""


class Fault(msgspec.Struct, frozen=True):
    """What goes wrong with octets on their way out.

    They are *delay* seconds late, lost (*drop*), replaced by *octets*; with *hang_up* the connection is cut after them.
    """

    delay: float = 0.0
    drop: bool = False
    hang_up: bool = False
    octets: bytes | None = None


Faults: TypeAlias = Callable[[bytes], Fault | None]
"""Asked for everything that goes out; None for no fault."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a server serves: *clock* gives the device's time; *faults* go wrong on request; *watch* sees link events.

    *idle* in seconds; *most*: connections, or peers, at a time. *tick*: seconds between looks at what is due, for all
    connections together: a timer for each would cost more than most of their requests.
    """

    clock: Callable[[], float] = time.time
    faults: Faults | None = None
    watch: Callable[[Event], None] | None = None
    idle: float = IDLE
    most: int = MOST_CONNECTIONS
    tick: float = 1.0


class Connection:
    """One peer: a TCP connection, or whoever sends datagrams from one address."""

    def __init__(
        self,
        local: Peer,
        peer: Peer,
        end: ServerEnd,
        settings: Settings,
        write: Callable[[bytes], None],
        hang_up: Callable[[], None],
    ) -> None:
        self.local, self.peer, self.end = local, peer, end
        self._clock, self._faults, self._idle = settings.clock, settings.faults, settings.idle
        self._write, self.hang_up = write, hang_up
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time
        self._heard = self._not_before = self._now()

    def receive(self, data: bytes) -> None:
        """Octets came."""
        now = self._heard = self._now()
        self.end.receive(data, now, self._clock())
        self._flush(now)

    def push(self, units: Iterable[Unit]) -> None:
        """Send what nobody asked for."""
        now = self._now()
        self.end.send(list(units), now)
        self._flush(now)

    def look(self, now: float, device_time: float) -> None:
        """See what is due."""
        if now >= self._heard + self._idle:
            self.hang_up()
            return
        link_due, line_due = self.end.next_timeout(), self.end.line.next_timeout()
        if (link_due is not None and link_due <= now) or (line_due is not None and line_due <= device_time):
            self.end.handle_timeout(now, device_time)
            self._flush(now)

    def lost(self) -> None:
        """The peer is gone."""
        self.end.lost(self._now(), self._clock())

    def _flush(self, now: float) -> None:
        data_to_send = self.end.data_to_send
        while octets := data_to_send():
            if self._faults is None:
                self._write(octets)
            else:
                self._send_badly(octets, now)
        if self.end.over:
            self.hang_up()

    def _send_badly(self, octets: bytes, now: float) -> None:
        assert self._faults is not None
        fault = self._faults(octets) or _NO_FAULT
        if fault.octets is not None:
            octets = fault.octets
        at = self._not_before = max(self._not_before, now + fault.delay)
        if not fault.drop:
            if at > now:  # later octets stay behind earlier ones
                self._loop.call_at(at, self._write, octets)
            else:
                self._write(octets)
        if fault.hang_up:
            self._loop.call_at(at, self.hang_up)


_NO_FAULT: Final = Fault()


class Serving:
    """A server that runs; ``async with``, or :meth:`close` at the end. *addresses* are those it listens on."""

    def __init__(self, settings: Settings) -> None:
        self.addresses: list[Peer] = []
        self.connections: set[Connection] = set()
        self._settings = settings
        self._closers: list[Callable[[], None]] = []
        self._server: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """The port of the first address."""
        return self.addresses[0][1]

    def joined(self, connection: Connection) -> None:
        """One more is connected: what is due is looked at now and then, as long as there are any."""
        self.connections.add(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._settings.tick, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self.connections:
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._settings.tick, self._look)
        now, device_time = loop.time(), self._settings.clock()
        for connection in list(self.connections):
            connection.look(now, device_time)

    async def close(self) -> None:
        """Stop listening, hang up on everybody, and wait until that is done."""
        if self._timer is not None:
            self._timer.cancel()
        if self._server is not None:
            self._accept_no_more(self._server)
        for _ in range(_TURNS):
            for connection in list(self.connections):
                connection.hang_up()
            await asyncio.sleep(0)
        for close in self._closers:
            close()
        await asyncio.sleep(0)
        if self._server is not None:
            await self._server.wait_closed()

    @staticmethod
    def _accept_no_more(server: asyncio.Server) -> None:
        """Before it is closed: asyncio loses the sockets of a closed server that it has just accepted."""
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError):
            for sock in server.sockets:
                loop.remove_reader(sock.fileno())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def serve_tcp(
    served: Served,
    host: str | None = "127.0.0.1",
    port: int = 0,
    *,
    link: Callable[[], Link] | None = None,
    settings: Settings | None = None,
) -> Serving:
    """Serve over TCP; *link* makes the link of each connection, a wrapper unless told, *port* 0 takes a free one.

    Raises LinkError when the address cannot be had.
    """
    settings, make = settings or Settings(), link or _wrapper
    serving, loop = Serving(settings), asyncio.get_running_loop()
    try:
        server = await loop.create_server(lambda: _Stream(serving, served, make, settings), host, port, backlog=BACKLOG)
    except OSError as error:
        raise _taken(host, port, error) from None
    serving._server = server
    serving.addresses = [sock.getsockname()[:2] for sock in server.sockets]
    serving._closers.append(server.close)
    return serving


async def serve_udp(
    served: Served,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    link: Callable[[], Link] | None = None,
    settings: Settings | None = None,
) -> Serving:
    """Serve over UDP, a line for every address that datagrams come from; otherwise as :func:`serve_tcp`."""
    settings = settings or Settings(most=MOST_PEERS)
    serving = Serving(settings)
    make = link or (lambda: WrapperLink(server=True, datagrams=True))
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(serving, served, make, settings), local_addr=(host, port)
        )
    except OSError as error:
        raise _taken(host, port, error) from None
    serving.addresses = [transport.get_extra_info("sockname")[:2]]
    serving._closers.append(transport.close)
    return serving


def _wrapper() -> Link:
    return WrapperLink(server=True)


def _taken(host: str | None, port: int, error: OSError) -> LinkError:
    why = OSError(error.errno, "") if error.errno else error  # asyncio puts sentences of its own into strerror
    return LinkError(f"cannot listen on {hosts.written(host or '*', port)}: {hosts.reason(why)}")


class _Stream(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, serving: Serving, served: Served, link: Callable[[], Link], settings: Settings) -> None:
        self._serving, self._served, self._link, self._settings = serving, served, link, settings
        self._connection: Connection | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast(asyncio.Transport, transport)
        local, peer = stream.get_extra_info("sockname")[:2], stream.get_extra_info("peername")[:2]
        full = len(self._serving.connections) >= self._settings.most
        line = None if full else self._served(local, peer)
        if line is None:
            stream.abort()
            return
        end = ServerEnd(self._link(), line, self._settings.watch)
        self._stream = stream
        self._connection = Connection(local, peer, end, self._settings, stream.write, self._hang_up)
        self._serving.joined(self._connection)

    def data_received(self, data: bytes) -> None:
        if self._connection is not None:
            self._connection.receive(data)

    def pause_writing(self) -> None:
        """A peer that does not read is not listened to either."""
        self._stream.pause_reading()

    def resume_writing(self) -> None:
        self._stream.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._serving.connections.discard(self._connection)
            self._connection.lost()

    def _hang_up(self) -> None:
        """What the peer does not read is not waited for."""
        if self._stream.get_write_buffer_size():
            self._stream.abort()
        else:
            self._stream.close()


class _Datagrams(asyncio.DatagramProtocol):
    """One UDP socket with all that send to it."""

    def __init__(self, serving: Serving, served: Served, link: Callable[[], Link], settings: Settings) -> None:
        self._serving, self._served, self._link, self._settings = serving, served, link, settings
        self._peers: OrderedDict[Any, Connection] = OrderedDict()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self._local: Peer = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: Any) -> None:
        connection = self._peers.get(addr)
        if connection is None:
            connection = self._new(addr)
            if connection is None:
                return
        else:
            self._peers.move_to_end(addr)
        connection.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        for addr in list(self._peers):
            self._forget(addr)

    def _new(self, addr: Any) -> Connection | None:
        line = self._served(self._local, addr[:2])
        if line is None:
            return None
        while len(self._peers) >= self._settings.most:
            self._forget(next(iter(self._peers)))
        end = ServerEnd(self._link(), line, self._settings.watch)
        send, local = self._transport.sendto, self._local
        made = Connection(
            local, addr[:2], end, self._settings, lambda octets: send(octets, addr), lambda: self._forget(addr)
        )
        self._peers[addr] = made
        self._serving.joined(made)
        return made

    def _forget(self, addr: Any) -> None:
        connection = self._peers.pop(addr, None)
        if connection is not None:
            self._serving.connections.discard(connection)
            connection.lost()
