"""Who is there on an HDLC line behind a TCP connection: a discovery of :mod:`anymeter.links.hdlc_discovery`, driven."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable

from anymeter.drivers import hosts
from anymeter.drivers.blocking import Trace, connected_socket
from anymeter.errors import LinkError
from anymeter.links.events import Route
from anymeter.links.hdlc_discovery import Discovery, Station, discover

_CHUNK = 65536


def stations(
    host: str,
    port: int,
    routes: Iterable[Route],
    *,
    seconds: float = 0.5,
    connect_timeout: float = 10.0,
    progress: Callable[[int, int], object] | None = None,
    trace: Trace | None = None,
) -> list[Station]:
    """Ask each route in turn, waiting *seconds* for its answer; those that answered. LinkError, LocalError."""
    wanted = list(routes)
    sock = connected_socket(socket.SOCK_STREAM, host, port, connect_timeout)
    try:
        found: list[Station] = []
        for count, route in enumerate(wanted, 1):
            found += _run(discover([route], seconds=seconds), sock, hosts.written(host, port), trace)
            if progress is not None:
                progress(count, len(wanted))
        return found
    finally:
        sock.close()


def _run(discovery: Discovery, sock: socket.socket, where: str, trace: Trace | None) -> list[Station]:
    until, came = 0.0, b""
    try:
        probe = next(discovery)
        while True:
            if probe.octets:
                until = time.monotonic() + probe.seconds
                sock.settimeout(probe.seconds)
                _told(trace, True, probe.octets)
                sock.sendall(probe.octets)
            came = _received(sock, until, where)
            if came:
                _told(trace, False, came)
            probe = discovery.send(came)
    except StopIteration as stop:
        found: list[Station] = stop.value
        return found
    except OSError as error:
        raise LinkError(f"{where}: {hosts.reason(error)}") from None


def _received(sock: socket.socket, until: float, where: str) -> bytes:
    """The octets that come before *until*; empty when none do."""
    sock.settimeout(max(until - time.monotonic(), 0.001))
    try:
        data = sock.recv(_CHUNK)
    except TimeoutError:
        return b""
    if not data:
        raise LinkError(f"{where}: the peer closed the connection")
    return data


def _told(trace: Trace | None, out: bool, octets: bytes) -> None:
    if trace is not None:
        trace(out, octets)
