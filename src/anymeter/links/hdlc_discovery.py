"""Who is there on an HDLC line: SNRM to one address after another. Source: IEC 62056-46 (EN 13757-1:2014, 8.2.2)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Final, TypeAlias

import msgspec

from anymeter.errors import DecodeError
from anymeter.links.events import Discarded, Route
from anymeter.links.hdlc_frame import DISC, POLL_FINAL, SNRM, Address, Frame, assemble
from anymeter.links.hdlc_parameters import Parameters, decode_parameters
from anymeter.links.hdlc_stations import client_address, narrow, server_address
from anymeter.links.hdlc_stream import FrameStream

PUBLIC_CLIENT: Final = 16
MANAGEMENT: Final = 1


class Probe(msgspec.Struct, frozen=True):
    """What a discovery asks of its driver: send *octets*, then wait up to *seconds* for an answer.

    Empty *octets*: go on with the wait that is running.
    """

    octets: bytes
    seconds: float


class Station(msgspec.Struct, frozen=True):
    """A station that answered: *answer* is ``UA`` (then with its *parameters*), ``DM``, or empty for garbled octets.

    *address* is the one it answered from; garbled octets may be two stations at once, or noise.
    """

    route: Route
    answer: str
    address: Address | None = None
    parameters: Parameters | None = None


Discovery: TypeAlias = Generator[Probe, bytes, list[Station]]
"""Yields probes, is sent the octets that came (empty: the time is over), returns who is there."""


def addresses(
    physical: Iterable[int | None] = (None,), logical: Iterable[int] = (MANAGEMENT,), client: int = PUBLIC_CLIENT
) -> Iterator[Route]:
    """The routes of a search: every logical device of every physical one.

    >>> [str(route) for route in addresses([16, 17])]
    ['client 16, server 1/16', 'client 16, server 1/17']
    """
    wanted = list(logical)
    return (Route(client, server, lower) for lower in physical for server in wanted)


def discover(
    routes: Iterable[Route], *, seconds: float = 1.0, repeats: int = 0, address_octets: int | None = None
) -> Discovery:
    """Ask each route for its UA or DM, waiting *seconds* for it and asking again *repeats* times; leave none connected.

    Raises LocalError for a route that does not fit an address, before anything is sent.
    """
    asked = [(route, server_address(route, address_octets), client_address(route)) for route in routes]
    found: list[Station] = []
    for route, server, client in asked:
        station = None
        for _ in range(repeats + 1):
            station = yield from _asked(route, server, client, SNRM, seconds)
            if station is not None:
                break
        if station is not None:
            found.append(station)
            if station.answer == "UA":
                yield from _asked(route, server, client, DISC, seconds)
    return found


def _asked(
    route: Route, server: Address, client: Address, control: int, seconds: float
) -> Generator[Probe, bytes, Station | None]:
    """One command and its answer, None when nothing came."""
    octets = assemble(server.encode() + client.encode(), control | POLL_FINAL)
    stream, noise, over = FrameStream(), False, False
    while not over:
        came = yield Probe(octets, seconds)
        octets, over = b"", not came
        for one in stream.finish() if over else stream.feed(came):
            if isinstance(one, Discarded):
                noise = True
            elif _answers(one, server, client):
                return Station(route, one.kind, one.source, _parameters(one))
    return Station(route, "") if noise else None


def _answers(frame: Frame, server: Address, client: Address) -> bool:
    """Whether it is the UA or DM of *server*, in whatever form of address."""
    source = frame.source
    if frame.kind not in ("UA", "DM") or frame.destination != client or source.upper != server.upper:
        return False
    if source.lower is None or server.lower is None:
        return True
    return narrow(source.lower, source.octets) == narrow(server.lower, server.octets)


def _parameters(frame: Frame) -> Parameters | None:
    if frame.kind != "UA":
        return None
    try:
        return decode_parameters(frame.information)
    except DecodeError:
        return None
