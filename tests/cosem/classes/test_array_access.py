"""Array manager: counting, reading, inserting, updating and removing entries of another object's array."""

import pytest

from anymeter.cosem.classes.array_access import ArrayManagement
from anymeter.cosem.data import parse
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import OCTET_STRING, UNSIGNED, array
from anymeter.obis import Obis
from cosem.classes.surroundings import PROBE, device, refused

LIST = Obis("0-0:96.60.1*255")


class Listing(InterfaceClass, class_id=8503):
    """A list, and a secret one."""

    items = attribute(2, array(UNSIGNED))
    keys = attribute(3, array(OCTET_STRING), secret=True)


def manager(items=(1, 2, 3)):
    listing = Listing(LIST, items=list(items))
    targets = [
        (1, (8503, bytes(LIST), 2)),
        (2, (8503, bytes(LIST), 3)),
        (3, (8503, bytes(LIST), 9)),
        (4, (8500, bytes(PROBE), 2)),
    ]
    one = ArrayManagement("0-0:96.61.0*255", array_object_list=targets)
    device(one, listing)
    return one, listing


def entries(first, last, own=1):
    return bytes((2, 3, 0x11, own, 0x12, 0, first, 0x12, 0, last))


def entry(index, octets="1109", own=1):
    return bytes((2, 3, 0x11, own, 0x12, 0, index)) + bytes.fromhex(octets)


def test_how_many():
    assert manager()[0].invoke(1, b"\x11\x01", 0) == bytes.fromhex("120003")


@pytest.mark.parametrize(("first", "last", "found"), [(1, 0, [1, 2, 3]), (2, 2, [2]), (2, 3, [2, 3]), (3, 0, [3])])
def test_reading_a_range(first, last, found):
    assert parse(manager()[0].invoke(2, entries(first, last), 0)) == found


@pytest.mark.parametrize(("first", "last"), [(0, 1), (4, 0), (3, 2), (1, 4)])
def test_ranges_that_are_not_there(first, last):
    one, listing = manager()
    for number in (2, 5):
        assert refused(lambda number=number: one.invoke(number, entries(first, last), 0)) == 250
    assert listing.items == [1, 2, 3]


@pytest.mark.parametrize(
    ("index", "after"), [(1, [9, 1, 2, 3]), (3, [1, 2, 9, 3]), (4, [1, 2, 3, 9]), (0, [1, 2, 3, 9])]
)
def test_inserting(index, after):
    one, listing = manager()
    assert one.invoke(3, entry(index), 0) is None
    assert listing.items == after


@pytest.mark.parametrize(("index", "after"), [(1, [9, 2, 3]), (3, [1, 2, 9]), (0, [1, 2, 9])])
def test_updating(index, after):
    one, listing = manager()
    one.invoke(4, entry(index), 0)
    assert listing.items == after


def test_removing():
    one, listing = manager()
    one.invoke(5, entries(2, 0), 0)
    assert listing.items == [1]
    one.invoke(5, entries(1, 1), 0)
    assert listing.items == []
    assert refused(lambda: one.invoke(5, entries(1, 0), 0)) == 250
    assert refused(lambda: one.invoke(4, entry(0), 0)) == 250
    one.invoke(3, entry(0), 0)
    assert listing.items == [9]


def test_places_that_are_not_there():
    one, _ = manager()
    assert refused(lambda: one.invoke(3, entry(5), 0)) == 250
    assert refused(lambda: one.invoke(4, entry(4), 0)) == 250


def test_an_entry_of_another_type_is_refused_by_its_object():
    one, listing = manager()
    assert refused(lambda: one.invoke(3, entry(1, "120009"), 0)) == 12
    assert listing.items == [1, 2, 3]


@pytest.mark.parametrize("own", [2, 3, 4, 5])
def test_arrays_that_are_secret_lost_none_or_unknown(own):
    one, _ = manager()
    assert refused(lambda: one.invoke(1, bytes((0x11, own)), 0)) == 250
    assert refused(lambda: one.invoke(2, entries(1, 0, own), 0)) == 250


@pytest.mark.parametrize("number", [2, 3, 4, 5])
@pytest.mark.parametrize("wrong", [None, b"", b"\x00", b"\x02\x03\x11\x01\x12\x00", b"\x11\x01"])
def test_parameters_of_another_shape(number, wrong):
    assert refused(lambda: manager()[0].invoke(number, wrong, 0)) == 12


def test_a_count_in_its_long_form():
    one, listing = manager()
    one.invoke(4, bytes.fromhex("028103 1101 120001 1109".replace(" ", "")), 0)
    assert listing.items == [9, 2, 3]


def test_without_octets_there_are_no_types():
    one, _ = manager()
    assert refused(lambda: one.retrieve_entries((1, 1, 0), 0)) == 250
    assert refused(lambda: one.insert_entry((1, 1, 5), 0)) == 250
    assert refused(lambda: one.update_entry((1, 1, 5), 0)) == 250
    assert one.methods[5].short_offset == 0x40
