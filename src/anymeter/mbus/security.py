"""Ciphers of M-Bus: TPL security modes, AFL MACs, extended link layer. Source: EN 13757-7:2018, EN 13757-4.

What is verified first is named when it fails. Keys are octets and are never part of a message. The layouts of modes 8
and 9 are not public; they are built here as that of mode 10, which is checked against a meter (docs/uncertain.md).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from anymeter.errors import LocalError, SecurityError
from anymeter.links.address import Address
from anymeter.mbus.afl import GMAC, TAGS, Afl
from anymeter.mbus.ell import AES_CTR, ExtendedLink, crc_fits, initial_counter, with_crc
from anymeter.mbus.header import Configuration, Header, configuration
from anymeter.mbus.modes import mode_text, table
from anymeter.mbus.plain import CHECK
from anymeter.wire.tags import same_tag

WHAT: Final = "M-Bus security"
BLOCK: Final = 16
FILLER: Final = 0x2F
KEY: Final = 16
DES_KEY: Final = 8
_CACHED: Final = 1024
NO_CHECK: Final = "first octets are not 2F 2F: wrong key, or the address in the IV is not the meter's"
ENCRYPTION, AUTHENTICATION = 0x00, 0x01
TO_METER: Final = 0x10


def check_key(key: bytes, size: int = KEY) -> bytes:
    """*key* when it has *size* octets; never repeats it.

    Raises :class:`LocalError` for what is no key at all, and :class:`SecurityError` for a DES key where an AES key is
    needed or the other way round, since the telegram chooses the mode.
    """
    if not isinstance(key, bytes) or len(key) not in (KEY, DES_KEY):
        raise LocalError(f"a key has {KEY} octets ({DES_KEY} for DES), not {len(key)}")
    if len(key) != size:
        raise SecurityError(f"the security mode takes a key of {size} octets, the meter's has {len(key)}", what=WHAT)
    return key


def _decryptor(key: bytes) -> Callable[[bytes], bytes]:
    """AES-128 block by block."""
    from cryptography.hazmat.primitives.ciphers import Cipher, modes  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # noqa: PLC0415

    return Cipher(AES(check_key(key)), modes.ECB()).decryptor().update


def _encryptor(key: bytes) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.ciphers import Cipher, modes  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # noqa: PLC0415

    return Cipher(AES(check_key(key)), modes.ECB()).encryptor().update


# A cipher object costs seven times what using it does, so a meter's own key keeps its object; a derived key serves
# one message and would only push the others out.
_kept_decryptor = lru_cache(maxsize=_CACHED)(_decryptor)
_kept_encryptor = lru_cache(maxsize=_CACHED)(_encryptor)


def _xor(a: bytes, b: bytes) -> bytes:
    size = len(a)
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(size, "big")


def cbc_decrypt(key: bytes, iv: bytes, data: bytes, *, derived: bool = False) -> bytes:
    """AES-128-CBC: whole blocks, decrypted at once and chained by one exclusive-or; *derived* keys serve once."""
    blocks = _decryptor(key) if derived else _kept_decryptor(key)
    return _xor(blocks(data), iv + data[:-BLOCK])


def cbc_encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-128-CBC of whole blocks."""
    blocks, out = _encryptor(key), bytearray()
    for at in range(0, len(data), BLOCK):
        iv = blocks(_xor(data[at : at + BLOCK], iv))
        out += iv
    return bytes(out)


def ctr(key: bytes, counter: bytes, data: bytes) -> bytes:
    """AES-128 in counter mode, both ways; the whole 16 octets of *counter* count up."""
    if not data:
        return b""
    start = int.from_bytes(counter, "big")
    count = (len(data) + BLOCK - 1) // BLOCK
    stream = b"".join(((start + n) % (1 << 128)).to_bytes(BLOCK, "big") for n in range(count))
    return _xor(data, _kept_encryptor(key)(stream)[: len(data)])


def cmac(key: bytes, data: bytes) -> bytes:
    """AES-CMAC, 16 octets. Source: RFC 4493."""
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # noqa: PLC0415
    from cryptography.hazmat.primitives.cmac import CMAC  # noqa: PLC0415

    mac = CMAC(AES(check_key(key)))
    mac.update(data)
    return mac.finalize()


