"""The radio half of G3 hybrid networks: facts of the tables in Blue Book Ed. 16, 4.13.6 to 4.13.8."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.hybrid_rf import (
    HybridAdaptationLayerSetup,
    HybridAdaptationLayerSetupV1,
    HybridRfMacLayerCounters,
    HybridRfMacSetup,
    HybridRfMacSetupV1,
)
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

COUNTERS = """
2 mac_retry_count_rf:u32*
3 mac_multiple_retry_count_rf:u32*
4 mac_tx_fail_count_rf:u32*
5 mac_tx_success_count_rf:u32*
6 mac_fcs_error_count_rf:u32*
7 mac_security_failure_count_rf:u32*
8 mac_duplicate_frame_count_rf:u32*
9 mac_rx_success_count_rf:u32*
"""
MAC = """
2 mac_max_be_rf:u8
3 mac_max_csma_backoffs_rf:u8
4 mac_max_frame_retries_rf:u8
5 mac_min_be_rf:u8
6 mac_frame_counter_rf:u32*
7 mac_duplicate_detection_ttl_rf:u8
8 mac_pos_table_rf:ar CH*
9 mac_operating_mode_rf:u8
10 mac_channel_number_rf:u16
11 mac_duty_cycle_usage_rf:u8*
12 mac_duty_cycle_period_rf:u16
13 mac_duty_cycle_limit_rf:u16
14 mac_duty_cycle_threshold_rf:u8
15 mac_disable_phy_rf:b
16 mac_frequency_band_rf:en
17 mac_transmit_atten_rf:u8
18 mac_adaptive_power_step_rf:u8
19 mac_adaptive_power_high_bound_rf:u8
20 mac_adaptive_power_low_bound_rf:u8
21 mac_pos_recent_entries_rf:u16*
22 mac_hopping_enabled_rf:b
23 mac_broadcast_interval_duration_rf:u16
24 mac_broadcast_slot_duration_rf:u8
25 mac_unicast_slot_duration_rf:u8
26 mac_extended_bitmap_rf:bs
27 mac_beacon_randomization_window_length_rf:u16
28 mac_additional_channel_scan_time_rf:u8
29 mac_max_cca_attempts_retries_rf:u8
30 mac_min_inter_tx_interval_rf:u16
31 mac_initial_retry_time_rf:u16
32 mac_maximum_retry_time_rf:u16
33 mac_max_clock_drift_rf:u8
34 mac_fh_unicast_schedule_address_rf:u16
35 mac_fh_unicast_slot_number_rf:u16
36 mac_fh_unicast_offset_rf:u8
37 mac_min_guard_time_rf:u8
38 mac_max_bcast_resync_wait_unit_rf:u8
"""
ADAPTATION = """
2 adp_routing_table:ar CH*
3 adp_blacklist_table:ar CH*
4 adp_low_lqi_value_rf:u8
5 adp_high_lqi_value_rf:u8
6 adp_routing_configuration_rf:ar CH
7 adp_use_backup_media:b
8 adp_weak_lqi_value_rf:u8
9 adp_trickle_lqi_threshold_low_rf:u8
10 adp_delay_low_lqi_rf:u16
11 adp_delay_high_lqi_rf:u16
12 adp_rreq_jitter_low_lqi_rf:u8
13 adp_rreq_jitter_high_lqi_rf:u8
14 adp_cluster_trickle_i_rf:u16
15 adp_cluster_trickle_k_rf:u8
16 adp_cluster_min_lqi_rf:u8
17 adp_last_gasp:b
18 adp_probing_interval:u8
19 adp_trickle_lqi_threshold_high_rf:u8
"""


@pytest.mark.parametrize(
    ("cls", "number", "table", "found"),
    [
        (HybridRfMacLayerCounters, (160, 0), COUNTERS, ["1 reset(i8) +50"]),
        (HybridRfMacSetupV1, (161, 1), MAC, ["1 mac_get_pos_table_entry_rf(u16)->CH +140"]),
        (HybridAdaptationLayerSetupV1, (162, 1), ADAPTATION, []),
    ],
)
def test_members(cls, number, table, found):
    assert (cls.class_id, cls.version) == number
    assert attributes(cls) == rows(table)
    assert methods(cls) == found


@pytest.mark.parametrize(("cls", "class_id"), [(HybridRfMacSetup, 161), (HybridAdaptationLayerSetup, 162)])
def test_of_the_first_versions_only_the_name_is_known(cls, class_id):
    assert (cls.class_id, cls.version, cls.catalogued) == (class_id, 0, True)
    assert attributes(cls) == methods(cls) == []
    with pytest.raises(AccessError) as refused:
        cls("0-0:29.4.0*255").encoded(2, 0)
    assert refused.value.result == 4


def test_counters_are_reset():
    counters = HybridRfMacLayerCounters("0-0:29.3.0*255", mac_retry_count_rf=1, mac_rx_success_count_rf=2)
    counters.invoke(1, b"\x0f\x00", 0)
    assert (counters.mac_retry_count_rf, counters.mac_rx_success_count_rf) == (0, 0)


def test_an_entry_whose_layout_is_not_known_is_not_looked_up():
    with pytest.raises(AccessError) as refused:
        HybridRfMacSetupV1("0-0:29.4.0*255").invoke(1, b"\x12\x00\x01", 0)
    assert refused.value.result == 250
