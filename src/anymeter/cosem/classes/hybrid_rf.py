"""G3-PLC hybrid networks, radio. Classes 160 to 162.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.13.6 to 4.13.8.
"""

from __future__ import annotations

from anymeter.cosem.classes.parts import blue_book, clearing, out_of_reach
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import (
    BIT_STRING,
    BOOLEAN,
    CHOICE,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    LONG_UNSIGNED,
    UNSIGNED,
    array,
)


class HybridRfMacLayerCounters(InterfaceClass, class_id=160, methods_at=0x50, clause=blue_book("4.13.6")):
    """G3-PLC hybrid RF MAC layer counters; each goes on at zero after its highest value."""

    mac_retry_count_rf = attribute(2, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_multiple_retry_count_rf = attribute(3, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_tx_fail_count_rf = attribute(4, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_tx_success_count_rf = attribute(5, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_fcs_error_count_rf = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_security_failure_count_rf = attribute(7, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_duplicate_frame_count_rf = attribute(8, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_rx_success_count_rf = attribute(9, DOUBLE_LONG_UNSIGNED, dynamic=True)

    reset = clearing(1, "Set every counter to zero.")


class HybridRfMacSetup(InterfaceClass, class_id=161, catalogued=True, clause=blue_book("4.13.7")):
    """G3-PLC hybrid RF MAC setup: the first version, of which only the name is known."""


class HybridRfMacSetupV1(InterfaceClass, class_id=161, version=1, methods_at=0x140, clause=blue_book("4.13.7")):
    """G3-PLC hybrid RF MAC setup: back-off, duty cycle, power, hopping and slots of the radio."""

    mac_max_be_rf = attribute(2, UNSIGNED)
    mac_max_csma_backoffs_rf = attribute(3, UNSIGNED)
    mac_max_frame_retries_rf = attribute(4, UNSIGNED)
    mac_min_be_rf = attribute(5, UNSIGNED)
    mac_frame_counter_rf = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_duplicate_detection_ttl_rf = attribute(7, UNSIGNED)
    mac_pos_table_rf = attribute(8, array(CHOICE), dynamic=True)
    mac_operating_mode_rf = attribute(9, UNSIGNED)
    mac_channel_number_rf = attribute(10, LONG_UNSIGNED)
    mac_duty_cycle_usage_rf = attribute(11, UNSIGNED, dynamic=True)
    mac_duty_cycle_period_rf = attribute(12, LONG_UNSIGNED)
    mac_duty_cycle_limit_rf = attribute(13, LONG_UNSIGNED)
    mac_duty_cycle_threshold_rf = attribute(14, UNSIGNED)
    mac_disable_phy_rf = attribute(15, BOOLEAN)
    mac_frequency_band_rf = attribute(16, ENUM)
    mac_transmit_atten_rf = attribute(17, UNSIGNED)
    mac_adaptive_power_step_rf = attribute(18, UNSIGNED)
    mac_adaptive_power_high_bound_rf = attribute(19, UNSIGNED)
    mac_adaptive_power_low_bound_rf = attribute(20, UNSIGNED)
    mac_pos_recent_entries_rf = attribute(21, LONG_UNSIGNED, dynamic=True)
    mac_hopping_enabled_rf = attribute(22, BOOLEAN)
    mac_broadcast_interval_duration_rf = attribute(23, LONG_UNSIGNED)
    mac_broadcast_slot_duration_rf = attribute(24, UNSIGNED)
    mac_unicast_slot_duration_rf = attribute(25, UNSIGNED)
    mac_extended_bitmap_rf = attribute(26, BIT_STRING)
    mac_beacon_randomization_window_length_rf = attribute(27, LONG_UNSIGNED)
    mac_additional_channel_scan_time_rf = attribute(28, UNSIGNED)
    mac_max_cca_attempts_retries_rf = attribute(29, UNSIGNED)
    mac_min_inter_tx_interval_rf = attribute(30, LONG_UNSIGNED)
    mac_initial_retry_time_rf = attribute(31, LONG_UNSIGNED)
    mac_maximum_retry_time_rf = attribute(32, LONG_UNSIGNED)
    mac_max_clock_drift_rf = attribute(33, UNSIGNED)
    mac_fh_unicast_schedule_address_rf = attribute(34, LONG_UNSIGNED)
    mac_fh_unicast_slot_number_rf = attribute(35, LONG_UNSIGNED)
    mac_fh_unicast_offset_rf = attribute(36, UNSIGNED)
    mac_min_guard_time_rf = attribute(37, UNSIGNED)
    mac_max_bcast_resync_wait_unit_rf = attribute(38, UNSIGNED)

    mac_get_pos_table_entry_rf = out_of_reach(
        1, LONG_UNSIGNED, "The entry of the POS table for a short address.", returns=CHOICE
    )


class HybridAdaptationLayerSetup(InterfaceClass, class_id=162, catalogued=True, clause=blue_book("4.13.8")):
    """G3-PLC hybrid 6LoWPAN adaptation layer setup: the first version, of which only the name is known."""


class HybridAdaptationLayerSetupV1(InterfaceClass, class_id=162, version=1, clause=blue_book("4.13.8")):
    """G3-PLC hybrid 6LoWPAN adaptation layer setup: routing over radio and power line together."""

    adp_routing_table = attribute(2, array(CHOICE), dynamic=True)
    adp_blacklist_table = attribute(3, array(CHOICE), dynamic=True)
    adp_low_lqi_value_rf = attribute(4, UNSIGNED)
    adp_high_lqi_value_rf = attribute(5, UNSIGNED)
    adp_routing_configuration_rf = attribute(6, array(CHOICE))
    adp_use_backup_media = attribute(7, BOOLEAN)
    adp_weak_lqi_value_rf = attribute(8, UNSIGNED)
    adp_trickle_lqi_threshold_low_rf = attribute(9, UNSIGNED)
    adp_delay_low_lqi_rf = attribute(10, LONG_UNSIGNED)
    adp_delay_high_lqi_rf = attribute(11, LONG_UNSIGNED)
    adp_rreq_jitter_low_lqi_rf = attribute(12, UNSIGNED)
    adp_rreq_jitter_high_lqi_rf = attribute(13, UNSIGNED)
    adp_cluster_trickle_i_rf = attribute(14, LONG_UNSIGNED)
    adp_cluster_trickle_k_rf = attribute(15, UNSIGNED)
    adp_cluster_min_lqi_rf = attribute(16, UNSIGNED)
    adp_last_gasp = attribute(17, BOOLEAN)
    adp_probing_interval = attribute(18, UNSIGNED)
    adp_trickle_lqi_threshold_high_rf = attribute(19, UNSIGNED)
