"""Push lists as meters send them become readings, whatever the shape of the list. Source: IEC 62056-6-2, Push setup.

Found are: a code (six octets), or class, code and attribute, tagged, in one octet-string of nine octets or without
tags; the value after it, or before; scaler and unit beside the value, around it, or as attribute 3 of the register;
a list of object definitions with the values after it. Lists that say less are matched with ``push_layouts.toml``.
Where neither list nor layout gives a scaler the number stays as sent and has no unit.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec

from anymeter.bridge.push_rules import Column, Positional, Rules, standard_rules
from anymeter.bridge.push_scan import Found, Item, scan
from anymeter.bridge.push_tree import (
    OPAQUE,
    Leaf,
    Node,
    TooLargeError,
    is_nothing,
    is_obis,
    moment_of,
    tree_at,
    tree_of,
)
from anymeter.bridge.reading import Meaning, Reading
from anymeter.cosem.data import BitString, Date, Delta, Enum, Float32, Time, skip
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import FLOAT64, LONG64, LONG64_UNSIGNED, choice_of
from anymeter.cosem.units import unit as unit_of
from anymeter.errors import DecodeError
from anymeter.obis import Obis
from anymeter.wire.lengths import length_of

__all__ = ["Push", "Rules", "attribute_reading", "push_octets", "push_readings"]

_LOGICAL_NAME: Final = 1
_DOUBLE_LONG_UNSIGNED: Final = b"\x06"
_CLOCK: Final = b"\x01\x00\x00"


class Push(msgspec.Struct, frozen=True):
    """What a list says: readings in its order, the meter's number, the time of the message, and what stayed opaque.

    *layout* names the row of ``push_layouts.toml`` that filled in what the list leaves unsaid; *departs* is true
    where the octets could be read only by allowing for a known departure from the encoding.
    """

    readings: tuple[Reading, ...] = ()
    meter_id: str | None = None
    time: DateTime | None = None
    undecoded: tuple[bytes, ...] = ()
    layout: str = ""
    departs: bool = False


def push_readings(value: Any, *, time: DateTime | None = None, rules: Rules | None = None) -> Push:
    """The readings of a decoded list (a value as :mod:`anymeter.cosem.data` gives it); *time* is the message's own.

    >>> energy = (Obis("1-0:1.8.0").octets, 12345, (1, Enum(30)))
    >>> [(str(r.obis), r.value, r.unit) for r in push_readings([energy]).readings]
    [('1-0:1.8.0*255', 123450, 'Wh')]
    """
    rules = rules or standard_rules()
    return _told(_named(tree_of(value), rules), time, rules, departs=False)


def push_octets(octets: bytes, *, time: DateTime | None = None, rules: Rules | None = None) -> Push:
    """The readings of an encoded list; every reading has its value's octets. Raises DecodeError.

    Octets with more names and values than a push list has stay undecoded as a whole.
    """
    rules = rules or standard_rules()
    try:
        root, departs = tree_at(octets)
    except TooLargeError as error:
        if not _is_data(octets):
            raise error from None
        return Push(undecoded=(octets,))
    found = _named(root, rules)
    del root  # the tree need not outlive what was found in it
    return _told(found, time, rules, departs=departs)


def _is_data(octets: bytes) -> bool:
    try:
        return skip(octets) == len(octets)
    except DecodeError:
        return False


def attribute_reading(
    obis: Obis,
    value: Any,
    *,
    scaler_unit: tuple[int, int] | None = None,
    time: DateTime | None = None,
    rules: Rules | None = None,
) -> Reading:
    """The reading of one attribute, with the scaler and unit of its register where it has them.

    A structured value has no number: it stands in *raw*, its status is ``structured``.

    >>> attribute_reading(Obis("7-0:3.0.0"), 4711, scaler_unit=(-2, 13)).value
    Decimal('47.11')
    """
    item = Item(obis)
    item.value = () if isinstance(value, list | tuple) else Leaf(known=value)
    if scaler_unit is not None:
        item.scaler, item.unit = scaler_unit
    reading = _reading(item, rules or standard_rules(), None)
    if reading is None:
        reading = Reading(Meaning(obis), None, _encoded(value), status="structured")
    return reading if time is None else msgspec.structs.replace(reading, time=time)


def _named(root: Node, rules: Rules) -> tuple[Found, dict[Obis, Column], str]:
    """What is found in a list, the units agreed for it, and the name of its layout or empty."""
    found = scan(root)
    layout = _positional(root, found, rules)
    _name_versions(found, rules)
    if layout:
        agreed = {item.obis: column for item, column in zip(found.items, layout.columns, strict=True)}
        return found, agreed, layout.name
    name = _last(root, found, rules)
    return (found, {}, name) if name else (found, *_fixed(found, rules))


def _told(named: tuple[Found, dict[Obis, Column], str], time: DateTime | None, rules: Rules, *, departs: bool) -> Push:
    found, agreed, name = named
    undecoded: list[bytes] = []
    readings: list[Reading] = []
    items = found.items
    items.reverse()
    while items:  # each gives way to its reading
        item = items.pop()
        reading = _reading(item, rules, agreed.get(item.obis))
        if reading is None:
            undecoded.append(_unread(item))
        else:
            readings.append(reading)
        undecoded += [_raw(node) for node in item.extra if not _is_told(node)]
    time = time if time is not None and time.specified else None
    time = _time(time, found, readings, undecoded)
    return Push(
        readings=tuple(readings),
        meter_id=_meter_id(readings, rules),
        time=time,
        undecoded=tuple(octets for octets in undecoded if octets),
        layout=name,
        departs=departs,
    )


def _reading(item: Item, rules: Rules, agreed: Column | None) -> Reading | None:
    """The reading of an object; None where it has no value, or a structured one."""
    if not isinstance(item.value, Leaf):
        return None
    value = item.value.value
    if value is OPAQUE:
        return None
    if item.attribute == _LOGICAL_NAME and is_obis(value):
        value = str(Obis(value))
    number, status = _number(value, item.obis, rules)
    symbol, exponent = "", 0
    if item.unit is not None:
        symbol, exponent = unit_of(item.unit & 0xFF).text, item.scaler or 0
    elif agreed is not None and isinstance(number, int | Decimal):
        symbol, exponent = agreed.unit, agreed.exponent
    time = next((moment for node in item.extra if (moment := _moment(node)) is not None), None)
    return Reading(_meaning(item.obis, symbol, exponent), number, item.value.raw, time, status)


@lru_cache(maxsize=4096)
def _meaning(obis: Obis, symbol: str, exponent: int) -> Meaning:
    return Meaning(obis=obis, unit=symbol, exponent=exponent)


def _number(value: Any, obis: Obis, rules: Rules) -> tuple[int | Decimal | str | DateTime | None, str | None]:
    """A value as readings carry it, and the status of one that is none."""
    if isinstance(value, int):
        return int(value), None
    if isinstance(value, float):
        exact = value.decimal if isinstance(value, Float32) else Decimal(repr(value))
        return (exact, None) if exact.is_finite() else (None, "not a number")
    if isinstance(value, str):
        return _clean(value.rstrip("\0")), None
    if is_nothing(value):
        return None, "no value"
    moment = moment_of(value)
    if moment is not None:
        return (moment, None) if moment.specified else (None, "no value")
    if isinstance(value, bytes):
        text = _text(value) if rules.is_text(obis) else ""
        return text or value.hex(), None
    if isinstance(value, BitString | Date | Time):
        return str(value), None
    raise DecodeError(f"a value of type {type(value).__name__}", what=str(obis))


def _clean(text: str) -> str:
    """Text as it is; where octets of it are no UTF-8, all of them in hex."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").hex()
    return text


