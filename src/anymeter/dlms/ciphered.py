"""APDUs that are protected: glo- and ded- forms of single services, and the general forms.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (General-Glo-Ciphering, General-Ciphering, General-Signing ...).
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from anymeter.dlms.fields import KeyIdentifier, Moment, Text
from anymeter.errors import DecodeError
from anymeter.wire import U8, Field, Octets, Wire, pdu
from anymeter.wire.kinds import Counted, Fixed, Rows
from anymeter.wire.lengths import octets_at

GLOBAL: Final = {
    0x21: (0x01, "glo-initiateRequest"),
    0x25: (0x05, "glo-readRequest"),
    0x26: (0x06, "glo-writeRequest"),
    0x28: (0x08, "glo-initiateResponse"),
    0x2C: (0x0C, "glo-readResponse"),
    0x2D: (0x0D, "glo-writeResponse"),
    0x2E: (0x0E, "glo-confirmedServiceError"),
    0x36: (0x16, "glo-unconfirmedWriteRequest"),
    0x38: (0x18, "glo-informationReportRequest"),
    0xC8: (0xC0, "glo-get-request"),
    0xC9: (0xC1, "glo-set-request"),
    0xCA: (0xC2, "glo-event-notification-request"),
    0xCB: (0xC3, "glo-action-request"),
    0xCC: (0xC4, "glo-get-response"),
    0xCD: (0xC5, "glo-set-response"),
    0xCF: (0xC7, "glo-action-response"),
}
"""Tag of a globally ciphered service: the tag of the plain one, and the name."""

DEDICATED: Final = {
    0x41: (0x01, "ded-initiateRequest"),
    0x45: (0x05, "ded-readRequest"),
    0x46: (0x06, "ded-writeRequest"),
    0x48: (0x08, "ded-initiateResponse"),
    0x4C: (0x0C, "ded-readResponse"),
    0x4D: (0x0D, "ded-writeResponse"),
    0x4E: (0x0E, "ded-confirmedServiceError"),
    0x56: (0x16, "ded-unconfirmedWriteRequest"),
    0x58: (0x18, "ded-informationReportRequest"),
    0xD0: (0xC0, "ded-get-request"),
    0xD1: (0xC1, "ded-set-request"),
    0xD2: (0xC2, "ded-event-notification-request"),
    0xD3: (0xC3, "ded-action-request"),
    0xD4: (0xC4, "ded-get-response"),
    0xD5: (0xC5, "ded-set-response"),
    0xD7: (0xC7, "ded-action-response"),
}
"""The same with the dedicated key."""

SERVICES: Final = GLOBAL | DEDICATED
AUTHENTICATED: Final = 0x10
ENCRYPTED: Final = 0x20
BROADCAST: Final = 0x40
COMPRESSED: Final = 0x80
OVERHEAD: Final = 5
"""Octets of security control and invocation counter."""
TAG: Final = 12
"""Octets of an authentication tag."""


def security_words(control: int) -> str:
    """A security control octet in words.

    >>> security_words(0x30), security_words(0x61)
    ('suite 0, authenticated, encrypted, unicast key', 'suite 1, encrypted, broadcast key')
    """
    flags = [
        word
        for bit, word in ((AUTHENTICATED, "authenticated"), (ENCRYPTED, "encrypted"), (COMPRESSED, "compressed"))
        if control & bit
    ]
    key = "broadcast key" if control & BROADCAST else "unicast key"
    return ", ".join([f"suite {control & 0x0F}", *flags, key])


class Secured(Counted):
    """The octet string of protected contents: security control, invocation counter, contents, tag."""

    least = 1 + OVERHEAD

    def read(self, buf: bytes, at: int) -> tuple[bytes, int]:
        octets, end = octets_at(buf, at)
        if len(octets) < OVERHEAD + (TAG if octets[:1] and octets[0] & AUTHENTICATED else 0):
            why = "too short for security control, invocation counter and tag"
            raise DecodeError(why, what="protected contents", at=end - len(octets))
        return octets, end

    def rows(self, name: str, buf: bytes, at: int, depth: int) -> Rows:
        rows, end = super().rows(name, buf, at, depth)
        octets = self.read(buf, at)[0]
        start, tag = end - len(octets), end - (TAG if octets[0] & AUTHENTICATED else 0)
        counter = str(int.from_bytes(octets[1:5], "big"))
        rows += [
            Field(start, octets[:1], "security control", security_words(octets[0]), depth=depth + 1),
            Field(start + 1, octets[1:5], "invocation counter", counter, depth=depth + 1),
            Field(start + 5, bytes(buf[start + 5 : tag]), "contents", f"{tag - start - 5} octets", depth=depth + 1),
        ]
        if tag < end:
            rows.append(Field(tag, bytes(buf[tag:end]), "authentication tag", depth=depth + 1))
        return rows, end


def service_words(tag: int) -> str:
    """The name of a ciphered service."""
    return SERVICES[tag][1] if tag in SERVICES else f"tag {tag:02X}"


Protected: TypeAlias = Annotated[bytes, Secured()]
ServiceTag: TypeAlias = Annotated[int, Fixed("B", service_words)]


@pdu()
class CipheredService(Wire, frozen=True):
    """One ciphered service: *tag* is one of :data:`SERVICES`."""

    tag: ServiceTag
    content: Protected

    @property
    def name(self) -> str:
        """The standard's name, such as ``glo-get-response``."""
        return service_words(self.tag)


@pdu(0xDB)
class GeneralGloCiphering(Wire, frozen=True):
    """general-glo-ciphering."""

    system_title: Text
    content: Protected


@pdu(0xDC)
class GeneralDedCiphering(Wire, frozen=True):
    """general-ded-ciphering."""

    system_title: Text
    content: Protected


@pdu(0)
class IdentifiedKey(Wire, frozen=True):
    """identified-key: a key both sides have."""

    key_id: KeyIdentifier


@pdu(1)
class WrappedKey(Wire, frozen=True):
    """wrapped-key: a key for this APDU, wrapped with the key-encrypting key *kek_id* (0, the master key)."""

    kek_id: U8
    key: Octets


@pdu(2)
class AgreedKey(Wire, frozen=True):
    """agreed-key: 01 one-pass Diffie-Hellman C(1e, 1s), 02 static unified model C(0e, 2s)."""

    parameters: Octets
    key: Octets


KeyInfo: TypeAlias = IdentifiedKey | WrappedKey | AgreedKey


@pdu(0xDD)
class GeneralCiphering(Wire, frozen=True):
    """general-ciphering."""

    transaction_id: Text
    originator: Text
    recipient: Text
    date_time: Moment
    other_information: Text
    key_info: KeyInfo | None
    content: Protected


@pdu(0xDF)
class GeneralSigning(Wire, frozen=True):
    """general-signing."""

    transaction_id: Text
    originator: Text
    recipient: Text
    date_time: Moment
    other_information: Text
    content: Octets
    signature: Octets
