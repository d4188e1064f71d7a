"""Wireless M-Bus: telegrams of both frame formats and without CRCs, line coding, and what the telegrams carry."""

from __future__ import annotations

from anymeter.errors import ApplicationError, DecodeError, SecurityError
from anymeter.links import coding, wireless
from anymeter.mbus import afl, ell, telegram

ALLOWED = (DecodeError, ApplicationError)
ALLOWED_WITH_KEYS = (DecodeError, ApplicationError, SecurityError)

KEY = bytes(range(16))


def one(octets: bytes) -> None:
    for decode in (coding.three_of_six_decode, coding.manchester_decode, afl.decode, ell.decode):
        try:
            decode(octets)
        except ALLOWED:
            continue
    for crcs in (None, "A", "B", "none"):
        try:
            frame = wireless.parse(octets, crcs)
        except ALLOWED:
            continue
        if crcs is None:
            assert wireless.encode(frame) + frame.trailer == octets
            assert b"".join(f.octets for f in wireless.explain(octets)) == octets
        opened(frame)


def opened(frame: wireless.Frame) -> None:
    """A telegram with and without a key, and explained."""
    for key_for, allowed in ((None, ALLOWED), (lambda _: KEY, ALLOWED_WITH_KEYS)):
        try:
            t = telegram.open_telegram(frame.body, frame.address, key_for)
            assert len(t.payload) <= len(frame.body)
            telegram.explain(frame.body, frame.address, key_for)
        except allowed:
            continue


if __name__ == "__main__":
    from harness import run

    run(one)
