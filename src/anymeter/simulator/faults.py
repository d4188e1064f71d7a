"""Faults on request: what goes wrong between a meter and its client, by chance that a seed reproduces."""

from __future__ import annotations

from typing import Final

import msgspec

from anymeter.simulator.chance import SCALE, mix, seed_of, share

BUSY: Final = b"\xd8\x01\x01"
"""exception-response: service-not-allowed, operation-not-possible. Source: IEC 62056-5-3, ExceptionResponse."""


class Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How likely each fault is, 0 to 1. *drop*, *delay*, *flip* (one bit) and *hang_up* strike octets that leave,
    *busy* a request. *delay_seconds* is the longest delay."""

    drop: float = 0.0
    delay: float = 0.0
    delay_seconds: float = 5.0
    flip: float = 0.0
    hang_up: float = 0.0
    busy: float = 0.0

    def __post_init__(self) -> None:
        for name in ("drop", "delay", "flip", "hang_up", "busy"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a probability from 0 to 1, not {getattr(self, name)}")
        if self.delay_seconds < 0:
            raise ValueError(f"delay_seconds is not negative, as {self.delay_seconds} is")

    @property
    def any(self) -> bool:
        """Whether anything can go wrong at all."""
        return any((self.drop, self.delay, self.flip, self.hang_up, self.busy))


class Faults:
    """The faults of one meter: the same seed gives the same faults for the same sequence of what is sent."""

    __slots__ = ("_asked", "_rates", "_seed", "_sent")

    def __init__(self, rates: Rates, seed: int) -> None:
        self._rates, self._seed = rates, seed_of(seed, "faults")
        self._sent = self._asked = 0

    def is_busy(self) -> bool:
        """Whether the meter has no time for the request that came now."""
        self._asked += 1
        return self._struck("busy", self._asked, self._rates.busy)

    def disturb(self, octets: bytes) -> list[tuple[float, bytes]] | None:
        """What becomes of *octets* that are to be sent: after how many seconds which; None when the line is cut.

        >>> Faults(Rates(drop=1.0), 7).disturb(b"abc"), Faults(Rates(hang_up=1.0), 7).disturb(b"abc")
        ([], None)
        """
        self._sent += 1
        number, rates = self._sent, self._rates
        if self._struck("hang up", number, rates.hang_up):
            return None
        if self._struck("drop", number, rates.drop):
            return []
        if octets and self._struck("flip", number, rates.flip):
            bit = share(seed_of(self._seed, "which bit"), number, len(octets) * 8)
            changed = bytearray(octets)
            changed[bit // 8] ^= 1 << bit % 8
            octets = bytes(changed)
        seconds = 0.0
        if self._struck("delay", number, rates.delay):
            seconds = rates.delay_seconds * (1 + share(seed_of(self._seed, "how long"), number)) / SCALE
        return [(seconds, octets)]

    def _struck(self, what: str, number: int, rate: float) -> bool:
        return rate > 0 and mix(seed_of(self._seed, what), number) < rate * (1 << 64)
