"""Layouts compiled once: which telegrams share one, and straight-line code that reads their numbers.

The octets that make a layout (DIF, DIFE, VIF, VIFE, LVAR) are compared with one masked comparison of long integers; the
numbers are then read by a function generated for that layout: one ``struct`` call for binary data, one reversed
hexadecimal text for all BCD. Its results are those of the general path, :func:`anymeter.mbus.types.value`.
"""

from __future__ import annotations

import linecache
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias

from anymeter.mbus import layout, types
from anymeter.mbus.layout import Layout, RecordHeader
from anymeter.mbus.types import Number

Numbers: TypeAlias = "tuple[Number, ...]"

_PLANS_MAX: Final = 1024
_CANDIDATES_MAX: Final = 64
_OCTETS_MAX: Final = 512
_RECORDS_MAX: Final = 128
"""Longer telegrams are not kept: no meter sends them one after the other, and compiling takes its time."""
_MEMO_MAX: Final = 4096
_COMPILE_AT: Final = 2
"""A layout is compiled when it is seen for the second time; one message alone is read faster without."""
_CODES: Final = {(1, True): "b", (2, True): "h", (4, True): "i", (8, True): "q", (1, False): "B", (2, False): "H",
                 (4, False): "I", (8, False): "Q"}  # fmt: skip


class Plan:
    """One layout: *headers* and offsets of its records, the same object for every telegram that has it.

    *compiled* reads the numbers of a telegram that has this layout, once that has been seen twice. *tail* is the
    maker's block at the end, (start, end); *more_follow* says that the next telegram goes on; *profiles* that there
    are compact profiles to be expanded.
    """

    __slots__ = (
        "_seen", "compiled", "datas", "ends", "error", "forms", "headers", "mask", "more_follow", "pattern", "profiles",
        "size", "starts", "tail",
    )  # fmt: skip

    def __init__(self, octets: bytes, found: Layout) -> None:
        self.headers, self.forms, self.tail = found.headers, found.forms, found.tail
        self.starts, self.datas, self.ends = found.starts, found.datas, found.ends
        self.more_follow, self.error = found.more_follow, found.error
        self.size = len(octets)
        self.profiles = types.PROFILE in found.forms
        self.mask, self.pattern = 0, -1
        self._seen = 0
        self.compiled: Callable[[bytes], Numbers] | None = None

    def seal(self, octets: bytes) -> None:
        """Make the mask and pattern that tell the telegrams of this layout; *octets* is one of them."""
        if self.pattern < 0:
            self.mask = int.from_bytes(self._skeleton(), "little")
            self.pattern = int.from_bytes(octets, "little") & self.mask

    def _skeleton(self) -> bytes:
        """FF for every octet that belongs to the layout, 00 for data."""
        mask = bytearray(b"\xff") * self.size
        for data, end in zip(self.datas, self.ends, strict=True):
            mask[data:end] = bytes(end - data)
        if self.tail is not None:
            mask[self.tail[0] : self.tail[1]] = bytes(self.tail[1] - self.tail[0])
        return bytes(mask)

    def fits(self, octets: bytes) -> bool:
        """Whether *octets* have this layout; only a sealed plan knows."""
        return len(octets) == self.size and int.from_bytes(octets, "little") & self.mask == self.pattern

    def read(self, octets: bytes) -> Numbers:
        """The numbers of a telegram that has this layout."""
        return self.general(octets) if self.compiled is None else self.compiled(octets)

    def general(self, octets: bytes) -> Numbers:
        """The same as :meth:`read`, record by record, without generated code."""
        return tuple([
            number_of(h, f, octets[d:e])
            for h, f, d, e in zip(self.headers, self.forms, self.datas, self.ends, strict=True)
        ])  # fmt: skip

    @property
    def filename(self) -> str:
        """Where a traceback finds the generated source."""
        return f"<anymeter plan of {self.size} octets, {id(self):x}>"

    def close(self) -> None:
        """Drop the generated source; the plan still reads, record by record."""
        self.compiled = None
        linecache.cache.pop(self.filename, None)

    def again(self) -> None:
        """One more telegram of this layout was seen; the second one makes the generated function."""
        self._seen += 1
        if self._seen == _COMPILE_AT:
            self.compiled = compiled(self)


def number_of(head: RecordHeader, form: str, octets: bytes) -> Number:
    """The number of one record's data, with the header's *mul* and *add* applied."""
    number = types.value(form, octets)
    if head.mul != 1 or head.add:
        number = types.linear(number, head.mul, head.add)
    return number


_plans: dict[tuple[int, bytes], list[Plan]] = {}
_count = 0


def find(octets: bytes) -> Plan:
    """The plan of the layout of *octets*; :class:`DecodeError` where they are no records."""
    size = len(octets)
    lead = octets[:2]
    if lead == b"//":
        lead = octets[:4]
    found = _plans.get((size, lead))
    if found is not None:
        number = int.from_bytes(octets, "little")
        for plan in found:
            if number & plan.mask == plan.pattern:
                if plan._seen < _COMPILE_AT:
                    plan.again()
                return plan
    plan = Plan(octets, layout.split(octets))
    if size <= _OCTETS_MAX and len(plan.headers) <= _RECORDS_MAX:
        _keep((size, lead), plan, octets)
    return plan


