"""Clock: what the meter holds for the time. Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.5.1."""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem.classes.local_time import LATEST, SAVING, Zone, date_time_of, zone
from anymeter.cosem.classes.parts import UNSPECIFIED, blue_book
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, writes
from anymeter.cosem.schema import (
    BOOLEAN,
    ENUM,
    INTEGER,
    LONG,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    structure,
)

INVALID: Final = 0x01
DOUBTFUL: Final = 0x02
_QUARTER: Final = 900
_MINUTE: Final = 60
_FARTHEST: Final = 900
_DEMAND_REGISTER, _PROFILE_GENERIC = 5, 7
_RULES: Final = frozenset((3, 5, 6, 7, 8))


class Clock(InterfaceClass, class_id=8, version=0, methods_at=0x60, clause=blue_book("4.5.1")):
    """Clock: date and time, deviation to UTC and daylight saving, and the ways to adjust them.

    ``time_zone`` has the sign of the deviation in a date-time: local time + deviation = UTC, so CET is -60; with
    ``deviation_sign = -1`` both have the other one, as some meters do it.
    """

    time = attribute(2, OCTET_STRING_DATE_TIME, dynamic=True)
    time_zone = attribute(3, LONG)
    status = attribute(4, UNSIGNED, dynamic=True)
    daylight_savings_begin = attribute(5, OCTET_STRING_DATE_TIME, default=UNSPECIFIED)
    daylight_savings_end = attribute(6, OCTET_STRING_DATE_TIME, default=UNSPECIFIED)
    daylight_savings_deviation = attribute(7, INTEGER)
    daylight_savings_enabled = attribute(8, BOOLEAN)
    clock_base = attribute(
        9,
        ENUM,
        words={
            0: "not defined",
            1: "internal crystal",
            2: "mains frequency 50 Hz",
            3: "mains frequency 60 Hz",
            4: "GPS",
            5: "radio controlled",
        },
    )

    def set_up(self) -> None:
        """Plain attributes of every Clock; set them as the meter needs.

        *offset* is what the clock is ahead of *now* in seconds, *drift* how many ppm it runs fast since *drift_since*.
        *clock_sync_limit*: a change of at most so many seconds is a synchronisation, a larger one a setting.
        *measuring_period*: what adjust_to_measuring_period goes by, None for that of the device.
        """
        self.offset: float = 0
        self.drift: float = 0
        self.drift_since: float = 0
        self.clock_sync_limit: float = 30
        self.deviation_sign = 1
        self.measuring_period: int | None = None
        self._zone: Zone | None = None
        self._preset: tuple[float, float, float] | None = None

    def store(self, number: int, value: Any) -> None:
        """Change the value of an attribute and tell nobody."""
        super().store(number, value)
        if number in _RULES:
            self._zone = None

    def put(self, number: int, value: Any, now: float) -> None:
        """Change the value of an attribute; other rules of local time let the device go on from what it shows now."""
        super().put(number, value, now)
        if number in _RULES and self.device is not None:
            utc = self.utc(now)
            self.device.clock_set(utc, utc, now)

    # --- what it shows ---

    @property
    def zone(self) -> Zone:
        """The rules of local time that the attributes say."""
        if self._zone is None or self._zone.sign != self.deviation_sign:
            minutes, saving = self.time_zone, self.daylight_savings_deviation
            rules = (self.daylight_savings_begin, self.daylight_savings_end)
            if not self.daylight_savings_enabled:
                rules = (UNSPECIFIED, UNSPECIFIED)
            self._zone = zone(-minutes * 60 * self.deviation_sign, saving * 60, *rules, self.deviation_sign)
        return self._zone

    def utc(self, now: float) -> float:
        """What the clock holds for UTC at *now*, in seconds since 1970."""
        if self.drift:
            return round(now + self.offset + (now - self.drift_since) * self.drift / 1_000_000, 3)
        return now + self.offset if self.offset else now

    def at(self, utc: float) -> float:
        """The *now* at which the clock holds *utc*, as it is set now."""
        if self.drift:
            rate = self.drift / 1_000_000
            return (utc - self.offset + self.drift_since * rate) / (1 + rate)
        return utc - self.offset if self.offset else utc

    def local(self, now: float) -> float:
        """What the clock shows, in seconds since 1970 as if it showed UTC."""
        utc = self.utc(now)
        return utc + self.zone.offset(utc)[0]

    def at_local(self, local: float) -> float:
        """The *now* at which the clock shows *local* seconds, the first one where there are two."""
        return self.at(self.zone.utc(local))

    def date_time(self, now: float) -> DateTime:
        """What the clock shows at *now*."""
        utc = self.utc(now)
        offset, saving = self.zone.offset(utc)
        whole = int(utc // 1)
        hundredths = 0 if utc == whole else min(99, int((utc - whole) * 100 + 0.001))
        return date_time_of(whole + offset, hundredths, self.zone.deviation(offset), self._status(saving))

    def instant(self, moment: DateTime) -> float | None:
        """The *now* at which the clock shows *moment*; None when that is not one instant (wildcards)."""
        utc = self.zone.instant(moment)
        return None if utc is None else self.at(utc)

    def _status(self, saving: bool) -> int:
        kept: int = self.stored(4)
        return (kept & ~SAVING) | (SAVING if saving else 0)

    @reads(time)
    def _time(self, now: float) -> bytes:
        return self.date_time(now).octets

    @reads(status)
    def _status_now(self, now: float) -> int:
        return self._status(self.zone.offset(self.utc(now))[1])

    # --- setting it ---

    @writes(time)
    def _set_time(self, value: bytes, now: float) -> None:
        """Parts that are not specified stay as they are; bits of the clock status are taken where there are any."""
        wanted = DateTime(_filled(value, self.date_time(now).octets))
        utc = self.zone.instant(wanted)
        if utc is None:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} time {wanted.iso()}")
        status = wanted.status
        self._check(utc)
        self.store(4, self.stored(4) & ~(INVALID | DOUBTFUL) if status is None else status & ~SAVING)
        self._move(utc, now)

    def set_utc(self, utc: float, now: float) -> None:
        """Let the clock hold *utc* and tell the device; AccessError where that is before 1970 or after 2199."""
        self._check(utc)
        self._move(utc, now)

    def _check(self, utc: float) -> None:
        if not 0 <= utc < LATEST:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} time beyond 1970 to 2199")

    def _move(self, utc: float, now: float) -> None:
        old = self.utc(now)
        self.offset += utc - old
        if self.device is not None:
            self.device.clock_set(old, utc, now)
            self.device.changed(self, 2, self._time(now), now)

    def _adjust(self, period: int, now: float) -> None:
        """Go to the nearest local multiple of *period* seconds."""
        utc = self.utc(now)
        offset = self.zone.offset(utc)[0]
        self.set_utc((utc + offset + period / 2) // period * period - offset, now)

    @method(1, INTEGER)
    def adjust_to_quarter(self, data: int, now: float) -> None:
        """Go to the nearest quarter of an hour."""
        self._adjust(_QUARTER, now)

    @method(2, INTEGER)
    def adjust_to_measuring_period(self, data: int, now: float) -> None:
        """Go to the nearest end of a measuring period."""
        self._adjust(self._measuring_period(), now)

    @method(3, INTEGER)
    def adjust_to_minute(self, data: int, now: float) -> None:
        """Go to the nearest full minute."""
        self._adjust(_MINUTE, now)

    @method(4, INTEGER)
    def adjust_to_preset_time(self, data: int, now: float) -> None:
        """Go to the preset time, once; refused outside of its interval of validity."""
        preset, utc = self._preset, self.utc(now)
        if preset is None or not preset[1] <= utc <= preset[2]:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} has no preset time now")
        self._preset = None
        self.set_utc(preset[0], now)

    @method(
        5,
        structure(
            preset_time=OCTET_STRING_DATE_TIME,
            validity_interval_start=OCTET_STRING_DATE_TIME,
            validity_interval_end=OCTET_STRING_DATE_TIME,
        ),
    )
    def preset_adjusting_time(self, data: tuple[bytes, bytes, bytes], now: float) -> None:
        """Keep a time to which adjust_to_preset_time goes within an interval."""
        moments = [self.zone.instant(DateTime(octets)) for octets in data]
        if None in moments:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} preset time with wildcards")
        preset, start, end = (moment for moment in moments if moment is not None)
        self._check(preset)
        self._preset = (preset, start, end)

    @method(6, LONG)
    def shift_time(self, data: int, now: float) -> None:
        """Move the clock by -900 to 900 seconds."""
        if abs(data) > _FARTHEST:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} shift by {data} s")
        self.set_utc(self.utc(now) + data, now)

    def _measuring_period(self) -> int:
        """The period of the first Demand register, else of the first Profile generic of the device, else 15 minutes."""
        if self.measuring_period:
            return self.measuring_period
        everything = self.device.everything() if self.device is not None else []
        for class_id, number in ((_DEMAND_REGISTER, 8), (_PROFILE_GENERIC, 4)):
            for obj in everything:
                if obj.class_id == class_id and obj.stored(number):
                    return int(obj.stored(number))
        return _QUARTER

    # --- what a client may not set ---

    @writes(time_zone)
    def _set_zone(self, value: int, now: float) -> None:
        if not -720 <= value * self.deviation_sign <= 840:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} time zone {value}")
        self.put(3, value, now)


def is_synchronisation(clock: object, old: float, new: float) -> bool:
    """Whether a change of *clock* from *old* to *new* is too small to disturb a measuring period."""
    return isinstance(clock, Clock) and abs(new - old) <= clock.clock_sync_limit


def _filled(octets: bytes, known: bytes) -> bytes:
    """*octets* with the parts that are not specified taken from *known*; the deviation and the status stay."""
    year = octets[:2] if octets[:2] != b"\xff\xff" else known[:2]
    rest = bytes(k if o == 0xFF else o for o, k in zip(octets[2:8], known[2:8], strict=True))
    return year + rest + octets[8:]
