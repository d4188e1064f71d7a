"""TCP streams put together by sequence number; UDP datagrams as they came. Source: RFC 9293, RFC 768."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from anymeter.links.pcap_packets import TCP, Segment

_SYN: Final = 0x02


class Payload(msgspec.Struct, frozen=True):
    """What one UDP datagram, or one direction of a TCP connection, carried.

    *time* is that of the first octet, in nanoseconds since 1970 (UTC); *marks* tell from which octet of a stream on
    which later time holds; *after_gap* is true where segments before it are not in the capture.
    """

    time: int
    protocol: str
    source: str
    destination: str
    source_port: int
    destination_port: int
    octets: bytes
    marks: tuple[tuple[int, int], ...] = ()
    after_gap: bool = False

    def time_at(self, offset: int) -> int:
        """When the octet at *offset* came, in nanoseconds since 1970 (UTC)."""
        time = self.time
        for start, later in self.marks:
            if start > offset:
                break
            time = later
        return time


_Way: TypeAlias = "tuple[str, int, str, int]"


class _Stream:
    """One direction of one connection: segments by their place after the first one seen."""

    __slots__ = ("base", "highest", "pieces", "way")

    def __init__(self, way: _Way, base: int) -> None:
        self.way, self.base, self.highest = way, base, 0
        self.pieces: list[tuple[int, int, bytes]] = []

    def add(self, time: int, sequence: int, octets: bytes) -> None:
        place = self.highest + _signed(sequence - self.base - self.highest)
        self.highest = max(self.highest, place)
        self.pieces.append((place, time, octets))

    def payloads(self) -> list[Payload]:
        """The octets in order, one payload for each run without a gap."""
        out: list[Payload] = []
        parts: list[bytes] = []
        marks: list[tuple[int, int]] = []
        start = end = 0

        def close() -> None:
            if parts:
                source, source_port, destination, destination_port = self.way
                where = (source, destination, source_port, destination_port)
                out.append(Payload(marks[0][1], "tcp", *where, b"".join(parts), tuple(marks[1:]), bool(out)))
                parts.clear()
                marks.clear()

        for place, time, octets in sorted(self.pieces, key=lambda piece: piece[:2]):
            if not parts or place > end:
                close()
                start = end = place
            new = octets[end - place :]
            if new:
                if not marks or marks[-1][1] != time:
                    marks.append((end - start, time))
                parts.append(new)
                end += len(new)
        close()
        return out


class Streams:
    """Collects segments of many connections; memory is in proportion to what is fed."""

    def __init__(self) -> None:
        self._done: list[tuple[int, list[Payload] | _Stream]] = []
        self._open: dict[_Way, _Stream] = {}

    def feed(self, time: int, segment: Segment) -> None:
        """Take one segment that was captured at *time*."""
        if segment.protocol != TCP:
            if segment.octets:
                self._done.append((time, [_datagram(time, segment)]))
            return
        way = (segment.source, segment.source_port, segment.destination, segment.destination_port)
        stream = self._open.get(way)
        start = segment.sequence + bool(segment.flags & _SYN)
        # A SYN far from what was seen opens a connection anew between the same ports.
        if stream is None or (segment.flags & _SYN and stream.pieces and start != stream.base):
            stream = self._open[way] = _Stream(way, start)
            self._done.append((time, stream))
        if segment.octets:
            stream.add(time, start, segment.octets)

    def finish(self) -> list[Payload]:
        """Everything collected, in the order in which datagrams came and connections began."""
        out: list[Payload] = []
        for _, found in self._done:
            out += found if isinstance(found, list) else found.payloads()
        self._done.clear()
        self._open.clear()
        return out


def _datagram(time: int, segment: Segment) -> Payload:
    s = segment
    return Payload(time, "udp", s.source, s.destination, s.source_port, s.destination_port, s.octets)


def _signed(difference: int) -> int:
    """A distance between two sequence numbers, taken the short way round."""
    return (difference + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