def _keep(key: tuple[int, bytes], plan: Plan, octets: bytes) -> None:
    global _count
    if _count >= _PLANS_MAX:
        forget()
    kept = _plans.setdefault(key, [])
    if len(kept) >= _CANDIDATES_MAX:
        kept.pop(0).close()
    else:
        _count += 1
    plan.seal(octets)
    plan.again()
    kept.append(plan)


def forget() -> None:
    """Drop all plans."""
    global _count
    for kept in _plans.values():
        for plan in kept:
            plan.close()
    _plans.clear()
    _count = 0


class _Memo(dict[bytes, Number]):
    """Values of data octets that come again and again: dates, texts, floats."""

    def __init__(self, form: str, mul: int, add: int) -> None:
        self.form, self.mul, self.add = form, mul, add

    def __missing__(self, octets: bytes) -> Number:
        number = types.linear(types.value(self.form, octets), self.mul, self.add)
        if len(self) >= _MEMO_MAX:
            self.clear()
        self[octets] = number
        return number


@lru_cache(maxsize=128)
def _memo(form: str, mul: int, add: int) -> _Memo:
    return _Memo(form, mul, add)


def compiled(plan: Plan) -> Callable[[bytes], Numbers]:
    """The function that reads the numbers of all records of *plan* at once."""
    source, scope = _Source(plan).text()
    linecache.cache[plan.filename] = (len(source), None, source.splitlines(True), plan.filename)
    exec(compile(source, plan.filename, "exec"), scope)  # the source holds offsets and numbers of ours only
    read: Callable[[bytes], Numbers] = scope.pop("read")  # a function among its own globals is never freed at once
    return read


class _Source:
    """The text of one generated function: binary and memoised data come out of one ``struct``, BCD out of one text."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.format = ["<"]
        self.at = 0
        self.names: list[str] = []
        self.scope: dict[str, Any] = {"bcd": types.bcd, "linear": types.linear}
        digits = [(d, e) for f, d, e in zip(plan.forms, plan.datas, plan.ends, strict=True) if f == types.BCD]
        self.first, self.last = (digits[0][0], digits[-1][1]) if digits else (0, 0)

    def text(self) -> tuple[str, dict[str, Any]]:
        plan = self.plan
        rows = list(zip(plan.headers, plan.forms, plan.datas, plan.ends, strict=True))
        quick = [self._number(h, f, d, e) for h, f, d, e in rows]
        self.format.append(f"{plan.size - self.at}x")
        lines = ["def read(b):"]
        if self.names:
            self.scope["unpack"] = struct.Struct("".join(self.format)).unpack
            lines.append(f"    {', '.join(self.names)}, = unpack(b)")
        if self.last:
            careful = [_careful(h, d, e) if f == types.BCD else q for (h, f, d, e), q in zip(rows, quick, strict=True)]
            lines += [
                f"    h = b[{self.first}:{self.last}][::-1].hex()",
                "    try:",
                f"        return {_tuple(quick)}",
                "    except ValueError:",
                f"        return {_tuple(careful)}",
            ]
        else:
            lines.append(f"    return {_tuple(quick)}")
        return "\n".join(lines) + "\n", self.scope

    def _number(self, head: RecordHeader, form: str, data: int, end: int) -> str:
        size = end - data
        match form:
            case types.NOTHING | types.SELECTED | types.PROFILE:
                return "None"
            case types.BCD:
                text = f"int(h[{2 * (self.last - end)}:{2 * (self.last - data)}])"
            case types.INT | types.UINT if (size, form == types.INT) in _CODES:
                text = self._take(data, size, _CODES[size, form == types.INT])
            case types.INT | types.UINT if size in (3, 6):
                half = 1 if size == 3 else 2
                low = self._take(data, size - half, "H" if size == 3 else "I")
                high = self._take(end - half, half, _CODES[half, form == types.INT])
                text = f"({low} + ({high} << {8 * (size - half)}))"
            case types.INT | types.UINT:
                name = self._take(data, size, f"{size}s")
                text = f"from_bytes({name}, 'little', signed={form == types.INT})"
                self.scope["from_bytes"] = int.from_bytes
            case _:
                name = self._take(data, size, f"{size}s")
                memo = f"m{len(self.names)}"
                self.scope[memo] = _memo(form, head.mul, head.add)
                return f"{memo}[{name}]"
        return text + _factor(head)

    def _take(self, data: int, size: int, code: str) -> str:
        """A name for the next *size* octets at *data*, read by the format character *code*."""
        if data > self.at:
            self.format.append(f"{data - self.at}x")
        self.format.append(code)
        self.at = data + size
        name = f"v{len(self.names)}"
        self.names.append(name)
        return name


def _factor(head: RecordHeader) -> str:
    return ("" if head.mul == 1 else f" * {head.mul}") + ("" if not head.add else f" + {head.add}")


def _careful(head: RecordHeader, data: int, end: int) -> str:
    """BCD with a sign nibble or digits that are none."""
    plain = f"bcd(b[{data}:{end}])"
    return plain if head.mul == 1 and not head.add else f"linear({plain}, {head.mul}, {head.add})"


def _tuple(parts: list[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
