"""Power line by G3, 6LoWPAN adaptation layer. Class 92. Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.13.5."""

from __future__ import annotations

from typing import Final

from anymeter.cosem.classes.parts import blue_book
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import (
    BIT_STRING,
    BOOLEAN,
    CHOICE,
    ENUM,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    array,
    structure,
)

ROUTING_CONFIGURATION: Final = structure(
    adp_net_traversal_time=UNSIGNED,
    adp_routing_table_entry_ttl=LONG_UNSIGNED,
    adp_kr=UNSIGNED,
    adp_km=UNSIGNED,
    adp_kc=UNSIGNED,
    adp_kq=UNSIGNED,
    adp_kh=UNSIGNED,
    adp_krt=UNSIGNED,
    adp_rreq_retries=UNSIGNED,
    adp_rreq_rerr_wait=UNSIGNED,
    adp_blacklist_table_entry_ttl=LONG_UNSIGNED,
    adp_unicast_rreq_gen_enable=BOOLEAN,
    adp_rlc_enabled=BOOLEAN,
    adp_add_rev_link_cost=UNSIGNED,
)
ROUTE: Final = structure(
    destination_address=LONG_UNSIGNED,
    next_hop_address=LONG_UNSIGNED,
    route_cost=LONG_UNSIGNED,
    hop_count=UNSIGNED,
    weak_link_count=UNSIGNED,
    valid_time=LONG_UNSIGNED,
)
CONTEXT: Final = structure(
    cid=BIT_STRING, context_length=UNSIGNED, context=OCTET_STRING, c=BOOLEAN, valid_lifetime=LONG_UNSIGNED
)


class G3AdaptationLayerSetup(InterfaceClass, class_id=92, clause=blue_book("4.13.5")):
    """G3-PLC 6LoWPAN adaptation layer setup: routing, its tables and limits."""

    adp_max_hops = attribute(2, UNSIGNED)
    adp_weak_lqi_value = attribute(3, UNSIGNED)
    adp_security_level = attribute(4, UNSIGNED)
    adp_prefix_table = attribute(5, array(CHOICE), dynamic=True)
    adp_routing_configuration = attribute(6, array(ROUTING_CONFIGURATION))
    adp_broadcast_log_table_entry_ttl = attribute(7, LONG_UNSIGNED)
    adp_routing_table = attribute(8, array(ROUTE), dynamic=True)
    adp_context_information_table = attribute(9, array(CONTEXT), dynamic=True)
    adp_blacklist_table = attribute(
        10, array(structure(neighbour_address=LONG_UNSIGNED, valid_time=LONG_UNSIGNED)), dynamic=True
    )
    adp_broadcast_log_table = attribute(
        11,
        array(structure(source_address=LONG_UNSIGNED, sequence_number=UNSIGNED, valid_time=LONG_UNSIGNED)),
        dynamic=True,
    )
    adp_group_table = attribute(12, array(LONG_UNSIGNED), dynamic=True)
    adp_max_join_wait_time = attribute(13, LONG_UNSIGNED)
    adp_path_discovery_time = attribute(14, UNSIGNED)
    adp_active_key_index = attribute(15, UNSIGNED)
    adp_metric_type = attribute(16, UNSIGNED)


class G3AdaptationLayerSetupV1(G3AdaptationLayerSetup, class_id=92, version=1):
    """G3-PLC 6LoWPAN adaptation layer setup: coordinator and kind of device."""

    adp_coord_short_address = attribute(17, LONG_UNSIGNED)
    adp_disable_default_routing = attribute(18, BOOLEAN)
    adp_device_type = attribute(19, ENUM, words={0: "PAN device", 1: "PAN coordinator", 2: "not defined"})


class G3AdaptationLayerSetupV2(G3AdaptationLayerSetupV1, class_id=92, version=2):
    """G3-PLC 6LoWPAN adaptation layer setup: a default route to the coordinator, addresses that are served."""

    adp_default_coord_route_enabled = attribute(20, BOOLEAN)
    adp_destination_address_set = attribute(21, array(LONG_UNSIGNED), dynamic=True)


class G3AdaptationLayerSetupV3(G3AdaptationLayerSetupV2, class_id=92, version=3):
    """G3-PLC 6LoWPAN adaptation layer setup: limits of the link quality."""

    adp_low_lqi_value = attribute(22, UNSIGNED)
    adp_high_lqi_value = attribute(23, UNSIGNED)


class G3AdaptationLayerSetupV4(G3AdaptationLayerSetupV3, class_id=92, version=4):
    """G3-PLC 6LoWPAN adaptation layer setup: delays by link quality, trickle and clusters."""

    adp_delay_low_lqi = attribute(24, LONG_UNSIGNED)
    adp_delay_high_lqi = attribute(25, LONG_UNSIGNED)
    adp_rreq_jitter_low_lqi = attribute(26, UNSIGNED)
    adp_rreq_jitter_high_lqi = attribute(27, UNSIGNED)
    adp_trickle_data_enabled = attribute(28, BOOLEAN)
    adp_trickle_lqi_threshold_low = attribute(29, UNSIGNED)
    adp_trickle_step = attribute(30, UNSIGNED)
    adp_trickle_imin = attribute(31, LONG_UNSIGNED)
    adp_trickle_max_ki = attribute(32, UNSIGNED)
    adp_trickle_adaptive_imin = attribute(33, BOOLEAN)
    adp_trickle_adaptive_ki = attribute(34, BOOLEAN)
    adp_cluster_trickle_enabled = attribute(35, BOOLEAN)
    adp_cluster_min_lqi = attribute(36, UNSIGNED)
    adp_cluster_trickle_k = attribute(37, UNSIGNED)
    adp_cluster_rreq_route_cost_deviation = attribute(38, UNSIGNED)
    adp_cluster_trickle_i = attribute(39, LONG_UNSIGNED)
    adp_trickle_lqi_threshold_high = attribute(40, UNSIGNED)
