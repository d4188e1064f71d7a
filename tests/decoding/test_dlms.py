"""DLMS messages: conversations, protection by keys and titles, block transfer, errors as statuses."""

from __future__ import annotations

from decimal import Decimal

import pytest

import dlms_talk as talk
import message_cases as cases
from anymeter.decoding import Decoder, KeyRing, decode
from anymeter.decoding.dlms import NESTING, is_value, keys_of
from anymeter.decoding.recognise import is_data
from anymeter.dlms import acse
from anymeter.dlms.access import AccessGet, AccessOutcome, AccessResponse
from anymeter.dlms.action import ActionResponseNormal
from anymeter.dlms.blocks import GatewayResponse, GeneralBlockTransfer
from anymeter.dlms.enums import AccessKind, DataAccessResult
from anymeter.dlms.initiate import InitiateRequest
from anymeter.dlms.security import Keys, protect
from anymeter.errors import DecodeError, SecurityError
from anymeter.links.wrapper import Wpdu
from dlms_talk import EXPORT, IMPORT

EK, AK, DEDICATED = bytes(range(16)), bytes(range(0xD0, 0xE0)), bytes(range(0x40, 0x50))
KEYS = Keys(encryption=EK, authentication=AK)
RING = KeyRing(default={"encryption": EK, "authentication": AK})
CLIENT, METER = b"AMC\x00\x00\x00\x00\x01", b"AMT\x00\x00\x00\x00\x02"
CONTEXT = {"application_context_name": acse.CONTEXT + b"\x03"}
DENIED = DataAccessResult.read_write_denied


def readings(decoder, *apdus):
    """What the last of these APDUs says."""
    for apdu in apdus:
        message = decoder.decode(apdu if isinstance(apdu, bytes) else apdu.encode())
    return [cases.shown(r) for r in message.readings]


def test_a_value_gets_name_scaler_and_unit_from_what_was_read_before():
    decoder = Decoder()
    readings(decoder, talk.ask(number=3), talk.answer(talk.scaler_unit(-1)), talk.ask())
    message = decoder.decode(talk.answer(talk.number(123456)).encode())
    (reading,) = message.readings
    assert reading.value == Decimal("12345.6")
    assert (str(reading.obis), reading.unit) == ("1-0:1.8.0*255", "Wh")
    assert reading.name == "active energy import (+A), total"
    assert reading.raw == talk.number(123456)


def test_a_value_without_its_scaler_is_the_number_of_the_wire():
    assert readings(Decoder(), talk.ask(), talk.answer(talk.number(42))) == ["1-0:1.8.0*255 = 42"]


def test_a_value_without_its_request_has_no_code():
    assert readings(Decoder(), talk.answer(talk.number(42))) == ["- = 42"]


def test_a_list():
    decoder = Decoder()
    asked = talk.ask_list(talk.attribute(IMPORT, 3), talk.attribute(IMPORT), talk.attribute(EXPORT))
    answered = talk.answer_list(talk.scaler_unit(3), talk.number(7), DENIED)
    found = readings(decoder, asked, answered)
    assert found[1:] == ["1-0:1.8.0*255 = 7000 Wh", "1-0:2.8.0*255 = None ! read-write-denied"]


@pytest.mark.parametrize("number", [1, 3])
def test_attributes_beside_the_value_are_told_by_name_and_have_no_code(number):
    decoder = Decoder()
    decoder.decode(talk.ask(number=number).encode())
    (reading,) = decoder.decode(talk.answer(talk.scaler_unit(0)).encode()).readings
    assert reading.obis is None
    assert reading.name == f"active energy import (+A), total, attribute {number}"
    assert (reading.value, reading.status, reading.raw) == (None, "structured", talk.scaler_unit(0))


def test_the_columns_of_a_profile_are_no_readings_of_what_they_name():
    columns = bytes.fromhex("0101020412000309060100010800FF0F02120000")
    found = readings(Decoder(), talk.ask("1-0:99.1.0", 3, 7), talk.answer(columns))
    assert found == ["- = None ! structured"]


@pytest.mark.parametrize(
    ("kind", "number", "wanted"),
    [(3, 2, True), (5, 3, True), (3, 3, False), (7, 2, True), (7, 3, False), (15, 2, False)],
)
def test_which_attributes_are_values(kind, number, wanted):
    assert is_value(talk.attribute(number=number, kind=kind)) is wanted


def test_blocks_come_in_several_messages():
    decoder, octets = Decoder(), talk.number(9)
    decoder.decode(talk.ask().encode())
    first = decoder.decode(talk.answer_block(octets[:2], 1).encode())
    assert (first.readings, first.status, first.undecoded) == ((), ("more-blocks-follow",), ())
    last = decoder.decode(talk.answer_block(octets[2:], 2, last=True).encode())
    assert [cases.shown(r) for r in last.readings] == ["1-0:1.8.0*255 = 9"]
    assert last.status == ()


