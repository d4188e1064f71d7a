"""Which entries of a profile are due when, and what is known of those that the clock jumped over.

Source: EN 13757-1:2014, Annex B (automatic capturing, missing measurement values, time setting, power failure). The
bits of a profile status are those that several European companion profiles agree on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from anymeter.cosem.classes.clock import Clock, is_synchronisation
from anymeter.cosem.classes.local_time import LATEST, SAVING, Zone, zone
from anymeter.cosem.classes.parts import UNSPECIFIED
from anymeter.cosem.surroundings import Surroundings

_UTC: Final = zone(0, 0, UNSPECIFIED, UNSPECIFIED, 1)
_CLOCK_INVALID: Final = 0x01
_UNSIGNED: Final = (17, 18, 6, 21, 22)
"""Types of a status to which bits can be added: the unsigned numbers."""


class StatusBits(msgspec.Struct, frozen=True):
    """The bits of a profile status; 0 where a meter has no bit for it."""

    clock_invalid: int = 0x02
    not_valid: int = 0x04
    daylight_saving: int = 0x08
    clock_adjusted: int = 0x20
    power_down: int = 0x80

    def of_clock(self, clock: Clock | None, now: float) -> int:
        """The bits that follow from the status of the clock."""
        if clock is None:
            return 0
        status = clock.get(4, now)
        return (self.daylight_saving if status & SAVING else 0) | (self.clock_invalid if status & _CLOCK_INVALID else 0)


NO_STATUS: Final = StatusBits(0, 0, 0, 0, 0)
"""No bits: statuses are captured as they are."""


def with_bits(cell: bytes, bits: int) -> bytes:
    """An encoded status with more bits set; what is no unsigned number stays as it is.

    >>> with_bits(bytes.fromhex("1101"), 0x20).hex(), with_bits(b"\\x00", 0x20).hex()
    ('1121', '00')
    """
    if cell[0] not in _UNSIGNED:
        return cell
    size = len(cell) - 1
    return cell[:1] + ((int.from_bytes(cell[1:], "big") | bits) & ((1 << 8 * size) - 1)).to_bytes(size, "big")


def clock_of(device: Surroundings | None) -> Clock | None:
    """The Clock of a device."""
    clock = None if device is None else device.clock
    return clock if isinstance(clock, Clock) else None


def zone_of(clock: Clock | None) -> Zone:
    """The local time of a clock, UTC where there is none."""
    return _UTC if clock is None else clock.zone


class Timing:
    """When a series of periods ends, in the UTC of the clock, through everything that happens to that clock.

    *due* is the end of the running period; *disturbed*: the clock was set while it ran. Until *repeated* times come
    again that were there before the clock was set back.
    """

    def __init__(self) -> None:
        self.due: float | None = None
        self.disturbed = False
        self.repeated: float | None = None

    def start(self, utc: float, period: int, clock: Clock | None) -> None:
        """Begin at *utc*; the first period ends with the next multiple of *period*."""
        self.due = zone_of(clock).next_multiple(utc, period) if period > 0 else None
        self.disturbed, self.repeated = False, None

    def passed(self, period: int, clock: Clock | None) -> None:
        """The running period has ended; the next one begins."""
        if self.due is not None:
            if self.repeated is not None and self.due >= self.repeated:
                self.repeated = None
            self.due = zone_of(clock).next_multiple(self.due, period)
        self.disturbed = False

    def next_due(self, clock: Clock | None) -> float | None:
        """When the running period ends, in device time; None when no clock of ours lives that long."""
        if self.due is None or self.due >= LATEST:
            return None
        return self.due if clock is None else clock.at(self.due)

    def moved(self, old: float, new: float, period: int, clock: Clock | None) -> bool:
        """The clock was changed; whether it was set, which disturbs the period, and not only synchronised."""
        if self.due is None or is_synchronisation(clock, old, new):
            return False
        if new < old:
            self.repeated = max(old, self.repeated or old)
            self.due = zone_of(clock).next_multiple(new, period)
        self.disturbed = True
        return True

    def missed(self, until: float, period: int, clock: Clock | None, most: int) -> Iterator[float]:
        """The ends of periods that lie before *until*, the last *most* of them; *due* comes after them."""
        if self.due is None or period <= 0:
            return
        local = zone_of(clock)
        at = self.due
        if until - at > most * period:
            at = max(at, local.next_multiple(until - (most + 1) * period, period))
        self.due = at
        ends = []
        while at < until:
            ends.append(at)
            at = local.next_multiple(at, period)
        self.due = at
        yield from ends[-most:] if most else ()
