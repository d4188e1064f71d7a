"""The field kinds of xDLMS: encoded values, logical names, invoke-ids, results, date-times and conformance.

Source: EN 13757-1:2014, 6.2 and 8.3; the forms that meters send instead are told beside each kind.
"""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import Annotated, Any, Final, TypeAlias

from anymeter.cosem import data
from anymeter.cosem.datetimes import DateTime
from anymeter.dlms.enums import (
    AccessKind,
    ActionResult,
    Conformance,
    DataAccessResult,
    KeyId,
    ServiceError,
    StateError,
)
from anymeter.errors import DecodeError
from anymeter.obis import Obis
from anymeter.wire.kinds import Choice, Counted, Delimited, Empty, Fixed, Presence, Variant

TAGGED_DATE_TIME: Final = "tagged-date-time"
NO_PRESENCE_OCTET: Final = "no-presence-octet"
SHORT_CONFORMANCE_TAG: Final = "short-conformance-tag"


def enum_words(value: Any) -> str:
    """Number and name of an enumerated value."""
    return f"{int(value)}, {value.words}"


def enumerated(cls: type[IntEnum]) -> Fixed:
    """One octet, an enumeration of :mod:`anymeter.dlms.enums`."""
    return Fixed("B", enum_words, cls)


def invoke_words(value: int) -> str:
    """Invoke-Id-And-Priority in words.

    >>> invoke_words(0xC1), invoke_words(0x02)
    ('id 1, confirmed, high priority', 'id 2, unconfirmed, normal priority')
    """
    reserved = f", reserved bits {value >> 4 & 3}" if value & 0x30 else ""
    return f"id {value & 0x0F}, {_service(value >> 6)}, {_priority(value >> 7)}{reserved}"


def long_invoke_words(value: int) -> str:
    """Long-Invoke-Id-And-Priority in words.

    >>> long_invoke_words(0xE0123456)
    'id 1193046, confirmed, high priority, break on error'
    """
    described = ", self-descriptive" if value >> 28 & 1 else ""
    option = ", break on error" if value >> 29 & 1 else ""
    reserved = f", reserved bits {value >> 24 & 0xF}" if value >> 24 & 0xF else ""
    words = f"id {value & 0xFFFFFF}, {_service(value >> 30)}, {_priority(value >> 31)}"
    return f"{words}{option}{described}{reserved}"


def _service(bit: int) -> str:
    return "confirmed" if bit & 1 else "unconfirmed"


def _priority(bit: int) -> str:
    return "high priority" if bit & 1 else "normal priority"


def date_time_words(octets: bytes | None) -> str:
    """A date-time in words; the octets where they are none."""
    if not octets:
        return "none"
    return DateTime.parse(octets).iso() if len(octets) == 12 else octets.hex()


def text_words(octets: bytes) -> str:
    """Octets, as text too where they are printable."""
    shown = octets.decode("ascii") if octets.isascii() and octets.decode("ascii").isprintable() else ""
    return f'{octets.hex()} "{shown}"' if shown else octets.hex() or "empty"


def _notified_at(buf: bytes, at: int) -> tuple[bytes, int, str]:
    """``00``, or ``0C`` and 12 octets; Kaifa and others put the data type 09 before the length."""
    head = buf[at : at + 2]
    if head == b"\x09\x0c":
        return _twelve(buf, at + 2), at + 14, TAGGED_DATE_TIME
    if head[:1] == b"\x00":
        return b"", at + 1, ""
    if head[:1] == b"\x0c":
        return _twelve(buf, at + 1), at + 13, ""
    raise DecodeError("a date-time takes 0 or 12 octets", what="date-time", at=at)


def _twelve(buf: bytes, at: int) -> bytes:
    octets = buf[at : at + 12]
    if len(octets) < 12:
        raise DecodeError(f"a date-time takes 12 octets, {len(octets)} are left", what="date-time", at=at)
    return octets


def _notified_of(value: bytes, quirks: tuple[str, ...]) -> bytes:
    tag = b"\x09" if TAGGED_DATE_TIME in quirks and value else b""
    return tag + bytes((len(value),)) + value


def _happened_at(buf: bytes, at: int) -> tuple[bytes | None, int, str]:
    """``00``, or ``01 0C`` and 12 octets; some meters leave the presence octet 01 out."""
    head = buf[at : at + 2]
    if head[:1] == b"\x00":
        return None, at + 1, ""
    if head == b"\x01\x0c":
        return _twelve(buf, at + 2), at + 14, ""
    if head[:1] == b"\x0c":
        return _twelve(buf, at + 1), at + 13, NO_PRESENCE_OCTET
    raise DecodeError("neither an absent time nor one of 12 octets", what="time", at=at)


