"""The octets of IEC 62056-21 as values, both ways: identification, request, option select, programming, data blocks.

A message is decoded with :func:`decode`, a whole capture (identification and data, or the data alone) with
:func:`readout`. Source: IEC 62056-21, "Data transmission protocol", modes A to E.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from anymeter.errors import DecodeError
from anymeter.links.iec_messages import (
    ACK,
    CLAUSE,
    COMMAND,
    NAK,
    SOH,
    STX,
    Acknowledge,
    Command,
    Data,
    Identification,
    Message,
    OptionSelect,
    Repeat,
    Request,
    block_check,
    block_end,
    decode,
    seven_bits,
    with_check,
)
from anymeter.links.iec_text import END, DataSet, Value, data_sets, decode_text, explain_text, has_data_set
from anymeter.wire.fields import Field

__all__ = [
    "Acknowledge",
    "Command",
    "Data",
    "DataSet",
    "Identification",
    "Message",
    "OptionSelect",
    "Readout",
    "Repeat",
    "Request",
    "Value",
    "block_check",
    "data_sets",
    "decode",
    "encode",
    "explain",
    "looks_like",
    "readout",
    "seven_bits",
    "with_check",
]

_BETWEEN: Final = re.compile(rb"[\x00\x7f\xff \t\r\n]*+")
_PRINTABLE: Final = bytes((*range(0x07), 0x09, 0x0A, 0x0D, 0x15, *range(0x20, 0x7F)))
_SIGN_ON: Final = re.compile(
    rb"[\x00\r\n \t]*+(?:\x06[0-9][0-9A-Z][0-9]\r?\n)?\x02?"
    rb"/(?:\?[^!\r\n]{0,64}!|[A-Za-z]{3}(?:[!-~]| [ -~]{0,32}[\r\n]))"
)
_FIRST_SET: Final = re.compile(
    rb"[\x00\r\n \t]*+(?:\x06[0-9][0-9A-Z][0-9]\r?\n)?\x02?[\r\n]*+"
    rb"(?:[0-9CFLP][0-9A-Z]{0,2}(?:[-:.*&][0-9CFLP]{0,3}){0,6})?\([^()\r\n]{0,200}\)"
)


class Readout(msgspec.Struct, frozen=True):
    """A capture as a whole: who identified itself, the *text* of all its data blocks, and whether they were checked.

    *at* is where the text begins (of the first block), *framed* whether it came between STX and ETX, *verified*
    whether every block's check character was there and right, *rest* what follows the end of the data.
    """

    identification: Identification | None
    text: bytes
    at: int = 0
    framed: bool = True
    verified: bool = True
    rest: bytes = b""

    @property
    def mode(self) -> str | None:
        """A to D; None when nothing identified itself. Data without STX after Z = 3 is mode D."""
        if self.identification is None:
            return None
        if not self.framed and self.identification.speed_mark == "3":
            return "D"
        return "C" if self.identification.mode == "E" else self.identification.mode

    @property
    def data_sets(self) -> tuple[DataSet, ...]:
        return data_sets(self.text, self.at)

    def encode(self) -> bytes:
        """Identification and one data message, as the device would send them."""
        head = b"" if self.identification is None else self.identification.encode()
        if self.framed:
            return head + Data(self.text + b"!\r\n").encode()
        return head + b"\r\n" * (self.identification is not None) + self.text + b"!\r\n"


def encode(message: Message | Readout) -> bytes:
    """The octets of one message, or of a whole readout."""
    return message.encode()


def readout(octets: bytes, *, strict: bool = False) -> Readout:
    """What a capture says: an identification and its data, or either alone, from any of the modes A to D.

    Requests, option selects, acknowledgements and wake-up characters between are passed over; partial blocks are put
    together. Data that never had, or lost, its STX, ETX or check character is taken and not called ``verified``;
    *strict* refuses it unless it is mode D. Raises :class:`DecodeError` also when there is neither identification
    nor data set.
    """
    octets = seven_bits(octets)
    who: Identification | None = None
    blocks: list[Data] = []
    at, start = 0, 0
    while (at := _between(octets, at)) < len(octets):
        if not _opens(octets, at) or (octets[at] == STX and block_end(octets, at) < 0):
            break
        message, end = decode(octets, at)
        if isinstance(message, Identification):
            if who is not None and blocks:
                break
            who = message
        elif isinstance(message, Data):
            start = start if blocks else at + 1
            blocks.append(message)
            if not message.partial:
                at = end
                break
        at = end
    if blocks:
        made = _framed(who, blocks, start, octets[at:].strip(b"\r\n\0"))
    else:
        made = _bare(who, octets, at)
    if strict and not made.verified and made.mode != "D":
        raise DecodeError("no block check character", what="readout", at=len(octets))
    return made


def _between(octets: bytes, at: int) -> int:
    m = _BETWEEN.match(octets, at)
    return m.end() if m else at


def _opens(octets: bytes, at: int) -> bool:
    return octets[at] in (0x2F, SOH, STX, ACK, NAK)


def _framed(who: Identification | None, blocks: list[Data], at: int, rest: bytes) -> Readout:
    text = b"".join(b.data for b in blocks)
    end = END.search(text)
    verified = all(b.verified for b in blocks) and not blocks[-1].partial
    if end is None:
        return Readout(who, text, at, True, verified, rest)
    behind = text[end.end() :].strip(b"\r\n\0")
    return Readout(who, text[: end.start()], at, True, verified, behind + rest)


def _bare(who: Identification | None, octets: bytes, at: int) -> Readout:
    """Data without frame: mode D, or a capture that lost STX, ETX or both."""
    framed = octets[at : at + 1] == b"\x02"
    at += framed
    end = END.search(octets, at)
    if framed and end is None:
        raise DecodeError("the block stops before its ETX", what="data message", at=len(octets))
    text = octets[at:] if end is None else octets[at : end.start()]
    rest = b"" if end is None else octets[end.end() :].strip(b"\r\n\0")
    if who is None and not has_data_set(text):
        raise DecodeError("neither an identification nor a data set", what="readout", at=min(at, len(octets)))
    return Readout(who, text, at, framed, False, rest)


def looks_like(octets: bytes) -> bool:
    """Whether *octets* are likely a message or readout of IEC 62056-21; cheap, for telling protocols apart."""
    octets = seven_bits(bytes(octets))
    signed_on = _SIGN_ON.match(octets) is not None
    end = END.search(octets) if signed_on else None
    said = octets if end is None else octets[: end.end()]
    if len(said.translate(None, _PRINTABLE)) * 10 > len(said):
        return False
    if octets[:1] == b"\x01":
        return COMMAND.match(octets) is not None
    return signed_on or _FIRST_SET.match(octets) is not None


def explain(octets: bytes) -> list[Field]:
    """The fields of every message of a capture, in order. Raises what :func:`readout` raises."""
    return list(_explained(seven_bits(bytes(octets))))


def _explained(octets: bytes) -> Iterator[Field]:
    at = 0
    while at < len(octets):
        start, at = at, _between(octets, at)
        if at > start:
            yield Field(start, octets[start:at], "between messages", "", CLAUSE)
        if at == len(octets):
            return
        if not _opens(octets, at) or (octets[at] == STX and block_end(octets, at) < 0):
            yield from _explain_bare(octets, at)
            return
        message, end = decode(octets, at)
        yield from _explain_message(message, octets, at, end)
        at = end


def _explain_message(message: Message, octets: bytes, at: int, end: int) -> Iterator[Field]:
    name = type(message).__name__
    yield Field(at, octets[at:end], name, _meaning(message), CLAUSE)
    if isinstance(message, Identification):
        yield Field(at + 1, octets[at + 1 : at + 4], "manufacturer", message.flag, CLAUSE, 1)
        yield Field(at + 4, octets[at + 4 : at + 5], "speed", f"mode {message.mode}, {message.baud} Bd", CLAUSE, 1)
        yield Field(at + 5, octets[at + 5 : end].rstrip(), "identification", message.text, CLAUSE, 1)
    if isinstance(message, Data | Command):
        text = message.data or b""
        tail = end - 1 - message.verified
        yield from explain_text(text, tail - len(text), 1)
        yield Field(tail, octets[tail : tail + 1], "EOT" if message.partial else "ETX", "", CLAUSE, 1)
        if message.verified:
            yield Field(end - 1, octets[end - 1 : end], "block check character", "right", CLAUSE, 1)


def _meaning(message: Message) -> str:
    if isinstance(message, Request):
        return f"device {message.address}" if message.address else "any device"
    if isinstance(message, OptionSelect):
        return f"protocol {message.protocol}, speed {message.speed_mark}, mode {message.mode}"
    if isinstance(message, Command):
        return message.command + message.kind
    return "" if isinstance(message, Acknowledge | Repeat) else decode_text(message.encode()[1:-2]).split("\r\n")[0]


def _explain_bare(octets: bytes, at: int) -> Iterator[Field]:
    made = _bare(None, octets, at)
    if made.framed:
        yield Field(at, octets[at : at + 1], "STX", "", CLAUSE)
    yield from explain_text(made.text, made.at)
    end = made.at + len(made.text)
    if end < len(octets):
        yield Field(end, octets[end : end + 1], "end of data", "no block check character", CLAUSE)
    if octets[end + 1 :].strip():
        yield Field(end + 1, octets[end + 1 :], "after the end", "", CLAUSE)
