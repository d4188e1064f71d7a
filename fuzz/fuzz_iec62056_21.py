"""IEC 62056-21 and P1: readouts and telegrams to readings, explained, and encoded again."""

from __future__ import annotations

from anymeter.bridge.datasets import p1_message, readout_message
from anymeter.errors import DecodeError
from anymeter.links import iec62056_21, p1

ALLOWED = (DecodeError,)


def one(octets: bytes) -> None:
    for looks_like in (iec62056_21.looks_like, p1.looks_like):
        looks_like(octets)
    for work in (readout_message, p1_message, iec62056_21.explain, p1.explain):
        try:
            work(octets)
        except ALLOWED:
            continue
    for telegram in p1.telegrams(octets):
        if isinstance(telegram, p1.Telegram):
            assert p1.decode(telegram.encode()).text == telegram.text
    try:
        message, end = iec62056_21.decode(octets)
    except ALLOWED:
        return
    assert 0 < end <= len(octets)
    message.encode()


if __name__ == "__main__":
    from harness import run

    run(one)
