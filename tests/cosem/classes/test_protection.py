"""Data protection: the layout, and that nothing is protected without keys."""

import pytest

from anymeter.cosem.classes.protection import DataProtection
from anymeter.cosem.data import parse
from cosem.classes.surroundings import refused

OPTIONS = (b"id", b"ORIGIN01", b"RECIPIEN", b"", (1, None))


def protection():
    return DataProtection(
        "0-0:43.2.0*255",
        protection_object_list=[(3, bytes(6), 2, 0, (0, None))],
        protection_parameters_get=[(1, OPTIONS)],
        required_protection=2,
    )


def test_the_structures():
    one = protection()
    assert parse(one.encoded(3, 0)) == [(3, bytes(6), 2, 0, (0, None))]
    assert parse(one.encoded(4, 0)) == [(1, OPTIONS)]
    assert one.encoded(6, 0) == b"\x16\x02"
    one.write(5, one.encoded(4, 0), 0)
    assert one.protection_parameters_set == [(1, OPTIONS)]


@pytest.mark.parametrize("wrong", ["010102021600", "0101020216000205090009000900090002021600"])
def test_parameters_of_another_shape(wrong):
    assert refused(lambda: protection().write(4, bytes.fromhex(wrong), 0)) == 12


@pytest.mark.parametrize("number", [1, 2, 3])
def test_nothing_is_protected_without_keys(number):
    assert refused(lambda: protection().invoke(number, b"\x00", 0)) == 250
