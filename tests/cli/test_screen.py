"""Lines and tables: coloured and fitted on a terminal, plain and whole anywhere else."""

from __future__ import annotations

import io

import pytest

from anymeter.cli.screen import Screen, plain, printable

ROWS = [["6-0:1.0.0*255", "energy", "12.5"], ["8-0:1.0.0*255", "volume, storage 1", "7"]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of forty columns, whatever the one is that the tests run in."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def test_a_table_in_a_pipe_is_whole_and_plain():
    out = io.StringIO()
    Screen(out).table(("OBIS", "reading", "value"), ROWS, right=(2,), flexible=1)
    assert out.getvalue().splitlines() == [
        "OBIS           reading            value",
        "6-0:1.0.0*255  energy              12.5",
        "8-0:1.0.0*255  volume, storage 1      7",
    ]


def test_a_very_wide_cell_is_whole_and_leaves_the_others_narrow():
    out = io.StringIO()
    Screen(out).table(("OBIS", "value"), [["a", "x" * 500], ["b", "7"]], right=(1,))
    assert out.getvalue().splitlines() == ["OBIS  value", "a     " + "x" * 500, "b         7"]


def test_no_blanks_at_the_end_of_a_line():
    out = io.StringIO()
    Screen(out).table(("a", "b", "c"), [["x", "", ""], ["y", "long", ""]])
    assert out.getvalue() == "a  b     c\nx\ny  long\n"


def test_no_heads_no_line_above():
    out = io.StringIO()
    Screen(out).table(("", ""), [["x", "y"]])
    assert out.getvalue() == "x  y\n"


def test_no_rows():
    out = io.StringIO()
    Screen(out).table(("at", "octets"), [])
    assert out.getvalue() == "at  octets\n"


def test_a_narrow_terminal_cuts_the_flexible_column(terminal):
    Screen(terminal).table(("OBIS", "reading", "value"), [["6-0:1.0.0*255", "a" * 60, "12.5"]], right=(2,), flexible=1)
    line = terminal.getvalue().splitlines()[1]
    assert len(line) == 40
    assert line.split() == ["6-0:1.0.0*255", "a" * 17 + "…", "12.5"]


def test_a_rare_note_cuts_no_names(terminal):
    rows = [[*row, ""] for row in ROWS] + [["x", "y", "1", "2026-11-22 08:15:00+01:00"]]
    Screen(terminal).table(("OBIS", "reading", "value", ""), rows, right=(2,), flexible=1)
    assert "volume, storage 1" in terminal.getvalue()
    terminal.seek(terminal.truncate(0))
    Screen(terminal).table(("OBIS", "reading", "value", ""), rows[1:], right=(2,), flexible=1)
    assert "volume, sto…" in terminal.getvalue()


def test_a_column_is_not_cut_to_nothing(terminal):
    Screen(terminal).table(("", ""), [["x" * 60, "b" * 60]], flexible=1)
    assert terminal.getvalue().split()[1] == "b" * 11 + "…"


def test_colour_on_a_terminal_only(terminal):
    Screen(terminal).line(("wrong", "red"), (" is plain", ""))
    assert terminal.getvalue() == "\x1b[31mwrong\x1b[0m is plain\n"
    out = io.StringIO()
    Screen(out).line(("wrong", "red"))
    assert out.getvalue() == "wrong\n"


def test_no_colour_where_it_is_not_wanted(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    Screen(terminal).line(("wrong", "red"))
    assert terminal.getvalue() == "wrong\n"


@pytest.mark.parametrize("columns", ["", "0", "many"])
def test_a_terminal_that_does_not_tell_its_width_has_eighty_columns(terminal, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    Screen(terminal).table(("", ""), [["x", "y" * 100]], flexible=1)
    assert len(terminal.getvalue().rstrip("\n")) == 80


@pytest.mark.parametrize(("sent", "shown"), [("kWh", "kWh"), ("a\x1b[2Jb", "a\\x1b[2Jb"), ("a\nb\x00", "a\\x0ab\\x00")])
def test_what_a_meter_sends_does_not_steer_the_terminal(terminal, sent, shown):
    assert printable(sent) == shown
    Screen(terminal).table(("", ""), [[sent, "x"]])
    assert shown in terminal.getvalue()
    assert "\x1b[2J" not in terminal.getvalue()


def test_an_unknown_style_is_our_own_mistake(terminal):
    with pytest.raises(KeyError):
        Screen(terminal).line(("x", "purple"))


def test_the_text_of_a_line():
    assert plain([("a", "bold"), ("b", "")]) == "ab"
