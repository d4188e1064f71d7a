"""Runs fuzz targets, each N seconds in a process of its own: ``python fuzz/run.py --seconds N [NAME…]``.

What is found stays in fuzz/findings/NAME, what reached new code in fuzz/corpus/NAME. Any finding fails the run.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from corpus import write
from harness import HERE, targets

LONGEST = 10_240
OPTIONS = ("-timeout=5", "-rss_limit_mb=2048", f"-max_len={LONGEST}", "-print_final_stats=1")


class Result(NamedTuple):
    """How one target fared: executions, coverage points reached, files with findings, and why it failed."""

    executions: int
    coverage: int
    findings: list[Path]
    why: str


def fuzz(name: str, path: Path, seconds: int) -> Result:
    """Run one target for *seconds*."""
    corpus, findings = HERE / "corpus" / name, HERE / "findings" / name
    write(corpus)
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    command = [sys.executable, str(HERE / "harness.py"), str(path), f"-max_total_time={seconds}", *OPTIONS]
    done = subprocess.run(
        [*command, f"-artifact_prefix={findings}/", str(corpus)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    said = done.stdout + done.stderr
    executions = re.findall(r"stat::number_of_executed_units:\s*(\d+)", said)
    coverage = re.findall(r"\bcov: (\d+)", said)
    raised = re.findall(r"^(?:[\w.]+(?:Error|Exception|Interrupt|Exit)\b.*|==\d+== ERROR.*)$", said, re.M)
    why = (raised or said.strip().splitlines() or ["?"])[-1 if not raised else 0] if done.returncode else ""
    found = sorted(set(findings.iterdir()) - before)
    return Result(int(executions[-1]) if executions else 0, int(coverage[-1]) if coverage else 0, found, why)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=int, default=20)
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(targets())}")
    options = asked.parse_args()
    if importlib.util.find_spec("atheris") is None:
        asked.error("atheris is not installed: pip install -e '.[fuzz]'")
    if unknown := set(options.names) - set(targets()):
        asked.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(targets())}")
    failed = 0
    print(f"{'target':24} {'executions':>12} {'coverage':>9}", flush=True)
    for name, path in targets().items():
        if options.names and name not in options.names:
            continue
        result = fuzz(name, path, options.seconds)
        print(f"{name:24} {result.executions:12,} {result.coverage:9,}  {result.why}", flush=True)
        for finding in result.findings:
            print(f"{'':24} {finding.relative_to(HERE.parent)}: {finding.read_bytes()[:40].hex(' ')}", flush=True)
        failed += bool(result.why or result.findings)
    print(f"{failed} with findings" if failed else "no findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
