"""Low-power wide-area networks: SCHC and LoRaWAN. Classes 126 to 129.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.16 and 4.17.
"""

from __future__ import annotations

from anymeter.cosem.classes.parts import LN, blue_book, clearing, out_of_reach
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import BOOLEAN, CHOICE, DOUBLE_LONG_UNSIGNED, ENUM, INTEGER, array


class SchcLpwanSetup(InterfaceClass, class_id=126, clause=blue_book("4.16.2.1")):
    """SCHC-LPWAN setup: rules of compression and fragmentation (RFC 8724). Their layout is not known here."""

    lpwan_reference = attribute(2, LN)
    schc_cd_rules = attribute(3, array(CHOICE))
    schc_fr_param = attribute(4, CHOICE)


class SchcLpwanDiagnostic(InterfaceClass, class_id=127, methods_at=0x40, clause=blue_book("4.16.2.2")):
    """SCHC-LPWAN diagnostic: packets, fragments and acknowledgements, sent and received."""

    schc_packets_tx_counter = attribute(2, DOUBLE_LONG_UNSIGNED, dynamic=True)
    schc_packets_rx_counter = attribute(3, DOUBLE_LONG_UNSIGNED, dynamic=True)
    schc_fragments_tx_counter = attribute(4, DOUBLE_LONG_UNSIGNED, dynamic=True)
    schc_fragments_rx_counter = attribute(5, DOUBLE_LONG_UNSIGNED, dynamic=True)
    schc_ack_tx_counter = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    schc_ack_rx_counter = attribute(7, DOUBLE_LONG_UNSIGNED, dynamic=True)

    reset = clearing(1, "Set every counter to zero.")


class LoRaWanSetup(InterfaceClass, class_id=128, methods_at=0x60, clause=blue_book("4.17.2.2")):
    """LoRaWAN setup: class, region and address of a device. The layout of the structures is not known here.

    Its methods drive a radio and are refused here, where there is none.
    """

    class_ = attribute(2, ENUM, dynamic=True)
    state = attribute(3, ENUM, dynamic=True)
    max_transmit_eirp_setting = attribute(4, INTEGER)
    adr_mode = attribute(5, BOOLEAN, dynamic=True)
    regional_parameters = attribute(6, ENUM, dynamic=True)
    device_operation = attribute(7, CHOICE, dynamic=True)
    modem_versions = attribute(8, CHOICE)
    devaddr = attribute(9, DOUBLE_LONG_UNSIGNED, dynamic=True)
    join_strategy = attribute(10, ENUM, dynamic=True)
    multicasts_parameters = attribute(11, array(CHOICE), dynamic=True)

    disconnect_from_network = out_of_reach(1, CHOICE, "Leave the network.")
    change_class = out_of_reach(2, CHOICE, "Change the class of the device.")
    change_region = out_of_reach(3, CHOICE, "Change the regional parameters.")


class LoRaWanDiagnostic(InterfaceClass, class_id=129, methods_at=0x70, clause=blue_book("4.17.2.3")):
    """LoRaWAN diagnostic: frames, MAC commands, packet errors and the quality of reception."""

    internal_error_code = attribute(2, ENUM, dynamic=True)
    out_frames_u_counter = attribute(3, DOUBLE_LONG_UNSIGNED, dynamic=True)
    out_frames_c_counter = attribute(4, DOUBLE_LONG_UNSIGNED, dynamic=True)
    in_frames_u_counter = attribute(5, DOUBLE_LONG_UNSIGNED, dynamic=True)
    in_frames_c_counter = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    in_mac_command_counter = attribute(7, DOUBLE_LONG_UNSIGNED, dynamic=True)
    in_mac_ans_error_counter = attribute(8, DOUBLE_LONG_UNSIGNED, dynamic=True)
    in_mac_ignored_counter = attribute(9, DOUBLE_LONG_UNSIGNED, dynamic=True)
    in_per = attribute(10, INTEGER, dynamic=True)
    in_mean_rssi_rx1 = attribute(11, INTEGER, dynamic=True)
    in_mean_snr_rx1 = attribute(12, INTEGER, dynamic=True)
    in_mean_rssi_rx2 = attribute(13, INTEGER, dynamic=True)
    in_mean_snr_rx2 = attribute(14, INTEGER, dynamic=True)

    reset = clearing(1, "Set everything to where it begins.")
