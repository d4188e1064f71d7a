"""M-Bus records to OBIS codes: every row of the map, what the rules carry, and what stays without a code."""

from __future__ import annotations

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.mbus_obis import STATUS, Mapped, MappingRules, mapped_rows, medium_of, obis_for
from anymeter.errors import LocalError
from anymeter.obis import Obis, describe
from anymeter.obis.pattern import members
from shared import REASON, SHARED

SOURCE = SHARED / "obis" / "mbus_obis_map.csv"


def lowest(element: str) -> int:
    return next(value for value in range(256) if members(element).has(value))


def octets_of(row: Mapped) -> bytes:
    """A VIB of a row: the first of its VIFs, with its VIFEs and the extension bits set as they must be."""
    *table, span = row.vif.split(";")[0].split()
    codes = [int(span.split("-")[0], 16), *bytes.fromhex(row.vife)]
    extended = [code | 0x80 for code in codes[:-1]] + codes[-1:]
    return bytes([int(t, 16) for t in table] + extended)


def rules_of(row: Mapped) -> MappingRules:
    """The rules by which a row holds."""
    gas = "metering" if row.option == "gas-metering" else "converted"
    cooling = row.option.removeprefix("cooling-") if row.option.startswith("cooling-") else "vife"
    return MappingRules(gas_volume=gas, cooling=cooling)


def device_types_of(row: Mapped) -> list[int]:
    return (
        [0x08 if "64" not in row.vif else 0x04]
        if row.device_types == "*"
        else [int(t, 16) for t in row.device_types.split(";")]
    )


def expected(row: Mapped, device_type: int, tariff: int, storage: int) -> Obis:
    text = row.obis.replace("x-", f"{medium_of(device_type)}-").replace(".e*", f".{tariff}*")
    return Obis(text.replace("*p", f"*{100 + storage}"))


@pytest.mark.parametrize(
    "row",
    [row for row in mapped_rows() if row.vif != "status"],
    ids=lambda row: f"{row.device_types} {row.vif} {row.meaning}",
)
def test_every_row_is_reached(row: Mapped) -> None:
    storage, tariff = lowest(row.storage), lowest(row.tariff)
    for device_type in device_types_of(row):
        code = obis_for(
            device_type,
            dib_function=row.function,
            storage=storage,
            tariff=tariff,
            subunit=int(row.option == "cooling-subunit"),
            vib=octets_of(row),
            rules=rules_of(row),
        )
        if row.device_types == "*" and row.vif in ("6D",):
            code = obis_for(0x04, vib=octets_of(row))
        assert code == expected(row, device_type, tariff, storage), row


def test_the_status_octet_has_a_code() -> None:
    assert [Obis(row.obis) for row in mapped_rows() if row.vif == "status"] == [STATUS]


def test_every_code_of_the_map_means_something() -> None:
    for row in mapped_rows():
        code = Obis(row.obis.replace("x-", "8-").replace(".e*", ".1*").replace("*p", "*101"))
        assert describe(code).known, row


def test_a_code_of_the_map_has_the_medium_of_its_devices() -> None:
    for row in mapped_rows():
        if row.device_types == "*" or row.device_types == "0D":
            continue
        for device_type in device_types_of(row):
            assert row.obis.startswith(f"{medium_of(device_type)}-"), row


