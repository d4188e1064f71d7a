"""Hypothesis strategies made from the tables: DIBs, VIBs and records that decode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from anymeter.errors import DecodeError
from anymeter.mbus import dib, layout, types, vib

PLAIN_VIFS = [bytes((code,)) for code, row in enumerate(vib.table("vif")) if row and row.quantity != "plain-text"]
FB_VIFS = [bytes((0xFB, code)) for code, row in enumerate(vib.table("vif_fb")) if row]
FD_VIFS = [bytes((0xFD, code)) for code, row in enumerate(vib.table("vif_fd")) if row]
COMBINABLE = [bytes((code,)) for code, row in enumerate(vib.combinable("vife")) if row and row.effect != "profile"]
PROFILES = [b"\x13", b"\x1e", b"\x1f"]


def chained(parts: list[bytes]) -> bytes:
    """A VIF and its VIFE with the extension bits set."""
    out = bytearray(b"".join(parts))
    at = -1
    for part in parts[:-1]:
        at += len(part)
        out[at] |= 0x80
    return bytes(out)


@st.composite
def dibs(draw: st.DrawFn) -> bytes:
    place = dib.Dib(
        draw(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xA, 0xB, 0xC, 0xD, 0xE])), draw(st.integers(0, 3)),
        draw(st.sampled_from([0, 0, 0, 1, 2, 8, 1000])), draw(st.sampled_from([0, 0, 1, 5])),
        draw(st.sampled_from([0, 0, 1, 2])),
    )  # fmt: skip
    return dib.encode(place)


@st.composite
def vibs(draw: st.DrawFn) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        text = draw(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)).encode()[::-1]
        return b"\x7c" + bytes((len(text),)) + text
    head = draw(st.sampled_from(PLAIN_VIFS + FB_VIFS + FD_VIFS))
    vife = draw(st.lists(st.sampled_from(COMBINABLE), max_size=3))
    return chained([head, *vife]) if head[0] != 0x7F else head


@st.composite
def rows(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Header octets, and the octets of data with their LVAR."""
    head = draw(dibs()) + draw(vibs())
    field = head[0] & 0x0F
    if field != dib.VARIABLE:
        size = dib.SIZES[field]
        return head, draw(st.one_of(digits(size), st.binary(min_size=size, max_size=size)))
    lvar = draw(st.sampled_from([0, 1, 5, 0x20, 0xC1, 0xC4, 0xD3, 0xE1, 0xE4, 0xE9, 0xF0]))
    size = types.variable_size(lvar)
    assert size is not None
    return head, bytes((lvar,)) + draw(st.one_of(digits(size), st.binary(min_size=size, max_size=size)))


def digits(size: int) -> st.SearchStrategy[bytes]:
    """Packed decimal digits, mostly without a sign."""
    pair = st.integers(0, 99).map(lambda n: bytes.fromhex(f"{n:02d}"))
    return st.lists(pair, min_size=size, max_size=size).map(b"".join)


def messages(most: int = 8) -> st.SearchStrategy[list[tuple[bytes, bytes]]]:
    return st.lists(rows(), min_size=1, max_size=most)


def octets_of(message: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(head + data for head, data in message)


def header_of(row: tuple[bytes, bytes]) -> layout.RecordHeader:
    return layout.header(row[0])


def attempt(act: Callable[..., Any], *args: Any) -> tuple[Any, DecodeError | None]:
    """What a call gives, or the one error that peers' octets may raise, which always names its place."""
    result, error = None, None
    try:
        result = act(*args)
    except DecodeError as e:
        error = e
    if error is not None:
        assert error.at is not None
        assert error.why
    return result, error
