"""Nothing of anybody else's: no peer is imported, and no octet of the shared vectors is copied."""

from __future__ import annotations

import ast

import pytest

from house import peers, shape
from shared import REASON

present = pytest.mark.skipif(not (peers.SHARED / "vectors").is_dir(), reason=REASON)


def place(path):
    return str(path.relative_to(shape.ROOT))


def test_no_peer_is_imported():
    found = [
        f"{place(path)}:{one}"
        for folder in peers.OURS
        for path in shape.modules(shape.ROOT / folder)
        if path.parent != peers.SCRIPTS
        for one in peers.peer_imports(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


def test_the_scripts_that_may_import_peers_are_never_imported():
    """They run as processes of their own, under the interpreter of .venv-bench: see tests/interop/processes.py."""
    assert {path.stem for path in shape.modules(peers.SCRIPTS)} <= {
        "dlms_cosem_client", "gurux_client", "gurux_server", "pydlms_client", "pydlms_server",
    }  # fmt: skip
    found = [
        f"{place(path)}: {name}"
        for folder in peers.OURS
        for path in shape.modules(shape.ROOT / folder)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in shape.imported(node)
        if name.startswith(("interop.peers", "peers."))
    ]
    assert not found


def test_only_their_own_scripts_import_peers_in_the_benchmarks():
    found = [
        path.name
        for path in shape.modules(shape.ROOT / "bench")
        if list(peers.peer_imports(path.read_text(encoding="utf-8"))) and not path.name.startswith("peers_")
    ]
    assert not found


@present
def test_no_vector_is_copied():
    octets, lines = peers.fingerprints()
    found = [
        f"{place(path)}: {one}"
        for path in peers.files()
        for one in peers.copied(path.read_text(encoding="utf-8"), octets, lines)
    ]
    assert not found, "octets of ../shared/vectors in the repository:\n" + "\n".join(found)


@present
def test_the_vectors_leave_fingerprints():
    octets, lines = peers.fingerprints()
    assert len(octets) > 10_000
    assert len(lines) > 50


@pytest.mark.parametrize(
    "statement",
    [
        "import gurux_dlms",
        "from dlms_cosem.hdlc import frames",
        "def late():\n    import meterbus",
        "importlib.import_module('pymbusparser')",
        "try:\n    import pydlms.x as y\nexcept ImportError:\n    pass",
    ],
)
def test_a_peer_is_seen(statement):
    assert len(list(peers.peer_imports(statement))) == 1


def test_others_are_no_peers():
    assert not list(peers.peer_imports("import numpy\nfrom anymeter.dlms import apdu\nfrom . import meterbus\n"))


SOME = "".join(f"{(i * i * 7 + 3 * i) % 251:02x}" for i in range(40))
KNOWN = frozenset(peers.windows(SOME, 2))


@pytest.mark.parametrize(
    "text",
    [
        SOME,
        SOME.upper(),
        f"octets = '{SOME[10:60]}'",
        " ".join(SOME[i : i + 2] for i in range(0, 80, 2)),
        ":".join(SOME[i : i + 2] for i in range(0, 80, 2)),
        ", ".join(f"0x{SOME[i : i + 2]}" for i in range(0, 80, 2)),
        "b'" + "".join(f"\\x{SOME[i : i + 2]}" for i in range(0, 80, 2)) + "'",
        f'one = (\n    "{SOME[:40]}"\n    "{SOME[40:]}"\n)',
        "a" + SOME,
    ],
)
def test_a_copy_is_seen_however_it_is_written(text):
    assert list(peers.copied(text, KNOWN, frozenset()))


@pytest.mark.parametrize("text", [SOME[:38], SOME[::-1], "words and no octets at all", "00" * 40])
def test_what_is_not_copied_is_not_seen(text):
    assert not list(peers.copied(text, KNOWN, frozenset()))


def test_a_line_of_a_text_telegram_is_seen():
    line = "1-9:1.8.0(000123.456*kWh)(250101)"
    assert list(peers.copied(f"telegram = (\n    '{line}\\r\\n'\n)", frozenset(), frozenset([line])))
    assert not list(peers.copied("1-9:1.8.0(0)", frozenset(), frozenset([line])))


@pytest.mark.parametrize("window", ["00" * 20, "2f" * 18 + "0102", bytes(range(20)).hex(), "ff00" * 10])
def test_padding_and_counting_tell_nothing(window):
    assert not peers.telling(window)


def test_a_message_tells():
    assert peers.telling(SOME[:40])


def test_octets_are_taken_from_any_field():
    assert list(peers.octets_of([{"hex": SOME, "id": "x", "n": 5, "prior_hex": SOME.upper()}])) == [SOME, SOME]


def test_made_things_are_left_out(tmp_path):
    for name in ("a.py", "site/b.md", ".venv/c.py", "docs/d.md", "fuzz/corpus/e.txt", "f.bin"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert [path.name for path in peers.files(tmp_path)] == ["a.py", "d.md"]


@pytest.mark.parametrize(("window", "core"), [("2f2f0102", "0102"), ("01022f", "0102"), ("012f02", "012f02")])
def test_idle_filler_is_no_part_of_a_message(window, core):
    assert peers.without_filler(window) == core
