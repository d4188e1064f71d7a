"""Addresses that are free, and the names of the objects for values."""

import pytest

from anymeter.cosem.classes.mbus_bus import Record, Slave, free_address, value_object
from anymeter.obis import Obis


@pytest.mark.parametrize(
    ("taken", "free"), [(set(), 1), ({1, 2, 4}, 3), (set(range(1, 250)), 250), (set(range(1, 251)), None)]
)
def test_the_lowest_free_address(taken, free):
    assert free_address(taken) == free


@pytest.mark.parametrize(
    ("client", "place", "name"),
    [("0-1:24.1.0*255", 1, "0-1:24.2.1*255"), ("0-64:24.1.0*255", 300, "0-64:24.2.255*255")],
)
def test_the_names_of_values(client, place, name):
    assert value_object(Obis(client), place) == Obis(name)


def test_a_slave_that_is_not_known_is_all_zeros():
    assert Slave() == Slave(identification=0, manufacturer=0, version=0, device_type=0, access_number=0, status=0)
    assert Record(b"\x04", b"\x13", 5).schema is None
