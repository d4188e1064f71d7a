"""Whole messages of every kind: what they say, and what is wrong with those that say nothing."""

from __future__ import annotations

import pytest

import message_cases as cases
from anymeter.cli.samples import samples
from anymeter.decoding import Decoder, KeyRing, decode
from anymeter.decoding.decoder import PEERS
from anymeter.decoding.recognise import PROTOCOLS
from anymeter.dlms.security import Keys, protect
from anymeter.errors import AnymeterError, DecodeError, LocalError, SecurityError
from anymeter.links import hdlc, transport, wireless
from anymeter.links import mbus as wired
from anymeter.links.address import Address
from anymeter.links.wrapper import Wpdu
from anymeter.mbus.header import Header

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


RECORD_CUT = bytes.fromhex("0C1467452301 0C14674523")
"""One whole record, and one whose data begin at octet 8 and end an octet early."""


def wired_telegram(payload):
    meter = Address.of("AMT", "12345678", 7, 3)
    return wired.encode(wired.long(8, 1, b"\x72" + Header(42, 0, 0, meter).encode() + payload))


def test_an_error_in_a_record_is_told_of_the_whole_frame():
    with pytest.raises(DecodeError) as caught:
        decode(wired_telegram(RECORD_CUT))
    assert caught.value.at == 6 + 13 + 8


def test_an_error_in_the_second_of_two_frames():
    first = wired_telegram(RECORD_CUT[:6])
    with pytest.raises(DecodeError) as caught:
        decode(first + wired_telegram(RECORD_CUT))
    assert caught.value.at == len(first) + 6 + 13 + 8


@pytest.mark.parametrize(
    ("crcs", "at"),
    [("none", 10 + 5), ("A", 12 + 5), ("B", 10 + 5)],
)
def test_a_wrong_key_is_told_of_the_telegram_with_its_crcs(crcs, at):
    meter = Address.of("AMT", "12345678", 7, 3)
    body = b"\x7a" + Header(1, 0, 0x0510).encode() + bytes(range(16))
    with pytest.raises(SecurityError) as caught:
        decode(wireless.encode(wireless.Frame(0x44, meter, body), crcs), key="00" * 16)
    assert caught.value.at == at


BROKEN = bytes.fromhex("0F 00000001 00 02 02 06 00000001 07")
"""A DataNotification whose second value is of an unknown type, at octet 13."""


def test_an_error_in_an_apdu_is_told_of_the_wrapper():
    with pytest.raises(DecodeError) as caught:
        decode(Wpdu(1, 16, BROKEN).encode())
    assert caught.value.at == 8 + 13


def test_an_error_in_an_apdu_is_told_of_the_segments():
    frames = hdlc.segment(
        BROKEN, client=hdlc.Address.of(16), server=hdlc.Address.of(1), from_server=True, max_information=8
    )
    octets = hdlc.encode(*frames)
    with pytest.raises(DecodeError) as caught:
        decode(octets)
    assert octets[caught.value.at] == 0x07
    assert octets.count(b"\x07") == 1


def test_an_error_in_an_apdu_is_told_of_the_transport_segments():
    octets = b"".join(wired.encode(wired.long(8, 1, s.encode())) for s in transport.split(1, 0x67, BROKEN, 5))
    with pytest.raises(DecodeError) as caught:
        decode(octets)
    assert octets[caught.value.at] == 0x07


def test_an_error_under_protection_is_told_of_the_ciphertext():
    keys = Keys(encryption=bytes(16), authentication=bytes(16))
    octets = protect(BROKEN, keys, b"AMT12345", 1, form="general-glo")
    with pytest.raises(DecodeError) as caught:
        decode(octets, key="00" * 16, auth_key="00" * 16)
    assert caught.value.at == len(octets) - 12 - len(BROKEN) + 13
