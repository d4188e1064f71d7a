"""general-ciphering and general-signing: protection with keys made for one APDU, and signatures.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (General-Ciphering, General-Signing, key agreement).
"""

from __future__ import annotations

from typing import Final

from anymeter.dlms.ciphered import (
    BROADCAST,
    AgreedKey,
    GeneralCiphering,
    GeneralSigning,
    IdentifiedKey,
    KeyInfo,
    WrappedKey,
)
from anymeter.dlms.enums import KeyId
from anymeter.dlms.security.contents import ANY, Policy, encryption_key, make_contents, open_contents
from anymeter.dlms.security.keys import STANDARD, Dialect, Keys, Protection
from anymeter.dlms.security.primitives import COORDINATE, agree, derive, public_of, sign, unwrap_key, verifies, wrap_key
from anymeter.errors import LocalError, SecurityError
from anymeter.wire.lengths import length_of

ONE_PASS: Final = b"\x01"
STATIC_UNIFIED: Final = b"\x02"


def header_of(apdu: GeneralCiphering | GeneralSigning, dialect: Dialect = STANDARD) -> bytes:
    """The header fields as they are authenticated."""
    parts = (apdu.transaction_id, apdu.originator, apdu.recipient, apdu.date_time, apdu.other_information)
    if dialect.header == "absent":
        return b""
    return b"".join(length_of(len(part)) + part if dialect.header == "with-lengths" else part for part in parts)


def open_ciphering(
    apdu: GeneralCiphering, keys: Keys, title: bytes | None, policy: Policy = ANY
) -> tuple[bytes, Protection]:
    """The plaintext of a general-ciphering APDU; raises SecurityError, DecodeError."""
    control = apdu.content[0]
    originator = apdu.originator or title
    key = _key(apdu, keys, control, originator or b"", policy.dialect)
    header = header_of(apdu, policy.dialect)
    return open_contents(apdu.content, keys, key, originator, header, policy)


def _key(
    apdu: GeneralCiphering, keys: Keys, control: int, originator: bytes, dialect: Dialect
) -> tuple[bytes | None, str]:
    info = apdu.key_info
    if info is None:
        return encryption_key(keys, control, dedicated=False)
    if isinstance(info, IdentifiedKey):
        if info.key_id not in (KeyId.global_unicast_encryption_key, KeyId.global_broadcast_encryption_key):
            raise SecurityError(f"key {info.key_id} is no encryption key", what="key-info")
        return encryption_key(keys, BROADCAST if info.key_id else 0, dedicated=False)
    if isinstance(info, WrappedKey):
        if keys.master is None:
            raise SecurityError("the master key is needed to unwrap the key and is not given", what="key-info")
        return unwrap_key(keys.master, info.key), "wrapped"
    return _agreed(apdu, info, keys, control & 0x0F, originator, dialect), "agreed"


def _agreed(
    apdu: GeneralCiphering, info: AgreedKey, keys: Keys, suite: int, originator: bytes, dialect: Dialect
) -> bytes:
    if suite not in COORDINATE:
        raise SecurityError(f"suite {suite} has no key agreement", what="key-info")
    if keys.agreement_private is None:
        raise SecurityError("our private key-agreement key is needed and not given", what="key-info")
    if info.parameters == ONE_PASS:
        point = ephemeral_point(info.key, suite, keys.peer_signing_public, dialect)
        return derive(suite, agree(keys.agreement_private, point), originator, apdu.recipient)
    if info.parameters == STATIC_UNIFIED:
        if keys.peer_agreement_public is None:
            raise SecurityError("the sender's public key-agreement key is needed and not given", what="key-info")
        z = agree(keys.agreement_private, keys.peer_agreement_public)
        return derive(suite, z, _static_party(originator, apdu.transaction_id), apdu.recipient)
    raise SecurityError(f"key agreement {info.parameters.hex()} is unknown", what="key-info")


def _static_party(originator: bytes, transaction_id: bytes) -> bytes:
    return originator + length_of(len(transaction_id)) + transaction_id


def ephemeral_point(octets: bytes, suite: int, signer: bytes | None, dialect: Dialect = STANDARD) -> bytes:
    """The ephemeral public key out of key-ciphered-data, its signature checked when the signer's key is known."""
    size = 2 * COORDINATE[suite]
    if len(octets) != 2 * size:
        raise SecurityError(f"{2 * size} octets are needed, these are {len(octets)}", what="key-ciphered-data")
    point, signature = octets[:size], octets[size:]
    leads = (b"", b"\x01") if dialect.signed_point is None else (dialect.signed_point,)
    if signer is not None and not any(verifies(signer, lead + point, signature) for lead in leads):
        raise SecurityError(
            "the signature of the ephemeral key does not verify: the sender's public signing key is wrong",
            what="key-ciphered-data",
        )
    return point


def check_signature(
    apdu: GeneralSigning, keys: Keys, title: bytes | None, dialect: Dialect = STANDARD
) -> tuple[bytes, Protection]:
    """The content of a general-signing APDU, verified when the sender's public signing key is given."""
    originator = apdu.originator or title or b""
    if keys.peer_signing_public is None:
        return apdu.content, Protection(None, None, False, originator)
    if not verifies(keys.peer_signing_public, _signed(apdu, dialect), apdu.signature):
        raise SecurityError("the signature does not verify: the sender's public signing key is wrong", what="signature")
    return apdu.content, Protection(None, None, True, originator)


def _signed(apdu: GeneralSigning, dialect: Dialect) -> bytes:
    length = length_of(len(apdu.content)) if dialect.signed_length else b""
    return header_of(apdu) + length + apdu.content


def sign_apdu(apdu: GeneralSigning, keys: Keys, dialect: Dialect = STANDARD) -> GeneralSigning:
    """The same APDU with its signature made; raises LocalError without our private signing key."""
    if keys.signing_private is None:
        raise LocalError("our private signing key is needed and not given")
    signature = sign(keys.signing_private, _signed(apdu, dialect))
    return GeneralSigning(
        apdu.transaction_id,
        apdu.originator,
        apdu.recipient,
        apdu.date_time,
        apdu.other_information,
        apdu.content,
        signature,
    )


def seal_ciphering(
    plain: bytes,
    header: GeneralCiphering,
    keys: Keys,
    control: int,
    counter: int,
    ephemeral: bytes | None = None,
    dialect: Dialect = STANDARD,
) -> GeneralCiphering:
    """*plain* in the general-ciphering APDU that *header* lays out; its key-info says where the key comes from.

    A wrapped-key with no key in it gets *ephemeral*, the key to wrap; a one-pass agreed-key takes *ephemeral* as the
    private key made for this APDU alone. Raises LocalError.
    """
    suite = control & 0x0F
    info, key = _sealing_key(header, keys, suite, control, ephemeral, dialect)
    lead = header_of(header, dialect)
    content = make_contents(plain, keys, key, header.originator, control, counter, lead)
    return GeneralCiphering(
        header.transaction_id,
        header.originator,
        header.recipient,
        header.date_time,
        header.other_information,
        info,
        content,
    )


def _sealing_key(
    header: GeneralCiphering, keys: Keys, suite: int, control: int, ephemeral: bytes | None, dialect: Dialect
) -> tuple[KeyInfo | None, tuple[bytes | None, str]]:
    info = header.key_info
    if isinstance(info, WrappedKey):
        if keys.master is None or ephemeral is None:
            raise LocalError("the master key and a key to wrap are needed")
        return WrappedKey(info.kek_id, wrap_key(keys.master, ephemeral)), (ephemeral, "wrapped")
    if isinstance(info, AgreedKey):
        if suite not in COORDINATE or keys.peer_agreement_public is None:
            raise LocalError("key agreement takes suite 1 or 2 and the receiver's public key-agreement key")
        if info.parameters == ONE_PASS:
            return _one_pass(header, keys, suite, ephemeral, dialect)
        if keys.agreement_private is None:
            raise LocalError("our private key-agreement key is needed and not given")
        z = agree(keys.agreement_private, keys.peer_agreement_public)
        party = _static_party(header.originator, header.transaction_id)
        return info, (derive(suite, z, party, header.recipient), "agreed")
    broadcast = isinstance(info, IdentifiedKey) and info.key_id == KeyId.global_broadcast_encryption_key
    return info, encryption_key(keys, BROADCAST if broadcast else control & BROADCAST, dedicated=False)


def _one_pass(
    header: GeneralCiphering, keys: Keys, suite: int, ephemeral: bytes | None, dialect: Dialect
) -> tuple[KeyInfo, tuple[bytes, str]]:
    if ephemeral is None or keys.signing_private is None or keys.peer_agreement_public is None:
        raise LocalError("an ephemeral private key and our private signing key are needed")
    point = public_of(ephemeral)
    signature = sign(keys.signing_private, (dialect.signed_point or b"") + point)
    key = derive(suite, agree(ephemeral, keys.peer_agreement_public), header.originator, header.recipient)
    return AgreedKey(ONE_PASS, point + signature), (key, "agreed")
