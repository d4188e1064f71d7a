"""The data information block: how long a record's data are, and which of a meter's many values they are.

Source: EN 13757-3, "Data information block (DIB)": DIF and up to ten DIFE.
"""

from __future__ import annotations

from typing import Final

import msgspec

from anymeter.errors import DecodeError, LocalError

FUNCTIONS: Final = ("instantaneous", "maximum", "minimum", "error")
DIFE_MAX: Final = 10

FILLER: Final = 0x2F
MANUFACTURER: Final = 0x0F
MORE_FOLLOW: Final = 0x1F
READOUT_REQUEST: Final = 0x7F

NO_DATA: Final = 0
REAL32: Final = 5
SELECTION: Final = 8
VARIABLE: Final = 0xD
SPECIAL: Final = 0xF
SIZES: Final = (0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6, 0)
"""Octets of data for each data field; 0 for a variable length as well."""
FIELDS: Final = {
    "none": 0, "int8": 1, "int16": 2, "int24": 3, "int32": 4, "real32": 5, "int48": 6, "int64": 7, "selection": 8,
    "bcd2": 9, "bcd4": 0xA, "bcd6": 0xB, "bcd8": 0xC, "variable": 0xD, "bcd12": 0xE,
}  # fmt: skip
"""The data fields by name."""
_NAMES: Final = {code: name for name, code in FIELDS.items()}


class Dib(msgspec.Struct, frozen=True, gc=False):
    """What a DIB says: *field* is the data field of the DIF (0 to 15)."""

    field: int
    function: int = 0
    storage: int = 0
    tariff: int = 0
    subunit: int = 0

    @property
    def field_name(self) -> str:
        return _NAMES.get(self.field, "special")


def end(octets: bytes, at: int = 0) -> int:
    """Where the DIB that begins *at* ends; :class:`DecodeError` for a missing DIFE or an eleventh."""
    i, stop = at, len(octets)
    if i >= stop:
        raise DecodeError("a record must begin here", what="DIF", at=i)
    while octets[i] & 0x80:
        i += 1
        if i >= stop:
            raise DecodeError("the telegram ends before the DIFE that was announced", what="DIFE", at=i)
        if i - at > DIFE_MAX:
            raise DecodeError(f"more than {DIFE_MAX} DIFE", what="DIFE", at=i)
    return i + 1


def parse(octets: bytes) -> Dib:
    """The DIB of exactly these octets.

    >>> parse(bytes.fromhex("8201"))
    Dib(field=2, function=0, storage=2, tariff=0, subunit=0)
    >>> parse(bytes.fromhex("DC8050")).storage, parse(bytes.fromhex("DC8050")).subunit
    (1, 2)
    """
    dif = octets[0]
    storage, tariff, subunit = dif >> 6 & 1, 0, 0
    for i, dife in enumerate(octets[1:]):
        storage |= (dife & 0x0F) << 1 + 4 * i
        tariff |= (dife >> 4 & 3) << 2 * i
        subunit |= (dife >> 6 & 1) << i
    return Dib(dif & 0x0F, dif >> 4 & 3, storage, tariff, subunit)


def encode(dib: Dib) -> bytes:
    """The shortest octets that say it.

    >>> encode(Dib(field=2, storage=2)).hex(), encode(Dib(field=0xC, storage=1, tariff=1, subunit=2)).hex()
    ('8201', 'cc9040')
    """
    if not (0 <= dib.field < SPECIAL and 0 <= dib.function <= 3):
        raise LocalError(f"no data field {dib.field} or no function {dib.function}")
    if min(dib.storage, dib.tariff, dib.subunit) < 0:
        raise LocalError("storage, tariff and subunit are not negative")
    out = bytearray((dib.field | dib.function << 4 | (dib.storage & 1) << 6,))
    storage, tariff, subunit = dib.storage >> 1, dib.tariff, dib.subunit
    while storage or tariff or subunit:
        out[-1] |= 0x80
        out.append(storage & 0x0F | (tariff & 3) << 4 | (subunit & 1) << 6)
        storage, tariff, subunit = storage >> 4, tariff >> 2, subunit >> 1
    if len(out) > 1 + DIFE_MAX:
        raise LocalError(f"storage, tariff or subunit needs more than {DIFE_MAX} DIFE")
    return bytes(out)
