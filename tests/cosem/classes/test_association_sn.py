"""Association SN: short names in its object list, access rights, reading by name, secrets and users."""

import pytest

from anymeter.cosem.access import ACCESS, AUTHENTICATED_REQUEST, READ, Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.association_sn import (
    AssociationSn,
    AssociationSnV1,
    AssociationSnV2,
    AssociationSnV3,
    AssociationSnV4,
)
from anymeter.cosem.data import parse
from anymeter.cosem.enums import ApplicationContext
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import OCTET_STRING
from anymeter.obis import Obis
from cosem.classes.surroundings import CLOCK, PROBE, SCRIPTS, device, refused

OWN = Obis("0-0:40.0.3*255")
ALL = [AssociationSn, AssociationSnV1, AssociationSnV2, AssociationSnV3, AssociationSnV4]
KEYS = Obis("0-0:96.70.0*255")


class Keys(InterfaceClass, class_id=8504):
    """Holds a secret."""

    key = attribute(2, OCTET_STRING, secret=True)


def association(kind=AssociationSnV2):
    one = kind(OWN)
    profile = AssociationProfile(
        name="sn",
        client=16,
        context=ApplicationContext.short_names,
        object_name=OWN,
        rights={
            Obis(CLOCK): Rights({2: READ}),
            PROBE: Rights({1: READ, 2: READ | AUTHENTICATED_REQUEST, 3: READ}, {1: ACCESS}, {2: (1,)}),
            OWN: Rights({2: READ}),
            KEYS: Rights({2: READ}),
        },
        users=((7, "x"),),
    )
    found = device(one, Keys(KEYS), associations=[profile])
    found.objects[PROBE].types = {3: OCTET_STRING}
    found.objects[PROBE].values[3] = b"text"
    return found, one


def test_the_object_list_has_base_names():
    found, one = association()
    entries = parse(one.encoded(2, 0))
    bases = [found.short_names.base_of(name, found.objects) for name in (Obis(CLOCK), PROBE)]
    assert [(entry[0], entry[1], Obis(entry[3])) for entry in entries] == [
        (bases[0], 8, Obis(CLOCK)),
        (bases[1], 8500, PROBE),
        (0xFA00 - 0x10000, 12, OWN),
        (entries[3][0], 8504, KEYS),
    ]
    assert one.encoded(2, 0).hex().count("10fa00") == 1
    assert one.get(2, 0)[0][:3] == (bases[0], 8, 0)


def test_other_associations_by_short_names_are_not_listed():
    """FA00 is the association that asks: no other one has a short name."""
    other = Obis("0-0:40.0.9*255")
    one = AssociationSnV2(OWN)
    rights = {OWN: Rights({2: READ}), other: Rights({2: READ}), PROBE: Rights({2: READ})}
    profile = AssociationProfile(
        name="sn", client=16, context=ApplicationContext.short_names, object_name=OWN, rights=rights
    )
    device(one, AssociationSnV2(other), associations=[profile])
    listed = [Obis(entry[3]) for entry in parse(one.encoded(2, 0)) if entry[1] == 12]
    assert listed == [OWN]
    assert len(parse(one.encoded(3, 0))) == len(parse(one.encoded(2, 0)))
    assert len(parse(one.invoke(1, bytes.fromhex("12000c"), 0))) == 1
    named = one.methods[2].schema.encode((12, bytes(other)))
    assert refused(lambda: one.invoke(2, named, 0)) == 4


def test_parts_of_the_object_list():
    _, one = association()
    whole = parse(one.encoded(2, 0))
    name = one.methods[2].schema.encode((8500, bytes(PROBE)))
    assert parse(one.select(2, 1, bytes.fromhex("120008"), 0)) == whole[:1]
    assert parse(one.select(2, 2, name, 0)) == whole[1:2]
    assert parse(one.invoke(1, bytes.fromhex("120008"), 0)) == whole[:1]
    assert parse(one.invoke(2, name, 0)) == whole[1]
    assert parse(one.invoke(1, bytes.fromhex("120003"), 0)) == []
    hidden = one.methods[2].schema.encode((9, bytes(SCRIPTS)))
    assert refused(lambda: one.invoke(2, hidden, 0)) == 4
    assert refused(lambda: one.select(2, 3, name, 0)) == 13
    assert refused(lambda: one.select(1, 1, name, 0)) == 13
    assert refused(lambda: one.select(2, 1, name, 0)) == 12


