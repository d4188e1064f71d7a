from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.errors import DecodeError
from anymeter.mbus import layout, types
from mbus_strategies import attempt, messages, octets_of


def split(text: str, tolerant: bool = False) -> layout.Layout:
    return layout.split(bytes.fromhex(text), tolerant=tolerant)


def test_three_records() -> None:
    found = split("2F2F 0C1427048502 046D32371F15 02FD170000 2F2F2F")
    assert [h.quantity for h in found.headers] == ["volume", "date-time", "error-flags"]
    assert list(found.starts) == [2, 8, 14]
    assert list(found.datas) == [4, 10, 17]
    assert list(found.ends) == [8, 14, 19]
    assert found.forms == (types.BCD, types.DATE, types.UINT)
    assert found.tail is None


def test_headers_are_shared() -> None:
    first, second = split("0C1427048502 0C1400000000").headers
    assert first is second
    assert first is layout.header(b"\x0c\x14")


def test_what_a_header_says() -> None:
    head = layout.header(bytes.fromhex("DC9040 FB82F53C"))
    assert (head.function, head.storage, head.tariff, head.subunit) == ("maximum", 1, 1, 2)
    assert (head.quantity, head.unit, head.exponent, head.modifiers) == ("reactive-energy", "varh", 2, ("backward",))
    assert head.name == "reactive energy, backward"
    assert head.dib + head.vib == head.octets
    assert head.clause == "EN 13757-3, extension table FB"


def test_manufacturer_block_ends_the_records() -> None:
    found = split("0113050F 0C14FF")
    assert found.tail == (4, 7)
    assert not found.more_follow
    assert len(found.headers) == 1


def test_more_records_follow() -> None:
    assert split("0113051F").more_follow
    assert split("0113051F").tail is None
    assert split("1F0102").tail == (1, 3)


def test_global_readout_request() -> None:
    found = split("7F")
    assert [h.quantity for h in found.headers] == ["global-readout-request"]


def test_selection_for_readout_has_no_data() -> None:
    found = split("C81013 7F")
    assert [h.quantity for h in found.headers] == ["volume", "global-readout-request"]
    assert found.forms[0] == types.SELECTED


@pytest.mark.parametrize(
    ("octets", "what", "at"),
    [
        ("8B", "DIFE", 1),
        ("0C", "VIF", 1),
        ("0C93", "VIFE", 2),
        ("0C13010203", "data", 2),
        ("0D13", "LVAR", 2),
        ("0D1303414243 0D13054142", "data", 9),
        ("0D13CA", "LVAR", 2),
        ("3F", "DIF", 0),
        ("011305 6F", "DIF", 3),
        ("8F01", "DIF", 0),
        ("0C FC F3 48", "VIF", 4),
        ("84" + "80" * 10 + "01", "DIFE", 11),
        ("04 93" + "80" * 10 + "00", "VIFE", 12),
    ],
)
def test_errors_name_the_place(octets: str, what: str, at: int) -> None:
    with pytest.raises(DecodeError) as e:
        split(octets)
    assert (e.value.what, e.value.at) == (what, at)


def test_tolerant_keeps_what_was_read() -> None:
    found = split("0C1427048502 0C13010203", tolerant=True)
    assert len(found.headers) == 1
    assert found.tail == (6, 11)
    assert found.error is not None
    assert found.error.what == "data"


def test_the_number_of_records_is_bounded() -> None:
    with pytest.raises(DecodeError, match="more than 256 records"):
        layout.split(b"\x00\x13" * 300)
    assert len(layout.split(b"\x00\x13" * 300, tolerant=True).headers) == layout.RECORDS_MAX


@settings(max_examples=40)
@given(messages())
def test_spans_cover_the_message(message: list[tuple[bytes, bytes]]) -> None:
    found = layout.split(octets_of(message))
    assert [h.octets for h in found.headers] == [head for head, _ in message]
    at = 0
    for (head, data), start, end in zip(message, found.starts, found.ends, strict=True):
        assert (start, end) == (at, at + len(head) + len(data))
        at = end


@settings(max_examples=40)
@given(messages(3))
def test_every_truncation_is_an_error_or_a_shorter_message(message: list[tuple[bytes, bytes]]) -> None:
    octets = octets_of(message)
    stops = {0}
    for head, data in message:
        stops.add(max(stops) + len(head) + len(data))
    for stop in range(len(octets)):
        if stop in stops:
            layout.split(octets[:stop])
        else:
            with pytest.raises(DecodeError):
                layout.split(octets[:stop])


@given(st.binary(max_size=300))
def test_garbage_raises_only_our_error(octets: bytes) -> None:
    kept = layout.split(octets, tolerant=True)
    found, error = attempt(layout.split, octets)
    if error is None:
        assert found.headers == kept.headers
        assert kept.error is None
    else:
        assert kept.error is not None
        assert (kept.error.why, kept.error.at) == (error.why, error.at)
        assert 0 <= error.at <= len(octets)


def test_header_of_octets_that_are_none() -> None:
    for octets in (b"", b"\x0c", b"\x0f\x13", b"\x0c\x13\x13"):
        with pytest.raises(DecodeError):
            layout.header(octets)


def test_the_cache_of_headers_is_bounded() -> None:
    for i in range(layout._HEADERS_MAX + 10):
        layout.header(bytes((0x84, 0x80 | i & 0x7F, i >> 7, 0x13)))
    assert len(layout._headers) <= layout._HEADERS_MAX
