"""A two-way alternate line on a clock of its own: one primary, any number of secondaries, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from anymeter.errors import DecodeError
from anymeter.links import hdlc
from anymeter.links.events import Closed, Discarded, Event, Opened, Route, Unit
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.hdlc_secondary import HdlcSecondary

ROUTE = Route(16, 1, 17)


def frame(text: str, information: bytes = b"", *, to: hdlc.Address, of: hdlc.Address, segmented: bool = False) -> bytes:
    """A frame by its control field in hex."""
    return hdlc.Frame(to, of, int(text, 16), information, segmented).encode()


def split(octets: bytes) -> list[bytes]:
    """Whole frames, each with both flags; what is none stays in one piece."""
    out, at = [], 0
    while at < len(octets):
        try:
            _, end = hdlc.decode_at(octets, at)
        except DecodeError:
            return [*out, octets[at:]]
        out.append(octets[at : end + 1])
        at = end + 1
    return out


def kinds(octets: bytes) -> list[str]:
    """The control fields of the frames in *octets*, in words."""
    return [
        hdlc.explain_control(one.control) + (" +" if one.segmented else "")
        for one in hdlc.frames(octets)
        if isinstance(one, hdlc.Frame)
    ]


def events(link: HdlcPrimary | HdlcSecondary) -> list[Event]:
    out = []
    while (event := link.next_event()) is not None:
        out.append(event)
    return out


class Line:
    """Moves octets between the ends until nothing more happens or *limit* seconds are over.

    *fault* gets the number of a frame (both directions are counted) and its octets, and returns what arrives;
    *pieces* cuts what arrives. *answer* is the meter: units in, units out. All that happened is kept in the lists.
    """

    def __init__(
        self,
        primary: HdlcPrimary,
        *secondaries: HdlcSecondary,
        answer: Callable[[Unit], Sequence[Unit]] = lambda unit: [Unit(unit.route, b"\xc4" + unit.apdu)],
        fault: Callable[[int, bytes], bytes] = lambda number, octets: octets,
        pieces: Callable[[bytes], Sequence[bytes]] = lambda octets: [octets],
        echo: bool = False,
        limit: float = 600.0,
    ) -> None:
        self.primary, self.secondaries = primary, secondaries
        self.answer, self.fault, self.pieces, self.echo = answer, fault, pieces, echo
        self.now, self.limit = 0.0, limit
        self.count = 0
        self.trace: list[str] = []
        self.told: list[Event] = []
        self.met: list[Event] = []

    @property
    def units(self) -> list[Unit]:
        return [one for one in self.told if isinstance(one, Unit)]

    @property
    def requests(self) -> list[Unit]:
        return [one for one in self.met if isinstance(one, Unit)]

    @property
    def closed(self) -> list[Closed]:
        return [one for one in self.told if isinstance(one, Closed)]

    @property
    def opened(self) -> list[Opened]:
        return [one for one in self.told if isinstance(one, Opened)]

    @property
    def discarded(self) -> list[str]:
        return [one.why for one in self.told if isinstance(one, Discarded)]

    def run(self, *, idle: bool = False) -> None:
        """Until nobody has anything to say and, unless *idle*, until no timer of the primary runs."""
        while True:
            moved = self._move(self.primary)
            for secondary in self.secondaries:
                moved = self._move(secondary) or moved
            if moved:
                continue
            due = [t for t in [self.primary.next_timeout()] if t is not None]
            if not due or idle:
                return
            due += [t for s in self.secondaries if (t := s.next_timeout()) is not None]
            self.now = max(self.now, min(due))
            assert self.now <= self.limit, f"still waiting after {self.limit} s: {self.trace[-6:]}"
            self.primary.handle_timeout(self.now)
            for secondary in self.secondaries:
                secondary.handle_timeout(self.now)
            self._listen()

    def _move(self, link: HdlcPrimary | HdlcSecondary) -> bool:
        octets = link.data_to_send()
        if not octets:
            return False
        mark = "<" if link is not self.primary else ">"
        self.trace += [f"{mark} {kind}" for kind in kinds(octets)]
        arrived = bytearray()
        for one in split(octets):
            arrived += self.fault(self.count, one)
            self.count += 1
        assert self.count < 20_000, f"they talk for ever: {self.trace[-6:]}"
        ends = [self.primary, *self.secondaries] if self.echo else [e for e in self._ends() if e is not link]
        for piece in self.pieces(bytes(arrived)):
            for end in ends:
                end.receive_data(piece, self.now)
        self._listen()
        return True

    def _ends(self) -> list[HdlcPrimary | HdlcSecondary]:
        return [self.primary, *self.secondaries]

    def _listen(self) -> None:
        self.told += events(self.primary)
        for secondary in self.secondaries:
            for event in events(secondary):
                self.met.append(event)
                if isinstance(event, Unit):
                    for unit in self.answer(event):
                        secondary.send(unit, self.now)

    def open(self, route: Route = ROUTE) -> None:
        self.primary.open(route, self.now)
        self.run()

    def ask(self, apdu: bytes, route: Route = ROUTE) -> None:
        self.primary.send(Unit(route, apdu), self.now)
        self.run()

    def close(self, route: Route = ROUTE) -> None:
        self.primary.close(route, self.now)
        self.run()
