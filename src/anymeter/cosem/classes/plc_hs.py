"""High-speed power line by ISO/IEC 12139-1. Classes 140 to 143. Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.14."""

from __future__ import annotations

from anymeter.cosem.classes.parts import blue_book
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import BOOLEAN, ENUM, LONG64_UNSIGNED, LONG_UNSIGNED, OCTET_STRING


class HsPlcMacSetup(InterfaceClass, class_id=140, clause=blue_book("4.14.2")):
    """HS-PLC ISO/IEC 12139-1 MAC setup: identifiers of group and station, repeating, encryption."""

    group_id = attribute(2, LONG64_UNSIGNED)
    secondary_group_id = attribute(3, LONG64_UNSIGNED)
    station_id = attribute(4, LONG64_UNSIGNED)
    parent_station_id = attribute(5, LONG64_UNSIGNED)
    repeater_status = attribute(6, BOOLEAN)
    encryption_mode = attribute(7, ENUM)
    initial_encryption_key = attribute(8, OCTET_STRING, secret=True)
    rts_cts = attribute(9, BOOLEAN)


class HsPlcCpasSetup(InterfaceClass, class_id=141, clause=blue_book("4.14.3")):
    """HS-PLC ISO/IEC 12139-1 CPAS setup: addresses of the sublayer that it shares with others."""

    cpas_address = attribute(2, LONG64_UNSIGNED)
    cpas_ether_type = attribute(3, LONG_UNSIGNED)
    master_station_cpas_address = attribute(4, LONG64_UNSIGNED)


class HsPlcIpSsasSetup(InterfaceClass, class_id=142, clause=blue_book("4.14.4")):
    """HS-PLC ISO/IEC 12139-1 IP SSAS setup: header compression; *ip_alive_time* in seconds, 0 for ever."""

    ip_header_comp_type = attribute(2, ENUM)
    ip_alive_time = attribute(3, LONG_UNSIGNED)


class HsPlcHdlcSsasSetup(InterfaceClass, class_id=143, clause=blue_book("4.14.5")):
    """HS-PLC ISO/IEC 12139-1 HDLC SSAS setup: the master station."""

    master_station_id = attribute(2, LONG64_UNSIGNED)
