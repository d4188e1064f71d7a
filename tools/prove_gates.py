"""Breaks each gate of `make test` once, in a copy of the tree, and sees that it fails, and for that reason.

``python tools/prove_gates.py [WORD…]`` proves the gates whose name holds one of the words; all of them without any.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "vectors" / "libmbus_test_frames.jsonl"
BIN = Path(sys.executable).parent
LEFT_OUT = shutil.ignore_patterns(".venv*", ".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis", "site")

FORMAT = ("ruff", "format", "--check", "src", "tests")
LINT = ("ruff", "check", "src", "tests")
TYPES = ("mypy",)
CONTRACTS = ("lint-imports", "--no-logo", "--no-cache")
SHAPE = ("python", "-m", "pytest", "-q", "tests/house/test_shape.py")
NAMES = ("python", "-m", "pytest", "-q", "tests/house/test_public_names.py")
DOCS = ("python", "-m", "pytest", "-q", "tests/house/test_docs.py")
PEERS = ("python", "-m", "pytest", "-q", "tests/house/test_no_peers.py")
DOCTESTS = ("python", "-m", "pytest", "-q", "src/anymeter/errors.py")
TESTS = ("python", "-m", "pytest", "-q", "tests/house/test_proof.py")

PROBE = "src/anymeter/wire/probe.py"


class Gate(NamedTuple):
    """One way to break the house: what to append to which file, and the word by which the gate must name it."""

    name: str
    command: tuple[str, ...]
    path: str
    text: str
    word: str


def long_function(lines: int) -> str:
    return "\n\ndef probe() -> int:\n    x = 1\n" + "    x += 1\n" * lines + "    return x\n"


GATES = (
    Gate("format", FORMAT, "src/anymeter/errors.py", "\nx  =  1\n", "would be reformatted"),
    Gate("lint: an unused import", LINT, PROBE, "import os\n", "F401"),
    Gate("lint: printing", LINT, PROBE, 'print("x")\n', "T201"),
    Gate("lint: catching everything", LINT, PROBE, "try:\n    x = 1\nexcept Exception:\n    x = 2\n", "BLE001"),
    Gate("lint: commented-out code", LINT, PROBE, "# x = compute(1)\n", "ERA001"),
    Gate("lint: unfinished work", LINT, PROBE, "# TO" + "DO: later\n", "TD0"),
    Gate("lint: no annotations", LINT, PROBE, "def probe(x):\n    return x\n", "ANN"),
    Gate("types", TYPES, PROBE, "def probe() -> int:\n    return 'x'\n", "return-value"),
    Gate("types: untyped", TYPES, PROBE, "def probe(x):\n    return x\n", "no-untyped-def"),
    Gate("layers: upwards", CONTRACTS, PROBE, "from anymeter.bridge import reading\n", "layers of the standard BROKEN"),
    Gate("layers: sideways", CONTRACTS, "src/anymeter/links/probe.py", "import anymeter.cosem\n", "standard BROKEN"),
    Gate("layers: a room of its own", CONTRACTS, "src/anymeter/attic/__init__.py", "x = 1\n", "attic"),
    Gate("contracts: I/O", CONTRACTS, PROBE, "import socket\n", "look at clocks BROKEN"),
    Gate("contracts: clocks", CONTRACTS, "src/anymeter/obis/probe.py", "import time\n", "look at clocks BROKEN"),
    Gate("contracts: cryptography", CONTRACTS, PROBE, "import cryptography\n", "cryptography BROKEN"),
    Gate("contracts: cryptography beside security", CONTRACTS, "src/anymeter/dlms/probe.py",
         "from cryptography import x509\n", "cryptography BROKEN"),
    Gate("contracts: a cycle", CONTRACTS, "src/anymeter/wire/fields.py", "\nfrom anymeter.wire import pdu\n",
         "No cycles anywhere BROKEN"),
    Gate("shape: a long function", SHAPE, PROBE, long_function(60), "probe() has 62 body lines"),
    Gate("shape: a long class", SHAPE, PROBE, "class Probe:\n" + "    x = 1\n" * 300, "class Probe has 301 lines"),
    Gate("shape: a long file", SHAPE, PROBE, "x = 1\n" * 401, "file of 401 lines"),
    Gate("shape: a local import", SHAPE, PROBE, "def probe() -> None:\n    import anymeter.obis\n", "imports anymeter"),
    Gate("shape: a vague name", SHAPE, PROBE, "class ProbeManager:\n    x = 1\n", "class ProbeManager"),
    Gate("shape: no test beside it", SHAPE, PROBE, "def probe() -> None: ...\n", "wire/probe.py has no tests"),
    Gate("shape: too many public names", SHAPE, "src/anymeter/attic/__init__.py",
         "".join(f"name_{i} = {i}\n" for i in range(31)), "public names: "),
    Gate("shape: more code than tests", SHAPE, "src/anymeter/wire/tables.py", "x = 1\n" * 60_000, "lines of tests for"),
    Gate("names: a new public name", NAMES, "src/anymeter/attic/__init__.py", "probe = 1\n", "+ anymeter.attic.probe"),
    Gate("names: a lost public name", NAMES, "tests/house/public_names.txt", "anymeter.gone\n", "- anymeter.gone"),
    Gate("docs: a wrong answer", DOCS, "docs/index.md", "\n```python\n>>> 1 + 1\n3\n```\n", "Expected:"),
    Gate("docs: a wrong output", DOCS, "docs/index.md", "\n```console\n$ anymeter --version\nx\n```\n", "printed:"),
    Gate("docs: a dead link", DOCS, "docs/index.md", "\n[x](nowhere.md)\n", "no page nowhere.md"),
    Gate("docs: a lost page", DOCS, "docs/lost.md", "# Lost\n", "lost.md"),
    Gate("docs: unfinished work", DOCS, "docs/index.md", "\nTO" + "DO\n", "TO" + "DO"),
    Gate("docs: a path of a machine", DOCS, "docs/index.md", "\n`/home" + "/me/anymeter`\n", "/home"),
    Gate("peers: an import", PEERS, PROBE, "import gurux_dlms\n", "imports gurux_dlms"),
    Gate("doctests", DOCTESTS, "src/anymeter/errors.py",
         '\n\ndef probe() -> int:\n    """Says.\n\n    >>> probe()\n    2\n    """\n    return 1\n', "Got:"),
    Gate("tests: a failure", TESTS, "tests/house/test_proof.py", "def test_it():\n    assert 0\n", "1 failed"),
    Gate("tests: a warning", TESTS, "tests/house/test_proof.py",
         "import warnings\n\n\ndef test_it():\n    warnings.warn('x', stacklevel=1)\n", "UserWarning"),
    Gate("tests: an unknown marker", TESTS, "tests/house/test_proof.py",
         "import pytest\n\n\n@pytest.mark.sloow\ndef test_it(): ...\n", "sloow"),
)  # fmt: skip


def gates() -> Iterator[Gate]:
    """Every gate; the one against copied vectors only where there are vectors to copy."""
    yield from GATES
    if SHARED.is_file():
        with SHARED.open(encoding="utf-8") as file:
            octets = max((json.loads(line)["hex"] for line in file), key=len)
        yield Gate("peers: a copied vector", PEERS, "tests/vectors/probe.toml", f'octets = "{octets}"\n', "probe.toml")


def run(command: tuple[str, ...], folder: Path) -> tuple[bool, str]:
    """Whether a command passes in a folder, and what it says; the folder's source goes before the installed one."""
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode == 0, done.stdout + done.stderr


