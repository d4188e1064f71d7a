"""The enumerations that interface classes and the application layer share, with the standard's names.

Source: EN 13757-1:2014, 6.2 and 8.3, which take them from the ASN.1 of IEC 62056-5-3. A number the standard does not
know stays itself: every enumeration makes a member ``unknown_77`` of it, so nothing is lost.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Self


class Code(IntEnum):
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


class DataAccessResult(Code):
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


class ActionResult(Code):
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


class ApplicationContext(Code):
    """Last arc of the application context name: how objects are named, and whether APDUs may be ciphered."""

    unknown = 0
    logical_names = 1
    short_names = 2
    logical_names_ciphered = 3
    short_names_ciphered = 4


class Mechanism(Code):
    """Last arc of the authentication mechanism name."""

    lowest = 0
    low_level = 1
    high_level = 2
    high_level_md5 = 3
    high_level_sha1 = 4
    high_level_gmac = 5
    high_level_sha256 = 6
    high_level_ecdsa = 7


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
