"""What a link tells its driver."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Route(msgspec.Struct, frozen=True):
    """Between whom: the SAPs of client and logical device; *physical* is the lower HDLC address, where there is one."""

    client: int
    server: int
    physical: int | None = None

    def __str__(self) -> str:
        server = f"{self.server}" if self.physical is None else f"{self.server}/{self.physical}"
        return f"client {self.client}, server {server}"


class Unit(msgspec.Struct, frozen=True):
    """One APDU on its way along a route; not *confirmed*: no answer is due, the link does not repeat it."""

    route: Route
    apdu: bytes
    confirmed: bool = True


class Opened(msgspec.Struct, frozen=True):
    """A route is up; *max_apdu* octets fit, None: as many as you like."""

    route: Route
    max_apdu: int | None = None


class Closed(msgspec.Struct, frozen=True):
    """A route is down, or with no *route* the whole line; *why* is empty when we asked for it."""

    why: str = ""
    route: Route | None = None
    timed_out: bool = False


class Discarded(msgspec.Struct, frozen=True):
    """Octets the standard says to ignore: noise between frames, a bad check sequence, a frame out of sequence."""

    why: str
    octets: bytes


Event: TypeAlias = Opened | Unit | Discarded | Closed
