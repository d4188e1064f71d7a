"""How an association is asked for and granted, or refused and with which diagnostic.

The order in which the server decides: a common ACSE version; who the client is; the application context; the client's
system title, where APDUs may be ciphered; its user; the mechanism; the password; the xDLMS initiate; room for one more.
Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (COSEM-OPEN, COSEM-RELEASE, xDLMS InitiateRequest).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.enums import Conformance
from anymeter.dlms.acse import CONTEXT, MECHANISM, Aare, Aarq, Diagnostic, Rlre, Rlrq
from anymeter.dlms.enums import AssociationResult, ProviderDiagnostic, ReleaseResponseReason, UserDiagnostic
from anymeter.dlms.initiate import VERSION, InitiateRequest, InitiateResponse
from anymeter.dlms.server.association_object import secret_of, users_of
from anymeter.dlms.server.authentication import Verdict, judge
from anymeter.errors import DecodeError
from anymeter.links.events import Route

FEWEST_OCTETS: Final = 12
"""The shortest PDU that a client may limit us to."""
MOST_OCTETS: Final = 0xFFFF
"""What no limit comes to."""

_SHORT_NAME_ONLY: Final = int(
    Conformance.read
    | Conformance.write
    | Conformance.unconfirmed_write
    | Conformance.information_report
    | Conformance.parameterized_access
)
_LOGICAL_NAME_ONLY: Final = int(
    Conformance.attribute0_supported_with_set
    | Conformance.priority_mgmt_supported
    | Conformance.attribute0_supported_with_get
    | Conformance.block_transfer_with_action
    | Conformance.access
    | Conformance.get
    | Conformance.set
    | Conformance.selective_access
    | Conformance.event_notification
    | Conformance.action
)
_ERROR: Final = b"\x0e\x01\x06"
_OTHER, _VERSION_TOO_LOW, _INCOMPATIBLE, _TOO_SHORT = (_ERROR + bytes((code,)) for code in range(4))
_DECIPHERING: Final = b"\x0e\x01\x00\x06"
_INITIATE: Final = 0x01
_CIPHERED_INITIATES: Final = b"\x21\x41\xdb\xdc\xdd\xdf"
_TITLE: Final = 8
_LOGICAL_NAMES: Final = CONTEXT + b"\x01"


class Refused(Exception):  # noqa: N818
    """The association is not granted; *result* and *diagnostic* go into the AARE, *error* into its user-information."""

    def __init__(
        self, diagnostic: Diagnostic, error: bytes | None = None, *, result: int = AssociationResult.rejected_permanent
    ) -> None:
        self.diagnostic, self.error, self.result = diagnostic, error, AssociationResult(result)
        super().__init__(diagnostic)


class Granted(msgspec.Struct, frozen=True):
    """What was agreed on."""

    device: LogicalDevice
    profile: AssociationProfile
    conformance: int
    send_limit: int
    user: int | None
    verdict: Verdict


class Answered(msgspec.Struct, frozen=True):
    """The answer to an AARQ, empty when none is wanted, and what was agreed on, if anything."""

    response: bytes
    granted: Granted | None


class Registrar:
    """Answers AARQs for a physical device."""

    def __init__(self, device: PhysicalDevice) -> None:
        self.device = device

    def answer(self, octets: bytes, route: Route, full: bool, now: float) -> Answered:
        """Decide about an AARQ; raises DecodeError when it is none. *full*: there is no room for one more."""
        aarq = _parsed(octets)
        device = self.device.logical.get(route.server)
        profile = None if device is None else device.associations.get(route.client)
        try:
            version = aarq.protocol_version
            if version is not None and not (len(version) > 1 and version[1] & 0x80):
                raise Refused(ProviderDiagnostic.no_common_acse_version)
            if device is None or profile is None or profile.pre_established:
                raise Refused(UserDiagnostic.no_reason_given)
            verdict = _caller(device, profile, aarq, now)
            initiate = _initiate(aarq)
            granted = _negotiated(device, profile, aarq, initiate, verdict)
            if full:
                raise Refused(UserDiagnostic.no_reason_given, result=AssociationResult.rejected_transient)
        except Refused as no:
            return Answered(self._refusal(profile, aarq, no), None)
        if not initiate.response_allowed:
            return Answered(b"", granted)
        title = self.device.system_title if profile.ciphered else None
        return Answered(_acceptance(profile, granted, title), granted)

    def _refusal(self, profile: AssociationProfile | None, aarq: Aarq, no: Refused) -> bytes:
        """The AARE that says no; nothing when the client wants no answer."""
        if not _wants_answer(aarq):
            return b""
        asked = aarq.application_context_name if aarq.context is not None else _LOGICAL_NAMES
        context = asked if profile is None else _context_name(profile)
        return _rejection(context, no.result, no.diagnostic, no.error)


@lru_cache(maxsize=16)
def released(octets: bytes) -> bytes:
    """The answer to an RLRQ; raises DecodeError when it is none."""
    Rlrq.parse(octets)
    return Rlre(ReleaseResponseReason.normal).encode()


def kept(octets: bytes) -> bytes:
    """The answer to an RLRQ for an association that cannot be released; raises DecodeError when it is none."""
    Rlrq.parse(octets)
    return Rlre(ReleaseResponseReason.not_finished).encode()


def conformance_of(profile: AssociationProfile) -> int:
    """The services that an association with this profile can have at all: those of its way to name objects."""
    return profile.conformance & ~(_LOGICAL_NAME_ONLY if profile.short_names else _SHORT_NAME_ONLY)


def _context_name(profile: AssociationProfile) -> bytes:
    return CONTEXT + bytes((profile.context,))


def _caller(device: LogicalDevice, profile: AssociationProfile, aarq: Aarq, now: float) -> Verdict:
    """Whether the client is who it should be, and shows what it should."""
    if aarq.application_context_name != _context_name(profile):
        raise Refused(UserDiagnostic.application_context_name_not_supported)
    if profile.ciphered and len(aarq.calling_ap_title or b"") != _TITLE:
        raise Refused(UserDiagnostic.calling_AP_title_not_recognized)
    users = users_of(device, profile, now)
    if users and aarq.calling_ae_invocation_id not in users:
        raise Refused(UserDiagnostic.calling_AE_invocation_identifier_not_recognized)
    verdict = judge(profile, secret_of(device, profile), aarq)
    if verdict.refused:
        raise Refused(verdict.diagnostic)
    return verdict


def _initiate(aarq: Aarq) -> InitiateRequest:
    """The xDLMS InitiateRequest in the user-information."""
    octets = aarq.user_information
    if not octets:
        raise Refused(UserDiagnostic.no_reason_given, _OTHER)
    if octets[0] in _CIPHERED_INITIATES:
        raise Refused(UserDiagnostic.no_reason_given, _DECIPHERING)
    try:
        return _proposal(octets)
    except DecodeError:
        raise Refused(UserDiagnostic.no_reason_given, _OTHER) from None


def _parsed(octets: bytes) -> Aarq:
    """The request. Clients of one kind ask alike; what may hold a password, in an element AC, is not remembered."""
    return Aarq.parse(octets) if 0xAC in octets else _unsecret(octets)


@lru_cache(maxsize=64)
def _unsecret(octets: bytes) -> Aarq:
    return Aarq.parse(octets)


def _proposal(octets: bytes) -> InitiateRequest:
    """The InitiateRequest, remembered in the same way where it holds no dedicated key."""
    return InitiateRequest.parse(octets) if octets[1:2] != b"\x00" else _keyless(octets)


@lru_cache(maxsize=64)
def _keyless(octets: bytes) -> InitiateRequest:
    return InitiateRequest.parse(octets)


def _wants_answer(aarq: Aarq) -> bool:
    octets = aarq.user_information
    if not octets or octets[0] != _INITIATE:
        return True
    try:
        return InitiateRequest.parse(octets).response_allowed
    except DecodeError:
        return True


def _negotiated(
    device: LogicalDevice, profile: AssociationProfile, aarq: Aarq, initiate: InitiateRequest, verdict: Verdict
) -> Granted:
    if initiate.version < VERSION:
        raise Refused(UserDiagnostic.no_reason_given, _VERSION_TOO_LOW)
    conformance = int(initiate.conformance) & conformance_of(profile)
    if not conformance:
        raise Refused(UserDiagnostic.no_reason_given, _INCOMPATIBLE)
    theirs = initiate.max_receive_pdu_size
    if 0 < theirs < FEWEST_OCTETS:
        raise Refused(UserDiagnostic.no_reason_given, _TOO_SHORT)
    limit = min(theirs or MOST_OCTETS, profile.max_send_pdu or MOST_OCTETS)
    return Granted(device, profile, conformance, limit, aarq.calling_ae_invocation_id, verdict)


def _acceptance(profile: AssociationProfile, granted: Granted, title: bytes | None) -> bytes:
    vaa_name = 0xFA00 if profile.short_names else 0x0007
    initiate = _response(granted.conformance, profile.max_receive_pdu, vaa_name)
    return _aare(_context_name(profile), initiate, title, profile.mechanism, granted.verdict.challenge)


@lru_cache(maxsize=256)
def _response(conformance: int, most: int, vaa_name: int) -> bytes:
    return InitiateResponse(None, VERSION, Conformance(conformance), most, vaa_name).encode()


@lru_cache(maxsize=256)
def _aare(context: bytes, initiate: bytes, title: bytes | None, mechanism: int, challenge: bytes) -> bytes:
    """The AARE that grants an association; with a *challenge* it tells the mechanism too, as two passes are to come."""
    return Aare(
        application_context_name=context,
        result=AssociationResult.accepted,
        diagnostic=UserDiagnostic.authentication_required if challenge else UserDiagnostic.null,
        responding_ap_title=title,
        responder_acse_requirements=b"\x07\x80" if challenge else None,
        mechanism_name=MECHANISM + bytes((mechanism,)) if challenge else None,
        responding_authentication_value=challenge or None,
        user_information=initiate,
    ).encode()


@lru_cache(maxsize=256, typed=True)
def _rejection(context: bytes, result: AssociationResult, diagnostic: Diagnostic, error: bytes | None) -> bytes:
    return Aare(application_context_name=context, result=result, diagnostic=diagnostic, user_information=error).encode()
