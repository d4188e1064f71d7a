"""Lines over blocking sockets, TCP and UDP, without threads: the pump runs while a caller waits for its job."""

from __future__ import annotations

import errno
import select
import socket
import time
from collections.abc import Callable, Iterable
from typing import Final, Self, TypeVar

from anymeter.dlms.conversation import Conversation
from anymeter.drivers import hosts
from anymeter.drivers.pump import Job, Pump
from anymeter.errors import LinkError, LinkTimeout
from anymeter.links.events import Event, Route, Unit
from anymeter.links.link import Link

T = TypeVar("T")

Trace = Callable[[bool, bytes], None]
"""Told the octets that go (True) and come (False)."""

_CHUNK: Final = 65536
_UNDER_WAY: Final = frozenset((0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY))


class BlockingLine:
    """One line over a connected socket; conversations run one after the other."""

    def __init__(self, sock: socket.socket, pump: Pump, trace: Trace | None = None) -> None:
        sock.setblocking(False)
        self.pump = pump
        self._socket, self._trace = sock, trace
        self._datagrams = sock.type == socket.SOCK_DGRAM
        self._ready = _poller(sock)

    @classmethod
    def connected(
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
        sock = connected_socket(kind, host, port, connect_timeout)
        return cls(sock, Pump(link, where, timeout=timeout, unasked=unasked, watch=watch), trace)

    def open(self, route: Route) -> None:
        """Set a route up; LinkError."""
        self._wait(self.pump.open(route, time.monotonic()))

    def run(
        self, route: Route, conversation: Conversation[T], unsent: Callable[[], Iterable[bytes]] | None = None
    ) -> T:
        """Run a conversation to its end; raises what it raises."""
        return self._wait(self.pump.run(route, conversation, time.monotonic(), unsent))

    def close(self, route: Route) -> None:
        """Take a route down."""
        self._wait(self.pump.close(route, time.monotonic()))

    def tell(self, route: Route, apdu: bytes) -> None:
        """Send an APDU that wants no answer."""
        self.pump.tell(route, apdu, time.monotonic())
        self._flush()

    def listen(self, seconds: float) -> None:
        """Take in what comes unasked for so long, or until something came; LinkError when the line is down."""
        if self.pump.dead is not None:
            raise self.pump.dead
        self._turn(time.monotonic() + seconds)

    def hang_up(self) -> None:
        """Close the socket, whatever is under way."""
        self._socket.close()

    def _wait(self, job: Job[T]) -> T:
        try:
            while not job.done:
                self._turn()
        except BaseException:
            self.pump.cancel(job, time.monotonic())
            raise
        if self.pump.dead is None:
            self._flush()
        return job.result()

    def _turn(self, until: float | None = None) -> None:
        """Send what is to be sent, then take in what comes before *until* and before the next timeout."""
        pump = self.pump
        if self._flush():
            return
        due = pump.next_timeout()
        if until is None or (due is not None and due < until):
            until = due
        try:
            data = self._socket.recv(_CHUNK) if self._ready(False, until) else None
        except BlockingIOError:
            return
        except OSError as error:
            pump.lost(hosts.reason(error), time.monotonic())
            return
        now = time.monotonic()
        if data:
            if self._trace is not None:
                self._trace(False, data)
            pump.receive(data, now)
        elif data is None:
            pump.handle_timeout(now)
        elif not self._datagrams:
            pump.lost("the peer closed the connection", now)

    def _flush(self) -> bool:
        """Send all there is; whether that brought the line down."""
        pump = self.pump
        while octets := pump.data_to_send():
            if self._trace is not None:
                self._trace(True, octets)
            try:
                sent = self._socket.send(octets)
                while sent < len(octets):
                    sent += self._send_rest(octets[sent:])
            except BlockingIOError:
                pump.lost("it takes no more octets", time.monotonic())
                return True
            except OSError as error:
                pump.lost(hosts.reason(error), time.monotonic())
                return True
        return False

    def _send_rest(self, octets: bytes) -> int:
        """Wait until some more octets can go; BlockingIOError when that takes too long."""
        self._ready(True, time.monotonic() + self.pump.timeout)
        return self._socket.send(octets)


def connected_socket(kind: socket.SocketKind, host: str, port: int, timeout: float) -> socket.socket:
    """A connected, non-blocking socket; LinkError, LinkTimeout."""
    problem: LinkError | None = None
    for family, address in hosts.resolved(host, port, kind):
        try:
            return _connected(family, kind, address, timeout)
        except OSError as error:
            where = hosts.written(host, port)
            if isinstance(error, TimeoutError) and not error.errno:
                problem = LinkTimeout(f"{where} did not answer within {timeout:g} s")
            else:
                problem = LinkError(f"{where}: {hosts.reason(error)}")
    raise problem or LinkError(f"{hosts.written(host, port)}: there is no such address")


def _connected(family: int, kind: socket.SocketKind, address: tuple[str, int], timeout: float) -> socket.socket:
    sock = socket.socket(family, kind)
    try:
        sock.setblocking(False)
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = sock.connect_ex(address)
        if code not in _UNDER_WAY:
            raise OSError(code, "")
        if code and not hosts.has_peer(sock):
            if not _poller(sock)(True, time.monotonic() + timeout):
                raise TimeoutError
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, "")
    except BaseException:
        sock.close()
        raise
    return sock


def _poller(sock: socket.socket) -> Callable[[bool, float | None], bool]:
    """A function that waits until *sock* can be written (True) or read, at most until a time; whether it can be."""
    if not hasattr(select, "poll"):
        return lambda writing, until: _selected(sock, writing, until)
    poll = select.poll()
    number = sock.fileno()
    watched = False
    poll.register(number, select.POLLIN)

    def ready(writing: bool, until: float | None) -> bool:
        nonlocal watched
        if writing is not watched:
            poll.modify(number, select.POLLOUT if writing else select.POLLIN)
            watched = writing
        return bool(poll.poll(None if until is None else max(until - time.monotonic(), 0.0) * 1000.0))

    return ready


def _selected(sock: socket.socket, writing: bool, until: float | None) -> bool:
    rest = None if until is None else max(until - time.monotonic(), 0.0)
    found = select.select([] if writing else [sock], [sock] if writing else [], [], rest)
    return any(found)
