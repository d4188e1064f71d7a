from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError
from anymeter.mbus import vib

TABLES = ("vif", "vif_fd", "vif_fd7d", "vif_fb")
UNITS = {
    "",
    "Wh",
    "J",
    "m3",
    "kg",
    "s",
    "W",
    "J/h",
    "m3/h",
    "kg/h",
    "Cel",
    "K",
    "bar",
    "mo",
    "a",
    "V",
    "A",
    "dBm",
    "varh",
    "VAh",
    "cal",
    "var",
    "VA",
    "%",
    "cu ft",
    "deg",
    "Hz",
    "degF",
    "currency",
}


def info(text: str) -> vib.ValueInformation:
    octets = bytes.fromhex(text)
    assert vib.end(octets, 0) == len(octets)
    return vib.parse(octets)


def one(text: str) -> tuple[str, Decimal, str]:
    """What a raw number 1 means."""
    found = info(text)
    return found.quantity, (Decimal(1) * found.mul + found.add).scaleb(found.exponent).normalize(), found.unit


@pytest.mark.parametrize(
    ("octets", "quantity", "value", "unit"),
    [
        ("00", "energy", "0.001", "Wh"),
        ("07", "energy", "10000", "Wh"),
        ("0E", "energy", "1000000", "J"),
        ("13", "volume", "0.001", "m3"),
        ("18", "mass", "0.001", "kg"),
        ("1F", "mass", "10000", "kg"),
        ("21", "on-time", "60", "s"),
        ("27", "operating-time", "86400", "s"),
        ("2B", "power", "1", "W"),
        ("33", "power", "1000", "J/h"),
        ("3E", "volume-flow", "1", "m3/h"),
        ("47", "volume-flow", "60", "m3/h"),
        ("4F", "volume-flow", "36", "m3/h"),
        ("53", "mass-flow", "1", "kg/h"),
        ("5A", "flow-temperature", "0.1", "Cel"),
        ("5F", "return-temperature", "1", "Cel"),
        ("62", "temperature-difference", "0.1", "K"),
        ("65", "external-temperature", "0.01", "Cel"),
        ("6B", "pressure", "1", "bar"),
        ("6E", "hca-units", "1", ""),
        ("72", "averaging-duration", "3600", "s"),
        ("74", "actuality-duration", "1", "s"),
        ("78", "fabrication-number", "1", ""),
        ("7A", "address", "1", ""),
        ("FD47", "voltage", "0.01", "V"),
        ("FD5B", "current", "0.1", "A"),
        ("FD28", "storage-interval", "1", "mo"),
        ("FD74", "remaining-battery-lifetime", "86400", "s"),
        ("FDFD02", "remaining-battery-lifetime", "1", "mo"),
        ("FB00", "energy", "100000", "Wh"),
        ("FB01", "energy", "1000000", "Wh"),
        ("FB03", "reactive-energy", "10000", "varh"),
        ("FB09", "energy", "1000000000", "J"),
        ("FB1A", "relative-humidity", "0.1", "%"),
        ("FB2D", "frequency", "0.01", "Hz"),
        ("FB37", "apparent-power", "1000", "VA"),
        ("FB68", "rating-factor-k", "0.000244140625", ""),
        ("FB22", "volume", "0.0003785411784", "m3"),
        ("FB26", "volume-flow", "0.003785411784", "m3/h"),
        ("FB7B", "cumulative-maximum-power", "1", "W"),
        ("9375", "volume", "0.0001", "m3"),
        ("937D", "volume", "1", "m3"),
        ("DB7B", "flow-temperature", "2", "Cel"),
        ("DA79", "flow-temperature", "0.11", "Cel"),
        ("BE50", "duration-of-volume-flow", "1", "s"),
        ("BB56", "duration-of-volume-flow", "3600", "s"),
        ("89E201", "duration-of-energy", "3600", "s"),
        ("BB41", "exceeds-of-volume-flow", "1", ""),
        ("DA6F", "date-time-of-flow-temperature", "1", ""),
        ("DA42", "date-time-of-flow-temperature", "1", ""),
        ("EC39", "date", "1", ""),
    ],
)
def test_one_of_each(octets: str, quantity: str, value: str, unit: str) -> None:
    assert one(octets) == (quantity, Decimal(value).normalize(), unit)


@pytest.mark.parametrize(
    ("octets", "modifiers"),
    [
        ("933A", ("uncorrected",)),
        ("933B", ("forward",)),
        ("933C", ("backward",)),
        ("933E", ("at base conditions",)),
        ("AB12", ("average",)),
        ("FDC8FC02", ("L2",)),
        ("FB82F53C", ("backward",)),
        ("FDAC7E", ("future value",)),
        ("ABC8FC10", ("upper limit", "accumulation of absolute values")),
        ("9344", ("reserved VIFE 44",)),
        ("FD971D", ("standard conform",)),
        ("DA68", ("during lower limit exceed",)),
    ],
)
def test_modifiers(octets: str, modifiers: tuple[str, ...]) -> None:
    assert info(octets).modifiers == modifiers


