"""The enumerations of the application layer, with the standard's names.

Source: EN 13757-1:2014, 6.2 and 8.3, which take them from the ASN.1 of IEC 62056-5-3. A number the standard does not
know stays itself: every enumeration makes a member ``unknown_77`` of it, so nothing is lost.
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.enums import (
    ActionResult,
    ApplicationContext,
    Code,
    Conformance,
    DataAccessResult,
    Mechanism,
)

__all__ = [
    "ERRORS",
    "AccessKind",
    "ActionResult",
    "ApplicationContext",
    "AssociationResult",
    "Code",
    "ConfirmedService",
    "Conformance",
    "DataAccessResult",
    "ErrorGroup",
    "KeyId",
    "Mechanism",
    "ProviderDiagnostic",
    "ReleaseRequestReason",
    "ReleaseResponseReason",
    "ServiceError",
    "StateError",
    "UserDiagnostic",
]


class AssociationResult(Code):
    """Result of an AARE."""

    accepted = 0
    rejected_permanent = 1
    rejected_transient = 2


class UserDiagnostic(Code):
    """Associate-source-diagnostic of the ACSE service user."""

    null = 0
    no_reason_given = 1
    application_context_name_not_supported = 2
    calling_AP_title_not_recognized = 3  # noqa: N815
    calling_AP_invocation_identifier_not_recognized = 4  # noqa: N815
    calling_AE_qualifier_not_recognized = 5  # noqa: N815
    calling_AE_invocation_identifier_not_recognized = 6  # noqa: N815
    called_AP_title_not_recognized = 7  # noqa: N815
    called_AP_invocation_identifier_not_recognized = 8  # noqa: N815
    called_AE_qualifier_not_recognized = 9  # noqa: N815
    called_AE_invocation_identifier_not_recognized = 10  # noqa: N815
    authentication_mechanism_name_not_recognised = 11
    authentication_mechanism_name_required = 12
    authentication_failure = 13
    authentication_required = 14


class ProviderDiagnostic(Code):
    """Associate-source-diagnostic of the ACSE service provider."""

    null = 0
    no_reason_given = 1
    no_common_acse_version = 2


class ReleaseRequestReason(Code):
    """Reason of an RLRQ."""

    normal = 0
    urgent = 1
    user_defined = 30


class ReleaseResponseReason(Code):
    """Reason of an RLRE."""

    normal = 0
    not_finished = 1
    user_defined = 30


class StateError(Code):
    """State error of an exception-response."""

    service_not_allowed = 1
    service_unknown = 2


class ServiceError(Code):
    """Service error of an exception-response."""

    operation_not_possible = 1
    service_not_supported = 2
    other_reason = 3
    pdu_too_long = 4
    deciphering_error = 5
    invocation_counter_error = 6


class ConfirmedService(Code):
    """Which service a confirmedServiceError answers."""

    initiate_error = 1
    read = 5
    write = 6


class ErrorGroup(Code):
    """ServiceError CHOICE of a confirmedServiceError."""

    application_reference = 0
    hardware_resource = 1
    vde_state_error = 2
    service = 3
    definition = 4
    access = 5
    initiate = 6
    load_data_set = 7
    task = 9


ERRORS: Final[dict[int, tuple[str, ...]]] = {
    0: (
        "other",
        "time-elapsed",
        "application-unreachable",
        "application-reference-invalid",
        "application-context-unsupported",
        "provider-communication-error",
        "deciphering-error",
    ),
    1: (
        "other",
        "memory-unavailable",
        "processor-resource-unavailable",
        "mass-storage-unavailable",
        "other-resource-unavailable",
    ),
    2: ("other", "no-dlms-context", "loading-data-set", "status-nochange", "status-inoperable"),
    3: ("other", "pdu-size", "service-unsupported"),
    4: ("other", "object-undefined", "object-class-inconsistent", "object-attribute-inconsistent"),
    5: ("other", "scope-of-access-violated", "object-access-invalid", "hardware-fault", "object-unavailable"),
    6: (
        "other",
        "dlms-version-too-low",
        "incompatible-conformance",
        "pdu-size-too-short",
        "refused-by-the-VDE-handler",
    ),
}
"""The names of the error codes of a confirmedServiceError, by :class:`ErrorGroup`."""


class AccessKind(Code):
    """Which access an item of an access-response answers."""

    get = 1
    set = 2
    action = 3


class KeyId(Code):
    """Key identifier of an identified-key, and of key transfer."""

    global_unicast_encryption_key = 0
    global_broadcast_encryption_key = 1
    authentication_key = 2
    master_key = 3
