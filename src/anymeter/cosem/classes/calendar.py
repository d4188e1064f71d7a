"""Activity calendar: scripts by season, week and day. Class 20.

Source: EN 13757-1:2014, 6.4, Annex B (B.3, B.54, B.64); DLMS UA 1000-1 Ed. 16, Part 2, 4.5.5.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from anymeter.cosem.classes.parts import LN, UNSPECIFIED, blue_book, due
from anymeter.cosem.classes.schedules import special_days
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.model import InterfaceClass, attribute, method, writes
from anymeter.cosem.recurrence import DAY, Pattern, Watermark, calendar_day, local_seconds, pattern_of
from anymeter.cosem.schema import (
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    array,
    octets,
    structure,
)
from anymeter.obis import Obis

SEASON: Final = structure(season_profile_name=OCTET_STRING, season_start=OCTET_STRING_DATE_TIME, week_name=OCTET_STRING)
WEEK: Final = structure(
    week_profile_name=OCTET_STRING,
    monday=UNSIGNED,
    tuesday=UNSIGNED,
    wednesday=UNSIGNED,
    thursday=UNSIGNED,
    friday=UNSIGNED,
    saturday=UNSIGNED,
    sunday=UNSIGNED,
)
DAY_PROFILE: Final = structure(
    day_id=UNSIGNED,
    day_schedule=array(structure(start_time=octets(4), script_logical_name=LN, script_selector=LONG_UNSIGNED)),
)

Step: TypeAlias = tuple[int, bytes, int]
"""Local seconds, script table, script: what is executed when."""

_ACTIVE: Final = (2, 3, 4, 5)
_PASSIVE: Final = (6, 7, 8, 9)
_LOOK_BACK: Final = 5 * 366 * DAY
"""How far back a season may have begun."""
_LOOK_AHEAD: Final = 400
_STILL: Final = 8
"""Days without any step before the calendar counts as without effect."""


class ActivityCalendar(InterfaceClass, class_id=20, methods_at=0x50, clause=blue_book("4.5.5")):
    """Activity calendar: the season has a week, the week its days, a day its steps, and each step executes a script.

    A day of the Special days table goes by the day profile with its day_id. When the calendar begins, is activated or
    is jumped into, the last step that has passed is executed; the others at their times.
    """

    run_order = 0

    calendar_name_active = attribute(2, OCTET_STRING)
    season_profile_active = attribute(3, array(SEASON))
    week_profile_table_active = attribute(4, array(WEEK))
    day_profile_table_active = attribute(5, array(DAY_PROFILE))
    calendar_name_passive = attribute(6, OCTET_STRING)
    season_profile_passive = attribute(7, array(SEASON))
    week_profile_table_passive = attribute(8, array(WEEK))
    day_profile_table_passive = attribute(9, array(DAY_PROFILE))
    activate_passive_calendar_time = attribute(10, OCTET_STRING_DATE_TIME, default=UNSPECIFIED)

    def set_up(self) -> None:
        """*current*: the step that is in effect.

        *follows_backward*: whether a clock that is set back also brings back the step of that earlier time; without
        it nothing is executed until the clock has made up for it.
        """
        self.watermark = Watermark()
        self.current: Step | None = None
        self.follows_backward = False
        self._activation: float | None = None
        self._armed = False
        self._days: dict[int, list[Step]] = {}
        self._of: tuple[Any, ...] = ()

    def put(self, number: int, value: Any, now: float) -> None:
        """Change the value of an attribute: what is past is past, also by the new tables."""
        self.settle(now)
        super().put(number, value, now)

    def settle(self, now: float) -> None:
        """Execute the step that is due until *now*, where the device has begun to run."""
        if self.watermark.until is not None:
            self.run(now)

    @method(1, INTEGER)
    def activate_passive_calendar(self, data: int, now: float) -> None:
        """Let the passive calendar become the active one, all parts at once."""
        self._armed = False
        if self.watermark.until is not None:
            self.watermark.reach(self._clock, now)
        for active, passive in zip(_ACTIVE, _PASSIVE, strict=True):
            self.store(active, self.stored(passive))
        for active in _ACTIVE:
            self.put(active, self.stored(active), now)
        self.enter(now)

    @writes(activate_passive_calendar_time)
    def _set_activation(self, value: bytes, now: float) -> None:
        """A time that has passed activates at once; a time with wildcards, or unspecified, never."""
        self.put(10, value, now)
        at = due(self, value)
        self._armed = at is not None
        if at is not None and at <= now:
            self.activate_passive_calendar(0, now)

    # --- time ---

    def started(self, now: float) -> None:
        """Begin at *now*: the step that is in effect is executed with the first run."""
        self.watermark.begin(self._clock, now)
        at = due(self, self.activate_passive_calendar_time)
        self._armed = at is not None and at > now
        self.enter(now)

    def next_due(self) -> float | None:
        """When the next step, or the passive calendar, is due."""
        step = self.watermark.due(self._clock, self._first_after)
        self._activation = due(self, self.activate_passive_calendar_time) if self._armed else None
        return min((at for at in (step, self._activation) if at is not None), default=None)

    def run(self, now: float) -> None:
        """Activate the passive calendar, or execute the step that is due."""
        if self._armed and self._activation is not None and self._activation <= now:
            self.activate_passive_calendar(0, now)
            return
        after, until = self.watermark.reach(self._clock, now)
        passed = [step for step in self._steps(until // DAY) if after < step[0] <= until]
        if passed:
            self._execute(passed[-1], now)

    def clock_changed(self, old: float, new: float, now: float) -> None:
        """Go to the step that is in effect at the new time, forward always, backward where that is wanted."""
        at = due(self, self.activate_passive_calendar_time) if self._armed else None
        if at is not None and at <= now:
            self.activate_passive_calendar(0, now)
        elif new < old:
            if self.watermark.set_back(self._clock, old - new, now) or self.follows_backward:
                self.watermark.until = local_seconds(self._clock, now)
                self._go_to(self.effective(now), now)
        else:
            self.catch_up(now)

    def catch_up(self, now: float) -> None:
        """Go to the step that is in effect at *now* (clock set forward, power back) where it is another one."""
        after, until = self.watermark.reach(self._clock, now)
        if until > after:
            self._go_to(self.effective(now), now)

    def enter(self, now: float) -> None:
        """Execute the step that is in effect at *now*, whatever was before."""
        self.watermark.reach(self._clock, now)
        step = self.effective(now)
        if step is not None:
            self._execute(step, now)

    def effective(self, now: float) -> Step | None:
        """The step that is in effect at *now*: the last one that has passed."""
        local = local_seconds(self._clock, now)
        for day in range(local // DAY, local // DAY - _STILL, -1):
            passed = [step for step in self._steps(day) if step[0] <= local]
            if passed:
                return passed[-1]
        return None

    def _go_to(self, step: Step | None, now: float) -> None:
        if step is not None and (self.current is None or step[1:] != self.current[1:]):
            self._execute(step, now)

    def _execute(self, step: Step, now: float) -> None:
        self.current = step
        if self.device is not None:
            self.device.execute(Obis(step[1]), step[2], now)

    # --- finding steps ---

    @property
    def _clock(self) -> Any:
        return None if self.device is None else self.device.clock

    def _first_after(self, after: int) -> int | None:
        first = after // DAY
        return next(
            (step[0] for day in range(first, first + _LOOK_AHEAD) for step in self._steps(day) if step[0] > after), None
        )

    def _steps(self, day: int) -> list[Step]:
        """The steps of a day in order of time; kept for the days around until the tables change."""
        table = special_days(self.device, self.logical_name)
        of = (self.stored(3), self.stored(4), self.stored(5), table and table.entries)
        if len(of) != len(self._of) or any(a is not b for a, b in zip(of, self._of, strict=True)):
            self._of, self._days = of, {}
        found = self._days.get(day)
        if found is None:
            if len(self._days) > _LOOK_AHEAD:
                self._days = {}
            found = self._days[day] = self._made(day, None if table is None else table.day_id(day))
        return found

    def _made(self, day: int, special: int | None) -> list[Step]:
        """The steps of a day: those of the season it begins with, and of seasons that begin on it."""
        began = [self._began(season, (day + 1) * DAY - 1) for season in self.season_profile_active]
        starts = sorted({0, *(at - day * DAY for at in began if at is not None and at > day * DAY)})
        out: list[Step] = []
        for start, end in zip(starts, [*starts[1:], DAY], strict=True):
            steps = self._profile(day, start, special)
            inside = [(day * DAY + at, *script) for at, script in steps if start <= at < end]
            if start and not any(at == day * DAY + start for at, _, _ in inside):
                inside[:0] = [(day * DAY + start, *script) for at, script in steps if at < start][-1:]
            out += inside
        return out

    def _profile(self, day: int, second: int, special: int | None) -> list[tuple[int, tuple[bytes, int]]]:
        """The steps of the day profile that counts at a second of a day."""
        day_id = special
        if day_id is None or not any(profile[0] == day_id for profile in self.day_profile_table_active):
            week = self._week(day * DAY + second)
            day_id = None if week is None else week[calendar_day(day)[3]]
        for own, steps in self.day_profile_table_active:
            if own == day_id:
                return sorted((_second(time), (name, selector)) for time, name, selector in steps if time[0] < 24)
        return []

    def _week(self, local: int) -> Any:
        begun = [(at, n) for n, s in enumerate(self.season_profile_active) if (at := self._began(s, local)) is not None]
        if not begun:
            return None
        name = self.season_profile_active[max(begun)[1]][2]
        return next((week for week in self.week_profile_table_active if week[0] == name), None)

    def _began(self, season: tuple[bytes, bytes, bytes], local: int) -> int | None:
        """When a season last began."""
        return _start(season[1], self._clock).last_until(local, max(local - _LOOK_BACK, -1))


def _start(octets_: bytes, clock: Any) -> Pattern:
    """The pattern of a season_start; what is not specified of its time is 0."""
    moment = DateTime(octets_)
    time = bytes(0 if octet == 0xFF else octet for octet in moment.time.octets)
    return pattern_of(moment.date.octets, time, clock)


def _second(time: bytes) -> int:
    hour, minute, second = (0 if octet == 0xFF else octet for octet in time[:3])
    return hour * 3600 + minute * 60 + second
