"""LLC by ISO/IEC 8802-2, types 1 to 3. Classes 57 to 59. Source: DLMS UA 1000-1 Ed. 16, Part 2, 4.11."""

from __future__ import annotations

from anymeter.cosem.classes.parts import blue_book
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import LONG_UNSIGNED, UNSIGNED


class LlcType1Setup(InterfaceClass, class_id=57, clause=blue_book("4.11.2")):
    """ISO/IEC 8802-2 LLC type 1 setup: connectionless."""

    max_octets_ui_pdu = attribute(2, LONG_UNSIGNED)


class LlcType2Setup(InterfaceClass, class_id=58, clause=blue_book("4.11.3")):
    """ISO/IEC 8802-2 LLC type 2 setup: with connections. Timers in seconds."""

    transmit_window_size_k = attribute(2, UNSIGNED)
    receive_window_size_rw = attribute(3, UNSIGNED)
    max_octets_i_pdu_n1 = attribute(4, LONG_UNSIGNED)
    max_number_transmissions_n2 = attribute(5, UNSIGNED)
    acknowledgement_timer = attribute(6, LONG_UNSIGNED)
    p_bit_timer = attribute(7, LONG_UNSIGNED)
    reject_timer = attribute(8, LONG_UNSIGNED)
    busy_state_timer = attribute(9, LONG_UNSIGNED)


class LlcType3Setup(InterfaceClass, class_id=59, clause=blue_book("4.11.4")):
    """ISO/IEC 8802-2 LLC type 3 setup: acknowledged and connectionless. Times in seconds, all ones for ever."""

    max_octets_acn_pdu_n3 = attribute(2, LONG_UNSIGNED)
    max_number_transmissions_n4 = attribute(3, UNSIGNED)
    acknowledgement_time_t1 = attribute(4, LONG_UNSIGNED)
    receive_lifetime_var_t2 = attribute(5, LONG_UNSIGNED)
    transmit_lifetime_var_t3 = attribute(6, LONG_UNSIGNED)
