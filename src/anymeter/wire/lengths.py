"""A-XDR and BER lengths: one octet below 0x80, else 0x80|n and n octets. Source: IEC 61334-6:2000; ISO/IEC 8825-1."""

from __future__ import annotations

from typing import Final

from anymeter.errors import DecodeError

LONGEST: Final = 8  # octets of a long-form length; leading zeros are seen in the field, 126 of them are not


def length_at(buf: bytes, at: int) -> tuple[int, int]:
    """The length that stands at *at* and where it ends; long forms with leading zeros are accepted.

    >>> length_at(bytes.fromhex("0982012C"), 1)
    (300, 4)
    """
    if at >= len(buf):
        raise DecodeError("the octets end where a length should stand", at=at)
    n = buf[at]
    if n < 0x80:
        return n, at + 1
    size = n & 0x7F
    if size == 0 or size > LONGEST:
        why = "an indefinite length is not allowed here" if size == 0 else f"a length of {size} octets is absurd"
        raise DecodeError(why, at=at)
    end = at + 1 + size
    if end > len(buf):
        raise DecodeError("the length runs past the end", at=at)
    return int.from_bytes(buf[at + 1 : end], "big"), end


def length_of(n: int) -> bytes:
    """The shortest form of the length *n*.

    >>> length_of(127).hex(), length_of(128).hex(), length_of(300).hex()
    ('7f', '8180', '82012c')
    """
    if n < 0x80:
        return bytes((n,))
    raw = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(raw),)) + raw


def octets_at(buf: bytes, at: int) -> tuple[bytes, int]:
    """The octet string led by its length at *at*, and where it ends."""
    n, start = length_at(buf, at)
    if n > len(buf) - start:
        raise DecodeError(f"{n} octets are announced, {len(buf) - start} are left", at=at)
    return buf[start : start + n], start + n


def count_at(buf: bytes, at: int, least: int, most: int) -> tuple[int, int]:
    """A count of items of at least *least* octets each, refused before anything is built when they cannot be there."""
    n, start = length_at(buf, at)
    if n > most:
        raise DecodeError(f"{n} items are more than the {most} that are read", at=at)
    if n * least > len(buf) - start:
        raise DecodeError(f"{n} items are announced, {len(buf) - start} octets are left", at=at)
    return n, start
