import tomllib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError, SecurityError
from anymeter.links.address import Address
from anymeter.mbus import security
from anymeter.mbus.afl import Afl
from anymeter.mbus.ell import ExtendedLink
from anymeter.mbus.header import Configuration, Header, fields
from anymeter.mbus.security import protect, unprotect
from shared import vectors

VECTORS = tomllib.loads((Path(__file__).parents[1] / "vectors/mbus_security.toml").read_text())
ELS = Address.of("ELS", "12345678", 51, 3)
KEY = bytes(range(16))
KEYS = st.binary(min_size=16, max_size=16)
COUNTERS = st.integers(0, 0xFFFFFFFF)
MODES = [2, 5, 7, 8, 9, 10]


def head(mode, count, *, counter=None, tag=8, kdf=1, address=None):
    has = {"count": count, "counter": counter}
    if mode in (7, 8, 9, 10):
        has["kdf"] = kdf
    if mode in (8, 9, 10):
        has["tag"] = tag
    cf, extension = fields(
        Configuration(mode, **{k: v for k, v in has.items() if mode in (7, 8, 9, 10) or k == "count"})
    )
    return Header(42, 0, cf, address, extension)


def key_of(mode):
    return KEY[:8] if mode == 2 else KEY


def sealed(mode, plain=b"\x04\x13\xe8\x03\x00\x00", **how):
    """A header, what stands behind it, and its plaintext."""
    if mode in (2, 5, 7):
        plain = security.padded(plain, 8 if mode == 2 else 16)
        header = head(mode, len(plain), counter=7 if mode == 7 else None)
    else:
        header = head(mode, None, counter=7, **how)
    return header, protect(header, ELS, plain, key_of(mode), ci=0x7A), plain


@pytest.mark.parametrize("v", VECTORS["cmac"], ids=lambda v: v["data"] or "empty")
def test_cmac(v):
    assert v["source"]
    assert security.cmac(bytes.fromhex(v["key"]), bytes.fromhex(v["data"])).hex() == v["mac"]


@pytest.mark.parametrize("v", VECTORS["ctr"])
def test_ctr(v):
    key, counter, plain, cipher = (bytes.fromhex(v[k]) for k in ("key", "counter", "plain", "cipher"))
    assert security.ctr(key, counter, plain) == cipher
    assert security.ctr(key, counter, cipher[:17]) == plain[:17]
    assert security.ctr(key, counter, b"") == b""


@pytest.mark.parametrize("v", VECTORS["cbc"])
def test_cbc(v):
    key, iv, plain, cipher = (bytes.fromhex(v[k]) for k in ("key", "iv", "plain", "cipher"))
    assert security.cbc_encrypt(key, iv, plain) == cipher
    assert security.cbc_decrypt(key, iv, cipher) == plain
    assert security.cbc_decrypt(key, iv, cipher, derived=True) == plain


@given(KEYS, st.integers(0, 15), st.binary(max_size=40))
def test_counters_run_over(key, less, data):
    """The counter is one number of 16 octets, also where it runs over its end."""
    counter = ((1 << 128) - 1 - less).to_bytes(16, "big")
    expected = Cipher(AES(key), modes.CTR(counter)).encryptor().update(data)
    assert security.ctr(key, counter, data) == expected


@pytest.mark.parametrize("v", VECTORS["kdf"])
def test_key_derivation(v):
    address = Address.of("ELS", v["number"], 51, 3)
    for constant, expected in v["keys"].items():
        got = security.derive(bytes.fromhex(v["master"]), int(constant, 16), v["counter"], address)
        assert got.hex().upper() == expected


@pytest.mark.parametrize("v", vectors("spec_and_security_vectors.jsonl", where=lambda v: v.get("kind") == "kdf"))
def test_shared_key_derivation(v):
    address = Address(b"\x00\x00" + bytes.fromhex(v["meter_id_le"]) + b"\x00\x00")
    counter = int.from_bytes(bytes.fromhex(v["message_counter_le"]), "little")
    master = bytes.fromhex(v["master_key"])
    assert security.derive(master, security.ENCRYPTION, counter, address).hex().upper() == v["Kenc"]
    assert security.derive(master, security.AUTHENTICATION, counter, address).hex().upper() == v["Kmac"]


