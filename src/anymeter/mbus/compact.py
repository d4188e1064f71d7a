"""Compact frames: data without their headers, which a format frame or an earlier full frame has told.

Source: EN 13757-3, compact frame. The format signature is the CRC-16 of EN 13757 over all DIF, DIFE, VIF and VIFE in
order; the full-frame CRC is taken over the records with their headers put back.
"""

from __future__ import annotations

from functools import cache
from typing import Final, TypeAlias

import msgspec
from fastcrc import crc16

from anymeter.errors import DecodeError
from anymeter.mbus import dib, layout, vib
from anymeter.mbus.layout import RecordHeader
from anymeter.mbus.records import Records
from anymeter.mbus.tabled import rows

Format: TypeAlias = "tuple[tuple[RecordHeader, ...], bytes]"
"""The headers of a frame in order, and the DIF of the maker's block at its end (or nothing)."""

_FORMATS_MAX: Final = 1024
_SAME_SIGNATURE_MAX: Final = 4
_HEAD: Final = 4


def signature(found: Format) -> int:
    """The format signature.

    >>> heads = tuple(layout.header(bytes.fromhex(x)) for x in ("0202", "0215", "022A"))
    >>> f"{signature((heads, b'')):04X}"
    '3B31'
    """
    return crc16.en_13757(_octets(found))


def _octets(found: Format) -> bytes:
    heads, last = found
    return b"".join([h.octets for h in heads]) + last


def format_of(records: Records) -> Format:
    """The format of a full frame."""
    last = b""
    if records.plan.error is None and records.plan.tail is not None:
        at = records.plan.tail[0] - 1
        last = records.octets[at : at + 1]
    return records.headers, last


@cache
def known() -> dict[int, Format]:
    """Formats of meters on the market that need not be heard first, by signature (``tables/formats.csv``)."""
    formats = (_headers(bytes.fromhex(row["headers"]), 0) for row in rows("formats"))
    return {signature(found): found for found in formats}


def encode_format(found: Format) -> bytes:
    """The contents of a format frame (CI 69, 6A, 6B): length, signature, headers."""
    octets = _octets(found)
    return bytes((len(octets) + 2,)) + signature(found).to_bytes(2, "little") + octets


def decode_format(octets: bytes, at: int = 0) -> Format:
    """The format in the contents of a format frame; :class:`DecodeError` where its signature does not match."""
    if at + 3 > len(octets):
        raise DecodeError("a format frame has a length and a signature", what="format frame", at=len(octets))
    stop = at + 1 + octets[at]
    if octets[at] < 2 or stop > len(octets):
        raise DecodeError("the length does not match the octets that follow", what="format frame", at=at)
    found = _headers(octets[:stop], at + 3)
    told = int.from_bytes(octets[at + 1 : at + 3], "little")
    if signature(found) != told:
        raise DecodeError(
            f"format signature is {told:04X}, of these headers it is {signature(found):04X}", what="format frame",
            at=at + 1,
        )  # fmt: skip
    return found


def _headers(octets: bytes, at: int) -> Format:
    heads: list[RecordHeader] = []
    while at < len(octets):
        if octets[at] in (dib.MANUFACTURER, dib.MORE_FOLLOW) and at + 1 == len(octets):
            return tuple(heads), octets[at:]
        if octets[at] == dib.FILLER:
            at += 1
            continue
        if octets[at] & 0x0F == dib.SPECIAL:
            raise DecodeError(f"DIF {octets[at]:02X} in a format", what="format frame", at=at)
        end = vib.end(octets, dib.end(octets, at))
        heads.append(layout.header(octets[at:end]))
        at = end
    return tuple(heads), b""


def compress(records: Records) -> bytes:
    """The contents of the compact frame (CI 78, 79, 7B) that says the same as *records*."""
    found = format_of(records)
    plan = records.plan
    full = _full(records)
    data = [
        records.octets[start + len(h.octets) : end]
        for h, start, end in zip(plan.headers, plan.starts, plan.ends, strict=True)
    ]
    check = signature(found).to_bytes(2, "little") + crc16.en_13757(full).to_bytes(2, "little")
    return check + b"".join(data) + b"".join(records.undecoded)


def _full(records: Records) -> bytes:
    """The records without idle fillers."""
    last = format_of(records)[1]
    return b"".join([records.raw(i) for i in range(len(records))]) + last + b"".join(records.undecoded)


class Expanded(msgspec.Struct, frozen=True):
    """The records of a compact frame with their headers; *verified* when the full-frame CRC matches."""

    octets: bytes
    verified: bool


class FormatStore:
    """Formats heard so far, by signature; the oldest is forgotten when there are too many."""

    def __init__(self, size: int = _FORMATS_MAX) -> None:
        self._size = size
        self._formats: dict[int, list[Format]] = {}

    def __len__(self) -> int:
        return len(self._formats)

    def knows(self, octets: bytes, at: int = 0) -> bool:
        """Whether the format of a compact frame has been heard, or is one of :func:`known`."""
        key = int.from_bytes(octets[at : at + 2], "little")
        return key in self._formats or key in known()

    def learn(self, records: Records) -> int:
        """Keep the format of a full frame, and return its signature."""
        return self.add(format_of(records))

    def add(self, found: Format) -> int:
        """Keep a format, and return its signature."""
        key = signature(found)
        same = self._formats.pop(key, [])
        if found not in same:
            same = [found, *same][:_SAME_SIGNATURE_MAX]
        self._formats[key] = same
        if len(self._formats) > self._size:
            del self._formats[next(iter(self._formats))]
        return key

    def expand(self, octets: bytes, at: int = 0, *, tolerant: bool = False) -> Expanded:
        """The records of a compact frame with their headers, as a full frame would have sent them.

        Raises :class:`DecodeError` where the format is not known yet, the data do not fill it, or the full-frame CRC
        does not match; when *tolerant*, a wrong CRC is told by ``verified``.
        """
        if at + _HEAD > len(octets):
            raise DecodeError("a compact frame has a signature and a CRC", what="compact frame", at=len(octets))
        key = int.from_bytes(octets[at : at + 2], "little")
        check = int.from_bytes(octets[at + 2 : at + 4], "little")
        candidates = self._formats.get(key) or [found for found in (known().get(key),) if found]
        if not candidates:
            raise DecodeError(
                f"format {key:04X} is not known: a full frame or a format frame has to come first",
                what="compact frame", at=at,
            )  # fmt: skip
        error = DecodeError("the full-frame CRC does not match", what="compact frame", at=at + 2)
        unverified: Expanded | None = None
        for found in candidates:
            try:
                full = _expanded(found, octets, at + _HEAD)
            except DecodeError as e:
                error = e
                continue
            if crc16.en_13757(full) == check:
                return Expanded(full, True)
            unverified = unverified or Expanded(full, False)
        if tolerant and unverified is not None:
            return unverified
        raise error


def _expanded(found: Format, octets: bytes, at: int) -> bytes:
    heads, last = found
    parts: list[bytes] = []
    for head in heads:
        _, _, end = layout.data_form(head, octets, at)
        parts += (head.octets, octets[at:end])
        at = end
    if at < len(octets) and not last:
        raise DecodeError("more data than the format has records", what="compact frame", at=at)
    return b"".join((*parts, last, octets[at:]))
