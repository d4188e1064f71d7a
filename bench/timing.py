"""How a benchmark is timed and told: the median of several rounds, one JSON line a case. Standard library only."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
ROUND_SECONDS = float(os.environ.get("BENCH_SECONDS", "0.15"))

Maker = Callable[[], tuple[Callable[[], object], object, int]]


def say(case: str, **facts: object) -> None:
    """One line about one case: ``rate`` (items a second), ``milliseconds`` (of a process), or ``why`` not."""
    print(json.dumps({"case": case, **facts}), flush=True)


def clocked(work: Callable[[], object], calls: int) -> float:
    """Seconds of this process's processor time that *calls* calls take: other work on the machine does not count."""
    started = time.process_time()
    for _ in range(calls):
        work()
    return time.process_time() - started


def seconds_a_call(work: Callable[[], object]) -> float:
    """The median time of one call over ROUNDS rounds of about ROUND_SECONDS each, after a warming up."""
    calls, spent = 1, clocked(work, 1)
    while spent < ROUND_SECONDS / 4:
        calls *= 4
        spent = clocked(work, calls)
    calls = max(1, round(calls * ROUND_SECONDS / spent))
    return statistics.median(clocked(work, calls) / calls for _ in range(ROUNDS))


def measure(table: Mapping[str, Maker]) -> None:
    """Check, time and tell a table of cases.

    A maker returns what to time, the answer it must give (None: any), and how many items one call handles. What
    raises, or answers wrong, is told as undone. Prints and logs of what is timed go nowhere, and so cost it little.
    """
    logging.disable(logging.CRITICAL)
    for case, maker in table.items():
        try:
            with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
                work, wanted, items = maker()
                got = work()
                rate = items / seconds_a_call(work) if wanted is None or got == wanted else None
        except Exception as error:  # noqa: BLE001 - a peer may raise anything at all
            say(case, why=f"{type(error).__name__}: {error}")
            continue
        if rate is None:
            say(case, why=f"answers {str(got)[:80]}")
        else:
            say(case, rate=rate)
