"""Local ports, HDLC and twisted pair: facts of the tables in Blue Book Ed. 16, 4.7.1 to 4.7.3."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.local_ports import (
    IecHdlcSetup,
    IecHdlcSetupV1,
    IecLocalPortSetup,
    IecLocalPortSetupV1,
    IecTwistedPairSetup,
    IecTwistedPairSetupV1,
)
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

PORT = """
2 default_mode:en
3 default_baud:en
4 prop_baud:en
5 response_time:en
6 device_addr:os
7 pass_p1:os!
8 pass_p2:os!
9 pass_w5:os!
"""
HDLC = """
2 comm_speed:en
3 window_size_transmit:u8
4 window_size_receive:u8
5 max_info_field_length_transmit:u16
6 max_info_field_length_receive:u16
7 inter_octet_time_out:u16
8 inactivity_time_out:u16
9 device_address:u16
"""
PAIR_0 = """
2 secondary_address:os6
3 primary_address_list:ar u8
4 tabi_list:ar i8
5 fatal_error:en*
"""
PAIR_1 = """
2 mode:en
3 speed:en
4 primary_address_list:ar u8
5 tabi_list:ar i8
"""


@pytest.mark.parametrize(
    ("cls", "number", "table"),
    [
        (IecLocalPortSetup, (19, 0), PORT),
        (IecLocalPortSetupV1, (19, 1), PORT),
        (IecHdlcSetupV1, (23, 1), HDLC),
        (IecTwistedPairSetup, (24, 0), PAIR_0),
        (IecTwistedPairSetupV1, (24, 1), PAIR_1),
    ],
)
def test_attributes(cls, number, table):
    assert (cls.class_id, cls.version) == number
    assert attributes(cls) == rows(table)
    assert methods(cls) == []


def test_the_first_hdlc_setup_had_short_fields():
    first = attributes(IecHdlcSetup)
    assert [a for a in first if "info_field" in a] == [
        "5 max_info_field_length_transmit:u8",
        "6 max_info_field_length_receive:u8",
    ]
    assert len(first) == 8


def test_defaults_of_hdlc():
    port = IecHdlcSetupV1("0-0:22.0.0*255")
    assert [port.get(n, 0) for n in range(2, 10)] == [5, 1, 1, 128, 128, 25, 120, 0]
    assert port.encoded(5, 0).hex() == "120080"
    assert IecHdlcSetup("0-0:22.0.0*255").encoded(5, 0).hex() == "1180"


@pytest.mark.parametrize(
    ("number", "value", "words"),
    [(2, 0, "IEC 62056-21"), (2, 2, "not specified"), (3, 0, "300 Bd"), (4, 5, "9600 Bd"), (5, 1, "200 ms")],
)
def test_words_of_a_local_port(number, value, words):
    assert IecLocalPortSetupV1.attributes[number].words[value] == words


def test_a_mode_left_open_came_later():
    assert 2 not in IecLocalPortSetup.default_mode.words


def test_longer_fields_are_written_to_the_new_version_only():
    new, old = IecHdlcSetupV1("0-0:22.0.0*255"), IecHdlcSetup("0-0:22.0.0*255")
    new.write(5, b"\x12\x07\xee", 0)
    assert new.max_info_field_length_transmit == 2030
    with pytest.raises(AccessError) as refused:
        old.write(5, b"\x12\x07\xee", 0)
    assert refused.value.result == 12


@pytest.mark.parametrize("octets", ["0905 0102030405", "0907 01020304050607", "0a06 414243444546"])
def test_a_secondary_address_has_six_octets(octets):
    with pytest.raises(AccessError):
        IecTwistedPairSetup("0-0:23.0.0*255").write(2, bytes.fromhex(octets), 0)
