"""anymeter from octets to readings, through recognition, frame, security, records and OBIS; and as a whole process."""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
import time
from pathlib import Path

import cases
from timing import measure, say

import anymeter

RUNS = 15


def readable(telegrams):
    """The telegrams that give readings: the others are no case of this one."""
    for telegram in telegrams:
        try:
            if anymeter.decode(telegram).readings:
                yield telegram
        except anymeter.AnymeterError:
            continue


def over(telegrams):
    """One item: a telegram, recognised, to readings, one by one through one decoder."""
    decode = anymeter.Decoder().decode

    def work():
        return sum(1 for telegram in telegrams if decode(telegram).readings)

    return work, len(telegrams), len(telegrams)


def mode_5():
    """One item: a telegram, recognised, decrypted, to readings."""
    telegram = cases.mode_5()
    decode = anymeter.Decoder(anymeter.KeyRing(default={"key": cases.KEY})).decode

    def work():
        return decode(telegram).readings[0].value

    return work, 1_012_345_000, 1


def on_the_spot():
    """One item: the same through ``anymeter.decode``, which makes a decoder for each message."""
    telegram = cases.mode_5()

    def work():
        return anymeter.decode(telegram, key=cases.KEY).readings[0].value

    return work, 1_012_345_000, 1


def tell_process_starts():
    """Milliseconds of ``import anymeter`` and of ``anymeter decode HEX`` as whole processes, the medians of some runs.

    The package is compiled to bytecode first, as installing it does: an environment that forbids writing bytecode would
    else compile every module anew at every start.
    """
    compileall.compile_dir(str(Path(anymeter.__file__).parent), quiet=1)
    decode = ("-c", "from anymeter.cli import main; main()", "decode", cases.heat(1).hex())
    for case, told in (("import", ("-c", "import anymeter")), ("process-start", decode)):
        spent = []
        for _ in range(RUNS):
            started = time.perf_counter()
            subprocess.run([sys.executable, *told], check=True, stdout=subprocess.DEVNULL)
            spent.append(time.perf_counter() - started)
        say(case, milliseconds=1000 * statistics.median(spent))


measure(
    {
        "mbus-libmbus": lambda: over(list(readable(cases.libmbus()))),
        "mbus-mode-5": mode_5,
        "M-Bus telegrams of one layout to readings, one by one": lambda: over(cases.one_layout()),
        "anymeter.decode of a wireless telegram of mode 5": on_the_spot,
    }
)
tell_process_starts()