@pytest.mark.parametrize(
    ("device_type", "record", "code"),
    [
        # energy, whatever the unit
        (0x04, {"vib": b"\x06"}, "6-0:1.0.0*255"),
        (0x0C, {"vib": b"\x0e"}, "6-0:1.0.0*255"),
        (0x04, {"vib": b"\xfb\x09", "quantity": "energy"}, "6-0:1.0.0*255"),
        (0x04, {"vib": b"\xfb\x0d", "quantity": "energy"}, "6-0:1.0.0*255"),
        (0x0B, {"vib": b"\x06"}, "5-0:1.0.0*255"),
        (0x04, {"vib": b"\x40", "quantity": "volume-flow"}, "6-0:9.0.0*255"),
        # storage
        (0x04, {"vib": b"\x06", "storage": 1}, "6-0:1.2.0*255"),
        (0x04, {"vib": b"\x0e", "storage": 1}, "6-0:1.2.0*255"),
        (0x04, {"vib": b"\x06", "storage": 2}, "6-0:1.1.0*101"),
        (0x04, {"vib": b"\x06", "storage": 13}, "6-0:1.1.0*112"),
        (0x07, {"vib": b"\x13", "storage": 1}, "8-0:1.2.0*255"),
        (0x07, {"vib": b"\x13", "storage": 8}, "8-0:1.1.0*107"),
        (0x08, {"vib": b"\x6e", "storage": 1}, "4-0:1.2.0*255"),
        (0x08, {"vib": b"\x6e", "storage": 26}, "4-0:1.1.0*125"),
        (0x02, {"vib": b"\x03", "storage": 1}, "1-0:1.8.0*101"),
        (0x02, {"vib": b"\x03", "storage": 3, "tariff": 2}, "1-0:1.8.2*103"),
        (0x03, {"vib": b"\x13", "storage": 1}, "7-0:3.25.0*101"),
        (0x03, {"vib": b"\x93\x3e", "storage": 2}, "7-0:3.26.0*102"),
        (0x04, {"vib": b"\x6c", "storage": 1}, "6-0:0.1.10*255"),
        # tariff
        (0x04, {"vib": b"\x06", "tariff": 3}, "6-0:1.0.3*255"),
        (0x04, {"vib": b"\x06", "tariff": 2, "storage": 1}, "6-0:1.2.2*255"),
        (0x02, {"vib": b"\x84\x3c", "tariff": 2}, "1-0:2.8.2*255"),
        (0x02, {"vib": b"\x03", "tariff": 63}, "1-0:1.8.63*255"),
        # function
        (0x04, {"vib": b"\x2e", "dib_function": "maximum"}, "6-0:8.5.0*255"),
        (0x04, {"vib": b"\x5a", "dib_function": "maximum"}, "6-0:10.5.0*255"),
        (0x04, {"vib": b"\x5a", "dib_function": "minimum"}, "6-0:10.4.0*255"),
        (0x04, {"vib": b"\x3b", "dib_function": "maximum", "storage": 1}, "6-0:9.5.0*101"),
        (0x02, {"vib": b"\x2b", "dib_function": "maximum", "tariff": 1}, "1-0:1.6.1*255"),
        (0x02, {"vib": b"\xfd\x47", "dib_function": "minimum"}, "1-0:32.3.0*255"),
        (0x16, {"vib": b"\x3b", "dib_function": "minimum"}, "8-0:2.4.0*255"),
        # subunit
        (0x02, {"vib": b"\x03", "subunit": 2}, "1-2:1.8.0*255"),
        # phases
        (0x02, {"vib": b"\xfd\x47"}, "1-0:32.7.0*255"),
        (0x02, {"vib": b"\xfd\xc8\xfc\x02"}, "1-0:52.7.0*255"),
        (0x02, {"vib": b"\xfd\xd9\xfc\x04"}, "1-0:91.7.0*255"),
        # VIFEs that only scale, or tell of an error
        (0x07, {"vib": b"\x93\x76"}, "8-0:1.0.0*255"),
        (0x02, {"vib": b"\x83\xf5\x3c"}, "1-0:2.8.0*255"),
        (0x07, {"vib": b"\x93\x18"}, "8-0:1.0.0*255"),
        # any device
        (0x07, {"vib": b"\x78"}, "0-0:96.1.0*255"),
        (0x1B, {"vib": b"\xfb\x1a"}, "0-0:96.9.2*255"),
        (0x1B, {"vib": b"\x65"}, "0-0:96.9.0*255"),
        (0x08, {"vib": b"\x65"}, "4-0:7.0.255*255"),
        (0x07, {"vib": b"\xfd\x17"}, "0-0:97.97.0*255"),
        (0x07, {"vib": b"\x6d"}, "0-0:1.0.0*255"),
        (0x07, {"vib": b"\x6c"}, "8-0:0.9.2*255"),
        (0x04, {"vib": b"\x24"}, "0-0:96.8.0*255"),
    ],
)
def test_records_and_their_codes(device_type: int, record: dict, code: str) -> None:
    assert obis_for(device_type, **record) == Obis(code)


