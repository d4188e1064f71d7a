"""The clock of a meter: read, set and shifted, with the meter's own habit of writing the deviation.

Source: EN 13757-1:2014, 6.4, after IEC 62056-6-2 (Clock, class_id 8).
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import LONG, OCTET_STRING_DATE_TIME
from anymeter.dlms.client.action import invoke_octets
from anymeter.dlms.client.get import get_value
from anymeter.dlms.client.session import Session
from anymeter.dlms.client.set import set_octets
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

CLOCK: Final = Obis("0-0:1.0.0*255")
CLASS: Final = 8
TIME, SHIFT_TIME = 2, 6
DAYLIGHT_SAVING: Final = 0x80
"""The bit of the clock status."""
MOST_SHIFT: Final = 900


def read_clock(session: Session, name: Obis = CLOCK) -> Conversation[DateTime]:
    """What the clock shows, as the meter writes it."""
    value = yield from get_value(session, AttributeDescriptor(CLASS, name, TIME))
    if isinstance(value, DateTime):
        return value
    if not isinstance(value, bytes):
        raise DecodeError("no date-time", what=f"{name} time")
    return DateTime.parse(value)


def moment_of(session: Session, shown: DateTime) -> dt.datetime:
    """The moment that a date-time of this meter means: naive where it has no deviation; LocalError for wildcards."""
    return shown.to_datetime(session.settings.deviation_sign or 1)


def set_clock(session: Session, moment: dt.datetime, name: Obis = CLOCK) -> Conversation[None]:
    """Set the clock; a naive moment leaves the deviation unspecified."""
    octets = OCTET_STRING_DATE_TIME.encode(shown_as(session, moment).octets)
    yield from set_octets(session, AttributeDescriptor(CLASS, name, TIME), octets)


def shown_as(session: Session, moment: dt.datetime) -> DateTime:
    """A moment as this meter writes it: see ``Settings.deviation_sign``."""
    status = DAYLIGHT_SAVING if moment.dst() else 0
    standard = DateTime.of_datetime(moment, status)
    deviation, sign = standard.deviation, session.settings.deviation_sign
    if deviation is None or sign == 1:
        return standard
    octets = standard.octets
    written = -0x8000 if sign == 0 else -deviation
    return DateTime(octets[:9] + written.to_bytes(2, "big", signed=True) + octets[11:])


def shift_clock(session: Session, seconds: int, name: Obis = CLOCK) -> Conversation[None]:
    """Shift the clock by up to 900 seconds either way."""
    if abs(seconds) > MOST_SHIFT:
        raise LocalError(f"a clock is shifted by up to {MOST_SHIFT} seconds, not by {seconds}")
    yield from invoke_octets(session, MethodDescriptor(CLASS, name, SHIFT_TIME), LONG.encode(seconds))
