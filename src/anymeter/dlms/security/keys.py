"""The keys of one meter, and what a protected APDU turned out to be. Keys never show in a repr or an error."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from anymeter.errors import LocalError

SIZES: Final = {
    "encryption": (16, 32),
    "authentication": (16, 32),
    "broadcast": (16, 32),
    "dedicated": (16, 32),
    "master": (16, 32),
    "signing_private": (32, 48),
    "agreement_private": (32, 48),
    "peer_signing_public": (64, 96),
    "peer_agreement_public": (64, 96),
}
"""Octets of each key: the first with suites 0 and 1, the second with suite 2."""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the keys between us and one peer; each is None until it is given.

    *encryption* is the global unicast encryption key, *authentication* the global authentication key, *broadcast*
    the global broadcast encryption key, *dedicated* that of the association, *master* the key-encrypting key.
    Private keys are the scalar, big endian; public keys are x and y, 64 or 96 octets. Raises LocalError for a key
    that fits no suite.

    >>> Keys(encryption=bytes(16), authentication=bytes(16))
    Keys(encryption, authentication)
    """

    encryption: bytes | None = None
    authentication: bytes | None = None
    broadcast: bytes | None = None
    dedicated: bytes | None = None
    master: bytes | None = None
    signing_private: bytes | None = None
    agreement_private: bytes | None = None
    peer_signing_public: bytes | None = None
    peer_agreement_public: bytes | None = None

    def __post_init__(self) -> None:
        for name, sizes in SIZES.items():
            key = getattr(self, name)
            if key is not None and len(key) not in sizes:
                wanted = " or ".join(map(str, sizes))
                raise LocalError(f"the {name.replace('_', ' ')} key has {wanted} octets, this one has {len(key)}")

    def __repr__(self) -> str:
        return f"Keys({', '.join(name for name in SIZES if getattr(self, name) is not None)})"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [(name, "given") for name in SIZES if getattr(self, name) is not None]


class Protection(msgspec.Struct, frozen=True):
    """How an APDU was protected, and whether a key has proved it genuine.

    *control* is the security control octet (None for an APDU that is only signed), *counter* the invocation counter,
    *system_title* the originator's.
    """

    control: int | None
    counter: int | None
    verified: bool
    system_title: bytes = b""

    @property
    def suite(self) -> int | None:
        """The security suite."""
        return None if self.control is None else self.control & 0x0F

    @property
    def authenticated(self) -> bool:
        """Whether the APDU carries an authentication tag."""
        return self.control is not None and self.control & 0x10 != 0

    @property
    def encrypted(self) -> bool:
        """Whether the APDU was ciphered."""
        return self.control is not None and self.control & 0x20 != 0


class Dialect(msgspec.Struct, frozen=True):
    """Where implementations read the standard differently.

    *header*: how the header fields of general-ciphering enter its additional authenticated data: each with its length
    octets, as the bare values, or not at all. *signed_length*: a general-signing signature covers the content's own
    length octets. *signed_point*: what stands before the ephemeral public key when its signature is made, ``b""`` in
    the standard's example and ``01`` in other implementations; None accepts both.
    """

    header: Literal["with-lengths", "bare", "absent"] = "with-lengths"
    signed_length: bool = True
    signed_point: bytes | None = None


STANDARD: Final = Dialect()
