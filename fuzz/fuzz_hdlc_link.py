"""HDLC links: octets to either end, in pieces and with time passing; a meter that speaks them, a client that asks."""

from __future__ import annotations

from anymeter.links import hdlc
from anymeter.links.events import Closed, Route, Unit
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.hdlc_secondary import HdlcSecondary

ALLOWED = ()

ROUTE = Route(16, 1)
PARAMETERS = hdlc.Parameters(64, 64, 3, 3)
ADDRESSES = hdlc.Address(16), hdlc.Address(1)
LIMIT = 5000


def frames(octets: bytes) -> list[tuple[int, bytes, bool]]:
    """Control field, information and segmentation bit of a frame for every three octets."""
    found = []
    for at in range(0, min(len(octets) - 2, 120), 3):
        control, size, first = octets[at : at + 3]
        found.append((control, bytes((first,)) * (size & 15), size > 15))
    return found


def ended(link: HdlcPrimary, now: float) -> None:
    """A client alone comes to an end."""
    for _ in range(LIMIT):
        link.data_to_send()
        due = link.next_timeout()
        if due is None:
            return
        now = max(now, due)
        link.handle_timeout(now)
    raise AssertionError("the client never ends")


def told(link: HdlcPrimary | HdlcSecondary) -> bool:
    """Take the events; answer what is asked; whether the route is down."""
    down = False
    while (event := link.next_event()) is not None:
        down = down or isinstance(event, Closed)
        if (
            isinstance(event, Unit)
            and event.confirmed
            and isinstance(link, HdlcSecondary)
            and event.route in link._routes
        ):
            link.send(event, 0.0)
    return down


def one(octets: bytes) -> None:
    meter = HdlcSecondary(PARAMETERS)
    meter.receive_data(hdlc.Frame(ADDRESSES[1], ADDRESSES[0], 0x93).encode(), 0.0)
    client = HdlcPrimary(PARAMETERS)
    client.open(ROUTE, 0.0)
    client.data_to_send()
    client.receive_data(meter.data_to_send(), 0.0)
    client.send(Unit(ROUTE, bytes(500)), 0.0)
    now = 0.0
    for control, information, segmented in frames(octets):
        now += control / 256
        for link, (to, of) in ((client, ADDRESSES), (meter, ADDRESSES[::-1])):
            link.data_to_send()
            link.receive_data(hdlc.Frame(to, of, control, information, segmented).encode(), now)
            link.handle_timeout(now)
            told(link)
    for link in (client, meter):
        cut = len(octets) // 2
        link.receive_data(octets[:cut], now)
        link.receive_data(octets[cut:], now + 0.5)
        told(link)
    ended(client, now)
    meter.handle_timeout(now + 1000)
    assert meter.next_timeout() is None


if __name__ == "__main__":
    from harness import run

    run(one)
