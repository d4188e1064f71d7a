"""Data: a value of any type."""

import pytest

from anymeter.cosem.classes.data import Data
from anymeter.cosem.schema import UNSIGNED
from anymeter.cosem.values import BitString
from anymeter.errors import AccessError
from value_meters import STATUS


@pytest.mark.parametrize(
    ("value", "octets"),
    [(None, "00"), (b"ab", "09026162"), ("ab", "0a026162"), (True, "0301"), (BitString.of("101"), "0403a0")],
)
def test_values_that_show_their_type(value, octets):
    assert Data(STATUS, value=value).encoded(2, 0).hex() == octets


def test_a_number_needs_its_type_and_a_written_value_brings_one():
    status = Data(STATUS, value=5, types={"value": UNSIGNED})
    assert status.encoded(2, 0).hex() == "1105"
    with pytest.raises(AccessError) as refused:
        status.write(2, b"\x12\x00\x01", 0)
    assert refused.value.result == 12
    free = Data(STATUS)
    free.write(2, b"\x12\x00\x01", 0)
    assert (free.value, free.encoded(2, 0).hex()) == (1, "120001")


def test_it_has_two_attributes_and_no_methods():
    assert (sorted(Data.attributes), Data.methods, Data.class_id, Data.version) == ([1, 2], {}, 1, 0)
