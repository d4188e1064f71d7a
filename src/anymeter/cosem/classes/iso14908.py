"""Power line by ISO/IEC 14908. Classes 130 to 133. Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.19; IEC 62056-8-8:2020."""

from __future__ import annotations

from anymeter.cosem.classes.parts import blue_book, clearing
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, ENUM, INTEGER, LONG_UNSIGNED, OCTET_STRING, UNSIGNED


class Iso14908Identification(InterfaceClass, class_id=130, clause=blue_book("4.19.2")):
    """ISO/IEC 14908 identification: the device and the network it is connected to."""

    node_id = attribute(2, UNSIGNED)
    subnet_id = attribute(3, UNSIGNED)
    domain_id = attribute(4, OCTET_STRING)
    program_id = attribute(5, OCTET_STRING)
    unique_node_id = attribute(6, OCTET_STRING)


class Iso14908ProtocolSetup(InterfaceClass, class_id=131, clause=blue_book("4.19.3")):
    """ISO/IEC 14908 protocol setup: minutes of silence after which a node counts as unreachable."""

    inactivity_timeout = attribute(2, LONG_UNSIGNED)


class Iso14908ProtocolStatus(InterfaceClass, class_id=132, clause=blue_book("4.19.4")):
    """ISO/IEC 14908 protocol status: what the protocol counts."""

    transmission_errors = attribute(2, LONG_UNSIGNED, dynamic=True)
    transmit_tx_failure = attribute(3, LONG_UNSIGNED, dynamic=True)
    transmit_tx_retries = attribute(4, LONG_UNSIGNED, dynamic=True)
    receive_tx_full = attribute(5, LONG_UNSIGNED, dynamic=True)
    lost_messages = attribute(6, LONG_UNSIGNED, dynamic=True)
    missed_messages = attribute(7, LONG_UNSIGNED, dynamic=True)
    layer2_received = attribute(8, LONG_UNSIGNED, dynamic=True)
    layer3_received = attribute(9, LONG_UNSIGNED, dynamic=True)
    messages_received = attribute(10, DOUBLE_LONG_UNSIGNED, dynamic=True)
    messages_validated = attribute(11, DOUBLE_LONG_UNSIGNED, dynamic=True)


class Iso14908ProtocolStatusV1(Iso14908ProtocolStatus, class_id=132, version=1, methods_at=0x70):
    """ISO/IEC 14908 protocol status: counters that can be reset."""

    reset = clearing(1, "Set every counter to zero.")


class Iso14908Diagnostic(InterfaceClass, class_id=133, clause=blue_book("4.19.5")):
    """ISO/IEC 14908 diagnostic: state of the device in the network."""

    plc_signal_quality_status = attribute(2, ENUM, dynamic=True)
    com_module_state = attribute(3, ENUM, dynamic=True)
    received_message_status = attribute(4, UNSIGNED, dynamic=True)
    no_receive_buffer = attribute(5, LONG_UNSIGNED, dynamic=True)
    transmit_no_data = attribute(6, LONG_UNSIGNED, dynamic=True)
    backlog_overflows = attribute(7, LONG_UNSIGNED, dynamic=True)
    late_ack = attribute(8, LONG_UNSIGNED, dynamic=True)
    frequency_invalid = attribute(9, LONG_UNSIGNED, dynamic=True)


class Iso14908DiagnosticV1(Iso14908Diagnostic, class_id=133, version=1, methods_at=0x60):
    """ISO/IEC 14908 diagnostic: counters that can be reset."""

    @method(1, INTEGER)
    def reset(self, data: int, now: float) -> None:
        """Set every counter to zero; states stay as they are."""
        for number in range(5, 10):
            self.put(number, 0, now)
