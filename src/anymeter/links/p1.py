"""P1 telegrams, both ways: what a smart meter sends through its customer port, again and again.

``/XXXZ...``, a blank line, data sets, ``!`` and, from DSMR 4 on, four hex digits of CRC-16/ARC over everything from
"/" to "!". Source: DSMR 2.2, 3.0, 4.2 and 5.0 and ESMR 5 "P1 Companion Standard"; the same form is used by eMUCS
(Belgium), in Sweden, Luxembourg, Hungary and Lithuania.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec
from fastcrc import crc16

from anymeter.errors import DecodeError
from anymeter.links.iec_messages import Identification
from anymeter.links.iec_text import DataSet, data_sets, encode_text, explain_text
from anymeter.wire.fields import Field

CLAUSE: Final = "P1 Companion Standard, telegram"

_HEAD: Final = re.compile(rb"/([A-Za-z0-9]{3})([!-~])([^\r\n]*+)(?=[\r\n])")
_END: Final = re.compile(rb"[\r\n]!([0-9A-Fa-f]{0,4}+)(?=[\0\t\r\n ]|\Z)")
_MARKS: Final = re.compile(
    rb"[\r\n](?:0-0:(?:1\.0\.0|96\.1\.[014]|96\.13\.[0-9]|42\.0\.0)|1-3:0\.2\.8|0-[1-9]:24\.[0-9]\.[0-9])\("
)
_VERSION: Final = re.compile(rb"[\r\n]1-3:0\.2\.8\(([4-9][0-9])")


class Telegram(msgspec.Struct, frozen=True):
    """One telegram: who sent it, the octets between the first line and the "!", and its check sequence.

    *crc* is None where there is none; *rest* is what follows the telegram in the octets it was read from, *at* where
    it begins in them.
    """

    identification: Identification
    text: bytes
    crc: int | None = None
    at: int = 0
    rest: bytes = b""

    @property
    def data_sets(self) -> tuple[DataSet, ...]:
        return data_sets(self.text, self.at + len(self.identification.encode()) - 2)

    @property
    def version(self) -> str | None:
        """The version of the companion standard it follows, as sent ("50"); None where that is not said."""
        m = _VERSION.search(self.text)
        return None if m is None else m[1].decode()

    def encode(self) -> bytes:
        """The octets, with the check sequence that belongs to them unless the telegram has none."""
        whole = self.identification.encode().rstrip(b"\r\n") + self.text + b"!"
        return whole + (b"" if self.crc is None else b"%04X" % crc16.arc(whole)) + b"\r\n"


def encode(message: Telegram) -> bytes:
    """The octets of a telegram."""
    return message.encode()


def decode(octets: bytes, at: int = 0, *, check: bool = True) -> Telegram:
    """The first whole telegram from *at* on; the end of one that was joined midway is passed over.

    Raises :class:`DecodeError` when there is no "/" or no "!", and, unless *check* is False, when the check sequence
    does not fit or a telegram of DSMR 4 or later was cut off before it.
    """
    end = _end(octets, at)
    if end is None:
        raise DecodeError("the telegram stops before its '!'", what="P1 telegram", at=len(octets))
    return _decode(octets, at, end, check, octets[end.end() :].strip(b"\r\n\0"))


def _end(octets: bytes, at: int) -> re.Match[bytes] | None:
    """The "!" that begins a line of its own, with the digits after it."""
    while (at := octets.find(b"!", at + 1)) > 0:
        if m := _END.match(octets, at - 1):
            return m
    return None


def _decode(octets: bytes, at: int, end: re.Match[bytes], check: bool, rest: bytes) -> Telegram:
    start, head = _beginning(octets, at, end.start() + 1)
    text = octets[head.end() : end.start() + 1]
    crc = int(end[1], 16) if end[1] else None
    if check and crc is not None:
        _check(octets[start : end.start() + 2], crc, end.start(1))
    if check and crc is None and end.end() == len(octets) and _VERSION.search(text):
        raise DecodeError("the telegram stops before its check sequence", what="P1 telegram", at=len(octets))
    who = Identification(*(x.decode("latin-1") for x in head.groups()))
    return Telegram(who, text, crc, start, rest)


def _beginning(octets: bytes, at: int, end: int) -> tuple[int, re.Match[bytes]]:
    """The last "/XXXZ" that begins a line before the telegram's end."""
    found = -1
    for lead in (b"\n", b"\r", b"\0"):
        found = max(found, octets.rfind(lead + b"/", at, end) + 1)
    start = found if found > at else at
    m = _HEAD.match(octets, start, end)
    if m is None:
        raise DecodeError("no line begins with /XXXZ", what="P1 telegram", at=start)
    return start, m