def test_the_octets_of_a_block_whose_beginning_was_missed_are_kept():
    message = Decoder().decode(talk.answer_block(b"\x01\x02", 4, last=True).encode())
    assert (message.readings, message.undecoded) == ((), (b"\x01\x02",))


def test_general_block_transfer_in_several_messages():
    decoder = Decoder()
    octets = talk.answer(talk.number(5)).encode()
    decoder.decode(talk.ask().encode())
    first = decoder.decode(GeneralBlockTransfer(0x01, 1, 0, octets[:4]).encode())
    assert first.status == ("more-blocks-follow",)
    last = decoder.decode(GeneralBlockTransfer(0x81, 2, 0, octets[4:]).encode())
    assert [cases.shown(r) for r in last.readings] == ["1-0:1.8.0*255 = 5"]
    assert last.layers == ("general-block-transfer", "get-response-normal")
    assert last.status == ()


def test_access_names_itself():
    done = AccessOutcome(AccessKind.get, DataAccessResult.success)
    asked = (AccessGet(talk.attribute(EXPORT)),)
    assert readings(Decoder(), AccessResponse(1, b"", asked, (talk.number(3),), (done,))) == ["1-0:2.8.0*255 = 3"]


def test_errors_of_unnamed_answers_are_statuses():
    message = Decoder().decode(talk.answer(DENIED).encode())
    assert (message.readings, message.status) == ((), ("read-write-denied",))


@pytest.mark.parametrize(
    ("octets", "status"),
    [("0E010601", "dlms-version-too-low"), ("D80103", "service-not-allowed"), ("C701C10300", "read-write-denied")],
)
def test_a_server_that_says_no(octets, status):
    message = Decoder().decode(bytes.fromhex(octets))
    assert message.readings == ()
    assert any(status in told for told in message.status)


def test_what_a_method_returns():
    message = Decoder().decode(bytes.fromhex("C701C10001000600000007"))
    assert isinstance(ActionResponseNormal.parse(bytes.fromhex("C701C10001000600000007")), ActionResponseNormal)
    assert [cases.shown(r) for r in message.readings] == ["- = 7"]


# Protection.


def test_titles_of_the_association_open_the_services_after_it():
    decoder = Decoder(RING)
    decoder.decode(acse.Aarq(**CONTEXT, calling_ap_title=CLIENT).encode())
    decoder.decode(acse.Aare(**CONTEXT, result=0, diagnostic=0, responding_ap_title=METER).encode())
    asked = decoder.decode(protect(talk.ask().encode(), KEYS, CLIENT, 1))
    assert asked.layers == ("glo-get-request", "get-request-normal")
    message = decoder.decode(protect(talk.answer(talk.number(8)).encode(), KEYS, METER, 1))
    assert [cases.shown(r) for r in message.readings] == ["1-0:1.8.0*255 = 8"]
    assert message.security.verified
    assert message.meter.id == METER.hex().upper()


def test_a_title_of_our_callers_opens_services_without_an_association():
    octets = protect(talk.answer(talk.number(8)).encode(), KEYS, METER, 1)
    assert Decoder(RING, title=METER).decode(octets).security.verified
    with pytest.raises(SecurityError) as e:
        Decoder(RING, title=CLIENT).decode(octets)
    assert "system title" in e.value.why
    assert (e.value.what, e.value.at) == ("glo-get-response", 0)


@pytest.mark.parametrize("ciphered", [False, True])
def test_the_dedicated_key_of_an_association(ciphered):
    decoder = Decoder(RING)
    proposed = InitiateRequest(DEDICATED, True, None, 6, 0, 0xFFFF).encode()
    inside = protect(proposed, KEYS, CLIENT, 1) if ciphered else proposed
    asked = decoder.decode(acse.Aarq(**CONTEXT, calling_ap_title=CLIENT, user_information=inside).encode())
    assert asked.layers[-1] == "initiate-request"
    decoder.decode(acse.Aare(**CONTEXT, result=0, diagnostic=0, responding_ap_title=METER).encode())
    keys = Keys(dedicated=DEDICATED, authentication=AK)
    message = decoder.decode(protect(talk.answer(talk.number(8)).encode(), keys, METER, 1, form="ded"))
    assert message.layers == ("ded-get-response", "get-response-normal")
    assert message.security.verified


