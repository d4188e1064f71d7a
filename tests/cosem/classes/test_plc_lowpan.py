"""The adaptation layer of G3: facts of the table in Blue Book Ed. 16, 4.13.5, and of older versions."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.plc_lowpan import (
    G3AdaptationLayerSetup,
    G3AdaptationLayerSetupV1,
    G3AdaptationLayerSetupV2,
    G3AdaptationLayerSetupV3,
    G3AdaptationLayerSetupV4,
)
from class_cases import attributes, methods, rows

FIRST = """
2 adp_max_hops:u8
3 adp_weak_lqi_value:u8
4 adp_security_level:u8
5 adp_prefix_table:ar CH*
7 adp_broadcast_log_table_entry_ttl:u16
10 adp_blacklist_table:ar st{neighbour_address u16, valid_time u16}*
11 adp_broadcast_log_table:ar st{source_address u16, sequence_number u8, valid_time u16}*
12 adp_group_table:ar u16*
13 adp_max_join_wait_time:u16
14 adp_path_discovery_time:u8
15 adp_active_key_index:u8
16 adp_metric_type:u8
"""
SECOND = """
17 adp_coord_short_address:u16
18 adp_disable_default_routing:b
19 adp_device_type:en
"""
THIRD = """
20 adp_default_coord_route_enabled:b
21 adp_destination_address_set:ar u16*
"""
FOURTH = """
22 adp_low_lqi_value:u8
23 adp_high_lqi_value:u8
"""
FIFTH = """
24 adp_delay_low_lqi:u16
25 adp_delay_high_lqi:u16
26 adp_rreq_jitter_low_lqi:u8
27 adp_rreq_jitter_high_lqi:u8
28 adp_trickle_data_enabled:b
29 adp_trickle_lqi_threshold_low:u8
30 adp_trickle_step:u8
31 adp_trickle_imin:u16
32 adp_trickle_max_ki:u8
33 adp_trickle_adaptive_imin:b
34 adp_trickle_adaptive_ki:b
35 adp_cluster_trickle_enabled:b
36 adp_cluster_min_lqi:u8
37 adp_cluster_trickle_k:u8
38 adp_cluster_rreq_route_cost_deviation:u8
39 adp_cluster_trickle_i:u16
40 adp_trickle_lqi_threshold_high:u8
"""
TABLES = (6, 8, 9)


@pytest.mark.parametrize(
    ("cls", "version", "parts"),
    [
        (G3AdaptationLayerSetup, 0, [FIRST]),
        (G3AdaptationLayerSetupV1, 1, [FIRST, SECOND]),
        (G3AdaptationLayerSetupV2, 2, [FIRST, SECOND, THIRD]),
        (G3AdaptationLayerSetupV3, 3, [FIRST, SECOND, THIRD, FOURTH]),
        (G3AdaptationLayerSetupV4, 4, [FIRST, SECOND, THIRD, FOURTH, FIFTH]),
    ],
)
def test_each_version_has_more(cls, version, parts):
    assert (cls.class_id, cls.version) == (92, version)
    others = [row for row in attributes(cls) if int(row.split()[0]) not in TABLES]
    assert others == [row for part in parts for row in rows(part)]
    assert methods(cls) == []


@pytest.mark.parametrize(
    ("number", "name", "types"),
    [
        (6, "adp_routing_configuration", "u8 u16 u8 u8 u8 u8 u8 u8 u8 u8 u16 b b u8"),
        (8, "adp_routing_table", "u16 u16 u16 u8 u8 u16"),
        (9, "adp_context_information_table", "bs u8 os b u16"),
    ],
)
def test_tables(number, name, types):
    row = next(row for row in attributes(G3AdaptationLayerSetup) if row.startswith(f"{number} "))
    assert row.startswith(f"{number} {name}:ar st{{")
    fields = row[row.index("{") + 1 : row.index("}")].split(", ")
    assert [field.split()[1] for field in fields] == types.split()


def test_kinds_of_device():
    assert G3AdaptationLayerSetupV1.adp_device_type.words == {0: "PAN device", 1: "PAN coordinator", 2: "not defined"}
