"""Reads the documentation as its readers do: the examples are run, the links are followed."""

from __future__ import annotations

import contextlib
import doctest
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from house import shape

DOCS = shape.ROOT / "docs"
NAV = shape.ROOT / "mkdocs.yml"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
RUN = ("anymeter", "echo", "printf", "cat", "chmod")
PRETTY = "python3 -m json.tool"
SECONDS = 60
"""How long a command of an example may take."""
NOT_RUN = ("make", "pip", "pipx", "git", "cd", "python3 -m venv")
BANNED = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "lorem ip" + "sum")
MACHINE = re.compile(r"(?<![\w.:/])/(?:work|home|root|tmp|Users|mnt|opt)/[\w.]+")


class Block(NamedTuple):
    """One fenced block: the language and title of its fence, its text, and the line it starts on."""

    language: str
    title: str | None
    text: str
    line: int


class Command(NamedTuple):
    """One command of a console block, the output the page shows for it, and its line."""

    text: str
    output: str
    line: int


def pages() -> list[Path]:
    """Every page of the documentation, and what else is written to be read."""
    return [*sorted(shape.ROOT.glob("*.md")), *sorted(shape.ROOT.glob("[bf]*/*.md")), *sorted(DOCS.rglob("*.md"))]


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page; a fence may be indented (inside a list or a tab)."""
    fence = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```$", re.M | re.S)
    for match in fence.finditer(text):
        indent, language, rest, body = match.groups()
        title = re.search(r'title="([^"]+)"', rest)
        body = re.sub(f"^{indent}", "", body, flags=re.M)
        yield Block(language, title and title[1], body, text.count("\n", 0, match.start(4)) + 1)


def without_blocks(text: str) -> str:
    """A page with its fenced blocks and code spans blanked, so that only prose is left."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.M | re.S))


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block: each ``$ `` line (continued by a backslash) and what follows it."""
    parts = re.split(r"^\$ ", block.text, flags=re.M)
    line = block.line + parts[0].count("\n")
    for part in parts[1:]:
        match = re.match(r"((?:[^\n]*\\\n)*[^\n]*)\n?(.*)", part, re.S)
        assert match
        yield Command(match[1], match[2], line)
        line += part.count("\n")


def kind(command: str) -> str:
    """``run`` or ``shown`` (only shown to the reader); anything else is ``unknown``, and a mistake."""
    starts = [part.strip() for part in re.split(r"\||&&", command.replace("\\\n", " "))]
    if all(start.split()[0] in RUN or start == PRETTY for start in starts):
        return "run"
    return "shown" if starts[0].startswith(NOT_RUN) else "unknown"


def same(wanted: str, got: str) -> bool:
    """Whether an output is the one shown; ``…`` or ``...`` stands for anything."""
    checker = doctest.OutputChecker()
    return checker.check_output(wanted.replace("…", "..."), got, FLAGS)


def run(command: str, folder: Path, groups: list[int] | None = None) -> str:
    """What a command prints, both streams, in a terminal of 110 columns without colours.

    What it leaves behind in the background is in the process group that is added to *groups*.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    keep = {name: value for name, value in os.environ.items() if name in {"HOME", "LANG", "SYSTEMROOT"}}
    environment = keep | {"PATH": path, "COLUMNS": "110", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    with subprocess.Popen(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        if groups is not None:
            groups.append(process.pid)
        try:
            return process.communicate(timeout=SECONDS)[0].decode()
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with all that it began and that holds the pipe
            return f"{process.communicate()[0].decode()}(still running after {SECONDS} s)\n"


def end(groups: list[int]) -> None:
    """End what commands have left behind."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)


def wrong_consoles(text: str, folder: Path) -> Iterator[str]:
    """Each console example of a page that prints something else; titled blocks are files in *folder*."""
    groups: list[int] = []
    try:
        yield from _wrong_consoles(text, folder, groups)
    finally:
        end(groups)


def _wrong_consoles(text: str, folder: Path, groups: list[int]) -> Iterator[str]:
    for block in blocks(text):
        if block.title:
            place = folder / block.title
            place.write_text(block.text, encoding="utf-8")
            place.chmod(0o600)
        if block.language != "console":
            continue
        for command in commands(block):
            match kind(command.text):
                case "unknown":
                    yield f"{command.line}: no test runs `{command.text}`"
                case "run":
                    got = run(command.text, folder, groups)
                    if not same(command.output, got):
                        yield f"{command.line}: $ {command.text}\nshown:\n{command.output}\nprinted:\n{got}"


def wrong_doctests(text: str, name: str) -> Iterator[str]:
    """Each Python example of a page that answers something else; a page is one session."""
    parser, names = doctest.DocTestParser(), {"__name__": "__main__"}
    for block in blocks(text):
        if block.language != "python":
            continue
        if ">>>" not in block.text:
            yield f"{block.line}: a Python block without >>> is not tested"
            continue
        told: list[str] = []
        part = f"{name} line {block.line}"  # of its own, so that tracebacks through an earlier block find their lines
        test = parser.get_doctest(block.text.replace("…", "..."), names, part, name, block.line - 1)
        doctest.DocTestRunner(optionflags=FLAGS).run(test, out=told.append, clear_globs=False)
        names = test.globs
        if told:
            yield "".join(told)


def navigation(text: str) -> list[str]:
    """The pages that the navigation of mkdocs.yml names."""
    nav = re.search(r"^nav:\n((?:[ -].*\n|\n)*)", text, re.M)
    return re.findall(r"([\w/.-]+\.md)\s*$", nav[1], re.M) if nav else []


def slug(heading: str) -> str:
    """The anchor that mkdocs gives a heading."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower())


def anchors(page: Path) -> set[str]:
    """The anchors of a page: its headings, and those written out as ``{#…}``."""
    prose = re.sub(r"^( *)```.*?^\1```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+\s+(.*?)\s*$", prose, re.M)
    return {slug(one) for one in headings} | set(re.findall(r"\{#([\w-]+)\}", prose))


def wrong_links(page: Path) -> Iterator[str]:
    """Each link of a page to a file or an anchor that isn't there; addresses on the web are not followed."""
    for target in re.findall(r"\]\(([^)\s]+)[^)]*\)", without_blocks(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        if not place.exists() or not place.is_relative_to(shape.ROOT):
            yield f"{page.name}: no page {target}"
        elif anchor and place.suffix == ".md" and anchor not in anchors(place):
            yield f"{page.name}: no anchor {target}"


def banned(text: str) -> Iterator[str]:
    """Words of unfinished work, and paths of some machine."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from (f"{number}: {word}" for word in BANNED if re.search(rf"\b{word}\b", line))
        yield from (f"{number}: {path}" for path in MACHINE.findall(line))