def test_types_follow_the_modifiers() -> None:
    assert info("13").type == "B"
    assert info("FD08").type == "C"
    assert info("FD17").type == "D"
    assert info("936A").type == "date"
    assert info("9349").type == "C"
    assert info("93FC11").type == "C"
    assert info("93FC12").type == "D"


def test_record_errors_and_profiles() -> None:
    assert info("9315").status == "no-data-available"
    assert info("9300").status is None
    assert [info(x).profile for x in ("9313", "931E", "931F", "13")] == ["inverse", "registers", "values", ""]


def test_the_maker_has_the_rest() -> None:
    own = info("FF80843B")
    assert (own.quantity, own.maker, own.modifiers) == ("manufacturer-specific", True, ("80843B",))
    tail = info("83FF3C")
    assert (tail.quantity, tail.unit, tail.maker) == ("energy", "Wh", True)
    assert tail.modifiers == ("manufacturer-specific FF3C",)


def test_plain_text_stands_before_the_vife() -> None:
    found = info("FC 03 48 52 25 74")
    assert (found.quantity, found.unit, found.exponent) == ("plain-text", "%RH", -2)
    assert info("7C 03 48 52 25").unit == "%RH"


def test_plain_text_behind_the_vife():
    """Some meters send VIF, VIFE, length, text; a length of 116 characters is none, so the octet is a VIFE."""
    found = info("FC 74 03 48 52 25")
    assert (found.unit, found.exponent) == ("%RH", -2)
    assert vib.end(bytes.fromhex("FC 74 03 48 52 25 12 34"), 0) == 6
    assert [s.octets.hex() for s in vib.steps(bytes.fromhex("FC 74 03 48 52 25"))] == ["fc", "74", "03485225"]
    assert info("FC F4 3C 03 48 52 25").modifiers == ("backward",)


def test_reserved_codes_stay_unknown() -> None:
    for octets in ("6F", "7B", "EF01", "FD7C", "FB07", "FDFD01"):
        assert info(octets).quantity == "unknown"
        assert info(octets).unit == ""


@pytest.mark.parametrize("octets", ["", "93", "FD", "FDFD", "9392", "7C", "7C0341", "FC034852", "FC03485225", "93FC"])
def test_truncations(octets: str) -> None:
    with pytest.raises(DecodeError) as e:
        vib.end(bytes.fromhex(octets), 0)
    assert e.value.at is not None
    assert e.value.what in ("VIF", "VIFE")


def test_ten_vife_are_the_most() -> None:
    assert vib.end(b"\x93" + b"\x80" * 9 + b"\x00", 0) == 11
    with pytest.raises(DecodeError, match="more than 10 VIFE"):
        vib.end(b"\x93" + b"\x80" * 10 + b"\x00", 0)


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_well_formed(name: str) -> None:
    rows = [row for row in vib.table(name) if row is not None]
    assert rows
    for row in rows:
        assert row.quantity == row.quantity.lower()
        assert " " not in row.quantity
        assert row.unit in UNITS
        assert row.factor > 0
        assert row.type in ("B", "C", "D", "date", "octets", "dst", "window")
        assert row.confidence in "HML"


@pytest.mark.parametrize("name", ["vife", "vife_fc"])
def test_effects_are_known(name: str) -> None:
    for row in vib.combinable(name):
        if row is None:
            continue
        assert row.effect in ("error", "modifier", "profile", "multiply", "add", "moment", "count", "duration", "type")
        assert row.confidence in "HML"
        if row.effect in ("multiply", "add", "duration"):
            int(row.argument)


def test_a_code_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "code": "0x13",
        "mask": "0x7F",
        "exponent": "0",
        "factor": "1",
        "quantity": "x",
        "unit": "",
        "type": "B",
        "confidence": "H",
    }
    monkeypatch.setattr(vib, "rows", lambda name: [row, row])
    with pytest.raises(ValueError, match="given twice"):
        vib.table.__wrapped__("vif")


@given(st.binary(min_size=1, max_size=40))
def test_whatever_is_a_vib_has_a_meaning_and_steps(octets: bytes) -> None:
    try:
        end = vib.end(octets, 0)
    except DecodeError:
        return
    found = vib.parse(octets[:end])
    assert found.quantity
    assert b"".join(s.octets for s in vib.steps(octets[:end])) == octets[:end]
    assert all(s.meaning for s in vib.steps(octets[:end]))
