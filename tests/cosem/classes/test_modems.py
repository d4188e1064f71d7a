"""Modems and mobile networks: facts of the tables in Blue Book Ed. 16, 4.7.4 to 4.7.9."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.modems import (
    RESULTS,
    AutoAnswer,
    AutoAnswerV2,
    AutoConnect,
    AutoConnectV1,
    AutoConnectV2,
    GprsModemSetup,
    GsmDiagnostic,
    GsmDiagnosticV1,
    GsmDiagnosticV2,
    LteMonitoring,
    LteMonitoringV1,
    ModemConfiguration,
    ModemConfigurationV1,
)
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

MODEM_0 = """
2 comm_speed:en
3 initialization_string:ar st{request os, response os}
4 modem_profile:ar os
"""
MODEM_1 = """
2 comm_speed:en
3 initialization_string:ar st{request os, response os, delay_after_response u16}
4 modem_profile:ar os
"""
ANSWER = """
2 mode:en
3 listening_window:ar st{start_time dt, end_time dt}
4 status:en*
5 number_of_calls:u8
6 number_of_rings:st{nr_rings_in_window u8, nr_rings_out_of_window u8}
"""
CALLERS = "7 list_of_allowed_callers:ar st{caller_id os, call_type en}"
CONNECT = """
2 mode:en
3 repetitions:u8
4 repetition_delay:u16
5 calling_window:ar st{start_time dt, end_time dt}
6 destination_list:ar os
"""
QUALITY = "st{precedence u8, delay u8, reliability u8, peak_throughput u8, mean_throughput u8}"
GPRS = f"""
2 apn:os
3 pin_code:u16
4 quality_of_service:st{{default {QUALITY}, requested {QUALITY}}}
"""
GSM_0 = """
2 operator:vs*
3 status:en*
4 cs_attachment:en*
5 ps_status:en*
6 cell_info:st{cell_id u16, location_id u16, signal_quality u8, ber u8}*
7 adjacent_cells:ar st{cell_id u16, signal_quality u8}*
8 capture_time:date-time*
"""
GSM_1 = """
2 operator:vs*
3 status:en*
4 cs_attachment:en*
5 ps_status:en*
6 cell_info:st{cell_id u32, location_id u16, signal_quality u8, ber u8, mcc u16, mnc u16, channel_number u32}*
7 adjacent_cells:ar st{cell_id u32, signal_quality u8}*
8 capture_time:date-time*
"""
LTE = (
    "2 lte_network_parameters:st{t3402 u16, t3412 u16, t3412ext2 u32, t3324 u16, tedrx u32, tptw u16, "
    "q_rx_lev_min i8, q_rx_lev_min_ce i8, q_rx_lev_min_ce1 i8}*"
)
LTE_QUALITY = (
    "3 lte_quality_of_service:st{signal_quality i8, signal_level i8, signal_to_noise_ratio i8, "
    "coverage_enhancement en}*"
)


@pytest.mark.parametrize(
    ("cls", "number", "table"),
    [
        (ModemConfiguration, (27, 0), MODEM_0),
        (ModemConfigurationV1, (27, 1), MODEM_1),
        (AutoAnswer, (28, 0), ANSWER),
        (AutoAnswerV2, (28, 2), ANSWER + CALLERS),
        (AutoConnect, (29, 0), CONNECT),
        (AutoConnectV1, (29, 1), CONNECT),
        (AutoConnectV2, (29, 2), CONNECT),
        (GprsModemSetup, (45, 0), GPRS),
        (GsmDiagnostic, (47, 0), GSM_0),
        (GsmDiagnosticV1, (47, 1), GSM_1),
        (GsmDiagnosticV2, (47, 2), GSM_1),
        (LteMonitoring, (151, 0), LTE),
        (LteMonitoringV1, (151, 1), LTE + "\n" + LTE_QUALITY),
    ],
)
def test_attributes(cls, number, table):
    assert (cls.class_id, cls.version) == number
    assert attributes(cls) == rows(table)


def test_only_the_latest_auto_connect_has_a_method():
    assert methods(AutoConnectV2) == ["1 connect(i8) +30"]
    assert methods(AutoConnectV1) == methods(AutoConnect) == methods(AutoAnswerV2) == []


def test_without_a_modem_there_is_no_connecting():
    with pytest.raises(AccessError) as refused:
        AutoConnectV2("0-0:2.1.0*255").invoke(1, b"\x0f\x00", 0)
    assert refused.value.result == 250


@pytest.mark.parametrize(
    ("index", "text"), [(0, "OK"), (1, "CONNECT"), (3, "NO CARRIER"), (8, "NO ANSWER"), (16, "CONNECT 56000")]
)
def test_a_modem_profile_has_the_results_in_order(index, text):
    assert RESULTS[index] == text
    assert ModemConfigurationV1("0-0:2.0.0*255").modem_profile[index] == text.encode()
    assert len(RESULTS) == 17


@pytest.mark.parametrize(
    ("found", "value", "words"),
    [
        (AutoAnswerV2.mode, 2, "shared line, limited number of successful calls"),
        (AutoAnswerV2.status, 2, "locked"),
        (AutoConnect.mode, 3, "regular calls within the calling window, alarms any time"),
        (AutoConnectV1.mode, 6, "e-mail"),
        (AutoConnectV2.mode, 101, "permanently connected"),
        (AutoConnectV2.mode, 104, "connected on invocation of connect, then disconnected"),
        (GsmDiagnostic.status, 5, "registered, roaming"),
        (GsmDiagnostic.cs_attachment, 1, "incoming call"),
        (GsmDiagnostic.ps_status, 2, "EDGE"),
        (GsmDiagnosticV1.ps_status, 5, "LTE"),
        (ModemConfigurationV1.comm_speed, 5, "9600 Bd"),
    ],
)
def test_words(found, value, words):
    assert found.words[value] == words


@pytest.mark.parametrize(
    ("found", "value"), [(AutoConnect.mode, 4), (AutoConnectV1.mode, 101), (GsmDiagnostic.ps_status, 5)]
)
def test_older_versions_know_less(found, value):
    assert value not in found.words


def test_a_cell_as_octets():
    gsm = GsmDiagnosticV1("0-0:25.6.0*255", cell_info=(0x01020304, 5, 31, 0, 262, 1, 1800))
    assert gsm.encoded(6, 0).hex() == "02070601020304120005111f1100120106120001" + "0600000708"
    assert GsmDiagnostic("0-0:25.6.0*255").encoded(6, 0).hex() == "020412000012000011001100"


def test_a_calling_window_takes_date_times_of_both_kinds():
    calls = AutoConnectV2("0-0:2.1.0*255")
    moment = "07ea0501ff0c00000080" + "0000"
    calls.write(5, bytes.fromhex(f"01010202090c{moment}19{moment}"), 0)
    assert calls.calling_window == [(bytes.fromhex(moment), bytes.fromhex(moment))]
    with pytest.raises(AccessError):
        calls.write(5, bytes.fromhex(f"01010201090c{moment}"), 0)
