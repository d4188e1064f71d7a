"""Whole messages of every kind: what they say, and what is wrong with those that say nothing."""

from __future__ import annotations

import pytest

import message_cases as cases
from anymeter.cli.samples import samples
from anymeter.decoding import Decoder, KeyRing
from anymeter.decoding.decoder import PEERS
from anymeter.decoding.recognise import PROTOCOLS
from anymeter.errors import AnymeterError, DecodeError, LocalError
from anymeter.links import hdlc
from anymeter.links.wrapper import Wpdu

READ = bytes.fromhex("C401C100060000002A")
"""A get-response of invoke id 1: 42."""
ASK = bytes.fromhex("C001C1000301000108 00FF0200".replace(" ", ""))
"""The get-request of 1-0:1.8.0, attribute 2."""


@pytest.mark.parametrize("v", cases.params(cases.GOOD))
def test_own_messages(v):
    message = cases.decoder(v).decode(cases.octets(v))
    assert v["source"]
    assert message.protocol == v["protocol"]
    assert list(message.layers) == v["layers"]
    assert cases.who(message.meter) == v.get("meter")
    assert (message.time and message.time.iso()) == v.get("time")
    assert list(message.status) == v.get("status", [])
    security = message.security
    told = security and f"{security.mode} {'verified' if security.verified else 'not verified'}"
    assert told == v.get("security")
    assert [cases.shown(r) for r in message.readings] == v.get("readings", [])
    assert [u.hex().upper() for u in message.undecoded] == v.get("undecoded", [])


@pytest.mark.parametrize("v", cases.params(cases.BAD))
def test_own_messages_that_are_refused(v):
    with pytest.raises(AnymeterError) as e:
        cases.decoder(v).decode(cases.octets(v))
    error = e.value
    assert (type(error).__name__, error.what, error.at, error.why) == (v["error"], v["what"], v["at"], v["why"])


def test_every_message_has_its_own_name():
    names = [v["name"] for v in cases.OWN]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("made", list(samples()), ids=lambda s: s.title)
def test_the_samples_are_the_vectors(made):
    """The octets that ``demo`` makes stay what they are in the vectors."""
    kept = next(v for v in cases.OWN if v["name"] == made.title)
    assert made.octets == cases.octets(kept)
    assert (made.key or b"").hex().upper() == kept.get("key", "")
    assert (made.auth_key or b"").hex().upper() == kept.get("auth_key", "")


@pytest.mark.parametrize("v", cases.params(cases.GOOD))
def test_hex_says_the_same_as_octets(v):
    octets = cases.octets(v)
    wanted = cases.decoder(v).decode(octets)
    for text in (octets.hex(), octets.hex(" ").upper(), f"0x{octets.hex()}", octets.hex("\n")):
        assert cases.decoder(v).decode(text) == wanted


@pytest.mark.parametrize("v", cases.params([v for v in cases.GOOD if "frame" not in v["name"]]))
def test_a_message_read_as_its_own_protocol_says_the_same(v):
    octets = cases.octets(v)
    names = [n for n in PROTOCOLS if n == v["protocol"] or (v["protocol"] == "dlms" and n in ("hdlc", "wrapper"))]
    wanted = cases.decoder(v).decode(octets)
    found = []
    for name in names:
        try:
            found.append(Decoder(cases.ring(v), protocol=name).decode(octets))
        except DecodeError:
            continue
    assert wanted in found


def test_a_protocol_that_is_none_is_the_callers_mistake():
    with pytest.raises(LocalError, match="'sml' is none of"):
        Decoder(protocol="sml")


def test_a_stray_half_octet_is_told_in_the_status():
    v = cases.GOOD[0]
    message = Decoder().decode(cases.octets(v).hex() + "1")
    assert message.status[-1] == "stray-digit"
    assert len(message.readings) == len(v["readings"])


def test_a_stray_half_octet_behind_half_a_message_is_an_error():
    v = cases.GOOD[0]
    with pytest.raises(DecodeError, match="an odd number of hex digits") as e:
        Decoder().decode(cases.octets(v).hex()[:-2] + "1")
    assert e.value.at == len(cases.octets(v)) - 1
    with pytest.raises(DecodeError, match="an odd number of hex digits"):
        Decoder().explain(cases.octets(v).hex()[:-2] + "1")


def test_explain_takes_what_decode_takes():
    assert Decoder().explain(cases.octets(cases.GOOD[0]).hex() + "1")[1] is None


def test_each_pair_of_client_and_server_is_a_conversation_of_its_own():
    decoder = Decoder()
    decoder.decode(Wpdu(16, 1, ASK).encode())
    other = decoder.decode(Wpdu(1, 17, READ).encode())
    assert other.readings[0].obis is None
    right = decoder.decode(Wpdu(1, 16, READ).encode())
    assert str(right.readings[0].obis) == "1-0:1.8.0*255"


def test_hdlc_addresses_tell_conversations_apart():
    def framed(apdu, client, from_server):
        llc = b"\xe6\xe7\x00" if from_server else b"\xe6\xe6\x00"
        one = hdlc.Address.of(client), hdlc.Address.of(1)
        destination, source = one if from_server else one[::-1]
        return hdlc.encode(hdlc.Frame(destination, source, 0x13, llc + apdu))

    decoder = Decoder()
    decoder.decode(framed(ASK, 16, False))
    assert decoder.decode(framed(READ, 32, True)).readings[0].obis is None
    assert str(decoder.decode(framed(READ, 16, True)).readings[0].obis) == "1-0:1.8.0*255"


def test_conversations_are_bounded():
    decoder = Decoder()
    for port in range(PEERS + 10):
        decoder.decode(Wpdu(port + 100, 1, ASK).encode())
    assert len(decoder._peers) <= PEERS


def test_noise_around_frames_is_kept():
    framed = cases.octets(next(v for v in cases.OWN if v["name"] == "DLMS push in HDLC, electricity"))
    message = Decoder(protocol="hdlc").decode(b"\x01\x02\x03" + framed)
    assert message.undecoded == (b"\x01\x02\x03",)
    assert len(message.readings) == 4


def test_a_link_that_lost_everything_says_why():
    framed = bytearray(cases.octets(next(v for v in cases.OWN if v["name"] == "DLMS push in HDLC, electricity")))
    framed[30] ^= 1
    framed[100] ^= 1
    with pytest.raises(DecodeError) as e:
        Decoder(protocol="hdlc").decode(bytes(framed))
    assert e.value.what == "HDLC"
    assert e.value.at == 0


def test_keys_are_chosen_by_meter():
    v = next(v for v in cases.OWN if v["name"] == "the same with its key")
    named = KeyRing({"AMT.00012345": {"key": v["key"]}}, {"key": "FF" * 16})
    assert Decoder(named).decode(cases.octets(v)).security.verified
    other = KeyRing({"AMT.00012346": {"key": v["key"]}})
    assert not Decoder(other).decode(cases.octets(v)).security.verified
