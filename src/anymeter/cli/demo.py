"""``anymeter demo``: one message of every kind, made here and decoded."""

from __future__ import annotations

from typing import TextIO

from anymeter.cli import render, status
from anymeter.cli.samples import KEY, Sample, samples
from anymeter.cli.screen import Screen
from anymeter.decoding import decode
from anymeter.errors import AnymeterError

OWN = """\
Now one of your own:

  anymeter decode 68 20 20 68 08 …           hex with any separators, a frame, a telegram, a readout
  anymeter decode @capture.hex                a file; .pcap captures too
  anymeter decode --json - < telegrams.txt    a message a line in, an object a line out
  anymeter decode --key {key} …    encrypted; --keys FILE for many meters
  anymeter explain …                          the same octets, annotated
  anymeter obis 7-0:3.2.0                     what a code means

In Python: anymeter.decode("68 20 20 68 …").readings
"""


def run(out: TextIO) -> int:
    """Decode every sample and print it; returns the exit status."""
    screen = Screen(out)
    failed = done = 0
    for sample in samples():
        try:
            _show(sample, screen, out)
            done += 1
        except AnymeterError as e:
            render.result(sample.octets.hex(), e, True, out)
            failed += 1
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
