"""LLC by ISO/IEC 8802-2: facts of the tables in Blue Book Ed. 16, 4.11."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.plc_llc import LlcType1Setup, LlcType2Setup, LlcType3Setup
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

TYPE_2 = """
2 transmit_window_size_k:u8
3 receive_window_size_rw:u8
4 max_octets_i_pdu_n1:u16
5 max_number_transmissions_n2:u8
6 acknowledgement_timer:u16
7 p_bit_timer:u16
8 reject_timer:u16
9 busy_state_timer:u16
"""
TYPE_3 = """
2 max_octets_acn_pdu_n3:u16
3 max_number_transmissions_n4:u8
4 acknowledgement_time_t1:u16
5 receive_lifetime_var_t2:u16
6 transmit_lifetime_var_t3:u16
"""


@pytest.mark.parametrize(
    ("cls", "class_id", "table"),
    [(LlcType1Setup, 57, "2 max_octets_ui_pdu:u16"), (LlcType2Setup, 58, TYPE_2), (LlcType3Setup, 59, TYPE_3)],
)
def test_attributes(cls, class_id, table):
    assert (cls.class_id, cls.version) == (class_id, 0)
    assert attributes(cls) == rows(table)
    assert methods(cls) == []


def test_a_window_is_one_octet():
    llc = LlcType2Setup("0-0:27.1.0*255")
    llc.write(2, b"\x11\x7f", 0)
    assert llc.transmit_window_size_k == 127
    with pytest.raises(AccessError) as refused:
        llc.write(2, b"\x12\x00\x7f", 0)
    assert refused.value.result == 12