@given(KEYS, st.integers(0, 255), COUNTERS)
def test_the_derived_key_is_the_cmac_of_one_block(key, constant, counter):
    block = bytes((constant,)) + counter.to_bytes(4, "little") + bytes.fromhex("78563412") + b"\x07" * 7
    assert security.derive(key, constant, counter, ELS) == security.cmac(key, block)


def test_iv_of_mode_5():
    assert security.mode5_iv(ELS, 0x2A).hex() == "93157856341233032a2a2a2a2a2a2a2a"


@pytest.mark.parametrize("mode", MODES)
def test_round_trip(mode):
    header, data, plain = sealed(mode)
    assert data[: len(plain)] != plain
    assert unprotect(header, ELS, data, key_of(mode), ci=0x7A) == plain


@pytest.mark.parametrize("mode", [8, 9, 10])
@given(plain=st.binary(max_size=80), counter=COUNTERS, tag=st.sampled_from([4, 8, 12, 16]), kdf=st.integers(0, 1))
def test_round_trip_with_a_tag(mode, plain, counter, tag, kdf):
    header = head(mode, None, counter=counter, tag=tag, kdf=kdf, address=ELS)
    data = protect(header, ELS, plain, KEY, ci=0x72)
    assert len(data) == len(plain) + tag
    assert unprotect(header, ELS, data, KEY, ci=0x72) == plain


@given(st.binary(min_size=16, max_size=100), st.integers(0, 2))
def test_what_stays_plain_behind_the_blocks_is_kept(plain, blocks):
    plain = security.padded(plain)
    count = min(16 * (blocks + 1), len(plain))
    header = head(5, count)
    data = protect(header, ELS, plain, KEY, ci=0x7A)
    assert data[count:] == plain[count:]
    assert unprotect(header, ELS, data, KEY, ci=0x7A) == plain


@pytest.mark.parametrize("mode", [9, 10])
def test_the_tag_of_the_library(mode):
    """What is computed here by encrypting twice is what the library decrypts by itself."""
    header, data, plain = sealed(mode, tag=16)
    used = security.derive(KEY, 0, 7, ELS)
    aead = AESGCM(used) if mode == 9 else AESCCM(used, tag_length=16)
    nonce = security.nonce(mode, ELS, 7)
    assert aead.decrypt(nonce, data, security.associated(header, 0x7A)) == plain


def test_nonces():
    assert security.nonce(10, ELS, 0x01020304).hex() == "9315785634123303" + "00" + "01020304"
    assert security.nonce(9, ELS, 0x01020304).hex() == "9315785634123303" + "01020304"
    assert security.nonce(8, ELS, 0x01020304).hex() == "9315785634123303" + "01020304" + "00000001"


def test_the_counter_is_not_among_the_authenticated_octets():
    header = head(10, None, counter=0x01020304)
    assert security.associated(header, 0x7A).hex() == "7a2a00ff2a1001"
    assert security.associated(head(10, None), 0x7A).hex() == "7a2a00ff0a1001"


@pytest.mark.parametrize("mode", MODES)
def test_a_wrong_key_is_named(mode):
    header, data, _ = sealed(mode)
    wrong = bytes(len(key_of(mode)))
    named = "2F 2F" if mode in (2, 5, 7) else "tag of security mode"
    with pytest.raises(SecurityError, match=named) as e:
        unprotect(header, ELS, data, wrong, ci=0x7A, at=5)
    assert e.value.at is not None
    assert e.value.at >= 5


@pytest.mark.parametrize("mode", [5, 7, 8, 9, 10])
def test_another_meter_s_address_is_a_wrong_key(mode):
    header, data, _ = sealed(mode)
    with pytest.raises(SecurityError):
        unprotect(header, Address.of("KAM", "12345679", 51, 3), data, KEY, ci=0x7A)


