"""Modems: how they are initialised, answer and call, and what the mobile network says. Classes 27, 28, 29, 45, 47, 151.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.7.4 to 4.7.9.
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.classes.parts import BAUD, WINDOW, blue_book, out_of_reach
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import (
    DATE_TIME,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    VISIBLE_STRING,
    Schema,
    array,
    structure,
)

RESULTS: Final = (
    "OK",
    "CONNECT",
    "RING",
    "NO CARRIER",
    "ERROR",
    "CONNECT 1200",
    "NO DIAL TONE",
    "BUSY",
    "NO ANSWER",
    "CONNECT 600",
    "CONNECT 2400",
    "CONNECT 4800",
    "CONNECT 9600",
    "CONNECT 14400",
    "CONNECT 28800",
    "CONNECT 33600",
    "CONNECT 56000",
)
"""What the elements of a modem profile stand for, in order: the modem's own strings for these results."""


class ModemConfiguration(InterfaceClass, class_id=27, clause=blue_book("4.7.4")):
    """Modem configuration (PSTN modem configuration): how a modem is made ready."""

    comm_speed = attribute(2, ENUM, default=5, words=BAUD)
    initialization_string = attribute(3, array(structure(request=OCTET_STRING, response=OCTET_STRING)))
    modem_profile = attribute(4, array(OCTET_STRING), default=[text.encode() for text in RESULTS])


class ModemConfigurationV1(ModemConfiguration, class_id=27, version=1):
    """Modem configuration: with a pause after each response, in milliseconds."""

    initialization_string = attribute(
        3,
        array(structure(request=OCTET_STRING, response=OCTET_STRING, delay_after_response=LONG_UNSIGNED)),
    )


class AutoAnswer(InterfaceClass, class_id=28, clause=blue_book("4.7.5")):
    """Auto answer (PSTN auto answer): when the device takes a call, and how often."""

    mode = attribute(
        2,
        ENUM,
        words={
            0: "line dedicated to the device",
            1: "shared line, limited number of calls",
            2: "shared line, limited number of successful calls",
            3: "no modem connected",
        },
    )
    listening_window = attribute(3, array(WINDOW))
    status = attribute(4, ENUM, dynamic=True, words={0: "inactive", 1: "active", 2: "locked"})
    number_of_calls = attribute(5, UNSIGNED)
    number_of_rings = attribute(6, structure(nr_rings_in_window=UNSIGNED, nr_rings_out_of_window=UNSIGNED))


class AutoAnswerV2(AutoAnswer, class_id=28, version=2):
    """Auto answer: callers may be limited to a list."""

    list_of_allowed_callers = attribute(7, array(structure(caller_id=OCTET_STRING, call_type=ENUM)))


DIALLING: Final = {
    0: "no auto dialling",
    1: "any time",
    2: "within the calling window",
    3: "regular calls within the calling window, alarms any time",
}
SENDING: Final = {**DIALLING, 4: "SMS over a mobile network", 5: "SMS over PSTN", 6: "e-mail"}
CONNECTED: Final = {
    **SENDING,
    101: "permanently connected",
    102: "permanently connected within the calling window",
    103: "permanently connected, on invocation of connect",
    104: "connected on invocation of connect, then disconnected",
}


class AutoConnect(InterfaceClass, class_id=29, clause=blue_book("4.7.6")):
    """Auto connect (PSTN auto dial): whom the device calls and when. *repetition_delay* in seconds."""

    mode = attribute(2, ENUM, words=DIALLING)
    repetitions = attribute(3, UNSIGNED)
    repetition_delay = attribute(4, LONG_UNSIGNED)
    calling_window = attribute(5, array(WINDOW))
    destination_list = attribute(6, array(OCTET_STRING))


class AutoConnectV1(AutoConnect, class_id=29, version=1):
    """Auto connect: messages instead of calls."""

    mode = attribute(2, ENUM, words=SENDING)


class AutoConnectV2(AutoConnectV1, class_id=29, version=2, methods_at=0x30):
    """Auto connect: networks that stay connected."""

    mode = attribute(2, ENUM, words=CONNECTED)

    connect = out_of_reach(1, INTEGER, "Connect to the network.")


