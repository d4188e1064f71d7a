"""How one field of a PDU stands on the wire: reading, writing and telling what it means.

Every kind can do its work alone (that is what ``explain`` and the naming of an error use); the compiler of
:mod:`anymeter.wire.pdu` fuses what can be fused.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

from anymeter.errors import DecodeError, LocalError
from anymeter.wire.fields import Field
from anymeter.wire.lengths import count_at, length_of, octets_at

Words = Callable[[Any], str]
Rows = tuple[list[Field], int]
MOST: Final = 512  # items of one SEQUENCE OF that are read; no meter lists as many, a hostile peer would


def in_words(value: Any) -> str:
    """What a value says when nothing is known of its meaning."""
    if isinstance(value, bytes):
        return f"{len(value)} octets"
    return str(value).lower() if isinstance(value, bool) else str(value)


class Kind:
    """One way a value stands on the wire; *least* is the fewest octets it takes, *python* the type of its value."""

    least = 1
    python: type = object

    def __init__(self, words: Words = in_words) -> None:
        self.words = words

    def read(self, buf: bytes, at: int) -> tuple[Any, int]:
        """The value at *at* and where it ends."""
        raise NotImplementedError

    def write(self, value: Any) -> bytes:
        """The octets of *value*."""
        raise NotImplementedError

    def takes(self, value: Any) -> bool:
        """Whether *value* is one of this kind, which is how a CHOICE is encoded."""
        return isinstance(value, self.python)

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        """The field at *at* as rows of ``explain``, and where it ends; a failure is named after the field."""
        try:
            value, end = self.read(buf, at)
        except DecodeError as error:
            raise DecodeError(error.why, what=error.what or name, at=error.at) from None
        return [Field(at, bytes(buf[at:end]), name, self.words(value), depth=depth)], end


class Fixed(Kind):
    """A field of known size: its struct code, and what makes the value out of the raw one."""

    def __init__(self, code: str, words: Words = in_words, make: Callable[[Any], Any] | None = None) -> None:
        super().__init__(words)
        self.code, self.make = code, make
        self.struct = struct.Struct(">" + code)
        self.least = self.struct.size
        self.octets = code.endswith("s")
        self.python = make if isinstance(make, type) else bytes if self.octets else bool if code == "?" else int

    def read(self, buf: bytes, at: int) -> tuple[Any, int]:
        if self.least > len(buf) - at:
            raise DecodeError(f"{self.least} octets are needed, {max(len(buf) - at, 0)} are left", at=at)
        value = self.struct.unpack_from(buf, at)[0]
        return (self.make(value) if self.make else value), at + self.least

    def write(self, value: Any) -> bytes:
        if self.octets and len(value) != self.least:
            raise LocalError(f"{self.least} octets are needed, not {len(value)}")
        return self.struct.pack(value)


class Counted(Kind):
    """An OCTET STRING of variable size, led by its length; *inner* adds rows about what is in it."""

    python = bytes

    def read(self, buf: bytes, at: int) -> tuple[bytes, int]:
        return octets_at(buf, at)

    def write(self, value: bytes) -> bytes:
        return length_of(len(value)) + value


class Tail(Kind):
    """Everything that is left."""

    least = 0
    python = bytes

    def read(self, buf: bytes, at: int) -> tuple[bytes, int]:
        return buf[at:], max(at, len(buf))

    def write(self, value: bytes) -> bytes:
        return value


class Delimited(Kind):
    """Octets that tell their own end: *skip* walks over one value, *explain* tells its parts.

    The octets are kept as they came, so nothing is lost; whoever wants the value decodes them.
    """

    python = bytes

    def __init__(self, skip: Callable[[bytes, int], int], explain: Callable[[bytes, int], list[Field]]) -> None:
        super().__init__()
        self.skip, self.explain = skip, explain

    @cached_property
    def sizes(self) -> bytes:
        """The whole size by first octet, for those that fix it; 0 for the others.

        Asked of *skip* itself: a size is fixed when it does not change with the octets that follow.
        """
        return bytes(self._size(tag) for tag in range(256))

    def _size(self, tag: int) -> int:
        ends = set()
        for filler in (b"\x00", b"\x01", b"\x02"):
            try:
                ends.add(self.skip(bytes((tag,)) + filler * 30, 0))
            except DecodeError:
                ends.add(0)
        return ends.pop() if len(ends) == 1 else 0

    def read(self, buf: bytes, at: int) -> tuple[bytes, int]:
        end = self.skip(buf, at)
        if end > len(buf):
            raise DecodeError("the value runs past the end", at=at)
        return buf[at:end], end

    def write(self, value: bytes) -> bytes:
        return value

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        rows, end = super().rows(name, buf, at, depth)
        return rows + [_under(f, depth + 1) for f in self.explain(buf, at)], end


def _under(field: Field, depth: int) -> Field:
    return Field(field.at, field.octets, field.name, field.meaning, field.clause, field.depth + depth)


class Empty(Kind):
    """NULL: no octet at all, the value is None."""

    least = 0
    python = type(None)

    def read(self, buf: bytes, at: int) -> tuple[None, int]:
        return None, at

    def write(self, value: None) -> bytes:
        return b""

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        return [], at


class Choice(Kind):
    """CHOICE: one octet tells which of the alternatives follows; the value's type tells it when encoding."""

    def __init__(self, alternatives: Mapping[int, Kind], names: Mapping[int, str] | None = None) -> None:
        super().__init__()
        self.alternatives = dict(alternatives)
        self.names = dict(names or {})
        self.least = 1 + min(k.least for k in self.alternatives.values())

    def chosen(self, buf: bytes, at: int) -> tuple[int, Kind]:
        """The tag at *at* and the alternative it stands for."""
        if at >= len(buf):
            raise DecodeError("the octets end where a choice should stand", at=at)
        tag = buf[at]
        kind = self.alternatives.get(tag)
        if kind is None:
            raise DecodeError(f"choice {tag} is none of {', '.join(map(str, self.alternatives))}", at=at)
        return tag, kind

    def read(self, buf: bytes, at: int) -> tuple[Any, int]:
        return self.chosen(buf, at)[1].read(buf, at + 1)

    def write(self, value: Any) -> bytes:
        for tag, kind in self.alternatives.items():
            if kind.takes(value):
                return bytes((tag,)) + kind.write(value)
        raise LocalError(f"{type(value).__name__} is none of the alternatives of this choice")

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        try:
            tag, kind = self.chosen(buf, at)
        except DecodeError as error:
            raise DecodeError(error.why, what=name, at=error.at) from None
        head = Field(at, bytes(buf[at : at + 1]), f"{name} choice", self.names.get(tag, str(tag)), depth=depth)
        rows, end = kind.rows(name, buf, at + 1, depth)
        return [head, *rows], end


