"""Draws docs/picture.svg from what ``anymeter demo`` really prints: ``python tools/picture.py``."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from anymeter.cli import demo

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "picture.svg"
WIDTH = 104
LINES = 46


class Terminal(io.StringIO):
    """What is printed as on a terminal, colours and all."""

    def isatty(self) -> bool:
        return True


def printed() -> str:
    """The first messages of the demo's output, whole, with their colours."""
    os.environ |= {"COLUMNS": str(WIDTH), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    os.environ.pop("NO_COLOR", None)
    terminal = Terminal()
    demo.run(terminal)
    shown: list[str] = []
    for message in terminal.getvalue().split("\n\n"):
        if len(shown) + message.count("\n") + 2 > LINES:
            break
        shown += [*message.split("\n"), ""]
    return "\n".join(shown).rstrip()


def picture(text: str) -> str:
    """An SVG of a terminal that shows *text*, in whatever fixed font the reader has."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text), end="")
    drawn = console.export_svg(title="anymeter demo", unique_id="anymeter")
    return re.sub(r"\s*@font-face \{.*?\n    \}", "", drawn, flags=re.S)


if __name__ == "__main__":
    PICTURE.write_text(picture(printed()), encoding="utf-8")
    print(PICTURE)
