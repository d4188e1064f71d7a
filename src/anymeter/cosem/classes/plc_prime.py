"""Power line by PRIME NB OFDM: addresses, counters, network. Classes 80 to 86.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.12.
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.classes.parts import blue_book, clearing
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import (
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    array,
    structure,
)

NEW_ADDRESS: Final = 0xFFE
"""The address of a service node that is not registered."""


class LlcSscsSetup(InterfaceClass, class_id=80, methods_at=0x20, clause=blue_book("4.12.3")):
    """61334-4-32 LLC SSCS setup: the address a service node got, and of the base node it got it from."""

    service_node_address = attribute(2, LONG_UNSIGNED, dynamic=True, default=NEW_ADDRESS)
    base_node_address = attribute(3, LONG_UNSIGNED, dynamic=True)

    reset = clearing(1, "Give the address back.")


class PrimePhysicalLayerCounters(InterfaceClass, class_id=81, methods_at=0x28, clause=blue_book("4.12.5")):
    """PRIME NB OFDM PLC physical layer counters: CRC errors and dropped bursts."""

    phy_stats_crc_incorrect_count = attribute(2, LONG_UNSIGNED, dynamic=True)
    phy_stats_crc_fail_count = attribute(3, LONG_UNSIGNED, dynamic=True)
    phy_stats_tx_drop_count = attribute(4, LONG_UNSIGNED, dynamic=True)
    phy_stats_rx_drop_count = attribute(5, LONG_UNSIGNED, dynamic=True)

    reset = clearing(1, "Set every counter to zero.")


class PrimeMacSetup(InterfaceClass, class_id=82, clause=blue_book("4.12.6")):
    """PRIME NB OFDM PLC MAC setup: times and attempts of the MAC layer."""

    mac_min_switch_search_time = attribute(2, UNSIGNED)
    mac_max_promotion_pdu = attribute(3, UNSIGNED)
    mac_promotion_pdu_tx_period = attribute(4, UNSIGNED)
    mac_beacons_per_frame = attribute(5, UNSIGNED)
    mac_scp_max_tx_attempts = attribute(6, UNSIGNED)
    mac_ctl_re_tx_timer = attribute(7, UNSIGNED)
    mac_max_ctl_re_tx = attribute(8, UNSIGNED)


class PrimeMacFunctionalParameters(InterfaceClass, class_id=83, clause=blue_book("4.12.7")):
    """PRIME NB OFDM PLC MAC functional parameters: where a node stands in its subnetwork."""

    mac_lnid = attribute(2, LONG)
    mac_lsid = attribute(3, UNSIGNED)
    mac_sid = attribute(4, UNSIGNED)
    mac_sna = attribute(5, OCTET_STRING)
    mac_state = attribute(6, ENUM, words={0: "disconnected", 1: "terminal", 2: "switch", 3: "base"})
    mac_scp_length = attribute(7, LONG)
    mac_node_hierarchy_level = attribute(8, UNSIGNED)
    mac_beacon_slot_count = attribute(9, UNSIGNED)
    mac_beacon_rx_slot = attribute(10, UNSIGNED)
    mac_beacon_tx_slot = attribute(11, UNSIGNED)
    mac_beacon_rx_frequency = attribute(12, UNSIGNED)
    mac_beacon_tx_frequency = attribute(13, UNSIGNED)
    mac_capabilities = attribute(14, LONG_UNSIGNED)


class PrimeMacCounters(InterfaceClass, class_id=84, methods_at=0x40, clause=blue_book("4.12.8")):
    """PRIME NB OFDM PLC MAC counters: packets; each counter goes on at zero after its highest value."""

    mac_tx_data_pkt_count = attribute(2, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_rx_data_pkt_count = attribute(3, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_tx_ctrl_pkt_count = attribute(4, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_rx_ctrl_pkt_count = attribute(5, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_csma_fail_count = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_csma_ch_busy_count = attribute(7, DOUBLE_LONG_UNSIGNED, dynamic=True)

    reset = clearing(1, "Set every counter to zero.")


DIRECT_CONNECTION: Final = structure(
    dconn_entry_src_sid=LONG,
    dconn_entry_src_lnid=LONG,
    dconn_entry_src_lcid=LONG,
    dconn_entry_dst_sid=LONG,
    dconn_entry_dst_lnid=LONG,
    dconn_entry_dst_lcid=LONG,
    dconn_entry_did=OCTET_STRING,
)
AVAILABLE_SWITCH: Final = structure(
    slist_entry_sna=OCTET_STRING,
    slist_entry_lsid=LONG,
    slist_entry_level=INTEGER,
    slist_entry_rx_level=INTEGER,
    slist_entry_rx_snr=INTEGER,
)
COMMUNICATION: Final = structure(
    phy_comm_eui=OCTET_STRING,
    phy_comm_tx_power=INTEGER,
    phy_comm_tx_coding=INTEGER,
    phy_comm_rx_coding=INTEGER,
    phy_comm_rx_level=INTEGER,
    phy_comm_snr=INTEGER,
    phy_comm_tx_power_mod=INTEGER,
    phy_comm_tx_coding_mod=INTEGER,
    phy_comm_rx_coding_mod=INTEGER,
)


class PrimeMacNetworkAdministrationData(InterfaceClass, class_id=85, methods_at=0x30, clause=blue_book("4.12.9")):
    """PRIME NB OFDM PLC MAC network administration data: the tables of a node."""

    mac_list_multicast_entries = attribute(
        2, array(structure(mcast_entry_lcid=INTEGER, mcast_entry_members=LONG)), dynamic=True
    )
    mac_list_switch_table = attribute(3, array(LONG), dynamic=True)
    mac_list_direct_table = attribute(4, array(DIRECT_CONNECTION), dynamic=True)
    mac_list_available_switches = attribute(5, array(AVAILABLE_SWITCH), dynamic=True)
    mac_list_phy_comm = attribute(6, array(COMMUNICATION), dynamic=True)

    reset = clearing(1, "Empty every table.")


class PrimeApplicationIdentification(InterfaceClass, class_id=86, clause=blue_book("4.12.11")):
    """PRIME NB OFDM PLC application identification: firmware, vendor and product."""

    firmware_version = attribute(2, OCTET_STRING)
    vendor_id = attribute(3, LONG_UNSIGNED)
    product_id = attribute(4, LONG_UNSIGNED)
