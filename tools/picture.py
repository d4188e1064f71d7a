"""Draws docs/picture.svg from what ``anymeter demo`` really prints: ``python tools/picture.py``."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from anymeter.cli import demo, street

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "picture.svg"
WIDTH = 104
MESSAGES = 24
"""Lines of decoded messages, before the street."""
STREET = 18
"""Lines of the street."""


class Terminal(io.StringIO):
    """What is printed as on a terminal, colours and all."""

    def isatty(self) -> bool:
        return True


def printed() -> str:
    """The first messages of the demo's output, whole, and the beginning of the street, with their colours."""
    os.environ |= {"COLUMNS": str(WIDTH), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    os.environ.pop("NO_COLOR", None)
    terminal = Terminal()
    demo.run(terminal)
    parts = terminal.getvalue().split("\n\n")
    shown: list[str] = []
    for message in parts:
        if len(shown) + message.count("\n") + 2 > MESSAGES:
            break
        shown += [*message.split("\n"), ""]
    meters = next(part for part in parts if street.TITLE in part)
    return "\n".join([*shown, "…", "", *meters.split("\n")[:STREET], "…"])


def picture(text: str) -> str:
    """An SVG of a terminal that shows *text*, in whatever fixed font the reader has."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text), end="")
    drawn = console.export_svg(title="anymeter demo", unique_id="anymeter")
    return re.sub(r"\s*@font-face \{.*?\n    \}", "", drawn, flags=re.S)


if __name__ == "__main__":
    PICTURE.write_text(picture(printed()), encoding="utf-8")
    print(PICTURE)
