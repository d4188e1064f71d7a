"""Lines over asyncio, TCP and UDP: a protocol and a future for each conversation, no streams, no task an octet."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Self, TypeVar, cast

from anymeter.dlms.conversation import Conversation
from anymeter.drivers import hosts
from anymeter.drivers.intake import Intake
from anymeter.drivers.pump import Job, Pump
from anymeter.errors import LinkError, LinkTimeout
from anymeter.links.events import Event, Route, Unit
from anymeter.links.link import Link

T = TypeVar("T")

Trace = Callable[[bool, bytes], None]
"""Told the octets that go (True) and come (False)."""


class AsyncLine(asyncio.BufferedProtocol, asyncio.DatagramProtocol):
    """One line on the running loop; conversations on different routes run at once, those on one in turn."""

    def __init__(self, pump: Pump, trace: Trace | None = None) -> None:
        self.pump = pump
        self._trace = trace
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time
        self._write: Callable[[bytes], None] = _nowhere
        self._transport: asyncio.BaseTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._armed = 0.0
        self._heard: asyncio.Event | None = None
        self._intake = Intake()

    @classmethod
    async def connected(
        cls,
        kind: socket.SocketKind,
        host: str,
        port: int,
        link: Link,
        *,
        timeout: float = 10.0,
        connect_timeout: float = 10.0,
        unasked: Callable[[Unit], None] | None = None,
        watch: Callable[[Event], None] | None = None,
        trace: Trace | None = None,
    ) -> Self:
        """A line to *host*: the first of its addresses that can be reached. LinkError when none can."""
        where = hosts.written(host, port)
        sock = await connected_socket(kind, host, port, connect_timeout)
        line = cls(Pump(link, where, timeout=timeout, unasked=unasked, watch=watch), trace)
        loop = asyncio.get_running_loop()
        if kind == socket.SOCK_STREAM:
            await loop.create_connection(lambda: line, sock=sock)
        else:
            await loop.create_datagram_endpoint(lambda: line, sock=sock)
        return line

    async def open(self, route: Route) -> None:
        """Set a route up; LinkError."""
        await self._wait(self.pump.open(route, self._now()))

    async def run(
        self, route: Route, conversation: Conversation[T], unsent: Callable[[], Iterable[bytes]] | None = None
    ) -> T:
        """Run a conversation to its end; raises what it raises."""
        return await self._wait(self.pump.run(route, conversation, self._now(), unsent))

    async def close(self, route: Route) -> None:
        """Take a route down."""
        await self._wait(self.pump.close(route, self._now()))

    def tell(self, route: Route, apdu: bytes) -> None:
        """Send an APDU that wants no answer."""
        self.pump.tell(route, apdu, self._now())
        self._flush()

    async def listen(self, seconds: float) -> None:
        """Wait so long for something unasked, or until something came; LinkError when the line is down."""
        if self.pump.dead is not None:
            raise self.pump.dead
        self._heard = asyncio.Event()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._heard.wait()

    def hang_up(self) -> None:
        """Close the socket, whatever is under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            cast(asyncio.WriteTransport, self._transport).abort()

    async def _wait(self, job: Job[T]) -> T:
        self._flush()
        if not job.done:
            future: asyncio.Future[None] = self._loop.create_future()
            job.finished = lambda: None if future.done() else future.set_result(None)
            try:
                await future
            finally:
                if not job.done:
                    self.pump.cancel(job, self._now())
                    self._flush()
        return job.result()

    def _flush(self) -> None:
        """Send all there is, and see to the next timeout."""
        pump = self.pump
        while octets := pump.data_to_send():
            if self._trace is not None:
                self._trace(True, octets)
            self._write(octets)
        due = pump.next_timeout()
        if due is None or (self._timer is not None and self._armed <= due):
            return  # a timer that fires too early sets itself anew: cheaper than one for every answer
        if self._timer is not None:
            self._timer.cancel()
        self._armed = due
        self._timer = self._loop.call_at(due, self._time_has_come)

    def _time_has_come(self) -> None:
        self._timer = None
        self.pump.handle_timeout(self._now())
        self._flush()

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ready."""
        self._transport = transport
        if hasattr(transport, "sendto"):  # the selector loop's are no DatagramTransport before Python 3.12
            self._write = cast(asyncio.DatagramTransport, transport).sendto
        else:
            self._write = cast(asyncio.WriteTransport, transport).write

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next piece of the stream goes."""
        return self._intake.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """A piece of the stream came."""
        self._take(self._intake.take(nbytes))

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A datagram of the peer's: the socket is connected."""
        self._take(data)

    def _take(self, data: bytes) -> None:
        if self._trace is not None:
            self._trace(False, data)
        self.pump.receive(data, self._now())
        self._flush()
        if self._heard is not None:
            self._heard.set()

    def error_received(self, exc: Exception) -> None:
        """The network says that a datagram cannot be delivered."""
        self._lost(exc)

    def eof_received(self) -> None:
        """The peer sends no more."""
        self._lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self._lost(exc)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _lost(self, exc: Exception | None) -> None:
        self._write = _nowhere
        if self._heard is not None:
            self._heard.set()
        if self.pump.dead is None:
            why = hosts.reason(exc) if isinstance(exc, OSError) else str(exc or "the peer closed the connection")
            self.pump.lost(why, self._now())


def _nowhere(octets: bytes) -> None:
    """Where octets go when there is no socket."""


async def connected_socket(kind: socket.SocketKind, host: str, port: int, timeout: float) -> socket.socket:
    """A connected, non-blocking socket; LinkError, LinkTimeout."""
    problem: LinkError | None = None
    for family, address in await _resolved(host, port, kind, timeout):
        try:
            return await _connected(family, kind, address, timeout)
        except OSError as error:
            where = hosts.written(host, port)
            if isinstance(error, TimeoutError) and not error.errno:
                problem = LinkTimeout(f"{where} did not answer within {timeout:g} s")
            else:
                problem = LinkError(f"{where}: {hosts.reason(error)}")
    raise problem or LinkError(f"{hosts.written(host, port)}: there is no such address")


async def _resolved(host: str, port: int, kind: socket.SocketKind, timeout: float) -> list[hosts.Address]:
    found = hosts.literal(host, port)
    if found is not None:
        return [found]
    try:
        async with asyncio.timeout(timeout):
            infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind)
    except TimeoutError:
        raise LinkTimeout(f"no name server tells the address of {host!r} within {timeout:g} s") from None
    except (OSError, UnicodeError) as error:
        raise hosts.unknown(host, error) from None
    return [(family, cast("tuple[str, int]", sockaddr)) for family, _, _, _, sockaddr in infos]


async def _connected(family: int, kind: socket.SocketKind, address: tuple[str, int], timeout: float) -> socket.socket:
    sock = socket.socket(family, kind)
    try:
        sock.setblocking(False)
        if sock.connect_ex(address) and not hosts.has_peer(sock):  # under way, or refused: connecting again tells
            async with asyncio.timeout(timeout):
                await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock
