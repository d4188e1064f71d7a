"""Keys, titles and challenges of the security vectors."""

from __future__ import annotations

import tomllib
from functools import cache

import pytest

import dlms_cases
from anymeter.dlms.security import Keys, public_of

EK = bytes(range(16))
AK = bytes(range(0xD0, 0xE0))
KEYS = Keys(encryption=EK, authentication=AK)
ENCRYPTION_ONLY = Keys(encryption=EK)
SUITE_2 = Keys(encryption=bytes(range(32)), authentication=bytes(range(0xC0, 0xE0)))
TITLE = bytes.fromhex("4D4D4D0000BC614E")
OTHER_TITLE = bytes.fromhex("4D4D4D0000000001")
GET = bytes.fromhex("C0010000080000010000FF0200")
CTOS, STOC = b"K56iVagY", b"P6wRJ21F"
SIZES = {1: 32, 2: 48}


@cache
def tables():
    found = tomllib.loads((dlms_cases.FOLDER / "dlms_security.toml").read_text(encoding="utf-8"))
    assert all(v["source"] for kind in found.values() for v in kind)
    return found


def params(kind):
    return [pytest.param(v, id=v["name"]) for v in tables()[kind]]


def octets(text):
    return bytes.fromhex(text)


def pair(suite):
    """Keys of a sender and of a receiver with elliptic curves, each with what it knows of the other."""
    size = SIZES[suite]
    sign_a, agree_a, sign_b, agree_b = (bytes((n,)) * size for n in (0x11, 0x22, 0x33, 0x44))
    symmetric = KEYS if suite == 1 else SUITE_2

    def side(sign, agree, peer_sign, peer_agree):
        return Keys(
            encryption=symmetric.encryption,
            authentication=symmetric.authentication,
            master=bytes(16 * suite),
            signing_private=sign,
            agreement_private=agree,
            peer_signing_public=public_of(peer_sign),
            peer_agreement_public=public_of(peer_agree),
        )

    return side(sign_a, agree_a, sign_b, agree_b), side(sign_b, agree_b, sign_a, agree_a)
