"""What capture objects point at."""

import pytest

from anymeter.cosem.classes.capturing import NULL, bounded, captured, checked, element, found, restricted, type_of
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.demand import DemandRegister
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import (
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    INTEGER,
    OCTET_STRING,
    UNSIGNED,
    array,
    structure,
)
from anymeter.cosem.selection import CaptureObject
from anymeter.errors import AccessError, LocalError
from anymeter.obis import Obis
from value_meters import ENERGY, EXPORT, LOAD_PROFILE, STATUS, meter, register

SAFE = Obis("0-0:96.50.0*255")


class Safe(InterfaceClass, class_id=8310):
    """Holds a secret."""

    password = attribute(2, OCTET_STRING, secret=True)
    tries = attribute(3, array(UNSIGNED))
    own = attribute(-1, UNSIGNED)


def safe():
    return Safe(SAFE, password=b"secret", tries=[4, 5], own=9)


def test_values_elements_and_all_attributes():
    energy = register(value=5)
    assert captured(energy, CaptureObject(3, ENERGY), 0).hex() == "0600000005"
    assert captured(energy, CaptureObject(3, ENERGY, 3), 0).hex() == "02020f00161e"
    assert captured(energy, CaptureObject(3, ENERGY, 3, 2), 0).hex() == "161e"
    assert captured(energy, CaptureObject(3, ENERGY, 0), 0).hex() == "020309060100010800ff060000000502020f00161e"
    assert captured(safe(), CaptureObject(8310, SAFE, 3, 2), 0).hex() == "1105"
    assert captured(safe(), CaptureObject(8310, SAFE, -1), 0).hex() == "1109"


def test_what_is_not_there_is_null_data_and_so_is_what_is_secret():
    energy = register()
    nothing = [
        captured(None, CaptureObject(3, ENERGY), 0),
        captured(energy, CaptureObject(3, ENERGY, 9), 0),
        captured(energy, CaptureObject(3, ENERGY, 2, 1), 0),
        captured(energy, CaptureObject(3, ENERGY, 3, 3), 0),
        captured(safe(), CaptureObject(8310, SAFE, 2), 0),
    ]
    assert set(nothing) == {b"\x00"}
    assert b"secret" not in captured(safe(), CaptureObject(8310, SAFE, 0), 0)


def test_the_object_of_a_column():
    device = meter()
    assert found(device, CaptureObject(3, ENERGY)) is device.objects[ENERGY]
    assert found(device, CaptureObject(4, ENERGY)) is None
    assert found(device, CaptureObject(3, EXPORT)) is None
    assert found(None, CaptureObject(3, ENERGY)) is None


@pytest.mark.parametrize(
    ("column", "result"),
    [
        (CaptureObject(3, EXPORT), 4),
        (CaptureObject(4, ENERGY), 9),
        (CaptureObject(3, ENERGY, 4), 4),
        (CaptureObject(3, ENERGY, 2, 0x8000), 13),
        (CaptureObject(8310, SAFE, 2), 3),
    ],
)
def test_what_cannot_be_captured(column, result):
    with pytest.raises(AccessError) as refused:
        checked(meter(safe()), column)
    assert refused.value.result == result


@pytest.mark.parametrize(
    "column", [CaptureObject(3, ENERGY), CaptureObject(3, ENERGY, 0), CaptureObject(8310, SAFE, 3)]
)
def test_what_can_be_captured(column):
    checked(meter(safe()), column)
    checked(None, column)


def test_elements():
    nested = bytes.fromhex("0203 0202 1101 1102 0902abcd 00")
    assert [element(nested, i).hex() for i in (1, 2, 3, 4)] == ["020211011102", "0902abcd", "00", "00"]
    assert element(b"\x11\x05", 1) == b"\x00"


def test_types():
    energy = register()
    assert type_of(energy, CaptureObject(3, ENERGY)) == DOUBLE_LONG_UNSIGNED
    assert type_of(energy, CaptureObject(3, ENERGY, 3, 1)) == INTEGER
    assert type_of(energy, CaptureObject(3, ENERGY, 3, 3)) == CHOICE
    assert type_of(safe(), CaptureObject(8310, SAFE, 3, 7)) == UNSIGNED
    assert type_of(Data(STATUS), CaptureObject(1, STATUS)) == CHOICE
    assert type_of(None, CaptureObject(1, STATUS)) == CHOICE
    assert type_of(energy, CaptureObject(3, ENERGY, 9)) == CHOICE
    whole = type_of(energy, CaptureObject(3, ENERGY, 0))
    assert whole.parts[1:] == (DOUBLE_LONG_UNSIGNED, structure(scaler=INTEGER, unit=whole.parts[2].parts[1]))


def test_neither_too_long_nor_too_deep():
    longest = OCTET_STRING.encode(bytes(0xFFFF - 4))
    assert (len(longest), bounded(longest)) == (0xFFFF, longest)
    assert bounded(OCTET_STRING.encode(bytes(0xFFFF))) == NULL
    deep = b"\x01\x01" * 29 + b"\x11\x05"
    assert bounded(deep) == deep
    assert bounded(b"\x01\x01" * 32 + b"\x11\x05") == NULL


def test_profiles_that_capture_themselves_stay_readable():
    profile = ProfileGeneric(LOAD_PROFILE, capture_objects=[(7, LOAD_PROFILE, 2, 0)], profile_entries=1)
    meter(profile)
    for now in range(100):
        profile.invoke(2, None, now)
        assert len(profile.get(2, now)) == 1


def test_a_value_without_a_type_is_null_and_does_not_stop_its_profile():
    column = CaptureObject(5, Obis("1-0:1.4.0*255"))
    bare = DemandRegister("1-0:1.4.0*255")
    with pytest.raises(LocalError):
        bare.encoded(2, 0)
    assert captured(bare, column, 0) == NULL
    profile = ProfileGeneric(LOAD_PROFILE, capture_objects=[column.value], capture_period=60, profile_entries=9)
    found = meter(bare, profile)
    found.advance(0)
    found.advance(150)
    assert profile.encoded(2, 150).hex() == "0102" + "020100" * 2


class Rows(InterfaceClass, class_id=7_007 + 8192):
    """Answers which part of it was asked for."""

    buffer = attribute(2, array(UNSIGNED))

    def select(self, number, selector, parameters, now):
        return bytes((17, selector)) if selector == 2 else b"\x01\x02\x11\x05\x11\x06"


@pytest.mark.parametrize(
    ("restriction", "index", "octets"),
    [
        ((0, None), 0, "01011107"),
        ((2, None), 0, "01011107"),
        ((2, (1, 5)), 0, "1102"),
        ((1, (bytes(12), bytes(12))), 2, "1106"),
    ],
)
def test_a_restriction_chooses_a_part_of_the_buffer_of_a_profile(monkeypatch, restriction, index, octets):
    rows = Rows(LOAD_PROFILE, buffer=[7])
    column = CaptureObject(7, LOAD_PROFILE, 2, index)
    assert restricted(rows, CaptureObject(8, LOAD_PROFILE), restriction, 0).hex() == "01011107"
    monkeypatch.setattr(Rows, "class_id", 7)
    assert restricted(rows, column, restriction, 0).hex() == octets
    with pytest.raises(LocalError):
        restricted(rows, column, (2, ("a", "b")), 0)
