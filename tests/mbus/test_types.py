from __future__ import annotations

import math
import struct
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.datetimes import DateTime
from anymeter.errors import LocalError
from anymeter.mbus import types


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("12", 12),
        ("3412", 1234),
        ("785634F2", -2345678),
        ("F1", -1),
        ("00F0", 0),
        ("FF", None),
        ("FFFFFFFF", None),
        ("1A", None),
        ("A1", None),
        ("DDBDEB", None),
        ("9986012401FF", None),
        ("785634B2", None),
        ("99999999", 99999999),
        ("1E05", None),
    ],
)
def test_bcd(octets: str, expected: int | None) -> None:
    assert types.bcd(bytes.fromhex(octets)) == expected


def test_why_bcd_is_no_value() -> None:
    assert types.status(types.BCD, b"\xff\xff") == "no-value"
    assert types.status(types.BCD, b"\x1a\x00") == "invalid-digits"
    assert types.status(types.BCD, b"\x11\x00") is None


@pytest.mark.parametrize(
    ("form", "octets", "status"),
    [
        (types.REAL, "0000C07F", "not-a-number"),
        (types.REAL, "000080FF", "not-a-number"),
        (types.DATE, "FFFF", "invalid-date"),
        (types.DATE, "00000000", "invalid-time"),
        (types.TEXT, "4101", "not-text"),
        (types.NOTHING, "", "no-data"),
        (types.SELECTED, "", "selection-for-readout"),
        (types.PROFILE, "32FE", "compact-profile"),
        (types.INT, "80", None),
        (types.UINT, "FF", None),
    ],
)
def test_status(form: str, octets: str, status: str | None) -> None:
    assert types.status(form, bytes.fromhex(octets)) == status
    assert (types.value(form, bytes.fromhex(octets)) is None) == (status is not None)


def test_integers() -> None:
    assert types.value(types.INT, b"\xfe\xff\xff") == -2
    assert types.value(types.UINT, b"\xf0") == 240
    assert types.value(types.INT, bytes(15) + b"\x80") == -(1 << 127)


@given(st.binary(min_size=4, max_size=4))
def test_real_is_the_shortest_decimal_that_reads_back(octets: bytes) -> None:
    found = types.real(octets)
    (number,) = struct.unpack("<f", octets)
    if not math.isfinite(number):
        assert found is None
        return
    assert found is not None
    assert struct.pack("<f", float(found)) == octets
    shorter = len(found.as_tuple().digits) - 1
    if shorter:
        assert struct.pack("<f", float(f"{number:.{shorter}g}")) != octets


def test_reals_people_meet() -> None:
    assert types.real(struct.pack("<f", 21.5)) == Decimal("21.5")
    assert types.real(struct.pack("<f", 0.17072178)) == Decimal("0.17072178")
    assert types.real(struct.pack("<f", 1e-45)) == Decimal("1E-45")


def test_texts() -> None:
    assert types.text(b"cba") == "abc"
    assert types.text(b"\xe4") == "ä"
    assert types.text(b"\0\0BA\0") == "AB"
    assert types.text(b"a\nb") is None
    assert types.text(b"") == ""


@pytest.mark.parametrize(
    ("lvar", "kind", "form", "size"),
    [
        (0x00, "B", types.TEXT, 0),
        (0x0A, "B", types.TEXT, 10),
        (0xBF, "B", types.TEXT, 191),
        (0xC4, "B", types.BCD, 4),
        (0xD9, "B", types.NEGATIVE, 9),
        (0xC0, "B", types.NOTHING, 0),
        (0xE3, "B", types.INT, 3),
        (0xE3, "C", types.UINT, 3),
        (0xEF, "octets", types.OCTETS, 15),
        (0xE4, "date", types.DATE, 4),
        (0xE5, "date", types.OCTETS, 5),
        (0xF0, "B", types.INT, 16),
        (0xF4, "B", types.INT, 32),
        (0xF5, "B", types.INT, 48),
        (0xF6, "octets", types.OCTETS, 64),
    ],
)
def test_lvar(lvar: int, kind: str, form: str, size: int) -> None:
    assert types.variable_form(lvar, kind, "") == (form, size)
    assert types.variable_size(lvar) == size


@pytest.mark.parametrize("lvar", [0xCA, 0xCF, 0xDA, 0xDF, 0xF7, 0xFF])
def test_reserved_lvar(lvar: int) -> None:
    assert types.variable_form(lvar, "B", "") is None


def test_profiles_take_any_lvar() -> None:
    assert types.variable_form(0x10, "B", "inverse") == (types.PROFILE, 16)


