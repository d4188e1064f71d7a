"""Power line by S-FSK: physical layer, MAC, LLC and the systems that report. Classes 50 to 53, 55, 56.

Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.10.
"""

from __future__ import annotations

from typing import Final

from anymeter.cosem.classes.parts import blue_book, clearing, declined
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import (
    BOOLEAN,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    array,
    structure,
)

PHASES: Final = {0: "not defined", 1: "phase 1", 2: "phase 2", 3: "phase 3"}
DELTAS: Final = {
    0: "not defined",
    1: "same phase",
    2: "60 degrees",
    3: "120 degrees",
    4: "180 degrees",
    5: "-120 degrees",
    6: "-60 degrees",
}
REPEATS: Final = {0: "never", 1: "always", 2: "dynamic"}


class SFskPhyMacSetup(InterfaceClass, class_id=50, clause=blue_book("4.10.3")):
    """S-FSK Phy&MAC setup: gains, frequencies and addresses of a node. Frequencies in hertz."""

    initiator_electrical_phase = attribute(2, ENUM, words=PHASES)
    delta_electrical_phase = attribute(3, ENUM, dynamic=True, words=DELTAS)
    max_receiving_gain = attribute(4, UNSIGNED)
    max_transmitting_gain = attribute(5, UNSIGNED)
    search_initiator_threshold = attribute(6, UNSIGNED)
    frequencies = attribute(7, structure(mark_frequency=DOUBLE_LONG_UNSIGNED, space_frequency=DOUBLE_LONG_UNSIGNED))
    mac_address = attribute(8, LONG_UNSIGNED, dynamic=True)
    mac_group_addresses = attribute(9, array(LONG_UNSIGNED))
    repeater = attribute(10, ENUM, words=REPEATS)
    repeater_status = attribute(11, BOOLEAN, dynamic=True)
    min_delta_credit = attribute(12, UNSIGNED, dynamic=True)
    initiator_mac_address = attribute(13, LONG_UNSIGNED, dynamic=True)
    synchronization_locked = attribute(14, BOOLEAN, dynamic=True)


class SFskPhyMacSetupV1(SFskPhyMacSetup, class_id=50, version=1):
    """S-FSK Phy&MAC setup: the transmission speed may be chosen."""

    transmission_speed = attribute(
        15,
        ENUM,
        words={0: "50 Bd", 1: "300 Bd", 2: "600 Bd", 3: "1200 Bd", 4: "2400 Bd", 5: "4800 Bd", 6: "7200 Bd"},
    )


NO_INITIATOR: Final = (bytes(8), 0, 0)


class SFskActiveInitiator(InterfaceClass, class_id=51, methods_at=0x10, clause=blue_book("4.10.4")):
    """S-FSK active initiator: the client that has registered the server last."""

    active_initiator = attribute(
        2,
        structure(system_title=OCTET_STRING, mac_address=LONG_UNSIGNED, l_sap_selector=UNSIGNED),
        dynamic=True,
        default=NO_INITIATOR,
    )

    @method(1, LONG_UNSIGNED)
    def reset_new_not_synchronized(self, data: int, now: float) -> None:
        """Forget the active initiator; refused when *data* is not its MAC address."""
        if data != self.active_initiator[1]:
            raise declined(self, f"initiator {data}")
        self.put(2, NO_INITIATOR, now)


class SFskMacSynchronizationTimeouts(InterfaceClass, class_id=52, clause=blue_book("4.10.5")):
    """S-FSK MAC synchronization timeouts, in seconds; 0 switches one off."""

    search_initiator_timeout = attribute(2, LONG_UNSIGNED)
    synchronization_confirmation_timeout = attribute(3, LONG_UNSIGNED)
    time_out_not_addressed = attribute(4, LONG_UNSIGNED)
    time_out_frame_not_ok = attribute(5, LONG_UNSIGNED)


COUNTED_BY_ADDRESS: Final = array(structure(mac_address=LONG_UNSIGNED, counter=DOUBLE_LONG_UNSIGNED))


class SFskMacCounters(InterfaceClass, class_id=53, methods_at=0x50, clause=blue_book("4.10.6")):
    """S-FSK MAC counters: frames and synchronizations; each counter goes on at zero after its highest value."""

    synchronization_register = attribute(2, COUNTED_BY_ADDRESS, dynamic=True)
    desynchronization_listing = attribute(
        3,
        structure(
            nb_physical_layer_desynchronization=DOUBLE_LONG_UNSIGNED,
            nb_time_out_not_addressed_desynchronization=DOUBLE_LONG_UNSIGNED,
            nb_time_out_frame_not_ok_desynchronization=DOUBLE_LONG_UNSIGNED,
            nb_write_request_desynchronization=DOUBLE_LONG_UNSIGNED,
            nb_wrong_initiator_desynchronization=DOUBLE_LONG_UNSIGNED,
        ),
        dynamic=True,
    )
    broadcast_frames_counter = attribute(4, COUNTED_BY_ADDRESS, dynamic=True)
    repetitions_counter = attribute(5, DOUBLE_LONG_UNSIGNED, dynamic=True)
    transmissions_counter = attribute(6, DOUBLE_LONG_UNSIGNED, dynamic=True)
    crc_ok_frames_counter = attribute(7, DOUBLE_LONG_UNSIGNED, dynamic=True)
    crc_nok_frames_counter = attribute(8, DOUBLE_LONG_UNSIGNED, dynamic=True)

    reset = clearing(1, "Set every counter to zero.")


class Iec61334LlcSetup(InterfaceClass, class_id=55, clause=blue_book("4.10.7")):
    """IEC 61334-4-32 LLC setup: frame length, and which L-SAPs have something waiting."""

    max_frame_length = attribute(2, UNSIGNED)
    reply_status_list = attribute(
        3, array(structure(l_sap_selector=UNSIGNED, length_of_waiting_l_sdu=UNSIGNED)), dynamic=True
    )


class Iec61334LlcSetupV1(Iec61334LlcSetup, class_id=55, version=1):
    """IEC 61334-4-32 LLC setup: longer frames."""

    max_frame_length = attribute(2, LONG_UNSIGNED)


class SFskReportingSystemList(InterfaceClass, class_id=56, clause=blue_book("4.10.8")):
    """S-FSK reporting system list: system titles of servers that reported and are not registered, newest first."""

    reporting_system_list = attribute(2, array(OCTET_STRING), dynamic=True)
