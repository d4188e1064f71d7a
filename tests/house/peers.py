"""Looks for what must not be in the repository: imports of peers, and octets copied out of ../shared/vectors."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from house import shape

PEERS = {
    "gurux_dlms", "gurux_common", "gurux_net", "gurux_serial", "dlms_cosem", "pydlms", "meterbus", "pymbusparser",
    "m_bus_parser", "DLMS_SPODES",
}  # fmt: skip
OURS = ("src", "tests", "tools", "fuzz")
SCRIPTS = shape.ROOT / "tests" / "interop" / "peers"
"""The scripts of the interoperability tests: they run under another interpreter, and nothing here imports them."""
TEXT = {".py", ".md", ".toml", ".csv", ".json", ".txt", ".yml", ".hex", ".svg"}
WINDOW = 20  # octets in a row that two messages don't share by chance
ACSE = ("74050801", "a305a103020", "5f1f0400")  # every association has these octets: identifiers, result, conformance
LINE = 30  # characters of a text telegram's line, likewise

SHARED = shape.ROOT.parent / "shared"


def peer_imports(source: str) -> Iterator[str]:
    """Each import of a peer, wherever in the module it stands."""
    for node in ast.walk(ast.parse(source)):
        for name in shape.imported(node):
            if name.split(".")[0] in PEERS:
                yield f"{getattr(node, 'lineno', 0)}: imports {name}"


def files(root: Path = shape.ROOT) -> list[Path]:
    """The text files of the repository, environments and made things aside."""
    skip = {"site", "build", "dist", "corpus", "findings", "__pycache__"}
    return sorted(
        path
        for path in root.rglob("*")
        if path.suffix in TEXT
        and path.is_file()
        and not any(part in skip or part.startswith(".") for part in path.relative_to(root).parts)
    )


def hex_runs(text: str, least: int = WINDOW) -> list[str]:
    """Runs of at least so many octets in hex, as written with blanks, colons, commas, quotes, ``0x`` or ``\\x``."""
    joined = re.sub(r"(?:0x|\\x)?([0-9A-Fa-f]{2})(?:[\s:,\-_'\"]|\\n)*", r"\1", text)
    return [run.lower() for run in re.findall(rf"[0-9A-Fa-f]{{{2 * least},}}", joined)]


def windows(run: str, step: int = 1) -> Iterator[str]:
    """Every stretch of WINDOW octets in a run of hex digits; *step* 2 where the octets' bounds are known."""
    return (run[i : i + 2 * WINDOW] for i in range(0, len(run) - 2 * WINDOW + 1, step))


def telling(window: str) -> bool:
    """Whether a stretch of octets tells where it is from: neither nearly all alike nor a plain count."""
    octets = bytes.fromhex(window)
    steps = {(b - a) % 256 for a, b in itertools.pairwise(octets)}
    return len(set(octets)) > WINDOW // 3 and len(steps) > 3


def octets_of(vectors: Iterable[dict[str, object]]) -> Iterator[str]:
    """The hex of every message in some vectors, whatever field it stands in."""
    for vector in vectors:
        for value in vector.values():
            if isinstance(value, str) and len(value) >= 2 * WINDOW and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", value):
                yield value.lower()


@cache
def fingerprints(shared: Path = SHARED) -> tuple[frozenset[str], frozenset[str]]:
    """Stretches of octets and lines of text that only the shared vectors hold, the specification's examples aside."""
    octets: set[str] = set()
    lines: set[str] = set()
    for path in sorted((shared / "vectors").glob("*.jsonl")):
        for text in octets_of(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line):
            plain = bytes.fromhex(text)
            if plain.isascii():  # a readout: the grammar of its lines is everybody's, a whole long line is not
                lines.update(line.strip() for line in plain.decode().splitlines() if len(line.strip()) >= LINE)
            else:
                octets.update(windows(text, 2))
    spec = "\n".join(path.read_text(encoding="utf-8") for path in sorted((shared / "spec").glob("*.md")))
    printed = "|".join(hex_runs(spec, 8))
    octets = {
        w for w in octets if telling(w) and not any(part in w for part in ACSE) and without_filler(w) not in printed
    }
    return frozenset(octets), frozenset(line for line in lines if line not in spec)


def without_filler(window: str) -> str:
    """A stretch of octets without the idle filler 2F of M-Bus at its ends."""
    return re.sub(r"^(?:2f)+|(?:2f)+$", "", window)


def copied(text: str, octets: frozenset[str], lines: frozenset[str]) -> Iterator[str]:
    """What a text shares with the vectors."""
    for run in hex_runs(text):
        if found := next((window for window in windows(run) if window in octets), None):
            yield f"octets {found}"
        for line in bytes.fromhex(run[: len(run) // 2 * 2]).decode("ascii", "replace").splitlines():
            if line.strip() in lines:
                yield f"line {line.strip()}"
    for line in text.splitlines():
        for part in re.split(r"\\r|\\n|['\"`]", line):
            if len(part.strip()) >= LINE and part.strip() in lines:
                yield f"line {part.strip()}"