def test_without_a_dedicated_key_there_is_an_error():
    keys = Keys(dedicated=DEDICATED, authentication=AK)
    octets = protect(talk.answer(talk.number(8)).encode(), keys, METER, 1, form="ded")
    with pytest.raises(SecurityError, match="dedicated"):
        Decoder(RING, title=METER).decode(octets)


def test_keys_of_one_device_by_its_title():
    octets = protect(talk.answer(talk.number(8)).encode(), KEYS, METER, 1, form="general-glo")
    named = {METER.hex(): {"encryption": EK, "authentication": AK}, CLIENT.hex(): {"encryption": AK}}
    assert Decoder(KeyRing(named)).decode(octets).security.verified
    message = Decoder(KeyRing({CLIENT.hex(): {"encryption": EK}})).decode(octets)
    assert (message.readings, message.security.verified, message.undecoded) == ((), False, (octets,))


@pytest.mark.parametrize("change", ["encryption", "authentication", "title", "octet"])
def test_whatever_is_wrong_nothing_is_told(change):
    octets = bytearray(protect(talk.answer(talk.number(8)).encode(), KEYS, METER, 1, form="general-glo"))
    keys = {"encryption": EK, "authentication": AK}
    if change in keys:
        keys[change] = bytes(16)
    else:
        octets[4 if change == "title" else -14] ^= 1
    with pytest.raises(SecurityError) as e:
        Decoder(KeyRing(default=keys)).decode(bytes(octets))
    assert "does not verify" in e.value.why
    assert (e.value.what, e.value.at) == ("general-glo-ciphering", 0)


def test_a_missing_encryption_key_is_named():
    octets = protect(talk.answer(talk.number(8)).encode(), KEYS, METER, 1, form="general-glo")
    with pytest.raises(SecurityError, match="the encryption key is needed and not given"):
        Decoder(KeyRing(default={"authentication": AK})).decode(octets)


def test_protection_inside_protection():
    octets = talk.answer(talk.number(8)).encode()
    for counter in range(3):
        octets = protect(octets, KEYS, METER, counter, form="general-glo")
    assert [cases.shown(r) for r in Decoder(RING).decode(octets).readings] == ["- = 8"]
    for counter in range(NESTING):
        octets = protect(octets, KEYS, METER, counter, form="general-glo")
    with pytest.raises(DecodeError, match="nested too deep"):
        Decoder(RING).decode(octets)


def test_gateways_in_gateways_end():
    octets = talk.answer(talk.number(8)).encode()
    assert readings(Decoder(), GatewayResponse(0, b"\x01", octets)) == ["- = 8"]
    for _ in range(NESTING + 1):
        octets = GatewayResponse(0, b"\x01", octets).encode()
    with pytest.raises(DecodeError, match="nested too deep"):
        Decoder().decode(octets)


def test_an_association_that_is_refused_says_why():
    refused = acse.Aare(**CONTEXT, result=1, diagnostic=acse.UserDiagnostic(13))
    assert len(Decoder().decode(refused.encode()).status) == 2


def test_keys_as_the_application_layer_takes_them():
    keys = keys_of(KeyRing(default={"key": EK, "dedicated": AK}).of_title(None), DEDICATED)
    assert (keys.encryption, keys.dedicated, keys.authentication) == (EK, AK, None)
    assert keys_of(KeyRing().of_title(None), DEDICATED).dedicated == DEDICATED


@pytest.mark.parametrize(
    ("octets", "wanted"),
    [("01020F010F02", True), ("0200", True), ("0100", True), ("0F01", False), ("01020F01", False), ("", False)],
)
def test_lists_by_themselves(octets, wanted):
    assert is_data(bytes.fromhex(octets)) is wanted


def test_both_directions_over_the_wrapper():
    decoder = Decoder()
    decoder.decode(Wpdu(16, 1, talk.ask().encode()).encode())
    message = decoder.decode(Wpdu(1, 16, talk.answer(talk.number(5)).encode()).encode())
    assert [cases.shown(r) for r in message.readings] == ["1-0:1.8.0*255 = 5"]


def test_a_list_longer_than_push_lists_are_says_that_it_was_not_read():
    row = bytes.fromhex("0203 0906 0100010800FF 06 000003E8 0202 0F00 161E")
    few, many = (b"\x0f\0\0\0\1\0" + b"\x01" + bytes((n,)) + row * n for n in (20, 127))
    long = b"\x0f\0\0\0\1\0" + b"\x01\x81\xfa" + row * 250
    assert [len(decode(m).readings) for m in (few, many)] == [20, 127]
    assert decode(few).status == decode(many).status == ()
    message = decode(long)
    assert (message.readings, message.status, message.undecoded) == ((), ("list-not-read",), (long[6:],))
