"""Compile a class body of typed fields into one straight-line decoder and encoder.

The class body is the clause of the standard; the code is written once, here, at the first use of the class, and
registered with ``linecache`` so a traceback and ``inspect.getsource`` show it. Only what is fast lives in the
generated code: when it fails, the kinds of the fields read the same octets again and name the one that is wrong.

>>> @pdu(0xC0, 0x02)
... class GetRequestNext(Wire, frozen=True):
...     invoke: U8
...     block: U32
>>> GetRequestNext.parse(bytes.fromhex("C002C100000001"))
GetRequestNext(invoke=193, block=1)
>>> GetRequestNext(0xC1, 1).encode().hex()
'c002c100000001'
"""

from __future__ import annotations

import linecache
import re
import struct
import sys
from collections.abc import Callable
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Self,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from anymeter.errors import DecodeError, LocalError
from anymeter.wire.fields import Field
from anymeter.wire.kinds import (
    Choice,
    Counted,
    Delimited,
    Fixed,
    Flags,
    Kind,
    Many,
    Presence,
    Rows,
    Tail,
    Variant,
)
from anymeter.wire.lengths import length_at

U8: TypeAlias = Annotated[int, Fixed("B")]
U16: TypeAlias = Annotated[int, Fixed("H")]
U32: TypeAlias = Annotated[int, Fixed("I")]
I8: TypeAlias = Annotated[int, Fixed("b")]
I16: TypeAlias = Annotated[int, Fixed("h")]
Octets: TypeAlias = Annotated[bytes, Counted()]
Rest: TypeAlias = Annotated[bytes, Tail()]
Quirks: TypeAlias = Annotated[tuple[str, ...], Flags()]

W = TypeVar("W", bound="Wire")


class Wire(msgspec.Struct, frozen=True, gc=False):
    """A PDU: an immutable value with one form on the wire."""

    HEAD: ClassVar[bytes] = b""

    @classmethod
    def decode(cls, buf: bytes, at: int = 0) -> tuple[Self, int]:
        """The PDU at *at* and where it ends; raises DecodeError."""
        compile_pdu(cls)
        return cls.decode(buf, at)

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """The PDU that takes up the whole of *octets*; raises DecodeError."""
        value, end = cls.decode(octets, 0)
        if end != len(octets):
            raise DecodeError(f"{len(octets) - end} octets are left over", what=cls.__name__, at=end)
        return value

    def encode(self) -> bytes:
        """The octets; raises LocalError when a value does not fit its field."""
        compile_pdu(type(self))
        return self.encode()

    @classmethod
    def explain(cls, buf: bytes, at: int = 0) -> list[Field]:
        """One row for each field of the PDU at *at*; raises DecodeError."""
        return rows_of(cls, buf, at, 0)[0]


class Nested(Kind):
    """A PDU inside a PDU; *headless* when the octet that chooses it has been read already."""

    def __init__(self, cls: type[Wire], headless: bool = False) -> None:
        super().__init__(lambda value: type(value).__name__)
        self.cls, self.headless, self.python = cls, headless, cls
        self.head = b"" if headless else cls.HEAD
        self.least = max(len(self.head) + sum(kind.least for _, kind in fields_of(cls)), 1)

    def read(self, buf: bytes, at: int) -> tuple[Any, int]:
        if self.headless:
            return self.cls.decode(buf, at - len(self.cls.HEAD))
        return self.cls.decode(buf, at)

    def write(self, value: Any) -> bytes:
        octets: bytes = value.encode()
        return octets[len(self.cls.HEAD) :] if self.headless else octets

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        rows, end = rows_of(self.cls, buf, at, depth + 1, self.headless)
        return [Field(at, bytes(buf[at:end]), name, self.cls.__name__, depth=depth), *rows], end


def pdu(*head: int) -> Callable[[type[W]], type[W]]:
    """Class decorator: *head* are the constant octets that choose this PDU; its class is written ``frozen=True``."""

    def wrap(cls: type[W]) -> type[W]:
        cls.HEAD = bytes(head)
        return cls

    return wrap


def fields_of(cls: type[Wire]) -> list[tuple[str, Kind]]:
    """Name and kind of every field, in the order of the wire."""
    hints = get_type_hints(cls, include_extras=True)
    return [(name, kind_of(hints[name])) for name in cls.__struct_fields__]


