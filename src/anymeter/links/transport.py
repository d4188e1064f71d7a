"""The transport sub-layer of COSEM over M-Bus frames: CI 00 to 1F. Source: EN 13757-1:2014, 8.2.4.

``CI STSAP DTSAP user data`` inside a long frame; CI = 000 FIN sequence. A message is cut into segments numbered
from 0, the last has FIN set; each repeats both service access points.
"""

from __future__ import annotations

from typing import Final

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.links.events import Discarded
from anymeter.wire.fields import Field

WHAT: Final = "M-Bus transport segment"
CLAUSE: Final = "EN 13757-1:2014, 8.2.4"
FIN: Final = 0x10
LAST_CI: Final = 0x1F
HEADER: Final = 3
"""Octets of CI, STSAP and DTSAP before the user data of a segment."""
SEGMENT: Final = 250
"""Most user data in one frame: L = 255 less C, A, CI and the two access points."""
LIMIT: Final = 1 << 16


class Segment(msgspec.Struct, frozen=True):
    """One segment: *source* and *destination* are the service access points STSAP and DTSAP."""

    number: int
    final: bool
    source: int
    destination: int
    data: bytes

    def encode(self) -> bytes:
        """The segment from its CI field on."""
        if not all(0 <= x <= 255 for x in (self.source, self.destination)) or not 0 <= self.number <= 15:
            raise LocalError("access points have one octet, sequence numbers four bits")
        ci = (FIN if self.final else 0) | self.number
        return bytes((ci, self.source, self.destination)) + self.data


class Unit(msgspec.Struct, frozen=True):
    """A whole message: one APDU between two service access points."""

    source: int
    destination: int
    data: bytes


def parse(octets: bytes) -> Segment:
    """The segment of a frame's octets from the CI field on."""
    if len(octets) < 3:
        raise DecodeError(f"CI, STSAP and DTSAP are 3 octets, {len(octets)} are there", what=WHAT, at=len(octets))
    ci = octets[0]
    if ci > LAST_CI:
        raise DecodeError(f"CI {ci:02X} is not one of 00 to 1F", what=WHAT, at=0)
    return Segment(ci & 0x0F, bool(ci & FIN), octets[1], octets[2], octets[3:])


def split(source: int, destination: int, data: bytes, size: int = SEGMENT) -> list[Segment]:
    """*data* cut into segments of at most *size* octets; sequence numbers run 0 to 15 and round again."""
    if not 1 <= size <= SEGMENT:
        raise LocalError(f"a segment carries 1 to {SEGMENT} octets, not {size}")
    starts = range(0, max(len(data), 1), size)
    last = starts[-1]
    return [Segment(n & 15, s == last, source, destination, data[s : s + size]) for n, s in enumerate(starts)]


class Reassembly:
    """Puts the segments of one line together: feed them in order, a complete message comes out.

    A gap in the sequence, a change of access points and a message above *limit* octets drop what was collected; a
    segment numbered 0 always begins anew.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._data = bytearray()
        self.waiting = False
        self._points = (0, 0)
        self._next = 0

    def follows(self, segment: Segment) -> bool:
        """Whether this segment goes on with the message that has begun."""
        points = (segment.source, segment.destination)
        return self.waiting and points == self._points and segment.number == self._next

    def add(self, segment: Segment) -> Unit | Discarded | None:
        """The message this segment completes, what it made worthless, or None while more must follow.

        A message of one segment comes out although it made something worthless; ask :attr:`waiting` before.
        """
        dropped: Discarded | None = None
        points = (segment.source, segment.destination)
        follows = self.follows(segment)
        if self.waiting and not follows:
            dropped = self._drop(
                f"segment {segment.number} of {points} follows {self._next - 1 & 15} of {self._points}"
            )
        if not follows and segment.number != 0:
            return dropped or Discarded(f"segment {segment.number} without its beginning", segment.data)
        self._data += segment.data
        self.waiting, self._points, self._next = True, points, segment.number + 1 & 15
        if len(self._data) > self._limit:
            return self._drop(f"a message of more than {self._limit} octets")
        if not segment.final:
            return dropped
        unit = Unit(*points, bytes(self._data))
        self._drop("")
        return unit

    def end(self) -> Discarded | None:
        """What is left over when the line ends (or a timer says that the rest will not come)."""
        return self._drop("the message ends before its last segment") if self.waiting else None

    def _drop(self, why: str) -> Discarded:
        out = Discarded(why, bytes(self._data))
        self._data.clear()
        self.waiting = False
        return out


def reassemble(bodies: list[bytes]) -> list[Unit]:
    """The messages in the bodies (CI field first) of frames in a row; raises :class:`DecodeError` when one is torn."""
    line = Reassembly()
    out: list[Unit] = []
    for body in bodies:
        segment = parse(body)
        begun = line.waiting and segment.number == 0 and segment.final
        got = line.end() if begun and not line.follows(segment) else line.add(segment)
        if isinstance(got, Discarded):
            raise DecodeError(got.why, what=WHAT)
        if got is not None:
            out.append(got)
    left = line.end()
    if left is not None:
        raise DecodeError(left.why, what=WHAT)
    return out


def explain(octets: bytes) -> list[Field]:
    """The fields of one segment, CI field first."""
    s = parse(octets)
    ci = f"segment {s.number}, {'the last' if s.final else 'more follow'}"
    return [
        Field(0, octets[:1], "CI", ci, CLAUSE),
        Field(1, octets[1:2], "STSAP", f"source {s.source}", CLAUSE),
        Field(2, octets[2:3], "DTSAP", f"destination {s.destination}", CLAUSE),
        Field(3, octets[3:], "user data", f"{len(s.data)} octets", CLAUSE),
    ]
