"""Every code of the VIF and VIFE tables against the ranges as the standard writes them: bits, powers of ten, units."""

from __future__ import annotations

from decimal import Decimal

import pytest

from anymeter.mbus import vib

SECONDS = (1, 60, 3600, 86400)

# first code, number of codes, quantity, value of one unit at the first code, unit; each further code is ten times more
PRIMARY = [
    (0x00, 8, "energy", "0.001", "Wh"),
    (0x08, 8, "energy", "1", "J"),
    (0x10, 8, "volume", "0.000001", "m3"),
    (0x18, 8, "mass", "0.001", "kg"),
    (0x28, 8, "power", "0.001", "W"),
    (0x30, 8, "power", "1", "J/h"),
    (0x38, 8, "volume-flow", "0.000001", "m3/h"),
    (0x40, 8, "volume-flow", "0.000006", "m3/h"),
    (0x48, 8, "volume-flow", "0.0000036", "m3/h"),
    (0x50, 8, "mass-flow", "0.001", "kg/h"),
    (0x58, 4, "flow-temperature", "0.001", "Cel"),
    (0x5C, 4, "return-temperature", "0.001", "Cel"),
    (0x60, 4, "temperature-difference", "0.001", "K"),
    (0x64, 4, "external-temperature", "0.001", "Cel"),
    (0x68, 4, "pressure", "0.001", "bar"),
]
FIRST_EXTENSION = [
    (0x00, 2, "energy", "100000", "Wh"),
    (0x02, 2, "reactive-energy", "1000", "varh"),
    (0x04, 2, "apparent-energy", "1000", "VAh"),
    (0x06, 1, "coefficient-of-performance", "0.1", ""),
    (0x08, 2, "energy", "100000000", "J"),
    (0x0C, 4, "energy", "100000", "cal"),
    (0x10, 2, "volume", "100", "m3"),
    (0x14, 4, "reactive-power", "1", "var"),
    (0x18, 2, "mass", "100000", "kg"),
    (0x1A, 2, "relative-humidity", "0.1", "%"),
    (0x28, 2, "power", "100000", "W"),
    (0x2A, 1, "phase-voltage-to-voltage", "0.1", "deg"),
    (0x2B, 1, "phase-voltage-to-current", "0.1", "deg"),
    (0x2C, 4, "frequency", "0.001", "Hz"),
    (0x30, 2, "power", "100000000", "J/h"),
    (0x34, 4, "apparent-power", "1", "VA"),
    (0x74, 4, "temperature-limit", "0.001", "Cel"),
    (0x78, 8, "cumulative-maximum-power", "0.001", "W"),
]
SECOND_EXTENSION = [
    (0x00, 4, "credit", "0.001", "currency"),
    (0x04, 4, "debit", "0.001", "currency"),
    (0x40, 16, "voltage", "0.000000001", "V"),
    (0x50, 16, "current", "0.000000000001", "A"),
    (0x71, 1, "rf-level", "1", "dBm"),
]
DURATIONS = [
    ("vif", 0x20, "on-time", SECONDS),
    ("vif", 0x24, "operating-time", SECONDS),
    ("vif", 0x70, "averaging-duration", SECONDS),
    ("vif", 0x74, "actuality-duration", SECONDS),
    ("vif_fd", 0x24, "storage-interval", SECONDS),
    ("vif_fd", 0x2C, "duration-since-readout", SECONDS),
    ("vif_fd", 0x31, "duration-of-tariff", SECONDS[1:]),
    ("vif_fd", 0x34, "period-of-tariff", SECONDS),
    ("vif_fd", 0x3C, "transmission-period", SECONDS),
    ("vif_fd", 0x68, "duration-since-cumulation", SECONDS[2:]),
    ("vif_fd", 0x6C, "battery-operating-time", SECONDS[2:]),
]
COUNTED = {
    0x08: "access-number",
    0x0C: "model-version",
    0x0F: "software-version",
    0x10: "customer-location",
    0x20: "first-storage-number",
    0x21: "last-storage-number",
    0x22: "size-of-storage-block",
    0x60: "reset-counter",
    0x61: "cumulation-counter",
    0x75: "times-stopped",
}
CALENDAR = {
    0x28: ("storage-interval", "mo"),
    0x29: ("storage-interval", "a"),
    0x38: ("period-of-tariff", "mo"),
    0x39: ("period-of-tariff", "a"),
    0x6A: ("duration-since-cumulation", "mo"),
    0x6B: ("duration-since-cumulation", "a"),
    0x6E: ("battery-operating-time", "mo"),
    0x6F: ("battery-operating-time", "a"),
}
RECORD_ERRORS = {
    0x01: "too-many-dife",
    0x02: "storage-number-not-implemented",
    0x03: "unit-not-implemented",
    0x04: "tariff-not-implemented",
    0x05: "function-not-implemented",
    0x06: "data-class-not-implemented",
    0x07: "data-size-not-implemented",
    0x0B: "too-many-vife",
    0x0C: "illegal-vif-group",
    0x0D: "illegal-vif-exponent",
    0x0E: "vif-dif-mismatch",
    0x0F: "action-not-implemented",
    0x15: "no-data-available",
    0x16: "data-overflow",
    0x17: "data-underflow",
    0x18: "data-error",
    0x1C: "premature-end-of-record",
}
ACTIONS = (
    "write",
    "add",
    "subtract",
    "or",
    "and",
    "xor",
    "and not",
    "clear",
    "add entry",
    "delete entry",
    "delayed action",
    "freeze",
    "add to readout list",
    "delete from readout list",
)


