"""Rows of a profile, decoded by plans made for their layouts.

Meters send row after row of one layout, or of a few. The first row of a layout is decoded the long way and a plan
is made of it: which octets are tags and counts, and one :mod:`struct` format for all that lies between. A later row
that shows the same tags and counts is unpacked in one call; any other goes the long way, with the same result.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from itertools import starmap
from typing import Any, Final, TypeAlias, final

import msgspec

from anymeter.cosem.schema import ARRAY, SIMPLE, STRUCTURE, WRAPPERS
from anymeter.cosem.values import text_of

FEWEST_ROWS: Final = 4
"""Arrays of fewer elements are not worth looking for a plan."""

MOST_DEPTH: Final = 4
"""How deep an array of rows, and a value inside a row, may be nested for plans to serve."""

_MOST_KEYS: Final = 256
_MOST_PLANS: Final = 32
"""Layouts that begin with the same three octets."""
_MOST_NEW_PLANS: Final = 32
_ROWS_PER_PLAN: Final = 8
"""A plan costs as much as decoding some ten rows: an array may ask for one in every so many of its rows.

The rows of shorter arrays add up, so that meters that push a few rows again and again get theirs too.
"""
_MOST_FIELDS: Final = 64
_MOST_OCTETS: Final = 512
_RUN: Final = 8
_BLOCK: Final = 32

General: TypeAlias = Callable[[bytes, int, int], tuple[Any, int]]


class Plan(msgspec.Struct, frozen=True):
    """How to read a row of one layout.

    *size* octets; those under *mask* must be as in *want*; *unpack* takes out the rest, *make* builds the row of it
    (None: the row is what was unpacked). *block_mask* and *block_want* are the same for :data:`_BLOCK` rows at once.
    *fixed* is *mask* in octets, *example* the row that the plan was made of.
    """

    size: int
    mask: int
    want: int
    layout: struct.Struct
    make: Callable[..., Any] | None
    block_mask: int
    block_want: int
    fixed: bytes
    example: bytes


@final
class Fork(msgspec.Struct):
    """Where known layouts with the same octets so far part: by the octet *at* this offset of the row."""

    at: int
    ways: dict[int, Fork | Plan]


_PLANS: Final[dict[bytes, Fork | Plan]] = {}
"""By the first three octets of a row: what is known about layouts that begin like that."""

_spare: Final = [0]
"""Rows of arrays that were too short to ask for a plan."""


def decode_rows(buf: bytes, at: int, count: int, depth: int, general: General) -> tuple[list[Any], int]:
    """*count* values one after another, most of them structures; *general* decodes one the long way."""
    rows: list[Any] = []
    append, to_int, plans = rows.append, int.from_bytes, _PLANS
    budget, run, left = count + _spare[0], 0, count
    last: Plan | None = None
    new = min(_MOST_NEW_PLANS, budget // _ROWS_PER_PLAN)
    _spare[0] = budget % _ROWS_PER_PLAN
    while left > 0:
        plan = plans.get(buf[at : at + 3])
        try:
            while type(plan) is Fork:
                plan = plan.ways.get(buf[at + plan.at])
        except IndexError:  # too near the end for any of these layouts
            plan = None
        if plan is not None and to_int(buf[at : at + plan.size], "big") & plan.mask == plan.want:
            unpacked = plan.layout.unpack_from(buf, at)
            append(unpacked if plan.make is None else plan.make(*unpacked))
            at += plan.size
            left -= 1
            run = run + 1 if plan is last else 0
            last = plan
            if run >= _RUN and left >= _BLOCK:
                before = at
                at = _blocks(buf, at, left, plan, rows)
                left = count - len(rows)
                run = _RUN if at > before else 0
            continue
        row, end = general(buf, at, depth)
        append(row)
        left -= 1
        if new and end - at <= _MOST_OCTETS:
            new -= 1
            _learn(buf[at:end])
        at = end
    return rows, at


def _blocks(buf: bytes, at: int, left: int, plan: Plan, rows: list[Any]) -> int:
    """Add blocks of rows of one layout to *rows* as long as they match; where the last one ends."""
    size = plan.size * _BLOCK
    while left >= _BLOCK:
        block = buf[at : at + size]
        if int.from_bytes(block, "big") & plan.block_mask != plan.block_want:
            break
        unpacked = plan.layout.iter_unpack(block)
        rows.extend(unpacked if plan.make is None else starmap(plan.make, unpacked))
        at += size
        left -= _BLOCK
    return at


def _learn(row: bytes) -> None:
    """Make a plan of a row that the general decoder has read, where one can be made."""
    if row[0] != STRUCTURE or len(row) < 3:
        return
    layout = _Layout(row)
    if not layout.usable:
        return
    plan = layout.plan()
    if len(_PLANS) >= _MOST_KEYS:
        _PLANS.clear()
    known = _PLANS.get(row[:3])
    full = known is None or len(list(_leaves(known))) >= _MOST_PLANS
    _PLANS[row[:3]] = plan if known is None or full else _with(known, plan)


def _leaves(tree: Fork | Plan) -> Iterator[Plan]:
    """Every plan that is known."""
    if isinstance(tree, Plan):
        yield tree
    else:
        for way in tree.ways.values():
            yield from _leaves(way)


def _with(tree: Fork | Plan, plan: Plan) -> Fork | Plan:
    """*tree* with one plan more: a fork where it first differs from the most similar one."""
    similar = tree
    while isinstance(similar, Fork):
        octet = plan.example[similar.at] if similar.at < plan.size else -1
        similar = similar.ways.get(octet) or next(iter(similar.ways.values()))
    for at in range(min(plan.size, similar.size)):
        if plan.fixed[at] and plan.example[at] != similar.example[at]:
            return _forked(tree, at, similar, plan)
    return tree


def _forked(tree: Fork | Plan, at: int, similar: Plan, plan: Plan) -> Fork | Plan:
    """*tree* with *plan*, which is like *similar* up to the octet *at*."""
    if isinstance(tree, Plan) or tree.at > at:
        return Fork(at, {similar.example[at]: tree, plan.example[at]: plan})
    octet = plan.example[tree.at]
    tree.ways[octet] = plan if tree.at == at else _forked(tree.ways[octet], at, similar, plan)
    return tree


class _Layout:
    """The layout of one row: walks it and notes which octets are fixed, what to unpack, how to build the value."""

    def __init__(self, row: bytes) -> None:
        self.row, self.at, self.fields = row, 0, 0
        self.mask = bytearray(len(row))
        self.format = [">"]
        self.makers: dict[str, Callable[[Any], Any]] = {}
        self.usable = True
        self.plain = True
        self.text = self._value(0)
        self.usable = self.usable and self.fields <= _MOST_FIELDS

    def plan(self) -> Plan:
        """What was found."""
        names = ", ".join(f"v{i}" for i in range(self.fields))
        make = None if self.plain else eval(f"lambda {names}: {self.text}", self.makers)
        mask, want = bytes(self.mask), bytes(a & b for a, b in zip(self.row, self.mask, strict=True))
        both = [int.from_bytes(octets * times, "big") for times in (1, _BLOCK) for octets in (mask, want)]
        layout = struct.Struct("".join(self.format))
        return Plan(len(self.row), both[0], both[1], layout, make, both[2], both[3], mask, self.row)

    def _value(self, depth: int) -> str:
        """Note the value at :attr:`at`; the expression that builds it."""
        tag = self.row[self.at]
        schema = SIMPLE.get(tag)
        if tag in (STRUCTURE, ARRAY):
            return self._elements(tag, depth)
        if tag == 0:
            self.plain = False
            self._fixed(1)
            return "None"
        if schema is not None and schema.code:
            self._fixed(1)
            return self._field(tag, schema.code, struct.calcsize(">" + schema.code), WRAPPERS.get(tag))
        if tag in _TEXT and self.row[self.at + 1] < 0x80:
            length = self.row[self.at + 1]
            self._fixed(2)
            return self._field(tag, f"{length}s", length, _TEXT[tag])
        self.usable = False
        return ""

    def _elements(self, tag: int, depth: int) -> str:
        count = self.row[self.at + 1]
        if count > _MOST_FIELDS or depth > MOST_DEPTH:
            self.usable = False
            return ""
        self._fixed(2)
        self.plain = self.plain and depth == 0
        parts = []
        for _ in range(count):
            parts.append(self._value(depth + 1))
            if not self.usable:
                return ""
        inner = "".join(f"{part}, " for part in parts)
        return f"({inner})" if tag == STRUCTURE else f"[{inner}]"

    def _fixed(self, size: int) -> None:
        for i in range(self.at, self.at + size):
            self.mask[i] = 0xFF
        self.format.append(f"{size}x")
        self.at += size

    def _field(self, tag: int, code: str, size: int, wrap: Callable[[Any], Any] | None) -> str:
        name = f"v{self.fields}"
        self.fields += 1
        self.format.append(code)
        self.at += size
        if wrap is None:
            return name
        self.plain = False
        self.makers[f"make{tag}"] = wrap
        return f"make{tag}({name})"


_TEXT: Final[dict[int, Callable[[bytes], Any] | None]] = {9: None, 10: text_of, 12: text_of}
