"""An association as agreed on beforehand."""

from anymeter.cosem.access import NO_RIGHTS, READ, Rights
from anymeter.cosem.associations import (
    CURRENT,
    DEFAULT_CONFORMANCE,
    DEFAULT_SHORT_NAME_CONFORMANCE,
    PUBLIC_CLIENT,
    AssociationProfile,
)
from anymeter.cosem.enums import ApplicationContext, Conformance, Mechanism
from anymeter.obis import Obis

CLOCK = Obis("0-0:1.0.0*255")


def test_rights_are_found_by_name_and_there_are_none_elsewhere():
    rights = Rights(attributes={2: READ})
    profile = AssociationProfile(name="public", client=PUBLIC_CLIENT, rights={CLOCK: rights})
    assert profile.rights_on(CLOCK) is rights
    assert profile.rights_on(Obis("1-0:1.8.0*255")) is NO_RIGHTS


def test_the_context_says_how_objects_are_named_and_whether_apdus_are_ciphered():
    told = {
        context.name: (p.short_names, p.ciphered)
        for context in ApplicationContext
        for p in [AssociationProfile(name="x", client=1, context=context)]
    }
    assert told == {
        "unknown": (False, False),
        "logical_names": (False, False),
        "short_names": (True, False),
        "logical_names_ciphered": (False, True),
        "short_names_ciphered": (True, True),
    }


def test_the_secret_does_not_show():
    profile = AssociationProfile(name="reader", client=32, mechanism=Mechanism.low_level, secret=b"hidden-word")
    assert "hidden" not in repr(profile)
    assert "reader" in repr(profile)


def test_what_is_offered_by_default_are_the_services_of_its_way_of_naming():
    assert DEFAULT_CONFORMANCE & Conformance.get
    assert not DEFAULT_CONFORMANCE & Conformance.read
    assert DEFAULT_SHORT_NAME_CONFORMANCE & Conformance.read
    assert not DEFAULT_SHORT_NAME_CONFORMANCE & Conformance.get


def test_the_current_association_is_0_0_40_0_0_255():
    assert CURRENT.hex() == "0000280000ff"
