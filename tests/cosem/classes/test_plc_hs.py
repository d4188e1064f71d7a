"""High-speed power line: facts of the tables in Blue Book Ed. 16, 4.14."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.plc_hs import HsPlcCpasSetup, HsPlcHdlcSsasSetup, HsPlcIpSsasSetup, HsPlcMacSetup
from class_cases import attributes, methods, rows

MAC = """
2 group_id:u64
3 secondary_group_id:u64
4 station_id:u64
5 parent_station_id:u64
6 repeater_status:b
7 encryption_mode:en
8 initial_encryption_key:os!
9 rts_cts:b
"""
CPAS = """
2 cpas_address:u64
3 cpas_ether_type:u16
4 master_station_cpas_address:u64
"""
IP = """
2 ip_header_comp_type:en
3 ip_alive_time:u16
"""


@pytest.mark.parametrize(
    ("cls", "class_id", "table"),
    [
        (HsPlcMacSetup, 140, MAC),
        (HsPlcCpasSetup, 141, CPAS),
        (HsPlcIpSsasSetup, 142, IP),
        (HsPlcHdlcSsasSetup, 143, "2 master_station_id:u64"),
    ],
)
def test_attributes(cls, class_id, table):
    assert (cls.class_id, cls.version) == (class_id, 0)
    assert attributes(cls) == rows(table)
    assert methods(cls) == []


def test_an_identifier_has_64_bits():
    station = HsPlcMacSetup("0-0:33.0.0*255", station_id=2**64 - 1)
    assert station.encoded(4, 0).hex() == "15" + 16 * "f"
