"""Protected contents: security control, invocation counter, what is ciphered or authenticated, tag.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (security header, Table of plaintext and AAD).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from anymeter.dlms.ciphered import AUTHENTICATED, BROADCAST, COMPRESSED, ENCRYPTED, OVERHEAD, TAG
from anymeter.dlms.security.keys import STANDARD, Dialect, Keys, Protection
from anymeter.dlms.security.primitives import KEY_SIZES, reveal, seal, tag_of, unseal
from anymeter.errors import DecodeError, LocalError, SecurityError

COUNTER_MAX: Final = 0xFFFFFFFF
UNVERIFIED_WRONG: Final = "the plaintext is not the APDU it should be: encryption key or system title is wrong"


class Policy(msgspec.Struct, frozen=True):
    """What a receiver asks of protected contents beside the tag.

    *last_counter*: the counter must be greater (None: any). *decompress*: undoes V.44 (None: refused).
    """

    last_counter: int | None = None
    decompress: Callable[[bytes], bytes] | None = None
    dialect: Dialect = STANDARD


ANY: Final = Policy()


def encryption_key(keys: Keys, control: int, dedicated: bool) -> tuple[bytes | None, str]:
    """The block cipher key that contents with this security control use, and its name."""
    if dedicated:
        return keys.dedicated, "dedicated"
    return (keys.broadcast, "broadcast") if control & BROADCAST else (keys.encryption, "encryption")


def check_key(key: bytes | None, name: str, suite: int) -> bytes:
    """The key, when it is there and fits the suite; raises SecurityError."""
    if key is None:
        raise SecurityError(f"the {name} key is needed and not given", what="keys")
    if len(key) != KEY_SIZES[suite]:
        raise SecurityError(
            f"suite {suite} takes a {KEY_SIZES[suite]}-octet {name} key, this one has {len(key)}", what="keys"
        )
    return key


def check_title(title: bytes | None) -> bytes:
    """The system title, when it is there and has 8 octets; raises SecurityError."""
    if not title:
        raise SecurityError("the system title of the sender is needed and neither sent nor given", what="system title")
    if len(title) != 8:
        raise SecurityError(f"a system title has 8 octets, this one has {len(title)}", what="system title")
    return title


def open_contents(
    contents: bytes,
    keys: Keys,
    key: tuple[bytes | None, str],
    title: bytes | None,
    header: bytes = b"",
    policy: Policy = ANY,
) -> tuple[bytes, Protection]:
    """The plaintext of protected contents, verified wherever the keys allow it; raises SecurityError, DecodeError.

    Without an authentication key the contents are read all the same and told as not verified.
    """
    if len(contents) < OVERHEAD:
        raise DecodeError("too short for security control and invocation counter", what="protected contents", at=0)
    control = contents[0]
    suite = control & 0x0F
    if suite not in KEY_SIZES:
        raise DecodeError(f"security suite {suite} is unknown", what="security control", at=0)
    title = title if not control & (AUTHENTICATED | ENCRYPTED) else check_title(title)
    plain, verified = _opened(contents, control, suite, keys, key, (title or b"") + contents[1:5], header)
    counter = int.from_bytes(contents[1:5], "big")
    if policy.last_counter is not None and counter <= policy.last_counter:
        raise SecurityError(
            f"invocation counter {counter} is not greater than the last one, {policy.last_counter}",
            what="invocation counter",
        )
    if control & COMPRESSED:
        if policy.decompress is None:
            raise DecodeError("the APDU is compressed with V.44, which is not supported", what="security control", at=0)
        plain = policy.decompress(plain)
    return plain, Protection(control, counter, verified, title or b"")


def _opened(
    contents: bytes, control: int, suite: int, keys: Keys, key: tuple[bytes | None, str], iv: bytes, header: bytes
) -> tuple[bytes, bool]:
    """Plaintext, and whether a key has proved it."""
    authentication = keys.authentication
    if not control & AUTHENTICATED:
        if not control & ENCRYPTED:
            return contents[OVERHEAD:], False
        return reveal(check_key(*key, suite), iv, contents[OVERHEAD:]), False
    if len(contents) < OVERHEAD + TAG:
        raise DecodeError("too short for an authentication tag", what="protected contents", at=OVERHEAD)
    body, tag = contents[OVERHEAD:-TAG], contents[-TAG:]
    if authentication is None:
        return (reveal(check_key(*key, suite), iv, body) if control & ENCRYPTED else body), False
    block_key = check_key(*key, suite)
    aad = contents[:1] + check_key(authentication, "authentication", suite) + header
    if control & ENCRYPTED:
        return unseal(block_key, iv, body, tag, aad), True
    unseal(block_key, iv, b"", tag, aad + body)
    return body, True


def make_contents(
    plain: bytes,
    keys: Keys,
    key: tuple[bytes | None, str],
    title: bytes,
    control: int,
    counter: int,
    header: bytes = b"",
) -> bytes:
    """Protected contents of *plain*, which is compressed already where *control* says so; raises LocalError."""
    suite = control & 0x0F
    if suite not in KEY_SIZES or not 0 <= counter <= COUNTER_MAX:
        raise LocalError(f"there is no suite {suite}" if suite not in KEY_SIZES else f"counter {counter} is exhausted")
    lead = bytes((control,)) + counter.to_bytes(4, "big")
    if not control & (AUTHENTICATED | ENCRYPTED):
        return lead + plain
    iv, block_key = check_title(title) + lead[1:], check_key(*key, suite)
    if not control & AUTHENTICATED:
        return lead + seal(block_key, iv, plain, b"")[0]
    aad = lead[:1] + check_key(keys.authentication, "authentication", suite) + header
    if not control & ENCRYPTED:
        return lead + plain + tag_of(block_key, iv, aad + plain)
    return lead + b"".join(seal(block_key, iv, plain, aad))
