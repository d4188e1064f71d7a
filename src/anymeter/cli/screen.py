"""Lines and tables for people on a stream: coloured and fitted on a terminal, plain and whole anywhere else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Final, TextIO, TypeAlias

_CODES: Final = {"": "", "bold": "1", "dim": "2", "red": "31", "title": "1;36", "marked": "1;31"}
_GAP: Final = "  "
_NARROWEST: Final = 12
_WIDEST: Final = 120

Span: TypeAlias = "tuple[str, str]"
"""A text and the name of its style."""


def plain(spans: Iterable[Span]) -> str:
    """The text of a line.

    >>> plain([("OBIS", "bold"), (" code", "")])
    'OBIS code'
    """
    return "".join(text for text, _ in spans)


def printable(text: str) -> str:
    """What a meter sends must not steer the terminal: control characters stand as their codes.

    >>> printable("\x1b[31mred")
    '\\\\x1b[31mred'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


class Screen:
    """Where a verb prints what people read."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        terminal = out.isatty()
        self._colour = terminal and "NO_COLOR" not in os.environ
        self._width = _columns(out) if terminal else None

    def line(self, *spans: Span) -> None:
        """One line of spans."""
        self._out.write("".join(self._styled(text, style) for text, style in spans) + "\n")

    def table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        right: Sequence[int] = (),
        dim: Sequence[int] = (),
        flexible: int | None = None,
    ) -> None:
        """Columns side by side, *heads* above them unless all are empty; those named in *right* stand to the right.

        On a terminal that is too narrow the column *flexible* is cut. A very wide cell does not widen the others.
        """
        rows = [[printable(cell) for cell in row] for row in rows]
        widths = [
            max([len(head), *(len(cell) for cell in column if len(cell) <= _WIDEST)])
            for head, *column in zip(heads, *rows, strict=True)
        ]
        if flexible is not None and self._width is not None:
            kept = [width for i, width in enumerate(widths) if not _is_rare(heads, rows, i)]
            left = self._width - sum(kept) - len(_GAP) * (len(kept) - 1) + widths[flexible]
            widths[flexible] = min(widths[flexible], max(left, _NARROWEST))
        styled = [[(head, "dim") for head in heads]] if any(heads) else []
        styled += [[(cell, "dim" if i in dim else "") for i, cell in enumerate(row)] for row in rows]
        for row in styled:
            cells = [
                (_fitted(text, width, i in right, i == flexible), style)
                for i, ((text, style), width) in enumerate(zip(row, widths, strict=True))
            ]
            self.line(*_spaced(cells))

    def _styled(self, text: str, style: str) -> str:
        code = _CODES[style]
        text = printable(text)
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and code and text else text


def _columns(out: TextIO) -> int:
    """The width of the terminal: what COLUMNS says, else what the terminal itself does."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        return 80


def _is_rare(heads: Sequence[str], rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a last column without a head has little in it: its few lines may break, the others need not be cut."""
    last = any(heads) and column == len(heads) - 1 and not heads[column]
    return last and 2 * sum(bool(row[column]) for row in rows) < len(rows)


def _fitted(text: str, width: int, right: bool, cut: bool) -> str:
    if cut and len(text) > width:
        return text[: width - 1] + "…"
    return text.rjust(width) if right else text.ljust(width)


def _spaced(cells: list[Span]) -> list[Span]:
    """Cells with gaps between them, and no blanks at the end of the line."""
    while cells and not cells[-1][0].strip():
        cells.pop()
    if cells:
        cells[-1] = (cells[-1][0].rstrip(), cells[-1][1])
    return [span for i, cell in enumerate(cells) for span in ((_GAP, ""), cell)[not i :]]
