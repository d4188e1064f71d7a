"""From one ``[[object]]`` of a companion profile to a COSEM object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from anymeter.cosem import schema as types
from anymeter.cosem.companion_toml import ObjectTable
from anymeter.cosem.companion_values import convert, type_named
from anymeter.cosem.members import Attribute
from anymeter.cosem.model import InterfaceClass, interface_class
from anymeter.cosem.schema import Schema
from anymeter.cosem.units import by_text
from anymeter.errors import LocalError
from anymeter.obis import Obis

_PERIOD: Final = re.compile(r"(\d+) ?(s|min|h|day)", re.ASCII)
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "day": 86_400}
_REFERENCE: Final = re.compile(r"(?P<name>\S+)(?: (?P<attribute>[\w-]+))?(?:\[(?P<index>\d+)\])?")
_SHORTHANDS: Final = {
    "capture": "capture_objects",
    "push": "push_object_list",
    "period": "capture_period",
    "entries": "profile_entries",
}
_PATTERN: Final = re.compile(r"\{(?:number|serial|manufacturer|system_title|device_name)\b[^{}]*\}")


class Personal(NamedTuple):
    """A value that differs from meter to meter: attribute *number* of the object at *place* in its device."""

    place: int
    number: int
    raw: Any


def object_of(table: ObjectTable, known: Mapping[Obis, int]) -> tuple[InterfaceClass, list[Personal]]:
    """The object that *table* describes, and those of its values that differ from meter to meter.

    *known* are the classes of all objects of the logical device by name. Raises :class:`LocalError`.
    """
    kind = interface_class(table.class_id, table.version)
    if kind is None:
        raise LocalError(f"there is no class {table.class_id} version {table.version}")
    obj = kind(table.name, types=_types(table, kind))
    personal = []
    for name, raw in _raw_values(table, kind, known).items():
        found = _attribute(kind, name)
        if _is_personal(raw):
            personal.append(Personal(0, found.number, raw))
            continue
        try:
            value, schema = convert(obj.schema_of(found.number), raw)
        except LocalError as error:
            raise LocalError(f"{found.name}: {error}") from None
        obj.store(found.number, value)
        if schema != found.schema:
            obj.types = {**obj.types, found.number: schema}
    return obj, personal


def filled(raw: Any, fill: Any) -> Any:
    """*raw* with the patterns in its texts filled in."""
    if isinstance(raw, str):
        return fill(raw) if _PATTERN.search(raw) else raw
    if isinstance(raw, list):
        return [filled(element, fill) for element in raw]
    if isinstance(raw, dict):
        return {key: filled(element, fill) for key, element in raw.items()}
    return raw


def _is_personal(raw: Any) -> bool:
    if isinstance(raw, str):
        return _PATTERN.search(raw) is not None
    parts = raw if isinstance(raw, list) else raw.values() if isinstance(raw, dict) else ()
    return any(_is_personal(part) for part in parts)


def _attribute(kind: type[InterfaceClass], name: str) -> Attribute[Any]:
    for found in kind.attributes.values():
        if name in (found.name, str(found.number)) and found.number != 1:
            return found
    names = ", ".join(a.name for n, a in kind.attributes.items() if n != 1)
    raise LocalError(f"class {kind.class_id} version {kind.version} has no attribute {name!r}; it has {names}")


def _types(table: ObjectTable, kind: type[InterfaceClass]) -> dict[int | str, Schema[Any]]:
    """The types that the object fixes; ``type`` is that of each attribute that the class leaves open."""
    found: dict[int | str, Schema[Any]] = {}
    if table.type:
        open_ones = [a for a in kind.attributes.values() if a.schema.tag == types.ANY_TAG and a.name != "status"]
        if not open_ones:
            raise LocalError(f"type: class {kind.class_id} leaves no type open")
        found.update({a.number: _in_place("type", table.type) for a in open_ones})
    for name, written in table.types.items():
        found[_attribute(kind, name).number] = _in_place(f"types.{name}", written)
    return found


def _in_place(key: str, written: str) -> Schema[Any]:
    try:
        return type_named(written)
    except LocalError as error:
        raise LocalError(f"{key}: {error}") from None


def _raw_values(table: ObjectTable, kind: type[InterfaceClass], known: Mapping[Obis, int]) -> dict[str, Any]:
    """The written values by attribute, the shorthands spelled out."""
    raw = dict(table.values)
    if isinstance(table.value, dict | list | str | int | float | bool):
        raw["value"] = table.value
    if table.unit is not None:
        try:
            raw["scaler_unit"] = [table.scaler, by_text(table.unit).code]
        except LocalError as error:
            raise LocalError(f"unit: {error}") from None
    given = {"capture": table.capture, "push": table.push, "period": table.period, "entries": table.entries}
    for key, written in given.items():
        if written is None:
            continue
        try:
            raw[_SHORTHANDS[key]] = _spelled(key, written, known)
        except LocalError as error:
            raise LocalError(f"{key}: {error}") from None
        _attribute(kind, _SHORTHANDS[key])
    return raw


def _spelled(key: str, written: Any, known: Mapping[Obis, int]) -> Any:
    if key == "period":
        return seconds_of(written)
    return [reference(text, known) for text in written] if isinstance(written, list) else written


def seconds_of(written: int | str) -> int:
    """A period in seconds.

    >>> seconds_of("15 min"), seconds_of("1 day"), seconds_of(0)
    (900, 86400, 0)
    """
    if isinstance(written, int):
        return written
    match = _PERIOD.fullmatch(written)
    if match is None:
        raise LocalError(f"a period is written as 900, '15 min', '1 h' or '1 day', not {written!r}")
    return int(match[1]) * _SECONDS[match[2]]


def reference(text: str, known: Mapping[Obis, int]) -> list[Any]:
    """Class, name, attribute and index of what is captured or pushed: ``name``, ``name attribute``, ``name 2[1]``."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise LocalError(f"what is captured is written as 1-0:1.8.0*255 or 1-0:1.8.0*255 status, not {text!r}")
    name = Obis(match["name"])
    if name not in known:
        raise LocalError(f"there is no object {name}")
    kind = next((c for v in range(5) if (c := interface_class(known[name], v)) is not None), None)
    if kind is None:
        raise LocalError(f"there is no class {known[name]}")
    number = 2 if match["attribute"] is None else _number_in(kind, match["attribute"])
    return [known[name], str(name), number, int(match["index"] or 0)]


def _number_in(kind: type[InterfaceClass], written: str) -> int:
    return 0 if written == "0" else _attribute(kind, written).number