def kind_of(hint: Any) -> Kind:
    """The kind that a field's annotation stands for."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        found = next((a for a in args[1:] if isinstance(a, Kind)), None)
        if found is not None:
            return found
    if origin is tuple:
        return Many(kind_of(args[0]))
    if origin in (Union, UnionType):
        some = [a for a in args if a is not type(None)]
        kind = kind_of(some[0]) if len(some) == 1 else choice_of(some)
        return Presence(kind) if len(some) < len(args) else kind
    if hint is bool:
        return Fixed("?")
    if isinstance(hint, type) and issubclass(hint, Wire):
        return Nested(hint)
    raise LocalError(f"{hint!r} is not a field of a PDU")


def choice_of(classes: list[type[Wire]]) -> Choice:
    """CHOICE among PDUs that begin with different octets."""
    return Choice(
        {cls.HEAD[0]: Nested(cls, headless=True) for cls in classes}, {cls.HEAD[0]: cls.__name__ for cls in classes}
    )


def rows_of(cls: type[Wire], buf: bytes, at: int, depth: int, headless: bool = False) -> Rows:
    """The rows of the PDU at *at* and where it ends."""
    rows: list[Field] = []
    head = b"" if headless else cls.HEAD
    if head:
        found = bytes(buf[at : at + len(head)])
        if found != head:
            raise DecodeError(f"begins with {found.hex() or 'nothing'}, not {head.hex()}", what=cls.__name__, at=at)
        rows.append(Field(at, found, cls.__name__, summary(cls), depth=depth))
        at += len(head)
    for name, kind in fields_of(cls):
        try:
            found_rows, at = kind.rows(name, buf, at, depth)
        except DecodeError as error:
            raise DecodeError(error.why, what=f"{cls.__name__}.{error.what}", at=error.at) from None
        rows += found_rows
    return rows, at


def summary(cls: type) -> str:
    """The standard's name of a PDU: the first words of its docstring."""
    return re.split(r"[:.;\n]", (cls.__doc__ or "").strip(), maxsplit=1)[0]


def failure(cls: type[Wire], buf: bytes, at: int) -> DecodeError:
    """What is wrong with the octets at *at*, told by the kinds of the fields one by one."""
    found = bytes(buf[at : at + len(cls.HEAD)])
    if found != cls.HEAD:
        why = f"begins with {found.hex() or 'nothing'}, not {cls.HEAD.hex()}"
        return DecodeError(why, what=cls.__name__, at=at)
    at += len(found)
    for name, kind in fields_of(cls):
        try:
            _, at = kind.read(buf, at)
        except DecodeError as error:
            inner = f": {error.what}" if error.what else ""
            return DecodeError(error.why, what=f"{cls.__name__}.{name}{inner}", at=error.at)
    return DecodeError("the octets do not make a PDU", what=cls.__name__, at=at)


def unfit(value: Wire, error: Exception) -> LocalError:
    """What is wrong with a PDU that has no form on the wire."""
    return LocalError(f"{type(value).__name__} cannot be encoded: {error}")


def compile_pdu(cls: type[Wire]) -> None:
    """Write, compile and register the decoder and the encoder of *cls*."""
    made = _Source(cls)
    source = made.text()
    filename = f"<anymeter pdu {cls.__qualname__}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), made.scope)
    cls.decode = staticmethod(made.scope["decode"])  # type: ignore[method-assign]
    cls.encode = made.scope["encode"]  # type: ignore[method-assign]