def prove(gate: Gate, folder: Path) -> str | None:
    """Break one gate and mend it again; says what is wrong with it, None when it fails as it must."""
    path = folder / gate.path
    before = path.read_text(encoding="utf-8") if path.is_file() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((before or "") + gate.text, encoding="utf-8")
    passed, said = run(gate.command, folder)
    if before is None:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    else:
        path.write_text(before, encoding="utf-8")
    if passed:
        return "passes though it is broken"
    if gate.word not in said:
        return f"fails without saying {gate.word!r}:\n{said[-1500:]}"
    return None


def main() -> int:
    words = sys.argv[1:]
    chosen = [gate for gate in gates() if not words or any(word in gate.name for word in words)]
    wrong, proved = 0, 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "anymeter"
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        if SHARED.is_file():
            (folder.parent / "shared").symlink_to(SHARED.parents[1])
        for command in dict.fromkeys(gate.command for gate in chosen if gate.command is not TESTS):
            passed, said = run(command, folder)
            if not passed:
                wrong += 1
                print(f"✗ unbroken, it fails already: {' '.join(command)}\n{said[-1500:]}")
        for gate in chosen:
            failure = prove(gate, folder)
            wrong += failure is not None
            proved += failure is None
            print(f"{'✗' if failure else '✓'} {gate.name}{': ' + failure if failure else ''}", flush=True)
    print(f"{proved} of {len(chosen)} gates fail when broken")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
