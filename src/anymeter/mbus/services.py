"""Services beside reading records: errors, alarms, application select, time, selection, baud rate, synchronise.

Each takes and gives the payload behind the transport header. Source: EN 13757-3:2018, EN 13757-7:2018.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec

from anymeter.errors import ApplicationError, DecodeError, LocalError
from anymeter.links.address import Address
from anymeter.mbus.ci import CLAUSE as CI_FIELD
from anymeter.mbus.devices import medium
from anymeter.mbus.tabled import rows
from anymeter.wire.fields import Field

WHAT: Final = "M-Bus service"
BAUDS: Final = {
    0xB8: 300,
    0xB9: 600,
    0xBA: 1200,
    0xBB: 2400,
    0xBC: 4800,
    0xBD: 9600,
    0xBE: 19200,
    0xBF: 38400,
}
TIME_ACTIONS: Final = ("set", "add", "subtract")
FILLER: Final = b"\x2f"


class Alarm(msgspec.Struct, frozen=True):
    """An alarm: *bits* are the manufacturer's own, bit 0 first in the least octet."""

    bits: int
    octets: bytes


class Application(msgspec.Struct, frozen=True):
    """An application reset or selection: the application (high nibble), its telegram (low nibble), and what follows.

    *code* is None for a plain reset to the default.
    """

    code: int | None = None
    rest: bytes = b""

    @property
    def name(self) -> str:
        """The application in words."""
        if self.code is None:
            return "default"
        return _applications().get(self.code >> 4, f"application {self.code >> 4:X}")

    @property
    def block(self) -> int | None:
        """The number of the telegram within the application."""
        return None if self.code is None else self.code & 0x0F


class TimeSync(msgspec.Struct, frozen=True):
    """A time synchronisation: *action* is ``set``, ``add`` or ``subtract``; *time* a date-time I or a time J."""

    action: str
    time: bytes


class Selection(msgspec.Struct, frozen=True):
    """A selection by secondary address: nibbles F in the number and octets FF elsewhere match anything.

    *fabrication* is the fabrication number of eight digits that narrows the selection, if there is one.
    """

    address: Address
    fabrication: str | None = None


@cache
def _applications() -> dict[int, str]:
    return {int(r["code"], 16): r["name"] for r in rows("applications")}


@cache
def application_errors() -> dict[int, str]:
    """The application errors by their code."""
    return {int(r["code"], 16): r["meaning"] for r in rows("application_errors")}


def application_error(payload: bytes, at: int = 0) -> ApplicationError:
    """The error a device reports: the error is returned, not raised. A report without a code is an unspecified one.

    >>> print(application_error(b"\\x08"), application_error(b"").code)
    M-Bus device at octet 0: application too busy to be read out 0
    """
    code = payload[0] if payload else 0
    why = application_errors().get(code, f"application error {code:02X}")
    return ApplicationError(why, code=code, what="M-Bus device", at=at)


def decode_alarm(payload: bytes, at: int = 0) -> Alarm:
    """The alarm of CI 71, 74 or 75; raises :class:`DecodeError` when there is none."""
    if not payload:
        raise DecodeError("an alarm has at least one octet", what=WHAT, at=at)
    return Alarm(int.from_bytes(payload, "little"), payload)


def encode_alarm(bits: int, size: int = 1) -> bytes:
    """The payload of an alarm."""
    if not 0 <= bits < 1 << 8 * size:
        raise LocalError(f"{bits:#x} does not fit {size} octets of alarms")
    return bits.to_bytes(size, "little")


def decode_application(payload: bytes) -> Application:
    """The application of CI 50, 53 to 55 and 66 to 68."""
    return Application(payload[0], payload[1:]) if payload else Application()


def encode_application(application: Application) -> bytes:
    """The payload that selects or resets an application."""
    if application.code is None:
        if application.rest:
            raise LocalError("octets behind an application need its code")
        return b""
    return bytes((application.code,)) + application.rest


