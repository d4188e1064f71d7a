"""One HDLC frame of format type 3. Source: IEC 62056-46 (EN 13757-1:2014, 8.2.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec
from fastcrc import crc16

from anymeter.errors import DecodeError, LocalError
from anymeter.wire.fields import Field

FLAG: Final = 0x7E
MAX_LENGTH: Final = 0x7FF
LLC_COMMAND: Final = b"\xe6\xe6\x00"
LLC_RESPONSE: Final = b"\xe6\xe7\x00"
POLL_FINAL: Final = 0x10

SNRM: Final = 0x83
DISC: Final = 0x43
UA: Final = 0x63
DM: Final = 0x0F
FRMR: Final = 0x87
UI: Final = 0x03

_UNNUMBERED: Final = {SNRM: "SNRM", DISC: "DISC", UA: "UA", DM: "DM", FRMR: "FRMR", UI: "UI"}
_SUPERVISORY: Final = {0x01: "RR", 0x05: "RNR", 0x09: "REJ", 0x0D: "SREJ"}
_COMMANDS: Final = frozenset(("SNRM", "DISC"))
_RESPONSES: Final = frozenset(("UA", "DM", "FRMR"))
_WHAT: Final = "HDLC frame"
_CLAUSE: Final = "IEC 62056-46"

_fcs = crc16.ibm_sdlc


def _kind(control: int) -> str:
    if not control & 1:
        return "I"
    if control & 3 == 1:
        return _SUPERVISORY[control & 0x0F]
    return _UNNUMBERED.get(control & ~POLL_FINAL, "?")


KINDS: Final = tuple(_kind(control) for control in range(256))


class Address(msgspec.Struct, frozen=True):
    """A station: *upper* is the client or the logical device, *lower* the physical device where the form has one.

    *octets* is the length on the wire: 1, 2 or 4.
    """

    upper: int
    lower: int | None = None
    octets: int = 1

    @classmethod
    def of(cls, upper: int, lower: int | None = None, octets: int | None = None) -> Address:
        """An address in the shortest form that holds it, or in *octets*.

        >>> Address.of(1, 17).encode().hex(), Address.of(1, 17, 4).encode().hex(), Address.of(16).encode().hex()
        ('0223', '00020023', '21')
        """
        if octets is None:
            octets = 1 if lower is None and upper < 0x80 else 2 if max(upper, lower or 0) < 0x80 else 4
        if (octets == 1) == (lower is None):
            return cls(upper, lower, octets)
        raise LocalError(f"an address of {octets} octets has {'no' if octets == 1 else 'a'} lower part")

    def encode(self) -> bytes:
        """The octets, seven bits in each, the last one marked."""
        upper, lower = self.upper, self.lower or 0
        limit = 0x4000 if self.octets == 4 else 0x80
        if not (0 <= upper < limit and 0 <= lower < limit) or self.octets not in (1, 2, 4):
            raise LocalError(f"not an HDLC address of {self.octets} octets: {self}")
        if self.octets == 1:
            return bytes((upper << 1 | 1,))
        if self.octets == 2:
            return bytes((upper << 1, lower << 1 | 1))
        return bytes((upper >> 6 & 0xFE, upper << 1 & 0xFE, lower >> 6 & 0xFE, lower << 1 & 0xFE | 1))

    def __str__(self) -> str:
        return f"{self.upper}" if self.lower is None else f"{self.upper}/{self.lower}"


@lru_cache(maxsize=1024)
def address(octets: bytes) -> Address:
    """The address in exactly these 1, 2 or 4 octets; raises DecodeError for any other form."""
    seven = [o >> 1 for o in octets]
    if not octets or any(o & 1 for o in octets[:-1]) or not octets[-1] & 1:
        raise DecodeError("the end mark stands in the last octet and there alone", what="HDLC address", at=0)
    match seven:
        case [upper]:
            return Address(upper)
        case [upper, lower]:
            return Address(upper, lower, 2)
        case [high, low, lower_high, lower_low]:
            return Address(high << 7 | low, lower_high << 7 | lower_low, 4)
    raise DecodeError(f"an address has 1, 2 or 4 octets, not {len(octets)}", what="HDLC address", at=0)


class Frame(msgspec.Struct, frozen=True):
    """A frame between two flags; *information* still holds the LLC header."""

    destination: Address
    source: Address
    control: int
    information: bytes = b""
    segmented: bool = False

    @property
    def kind(self) -> str:
        """``I``, ``RR``, ``RNR``, ``SNRM``, ``DISC``, ``UA``, ``DM``, ``FRMR``, ``UI``, ``REJ``, ``SREJ`` or ``?``."""
        return KINDS[self.control]

    @property
    def poll_final(self) -> bool:
        """P of a command, F of a response."""
        return bool(self.control & POLL_FINAL)

    @property
    def send_number(self) -> int | None:
        """N(S) of an I frame."""
        return None if self.control & 1 else self.control >> 1 & 7

    @property
    def receive_number(self) -> int | None:
        """N(R) of an I frame or a supervisory frame."""
        return None if self.control & 3 == 3 else self.control >> 5

    @property
    def llc(self) -> bytes:
        """The LLC header when the information begins with one (broadcast destination LSAP FF too), else empty."""
        head = self.information[:3]
        return head if len(head) == 3 and head[0] in b"\xe6\xff" and head[1] in b"\xe6\xe7" and not head[2] else b""

    @property
    def from_server(self) -> bool | None:
        """Whether the server sent it: by its LLC header, its kind, or the longer address; None when nothing tells."""
        llc = self.llc
        if llc:
            return llc[1] == 0xE7
        kind = KINDS[self.control]
        if kind in _COMMANDS:
            return False
        if kind in _RESPONSES:
            return True
        longer = self.source.octets - self.destination.octets
        return longer > 0 if longer else None

    def encode(self) -> bytes:
        """The octets with both flags; raises LocalError where they do not fit a frame."""
        addresses = self.destination.encode() + self.source.encode()
        return assemble(addresses, self.control, self.information, self.segmented)


def assemble(addresses: bytes, control: int, information: bytes = b"", segmented: bool = False) -> bytes:
    """A frame with both flags around encoded *addresses*, destination then source; LocalError when it is too long."""
    size = 5 + len(addresses) + (len(information) + 2 if information else 0)
    if size > MAX_LENGTH:
        raise LocalError(f"a frame has at most {MAX_LENGTH} octets, not {size}")
    head = (0xA000 | segmented << 11 | size).to_bytes(2, "big") + addresses + bytes((control,))
    head += _fcs(head).to_bytes(2, "little")
    if information:
        head += information
        head += _fcs(head).to_bytes(2, "little")
    return b"\x7e" + head + b"\x7e"


def decode(octets: bytes) -> Frame:
    """The one frame that *octets* are, from flag to flag; raises DecodeError for anything else."""
    if octets[:1] != b"\x7e":
        raise DecodeError("no opening flag", what=_WHAT, at=0)
    found, end = decode_at(octets, 0)
    if end != len(octets) - 1:
        raise DecodeError(f"{len(octets) - 1 - end} octets left over", what=_WHAT, at=end + 1)
    return found


def decode_at(buf: bytes, at: int) -> tuple[Frame, int]:
    """The frame whose opening flag stands at *at*, and where its closing flag stands (it may open the next).

    The length field ends the frame, not the flag. Raises DecodeError.
    """
    end = at + 1 + length(buf, at + 1)
    if end >= len(buf):
        raise DecodeError(f"{end + 1 - len(buf)} octets are missing", what=_WHAT, at=len(buf))
    return between(buf, at + 1, end), end


def between(buf: bytes, start: int, end: int) -> Frame:
    """The frame whose length field puts its closing flag at *end*, inside *buf*; raises DecodeError."""
    if buf[end] != FLAG:
        raise DecodeError("no closing flag where the length field puts it", what=_WHAT, at=end)
    body = buf[start:end]
    if _fcs(body[:-2]) != body[-2] | body[-1] << 8:
        raise DecodeError("bad frame check sequence", what=_WHAT, at=end - 2)
    middle = 3 if body[2] & 1 else _address_end(body, 2)
    control = middle + 1 if body[middle] & 1 else _address_end(body, middle)
    size = len(body)
    if control + 3 == size:
        information = b""
    elif control + 5 > size:
        raise DecodeError("no room for control field and check sequence", what=_WHAT, at=start + control)
    elif _fcs(body[: control + 1]) != body[control + 1] | body[control + 2] << 8:
        raise DecodeError("bad header check sequence", what=_WHAT, at=start + control + 1)
    else:
        information = body[control + 3 : -2]
    return Frame(address(body[2:middle]), address(body[middle:control]), body[control], information, body[0] & 8 != 0)


def length(buf: bytes, at: int) -> int:
    """The number of octets between the flags, from the format field at *at*; raises DecodeError."""
    if at + 2 > len(buf):
        raise DecodeError("the format field is cut off", what=_WHAT, at=len(buf))
    if buf[at] & 0xF0 != 0xA0:
        raise DecodeError("not a frame of format type 3", what=_WHAT, at=at)
    size = (buf[at] & 7) << 8 | buf[at + 1]
    if size < 7:
        raise DecodeError(f"a frame of {size} octets is too short", what=_WHAT, at=at)
    return size


def _address_end(body: bytes, at: int) -> int:
    """Where the address that begins at *at* ends; the last three octets are control field and check sequence."""
    last = len(body) - 3
    if at < last and body[at] & 1:
        return at + 1
    if at + 1 < last and body[at + 1] & 1:
        return at + 2
    if at + 3 < last and not body[at + 2] & 1 and body[at + 3] & 1:
        return at + 4
    raise DecodeError("an address has 1, 2 or 4 octets, the last one marked", what=_WHAT, at=at + 1)


def explain_control(control: int) -> str:
    """A control field in words.

    >>> explain_control(0x32), explain_control(0x93), explain_control(0x31)
    ('I, N(R) 1, P/F, N(S) 1', 'SNRM, P/F', 'RR, N(R) 1, P/F')
    """
    words = [KINDS[control]]
    if control & 3 != 3:
        words.append(f"N(R) {control >> 5}")
    if control & POLL_FINAL:
        words.append("P/F")
    if not control & 1:
        words.append(f"N(S) {control >> 1 & 7}")
    return ", ".join(words)


def explain_frame(buf: bytes, at: int = 0) -> list[Field]:
    """The fields of the frame whose opening flag stands at *at*; raises DecodeError as :func:`decode_at` does."""
    frame, end = decode_at(buf, at)
    rows: list[Field] = []
    here = at

    def row(size: int, name: str, meaning: str = "") -> None:
        nonlocal here
        rows.append(Field(here, buf[here : here + size], name, meaning, _CLAUSE))
        here += size

    row(1, "flag")
    row(2, "frame format", f"type 3, {end - at - 1} octets" + (", segmented" if frame.segmented else ""))
    row(frame.destination.octets, "destination address", str(frame.destination))
    row(frame.source.octets, "source address", str(frame.source))
    row(1, "control", explain_control(frame.control))
    if end - here > 2:
        row(2, "HCS", "right")
    if frame.llc:
        row(3, "LLC", "response" if frame.llc[1] == 0xE7 else "command")
    if end - here > 2:
        row(end - here - 2, "information")
    row(2, "FCS", "right")
    row(1, "flag")
    return rows
