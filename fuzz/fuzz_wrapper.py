"""The IP wrapper: a datagram, a stream cut anywhere, and captures of both."""

from __future__ import annotations

from anymeter.errors import DecodeError
from anymeter.links import pcap, wrapper

ALLOWED = (DecodeError,)


def one(octets: bytes) -> None:
    whole = wrapper.split(octets)
    stream, cut = wrapper.WrapperStream(keep=len(octets)), len(octets) // 2
    assert stream.feed(octets[:cut]) + stream.feed(octets[cut:]) + stream.finish() == whole
    for decode in (wrapper.decode, wrapper.explain, pcap.read):
        try:
            decode(octets)
        except ALLOWED:
            continue


if __name__ == "__main__":
    from harness import run

    run(one)
