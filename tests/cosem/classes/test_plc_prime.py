"""PRIME power line: facts of the tables in Blue Book Ed. 16, 4.12, and what the methods do."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.plc_prime import (
    NEW_ADDRESS,
    LlcSscsSetup,
    PrimeApplicationIdentification,
    PrimeMacCounters,
    PrimeMacFunctionalParameters,
    PrimeMacNetworkAdministrationData,
    PrimeMacSetup,
    PrimePhysicalLayerCounters,
)
from class_cases import attributes, methods, rows

PHYSICAL = """
2 phy_stats_crc_incorrect_count:u16*
3 phy_stats_crc_fail_count:u16*
4 phy_stats_tx_drop_count:u16*
5 phy_stats_rx_drop_count:u16*
"""
MAC = """
2 mac_min_switch_search_time:u8
3 mac_max_promotion_pdu:u8
4 mac_promotion_pdu_tx_period:u8
5 mac_beacons_per_frame:u8
6 mac_scp_max_tx_attempts:u8
7 mac_ctl_re_tx_timer:u8
8 mac_max_ctl_re_tx:u8
"""
PARAMETERS = """
2 mac_lnid:i16
3 mac_lsid:u8
4 mac_sid:u8
5 mac_sna:os
6 mac_state:en
7 mac_scp_length:i16
8 mac_node_hierarchy_level:u8
9 mac_beacon_slot_count:u8
10 mac_beacon_rx_slot:u8
11 mac_beacon_tx_slot:u8
12 mac_beacon_rx_frequency:u8
13 mac_beacon_tx_frequency:u8
14 mac_capabilities:u16
"""
COUNTERS = """
2 mac_tx_data_pkt_count:u32*
3 mac_rx_data_pkt_count:u32*
4 mac_tx_ctrl_pkt_count:u32*
5 mac_rx_ctrl_pkt_count:u32*
6 mac_csma_fail_count:u32*
7 mac_csma_ch_busy_count:u32*
"""
IDENTIFICATION = """
2 firmware_version:os
3 vendor_id:u16
4 product_id:u16
"""


@pytest.mark.parametrize(
    ("cls", "class_id", "table"),
    [
        (LlcSscsSetup, 80, "2 service_node_address:u16*\n3 base_node_address:u16*"),
        (PrimePhysicalLayerCounters, 81, PHYSICAL),
        (PrimeMacSetup, 82, MAC),
        (PrimeMacFunctionalParameters, 83, PARAMETERS),
        (PrimeMacCounters, 84, COUNTERS),
        (PrimeApplicationIdentification, 86, IDENTIFICATION),
    ],
)
def test_attributes(cls, class_id, table):
    assert (cls.class_id, cls.version) == (class_id, 0)
    assert attributes(cls) == rows(table)


@pytest.mark.parametrize(
    ("number", "name", "fields"),
    [
        (2, "mac_list_multicast_entries", 2),
        (3, "mac_list_switch_table", 0),
        (4, "mac_list_direct_table", 7),
        (5, "mac_list_available_switches", 5),
        (6, "mac_list_phy_comm", 9),
    ],
)
def test_tables_of_the_network(number, name, fields):
    found = PrimeMacNetworkAdministrationData.attributes[number]
    assert (found.name, found.dynamic, found.schema.name) == (name, True, "array")
    assert len(found.schema.parts[0].parts) == fields


@pytest.mark.parametrize(
    ("cls", "offset"),
    [
        (LlcSscsSetup, "20"),
        (PrimePhysicalLayerCounters, "28"),
        (PrimeMacCounters, "40"),
        (PrimeMacNetworkAdministrationData, "30"),
    ],
)
def test_reset_is_the_only_method(cls, offset):
    assert methods(cls) == [f"1 reset(i8) +{offset}"]


@pytest.mark.parametrize("cls", [PrimeMacSetup, PrimeMacFunctionalParameters, PrimeApplicationIdentification])
def test_the_others_have_none(cls):
    assert methods(cls) == []


def test_giving_an_address_back():
    node = LlcSscsSetup("0-0:28.0.0*255", service_node_address=17, base_node_address=3)
    node.invoke(1, b"\x0f\x00", 0)
    assert (node.service_node_address, node.base_node_address) == (NEW_ADDRESS, 0)
    assert node.encoded(2, 0).hex() == "120ffe"


def test_counters_are_reset():
    counters = PrimeMacCounters("0-0:28.4.0*255", **{row.split(":")[0].split()[1]: 9 for row in rows(COUNTERS)})
    assert counters.get(7, 0) == 9
    counters.invoke(1, None, 0)
    assert [counters.get(number, 0) for number in range(2, 8)] == [0] * 6


def test_tables_are_emptied():
    network = PrimeMacNetworkAdministrationData("0-0:28.5.0*255", mac_list_multicast_entries=[(1, 2)])
    assert network.encoded(2, 0).hex() == "010102020f01100002"
    network.invoke(1, None, 0)
    assert network.encoded(2, 0).hex() == "0100"


def test_states_of_a_node():
    assert PrimeMacFunctionalParameters.mac_state.words == {0: "disconnected", 1: "terminal", 2: "switch", 3: "base"}
