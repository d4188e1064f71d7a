"""Tables beside a module: comments left out, headings taken as names."""

from __future__ import annotations

from pathlib import Path

import pytest

from anymeter.wire import tables


@pytest.fixture
def module(tmp_path: Path) -> str:
    """The path of a module with a folder of tables."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "units.csv").write_text(
        '# a comment\ncode,name\n\n13,"cubic metre, at rest"\n# 14,none\n30,Wh\n'
    )
    return str(tmp_path / "module.py")


def test_read_gives_the_file_as_it_is(module: str) -> None:
    assert tables.read(module, "units.csv").startswith("# a comment\ncode,name\n")


def test_rows_by_name(module: str) -> None:
    assert tables.rows(module, "units.csv") == [
        {"code": "13", "name": "cubic metre, at rest"},
        {"code": "30", "name": "Wh"},
    ]


def test_records_without_the_heading(module: str) -> None:
    assert tables.records(module, "units.csv") == [["13", "cubic metre, at rest"], ["30", "Wh"]]


def test_a_table_that_is_not_there(module: str) -> None:
    with pytest.raises(FileNotFoundError):
        tables.read(module, "vif.csv")
