"""Values as a companion profile writes them, turned into COSEM values of the type that an attribute has.

Numbers, truth values and lists stand for themselves; a structure is a list, or a table by field names; an enum is a
number. Text becomes what the attribute takes. For octets it is text, or one of

==============================  ========================================================================
``hex:00FF``                    the octets
``1-0:1.8.0*255``               a logical name, all six value groups written
``time:22:00``                  a time, four octets; ``*`` for a part that is not specified
``date:*-12-31``                a date, five octets; month ``begin``, ``end`` (of daylight saving), day ``last``,
                                ``second-last``; a weekday may follow: ``date:*-03-last sun``
``at:*-03-last sun 02:00``      a date-time, twelve octets; ``at:never`` is not specified at all
``text:hex:``                   what follows, as text
==============================  ========================================================================

Where a type is left open (CHOICE), a table with one key names it: ``{ long-unsigned = 5 }``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from anymeter.cosem import schema as types
from anymeter.cosem.datetimes import DST_BEGIN, DST_END, Date, DateTime, Time
from anymeter.cosem.schema import ANY_TAG, ARRAY, COMPACT_ARRAY, SIMPLE, STRUCTURE, Schema
from anymeter.cosem.values import BitString, Enum
from anymeter.errors import LocalError
from anymeter.obis import Obis

TYPES: Final[dict[str, Schema[Any]]] = {s.name: s for s in SIMPLE.values()}
"""Every simple type by the standard's name."""
_OBIS: Final = re.compile(r"\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}\*\d{1,3}", re.ASCII)
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = {"begin": DST_BEGIN, "end": DST_END}
_LAST: Final = 0xFE
_SECOND_LAST: Final = 0xFD
_DAYS: Final = {"last": _LAST, "second-last": _SECOND_LAST}
_NEVER: Final = DateTime.of().octets


def convert(schema: Schema[Any], raw: Any) -> tuple[Any, Schema[Any]]:
    """The COSEM value that *raw*, as TOML has it, stands for, and its type with nothing left open.

    Raises :class:`LocalError` when *raw* is not of this type.

    >>> convert(types.structure(scaler=types.INTEGER, unit=types.ENUM), {"unit": 30, "scaler": -3})[0]
    (-3, Enum(30))
    >>> convert(types.CHOICE, {"long-unsigned": 5})[1].name, convert(types.OCTET_STRING, "time:22:00")[0].hex()
    ('long-unsigned', '160000ff')
    """
    if schema.tag == ANY_TAG:
        return _choice(schema, raw)
    if schema.tag == STRUCTURE:
        values, parts = _fields(schema, raw)
        return tuple(values), Schema("structure", STRUCTURE, tuple(parts), fields=schema.fields)
    if schema.tag in (ARRAY, COMPACT_ARRAY):
        return _elements(schema, raw)
    value = _simple(schema, raw)
    schema.encode(value)
    return value, schema


def type_named(name: str) -> Schema[Any]:
    """The simple type of this name; :class:`LocalError` when there is none."""
    if name not in TYPES:
        raise LocalError(f"there is no type {name!r}; the types are {', '.join(sorted(TYPES))}")
    return TYPES[name]


def _choice(schema: Schema[Any], raw: Any) -> tuple[Any, Schema[Any]]:
    if isinstance(raw, dict) and len(raw) == 1:
        (name, inner), *_ = raw.items()
        if name in ("structure", "array"):
            return _open_container(name, inner)
        if name in TYPES:
            return convert(TYPES[name], None if name == "null-data" else inner)
    for part in schema.parts:
        try:
            return convert(part, raw)
        except LocalError:
            continue
    if isinstance(raw, bool):
        return raw, types.BOOLEAN
    if isinstance(raw, str):
        return convert(types.OCTET_STRING if _marked(raw) else types.VISIBLE_STRING, raw)
    raise LocalError(f"say the type of {raw!r}, as in {{ long-unsigned = 5 }}")


def _open_container(name: str, inner: Any) -> tuple[Any, Schema[Any]]:
    if not isinstance(inner, list):
        raise LocalError(f"{name} takes a list, not {inner!r}")
    pairs = [convert(types.CHOICE, element) for element in inner]
    values, parts = [v for v, _ in pairs], tuple(p for _, p in pairs)
    if name == "structure":
        return tuple(values), types.structure(*parts)
    return values, types.array(*(parts[:1] if len(set(parts)) == 1 else parts))


