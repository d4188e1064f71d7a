"""COSEM values as people write them, by the type that they are to have; never guessed.

Numbers as they are; octet strings as ``hex:0A0B`` or ``text:abc``, or a date-time where there is one; arrays and
structures as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from anymeter.cosem import schema as types
from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.schema import ANY_TAG, ARRAY, COMPACT_ARRAY, SIMPLE, STRUCTURE, Schema
from anymeter.cosem.values import BitString
from anymeter.errors import LocalError

_INTEGER: Final = re.compile(r"[+-]?\d+|[+-]?0[xX][0-9a-fA-F]+", re.ASCII)
_TRUTH: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_OCTETS: Final = "octets are written as hex:0A0B or text:abc"
_DATE_TIME: Final = 12
_FLOATS: Final = (types.FLOAT32.tag, types.FLOAT64.tag)
_TEXTS: Final = (types.VISIBLE_STRING.tag, types.UTF8_STRING.tag)


def named_type(name: str) -> Schema[Any]:
    """The type that the standard calls so; LocalError.

    >>> named_type("double-long-unsigned").tag
    6
    """
    found = {one.name: one for one in SIMPLE.values()}
    if name not in found:
        raise LocalError(f"{name!r} is no type; there are {', '.join(sorted(found))}")
    return found[name]


def parse(text: str, schema: Schema[Any], words: Mapping[int, str] | None = None, *, was: bytes = b"") -> Any:
    """The value of this type that *text* means; LocalError when it is none, or may be several.

    *words* are what the numbers of an enumeration mean. *was* is the value there is now: an octet-string that holds
    a date-time takes another one.

    >>> parse("5", types.UNSIGNED), parse("hex:00FF", types.OCTET_STRING), parse("[1, 2]", types.array(types.LONG))
    (5, b'\\x00\\xff', [1, 2])
    """
    if schema.tag in (ARRAY, STRUCTURE):
        return _composed(text, schema)
    if schema.tag == ANY_TAG or schema.tag == COMPACT_ARRAY:
        raise LocalError(f"the class leaves the type of this value open ({schema.name}): name it with --type")
    try:
        return _simple(text.strip(), schema, words or {}, was)
    except ValueError:
        raise LocalError(f"{text!r} is no {schema.name}") from None


def written(value: Any) -> str:
    """A value as :func:`parse` takes it.

    >>> written((3, 30)), written([(1, b"\\x00\\xff"), (2, "a")]), written(True)
    ('[3, 30]', '[[1, "hex:00FF"], [2, "a"]]', 'true')
    """
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return f"hex:{value.hex().upper()}"
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else str(value)


def _simple(text: str, schema: Schema[Any], words: Mapping[int, str], was: bytes) -> Any:
    tag = schema.tag
    if tag == types.OCTET_STRING.tag:
        return _octets(text, schema.size == _DATE_TIME or _is_date_time(was))
    if tag in _TEXTS:
        return text.removeprefix("text:")
    if tag in _FLOATS:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError
        return number
    if tag in _OTHERS:
        return _OTHERS[tag](text)
    by_word = {word.replace("_", "-"): number for number, word in words.items()}
    if text.replace("_", "-") in by_word:
        return by_word[text.replace("_", "-")]
    if not _INTEGER.fullmatch(text):
        raise ValueError
    return int(text, 16 if "x" in text.lower() else 10)


def _is_date_time(octets: bytes) -> bool:
    return len(octets) == 2 + _DATE_TIME and octets[:2] == bytes((types.OCTET_STRING.tag, _DATE_TIME))


def _octets(text: str, dated: bool) -> bytes:
    if text.startswith("hex:"):
        return bytes.fromhex(text[4:])
    if text.startswith("text:"):
        return text[5:].encode()
    if dated:
        try:
            return _date_time(text).octets
        except ValueError:
            raise LocalError(f"{text!r} is no date-time: write 2026-11-01T06:00+01:00, or octets as hex:0A0B") from None
    raise LocalError(f"{text!r} is not clear: {_OCTETS}")


def _date_time(text: str) -> DateTime:
    return DateTime.of_datetime(dt.datetime.fromisoformat(text))


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise ValueError
    return _TRUTH[text.lower()]


def _nothing(text: str) -> None:
    if text not in ("", "null"):
        raise ValueError


def _date(text: str) -> Date:
    found = dt.date.fromisoformat(text)
    return Date.of(found.year, found.month, found.day, found.isoweekday())


def _time(text: str) -> Time:
    found = dt.time.fromisoformat(text)
    return Time.of(found.hour, found.minute, found.second, found.microsecond // 10_000)


_OTHERS: Final[dict[int, Callable[[str], Any]]] = {
    types.NULL_DATA.tag: _nothing,
    types.BOOLEAN.tag: _truth,
    types.BIT_STRING.tag: BitString.of,
    types.DATE_TIME.tag: _date_time,
    types.DATE.tag: _date,
    types.TIME.tag: _time,
}


def _composed(text: str, schema: Schema[Any]) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        raise LocalError(f'{text!r} is no JSON, as which a {schema.name} is written: [1, "hex:00FF", …]') from None
    return _of_json(found, schema)


def _of_json(found: Any, schema: Schema[Any]) -> Any:
    if schema.tag not in (ARRAY, STRUCTURE):
        if isinstance(found, list | dict):
            raise LocalError(f"{json.dumps(found)} is no {schema.name}")
        return parse(found if isinstance(found, str) else json.dumps(found), schema)
    if not isinstance(found, list):
        raise LocalError(f"{json.dumps(found)} is no {schema.name}, which is written [ … ]")
    if schema.tag == STRUCTURE:
        if len(found) != len(schema.parts):
            raise LocalError(f"a {schema.name} of {len(schema.parts)} values was meant, {len(found)} are given")
        return tuple(_of_json(one, part) for one, part in zip(found, schema.parts, strict=True))
    if len(schema.parts) > 1 and len(schema.parts) != len(found):
        raise LocalError("the elements of this array are of different types: as many as there are now can be given")
    if found and not schema.parts:
        raise LocalError("the array is empty now: nothing tells the type of its elements")
    parts = schema.parts if len(schema.parts) == len(found) else schema.parts * len(found)
    return [_of_json(one, part) for one, part in zip(found, parts, strict=False)]
