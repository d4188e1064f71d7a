"""Captures to messages: which datagrams and streams carry meters' messages, and where one ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from anymeter.decoding.recognise import is_hdlc, is_wrapper
from anymeter.links import hdlc, wrapper
from anymeter.links import mbus as wired
from anymeter.links.events import Discarded
from anymeter.links.pcap import Payload, read

Connection = tuple[tuple[str, int], ...]
_WIRED: Final = re.compile(rb"(?s)(?=.)(?:\xe5|\x10.{3}\x16)*(?:\x68(.)\1\x68|\Z)")
"""Acknowledgements and short frames of wired M-Bus, then a long frame or nothing more."""
_HEAD: Final = 16
"""So many octets find a message again in the stream it came from."""


def pieces(octets: bytes) -> Iterator[tuple[Connection, bytes]]:
    """Every message of a capture with the connection it came through, in the order in which they were sent.

    Where the capture tells no times apart, the first request of a stream goes with its first answer, and so on.
    Raises DecodeError where the capture breaks off, after the messages before that.
    """
    captured = read(octets)
    found: list[tuple[int, int, Connection, bytes]] = []
    for payload in filter(carries_meters, captured.payloads):
        at = 0
        for place, piece in enumerate(split(payload.octets)):
            at = max(at, payload.octets.find(piece[:_HEAD], at))
            found.append((payload.time_at(at), place, connection(payload), piece))
            at += 1
    found.sort(key=lambda message: message[:2])
    for _, _, through, piece in found:
        yield through, piece
    if captured.broken is not None:
        raise captured.broken


def connection(payload: Payload) -> Connection:
    """Both ends of a payload's connection, whichever way it went."""
    ends = (payload.source, payload.source_port), (payload.destination, payload.destination_port)
    return tuple(sorted(ends))


def carries_meters(payload: Payload) -> bool:
    """Port 4059, or octets that begin as a wrapper header, an HDLC frame or an M-Bus frame do."""
    if wrapper.PORT in (payload.source_port, payload.destination_port):
        return True
    octets = payload.octets
    return is_wrapper(octets) or is_hdlc(octets) or _WIRED.match(octets) is not None


def split(octets: bytes) -> list[bytes]:
    """The messages of a stream, each with its header or frame."""
    if is_wrapper(octets) or octets[:2] == b"\x00\x01":
        return [_octets(f) for f in wrapper.split(octets)]
    if is_hdlc(octets):
        return _hdlc_messages(octets)
    if octets[:1] in (b"\x68", b"\x10", b"\xe5"):
        return [_octets(f) for f in wired.scan(octets) if isinstance(f, Discarded) or _answers(f)]
    return [octets]


def _answers(frame: wired.Frame) -> bool:
    """Whether a frame says something about a meter: requests and acknowledgements don't."""
    return bool(frame.body) and not frame.from_master


def _octets(found: wrapper.Found | wired.Frame) -> bytes:
    return found.octets if isinstance(found, Discarded) else found.encode()


def _hdlc_messages(octets: bytes) -> list[bytes]:
    """Frames, the segments of one unit together."""
    out: list[bytes] = []
    run: list[hdlc.Frame] = []
    for found in hdlc.frames(octets):
        if isinstance(found, Discarded):
            out.append(found.octets)
            continue
        if not found.information:
            continue
        run.append(found)
        if not found.segmented:
            out.append(hdlc.encode(*run))
            run = []
    return out + [hdlc.encode(*run)] * bool(run)
