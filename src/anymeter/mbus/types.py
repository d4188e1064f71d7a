"""Data of M-Bus records as values, and back. Source: EN 13757-3, data types (A to M) and the LVAR table.

A *form* says how octets are read; a reader returns ``None`` for octets that are no value, and :func:`status` says why.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeAlias

from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.values import shortest
from anymeter.errors import LocalError
from anymeter.mbus import dib, times

Number: TypeAlias = "int | Decimal | str | DateTime | None"

NOTHING: Final = "no-data"
SELECTED: Final = "selection-for-readout"
BCD: Final = "bcd"
NEGATIVE: Final = "negative-bcd"
INT: Final = "int"
UINT: Final = "uint"
REAL: Final = "real"
DATE: Final = "date"
TEXT: Final = "text"
OCTETS: Final = "octets"
PROFILE: Final = "compact-profile"

_UNSIGNED: Final = frozenset("CD")
_TEXT_MAX: Final = 0xBF
_WIDE: Final = {0xF0: 16, 0xF1: 20, 0xF2: 24, 0xF3: 28, 0xF4: 32, 0xF5: 48, 0xF6: 64}
_FLOAT: Final = struct.Struct("<f")
_EXPONENT_ALL: Final = 0x7F800000


def fixed_form(field: int, kind: str) -> str:
    """The form of data of fixed length: *field* is that of the DIF, *kind* the type of the value information."""
    if field in (dib.NO_DATA, dib.SELECTION):
        return NOTHING if field == dib.NO_DATA else SELECTED
    if field == dib.REAL32:
        return REAL
    if field > dib.SELECTION:
        return BCD
    if kind == "date" and dib.SIZES[field] in times.SIZES:
        return DATE
    if kind == "octets" or (kind == "dst" and dib.SIZES[field] == 4):
        return OCTETS
    return UINT if kind in _UNSIGNED else INT


def variable_form(lvar: int, kind: str, profile: str) -> tuple[str, int] | None:
    """The form and the number of octets that an LVAR octet announces; ``None`` where it is reserved."""
    size = variable_size(lvar)
    if size is None:
        return None
    if profile:
        return PROFILE, size
    if lvar <= _TEXT_MAX:
        return TEXT, size
    if lvar < 0xE0:
        return (BCD if lvar < 0xD0 else NEGATIVE) if size else NOTHING, size
    if kind in ("date", "octets", "dst", "window"):
        return (DATE if kind == "date" and size in times.SIZES else OCTETS), size
    return (UINT if kind in _UNSIGNED else INT) if size else NOTHING, size


def variable_size(lvar: int) -> int | None:
    """How many octets of data follow an LVAR octet; ``None`` where it is reserved."""
    if lvar <= _TEXT_MAX:
        return lvar
    if lvar & 0x0F <= 9 and lvar < 0xE0:
        return lvar & 0x0F
    if 0xE0 <= lvar <= 0xEF:
        return lvar & 0x0F
    return _WIDE.get(lvar)


def value(form: str, octets: bytes) -> Number:
    """The value of data octets, exactly; ``None`` where they are no value."""
    return _READERS[form](octets)


def linear(number: Number, mul: int, add: int) -> Number:
    """*number* * *mul* + *add*, exactly; what is no number stays as it is."""
    if isinstance(number, int):
        return number * mul + add
    if isinstance(number, Decimal):
        return _exact(number, mul, add)
    return number


def status(form: str, octets: bytes) -> str | None:
    """Why these octets are no value; ``None`` where they are one."""
    if value(form, octets) is not None:
        return None
    match form:
        case "bcd" | "negative-bcd":
            return "no-value" if set(octets) == {0xFF} else "invalid-digits"
        case "real":
            return "not-a-number"
        case "date":
            return "invalid-time" if len(octets) > 2 else "invalid-date"
        case "text":
            return "not-text"
        case _:
            return form


def bcd(octets: bytes) -> int | None:
    """Type A: digits, the first of which may be F for a minus sign.

    >>> bcd(bytes.fromhex("785634F2")), bcd(bytes.fromhex("1A")), bcd(b"\\xff\\xff")
    (-2345678, None, None)
    """
    digits = octets[::-1].hex()
    try:
        return int(digits)
    except ValueError:
        if digits[0] == "f" and digits[1:].isdecimal():
            return -int(digits[1:])
        return None


def _negative(octets: bytes) -> int | None:
    digits = octets[::-1].hex()
    return -int(digits) if digits.isdecimal() else None


def _int(octets: bytes) -> int:
    return int.from_bytes(octets, "little", signed=True)


def _uint(octets: bytes) -> int:
    return int.from_bytes(octets, "little")


def real(octets: bytes) -> Decimal | None:
    """Type H: the shortest decimal that reads back as the same 32-bit float; ``None`` for infinity and NaN.

    >>> real(bytes.fromhex("CDCCCC3D")), real(bytes.fromhex("0000807F"))
    (Decimal('0.1'), None)
    """
    bits = int.from_bytes(octets, "little")
    if bits & _EXPONENT_ALL == _EXPONENT_ALL:
        return None
    return Decimal(shortest(_FLOAT.unpack(octets)[0]))


def text(octets: bytes) -> str | None:
    """Characters of ISO 8859-1, sent last first, without NUL padding; ``None`` where they hold control characters."""
    characters = octets[::-1].decode("latin-1").strip("\0")
    return None if any(c < " " or c == "\x7f" for c in characters) else characters


def _octets(octets: bytes) -> str:
    return octets.hex().upper()


def _nothing(octets: bytes) -> None:
    return None


_READERS: Final[dict[str, Callable[[bytes], Number]]] = {
    NOTHING: _nothing, SELECTED: _nothing, PROFILE: _nothing, BCD: bcd, NEGATIVE: _negative, INT: _int, UINT: _uint,
    REAL: real, DATE: times.value, TEXT: text, OCTETS: _octets,
}  # fmt: skip


def _exact(number: Decimal, mul: int, add: int) -> Decimal:
    """Decimal arithmetic whose precision does not depend on the caller's context."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits))) * (-1 if sign else 1) * mul
    if not add:
        return Decimal(f"{whole}e{exponent}")
    low = min(exponent, 0)
    return Decimal(f"{whole * 10 ** (exponent - low) + add * 10**-low}e{low}")


