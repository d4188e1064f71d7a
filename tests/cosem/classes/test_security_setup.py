"""Security setup: the policy only goes up, and nothing is done to keys."""

import pytest

from anymeter.cosem.classes.security_setup import SecuritySetup, SecuritySetupV1
from anymeter.cosem.data import parse
from cosem.classes.surroundings import refused

NAME = "0-0:43.0.0*255"


def enum(value):
    return bytes((0x16, value))


@pytest.mark.parametrize("old", range(4))
@pytest.mark.parametrize("new", range(5))
def test_the_policy_of_version_0_is_only_raised(old, new):
    one = SecuritySetup(NAME, security_policy=old)
    expected = 250 if new == 4 else None if (old, new) in RAISED else 3
    assert refused(lambda: one.invoke(1, enum(new), 0)) == expected
    assert one.security_policy == (old if expected else new)
    other = SecuritySetup(NAME, security_policy=old)
    assert refused(lambda: other.write(2, enum(new), 0)) == expected


RAISED = {(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 3), (2, 2), (2, 3), (3, 3)}


def test_the_policy_of_version_1_has_bits():
    one = SecuritySetupV1(NAME)
    one.invoke(1, enum(0b0010_0100), 0)
    one.invoke(1, enum(0b0110_1100), 0)
    assert refused(lambda: one.invoke(1, enum(0b0010_0100), 0)) == 3
    assert refused(lambda: one.invoke(1, enum(0b0110_1101), 0)) == 250
    assert one.security_policy == 0b0110_1100


@pytest.mark.parametrize("octets", ["1103", "", "160300"])
def test_the_policy_is_an_enum(octets):
    assert refused(lambda: SecuritySetup(NAME).invoke(1, bytes.fromhex(octets), 0)) == 12


@pytest.mark.parametrize(
    ("kind", "number", "parameters"),
    [
        (SecuritySetup, 2, [(0, bytes(24))]),
        (SecuritySetupV1, 2, [(0, bytes(24))]),
        (SecuritySetupV1, 3, [(0, bytes(128))]),
        (SecuritySetupV1, 4, 0),
        (SecuritySetupV1, 5, 1),
        (SecuritySetupV1, 6, b"certificate"),
        (SecuritySetupV1, 7, (0, (0, 1, b"ANY00001"))),
        (SecuritySetupV1, 7, (1, (b"\x01", b"issuer"))),
        (SecuritySetupV1, 8, (1, (b"\x01", b"issuer"))),
    ],
)
def test_keys_are_refused(kind, number, parameters):
    one = kind(NAME)
    assert refused(lambda: one.invoke(number, one.methods[number].schema.encode(parameters), 0)) == 250


def test_names_and_offsets():
    assert [m.name for m in SecuritySetup.methods.values()] == ["security_activate", "global_key_transfer"]
    assert SecuritySetupV1.methods[2].name == "key_transfer"
    assert (SecuritySetup.methods[1].short_offset, SecuritySetupV1.methods[1].short_offset) == (0x28, 0x30)


def test_certificates_can_be_listed():
    certificate = (0, 1, b"\x01", b"issuer", b"subject", b"")
    assert parse(SecuritySetupV1(NAME, certificates=[certificate]).encoded(6, 0)) == [certificate]
