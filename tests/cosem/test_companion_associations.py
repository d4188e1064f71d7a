from __future__ import annotations

import pytest

from anymeter.cosem import companion  # noqa: F401  (declares every interface class)
from anymeter.cosem.access import ACCESS, Rights
from anymeter.cosem.associations import CURRENT, DEFAULT_CONFORMANCE, DEFAULT_SHORT_NAME_CONFORMANCE
from anymeter.cosem.classes.data import Data
from anymeter.cosem.companion_associations import LABORATORY, laboratory, object_of, profile_of
from anymeter.cosem.companion_toml import AssociationTable
from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.errors import LocalError
from anymeter.obis import Obis


def made(number=3, **keys):
    table = AssociationTable(**{"name": "x", "client": 40, **keys})
    own = object_of(table, number)
    return profile_of(table, number, {}, own), own


def test_defaults_are_those_of_a_plain_association():
    profile, own = made()
    assert (profile.context, profile.mechanism) == (ApplicationContext.logical_names, Mechanism.lowest)
    assert profile.conformance == DEFAULT_CONFORMANCE
    assert (own.class_id, own.version, own.logical_name) == (15, 1, Obis("0-0:40.0.3*255"))
    assert profile.object_name == own.logical_name


@pytest.mark.parametrize("context", list(ApplicationContext)[1:5])
def test_the_context_says_how_objects_are_named(context):
    profile, own = made(context=context.words)
    assert profile.context == context
    assert own.class_id == (12 if profile.short_names else 15)
    assert profile.conformance == (DEFAULT_SHORT_NAME_CONFORMANCE if profile.short_names else DEFAULT_CONFORMANCE)


def test_an_association_may_read_its_own_object_under_both_names():
    profile, own = made()
    assert profile.rights[CURRENT] == profile.rights[own.logical_name]
    assert profile.rights_on(CURRENT).attributes[2] == 1
    assert profile.rights_on(CURRENT).attributes[7] == 0, "the secret"
    assert profile.rights_on(CURRENT).methods == {}


@pytest.mark.parametrize(("context", "number"), [("logical-names", 1), ("short-names", 8)])
def test_high_level_security_needs_the_reply(context, number):
    profile, own = made(context=context, mechanism="high-level-gmac", version=1 if number == 1 else 2)
    assert profile.rights_on(own.logical_name).methods.get(number) == ACCESS


def test_access_to_its_own_object_can_be_written():
    profile, own = made(access="r, change_HLS_secret() x")
    assert profile.rights_on(own.logical_name).methods == {2: ACCESS}


def test_an_object_of_ones_own_and_users():
    profile, own = made(object="0-0:40.0.9*255", users=[(1, "anna"), (2, "bert")])
    assert own.logical_name == Obis("0-0:40.0.9*255")
    assert profile.users == ((1, "anna"), (2, "bert"))


def test_the_laboratory_has_all_rights():
    data = Data("0-0:96.1.0*255")
    profile, own = laboratory(b"pw", [data])
    assert (profile.client, profile.secret, profile.mechanism) == (LABORATORY, b"pw", Mechanism.low_level)
    assert profile.rights_on(data.logical_name) == Rights({1: 1, 2: 3})
    assert own.logical_name == Obis("0-0:40.0.255*255")


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"context": "names"}, "context: one of unknown, logical-names"),
        ({"mechanism": "high"}, "mechanism: one of lowest"),
        ({"conformance": ["gte"]}, "conformance: there is no 'gte'"),
        ({"client": 70000}, "client: a SAP from 1 to 65535, not 70000"),
        ({"version": 12}, "version: there is no version 12 of class 15"),
        ({"secret": "hex:0"}, "not hexadecimal"),
        ({"access": "q"}, "access 'q'"),
        ({"object": "x"}, "not an OBIS code"),
    ],
)
def test_mistakes_name_the_key(keys, why):
    with pytest.raises(LocalError, match=why):
        made(**keys)
