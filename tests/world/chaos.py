"""Random sessions over bad lines, for as long as one likes: right results, clear errors, and nothing else.

``python -m world.chaos --seconds 60 --seed 1`` in tests/, or ``make chaos SECONDS=60``. A seed is always the same.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable

from anymeter.errors import AnymeterError, LocalError
from world.device import READER, SHORT, Meter
from world.lines import line, session
from world.sessions import Outcome, attempt, fresh

Disturb = Callable[[bytes, bool], Iterable[tuple[float, bytes]]]

KINDS = ["wrapper", "datagrams", "hdlc", "hdlc window 7", "hdlc long frames"]
SIZES = [0, 12, 20, 33, 64, 128, 200, 1024, 0xFFFF]
EVILS = {
    "wrapper": ["pieces", "cut", "flip"],
    "datagrams": ["loss", "double", "late", "noise"],
    "hdlc": ["loss", "double", "late", "noise", "pieces", "cut", "flip"],
}
LONGEST = 3000.0
"""Seconds, on the clock of the line, that no session takes however bad its line."""


class Line:
    """What becomes of octets on one bad line; *evils* happen to a *share* of what is sent.

    What is sent over a line that keeps things *in_order* is never overtaken, only lost, late, or there twice.
    """

    def __init__(self, dice: random.Random, evils: list[str], share: float, *, in_order: bool = False) -> None:
        self.dice, self.evils, self.share, self.in_order = dice, evils, share, in_order
        self.left = dice.randrange(1, 3000) if "cut" in evils else 1 << 40

    def __call__(self, sent: bytes, to_server: bool) -> list[tuple[float, bytes]]:
        sent, self.left = sent[: self.left], max(self.left - len(sent), 0)
        pieces = [(0.0, sent)] if sent else []
        for evil in self.evils:
            if pieces and (evil == "pieces" or self.dice.random() < self.share):
                pieces = self.suffered(evil, pieces)
        return pieces

    def suffered(self, evil: str, pieces: list[tuple[float, bytes]]) -> list[tuple[float, bytes]]:
        """What one evil makes of the pieces."""
        dice, (delay, octets) = self.dice, pieces[0]
        if self.in_order and evil == "double":
            return [pieces[0], *pieces]
        if self.in_order and evil == "late":
            more = 1.5 * dice.random()
            return [(delay + more, octets) for delay, octets in pieces]
        if evil == "loss":
            return pieces[1:]
        if evil == "double":
            return [pieces[0], (delay + dice.random(), octets), *pieces[1:]]
        if evil == "late":
            return [(delay + 1.5 * dice.random(), octets), *pieces[1:]]
        if evil == "noise":
            return [(delay, dice.randbytes(dice.randrange(1, 30))), *pieces]
        if evil == "flip":
            place = dice.randrange(len(octets))
            flipped = bytes((octets[place] ^ 1 << dice.randrange(8),))
            return [(delay, octets[:place] + flipped + octets[place + 1 :]), *pieces[1:]]
        if evil == "pieces":
            size = dice.randrange(1, 40)
            return [(at, o[n : n + size]) for at, o in pieces for n in range(0, len(o), size)]
        return pieces


class Run:
    """One random session, from its *seed* alone."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        self.kind, self.client = dice.choice(KINDS), dice.choice([16, READER, SHORT])
        carrier = self.kind.partition(" ")[0]
        self.evils = [evil for evil in EVILS[carrier] if dice.random() < 0.4]
        self.share, self.pdu = dice.choice([0.01, 0.05, 0.2, 0.5]), dice.choice(SIZES)
        self.repeats = dice.randrange(6) if carrier == "datagrams" else 0
        self.general = self.client != SHORT and self.pdu >= 64 and dice.random() < 0.2
        self.latency = dice.choice([0.0, 0.0, 0.1, 0.5])
        twice = self.client == SHORT and carrier == "datagrams" and {"double", "late", "loss"} & set(self.evils)
        self.unprotected = (carrier == "wrapper" and "flip" in self.evils) or bool(twice)
        self.disturb: Disturb = Line(dice, self.evils, self.share, in_order=carrier != "datagrams")

    def __call__(self, meter: Meter) -> Outcome:
        """The session, on a meter as it was before."""
        over = line(self.kind, fresh(meter), disturb=self.disturb, latency=self.latency, timeout=5.0)
        one = session(self.client, max_receive_pdu=self.pdu, repeats=self.repeats, general_blocks=self.general)
        return attempt(over, one)

    def objection(self, outcome: Outcome) -> str:
        """What is wrong with what came of it; empty for nothing."""
        if outcome.wrong and not self.unprotected:
            return f"wrong: {outcome.wrong}"
        if outcome.seconds > LONGEST:
            return f"it took {outcome.seconds:g} s"
        if outcome.error is not None and not str(outcome.error):
            return "an error without words"
        if isinstance(outcome.error, LocalError) and not self.unprotected:
            return f"the line is told as a mistake of our own: {outcome.error!r}"
        if not self.evils and not outcome.whole:
            return f"nothing was wrong with the line: {outcome.error!r}"
        return ""

    def __repr__(self) -> str:
        return (
            f"{self.kind}, client {self.client}, PDU {self.pdu}, {self.evils} {self.share}, repeats {self.repeats}, "
            f"general blocks {self.general}, latency {self.latency}"
        )


def run(seeds: Iterable[int]) -> tuple[Counter[str], list[str]]:
    """Run the sessions of the seeds: how often what came of them, and what must not have."""
    meter, counts, objections = Meter(), Counter[str](), []
    for seed in seeds:
        one = Run(seed)
        try:
            outcome = one(meter)
        except Exception:  # noqa: BLE001  (whatever it is: it is what we look for)
            objections.append(f"seed {seed} ({one!r})\n{traceback.format_exc()}")
            meter = Meter()
            continue
        if objection := one.objection(outcome):
            objections.append(f"seed {seed} ({one!r}): {objection}")
        objections += [f"seed {seed} ({one!r}): {what}: {error!r}" for what, error in meter.server.faults]
        meter.server.faults.clear()
        if meter.server.associations:
            objections.append(f"seed {seed} ({one!r}): {meter.server.associations} associations are left")
            meter = Meter()
        counts[words(one, outcome)] += 1
    return counts, objections


def words(one: Run, outcome: Outcome) -> str:
    """What came of a session, in a word."""
    if outcome.wrong:
        return "wrong, where nothing protects: bits on the wrapper, the order of answers with short names over UDP"
    if outcome.whole:
        return "right" if one.evils else "right, on a good line"
    error: AnymeterError | None = outcome.error
    return type(error).__name__


def seeds_for(seconds: float, first: int) -> Iterable[int]:
    """Seeds until the time is over."""
    end = time.monotonic() + seconds
    seed = first
    while time.monotonic() < end:
        yield seed
        seed += 1


def main() -> int:
    """Print what came of the sessions; 1 when anything was neither right nor a clear error."""
    parser = argparse.ArgumentParser(description="random sessions over bad lines")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()) * 1_000_000, help="the first one")
    parser.add_argument("--count", type=int, help="so many sessions, however long they take")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.count) if given.count else seeds_for(given.seconds, given.seed)
    counts, objections = run(seeds)
    lines = [f"{sum(counts.values())} sessions from seed {given.seed} on"]
    lines += [f"{count:8}  {what}" for what, count in counts.most_common()]
    lines += [f"{len(objections):8}  that must not be", *objections[:20]]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if objections else 0


if __name__ == "__main__":
    sys.exit(main())