@pytest.mark.parametrize(
    ("device_type", "record"),
    [
        (0x04, {"vib": b"\x06", "dib_function": "error"}),
        (0x04, {"vib": b"\x06", "dib_function": "maximum"}),
        (0x04, {"vib": b"\x06", "tariff": 10}),
        (0x04, {"vib": b"\x06", "storage": 27}),
        (0x04, {"vib": b"\x06", "storage": 2**40}),
        (0x04, {"vib": b"\x06", "tariff": 2**20}),
        (0x04, {"vib": b"\x06", "subunit": 65}),
        (0x04, {"vib": b"\x2e", "storage": 1}),
        (0x04, {"vib": b"\x5a", "storage": 1}),
        (0x03, {"vib": b"\x3b", "dib_function": "maximum"}),
        (0x07, {"vib": b"\x06"}),
        (0x07, {"vib": b"\x93\x3c"}),
        (0x07, {"vib": b"\x93\x7e"}),
        (0x07, {"vib": b"\x93\xff\x01"}),
        (0x07, {"vib": b"\x93\x12"}),
        (0x07, {"vib": b"\x93\x1f"}),
        (0x04, {"vib": b"\xae\x40"}),
        (0x02, {"vib": b"\xfb\x02", "quantity": "reactive-energy"}),
        (0x02, {"vib": b"\xfd\xc8\xfc\x05"}),
        (0x07, {"vib": b""}),
        (0x07, {"vib": b"\xfd"}),
        (0x07, {"vib": b"\xfb"}),
        (0x07, {"vib": b"\x7c\x03abc"}),
        (0x07, {"vib": b"\x7f"}),
        (0x07, {"vib": b"\xff\x13"}),
        (0x07, {"vib": b"\xef\x13"}),
        (0x07, {"vib": b"\x78", "storage": 1}),
        (0xFF, {"vib": b"\x6c"}),
        (0x40, {"vib": b"\x13"}),
    ],
)
def test_what_has_no_code(device_type: int, record: dict) -> None:
    assert obis_for(device_type, **record) is None


@pytest.mark.parametrize(
    ("rules", "device_type", "record", "code"),
    [
        (MappingRules(), 0x03, {"vib": b"\x13"}, "7-0:3.1.0*255"),
        (MappingRules(gas_volume="metering"), 0x03, {"vib": b"\x13"}, "7-0:3.0.0*255"),
        (MappingRules(gas_volume="metering"), 0x03, {"vib": b"\x13", "storage": 1}, "7-0:3.24.0*101"),
        (MappingRules(gas_volume="metering"), 0x03, {"vib": b"\x93\x3e"}, "7-0:3.2.0*255"),
        (MappingRules(gas_volume="metering"), 0x03, {"vib": b"\x3b"}, "7-0:43.15.0*255"),
        (MappingRules(channel="next"), 0x02, {"vib": b"\x03", "subunit": 1}, "1-2:1.8.0*255"),
        (MappingRules(channel="next"), 0x02, {"vib": b"\x03"}, "1-0:1.8.0*255"),
        (MappingRules(channel="none"), 0x02, {"vib": b"\x03", "subunit": 1}, None),
        (MappingRules(history=False), 0x04, {"vib": b"\x06", "storage": 1}, "6-0:1.2.0*255"),
        (MappingRules(history=False), 0x04, {"vib": b"\x06", "storage": 2}, None),
        (MappingRules(counter=5), 0x04, {"vib": b"\x06", "storage": 2}, "6-0:1.1.0*5"),
        (MappingRules(counter=0), 0x02, {"vib": b"\x03", "storage": 2}, "1-0:1.8.0*99"),
        (MappingRules(counter=5), 0x04, {"vib": b"\x06", "storage": 60}, "6-0:1.1.0*47"),
        (MappingRules(confidence="high"), 0x02, {"vib": b"\xfb\x2c"}, None),
        (MappingRules(confidence="medium"), 0x02, {"vib": b"\xfb\x2c"}, "1-0:14.7.0*255"),
        (MappingRules(confidence="medium"), 0x04, {"vib": b"\x69"}, None),
        (MappingRules(), 0x0D, {"vib": b"\x06"}, "6-0:1.0.0*255"),
        (MappingRules(), 0x0D, {"vib": b"\x86\x3c"}, "5-0:1.0.0*255"),
        (MappingRules(), 0x0D, {"vib": b"\x86\x3c", "storage": 1}, "5-0:1.2.0*255"),
        (MappingRules(), 0x0D, {"vib": b"\x06", "tariff": 1}, "6-0:1.0.1*255"),
        (MappingRules(cooling="tariff"), 0x0D, {"vib": b"\x06", "tariff": 1}, "5-0:1.0.0*255"),
        (MappingRules(cooling="tariff"), 0x0D, {"vib": b"\x06"}, "6-0:1.0.0*255"),
        (MappingRules(cooling="tariff"), 0x0D, {"vib": b"\x06", "tariff": 1, "storage": 1}, "5-0:1.2.0*255"),
        (MappingRules(cooling="tariff"), 0x0D, {"vib": b"\x06", "tariff": 2}, "6-0:1.0.2*255"),
        (MappingRules(cooling="subunit"), 0x0D, {"vib": b"\x06", "subunit": 1}, "5-0:1.0.0*255"),
        (MappingRules(cooling="subunit"), 0x0D, {"vib": b"\x06", "subunit": 1, "storage": 1}, "5-0:1.2.0*255"),
        (MappingRules(cooling="subunit"), 0x0D, {"vib": b"\x06"}, "6-0:1.0.0*255"),
    ],
)
def test_what_devices_do_differently(rules: MappingRules, device_type: int, record: dict, code: str | None) -> None:
    found = obis_for(device_type, **record, rules=rules)
    assert found == (None if code is None else Obis(code))


