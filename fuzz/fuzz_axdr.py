"""A-XDR Data: whatever is decoded, skipped, explained, re-encoded or put into columns."""

from __future__ import annotations

from anymeter.cosem.columns import columns
from anymeter.cosem.data import decode, explain, parse, schema_of, skip
from anymeter.errors import DecodeError

ALLOWED = (DecodeError,)


def one(data: bytes) -> None:
    """Decode *data*; what comes out must skip, explain and re-encode to the same value."""
    try:
        value, end = decode(data)
    except ALLOWED:
        _refused(data)
        return
    assert skip(data, 0) == end
    assert explain(data)
    again = schema_of(data).encode(value)
    if len(again) == end:  # lengths written longer than needed pay for null-data in a compact array
        assert repr(parse(again)) == repr(value)
    try:
        columns(data)
    except ALLOWED:
        return
    assert end == len(data)


def _refused(data: bytes) -> None:
    for walk in (skip, explain, schema_of, columns):
        try:
            walk(data)
        except ALLOWED:
            continue
        raise AssertionError(f"{walk.__name__} takes what decode refuses")


if __name__ == "__main__":
    from harness import run

    run(one)