@pytest.mark.parametrize(
    ("table", "first", "count", "quantity", "one", "unit"),
    [("vif", *row) for row in PRIMARY]
    + [("vif_fb", *row) for row in FIRST_EXTENSION]
    + [("vif_fd", *row) for row in SECOND_EXTENSION],
)
def test_powers_of_ten(table: str, first: int, count: int, quantity: str, one: str, unit: str) -> None:
    for n in range(count):
        row = vib.table(table)[first + n]
        assert row is not None
        assert (row.quantity, row.unit) == (quantity, unit)
        assert Decimal(row.factor).scaleb(row.exponent) == Decimal(one).scaleb(n)


@pytest.mark.parametrize(("table", "first", "quantity", "factors"), DURATIONS)
def test_durations_are_seconds(table: str, first: int, quantity: str, factors: tuple[int, ...]) -> None:
    for n, factor in enumerate(factors):
        row = vib.table(table)[first + n]
        assert row is not None
        assert (row.quantity, row.unit, row.exponent, row.factor) == (quantity, "s", 0, factor)


@pytest.mark.parametrize(("code", "quantity"), COUNTED.items())
def test_counts_and_versions_have_no_sign(code: int, quantity: str) -> None:
    row = vib.table("vif_fd")[code]
    assert row == vib.Vif(quantity, type="C")


@pytest.mark.parametrize(("code", "meaning"), CALENDAR.items())
def test_months_and_years_stay_what_they_are(code: int, meaning: tuple[str, str]) -> None:
    row = vib.table("vif_fd")[code]
    assert row is not None
    assert (row.quantity, row.unit, row.exponent, row.factor) == (*meaning, 0, 1)


@pytest.mark.parametrize("code", range(128))
def test_record_errors(code: int) -> None:
    row = vib.combinable("vife")[code]
    told = row.argument if row is not None and row.effect == "error" else ""
    assert told == RECORD_ERRORS.get(code, "")


def test_object_actions() -> None:
    for code, action in enumerate(ACTIONS):
        row = vib.combinable("vife")[code]
        assert row is not None
        assert row.action == action


@pytest.mark.parametrize("upper", [0, 1])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("end", [0, 1])
def test_moments_of_limits(upper: int, last: int, end: int) -> None:
    """E100 u f 1 b, and E110 1 f 1 b without a limit."""
    row = vib.combinable("vife")[0x42 | upper << 3 | last << 2 | end]
    limit, which, edge = ("lower", "upper")[upper], ("first", "last")[last], ("begin", "end")[end]
    assert row is not None
    assert (row.effect, row.modifier) == ("moment", f"{edge} of {which} exceed of {limit} limit")
    free = vib.combinable("vife")[0x6A | last << 2 | end]
    assert free is not None
    assert (free.effect, free.modifier) == ("moment", f"{edge} of {which}")


@pytest.mark.parametrize("upper", [0, 1])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("n", range(4))
def test_durations_of_limits(upper: int, last: int, n: int) -> None:
    """E101 u f nn, and E110 0 f nn without a limit."""
    row = vib.combinable("vife")[0x50 | upper << 3 | last << 2 | n]
    limit, which = ("lower", "upper")[upper], ("first", "last")[last]
    assert row is not None
    assert (row.effect, int(row.argument)) == ("duration", SECONDS[n])
    assert row.modifier == f"duration of {which} exceed of {limit} limit"
    free = vib.combinable("vife")[0x60 | last << 2 | n]
    assert free is not None
    assert (free.effect, int(free.argument), free.modifier) == ("duration", SECONDS[n], f"duration of {which}")


@pytest.mark.parametrize("n", range(8))
def test_multiplication(n: int) -> None:
    row = vib.combinable("vife")[0x70 | n]
    assert row is not None
    assert (row.effect, int(row.argument)) == ("multiply", n - 6)


@pytest.mark.parametrize("n", range(4))
def test_addition(n: int) -> None:
    row = vib.combinable("vife")[0x78 | n]
    assert row is not None
    assert (row.effect, int(row.argument)) == ("add", n - 3)


@pytest.mark.parametrize("code", [0x10, 0x11, 0x19, 0x1A, 0x1B, 0x44, 0x45, 0x4C, 0x4D])
def test_reserved_combinable_codes(code: int) -> None:
    assert vib.combinable("vife")[code] is None


@pytest.mark.parametrize(
    ("code", "modifier"),
    [(1, "L1"), (2, "L2"), (3, "L3"), (4, "N"), (5, "L1-L2"), (6, "L2-L3"), (7, "L3-L1"), (8, "quadrant 1")],
)
def test_phases(code: int, modifier: str) -> None:
    row = vib.combinable("vife_fc")[code]
    assert row is not None
    assert (row.effect, row.modifier) == ("modifier", modifier)


@pytest.mark.parametrize(
    ("octets", "meanings"),
    [
        ("13", ["volume, 10^-3 m3"]),
        ("FB82F53C", ["reactive-energy, 10^3 varh", "multiply -1", "backward"]),
        ("FDC8FC02", ["voltage, 10^-1 V", "L2"]),
        ("9322", ["volume, 10^-3 m3", "per hour"]),
        ("22", ["on-time, 3600*10^0 s"]),
        ("9344", ["volume, 10^-3 m3", "reserved"]),
        ("FF01", ["manufacturer-specific", "the maker's own"]),
        ("93FF01", ["volume, 10^-3 m3", "manufacturer-specific FF01"]),
        ("FC0352487574", ["plain text 'uHR'", "multiply -2"]),
        ("EF01", ["reserved"]),
    ],
)
def test_steps_say_what_each_octet_means(octets: str, meanings: list[str]) -> None:
    assert [s.meaning for s in vib.steps(bytes.fromhex(octets))] == meanings
