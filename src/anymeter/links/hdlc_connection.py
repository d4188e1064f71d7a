"""One connection of an HDLC line, as both ends see it: I frames both ways, acknowledged. Source: IEC 62056-46, 6.4."""

from __future__ import annotations

from typing import Final

from anymeter.links.events import Route
from anymeter.links.hdlc_frame import LLC_COMMAND, POLL_FINAL, UI, Address, Frame, assemble
from anymeter.links.hdlc_parameters import MAX_INFORMATION, MAX_WINDOW, Parameters
from anymeter.links.hdlc_window import GAP, IN_ORDER, INVALID, Incoming, Outgoing

RR: Final = 0x01
RNR: Final = 0x05
REJ: Final = 0x09

MIN_INFORMATION: Final = 32


class Connection:
    """Sequence numbers, windows, segments and who is busy, between one client and one server.

    *peer* and *own* are the addresses; *state* is a row of the table of legal moves of its end.
    """

    __slots__ = (
        "addresses", "asked", "awaited", "burst", "busy", "due", "enquire", "gap", "got", "heard", "max_information",
        "mirrored", "own", "peer", "peer_busy", "ready", "refusal", "route", "sent", "since", "state", "tries", "why",
    )  # fmt: skip

    def __init__(self, route: Route, own: Address, peer: Address, limit: int, state: str, now: float) -> None:
        self.route, self.own, self.peer = route, own, peer
        self.addresses = peer.encode() + own.encode()
        self.mirrored = own == peer
        self.state = state
        self.why = ""
        self.since = self.heard = now
        self.due: float | None = None
        self.ready = self.awaited = self.enquire = False
        self.tries = self.burst = 0
        self.refusal = b""
        self.asked: float | None = None
        self.set_up(Parameters(), limit)

    def set_up(self, agreed: Parameters, limit: int) -> None:
        """Begin at N(S) = N(R) = 0 with what was *agreed*, seen from this end; *limit* bounds an APDU that comes."""
        self.sent = Outgoing(agreed.max_information_transmit, agreed.window_transmit)
        self.got = Incoming(agreed.window_receive, limit + len(LLC_COMMAND))
        self.max_information = agreed.max_information_receive
        self.busy = self.peer_busy = self.gap = False

    def frame(self, control: int, information: bytes = b"", segmented: bool = False) -> bytes:
        """A frame to the peer."""
        return assemble(self.addresses, control, information, segmented)

    def turn(self) -> list[bytes]:
        """The I frames that may go now, the last one with P/F; empty when there are none or the peer is busy."""
        if self.peer_busy:
            return []
        pieces = self.sent.burst()
        if not pieces:
            return []
        acknowledged = self.got.expected << 5
        last = len(pieces) - 1
        out = [
            assemble(self.addresses, acknowledged | number << 1 | (POLL_FINAL if i == last else 0), octets, more)
            for i, (number, octets, more) in enumerate(pieces)
        ]
        self.burst = len(out)
        return out

    def supervision(self, reject: bool) -> bytes:
        """RR, RNR when we are busy, REJ (where it is to be used) when a frame is missing; with P/F and N(R)."""
        kind = RNR if self.busy else REJ if reject and self.gap else RR
        self.burst = 0
        return assemble(self.addresses, self.got.expected << 5 | POLL_FINAL | kind)

    def acknowledged(self, control: int) -> int:
        """Take the N(R) of a control field: how many frames it newly acknowledges, INVALID for an impossible one."""
        count = self.sent.acknowledge(control >> 5)
        if count and count != INVALID:
            self.tries = 0
        return count

    def placed(self, frame: Frame) -> str:
        """Where an I frame stands in the sequence; remembers that one is missing."""
        place = self.got.place(frame.control >> 1 & 7)
        if place == IN_ORDER:
            self.gap = False
        elif place == GAP:
            self.gap = True
        return place


def lower(wanted: Parameters, peer: Parameters) -> Parameters:
    """What both can do, seen from the end that *wanted* it: never more than either said, inside the legal range."""

    def octets(a: int, b: int) -> int:
        return max(MIN_INFORMATION, min(a, b, MAX_INFORMATION))

    def frames(a: int, b: int) -> int:
        return max(1, min(a, b, MAX_WINDOW))

    return Parameters(
        octets(wanted.max_information_transmit, peer.max_information_receive),
        octets(wanted.max_information_receive, peer.max_information_transmit),
        frames(wanted.window_transmit, peer.window_receive),
        frames(wanted.window_receive, peer.window_transmit),
    )


def unnumbered(addresses: bytes, octets: bytes, size: int, final: bool) -> bytes:
    """UI frames that carry *octets*, the LLC header included, in segments of *size*; P/F on the last if *final*."""
    last = len(octets) - size
    return b"".join(
        assemble(addresses, UI | POLL_FINAL if final and at >= last else UI, octets[at : at + size], at < last)
        for at in range(0, len(octets), size)
    )