@lru_cache(maxsize=_CACHED)
def _first_subkey(key: bytes) -> bytes:
    """The subkey K1 of AES-CMAC. Source: RFC 4493, 2.3."""
    number = int.from_bytes(_kept_encryptor(key)(bytes(BLOCK)), "big")
    return ((number << 1) % (1 << 128) ^ (0x87 if number >> 127 else 0)).to_bytes(BLOCK, "big")


def derive(master: bytes, constant: int, counter: int, address: Address) -> bytes:
    """Key derivation A: the key for one message, AES-CMAC of one block. Source: EN 13757-7:2018.

    *constant* is 00 encryption and 01 authentication of the meter's messages, 10 and 11 of its partner's.
    """
    block = bytes((constant,)) + counter.to_bytes(4, "little") + address.octets[2:6] + b"\x07" * 7
    return _kept_encryptor(master)(_xor(block, _first_subkey(master)))


def mode5_iv(address: Address, access: int) -> bytes:
    """The initialisation vector of mode 5: M ID V T, then the access number eight times."""
    return address.octets + bytes((access,)) * 8


def unprotect(
    header: Header,
    address: Address,
    data: bytes,
    key: bytes,
    *,
    ci: int,
    to_meter: bool = False,
    counter: int | None = None,
    at: int = 0,
) -> bytes:
    """The payload behind a transport header, decrypted and verified; what stays plain behind it is kept.

    *counter* is the message counter of AFL, for headers that carry none. Raises :class:`SecurityError`, naming what
    failed, when the check octets 2F 2F or the tag are not right, or the mode is not one that can be undone.
    """
    c = configuration(header)
    if c.mode in (8, 9, 10):
        return _authenticated(c, header, address, data, key, ci, to_meter, counter, at)
    if c.mode == 2:
        return _des(c, data, key, at)
    if c.mode == 5:
        iv = mode5_iv(address, header.access)
    elif c.mode == 7:
        key = message_key(c, key, ENCRYPTION, address, to_meter=to_meter, counter=counter, at=at)
        iv = bytes(BLOCK)
    else:
        raise SecurityError(f"{mode_text(c.mode)} cannot be decrypted here", what=WHAT, at=at)
    size = _whole(c, data, BLOCK, at)
    plain = cbc_decrypt(key, iv, data[:size], derived=c.kdf != 0)
    if not plain.startswith(CHECK):
        raise SecurityError(NO_CHECK, what=WHAT, at=at)
    return plain + data[size:]


def _whole(c: Configuration, data: bytes, block: int, at: int) -> int:
    """How many octets of *data* are encrypted; raises :class:`SecurityError` when they are not there."""
    size = len(data) - len(data) % block if not c.count else c.count
    if size > len(data) or size < block or size % block:
        why = f"the configuration field says {size} octets are encrypted, {len(data)} are there"
        raise SecurityError(why, what=WHAT, at=at)
    return size


def message_key(
    c: Configuration,
    key: bytes,
    purpose: int,
    address: Address,
    *,
    to_meter: bool,
    counter: int | None,
    at: int = 0,
) -> bytes:
    """The key of one message: *key* itself, or derived from it as CFE says."""
    check_key(key)
    if c.kdf == 0:
        return key
    number = counter if c.counter is None else c.counter
    if c.kdf != 1 or number is None:
        why = "no message counter to derive the key with" if c.kdf == 1 else f"key derivation {c.kdf} is reserved"
        raise SecurityError(why, what=WHAT, at=at)
    return derive(key, purpose | (TO_METER if to_meter else 0), number, address)


