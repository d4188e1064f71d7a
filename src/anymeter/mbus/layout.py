"""How the octets of a telegram divide into data records: headers, and where the data stand.

Source: EN 13757-3, "Data records". A layout says nothing about values, so meters that send the same record headers
again and again share one.
"""

from __future__ import annotations

from array import array
from typing import Final

import msgspec

from anymeter.errors import DecodeError
from anymeter.mbus import dib, types, vib

RECORDS_MAX: Final = 256
"""Data records in one message: a wired telegram has room for 120, and this bounds what hostile octets can cost."""
_HEADERS_MAX: Final = 1024


class RecordHeader(msgspec.Struct, frozen=True, eq=False, gc=False):
    """All that a record says before its data: static, and one and the same object for the same octets.

    *octets* are DIB and VIB as sent. The value is (number on the wire * *mul* + *add*) * 10^*exponent* *unit*; the
    number of a record has *mul* and *add* applied already. *field* is the data field of the DIF, *type* the type of the
    value by its letter among the data types of EN 13757-3, or ``date``; *status* a record error; *profile* says that
    the data are a compact profile (``registers``, ``values``, ``inverse``); *maker* that their meaning is the
    manufacturer's own.
    """

    octets: bytes
    vib_at: int
    field: int
    function: str
    storage: int
    tariff: int
    subunit: int
    quantity: str
    unit: str
    exponent: int
    mul: int
    add: int
    type: str
    modifiers: tuple[str, ...]
    status: str | None
    profile: str
    maker: bool
    clause: str

    @property
    def dib(self) -> bytes:
        return self.octets[: self.vib_at]

    @property
    def vib(self) -> bytes:
        return self.octets[self.vib_at :]

    @property
    def name(self) -> str:
        """The quantity in words, with its modifiers.

        >>> header(bytes.fromhex("0C933B")).name
        'volume, forward'
        """
        return ", ".join((self.quantity.replace("-", " "), *self.modifiers))


class Layout(msgspec.Struct, frozen=True, eq=False):
    """Records side by side: of record i the header, the form of its data, and the offsets of header, data and end.

    *tail* is the maker's block or what could not be read, (start, end); *error* says why the rest was not read.
    """

    headers: tuple[RecordHeader, ...]
    forms: tuple[str, ...]
    starts: array[int]
    datas: array[int]
    ends: array[int]
    tail: tuple[int, int] | None = None
    more_follow: bool = False
    error: DecodeError | None = None


_headers: dict[bytes, RecordHeader] = {}
_READOUT_REQUEST: Final = RecordHeader(
    b"\x7f", 1, dib.SPECIAL, "instantaneous", 0, 0, 0, "global-readout-request", "", 0, 1, 0, "B", (), None, "", False,
    "EN 13757-3, special DIF",
)  # fmt: skip


def header(octets: bytes) -> RecordHeader:
    """The header of exactly these DIB and VIB octets.

    >>> h = header(bytes.fromhex("8C1013"))
    >>> h.quantity, h.unit, h.exponent, h.tariff
    ('volume', 'm3', -3, 1)
    """
    found = _headers.get(octets)
    if found is not None:
        return found
    vib_at = dib.end(octets)
    if octets[0] & 0x0F == dib.SPECIAL:
        raise DecodeError(f"DIF {octets[0]:02X} has no header", what="DIF", at=0)
    if vib.end(octets, vib_at) != len(octets):
        raise DecodeError("octets after the VIB", what="VIB", at=vib.end(octets, vib_at))
    made = _make(bytes(octets), vib_at)
    if len(_headers) >= _HEADERS_MAX:
        _headers.clear()
    _headers[made.octets] = made
    return made


def _make(octets: bytes, vib_at: int) -> RecordHeader:
    place, info = dib.parse(octets[:vib_at]), vib.parse(octets[vib_at:])
    profile = info.profile if place.field == dib.VARIABLE else ""
    return RecordHeader(
        octets, vib_at, place.field, dib.FUNCTIONS[place.function], place.storage, place.tariff, place.subunit,
        info.quantity, info.unit, info.exponent, info.mul, info.add, info.type, info.modifiers, info.status, profile,
        info.maker, info.clause,
    )  # fmt: skip


def data_form(head: RecordHeader, octets: bytes, at: int) -> tuple[str, int, int]:
    """Form, start and end of the data of the record whose header ends *at*."""
    field = head.field
    if field != dib.VARIABLE:
        end = at + dib.SIZES[field]
        form = types.fixed_form(field, head.type)
    else:
        if at >= len(octets):
            raise DecodeError("the telegram ends before the length of the data", what="LVAR", at=at)
        found = types.variable_form(octets[at], head.type, head.profile)
        if found is None:
            raise DecodeError(f"length {octets[at]:02X} is reserved", what="LVAR", at=at)
        form, size = found
        at += 1
        end = at + size
    if end > len(octets):
        raise DecodeError(f"the data need {end - at} octets, {len(octets) - at} are left", what="data", at=at)
    return form, at, end


def split(octets: bytes, *, tolerant: bool = False) -> Layout:
    """The layout of all records from the first octet to the last.

    Raises :class:`DecodeError` for a record that is cut short or breaks a rule; when *tolerant*, the records before it
    stand and the rest becomes the tail.
    """
    walk = _Walk()
    try:
        walk.run(octets)
    except DecodeError as e:
        if not tolerant:
            raise
        walk.tail = (walk.at, len(octets))
        walk.error = e.with_traceback(None)
    return Layout(
        tuple(walk.headers), tuple(walk.forms), walk.starts, walk.datas, walk.ends, walk.tail,
        walk.more_follow, walk.error,
    )  # fmt: skip


class _Walk:
    """Where the walk through the records stands: *at* is where the record in hand begins."""

    def __init__(self) -> None:
        self.at = 0
        self.headers: list[RecordHeader] = []
        self.forms: list[str] = []
        self.starts = array("I")
        self.datas = array("I")
        self.ends = array("I")
        self.tail: tuple[int, int] | None = None
        self.more_follow = False
        self.error: DecodeError | None = None

    def run(self, octets: bytes) -> None:
        stop = len(octets)
        while self.at < stop:
            dif = octets[self.at]
            if dif == dib.FILLER:
                self.at += 1
            elif dif & 0x0F == dib.SPECIAL:
                if self._special(dif, stop):
                    return
            else:
                self._record(octets)

    def _record(self, octets: bytes) -> None:
        head_end = vib.end(octets, dib.end(octets, self.at))
        head = header(octets[self.at : head_end])
        form, data, end = data_form(head, octets, head_end)
        self._add(head, form, data, end)

    def _special(self, dif: int, stop: int) -> bool:
        """A DIF without VIF; true where the records end with it."""
        if dif in (dib.MANUFACTURER, dib.MORE_FOLLOW):
            self.more_follow = dif == dib.MORE_FOLLOW
            self.tail = (self.at + 1, stop) if self.at + 1 < stop else None
            return True
        if dif != dib.READOUT_REQUEST:
            raise DecodeError(f"DIF {dif:02X} is reserved", what="DIF", at=self.at)
        self._add(_READOUT_REQUEST, types.NOTHING, self.at + 1, self.at + 1)
        return False

    def _add(self, head: RecordHeader, form: str, data: int, end: int) -> None:
        if len(self.headers) >= RECORDS_MAX:
            raise DecodeError(f"more than {RECORDS_MAX} records", what="records", at=self.at)
        self.headers.append(head)
        self.forms.append(form)
        self.starts.append(self.at)
        self.datas.append(data)
        self.ends.append(end)
        self.at = end
