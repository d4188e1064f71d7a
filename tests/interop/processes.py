"""Peers as processes of their own, under the interpreter that has them: nothing of them is ever imported here."""

from __future__ import annotations

import json
import os
import select
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("ANYMETER_PEERS", ROOT / ".venv-bench" / "bin" / "python"))
SCRIPTS = Path(__file__).parent / "peers"
PATIENCE = 60
PACKAGES = ("gurux-dlms", "dlms-cosem", "pydlms-client")


class PeerError(Exception):
    """A peer ended otherwise than by answering."""


def versions() -> dict[str, str]:
    """The peers that are installed, with their versions; nothing is started for it."""
    found = {}
    for path in (PYTHON.parents[1]).glob("[lL]ib/**/site-packages/*.dist-info"):
        name, _, version = path.name.removesuffix(".dist-info").rpartition("-")
        if name.replace("_", "-") in PACKAGES:
            found[name.replace("_", "-")] = version
    return found


MISSING = "the peers are not installed: make test does it where a package index is within reach"
needed = pytest.mark.skipif(len(versions()) < len(PACKAGES), reason=MISSING)


def ask(script: str, **job) -> list[dict]:
    """Run a client of a peer's: one answer for each step, ``{"value": ...}`` or ``{"error": ...}``.

    A session that breaks ends with ``{"failure": words}``.
    """
    command = [PYTHON, SCRIPTS / f"{script}.py", json.dumps({"host": "127.0.0.1", "server": 1} | job)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode or not done.stdout.strip():
        raise PeerError(f"{script}: {done.stderr.strip()[-600:]}")
    return json.loads(done.stdout.splitlines()[-1])["answers"]


@contextmanager
def running(script: str, **told):
    """A server of a peer's; gives its port."""
    command = [PYTHON, SCRIPTS / f"{script}.py", json.dumps(told)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            line = process.stdout.readline() if ready else ""
            if not line.strip():
                raise PeerError(f"{script} did not start")
            yield int(line)
        finally:
            process.stdin.close()  # its servers live until then
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
