"""The transport header (TPL): none, short or long, with its configuration field.

Source: EN 13757-7:2018, transport layer.
Short: ``ACC ST CF(2)``; long: ``ID(4) M(2) V T`` before these. Modes 7 to 10 and 13 add a configuration field
extension (CFE), then a key version octet when CFE says so (V) and a message counter of 4 octets when CF does (Z).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.links.address import Address
from anymeter.mbus.ci import LONG, SHORT
from anymeter.mbus.devices import device
from anymeter.mbus.modes import mode_text, table
from anymeter.mbus.status import reception_dbm, status_meaning
from anymeter.wire.fields import Field

WHAT: Final = "transport header"
CLAUSE: Final = "EN 13757-7:2018, transport layer"
FLAGGED: Final = frozenset((7, 8, 9, 10))
"""The modes whose CF carries Z (message counter follows) and whose CFE carries V, KDF selection and key number."""
ALL_OCTETS: Final = 0xFF
_CONTENT: Final = ("standard data", "reserved", "static data", "reserved for extensions")
_ACCESS: Final = (
    "no access window",
    "access supported, no window after this message",
    "short window after this message",
    "unlimited access",
)


class Header(msgspec.Struct, frozen=True):
    """A transport header: *address* is None in a short one; *configuration* is CF as a number.

    *extension* holds the octets of CFE, key version and message counter as they were sent.
    """

    access: int
    status: int
    configuration: int
    address: Address | None = None
    extension: bytes = b""

    @property
    def mode(self) -> int:
        """The security mode, 0 to 31."""
        return self.configuration >> 8 & 0x1F

    def encode(self) -> bytes:
        """The header on the wire, without the CI field."""
        if not all(0 <= x <= 255 for x in (self.access, self.status)) or not 0 <= self.configuration <= 0xFFFF:
            raise LocalError("access number and status are one octet, the configuration field two")
        address = b"" if self.address is None else self.address.in_header
        return address + bytes((self.access, self.status)) + self.configuration.to_bytes(2, "little") + self.extension


class Configuration(msgspec.Struct, frozen=True):
    """A configuration field taken apart.

    *count* is how many octets N says are encrypted; None for all of them. *content* is the subfield CC. What a mode
    does not have stays at its default; *counter* is the message counter, *tag* the number of octets of the tag.
    """

    mode: int
    content: int = 0
    count: int | None = 0
    bidirectional: bool = False
    accessible: bool = False
    synchronous: bool = False
    repeated: bool = False
    hop: bool = False
    index: int = 0
    kdf: int = 0
    key_id: int = 0
    key_version: int | None = None
    counter: int | None = None
    tag: int = 0
    protocol: int = 0

    @property
    def access(self) -> str:
        """When the meter can be reached, by the bits B and A (wireless only)."""
        return _ACCESS[self.bidirectional << 1 | self.accessible]


def decode(octets: bytes, at: int, form: str) -> tuple[Header | None, int]:
    """The header of *form* (``none``, ``short``, ``long``) that begins at *at*, and the offset behind it."""
    if form == LONG:
        head = octets[at : at + 12]
        if len(head) < 12:
            raise DecodeError(f"a long header has 12 octets, {len(head)} remain", what=WHAT, at=at)
        address: Address | None = Address(head[4:6] + head[:4] + head[6:8])
        access, status, low, high = head[8:]
        at += 12
    elif form == SHORT:
        head = octets[at : at + 4]
        if len(head) < 4:
            raise DecodeError(f"a short header has 4 octets, {len(head)} remain", what=WHAT, at=at)
        address = None
        access, status, low, high = head
        at += 4
    else:
        return None, at
    size = 0
    if high & 0x1F in _EXTENDED:
        size = _extension_size(octets, at, high)
    return Header(access, status, high << 8 | low, address, octets[at : at + size]), at + size


_EXTENDED: Final = frozenset((7, 8, 9, 10, 13))


def _extension_size(octets: bytes, at: int, high: int) -> int:
    """How many octets CFE, key version and message counter are; raises :class:`DecodeError` when they are cut short."""
    mode = high & 0x1F
    size = table()[mode].extension
    if mode in FLAGGED and at < len(octets):
        size += (octets[at] >> 6 & 1) + (4 if high & 0x20 else 0)
    if at + size > len(octets):
        why = f"the configuration field extension of mode {mode} has {size} octets, {len(octets) - at} remain"
        raise DecodeError(why, what=WHAT, at=at)
    return size


def configuration(header: Header) -> Configuration:
    """The configuration field of *header* with its extension, taken apart as its mode has it."""
    return _configuration(header.configuration, header.extension)


@lru_cache(maxsize=1024)
def _configuration(cf: int, extension: bytes) -> Configuration:
    mode = cf >> 8 & 0x1F
    unit = table()[mode].unit
    n = cf >> 4 & 0x0F if unit == 16 else cf & 0xFF
    if mode in FLAGGED:
        return _flagged(cf, mode, n, unit, extension)
    if mode == 13:
        kind = extension[0] & 0x0F if extension else 0
        return Configuration(13, content=cf >> 14, count=n, protocol=kind)
    if unit == 1:
        return Configuration(mode, count=n or None)
    return Configuration(
        mode,
        content=cf >> 2 & 3,
        count=n * unit,
        bidirectional=bool(cf & 0x8000),
        accessible=bool(cf & 0x4000),
        synchronous=bool(cf & 0x2000),
        repeated=bool(cf & 2),
        hop=bool(cf & 1),
    )


def _flagged(cf: int, mode: int, n: int, unit: int, extension: bytes) -> Configuration:
    low = extension[0] if extension else 0
    rest = extension[table()[mode].extension :]
    version = rest[0] if low & 0x40 and rest else None
    counter = int.from_bytes(rest[-4:], "little") if cf & 0x2000 else None
    count: int | None
    if unit == 16:
        index, tag, count = cf & 0x0F, 0, n * 16
    else:
        high = extension[1] if len(extension) > 1 else 0
        index, tag, count = high >> 4, 4 + 4 * (high & 3), (None if n == ALL_OCTETS else n)
    return Configuration(
        mode,
        content=cf >> 14,
        count=count,
        index=index,
        kdf=low >> 4 & 3,
        key_id=low & 0x0F,
        key_version=version,
        counter=counter,
        tag=tag,
    )


def fields(given: Configuration) -> tuple[int, bytes]:
    """The configuration field and its extension for *given*: the reverse of :func:`configuration`.

    Raises :class:`LocalError` for a count or tag that the mode cannot say.
    """
    mode = given.mode
    if not 0 <= mode <= 31:
        raise LocalError(f"there is no security mode {mode}")
    unit = table()[mode].unit
    count = (0 if unit == 1 else ALL_OCTETS) if given.count is None else given.count
    if mode in FLAGGED:
        return _flagged_fields(given, unit)
    if mode == 13:
        return given.content << 14 | 13 << 8 | count & 0xFF, bytes((given.protocol & 0x0F,))
    if unit == 1:
        return mode << 8 | _fits(count, 255, "octets"), b""
    blocks = 0
    if unit == 16:
        if count % 16:
            raise LocalError(f"mode {mode} encrypts whole blocks of 16 octets, not {count}")
        blocks = _fits(count // 16, 15, "blocks")
    bits = given.bidirectional << 15 | given.accessible << 14 | given.synchronous << 13
    return bits | mode << 8 | blocks << 4 | given.content << 2 | given.repeated << 1 | given.hop, b""


def _flagged_fields(given: Configuration, unit: int) -> tuple[int, bytes]:
    cf = given.content << 14 | (given.counter is not None) << 13 | given.mode << 8
    low = (given.key_version is not None) << 6 | given.kdf << 4 | given.key_id
    if unit == 16:
        count = given.count or 0
        if count % 16:
            raise LocalError(f"mode {given.mode} encrypts whole blocks of 16 octets, not {count}")
        cf |= _fits(count // 16, 15, "blocks") << 4 | given.index & 0x0F
        extension = bytes((low,))
    else:
        cf |= ALL_OCTETS if given.count is None else _fits(given.count, ALL_OCTETS - 1, "octets")
        if given.tag not in (4, 8, 12, 16):
            raise LocalError(f"a tag has 4, 8, 12 or 16 octets, not {given.tag}")
        extension = bytes((low, given.index << 4 | given.tag // 4 - 1))
    if given.key_version is not None:
        extension += bytes((given.key_version,))
    if given.counter is not None:
        extension += given.counter.to_bytes(4, "little")
    return cf, extension


def _fits(n: int, most: int, what: str) -> int:
    if not 0 <= n <= most:
        raise LocalError(f"the configuration field counts 0 to {most} {what}, not {n}")
    return n


def explain(octets: bytes, at: int, form: str, *, from_device: bool = True) -> list[Field]:
    """The fields of the header of *form* that begins at *at*."""
    header, end = decode(octets, at, form)
    if header is None:
        return []
    out: list[Field] = []
    a = header.address
    if a is not None:
        out = [
            Field(at, octets[at : at + 4], "identification number", a.id, CLAUSE),
            Field(at + 4, octets[at + 4 : at + 6], "manufacturer", a.manufacturer, CLAUSE),
            Field(at + 6, octets[at + 6 : at + 7], "version", str(a.version), CLAUSE),
            Field(at + 7, octets[at + 7 : at + 8], "device type", device(a.device_type).meaning, CLAUSE),
        ]
        at += 8
    level = reception_dbm(header.status)
    partner = "no reception level" if level is None else f"heard at {level} dBm"
    out += [
        Field(at, octets[at : at + 1], "access number", str(header.access), CLAUSE),
        Field(
            at + 1, octets[at + 1 : at + 2], "status", status_meaning(header.status) if from_device else partner, CLAUSE
        ),
        Field(at + 2, octets[at + 2 : at + 4], "configuration field", configuration_text(header), CLAUSE),
    ]
    if end > at + 4:
        out.append(
            Field(at + 4, octets[at + 4 : end], "configuration field extension", _extension_text(header), CLAUSE)
        )
    return out


def configuration_text(header: Header) -> str:
    """The configuration field in words."""
    c = configuration(header)
    parts = [mode_text(c.mode)]
    if table()[c.mode].unit:
        parts.append("all octets encrypted" if c.count is None else f"{c.count} octets encrypted")
    if c.content:
        parts.append(_CONTENT[c.content])
    if c.mode in (0, 5):
        parts += [text for bit, text in ((c.synchronous, "synchronous"), (c.hop, "repeated by a hop")) if bit]
        parts += [c.access] if c.bidirectional or c.accessible else []
    return ", ".join(parts)


def _extension_text(header: Header) -> str:
    c = configuration(header)
    if c.mode == 13:
        return f"protocol {c.protocol}"
    parts = ["key derivation A" if c.kdf == 1 else f"key derivation {c.kdf}" if c.kdf else "persistent key"]
    parts.append(f"key {c.key_id}")
    parts += [f"key version {c.key_version}"] if c.key_version is not None else []
    parts += [f"tag of {c.tag} octets"] if c.tag else []
    parts += [f"message counter {c.counter}"] if c.counter is not None else []
    return ", ".join(parts)