def _check(telegram: bytes, crc: int, at: int) -> None:
    """Raises unless *crc* fits; a terminal may have dropped CR or turned it into LF before the capture was stored."""
    computed = crc16.arc(telegram)
    if computed == crc:
        return
    if b"\r" not in telegram and any(
        crc16.arc(telegram.replace(lost, b"\r\n")) == crc for lost in (b"\n\n", b"\n") if lost in telegram
    ):
        return
    raise DecodeError(f"wrong CRC: {crc:04X} received, {computed:04X} computed", what="P1 telegram", at=at)


def telegrams(octets: bytes, *, check: bool = True) -> Iterator[Telegram | DecodeError]:
    """Every telegram of a capture, in order; in place of one that fails, the error that says why."""
    at = 0
    while (end := _end(octets, at)) is not None:
        try:
            yield _decode(octets, at, end, check, b"")
        except DecodeError as error:
            yield error
        at = end.end()


def looks_like(octets: bytes) -> bool:
    """Whether *octets* are likely a P1 telegram rather than a readout of IEC 62056-21; cheap."""
    end = _end(octets, 0)
    if end is None or octets.find(b"\x03") >= 0:
        return False
    start = octets.find(b"/", 0, end.start())
    return start >= 0 and _HEAD.match(octets, start) is not None and bool(end[1] or _MARKS.search(octets, start))


def of_text(identification: str, text: str, *, crc: bool = True) -> Telegram:
    """A telegram of lines as they are typed (CR LF on the wire); *identification* is the first line without "/".

    >>> of_text("ANY5 METER", "1-0:1.8.1(000001.500*kWh)").encode()
    b'/ANY5 METER\\r\\n\\r\\n1-0:1.8.1(000001.500*kWh)\\r\\n!C575\\r\\n'
    """
    who = Identification(identification[:3], identification[3:4], identification[4:])
    lines = b"\r\n\r\n" + b"".join(encode_text(line.strip()) + b"\r\n" for line in text.strip().splitlines())
    return Telegram(who, lines, crc16.arc(who.encode()[:-2] + lines + b"!") if crc else None)


def explain(octets: bytes) -> list[Field]:
    """The fields of the first telegram. Raises what :func:`decode` raises."""
    made = decode(octets)
    who, at = made.identification, made.at
    text = at + len(who.encode()) - 2
    tail = text + len(made.text)
    rows = [Field(0, octets[:at], "before the telegram")] if at else []
    rows.append(Field(at, octets[at:text], "identification", who.text, CLAUSE))
    rows.append(Field(at + 1, octets[at + 1 : at + 4], "manufacturer", who.flag, CLAUSE, 1))
    rows.append(Field(at + 4, octets[at + 4 : at + 5], "speed", f"{who.baud} Bd in IEC 62056-21", CLAUSE, 1))
    rows.extend(explain_text(made.text, text))
    rows.append(Field(tail, b"!", "end of data", "", CLAUSE))
    digits = _END.match(octets, tail - 1)
    end = tail + 1
    if digits is not None and digits[1]:
        rows.append(Field(end, digits[1], "CRC-16/ARC", "right", CLAUSE))
        end = digits.end()
    if octets[end:].strip():
        rows.append(Field(end, octets[end:], "after the telegram"))
    return rows