def _authenticated(
    c: Configuration,
    header: Header,
    address: Address,
    data: bytes,
    key: bytes,
    ci: int,
    to_meter: bool,
    counter: int | None,
    at: int,
) -> bytes:
    """Modes 8, 9 and 10: ciphertext with a tag behind it; the header without its counter is authenticated too."""
    number = counter if c.counter is None else c.counter
    if number is None:
        raise SecurityError(f"{mode_text(c.mode)} without a message counter", what=WHAT, at=at)
    size = len(data) - c.tag
    if size < 0 or (c.count is not None and c.count != size):
        why = f"{len(data)} octets are no {'partly' if size >= 0 else 'whole'} encrypted payload with a tag of {c.tag}"
        raise SecurityError(why + "; partial encryption is not supported in this mode", what=WHAT, at=at)
    used = message_key(c, key, ENCRYPTION, address, to_meter=to_meter, counter=counter, at=at)
    extra = associated(header, ci)
    secret = data[:size]
    if c.mode == 8:
        mac_key = message_key(c, key, AUTHENTICATION, address, to_meter=to_meter, counter=counter, at=at)
        plain = ctr(used, nonce(8, address, number), secret)
        tag = cmac(mac_key, extra + number.to_bytes(4, "little") + secret)[: c.tag]
    else:
        plain, tag = _opened(c.mode, used, nonce(c.mode, address, number), secret, extra, c.tag)
    if not same_tag(tag, data[size:]):
        why = f"the tag of {mode_text(c.mode)} does not verify: wrong key, address or message counter"
        raise SecurityError(why, what=WHAT, at=at + size)
    return plain


def nonce(mode: int, address: Address, counter: int) -> bytes:
    """The nonce of modes 9 (12 octets) and 10 (13 octets), the first counter block of mode 8 (16 octets)."""
    number = counter.to_bytes(4, "big")
    if mode == 8:
        return address.octets + number + b"\x00\x00\x00\x01"
    return address.octets + (b"\x00" if mode == 10 else b"") + number


def associated(header: Header, ci: int) -> bytes:
    """What modes 8 to 10 authenticate besides the payload: the CI field and the header up to the message counter."""
    octets = header.encode()
    return bytes((ci,)) + (octets[:-4] if configuration(header).counter is not None else octets)


def _sealed(mode: int, key: bytes, iv: bytes, plain: bytes, extra: bytes, size: int) -> tuple[bytes, bytes]:
    """The ciphertext of modes 9 and 10 and its tag."""
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM  # noqa: PLC0415

    if mode == 10:
        both = AESCCM(key, tag_length=size).encrypt(iv, plain, extra)
    else:
        both = AESGCM(key).encrypt(iv, plain, extra)
    return both[: len(plain)], both[len(plain) :][:size]


def _opened(mode: int, key: bytes, iv: bytes, secret: bytes, extra: bytes, size: int) -> tuple[bytes, bytes]:
    """The plaintext of modes 9 and 10 and the tag that belongs to it.

    Both modes encrypt by exclusive-or with a key stream, so encrypting the ciphertext gives the plaintext, and
    encrypting that gives the tag, of any length, to compare.
    """
    plain = _sealed(mode, key, iv, secret, extra, size)[0]
    return plain, _sealed(mode, key, iv, plain, extra, size)[1]


