"""G3 power line, counters and MAC: facts of Blue Book Ed. 16, 4.13.3 and 4.13.4, and of older versions."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.plc_g3 import (
    G3MacLayerCounters,
    G3MacLayerCountersV1,
    G3MacSetup,
    G3MacSetupV1,
    G3MacSetupV2,
    G3MacSetupV3,
    G3MacSetupV4,
)
from anymeter.cosem.values import BitString, Enum
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

COUNTERS = """
2 mac_tx_data_packet_count:u32*
3 mac_rx_data_packet_count:u32*
4 mac_tx_cmd_packet_count:u32*
5 mac_rx_cmd_packet_count:u32*
6 mac_csma_fail_count:u32*
7 mac_csma_no_ack_count:u32*
8 mac_bad_crc_count:u32*
9 mac_tx_data_broadcast_count:u32*
10 mac_rx_data_broadcast_count:u32*
"""
NEIGHBOUR = (
    "st{short_address u16, payload_modulation_scheme b, tone_map bs, modulation en, tx_gain i8, tx_res en, "
    "tx_coeff bs, lqi u8, phase_differential i8, tmr_valid_time u8, neighbour_valid_time u8}"
)
POS = "st{short_address u16, lqi u8, valid_time u8}"
FIRST = f"""
2 mac_short_address:u16*
3 mac_rc_coord:u16*
4 mac_pan_id:u16*
5 mac_key_table:ar st{{key_id u8, key os}}*!
6 mac_frame_counter:u32*
7 mac_tone_mask:bs
8 mac_tmr_ttl:u8
9 mac_max_frame_retries:u8
10 mac_neighbour_table_entry_ttl:u8
11 mac_neighbour_table:ar {NEIGHBOUR}*
12 mac_high_priority_window_size:u8
13 mac_csma_fairness_limit:u8
14 mac_beacon_randomization_window_length:u8
15 mac_a:u8
16 mac_k:u8
17 mac_min_cw_attempts:u8
18 mac_cenelec_legacy_mode:u8
19 mac_fcc_legacy_mode:u8
20 mac_max_be:u8
21 mac_max_csma_backoffs:u8
22 mac_min_be:u8
"""
SECOND = f"""
23 mac_broadcast_max_cw_enabled:b
24 mac_transmit_atten:u8
25 mac_pos_table:ar {POS}*
"""
THIRD = "26 mac_duplicate_detection_ttl:u8"
FOURTH = """
27 mac_pos_recent_entry_threshold:u8
28 mac_pos_recent_entries:u16
29 mac_preamble_length:u8
"""
RENAMED = FIRST.replace("10 mac_neighbour_table_entry_ttl", "10 mac_pos_table_entry_ttl")


def test_counters():
    assert (G3MacLayerCountersV1.class_id, G3MacLayerCountersV1.version) == (90, 1)
    assert attributes(G3MacLayerCountersV1) == rows(COUNTERS)
    assert methods(G3MacLayerCountersV1) == ["1 reset(i8) +50"]
    assert G3MacLayerCounters.catalogued
    assert attributes(G3MacLayerCounters) == []


@pytest.mark.parametrize(
    ("cls", "version", "parts"),
    [
        (G3MacSetup, 0, [FIRST]),
        (G3MacSetupV1, 1, [FIRST]),
        (G3MacSetupV2, 2, [FIRST, SECOND]),
        (G3MacSetupV3, 3, [FIRST, SECOND, THIRD]),
        (G3MacSetupV4, 4, [RENAMED, SECOND, THIRD, FOURTH]),
    ],
)
def test_each_version_of_the_setup_has_more(cls, version, parts):
    assert (cls.class_id, cls.version) == (91, version)
    assert attributes(cls) == [row for part in parts for row in rows(part)]


def test_methods_of_the_setup():
    neighbours, pos = "mac_get_neighbour_table_entry(u16)->ar ", "mac_get_pos_table_entry(u16)->ar "
    assert methods(G3MacSetupV2) == [f"1 {neighbours}{NEIGHBOUR}"]
    assert methods(G3MacSetupV3) == [f"1 {neighbours}{NEIGHBOUR}", f"2 {pos}{POS}"]
    assert methods(G3MacSetupV4) == [f"1 {neighbours}{NEIGHBOUR} +E8", f"2 {pos}{POS} +F0"]


def neighbour(address):
    return (address, False, BitString.of("101"), Enum(2), -3, Enum(1), BitString.of("0"), 60, -1, 5, 250)


def test_neighbours_are_found_by_their_address():
    node = G3MacSetupV4("0-0:29.1.0*255", mac_neighbour_table=[neighbour(1), neighbour(2)], mac_pos_table=[(2, 50, 9)])
    answer = node.invoke(1, b"\x12\x00\x02", 0)
    assert answer.hex() == "0101020b" + "120002" + "0300" + "0403a0" + "1602" + "0ffd" + "1601" + "040100" + (
        "113c" + "0fff" + "1105" + "11fa"
    )
    assert node.invoke(1, b"\x12\x00\x03", 0) == b"\x01\x00"
    assert node.invoke(2, b"\x12\x00\x02", 0).hex() == "0101020312000211321109"
    with pytest.raises(AccessError):
        node.invoke(1, b"\x11\x02", 0)


def test_counters_are_reset():
    counters = G3MacLayerCountersV1("0-0:29.0.0*255", mac_bad_crc_count=4)
    counters.invoke(1, None, 0)
    assert counters.mac_bad_crc_count == 0
