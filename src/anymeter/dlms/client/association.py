"""Associations: asked for with AARQ, refused in words, released with RLRQ.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (ACSE) and ISO/IEC 8650-1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from anymeter.dlms.acse import CONTEXT, MECHANISM, Aare, Aarq, Rlre, Rlrq, context_words
from anymeter.dlms.client.block_transfer import told
from anymeter.dlms.client.exchange import ask, refused
from anymeter.dlms.client.notifications import is_notification
from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.enums import (
    AssociationResult,
    Conformance,
    Mechanism,
    ProviderDiagnostic,
    ReleaseRequestReason,
    ReleaseResponseReason,
    UserDiagnostic,
)
from anymeter.dlms.initiate import VERSION, ConfirmedServiceError, InitiateRequest, InitiateResponse
from anymeter.errors import AssociationRefused, DecodeError, LinkTimeout, LocalError, ServiceRefused

AARE, RLRE, EXCEPTION, SERVICE_ERROR, INITIATE_RESPONSE = 0x61, 0x63, 0xD8, 0x0E, 0x08
LOGICAL_NAMES: Final = 0x0007
SHORT_NAMES: Final = 0xFA00
"""The vaa-name of an association, by its referencing."""
AUTHENTICATION: Final = b"\x07\x80"
"""ACSE requirements: bit 0, authentication."""
SMALLEST_PDU: Final = 12
MOST_OTHERS: Final = 64
"""How many APDUs that are no answer are passed over while one is waited for."""

UNPROPOSED: Final = "unproposed-conformance"
ANOTHER_VAA_NAME: Final = "another-vaa-name"
"""Departures that are read and told in ``Session.quirks``; errors when the settings are strict."""


def associate(session: Session) -> Conversation[None]:
    """Open the association; afterwards the session says what was negotiated.

    Raises AssociationRefused with the diagnostic in words, ServiceRefused for an exception-response, DecodeError for
    an answer that does not fit the request. A pre-established association needs no APDU.
    """
    settings = session.settings
    session.forget()
    if settings.pre_established:
        session.negotiated(settings.proposal, 0)
        return
    plain = settings.mechanism == Mechanism.lowest and session.guard is None
    octets = yield from _answer(session, _plain_aarq(settings) if plain else aarq(session).encode(), AARE)
    _accept(session, octets)
    if session.authenticator is not None and settings.mechanism > Mechanism.low_level:
        yield from session.authenticator.prove(session, _aare(octets))


def aarq(session: Session) -> Aarq:
    """The request for the association that the settings describe; LocalError when they lack something."""
    settings = session.settings
    authenticated = settings.mechanism != Mechanism.lowest
    value = settings.secret if settings.mechanism == Mechanism.low_level else None
    if settings.mechanism > Mechanism.low_level:
        if session.authenticator is None:
            raise LocalError(f"the mechanism {settings.mechanism.words} needs an authenticator")
        value = session.authenticator.challenge
    return Aarq(
        application_context_name=CONTEXT + bytes((settings.context,)),
        calling_ap_title=settings.system_title or None,
        calling_ae_invocation_id=settings.user_id,
        sender_acse_requirements=AUTHENTICATION if authenticated else None,
        mechanism_name=MECHANISM + bytes((settings.mechanism,)) if authenticated else None,
        calling_authentication_value=value,
        user_information=_initiate(session),
    )


def _initiate(session: Session) -> bytes:
    """The InitiateRequest, protected where the context is ciphered."""
    settings = session.settings
    initiate = InitiateRequest(None, True, None, VERSION, Conformance(settings.proposal), settings.max_receive_pdu)
    octets = initiate.encode()
    return session.guard.protect(octets) if settings.ciphered and session.guard is not None else octets


def release(session: Session) -> Conversation[ReleaseResponseReason | None]:
    """Release the association; the meter's reason, None when it gave none, stayed silent, or knew of nothing.

    Whatever comes, the association is over afterwards. In a ciphered context the request carries a protected
    InitiateRequest, so that nobody else can release the association.
    """
    if not session.associated or session.settings.pre_established or not session.settings.release:
        session.forget()
        return None
    protected = session.settings.ciphered and session.guard is not None
    request = _rlrq(_initiate(session) if protected else None)
    try:
        octets = yield from _answer(session, request, RLRE)
        return _reason(octets)
    except (LinkTimeout, ServiceRefused, AssociationRefused, DecodeError):
        return None
    finally:
        session.forget()


def _answer(session: Session, request: bytes, tag: int) -> Conversation[bytes]:
    """The answer of ACSE to *request*; notifications and answers to what was asked before are passed over."""
    octets = yield from ask(session, session.with_unsent(request), request)
    for _ in range(MOST_OTHERS):
        first = octets[0] if octets else -1
        if first == tag:
            return octets
        if first == EXCEPTION:
            raise refused(octets)
        if first == SERVICE_ERROR:
            raise _refused_initiate(octets, AssociationResult.rejected_permanent, UserDiagnostic.no_reason_given)
        if first not in _PASSED_OVER and not is_notification(octets):
            raise DecodeError(f"{octets[:1].hex() or 'nothing'} stands where {tag:02x} should", what="APDU", at=0)
        reply = told(session, octets) if is_notification(octets) else b""
        octets = yield from ask(session, reply, request)
    raise DecodeError(f"{MOST_OTHERS} APDUs came and none is the answer", what="APDU")


_PASSED_OVER: Final = frozenset((AARE, RLRE, 0x0C, 0x0D, 0xC4, 0xC5, 0xC7, 0xDA, 0xE0))


def _accept(session: Session, octets: bytes) -> None:
    """Check the AARE and take over what was negotiated."""
    aare = _aare(octets)
    information = aare.user_information
    if information and session.guard is not None and session.settings.ciphered:
        information = session.guard.unprotect(information)
    if aare.result != AssociationResult.accepted:
        if information and information[0] == SERVICE_ERROR:
            raise _refused_initiate(information, aare.result, aare.diagnostic)
        raise AssociationRefused(int(aare.result), int(aare.diagnostic), _words(aare.result, aare.diagnostic))
    if not information:
        raise DecodeError("accepted, but without user-information", what="Aare.user_information")
    if information[0] == SERVICE_ERROR:
        raise _refused_initiate(information, aare.result, aare.diagnostic)
    wanted = CONTEXT + bytes((session.settings.context,))
    if aare.application_context_name != wanted:
        names = f"{context_words(aare.application_context_name)} instead of {context_words(wanted)}"
        raise DecodeError(f"the context is {names}", what="Aare.application_context_name")
    pending = aare.diagnostic == UserDiagnostic.authentication_required
    if pending and session.authenticator is None:
        why = "the meter wants a high level authentication that was not asked for"
        raise AssociationRefused(int(aare.result), int(aare.diagnostic), why)
    session.server_system_title = aare.responding_ap_title or b""
    _negotiate(session, _offer(information))


# What sessions with one kind of meter have in common is made and read once: it takes longer than the rest of them.


@lru_cache(maxsize=64)
def _plain_aarq(settings: Settings) -> bytes:
    return aarq(Session(settings)).encode()


@lru_cache(maxsize=64)
def _aare(octets: bytes) -> Aare:
    return Aare.parse(octets)


@lru_cache(maxsize=64)
def _offer(octets: bytes) -> InitiateResponse:
    return InitiateResponse.parse(octets)


@lru_cache(maxsize=64)
def _rlrq(protected: bytes | None) -> bytes:
    return Rlrq(ReleaseRequestReason.normal, protected).encode()


@lru_cache(maxsize=64)
def _reason(octets: bytes) -> ReleaseResponseReason | None:
    return Rlre.parse(octets).reason


def _negotiate(session: Session, answer: InitiateResponse) -> None:
    settings = session.settings
    if answer.version != VERSION:
        raise DecodeError(f"DLMS version {answer.version} instead of {VERSION}", what="InitiateResponse.version")
    if 0 < answer.max_receive_pdu_size < SMALLEST_PDU:
        why = f"{answer.max_receive_pdu_size} octets are less than the {SMALLEST_PDU} that every peer takes"
        raise DecodeError(why, what="InitiateResponse.max_receive_pdu_size")
    quirks = list(answer.quirks)
    unproposed = int(answer.conformance) & ~settings.proposal
    if unproposed:
        quirks.append(UNPROPOSED)
    if answer.vaa_name != (SHORT_NAMES if session.short else LOGICAL_NAMES):
        quirks.append(ANOTHER_VAA_NAME)
    if quirks and settings.strict:
        extra = f" ({Conformance(unproposed).words})" if unproposed else ""
        raise DecodeError(f"not the standard's way: {', '.join(quirks)}{extra}", what="InitiateResponse")
    session.quirks = tuple(quirks)
    session.negotiated(int(answer.conformance) & settings.proposal, answer.max_receive_pdu_size)


def _words(result: AssociationResult, diagnostic: UserDiagnostic | ProviderDiagnostic) -> str:
    """Result and diagnostic in words.

    >>> _words(AssociationResult.rejected_permanent, UserDiagnostic.authentication_failure)
    'authentication-failure (rejected-permanent)'
    """
    by = "the ACSE provider says " if isinstance(diagnostic, ProviderDiagnostic) else ""
    return f"{by}{diagnostic.words} ({result.words})"


def _refused_initiate(
    octets: bytes, result: AssociationResult, diagnostic: UserDiagnostic | ProviderDiagnostic
) -> AssociationRefused:
    """The error for a confirmedServiceError in the place of an InitiateResponse."""
    return AssociationRefused(int(result), int(diagnostic), ConfirmedServiceError.parse(octets).words)
