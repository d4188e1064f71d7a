"""Finds what names what in a push list, whatever its shape. Source: IEC 62056-6-2, Push setup, Register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from anymeter.bridge.push_tree import Descriptor, Leaf, Node, descriptor_of, is_nothing, is_obis
from anymeter.cosem.data import Enum
from anymeter.obis import Obis

_Nodes: TypeAlias = "Sequence[Node]"

_MAX_SCALER: Final = 30
_MAX_ATTRIBUTE: Final = 127
_CAPTURE_TIMES: Final = ((4, 5), (5, 6))
"""Class and attribute: extended register and demand register."""


class Item:
    """One object of a list: its name, what the list says of its class and attribute, its value, scaler and unit."""

    __slots__ = ("_more", "attribute", "class_id", "key", "obis", "scaler", "unit", "value")

    def __init__(self, obis: Obis, class_id: int | None = None, attribute: int | None = None) -> None:
        self.obis, self.class_id, self.attribute = obis, class_id, attribute
        self.key: Leaf | tuple[Leaf, ...] = ()
        self.value: Node | None = None
        self.scaler: int | None = None
        self.unit: int | None = None
        self._more: list[Node] | None = None

    @property
    def extra(self) -> Sequence[Node]:
        """What follows the value and is neither scaler nor unit."""
        return self._more or ()

    def add(self, node: Node) -> None:
        """Keep what follows the value."""
        if self._more is None:
            self._more = [node]
        else:
            self._more.append(node)

    def take_last(self) -> Node | None:
        """The last of what follows the value, taken out."""
        return self._more.pop() if self._more else None


class Found:
    """What a list holds: objects in order, and leaves that no code stands before."""

    __slots__ = ("items", "loose")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.loose: list[Leaf] = []


def scan(root: Node) -> Found:
    """Every object in the tree, and every leaf that belongs to none."""
    found = Found()
    if isinstance(root, Leaf):
        found.loose.append(root)
    else:
        _sequence(root, found)
    _gather_attributes(found)
    return found


def scaler_unit(node: Node) -> tuple[int, int] | None:
    """Scaler and unit when *node* is scal_unit_type: structure of an integer and an enum."""
    if isinstance(node, Leaf) or len(node) != 2:
        return None
    scaler, unit = node
    return _pair(scaler, unit)


def _pair(scaler: Node, unit: Node) -> tuple[int, int] | None:
    if not (isinstance(scaler, Leaf) and isinstance(unit, Leaf) and isinstance(unit.value, Enum)):
        return None
    n = scaler.value
    if type(n) is not int or not -_MAX_SCALER <= n <= _MAX_SCALER:
        return None
    return n, int(unit.value)


def _sequence(nodes: _Nodes, found: Found) -> None:
    described = _described(nodes)
    if described is not None:
        found.items += described
        return
    backwards = _backwards(nodes)
    if backwards is not None:
        found.items.append(backwards)
    else:
        _Scanner(nodes, found).run()


def _described(nodes: _Nodes) -> list[Item] | None:
    """The objects of a list that begins with their definitions, as push_object_list has them, and goes on with values.

    Where there is one value less than definitions, the first definition is that of the definitions themselves. The
    values may also stand in one array or structure of their own.
    """
    first = nodes[0] if nodes else None
    if not isinstance(first, list) or not first:
        return None
    values: _Nodes = nodes[1:]
    if len(values) == 1 and not isinstance(values[0], Leaf) and len(first) > 1:
        values = values[0]
    if len(values) not in (len(first), len(first) - 1):
        return None
    items = [item for entry in first if (item := _definition(entry)) is not None]
    if len(items) != len(first):
        return None
    items = items[len(first) - len(values) :]
    for item, value in zip(items, values, strict=True):
        _give(item, value)
    return items


def _definition(node: Node) -> Item | None:
    """An object definition {class_id, logical_name, attribute_index, data_index, ...}."""
    if isinstance(node, Leaf) or len(node) < 4 or not isinstance(node[3], Leaf) or type(node[3].value) is not int:
        return None
    return _tagged_key(node, 0)


def _tagged_key(nodes: _Nodes, at: int) -> Item | None:
    """Class, code and attribute as three elements from *at* on."""
    if at + 3 > len(nodes):
        return None
    class_id, code, attribute = nodes[at : at + 3]
    if not (isinstance(class_id, Leaf) and isinstance(code, Leaf) and isinstance(attribute, Leaf)):
        return None
    if not (type(class_id.value) is int and is_obis(code.value) and type(attribute.value) is int):
        return None
    if not (0 < class_id.value <= 0xFFFF and abs(attribute.value) <= _MAX_ATTRIBUTE):
        return None
    item = Item(Obis(code.value), class_id.value, attribute.value)
    item.key = (class_id, code, attribute)
    return item


def _backwards(nodes: _Nodes) -> Item | None:
    """An entry that ends with its code: {value, class_id, scaler_unit, code} or a part of that."""
    if isinstance(nodes, list) or not 2 <= len(nodes) <= 4:
        return None
    first, last = nodes[0], nodes[-1]
    if (
        not (isinstance(first, Leaf) and isinstance(last, Leaf) and is_obis(last.value))
        or _key_at(nodes, 0) is not None
    ):
        return None
    item = Item(Obis(last.value))
    item.key, item.value = last, first
    for node in nodes[1:-1]:
        pair = scaler_unit(node)
        if pair is not None:
            item.scaler, item.unit = pair
        elif isinstance(node, Leaf) and type(node.value) is int and item.class_id is None:
            item.class_id = node.value
        else:
            return None
    return item


class _Scanner:
    """Goes through one array or structure from left to right: a code opens an object, what follows completes it."""

    __slots__ = ("_at", "_found", "_item", "_nodes")

    def __init__(self, nodes: _Nodes, found: Found) -> None:
        self._nodes, self._found, self._at = nodes, found, 0
        self._item: Item | None = None

    def run(self) -> None:
        while self._at < len(self._nodes):
            self._at += self._key() or self._rest()
        self._close()

    def _key(self) -> int:
        """How many elements open an object here."""
        nodes, at = self._nodes, self._at
        item, size = _key_at(nodes, at), 1
        if item is None:
            tagged = _tagged_key(nodes, at) if at + 3 < len(nodes) else None
            # Without a value after it, {class, code, attribute} would take the code from a plain pair.
            if tagged is None or (self._item is not None and self._item.value is None):
                return 0
            item, size = tagged, 3
        elif self._waits() and len(nodes) == 2:
            return 0
        self._close()
        self._item = item
        return size

    def _waits(self) -> bool:
        return self._item is not None and self._item.value is None

    def _rest(self) -> int:
        """Give the element to the open object, or go into it, or set it aside; how many elements that takes."""
        node, item = self._nodes[self._at], self._item
        pair = scaler_unit(node)
        if pair is not None and item is not None and item.unit is None:
            item.scaler, item.unit = pair
            return 1
        if isinstance(node, Leaf):
            return self._leaf(node)
        if item is None or _names_something(node):
            self._close()
            _sequence(node, self._found)
        elif item.value is None:
            _give(item, node)
        else:
            item.add(node)
        return 1

    def _leaf(self, leaf: Leaf) -> int:
        item = self._item
        if item is None:
            if not is_nothing(leaf.value):
                self._found.loose.append(leaf)
        elif item.value is None:
            item.value = leaf
        else:
            after = self._nodes[self._at + 1] if self._at + 1 < len(self._nodes) else None
            pair = _pair(leaf, after) if after is not None and item.unit is None else None
            if pair is not None:
                item.scaler, item.unit = pair
                return 2
            item.add(leaf)
        return 1

    def _close(self) -> None:
        if self._item is not None:
            self._found.items.append(self._item)
            self._item = None


def _give(item: Item, node: Node) -> None:
    """Set the value: one that comes together with its scaler and unit is taken apart."""
    if not isinstance(node, Leaf) and len(node) == 2 and isinstance(node[0], Leaf):
        pair = scaler_unit(node[1])
        if pair is not None:
            item.value, (item.scaler, item.unit) = node[0], pair
            return
    item.value = node


def _key_at(nodes: _Nodes, at: int) -> Item | None:
    """The object that the one element at *at* names."""
    node = nodes[at]
    if not isinstance(node, Leaf):
        return None
    value = node.value
    if isinstance(value, bytes):
        if is_obis(value):
            item = Item(Obis(value))
            item.key = node
            return item
        value = descriptor_of(value)
    if isinstance(value, Descriptor):
        item = Item(value.obis, value.class_id, value.attribute)
        item.key = node
        return item
    return None


def _names_something(node: Node) -> bool:
    """Whether a code stands anywhere inside."""
    if isinstance(node, Leaf):
        return is_obis(node.value) or isinstance(node.value, Descriptor)
    return any(_names_something(inner) for inner in node)


def _gather_attributes(found: Found) -> None:
    """Scaler and unit, and capture time, that the list sends as attributes of their own go to the register's value."""
    values = {item.obis: item for item in found.items if item.attribute == 2 and item.value is not None}
    kept: list[Item] = []
    for item in found.items:
        owner = values.get(item.obis)
        pair = _sent_scaler_unit(item)
        if pair is not None and owner is not None and owner.unit is None:
            owner.scaler, owner.unit = pair
        elif owner is not None and item.value is not None and (item.class_id, item.attribute) in _CAPTURE_TIMES:
            owner.add(item.value)
        else:
            kept.append(item)
    found.items = kept


def _sent_scaler_unit(item: Item) -> tuple[int, int] | None:
    """Scaler and unit when the object is attribute 3 of a register: its value looks like those of another."""
    if item.attribute != 3:
        return None
    if item.value is None and item.unit is not None:
        return item.scaler or 0, item.unit
    return scaler_unit(item.value) if item.value is not None else None
