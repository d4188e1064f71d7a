"""Access rights: what an association may do with the attributes and methods of an object.

Source: EN 13757-1:2014, 6.4, after IEC 62056-6-2 (Association LN version 3, access_mode). Rights are held in the
bits of the newest version; :func:`mode_of` and :func:`access_of` translate to and from the enumerations of older ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from anymeter.errors import LocalError

NONE: Final = 0
READ: Final = 1
ACCESS: Final = 1
"""The bit of a method that may be invoked."""
WRITE: Final = 2
READ_WRITE: Final = READ | WRITE
AUTHENTICATED_REQUEST: Final = 4
ENCRYPTED_REQUEST: Final = 8
SIGNED_REQUEST: Final = 16
AUTHENTICATED_RESPONSE: Final = 32
ENCRYPTED_RESPONSE: Final = 64
SIGNED_RESPONSE: Final = 128
REQUEST_PROTECTION: Final = AUTHENTICATED_REQUEST | ENCRYPTED_REQUEST | SIGNED_REQUEST
RESPONSE_PROTECTION: Final = AUTHENTICATED_RESPONSE | ENCRYPTED_RESPONSE | SIGNED_RESPONSE

WORDS: Final = {
    AUTHENTICATED_REQUEST: "authenticated request",
    ENCRYPTED_REQUEST: "encrypted request",
    SIGNED_REQUEST: "signed request",
    AUTHENTICATED_RESPONSE: "authenticated response",
    ENCRYPTED_RESPONSE: "encrypted response",
    SIGNED_RESPONSE: "signed response",
}

_AUTHENTICATED: Final = AUTHENTICATED_REQUEST | AUTHENTICATED_RESPONSE
_OLD_ATTRIBUTE_MODES: Final = (
    NONE,
    READ,
    WRITE,
    READ_WRITE,
    READ | _AUTHENTICATED,
    WRITE | _AUTHENTICATED,
    READ_WRITE | _AUTHENTICATED,
)
_OLD_METHOD_MODES: Final = (NONE, ACCESS, ACCESS | _AUTHENTICATED)


class Rights(msgspec.Struct, frozen=True):
    """The rights of one association on one object: access by attribute number and by method number.

    *selectors*: the selective accesses that an attribute allows. What is not named is not allowed.
    """

    attributes: Mapping[int, int] = {}
    methods: Mapping[int, int] = {}
    selectors: Mapping[int, tuple[int, ...]] = {}

    @property
    def visible(self) -> bool:
        """Whether the association may do anything at all with the object."""
        return any(self.attributes.values()) or any(self.methods.values())


NO_RIGHTS: Final = Rights()


def may(access: int, wanted: int, protection: int = NONE) -> bool:
    """Whether *access* allows *wanted* (READ, WRITE, ACCESS) to a request with this *protection* (REQUEST bits).

    >>> may(READ | AUTHENTICATED_REQUEST, READ), may(READ | AUTHENTICATED_REQUEST, READ, AUTHENTICATED_REQUEST)
    (False, True)
    """
    return access & wanted == wanted and access & REQUEST_PROTECTION & ~protection == 0


def mode_of(access: int, *, method: bool = False, bits: bool = False) -> int:
    """The access_mode to put into an object list: with *bits* the bit mask, else the older enumeration.

    The enumeration has no place for encryption and signatures: an access that demands them shows as authenticated.

    >>> mode_of(READ_WRITE), mode_of(READ | ENCRYPTED_REQUEST), mode_of(ACCESS | SIGNED_REQUEST, method=True)
    (3, 4, 2)
    """
    if bits:
        return access
    protected = access & ~READ_WRITE != 0
    if method:
        return 0 if not access & ACCESS else 2 if protected else 1
    plain = access & READ_WRITE
    return plain + 3 if plain and protected else plain


def access_of(mode: int, *, method: bool = False, bits: bool = False) -> int:
    """The access that an access_mode of an object list stands for; LocalError for numbers the enumeration lacks."""
    if bits:
        return mode & 0xFF
    modes = _OLD_METHOD_MODES if method else _OLD_ATTRIBUTE_MODES
    if not 0 <= mode < len(modes):
        raise LocalError(f"{mode} is no access mode of {'a method' if method else 'an attribute'}")
    return modes[mode]


def words_of(access: int, *, method: bool = False) -> str:
    """An access in words.

    >>> words_of(READ_WRITE), words_of(READ | AUTHENTICATED_REQUEST), words_of(ACCESS, method=True), words_of(0)
    ('read, write', 'read, authenticated request', 'access', 'none')
    """
    plain = ["access"] * (access & ACCESS) if method else [w for bit, w in ((1, "read"), (2, "write")) if access & bit]
    return ", ".join(plain + [w for bit, w in WORDS.items() if access & bit]) or "none"
