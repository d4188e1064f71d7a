"""A push list as a tree of values that know their octets, with the two departures that meters in the field show.

Some Czech meters put a cosem-attribute-descriptor where a Data value belongs, without a tag; some Norwegian firmware
swaps tag and length of the octet-string that holds an OBIS code. Source: lists of EG.D (CZ) and EMBRIQ_V1_1 (NO).
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache
from typing import Any, Final, TypeAlias

import msgspec

from anymeter.cosem.compact import described
from anymeter.cosem.data import DONT_CARE, decode, skip
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import MAX_DEPTH
from anymeter.errors import DecodeError
from anymeter.obis import Obis
from anymeter.wire.lengths import count_at

_ARRAY, _STRUCTURE, _OCTET_STRING, _COMPACT_ARRAY = 1, 2, 9, 19
_WHAT: Final = "push list"
_MEDIA: Final = 18
_DATE_END: Final = (0xFD, 0xFE, 0xFF)
_NAMES: Final = re.compile(rb"\x09\x06[\x00-\x12]|\x06\x09[\x00-\x12]|\x09\x09\x00|\x02\x02\x00", re.DOTALL)
"""How whatever names an object begins: a code, one with tag and length swapped, a descriptor, one without tags."""

_NAMELESS: Final = 64
"""An array or structure of more elements in which nothing has a name is one opaque value: rows of a profile."""

_ALLOWED: Final = 10_000
_SMALL, _LEAF, _NAME, _CONTAINER = 3, 12, 24, 8
"""What the parts of a list cost. A list may cost as much as it has octets, and :data:`_ALLOWED` at least: that is some
170 registers with scaler and unit, more than meters send, and keeps what is made of it below ten times its size."""


class Opaque(enum.Enum):
    """The type of :data:`OPAQUE`."""

    OPAQUE = 0


OPAQUE: Final = Opaque.OPAQUE
"""The value of a leaf that is not looked into."""


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """One value that is neither array nor structure, and its octets where they are known.

    A leaf of octets alone is decoded when its value is asked for: a list holds each value once.
    """

    raw: bytes = b""
    known: Any = msgspec.UNSET

    @property
    def value(self) -> Any:
        known = self.known
        return decode(self.raw)[0] if known is msgspec.UNSET else known


class TooLargeError(DecodeError):
    """More names and values than a push list has."""

    def __init__(self, at: int) -> None:
        super().__init__(f"more than a push list of {_ALLOWED} octets has", what=_WHAT, at=at)


class Descriptor(msgspec.Struct, frozen=True, gc=False):
    """A cosem-attribute-descriptor: interface class, object, attribute."""

    class_id: int
    obis: Obis
    attribute: int


Node: TypeAlias = "Leaf | list[Node] | tuple[Node, ...]"


def tree_of(value: Any) -> Node:
    """A decoded value as a tree whose leaves have no octets."""
    if isinstance(value, tuple):
        return tuple([tree_of(v) for v in value])
    if isinstance(value, list):
        return [tree_of(v) for v in value]
    return Leaf(known=value)


def tree_at(octets: bytes) -> tuple[Node, bool]:
    """The tree that *octets* are, and whether it takes the departures to read it.

    Raises DecodeError; :class:`TooLargeError` for octets that may be right but are no push list.
    """
    try:
        return _Builder(octets, odd=False).whole(), False
    except TooLargeError:
        raise
    except DecodeError as error:
        try:
            return _Builder(octets, odd=True).whole(), True
        except TooLargeError:
            raise
        except DecodeError:
            raise error from None


class _Builder:
    """Makes the tree of *buf*; *odd* allows for the departures."""

    def __init__(self, buf: bytes, *, odd: bool) -> None:
        self.buf, self.odd = buf, odd
        self.left = max(_ALLOWED, len(buf))

    def whole(self) -> Node:
        node, end = self.node(0, 0)
        if end != len(self.buf):
            raise DecodeError(f"{len(self.buf) - end} octets left over", what=_WHAT, at=end)
        return node

    def node(self, at: int, depth: int) -> tuple[Node, int]:
        if at >= len(self.buf):
            raise DecodeError("the list is cut off", what=_WHAT, at=at)
        tag = self.buf[at]
        if tag not in (_ARRAY, _STRUCTURE):
            return self.leaf(at)
        if depth == MAX_DEPTH:
            raise DecodeError(f"nested deeper than {MAX_DEPTH}", what=_WHAT, at=at)
        count, start = count_at(self.buf, at + 1, 1, len(self.buf))
        if count > _NAMELESS and not self.odd and _NAMES.search(self.buf, at, end := skip(self.buf, at)) is None:
            return self.opaque(at, end)
        self.pay(_CONTAINER, at)
        nodes: list[Node] = []
        at = start
        for place in range(count):
            node, at = (self.odd_key(at, count) if tag == _STRUCTURE and not place else None) or self.node(
                at, depth + 1
            )
            nodes.append(node)
        return (nodes[:] if tag == _ARRAY else tuple(nodes)), at

    def leaf(self, at: int) -> tuple[Node, int]:
        buf = self.buf
        end = skip(buf, at)
        if end - at <= 2:
            self.pay(_SMALL, at)
            return _small(buf[at:end]), end
        if buf[at] == _COMPACT_ARRAY:
            if _OCTET_STRING not in buf[at + 1 : described(buf, at + 1)[1]]:
                return self.opaque(at, end)
            self.pay(_LEAF * (end - at), at)
            return tree_of(decode(buf, at)[0]), end
        self.pay(_NAME if _NAMES.match(buf, at) else _LEAF, at)
        return Leaf(buf[at:end]), end

    def opaque(self, at: int, end: int) -> tuple[Node, int]:
        """Values without names, as one."""
        self.pay(_LEAF, at)
        return Leaf(self.buf[at:end], OPAQUE), end

    def odd_key(self, at: int, count: int) -> tuple[Leaf, int] | None:
        """The key of an entry where tags are missing or swapped, and where it ends."""
        key = _odd_key(self.buf, at, count) if self.odd else None
        if key is not None:
            self.pay(_NAME, at)
        return key

    def pay(self, cost: int, at: int) -> None:
        """Raises when the parts of the list have become more than it may have."""
        self.left -= cost
        if self.left < 0:
            raise TooLargeError(at)


@lru_cache(maxsize=2048)
def _small(octets: bytes) -> Leaf:
    """A value of one or two octets: a flood of them shares what is made once."""
    return Leaf(octets, decode(octets)[0])


def _odd_key(buf: bytes, at: int, count: int) -> tuple[Leaf, int] | None:
    """The key of an entry where tags are missing or swapped, and where it ends."""
    if count in (2, 3) and buf[at : at + 2] == b"\x06\x09" and is_obis(buf[at + 2 : at + 8]):
        return Leaf(buf[at : at + 8], buf[at + 2 : at + 8]), at + 8
    if count == 2 and buf[at : at + 1] == b"\x00":
        descriptor = descriptor_of(buf[at : at + 9])
        if descriptor is None:
            raise DecodeError("neither a value nor an attribute descriptor", what=_WHAT, at=at)
        return Leaf(buf[at : at + 9], descriptor), at + 9
    return None


def descriptor_of(octets: bytes) -> Descriptor | None:
    """The attribute descriptor that these nine octets are, when class, code and attribute are such as exist."""
    if len(octets) == 9 and octets[0] == 0 and octets[1] and is_obis(octets[2:8]) and 1 <= octets[8] <= 0x7F:
        return Descriptor(octets[1], Obis(octets[2:8]), octets[8])
    return None


def is_obis(value: object) -> bool:
    """Whether six octets name an object: value group A holds a medium, which no printable text does."""
    return isinstance(value, bytes) and len(value) == 6 and value[0] <= _MEDIA


def moment_of(value: object) -> DateTime | None:
    """A date-time, or twelve octets that can be nothing else: the year is one of 1970 to 2135, or not specified."""
    if isinstance(value, DateTime):
        return value
    if not isinstance(value, bytes) or len(value) != 12:
        return None
    year, (month, day, weekday, hour, minute, second) = value[0] << 8 | value[1], value[2:8]
    fits = (
        (1970 <= year <= 2135 or year == 0xFFFF)
        and (1 <= month <= 12 or month in _DATE_END)
        and (1 <= day <= 31 or day in _DATE_END)
        and (weekday <= 7 or weekday == 0xFF)
        and (hour < 24 or hour == 0xFF)
        and (minute < 60 or minute == 0xFF)
        and (second < 60 or second == 0xFF)
    )
    return DateTime(value) if fits else None


def is_nothing(value: object) -> bool:
    """Whether a value says that there is none."""
    return value is None or value is DONT_CARE
