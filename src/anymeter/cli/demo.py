"""``anymeter demo``: one message of every kind, made here and decoded; and a street of simulated meters, read."""

from __future__ import annotations

import sys
from typing import Final, TextIO

import typer

from anymeter.cli import render, status, street
from anymeter.cli.samples import KEY, Sample, samples
from anymeter.cli.screen import Screen
from anymeter.cli.talking import verb_app
from anymeter.decoding import decode
from anymeter.errors import AnymeterError

app: Final = verb_app()
OWN = """\
Now one of your own:

  anymeter decode 68 20 20 68 08 …           hex with any separators, a frame, a telegram, a readout
  anymeter decode @capture.hex                a file; .pcap captures too
  anymeter decode --json - < telegrams.txt    a message a line in, an object a line out
  anymeter decode --key {key} …    encrypted; --keys FILE for many meters
  anymeter explain …                          the same octets, annotated
  anymeter obis 7-0:3.2.0                     what a code means
  anymeter simulate --example                 a street of your own
  anymeter read dlms+tcp://…                  a meter, simulated or real

In Python: anymeter.decode("68 20 20 68 …").readings
"""


@app.command(name="demo")
def demo() -> None:
    """All of it in one minute, on this machine alone."""
    raise typer.Exit(run(sys.stdout))


def run(out: TextIO) -> int:
    """Decode every sample and print it, read the street and print it; returns the exit status."""
    screen = Screen(out)
    failed = done = 0
    for sample in samples():
        try:
            _show(sample, screen, out)
            done += 1
        except AnymeterError as e:
            render.result(sample.octets.hex(), e, True, out)
            failed += 1
    read, lost = street.show(out)
    done, failed = done + read, failed + lost
    out.write(OWN.format(key=KEY.hex().upper()))
    return status.of(done, failed)


def _show(sample: Sample, screen: Screen, out: TextIO) -> None:
    message = decode(sample.octets, key=sample.key, auth_key=sample.auth_key)
    screen.line((sample.title, "title"))
    screen.line((f"$ anymeter decode{sample.options} {_shown(sample.octets)}", "dim"))
    render.result("", message, False, out)
    out.write("\n")


def _shown(octets: bytes) -> str:
    return octets.hex().upper() if len(octets) <= 24 else f"{octets[:16].hex().upper()}… ({len(octets)} octets)"
