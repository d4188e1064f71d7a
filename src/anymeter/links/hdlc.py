"""HDLC: frames, the stream they come in, what they negotiate and the APDUs they carry. Source: IEC 62056-46.

This module is the way in; the parts stand in ``hdlc_frame``, ``hdlc_stream``, ``hdlc_parameters``, ``hdlc_units``.
"""

from __future__ import annotations

from anymeter.errors import DecodeError
from anymeter.links.events import Discarded
from anymeter.links.hdlc_frame import (
    DISC,
    DM,
    FLAG,
    FRMR,
    LLC_COMMAND,
    LLC_RESPONSE,
    POLL_FINAL,
    SNRM,
    UA,
    UI,
    Address,
    Frame,
    address,
    decode,
    decode_at,
    explain_control,
    explain_frame,
)
from anymeter.links.hdlc_parameters import (
    Parameters,
    Rejection,
    decode_parameters,
    decode_rejection,
    encode_parameters,
    encode_rejection,
    explain_parameters,
)
from anymeter.links.hdlc_stream import FrameStream, frames
from anymeter.links.hdlc_units import Reassembler, Unit, reassemble, segment
from anymeter.wire.fields import Field, shifted

__all__ = [
    "DISC",
    "DM",
    "FLAG",
    "FRMR",
    "LLC_COMMAND",
    "LLC_RESPONSE",
    "POLL_FINAL",
    "SNRM",
    "UA",
    "UI",
    "Address",
    "Discarded",
    "Frame",
    "FrameStream",
    "Parameters",
    "Reassembler",
    "Rejection",
    "Unit",
    "address",
    "decode",
    "decode_at",
    "decode_parameters",
    "decode_rejection",
    "encode",
    "encode_parameters",
    "encode_rejection",
    "explain",
    "explain_control",
    "frames",
    "reassemble",
    "segment",
]


def encode(*run: Frame, shared_flags: bool = False) -> bytes:
    """Frames in a row; with *shared_flags* one flag closes a frame and opens the next."""
    octets = [frame.encode() for frame in run]
    if shared_flags:
        octets[1:] = [o[1:] for o in octets[1:]]
    return b"".join(octets)


def explain(octets: bytes) -> list[Field]:
    """Every field of every frame in a row, the octets between them as ``noise``; raises nothing."""
    rows: list[Field] = []
    at = 0
    while at < len(octets):
        try:
            _, end = decode_at(octets, at) if octets[at] == FLAG else _no_flag(at)
        except DecodeError as error:
            at = _noise(rows, octets, at, error.why)
            continue
        opened = rows and rows[-1].name == "flag" and rows[-1].at == at
        rows += _frame(octets, at)[1 if opened else 0 :]
        at = end if octets[end + 1 : end + 2] not in (b"", b"\x7e") else end + 1
    return rows


def _no_flag(at: int) -> tuple[Frame, int]:
    raise DecodeError("no flag", what="HDLC frame", at=at)


def _noise(rows: list[Field], octets: bytes, at: int, why: str) -> int:
    end = octets.find(b"\x7e", at + 1)
    end = len(octets) if end < 0 else end
    alone = octets[at] == FLAG and end - at == 1
    if rows and rows[-1].name == "flag" and rows[-1].at == at:
        at += 1
    if at < end:
        rows.append(Field(at, octets[at:end], "flag" if alone else "noise", "" if alone else why))
    return end


def _frame(octets: bytes, at: int) -> list[Field]:
    rows = explain_frame(octets, at)
    frame, _ = decode_at(octets, at)
    if frame.kind not in ("SNRM", "UA") or not frame.information:
        return rows
    inside = next(row for row in rows if row.name == "information")
    try:
        return _spliced(rows, inside, explain_parameters(frame.information))
    except DecodeError:
        return rows


def _spliced(rows: list[Field], after: Field, inner: list[Field]) -> list[Field]:
    place = rows.index(after) + 1
    return [*rows[:place], *shifted(inner, after.at, 1), *rows[place:]]
