"""BER as ACSE uses it: definite lengths, explicit tags a level or two deep, elements in any order.

A class of elements is a declaration like a PDU; it is read by walking, since an association is made once. Nothing
here descends by itself: how deep an element nests is written in its declaration. Source: ISO/IEC 8825-1; ISO/IEC
8650-1 for the PDUs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Final, Self, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.wire.fields import Field
from anymeter.wire.kinds import Words, in_words
from anymeter.wire.lengths import length_at, length_of
from anymeter.wire.pdu import Wire, summary

T = TypeVar("T", bound="Elements")
SHORT_LENGTH: Final = "short-outer-length"
"""The quirk of a message whose outer length ends before its last element."""

MOST_ELEMENTS: Final = 64
"""Elements of one message that are read; no PDU of ACSE has half as many."""


def tlv_at(buf: bytes, at: int, stop: int) -> tuple[bytes, int, int]:
    """Tag octets, start and end of the contents of the element at *at*, which must end by *stop*."""
    if at >= stop:
        raise DecodeError("the octets end where a tag should stand", at=at)
    end = at + 1
    if buf[at] & 0x1F == 0x1F:
        while end < stop and buf[end] & 0x80 and end - at < 4:
            end += 1
        end += 1
    if end >= stop:
        raise DecodeError("the element has no length", at=at)
    n, start = length_at(buf, end)
    if start + n > stop:
        raise DecodeError(f"{n} octets are announced, {max(stop - start, 0)} are left", at=end)
    return bytes(buf[at:end]), start, start + n


def tlv(tag: int, contents: bytes) -> bytes:
    """One element."""
    return bytes((tag,)) + length_of(len(contents)) + contents


class Element:
    """One element of a message: its tags from the outermost in, and what its contents are."""

    def __init__(self, *tags: int, words: Words = in_words) -> None:
        self.tags, self.words = tags, words

    def read(self, buf: bytes, start: int, stop: int) -> Any:
        """The value of an element whose outermost contents are those octets."""
        for tag in self.tags[1:]:
            start, stop = self._inside(buf, start, stop, (tag,))[1:]
        return self.value(bytes(buf[start:stop]), start)

    def _inside(self, buf: bytes, start: int, stop: int, tags: tuple[int, ...]) -> tuple[int, int, int]:
        tag, begin, end = tlv_at(buf, start, stop)
        if tag[0] not in tags:
            wanted = " or ".join(f"{t:02X}" for t in tags)
            raise DecodeError(f"tag {tag.hex().upper()} stands where {wanted} should", at=start)
        if end != stop:
            raise DecodeError(f"{stop - end} octets are left over inside the element", at=end)
        return tag[0], begin, end

    def value(self, octets: bytes, at: int) -> Any:
        """What the contents mean; *at* is where they stand."""
        return octets

    def contents(self, value: Any) -> bytes:
        """The octets of a value."""
        return bytes(value)

    def write(self, value: Any) -> bytes:
        """The whole element."""
        octets = self.contents(value)
        for tag in reversed(self.tags):
            octets = tlv(tag, octets)
        return octets


class Integer(Element):
    """INTEGER, or what *make* makes of it."""

    def __init__(self, *tags: int, words: Words = in_words, make: Callable[[int], Any] | None = None) -> None:
        super().__init__(*tags, words=words)
        self.make = make

    def value(self, octets: bytes, at: int) -> Any:
        if not 0 < len(octets) <= 8:
            raise DecodeError(f"an integer of {len(octets)} octets", at=at)
        number = int.from_bytes(octets, "big", signed=True)
        if self.make is None:
            return number
        try:
            return self.make(number)
        except ValueError:
            raise DecodeError(f"{number} is out of range", at=at) from None

    def contents(self, value: Any) -> bytes:
        number = int(value)
        return number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "big", signed=True)


class Elements(Wire, frozen=True, gc=False):
    """A message of elements; those without a default must be there, unknown ones are kept in *others*."""

    @classmethod
    def decode(cls, buf: bytes, at: int = 0) -> tuple[Self, int]:
        found, end, quirks = _elements(cls, buf, at)
        elements, names = elements_of(cls), _names_of(cls)
        values: dict[str, Any] = {}
        others = []
        for tag, begin, start, stop in found:
            name = names.get(tag, "")
            if name in values:
                raise DecodeError("the element stands twice", what=f"{cls.__name__}.{name}", at=begin)
            if name:
                values[name] = _value(cls, name, elements[name], buf, start, stop)
            else:
                others.append(bytes(buf[begin:stop]))
        for name in _required_of(cls):
            if name not in values:
                raise DecodeError("the element is missing", what=f"{cls.__name__}.{name}", at=at)
        return cls(**values, others=tuple(others), quirks=quirks), end

    def encode(self) -> bytes:
        parts = []
        for name, element in elements_of(type(self)).items():
            value = getattr(self, name)
            if value is not None:
                try:
                    parts.append(element.write(value))
                except (TypeError, ValueError, AttributeError) as error:
                    raise LocalError(f"{type(self).__name__}.{name} cannot be encoded: {error}") from None
        return tlv(self.HEAD[0], b"".join(parts) + b"".join(getattr(self, "others", ())))

    @classmethod
    def explain(cls, buf: bytes, at: int = 0) -> list[Field]:
        cls.decode(buf, at)
        found, _, _ = _elements(cls, buf, at)
        elements, names = elements_of(cls), _names_of(cls)
        start = found[0][1] if found else len(buf)
        rows = [Field(at, bytes(buf[at:start]), cls.__name__, summary(cls))]
        for tag, begin, inner, stop in found:
            name = names.get(tag, "")
            octets = bytes(buf[begin:stop])
            if name:
                words = elements[name].words(_value(cls, name, elements[name], buf, inner, stop))
                rows.append(Field(begin, octets, name, words, depth=1))
            else:
                rows.append(Field(begin, octets, f"element {tag.hex().upper()}", "unknown", depth=1))
        return rows


@cache
def elements_of(cls: type[Elements]) -> dict[str, Element]:
    """The elements a class declares, by name, in the order of the standard."""
    hints = get_type_hints(cls, include_extras=True)
    found: dict[str, Element] = {}
    for name in cls.__struct_fields__:
        args = get_args(hints[name]) if get_origin(hints[name]) is Annotated else ()
        element = next((a for a in args if isinstance(a, Element)), None)
        if element is not None:
            found[name] = element
    return found


@cache
def _names_of(cls: type[Elements]) -> dict[bytes, str]:
    """The name of each declared element by its outermost tag."""
    return {bytes(element.tags[:1]): name for name, element in reversed(elements_of(cls).items())}


@cache
def _required_of(cls: type[Elements]) -> tuple[str, ...]:
    """The names of the elements that must be there."""
    return tuple(field.name for field in msgspec.structs.fields(cls) if field.required)


def _value(cls: type, name: str, element: Element, buf: bytes, start: int, stop: int) -> Any:
    try:
        return element.read(buf, start, stop)
    except DecodeError as error:
        raise DecodeError(error.why, what=f"{cls.__name__}.{name}", at=error.at) from None


def _elements(
    cls: type[Elements], buf: bytes, at: int
) -> tuple[list[tuple[bytes, int, int, int]], int, tuple[str, ...]]:
    """Tag, begin, start and stop of every element, where the message ends, and its quirks."""
    name = cls.__name__
    if buf[at : at + 1] != cls.HEAD:
        found = bytes(buf[at : at + 1]).hex() or "nothing"
        raise DecodeError(f"begins with {found}, not {cls.HEAD.hex()}", what=name, at=at)
    try:
        _, start, stop = tlv_at(buf, at, len(buf))
        found_elements = _walk(buf, start, stop)
        if at or stop == len(buf) or buf[stop] not in {element.tags[0] for element in elements_of(cls).values()}:
            return found_elements, stop, ()
        return found_elements + _walk(buf, stop, len(buf)), len(buf), (SHORT_LENGTH,)
    except DecodeError as error:
        raise DecodeError(error.why, what=name, at=error.at) from None


def _walk(buf: bytes, start: int, stop: int) -> list[tuple[bytes, int, int, int]]:
    found: list[tuple[bytes, int, int, int]] = []
    while start < stop:
        if len(found) == MOST_ELEMENTS:
            raise DecodeError(f"more than {MOST_ELEMENTS} elements", at=start)
        tag, begin, end = tlv_at(buf, start, stop)
        found.append((tag, start, begin, end))
        start = end
    return found
