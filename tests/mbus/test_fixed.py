from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.mbus import fixed

HEAD = "78563412 0A "


def decode(text: str) -> fixed.Fixed:
    return fixed.decode(bytes.fromhex(text))


def test_bcd_counters() -> None:
    found = decode(HEAD + "00 E97E 01000000 35010000")
    assert (found.identification, found.access_number, found.status) == ("12345678", 10, 0)
    assert (found.medium, found.medium_name) == (7, "water")
    first, second = found.counters
    assert (first.number, first.unit.quantity, first.unit.unit, first.unit.exponent, first.storage) == (
        1,
        "volume",
        "m3",
        -3,
        0,
    )
    assert (second.number, second.unit, second.storage) == (135, first.unit, 1)


def test_binary_counters_at_a_fixed_date() -> None:
    found = decode(HEAD + "03 0511 FFFFFFFF 10270000")
    assert [c.number for c in found.counters] == [-1, 10000]
    assert [c.storage for c in found.counters] == [1, 1]
    assert [c.unit.unit for c in found.counters] == ["Wh", "J"]
    assert [c.unit.exponent for c in found.counters] == [3, 9]
    assert found.medium_name == "heat" if found.medium == 4 else found.medium_name == "other"


def test_digits_that_are_none() -> None:
    found = decode(HEAD + "00 E9FF FFFFFFFF 1A000000")
    assert [(c.number, c.status) for c in found.counters] == [(None, "no-value"), (None, "invalid-digits")]
    assert found.counters[1].raw == bytes.fromhex("1A000000")


def test_reserved_units_and_media_are_unknown() -> None:
    found = decode(HEAD + "00 7BFA 01000000 01000000")
    assert [c.unit.quantity for c in found.counters] == ["unknown", "unknown"]
    assert found.medium == 0x0D
    assert decode(HEAD + "00 7FFF 01000000 01000000").counters[0].unit.quantity == "dimensionless"


@pytest.mark.parametrize("size", [0, 15, 17, 200])
def test_another_length_is_an_error(size: int) -> None:
    with pytest.raises(DecodeError, match="has 16 octets") as e:
        fixed.decode(b"\x73" + bytes(size), 1)
    assert e.value.at == 1


@given(
    st.text("0123456789", min_size=8, max_size=8),
    st.integers(0, 255),
    st.integers(0, 15),
    st.tuples(st.integers(0, 63), st.integers(0, 61)),
    st.tuples(st.integers(0, 99_999_999), st.integers(0, 99_999_999)),
    st.booleans(),
    st.booleans(),
)
def test_round_trip(
    identification: str,
    access: int,
    medium: int,
    codes: tuple[int, int],
    numbers: tuple[int, int],
    binary: bool,
    stored: bool,
) -> None:
    octets = fixed.encode(identification, access, medium, codes, numbers, binary=binary, stored=stored)
    found = fixed.decode(octets)
    assert (found.identification, found.access_number, found.medium) == (identification, access, medium)
    assert tuple(c.number for c in found.counters) == numbers
    assert {c.storage for c in found.counters} == {int(stored)}
    assert [c.unit for c in found.counters] == [fixed.units().get(c, fixed.CounterUnit("unknown")) for c in codes]


@pytest.mark.parametrize(
    "arguments",
    [
        ("1234567", 0, 0, (2, 2), (0, 0)),
        ("1234567X", 0, 0, (2, 2), (0, 0)),
        ("12345678", 256, 0, (2, 2), (0, 0)),
        ("12345678", 0, 16, (2, 2), (0, 0)),
        ("12345678", 0, 0, (64, 2), (0, 0)),
        ("12345678", 0, 0, (2, 2), (10**8, 0)),
    ],
)
def test_what_cannot_be_sent(arguments: tuple[str, int, int, tuple[int, int], tuple[int, int]]) -> None:
    with pytest.raises(LocalError):
        fixed.encode(*arguments)


@given(st.binary(min_size=16, max_size=16))
def test_any_sixteen_octets(octets: bytes) -> None:
    found = fixed.decode(octets)
    rows = fixed.explain(octets)
    assert b"".join(r.octets for r in rows) == octets
    assert all((c.number is None) == (c.status is not None) for c in found.counters)


def test_explain() -> None:
    rows = fixed.explain(bytes.fromhex("73" + HEAD + "00 E97E 01000000 35010000"), 1)
    assert [(r.at, r.name, r.meaning) for r in rows][3:5] == [
        (7, "medium and units", "water"),
        (9, "counter 1", "1 * 10^-3 m3 (volume)"),
    ]


def test_every_unit_stands_in_the_table() -> None:
    units = fixed.units()
    assert set(range(2, 0x3A)) <= set(units)
    assert units[0x0A].exponent == 8
    assert (units[0x38].unit, units[0x38].exponent) == ("Cel", -3)
