"""Units for people: another unit, every digit kept."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cli.units import friendly
from anymeter.cosem.datetimes import DateTime

FACTORS = {"kWh": 3, "kvarh": 3, "kVAh": 3, "kW": 3, "kvar": 3, "kVA": 3, "MJ": 6, "GJ": 9, "MJ/h": 6}


@pytest.mark.parametrize(
    ("value", "unit", "wanted"),
    [
        (1234500, "Wh", ("1234.5", "kWh")),
        (0, "Wh", ("0", "kWh")),
        (7, "Wh", ("0.007", "kWh")),
        (-1000, "Wh", ("-1", "kWh")),
        (Decimal("12345.60"), "Wh", ("12.34560", "kWh")),
        (5, "varh", ("0.005", "kvarh")),
        (5000, "VAh", ("5", "kVAh")),
        (9999, "W", ("9999", "W")),
        (10000, "W", ("10", "kW")),
        (-10000, "W", ("-10", "kW")),
        (999_000_000, "J", ("999", "MJ")),
        (1_000_000_000, "J", ("1", "GJ")),
        (999, "J/h", ("999", "J/h")),
        (2_000_000, "J/h", ("2", "MJ/h")),
        (Decimal("987.650"), "m3", ("987.650", "m³")),
        (Decimal("1E+3"), "m3", ("1000", "m³")),
        (Decimal("0.456"), "m3/h", ("0.456", "m³/h")),
        (Decimal("21.50"), "Cel", ("21.50", "°C")),
        (230, "V", ("230", "V")),
        (86400, "s", ("1", "d")),
        (7200, "s", ("2", "h")),
        (90, "s", ("90", "s")),
        (120, "s", ("2", "min")),
        (0, "s", ("0", "s")),
        (Decimal("60.0"), "s", ("60.0", "s")),
        (42, "", ("42", "")),
        ("text", "", ("text", "")),
        (None, "Wh", ("–", "")),
        (DateTime.of(2026, 11, 22, None, 8, 15), "", ("2026-11-22 08:15", "")),
    ],
)
def test_values(value, unit, wanted):
    assert friendly(value, unit) == wanted


@given(
    st.integers(-(10**15), 10**15) | st.decimals(-(10**9), 10**9, places=6),
    st.sampled_from(["Wh", "varh", "VAh", "J", "W", "var", "VA", "J/h", "m3", "m3/h", "Cel", "V", "kg", ""]),
)
def test_no_digit_is_lost(value, unit):
    text, friendlier = friendly(value, unit)
    assert Decimal(text).scaleb(FACTORS.get(friendlier, 0)) == value
    assert "E" not in text
