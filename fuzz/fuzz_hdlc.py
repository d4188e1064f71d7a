"""HDLC frames: alone, in a stream cut anywhere, joined to units, and what SNRM, UA and FRMR carry."""

from __future__ import annotations

from anymeter.errors import DecodeError
from anymeter.links import hdlc

ALLOWED = (DecodeError,)


def one(octets: bytes) -> None:
    whole = hdlc.frames(octets)
    hdlc.explain(octets)
    hdlc.reassemble(whole)
    stream, cut = hdlc.FrameStream(), len(octets) // 2
    assert stream.feed(octets[:cut]) + stream.feed(octets[cut:]) + stream.finish() == whole
    for decode in (hdlc.decode, hdlc.decode_parameters, hdlc.decode_rejection):
        try:
            decode(octets)
        except ALLOWED:
            continue


if __name__ == "__main__":
    from harness import run

    run(one)
