"""ZigBee: start-up, join, fragmentation, network control, tunnel. Classes 101 to 105.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.15.
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.classes.parts import blue_book, out_of_reach
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import (
    BIT_STRING,
    BOOLEAN,
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    array,
    structure,
)


class ZigBeeSasStartup(InterfaceClass, class_id=101, clause=blue_book("4.15.2")):
    """ZigBee SAS startup: addresses, channels and keys with which a device starts."""

    short_address = attribute(2, LONG_UNSIGNED, dynamic=True)
    extended_pan_id = attribute(3, OCTET_STRING, dynamic=True)
    pan_id = attribute(4, LONG_UNSIGNED, dynamic=True)
    channel_mask = attribute(5, DOUBLE_LONG_UNSIGNED, dynamic=True)
    protocol_version = attribute(6, UNSIGNED)
    stack_profile = attribute(7, ENUM)
    start_up_control = attribute(8, UNSIGNED, dynamic=True)
    trust_center_address = attribute(9, OCTET_STRING, dynamic=True)
    link_key = attribute(10, OCTET_STRING, dynamic=True, secret=True)
    network_key = attribute(11, OCTET_STRING, dynamic=True, secret=True)
    use_insecure_join = attribute(12, BOOLEAN)


class ZigBeeSasJoin(InterfaceClass, class_id=102, clause=blue_book("4.15.3")):
    """ZigBee SAS join: how a device looks for its network again. Times in seconds."""

    scan_attempts = attribute(2, UNSIGNED)
    time_between_scans = attribute(3, LONG_UNSIGNED)
    rejoin_interval = attribute(4, LONG_UNSIGNED)
    rejoin_retry_interval = attribute(5, LONG_UNSIGNED)


class ZigBeeSasApsFragmentation(InterfaceClass, class_id=103, clause=blue_book("4.15.4")):
    """ZigBee SAS APS fragmentation: how a long message is cut."""

    aps_interframe_delay = attribute(2, LONG_UNSIGNED)
    aps_max_window_size = attribute(3, LONG_UNSIGNED)


ACTIVE_DEVICE: Final = structure(
    mac_address=OCTET_STRING,
    status=BIT_STRING,
    max_rssi=INTEGER,
    average_rssi=INTEGER,
    min_rssi=INTEGER,
    max_lqi=UNSIGNED,
    average_lqi=UNSIGNED,
    min_lqi=UNSIGNED,
    last_communication_date_time=OCTET_STRING_DATE_TIME,
    number_of_hops=UNSIGNED,
    transmission_failures=UNSIGNED,
    transmission_successes=UNSIGNED,
    application_version=UNSIGNED,
    stack_version=UNSIGNED,
)
"""*status*, first bit first: authorised, reporting, unauthorised but has reported, authorised after swap-out,
transmitting SEP."""


class ZigBeeNetworkControl(InterfaceClass, class_id=104, methods_at=0x20, clause=blue_book("4.15.5")):
    """ZigBee network control: the network of a coordinator. *join_timeout* in seconds.

    Its methods drive a radio and are refused here, where there is none; their parameters are not known here.
    """

    enable_disable_joining = attribute(2, BOOLEAN)
    join_timeout = attribute(3, LONG_UNSIGNED)
    active_devices = attribute(4, array(ACTIVE_DEVICE), dynamic=True)

    register_device = out_of_reach(1, CHOICE, "Let a device join.")
    unregister_device = out_of_reach(2, CHOICE, "Make a device leave.")
    unregister_all_devices = out_of_reach(3, CHOICE, "Make every device leave.")
    backup_pan = out_of_reach(4, CHOICE, "Keep a copy of the network's state.")
    restore_pan = out_of_reach(5, CHOICE, "Take the network's state from a copy.")
    identify_device = out_of_reach(6, CHOICE, "Make a device show itself.")
    remove_mirror = out_of_reach(7, CHOICE, "Remove the mirror of a device.")
    update_network_key = out_of_reach(8, CHOICE, "Change the network key.")
    update_link_key = out_of_reach(9, CHOICE, "Change the link key of a device.")
    create_pan = out_of_reach(10, CHOICE, "Make the network.")
    remove_pan = out_of_reach(11, CHOICE, "Remove the network.")


class ZigBeeTunnelSetup(InterfaceClass, class_id=105, clause=blue_book("4.15.6")):
    """ZigBee tunnel setup: sizes and address of a tunnel; *close_tunnel_timeout* in seconds since the last command."""

    maximum_incoming_transfer_size = attribute(2, LONG_UNSIGNED)
    maximum_outgoing_transfer_size = attribute(3, LONG_UNSIGNED)
    protocol_address = attribute(4, OCTET_STRING)
    close_tunnel_timeout = attribute(5, LONG_UNSIGNED)