def _des(c: Configuration, data: bytes, key: bytes, at: int, *, decrypt: bool = True) -> bytes:
    """Mode 2: DES-CBC with IV 0. A single DES key is a triple one three times over."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers import Cipher, modes  # noqa: PLC0415

    cipher = Cipher(TripleDES(check_key(key, DES_KEY) * 3), modes.CBC(bytes(DES_KEY)))
    if not decrypt:
        return cipher.encryptor().update(data)
    size = _whole(c, data, DES_KEY, at)
    plain = cipher.decryptor().update(data[:size])
    if not plain.startswith(CHECK):
        raise SecurityError("first octets are not 2F 2F: wrong DES key", what=WHAT, at=at)
    return plain + data[size:]


def padded(plain: bytes, block: int = BLOCK) -> bytes:
    """*plain* between check octets 2F 2F and fillers, as long as whole blocks."""
    out = plain if plain.startswith(CHECK) else CHECK + plain
    return out + bytes((FILLER,)) * (-len(out) % block)


def protect(
    header: Header,
    address: Address,
    plain: bytes,
    key: bytes,
    *,
    ci: int,
    to_meter: bool = False,
    counter: int | None = None,
) -> bytes:
    """The reverse of :func:`unprotect`: as many octets of *plain* as the header says are encrypted, a tag appended.

    In modes 2, 5 and 7 *plain* begins with 2F 2F and holds the fillers (see :func:`padded`).
    """
    c = configuration(header)
    if c.mode in (8, 9, 10):
        number = counter if c.counter is None else c.counter
        if number is None or c.count not in (None, len(plain)):
            raise LocalError(f"mode {c.mode} takes a message counter and encrypts the whole payload")
        used = message_key(c, key, ENCRYPTION, address, to_meter=to_meter, counter=counter)
        extra = associated(header, ci)
        if c.mode != 8:
            return b"".join(_sealed(c.mode, used, nonce(c.mode, address, number), plain, extra, c.tag))
        secret = ctr(used, nonce(8, address, number), plain)
        mac_key = message_key(c, key, AUTHENTICATION, address, to_meter=to_meter, counter=counter)
        return secret + cmac(mac_key, extra + number.to_bytes(4, "little") + secret)[: c.tag]
    if c.mode not in (2, 5, 7) or not plain.startswith(CHECK):
        raise LocalError(f"{mode_text(c.mode)}: a payload that begins with 2F 2F is encrypted in modes 2, 5 and 7")
    block = table()[c.mode].unit if c.mode != 2 else DES_KEY
    size = len(plain) if c.count is None else c.count
    if size > len(plain) or size % block:
        raise LocalError(f"the header says {size} octets are encrypted, {len(plain)} are there")
    if c.mode == 2:
        return _des(c, plain[:size], key, 0, decrypt=False) + plain[size:]
    if c.mode == 7:
        key = message_key(c, key, ENCRYPTION, address, to_meter=to_meter, counter=counter)
    iv = mode5_iv(address, header.access) if c.mode == 5 else bytes(BLOCK)
    return cbc_encrypt(key, iv, plain[:size]) + plain[size:]


def message_mac(
    afl: Afl, octets: bytes, key: bytes, address: Address, *, to_meter: bool = False, derived: bool = True
) -> bytes:
    """The MAC of AFL over its own fields and *octets* (transport header and payload, as sent).

    *derived* says whether the key is derived from *key* with the message counter of AFL, or used as it is.
    """
    if afl.algorithm not in TAGS:
        name = GMAC.get(afl.algorithm, (f"authentication type {afl.algorithm}", 0))[0]
        raise SecurityError(f"AFL: {name} is not supported", what=WHAT)
    if derived:
        if afl.counter is None:
            raise SecurityError("AFL has no message counter to derive the key with", what=WHAT)
        key = derive(key, AUTHENTICATION | (TO_METER if to_meter else 0), afl.counter, address)
    return cmac(key, afl.authenticated + octets)[: TAGS[afl.algorithm][1]]


def verify_mac(
    afl: Afl, octets: bytes, key: bytes, address: Address, *, to_meter: bool = False, derived: bool = True, at: int = 0
) -> None:
    """Raises :class:`SecurityError` unless the MAC of AFL is right."""
    if not same_tag(message_mac(afl, octets, key, address, to_meter=to_meter, derived=derived), afl.mac):
        raise SecurityError("AFL MAC does not verify: wrong key, or the message was altered", what=WHAT, at=at)


def open_link(layer: ExtendedLink, sender: Address, payload: bytes, key: bytes, *, at: int = 0) -> bytes:
    """The payload of an encrypted extended link layer, its CRC in front and verified.

    The counter block takes the sender's address; where that fails and the layer has an address, that one.
    """
    if layer.encryption != AES_CTR:
        why = f"extended link layer encryption {layer.encryption} is not defined"
        raise SecurityError(why, what=WHAT, at=at)
    addresses = [sender] if layer.address in (None, sender) else [sender, layer.address]
    for address in addresses:
        if address is not None:
            plain = ctr(key, initial_counter(layer, address), payload)
            if crc_fits(plain):
                return plain
    raise SecurityError("payload CRC of the extended link layer is wrong: wrong key", what=WHAT, at=at)


def seal_link(layer: ExtendedLink, sender: Address, plain: bytes, key: bytes) -> bytes:
    """The encrypted payload of an extended link layer: CRC and *plain*, behind :func:`anymeter.mbus.ell.encode`."""
    return ctr(key, initial_counter(layer, sender), with_crc(plain))
