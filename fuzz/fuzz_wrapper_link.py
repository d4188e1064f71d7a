"""Wrapper links: octets to both ends, as a stream cut anywhere and as datagrams."""

from __future__ import annotations

from anymeter.links.events import Event, Route
from anymeter.links.wrapper_link import WrapperLink

ALLOWED = ()

ROUTE = Route(16, 1)


def told(link: WrapperLink) -> list[Event]:
    events = []
    while (event := link.next_event()) is not None:
        events.append(event)
    return events


def fed(server: bool, datagrams: bool, *pieces: bytes) -> list[Event]:
    """What a new link tells of *pieces*, and of the loss of its carrier after them."""
    link = WrapperLink(server=server, datagrams=datagrams)
    if not server:
        link.open(ROUTE, 0.0)
    for now, piece in enumerate(pieces):
        link.receive_data(piece, float(now))
    assert link.data_to_send() == b""
    link.connection_lost(9.0)
    link.handle_timeout(1e9)
    assert link.next_timeout() is None
    return told(link)


def kept(events: list[Event]) -> list[tuple[str, object]]:
    """What does not depend on how octets are cut: how much of a bad header had come by then does."""
    return [(type(event).__name__, getattr(event, "apdu", None)) for event in events]


def one(octets: bytes) -> None:
    cut = len(octets) // 2
    for server in (False, True):
        whole, halves = fed(server, False, octets), fed(server, False, octets[:cut], octets[cut:])
        assert kept(whole) == kept(halves)
        fed(server, True, octets[:cut], octets[cut:], octets)


if __name__ == "__main__":
    from harness import run

    run(one)
