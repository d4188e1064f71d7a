"""ACTION at the server: one method, lists, parameters and results in blocks, what ends a transfer."""

import pytest

from anymeter.cosem.enums import Conformance
from anymeter.dlms import apdu
from anymeter.wire import length_of
from dlms_meter import GAUGE, GUARDED, Meter, hexed, without


@pytest.fixture
def meter():
    return Meter().opened()


def test_a_method_is_invoked(meter):
    assert meter.ask(f"C301C1 {GAUGE} 01 01 0F00") == "C701C10000"
    assert meter.gauge.presses == 1


def test_the_parameter_integer_0_may_be_left_out(meter):
    assert meter.ask(f"C301C1 {GAUGE} 01 00") == "C701C10000"


def test_a_method_returns_a_value(meter):
    assert meter.ask(f"C301C1 {GAUGE} 02 01 0902 4142") == "C701C1000100" + "090441424142"


@pytest.mark.parametrize(
    ("octets", "result"),
    [
        ("2008 0100020800FF 01 00", 4),
        ("2009 0100010800FF 01 00", 9),
        (f"{GAUGE} 09 00", 4),
        (f"{GAUGE} FF 00", 4),
        ("2009 0000600101FF 01 00", 4),
        (f"{GAUGE} 01 01 0901 41", 12),
        (f"{GAUGE} 05 00", 2),
    ],
    ids=["object", "class", "method", "method -1", "a class without methods", "type", "refused by the object"],
)
def test_what_cannot_be_invoked_tells_why(meter, octets, result):
    assert meter.ask(f"C301C1 {octets}") == f"C701C1{result:02X}00"
    assert meter.gauge.presses == 0


def test_a_right_that_demands_protection_denies_a_plain_request():
    meter = Meter().opened(GUARDED)
    assert meter.ask(f"C301C1 {GAUGE} 01 00", GUARDED) == "C701C10300"
    assert meter.ask(f"C301C1 {GAUGE} 02 00", GUARDED) == "C701C10300"


def test_a_mistake_of_ours_is_other_reason_and_told_to_whoever_runs_the_server(meter):
    assert meter.ask(f"C301C1 {GAUGE} 03 00") == "C701C1FA00"
    assert meter.ask(f"C301C1 {GAUGE} 04 00") == "C701C1FA00"
    assert [type(error).__name__ for _, error in meter.server.faults] == ["LocalError", "ZeroDivisionError"]
    assert meter.ask(f"C301C1 {GAUGE} 01 00") == "C701C10000"


def test_an_unconfirmed_request_is_done_and_not_answered(meter):
    assert meter.ask(f"C30181 {GAUGE} 01 00") == ""
    assert meter.gauge.presses == 1


def test_a_list_is_done_in_order_whatever_becomes_of_the_others(meter):
    asked = f"C303C1 04 {GAUGE} 01 {GAUGE} 05 {GAUGE} 02 {GAUGE} 01 04 00 00 0901 41 0F00"
    assert meter.ask(asked) == hexed("C703C1 04 0000 0200 00 01 00 0902 4141 0000")
    assert meter.gauge.presses == 2


def test_a_list_with_too_few_parameters_is_refused(meter):
    assert meter.ask(f"C303C1 02 {GAUGE} 01 {GAUGE} 01 01 00") == "D80103"
    assert meter.gauge.presses == 0


@pytest.mark.parametrize(
    ("bit", "octets"),
    [
        (Conformance.action, f"C301C1 {GAUGE} 01 00"),
        (Conformance.multiple_references, f"C303C1 01 {GAUGE} 01 01 00"),
        (Conformance.block_transfer_with_action, f"C304C1 {GAUGE} 01 01 00000001 01 00"),
        (Conformance.block_transfer_with_action, "C302C1 00000001"),
        (Conformance.block_transfer_with_action, "C306C1 01 00000001 01 00"),
        (Conformance.multiple_references, f"C305C1 01 {GAUGE} 01 01 00000001 02 01 00"),
    ],
)
def test_what_was_not_negotiated_is_refused(bit, octets):
    meter = Meter().opened(conformance=without(bit))
    assert meter.ask(octets) == "D80102"
    assert meter.gauge.presses == 0


# --- blocks of parameters ---


def sent(meter, head, raw, size):
    parts = [raw[at : at + size] for at in range(0, len(raw), size)]
    for number, part in enumerate(parts, 1):
        last = number == len(parts)
        block = bytes((last,)) + number.to_bytes(4, "big") + length_of(len(part)) + part
        (answer,) = meter.send((bytes.fromhex(head) if number == 1 else b"\xc3\x06\xc1") + block)
        if not last:
            assert answer == b"\xc7\x04\xc1" + number.to_bytes(4, "big")
    return answer.hex().upper()


@pytest.mark.parametrize("size", [1, 2, 7, 200])
def test_parameters_in_blocks(meter, size):
    raw = bytes.fromhex("0964") + bytes(range(100))
    answer = sent(meter, f"C304C1 {GAUGE} 02", raw, size)
    assert answer == "C701C1000100" + "0981C8" + (bytes(range(100)) * 2).hex().upper()


def test_parameters_of_a_list_in_blocks(meter):
    head = f"C305C1 02 {GAUGE} 01 {GAUGE} 02"
    assert sent(meter, head, bytes.fromhex("02 0F00 0901 41"), 2) == hexed("C703C1 02 0000 00 01 00 0902 4141")


