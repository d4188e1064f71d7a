"""ZigBee: facts of the tables in Blue Book Ed. 16, 4.15."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.parts import UNSPECIFIED
from anymeter.cosem.classes.zigbee import (
    ZigBeeNetworkControl,
    ZigBeeSasApsFragmentation,
    ZigBeeSasJoin,
    ZigBeeSasStartup,
    ZigBeeTunnelSetup,
)
from anymeter.cosem.values import BitString
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

STARTUP = """
2 short_address:u16*
3 extended_pan_id:os*
4 pan_id:u16*
5 channel_mask:u32*
6 protocol_version:u8
7 stack_profile:en
8 start_up_control:u8*
9 trust_center_address:os*
10 link_key:os*!
11 network_key:os*!
12 use_insecure_join:b
"""
JOIN = """
2 scan_attempts:u8
3 time_between_scans:u16
4 rejoin_interval:u16
5 rejoin_retry_interval:u16
"""
FRAGMENTATION = """
2 aps_interframe_delay:u16
3 aps_max_window_size:u16
"""
DEVICE = (
    "mac_address os, status bs, max_rssi i8, average_rssi i8, min_rssi i8, max_lqi u8, average_lqi u8, min_lqi u8, "
    "last_communication_date_time dt, number_of_hops u8, transmission_failures u8, transmission_successes u8, "
    "application_version u8, stack_version u8"
)
CONTROL = f"""
2 enable_disable_joining:b
3 join_timeout:u16
4 active_devices:ar st{{{DEVICE}}}*
"""
TUNNEL = """
2 maximum_incoming_transfer_size:u16
3 maximum_outgoing_transfer_size:u16
4 protocol_address:os
5 close_tunnel_timeout:u16
"""
METHODS = """
1 register_device(CH) +20
2 unregister_device(CH) +28
3 unregister_all_devices(CH) +30
4 backup_pan(CH) +38
5 restore_pan(CH) +40
6 identify_device(CH) +48
7 remove_mirror(CH) +50
8 update_network_key(CH) +58
9 update_link_key(CH) +60
10 create_pan(CH) +68
11 remove_pan(CH) +70
"""


@pytest.mark.parametrize(
    ("cls", "class_id", "table"),
    [
        (ZigBeeSasStartup, 101, STARTUP),
        (ZigBeeSasJoin, 102, JOIN),
        (ZigBeeSasApsFragmentation, 103, FRAGMENTATION),
        (ZigBeeNetworkControl, 104, CONTROL),
        (ZigBeeTunnelSetup, 105, TUNNEL),
    ],
)
def test_attributes(cls, class_id, table):
    assert (cls.class_id, cls.version) == (class_id, 0)
    assert attributes(cls) == rows(table)


def test_only_the_network_control_has_methods():
    assert methods(ZigBeeNetworkControl) == rows(METHODS)
    assert methods(ZigBeeSasStartup) == methods(ZigBeeTunnelSetup) == []


@pytest.mark.parametrize("number", range(1, 12))
def test_without_a_radio_each_is_refused(number):
    with pytest.raises(AccessError) as refused:
        ZigBeeNetworkControl("0-0:30.3.0*255").invoke(number, b"\x0f\x00", 0)
    assert refused.value.result == 250


def test_a_device_as_octets():
    device = (b"\x01" * 8, BitString.of("11000"), -40, -50, -60, 255, 200, 100, UNSPECIFIED, 1, 2, 3, 4, 5)
    control = ZigBeeNetworkControl("0-0:30.3.0*255", active_devices=[device])
    assert (
        control.encoded(4, 0).hex()
        == ("0101020e" + "0908" + 8 * "01" + "0405c0" + "0fd80fce0fc4" + "11ff11c81164" + "090c" + UNSPECIFIED.hex())
        + "11011102110311041105"
    )