class Presence(Kind):
    """OPTIONAL and DEFAULT: an octet 00 (absent) or 01, then the value; *default* stands for what is absent."""

    def __init__(self, kind: Kind, default: Any = None) -> None:
        super().__init__()
        self.kind, self.default = kind, default

    def read(self, buf: bytes, at: int) -> tuple[Any, int]:
        if self.present(buf, at):
            return self.kind.read(buf, at + 1)
        return self.default, at + 1

    def present(self, buf: bytes, at: int) -> bool:
        """Whether a value follows the presence octet at *at*."""
        if at >= len(buf):
            raise DecodeError("the octets end where a presence octet should stand", at=at)
        if buf[at] > 1:
            raise DecodeError(f"a presence octet is 00 or 01, not {buf[at]:02X}", at=at)
        return buf[at] == 1

    def write(self, value: Any) -> bytes:
        return b"\0" if value == self.default else b"\1" + self.kind.write(value)

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        try:
            present = self.present(buf, at)
        except DecodeError as error:
            raise DecodeError(error.why, what=name, at=error.at) from None
        absent = "absent" if self.default is None else f"absent, so {self.kind.words(self.default)}"
        state = "present" if present else absent
        head = Field(at, bytes(buf[at : at + 1]), f"{name} presence", state, depth=depth)
        rows, end = self.kind.rows(name, buf, at + 1, depth) if present else ([], at + 1)
        return [head, *rows], end


class IfLeft(Kind):
    """A field at the end that some senders leave out: None when no octet is left."""

    least = 0

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind

    def read(self, buf: bytes, at: int) -> tuple[Any, int]:
        return self.kind.read(buf, at) if at < len(buf) else (None, at)

    def write(self, value: Any) -> bytes:
        return b"" if value is None else self.kind.write(value)

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        return self.kind.rows(name, buf, at, depth) if at < len(buf) else ([], at)


class Many(Kind):
    """SEQUENCE OF: a count, then the items. The count is checked before an item is built."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind

    def read(self, buf: bytes, at: int) -> tuple[Any, int]:
        n, at = count_at(buf, at, max(self.kind.least, 1), MOST)
        read, items = self.kind.read, []
        for _ in range(n):
            item, at = read(buf, at)
            items.append(item)
        return tuple(items), at

    def write(self, value: Any) -> bytes:
        if len(value) > MOST:
            raise LocalError(f"{len(value)} items are more than the {MOST} that are read")
        return length_of(len(value)) + b"".join(map(self.kind.write, value))

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        try:
            n, start = count_at(buf, at, max(self.kind.least, 1), MOST)
        except DecodeError as error:
            raise DecodeError(error.why, what=name, at=error.at) from None
        rows, end = [Field(at, bytes(buf[at:start]), f"{name} count", str(n), depth=depth)], start
        for i in range(n):
            found, end = self.kind.rows(f"{name}[{i}]", buf, end, depth + 1)
            rows += found
        return rows, end


class Variant(Kind):
    """A field that the field writes in more than one way: *parse* also names the quirk ("" for the standard's form).

    *build* makes the octets of a value again in the form that the quirks of its PDU name, so nothing is lost.
    """

    def __init__(
        self,
        parse: Callable[[bytes, int], tuple[Any, int, str]],
        build: Callable[[Any, tuple[str, ...]], bytes],
        words: Words = in_words,
        least: int = 1,
    ) -> None:
        super().__init__(words)
        self.parse, self.build, self.least = parse, build, least

    def read(self, buf: bytes, at: int) -> tuple[Any, int]:
        return self.parse(buf, at)[:2]

    def write(self, value: Any) -> bytes:
        return self.build(value, ())


class Flags(Kind):
    """Not on the wire: the names of the tolerances that decoding made use of."""

    least = 0

    def read(self, buf: bytes, at: int) -> tuple[tuple[str, ...], int]:
        return (), at

    def write(self, value: Any) -> bytes:
        return b""

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        return [], at