def test_joined_blocks_that_are_no_parameters_are_unmatched(meter):
    assert sent(meter, f"C304C1 {GAUGE} 02", b"\x09\x05A", 2) == "C701C10C00"
    assert sent(meter, f"C305C1 02 {GAUGE} 01 {GAUGE} 01", b"\x01\x00", 1) == "C703C1020C000C00"
    assert meter.gauge.presses == 0


FIRST = f"C304C1 {GAUGE} 02 00 00000001 02 0902"


def test_a_block_sent_twice_is_acknowledged_twice_and_taken_once(meter):
    assert meter.ask(FIRST) == meter.ask(FIRST) == "C704C100000001"
    assert meter.ask("C306C1 01 00000002 02 4142") == "C701C1000100" + "090441424142"


@pytest.mark.parametrize("number", ["00000000", "00000003"])
def test_a_wrong_number_aborts(meter, number):
    meter.ask(FIRST)
    assert meter.ask(f"C306C1 00 {number} 01 41") == "C701C10F00"
    assert meter.ask("C306C1 01 00000002 02 4142") == "C701C11000"


def test_without_a_transfer_a_block_is_refused(meter):
    assert meter.ask("C306C1 01 00000002 00") == "C701C11000"
    assert meter.ask("C302C1 00000001") == "C701C11000"
    meter.ask(FIRST)
    assert meter.ask("C306C2 01 00000002 02 4142") == "C701C21000"
    assert meter.ask("C103C1 01 00000002 02 4142") == "C503C11200000002"


def test_parameters_beyond_the_bound_are_aborted():
    meter = Meter(most_transfer=3).opened()
    meter.ask(FIRST)
    assert meter.ask("C306C1 00 00000002 02 4142") == "C701C10F00"


# --- blocks of results ---


@pytest.mark.parametrize("pdu", [12, 13, 50, 136, 137, 138, 139, 300])
def test_a_long_result_comes_in_blocks_that_join_to_the_value(pdu):
    meter = Meter().opened(pdu=pdu)
    text = bytes(range(40)) * (1 if pdu < 50 else 5)
    asked = bytes.fromhex(f"C301C1 {GAUGE} 02 01 09") + length_of(len(text)) + text
    (answer,) = meter.send(asked)
    raw, number = b"", 1
    while True:
        assert len(answer) <= pdu
        got = apdu.decode(answer)
        assert got.block.number == number
        raw += got.block.raw
        if got.block.last:
            break
        (answer,) = meter.send(bytes.fromhex(f"C302C1{number:08X}"))
        number += 1
    assert raw == b"\x09" + length_of(2 * len(text)) + text + text


@pytest.fixture
def long():
    meter = Meter().opened(pdu=20)
    first = meter.ask(f"C301C1 {GAUGE} 02 01 090A 00010203040506070809")
    assert first == hexed("C702C1 00 00000001 0B 0914 000102030405060708")
    return meter


def test_blocks_of_a_result_are_asked_for_one_after_the_other(long):
    second = long.ask("C302C1 00000001")
    assert second == long.ask("C302C1 00000001") == hexed("C702C1 01 00000002 0B 09 00010203040506070809")
    assert long.ask("C302C1 00000002") == "C701C11000"


def test_a_wrong_number_of_a_result_ends_the_transfer(long):
    assert long.ask("C302C1 00000002") == "C701C10E00"
    assert long.ask("C302C1 00000001") == "C701C11000"


def test_a_get_does_not_go_on_with_the_blocks_of_an_action(long):
    assert long.ask("C002C1 00000001") == "C402C101000000010110"


def test_the_outcomes_of_a_list_come_in_blocks_with_their_count():
    meter = Meter().opened(pdu=16)
    first = meter.ask(f"C303C1 02 {GAUGE} 02 {GAUGE} 05 02 0903 414243 00")
    assert first == hexed("C702C1 00 00000001 07 02 00 01 00 0906 41")
    assert meter.ask("C302C1 00000001") == hexed("C702C1 01 00000002 07 4243 414243 0200")


def test_without_any_block_transfer_the_result_is_withheld_and_the_method_was_invoked():
    bits = Conformance.block_transfer_with_action, Conformance.general_block_transfer
    meter = Meter().opened(pdu=20, conformance=without(*bits))
    assert meter.ask(f"C301C1 {GAUGE} 02 01 090A 00010203040506070809") == "C701C1000101FA"
    both = f"C303C1 02 {GAUGE} 01 {GAUGE} 02 02 00 090A 00010203040506070809"
    assert meter.ask(both) == "C703C1020000000101FA"
    assert meter.gauge.presses == 1


def test_a_list_whose_outcomes_would_not_fit_is_refused_before_anything_is_invoked():
    bits = Conformance.block_transfer_with_action, Conformance.general_block_transfer
    meter = Meter().opened(pdu=15, conformance=without(*bits))
    assert meter.ask("C303C1 03" + f"{GAUGE} 01" * 3 + "03 00 00 00") == "D80104"
    assert meter.gauge.presses == 0
    assert meter.ask("C303C1 02" + f"{GAUGE} 01" * 2 + "02 00 00") == "C703C10200000000"
    meter = Meter().opened(pdu=15, conformance=without(Conformance.general_block_transfer))
    assert meter.ask("C305C1 03" + f"{GAUGE} 01" * 3 + "01 00000001 04 03 00 00 00") == "C703C103" + "0000" * 3


@pytest.mark.parametrize("octets", ["C301C1", f"C301C1 {GAUGE} 01", f"C301C1 {GAUGE} 01 02", "C307C1", "C306C1 00 00"])
def test_what_is_no_action_is_refused(meter, octets):
    assert meter.ask(octets) == "D80103"
