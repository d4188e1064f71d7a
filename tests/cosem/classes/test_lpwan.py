"""SCHC and LoRaWAN: facts of the tables in Blue Book Ed. 16, 4.16 and 4.17."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.lpwan import LoRaWanDiagnostic, LoRaWanSetup, SchcLpwanDiagnostic, SchcLpwanSetup
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

SCHC = """
2 lpwan_reference:os6
3 schc_cd_rules:ar CH
4 schc_fr_param:CH
"""
SCHC_COUNTERS = """
2 schc_packets_tx_counter:u32*
3 schc_packets_rx_counter:u32*
4 schc_fragments_tx_counter:u32*
5 schc_fragments_rx_counter:u32*
6 schc_ack_tx_counter:u32*
7 schc_ack_rx_counter:u32*
"""
LORA = """
2 class_:en*
3 state:en*
4 max_transmit_eirp_setting:i8
5 adr_mode:b*
6 regional_parameters:en*
7 device_operation:CH*
8 modem_versions:CH
9 devaddr:u32*
10 join_strategy:en*
11 multicasts_parameters:ar CH*
"""
LORA_COUNTERS = """
2 internal_error_code:en*
3 out_frames_u_counter:u32*
4 out_frames_c_counter:u32*
5 in_frames_u_counter:u32*
6 in_frames_c_counter:u32*
7 in_mac_command_counter:u32*
8 in_mac_ans_error_counter:u32*
9 in_mac_ignored_counter:u32*
10 in_per:i8*
11 in_mean_rssi_rx1:i8*
12 in_mean_snr_rx1:i8*
13 in_mean_rssi_rx2:i8*
14 in_mean_snr_rx2:i8*
"""


@pytest.mark.parametrize(
    ("cls", "class_id", "table", "found"),
    [
        (SchcLpwanSetup, 126, SCHC, []),
        (SchcLpwanDiagnostic, 127, SCHC_COUNTERS, ["1 reset(i8) +40"]),
        (
            LoRaWanSetup,
            128,
            LORA,
            ["1 disconnect_from_network(CH) +60", "2 change_class(CH) +68", "3 change_region(CH) +70"],
        ),
        (LoRaWanDiagnostic, 129, LORA_COUNTERS, ["1 reset(i8) +70"]),
    ],
)
def test_members(cls, class_id, table, found):
    assert (cls.class_id, cls.version) == (class_id, 0)
    assert attributes(cls) == rows(table)
    assert methods(cls) == found


@pytest.mark.parametrize(
    ("cls", "name"), [(SchcLpwanDiagnostic, "schc_ack_rx_counter"), (LoRaWanDiagnostic, "in_mean_snr_rx2")]
)
def test_counters_are_reset(cls, name):
    diagnostic = cls("0-0:37.1.0*255", **{name: 9})
    diagnostic.invoke(1, b"\x0f\x00", 0)
    assert getattr(diagnostic, name) == 0


@pytest.mark.parametrize("number", [1, 2, 3])
def test_without_a_radio_nothing_is_changed(number):
    with pytest.raises(AccessError) as refused:
        LoRaWanSetup("0-0:38.0.0*255").invoke(number, b"\x16\x02", 0)
    assert refused.value.result == 250
