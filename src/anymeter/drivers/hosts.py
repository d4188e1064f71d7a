"""Hosts and ports: literal addresses without asking a name server, errors in one sentence."""

from __future__ import annotations

import os
import socket
from typing import TypeAlias

from anymeter.errors import LinkError

Address: TypeAlias = tuple[int, tuple[str, int]]
"""An address family, and what goes with it to ``connect`` or ``bind``."""


def written(host: str, port: int) -> str:
    """Host and port as a person writes them.

    >>> written("10.0.0.5", 4059), written("2001:db8::5", 4059)
    ('10.0.0.5:4059', '[2001:db8::5]:4059')
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def literal(host: str, port: int) -> Address | None:
    """The address where *host* is one of IPv4 or IPv6 itself; None for names, and for addresses with a zone.

    >>> literal("127.0.0.1", 4059)[1], literal("meter.example", 4059)
    (('127.0.0.1', 4059), None)
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except OSError:
        return None
    return family, (host, port)


def resolved(host: str, port: int, kind: socket.SocketKind) -> list[Address]:
    """Every address of *host* for sockets of this *kind*; LinkError when there is none."""
    found = literal(host, port)
    if found is not None:
        return [found]
    try:
        infos = socket.getaddrinfo(host, port, type=kind)
    except (OSError, UnicodeError) as error:
        raise unknown(host, error) from None
    return [(family, sockaddr) for family, _, _, _, sockaddr in infos]  # type: ignore[misc]


def has_peer(sock: socket.socket) -> bool:
    """Whether a socket that was told to connect is connected already: on this machine it is, and need not wait."""
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def unknown(host: str, error: OSError | UnicodeError) -> LinkError:
    """The error for a name that leads nowhere."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return LinkError(f"no host is called {host!r}: {why}")


def reason(error: OSError) -> str:
    """Why the operating system says no, in its words.

    >>> reason(ConnectionRefusedError(111, "Connection refused"))
    'connection refused'
    """
    why = error.strerror or (os.strerror(error.errno) if error.errno else "the network failed")
    return why[:1].lower() + why[1:]
