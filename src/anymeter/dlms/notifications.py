"""What meters send unasked: EVENT-NOTIFICATION and DATA-NOTIFICATION.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (Event-Notification-Request, Data-Notification).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Annotated, Any, Final, TypeAlias

from msgspec.structs import replace

from anymeter.cosem import data
from anymeter.cosem.datetimes import DateTime
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.dlms.fields import VALUE, Data, HappenedAt, LongInvoke, NotifiedAt
from anymeter.errors import DecodeError
from anymeter.wire import Field, Quirks, Wire, pdu
from anymeter.wire.kinds import MOST, Rows, Variant
from anymeter.wire.lengths import count_at
from anymeter.wire.pdu import Nested

UNTAGGED_DESCRIPTORS: Final = "untagged-descriptors"
SWAPPED_NAMES: Final = "swapped-names"
_DESCRIPTOR: Final = struct.Struct(">H6sb")
_SWAPPED_HEADS: Final = (b"\x02\x02\x06\x09", b"\x02\x03\x06\x09")
_LAST_MEDIUM: Final = b"\x12"


def _body_at(buf: bytes, at: int) -> tuple[bytes, int, str]:
    """One value, with the departures that meters in the field show.

    EG.D and others put attribute descriptors into it as bare octets, without their data types; some Landis+Gyr firmware
    (EMBRIQ_V1_1) writes length before tag of an octet-string that names an object.
    """
    fault = None
    try:
        end = data.skip(buf, at)
    except DecodeError as error:
        end, fault = -1, error
    if end == len(buf):
        return buf[at:end], end, ""
    bare = _bare_items(buf, at)
    if bare is not None and bare[-1][2] == len(buf):
        return buf[at:], len(buf), UNTAGGED_DESCRIPTORS
    if fault is not None and _swapped(buf, at):
        return buf[at:], len(buf), SWAPPED_NAMES
    if fault is not None:
        raise fault
    return buf[at:end], end, ""


def _bare_items(buf: bytes, at: int) -> list[tuple[int, int, int]] | None:
    """Where each pair of bare descriptor and value begins, where its value begins and ends; None if it is no such list.

    The form is structure(2){enum, array{structure(2){nine bare octets, value}}}.
    """
    if buf[at : at + 3] != b"\x02\x02\x16" or buf[at + 4 : at + 5] != b"\x01":
        return None
    try:
        count, at = count_at(buf, at + 5, 12, MOST)
        items = []
        for _ in range(count):
            if buf[at : at + 2] != b"\x02\x02" or at + 11 > len(buf):
                return None
            end = data.skip(buf, at + 11)
            items.append((at + 2, at + 11, end))
            at = end
    except DecodeError:
        return None
    return items or None


def _swapped(buf: bytes, at: int) -> list[int]:
    """Where the names stand whose tag and length are swapped, when the rest of *buf* is a list with such; else empty.

    The form is array{structure{name, one or two values}}.
    """
    try:
        return list(_swapped_names(buf, at))
    except DecodeError:
        return []


def _swapped_names(buf: bytes, at: int) -> Iterator[int]:
    if buf[at : at + 1] != b"\x01":
        raise DecodeError("no array", what="list", at=at)
    count, at = count_at(buf, at + 1, 2, MOST)
    for _ in range(count):
        if buf[at : at + 4] in _SWAPPED_HEADS and buf[at + 4 : at + 5] <= _LAST_MEDIUM:
            yield at + 2
            values = buf[at + 1] - 1
            at += 10
            for _ in range(values):
                at = data.skip(buf, at)
        else:
            at = data.skip(buf, at)
    if at != len(buf):
        raise DecodeError(f"{len(buf) - at} octets left over", what="list", at=at)


def _mended(body: bytes, at: int = 0) -> bytes:
    """*body* with tag before length in every name of the list at *at*."""
    out = bytearray(body)
    for name in _swapped(body, at):
        out[name : name + 2] = b"\x09\x06"
    return bytes(out)


def _bare_value(body: bytes) -> Any:
    items = _bare_items(body, 0) or []
    return data.decode(body, 2)[0], [
        (_DESCRIPTOR.unpack(body[at:start]), data.decode(body, start)[0]) for at, start, _ in items
    ]


class _Body(Variant):
    """The body of a notification."""

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        end, quirk = self.parse(buf, at)[1:]
        if not quirk:
            return VALUE.rows(name, buf, at, depth)
        rows = [Field(at, bytes(buf[at:end]), name, quirk, depth=depth)]
        if quirk == SWAPPED_NAMES:
            found, _ = VALUE.rows(f"{name}, mended", _mended(buf, at), at, depth + 1)
            return rows + [replace(f, octets=bytes(buf[f.at : f.at + len(f.octets)])) for f in found], end
        for i, (begin, start, _) in enumerate(_bare_items(buf, at) or ()):
            found, _ = Nested(AttributeDescriptor).rows(f"{name}[{i}] attribute", buf, begin, depth + 1)
            rows += found + VALUE.rows(f"{name}[{i}] value", buf, start, depth + 1)[0]
        return rows, end


NotificationBody: TypeAlias = Annotated[bytes, _Body(_body_at, lambda value, quirks: value)]
"""One encoded value; quirks ``untagged-descriptors`` and ``swapped-names``."""


@pdu(0xC2)
class EventNotification(Wire, frozen=True):
    """event-notification-request."""

    time: HappenedAt
    attribute: AttributeDescriptor
    data: Data
    quirks: Quirks = ()

    @property
    def value(self) -> Any:
        """The value decoded."""
        return data.parse(self.data)

    @property
    def when(self) -> DateTime | None:
        """The time decoded."""
        return DateTime.parse(self.time) if self.time else None


@pdu(0x0F)
class DataNotification(Wire, frozen=True):
    """data-notification."""

    invoke: LongInvoke
    date_time: NotifiedAt
    data: NotificationBody
    quirks: Quirks = ()

    @property
    def value(self) -> Any:
        """The notification body decoded; untagged descriptors and swapped names as what they should have been."""
        if UNTAGGED_DESCRIPTORS in self.quirks:
            return _bare_value(self.data)
        return data.parse(_mended(self.data) if SWAPPED_NAMES in self.quirks else self.data)

    @property
    def when(self) -> DateTime | None:
        """The date-time decoded."""
        return DateTime.parse(self.date_time) if self.date_time else None


@pdu(0x10)
class DataNotificationConfirm(Wire, frozen=True):
    """data-notification-confirm."""

    invoke: LongInvoke
    date_time: NotifiedAt = b""
    quirks: Quirks = ()
