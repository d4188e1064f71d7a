"""Power line by ISO/IEC 14908: facts of the tables in Blue Book Ed. 16, 4.19, and what reset does."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.iso14908 import (
    Iso14908Diagnostic,
    Iso14908DiagnosticV1,
    Iso14908Identification,
    Iso14908ProtocolSetup,
    Iso14908ProtocolStatus,
    Iso14908ProtocolStatusV1,
)
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

IDENTIFICATION = """
2 node_id:u8
3 subnet_id:u8
4 domain_id:os
5 program_id:os
6 unique_node_id:os
"""
STATUS = """
2 transmission_errors:u16*
3 transmit_tx_failure:u16*
4 transmit_tx_retries:u16*
5 receive_tx_full:u16*
6 lost_messages:u16*
7 missed_messages:u16*
8 layer2_received:u16*
9 layer3_received:u16*
10 messages_received:u32*
11 messages_validated:u32*
"""
DIAGNOSTIC = """
2 plc_signal_quality_status:en*
3 com_module_state:en*
4 received_message_status:u8*
5 no_receive_buffer:u16*
6 transmit_no_data:u16*
7 backlog_overflows:u16*
8 late_ack:u16*
9 frequency_invalid:u16*
"""


@pytest.mark.parametrize(
    ("cls", "number", "table"),
    [
        (Iso14908Identification, (130, 0), IDENTIFICATION),
        (Iso14908ProtocolSetup, (131, 0), "2 inactivity_timeout:u16"),
        (Iso14908ProtocolStatus, (132, 0), STATUS),
        (Iso14908ProtocolStatusV1, (132, 1), STATUS),
        (Iso14908Diagnostic, (133, 0), DIAGNOSTIC),
        (Iso14908DiagnosticV1, (133, 1), DIAGNOSTIC),
    ],
)
def test_attributes(cls, number, table):
    assert (cls.class_id, cls.version) == number
    assert attributes(cls) == rows(table)


def test_counters_can_be_reset_since_version_1():
    assert methods(Iso14908ProtocolStatusV1) == ["1 reset(i8) +70"]
    assert methods(Iso14908DiagnosticV1) == ["1 reset(i8) +60"]
    assert methods(Iso14908ProtocolStatus) == methods(Iso14908Diagnostic) == []
    with pytest.raises(AccessError):
        Iso14908ProtocolStatus("0-0:35.2.0*255").invoke(1, b"\x0f\x00", 0)


def test_reset_of_the_status():
    status = Iso14908ProtocolStatusV1("0-0:35.2.0*255", lost_messages=3, messages_validated=70_000)
    status.invoke(1, b"\x0f\x00", 0)
    assert (status.lost_messages, status.messages_validated) == (0, 0)


def test_reset_of_the_diagnostic_leaves_the_states():
    diagnostic = Iso14908DiagnosticV1("0-0:35.3.0*255", com_module_state=2, late_ack=5, received_message_status=9)
    diagnostic.invoke(1, b"\x0f\x00", 0)
    assert (diagnostic.com_module_state, diagnostic.received_message_status, diagnostic.late_ack) == (2, 9, 0)
