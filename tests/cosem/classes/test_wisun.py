"""Wi-SUN: facts of the tables in Blue Book Ed. 16, 4.18, and what reset does."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.wisun import MplDiagnostic, RplDiagnostic, WiSunDiagnostic, WiSunSetup
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

SETUP = """
2 network_name:os
3 routing_method:en*
4 pan_id:u16*
5 disc_imin:u8
6 disc_imax:u8
7 data_message_imin:u8
8 data_message_imax:u8
9 default_dio_interval_min:u8
10 default_dio_interval_doublings:u8
11 channel_plan:CH
12 channel_function:en
13 excluded_channels:CH
14 join_state:en*
15 reg_channel_exclusions:CH
"""
DIAGNOSTIC = """
2 sysdescr:os*
3 ifnumber:i8*
4 iftable:ar CH*
5 neighbour_table_information:ar CH*
6 transmission_information:ar CH*
"""
RPL = """
2 rpl_instance_id:u8*
3 dodag_version_number:u8*
4 dodag_rank:i16*
5 grounded:b*
6 mode_of_operation:en*
7 dodag_prf:u8*
8 dodag_dtsn:u8*
9 dodag_id:os*
"""
MPL = """
2 proactive_forwarding:b*
3 z:u8*
4 tunit:u8*
5 se_lifetime:u16*
6 dm_k:u8*
7 dm_imin:u16*
8 dm_imax:u8*
9 dm_t_exp:u16*
10 c_k:u8*
11 c_imin:u16*
12 c_imax:u8*
13 c_t_exp:u16*
"""


@pytest.mark.parametrize(
    ("cls", "class_id", "table", "method"),
    [
        (WiSunSetup, 95, SETUP, "1 reset_join_state(i8) +78"),
        (WiSunDiagnostic, 96, DIAGNOSTIC, "1 reset(i8) +30"),
        (RplDiagnostic, 97, RPL, "1 reset(i8) +48"),
        (MplDiagnostic, 98, MPL, "1 reset(i8) +70"),
    ],
)
def test_members(cls, class_id, table, method):
    assert (cls.class_id, cls.version) == (class_id, 0)
    assert attributes(cls) == rows(table)
    assert methods(cls) == [method]


@pytest.mark.parametrize("octets", ["0203160111021201ff", "090101", "00", "0102110111ff"])
def test_a_layout_that_is_not_known_is_kept_as_it_comes(octets):
    setup = WiSunSetup("0-0:36.0.0*255")
    setup.write(11, bytes.fromhex(octets), 0)
    assert setup.encoded(11, 0) == bytes.fromhex(octets)


def test_reset_empties_what_was_gathered():
    diagnostic = WiSunDiagnostic("0-0:36.1.0*255", sysdescr=b"meter")
    diagnostic.write(5, bytes.fromhex("010102021101120002"), 0)
    assert len(diagnostic.neighbour_table_information) == 1
    diagnostic.invoke(1, b"\x0f\x00", 0)
    assert diagnostic.neighbour_table_information == []
    assert diagnostic.encoded(5, 0) == b"\x01\x00"
    assert diagnostic.sysdescr == b"meter"


@pytest.mark.parametrize(("cls", "changed"), [(RplDiagnostic, {"dodag_rank": -5}), (MplDiagnostic, {"z": 7})])
def test_reset_sets_to_where_it_begins(cls, changed):
    obj = cls("0-0:36.2.0*255", **changed)
    obj.invoke(1, None, 0)
    assert [getattr(obj, name) for name in changed] == [0]


def test_joining_anew_needs_a_network():
    with pytest.raises(AccessError) as refused:
        WiSunSetup("0-0:36.0.0*255").invoke(1, None, 0)
    assert refused.value.result == 250
