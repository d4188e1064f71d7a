"""Chance without state: the same numbers always give the same number. Nothing here remembers or draws in turn.

A value that depends on a seed and an instant alone can be computed for any instant, in any order, in any process.
"""

from __future__ import annotations

from typing import Final

_MASK: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15
SCALE: Final = 1 << 16
"""One whole, for :func:`share`."""


def mix(seed: int, number: int = 0) -> int:
    """64 bits that look like chance, from two whole numbers: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).

    >>> mix(1, 2) == mix(1, 2), mix(1, 2) == mix(2, 1)
    (True, False)
    """
    x = (seed + (number + 1) * _STEP) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def share(seed: int, number: int, most: int = SCALE) -> int:
    """A number from 0 up to, but not including, *most*, evenly spread; *most* is at most 2**40."""
    return (mix(seed, number) >> 24) * most >> 40


def between(seed: int, number: int, low: int, high: int) -> int:
    """A whole number from *low* to *high*, both included."""
    return low + share(seed, number, high - low + 1)


def seed_of(*parts: int | str) -> int:
    """One seed out of numbers and words, so that a meter, its clock and its faults each have a chance of their own.

    >>> seed_of(7, "water") == seed_of(7, "water"), seed_of(7, "water") == seed_of("water", 7)
    (True, False)
    """
    seed = 0
    for part in parts:
        words = part.to_bytes(16, "big", signed=True) if isinstance(part, int) else part.encode()
        for i in range(0, len(words), 7):
            seed = mix(seed, int.from_bytes(words[i : i + 7], "big"))
        seed = mix(seed, len(words))
    return seed
