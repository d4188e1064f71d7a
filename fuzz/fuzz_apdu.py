"""APDUs of every tag: decode, encode again, explain, and open what is protected with keys that are known."""

from __future__ import annotations

from anymeter.dlms import apdu
from anymeter.dlms.security import Keys, is_protected, unprotect
from anymeter.errors import DecodeError, SecurityError
from anymeter.wire.ber import SHORT_LENGTH

ALLOWED = (DecodeError,)
ALLOWED_WITH_KEYS = (DecodeError, SecurityError)

KEYS = Keys(encryption=bytes(range(16)), authentication=bytes(range(0xD0, 0xE0)), dedicated=bytes(16), master=bytes(16))
ENCRYPTION_ONLY = Keys(encryption=bytes(range(16)))
TITLE = bytes.fromhex("4D4D4D0000BC614E")


def one(octets: bytes) -> None:
    if is_protected(octets):
        for keys in (KEYS, ENCRYPTION_ONLY):
            try:
                unprotect(octets, keys, TITLE)
            except ALLOWED_WITH_KEYS:
                continue
    try:
        decoded = apdu.decode(octets)
    except ALLOWED:
        return
    assert apdu.decode(decoded.encode()) == decoded or SHORT_LENGTH in decoded.quirks
    apdu.explain(octets, KEYS, TITLE)


if __name__ == "__main__":
    from harness import run

    run(one)
