"""The layouts of push lists: the table that comes with the package, and tables of one's own."""

from __future__ import annotations

import pytest

from anymeter.bridge.push_rules import parse_rules, standard_rules
from anymeter.cosem.units import table
from anymeter.errors import LocalError
from anymeter.obis import Obis

RULES = standard_rules()
UNIT_TEXTS = {unit.text for unit in table()}


def test_every_layout_names_its_source_and_itself_once():
    layouts = [*RULES.positional, *RULES.fixed, *RULES.last]
    assert all(layout.source for layout in layouts)
    assert len({layout.name for layout in layouts}) == len(layouts)


def test_every_unit_is_one_of_the_table():
    columns = [c for p in RULES.positional for c in p.columns] + [c for f in RULES.fixed for c in f.objects.values()]
    assert {column.unit for column in columns} <= UNIT_TEXTS
    assert all(column.unit for column in columns if column.kind in ("number", "u32"))
    assert all(-9 <= column.exponent <= 9 for column in columns)


def test_positional_layouts_are_told_apart():
    keys = [(p.version, tuple(c.kind for c in p.columns)) for p in RULES.positional]
    assert len(set(keys)) == len(keys)
    assert sorted(len(p.columns) for p in RULES.positional) == [1, 9, 9, 13, 14, 18, 18]


@pytest.mark.parametrize(
    ("code", "text"),
    [("0-0:96.1.0", True), ("0-0:42.0.0", True), ("1-0:0.0.0", True), ("1-0:0.2.129", True), ("0-0:96.13.0", True),
     ("0-0:96.14.0", True), ("1-0:1.8.0", False), ("0-0:96.3.10", False), ("0-0:1.0.0", False)],
)  # fmt: skip
def test_which_objects_hold_text(code, text):
    assert RULES.is_text(Obis(code)) is text


def test_currents_of_kamstrup_depend_on_the_meter():
    """0.01 A, but 0.001 A of meters for current transformers (type number 685...), which come first."""
    current = Obis("1-1:31.7.0")
    found = [(f.objects[current].exponent, dict(f.where)) for f in RULES.fixed if f.version == "Kamstrup_V0001"]
    assert found == [(-3, {Obis("1-1:96.1.1"): "685"}), (-2, {})]


def test_rules_of_ones_own():
    rules = parse_rules('text = ["96.50"]\nmeter = ["0-0:96.50.0"]\n[versions]\nX1 = "1-0:0.2.129"\n')
    assert rules.is_text(Obis("0-0:96.50.1"))
    assert rules.meter == (Obis("0-0:96.50.0"),)
    assert rules.versions == {"X1": Obis("1-0:0.2.129")}
    assert parse_rules("").positional == ()


@pytest.mark.parametrize(
    "text",
    [
        "text = [",
        'text = ["x"]',
        'meter = ["water"]',
        '[[positional]]\nname = "n"\nsource = "s"\n',
        '[[positional]]\nname = "n"\nsource = "s"\ncolumns = ["1-0:1.8.0"]',
        '[[positional]]\nname = "n"\nsource = "s"\ncolumns = ["1-0:1.8.0 count"]',
        '[[positional]]\nname = "n"\nsource = "s"\ncolumns = ["1-0:1.8.0 number Wh ten"]',
        '[[fixed]]\nname = "n"\nsource = "s"\nversion = "v"\nobjects = ["1-0:1.8.0 Wh"]',
        '[[last]]\nname = "n"\nsource = "s"',
    ],
)
def test_broken_tables_are_our_own_mistake(text):
    with pytest.raises(LocalError):
        parse_rules(text)
