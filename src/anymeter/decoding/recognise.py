"""Which protocol a message is of, by its own marks: start octets, lengths, CRCs, known function codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from anymeter.cosem import data
from anymeter.dlms import apdu
from anymeter.errors import DecodeError
from anymeter.links import hdlc, iec62056_21, p1, wireless, wrapper
from anymeter.links.address import SOFT
from anymeter.wire.lengths import length_at

LLC: Final = (hdlc.LLC_COMMAND, hdlc.LLC_RESPONSE)
_TEXT_STARTS: Final = frozenset(bytes((start | parity,)) for start in b"/\x01\x02\x06\x15" for parity in (0, 0x80))


def is_wired_mbus(octets: bytes) -> bool:
    """``68 L L`` with both lengths alike, a short frame, or a single ``E5``."""
    if octets[:1] == b"\x68":
        return (len(octets) >= 4 and octets[1] == octets[2]) or octets[3:4] == b"\x68"
    return octets == b"\xe5" or (octets[:1] == b"\x10" and len(octets) == 5 and octets[4] == 0x16)


def is_hdlc(octets: bytes) -> bool:
    """A flag (or several) and a frame format of type 3."""
    if octets[:1] != b"\x7e":
        return False
    body = octets.lstrip(b"\x7e")
    return body[:1] != b"" and body[0] & 0xF0 == 0xA0


def is_bare_hdlc(octets: bytes) -> bool:
    """A frame of type 3 whose flags were taken off: its length field counts every octet."""
    return len(octets) >= 7 and octets[0] & 0xF0 == 0xA0 and (octets[0] & 7) << 8 | octets[1] == len(octets)


def is_wrapper(octets: bytes) -> bool:
    """Version 1, and a length that the octets bear out."""
    if len(octets) < wrapper.HEADER or octets[:2] != b"\x00\x01":
        return False
    return int.from_bytes(octets[6:8], "big") + wrapper.HEADER <= len(octets)


def may_be_text(octets: bytes) -> bool:
    """A first octet that readouts have, or both parentheses of a data set, with parity bits or without. Cheap."""
    if octets[:1] in _TEXT_STARTS:
        return True
    return (b"(" in octets or b"\xa8" in octets) and (b")" in octets or b"\xa9" in octets)


def is_p1(octets: bytes) -> bool:
    """A P1 telegram with its end mark."""
    return may_be_text(octets) and p1.looks_like(octets)


def is_readout(octets: bytes) -> bool:
    """A message or readout of IEC 62056-21."""
    return may_be_text(octets) and iec62056_21.looks_like(octets)


@lru_cache(maxsize=4)
def radio_frame(octets: bytes) -> tuple[wireless.Frame, int]:
    """The radio telegram at the beginning, and where it ends: recognised and then read, it is taken apart once."""
    return wireless.decode(octets)


def is_wireless(octets: bytes) -> bool:
    """A maker's three letters, a known C field, and a length or CRC that fits to the octet."""
    try:
        frame, end = radio_frame(octets)
    except DecodeError:
        return False
    known = wireless.function(frame.c).sender != "unknown" and _letters(frame.address.code & ~SOFT)
    return known and (end == len(octets) or frame.crcs != "none")


def is_wireless_with_trailer(octets: bytes) -> bool:
    """A telegram without CRCs, with up to four octets of the receiver's behind it, that only a meter can send."""
    try:
        frame = wireless.parse(octets)
    except DecodeError:
        return False
    return frame.from_meter and _letters(frame.address.code & ~SOFT)


def is_damaged_wireless(octets: bytes) -> bool:
    """The head of a meter's telegram, whatever became of the rest: its reader tells what is wrong."""
    if len(octets) <= wireless.FIRST:
        return False
    known = wireless.function(octets[1]).sender not in ("unknown", "other")
    return known and _letters(int.from_bytes(octets[2:4], "little") & ~SOFT)


def _letters(code: int) -> bool:
    return all(1 <= code >> shift & 0x1F <= 26 for shift in (10, 5, 0))


def is_ciphered_apdu(octets: bytes) -> bool:
    """general-glo or general-ded ciphering whose lengths end where the octets end."""
    if octets[:1] not in (b"\xdb", b"\xdc") or octets[1:2] not in (b"\x00", b"\x08"):
        return False
    try:
        size, start = length_at(octets, 2 + octets[1])
    except DecodeError:
        return False
    return start + size == len(octets)


def is_apdu(octets: bytes) -> bool:
    """An APDU of ACSE or xDLMS, with or without its LLC header."""
    if octets[:3] in LLC:
        return True
    if octets[:1] and (octets[:2] in apdu.APDUS or octets[:1] in apdu.APDUS):
        try:
            apdu.decode(octets)
        except DecodeError:
            return False
        return True
    return False


def is_data(octets: bytes) -> bool:
    """One COSEM structure or array and nothing behind it, as some meters push it."""
    try:
        return octets[:1] in (b"\x01", b"\x02") and data.skip(octets, 0) == len(octets)
    except DecodeError:
        return False


def is_mbus_application(octets: bytes) -> bool:
    """An M-Bus response without its frame: CI 72, 78 or 7A."""
    return octets[:1] in (b"\x72", b"\x78", b"\x7a") and len(octets) > 5


def is_whole(octets: bytes) -> bool:
    """Do these octets end a message by its own length field?"""
    return is_wireless(octets) or (is_wired_mbus(octets) and len(octets) > 4 and len(octets) == octets[1] + 6)


MARKS: Final[tuple[tuple[str, Callable[[bytes], bool]], ...]] = (
    ("mbus", is_wired_mbus),
    ("hdlc", is_hdlc),
    ("p1", is_p1),
    ("iec62056-21", is_readout),
    ("dlms", is_ciphered_apdu),
    ("wrapper", is_wrapper),
    ("wmbus", is_wireless),
    ("dlms", is_apdu),
    ("dlms", is_data),
    ("hdlc", is_bare_hdlc),
    ("wmbus", is_wireless_with_trailer),
    ("mbus", is_mbus_application),
    ("wmbus", is_damaged_wireless),
)
PROTOCOLS: Final = tuple(dict.fromkeys(name for name, _ in MARKS))


def protocol_of(octets: bytes) -> str:
    """The protocol of a message: the first of :data:`MARKS` whose mark it bears, strongest marks first.

    >>> protocol_of(bytes.fromhex("1040014116")), protocol_of(bytes.fromhex("7EA00703219 30F017E".replace(" ", "")))
    ('mbus', 'hdlc')
    """
    for name, bears in MARKS:
        if bears(octets):
            return name
    raise DecodeError(
        f"{len(octets)} octets of no known protocol: no M-Bus, HDLC, wrapper or DLMS message, no readout",
        what="input",
        at=0,
    )