def _text(value: Any) -> str:
    """Text of a visible-string, or of an octet-string that is printable, without zeros that fill it up; else empty."""
    if isinstance(value, bytes):
        value = value.rstrip(b"\0").decode("ascii") if value.isascii() else ""
        return value if value.isprintable() else ""
    return value.rstrip("\0") if isinstance(value, str) else ""


def _positional(root: Node, found: Found, rules: Rules) -> Positional | None:
    """The layout of a list without codes; its columns become the objects found."""
    if not isinstance(root, tuple) or found.items:
        return None
    leaves = [node for node in root if isinstance(node, Leaf)]
    for layout in rules.positional:
        if len(leaves) == len(root) == len(layout.columns) and _fits(layout, leaves):
            for leaf, column in zip(leaves, layout.columns, strict=True):
                item = Item(column.obis)
                item.value = leaf
                found.items.append(item)
            found.loose.clear()
            return layout
    return None


def _name_versions(found: Found, rules: Rules) -> None:
    """The name of the list that stands in it without a code gets the code that its maker gives it."""
    for place, leaf in enumerate(found.loose):
        obis = rules.versions.get(_text(leaf.value))
        if obis is not None:
            item = Item(obis)
            item.value = found.loose.pop(place)
            found.items.insert(0, item)
            return


