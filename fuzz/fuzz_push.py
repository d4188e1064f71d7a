"""Push lists: the octets of a list to readings."""

from __future__ import annotations

from anymeter.bridge.push import push_octets
from anymeter.errors import DecodeError

ALLOWED = (DecodeError,)


def one(octets: bytes) -> None:
    try:
        push = push_octets(octets)
    except ALLOWED:
        return
    for reading in push.readings:
        str(reading.value)


if __name__ == "__main__":
    from harness import run

    run(one)
