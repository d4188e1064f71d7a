"""Wired M-Bus: frames one behind the other, a noisy line, transport segments, and what the frames carry."""

from __future__ import annotations

from anymeter.errors import ApplicationError, DecodeError, SecurityError
from anymeter.links import mbus, transport
from anymeter.links.events import Discarded
from anymeter.mbus import telegram

ALLOWED = (DecodeError, ApplicationError)
ALLOWED_WITH_KEYS = (DecodeError, ApplicationError, SecurityError)

KEY = bytes(range(16))


def one(octets: bytes) -> None:
    got = mbus.scan(octets)
    assert b"".join(g.octets if isinstance(g, Discarded) else g.encode() for g in got) == octets
    bodies = [g.body for g in got if isinstance(g, mbus.Frame)]
    try:
        frame, end = mbus.decode(octets)
        assert mbus.encode(frame) == octets[:end]
        assert b"".join(f.octets for f in mbus.explain(octets)) == octets[:end]
    except ALLOWED:
        assert not got or not isinstance(got[0], mbus.Frame)
    for body in [octets, *bodies]:
        opened(body)
    try:
        transport.reassemble(bodies)
    except ALLOWED:
        return


def opened(body: bytes) -> None:
    """A telegram with and without a key, as a meter's message and as anything at all."""
    for key_for, allowed in ((None, ALLOWED), (lambda _: KEY, ALLOWED_WITH_KEYS)):
        for any_service in (False, True):
            try:
                t = telegram.open_telegram(body, None, key_for, any_service=any_service)
            except allowed:
                continue
            assert len(t.payload) <= len(body)
        try:
            telegram.explain(body, None, key_for)
        except allowed:
            continue


if __name__ == "__main__":
    from harness import run

    run(one)
