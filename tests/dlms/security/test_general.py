"""general-ciphering with every kind of key, general-signing, and the readings other implementations have."""

import pytest

import dlms_keys as k
from anymeter.dlms import apdu
from anymeter.dlms.ciphered import AgreedKey, GeneralCiphering, GeneralSigning, IdentifiedKey, WrappedKey
from anymeter.dlms.enums import KeyId
from anymeter.dlms.security import (
    Dialect,
    Keys,
    agree,
    derive,
    protect,
    public_of,
    seal_ciphering,
    sign_apdu,
    unprotect,
    unwrap_key,
    verifies,
)
from anymeter.dlms.security.general import ephemeral_point, header_of
from anymeter.errors import DecodeError, LocalError, SecurityError
from shared import vectors

EPHEMERAL = {1: b"\x55" * 32, 2: b"\x55" * 48}


def header(info, transaction=b"\0\0\0\0\0\0\0\x01"):
    return GeneralCiphering(transaction, k.TITLE, k.OTHER_TITLE, b"", b"other", info, b"")


INFOS = {
    "none": (None, None),
    "unicast": (IdentifiedKey(KeyId.global_unicast_encryption_key), None),
    "wrapped": (WrappedKey(0, b""), "key"),
    "one-pass": (AgreedKey(b"\x01", b""), "scalar"),
    "static": (AgreedKey(b"\x02", b""), None),
}


def sealed(name, suite, dialect=None, control=0x30):
    info, extra = INFOS[name]
    sender, receiver = k.pair(suite)
    ephemeral = {"key": b"\x66" * (16 * suite), "scalar": EPHEMERAL[suite], None: None}[extra]
    made = seal_ciphering(k.GET, header(info), sender, control | suite, 7, ephemeral, dialect or Dialect())
    return made.encode(), receiver


@pytest.mark.parametrize("suite", [1, 2])
@pytest.mark.parametrize("name", INFOS)
def test_every_kind_of_key(name, suite):
    whole, receiver = sealed(name, suite)
    plain, protection = unprotect(whole, receiver)
    assert plain == k.GET
    assert protection.verified
    assert protection.counter == 7
    assert protection.system_title == k.TITLE


@pytest.mark.parametrize("reading", ["with-lengths", "bare", "absent"])
def test_the_readings_of_the_header_do_not_mix(reading):
    whole, receiver = sealed("unicast", 1, Dialect(header=reading))
    for other in ("with-lengths", "bare", "absent"):
        if other == reading:
            assert unprotect(whole, receiver, dialect=Dialect(header=other))[0] == k.GET
            continue
        with pytest.raises(SecurityError, match="the tag does not verify"):
            unprotect(whole, receiver, dialect=Dialect(header=other))


def test_the_header_is_authenticated():
    whole, receiver = sealed("unicast", 1)
    for at in range(1, whole.index(b"other") + 5):
        broken = bytearray(whole)
        broken[at] ^= 0x40
        with pytest.raises((SecurityError, DecodeError)):
            unprotect(bytes(broken), receiver)


@pytest.mark.parametrize("lead", [b"", b"\x01"])
def test_the_signature_of_an_ephemeral_key_is_read_both_ways(lead):
    whole, receiver = sealed("one-pass", 1, Dialect(signed_point=lead))
    assert unprotect(whole, receiver)[0] == k.GET
    assert unprotect(whole, receiver, dialect=Dialect(signed_point=lead))[0] == k.GET
    with pytest.raises(SecurityError, match="signature of the ephemeral key"):
        unprotect(whole, receiver, dialect=Dialect(signed_point=b"\x02"))


def test_keys_that_are_missing_or_wrong_are_named():
    for name, match in (
        ("wrapped", "master key is needed"),
        ("one-pass", "private key-agreement key is needed"),
        ("static", "private key-agreement key is needed"),
    ):
        with pytest.raises(SecurityError, match=match):
            unprotect(sealed(name, 1)[0], k.KEYS)
    with pytest.raises(SecurityError, match="public key-agreement key is needed"):
        unprotect(sealed("static", 1)[0], Keys(agreement_private=b"\x44" * 32))
    with pytest.raises(SecurityError, match="does not unwrap"):
        unprotect(sealed("wrapped", 1)[0], Keys(master=b"\x01" * 16))
    with pytest.raises(SecurityError, match="different curves"):
        unprotect(sealed("one-pass", 2)[0], Keys(agreement_private=b"\x44" * 32))


def test_key_infos_that_make_no_sense():
    sender, receiver = k.pair(1)
    content = sealed("none", 1)[0][-31:]
    for info, match in (
        (IdentifiedKey(KeyId.authentication_key), "no encryption key"),
        (AgreedKey(b"\x03", b""), "key agreement 03 is unknown"),
        (AgreedKey(b"\x01", b"abc"), "128 octets are needed, these are 3"),
        (WrappedKey(0, b"abc"), "24 or 40 octets"),
    ):
        whole = GeneralCiphering(b"", k.TITLE, b"", b"", b"", info, b"\x31" + content[1:])
        with pytest.raises(SecurityError, match=match):
            unprotect(whole.encode(), receiver)
    suite_0 = GeneralCiphering(b"", k.TITLE, b"", b"", b"", AgreedKey(b"\x02", b""), b"\x30" + bytes(20))
    with pytest.raises(SecurityError, match="suite 0 has no key agreement"):
        unprotect(suite_0.encode(), receiver)
    for info in (WrappedKey(0, b""), AgreedKey(b"\x01", b""), AgreedKey(b"\x02", b"")):
        with pytest.raises(LocalError):
            seal_ciphering(k.GET, header(info), Keys(encryption=k.EK), 0x21, 1)
    assert sender.signing_private