@pytest.mark.parametrize(("kind", "mode"), [(AssociationSnV1, 4), (AssociationSnV3, 4), (AssociationSnV4, 5)])
def test_access_rights(kind, mode):
    _, one = association(kind)
    base, attributes, methods = parse(one.encoded(3, 0))[1]
    assert base == parse(one.encoded(2, 0))[1][0]
    assert attributes == [(1, 1, None), (2, mode, [1]), (3, 1, None)]
    assert methods == [(1, 1), (2, 0)]


def read(one, *wanted):
    return one.invoke(3, one.methods[3].schema.encode([(c, bytes(n), a) for c, n, a in wanted]), 0)


def test_reading_by_logical_names():
    found, one = association()
    found.objects[PROBE].types = {3: OCTET_STRING}
    assert parse(read(one, (8500, PROBE, 3), (8500, PROBE, 1))) == (b"text", bytes(PROBE))
    assert read(one) == b"\x02\x00"


@pytest.mark.parametrize(
    ("wanted", "result"),
    [
        ((8500, PROBE, 2), 3),
        ((8504, KEYS, 2), 3),
        ((8500, PROBE, 9), 4),
        ((9, SCRIPTS, 2), 4),
        ((8, PROBE, 2), 4),
        ((8, Obis(CLOCK), 3), 3),
    ],
)
def test_reading_what_may_not_be_read(wanted, result):
    _, one = association()
    assert refused(lambda: read(one, (8500, PROBE, 3), wanted)) == result


def test_secrets_are_changed_and_cannot_be_read():
    _, one = association()
    one.invoke(5, b"\x09\x03abc", 0)
    assert one.secret == b"abc"
    one.invoke(6, b"\x09\x03xyz", 0)
    assert one.secret == b"xyz"
    assert refused(lambda: one.invoke(5, b"\x09\x00", 0)) == 250
    assert all(b"xyz" not in one.encoded(number, 0) for number in one.attributes)


def test_high_level_security_comes_from_elsewhere():
    _, one = association()
    assert refused(lambda: one.invoke(8, b"\x09\x01a", 0)) == 250
    one.replies = lambda octets, now: octets * 2
    assert one.invoke(8, b"\x09\x01a", 0) == b"\x09\x02aa"


def test_users():
    _, one = association(AssociationSnV3)
    user = one.methods[9].schema.encode((9, "new"))
    one.invoke(9, user, 0)
    assert parse(one.encoded(5, 0)) == [(7, "x"), (9, "new")]
    one.invoke(10, user, 0)
    assert refused(lambda: one.invoke(10, user, 0)) == 250
    one.write(5, bytes.fromhex("0100"), 0)
    assert one.get(5, 0) == []


def test_short_names_do_not_overlap():
    for kind in ALL:
        offsets = [a.short_offset for a in kind.attributes.values()]
        offsets += [m.short_offset for m in kind.methods.values()]
        assert len(set(offsets)) == len(offsets)
    assert AssociationSnV2.methods[8].short_offset == 0x58


@pytest.mark.parametrize("kind", ALL)
def test_an_association_object_without_an_association(kind):
    one = kind("0-0:40.0.7*255")
    assert all(one.encoded(number, 0) for number in kind.attributes)
    assert refused(lambda: read(one, (8, Obis(CLOCK), 2))) == 4


@pytest.mark.parametrize("number", [2, 3])
def test_what_is_agreed_on_is_not_set(number):
    _, one = association(AssociationSnV1)
    before = one.encoded(number, 0)
    assert refused(lambda: one.write(number, before, 0)) == 3
    assert refused(lambda: one.write(number, b"\x01\x00", 0)) == 3
    assert one.encoded(number, 0) == before
