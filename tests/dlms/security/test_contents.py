"""Protected contents by themselves: what is needed of keys and titles, and what each part is."""

import pytest

import dlms_keys as k
from anymeter.dlms.security import Keys, Protection
from anymeter.dlms.security.contents import (
    Policy,
    check_key,
    check_title,
    encryption_key,
    make_contents,
    open_contents,
)
from anymeter.errors import DecodeError, SecurityError

KEY = (k.EK, "encryption")


@pytest.mark.parametrize("control", [0x10, 0x20, 0x30])
@pytest.mark.parametrize("header", [b"", b"header"])
def test_both_ways(control, header):
    made = make_contents(k.GET, k.KEYS, KEY, k.TITLE, control, 5, header)
    assert made[:5] == bytes((control, 0, 0, 0, 5))
    assert len(made) == 5 + len(k.GET) + (12 if control & 0x10 else 0)
    opened = open_contents(made, k.KEYS, KEY, k.TITLE, header)
    assert opened == (k.GET, Protection(control, 5, bool(control & 0x10), k.TITLE))


def test_the_header_is_part_of_what_is_authenticated():
    made = make_contents(k.GET, k.KEYS, KEY, k.TITLE, 0x30, 5, b"header")
    with pytest.raises(SecurityError, match="the tag does not verify"):
        open_contents(made, k.KEYS, KEY, k.TITLE, b"headers")


def test_unprotected_contents_need_no_key_and_no_title():
    made = make_contents(k.GET, Keys(), (None, ""), b"", 0x00, 5)
    assert open_contents(made, Keys(), (None, ""), None) == (k.GET, Protection(0, 5, False, b""))


@pytest.mark.parametrize("size", range(5))
def test_contents_without_a_counter(size):
    with pytest.raises(DecodeError, match="too short"):
        open_contents(bytes(size), k.KEYS, KEY, k.TITLE)


@pytest.mark.parametrize("size", range(12))
def test_contents_without_room_for_a_tag(size):
    with pytest.raises(DecodeError, match="too short for an authentication tag"):
        open_contents(b"\x30\0\0\0\x01" + bytes(size), k.KEYS, KEY, k.TITLE)


def test_which_key_is_used():
    keys = Keys(encryption=b"e" * 16, broadcast=b"b" * 16, dedicated=b"d" * 16)
    assert encryption_key(keys, 0x30, dedicated=False) == (b"e" * 16, "encryption")
    assert encryption_key(keys, 0x70, dedicated=False) == (b"b" * 16, "broadcast")
    assert encryption_key(keys, 0x30, dedicated=True) == (b"d" * 16, "dedicated")


@pytest.mark.parametrize(("suite", "size"), [(0, 16), (1, 16), (2, 32)])
def test_the_size_of_a_key_by_suite(suite, size):
    assert check_key(bytes(size), "encryption", suite) == bytes(size)
    with pytest.raises(SecurityError, match=f"suite {suite} takes a {size}-octet encryption key"):
        check_key(bytes(48 - size), "encryption", suite)


def test_an_authentication_key_of_the_wrong_size_is_named():
    made = make_contents(k.GET, k.KEYS, KEY, k.TITLE, 0x30, 5)
    with pytest.raises(SecurityError, match="suite 0 takes a 16-octet authentication key, this one has 32"):
        open_contents(made, Keys(encryption=k.EK, authentication=bytes(32)), KEY, k.TITLE)


@pytest.mark.parametrize("title", [None, b"", b"1234567", b"123456789"])
def test_a_title_has_eight_octets(title):
    with pytest.raises(SecurityError, match="system title"):
        check_title(title)
    assert check_title(k.TITLE) == k.TITLE


def test_the_counter_policy_holds_for_unverified_contents_too():
    made = make_contents(k.GET, k.KEYS, KEY, k.TITLE, 0x20, 5)
    with pytest.raises(SecurityError, match="not greater"):
        open_contents(made, k.KEYS, KEY, k.TITLE, policy=Policy(last_counter=5))
