"""The algorithms against published values, and their refusals."""

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

import dlms_keys as k
from anymeter.dlms.security import agree, derive, public_of, sign, unwrap_key, verifies, wrap_key
from anymeter.dlms.security.primitives import aes_ecb, reveal, seal, tag_of, unseal
from anymeter.errors import LocalError, SecurityError

IV = k.TITLE + bytes(4)


@pytest.mark.parametrize("v", k.params("wrap"))
def test_key_wrap(v):
    master, key, wrapped = (k.octets(v[name]) for name in ("master", "key", "wrapped"))
    assert wrap_key(master, key) == wrapped
    assert unwrap_key(master, wrapped) == key
    with pytest.raises(SecurityError, match="the master key does not unwrap it"):
        unwrap_key(bytes(len(master)), wrapped)
    with pytest.raises(SecurityError, match="24 or 40 octets, this one has 3"):
        unwrap_key(master, b"abc")
    with pytest.raises(LocalError):
        wrap_key(master, b"abc")


@pytest.mark.parametrize("v", k.params("derive"))
def test_derivation(v):
    assert derive(1, k.octets(v["z"]), k.octets(v["u"]), k.octets(v["v"])) == k.octets(v["key"])


def test_derivation_of_suite_2_gives_32_octets_and_differs_by_algorithm():
    made = {derive(2, bytes(48), k.TITLE, k.OTHER_TITLE, name) for name in ("", "AES-GCM-256", "AES-WRAP-256")}
    assert {len(key) for key in made} == {32}
    assert len(made) == 2
    with pytest.raises(SecurityError, match="suite 0 has no key agreement"):
        derive(0, b"", b"", b"")


@pytest.mark.parametrize("v", k.params("agree"))
def test_agreement(v):
    private, public, peer_private, peer_public = (
        k.octets(v[name]) for name in ("private", "public", "peer_private", "peer_public")
    )
    assert public_of(private) == public
    assert public_of(peer_private) == peer_public
    assert agree(private, peer_public) == agree(peer_private, public) == k.octets(v["z"])


@pytest.mark.parametrize("size", [32, 48])
def test_signatures_are_r_and_s(size):
    private = b"\x01" * size
    signature = sign(private, b"message")
    assert len(signature) == 2 * size
    assert verifies(public_of(private), b"message", signature)
    assert not verifies(public_of(private), b"massage", signature)
    assert not verifies(public_of(private), b"message", signature[1:])
    assert not verifies(public_of(private), b"message", bytes(2 * size))
    assert not verifies(public_of(b"\x02" * size), b"message", signature)


def test_points_and_scalars_that_are_none():
    with pytest.raises(SecurityError, match="not a point of its curve"):
        verifies(b"\x01" * 64, b"", bytes(64))
    with pytest.raises(SecurityError, match="not a private key of its curve"):
        sign(bytes(32), b"")
    with pytest.raises(SecurityError, match="coordinates of 5 octets"):
        public_of(b"\x01" * 5)
    with pytest.raises(SecurityError, match="of different curves"):
        agree(b"\x01" * 32, public_of(b"\x01" * 48))


@given(st.binary(max_size=300), st.binary(max_size=40), st.sampled_from([16, 32]))
def test_gcm_is_that_of_a_second_interface_with_its_tag_cut(plain, aad, size):
    key = bytes(range(size))
    encryptor = Cipher(algorithms.AES(key), modes.GCM(IV)).encryptor()
    encryptor.authenticate_additional_data(aad)
    expected = encryptor.update(plain) + encryptor.finalize()
    ciphertext, tag = seal(key, IV, plain, aad)
    assert (ciphertext, tag) == (expected, encryptor.tag[:12])
    assert unseal(key, IV, ciphertext, tag, aad) == reveal(key, IV, ciphertext) == plain


@given(st.binary(min_size=12, max_size=12))
def test_any_other_tag_is_refused(tag):
    ciphertext, right = seal(k.EK, IV, b"plain", b"aad")
    if tag != right:
        with pytest.raises(SecurityError, match="the tag does not verify"):
            unseal(k.EK, IV, ciphertext, tag, b"aad")


def test_a_short_tag_never_passes():
    ciphertext, tag = seal(k.EK, IV, b"plain", b"aad")
    for size in range(12):
        with pytest.raises(SecurityError):
            unseal(k.EK, IV, ciphertext, tag[:size], b"aad")


def test_gmac_is_the_tag_of_nothing():
    assert tag_of(k.EK, IV, b"aad") == seal(k.EK, IV, b"", b"aad")[1]


def test_aes_of_one_block_is_that_of_fips_197():
    plain = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    assert aes_ecb(bytes(range(16)), plain).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
