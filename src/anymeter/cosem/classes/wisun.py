"""Wi-SUN field area networks: setup and diagnostic, RPL and MPL. Classes 95 to 98.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.18.
"""

from __future__ import annotations

from anymeter.cosem.classes.parts import blue_book, clearing, out_of_reach
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import (
    BOOLEAN,
    CHOICE,
    ENUM,
    INTEGER,
    LONG,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    array,
)


class WiSunSetup(InterfaceClass, class_id=95, methods_at=0x78, clause=blue_book("4.18.1")):
    """Wi-SUN setup: network, routing, trickle timers and channels. The layout of the structures is not known here."""

    network_name = attribute(2, OCTET_STRING)
    routing_method = attribute(3, ENUM, dynamic=True)
    pan_id = attribute(4, LONG_UNSIGNED, dynamic=True)
    disc_imin = attribute(5, UNSIGNED)
    disc_imax = attribute(6, UNSIGNED)
    data_message_imin = attribute(7, UNSIGNED)
    data_message_imax = attribute(8, UNSIGNED)
    default_dio_interval_min = attribute(9, UNSIGNED)
    default_dio_interval_doublings = attribute(10, UNSIGNED)
    channel_plan = attribute(11, CHOICE)
    channel_function = attribute(12, ENUM)
    excluded_channels = attribute(13, CHOICE)
    join_state = attribute(14, ENUM, dynamic=True)
    reg_channel_exclusions = attribute(15, CHOICE)

    reset_join_state = out_of_reach(1, INTEGER, "Join anew.")


class WiSunDiagnostic(InterfaceClass, class_id=96, methods_at=0x30, clause=blue_book("4.18.2")):
    """Wi-SUN diagnostic: the device, its interfaces, neighbours and transmissions."""

    sysdescr = attribute(2, OCTET_STRING, dynamic=True)
    ifnumber = attribute(3, INTEGER, dynamic=True)
    iftable = attribute(4, array(CHOICE), dynamic=True)
    neighbour_table_information = attribute(5, array(CHOICE), dynamic=True)
    transmission_information = attribute(6, array(CHOICE), dynamic=True)

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Empty what was gathered about neighbours and transmissions."""
        self.put(5, [], now)
        self.put(6, [], now)


class RplDiagnostic(InterfaceClass, class_id=97, methods_at=0x48, clause=blue_book("4.18.3")):
    """RPL diagnostic: the place of the device in its routing graph (RFC 6550)."""

    rpl_instance_id = attribute(2, UNSIGNED, dynamic=True)
    dodag_version_number = attribute(3, UNSIGNED, dynamic=True)
    dodag_rank = attribute(4, LONG, dynamic=True)
    grounded = attribute(5, BOOLEAN, dynamic=True)
    mode_of_operation = attribute(6, ENUM, dynamic=True)
    dodag_prf = attribute(7, UNSIGNED, dynamic=True)
    dodag_dtsn = attribute(8, UNSIGNED, dynamic=True)
    dodag_id = attribute(9, OCTET_STRING, dynamic=True)

    reset = clearing(1, "Set everything to where it begins.")


class MplDiagnostic(InterfaceClass, class_id=98, methods_at=0x70, clause=blue_book("4.18.4")):
    """MPL diagnostic: parameters of multicast forwarding (RFC 7731)."""

    proactive_forwarding = attribute(2, BOOLEAN, dynamic=True)
    z = attribute(3, UNSIGNED, dynamic=True)
    tunit = attribute(4, UNSIGNED, dynamic=True)
    se_lifetime = attribute(5, LONG_UNSIGNED, dynamic=True)
    dm_k = attribute(6, UNSIGNED, dynamic=True)
    dm_imin = attribute(7, LONG_UNSIGNED, dynamic=True)
    dm_imax = attribute(8, UNSIGNED, dynamic=True)
    dm_t_exp = attribute(9, LONG_UNSIGNED, dynamic=True)
    c_k = attribute(10, UNSIGNED, dynamic=True)
    c_imin = attribute(11, LONG_UNSIGNED, dynamic=True)
    c_imax = attribute(12, UNSIGNED, dynamic=True)
    c_t_exp = attribute(13, LONG_UNSIGNED, dynamic=True)

    reset = clearing(1, "Set everything to where it begins.")
