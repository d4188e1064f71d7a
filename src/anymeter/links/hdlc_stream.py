"""HDLC frames out of a stream of octets, however it is cut. Source: IEC 62056-46."""

from __future__ import annotations

from typing import Final, TypeAlias

from anymeter.errors import DecodeError
from anymeter.links.events import Discarded
from anymeter.links.hdlc_frame import FLAG, Frame, between, length

Found: TypeAlias = "Frame | Discarded"

MAX_NOISE: Final = 4096


class FrameStream:
    """Turns octets into frames; what comes out does not depend on how the octets are cut.

    Nothing raises: octets that are no frame come out as one :class:`Discarded` before the next good frame (or every
    4096 octets of them). :meth:`finish` is for the end of the stream and for a time-out between octets.
    """

    def __init__(self) -> None:
        self._buf = b""
        self._noise = bytearray()
        self._why = ""
        self._closed_a_frame = False

    def feed(self, octets: bytes) -> list[Found]:
        """The frames and the noise that *octets* complete."""
        self._buf = self._buf + octets if self._buf else bytes(octets)
        out: list[Found] = []
        self._buf = self._buf[self._scan(out) :]
        return out

    @property
    def unfinished(self) -> bool:
        """Whether a frame has begun that waits for its other octets."""
        return len(self._buf) > 1

    def finish(self) -> list[Found]:
        """Give up waiting: whatever is left becomes frames, where a false start hid them, and noise."""
        out: list[Found] = []
        while self._buf:
            at = self._scan(out)
            if at < len(self._buf):
                at = self._reject(at, "the frame is cut off" if self._buf[at + 1 :] else "", out)
            self._buf = self._buf[at:]
        self._flush(out)
        self._closed_a_frame = False
        return out

    def _scan(self, out: list[Found]) -> int:
        """Take every whole frame; return where the first octet still needed stands."""
        buf, at, size = self._buf, 0, len(self._buf)
        while at < size:
            if buf[at] != FLAG:
                at = self._reject(at, "no flag", out)
            elif at + 1 < size and buf[at + 1] == FLAG:
                at, self._closed_a_frame = at + 1, False
            elif at + 3 > size:
                break
            else:
                try:
                    end = at + 1 + length(buf, at + 1)
                    if end >= size:
                        break
                    frame = between(buf, at + 1, end)
                except DecodeError as error:
                    at = self._reject(at, error.why, out)
                    continue
                if self._noise:
                    self._flush(out)
                out.append(frame)
                at, self._closed_a_frame = end, True
        return at

    def _reject(self, at: int, why: str, out: list[Found]) -> int:
        """Move octets up to the next flag into the noise; a flag that closed a frame is none of it."""
        end = self._buf.find(b"\x7e", at + 1)
        end = len(self._buf) if end < 0 else end
        skip = self._closed_a_frame or not why
        self._closed_a_frame = False
        self._noise += self._buf[at + skip : end]
        if self._noise:
            self._why = self._why or why
        while len(self._noise) >= MAX_NOISE:
            out.append(Discarded(self._why, bytes(self._noise[:MAX_NOISE])))
            del self._noise[:MAX_NOISE]
        return end

    def _flush(self, out: list[Found]) -> None:
        if self._noise:
            out.append(Discarded(self._why, bytes(self._noise)))
            self._noise.clear()
        self._why = ""


def frames(octets: bytes) -> list[Found]:
    """Every frame in *octets*, and what stands between them as :class:`Discarded`; raises nothing."""
    stream = FrameStream()
    return stream.feed(octets) + stream.finish()
