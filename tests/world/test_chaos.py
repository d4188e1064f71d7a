"""A slice of the chaos of ``make chaos``, always the same one, and that it would tell."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from anymeter.errors import LinkError, LocalError
from world.chaos import EVILS, Line, Run, run, words
from world.device import Meter
from world.sessions import Outcome

SLICE = range(1, 1501)


@pytest.mark.slow
def test_a_slice_of_it():
    counts, objections = run(SLICE)
    assert not objections, "\n".join(objections[:5])
    assert sum(counts.values()) == len(SLICE)
    assert counts["right"] > len(SLICE) // 3
    assert counts["right, on a good line"] > 50
    assert counts["LinkTimeout"] > 50


def test_a_seed_is_the_same_session_each_time():
    for seed in range(100, 130):
        first, again = (Run(seed)(Meter()) for _ in range(2))
        assert repr(first) == repr(again)


def test_every_kind_of_line_and_every_evil_comes_up():
    seen = {(one.kind, evil) for one in map(Run, SLICE) for evil in one.evils}
    assert {(kind.partition(" ")[0], evil) for kind, evil in seen} == {(k, e) for k, es in EVILS.items() for e in es}


@pytest.mark.parametrize("evil", ["loss", "double", "late", "noise", "flip", "pieces", "cut"])
def test_an_evil_does_something(evil):
    line = Line(random.Random(1), [evil], 1.0)
    came = [piece for _ in range(40) for piece in line(bytes(100), True)]
    assert came != [(0.0, bytes(100))] * 40


def outcome(**more):
    return Outcome(**({"done": [], "wrong": [], "error": None, "seconds": 0.0} | more))


def test_what_must_not_be_is_objected_to():
    good, bad = (
        next(r for r in map(Run, SLICE) if bool(r.evils) is evil and not r.unprotected) for evil in (False, True)
    )
    assert "wrong: ['get: 1']" in bad.objection(outcome(wrong=["get: 1"]))
    assert "took 3001 s" in bad.objection(outcome(seconds=3001.0))
    assert "without words" in bad.objection(outcome(error=LinkError("")))
    assert bad.objection(outcome(error=LinkError("silence"))) == ""
    assert "our own" in bad.objection(outcome(error=LocalError("not connected")))
    assert "nothing was wrong" in good.objection(outcome(error=LinkError("silence")))
    assert words(bad, outcome(error=LinkError("silence"))) == "LinkError"


def test_as_a_script():
    done = subprocess.run(
        [sys.executable, "-m", "world.chaos", "--seed", "5", "--count", "20"],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("20 sessions from seed 5 on")
    assert done.stdout.rstrip().endswith("0  that must not be")
