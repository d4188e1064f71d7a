"""Security setup: policy, suite and system titles of an association; its keys and certificates come by methods.

Class 64. Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.4.7.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from anymeter.cosem.classes.parts import blue_book, declined
from anymeter.cosem.enums import ActionResult
from anymeter.cosem.model import InterfaceClass, attribute, method, refuse, writes
from anymeter.cosem.schema import ENUM, OCTET_STRING, array, one_of, structure

SUITES: Final = {
    0: "AES-GCM-128",
    1: "AES-GCM-128, ECDH-ECDSA P-256, SHA-256",
    2: "AES-GCM-256, ECDH-ECDSA P-384, SHA-384",
}
POLICIES: Final = {0: "none", 1: "all messages authenticated", 2: "all messages encrypted", 3: "both"}
_KEYS: Final = structure(key_id=ENUM, key_wrapped=OCTET_STRING)
_KEY_DATA: Final = structure(key_id=ENUM, key_data=OCTET_STRING)
_WHICH: Final = structure(
    certificate_identification_type=ENUM,
    certificate_identification_options=one_of(
        structure(certificate_entity=ENUM, certificate_type=ENUM, system_title=OCTET_STRING),
        structure(serial_number=OCTET_STRING, issuer=OCTET_STRING),
    ),
)
"""A certificate: 0 by what it is for, 1 by its serial number."""
_CERTIFICATE: Final = structure(
    certificate_entity=ENUM,
    certificate_type=ENUM,
    serial_number=OCTET_STRING,
    issuer=OCTET_STRING,
    subject=OCTET_STRING,
    subject_alt_name=OCTET_STRING,
)


class SecuritySetup(InterfaceClass, class_id=64, methods_at=0x28, clause=blue_book("4.4.7")):
    """Security setup: the security policy can only be raised; every protection that it asks for stays."""

    policies: ClassVar[frozenset[int]] = frozenset(POLICIES)

    security_policy = attribute(2, ENUM, words=POLICIES)
    security_suite = attribute(3, ENUM, words=SUITES)
    client_system_title = attribute(4, OCTET_STRING, dynamic=True)
    server_system_title = attribute(5, OCTET_STRING)

    @method(1, ENUM)
    def security_activate(self, data: int, now: float) -> None:
        """Raise the security policy."""
        self._raise_policy(data, now)

    @method(2, array(_KEYS))
    def global_key_transfer(self, data: list[tuple[int, bytes]], now: float) -> None:
        """Replace global keys: refused, there are no keys here."""
        raise self._keyless()

    @writes(security_policy)
    def _raise_policy(self, value: int, now: float) -> None:
        if value not in self.policies:
            raise declined(self, f"security_policy {value}")
        if value & self.security_policy != self.security_policy:
            raise refuse(ActionResult.read_write_denied, f"{self.logical_name} lower security_policy {value}")
        self.put(2, value, now)

    def _keyless(self) -> Exception:
        return declined(self, "has no keys")


class SecuritySetupV1(SecuritySetup, class_id=64, version=1, methods_at=0x30):
    """Security setup: requests and responses each authenticated, encrypted and signed; certificates and key agreement.

    The policy has the bits 4 authenticated, 8 encrypted, 16 signed request, 32, 64, 128 the same of the response.
    """

    policies: ClassVar[frozenset[int]] = frozenset(range(0, 256, 4))

    security_policy = attribute(2, ENUM)
    certificates = attribute(6, array(_CERTIFICATE), dynamic=True)

    @method(2, array(_KEYS))
    def key_transfer(self, data: list[tuple[int, bytes]], now: float) -> None:
        """Replace symmetric keys: refused, there are no keys here."""
        raise self._keyless()

    @method(3, array(_KEY_DATA), returns=array(_KEY_DATA))
    def key_agreement(self, data: list[tuple[int, bytes]], now: float) -> Any:
        """Agree on symmetric keys: refused, there are no keys here."""
        raise self._keyless()

    @method(4, ENUM)
    def generate_key_pair(self, data: int, now: float) -> None:
        """Generate a key pair: refused, there are no keys here."""
        raise self._keyless()

    @method(5, ENUM, returns=OCTET_STRING)
    def generate_certificate_request(self, data: int, now: float) -> bytes:
        """Generate a certificate signing request: refused, there are no keys here."""
        raise self._keyless()

    @method(6, OCTET_STRING)
    def import_certificate(self, data: bytes, now: float) -> None:
        """Import a certificate: refused, there are no keys here."""
        raise self._keyless()

    @method(7, _WHICH, returns=OCTET_STRING)
    def export_certificate(self, data: tuple[int, Any], now: float) -> bytes:
        """Export a certificate: refused, there are no keys here."""
        raise self._keyless()

    @method(8, _WHICH)
    def remove_certificate(self, data: tuple[int, Any], now: float) -> None:
        """Remove a certificate: refused, there are no keys here."""
        raise self._keyless()
