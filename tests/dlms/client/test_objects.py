"""Object lists of every version, logical devices, associations."""

import pytest

from anymeter.cosem.access import READ, READ_WRITE, Rights
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.cosem.schema import CHOICE, ENUM, INTEGER, LONG_UNSIGNED, OCTET_STRING, UNSIGNED, array, structure
from anymeter.dlms.client.objects import (
    AssociationEntry,
    LogicalDeviceEntry,
    ObjectEntry,
    associations,
    logical_device_name,
    logical_devices,
    object_list,
)
from anymeter.errors import AccessError, DecodeError
from anymeter.obis import Obis
from client_talk import ENERGY, answered, session, short_session, talk

OWN = Obis("0-0:40.0.0*255")
ASK = "C001C1 000F 0000280000FF 02 00"
ATTRIBUTE = structure(INTEGER, ENUM, CHOICE)
METHOD = structure(INTEGER, ENUM)
LIST = array(structure(LONG_UNSIGNED, UNSIGNED, OCTET_STRING, structure(array(ATTRIBUTE), array(METHOD))))


def entry(class_id, version, name, attributes=(), methods=()):
    return (class_id, version, name, ([(*a, None) if len(a) == 2 else a for a in attributes], list(methods)))


def listed(rows):
    return "C401C1 00" + LIST.encode(rows).hex()


def test_entries_have_class_version_name_and_rights():
    row = entry(3, 0, ENERGY, [(1, 1), (2, 3)], [(1, 1)])
    (found,) = talk(object_list(session()), (ASK, listed([row])))
    assert found == ObjectEntry(3, 0, ENERGY, Rights({1: READ, 2: READ_WRITE}, {1: 1}, {}))
    assert (found.may_read(2), found.may_read(3)) == (True, False)
    assert (found.attribute(2).class_id, found.attribute(2).instance_id, found.attribute(2).attribute_id) == (
        3,
        ENERGY,
        2,
    )


def test_an_empty_list():
    assert talk(object_list(session()), (ASK, listed([]))) == []


def test_selectors_are_told():
    octets = "0101 0204 120007 1101 09060100630100FF 0202 0101 0203 0F02 1601 0102 0F01 0F02 0100"
    (found,) = talk(object_list(session()), (ASK, "C401C1 00" + octets))
    assert found.rights == Rights({2: READ}, {}, {2: (1, 2)})


@pytest.mark.parametrize(
    ("version", "mode", "access"),
    [(1, 3, 3), (1, 4, READ | 4 | 32), (2, 6, 3 | 4 | 32), (3, 4, 4), (3, 0xFF, 0xFF), (1, 0x0D, 0x0D)],
)
def test_access_modes_are_read_by_the_version_of_the_association(version, mode, access):
    """From version 3 on they are bits; an older one whose number the enumeration lacks can only be bits too."""
    rows = [entry(3, 0, ENERGY, [(2, mode)]), entry(15, version, OWN)]
    assert talk(object_list(session()), (ASK, listed(rows)))[0].rights.attributes == {2: access}


@pytest.mark.parametrize(("mode", "access"), [("0300", 0), ("0301", 1), ("1600", 0), ("1601", 1), ("1602", 37)])
def test_method_modes_are_booleans_or_numbers(mode, access):
    octets = f"0101 0204 120003 1100 09060100010800FF 0202 0100 0101 0202 0F01 {mode}"
    (found,) = talk(object_list(session()), (ASK, "C401C1 00" + octets))
    assert found.rights.methods == {1: access}


def test_the_class_of_an_entry_is_that_of_its_version():
    assert ObjectEntry(7, 1, ENERGY).interface_class is ProfileGeneric
    assert ObjectEntry(7, 9, ENERGY).interface_class is None
    assert ObjectEntry(7, 9, ENERGY).may_read(7)


def test_a_setting_names_the_association_object():
    one = session(association=Obis("0-0:40.0.3*255"))
    assert talk(object_list(one), (ASK.replace("0000280000FF", "0000280003FF"), listed([]))) == []


def test_a_list_of_a_thousand_objects_in_blocks():
    names = [Obis((1, n >> 8, 1, n & 0xFF, 0, 255)) for n in range(1000)]
    rows = [entry(3, 0, name, [(1, 1), (2, 1), (3, 1)], [(1, 1)]) for name in names]
    whole, seen = LIST.encode(rows), []

    def reply(sent):
        number = int.from_bytes(sent[3:7], "big") if sent[1] == 2 else 0
        part = whole[number * 100 : number * 100 + 100]
        last = (number + 1) * 100 >= len(whole)
        return bytes((0xC4, 2, 0xC1, last)) + (number + 1).to_bytes(4, "big") + bytes((0, len(part))) + part

    found = answered(object_list(session(), seen.append), reply)
    assert [one.name for one in found] == names
    assert {frozenset(one.rights.attributes) for one in found} == {frozenset((1, 2, 3))}
    assert seen[-1] == len(whole)


