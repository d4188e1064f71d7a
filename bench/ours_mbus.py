"""M-Bus data records: one telegram after the other to numbers, and telegrams of one layout to columns."""

from __future__ import annotations

import cases
from timing import measure

from anymeter.errors import DecodeError
from anymeter.mbus import records
from anymeter.mbus.columns import columns

COUNT = 100_000
LONG_HEADER = 12
FRAME_HEAD, FRAME_END = 6, 2


def bodies(frames):
    """The records of wired telegrams with a long header that can be read at all."""
    for frame in frames:
        body = frame[FRAME_HEAD + 1 + LONG_HEADER : -FRAME_END]
        try:
            if frame[FRAME_HEAD] == 0x72 and len(records.decode(body)):
                yield body
        except DecodeError:
            continue


def one_by_one():
    """One item: the records of one libmbus telegram."""
    octets = list(bodies(cases.libmbus()))

    def work():
        for body in octets:
            records.decode(body)
        return len(octets)

    return work, None, len(octets)


def general_path():
    """The same without generated code."""
    octets = [(records.decode(body).plan, body) for body in bodies(cases.libmbus())]

    def work():
        for plan, body in octets:
            plan.general(body)
        return len(octets)

    return work, None, len(octets)


def one_layout():
    """One item: a telegram of seven records, from the whole frame to its row in the columns."""
    frames = cases.one_layout(COUNT)
    start = FRAME_HEAD + 1 + LONG_HEADER

    def work():
        return int(columns([frame[start:-FRAME_END] for frame in frames])[0].values[-1])

    return work, 1_000_000 + COUNT - 1, COUNT


measure(
    {
        "M-Bus records, one by one": one_by_one,
        "M-Bus records, one by one, without generated code": general_path,
        "mbus-one-layout": one_layout,
    }
)
