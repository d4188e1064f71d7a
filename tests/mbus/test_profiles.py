from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.units import scaled
from anymeter.errors import DecodeError
from anymeter.mbus import profiles, records
from anymeter.mbus.profiles import ProfileValue

# volume 1.000 m3 and a date, both of storage 0, then the profile
BASE = "02 13 E803  02 6C 0A31 "


def expanded(text: str) -> list[ProfileValue]:
    return profiles.expand(records.decode(bytes.fromhex(text)))


def facts(text: str) -> list[tuple[int, str, str]]:
    return [(v.header.storage, str(scaled(v.number, v.header.exponent)), str(v.time)) for v in expanded(text)]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("0D 9313 06 72FE 0500 0700", [(1, "0.995", "2023-12-10"), (2, "0.988", "2023-11-10")]),
        ("0D 931E 06 72FE 0500 0700", [(1, "1.005", "2024-02-10"), (2, "1.012", "2024-03-10")]),
        ("0D 931F 06 72FE 0500 0700", [(0, "1.005", "2024-02-10"), (0, "1.012", "2024-03-10")]),
        ("0D 9313 06 B2FE 0500 0700", [(1, "1.005", "2023-12-10"), (2, "1.012", "2023-11-10")]),
        ("0D 931E 06 F2FE FBFF 0700", [(1, "0.995", "2024-02-10"), (2, "1.002", "2024-03-10")]),
        ("0D 931E 06 3202 FBFF 0700", [(1, "-0.005", "2024-01-12"), (2, "0.007", "2024-01-14")]),
        ("0D 931E 04 F101 FB 05", [(1, "0.995", "2024-01-11"), (2, "1.000", "2024-01-12")]),
        ("0D 931E 06 62FE 0100 0100", [(1, "1.001", "2024-04-10"), (2, "1.002", "2024-07-10")]),
        ("0D 931E 06 52FE 0100 0100", [(1, "1.001", "2024-07-10"), (2, "1.002", "2025-01-10")]),
        ("0D 931E 06 72FD 0100 0100", [(1, "1.001", "2024-01-25"), (2, "1.002", "2024-02-10")]),
        ("0D 931E 06 6406 01000000", [(1, "1.001", "2024-01-10T06:00")]),
        ("0D 931E 04 520F 0100", [(1, "1.001", "2024-01-10T00:15")]),
        ("0D 931E 04 421E 0100", [(1, "1.001", "2024-01-10T00:00:30")]),
        ("0D 931E 04 7200 0100", [(1, "1.001", "None")]),
        ("0D 931E 06 3C01 34120000", [(1, "1.234", "2024-01-11")]),
        ("0D 931E E6 3C01 34120000", [(1, "1.234", "2024-01-11")]),
    ],
)
def test_values_and_times(profile: str, expected: list[tuple[int, str, str]]) -> None:
    assert facts(BASE + profile) == expected


@pytest.mark.parametrize(
    "profile",
    [
        "0D 931E 04 72FB 0500",
        "0D 931E 04 52FD 0500",
        "0D 931E 04 42FE 0500",
        "0D 931E 04 72FF 0500",
        "0D 931E 05 7201 050000",
        "0D 931E 03 7D01 05",
        "0D 931E 03 7001 05",
        "0D 931E 03 7801 05",
        "0D 931E 01 72",
        "0D 931E 00",
    ],
)
def test_reserved_controls_stay_octets(profile: str) -> None:
    assert expanded(BASE + profile) == []


def test_the_record_itself_has_no_number() -> None:
    found = records.decode(bytes.fromhex(BASE + "0D 931E 04 7201 0500"))
    assert found[2].status == "compact-profile"
    assert found[2].number is None


def test_a_profile_vife_without_variable_data_is_an_ordinary_record() -> None:
    found = records.decode(bytes.fromhex("02 931E 0500"))
    assert found.numbers == (5,)
    assert profiles.expand(found) == []


def test_invalid_elements_break_the_chain_of_increments() -> None:
    values = expanded(BASE + "0D 931E 08 7201 0500 FFFF 0700")
    assert [(v.number, v.status) for v in values] == [(1005, None), (None, "no-value"), (None, "no-base-value")]
    values = expanded(BASE + "0D 931E 08 F201 0500 0080 0700")
    assert [(v.number, v.status) for v in values] == [(1005, None), (None, "no-value"), (None, "no-base-value")]