def unlinear(number: Number, mul: int, add: int) -> Number:
    """The number whose :func:`linear` is *number*; :class:`LocalError` where none is."""
    if isinstance(number, bool) or not isinstance(number, int | Decimal) or (mul == 1 and not add):
        return number
    if isinstance(number, int):
        quotient, rest = divmod(number - add, mul)
        if rest:
            raise LocalError(f"{number} is not a multiple of {mul} plus {add}")
        return quotient
    return (number - add) / mul


def encode(form: str, number: Number, size: int) -> bytes:
    """*number* as *size* octets; ``None`` becomes "no value" where the form has one. Raises :class:`LocalError`."""
    match form, number:
        case (("bcd" | "negative-bcd" | "date"), None):
            return b"\xff" * size
        case "real", None:
            return _FLOAT.pack(float("nan"))
        case (("no-data" | "selection-for-readout"), None):
            return b""
        case (("bcd" | "negative-bcd"), int()):
            return _encode_bcd(-number if form == NEGATIVE else number, size)
        case (("int" | "uint"), int()):
            return _encode_int(number, size, form == INT)
        case "real", (int() | Decimal()):
            return _FLOAT.pack(float(number))
        case "date", DateTime():
            return times.octets(number, size)
        case "text", str():
            return _sized(_latin(number), size)
        case "octets", str():
            return _sized(_unhex(number), size)
        case _:
            raise LocalError(f"{number!r} cannot be sent as {form}")


def _encode_bcd(number: int, size: int) -> bytes:
    digits = f"{abs(number):0{2 * size}d}"
    if number < 0:
        if digits[0] != "0" or len(digits) > 2 * size:
            raise LocalError(f"{number} does not fit into {2 * size} digits with its sign")
        digits = "f" + digits[1:]
    return _sized(bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)[::-1], size)


def _encode_int(number: int, size: int, signed: bool) -> bytes:
    try:
        return number.to_bytes(size, "little", signed=signed)
    except OverflowError:
        raise LocalError(f"{number} does not fit into {size} octets") from None


def _latin(text: str) -> bytes:
    try:
        return text.encode("latin-1")[::-1]
    except UnicodeEncodeError:
        raise LocalError(f"{text!r} has characters outside ISO 8859-1") from None


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise LocalError(f"{text!r} is not hexadecimal") from None


def _sized(octets: bytes, size: int) -> bytes:
    if len(octets) != size:
        raise LocalError(f"{len(octets)} octets do not fit into {size}")
    return octets