def decode_time(payload: bytes, at: int = 0) -> TimeSync:
    """The time synchronisation of CI 6C and 6D, fillers 2F left out; the time itself keeps its octets.

    ``set`` carries a date-time of six octets (type I), ``add`` and ``subtract`` a time of three (type J).
    """
    lead = len(payload) - len(payload.lstrip(FILLER))
    body = payload[lead:]
    if not body:
        raise DecodeError("a time synchronisation begins with its action", what=WHAT, at=at)
    if body[0] >= len(TIME_ACTIONS):
        raise DecodeError(f"time action {body[0]} is reserved", what=WHAT, at=at + lead)
    size = 6 if body[0] == 0 else 3
    if len(body) < 1 + size:
        why = f"the time to {TIME_ACTIONS[body[0]]} has {size} octets, {len(body) - 1} remain"
        raise DecodeError(why, what=WHAT, at=at + lead + 1)
    if body[1 + size :].strip(FILLER):
        raise DecodeError("octets other than fillers behind the time", what=WHAT, at=at + lead + 1 + size)
    return TimeSync(TIME_ACTIONS[body[0]], body[1 : 1 + size])


def encode_time(sync: TimeSync) -> bytes:
    """The payload of a time synchronisation, without fillers."""
    size = 6 if sync.action == "set" else 3
    if sync.action not in TIME_ACTIONS or len(sync.time) != size:
        raise LocalError(f"a time synchronisation sets 6 octets, adds or subtracts 3; not {sync.action!r}")
    return bytes((TIME_ACTIONS.index(sync.action),)) + sync.time


def decode_selection(payload: bytes, at: int = 0) -> Selection:
    """The selection of CI 52: an address of eight octets, and a fabrication number (record 0C 78) where it is given."""
    if len(payload) < 8:
        raise DecodeError(f"a secondary address has 8 octets, {len(payload)} remain", what=WHAT, at=at)
    rest = payload[8:]
    if not rest:
        return Selection(Address.of_header(payload))
    if len(rest) != 6 or rest[:2] != b"\x0c\x78":
        raise DecodeError(
            "behind the address stands only a fabrication number (0C 78 and 4 octets)", what=WHAT, at=at + 8
        )
    return Selection(Address.of_header(payload), rest[:1:-1].hex())


def encode_selection(selection: Selection) -> bytes:
    """The payload of a selection."""
    out = selection.address.in_header
    if selection.fabrication is None:
        return out
    if len(selection.fabrication) != 8:
        raise LocalError(f"a fabrication number has eight digits, not {selection.fabrication!r}")
    return out + b"\x0c\x78" + bytes.fromhex(selection.fabrication)[::-1]


def baud(ci: int) -> int:
    """The rate that CI B8 to BF sets, in Bd.

    >>> baud(0xBD)
    9600
    """
    if ci not in BAUDS:
        raise LocalError(f"CI {ci:02X} sets no baud rate")
    return BAUDS[ci]


def baud_ci(rate: int) -> int:
    """The CI field that sets *rate*."""
    for ci, known in BAUDS.items():
        if known == rate:
            return ci
    raise LocalError(f"{rate} Bd is not one of {', '.join(map(str, BAUDS.values()))}")


def explain(kind: str, payload: bytes, at: int, ci: int) -> list[Field] | None:
    """The payload of the service *kind* (a kind of :mod:`anymeter.mbus.ci`) in words; None for other kinds."""
    if kind == "application-error":
        why = application_error(payload).why
        return [Field(at, payload, "application error", why, "EN 13757-3:2018, application error")]
    if kind == "alarm":
        bits = decode_alarm(payload, at).bits
        return [Field(at, payload, "alarm", f"{bits:b}", "EN 13757-3:2018, alarm")]
    if kind.startswith("application-"):
        a = decode_application(payload)
        text = a.name if a.block is None else f"{a.name}, telegram {a.block}"
        return [Field(at, payload, "application", text, "EN 13757-3:2018, application select")]
    if kind == "time":
        t = decode_time(payload, at)
        return [Field(at, payload, "time", f"{t.action} {t.time.hex(' ')}", "EN 13757-3:2018, time synchronisation")]
    if kind == "selection":
        s = decode_selection(payload, at)
        text = f"{s.address} ({medium(s.address.device_type)})"
        return [Field(at, payload, "secondary address", text, "EN 13757-7:2018, secondary selection")]
    if kind == "baud":
        return [Field(at, payload, "baud rate", f"{baud(ci)} Bd", CI_FIELD)]
    if kind == "sync":
        return [Field(at, payload, "synchronise", "freeze", "EN 13757-3:2018, synchronise action")]
    return None
