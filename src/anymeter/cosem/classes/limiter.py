"""Limiter: scripts for a value that stays above a threshold for some time, with another threshold in emergencies.

Class 71. Source: EN 13757-1:2014, 6.4, Annex B (B.62); DLMS UA 1000-1 Ed. 16, Part 2, 4.5.9.
"""

from __future__ import annotations

from typing import Any

from anymeter.cosem.classes.parts import UNSPECIFIED, blue_book, due
from anymeter.cosem.classes.scripts import REFERENCE
from anymeter.cosem.classes.watching import VALUE_DEFINITION, Reference, Watched, execute, is_number
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, refuse, writes
from anymeter.cosem.schema import (
    BOOLEAN,
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    LONG_UNSIGNED,
    OCTET_STRING_DATE_TIME,
    array,
    structure,
)


class Limiter(InterfaceClass, class_id=71, clause=blue_book("4.5.9")):
    """Limiter: executes a script when a value has been above the active threshold for min_over_threshold_duration,
    and another one when after that it has been at or below it for min_under_threshold_duration. Durations in seconds.

    The emergency threshold is the active one from the activation time of an emergency profile whose id is in
    emergency_profile_group_id_list, for its duration.
    """

    monitored_value = attribute(2, VALUE_DEFINITION)
    threshold_active = attribute(3, CHOICE, dynamic=True)
    threshold_normal = attribute(4, CHOICE)
    threshold_emergency = attribute(5, CHOICE)
    min_over_threshold_duration = attribute(6, DOUBLE_LONG_UNSIGNED)
    min_under_threshold_duration = attribute(7, DOUBLE_LONG_UNSIGNED)
    emergency_profile = attribute(
        8,
        structure(
            emergency_profile_id=LONG_UNSIGNED,
            emergency_activation_time=OCTET_STRING_DATE_TIME,
            emergency_duration=DOUBLE_LONG_UNSIGNED,
        ),
        default=(0, UNSPECIFIED, 0),
    )
    emergency_profile_group_id_list = attribute(9, array(LONG_UNSIGNED))
    emergency_profile_active = attribute(10, BOOLEAN, dynamic=True)
    actions = attribute(11, structure(action_over_threshold=REFERENCE, action_under_threshold=REFERENCE))

    def set_up(self) -> None:
        """*over*: whether the script for too much was executed last."""
        self.watched = Watched(self)
        self.over = False
        self._since: float | None = None
        self._armed = False
        self._ends: float | None = None
        self._started = False

    # --- what is written ---

    @writes(monitored_value)
    def _set_monitored_value(self, value: Reference, now: float) -> None:
        self.put(2, value, now)
        self._since, self.over = None, False
        self.watched.watch(value, now)
        self._look(now)

    @writes(threshold_active, emergency_profile_active)
    def _set_what_follows(self, value: Any, now: float) -> None:
        raise refuse(DataAccessResult.read_write_denied, f"{self.logical_name} follows from thresholds and profile")

    @writes(threshold_normal)
    def _set_threshold_normal(self, value: Any, now: float) -> None:
        self.put(4, value, now)
        self.run(now)

    @writes(threshold_emergency)
    def _set_threshold_emergency(self, value: Any, now: float) -> None:
        self.put(5, value, now)
        self.run(now)

    @writes(emergency_profile)
    def _set_emergency_profile(self, value: tuple[int, bytes, int], now: float) -> None:
        """A new profile ends the one that is active."""
        self._end_emergency(now)
        self.put(8, value, now)
        self._arm(now)
        self.run(now)

    @writes(emergency_profile_group_id_list)
    def _set_groups(self, value: list[int], now: float) -> None:
        self.put(9, value, now)
        self.run(now)

    @property
    def threshold(self) -> Any:
        """The threshold that counts now."""
        return self.threshold_emergency if self.emergency_profile_active else self.threshold_normal

    # --- time ---

    def started(self, now: float) -> None:
        """Begin to watch."""
        self._started = True
        self._arm(now)
        self.watched.watch(self.monitored_value, now)
        self.run(now)

    def next_due(self) -> float | None:
        """When a duration is over, or the emergency begins or ends."""
        dues = (self._crosses_at(), self._emergency_at(), self._ends, self.watched.next_due())
        return min((at for at in dues if at is not None), default=None) if self._started else None

    def run(self, now: float) -> None:
        """Do what is due."""
        at = self._emergency_at()
        if at is not None and at <= now:
            self._armed = False
            self._ends = at + self.emergency_profile[2]
            self.put(10, True, now)
        if self._ends is not None and self._ends <= now:
            self._end_emergency(now)
        if self.threshold_active != self.threshold:
            self._show_threshold(now)
        self._look(now)

    def clock_changed(self, old: float, new: float, now: float) -> None:
        """The emergency goes by the clock; durations do not."""
        self.run(now)

    def noticed(self, obj: InterfaceClass, number: int, value: Any, now: float) -> None:
        """The monitored attribute has changed."""
        if self.watched.meant(obj, number):
            self._judge(value, now)
            if self.device is not None:
                self.device.touched(self)

    def _look(self, now: float) -> None:
        self.watched.looked(now)
        self._judge(self.watched.value(now), now)

    def _judge(self, value: Any, now: float) -> None:
        """Begin, go on with or break off a duration, and execute what comes at its end."""
        threshold = self.threshold
        if not is_number(value) or not is_number(threshold) or (value > threshold) is self.over:
            self._since = None
            return
        if self._since is None:
            self._since = now
        if now >= self._since + self._duration():
            self._since, self.over = None, not self.over
            execute(self, self.actions[0 if self.over else 1], now)

    def _duration(self) -> int:
        return self.min_under_threshold_duration if self.over else self.min_over_threshold_duration

    def _crosses_at(self) -> float | None:
        return None if self._since is None else self._since + self._duration()

    # --- emergencies ---

    def _arm(self, now: float) -> None:
        at = due(self, self.emergency_profile[1])
        self._armed = at is not None and at + self.emergency_profile[2] > now

    def _emergency_at(self) -> float | None:
        """When the emergency begins, None where its id is in no group or its time not known."""
        if not self._armed or self.emergency_profile[0] not in self.emergency_profile_group_id_list:
            return None
        return due(self, self.emergency_profile[1])

    def _end_emergency(self, now: float) -> None:
        self._ends = None
        if self.emergency_profile_active:
            self.put(10, False, now)
            self._show_threshold(now)

    def _show_threshold(self, now: float) -> None:
        shown = self.types.get(5 if self.emergency_profile_active else 4)
        others = {number: schema for number, schema in self.types.items() if number != 3}
        self.types = others if shown is None else {**others, 3: shown}
        self.put(3, self.threshold, now)
