from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.mbus import dib
from anymeter.mbus.dib import Dib

DIBS = st.builds(
    Dib,
    st.integers(0, 14),
    st.integers(0, 3),
    st.integers(0, 2**41 - 1),
    st.integers(0, 2**20 - 1),
    st.integers(0, 1023),
)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("0C", Dib(0xC)),
        ("4C", Dib(0xC, storage=1)),
        ("14", Dib(4, function=1)),
        ("22", Dib(2, function=2)),
        ("31", Dib(1, function=3)),
        ("8201", Dib(2, storage=2)),
        ("C201", Dib(2, storage=3)),
        ("8410", Dib(4, tariff=1)),
        ("848010", Dib(4, tariff=4)),
        ("8440", Dib(4, subunit=1)),
        ("848040", Dib(4, subunit=2)),
        ("C4C2D1CF7F", Dib(4, 0, 1 | 2 << 1 | 1 << 5 | 15 << 9 | 15 << 13, 1 << 2 | 3 << 6, 1 | 2 | 4 | 8)),
    ],
)
def test_dib_of_the_bit_tables(octets: str, expected: Dib) -> None:
    assert dib.parse(bytes.fromhex(octets)) == expected
    assert dib.encode(expected).hex().upper() == octets


@given(DIBS)
def test_round_trip(place: Dib) -> None:
    octets = dib.encode(place)
    assert dib.parse(octets) == place
    assert dib.end(octets + b"\x13") == len(octets)


@given(DIBS.filter(lambda d: d.storage > 1))
def test_every_truncation_is_an_error(place: Dib) -> None:
    octets = dib.encode(place)
    for stop in range(len(octets)):
        with pytest.raises(DecodeError):
            dib.end(octets[:stop])


def test_ten_dife_are_the_most() -> None:
    assert dib.end(b"\x84" + b"\x80" * 9 + b"\x01") == 11
    with pytest.raises(DecodeError, match="more than 10 DIFE") as e:
        dib.end(b"\x84" + b"\x80" * 10 + b"\x01")
    assert e.value.at == 11


@pytest.mark.parametrize(
    "place", [Dib(15), Dib(4, 4), Dib(4, storage=-1), Dib(4, storage=1 << 41), Dib(4, subunit=1024)]
)
def test_what_no_dib_says(place: Dib) -> None:
    with pytest.raises(LocalError):
        dib.encode(place)


def test_sizes_belong_to_the_names() -> None:
    for name, code in dib.FIELDS.items():
        assert Dib(code).field_name == name
        digits = "".join(c for c in name if c.isdigit())
        if digits:
            assert dib.SIZES[code] * (2 if name.startswith("bcd") else 8) == int(digits)