@pytest.mark.parametrize(
    ("field", "kind", "form"),
    [
        (0, "B", types.NOTHING),
        (8, "B", types.SELECTED),
        (4, "B", types.INT),
        (1, "C", types.UINT),
        (2, "D", types.UINT),
        (5, "B", types.REAL),
        (0xC, "date", types.BCD),
        (2, "date", types.DATE),
        (3, "date", types.DATE),
        (7, "date", types.INT),
        (1, "date", types.INT),
        (4, "dst", types.OCTETS),
        (2, "dst", types.INT),
        (1, "window", types.INT),
        (4, "octets", types.OCTETS),
    ],
)
def test_fixed_forms(field: int, kind: str, form: str) -> None:
    assert types.fixed_form(field, kind) == form


def test_linear_is_exact_whatever_the_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert types.linear(Decimal("1.234567"), 3600, 0) == Decimal("4444.4412")
        assert types.linear(Decimal("1.234567"), 1, 1000) == Decimal("1001.234567")
    assert types.linear(7, 60, 1) == 421
    assert types.linear("text", 60, 1) == "text"
    assert types.linear(None, 60, 1) is None


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.integers(0, 10**6))
def test_unlinear_undoes_linear(number: int, mul: int, add: int) -> None:
    assert types.unlinear(types.linear(number, mul, add), mul, add) == number


def test_unlinear_refuses_what_it_cannot_split() -> None:
    with pytest.raises(LocalError):
        types.unlinear(61, 60, 0)


@pytest.mark.parametrize(
    ("form", "number", "octets"),
    [
        (types.BCD, 1234, "3412"),
        (types.BCD, -123, "23F1"),
        (types.BCD, None, "FFFF"),
        (types.NEGATIVE, -12, "1200"),
        (types.INT, -2, "FEFF"),
        (types.UINT, 65534, "FEFF"),
        (types.TEXT, "AB", "4241"),
        (types.OCTETS, "A1B2", "A1B2"),
        (types.DATE, None, "FFFF"),
        (types.DATE, DateTime.of(2008, 5, 31), "1F15"),
    ],
)
def test_encode(form: str, number: types.Number, octets: str) -> None:
    assert types.encode(form, number, 2).hex().upper() == octets


def test_encode_reals() -> None:
    assert types.encode(types.REAL, Decimal("21.5"), 4) == struct.pack("<f", 21.5)
    assert types.real(types.encode(types.REAL, None, 4)) is None


@pytest.mark.parametrize(
    ("form", "number"),
    [
        (types.BCD, 10000),
        (types.BCD, -1000),
        (types.INT, 40000),
        (types.UINT, -1),
        (types.TEXT, "A"),
        (types.TEXT, "€A"),
        (types.OCTETS, "XX"),
        (types.INT, "1"),
        (types.BCD, Decimal(1)),
        (types.NOTHING, 1),
        (types.DATE, 5),
        (types.INT, None),
        (types.BCD, -99999),
    ],
)
def test_what_cannot_be_sent(form: str, number: types.Number) -> None:
    with pytest.raises(LocalError):
        types.encode(form, number, 2)


@given(st.integers(1, 6), st.data())
def test_digits_come_back(size: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(-(10 ** (2 * size - 1) - 1), 10 ** (2 * size) - 1))
    assert types.value(types.BCD, types.encode(types.BCD, number, size)) == number


@given(st.integers(1, 64), st.booleans(), st.data())
def test_integers_come_back(size: int, signed: bool, data: st.DataObject) -> None:
    top = 1 << 8 * size - signed
    number = data.draw(st.integers(-top if signed else 0, top - 1))
    form = types.INT if signed else types.UINT
    assert types.value(form, types.encode(form, number, size)) == number
    for beyond in (top, -top - 1 if signed else -1):
        with pytest.raises(LocalError):
            types.encode(form, beyond, size)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_come_back(number: float) -> None:
    octets = struct.pack("<f", number)
    found = types.real(octets)
    assert types.encode(types.REAL, found, 4) == octets


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=191))
def test_texts_come_back(text: str) -> None:
    assert types.value(types.TEXT, types.encode(types.TEXT, text, len(text))) == text


@given(st.binary(max_size=64))
def test_octets_come_back(octets: bytes) -> None:
    shown = types.value(types.OCTETS, octets)
    assert types.encode(types.OCTETS, shown, len(octets)) == octets


@given(
    st.sampled_from([types.BCD, types.NEGATIVE, types.INT, types.UINT, types.TEXT, types.OCTETS]),
    st.binary(max_size=64),
)
def test_no_octets_are_left_without_an_answer(form: str, octets: bytes) -> None:
    if form in (types.BCD, types.NEGATIVE) and not octets:
        return
    assert (types.value(form, octets) is None) == (types.status(form, octets) is not None)
