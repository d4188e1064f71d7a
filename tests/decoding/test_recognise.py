"""Which protocol a message is of: every kind by its own marks, and octets that are of none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import message_cases as cases
from anymeter.decoding import recognise
from anymeter.decoding.recognise import MARKS, PROTOCOLS, protocol_of
from anymeter.errors import DecodeError
from anymeter.links import wireless
from anymeter.links.address import Address
from anymeter.obis import Obis
from shared import vectors

WIRELESS = wireless.Frame(0x44, Address.of("AMT", "12345678", 1, 7), bytes.fromhex("7A010000000413D2040000"))
LINKS = {"hdlc": "hdlc", "wrapper": "wrapper"}


def wanted_of(vector):
    first = vector["layers"][0]
    return first if first in LINKS else vector["protocol"]


@pytest.mark.parametrize("v", cases.params(cases.GOOD))
def test_own_messages(v):
    assert protocol_of(cases.octets(v)) == wanted_of(v)


@pytest.mark.parametrize(
    ("octets", "protocol"),
    [
        ("E5", "mbus"),
        ("1040014116", "mbus"),
        ("105B015C16", "mbus"),
        ("680303680801FF0816", "mbus"),
        ("68030468", "mbus"),
        ("7EA0072103930F017E", "hdlc"),
        ("7E7EA0072103930F01", "hdlc"),
        ("0001000100100003C40100", "wrapper"),
        ("0F0000000100020100", "dlms"),
        ("C401C10012002A", "dlms"),
        ("E6E700C401C10012002A", "dlms"),
        ("010112002A", "dlms"),
        ("0201090101", "dlms"),
        ("72785634122D2C0107", "mbus"),
        ("7A0100000004", "mbus"),
        (b"/ABC5X\r\n\r\n1-0:1.8.0(1*kWh)\r\n!0000\r\n".hex(), "p1"),
        (b"/ABC5X\r\n1.8.0(1*kWh)\r\n!\r\n".hex(), "iec62056-21"),
        (b"\x021.8.0(1*kWh)\r\n!\r\n\x03\x00".hex(), "iec62056-21"),
        (b"1.8.0(1*kWh)\r\n".hex(), "iec62056-21"),
    ],
)
def test_marks(octets, protocol):
    assert protocol_of(bytes.fromhex(octets)) == protocol


@pytest.mark.parametrize("crcs", ["A", "B", "none"])
def test_wireless_of_every_format(crcs):
    assert protocol_of(wireless.encode(WIRELESS, crcs)) == "wmbus"


@pytest.mark.parametrize("trailer", [b"\x50", b"\x50\x01", b"\x50\x01\x02\x03"])
def test_wireless_with_what_a_receiver_appends(trailer):
    assert protocol_of(wireless.encode(WIRELESS, "none") + trailer) == "wmbus"


@pytest.mark.parametrize("place", [12, 16, 20])
def test_a_damaged_telegram_is_still_one_so_that_its_reader_can_say_what_is_wrong(place):
    octets = bytearray(wireless.encode(WIRELESS, "A"))
    octets[place] ^= 1
    assert protocol_of(bytes(octets)) == "wmbus"
    assert protocol_of(bytes(octets[:15])) == "wmbus"
    octets[2:4] = b"\x00\x00"
    assert not recognise.is_damaged_wireless(bytes(octets))


@pytest.mark.parametrize("octets", ["", "00", "68", "0300000000", "FFFFFFFFFFFFFFFFFFFFFFFFFFFF", "1B1B1B1B01010101"])
def test_octets_of_no_protocol(octets):
    with pytest.raises(DecodeError, match=f"^input at octet 0: {len(octets) // 2} octets of no known protocol"):
        protocol_of(bytes.fromhex(octets))


def test_a_wrapper_that_promises_more_than_there_is_is_none():
    assert recognise.is_wrapper(bytes.fromhex("0001000100100003C40100"))
    assert not recognise.is_wrapper(bytes.fromhex("0001000100100004C40100"))
    assert not recognise.is_wrapper(bytes.fromhex("0002000100100003C40100"))


def test_hdlc_without_flags_is_known_by_its_length():
    bare = next(cases.octets(v) for v in cases.OWN if v["name"] == "HDLC frame without its flags")
    assert recognise.is_bare_hdlc(bare)
    assert not recognise.is_bare_hdlc(bare[:-1])
    assert not recognise.is_bare_hdlc(bare + b"\x00")


def test_ciphered_apdus_end_where_their_lengths_say():
    octets = next(cases.octets(v) for v in cases.OWN if v["name"] == "ciphered push, no key given")
    assert recognise.is_ciphered_apdu(octets)
    assert not recognise.is_ciphered_apdu(octets[:-1])
    assert not recognise.is_ciphered_apdu(octets + b"\x00")


def test_a_whole_message_ends_itself():
    for crcs in ("A", "B", "none"):
        assert recognise.is_whole(wireless.encode(WIRELESS, crcs))
    heat = cases.octets(cases.GOOD[0])
    assert recognise.is_whole(heat)
    assert not recognise.is_whole(heat[:-1])
    assert not recognise.is_whole(bytes(Obis("1-0:1.8.0")))


def test_every_protocol_can_be_named():
    assert set(PROTOCOLS) == {name for name, _ in MARKS}
    assert set(PROTOCOLS) == {"mbus", "wmbus", "hdlc", "wrapper", "dlms", "iec62056-21", "p1"}


LAYERS = {"hdlc": "hdlc", "wrapper": "wrapper", "apdu": "dlms"}
KINDS = {"wired": "mbus", "wireless": "wmbus"}
NOISE = "serial_rawtty_bad"
"""Octets of a serial line with telegrams among them."""


def linked(v):
    return v.get("link") in KINDS and NOISE not in v["id"]


@pytest.mark.parametrize(
    "v",
    vectors(
        "libmbus_test_frames.jsonl", "harvested_other.jsonl", "wmbusmeters_drivers.jsonl",
        "wmbusmeters_simulations.jsonl", "gowmbus.jsonl", "m_bus_parser_rust.jsonl",
        "pymeterbus.jsonl", "wireless_mbus_parser_ts.jsonl",
        where=linked,
    ),
)  # fmt: skip
def test_shared_telegrams(v):
    octets = bytes.fromhex(v["hex"][: len(v["hex"]) // 2 * 2])
    assert protocol_of(octets) == KINDS[v["link"]]


@pytest.mark.parametrize("v", vectors("dlms_vectors.jsonl", where=lambda v: v["layer"] in LAYERS and len(v["hex"]) > 4))
def test_shared_dlms(v):
    octets = bytes.fromhex(v["hex"])
    try:
        assert protocol_of(octets) == LAYERS[v["layer"]]
    except DecodeError:
        assert v["layer"] == "apdu"
        assert "-last-" in v["id"], "a block cut short by its suite"


@given(st.binary(max_size=200))
def test_any_octets_are_of_one_protocol_or_none(octets):
    found, error = cases.attempt(protocol_of, octets)
    if error is None:
        assert found in PROTOCOLS
    else:
        assert (error.what, error.at) == ("input", 0)
