"""The interoperability matrix: what is recorded of a check, and how it is printed and kept."""

from __future__ import annotations

import pytest

from interop import matrix, processes
from interop.matrix import Cell, Checks


@pytest.fixture
def noted():
    return []


@pytest.fixture
def check(noted):
    return Checks(lambda name, value: noted.append((name, value)), "they → us", "HDLC", "PDU 128")


def test_what_holds_is_ok(check, noted):
    with check("GET"):
        assert noted == []
    assert list(matrix.cells_of(noted)) == [Cell("they → us", "HDLC", "GET", "PDU 128", "ok", "")]
    check.settle()


def test_what_fails_is_told_and_fails_the_test(check, noted):
    with check("GET", variant=""):
        raise ValueError("7 is not 8")
    with check("SET"):
        pass
    first, second = matrix.cells_of(noted)
    assert (first.verdict, first.variant, first.note) == ("failed", "", "ValueError: 7 is not 8")
    assert second.verdict == "ok"
    with pytest.raises(AssertionError, match="they → us, HDLC: GET: ValueError: 7 is not 8"):
        check.settle()


def test_what_the_peer_cannot_do_must_fail(check, noted):
    with check.cannot("GET", "it forgets"):
        raise ValueError
    check.lacks("SET", "it has none")
    assert [(cell.verdict, cell.note) for cell in matrix.cells_of(noted)] == [
        ("peer cannot", "it forgets"),
        ("peer cannot", "it has none"),
    ]
    check.settle()


def test_what_the_peer_can_do_after_all_fails_the_test(check, noted):
    with check.cannot("GET", "it forgets"):
        pass
    with pytest.raises(AssertionError, match="it works"):
        check.settle()
    (cell,) = matrix.cells_of(noted)
    assert cell.verdict == "failed"


def test_other_properties_are_no_cells():
    assert list(matrix.cells_of([("elsewhere", "x")])) == []


CELLS = [
    Cell("they → us", "HDLC", "GET", "PDU 1024", "ok", ""),
    Cell("they → us", "HDLC", "GET", "PDU 128", "ok", ""),
    Cell("they → us", "TCP wrapper", "SET", "", "peer cannot", "it forgets"),
    Cell("we → them", "HDLC", "GET", "window 5", "failed", "ValueError: 7"),
    Cell("we → them", "HDLC", "GET", "", "ok", ""),
]


def test_the_table_has_a_row_for_a_feature_and_a_column_for_a_link():
    lines = matrix.table(CELLS)
    assert lines[0] == "they → us"
    assert [line.split(maxsplit=1)[0] for line in lines[2:4]] == ["GET", "SET"]
    assert lines[2].split() == ["GET", "–", "ok", "(PDU", "128,", "1024)"]
    assert lines[3].split() == ["SET", "peer", "cannot", "[1]", "–"]
    assert lines[7].split() == ["GET", "ok;", "failed", "(window", "5)", "[2]"]
    assert lines[-2:] == ["[1] it forgets", "[2] ValueError: 7"]


def test_the_table_does_not_depend_on_the_order_of_the_tests():
    assert matrix.table(CELLS[::-1] + CELLS) == matrix.table(CELLS)


def test_the_page_keeps_the_table():
    page = f"before\n{matrix.BEGIN}\nold\n{matrix.END}\nafter\n"
    written = matrix.written_into(page, CELLS, {"b": "2", "a": "1"})
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written
    assert "Peers: a 1, b 2." in written
    assert "| GET | – | ok (PDU 128, 1024) |" in written
    assert matrix.written_into(written, CELLS, {"b": "2", "a": "1"}) == written


@pytest.mark.parametrize("page", ["", matrix.BEGIN, matrix.END + matrix.BEGIN])
def test_a_page_without_a_place_is_not_written(page):
    with pytest.raises(ValueError, match="no place"):
        matrix.written_into(page, CELLS, {})


def test_the_page_of_the_documentation_has_a_place_and_no_failure():
    page = (processes.ROOT / "docs" / "interop.md").read_text(encoding="utf-8")
    kept = page.partition(matrix.BEGIN)[2].partition(matrix.END)[0]
    assert "gurux-dlms client → our server" in kept
    assert matrix.WRONG not in kept


@processes.needed
def test_a_script_that_breaks_is_told():
    with pytest.raises(processes.PeerError, match="gurux_client"):
        processes.ask("gurux_client", port=0, link="wrapper", client=16, steps=[])
