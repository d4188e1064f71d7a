"""The public names of anymeter and of each room, as written down in ``public_names.txt``."""

from __future__ import annotations

from pathlib import Path

from house import shape

LIST = Path(__file__).with_name("public_names.txt")
HEAD = """\
# The public names of anymeter and of each of its rooms, one a line, under test: a name that comes or goes shows in a
# review. Write the list anew with: make names
"""


def found() -> list[str]:
    """Every public name as ``room.name``, in order."""
    return [
        f"{room}.{name}"
        for room, path in shape.rooms().items()
        for name in shape.public_names(path.read_text(encoding="utf-8"))
    ]


def listed(text: str) -> list[str]:
    """The names in a list, comments and blank lines left out."""
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]


def difference(written: list[str], real: list[str]) -> list[str]:
    """What must be written into the list (``+``) or struck out of it (``-``)."""
    added = [f"+ {name}" for name in real if name not in written]
    return added + [f"- {name}" for name in written if name not in real]


if __name__ == "__main__":
    LIST.write_text(HEAD + "\n".join(found()) + "\n", encoding="utf-8")
