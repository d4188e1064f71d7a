"""The layout of protected APDUs."""

import pytest

import dlms_cases as cases
from anymeter.dlms import apdu
from anymeter.dlms.ciphered import (
    AgreedKey,
    CipheredService,
    GeneralCiphering,
    GeneralSigning,
    IdentifiedKey,
    WrappedKey,
    security_words,
    service_words,
)
from anymeter.dlms.enums import KeyId
from anymeter.errors import DecodeError


@pytest.mark.parametrize(
    ("control", "words"),
    [
        (0x30, "suite 0, authenticated, encrypted, unicast key"),
        (0xB2, "suite 2, authenticated, encrypted, compressed, unicast key"),
        (0x41, "suite 1, broadcast key"),
    ],
)
def test_the_security_control_octet(control, words):
    assert security_words(control) == words


def test_ciphered_services_have_names():
    assert CipheredService(0xCC, bytes(5)).name == "glo-get-response"
    assert service_words(0x41) == "ded-initiateRequest"
    assert service_words(0x99) == "tag 99"


def test_the_rows_of_protected_contents():
    whole = bytes.fromhex("CC 14 30 00000007 ABCDEF") + bytes(12)
    rows = {row.name: row for row in apdu.explain(whole)}
    assert rows["tag"].meaning == "glo-get-response"
    assert (rows["invocation counter"].meaning, rows["invocation counter"].at) == ("7", 3)
    assert rows["contents"].octets == b"\xab\xcd\xef"
    assert rows["authentication tag"].at == len(whole) - 12
    cases.check_tiles(apdu.explain(whole), whole)


@pytest.mark.parametrize(
    ("control", "size", "fits"), [(0x20, 4, 0), (0x20, 5, 1), (0x30, 16, 0), (0x30, 17, 1), (0x00, 0, 0)]
)
def test_the_least_size_of_protected_contents(control, size, fits):
    contents = (bytes((control,)) + bytes(40))[:size]
    whole = bytes((0xC8, size)) + contents
    if fits:
        assert apdu.decode(whole).content == contents
        return
    with pytest.raises(DecodeError, match="too short for security control"):
        apdu.decode(whole)


@pytest.mark.parametrize(
    ("info", "octets"),
    [
        (None, "00"),
        (IdentifiedKey(KeyId.global_unicast_encryption_key), "01 00 00"),
        (WrappedKey(0, b"abc"), "01 01 00 03 616263"),
        (AgreedKey(b"\x01", b"abc"), "01 02 01 01 03 616263"),
    ],
)
def test_key_infos(info, octets):
    made = GeneralCiphering(b"1", b"22", b"333", b"", b"", info, b"\x20\0\0\0\1")
    assert made.encode() == bytes.fromhex("DD 01 31 02 3232 03 333333 00 00" + octets + "05 20 00000001")
    assert apdu.decode(made.encode()) == made


def test_a_signed_apdu_is_explained_inside():
    signed = GeneralSigning(b"", b"", b"", b"", b"", bytes.fromhex("C501C100"), b"signature").encode()
    rows = apdu.explain(signed)
    assert "SetResponseNormal" in cases.names_of(rows)
    cases.check_tiles(rows, signed)