def test_invalid_absolute_elements_do_not_touch_the_rest() -> None:
    values = expanded(BASE + "0D 931E 08 3201 0500 0080 0700")
    assert [v.number for v in values] == [5, None, 7]
    values = expanded(BASE + "0D 931E 06 3A01 FFFF 1200")
    assert [(v.number, v.status) for v in values] == [(None, "no-value"), (12, None)]


def test_increments_need_a_base_value_of_the_same_kind() -> None:
    for other in ("02 14 E803", "02 933B E803", "42 13 E803", "8210 13 E803", "12 13 E803"):
        values = expanded(other + "02 6C 0A31 0D 931E 04 7201 0500")
        assert [(v.number, v.status) for v in values] == [(None, "no-base-value")]


def test_base_of_the_same_modifiers_and_place() -> None:
    assert facts("8211 933B E803  8201 6C 0A31  8D11 93BB1E 04 7201 0500") == [(3, "1.005", "2024-01-11")]


def test_no_base_time_no_times() -> None:
    assert facts("02 13 E803  42 6C 0A31  0D 931E 04 7201 0500") == [(1, "1.005", "None")]
    assert facts("02 13 E803  02 6C E1F1  0D 931E 04 7201 0500") == [(1, "1.005", "None")]


def test_a_date_that_means_something_else_is_no_base_time() -> None:
    assert facts("02 13 E803  02 EC7E 0A31  0D 931E 04 7201 0500") == [(1, "1.005", "None")]


def test_headers_are_those_of_ordinary_records() -> None:
    (value,) = expanded(BASE + "0D 931E 04 7201 0500")
    assert value.header.octets == bytes.fromhex("4213")
    assert value.header is records.header(bytes.fromhex("4213"))
    assert value.raw == bytes.fromhex("0500")


def test_factors_apply_to_increments() -> None:
    assert facts("01 22 0A  0D A21E 03 7101 02") == [(1, "43200", "None")]


def test_plain_text_profiles_find_their_base() -> None:
    assert facts("01 7C 02 6D61 0A  0D FC 02 6D61 1E 03 7101 02") == [(1, "12", "None")]


def test_last_days_of_months_stay_last_days() -> None:
    assert [t for _, _, t in facts("02 13 E803  02 6C 1F31  0D 931E 08 72FE 0100 0100 0100")] == [
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
    ]
    assert [t for _, _, t in facts("02 13 E803  02 6C 1031  0D 9313 06 72FD 0100 0100")] == ["2024-01-01", "2023-12-16"]


def test_the_number_of_values_is_bounded() -> None:
    one = "0D 931E BF 3101" + "05" * 0xBD
    found = records.decode(bytes.fromhex(BASE + one * 20))
    assert len(profiles.expand(found)) <= profiles.VALUES_MAX
    assert len(profiles.expand(found)) == 0xBD * (profiles.VALUES_MAX // 0xBD)


def test_storage_numbers_that_would_not_fit_stay_octets() -> None:
    assert expanded("CD" + "8F" * 9 + "0F" + "931E 04 3201 0500") == []
    assert profiles.expand(records.decode(bytes.fromhex("CD" + "8F" * 9 + "0F" + "931E 04 3201 0500"))) == []


def test_the_longest_way_stays_in_the_calendar() -> None:
    start = "02 13 E803  04 6D 00607FCC"  # 31 December 2299
    last = expanded(start + "0D 931E BF 71FA" + "00" * 0xBD)[-1]
    assert str(last.time) == "2429-05-13T00:00"
    first = expanded("02 13 E803  02 6C 21A1  0D 9313 BF 51FE" + "00" * 0xBD)[-1]
    assert str(first.time) == "1886-07-01"


@given(st.binary(max_size=0xBF), st.sampled_from(["13", "1E", "1F"]), st.sampled_from(["93", "EC", "BB", "A2"]))
def test_any_profile(data: bytes, vife: str, vif: str) -> None:
    octets = bytes.fromhex(BASE + "0D" + vif + vife) + bytes((len(data),)) + data
    try:
        found = records.decode(octets)
    except DecodeError:
        return
    for value in profiles.expand(found):
        assert (value.number is None) == (value.status is not None)
        assert value.number is None or isinstance(value.number, int | Decimal) or value.header.type == "date"
