"""Data protection: attributes and methods behind cryptographic protection of their own. Class 30.

The structures; protecting itself is refused. Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.4.9.
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem.classes.parts import LN, blue_book, declined
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import CHOICE, ENUM, INTEGER, LONG_UNSIGNED, OCTET_STRING, array, structure

RESTRICTION: Final = structure(restriction_type=ENUM, restriction_value=CHOICE)
"""A part of an attribute: 0 all of it, 1 by date, 2 by entry."""

PROTECTION: Final = structure(
    protection_type=ENUM,
    protection_options=structure(
        transaction_id=OCTET_STRING,
        originator_system_title=OCTET_STRING,
        recipient_system_title=OCTET_STRING,
        other_information=OCTET_STRING,
        key_info=structure(key_info_type=ENUM, key_info_options=CHOICE),
    ),
)
"""One layer of protection: 0 authentication, 1 encryption, 2 both, 3 digital signature, 4 key agreement."""

_OBJECT: Final = structure(
    class_id=LONG_UNSIGNED,
    logical_name=LN,
    attribute_index=INTEGER,
    data_index=LONG_UNSIGNED,
    restriction=RESTRICTION,
)


class DataProtection(InterfaceClass, class_id=30, clause=blue_book("4.4.9")):
    """Data protection: a list of attributes that are read, set and invoked under protection."""

    protection_buffer = attribute(2, OCTET_STRING, dynamic=True)
    protection_object_list = attribute(3, array(_OBJECT))
    protection_parameters_get = attribute(4, array(PROTECTION))
    protection_parameters_set = attribute(5, array(PROTECTION))
    required_protection = attribute(6, ENUM)

    @method(1, CHOICE, returns=CHOICE)
    def get_protected_attributes(self, data: Any, now: float) -> Any:
        """Read attributes under protection: refused, there are no keys here."""
        raise declined(self, "has no keys")

    @method(2, CHOICE)
    def set_protected_attributes(self, data: Any, now: float) -> None:
        """Set attributes under protection: refused, there are no keys here."""
        raise declined(self, "has no keys")

    @method(3, CHOICE, returns=CHOICE)
    def invoke_protected_method(self, data: Any, now: float) -> Any:
        """Invoke a method under protection: refused, there are no keys here."""
        raise declined(self, "has no keys")