def test_a_counter_that_cannot_be_is_our_mistake() -> None:
    with pytest.raises(LocalError):
        obis_for(0x04, vib=b"\x06", storage=2, rules=MappingRules(counter=100))


@pytest.mark.parametrize(
    ("device_type", "medium"),
    [
        (0x02, 1),
        (0x03, 7),
        (0x04, 6),
        (0x0C, 6),
        (0x0A, 5),
        (0x0B, 5),
        (0x06, 9),
        (0x15, 9),
        (0x07, 8),
        (0x16, 8),
        (0x08, 4),
        (0x0E, 0),
        (0x33, 0),
        (0x00, 15),
        (0xFF, None),
        (0x60, None),
    ],
)
def test_the_medium_of_a_device_type(device_type: int, medium: int | None) -> None:
    assert medium_of(device_type) == medium


@given(
    st.integers(0, 255),
    st.sampled_from(["instantaneous", "maximum", "minimum", "error"]),
    st.integers(0, 40) | st.integers(0, 2**41),
    st.integers(0, 12) | st.integers(0, 2**20),
    st.integers(0, 3) | st.integers(0, 1023),
    st.binary(max_size=6),
    st.none() | st.sampled_from(["energy", "volume", "power", "voltage", "hca-units", "date"]),
)
def test_any_record_has_a_code_that_means_something_or_none(
    device_type, function, storage, tariff, subunit, vib, quantity
) -> None:
    code = obis_for(
        device_type, dib_function=function, storage=storage, tariff=tariff, subunit=subunit, vib=vib, quantity=quantity
    )
    if code is not None:
        assert function != "error"
        assert describe(code).known
        assert code.b == subunit


@given(st.sampled_from([row for row in mapped_rows() if row.vif != "status"]), st.integers(0, 30), st.integers(0, 70))
def test_no_two_places_share_a_code(row: Mapped, storage: int, tariff: int) -> None:
    device_type = device_types_of(row)[0]
    here = obis_for(device_type, storage=storage, tariff=tariff, vib=octets_of(row))
    for other in ((storage + 1, tariff), (storage, tariff + 1)):
        there = obis_for(device_type, storage=other[0], tariff=other[1], vib=octets_of(row))
        assert here is None or here != there


def _source() -> list:
    if not SOURCE.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason=REASON), id="absent")]
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    plain = re.compile(r"0x[0-9A-F]{2}")
    return [
        row
        for row in rows
        if plain.fullmatch(row["vif_hex"]) and row["vif_mask"] and re.fullmatch(r"\d-0:[\d.]+\*255", row["obis"])
    ]


@pytest.mark.parametrize("row", _source())
def test_records_of_the_source_have_its_codes(row) -> None:
    if row["device_types"] == "0x0D" and row["vife_hex"]:
        return
    vif = int(row["vif_hex"], 16)
    function = {"inst": "instantaneous", "max": "maximum", "min": "minimum"}[row["dif_function"]]
    for low_bits in {0, ~int(row["vif_mask"], 16) & 0xFF}:
        vib = bytes([vif | low_bits, *bytes.fromhex(row["vife_hex"].removeprefix("0x"))])
        for device_type in re.findall("0x([0-9A-F]{2})", row["device_types"]):
            code = obis_for(
                int(device_type, 16),
                dib_function=function,
                storage=int(row["storage"]),
                tariff=int(row["tariff"]),
                vib=vib,
            )
            assert str(code) == row["obis"]
