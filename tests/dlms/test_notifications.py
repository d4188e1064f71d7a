"""Notifications: moments, bodies, and bodies with bare descriptors."""

import pytest

import dlms_cases as cases
from anymeter.dlms import apdu
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.dlms.notifications import SWAPPED_NAMES, UNTAGGED_DESCRIPTORS, DataNotification, EventNotification
from anymeter.errors import DecodeError
from anymeter.obis import Obis

ENERGY = AttributeDescriptor(3, Obis("1-0:1.8.0"), 2)


@pytest.mark.parametrize("v", cases.of_class("DataNotification", "EventNotification"))
def test_the_moment_of_a_notification(v):
    decoded = apdu.decode(cases.octets(v))
    moment = getattr(decoded, "date_time", None) or getattr(decoded, "time", None)
    assert (decoded.when is None) == (not moment)
    assert decoded.when is None or decoded.when.octets == moment


BARE = bytes.fromhex("0F 00000001 00 0202 1601 0101 0202 0003 0100010800FF 02 0600000007")


def test_bare_descriptors_read_as_the_structures_they_should_have_been():
    decoded = DataNotification.parse(BARE)
    assert decoded.quirks == (UNTAGGED_DESCRIPTORS,)
    kind, items = decoded.value
    assert kind == 1
    assert items == [((3, bytes.fromhex("0100010800FF"), 2), 7)]
    rows = apdu.explain(BARE)
    assert "data[0] attribute" in cases.names_of(rows)
    cases.check_tiles(rows, BARE)


@pytest.mark.parametrize("keep", sorted({*range(len(BARE))} - {17}))  # 17 octets read as null-data and a boolean
def test_bare_descriptors_cut_short_are_an_error(keep):
    with pytest.raises(DecodeError):
        DataNotification.parse(BARE[:keep])


def test_a_proper_body_is_never_read_as_bare_descriptors():
    proper = bytes.fromhex("0F 00000001 00 0202 1601 0101 0202 1203E8 0901FF")
    assert DataNotification.parse(proper).quirks == ()
    assert DataNotification.parse(proper).value == (1, [(1000, b"\xff")])


SWAPPED = bytes.fromhex(
    "0F 00000001 00 0103"
    " 0203 0906 0100010700FF 0600000007 02020F00161B"
    " 0203 0609 01001F0700FF 100019 02020FFE1621"
    " 0202 0609 0000600100FF 0A024131"
)


def test_names_with_length_before_tag_read_as_if_in_order():
    decoded = DataNotification.parse(SWAPPED)
    assert decoded.quirks == (SWAPPED_NAMES,)
    assert decoded.encode() == SWAPPED
    power, current, meter = decoded.value
    assert power == (bytes.fromhex("0100010700FF"), 7, (0, 27))
    assert current == (bytes.fromhex("01001F0700FF"), 25, (-2, 33))
    assert meter == (bytes.fromhex("0000600100FF"), "A1")
    cases.check_tiles(apdu.explain(SWAPPED), SWAPPED)


@pytest.mark.parametrize("keep", range(len(SWAPPED)))
def test_swapped_names_cut_short_are_an_error(keep):
    with pytest.raises(DecodeError):
        DataNotification.parse(SWAPPED[:keep])


@pytest.mark.parametrize(
    "body",
    [
        "0101 0203 0609 41001F0700FF 100019 1100",
        "0101 0204 0609 01001F0700FF 100019 1100 1100",
        "0202 0609 01001F0700FF 100019",
    ],
    ids=["no medium", "four elements", "no array"],
)
def test_what_is_no_swapped_name_stays_an_error(body):
    with pytest.raises(DecodeError):
        DataNotification.parse(bytes.fromhex("0F 00000001 00" + body))


def test_a_counter_that_looks_like_a_swapped_name_is_a_counter():
    proper = bytes.fromhex("0F 00000001 00 0101 0202 0609010003 1103")
    assert DataNotification.parse(proper).quirks == ()
    assert DataNotification.parse(proper).value == [(0x09010003, 3)]


def test_an_event_tells_its_value():
    assert EventNotification(None, ENERGY, b"\x12\x00\x2a").value == 42
