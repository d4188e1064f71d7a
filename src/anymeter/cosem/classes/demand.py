"""Demand register: averages over a block or a sliding window of periods.

Source: EN 13757-1:2014, 6.4 and Annex B (current and last average, resets); DLMS UA 1000-1 Ed. 16, Part 2, 4.3.4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Final

from anymeter.cosem.classes.parts import UNSPECIFIED, blue_book
from anymeter.cosem.classes.profile_times import StatusBits, Timing, clock_of
from anymeter.cosem.classes.registers import NO_UNIT, SCALER_UNIT
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, writes
from anymeter.cosem.schema import (
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    FLOAT32,
    FLOAT64,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING_DATE_TIME,
    SIMPLE,
)

Energy = int | Decimal | Fraction

_HOUR: Final = 3600
_FLOATS: Final = (FLOAT32.tag, FLOAT64.tag)
_LONG_GAP: Final = 1_000
"""Periods that nobody ran: after more of them, those before the last window are passed over."""


class DemandRegister(InterfaceClass, class_id=5, version=0, methods_at=0x48, clause=blue_book("4.3.4")):
    """Demand register: the energy of the last ``number_of_periods`` periods of ``period`` seconds, by their time.

    One period is block demand, more are sliding demand. Energy comes from :meth:`add` or from a meter that
    :meth:`measure` names; averages are energy per hour and exact until they are rounded to the wire's integer.
    """

    run_order: ClassVar[int] = -30

    current_average_value = attribute(2, CHOICE, dynamic=True)
    last_average_value = attribute(3, CHOICE, dynamic=True)
    scaler_unit = attribute(4, SCALER_UNIT, default=NO_UNIT)
    status = attribute(5, CHOICE, dynamic=True)
    capture_time = attribute(6, OCTET_STRING_DATE_TIME, dynamic=True, default=UNSPECIFIED)
    start_time_current = attribute(7, OCTET_STRING_DATE_TIME, dynamic=True, default=UNSPECIFIED)
    period = attribute(8, DOUBLE_LONG_UNSIGNED, default=900)
    number_of_periods = attribute(9, LONG_UNSIGNED, default=1)

    def set_up(self) -> None:
        """Plain attributes of every demand register; set them as the meter needs.

        *energy_scaler*: energies come as multiples of ten to it. *per* seconds are the time unit of the averages.
        *aligned*: periods end at multiples of the period by the clock, else one period after they began.
        *status_bits* say what the status of a disturbed period is.
        """
        self.energy_scaler = 0
        self.per = _HOUR
        self.aligned = True
        self.status_bits = StatusBits()
        self._timing = Timing()
        self._begin: float = 0
        self._energy: Energy = 0
        self._ended: deque[Energy] = deque()
        self._of_ended: Energy = 0
        self._source: Callable[[float], Energy] | None = None
        self._reading: Energy = 0

    # --- energy ---

    def add(self, energy: Energy, now: float) -> None:
        """Count *energy* that was consumed at *now*."""
        self.started(now)
        self._catch_up(now)
        self._energy = _sum(self._energy, energy)

    def measure(self, source: Callable[[float], Energy], now: float) -> None:
        """Take energy from a counter: *source* says what it shows at any time."""
        self._source, self._reading = source, source(now)

    def _settle(self, now: float) -> None:
        """Count what the measured counter has gone on."""
        if self._source is not None:
            reading = self._source(now)
            self._energy = _sum(self._energy, _sum(reading, -self._reading))
            self._reading = reading

    def average(self, now: float) -> Fraction:
        """The current average at *now*, exactly, in units of ten to the scaler."""
        self._settle(now)
        total = Fraction(_sum(self._energy, self._of_ended))
        seconds = self.number_of_periods * self.period
        scale = Fraction(10) ** (self.energy_scaler - self.scaler_unit[0])
        return total * scale * self.per / seconds if seconds else Fraction(0)

    def _as_value(self, number: int, average: Fraction) -> Any:
        schema = self.types.get(number)
        if schema is not None and schema.tag in _FLOATS:
            return float(average)
        return (2 * average.numerator + average.denominator) // (2 * average.denominator)

    @reads(current_average_value)
    def _current(self, now: float) -> Any:
        return self._as_value(2, self.average(now))

    @reads(start_time_current)
    def _start_time(self, now: float) -> bytes:
        if self._timing.due is None:
            return self.start_time_current
        return self._shown(self._begin - (self.number_of_periods - 1) * self.period)

    def _shown(self, utc: float) -> bytes:
        clock = clock_of(self.device)
        return UNSPECIFIED if clock is None or utc < 0 else clock.date_time(clock.at(utc)).octets

    # --- periods ---

    def started(self, now: float) -> None:
        """Begin the first period at *now*."""
        if self._timing.due is None:
            self._restart(now)

    def _restart(self, now: float) -> None:
        """Begin a period at *now*, with nothing before it."""
        self._begin_period(self._utc(now))
        self._forget_ended()
        self._energy = 0
        if self._source is not None:
            self._reading = self._source(now)

    def _forget_ended(self) -> None:
        self._ended.clear()
        self._of_ended = 0

    def _utc(self, now: float) -> float:
        clock = clock_of(self.device)
        return now if clock is None else clock.utc(now)

    def _begin_period(self, utc: float, least: float = 0) -> None:
        """Begin a period that lasts at least *least* seconds."""
        self._begin = utc
        if self.aligned or not self.period:
            self._timing.start(utc + least, self.period, clock_of(self.device))
        else:
            self._timing.due = utc + self.period
            self._timing.disturbed = False

    def next_due(self) -> float | None:
        """When the running period ends."""
        return self._timing.next_due(clock_of(self.device))

    def run(self, now: float) -> None:
        """End the periods that are over."""
        self._catch_up(now)

    def _catch_up(self, now: float) -> None:
        clock = clock_of(self.device)
        utc, due = self._utc(now), self._timing.due
        window = self.number_of_periods * self.period
        if due is not None and utc - due > window + _LONG_GAP * self.period:
            self._end(due, due if clock is None else clock.at(due))
            begin = utc // self.period * self.period - window
            if self._source is not None:
                self._reading = self._source(begin if clock is None else clock.at(begin))
            self._forget_ended()
            self._begin_period(begin)
        while (due := self._timing.due) is not None and due <= utc:
            self._end(due, due if clock is None else clock.at(due))
            self._begin_period(due)

    def _end(self, utc: float, now: float) -> None:
        """End the running period at *utc*: its average becomes the last one."""
        average = self.average(now)
        self._ended.append(self._energy)
        self._of_ended = _sum(self._of_ended, self._energy)
        while len(self._ended) >= max(self.number_of_periods, 1):
            self._of_ended = _sum(self._of_ended, -self._ended.popleft())
        self._energy = 0
        bits = self.status_bits
        self._mark(bits.not_valid | bits.clock_adjusted if self._timing.disturbed else 0, now)
        self.store(6, self._shown(utc))
        self.put(3, self._as_value(3, average), now)

    def _mark(self, bits: int, now: float) -> None:
        """Set the status, where it is a number."""
        schema = self.types.get(5)
        if schema is not None and schema.tag in SIMPLE and schema.code and schema.tag not in _FLOATS:
            self.put(5, bits, now)

    def clock_changed(self, old: float, new: float, now: float) -> None:
        """The clock was changed: when it was set, the running period ends here, marked as disturbed."""
        if self._timing.moved(old, new, self.period, clock_of(self.device)):
            self._end(new, now)
            self._begin_period(new)
            self._timing.disturbed = True

    # --- methods ---

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Set both averages to 0 and begin a new period, with no periods before it."""
        self._restart(now)
        self._mark(0, now)
        self.store(6, self._shown(self._begin))
        self.put(3, self._as_value(3, Fraction(0)), now)

    @method(2, INTEGER)
    def next_period(self, data: int, now: float) -> None:
        """End the running period now and begin the next one."""
        utc = self._utc(now)
        self._end(utc, now)
        self._begin_period(utc, least=self.period / 2)

    @writes(current_average_value, last_average_value, status, capture_time, start_time_current)
    def _set_what_is_measured(self, value: Any, now: float) -> None:
        raise self.refusal(DataAccessResult.read_write_denied, f"{self.logical_name} is measured")

    @writes(period)
    def _set_period(self, value: int, now: float) -> None:
        if not value:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} with a period of 0 s")
        self.put(8, value, now)
        self.reset(0, now)

    @writes(number_of_periods)
    def _set_number(self, value: int, now: float) -> None:
        if not value:
            raise self.refusal(DataAccessResult.other_reason, f"{self.logical_name} of 0 periods")
        self.put(9, value, now)
        self.reset(0, now)


def _sum(a: Energy, b: Energy) -> Energy:
    """The exact sum: whole numbers stay whole."""
    return a + b if isinstance(a, int) and isinstance(b, int) else Fraction(a) + Fraction(b)
