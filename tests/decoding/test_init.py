"""``anymeter.decode``: one call, octets or hex in, a message out."""

from __future__ import annotations

import pytest

import anymeter
import message_cases as cases
from anymeter.decoding import KeyRing, decode, is_capture
from anymeter.errors import DecodeError, LocalError, SecurityError

SECRET = next(v for v in cases.OWN if v["name"] == "the same with its key")
PUSH = next(v for v in cases.OWN if v["name"].endswith("ciphered, gas"))


def test_it_is_the_same_everywhere():
    assert anymeter.decode is decode


@pytest.mark.parametrize("v", cases.params([v for v in cases.GOOD if "key" not in v]))
def test_without_keys(v):
    assert decode(cases.octets(v)) == decode(v["hex"]) == cases.decoder(v).decode(cases.octets(v))


@pytest.mark.parametrize("form", [str, bytes.fromhex, str.lower])
def test_a_key_is_octets_or_hex(form):
    assert decode(SECRET["hex"], key=form(SECRET["key"])).security.verified


def test_both_keys_of_dlms():
    message = decode(PUSH["hex"], key=PUSH["key"], auth_key=PUSH["auth_key"])
    assert (message.security.verified, len(message.readings)) == (True, 2)
    assert not decode(PUSH["hex"], key=PUSH["key"]).security.verified
    with pytest.raises(SecurityError):
        decode(PUSH["hex"], key=PUSH["auth_key"], auth_key=PUSH["key"])


def test_keys_by_meter():
    ring = KeyRing({"AMT.00012345": {"key": SECRET["key"]}})
    assert decode(SECRET["hex"], keys=ring).readings


def test_a_key_of_the_call_goes_before_the_ring():
    ring = KeyRing({"AMT.00012345": {"key": "00" * 16}})
    assert decode(SECRET["hex"], key=SECRET["key"], keys=ring).readings


def test_the_protocol_can_be_named():
    octets = cases.octets(SECRET)
    assert decode(octets, protocol="wmbus") == decode(octets)
    with pytest.raises(DecodeError):
        decode(octets, protocol="p1")
    with pytest.raises(LocalError, match="is none of"):
        decode(octets, protocol="wM-Bus")


@pytest.mark.parametrize("option", ["key", "auth_key"])
def test_a_wrong_key_names_itself(option):
    with pytest.raises(LocalError, match=f"^{option} has 2 octets"):
        decode(SECRET["hex"], **{option: "0011"})


def test_nothing_is_kept_from_call_to_call():
    ask, answer = "C001C1000301000108 00FF0200", "C401C100060000002A"
    decode(ask)
    assert decode(answer).readings[0].obis is None


def test_captures_are_known_by_their_first_octets():
    assert is_capture(b"\xd4\xc3\xb2\xa1")
    assert not is_capture(cases.octets(SECRET))
