"""The page of tables that ``tools/protocol_reference.py`` makes from the tables that the code runs by."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from anymeter.dlms.server import refusals
from anymeter.dlms.server.services import SERVICES
from anymeter.links import hdlc_primary, hdlc_secondary

TOOL = Path(__file__).resolve().parents[2] / "tools" / "protocol_reference.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("protocol_reference", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(tool, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    assert tool.main([str(folder)]) == 0
    return (folder / tool.NAME).read_text(encoding="utf-8")


def cells(table):
    """The lines of a table below its heading, cell by cell."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_page_in_the_docs_is_that_of_the_tables(tool, page):
    there = (tool.FOLDER / tool.NAME).read_text(encoding="utf-8")
    assert there == page, "make it anew: python tools/protocol_reference.py"


def test_every_line_of_a_table_has_the_columns_of_its_heading(page):
    columns = 0
    for line in page.splitlines():
        bars = line.count("|") if line.startswith("|") else 0
        assert not columns or not bars or bars == columns, line
        columns = bars


@pytest.mark.parametrize("module", [hdlc_primary, hdlc_secondary])
def test_every_move_is_told_and_nothing_else_is(tool, module):
    table = module._MOVES
    frames = {kind for row in table.values() for kind in row}
    lines = cells(tool.moves(table))
    assert {line[0] for line in lines} == frames
    for line in lines:
        assert [bool(cell) for cell in line[1:]] == [line[0] in row for row in table.values()], line


def test_a_move_is_told_as_its_function_says(tool):
    def gone() -> None:
        """Left: closed.

        And more that no table has room for.
        """

    made = tool.moves({"up": {"DM": gone}, "down": {"UA": gone}})
    assert made.splitlines() == [
        "| frame | up | down |",
        "| --- | --- | --- |",
        "| DM | Left: closed |  |",
        "| UA |  | Left: closed |",
    ]


def test_every_form_of_a_service_is_told(tool):
    lines = cells(tool.services())
    assert [bytes.fromhex(line[0]) for line in lines] == list(SERVICES)
    assert ["C0 03", "`GetRequestWithList`", "multiple-references, get"] in lines


def test_every_way_to_refuse_is_told(tool):
    lines = cells(tool.ways_to_refuse())
    ways = [way for way in vars(refusals).values() if isinstance(way, refusals.Refusal)]
    assert [bytes.fromhex(line[1]) for line in lines] == [way.exception for way in ways]
    assert lines[2][:4] == ["unknown", "D8 02 02", "service-unknown, service-not-supported", "0E 05 03 02"]


def test_a_way_to_refuse_is_one_that_is_sent():
    refused = refusals.refused(b"\xff", refusals.UNKNOWN)
    assert refused.hex(" ").upper() == "D8 02 02"


def test_the_links_lead_to_pages_of_the_docs(tool, page):
    for target in re.findall(r"\]\(([\w./-]+\.md)\)", page):
        assert (tool.FOLDER / target).resolve().parent.name == "docs", target
