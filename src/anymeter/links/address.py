"""The address of an M-Bus device: manufacturer, identification number, version, device type. Source: EN 13757-7."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Self

import msgspec

from anymeter.errors import DecodeError, LocalError

LENGTH: Final = 8
SOFT: Final = 0x8000


@lru_cache(maxsize=4096)
def manufacturer_letters(code: int) -> str:
    """The three letters of a manufacturer code; bit 15 (a soft address) does not count.

    >>> manufacturer_letters(0x2C2D), manufacturer_letters(0x2C2D | SOFT)
    ('KAM', 'KAM')
    """
    return chr((code >> 10 & 31) + 64) + chr((code >> 5 & 31) + 64) + chr((code & 31) + 64)


def manufacturer_code(letters: str) -> int:
    """The 16-bit code of three letters ``A`` to ``Z``, bit 15 clear.

    >>> hex(manufacturer_code("ELS"))
    '0x1593'
    """
    if len(letters) != 3 or not all("@" <= c <= "_" for c in letters):
        raise LocalError(f"a manufacturer is three letters A to Z, not {letters!r}")
    a, b, c = (ord(x) - 64 for x in letters)
    return a << 10 | b << 5 | c


class Address(msgspec.Struct, frozen=True):
    """Who a device is: *octets* in the order of the wireless link layer, M(2) ID(4) V T, each least octet first.

    >>> a = Address.of("KAM", "12345678", 27, 4)
    >>> a.octets.hex(), a.manufacturer, a.id, a.version, a.device_type, str(a)
    ('2d2c785634121b04', 'KAM', '12345678', 27, 4, 'KAM.12345678.1B.04')
    """

    octets: bytes

    @classmethod
    def of(cls, manufacturer: str, number: str, version: int, device_type: int, *, soft: bool = False) -> Self:
        """An address from its parts; *number* is eight digits (hex digits serve as wildcards)."""
        code = manufacturer_code(manufacturer) | (SOFT if soft else 0)
        try:
            raw = bytes.fromhex(number)[::-1]
            tail = bytes((version, device_type))
        except ValueError as e:
            raise LocalError(f"no M-Bus address: {e}") from None
        if len(raw) != 4:
            raise LocalError(f"an identification number has eight digits, not {number!r}")
        return cls(code.to_bytes(2, "little") + raw + tail)

    @classmethod
    def of_header(cls, octets: bytes) -> Self:
        """The address in a long header or a selection, where the order is ID(4) M(2) V T."""
        return cls(octets[4:6] + octets[:4] + octets[6:8])

    @property
    def in_header(self) -> bytes:
        """The eight octets in the order of the long header: ID(4) M(2) V T."""
        o = self.octets
        return o[2:6] + o[:2] + o[6:]

    @property
    def code(self) -> int:
        """The manufacturer code, bit 15 included."""
        return int.from_bytes(self.octets[:2], "little")

    @property
    def manufacturer(self) -> str:
        """The three letters of the manufacturer."""
        return manufacturer_letters(int.from_bytes(self.octets[:2], "little"))

    @property
    def soft(self) -> bool:
        """Whether bit 15 of the manufacturer says the address is unique in this installation only."""
        return self.octets[1] >= 0x80

    @property
    def id(self) -> str:
        """The identification number, eight digits as printed on the meter (hex digits where they are not BCD)."""
        return self.octets[5:1:-1].hex()

    @property
    def version(self) -> int:
        """The version (generation) of the device."""
        return self.octets[6]

    @property
    def device_type(self) -> int:
        """The device type (medium)."""
        return self.octets[7]

    def matches(self, selection: Address) -> bool:
        """Whether a *selection* with wildcards (nibble F in ID, FF elsewhere) means this device. Source: EN 13757-7."""
        mine, wanted = self.octets, selection.octets
        return (
            all(w in ("f", m) for m, w in zip(self.id, selection.id, strict=True))
            and wanted[:2] in (b"\xff\xff", mine[:2])
            and wanted[6] in (0xFF, mine[6])
            and wanted[7] in (0xFF, mine[7])
        )

    def __str__(self) -> str:
        return f"{self.manufacturer}.{self.id}.{self.version:02X}.{self.device_type:02X}"


def address_at(octets: bytes, at: int, what: str) -> Address:
    """The address M(2) ID(4) V T that begins at *at*; raises :class:`DecodeError` when it is cut short."""
    raw = octets[at : at + LENGTH]
    if len(raw) < LENGTH:
        raise DecodeError(f"the address needs 8 octets, {len(raw)} remain", what=what, at=at)
    return Address(raw)