def _fits(layout: Positional, leaves: list[Leaf]) -> bool:
    if layout.version is not None and _text(leaves[0].value) != layout.version:
        return False
    return all(_is_kind(leaf, column.kind) for leaf, column in zip(leaves, layout.columns, strict=True))


def _is_kind(leaf: Leaf, kind: str) -> bool:
    value = leaf.value
    if value is None:
        return True
    if kind == "u32":
        return type(value) is int and (leaf.raw[:1] == _DOUBLE_LONG_UNSIGNED if leaf.raw else 0 <= value < 1 << 32)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool | Enum)
    return moment_of(value) is not None if kind == "time" else isinstance(value, bytes | str)


def _fixed(found: Found, rules: Rules) -> tuple[dict[Obis, Column], str]:
    """Agreed units of a list with codes: when it shows the version text and holds no number but the agreed ones."""
    texts = {item.obis: _text(item.value.value) for item in found.items if isinstance(item.value, Leaf)}
    shown = {*texts.values(), *(_text(leaf.value) for leaf in found.loose)}
    bare = {item.obis for item in found.items if _is_bare_number(item)}
    for layout in rules.fixed:
        known = layout.version in shown and bare and bare <= layout.objects.keys()
        if known and all(texts.get(obis, "").startswith(text) for obis, text in layout.where.items()):
            return dict(layout.objects), layout.name
    return {}, ""


def _is_bare_number(item: Item) -> bool:
    value = item.value.value if isinstance(item.value, Leaf) else None
    return item.unit is None and isinstance(value, int | float)


def _last(root: Node, found: Found, rules: Rules) -> str:
    """Give the one text at the end of a list of scaled objects its code; the name of the layout, or empty."""
    if isinstance(root, Leaf) or len(root) < 2 or not _is_moment(root[0]) or not found.items:
        return ""
    end, item = root[-1], found.items[-1]
    if not isinstance(end, Leaf) or not item.extra or item.extra[-1] is not end or not _text(end.value):
        return ""
    if not rules.last or any(item.unit is None for item in found.items):
        return ""
    named = Item(rules.last[0].obis)
    named.value = item.take_last()
    found.items.append(named)
    return rules.last[0].name


def _time(time: DateTime | None, found: Found, readings: list[Reading], undecoded: list[bytes]) -> DateTime | None:
    """The message's time: its own, else the first date-time without a code, else the clock's."""
    for leaf in found.loose:
        moment = moment_of(leaf.value)
        if moment is not None and moment.specified and (time is None or time == moment):
            time = moment
        elif not is_nothing(leaf.value):
            undecoded.append(_raw(leaf))
    if time is None:
        for reading in readings:
            if reading.obis is not None and reading.obis[2:5] == _CLOCK and isinstance(reading.number, DateTime):
                return reading.number
    return time


def _is_moment(node: Node) -> bool:
    return _moment(node) is not None


def _is_told(node: Node) -> bool:
    """Whether what follows a value is its time, or null-data that fills the list."""
    return isinstance(node, Leaf) and (is_nothing(node.value) or _is_moment(node))


def _moment(node: Node) -> DateTime | None:
    return moment_of(node.value) if isinstance(node, Leaf) else None


def _meter_id(readings: list[Reading], rules: Rules) -> str | None:
    """The number of the meter: the text, or the number, of the best object that holds one."""
    held = {reading.obis: reading.number for reading in reversed(readings)}
    for obis in rules.meter:
        number = held.get(obis)
        if isinstance(number, str | int) and str(number):
            return str(number)
    return None


def _raw(node: Node) -> bytes:
    """The octets of a node: as they came, or encoded anew where only its value is known."""
    if isinstance(node, Leaf):
        return node.raw or _encoded(node.value)
    tag = b"\x01" if isinstance(node, list) else b"\x02"
    return tag + length_of(len(node)) + b"".join([_raw(inner) for inner in node])


def _unread(item: Item) -> bytes:
    """The octets of an object without a value that readings carry: its key, and its value where it has one."""
    key = item.key if isinstance(item.key, tuple) else (item.key,)
    return b"".join(map(_raw, key if item.value is None else (*key, item.value)))


def _encoded(value: Any) -> bytes:
    """A value as Data; an integer, whose width is not known any more, in eight octets."""
    if type(value) is int or isinstance(value, Delta):
        return (LONG64 if value < 1 << 63 else LONG64_UNSIGNED).encode(value)
    if type(value) is float:
        return FLOAT64.encode(value)
    if isinstance(value, list | tuple):
        tag = b"\x01" if isinstance(value, list) else b"\x02"
        return tag + length_of(len(value)) + b"".join(map(_encoded, value))
    return choice_of(value).encode(value)
