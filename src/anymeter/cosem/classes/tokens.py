"""Tokens of payment metering. Classes 115, 116.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.6.5 and 4.6.6; IEC 62055-41.
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.classes.parts import blue_book, shown
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import (
    BIT_STRING,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    LONG64_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    VISIBLE_STRING,
    array,
    structure,
)
from anymeter.cosem.values import BitString

STATUS_CODES: Final = {
    0: "format OK",
    1: "authentication OK",
    2: "validation OK",
    3: "execution OK",
    4: "format failure",
    5: "authentication failure",
    6: "validation failure",
    7: "execution failure",
    8: "received, not yet processed",
}
"""What the status code of a token says."""

RECEIVED: Final = 8
REMOTE: Final = 0
NO_DATA: Final = BitString(b"", 0)


class TokenGateway(InterfaceClass, class_id=115, methods_at=0x30, clause=blue_book("4.6.5")):
    """Token gateway: where the tokens of an account come in; STATUS_CODES says what *status_code* means."""

    token = attribute(2, OCTET_STRING, dynamic=True)
    token_time = attribute(3, OCTET_STRING_DATE_TIME, dynamic=True)
    token_description = attribute(4, array(OCTET_STRING), dynamic=True)
    token_delivery_method = attribute(
        5,
        ENUM,
        dynamic=True,
        words={0: "by remote communication", 1: "by local communication", 2: "entered by hand"},
    )
    token_status = attribute(6, structure(status_code=ENUM, data_value=BIT_STRING), dynamic=True)

    @method(1, OCTET_STRING)
    def enter(self, data: bytes, now: float) -> None:
        """Take a token; it waits to be processed."""
        self.put(2, data, now)
        self.put(3, shown(self, now).octets, now)
        self.put(4, [], now)
        self.put(5, REMOTE, now)
        self.put(6, (RECEIVED, NO_DATA), now)


class Iec62055Attributes(InterfaceClass, class_id=116, clause=blue_book("4.6.6")):
    """IEC 62055-41 attributes: what a meter knows about its tokens of the standard transfer specification."""

    meter_pan = attribute(
        2,
        structure(
            issuer_identification_number=DOUBLE_LONG_UNSIGNED,
            decoder_reference_number=LONG64_UNSIGNED,
            pan_check_digit=UNSIGNED,
        ),
    )
    commodity = attribute(3, VISIBLE_STRING)
    token_carrier_types = attribute(4, array(UNSIGNED))
    encryption_algorithm = attribute(5, UNSIGNED)
    supply_group_code = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    tariff_index = attribute(7, UNSIGNED, dynamic=True)
    key_revision_number = attribute(8, UNSIGNED, dynamic=True)
    key_type = attribute(9, UNSIGNED, dynamic=True)
    key_expiry_number = attribute(10, UNSIGNED, dynamic=True)
    no_of_kct_supported = attribute(11, UNSIGNED)
    sts_certificate_no = attribute(12, VISIBLE_STRING)