@pytest.mark.parametrize("mode", [8, 9, 10])
@given(data=st.data())
def test_every_changed_octet_is_found_by_the_tag(mode, data):
    header, secret, _ = sealed(mode, plain=b"\x04\x13\xe8\x03\x00\x00" * 4)
    changed = bytearray(secret)
    changed[data.draw(st.integers(0, len(secret) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SecurityError, match="does not verify"):
        unprotect(header, ELS, bytes(changed), KEY, ci=0x7A)
    with pytest.raises(SecurityError, match="does not verify"):
        unprotect(header, ELS, secret, KEY, ci=0x72)


@pytest.mark.parametrize("mode", [8, 9, 10])
def test_direction_is_part_of_the_derived_key(mode):
    header, data, _ = sealed(mode)
    with pytest.raises(SecurityError):
        unprotect(header, ELS, data, KEY, ci=0x7A, to_meter=True)


@pytest.mark.parametrize("mode", MODES)
def test_every_truncation_is_an_error(mode):
    header, data, _ = sealed(mode)
    for size in range(len(data)):
        with pytest.raises(SecurityError):
            unprotect(header, ELS, data[:size], key_of(mode), ci=0x7A)


@pytest.mark.parametrize("mode", range(32))
@given(data=st.binary(max_size=60), extension=st.binary(max_size=8))
def test_garbage_raises_only_security_errors(mode, data, extension):
    header = Header(1, 2, mode << 8 | 0x20FF, None, extension)
    try:
        unprotect(header, ELS, data, key_of(mode), ci=0x7A)
    except SecurityError:
        return
    assert mode in (2, 5, 7, 8, 9, 10)


@pytest.mark.parametrize("mode", [0, 1, 3, 4, 6, 11, 12, 13, 14, 15, 16, 31])
def test_modes_that_cannot_be_undone_are_named(mode):
    with pytest.raises(SecurityError, match=f"security mode {mode} .*cannot be decrypted"):
        unprotect(Header(1, 0, mode << 8, None, b"\x00"), ELS, bytes(16), KEY, ci=0x7A)
    with pytest.raises(LocalError):
        protect(Header(1, 0, mode << 8, None, b"\x00"), ELS, b"\x2f" * 16, KEY, ci=0x7A)


def test_a_derived_key_needs_a_counter():
    header = head(7, 16)
    with pytest.raises(SecurityError, match="no message counter"):
        unprotect(header, ELS, bytes(16), KEY, ci=0x7A)
    with pytest.raises(SecurityError, match="without a message counter"):
        unprotect(head(10, None), ELS, bytes(16), KEY, ci=0x7A)
    with pytest.raises(SecurityError, match="derivation 2 is reserved"):
        unprotect(head(7, 16, counter=1, kdf=2), ELS, bytes(16), KEY, ci=0x7A)


def test_the_counter_of_afl_serves_a_header_without_one():
    plain = security.padded(b"\x01\x02")
    header = head(7, 16)
    data = protect(header, ELS, plain, KEY, ci=0x7A, counter=9)
    assert unprotect(header, ELS, data, KEY, ci=0x7A, counter=9) == plain
    with pytest.raises(SecurityError):
        unprotect(header, ELS, data, KEY, ci=0x7A, counter=10)


def test_partial_encryption_with_a_tag_is_refused_by_name():
    with pytest.raises(SecurityError, match="partial encryption is not supported"):
        unprotect(head(10, 4, counter=1), ELS, bytes(30), KEY, ci=0x7A)


@pytest.mark.parametrize("key", [b"", bytes(15), bytes(17), bytes(32), "00" * 16])
def test_keys_of_a_wrong_length_are_refused_and_not_repeated(key):
    header, data, _ = sealed(5)
    with pytest.raises(LocalError) as e:
        unprotect(header, ELS, data, key, ci=0x7A)
    assert "0000" not in str(e.value)


def test_the_telegram_chooses_the_mode_so_a_key_for_another_is_no_mistake_of_the_caller():
    with pytest.raises(SecurityError, match="key of 8 octets, the meter's has 16"):
        unprotect(sealed(2)[0], ELS, bytes(16), KEY, ci=0x7A)
    with pytest.raises(SecurityError, match="key of 16 octets, the meter's has 8"):
        unprotect(sealed(5)[0], ELS, bytes(16), KEY[:8], ci=0x7A)


@pytest.mark.parametrize("plain", [b"\x2f\x2f", b"\x2f\x2f" + bytes(16)])
def test_what_the_header_says_must_be_there_to_encrypt(plain):
    with pytest.raises(LocalError):
        protect(head(5, 32), ELS, plain, KEY, ci=0x7A)
    with pytest.raises(LocalError):
        protect(head(5, 16), ELS, bytes(16), KEY, ci=0x7A)
    with pytest.raises(LocalError):
        protect(head(10, None), ELS, plain, KEY, ci=0x7A)


@given(st.binary(max_size=60), st.sampled_from([8, 16]))
def test_padding(plain, block):
    out = security.padded(plain, block)
    assert out.startswith(b"\x2f\x2f")
    assert len(out) % block == 0
    assert security.padded(out, block) == out


AFL = Afl(0, control=0x25, counter=2739)


def test_mac_of_the_worked_example():
    v = next(v for v in VECTORS["telegram"] if v["mode"] == 7)
    raw = bytes.fromhex(v["hex"])
    mac = security.message_mac(AFL, raw[28:], bytes.fromhex(v["key"]), ELS)
    assert mac == raw[20:28]


@pytest.mark.parametrize(("algorithm", "size"), [(3, 2), (4, 4), (5, 8), (6, 12), (7, 16)])
def test_mac_lengths(algorithm, size):
    afl = Afl(0, control=0x20 | algorithm, counter=1)
    mac = security.message_mac(afl, b"abc", KEY, ELS)
    assert len(mac) == size
    good = Afl(0, control=0x20 | algorithm, counter=1, mac=mac)
    security.verify_mac(good, b"abc", KEY, ELS)
    with pytest.raises(SecurityError, match="AFL MAC does not verify"):
        security.verify_mac(good, b"abd", KEY, ELS)
    with pytest.raises(SecurityError, match="AFL MAC does not verify"):
        security.verify_mac(good, b"abc", KEY, ELS, to_meter=True)


def test_a_mac_with_the_key_itself():
    afl = Afl(0, control=5, mac=security.message_mac(Afl(0, control=5), b"abc", KEY, ELS, derived=False))
    security.verify_mac(afl, b"abc", KEY, ELS, derived=False)


@pytest.mark.parametrize(
    ("afl", "why"),
    [(Afl(0, control=8, counter=1), "AES-GMAC"), (Afl(0), "type 0"), (Afl(0, control=5), "no message counter")],
)
def test_macs_that_cannot_be_computed_are_named(afl, why):
    with pytest.raises(SecurityError, match=why):
        security.message_mac(afl, b"abc", KEY, ELS)


KAM = Address.of("KAM", "63452869", 27, 22)
SESSION = ExtendedLink(0x8D, 0x30, 0x50, None, 1 << 29 | 0x6B021D)


@given(st.binary(max_size=60), KEYS)
def test_extended_link_layer(plain, key):
    secret = security.seal_link(SESSION, KAM, plain, key)
    assert security.open_link(SESSION, KAM, secret, key)[2:] == plain


def test_a_repeated_telegram_decrypts_alike():
    secret = security.seal_link(SESSION, KAM, b"\x78abc", KEY)
    repeated = ExtendedLink(0x8D, 0x32 & ~0x10 | 0x12, 0x50, None, SESSION.session)
    assert security.open_link(repeated, KAM, secret, KEY)[2:] == b"\x78abc"


def test_the_layer_s_own_address_is_tried_too():
    layer = ExtendedLink(0x8F, 0, 1, ELS, 1 << 29)
    secret = security.seal_link(layer, ELS, b"\x78abc", KEY)
    assert security.open_link(layer, KAM, secret, KEY)[2:] == b"\x78abc"


def test_wrong_key_of_the_extended_link_layer():
    secret = security.seal_link(SESSION, KAM, b"\x78abc", KEY)
    with pytest.raises(SecurityError, match="payload CRC") as e:
        security.open_link(SESSION, KAM, secret, bytes(16), at=7)
    assert e.value.at == 7
    with pytest.raises(SecurityError, match="encryption 2 is not defined"):
        security.open_link(ExtendedLink(0x8D, 0, 0, None, 2 << 29), KAM, secret, KEY)
