"""Python twins of the COSEM data types that have none in the language."""

from __future__ import annotations

import enum
import struct
from decimal import Decimal
from functools import cache
from typing import Final, Self

import msgspec

from anymeter.errors import LocalError


class Enum(int):
    """A value of type enum: the number, whose meaning the attribute defines.

    >>> Enum(27), Enum(27) == 27
    (Enum(27), True)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"

    __str__ = int.__repr__


class Delta(Enum):
    """A value of a delta type: what to add to the value of the same column in the row before."""

    __slots__ = ()


class Bcd(Enum):
    """A value of type bcd: the octet as integer8 (that is its type in the standard), and its two digits as text.

    >>> Bcd(0x42).digits
    '42'
    """

    __slots__ = ()

    @property
    def digits(self) -> str:
        """The two half octets as they read, A to F where they are no decimal digits."""
        return f"{int(self) & 0xFF:02X}"


class Float32(float):
    """A value of type float32; :attr:`decimal` and the text are the shortest that read back the same at 32 bits.

    >>> Float32(struct.unpack(">f", b"\\x3d\\xcc\\xcc\\xcd")[0])
    0.1
    """

    __slots__ = ()

    @property
    def decimal(self) -> Decimal:
        """The shortest decimal that is this number at 32 bits."""
        return Decimal(str(self))

    def __repr__(self) -> str:
        return float.__repr__(float(shortest(self)))

    __str__ = __repr__


_FLOAT32: Final = struct.Struct(">f")
_FLOAT32_NORMAL: Final = 2.0**-126  # below there are fewer digits
_FLOAT32_END: Final = 2.0**128 - 2.0**103  # from here on 32 bits round to infinity


def shortest(number: float) -> str:
    """The fewest digits that read back as the same *number* of 32 bits.

    >>> shortest(0.10000000149011612), shortest(1e6), shortest(float("inf"))
    ('0.1', '1e+06', 'inf')
    """
    if number - number == 0.0:  # infinite and not a number have no digits to look for
        for digits in range(6 if abs(number) >= _FLOAT32_NORMAL else 1, 9):
            text = f"{number:.{digits}g}"
            if abs(float(text)) < _FLOAT32_END and _FLOAT32.unpack(_FLOAT32.pack(float(text)))[0] == number:
                return text
    return f"{number:.9g}"


_LONE: Final = tuple(bytes((octet,)).decode("utf-8", "surrogateescape") for octet in range(256))


def text_of(octets: bytes) -> str:
    """Octets as UTF-8; those that are none stand as surrogates (PEP 383). One octet alone is always the same object.

    >>> text_of(b"kWh"), text_of(b"\\xff") is text_of(b"\\xff")
    ('kWh', True)
    """
    return _LONE[octets[0]] if len(octets) == 1 else str(octets, "utf-8", "surrogateescape")


class DontCare(enum.Enum):
    """The type of :data:`DONT_CARE`."""

    DONT_CARE = 0xFF


DONT_CARE: Final = DontCare.DONT_CARE
"""The value of type dont-care."""


class BitString(msgspec.Struct, frozen=True, gc=False):
    """A bit string: *size* bits, the first one in the most significant bit of the first octet, zeros after the last.

    >>> flags = BitString.of("1010000001")
    >>> len(flags), flags[0], flags[1], flags, flags.octets.hex()
    (10, True, False, BitString.of('1010000001'), 'a040')
    """

    octets: bytes
    size: int

    @classmethod
    def of(cls, bits: str) -> Self:
        """The bit string written as zeros and ones."""
        if bits.strip("01"):
            raise LocalError(f"a bit string is written with 0 and 1, not {bits!r}")
        padded = bits + "0" * (-len(bits) % 8)
        return cls(int(padded or "0", 2).to_bytes(len(padded) // 8, "big"), len(bits))

    @classmethod
    def cut(cls, octets: bytes, size: int) -> Self:
        """The first *size* bits of *octets*: the bits that only fill the last octet are set to zero."""
        if not size:
            return cls._none()
        spare = -size % 8
        if spare and octets[-1] & ((1 << spare) - 1):
            octets = octets[:-1] + bytes((octets[-1] >> spare << spare,))
        return cls(octets, size)

    @classmethod
    @cache
    def _none(cls) -> Self:
        """The empty bit string, made once."""
        return cls(b"", 0)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> bool:
        if not 0 <= index < self.size:
            raise IndexError(index)
        return bool(self.octets[index // 8] & (0x80 >> index % 8))

    def __str__(self) -> str:
        return f"{int.from_bytes(self.octets, 'big'):0{len(self.octets) * 8}b}"[: self.size] if self.size else ""

    def __repr__(self) -> str:
        return f"BitString.of('{self}')"
