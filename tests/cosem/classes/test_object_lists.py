"""Object lists: who sees what, modes of old and new versions, and names as structures and octets."""

import pytest

from anymeter.cosem.access import ACCESS, AUTHENTICATED_REQUEST, ENCRYPTED_REQUEST, READ, READ_WRITE, Rights
from anymeter.cosem.associations import CURRENT, AssociationProfile
from anymeter.cosem.classes.associations import AssociationLnV1
from anymeter.cosem.classes.object_lists import (
    Listing,
    access_rights,
    context_name,
    fixed,
    mechanism_name,
    profile_of,
    replace_rights,
    rights_of,
    rights_on,
    seen,
)
from anymeter.cosem.schema import UNSIGNED, array
from anymeter.errors import LocalError
from anymeter.obis import Obis
from cosem.classes.surroundings import CLOCK, PROBE, SCRIPTS, device

OWN = Obis("0-0:40.0.1*255")
RIGHTS = Rights(
    {1: READ, 2: READ_WRITE, 3: READ | AUTHENTICATED_REQUEST}, {1: ACCESS, 2: ACCESS | ENCRYPTED_REQUEST}, {2: (1, 2)}
)


def world(rights):
    one = AssociationLnV1(OWN)
    profile = AssociationProfile(name="a", client=16, object_name=OWN, rights=rights)
    return device(one, associations=[profile]), one, profile


def test_an_association_sees_what_it_has_rights_on():
    found, one, profile = world({PROBE: RIGHTS, Obis(CLOCK): Rights({2: READ}), SCRIPTS: Rights({2: 0})})
    assert [obj.logical_name for obj, _ in seen(one)] == [Obis(CLOCK), PROBE]
    assert profile_of(one) is profile
    assert seen(AssociationLnV1("0-0:40.0.9*255")) == []
    assert profile_of(found.objects[PROBE]) is None


def test_rights_on_its_own_object_may_stand_under_the_current_association():
    mine = Rights({2: READ})
    _, one, profile = world({CURRENT: mine})
    assert rights_on(profile, OWN) is mine
    assert [obj for obj, _ in seen(one)] == [one]
    assert not rights_on(profile, PROBE).visible


@pytest.mark.parametrize(
    ("bits", "booleans", "attributes", "methods"),
    [
        (False, False, [(1, 1, None), (2, 3, [1, 2]), (3, 4, None)], [(1, 1), (2, 2)]),
        (False, True, [(1, 1, None), (2, 3, [1, 2]), (3, 4, None)], [(1, True), (2, True)]),
        (True, False, [(1, 1, None), (2, 3, [1, 2]), (3, 5, None)], [(1, 1), (2, 9)]),
    ],
)
def test_access_modes(bits, booleans, attributes, methods):
    found, _, _ = world({})
    access = access_rights(found.objects[PROBE], RIGHTS, bits=bits, booleans=booleans)
    assert access == (attributes, methods)


def test_modes_become_rights_again():
    found, _, _ = world({})
    assert rights_of(access_rights(found.objects[PROBE], RIGHTS, bits=True), bits=True) == RIGHTS
    assert rights_of(([(2, 3, None)], [(1, True)]), bits=False) == Rights({2: READ_WRITE}, {1: ACCESS}, {})
    with pytest.raises(LocalError):
        rights_of(([(2, 9, None)], []), bits=False)


def test_rights_are_replaced():
    found, one, profile = world({PROBE: RIGHTS})
    replace_rights(one, SCRIPTS, Rights({2: READ}))
    assert {obj.logical_name for obj, _ in seen(one)} == {PROBE, SCRIPTS}
    replace_rights(one, PROBE, None)
    assert {obj.logical_name for obj, _ in seen(one)} == {SCRIPTS}
    assert found.associations[16] is not profile
    replace_rights(found.objects[PROBE], PROBE, None)


def test_names_of_contexts_and_mechanisms():
    assert context_name(1, octets=True) == bytes.fromhex("60857405080101")
    assert context_name(3, octets=False) == (2, 16, 756, 5, 8, 1, 3)
    assert mechanism_name(1, octets=True) == bytes.fromhex("60857405080201")


def test_a_list_is_made_anew_only_when_objects_or_rights_change():
    found, one, _ = world({PROBE: RIGHTS})
    listing, made = Listing(), []

    def make():
        made.append(1)
        return [len(made)]

    schema = array(UNSIGNED)
    assert listing.octets(one, schema, make) == listing.octets(one, schema, make) == bytes.fromhex("01011101")
    replace_rights(one, SCRIPTS, Rights({2: READ}))
    assert listing.octets(one, schema, make) == bytes.fromhex("01011102")
    found.remove(SCRIPTS)
    listing.octets(one, schema, make)
    listing.octets(one, schema, make)
    assert len(made) == 3


def test_what_is_agreed_on_is_denied():
    assert fixed(AssociationLnV1(OWN), "x").result == 3