QUALITY: Final = structure(
    precedence=UNSIGNED, delay=UNSIGNED, reliability=UNSIGNED, peak_throughput=UNSIGNED, mean_throughput=UNSIGNED
)


class GprsModemSetup(InterfaceClass, class_id=45, clause=blue_book("4.7.7")):
    """GPRS modem setup: access point and quality of service in a GPRS network."""

    apn = attribute(2, OCTET_STRING)
    pin_code = attribute(3, LONG_UNSIGNED)
    quality_of_service = attribute(4, structure(default=QUALITY, requested=QUALITY))


REGISTRATION: Final = {
    0: "not registered",
    1: "registered, home network",
    2: "not registered, searching",
    3: "registration denied",
    4: "unknown",
    5: "registered, roaming",
}
PACKETS: Final = {0: "inactive", 1: "GPRS", 2: "EDGE", 3: "UMTS", 4: "HSDPA"}


def _cell(cell_id: Schema[int]) -> dict[str, Schema[int]]:
    """The fields of a cell that every version has; *signal_quality* as AT+CSQ says it, 99 for not known."""
    return {"cell_id": cell_id, "location_id": LONG_UNSIGNED, "signal_quality": UNSIGNED, "ber": UNSIGNED}


CELL_INFO: Final = structure(
    **_cell(DOUBLE_LONG_UNSIGNED), mcc=LONG_UNSIGNED, mnc=LONG_UNSIGNED, channel_number=DOUBLE_LONG_UNSIGNED
)


class GsmDiagnostic(InterfaceClass, class_id=47, clause=blue_book("4.7.8")):
    """GSM diagnostic: registration, cell and signal of a mobile network."""

    operator = attribute(2, VISIBLE_STRING, dynamic=True)
    status = attribute(3, ENUM, dynamic=True, words=REGISTRATION)
    cs_attachment = attribute(4, ENUM, dynamic=True, words={0: "inactive", 1: "incoming call", 2: "active"})
    ps_status = attribute(5, ENUM, dynamic=True, words=PACKETS)
    cell_info = attribute(6, structure(**_cell(LONG_UNSIGNED)), dynamic=True)
    adjacent_cells = attribute(7, array(structure(cell_id=LONG_UNSIGNED, signal_quality=UNSIGNED)), dynamic=True)
    capture_time = attribute(8, DATE_TIME, dynamic=True)


class GsmDiagnosticV1(GsmDiagnostic, class_id=47, version=1):
    """GSM diagnostic: cell numbers of 32 bits, country, network and channel."""

    ps_status = attribute(5, ENUM, dynamic=True, words={**PACKETS, 5: "LTE", 6: "CDMA"})
    cell_info = attribute(6, CELL_INFO, dynamic=True)
    adjacent_cells = attribute(7, array(structure(cell_id=DOUBLE_LONG_UNSIGNED, signal_quality=UNSIGNED)), dynamic=True)


class GsmDiagnosticV2(GsmDiagnosticV1, class_id=47, version=2):
    """GSM diagnostic: GSM, UMTS, CDMA and LTE networks."""


class LteMonitoring(InterfaceClass, class_id=151, clause=blue_book("4.7.9")):
    """LTE monitoring: the timers that an LTE network has set."""

    lte_network_parameters = attribute(
        2,
        structure(
            t3402=LONG_UNSIGNED,
            t3412=LONG_UNSIGNED,
            t3412ext2=DOUBLE_LONG_UNSIGNED,
            t3324=LONG_UNSIGNED,
            tedrx=DOUBLE_LONG_UNSIGNED,
            tptw=LONG_UNSIGNED,
            q_rx_lev_min=INTEGER,
            q_rx_lev_min_ce=INTEGER,
            q_rx_lev_min_ce1=INTEGER,
        ),
        dynamic=True,
    )


class LteMonitoringV1(LteMonitoring, class_id=151, version=1):
    """LTE monitoring: timers and quality of service. *coverage_enhancement*: the level, 0 to 2."""

    lte_quality_of_service = attribute(
        3,
        structure(
            signal_quality=INTEGER, signal_level=INTEGER, signal_to_noise_ratio=INTEGER, coverage_enhancement=ENUM
        ),
        dynamic=True,
    )
