"""Lengths: the forms of the standard, overlong ones, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError
from anymeter.wire.lengths import count_at, length_at, length_of, octets_at

FORMS = {0: "00", 1: "01", 127: "7f", 128: "8180", 255: "81ff", 256: "820100", 65535: "82ffff", 65536: "83010000"}


@pytest.mark.parametrize(("n", "octets"), FORMS.items())
def test_a_length_both_ways(n, octets):
    assert length_of(n).hex() == octets
    assert length_at(bytes.fromhex("aa" + octets), 1) == (n, 1 + len(octets) // 2)


@pytest.mark.parametrize("octets", ["8105", "820005", "8400000005", "880000000000000005"])
def test_leading_zeros_are_read(octets):
    assert length_at(bytes.fromhex(octets), 0) == (5, len(octets) // 2)


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        ("", "end where a length"),
        ("80", "indefinite"),
        ("89" + "00" * 9, "absurd"),
        ("ff" * 200, "absurd"),
        ("8201", "past"),
    ],
)
def test_what_is_no_length(octets, why):
    with pytest.raises(DecodeError, match=why) as caught:
        length_at(bytes.fromhex(octets), 0)
    assert caught.value.at == 0


def test_octets_that_are_not_all_there():
    assert octets_at(b"\x02ab", 0) == (b"ab", 3)
    with pytest.raises(DecodeError, match="2 octets are announced, 1 are left"):
        octets_at(b"\x02a", 0)
    with pytest.raises(DecodeError, match="18446744073709551615 octets are announced, 0 are left"):
        octets_at(b"\x88" + b"\xff" * 8, 0)


@pytest.mark.parametrize(
    ("octets", "why"), [("03 00 00", "3 items are announced, 2 octets"), ("0B", "11 items are more")]
)
def test_a_count_is_checked_before_anything_is_built(octets, why):
    with pytest.raises(DecodeError, match=why):
        count_at(bytes.fromhex(octets), 0, 1, 10)


def test_a_count_that_fits():
    assert count_at(bytes.fromhex("02 AAAA BBBB"), 0, 2, 10) == (2, 1)


@given(st.integers(0, 2**64 - 1), st.binary(max_size=3))
def test_a_length_is_read_back(n, after):
    octets = length_of(n)
    assert length_at(octets + after, 0) == (n, len(octets))
    for keep in range(len(octets)):
        with pytest.raises(DecodeError):
            length_at(octets[:keep], 0)
