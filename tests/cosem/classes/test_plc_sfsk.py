"""S-FSK power line: facts of the tables in Blue Book Ed. 16, 4.10, and what the methods do."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.plc_sfsk import (
    NO_INITIATOR,
    Iec61334LlcSetup,
    Iec61334LlcSetupV1,
    SFskActiveInitiator,
    SFskMacCounters,
    SFskMacSynchronizationTimeouts,
    SFskPhyMacSetup,
    SFskPhyMacSetupV1,
    SFskReportingSystemList,
)
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

PHY_MAC = """
2 initiator_electrical_phase:en
3 delta_electrical_phase:en*
4 max_receiving_gain:u8
5 max_transmitting_gain:u8
6 search_initiator_threshold:u8
7 frequencies:st{mark_frequency u32, space_frequency u32}
8 mac_address:u16*
9 mac_group_addresses:ar u16
10 repeater:en
11 repeater_status:b*
12 min_delta_credit:u8*
13 initiator_mac_address:u16*
14 synchronization_locked:b*
"""
INITIATOR = "2 active_initiator:st{system_title os, mac_address u16, l_sap_selector u8}*"
TIMEOUTS = """
2 search_initiator_timeout:u16
3 synchronization_confirmation_timeout:u16
4 time_out_not_addressed:u16
5 time_out_frame_not_ok:u16
"""
COUNTERS = """
4 broadcast_frames_counter:ar st{mac_address u16, counter u32}*
5 repetitions_counter:u32*
6 transmissions_counter:u32*
7 crc_ok_frames_counter:u32*
8 crc_nok_frames_counter:u32*
"""
REPLIES = "3 reply_status_list:ar st{l_sap_selector u8, length_of_waiting_l_sdu u8}*"


@pytest.mark.parametrize(
    ("cls", "number", "table"),
    [
        (SFskPhyMacSetup, (50, 0), PHY_MAC),
        (SFskPhyMacSetupV1, (50, 1), PHY_MAC + "15 transmission_speed:en"),
        (SFskActiveInitiator, (51, 0), INITIATOR),
        (SFskMacSynchronizationTimeouts, (52, 0), TIMEOUTS),
        (Iec61334LlcSetup, (55, 0), f"2 max_frame_length:u8\n{REPLIES}"),
        (Iec61334LlcSetupV1, (55, 1), f"2 max_frame_length:u16\n{REPLIES}"),
        (SFskReportingSystemList, (56, 0), "2 reporting_system_list:ar os*"),
    ],
)
def test_attributes(cls, number, table):
    assert (cls.class_id, cls.version) == number
    assert attributes(cls) == rows(table)


def test_attributes_of_the_counters():
    register, listing, *others = attributes(SFskMacCounters)
    assert register == "2 synchronization_register:ar st{mac_address u16, counter u32}*"
    assert listing.count("u32") == 5
    assert listing.startswith("3 desynchronization_listing:st{")
    assert others == rows(COUNTERS)


def test_methods():
    assert methods(SFskActiveInitiator) == ["1 reset_new_not_synchronized(u16) +10"]
    assert methods(SFskMacCounters) == ["1 reset(i8) +50"]
    for cls in (SFskPhyMacSetupV1, SFskMacSynchronizationTimeouts, Iec61334LlcSetupV1, SFskReportingSystemList):
        assert methods(cls) == []


@pytest.mark.parametrize(
    ("found", "value", "words"),
    [
        (SFskPhyMacSetup.initiator_electrical_phase, 3, "phase 3"),
        (SFskPhyMacSetup.delta_electrical_phase, 5, "-120 degrees"),
        (SFskPhyMacSetup.repeater, 0, "never"),
        (SFskPhyMacSetup.repeater, 2, "dynamic"),
        (SFskPhyMacSetupV1.transmission_speed, 6, "7200 Bd"),
    ],
)
def test_words(found, value, words):
    assert found.words[value] == words


def test_counters_are_reset():
    counters = SFskMacCounters(
        "0-0:26.3.0*255",
        synchronization_register=[(1, 7)],
        desynchronization_listing=(1, 2, 3, 4, 5),
        crc_ok_frames_counter=2**32 - 1,
    )
    counters.invoke(1, b"\x0f\x00", 0)
    assert counters.synchronization_register == []
    assert counters.desynchronization_listing == (0, 0, 0, 0, 0)
    assert counters.crc_ok_frames_counter == 0


def test_the_initiator_is_forgotten_by_its_own_address_only():
    server = SFskActiveInitiator("0-0:26.1.0*255", active_initiator=(b"ABC12345", 0xC01, 1))
    with pytest.raises(AccessError) as refused:
        server.invoke(1, b"\x12\x0c\x02", 0)
    assert refused.value.result == 250
    assert server.active_initiator == (b"ABC12345", 0xC01, 1)
    server.invoke(1, b"\x12\x0c\x01", 0)
    assert server.active_initiator == NO_INITIATOR


def test_no_initiator_at_first():
    assert SFskActiveInitiator("0-0:26.1.0*255").encoded(2, 0).hex() == "0203" + "0908" + 16 * "0" + "120000" + "1100"


def test_frequencies_as_octets():
    phy = SFskPhyMacSetupV1("0-0:26.0.0*255", frequencies=(63_300, 74_000))
    assert phy.encoded(7, 0).hex() == "0202060000f7440600012110"
    with pytest.raises(AccessError):
        phy.write(7, bytes.fromhex("020212f74412f744"), 0)
