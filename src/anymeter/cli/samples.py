"""One message of every kind, made by the encoders of this package: what ``demo`` decodes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from anymeter.cosem.data import Enum
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, ENUM, INTEGER, OCTET_STRING, array, structure
from anymeter.dlms.notifications import DataNotification
from anymeter.dlms.security import Keys, protect
from anymeter.links import hdlc, p1, transport, wireless
from anymeter.links import mbus as wired
from anymeter.links.address import Address
from anymeter.links.iec_messages import Data, Identification
from anymeter.links.wrapper import Wpdu
from anymeter.mbus import records, security
from anymeter.mbus.header import Header
from anymeter.obis import Obis

KEY = bytes(range(16))
AUTHENTICATION_KEY = bytes(range(0xD0, 0xE0))
TITLE = b"AMT\x00\x00\x00\x12\x34"
_ENERGY, _POWER, _VOLUME, _VOLT = 30, 27, 13, 35
_LONG_RESPONSE, _SHORT_RESPONSE = 0x72, 0x7A
_MODE_5 = 0x0500
_PUSH = structure(OCTET_STRING, DOUBLE_LONG_UNSIGNED, structure(INTEGER, ENUM))


class Sample(msgspec.Struct, frozen=True):
    """A message, what it is, and the options that ``anymeter decode`` takes for it."""

    title: str
    octets: bytes
    key: bytes | None = None
    auth_key: bytes | None = None

    @property
    def options(self) -> str:
        """The key options as they are typed."""
        given = (("--key", self.key), ("--auth-key", self.auth_key))
        return "".join(f" {name} {key.hex().upper()}" for name, key in given if key)


def samples() -> Iterator[Sample]:
    """Every kind, made anew."""
    yield Sample("wired M-Bus, heat meter", _heat())
    yield Sample("wireless M-Bus, frame format A, mode 5, cold water", _water(), KEY)
    yield Sample("wireless M-Bus, frame format B, heat cost allocator", _allocator())
    yield Sample("DLMS push in HDLC, electricity", _push())
    yield Sample("DLMS push over the TCP wrapper, ciphered, gas", _gas(), KEY, AUTHENTICATION_KEY)
    yield Sample("DLMS push over the M-Bus transport layer", _transported())
    yield Sample("IEC 62056-21 readout, mode C, heat", _readout())
    yield Sample("P1 telegram, electricity with a gas meter", _p1())


def _record(head: str, number: records.Number) -> tuple[records.RecordHeader, records.Number]:
    return records.header(bytes.fromhex(head)), number


def _heat() -> bytes:
    meter = Address.of("AMT", "12345678", 27, 0x04)
    payload = records.encode(
        [
            _record("0C06", 12345),
            _record("0C14", 98765),
            _record("0B2D", 123),
            _record("0B3B", 456),
            _record("0A5A", 712),
            _record("0A5E", 431),
            _record("046D", DateTime.of(2026, 11, 22, None, 8, 15)),
            _record("4C06", 11890),
            _record("426C", DateTime.of(2025, 12, 31)),
        ]
    )
    body = bytes((_LONG_RESPONSE,)) + Header(42, 0, 0, meter).encode() + payload
    return wired.encode(wired.long(0x08, 1, body))


def _water() -> bytes:
    meter = Address.of("AMT", "87654321", 3, 0x16)
    plain = security.padded(
        records.encode([_record("0413", 184_217), _record("4413", 171_002), _record("426C", DateTime.of(2025, 12, 31))])
    )
    header = Header(7, 0x04, _MODE_5 | len(plain) // 16 << 4)
    secret = security.protect(header, meter, plain, KEY, ci=_SHORT_RESPONSE)
    body = bytes((_SHORT_RESPONSE,)) + header.encode() + secret
    return wireless.encode(wireless.Frame(0x44, meter, body), "A")


def _allocator() -> bytes:
    meter = Address.of("AMT", "11223344", 1, 0x08)
    payload = records.encode(
        [_record("036E", 1042), _record("436E", 987), _record("426C", DateTime.of(2026, 10, 31)), _record("0265", 2150)]
    )
    body = bytes((_SHORT_RESPONSE,)) + Header(19, 0, 0).encode() + payload
    return wireless.encode(wireless.Frame(0x44, meter, body), "B")


def _notification(*values: tuple[str, int, int, int]) -> bytes:
    """A push list of code, value, scaler and unit."""
    rows = [(Obis(code).octets, value, (scaler, Enum(unit))) for code, value, scaler, unit in values]
    when = DateTime.of(2026, 11, 22, 7, 8, 15, 0, None, -60)
    return DataNotification(1, when.octets, array(_PUSH).encode(rows)).encode()


def _push() -> bytes:
    apdu = _notification(
        ("1-0:1.8.0", 4_812_077, 0, _ENERGY),
        ("1-0:2.8.0", 1_205, 0, _ENERGY),
        ("1-0:1.7.0", 2_744, 0, _POWER),
        ("1-0:32.7.0", 2_314, -1, _VOLT),
    )
    frames = hdlc.segment(
        apdu, client=hdlc.Address.of(16), server=hdlc.Address.of(1, 17), from_server=True, max_information=64
    )
    return hdlc.encode(*frames)


def _gas() -> bytes:
    plain = _notification(("7-0:13.2.0", 982_113, -2, 14), ("7-0:41.0.0", 184, -1, 9))
    keys = Keys(encryption=KEY, authentication=AUTHENTICATION_KEY)
    return Wpdu(1, 16, protect(plain, keys, TITLE, 1042, form="general-glo")).encode()


def _transported() -> bytes:
    apdu = _notification(("8-0:1.0.0", 184_217, -3, _VOLUME), ("8-0:2.0.0", 12, -3, 15))
    segments = transport.split(1, 0x67, apdu, 40)
    return b"".join(wired.encode(wired.long(0x08, 1, segment.encode())) for segment in segments)


def _readout() -> bytes:
    lines = ("6.8(00012.345*MWh)", "6.26(00987.65*m3)", "6-0:8.0.0(0012.3*kW)", "0.0(12345678)")
    text = "\r\n".join((*lines, "!", "")).encode()
    return Identification("AMT", "5", "DEMO").encode() + Data(text).encode()


def _p1() -> bytes:
    lines = (
        "0-0:1.0.0(261122081500W)",
        "0-0:96.1.1(4432303236313132323037)",
        "1-0:1.8.1(004812.077*kWh)",
        "1-0:1.7.0(02.744*kW)",
        "1-0:2.8.1(000001.205*kWh)",
        "0-1:24.1.0(003)",
        "0-1:24.2.1(261122080000W)(09821.130*m3)",
        "1-3:0.2.8(50)",
    )
    return p1.encode(p1.of_text("AMT5\\DEMO", "\r\n".join(lines)))
