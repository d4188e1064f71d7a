"""The enumerations of the application layer, with the standard's names.

Source: EN 13757-1:2014, 6.2 and 8.3, which take them from the ASN.1 of IEC 62056-5-3. A number the standard does not
know stays itself: every enumeration makes a member ``unknown_77`` of it, so nothing is lost.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final, Self


class _Code(IntEnum):
    """One octet with a meaning; numbers without one become members of their own."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int) or not 0 <= value <= 0xFF:
            return None
        member = int.__new__(cls, value)
        member._name_, member._value_ = f"unknown_{value}", value
        return member

    @property
    def words(self) -> str:
        """The standard's name, written with hyphens."""
        return self.name.replace("_", "-")


class DataAccessResult(_Code):
    """Data-Access-Result."""

    success = 0
    hardware_fault = 1
    temporary_failure = 2
    read_write_denied = 3
    object_undefined = 4
    object_class_inconsistent = 9
    object_unavailable = 11
    type_unmatched = 12
    scope_of_access_violated = 13
    data_block_unavailable = 14
    long_get_aborted = 15
    no_long_get_in_progress = 16
    long_set_aborted = 17
    no_long_set_in_progress = 18
    data_block_number_invalid = 19
    other_reason = 250


class ActionResult(_Code):
    """Action-Result."""

    success = 0
    hardware_fault = 1
    temporary_failure = 2
    read_write_denied = 3
    object_undefined = 4
    object_class_inconsistent = 9
    object_unavailable = 11
    type_unmatched = 12
    scope_of_access_violated = 13
    data_block_unavailable = 14
    long_action_aborted = 15
    no_long_action_in_progress = 16
    other_reason = 250


class AssociationResult(_Code):
    """Result of an AARE."""

    accepted = 0
    rejected_permanent = 1
    rejected_transient = 2


class UserDiagnostic(_Code):
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


class ProviderDiagnostic(_Code):
    """Associate-source-diagnostic of the ACSE service provider."""

    null = 0
    no_reason_given = 1
    no_common_acse_version = 2


class ReleaseRequestReason(_Code):
    """Reason of an RLRQ."""

    normal = 0
    urgent = 1
    user_defined = 30


class ReleaseResponseReason(_Code):
    """Reason of an RLRE."""

    normal = 0
    not_finished = 1
    user_defined = 30


class ApplicationContext(_Code):
    """Last arc of the application context name: how objects are named, and whether APDUs may be ciphered."""

    unknown = 0
    logical_names = 1
    short_names = 2
    logical_names_ciphered = 3
    short_names_ciphered = 4


class Mechanism(_Code):
    """Last arc of the authentication mechanism name."""

    lowest = 0
    low_level = 1
    high_level = 2
    high_level_md5 = 3
    high_level_sha1 = 4
    high_level_gmac = 5
    high_level_sha256 = 6
    high_level_ecdsa = 7


class StateError(_Code):
    """State error of an exception-response."""

    service_not_allowed = 1
    service_unknown = 2


class ServiceError(_Code):
    """Service error of an exception-response."""

    operation_not_possible = 1
    service_not_supported = 2
    other_reason = 3
    pdu_too_long = 4
    deciphering_error = 5
    invocation_counter_error = 6


class ConfirmedService(_Code):
    """Which service a confirmedServiceError answers."""

    initiate_error = 1
    read = 5
    write = 6


class ErrorGroup(_Code):
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


class AccessKind(_Code):
    """Which access an item of an access-response answers."""

    get = 1
    set = 2
    action = 3


class KeyId(_Code):
    """Key identifier of an identified-key, and of key transfer."""

    global_unicast_encryption_key = 0
    global_broadcast_encryption_key = 1
    authentication_key = 2
    master_key = 3


class Conformance(IntFlag):
    """The conformance block: 24 bits, bit 0 of the standard is the first on the wire and so the highest here."""

    general_protection = 1 << 22
    general_block_transfer = 1 << 21
    read = 1 << 20
    write = 1 << 19
    unconfirmed_write = 1 << 18
    delta_value_encoding = 1 << 17
    attribute0_supported_with_set = 1 << 15
    priority_mgmt_supported = 1 << 14
    attribute0_supported_with_get = 1 << 13
    block_transfer_with_get_or_read = 1 << 12
    block_transfer_with_set_or_write = 1 << 11
    block_transfer_with_action = 1 << 10
    multiple_references = 1 << 9
    information_report = 1 << 8
    data_notification = 1 << 7
    access = 1 << 6
    parameterized_access = 1 << 5
    get = 1 << 4
    set = 1 << 3
    selective_access = 1 << 2
    event_notification = 1 << 1
    action = 1 << 0

    @property
    def words(self) -> str:
        """The services and features, in the order of the wire."""
        names = [bit.name.replace("_", "-") for bit in sorted(Conformance, reverse=True) if bit in self and bit.name]
        return ", ".join(names) or "none"
