"""The messages of IEC 62056-21, one at a time: sign-on, option select, programming commands, data blocks."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.links.iec_text import decode_text, encode_text

SOH, STX, ETX, EOT, ACK, NAK = 0x01, 0x02, 0x03, 0x04, 0x06, 0x15
SPEEDS_B: Final = {"A": 600, "B": 1200, "C": 2400, "D": 4800, "E": 9600, "F": 19200}
SPEEDS_C: Final = {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19200}
CLAUSE: Final = "IEC 62056-21, messages"

_REQUEST: Final = re.compile(rb"/\?([^!\r\n]{0,64})!\r?\n?")
_IDENTIFICATION: Final = re.compile(rb"/([A-Za-z]{3})([ -~])([^\r\n]*+)(\r\n|\n|\r)")
_OPTION: Final = re.compile(rb"\x06([0-9A-Za-z])([0-9A-Za-z])([0-9A-Za-z])\r?\n")
COMMAND: Final = re.compile(rb"\x01([A-Z])([0-9])(?:\x02([^\x01-\x04]*+))?([\x03\x04])")
_EVEN: Final = bytes(c for c in range(256) if c.bit_count() % 2 == 0)
_SEVEN: Final = bytes(c & 0x7F for c in range(256))


class Request(msgspec.Struct, frozen=True, tag=True):
    """``/?address!``: the reader asks a device, any device when *address* is empty, to identify itself."""

    address: str = ""

    def encode(self) -> bytes:
        return b"/?" + encode_text(self.address) + b"!\r\n"


class Identification(msgspec.Struct, frozen=True, tag=True):
    """``/XXXZ...``: *manufacturer* as sent, *speed_mark* Z, and the *text* after it with any ``\\W`` sequences."""

    manufacturer: str
    speed_mark: str
    text: str

    def encode(self) -> bytes:
        return b"/" + encode_text(self.manufacturer + self.speed_mark + self.text) + b"\r\n"

    @property
    def flag(self) -> str:
        """The three letters of the manufacturer in capitals, as M-Bus and the FLAG association write them."""
        return self.manufacturer.upper()

    @property
    def mode(self) -> str:
        """The protocol mode that Z announces: A, B or C; E when ``\\2`` offers HDLC. D looks like C with Z = 3."""
        if "\\2" in self.text[:4] and self.speed_mark in SPEEDS_C:
            return "E"
        return "C" if self.speed_mark in SPEEDS_C else "B" if self.speed_mark in SPEEDS_B else "A"

    @property
    def baud(self) -> int:
        """The speed that Z offers, in Bd; 300 when it is no speed (mode A)."""
        return SPEEDS_C.get(self.speed_mark) or SPEEDS_B.get(self.speed_mark, 300)

    @property
    def reaction_time(self) -> float:
        """The shortest reaction time in seconds: 0.02 when the third letter is lower case, else 0.2."""
        return 0.02 if self.manufacturer[2:3].islower() else 0.2


class OptionSelect(msgspec.Struct, frozen=True, tag=True):
    """``ACK V Z Y``: *protocol* (0 normal, 2 HDLC), *speed_mark*, *mode* (0 readout, 1 programming, 2 binary)."""

    protocol: str = "0"
    speed_mark: str = "0"
    mode: str = "0"

    def encode(self) -> bytes:
        return b"\x06" + encode_text(self.protocol + self.speed_mark + self.mode) + b"\r\n"


class Acknowledge(msgspec.Struct, frozen=True, tag=True):
    """ACK alone: the block was received."""

    def encode(self) -> bytes:
        return b"\x06"


class Repeat(msgspec.Struct, frozen=True, tag=True):
    """NAK: the block did not arrive well, send it again."""

    def encode(self) -> bytes:
        return b"\x15"


class Command(msgspec.Struct, frozen=True, tag=True):
    """``SOH C D STX data ETX BCC`` of programming mode: *command* and *kind* such as R 1, W 1, P 0, B 0.

    *data* is None when there is none; *partial* blocks end in EOT. *verified* is False when the capture stops
    before the block check character.
    """

    command: str
    kind: str
    data: bytes | None = None
    partial: bool = False
    verified: bool = True

    def encode(self) -> bytes:
        data = b"" if self.data is None else b"\x02" + self.data
        return with_check(b"\x01" + encode_text(self.command + self.kind) + data, self.partial)


class Data(msgspec.Struct, frozen=True, tag=True):
    """``STX data ETX BCC``; *partial* blocks end in EOT. *verified* is False where there was no character to check."""

    data: bytes
    partial: bool = False
    verified: bool = True

    def encode(self) -> bytes:
        return with_check(b"\x02" + self.data, self.partial)


Message: TypeAlias = "Request | Identification | OptionSelect | Acknowledge | Repeat | Command | Data"


def block_check(octets: bytes) -> int:
    """The block check character of *octets*: all of them after SOH or STX, the end mark included, exclusive-ored.

    >>> hex(block_check(b"B0\\x03"))
    '0x71'
    """
    return _folded(octets) & 0x7F


def _folded(octets: bytes) -> int:
    """The exclusive-or of all octets: halves of one long number, again and again."""
    number, bits = int.from_bytes(octets, "big"), 8 << max(0, len(octets) - 1).bit_length()
    while bits > 8:
        bits >>= 1
        number = (number >> bits) ^ (number & ((1 << bits) - 1))
    return number


def with_check(block: bytes, partial: bool = False) -> bytes:
    """*block*, which begins with SOH or STX, with its end mark and block check character."""
    if len(block) < 1 or block[0] not in (SOH, STX):
        raise LocalError("a block begins with SOH or STX")
    whole = block + (b"\x04" if partial else b"\x03")
    return whole + bytes((block_check(whole[1:]),))


def seven_bits(octets: bytes) -> bytes:
    """*octets* without their parity bits when each of them has one (7E1 read as 8N1, or mark parity), else as they are.

    >>> seven_bits(bytes.fromhex("AF3F218D0A"))
    b'/?!\\r\\n'
    """
    if octets.isascii() or (octets.translate(None, _EVEN) and min(octets) < 0x80):
        return octets
    return octets.translate(_SEVEN)


def decode(octets: bytes, at: int = 0) -> tuple[Message, int]:
    """One message and where it ends. Raises :class:`DecodeError` when none begins at *at*, or its check fails."""
    first = octets[at] if at < len(octets) else None
    if first == 0x2F:
        return _sign_on(octets, at)
    if first == ACK:
        if m := _OPTION.match(octets, at):
            return OptionSelect(*(decode_text(x) for x in m.groups())), m.end()
        return Acknowledge(), at + 1
    if first == NAK:
        return Repeat(), at + 1
    if first == SOH:
        m = COMMAND.match(octets, at)
        if m is None:
            raise DecodeError("not a command: SOH, letter, digit, data, ETX", what="programming command", at=at)
        verified, end = _checked(octets, at, m.end())
        return Command(decode_text(m[1]), decode_text(m[2]), m[3], m[4] == b"\x04", verified), end
    if first == STX:
        end_mark = block_end(octets, at)
        if end_mark < 0:
            raise DecodeError("the block stops before its ETX", what="data message", at=len(octets))
        verified, end = _checked(octets, at, end_mark + 1)
        return Data(octets[at + 1 : end_mark], octets[end_mark] == EOT, verified), end
    raise DecodeError("no message begins here", what="IEC 62056-21", at=at)


def block_end(octets: bytes, at: int) -> int:
    """Where the ETX or EOT of a block stands, -1 when it has none."""
    etx, eot = octets.find(b"\x03", at), octets.find(b"\x04", at)
    return max(etx, eot) if min(etx, eot) < 0 else min(etx, eot)


def _sign_on(octets: bytes, at: int) -> tuple[Message, int]:
    if m := _REQUEST.match(octets, at):
        return Request(m[1].decode("latin-1")), m.end()
    if m := _IDENTIFICATION.match(octets, at):
        return Identification(*(x.decode("latin-1") for x in m.groups()[:3])), m.end()
    raise DecodeError("neither /?address! nor /XXXZ and a line's end", what="IEC 62056-21 identification", at=at)


def _checked(octets: bytes, at: int, end: int) -> tuple[bool, int]:
    """Whether the block from *at* to *end* was followed by its check character, and where all of it ends.

    A terminal may have dropped CR or turned it into LF before the capture was stored; the character then still fits
    the octets that were sent.
    """
    if end >= len(octets):
        return False, end
    given, block = octets[end], octets[at + 1 : end]
    computed = _folded(block)
    if given in (computed, computed & 0x7F):
        return True, end + 1
    if b"\r" not in block and any(
        block_check(block.replace(lost, b"\r\n")) == given for lost in (b"\n\n", b"\n") if lost in block
    ):
        return True, end + 1
    raise DecodeError(
        f"wrong block check character: {given:02X} received, {computed & 0x7F:02X} computed", what="data block", at=end
    )