@pytest.mark.parametrize("signed_length", [True, False])
@pytest.mark.parametrize("suite", [1, 2])
def test_signing(suite, signed_length):
    sender, receiver = k.pair(suite)
    dialect = Dialect(signed_length=signed_length)
    inner = protect(k.GET, sender, k.TITLE, 3, control=0x30 | suite)
    signed = sign_apdu(GeneralSigning(b"\x01", k.TITLE, k.OTHER_TITLE, b"", b"", inner, b""), sender, dialect)
    whole = signed.encode()
    found, protection = unprotect(whole, receiver, dialect=dialect)
    assert protection.verified
    assert protection.control is None
    assert unprotect(found, receiver, protection.system_title)[0] == k.GET
    with pytest.raises(SecurityError, match="the signature does not verify"):
        unprotect(whole, receiver, dialect=Dialect(signed_length=not signed_length))
    with pytest.raises(SecurityError, match="the signature does not verify"):
        unprotect(whole, sender, dialect=dialect)
    assert not unprotect(whole, Keys(), dialect=dialect)[1].verified
    with pytest.raises(LocalError, match="private signing key"):
        sign_apdu(signed, Keys())


def test_the_header_as_the_standard_prints_it():
    octets = header_of(GeneralSigning(b"\x09", b"AB", b"", b"", b"\xff", b"", b""))
    assert octets == bytes.fromhex("01 09 02 4142 00 00 01 FF")


def by_id(*starts):
    return vectors("dlms_vectors.jsonl", where=lambda v: v["id"].startswith(starts))


def keys_of(v):
    found = {name: bytes.fromhex(text) for name, text in v["keys"].items()}
    signing, agreement = found.get("originator_signing_private"), found.get("originator_key_agreement_private")
    return Keys(
        encryption=found["ek"],
        authentication=found["ak"],
        agreement_private=found.get("recipient_key_agreement_private"),
        peer_signing_public=public_of(signing) if signing else None,
        peer_agreement_public=public_of(agreement) if agreement else None,
    )


@pytest.mark.parametrize("v", by_id("sec-gurux-general-ciphering", "sec-gurux-static", "sec-go-gc"))
def test_shared_general_ciphering(v):
    """The producers differ: one leaves the header out of the authenticated data, one has it with its lengths."""
    reading = "absent" if "gurux" in v["id"] else "with-lengths"
    whole = bytes.fromhex(v["hex"])
    plain, protection = unprotect(whole, keys_of(v), dialect=Dialect(header=reading))
    assert protection.verified
    if "plaintext" in v["expect"]:
        assert plain.hex() == v["expect"]["plaintext"]
        assert protection.counter == v["expect"]["ic"]
        assert protection.system_title == v["expect"]["originator"].encode()
    else:
        assert apdu.decode(plain).value == v["expect"]["value"]
    other = "with-lengths" if reading == "absent" else "absent"
    with pytest.raises(SecurityError, match="the tag does not verify"):
        unprotect(whole, keys_of(v), dialect=Dialect(header=other))


@pytest.mark.parametrize("v", by_id("sec-gurux-general-signing"))
def test_shared_general_signing(v):
    """This producer signs the content without its length octets."""
    content, protection = unprotect(bytes.fromhex(v["hex"]), keys_of(v), dialect=Dialect(signed_length=False))
    assert protection.verified
    plain, inner = unprotect(content, keys_of(v), protection.system_title)
    assert plain.hex() == v["expect"]["plaintext"]
    assert inner.counter == v["expect"]["ic"]


@pytest.mark.parametrize("v", by_id("sec-go-sign"))
def test_shared_general_signing_without_the_signers_key(v):
    content, protection = unprotect(bytes.fromhex(v["hex"]), keys_of(v))
    assert not protection.verified
    plain, inner = unprotect(content, keys_of(v), protection.system_title)
    assert inner.verified
    assert apdu.decode(plain).value == v["expect"]["value"]


@pytest.mark.parametrize("v", by_id("sec-annex-i2"))
def test_shared_ephemeral_key(v):
    found = {name: bytes.fromhex(text) for name, text in v["keys"].items()}
    octets = bytes.fromhex(v["hex"])
    point = ephemeral_point(octets, 1, found["client_signing_public"], Dialect(signed_point=b""))
    assert point.hex() == v["expect"]["ephemeral_public"]
    assert public_of(found["client_signing_private"]) == found["client_signing_public"]
    assert public_of(found["ephemeral_private"]) == point
    with pytest.raises(SecurityError):
        ephemeral_point(octets, 1, found["client_signing_public"], Dialect(signed_point=b"\x01"))


@pytest.mark.parametrize("v", by_id("sec-annex-i1"))
def test_shared_key_agreement(v):
    found = {name: bytes.fromhex(text) for name, text in v["keys"].items()}
    request = apdu.decode(bytes.fromhex(v["hex"]))
    key_id, key_data = request.parameters[5:6], request.parameters[-128:]
    assert verifies(found["client_signing_public"], key_id + key_data[:64], key_data[64:])
    z = agree(found["server_ephemeral_private"], key_data[:64])
    assert z.hex() == v["expect"]["z"]
    key = derive(1, z, found["client_title"], found["server_title"])
    assert key.hex() == v["expect"]["agreed_unicast_key"]


@pytest.mark.parametrize("v", by_id("sec-rfc3394"))
def test_shared_key_wrap(v):
    assert unwrap_key(bytes.fromhex(v["keys"]["kek"]), bytes.fromhex(v["hex"])).hex() == v["expect"]["unwrapped"]
