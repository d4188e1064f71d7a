"""The reference pages that ``tools/class_reference.py`` makes from the declarations."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from anymeter.cosem.classes.parts import UNSPECIFIED
from anymeter.cosem.model import interface_class, registered
from anymeter.cosem.schema import (
    BOOLEAN,
    CHOICE,
    INTEGER,
    NULL_DATA,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    array,
    compact_array,
    octets,
    one_of,
    structure,
)
from anymeter.cosem.values import BitString

TOOL = Path(__file__).resolve().parents[3] / "tools" / "class_reference.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("class_reference", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(tool, tmp_path_factory):
    target = tmp_path_factory.mktemp("reference")
    (target / "classes").mkdir()
    (target / "classes" / "stale.md").write_text("of a family that is gone")
    assert tool.main([str(target)]) == 0
    return target


@pytest.fixture(scope="module")
def modems(folder):
    return (folder / "classes" / "modems.md").read_text(encoding="utf-8")


def test_the_pages_in_the_docs_are_those_of_the_declarations(tool, folder):
    made = {page.relative_to(folder): page.read_text(encoding="utf-8") for page in folder.rglob("*.md")}
    there = {
        page.relative_to(tool.FOLDER): page.read_text(encoding="utf-8")
        for page in (tool.FOLDER / "classes.md", *(tool.FOLDER / "classes").glob("*.md"))
    }
    assert there == made, "make them anew: python tools/class_reference.py"


def test_the_navigation_leads_to_every_page(tool):
    text = tool.NAVIGATION.read_text(encoding="utf-8")
    assert tool.navigation(text) == text, "make it anew: python tools/class_reference.py"


def test_the_navigation_is_changed_in_its_place_only(tool):
    text = f"nav:\n  - Reference:\n{tool.HEADING}          - reference/old.md\n  - About:\n      - x: y.md\n"
    changed = tool.navigation(text)
    assert "old.md" not in changed
    assert changed.startswith(f"nav:\n  - Reference:\n{tool.HEADING}          - reference/classes.md\n")
    assert changed.endswith("\n  - About:\n      - x: y.md\n")
    assert tool.navigation(changed) == changed


def test_a_page_of_a_family_that_is_gone_goes(folder):
    assert not (folder / "classes" / "stale.md").exists()


def test_every_class_has_its_line_and_its_section(tool, folder):
    index = (folder / "classes.md").read_text(encoding="utf-8")
    pages = "".join(page.read_text(encoding="utf-8") for page in (folder / "classes").glob("*.md"))
    for cls in registered():
        assert re.search(rf"^\| {cls.class_id} \| .*\[{cls.version}[ \]]", index, re.MULTILINE), cls
        assert f"class {cls.class_id} version {cls.version}\n" in pages
        assert f"`{cls.__name__}`. Source: {cls.clause}." in pages


def test_every_line_of_a_table_has_the_columns_of_its_heading(folder):
    for page in folder.rglob("*.md"):
        columns = 0
        for line in page.read_text(encoding="utf-8").splitlines():
            bars = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not columns or not bars or bars == columns, (page.name, line)
            columns = bars


def test_an_attribute_as_it_is_printed(modems):
    assert "| 4 | `status` | enum | dynamic |  | 0: inactive; 1: active; 2: locked |" in modems
    assert "| 3 | `pin_code` | long-unsigned | static |  |  |" in modems
    assert "| 2 | `comm_speed` | enum | static | 5 (9600 Bd) | 0: 300 Bd; 1: 600 Bd;" in modems


def test_a_method_as_it_is_printed(modems):
    assert "| 1 | `connect` | integer |  | base + 30h | Connect to the network. |" in modems


def test_a_secret_is_called_one(folder):
    page = (folder / "classes" / "local_ports.md").read_text(encoding="utf-8")
    assert "| 7 | `pass_p1` | octet-string | static, secret |  |  |" in page


def test_a_class_of_which_only_the_name_is_known_has_no_table(tool):
    section = tool.family("hybrid_rf", [interface_class(161, 0)])
    assert "class 161 version 0" in section
    assert "|" not in section
    assert "[0 (catalogued)](classes/hybrid_rf.md#" in tool.index()


def test_a_name_that_python_reserves_is_the_standards(folder):
    assert "| 2 | `class` | enum |" in (folder / "classes" / "lpwan.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (BOOLEAN, "boolean"),
        (CHOICE, "CHOICE"),
        (octets(6), "octet-string(6)"),
        (OCTET_STRING_DATE_TIME, OCTET_STRING_DATE_TIME.name),
        (array(UNSIGNED), "array of unsigned"),
        (compact_array(UNSIGNED), "compact-array of unsigned"),
        (array(CHOICE), "array of CHOICE"),
        (one_of(NULL_DATA, BOOLEAN), "null-data or boolean"),
        (structure(a=UNSIGNED, b=array(INTEGER)), "structure {a: unsigned, b: array of integer}"),
        (structure(UNSIGNED, INTEGER), "structure {unsigned, integer}"),
    ],
)
def test_a_type_in_words(tool, schema, words):
    assert tool.in_words(schema) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (True, "true"),
        (None, "null-data"),
        (b"OK", "OK"),
        (b"\x00\xff", "00 ff"),
        (UNSPECIFIED, "not specified"),
        (BitString.of("101"), "101"),
        ([b"OK", b"NO"], "OK, NO"),
        ((1, 2), "1, 2"),
        ([], "empty"),
    ],
)
def test_a_default_in_words(tool, value, text):
    assert tool.text_of(value) == text


@pytest.mark.parametrize(
    ("module", "title"),
    [
        ("modems", "Modems"),
        ("plc_hs", "High-speed power line by ISO/IEC 12139-1"),
        ("wisun", "Wi-SUN field area networks"),
    ],
)
def test_a_family_is_called_as_its_module_begins(tool, module, title):
    assert tool.title(module) == title
