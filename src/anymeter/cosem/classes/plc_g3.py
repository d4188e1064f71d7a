"""Power line by G3, MAC layer: counters and setup. Classes 90, 91.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.13.3 and 4.13.4.
"""

from __future__ import annotations

from typing import Any, Final

from anymeter.cosem.classes.parts import blue_book, clearing
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import (
    BIT_STRING,
    BOOLEAN,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    array,
    structure,
)


class G3MacLayerCounters(InterfaceClass, class_id=90, catalogued=True, clause=blue_book("4.13.3")):
    """G3-PLC MAC layer counters: the first version, of which only the name is known."""


class G3MacLayerCountersV1(InterfaceClass, class_id=90, version=1, methods_at=0x50, clause=blue_book("4.13.3")):
    """G3-PLC MAC layer counters: packets and errors; each counter goes on at zero after its highest value."""

    mac_tx_data_packet_count = attribute(2, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_rx_data_packet_count = attribute(3, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_tx_cmd_packet_count = attribute(4, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_rx_cmd_packet_count = attribute(5, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_csma_fail_count = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_csma_no_ack_count = attribute(7, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_bad_crc_count = attribute(8, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_tx_data_broadcast_count = attribute(9, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_rx_data_broadcast_count = attribute(10, DOUBLE_LONG_UNSIGNED, dynamic=True)

    reset = clearing(1, "Set every counter to zero.")


NEIGHBOUR: Final = structure(
    short_address=LONG_UNSIGNED,
    payload_modulation_scheme=BOOLEAN,
    tone_map=BIT_STRING,
    modulation=ENUM,
    tx_gain=INTEGER,
    tx_res=ENUM,
    tx_coeff=BIT_STRING,
    lqi=UNSIGNED,
    phase_differential=INTEGER,
    tmr_valid_time=UNSIGNED,
    neighbour_valid_time=UNSIGNED,
)
"""*modulation*: 0 robust, 1 DBPSK, 2 DQPSK, 3 D8PSK, 4 16-QAM; *tx_res*: 0 steps of 6 dB, 1 of 3 dB."""

POS_ENTRY: Final = structure(short_address=LONG_UNSIGNED, lqi=UNSIGNED, valid_time=UNSIGNED)


class G3MacSetup(InterfaceClass, class_id=91, clause=blue_book("4.13.4")):
    """G3-PLC MAC setup: addresses, keys, tables and parameters of the MAC layer."""

    mac_short_address = attribute(2, LONG_UNSIGNED, dynamic=True)
    mac_rc_coord = attribute(3, LONG_UNSIGNED, dynamic=True)
    mac_pan_id = attribute(4, LONG_UNSIGNED, dynamic=True)
    mac_key_table = attribute(5, array(structure(key_id=UNSIGNED, key=OCTET_STRING)), dynamic=True, secret=True)
    mac_frame_counter = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    mac_tone_mask = attribute(7, BIT_STRING)
    mac_tmr_ttl = attribute(8, UNSIGNED)
    mac_max_frame_retries = attribute(9, UNSIGNED)
    mac_neighbour_table_entry_ttl = attribute(10, UNSIGNED)
    mac_neighbour_table = attribute(11, array(NEIGHBOUR), dynamic=True)
    mac_high_priority_window_size = attribute(12, UNSIGNED)
    mac_csma_fairness_limit = attribute(13, UNSIGNED)
    mac_beacon_randomization_window_length = attribute(14, UNSIGNED)
    mac_a = attribute(15, UNSIGNED)
    mac_k = attribute(16, UNSIGNED)
    mac_min_cw_attempts = attribute(17, UNSIGNED)
    mac_cenelec_legacy_mode = attribute(18, UNSIGNED)
    mac_fcc_legacy_mode = attribute(19, UNSIGNED)
    mac_max_be = attribute(20, UNSIGNED)
    mac_max_csma_backoffs = attribute(21, UNSIGNED)
    mac_min_be = attribute(22, UNSIGNED)

    @method(1, LONG_UNSIGNED, returns=array(NEIGHBOUR))
    def mac_get_neighbour_table_entry(self, data: int, now: float) -> list[Any]:
        """The entries of the neighbour table for one short address."""
        return [entry for entry in self.get(11, now) if entry[0] == data]


class G3MacSetupV1(G3MacSetup, class_id=91, version=1):
    """G3-PLC MAC setup, version 1: the same members."""


class G3MacSetupV2(G3MacSetupV1, class_id=91, version=2):
    """G3-PLC MAC setup: attenuation and a table of the personal operating space."""

    mac_broadcast_max_cw_enabled = attribute(23, BOOLEAN)
    mac_transmit_atten = attribute(24, UNSIGNED)
    mac_pos_table = attribute(25, array(POS_ENTRY), dynamic=True)


class G3MacSetupV3(G3MacSetupV2, class_id=91, version=3):
    """G3-PLC MAC setup: frames that come twice are found for a while, in seconds."""

    mac_duplicate_detection_ttl = attribute(26, UNSIGNED)

    @method(2, LONG_UNSIGNED, returns=array(POS_ENTRY))
    def mac_get_pos_table_entry(self, data: int, now: float) -> list[Any]:
        """The entries of the POS table for one short address."""
        return [entry for entry in self.get(25, now) if entry[0] == data]


class G3MacSetupV4(G3MacSetupV3, class_id=91, version=4, methods_at=0xE8):
    """G3-PLC MAC setup: recent entries of the personal operating space, length of the preamble."""

    mac_pos_table_entry_ttl = attribute(10, UNSIGNED)
    mac_pos_recent_entry_threshold = attribute(27, UNSIGNED)
    mac_pos_recent_entries = attribute(28, LONG_UNSIGNED)
    mac_preamble_length = attribute(29, UNSIGNED)