def _happened_of(value: bytes | None, quirks: tuple[str, ...]) -> bytes:
    if value is None:
        return b"\x00"
    presence = b"" if NO_PRESENCE_OCTET in quirks else b"\x01"
    return presence + bytes((len(value),)) + value


def _conformance_at(buf: bytes, at: int) -> tuple[Conformance, int, str]:
    """BER: [APPLICATION 31], 4 octets, no unused bits; old peers leave the second octet of the tag out."""
    for lead, quirk in ((b"\x5f\x1f\x04\x00", ""), (b"\x5f\x04\x00", SHORT_CONFORMANCE_TAG)):
        if buf.startswith(lead, at):
            end = at + len(lead) + 3
            if end > len(buf):
                break
            return Conformance(int.from_bytes(buf[end - 3 : end], "big")), end, quirk
    raise DecodeError("the conformance is not 5F 1F 04 00 and three octets", what="conformance", at=at)


def _conformance_of(value: int, quirks: tuple[str, ...]) -> bytes:
    lead = b"\x5f\x04\x00" if SHORT_CONFORMANCE_TAG in quirks else b"\x5f\x1f\x04\x00"
    return lead + int(value).to_bytes(3, "big")


VALUE: Final = Delimited(data.skip, data.explain)
RESULT: Final = enumerated(DataAccessResult)
DATA_OR_RESULT: Final = Choice({0: VALUE, 1: RESULT}, {0: "data", 1: "data-access-result"})
SUCCESS_OR_RESULT: Final = Choice(
    {0: Empty(), 1: RESULT, 2: Fixed("H")}, {0: "success", 1: "data-access-result", 2: "block-number"}
)
RAW_OR_RESULT: Final = Choice({0: Counted(), 1: RESULT}, {0: "raw-data", 1: "data-access-result"})

Data: TypeAlias = Annotated[bytes, VALUE]
"""One encoded COSEM value: the octets, exactly as they came."""
DataOrResult: TypeAlias = Annotated[bytes | DataAccessResult, DATA_OR_RESULT]
"""Get-Data-Result: the octets of a value, or why there is none."""
RawOrResult: TypeAlias = Annotated[bytes | DataAccessResult, RAW_OR_RESULT]
"""The octets of a block, or why there is none."""
MaybeDataOrResult: TypeAlias = Annotated[bytes | DataAccessResult | None, Presence(DATA_OR_RESULT)]
WriteResult: TypeAlias = Annotated[DataAccessResult | int | None, SUCCESS_OR_RESULT]
"""None: success; an int: the number of the block that was taken."""

Invoke: TypeAlias = Annotated[int, Fixed("B", invoke_words)]
"""Invoke-Id-And-Priority."""
LongInvoke: TypeAlias = Annotated[int, Fixed("I", long_invoke_words)]
"""Long-Invoke-Id-And-Priority."""
LogicalName: TypeAlias = Annotated[Obis, Fixed("6s", str, partial(bytes.__new__, Obis))]
ShortName: TypeAlias = Annotated[int, Fixed("H", "0x{:04X}".format)]
"""A short name, which the ASN.1 has as Integer16, in the unsigned form it is written in: FA00."""
AccessResult: TypeAlias = Annotated[DataAccessResult, RESULT]
ActResult: TypeAlias = Annotated[ActionResult, enumerated(ActionResult)]
AccessAnswer: TypeAlias = Annotated[AccessKind, enumerated(AccessKind)]
State: TypeAlias = Annotated[StateError, enumerated(StateError)]
Service: TypeAlias = Annotated[ServiceError, enumerated(ServiceError)]
KeyIdentifier: TypeAlias = Annotated[KeyId, enumerated(KeyId)]
Text: TypeAlias = Annotated[bytes, Counted(text_words)]
"""An octet string that is mostly text or an identifier: system titles, transaction-ids."""
Moment: TypeAlias = Annotated[bytes, Counted(date_time_words)]
"""The date-time of a header that is signed or authenticated: any octets, empty for none."""
NotifiedAt: TypeAlias = Annotated[bytes, Variant(_notified_at, _notified_of, date_time_words)]
"""date-time OCTET STRING: 12 octets, or none; quirk ``tagged-date-time``."""
HappenedAt: TypeAlias = Annotated[bytes | None, Variant(_happened_at, _happened_of, date_time_words)]
"""time OPTIONAL: 12 octets, or None; quirk ``no-presence-octet``."""
ConformanceBlock: TypeAlias = Annotated[
    Conformance, Variant(_conformance_at, _conformance_of, lambda bits: bits.words, least=6)
]
"""The 24 bits of the conformance; quirk ``short-conformance-tag``."""