class _Source:
    """The text of one PDU's decoder and encoder, and the names it uses."""

    def __init__(self, cls: type[Wire]) -> None:
        self.cls = cls
        self.scope: dict[str, Any] = {
            "__name__": sys.intern(cls.__module__),
            "cls": cls,
            "length_at": length_at,
            "failure": failure,
            "unfit": unfit,
            "struct_error": struct.error,
            "DecodeError": DecodeError,
            "LocalError": LocalError,
        }
        self.decode: list[str] = []
        self.before: list[str] = []  # what the encoder does before it packs
        self.parts: list[str] = []  # expressions of octets, in order
        self.run: list[tuple[str, str, str]] = []  # decoded name, struct code, expression to encode
        self.pending: list[str] = []  # checks that wait for the run to be unpacked

    def text(self) -> str:
        """The module source."""
        if self.cls.HEAD:
            self._head(self.cls.HEAD)
        made = [self._add(name, f"self.{name}", kind) for name, kind in fields_of(self.cls)]
        self._flush()
        joined = " + ".join(self.parts) if len(self.parts) < 4 else f"b''.join(({', '.join(self.parts)}))"
        quirks = ["    quirks = ()"] if "quirks" in self.cls.__struct_fields__ else []
        return "\n".join(
            [
                "def decode(buf, at=0):",
                "    start = at",
                *quirks,
                "    try:",
                *(f"        {line}" for line in self.decode),
                f"        return cls({', '.join(made)}), at",
                "    except (struct_error, IndexError, DecodeError):",
                "        raise failure(cls, buf, start) from None",
                "",
                "def encode(self):",
                "    try:",
                *(f"        {line}" for line in self.before),
                f"        return {joined or repr(b'')}",
                "    except (struct_error, TypeError, AttributeError, ValueError) as error:",
                "        raise unfit(self, error) from None",
                "",
            ]
        )

    def _head(self, head: bytes) -> None:
        for i, octet in enumerate(head):
            self.run.append((f"head{i}", "B", str(octet)))
        test = " or ".join(f"head{i} != {octet}" for i, octet in enumerate(head))
        self.pending.append(f"if {test}: raise IndexError")

    def _flush(self) -> None:
        if self.run:
            code = ">" + "".join(code for _, code, _ in self.run)
            key = f"s{len(self.scope)}"
            one = struct.Struct(code)
            self.scope[f"{key}_unpack"], self.scope[f"{key}_pack"] = one.unpack_from, one.pack
            names = ", ".join(name for name, _, _ in self.run)
            if code == ">B":
                self.decode.append(f"{names} = buf[at]; at += 1")
            else:
                self.decode.append(f"{names}, = {key}_unpack(buf, at); at += {one.size}")
            packed = [expr for _, _, expr in self.run if expr]
            if packed:
                self.parts.append(f"{key}_pack({', '.join(packed)})")
        self.run.clear()
        self.decode += self.pending
        self.pending.clear()

    def _add(self, var: str, expr: str, kind: Kind) -> str:
        """Add one field; the answer is the expression of its decoded value."""
        if isinstance(kind, Fixed):
            return self._fixed(var, expr, kind)
        if isinstance(kind, Nested) and not kind.head and not isinstance(kind, Choice):
            return self._inline(var, expr, kind)
        self._flush()
        self.scope[f"k_{var}"] = kind
        self.scope[f"r_{var}"], self.scope[f"w_{var}"] = kind.read, kind.write
        self._read(var, kind)
        if isinstance(kind, Variant):
            self.scope[f"b_{var}"] = kind.build
            self.parts.append(f"b_{var}({expr}, self.quirks)")
        elif isinstance(kind, Presence):
            absent = "is None" if kind.default is None else f"== {kind.default!r}"
            self.scope[f"v_{var}"] = kind.kind.write
            self.parts.append(f"(b'\\0' if {expr} {absent} else b'\\1' + v_{var}({expr}))")
        elif isinstance(kind, Tail | Delimited):
            self.parts.append(expr)
        elif not isinstance(kind, Flags):
            self.parts.append(f"w_{var}({expr})")
        return var

    def _fixed(self, var: str, expr: str, kind: Fixed) -> str:
        if kind.octets:
            self.before.append(f"if len({expr}) != {kind.least}: raise ValueError('{var} takes {kind.least} octets')")
        self.run.append((var, kind.code, expr))
        if kind.make is None:
            return var
        self.scope[f"m_{var}"] = kind.make
        return f"m_{var}({var})"

    def _inline(self, var: str, expr: str, kind: Nested) -> str:
        self.scope[f"c_{var}"] = kind.cls
        self.before.append(f"v_{var} = {expr}")
        inner = [self._add(f"{var}_{name}", f"v_{var}.{name}", part) for name, part in fields_of(kind.cls)]
        return f"c_{var}({', '.join(inner)})"

    def _read(self, var: str, kind: Kind) -> None:
        if isinstance(kind, Flags):
            return
        if type(kind) is Counted:
            self.decode += [
                "n = buf[at]",
                "if n < 128: at += 1",
                "else: n, at = length_at(buf, at)",
                f"{var} = buf[at:at + n]; at += n",
                "if at > len(buf): raise IndexError",
            ]
        elif isinstance(kind, Delimited):
            self.decode += self._delimited(var, kind)
        elif isinstance(kind, Presence):
            self.decode += [
                f"if buf[at] == 0: {var} = {kind.default!r}; at += 1",
                f"else: {var}, at = r_{var}(buf, at)",
            ]
        elif isinstance(kind, Choice):
            self._choice(var, kind)
        elif isinstance(kind, Variant):
            self.scope[f"p_{var}"] = kind.parse
            self.decode += [f"{var}, at, quirk = p_{var}(buf, at)", "if quirk: quirks += (quirk,)"]
        else:
            self.decode.append(f"{var}, at = r_{var}(buf, at)")

    def _choice(self, var: str, kind: Choice) -> None:
        """The first alternative that is a run of self-delimiting octets is read in place, the rest by their kind."""
        for tag, part in kind.alternatives.items():
            if isinstance(part, Delimited):
                lines = ["at += 1", *self._delimited(var, part)]
                self.decode += [f"if buf[at] == {tag}:", *(f"    {line}" for line in lines)]
                self.decode.append(f"else: {var}, at = r_{var}(buf, at)")
                return
        self.decode.append(f"{var}, at = r_{var}(buf, at)")

    def _delimited(self, var: str, kind: Delimited) -> list[str]:
        self.scope[f"z_{var}"], self.scope[f"d_{var}"] = kind.sizes, kind.skip
        return [
            f"n = z_{var}[buf[at]]",
            f"end = at + n if n else d_{var}(buf, at)",
            "if end > len(buf): raise IndexError",
            f"{var} = buf[at:end]; at = end",
        ]
