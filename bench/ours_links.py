"""Links and push lists: HDLC frames, the wrapper, a Nordic list to readings."""

from __future__ import annotations

import struct

import cases
from timing import measure

from anymeter.bridge.push import push_octets
from anymeter.links import hdlc, wrapper

FRAMES = 1000


def hdlc_frame():
    """One item: a frame, header and frame check sequence verified."""
    frame = cases.frame_of_139_octets()

    def work():
        return len(hdlc.decode(frame).information)

    return work, 128, 1


def hdlc_stream():
    """One item: a frame of 139 octets in a row of a thousand."""
    octets = cases.frame_of_139_octets() * FRAMES

    def work():
        return len(hdlc.frames(octets))

    return work, FRAMES, FRAMES


def hdlc_encode():
    """One item: a frame made."""
    frame = hdlc.decode(cases.frame_of_139_octets())

    def work():
        return len(frame.encode())

    return work, 139, 1


def wrapped():
    """One item: a wrapped GET response."""
    octets = wrapper.Wpdu(1, 16, cases.GET_RESPONSE).encode()

    def work():
        return wrapper.decode(octets).source

    return work, 1, 1


def push_list():
    """One item: a list of twelve objects with scaler and unit."""
    row = b"\x02\x03\x09\x06\x01\x00%c\x07\x00\xff\x06%b\x02\x02\x0f\xff\x16\x23"
    octets = b"\x01\x0c" + b"".join(row % (31 + i, struct.pack(">I", 2300 + i)) for i in range(12))

    def work():
        return len(push_octets(octets).readings)

    return work, 12, 1


measure(
    {
        "hdlc-139": hdlc_frame,
        "HDLC frames of 139 octets in a row": hdlc_stream,
        "HDLC frame of 139 octets, encoded": hdlc_encode,
        "wrapped GET response": wrapped,
        "push list of twelve objects to readings": push_list,
    }
)