def _fields(schema: Schema[Any], raw: Any) -> tuple[list[Any], list[Schema[Any]]]:
    if isinstance(raw, dict):
        if unknown := set(raw) - set(schema.fields):
            raise LocalError(f"there is no field {min(unknown)!r}; the fields are {', '.join(schema.fields)}")
        if missing := [name for name in schema.fields if name not in raw]:
            raise LocalError(f"the field {missing[0]!r} is missing")
        raw = [raw[name] for name in schema.fields]
    if not isinstance(raw, list) or len(raw) != len(schema.parts):
        raise LocalError(f"a structure of {len(schema.parts)} fields is a list or a table of them, not {raw!r}")
    pairs = [convert(part, element) for part, element in zip(schema.parts, raw, strict=True)]
    return [v for v, _ in pairs], [p for _, p in pairs]


def _elements(schema: Schema[Any], raw: Any) -> tuple[list[Any], Schema[Any]]:
    if not isinstance(raw, list):
        raise LocalError(f"an array is a list, not {raw!r}")
    parts = schema.parts * len(raw) if len(schema.parts) == 1 else schema.parts
    if len(parts) != len(raw):
        raise LocalError(f"an array of {len(parts)} elements takes as many, not {len(raw)}")
    pairs = [convert(part, element) for part, element in zip(parts, raw, strict=True)]
    kinds = tuple(p for _, p in pairs)
    if all(kind == part for kind, part in zip(kinds, parts, strict=True)):
        return [v for v, _ in pairs], schema
    return [v for v, _ in pairs], types.array(*(kinds[:1] if len(set(kinds)) == 1 else kinds))


def _simple(schema: Schema[Any], raw: Any) -> Any:
    """The value of a simple type; whether it is in range, its encoding checks."""
    if schema.tag == types.OCTET_STRING.tag:
        return octets_of(raw)
    if schema.tag == types.BIT_STRING.tag and isinstance(raw, str):
        return BitString.of(raw)
    if schema.tag == types.ENUM.tag and type(raw) is int:
        return Enum(raw)
    if schema.tag == types.DATE_TIME.tag:
        return DateTime(octets_of(raw))
    if schema.tag == types.DATE.tag:
        return Date(octets_of(raw))
    if schema.tag == types.TIME.tag:
        return Time(octets_of(raw))
    return raw


def _marked(text: str) -> bool:
    return text.startswith(("hex:", "time:", "date:", "at:")) or _OBIS.fullmatch(text) is not None


def octets_of(raw: Any) -> bytes:
    """The octets that a text stands for, as told above; :class:`LocalError` when it is none."""
    if not isinstance(raw, str):
        raise LocalError(f"octets are written as text, such as hex:00FF, not {raw!r}")
    if _OBIS.fullmatch(raw):
        return Obis(raw).octets
    mark, colon, rest = raw.partition(":")
    reader = _READERS.get(mark) if colon else None
    return raw.encode() if reader is None else reader(rest)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise LocalError(f"not hexadecimal octets: {text!r}") from None


def _part(text: str, names: dict[str, int], what: str) -> int | None:
    if text == "*":
        return None
    if text in names:
        return names[text]
    if not text.isdecimal():
        raise LocalError(f"{what} is a number, * or {', '.join(names) or 'nothing else'}, not {text!r}")
    return int(text)


def _time(text: str) -> bytes:
    parts = text.strip().split(":")
    if not 2 <= len(parts) <= 3:
        raise LocalError(f"a time is written as 22:00 or 22:00:30, not {text!r}")
    numbers = [_part(part, {}, "a part of a time") for part in (*parts, "0")[:3]]
    return Time.of(*numbers).octets


def _date(text: str) -> bytes:
    date, _, weekday = text.strip().partition(" ")
    parts = date.split("-", 2)
    if len(parts) != 3 or (weekday and weekday not in _WEEKDAYS):
        raise LocalError(f"a date is written as 2026-12-31, *-12-31 or *-03-last sun, not {text!r}")
    year, month, day = (
        _part(parts[0], {}, "a year"),
        _part(parts[1], _MONTHS, "a month"),
        _part(parts[2], _DAYS, "a day"),
    )
    return Date.of(year, month, day, _WEEKDAYS.index(weekday) + 1 if weekday else None).octets


def _at(text: str) -> bytes:
    if text.strip() == "never":
        return _NEVER
    date, _, time = text.strip().rpartition(" ")
    return _date(date) + _time(time) + _NEVER[9:]


_READERS: Final[dict[str, Callable[[str], bytes]]] = {
    "hex": _hex,
    "time": _time,
    "date": _date,
    "at": _at,
    "text": lambda text: text.encode(),
}
