"""Local ports: IEC 62056-21, HDLC and twisted pair. Classes 19, 23, 24.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.7.1 to 4.7.3.
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.classes.parts import BAUD, blue_book
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import ENUM, INTEGER, LONG_UNSIGNED, OCTET_STRING, UNSIGNED, array, octets

MODES: Final = {0: "IEC 62056-21", 1: "HDLC from the start"}


class IecLocalPortSetup(InterfaceClass, class_id=19, clause=blue_book("4.7.1")):
    """IEC local port setup: how a local port speaks IEC 62056-21."""

    default_mode = attribute(2, ENUM, words=MODES)
    default_baud = attribute(3, ENUM, words=BAUD)
    prop_baud = attribute(4, ENUM, words=BAUD)
    response_time = attribute(5, ENUM, words={0: "20 ms", 1: "200 ms"})
    device_addr = attribute(6, OCTET_STRING)
    pass_p1 = attribute(7, OCTET_STRING, secret=True)
    pass_p2 = attribute(8, OCTET_STRING, secret=True)
    pass_w5 = attribute(9, OCTET_STRING, secret=True)


class IecLocalPortSetupV1(IecLocalPortSetup, class_id=19, version=1):
    """IEC local port setup: a port may also leave its protocol open."""

    default_mode = attribute(2, ENUM, words={**MODES, 2: "not specified"})


class IecHdlcSetup(InterfaceClass, class_id=23, clause=blue_book("4.7.2")):
    """IEC HDLC setup: speed, windows, field lengths and timeouts of a port with HDLC.

    *inter_octet_time_out* in milliseconds; *inactivity_time_out* in seconds, 0 for never; windows 1 to 7.
    """

    comm_speed = attribute(2, ENUM, default=5, words=BAUD)
    window_size_transmit = attribute(3, UNSIGNED, default=1)
    window_size_receive = attribute(4, UNSIGNED, default=1)
    max_info_field_length_transmit = attribute(5, UNSIGNED, default=128)
    max_info_field_length_receive = attribute(6, UNSIGNED, default=128)
    inter_octet_time_out = attribute(7, LONG_UNSIGNED, default=25)
    inactivity_time_out = attribute(8, LONG_UNSIGNED, default=120)
    device_address = attribute(9, LONG_UNSIGNED)


class IecHdlcSetupV1(IecHdlcSetup, class_id=23, version=1):
    """IEC HDLC setup: information fields of up to 2030 octets."""

    max_info_field_length_transmit = attribute(5, LONG_UNSIGNED, default=128)
    max_info_field_length_receive = attribute(6, LONG_UNSIGNED, default=128)


class IecTwistedPairSetup(InterfaceClass, class_id=24, clause=blue_book("4.7.3")):
    """IEC twisted pair (1) setup: addresses of a station on an IEC 62056-3-1 bus."""

    secondary_address = attribute(2, octets(6))
    primary_address_list = attribute(3, array(UNSIGNED))
    tabi_list = attribute(4, array(INTEGER))
    fatal_error = attribute(5, ENUM, dynamic=True)


class IecTwistedPairSetupV1(InterfaceClass, class_id=24, version=1, clause=blue_book("4.7.3")):
    """IEC twisted pair (1) setup: mode, speed and addresses of a station on an IEC 62056-3-1 bus."""

    mode = attribute(2, ENUM, words={0: "inactive", 1: "active"})
    speed = attribute(3, ENUM, words=BAUD)
    primary_address_list = attribute(4, array(UNSIGNED))
    tabi_list = attribute(5, array(INTEGER))
