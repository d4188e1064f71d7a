"""The algorithms of the security suites: AES-GCM, AES key wrap, ECDH, ECDSA and the key derivation.

The only module of the application layer that calls ``cryptography``, loaded at the first use. Source: EN 13757-1:2014,
8.3, after IEC 62056-5-3; NIST SP 800-38D, SP 800-56A; RFC 3394; FIPS 186-4.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from anymeter.errors import LocalError, SecurityError
from anymeter.wire.tags import same_tag

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TAG: Final = 12
"""Octets of an authentication tag."""
KEY_SIZES: Final = {0: 16, 1: 16, 2: 32}
"""Octets of a symmetric key, by suite."""
COORDINATE: Final = {1: 32, 2: 48}
"""Octets of a coordinate of the curve (P-256, P-384), by suite."""
ALGORITHM_IDS: Final = {
    "AES-GCM-128": bytes.fromhex("60857405080300"),
    "AES-GCM-256": bytes.fromhex("60857405080301"),
    "AES-WRAP-128": bytes.fromhex("60857405080302"),
    "AES-WRAP-256": bytes.fromhex("60857405080303"),
}
"""AlgorithmID of the key derivation: what the derived key is for."""
WRONG_TAG: Final = "the tag does not verify: encryption key, authentication key or system title is wrong"


@lru_cache(maxsize=1024)
def _aead(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(key)


def seal(key: bytes, iv: bytes, plain: bytes, aad: bytes) -> tuple[bytes, bytes]:
    """Ciphertext and 12-octet tag."""
    sealed = _aead(key).encrypt(iv, plain, aad)
    return sealed[:-16], sealed[-16 : TAG - 16]


def reveal(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """The plaintext, with nothing verified: enciphering in counter mode a second time undoes the first."""
    return _aead(key).encrypt(iv, ciphertext, None)[:-16]


def unseal(key: bytes, iv: bytes, ciphertext: bytes, tag: bytes, aad: bytes) -> bytes:
    """The plaintext once its 12-octet tag has verified; raises SecurityError.

    The one-call interface insists on tags of 16 octets, so the tag of the revealed plaintext is made anew and
    compared in constant time. Nothing of the plaintext leaves before that.
    """
    cipher = _aead(key)
    plain = cipher.encrypt(iv, ciphertext, None)[:-16]
    if not same_tag(cipher.encrypt(iv, plain, aad)[-16 : TAG - 16], tag):
        raise SecurityError(WRONG_TAG)
    return plain


def tag_of(key: bytes, iv: bytes, aad: bytes) -> bytes:
    """GMAC: the 12-octet tag over *aad* alone."""
    return _aead(key).encrypt(iv, b"", aad)[:TAG]


def wrap_key(master: bytes, key: bytes) -> bytes:
    """AES key wrap of RFC 3394."""
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap  # noqa: PLC0415

    if len(master) not in (16, 32) or len(key) not in (16, 32):
        raise LocalError("a key that wraps and a key that is wrapped have 16 or 32 octets")
    return aes_key_wrap(master, key)


def unwrap_key(master: bytes, wrapped: bytes) -> bytes:
    """AES key unwrap of RFC 3394; raises SecurityError when the master key is not the one that wrapped."""
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap  # noqa: PLC0415

    if len(wrapped) not in (24, 40):
        raise SecurityError(f"a wrapped key has 24 or 40 octets, this one has {len(wrapped)}", what="wrapped key")
    try:
        return aes_key_unwrap(master, wrapped)
    except InvalidUnwrap:
        raise SecurityError("the master key does not unwrap it", what="wrapped key") from None


def _curve(size: int) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    curves = {32: ec.SECP256R1, 48: ec.SECP384R1}
    if size not in curves:
        raise SecurityError(f"no curve of the suites has coordinates of {size} octets", what="elliptic curve key")
    return curves[size]()


def _hash(size: int) -> Any:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415

    return hashes.SHA256() if size == 32 else hashes.SHA384()


@lru_cache(maxsize=64)
def _private(scalar: bytes) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    try:
        return ec.derive_private_key(int.from_bytes(scalar, "big"), _curve(len(scalar)))
    except ValueError:
        raise SecurityError("not a private key of its curve", what="private key") from None


@lru_cache(maxsize=256)
def _public(point: bytes) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_curve(len(point) // 2), b"\x04" + point)
    except ValueError:
        raise SecurityError("not a point of its curve", what="public key") from None


def public_of(private: bytes) -> bytes:
    """The public key, x and y, of a private one."""
    numbers = _private(private).public_key().public_numbers()
    size = len(private)
    return numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")


def agree(private: bytes, public: bytes) -> bytes:
    """ECDH: the shared secret Z, the x-coordinate at full length; raises SecurityError."""
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    if len(public) != 2 * len(private):
        raise SecurityError("the keys are of different curves", what="key agreement")
    return _private(private).exchange(ec.ECDH(), _public(public))


def derive(suite: int, z: bytes, party_u: bytes, party_v: bytes, algorithm: str = "") -> bytes:
    """The single-step key derivation of NIST SP 800-56A; *algorithm* is AES-GCM of the suite's size unless given."""
    import hashlib  # noqa: PLC0415 (decoding a message takes no digest)

    if suite not in COORDINATE:
        raise SecurityError(f"suite {suite} has no key agreement", what="key agreement")
    name = algorithm or ("AES-GCM-128" if suite == 1 else "AES-GCM-256")
    hashed = hashlib.sha256 if suite == 1 else hashlib.sha384
    digest = hashed(b"\0\0\0\1" + z + ALGORITHM_IDS[name] + party_u + party_v).digest()
    return digest[: KEY_SIZES[suite]]


def sign(private: bytes, octets: bytes) -> bytes:
    """ECDSA: r and s, 64 or 96 octets."""
    from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

    size = len(private)
    r, s = utils.decode_dss_signature(_private(private).sign(octets, ec.ECDSA(_hash(size))))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def verifies(public: bytes, octets: bytes, signature: bytes) -> bool:
    """Whether *signature*, r and s, is that of *octets*."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

    size = len(public) // 2
    if len(signature) != 2 * size:
        return False
    r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    try:
        _public(public).verify(utils.encode_dss_signature(r, s), octets, ec.ECDSA(_hash(size)))
    except InvalidSignature:
        return False
    return True


def aes_ecb(key: bytes, octets: bytes) -> bytes:
    """AES of whole blocks, one by one, as HLS mechanism 2 is widely done."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(octets) + encryptor.finalize()
