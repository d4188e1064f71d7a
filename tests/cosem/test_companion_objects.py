from __future__ import annotations

import pytest

from anymeter.cosem import companion  # noqa: F401  (declares every interface class)
from anymeter.cosem import schema as t
from anymeter.cosem.companion_objects import filled, object_of, reference, seconds_of
from anymeter.cosem.companion_toml import ObjectTable
from anymeter.errors import LocalError
from anymeter.obis import Obis

ENERGY, CLOCK = Obis("1-0:1.8.0*255"), Obis("0-0:1.0.0*255")
KNOWN = {ENERGY: 3, CLOCK: 8, Obis("1-0:1.6.0*255"): 4}


def made(**keys):
    return object_of(ObjectTable(**{"name": "1-0:1.8.0*255", "class_id": 3, **keys}), KNOWN)[0]


def test_a_register_has_its_type_scaler_and_unit():
    register = made(type="double-long-unsigned", scaler=3, unit="Wh")
    assert register.encoded(2, 0).hex() == "0600000000"
    assert register.encoded(3, 0).hex() == "02020f03161e"
    assert made(value={"long64": -5}, unit="").encoded(2, 0).hex() == "14fffffffffffffffb"


def test_values_are_given_by_attribute_name_or_number():
    clock = made(name="0-0:1.0.0*255", class_id=8, values={"time_zone": -60, "9": 1})
    assert (clock.stored(3), clock.stored(9)) == (-60, 1)


def test_a_value_and_its_type_stand_side_by_side():
    data = made(class_id=1, value="abc", type="octet-string")
    assert data.encoded(2, 0).hex() == "0903616263"
    assert made(class_id=1, value=7, type="unsigned").encoded(2, 0).hex() == "1107"
    assert made(class_id=1, value=True).encoded(2, 0).hex() == "0301"


def test_profiles_name_what_they_capture():
    profile = made(
        name="1-0:99.1.0*255",
        class_id=7,
        version=1,
        capture=["0-0:1.0.0*255", "1-0:1.8.0*255", "1-0:1.6.0*255 capture_time", "1-0:1.8.0*255 3[2]"],
        period="15 min",
        entries=100,
    )
    assert [(c, Obis(bytes(n)), a, i) for c, n, a, i in profile.stored(3)] == [
        (8, CLOCK, 2, 0),
        (3, ENERGY, 2, 0),
        (4, Obis("1-0:1.6.0*255"), 5, 0),
        (3, ENERGY, 3, 2),
    ]
    assert (profile.stored(4), profile.stored(8)) == (900, 100)


def test_values_that_differ_from_meter_to_meter_are_kept_as_written():
    _, personal = object_of(ObjectTable(name="0-0:96.1.0*255", class_id=1, value="{serial}", type="octet-string"), {})
    assert [(p.place, p.number, p.raw) for p in personal] == [(0, 2, "{serial}")]
    assert filled(["{serial}", {"a": "x{number}"}, 5, "{other}"], lambda s: f"<{s}>") == [
        "<{serial}>",
        {"a": "<x{number}>"},
        5,
        "{other}",
    ]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"class_id": 9999}, "there is no class 9999 version 0"),
        ({"version": 7}, "there is no class 3 version 7"),
        ({"unit": "furlong"}, "unit: no unit is written 'furlong'"),
        ({"type": "uint32"}, "type: there is no type 'uint32'"),
        ({"values": {"colour": 5}}, "class 3 version 0 has no attribute 'colour'; it has value, scaler_unit"),
        ({"values": {"logical_name": "x"}}, "no attribute 'logical_name'"),
        ({"types": {"colour": "long"}}, "no attribute 'colour'"),
        ({"types": {"value": "short"}}, "types.value: there is no type 'short'"),
        ({"type": "unsigned", "value": 256}, "value: 256 does not fit into unsigned"),
        ({"value": 5}, "value: say the type of 5"),
        ({"capture": ["1-0:1.8.0*255"]}, "no attribute 'capture_objects'"),
        ({"class_id": 8, "type": "long"}, "type: class 8 leaves no type open"),
        ({"class_id": 7, "version": 1, "capture": ["1-0:9.9.9*255"]}, r"capture: there is no object 1-0:9.9.9\*255"),
        (
            {"class_id": 7, "version": 1, "capture": ["1-0:1.8.0*255 size"]},
            "capture: class 3 version 0 has no attribute",
        ),
        ({"class_id": 7, "version": 1, "capture": ["a b c"]}, "capture: what is captured is written as"),
        ({"class_id": 7, "version": 1, "period": "soon"}, "period: a period is written as 900"),
        ({"class_id": 7, "version": 1, "entries": -1}, "profile_entries: -1 does not fit"),
    ],
)
def test_mistakes_name_the_key(keys, why):
    with pytest.raises(LocalError, match=why):
        made(**keys)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(0, 0), (60, 60), ("30 s", 30), ("15 min", 900), ("15min", 900), ("1 h", 3600), ("1 day", 86400)],
)
def test_periods(written, seconds):
    assert seconds_of(written) == seconds


@pytest.mark.parametrize("written", ["15", "1 week", "-1 h", "h", "1.5 h"])
def test_other_periods_are_none(written):
    with pytest.raises(LocalError, match="a period is written as"):
        seconds_of(written)


def test_an_attribute_of_zero_captures_them_all():
    assert reference("1-0:1.8.0*255 0", KNOWN) == [3, "1-0:1.8.0*255", 0, 0]


def test_types_of_single_attributes():
    register = made(class_id=5, types={"status": "unsigned"}, type="double-long-unsigned", unit="W")
    assert register.schema_of(2) is t.DOUBLE_LONG_UNSIGNED
    assert register.schema_of(3) is t.DOUBLE_LONG_UNSIGNED
    assert register.schema_of(5) is t.UNSIGNED
