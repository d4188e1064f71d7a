"""Access rights: the modes of old and new associations, and what a request needs."""

import pytest

from anymeter.cosem import access
from anymeter.cosem.access import ACCESS, AUTHENTICATED_REQUEST, ENCRYPTED_REQUEST, READ, READ_WRITE, WRITE, Rights
from anymeter.errors import LocalError

OLD = ["none", "read", "write", "read, write"]


@pytest.mark.parametrize(("mode", "words"), list(enumerate(OLD)))
def test_the_old_modes_of_an_attribute(mode, words):
    assert access.words_of(access.access_of(mode)) == words
    assert access.mode_of(access.access_of(mode)) == mode


@pytest.mark.parametrize("mode", range(7))
def test_every_old_mode_comes_back(mode):
    assert access.mode_of(access.access_of(mode)) == mode


@pytest.mark.parametrize("mode", range(3))
def test_every_old_mode_of_a_method_comes_back(mode):
    assert access.mode_of(access.access_of(mode, method=True), method=True) == mode


@pytest.mark.parametrize(("mode", "method"), [(7, False), (-1, False), (3, True)])
def test_a_mode_the_enumeration_lacks(mode, method):
    with pytest.raises(LocalError, match="no access mode"):
        access.access_of(mode, method=method)


@pytest.mark.parametrize("mode", range(256))
def test_the_bit_mask_of_newer_associations_is_the_access_itself(mode):
    assert access.mode_of(access.access_of(mode, bits=True), bits=True) == mode


def test_old_modes_have_no_place_for_a_protected_attribute_without_access():
    assert access.mode_of(ENCRYPTED_REQUEST) == 0
    assert access.mode_of(AUTHENTICATED_REQUEST, method=True) == 0


@pytest.mark.parametrize(
    ("given", "wanted", "protection", "allowed"),
    [
        (READ, READ, 0, True),
        (READ, WRITE, 0, False),
        (READ_WRITE, READ, 0, True),
        (0, READ, 0, False),
        (READ | ENCRYPTED_REQUEST, READ, 0, False),
        (READ | ENCRYPTED_REQUEST, READ, AUTHENTICATED_REQUEST, False),
        (READ | ENCRYPTED_REQUEST, READ, ENCRYPTED_REQUEST | AUTHENTICATED_REQUEST, True),
        (READ | access.ENCRYPTED_RESPONSE, READ, 0, True),
        (ACCESS | AUTHENTICATED_REQUEST, ACCESS, AUTHENTICATED_REQUEST, True),
    ],
)
def test_what_a_request_needs(given, wanted, protection, allowed):
    assert access.may(given, wanted, protection) is allowed


def test_an_object_without_any_right_is_not_visible():
    assert not Rights().visible
    assert not Rights(attributes={1: 0}, methods={1: 0}).visible
    assert Rights(attributes={1: READ}).visible
    assert Rights(methods={1: ACCESS}).visible
