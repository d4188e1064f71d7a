"""Units and scalers."""

import csv
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.units import ScalerUnit, by_text, scaled, table, unit
from anymeter.cosem.values import Enum, Float32
from anymeter.errors import DecodeError, LocalError
from shared import REASON, SHARED

# the texts that readings show, by the codes of the table of units (EN 13757-1:2014, Table B.1)
TEXTS = {
    1: "a", 2: "mo", 4: "d", 5: "h", 6: "min", 7: "s", 8: "deg", 9: "Cel", 13: "m3", 14: "m3", 15: "m3/h", 16: "m3/h",
    17: "m3/d", 20: "kg", 23: "Pa", 24: "bar", 25: "J", 26: "J/h", 27: "W", 28: "VA", 29: "var", 30: "Wh", 31: "VAh",
    32: "varh", 33: "A", 35: "V", 44: "Hz", 50: "kg/s", 52: "K", 56: "%", 61: "J/m3", 70: "dBm", 255: "",
}  # fmt: skip


def test_every_code_has_a_row():
    assert [u.code for u in table()] == list(range(256))
    assert all(u.name for u in table())


def test_every_text_is_ascii_and_distinct_from_other_quantities():
    texts = {}
    for u in table():
        assert u.text.isascii()
        assert u.text == u.text.strip()
        if u.text:
            texts.setdefault(u.text, []).append(u.code)
    assert {text: codes for text, codes in texts.items() if len(codes) > 1} == {
        "m3": [13, 14],
        "m3/h": [15, 16],
        "m3/d": [17, 18],
    }


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_texts(code, text):
    assert unit(code).text == text
    if text:
        assert by_text(text).text == text


def test_reserved_codes_show_their_number():
    assert {u.code for u in table() if u.reserved} == {58, 59, 68, 69, *range(73, 128), *range(175, 254)}
    assert (unit(200).text, unit(200).quantity) == ("unit 200", "")


@pytest.mark.skipif(not SHARED.is_dir(), reason=REASON)
def test_codes_and_symbols_are_those_of_the_shared_table():
    with (SHARED / "obis" / "units.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["symbol"] and row["code"] not in ("0", "255")]
    assert len(rows) > 100
    for row in rows:
        ours = unit(int(row["code"]))
        assert (ours.name, ours.symbol) == (row["name"], row["symbol"])
        assert ours.quantity or ours.code == 254


@pytest.mark.parametrize("code", [-1, 256, 1000])
def test_codes_out_of_range(code):
    with pytest.raises(LocalError, match="from 0 to 255"):
        unit(code)


def test_texts_that_are_no_unit():
    for text in ("kWh", "m³", " "):
        with pytest.raises(LocalError, match="no unit is written"):
            by_text(text)


@pytest.mark.parametrize(
    ("number", "scaler", "value"),
    [
        (5, 0, 5),
        (5, 3, 5000),
        (Enum(5), 1, 50),
        (123456, -3, Decimal("123.456")),
        (-1, -2, Decimal("-0.01")),
        (0, -2, Decimal("0.00")),
        (2**64 - 1, -1, Decimal("1844674407370955161.5")),
        (10**40 + 1, -1, Decimal(f"{10**39}.1")),
        (1.1, 1, Decimal("11")),
        (1.1, 0, Decimal("1.1")),
        (Float32(0.10000000149011612), 3, Decimal(100)),
        (Float32(0.10000000149011612), -3, Decimal("0.0001")),
        (Decimal("1.50"), 1, Decimal("15.0")),
        (Decimal("1.50"), 3, Decimal(1500)),
        (Decimal("15E+2"), 1, Decimal(15000)),
        (Decimal("15E+2"), -1, Decimal(150)),
        (Decimal("15E+2"), -4, Decimal("0.15")),
        (float("inf"), 3, Decimal("Infinity")),
        (Decimal(f"{10**40 + 1}.5"), -3, Decimal(f"{10**37}.0015")),
        (True, 0, 1),
        ("text", 3, "text"),
    ],
)
def test_scaling_is_exact(number, scaler, value):
    got = scaled(number, scaler)
    assert got == value
    assert type(got) is type(value)
    if isinstance(value, Decimal) and value.is_finite():
        assert "E+" not in str(got)


@given(st.integers(-(2**63), 2**64), st.integers(-128, 127))
def test_scaling_back_gives_the_number(number, scaler):
    value = scaled(number, scaler)
    assert scaled(value, -scaler) == number
    assert value == number * 10**scaler if scaler >= 0 else value * 10**-scaler == number or abs(number) > 10**9


def test_a_scaler_with_its_unit():
    made = ScalerUnit.parse((-1, Enum(27)))
    assert (made.scaler, made.unit.text, made.apply(2345)) == (-1, "W", Decimal("234.5"))
    assert ScalerUnit.parse([3, 30]).apply(7) == 7000


@pytest.mark.parametrize(
    "value", [None, 5, (1,), (1, 2, 3), (1, 256), (1, -1), (128, 30), (-129, 30), ("1", 30), b"\x01\x02", (None, 5)]
)
def test_what_is_no_scaler_and_unit(value):
    with pytest.raises(DecodeError, match="scaler_unit"):
        ScalerUnit.parse(value)
