"""The security of the application layer: protected APDUs, high-level authentication, key transport and agreement.

>>> plain = bytes.fromhex("C0010000080000010000FF0200")
>>> keys = Keys(encryption=bytes(range(16)), authentication=bytes(range(0xD0, 0xE0)))
>>> title = bytes.fromhex("4D4D4D0000BC614E")
>>> protected = protect(plain, keys, title, 0x01234567)
>>> protected.hex()
'c81e3001234567411312ff935a47566827c467bc7d825c3be4a77c3fcc056b6b'
>>> unprotect(protected, keys, title)[0] == plain
True
"""

from anymeter.dlms.security.general import seal_ciphering, sign_apdu
from anymeter.dlms.security.hls import Side, check_challenges, check_response, respond
from anymeter.dlms.security.keys import STANDARD, Dialect, Keys, Protection
from anymeter.dlms.security.messages import is_protected, protect, unprotect
from anymeter.dlms.security.primitives import (
    agree,
    derive,
    public_of,
    sign,
    unwrap_key,
    verifies,
    wrap_key,
)

__all__ = [
    "STANDARD",
    "Dialect",
    "Keys",
    "Protection",
    "Side",
    "agree",
    "check_challenges",
    "check_response",
    "derive",
    "is_protected",
    "protect",
    "public_of",
    "respond",
    "seal_ciphering",
    "sign",
    "sign_apdu",
    "unprotect",
    "unwrap_key",
    "verifies",
    "wrap_key",
]
