"""Frames joined to what they carry: one unit an APDU, or an SNRM, UA, DISC on its own. Source: IEC 62056-46."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, TypeVar

import msgspec

from anymeter.errors import LocalError
from anymeter.links.events import Discarded
from anymeter.links.hdlc_frame import LLC_COMMAND, LLC_RESPONSE, POLL_FINAL, UI, Address, Frame

MAX_UNIT: Final = 1 << 20
MAX_OPEN: Final = 64


class Unit(msgspec.Struct, frozen=True):
    """The information that one I frame, one UI frame or a run of their segments carries, its LLC header taken off.

    *confirmed* is true for I frames; *from_server* is None where neither LLC nor addresses tell, and then the source
    is taken for the client; *llc* is empty where no header was sent, as in the later blocks of a push; *frames*
    counts the segments. One information field may hold several APDUs in a row.
    """

    client: int
    server: int
    apdu: bytes
    confirmed: bool = False
    from_server: bool | None = None
    physical: int | None = None
    llc: bytes = b""
    frames: int = 1


Joined: TypeAlias = "Unit | Discarded"
_Way: TypeAlias = "tuple[Address, Address]"
_Key: TypeAlias = "tuple[Address, Address, bool]"
_T = TypeVar("_T")


class _Open:
    """Segments of one direction between two stations that wait for their last one."""

    __slots__ = ("first", "frames", "parts", "size")

    def __init__(self, first: Frame) -> None:
        self.first, self.parts, self.size, self.frames = first, [first.information], len(first.information), 1


class Reassembler:
    """Joins segments, one sender and receiver at a time; feed it every frame of a line in order.

    Nothing raises. A repeated I frame is dropped, a gap in N(S) or a set-up in between discards what was begun.
    """

    def __init__(self, *, max_unit: int = MAX_UNIT) -> None:
        self._open: dict[_Key, _Open] = {}
        self._last: dict[tuple[Address, Address], Frame] = {}
        self._sides: dict[tuple[Address, Address], bool] = {}
        self._max = max_unit

    def feed(self, frame: Frame) -> list[Joined]:
        """The units and the losses that *frame* completes."""
        kind = frame.kind
        if frame.llc:
            _remember(self._sides, (frame.destination, frame.source), frame.llc[1] == 0xE7)
        if kind == "I":
            return self._information(frame)
        if kind == "UI":
            return self._unnumbered(frame)
        if kind in ("SNRM", "DISC", "UA", "DM"):
            return self._reset(frame)
        return []

    def finish(self) -> list[Joined]:
        """What stays unfinished at the end of a capture."""
        out: list[Joined] = [_lost(begun, "the last segment is missing") for begun in self._open.values()]
        self._open.clear()
        self._last.clear()
        return out

    def _information(self, frame: Frame) -> list[Joined]:
        way = (frame.destination, frame.source)
        key = (*way, True)
        last = self._last.pop(way, None)
        if last is not None and last.send_number == frame.send_number and last.information == frame.information:
            self._last[way] = last
            return [Discarded("an I frame sent again", frame.information)]
        _remember(self._last, way, frame)
        out: list[Joined] = []
        begun = self._open.get(key)
        if begun is not None and (last is None or frame.send_number != ((last.send_number or 0) + 1) % 8):
            out.append(_lost(self._open.pop(key), "a segment is missing"))
        return out + self._join(key, frame)

    def _unnumbered(self, frame: Frame) -> list[Joined]:
        key = (frame.destination, frame.source, False)
        out: list[Joined] = []
        # UI frames carry no number: a second LLC header is the only sign that the rest of a run was lost.
        if key in self._open and frame.llc:
            out.append(_lost(self._open.pop(key), "the last segment is missing"))
        return out + self._join(key, frame)

    def _join(self, key: _Key, frame: Frame) -> list[Joined]:
        begun = self._open.get(key)
        if begun is None:
            if not frame.segmented:
                return [self._unit(frame, frame.information, 1)] if frame.information else []
            out: list[Joined] = []
            if len(self._open) >= MAX_OPEN:
                out.append(_lost(self._open.pop(next(iter(self._open))), "too many senders at once"))
            self._open[key] = _Open(frame)
            return out
        begun.frames += 1
        if frame.information:  # segments without octets could go on for ever
            begun.parts.append(frame.information)
            begun.size += len(frame.information)
        if begun.size > self._max:
            return [_lost(self._open.pop(key), f"more than {self._max} octets")]
        if frame.segmented:
            return []
        del self._open[key]
        return [self._unit(begun.first, b"".join(begun.parts), begun.frames)]

    def _unit(self, first: Frame, octets: bytes, count: int) -> Unit:
        llc = first.llc
        # Later blocks of a push have no LLC header: they come from the side that sent one before.
        from_server = self._sides.get((first.destination, first.source), first.from_server)
        server, client = (first.source, first.destination) if from_server else (first.destination, first.source)
        return Unit(
            client=client.upper,
            server=server.upper,
            apdu=octets[len(llc) :],
            confirmed=not first.control & 1,
            from_server=from_server,
            physical=server.lower,
            llc=llc,
            frames=count,
        )

    def _reset(self, frame: Frame) -> list[Joined]:
        out: list[Joined] = []
        for way in ((frame.destination, frame.source), (frame.source, frame.destination)):
            self._last.pop(way, None)
            begun = self._open.pop((*way, True), None)
            if begun is not None:
                out.append(_lost(begun, f"{frame.kind} before the last segment"))
        return out


def reassemble(frames: Iterable[Frame | Discarded]) -> list[Joined]:
    """The units that *frames* carry, in order of their last frame, losses as :class:`Discarded` in between."""
    joiner = Reassembler()
    out: list[Joined] = []
    for frame in frames:
        if isinstance(frame, Discarded):
            out.append(frame)
        else:
            out += joiner.feed(frame)
    return out + joiner.finish()


def segment(
    apdu: bytes,
    *,
    client: Address,
    server: Address,
    from_server: bool = False,
    max_information: int = 128,
    control: int = UI,
) -> list[Frame]:
    """The frames that carry *apdu* behind its LLC header, *max_information* octets each, the last one with P/F.

    *control* is that of the first frame; N(S) of I frames counts up from there.
    """
    if max_information < 4:
        raise LocalError(f"{max_information} octets have no room for the LLC header and data")
    whole = (LLC_RESPONSE if from_server else LLC_COMMAND) + apdu
    destination, source = (client, server) if from_server else (server, client)
    out = []
    for at in range(0, len(whole), max_information):
        more = at + max_information < len(whole)
        number = 0 if control & 1 else (at // max_information) << 1
        octet = control & 0xF0 | (control + number) & 0x0F if number else control
        octet = octet & ~POLL_FINAL if more else octet | POLL_FINAL
        out.append(Frame(destination, source, octet, whole[at : at + max_information], more))
    return out


def _remember(kept: dict[_Way, _T], way: _Way, what: _T) -> None:
    """Keep *what* for one way between two stations, the oldest way given up beyond a bound."""
    if way not in kept and len(kept) >= MAX_OPEN:
        kept.pop(next(iter(kept)))
    kept[way] = what


def _lost(begun: _Open, why: str) -> Discarded:
    return Discarded(why, b"".join(begun.parts))
