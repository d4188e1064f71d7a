"""What meters send unasked: EVENT-NOTIFICATION and DATA-NOTIFICATION.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (Event-Notification-Request, Data-Notification).
"""

from __future__ import annotations

import struct
from typing import Annotated, Any, Final, TypeAlias

from anymeter.cosem import data
from anymeter.cosem.datetimes import DateTime
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.dlms.fields import VALUE, Data, HappenedAt, LongInvoke, NotifiedAt
from anymeter.dlms.values import value_end
from anymeter.errors import DecodeError
from anymeter.wire import Field, Quirks, Wire, pdu
from anymeter.wire.kinds import MOST, Rows, Variant
from anymeter.wire.lengths import count_at
from anymeter.wire.pdu import Nested

UNTAGGED_DESCRIPTORS: Final = "untagged-descriptors"
_DESCRIPTOR: Final = struct.Struct(">H6sb")


def _body_at(buf: bytes, at: int) -> tuple[bytes, int, str]:
    """One value; EG.D and others put attribute descriptors into it as bare octets, without their data types."""
    fault = None
    try:
        end = value_end(buf, at)
    except DecodeError as error:
        end, fault = -1, error
    if end == len(buf):
        return buf[at:end], end, ""
    bare = _bare_items(buf, at)
    if bare is not None and bare[-1][2] == len(buf):
        return buf[at:], len(buf), UNTAGGED_DESCRIPTORS
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
            end = value_end(buf, at + 11)
            items.append((at + 2, at + 11, end))
            at = end
    except DecodeError:
        return None
    return items or None


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
        for i, (begin, start, _) in enumerate(_bare_items(buf, at) or ()):
            found, _ = Nested(AttributeDescriptor).rows(f"{name}[{i}] attribute", buf, begin, depth + 1)
            rows += found + VALUE.rows(f"{name}[{i}] value", buf, start, depth + 1)[0]
        return rows, end


NotificationBody: TypeAlias = Annotated[bytes, _Body(_body_at, lambda value, quirks: value)]
"""One encoded value; quirk ``untagged-descriptors``."""


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
        """The notification body decoded; untagged descriptors as the structures they should have been."""
        return _bare_value(self.data) if UNTAGGED_DESCRIPTORS in self.quirks else data.parse(self.data)

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
