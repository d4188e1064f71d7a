"""Inputs of 10 kB made to cost as much as they can, and what they take, for tests of memory."""

from __future__ import annotations

import gc
import random
import tracemalloc

from anymeter.errors import DecodeError

SIZE = 10_000


def array(element, *, tag=1):
    """An array (or structure) of 10 kB of *element*: octets, or a function from the place to octets."""
    make = element if callable(element) else lambda place: element
    body, count = b"", 0
    while len(body) + len(make(count)) <= SIZE - 4:
        body += make(count)
        count += 1
    return bytes((tag, 0x82)) + count.to_bytes(2, "big") + body


def noise(size, seed=1):
    """So many octets that look like nothing."""
    return random.Random(seed).randbytes(size)


def compact(description, contents=b""):
    """A compact array of 10 kB whose elements are of this type."""
    size = SIZE - len(description) - 4
    octets = contents * (size // len(contents)) if contents else noise(size)
    return b"\x13" + description + b"\x82" + len(octets).to_bytes(2, "big") + octets


def peak(work, octets):
    """How many times the size of *octets* it takes at most to decode them, or to refuse them.

    What is made at first use and then kept, tables and caches, is there before.
    """

    def once():
        try:
            return work(octets)
        except DecodeError as error:
            return error

    once()
    gc.collect()
    tracemalloc.start()
    try:
        made = once()
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del made
    return most / len(octets)
