"""Line coding of wireless M-Bus: 3-of-6, Manchester and NRZ. Source: EN 13757-4.

Chips are octets here, first chip in the most significant bit, as a receiver hands them over.
"""

from __future__ import annotations

from typing import Final

from anymeter.errors import DecodeError

CODES: Final = (0x16, 0x0D, 0x0E, 0x0B, 0x1C, 0x19, 0x1A, 0x13, 0x2C, 0x25, 0x26, 0x23, 0x34, 0x31, 0x32, 0x29)
_NIBBLES: Final = {code: nibble for nibble, code in enumerate(CODES)}
_BYTES: Final = tuple(CODES[b >> 4] << 6 | CODES[b & 15] for b in range(256))


def three_of_six_encode(data: bytes) -> bytes:
    """Data octets as 3-of-6 chips (mode T, meter to other), the high nibble first.

    An odd number of octets leaves half an octet, filled with alternating chips as the postamble has them.

    >>> three_of_six_encode(bytes.fromhex("0F44")).hex()
    '5a971c'
    """
    chips = 0
    for b in data:
        chips = chips << 12 | _BYTES[b]
    if len(data) % 2:
        chips = chips << 4 | 0b0101
    return chips.to_bytes((len(data) * 12 + 7) // 8, "big")


def three_of_six_decode(chips: bytes, count: int | None = None) -> bytes:
    """The data octets behind 3-of-6 *chips*: *count* of them, or as many as there are whole ones.

    Raises :class:`DecodeError` for a pattern that is no code (each has three ones); its offset counts octets of chips.
    """
    whole = len(chips) * 8 // 12
    if count is None:
        count = whole
    if count > whole:
        raise DecodeError(f"{count} octets need {(count * 12 + 7) // 8} octets of chips", what="3-of-6", at=len(chips))
    out = bytearray(count)
    for n in range(count):
        bit = n * 12
        word = int.from_bytes(chips[bit // 8 : bit // 8 + 2], "big") >> (4 if bit % 8 == 0 else 0) & 0xFFF
        high, low = _NIBBLES.get(word >> 6), _NIBBLES.get(word & 0x3F)
        if high is None or low is None:
            bad = word >> 6 if high is None else word & 0x3F
            raise DecodeError(f"chips {bad:06b} are no 3-of-6 code", what="3-of-6", at=bit // 8)
        out[n] = high << 4 | low
    return bytes(out)


def manchester_encode(data: bytes, *, invert: bool = False) -> bytes:
    """Data octets as Manchester chips (modes S, R, and T towards the meter): bit 0 is 10, bit 1 is 01.

    *invert* swaps the two, for receivers that count frequencies the other way round.

    >>> manchester_encode(b"\\x0f").hex(), manchester_encode(b"\\x0f", invert=True).hex()
    ('aa55', '55aa')
    """
    out = bytearray()
    for b in data:
        chips = 0
        for n in range(7, -1, -1):
            chips = chips << 2 | (0b01 if (b >> n & 1) != invert else 0b10)
        out += chips.to_bytes(2, "big")
    return bytes(out)


def manchester_decode(chips: bytes, count: int | None = None, *, invert: bool = False) -> bytes:
    """The data octets behind Manchester *chips*: *count* of them, or as many as there are whole ones.

    Raises :class:`DecodeError` where two chips of one bit are alike; its offset counts octets of chips.
    """
    if count is None:
        count = len(chips) // 2
    if count * 2 > len(chips):
        raise DecodeError(f"{count} octets need {count * 2} octets of chips", what="Manchester", at=len(chips))
    out = bytearray(count)
    for n in range(count):
        value = 0
        for at in (2 * n, 2 * n + 1):
            for shift in (6, 4, 2, 0):
                pair = chips[at] >> shift & 3
                if pair in (0, 3):
                    raise DecodeError(f"chips {pair:02b} are no Manchester bit", what="Manchester", at=at)
                value = value << 1 | ((pair == 0b01) != invert)
        out[n] = value
    return bytes(out)


def nrz_encode(data: bytes, *, invert: bool = False) -> bytes:
    """Data octets as NRZ chips (modes C, N, F): a chip is a bit."""
    return bytes(b ^ 0xFF for b in data) if invert else bytes(data)


def nrz_decode(chips: bytes, count: int | None = None, *, invert: bool = False) -> bytes:
    """The data octets behind NRZ *chips*: *count* of them, or all."""
    if count is not None and count > len(chips):
        raise DecodeError(f"{count} octets are asked for, {len(chips)} are there", what="NRZ", at=len(chips))
    return nrz_encode(chips[: len(chips) if count is None else count], invert=invert)
