"""Sensor manager: a sensor, its raw value and the value made of it, each with thresholds. Class 67.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.5.11.
"""

from __future__ import annotations

from typing import Any

from anymeter.cosem.classes.parts import UNSPECIFIED, blue_book, shown
from anymeter.cosem.classes.watching import (
    CROSSINGS,
    THRESHOLDS,
    VALUE_DEFINITION,
    Reference,
    Thresholds,
    Watched,
    act,
)
from anymeter.cosem.model import InterfaceClass, attribute, method, writes
from anymeter.cosem.schema import CHOICE, ENUM, INTEGER, OCTET_STRING, OCTET_STRING_DATE_TIME, structure

RAW_VALUE, CAPTURE_TIME = 7, 10


class SensorManagement(InterfaceClass, class_id=67, methods_at=0x80, clause=blue_book("4.5.11")):
    """Sensor manager: nameplate, raw value and processed value of a sensor; thresholds of both execute scripts.

    A value equal to a threshold is not above it; the first value that is seen crosses nothing.
    """

    serial_number = attribute(2, OCTET_STRING)
    metrological_identification = attribute(3, OCTET_STRING)
    output_type = attribute(4, ENUM)
    adjustment_method = attribute(5, OCTET_STRING)
    sealing_method = attribute(6, ENUM)
    raw_value = attribute(7, CHOICE, dynamic=True)
    scaler_unit = attribute(8, structure(scaler=INTEGER, unit=ENUM), default=(0, 255))
    status = attribute(9, CHOICE, dynamic=True)
    capture_time = attribute(10, OCTET_STRING_DATE_TIME, dynamic=True, default=UNSPECIFIED)
    raw_value_thresholds = attribute(11, THRESHOLDS)
    raw_value_actions = attribute(12, CROSSINGS)
    processed_value = attribute(13, VALUE_DEFINITION)
    processed_value_thresholds = attribute(14, THRESHOLDS)
    processed_value_actions = attribute(15, CROSSINGS)

    def set_up(self) -> None:
        """*watched* is the processed value; what changes unseen is looked at every ``watched.period`` seconds."""
        self.watched = Watched(self)
        self._raw, self._processed = Thresholds(), Thresholds()

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Set the raw value to its default; the capture time is that of the reset."""
        self.measured(self.attributes[RAW_VALUE].initial(self.types.get(RAW_VALUE)), now)

    def measured(self, value: Any, now: float) -> None:
        """The sensor has a new raw value."""
        self.put(CAPTURE_TIME, shown(self, now).octets, now)
        self.put(RAW_VALUE, value, now)

    def put(self, number: int, value: Any, now: float) -> None:
        """Change the value of an attribute and tell the device; the raw value may cross its thresholds."""
        super().put(number, value, now)
        if number == RAW_VALUE:
            self._look_at_raw(now)

    @writes(raw_value_thresholds)
    def _set_raw_value_thresholds(self, value: list[Any], now: float) -> None:
        self.put(11, value, now)
        self._raw.forget()
        self._look_at_raw(now)

    @writes(processed_value)
    def _set_processed_value(self, value: Reference, now: float) -> None:
        self.put(13, value, now)
        self._begin(now)

    @writes(processed_value_thresholds)
    def _set_processed_value_thresholds(self, value: list[Any], now: float) -> None:
        self.put(14, value, now)
        self._begin(now)

    def started(self, now: float) -> None:
        """Begin to watch."""
        self._look_at_raw(now)
        self._begin(now)

    def _begin(self, now: float) -> None:
        self.watched.watch(self.processed_value, now)
        self._processed.forget()
        self._look(self.watched.value(now), now)

    def noticed(self, obj: InterfaceClass, number: int, value: Any, now: float) -> None:
        """The processed value has changed."""
        if self.watched.meant(obj, number):
            self._look(value, now)

    def next_due(self) -> float | None:
        """When to look at values that change unseen."""
        if self.computed(RAW_VALUE) and self.watched.looked_at is not None:
            return self.watched.looked_at + self.watched.period
        return self.watched.next_due()

    def run(self, now: float) -> None:
        """Look at both values."""
        self.watched.looked(now)
        self._look_at_raw(now)
        self._look(self.watched.value(now), now)

    def _look_at_raw(self, now: float) -> None:
        crossed = self._raw.crossed(self.get(RAW_VALUE, now), self.raw_value_thresholds)
        act(self, crossed, self.raw_value_actions, now)

    def _look(self, value: Any, now: float) -> None:
        crossed = self._processed.crossed(value, self.processed_value_thresholds)
        act(self, crossed, self.processed_value_actions, now)
