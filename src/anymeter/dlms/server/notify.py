"""What a server sends unasked, as APDUs. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (DataNotification,
EventNotification, InformationReport).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from anymeter.cosem.surroundings import Outgoing
from anymeter.dlms.notifications import DataNotificationConfirm
from anymeter.dlms.short_names import InformationReport, VariableName

CONFIRMED: Final = 1 << 30
_IDS: Final = 1 << 24
_MOST_AWAITED: Final = 256


class Awaited:
    """The confirmed notifications whose confirmation has not come yet, by their number; the oldest are forgotten."""

    def __init__(self) -> None:
        self.sent: dict[int, Outgoing] = {}
        self._last = 0

    def number(self, outgoing: Outgoing) -> int:
        """A number for a notification; a confirmed one is awaited from now on."""
        self._last = self._last % (_IDS - 1) + 1
        if outgoing.confirmed:
            while len(self.sent) >= _MOST_AWAITED:
                self.sent.pop(next(iter(self.sent)))
            self.sent[self._last] = outgoing
        return self._last

    def confirmed(self, octets: bytes) -> Outgoing | None:
        """What a data-notification-confirm confirms, None when nothing; raises DecodeError when it is none."""
        return self.sent.pop(DataNotificationConfirm.parse(octets).invoke & (_IDS - 1), None)


def data_notification(number: int, body: bytes, *, date_time: bytes = b"", confirmed: bool = False) -> bytes:
    """data-notification; *date_time* has 12 octets or none.

    >>> data_notification(1, b"\\x11\\x05").hex()
    '0f00000001001105'
    """
    invoke = number | (CONFIRMED if confirmed else 0)
    return b"\x0f%b%c%b%b" % (invoke.to_bytes(4, "big"), len(date_time), date_time, body)


def event_notification(descriptor: bytes, value: bytes, *, time: bytes | None = None) -> bytes:
    """event-notification-request about the attribute with this Cosem-Attribute-Descriptor (9 octets)."""
    when = b"\x00" if time is None else b"\x01%c%b" % (len(time), time)
    return b"\xc2" + when + descriptor + value


def information_report(items: Sequence[tuple[int, bytes]], *, time: str | None = None) -> bytes:
    """informationReportRequest: short names with their values; *time* is the text of a GeneralizedTime.

    >>> information_report([(0x00A8, bytes.fromhex("06000003E8"))]).hex()
    '1800010200a80106000003e8'
    """
    when = None if time is None else time.encode("ascii")
    names = tuple(VariableName(name) for name, _ in items)
    return InformationReport(when, names, tuple(value for _, value in items)).encode()
