"""The octets every benchmark decodes, the same for us and for each peer, composed here from the standard's rules.

Only the standard library and ``cryptography`` are needed, so that the peers' environment can import this file too.
The telegrams of libmbus are read from ../shared/vectors where they are; elsewhere our own stand in.
"""

from __future__ import annotations

import json
import struct
from functools import cache
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared" / "vectors"

KEY = bytes(range(0x10, 0x20))
AUTH_KEY = bytes(range(0xD0, 0xE0))
SYSTEM_TITLE = b"ANY\x00\x00\x12\x34\x56"
COUNTER = 0x00000102

GET_REQUEST = bytes.fromhex("C001C1 0003 0100010800FF 02 00")
GET_RESPONSE = bytes.fromhex("C401C100 06 0001E240")

ROWS = 1000
MONTH = 31 * 96
"""Quarters of an hour."""


def x25(octets: bytes) -> bytes:
    """The HDLC check sequence. Source: ISO/IEC 13239, annex A."""
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return struct.pack("<H", crc ^ 0xFFFF)


def hdlc(information: bytes) -> bytes:
    """An I frame from server 1 to client 16."""
    header = struct.pack(">H", 0xA000 | len(information) + 9) + bytes.fromhex("210330")
    header += x25(header)
    return b"\x7e" + header + information + x25(header + information) + b"\x7e"


def frame_of_139_octets() -> bytes:
    """An HDLC frame with a GET response of one octet-string, 139 octets with both flags."""
    frame = hdlc(bytes.fromhex("E6E700 C401C100 09 77") + bytes(range(119)))
    assert len(frame) == 139
    return frame


def date_time(row: int) -> bytes:
    """A quarter of an hour after the last row, complete, in octets."""
    day, quarter = divmod(row, 96)
    month, day = divmod(day, 28)
    year, month = divmod(month, 12)
    hour, quarter = divmod(quarter, 4)
    return struct.pack(">HBBBBBBBhB", 2024 + year, month + 1, day + 1, 0xFF, hour, quarter * 15, 0, 0, -60, 0)


def fixed_rows(rows: int = ROWS) -> bytes:
    """A profile buffer whose rows are laid out alike: a date-time, three registers, a status."""
    layout = struct.Struct(">BB BB12s BI BI BH BB")
    body = (
        layout.pack(2, 5, 9, 12, date_time(i), 6, 100_000 + i, 6, 7 * i, 0x12, i % 500, 0x11, i % 4)
        for i in range(rows)
    )
    return b"\x01\x82" + struct.pack(">H", rows) + b"".join(body)


def mixed_rows(rows: int = ROWS) -> bytes:
    """A profile buffer whose rows differ: unchanged cells as null-data, a text of changing length, two widths."""
    body = bytearray()
    for i in range(rows):
        text = b"event"[: i % 6]
        body += b"\x02\x05" + (b"\x00" if i % 4 else b"\x09\x0c" + date_time(i))
        body += b"\x06" + struct.pack(">I", 100_000 + i)
        body += b"\x00" if i % 3 else b"\x12" + struct.pack(">H", i % 500)
        body += b"\x0a" + bytes([len(text)]) + text
        body += b"\x0f" + struct.pack(">b", i % 100 - 50)
    return b"\x01\x82" + struct.pack(">H", rows) + bytes(body)


def glo_get_response() -> bytes:
    """A glo-get-response of 200 octets: suite 0, authenticated and encrypted. Source: Green Book, general ciphering."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    plain = bytes.fromhex("C401C100 09 81 AD") + bytes(range(173))
    iv = SYSTEM_TITLE + struct.pack(">I", COUNTER)
    protected = AESGCM(KEY).encrypt(iv, plain, b"\x30" + AUTH_KEY)[:-4]
    apdu = b"\xcc\x81\xc5\x30" + struct.pack(">I", COUNTER) + protected
    assert len(apdu) == 200
    return apdu


def manufacturer(letters: str) -> bytes:
    """Three letters in five bits each. Source: EN 62056-21, clause 6.3.2, as EN 13757-3 uses it."""
    a, b, c = (ord(letter) - 64 for letter in letters)
    return struct.pack("<H", a << 10 | b << 5 | c)


def wired(user_data: bytes) -> bytes:
    """A long frame from primary address 5. Source: EN 13757-2, clause 5.4."""
    body = b"\x08\x05" + user_data
    return bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, 0x16])


def records(number: int) -> bytes:
    """A heat meter's records: energy, volume, power, flow, two temperatures, the date and time."""
    return (
        b"\x04\x06" + struct.pack("<i", 1_000_000 + number)
        + b"\x04\x13" + struct.pack("<i", 5_000_000 + 3 * number)
        + b"\x02\x2b" + struct.pack("<h", number % 30_000)
        + b"\x02\x3b" + struct.pack("<h", number % 20_000)
        + b"\x02\x5a" + struct.pack("<h", 600 + number % 300)
        + b"\x02\x5e" + struct.pack("<h", 300 + number % 200)
        + b"\x04\x6d" + bytes([number % 60, number // 60 % 24, 0x8F, 0x31])
    )  # fmt: skip


def heat(number: int) -> bytes:
    """A wired telegram of a heat meter, long header: the same layout for every *number*."""
    header = (
        bytes.fromhex("72 78563412") + manufacturer("ANY") + bytes.fromhex("01 04") + bytes([number & 0xFF, 0, 0, 0])
    )
    return wired(header + records(number))


@cache
def one_layout(count: int = ROWS) -> tuple[bytes, ...]:
    """Telegrams of one layout with changing values."""
    return tuple(heat(number) for number in range(count))


@cache
def libmbus() -> tuple[bytes, ...]:
    """The telegrams of the libmbus test suite, each a whole frame; fifty of our own where they are not at hand."""
    path = SHARED / "libmbus_test_frames.jsonl"
    if not path.is_file():
        return one_layout(50)
    vectors = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(bytes.fromhex(vector["hex"]) for vector in vectors)


def mode_5() -> bytes:
    """A wireless telegram without CRCs, short header, three encrypted blocks. Source: EN 13757-7, security mode 5."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    link = manufacturer("ANY") + bytes.fromhex("78563412 01 04")
    access = 0x2A
    plain = b"\x2f\x2f" + records(12_345)
    plain += b"\x2f" * (48 - len(plain))
    encryptor = Cipher(algorithms.AES(KEY), modes.CBC(link + bytes([access]) * 8)).encryptor()
    body = b"\x44" + link + bytes([0x7A, access, 0x00, 0x30, 0x05]) + encryptor.update(plain) + encryptor.finalize()
    return bytes([len(body)]) + body
