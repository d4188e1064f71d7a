"""The reference page that ``tools/obis_reference.py`` makes from the tables."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from anymeter.bridge.mbus_obis import mapped_rows
from anymeter.obis import countries, rows

TOOL = Path(__file__).resolve().parents[2] / "tools" / "obis_reference.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("obis_reference", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def text(tool, tmp_path_factory) -> str:
    target = tmp_path_factory.mktemp("docs") / "reference" / "obis.md"
    assert tool.main([str(target)]) == 0
    return target.read_text(encoding="utf-8")


def test_every_row_is_on_the_page(text: str) -> None:
    headings = len(re.findall(r"^\| --- ", text, re.MULTILINE))
    assert headings == len(re.findall("^## ", text, re.MULTILINE))
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    expected = len(rows()) + len(countries()) + len(mapped_rows())
    assert len(lines) >= expected + headings


def test_every_table_is_a_section(text: str) -> None:
    sections = re.findall("^## (.*)$", text, re.MULTILINE)
    assert len(set(sections)) == len(sections)
    assert "EN 13757-1:2014, 11.3.4.3.1, Table 32" in sections
    assert "IEC 62056-6-1, 7.1, Table 13" in sections
    assert "M-Bus records to OBIS" in sections


def test_every_line_of_a_table_has_the_columns_of_its_heading(text: str) -> None:
    columns = 0
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = 0
            continue
        bars = len(re.findall(r"(?<!\\)\|", line))
        assert bars == (columns or bars), line
        columns = bars


def test_a_row_as_it_is_printed(text: str) -> None:
    assert "| `0-b:25.9.0.255`" not in text
    assert "| `0-b:25.9.0*255` | push setup |  | 40 | high |" in text
    assert r"| `1-b:15.d.e*f` | C: active power, absolute sum \|QI+QIV\|+\|QII+QIII\|, sum of all phases |" in text


def test_the_page_in_the_docs_is_up_to_date(tool, text: str) -> None:
    assert tool.PAGE.parts[-3:] == ("docs", "reference", "obis.md")
    if not tool.PAGE.is_file():
        pytest.skip("the page is not made yet: python tools/obis_reference.py")
    assert tool.PAGE.read_text(encoding="utf-8") == text
