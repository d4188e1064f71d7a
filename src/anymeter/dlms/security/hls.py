"""High-level authentication: what each side answers to the challenge of the other, mechanisms 2 to 7.

Passes 3 and 4 are mirror images: each side proves itself over (own, peer, received, sent), so one function makes
both. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (authentication mechanisms).
"""

from __future__ import annotations

from typing import Final

import msgspec

from anymeter.dlms.enums import Mechanism
from anymeter.dlms.security.contents import check_key, check_title
from anymeter.dlms.security.keys import Keys
from anymeter.dlms.security.primitives import TAG, aes_ecb, sign, tag_of, verifies
from anymeter.errors import LocalError, SecurityError
from anymeter.wire.tags import same_tag

SHORTEST: Final = 8
LONGEST: Final = 64
"""Octets of a challenge; mechanism 7 takes 32 at least."""


class Side(msgspec.Struct, frozen=True):
    """One side of an authentication as it proves itself.

    *own_title* and *peer_title* are system titles, *received* the challenge to answer, *sent* the one we gave.
    """

    received: bytes
    sent: bytes = b""
    own_title: bytes = b""
    peer_title: bytes = b""

    def mirrored(self) -> Side:
        """The same authentication as the other side sees it."""
        return Side(self.sent, self.received, self.peer_title, self.own_title)

    def __repr__(self) -> str:
        return f"Side(received=<{len(self.received)} octets>, sent=<{len(self.sent)} octets>)"


def check_challenges(mechanism: int, sent: bytes, received: bytes) -> None:
    """Refuse a challenge of the wrong size, and a peer that gives our own back; raises SecurityError."""
    least = 32 if mechanism == Mechanism.high_level_ecdsa else SHORTEST
    if not least <= len(received) <= LONGEST:
        raise SecurityError(f"a challenge has {least} to {LONGEST} octets, not {len(received)}", what="challenge")
    if same_tag(sent, received):
        raise SecurityError("the peer gives our own challenge back", what="challenge")


def respond(
    mechanism: int,
    side: Side,
    *,
    secret: bytes = b"",
    keys: Keys | None = None,
    suite: int = 0,
    counter: int = 0,
) -> bytes:
    """f(challenge): what proves us to the peer. *secret* for mechanisms 2, 3, 4, 6; *keys* for 5 and 7.

    >>> respond(3, Side(b"P6wRJ21F"), secret=b"0123456789ABCDEF").hex()
    'd4dace7efc10b8d0b1eb3f17b25ee931'
    """
    if mechanism == Mechanism.high_level_gmac:
        control = bytes((0x10 | suite,))
        return control + counter.to_bytes(4, "big") + _gmac(side, control, counter, keys or Keys())
    if mechanism == Mechanism.high_level_ecdsa:
        if keys is None or keys.signing_private is None:
            raise SecurityError("our private signing key is needed and not given", what="keys")
        return sign(keys.signing_private, _ecdsa_octets(side))
    return _digest(mechanism, side, secret)


def check_response(
    mechanism: int, answer: bytes, side: Side, *, secret: bytes = b"", keys: Keys | None = None
) -> int | None:
    """Check what the peer answered to the challenge *we* sent; raises SecurityError when it does not prove the peer.

    *side* is ours. The answer is the peer's invocation counter with mechanism 5, else None.
    """
    peer = side.mirrored()
    if mechanism == Mechanism.high_level_gmac:
        if len(answer) != 5 + TAG:
            raise SecurityError(f"{5 + TAG} octets are needed, these are {len(answer)}", what="authentication")
        counter = int.from_bytes(answer[1:5], "big")
        if not same_tag(_gmac(peer, answer[:1], counter, keys or Keys()), answer[5:]):
            raise SecurityError(
                "the peer does not prove itself: encryption key, authentication key or system title is wrong",
                what="authentication",
            )
        return counter
    if mechanism == Mechanism.high_level_ecdsa:
        if keys is None or keys.peer_signing_public is None:
            raise SecurityError("the peer's public signing key is needed and not given", what="keys")
        proved = verifies(keys.peer_signing_public, _ecdsa_octets(peer), answer)
    else:
        proved = same_tag(_digest(mechanism, peer, secret), answer)
    if not proved:
        wrong = "public signing key" if mechanism == Mechanism.high_level_ecdsa else "secret"
        raise SecurityError(f"the peer does not prove itself: the {wrong} is wrong", what="authentication")
    return None


def _gmac(side: Side, control: bytes, counter: int, keys: Keys) -> bytes:
    suite = control[0] & 0x0F
    if suite > 2:
        raise SecurityError(f"security suite {suite} is unknown", what="authentication")
    block_key = check_key(keys.encryption, "encryption", suite)
    aad = control + check_key(keys.authentication, "authentication", suite) + side.received
    return tag_of(block_key, check_title(side.own_title) + counter.to_bytes(4, "big"), aad)


def _ecdsa_octets(side: Side) -> bytes:
    return check_title(side.own_title) + check_title(side.peer_title) + side.received + side.sent


def _digest(mechanism: int, side: Side, secret: bytes) -> bytes:
    import hashlib  # noqa: PLC0415 (decoding a message takes no digest)

    if mechanism == Mechanism.high_level:
        return aes_ecb(secret[:16].ljust(16, b"\0"), side.received.ljust(-(-len(side.received) // 16) * 16, b"\0"))
    if mechanism == Mechanism.high_level_md5:
        return hashlib.md5(side.received + secret, usedforsecurity=False).digest()
    if mechanism == Mechanism.high_level_sha1:
        return hashlib.sha1(side.received + secret, usedforsecurity=False).digest()
    if mechanism == Mechanism.high_level_sha256:
        titles = check_title(side.own_title) + check_title(side.peer_title)
        return hashlib.sha256(secret + titles + side.received + side.sent).digest()
    raise LocalError(f"mechanism {mechanism} has no challenge to answer")
