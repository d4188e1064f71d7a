"""Who is meant by an HDLC address: the reserved ones, and the form a route takes. Source: IEC 62056-46, 6.4.2."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from anymeter.errors import LocalError
from anymeter.links.events import Route
from anymeter.links.hdlc_frame import Address

NO_STATION: Final = 0
CALLING: Final = 0x7E
ALL_STATION: Final = 0x7F

_WIDE: Final = {0x3FFE: CALLING, 0x3FFF: ALL_STATION}


def narrow(value: int, octets: int) -> int:
    """The part *value* of an address of so many *octets*, reserved values in their form of one octet.

    >>> narrow(0x3FFF, 4), narrow(0x7F, 2), narrow(0x7F, 4), narrow(17, 4)
    (127, 127, 127, 17)
    """
    return _WIDE.get(value, value) if octets == 4 else value


def server_address(route: Route, octets: int | None = None) -> Address:
    """The address of the route's server in *octets*, or in the shortest form that holds it; raises LocalError."""
    if route.physical is not None and octets == 1:
        raise LocalError("an address of one octet has no place for the physical device")
    upper, lower = route.server, route.physical
    if octets != 1 and lower is None and (octets or upper > ALL_STATION):
        raise LocalError(f"an address of {octets or 4} octets needs the physical device")
    made = Address.of(upper, lower, octets)
    if made.octets == 4:
        wide = {reserved: value for value, reserved in _WIDE.items()}
        made = Address(wide.get(upper, upper), wide.get(lower or 0, lower), 4)
    made.encode()
    return made


def client_address(route: Route) -> Address:
    """The address of the route's client, one octet; raises LocalError."""
    made = Address(route.client)
    made.encode()
    return made


class Stations:
    """The addresses that a server answers to.

    *physical*: one address, or those of several devices on one line (an address without one then means none of them),
    None: any; *saps* None: any; *forms*: the lengths of an address it understands; *calling*: whether it is the device
    that called, so that CALLING means it.
    """

    __slots__ = ("_calling", "_forms", "_heard", "_physical", "_saps")

    def __init__(
        self,
        physical: int | Collection[int] | None,
        saps: Collection[int] | None,
        forms: Collection[int],
        calling: bool,
    ) -> None:
        self._calling = calling
        self._physical = physical if isinstance(physical, int) else None
        self._heard = None if physical is None else frozenset((physical,) if isinstance(physical, int) else physical)
        self._saps = None if saps is None else frozenset(saps)
        self._forms = frozenset(forms)

    def route(self, client: Address, server: Address) -> Route | None:
        """The route between the two when the server is one of ours, all-station included; None when it is not."""
        upper, lower, octets = server.upper, server.lower, server.octets
        if octets == 4:
            upper, lower = narrow(upper, 4), narrow(lower or 0, 4)
        if octets not in self._forms or upper == NO_STATION or lower == NO_STATION or client.upper == NO_STATION:
            return None
        if self._saps is not None and upper != ALL_STATION and upper not in self._saps:
            return None
        mine = self._physical
        if lower is not None and lower != ALL_STATION:
            if lower == CALLING:
                if not self._calling:
                    return None
                lower = lower if mine is None else mine
            elif self._heard is not None and lower not in self._heard:
                return None
        elif lower == ALL_STATION and mine is not None:
            lower = mine
        elif lower is None and self._heard is not None and len(self._heard) > 1:
            return None
        return Route(client.upper, upper, lower)


def to_all(server: Address) -> bool:
    """Whether the address means every device, or every logical device: nobody answers."""
    octets = server.octets
    return narrow(server.upper, octets) == ALL_STATION or (
        server.lower is not None and narrow(server.lower, octets) == ALL_STATION
    )
