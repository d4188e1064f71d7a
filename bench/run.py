"""One table: our speed beside the targets and beside other libraries, measured one after the other in one run.

Every ``ours_*.py`` runs under this interpreter, every ``peers_*.py`` under the one named with ``--peers``, each as a
process of its own; they print JSON lines (see README.md). Nothing is asserted: a missed target is marked.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent


class Case(NamedTuple):
    """One row of the table: what a script calls it, what it is, and the target (items a second)."""

    name: str
    text: str
    target: float | None = None


CASES = (
    Case("get-response", "small GET response, decoded", 700_000),
    Case("get-request", "GET request, encoded", 1_500_000),
    Case("hdlc-139", "HDLC frame of 139 octets", 300_000),
    Case("profile-rows", "mixed profile rows, general decoder", 600_000),
    Case("profile-columns", "fixed-layout rows to typed columns", 8_000_000),
    Case("glo-get-response-200", "glo-get-response of 200 octets, verified, decrypted, decoded", 120_000),
    Case("client-get", "GET as a conversation of the client", 125_000),
    Case("client-association", "association and release as conversations of the client", 16_600),
    Case("client-profile", "profile of 2,976 rows, out of its blocks to typed columns", 100),
    Case("get-there-and-back", "GET from client to server and back, without sockets", 30_000),
    Case("session", "session over TCP: connect, associate, read, release; processor time of the client", 4_000),
    Case("session-bare", "the same octets over a bare socket: what the machine takes by itself"),
    Case("session-reading", "the same with meter.read: value, scaler and unit", 4_000),
    Case("session-asyncio", "session over asyncio", 2_860),
    Case("session-asyncio-reading", "the same with meter.read"),
    Case("server-session", "session over TCP, processor time of the server", 4_000),
    Case("tcp-profile", "profile of 2,976 rows over TCP to typed columns, PDU of 1,024 octets", 100),
    Case("tcp-profile-big", "the same with a PDU of 65,535 octets", 100),
    Case("tcp-profile-asyncio", "the same over asyncio, PDU of 1,024, in a session of its own", 100),
    Case("simulator-session", "session with one of 10,000 simulated meters, processor time of the server", 4_000),
    Case("simulator-gets", "GET of one of 10,000 simulated meters, frame to frame", 8_000),
    Case("simulator-tcp-gets", "the same over TCP, processor time of the server", 8_000),
    Case("simulator-tcp-megabytes", "memory of 10,000 simulated meters that were all read (below 1000 MB)"),
    Case("mbus-libmbus", "M-Bus telegrams of libmbus to readings", 60_000),
    Case("mbus-one-layout", "M-Bus telegrams of one layout to columns", 2_000_000),
    Case("mbus-mode-5", "wireless telegram of mode 5, decrypted, to readings", 50_000),
)
STARTS = (
    Case("import", '`python -c "import anymeter"`, the whole process', 80),
    Case("process-start", "`anymeter decode HEX`, the whole process", 150),
)
"""These take a time, the others have a rate."""

PEERS = {
    "gurux": "gurux-dlms",
    "dlms_cosem": "dlms-cosem",
    "pydlms": "pydlms-client",
    "pymeterbus": "pyMeterBus",
    "pymbusparser": "pymbusparser",
}

Facts = dict[str, dict[str, object]]


def lines(script: Path, python: str) -> list[dict[str, object]]:
    """What one script says, in order; a script that dies says why on one line."""
    known = os.environ | {"BENCH_OURS": sys.executable}
    done = subprocess.run([python, script.name], cwd=HERE, capture_output=True, text=True, check=False, env=known)
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it died"])[-1]
        print(f"{script.name}: {why}", file=sys.stderr)
    return told


def measured(pattern: str, python: str) -> dict[str, Facts]:
    """``{script: {case: facts}}`` for every script of a pattern."""
    found: dict[str, Facts] = {}
    for script in sorted(HERE.glob(pattern)):
        print(f"… {script.name}", file=sys.stderr, flush=True)
        found[script.stem.partition("_")[2]] = {str(line["case"]): line for line in lines(script, python)}
    return found


def number(rate: object) -> str:
    """A rate with three digits that matter, as people write it."""
    if not isinstance(rate, int | float):
        return ""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if rate >= size:
            return f"{rate / size:.3g}{unit}"
    return f"{rate:.3g}"


def memory(facts: dict[str, object]) -> str:
    """What takes memory and not time."""
    size = facts.get("megabytes")
    return f"{size:.0f} MB" if isinstance(size, int | float) else "–"


def beside(ours: object, theirs: dict[str, object] | None) -> str:
    """A peer's cell: its rate and how many times ours is; why there is none."""
    if theirs is None:
        return ""
    rate = theirs.get("rate")
    if not isinstance(rate, int | float):
        return "can't"
    return number(rate) + (f" ({multiple(ours / rate)}×)" if isinstance(ours, int | float) else "")


def multiple(ratio: float) -> str:
    """How many times, with two digits that matter."""
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def mark(good: bool) -> str:
    """How a cell says whether a target is met."""
    return "[green]✓[/]" if good else "[bold red]✗ missed[/]"


def table(ours: Facts, peers: dict[str, Facts]) -> Table:
    """The one table: targets, ours, theirs and how many times ours is."""
    made = Table(
        title=f"a second, on one core, medians ({platform.python_implementation()} {platform.python_version()})"
    )
    for heading in ("case", "target", "anymeter", "", *(PEERS.get(peer, peer) for peer in peers)):
        made.add_column(heading, justify="left" if heading == "case" else "right", overflow="fold")
    extra = [Case(name, name) for name in ours if name not in {case.name for case in (*CASES, *STARTS)}]
    for case in (*CASES, None, *extra):
        if case is None:
            add_starts(made, ours)
            made.add_section()
            continue
        mine = ours.get(case.name, {})
        rate = mine.get("rate")
        verdict = mark(rate >= case.target) if case.target and isinstance(rate, int | float) else ""
        theirs = [beside(rate, facts.get(case.name)) for facts in peers.values()]
        made.add_row(case.text, number(case.target), number(rate) or memory(mine), verdict, *theirs)
    return made


def add_starts(made: Table, ours: Facts) -> None:
    """The rows of whole processes, whose targets are times and not rates."""
    for case in STARTS:
        spent = ours.get(case.name, {}).get("milliseconds")
        if isinstance(spent, int | float) and case.target:
            made.add_row(case.text, f"≤ {case.target:.0f} ms", f"{spent:.0f} ms", mark(spent <= case.target))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--peers", type=Path, metavar="PYTHON", help="the interpreter that has the peers; without it, ours alone"
    )
    asked.add_argument("--json", action="store_true", help="print what was measured as JSON instead of a table")
    options = asked.parse_args()
    ours: Facts = {}
    for facts in measured("ours_*.py", sys.executable).values():
        ours.update(facts)
    peers = measured("peers_*.py", str(options.peers.absolute())) if options.peers else {}
    if options.json:
        print(json.dumps({"ours": ours, "peers": peers}, indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else 170)
    console.print(table(ours, peers))
    for source, facts in (("anymeter", ours), *peers.items()):
        for case, fact in facts.items():
            if "why" in fact:
                console.print(f"{PEERS.get(source, source)} can't do {case}: {fact['why']}", markup=False)


if __name__ == "__main__":
    main()
