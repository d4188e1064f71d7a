"""``async with listen(url) as pushes``: what meters send unasked, over TCP or UDP, decoded and confirmed.

Meters call us here, so a listener is a server whose answers are confirmations.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from anymeter.decoding import KeyRing
from anymeter.drivers import serve, urls
from anymeter.drivers.postbox import Postbox, Received
from anymeter.drivers.serve import Peer
from anymeter.errors import DecodeError
from anymeter.links.events import Discarded, Event, Route, Unit
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.link import Link

KEPT: Final = 10_000
"""Messages that wait for whoever listens; more than these are lost, the oldest first."""
_MOST: Final = 4096


class Heard(msgspec.Struct, frozen=True):
    """A message, or why it is none, and who sent it; *peer* is None for noise between messages."""

    peer: Peer | None
    message: Received


class Listener:
    """What was heard and not taken yet; an asynchronous iterator without an end. *lost*: messages nobody took."""

    def __init__(self, keys: KeyRing | None) -> None:
        self.lost = 0
        self.addresses: list[Peer] = []
        self._keys = keys
        self._heard: deque[Heard] = deque()
        self._any = asyncio.Event()

    def __aiter__(self) -> AsyncIterator[Heard]:
        return self

    async def __anext__(self) -> Heard:
        while not self._heard:
            self._any.clear()
            await self._any.wait()
        return self._heard.popleft()

    def served(self, local: Peer, peer: Peer) -> _Ear:
        """What answers a meter that calls."""
        return _Ear(self, self._keys, peer)

    def noise(self, event: Event) -> None:
        """Octets that are no message."""
        if isinstance(event, Discarded):
            self.take(Heard(None, DecodeError(event.why, what="line", at=0)))

    def take(self, heard: Heard) -> None:
        """One more was heard."""
        if len(self._heard) >= KEPT:
            self._heard.popleft()
            self.lost += 1
        self._heard.append(heard)
        self._any.set()


class _Ear:
    """The listener's end of one line: every notification is taken, and confirmed where it asks for that."""

    def __init__(self, listener: Listener, keys: KeyRing | None, peer: Peer) -> None:
        self._listener, self._peer = listener, peer
        self._postbox = Postbox(keys, self._confirm)
        self._confirmations: list[Unit] = []

    def answer(self, unit: Unit, now: float) -> Sequence[Unit]:
        """The confirmation of what came."""
        self._confirmations = []
        self._postbox.unit(unit)
        messages = self._postbox.messages
        while messages:
            self._listener.take(Heard(self._peer, messages.popleft()))
        return self._confirmations

    def closed(self, route: Route | None, now: float) -> None:
        """Nothing is left to do."""

    def next_timeout(self) -> float | None:
        """Nothing is due."""
        return None

    def handle_timeout(self, now: float) -> Sequence[Unit]:
        """Nothing is due."""
        return ()

    def _confirm(self, route: Route, apdu: bytes) -> None:
        self._confirmations.append(Unit(route, apdu, False))


@asynccontextmanager
async def listen(url: str, *, keys: KeyRing | None = None) -> AsyncIterator[Listener]:
    """Listen at *url*, such as ``dlms+udp://[::]:4059``; LinkError when its address cannot be had.

    Port 0 takes a free one: the listener's ``addresses`` tell which.
    """
    parsed = urls.parse(url)
    listener = Listener(keys)
    settings = serve.Settings(watch=listener.noise, most=_MOST)
    if parsed.datagrams:
        serving = await serve.serve_udp(listener.served, parsed.host, parsed.port, settings=settings)
    else:
        link = _polling if parsed.hdlc else None
        serving = await serve.serve_tcp(listener.served, parsed.host, parsed.port, link=link, settings=settings)
    listener.addresses = serving.addresses
    async with serving:
        yield listener


def _polling() -> Link:
    return HdlcPrimary()
