"""The Python twins of types that the language has not."""

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.values import DONT_CARE, Bcd, BitString, Delta, DontCare, Enum, Float32, text_of
from anymeter.errors import LocalError


def test_enum_is_its_number():
    assert Enum(5) == 5
    assert hash(Enum(5)) == hash(5)
    assert {5: "five"}[Enum(5)] == "five"
    assert (str(Enum(5)), repr(Enum(5)), f"{Enum(5)}") == ("5", "Enum(5)", "5")


def test_deltas_and_bcd_show_what_they_are():
    assert repr(Delta(-5)) == "Delta(-5)"
    assert Delta(-5) + 10 == 5
    assert repr(Bcd(-102)) == "Bcd(-102)"
    assert (Bcd(0x42).digits, Bcd(-102).digits, Bcd(0).digits) == ("42", "9A", "00")


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("3dcccccd", "0.1"),
        ("42f6e979", "123.456"),
        ("00000000", "0.0"),
        ("80000000", "-0.0"),
        ("00000001", "1e-45"),
        ("7f7fffff", "3.4028235e+38"),
        ("7f800000", "inf"),
        ("ff800000", "-inf"),
        ("7fc00000", "nan"),
        ("4b800001", "16777218.0"),
    ],
)
def test_float32_prints_the_shortest_decimal(octets, text):
    assert str(Float32(struct.unpack(">f", bytes.fromhex(octets))[0])) == text


def test_float32_as_a_decimal():
    assert Float32(struct.unpack(">f", bytes.fromhex("42f6e979"))[0]).decimal == Decimal("123.456")


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_float32_text_reads_back_the_same(number):
    text = str(Float32(number))
    assert struct.pack(">f", float(text)) == struct.pack(">f", number)
    assert len(text.strip("-").replace(".", "").split("e")[0].strip("0")) <= 9


@given(st.text("01", max_size=40))
def test_bit_strings(bits):
    made = BitString.of(bits)
    assert str(made) == bits
    assert len(made) == len(bits)
    assert [made[i] for i in range(len(made))] == [bit == "1" for bit in bits]
    assert eval(repr(made)) == made


def test_bits_behind_the_last_one_do_not_count():
    assert BitString.cut(b"\xff", 3) == BitString.of("111")
    assert BitString.cut(b"\xff\xff", 16).octets == b"\xff\xff"
    assert BitString.cut(b"", 0) == BitString.of("")


def test_bit_strings_that_are_none():
    with pytest.raises(LocalError):
        BitString.of("0120")
    for index in (-1, 3):
        with pytest.raises(IndexError):
            BitString.of("101")[index]


def test_dont_care_is_one_object():
    assert DontCare(0xFF) is DONT_CARE
    assert DONT_CARE is not None


@pytest.mark.parametrize("octet", range(256))
def test_one_octet_of_text_is_always_the_same_object(octet):
    """ASCII is itself; what is no UTF-8 stands as a surrogate (PEP 383) and comes back."""
    text = text_of(bytes((octet,)))
    assert text_of(bytearray((octet,))) is text
    assert text.encode("utf-8", "surrogateescape") == bytes((octet,))
    assert ord(text) == (octet if octet < 0x80 else 0xDC00 + octet)


@given(st.binary(max_size=20))
def test_no_octet_of_a_text_is_lost(octets):
    assert text_of(octets).encode("utf-8", "surrogateescape") == octets


@pytest.mark.parametrize(
    ("octets", "size", "kept", "text"),
    [
        ("", 0, "", ""),
        ("ff", 1, "80", "1"),
        ("ff", 7, "fe", "1111111"),
        ("ff", 8, "ff", "11111111"),
        ("00ff", 9, "0080", "000000001"),
        ("a5a5", 16, "a5a5", "1010010110100101"),
    ],
)
def test_bits_are_cut_at_their_size(octets, size, kept, text):
    made = BitString.cut(bytes.fromhex(octets), size)
    assert (made.octets.hex(), str(made), len(made)) == (kept, text, size)
    assert made == BitString.of(text)
    assert [made[i] for i in range(size)] == [bit == "1" for bit in text]
    for beyond in (-1, size):
        with pytest.raises(IndexError):
            made[beyond]


def test_the_empty_bit_string_is_made_once():
    assert BitString.cut(b"", 0) is BitString.cut(b"", 0)
    assert BitString.cut(b"", 0) == BitString.of("")


@pytest.mark.parametrize("octet", [0x00, 0x09, 0x10, 0x99, 0x9A, 0xFF])
def test_the_digits_of_bcd_are_those_of_its_octet(octet):
    assert Bcd(octet if octet < 128 else octet - 256).digits == f"{octet:02X}"