@pytest.mark.parametrize(
    "octets",
    [
        "1105",
        "00",
        "0101 1105",
        "0101 0203 120003 1100 09060100010800FF",
        "0101 0204 120003 1100 09050100010800 0202 0100 0100",
        "0101 0204 120003 1100 0600000000 0202 0100 0100",
        "0101 0204 120003 1100 06FFFFFFFF 0202 0100 0100",
        "0101 0204 120003 1100 09060100010800FF 00",
        "0101 0204 120003 1100 09060100010800FF 0202 0101 1105 0100",
        "0101 0204 120003 1100 09060100010800FF 0202 0101 0203 0F01 0A0131 00 0100",
        "0101 0204 120003 1100 09060100010800FF 0202 0101 0203 0F01 1601 1105 0100",
        "0101 0204 0A0131 1100 09060100010800FF 0202 0100 0100",
        "0101 0204 12000F 0A0131 09060100010800FF 0202 0100 0100",
    ],
)
def test_a_list_of_another_form_is_an_error(octets):
    with pytest.raises(DecodeError, match="object list"):
        talk(object_list(session()), (ASK, "C401C1 00" + octets))


# --- short names ---

SHORT_LIST = "0102 0204 1000A0 120003 1100 09060100010800FF 0204 10FA00 12000C 11{} 09060000280000FF"
SHORT_RIGHTS = "0101 0203 1000A0 0101 0203 0F02 16{} 00 0101 0202 0F01 1601"


@pytest.mark.parametrize(("version", "mode", "access"), [("02", "04", 37), ("04", "04", 4)])
def test_short_names_have_their_list_and_their_rights(version, mode, access):
    one = short_session()
    turns = [
        ("05 01 02 FA08", "0C 01 00" + SHORT_LIST.format(version)),
        ("05 01 02 FA10", "0C 01 00" + SHORT_RIGHTS.format(mode)),
    ]
    first, second = talk(object_list(one), *turns)
    assert first == ObjectEntry(3, 0, ENERGY, Rights({2: access}, {1: 1}, {}), 0xA0)
    assert (second.class_id, second.rights, second.base_name) == (12, None, 0xFA00)
    assert one.names[3, ENERGY].base == 0xA0


def test_rights_that_may_not_be_read_are_not_known():
    turns = [("05 01 02 FA08", "0C 01 00" + SHORT_LIST.format("00")), ("05 01 02 FA10", "0C 01 01 04")]
    assert [one.rights for one in talk(object_list(short_session()), *turns)] == [None, None]


@pytest.mark.parametrize(
    "octets", ["1105", "0101 1105", "0101 0203 1000A0 1105 0100", SHORT_RIGHTS.format("FF").replace("16FF", "0FFF")]
)
def test_rights_of_another_form_are_an_error(octets):
    turns = [("05 01 02 FA08", "0C 01 00" + SHORT_LIST.format("02")), ("05 01 02 FA10", "0C 01 00" + octets)]
    with pytest.raises(DecodeError, match="access rights list"):
        talk(object_list(short_session()), *turns)


# --- logical devices ---


@pytest.mark.parametrize("value", ["0908 414E593132333435", "0A08 414E593132333435"])
def test_the_logical_device_name(value):
    assert talk(logical_device_name(session()), ("C001C1 0001 00002A0000FF 02 00", "C401C1 00" + value)) == b"ANY12345"


def test_a_name_of_another_form_is_an_error():
    with pytest.raises(DecodeError, match="device name"):
        talk(logical_device_name(session()), (None, "C401C1 00 1105"))


def test_the_logical_devices():
    turn = ("C001C1 0011 0000290000FF 02 00", "C401C1 00 0102 0202 120001 0903414E59 0202 120010 0903414E5A")
    assert talk(logical_devices(session()), turn) == [LogicalDeviceEntry(1, b"ANY"), LogicalDeviceEntry(16, b"ANZ")]


@pytest.mark.parametrize("octets", ["1105", "0101 1105", "0101 0202 120001 1105", "0101 0203 120001 0900 00"])
def test_logical_devices_of_another_form_are_an_error(octets):
    with pytest.raises(DecodeError):
        talk(logical_devices(session()), (None, "C401C1 00" + octets))


# --- associations ---

LISTED = [ObjectEntry(3, 0, ENERGY), ObjectEntry(15, 1, OWN)]
AS_STRUCTURE = "0207 1102 1110 1202F4 1105 1108 1101 11{}"
AS_OCTETS = "0907 608574050801{}"


@pytest.mark.parametrize("context", [AS_STRUCTURE.format("03"), AS_OCTETS.format("03")])
def test_associations_tell_partners_context_and_mechanism(context):
    answer = f"C403C1 03 00 0202 0F10 120001 00 {context} 00 0907 60857405080201"
    found = talk(associations(session(), LISTED), (None, answer))
    ciphered = ApplicationContext.logical_names_ciphered
    assert found == [AssociationEntry(OWN, 1, 16, 1, ciphered, Mechanism.low_level)]


def test_what_may_not_be_read_is_none():
    found = talk(associations(session(), LISTED), (None, "C403C1 03 01 03 01 03 00 1105"))
    assert found == [AssociationEntry(OWN, 1)]


def test_short_name_associations_are_listed_alone():
    assert talk(associations(short_session(), [ObjectEntry(12, 2, OWN)])) == [AssociationEntry(OWN, 2)]


def test_a_refused_list_is_told():
    with pytest.raises(AccessError, match="read-write-denied"):
        talk(object_list(session()), (ASK, "C401C1 01 03"))
