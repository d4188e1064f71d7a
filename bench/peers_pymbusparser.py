"""pymbusparser (MIT, m-bus-parser in Rust) on our cases. Run by the interpreter of .venv-bench."""

from __future__ import annotations

import cases
import pymbusparser
from timing import measure


def readable(telegrams):
    """The telegrams that it reads at all: the others cost it nothing here."""
    found = []
    for telegram in telegrams:
        try:
            pymbusparser.parse(telegram)
        except ValueError:
            continue
        found.append(telegram)
    return found


LIBMBUS = readable(cases.libmbus())
SAME = readable(cases.one_layout())


def over(telegrams):
    def work():
        return sum(1 for telegram in telegrams if pymbusparser.parse(telegram))

    return work, len(telegrams), len(telegrams)


def mode_5():
    telegram = cases.mode_5()

    def work():
        return pymbusparser.parse(telegram, key=cases.KEY)["records"][0]["value"]["value"]

    return work, "1012345000", 1


measure(
    {
        "mbus-libmbus": lambda: over(LIBMBUS),
        "mbus-one-layout": lambda: over(SAME),
        "mbus-mode-5": mode_5,
    }
)
