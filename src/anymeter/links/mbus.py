"""Frames of the wired M-Bus link layer (format class FT 1.2). Source: EN 13757-2, EN 60870-5-2.

Single character ``E5``, short frame ``10 C A CS 16``, long frame ``68 L L 68 C A CI data… CS 16``; a control frame
is a long frame with L = 3.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.links.events import Discarded
from anymeter.wire.fields import Field

WHAT: Final = "M-Bus frame"
ACK, SHORT, LONG, STOP = 0xE5, 0x10, 0x68, 0x16
CLAUSE: Final = "EN 13757-2"
_STOP: Final = bytes((STOP,))
_START: Final = re.compile(rb"[\x10\x68\xe5]")

Kind: TypeAlias = Literal["single", "short", "control", "long"]

PRM, FCB, FCV = 0x40, 0x20, 0x10
ACD, DFC = 0x20, 0x10
_MASTER: Final = {0x0: "SND_NKE", 0x3: "SND_UD", 0xA: "REQ_UD1", 0xB: "REQ_UD2", 0x9: "REQ_SKE"}
_SLAVE: Final = {0x0: "ACK", 0x1: "NACK", 0x8: "RSP_UD", 0xB: "RSP_SKE"}
_ADDRESSES: Final = {
    0: "unconfigured",
    251: "primary master repeater",
    252: "reserved",
    253: "the device selected by its secondary address",
    254: "every device, all answer",
    255: "every device, none answers",
}


class Frame(msgspec.Struct, frozen=True):
    """One frame. *ci* is None in a short frame, all three are None in the single character.

    *data* is what stands between the CI field and the checksum.
    """

    kind: Kind
    c: int | None = None
    a: int | None = None
    ci: int | None = None
    data: bytes = b""

    @property
    def name(self) -> str:
        """The function of the frame by its C field: ``RSP_UD``, ``SND_UD``, ...; ``ACK`` for the single character."""
        return "ACK" if self.c is None else function_name(self.c)

    @property
    def from_master(self) -> bool:
        """Whether the C field says that the master sent it (bit PRM)."""
        return self.c is not None and bool(self.c & PRM)

    @property
    def fcb(self) -> bool | None:
        """The frame count bit, where it is valid (a master's frame with FCV)."""
        c = self.c
        return None if c is None or c & (PRM | FCV) != PRM | FCV else bool(c & FCB)

    @property
    def body(self) -> bytes:
        """CI field and data: what :func:`anymeter.mbus.telegram.open_telegram` takes."""
        return b"" if self.ci is None else bytes((self.ci,)) + self.data

    def encode(self) -> bytes:
        """The frame on the wire."""
        return encode(self)


_SINGLE: Final = Frame("single")


def decode(octets: bytes, at: int = 0) -> tuple[Frame, int]:
    """The frame that begins at *at* and the offset behind it; raises :class:`DecodeError` for anything else."""
    size = len(octets)
    if at >= size:
        raise DecodeError("no octet where a frame should begin", what=WHAT, at=at)
    start = octets[at]
    if start == LONG:
        return _long(octets, at, size)
    if start == ACK:
        return _SINGLE, at + 1
    if start == SHORT:
        return _short(octets, at, size)
    raise DecodeError(f"start octet {start:02X}; a frame begins with E5, 10 or 68", what=WHAT, at=at)


def _long(octets: bytes, at: int, size: int) -> tuple[Frame, int]:
    if at + 4 > size:
        raise DecodeError(f"truncated: a long frame has at least 9 octets, {size - at} remain", what=WHAT, at=size)
    length = octets[at + 1]
    if octets[at + 2] != length:
        raise DecodeError(f"the L fields differ: {length:02X} and {octets[at + 2]:02X}", what=WHAT, at=at + 2)
    if octets[at + 3] != LONG:
        raise DecodeError(f"second start octet {octets[at + 3]:02X}, not 68", what=WHAT, at=at + 3)
    if length < 3:
        raise DecodeError(f"L field {length}: C, A and CI make at least 3", what=WHAT, at=at + 1)
    end = at + 4 + length
    if end + 2 > size:
        raise DecodeError(f"truncated: L promises {length + 6} octets, {size - at} are there", what=WHAT, at=size)
    total = sum(octets[at + 4 : end]) & 0xFF
    if total != octets[end]:
        raise DecodeError(f"checksum {octets[end]:02X}, computed {total:02X}", what=WHAT, at=end)
    if octets[end + 1] != STOP:
        raise DecodeError(f"stop octet {octets[end + 1]:02X}, not 16", what=WHAT, at=end + 1)
    kind: Kind = "long" if length > 3 else "control"
    return Frame(kind, octets[at + 4], octets[at + 5], octets[at + 6], octets[at + 7 : end]), end + 2


def _short(octets: bytes, at: int, size: int) -> tuple[Frame, int]:
    if at + 5 > size:
        raise DecodeError(f"truncated: a short frame has 5 octets, {size - at} remain", what=WHAT, at=size)
    c, a, check, stop = octets[at + 1 : at + 5]
    if (c + a) & 0xFF != check:
        raise DecodeError(f"checksum {check:02X}, computed {(c + a) & 0xFF:02X}", what=WHAT, at=at + 3)
    if stop != STOP:
        raise DecodeError(f"stop octet {stop:02X}, not 16", what=WHAT, at=at + 4)
    return Frame("short", c, a), at + 5


def parse(octets: bytes) -> Frame:
    """The one frame that *octets* are; raises :class:`DecodeError` when octets are left over."""
    frame, end = decode(octets)
    if end != len(octets):
        raise DecodeError(f"{len(octets) - end} octets behind the frame", what=WHAT, at=end)
    return frame


def frames(octets: bytes) -> list[Frame]:
    """Every frame of *octets*, one behind the other and nothing between; raises :class:`DecodeError` otherwise."""
    out: list[Frame] = []
    at = 0
    while at < len(octets):
        frame, at = decode(octets, at)
        out.append(frame)
    return out


def scan(octets: bytes) -> list[Frame | Discarded]:
    """The good frames in a noisy line, with what was dropped between them and why; never raises."""
    out: list[Frame | Discarded] = []
    at = dropped = 0
    why = ""
    while at < len(octets):
        try:
            frame, end = decode(octets, at)
        except DecodeError as e:
            why = why or str(e)
            at = _next_start(octets, at + 1)
            continue
        if at > dropped:
            out.append(Discarded(why, octets[dropped:at]))
        out.append(frame)
        at = dropped = end
        why = ""
    if at > dropped:
        out.append(Discarded(why, octets[dropped:]))
    return out


def _next_start(octets: bytes, at: int) -> int:
    """Where, from *at* on, a frame could begin that has its stop octet in place; the end of the octets if nowhere."""
    for found in _START.finditer(octets, at):
        start = found.start()
        code = octets[start]
        if code == ACK:
            return start
        stop = start + (4 if code == SHORT else 5 + octets[start + 1] if start + 1 < len(octets) else 5)
        if octets[stop : stop + 1] == _STOP:
            return start
    return len(octets)


def encode(frame: Frame) -> bytes:
    """The frame on the wire; raises :class:`LocalError` for one that cannot be sent."""
    if frame.c is None:
        return bytes((ACK,))
    if frame.a is None or not 0 <= frame.c <= 255 or not 0 <= frame.a <= 255:
        raise LocalError("a frame has C and A fields from 0 to 255")
    if frame.ci is None:
        if frame.data:
            raise LocalError("a short frame carries no data")
        return bytes((SHORT, frame.c, frame.a, (frame.c + frame.a) & 0xFF, STOP))
    body = bytes((frame.c, frame.a, frame.ci)) + frame.data
    if len(body) > 255:
        raise LocalError(f"a frame carries at most 252 octets behind its CI field, not {len(frame.data)}")
    return bytes((LONG, len(body), len(body), LONG)) + body + bytes((sum(body) & 0xFF, STOP))


def short(c: int, a: int) -> Frame:
    """A short frame: ``short(0x40, 1)`` is SND_NKE to the slave with address 1."""
    return Frame("short", c, a)


def long(c: int, a: int, body: bytes) -> Frame:
    """A long (or control) frame; *body* begins with the CI field."""
    if not body:
        raise LocalError("the body of a long frame begins with its CI field")
    return Frame("long" if len(body) > 1 else "control", c, a, body[0], body[1:])


def function_name(c: int) -> str:
    """The name of a C field's function code; bits FCB, FCV, ACD and DFC do not count.

    >>> function_name(0x08), function_name(0x73), function_name(0x5B), function_name(0x40)
    ('RSP_UD', 'SND_UD', 'REQ_UD2', 'SND_NKE')
    """
    table = _MASTER if c & PRM else _SLAVE
    return table.get(c & 0x0F, f"function {c & 0x0F:X}")


def _c_meaning(c: int) -> str:
    if c & PRM:
        bits = [f"FCB {c >> 5 & 1}"] if c & FCV else []
        return ", ".join([f"{function_name(c)}, from the master", *bits])
    bits = [text for bit, text in ((ACD, "ACD: class 1 data waits"), (DFC, "DFC: no room for more")) if c & bit]
    return ", ".join([f"{function_name(c)}, from a slave", *bits])


def _a_meaning(a: int) -> str:
    return _ADDRESSES.get(a, f"slave {a}")


def explain(octets: bytes, at: int = 0) -> list[Field]:
    """The fields of the frame that begins at *at*; raises :class:`DecodeError` as :func:`decode` does."""
    frame, end = decode(octets, at)
    part = octets[at:end]
    if frame.c is None or frame.a is None:
        return [Field(at, part, "single character", "acknowledged", CLAUSE)]
    rows: list[tuple[int, int, str, str]] = [(0, 1, "start", f"{frame.kind} frame")]
    first = 1
    if frame.ci is not None:
        rows += [(1, 3, "L", f"{part[1]} octets from C to the checksum"), (3, 4, "start", "")]
        first = 4
    rows += [(first, first + 1, "C", _c_meaning(frame.c)), (first + 1, first + 2, "A", _a_meaning(frame.a))]
    if frame.ci is not None:
        rows.append((6, len(part) - 2, "link user data", f"CI field and {len(part) - 9} octets"))
    rows += [(len(part) - 2, len(part) - 1, "checksum", "right"), (len(part) - 1, len(part), "stop", "")]
    return [Field(at + a, part[a:b], name, meaning, CLAUSE) for a, b, name, meaning in rows]
