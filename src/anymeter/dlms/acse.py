"""ACSE: how an association is asked for, answered and released.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (AARQ, AARE, RLRQ, RLRE) and ISO/IEC 8650-1.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from anymeter.dlms.enums import (
    ApplicationContext,
    AssociationResult,
    Mechanism,
    ProviderDiagnostic,
    ReleaseRequestReason,
    ReleaseResponseReason,
    UserDiagnostic,
)
from anymeter.dlms.fields import enum_words, text_words
from anymeter.wire import pdu
from anymeter.wire.ber import Element, Elements, Integer, tlv

CONTEXT: Final = bytes.fromhex("608574050801")
"""joint-iso-ccitt(2) country(16) country-name(756) identified-organisation(5) DLMS-UA(8) application-context(1)."""
MECHANISM: Final = bytes.fromhex("608574050802")
"""The same up to DLMS-UA(8), then authentication-mechanism-name(2)."""


def context_words(name: bytes) -> str:
    """An application context name in words."""
    context = context_of(name)
    return name.hex() if context is None else enum_words(context)


def mechanism_words(name: bytes) -> str:
    """An authentication mechanism name in words."""
    mechanism = mechanism_of(name)
    return name.hex() if mechanism is None else enum_words(mechanism)


def context_of(name: bytes | None) -> ApplicationContext | None:
    """The application context a name stands for; None when it is not one of DLMS."""
    known = name is not None and len(name) == 7 and name.startswith(CONTEXT)
    return ApplicationContext(name[6]) if known and name else None


def mechanism_of(name: bytes | None) -> Mechanism | None:
    """The mechanism a name stands for; None when it is not one of DLMS."""
    known = name is not None and len(name) == 7 and name.startswith(MECHANISM)
    return Mechanism(name[6]) if known and name else None


class _Diagnostic(Element):
    """Associate-source-diagnostic: a CHOICE of the service user's and the provider's."""

    def read(self, buf: bytes, start: int, stop: int) -> Any:
        choice, start, stop = self._inside(buf, start, stop, (0xA1, 0xA2))
        make: Any = UserDiagnostic if choice == 0xA1 else ProviderDiagnostic
        return Integer(choice, 0x02, make=make).read(buf, start, stop)

    def write(self, value: Any) -> bytes:
        choice = 0xA2 if isinstance(value, ProviderDiagnostic) else 0xA1
        return tlv(self.tags[0], Integer(choice, 0x02).write(value))


def _octets(*tags: int) -> Element:
    return Element(*tags, words=text_words)


def _requirements_words(octets: bytes) -> str:
    return "authentication" if octets[1:] and octets[1] & 0x80 else octets.hex()


ContextName: TypeAlias = Annotated[bytes, Element(0xA1, 0x06, words=context_words)]
Diagnostic: TypeAlias = UserDiagnostic | ProviderDiagnostic


@pdu(0x60)
class Aarq(Elements, frozen=True, kw_only=True):
    """AARQ: the request for an association."""

    protocol_version: Annotated[bytes | None, Element(0x80)] = None
    application_context_name: ContextName
    called_ap_title: Annotated[bytes | None, _octets(0xA2, 0x04)] = None
    called_ae_qualifier: Annotated[bytes | None, _octets(0xA3, 0x04)] = None
    called_ap_invocation_id: Annotated[int | None, Integer(0xA4, 0x02)] = None
    called_ae_invocation_id: Annotated[int | None, Integer(0xA5, 0x02)] = None
    calling_ap_title: Annotated[bytes | None, _octets(0xA6, 0x04)] = None
    calling_ae_qualifier: Annotated[bytes | None, _octets(0xA7, 0x04)] = None
    calling_ap_invocation_id: Annotated[int | None, Integer(0xA8, 0x02)] = None
    calling_ae_invocation_id: Annotated[int | None, Integer(0xA9, 0x02)] = None
    sender_acse_requirements: Annotated[bytes | None, Element(0x8A, words=_requirements_words)] = None
    mechanism_name: Annotated[bytes | None, Element(0x8B, words=mechanism_words)] = None
    calling_authentication_value: Annotated[bytes | None, _octets(0xAC, 0x80)] = None
    implementation_information: Annotated[bytes | None, _octets(0xBD)] = None
    user_information: Annotated[bytes | None, Element(0xBE, 0x04)] = None
    others: tuple[bytes, ...] = ()
    quirks: tuple[str, ...] = ()

    @property
    def context(self) -> ApplicationContext | None:
        """The application context asked for."""
        return context_of(self.application_context_name)

    @property
    def mechanism(self) -> Mechanism | None:
        """The authentication mechanism asked for."""
        return mechanism_of(self.mechanism_name)

    def __repr__(self) -> str:
        """Everything but the password and the user-information, which may carry the dedicated key."""
        return f"Aarq({', '.join(f'{name}={value}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [(name, self._shown(name)) for name in self.__struct_fields__ if getattr(self, name)]

    def _shown(self, name: str) -> str:
        value = getattr(self, name)
        password = name == "calling_authentication_value" and self.mechanism in (None, Mechanism.low_level)
        return f"<{len(value)} octets>" if password or name == "user_information" else repr(value)


@pdu(0x61)
class Aare(Elements, frozen=True, kw_only=True):
    """AARE: the answer to a request for an association."""

    protocol_version: Annotated[bytes | None, Element(0x80)] = None
    application_context_name: ContextName
    result: Annotated[AssociationResult, Integer(0xA2, 0x02, words=enum_words, make=AssociationResult)]
    diagnostic: Annotated[Diagnostic, _Diagnostic(0xA3, words=enum_words)]
    responding_ap_title: Annotated[bytes | None, _octets(0xA4, 0x04)] = None
    responding_ae_qualifier: Annotated[bytes | None, _octets(0xA5, 0x04)] = None
    responding_ap_invocation_id: Annotated[int | None, Integer(0xA6, 0x02)] = None
    responding_ae_invocation_id: Annotated[int | None, Integer(0xA7, 0x02)] = None
    responder_acse_requirements: Annotated[bytes | None, Element(0x88, words=_requirements_words)] = None
    mechanism_name: Annotated[bytes | None, Element(0x89, words=mechanism_words)] = None
    responding_authentication_value: Annotated[bytes | None, _octets(0xAA, 0x80)] = None
    implementation_information: Annotated[bytes | None, _octets(0xBD)] = None
    user_information: Annotated[bytes | None, Element(0xBE, 0x04)] = None
    others: tuple[bytes, ...] = ()
    quirks: tuple[str, ...] = ()

    @property
    def context(self) -> ApplicationContext | None:
        """The application context of the association."""
        return context_of(self.application_context_name)

    @property
    def mechanism(self) -> Mechanism | None:
        """The authentication mechanism of the association."""
        return mechanism_of(self.mechanism_name)


@pdu(0x62)
class Rlrq(Elements, frozen=True):
    """RLRQ: the request to release an association."""

    reason: Annotated[ReleaseRequestReason | None, Integer(0x80, words=enum_words, make=ReleaseRequestReason)] = None
    user_information: Annotated[bytes | None, Element(0xBE, 0x04)] = None
    others: tuple[bytes, ...] = ()
    quirks: tuple[str, ...] = ()


@pdu(0x63)
class Rlre(Elements, frozen=True):
    """RLRE: the answer to a request to release an association."""

    reason: Annotated[ReleaseResponseReason | None, Integer(0x80, words=enum_words, make=ReleaseResponseReason)] = None
    user_information: Annotated[bytes | None, Element(0xBE, 0x04)] = None
    others: tuple[bytes, ...] = ()
    quirks: tuple[str, ...] = ()
