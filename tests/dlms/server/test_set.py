"""SET at the server: one value, lists, blocks at every size, what ends a transfer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.enums import Conformance
from anymeter.dlms.server.set import parted
from anymeter.wire import length_of
from dlms_meter import GAUGE, GUARDED, STORE, Meter, without


@pytest.fixture
def meter():
    return Meter().opened()


def test_a_value_is_set(meter):
    assert meter.ask(f"C101C1 {GAUGE} 02 00 06 00000007") == "C501C100"
    assert meter.gauge.value == 7


@pytest.mark.parametrize(
    ("octets", "result"),
    [
        ("2008 0100020800FF 02 00 1105", 4),
        ("2009 0100010800FF 02 00 1105", 9),
        (f"{GAUGE} 09 00 1105", 4),
        (f"{GAUGE} 05 00 1105", 3),
        (f"{GAUGE} 01 00 0906 0100010800FF", 3),
        (f"{GAUGE} 02 00 1105", 12),
        (f"{GAUGE} 04 00 0903 414243", 12),
        (f"{GAUGE} 02 01 01 00 06 00000007", 13),
    ],
    ids=["object", "class", "attribute", "not to be written", "the name", "type", "length", "selection"],
)
def test_what_cannot_be_set_tells_why(meter, octets, result):
    assert meter.ask(f"C101C1 {octets}") == f"C501C1{result:02X}"
    assert meter.gauge.value == 5009


def test_a_secret_is_written_and_not_read(meter):
    assert meter.ask(f"C101C1 {GAUGE} 04 00 0904 41424344") == "C501C100"
    assert meter.gauge.key == b"ABCD"
    assert meter.ask(f"C001C1 {GAUGE} 04 00") == "C401C10103"


def test_a_right_that_demands_protection_denies_a_plain_request():
    meter = Meter().opened(GUARDED)
    assert meter.ask(f"C101C1 {GAUGE} 02 00 06 00000007", GUARDED) == "C501C103"


def test_an_unconfirmed_request_is_done_and_not_answered(meter):
    assert meter.ask(f"C10181 {GAUGE} 02 00 06 00000007") == ""
    assert meter.gauge.value == 7
    assert meter.ask("C10181 00") == ""


# --- attribute 0 ---


def test_attribute_0_sets_all_that_is_not_null_data(meter):
    asked = f"C101C1 {GAUGE} 00 00 0205 0906 0100010800FF 06 00000007 00 0904 41424344 00"
    assert meter.ask(asked) == "C501C100"
    assert (meter.gauge.value, meter.gauge.note, meter.gauge.key) == (7, b"kWh", b"ABCD")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("0205 0906 0100010801FF 06 00000007 00 00 00", 3),
        ("0205 00 06 00000007 00 00 1101", 3),
        ("0204 00 06 00000007 00 00", 12),
        ("06 00000007", 12),
        ("0205 00 00 00 0901 41 00", 12),
        ("0205 00 06 00000007 1101 00 00", 12),
    ],
    ids=["another name", "one that is not to be written", "too few", "no structure", "a wrong type", "a later one"],
)
def test_attribute_0_is_set_as_a_whole_or_not(meter, value, result):
    assert meter.ask(f"C101C1 {GAUGE} 00 00 {value}") == f"C501C1{result:02X}"
    assert meter.gauge.value == 5009


def test_attribute_0_that_was_not_negotiated_is_denied():
    meter = Meter().opened(conformance=without(Conformance.attribute0_supported_with_set))
    assert meter.ask(f"C101C1 {GAUGE} 00 00 0205 00 06 00000007 00 00 00") == "C501C103"


# --- lists ---


def test_a_list_is_set_in_order_whatever_becomes_of_the_others(meter):
    asked = f"C104C1 03 {GAUGE} 02 00 {GAUGE} 05 00 {GAUGE} 03 00 03 06 00000007 1101 0901 41"
    assert meter.ask(asked) == "C505C103" + "000300"
    assert (meter.gauge.value, meter.gauge.note) == (7, b"A")


def test_a_list_with_too_few_values_is_refused(meter):
    assert meter.ask(f"C104C1 02 {GAUGE} 02 00 {GAUGE} 03 00 01 06 00000007") == "D80103"
    assert meter.gauge.value == 5009


def test_a_list_whose_results_do_not_fit_is_refused_before_anything_is_set():
    meter = Meter().opened(pdu=20, conformance=without(Conformance.general_block_transfer))
    many = f"{GAUGE} 02 00" * 20
    assert meter.ask(f"C104C1 14 {many} 14" + "06 00000007" * 20) == "D80104"
    assert meter.gauge.value == 5009
    assert meter.ask(f"C105C1 14 {many} 00 00000001 01 14") == "D80104"


@pytest.mark.parametrize(("count", "listed", "in_blocks"), [(4, True, True), (5, True, False), (8, True, False)])
def test_a_list_whose_results_just_fit_is_set(count, listed, in_blocks):
    meter = Meter().opened(pdu=12, conformance=without(Conformance.general_block_transfer))
    head, values = f"{count:02X}" + f"{GAUGE} 02 00" * count, f"{count:02X}" + "06 00000007" * count
    answer = meter.ask(f"C104C1 {head} {values}")
    assert answer == (f"C505C1{count:02X}" + "00" * count if listed else "D80104")
    size = f"{1 + 5 * count:02X}"
    answer = meter.ask(f"C105C1 {head} 01 00000001 {size} {values}")
    assert answer == (f"C504C1{count:02X}" + "00" * count + "00000001" if in_blocks else "D80104")


def test_blocks_without_octets_do_not_go_on_for_ever():
    meter = Meter(most_transfer=4096).opened()
    meter.ask(f"C102C1 {STORE} 02 00 00 00000001 00")
    for number in range(2, 513):
        assert meter.ask(f"C103C1 00 {number:08X} 00") == f"C502C1{number:08X}"
    assert meter.ask("C103C1 00 00000201 00") == "C503C1" + "11" + "00000201"
    assert meter.ask("C103C1 00 00000202 00") == "C503C1" + "12" + "00000202"


@pytest.mark.parametrize(
    ("bit", "octets"),
    [
        (Conformance.set, f"C101C1 {GAUGE} 02 00 06 00000007"),
        (Conformance.multiple_references, f"C104C1 01 {GAUGE} 02 00 01 06 00000007"),
        (Conformance.block_transfer_with_set_or_write, f"C102C1 {GAUGE} 02 00 01 00000001 05 06 00000007"),
        (Conformance.block_transfer_with_set_or_write, "C103C1 01 00000002 00"),
        (Conformance.multiple_references, f"C105C1 01 {GAUGE} 02 00 01 00000001 06 01 06 00000007"),
    ],
)
def test_what_was_not_negotiated_is_refused(bit, octets):
    meter = Meter().opened(conformance=without(bit))
    assert meter.ask(octets) == "D80102"
    assert meter.gauge.value == 5009


# --- blocks ---


def sent(meter, head, raw, size):
    """The answer to the last of the blocks; all before are acknowledged."""
    parts = [raw[at : at + size] for at in range(0, len(raw), size)]
    for number, part in enumerate(parts, 1):
        last = number == len(parts)
        block = bytes((last,)) + number.to_bytes(4, "big") + length_of(len(part)) + part
        (answer,) = meter.send((bytes.fromhex(head) if number == 1 else b"\xc1\x03\xc1") + block)
        if not last:
            assert answer == b"\xc5\x02\xc1" + number.to_bytes(4, "big")
    return answer


@pytest.mark.parametrize("size", [1, 3, 100, 990, 65_600])
def test_blocks_join_to_the_value_at_every_size(size):
    meter = Meter(pdu=0).opened()
    value = bytes(range(256)) * 256 if size > 3 else bytes(range(40))
    raw = b"\x09" + length_of(len(value)) + value
    if size > 60_000:
        meter.association.receive_limit = 70_000
    answer = sent(meter, f"C102C1 {STORE} 02 00", raw, size)
    assert answer == b"\xc5\x03\xc1\x00" + (-(-len(raw) // size)).to_bytes(4, "big")
    assert meter.store.contents == value


def test_the_values_of_a_list_come_in_blocks_too(meter):
    head = f"C105C1 02 {GAUGE} 02 00 {GAUGE} 05 00"
    assert sent(meter, head, bytes.fromhex("02 06 00000007 1101"), 3).hex().upper() == "C504C1020003" + "00000003"
    assert meter.gauge.value == 7


def test_joined_blocks_that_are_no_value_are_unmatched(meter):
    assert sent(meter, f"C102C1 {GAUGE} 02 00", b"\x06\x00\x00", 2)[3] == 12
    head = f"C105C1 02 {GAUGE} 02 00 {GAUGE} 03 00"
    assert sent(meter, head, bytes.fromhex("01 06 00000007"), 2).hex().upper() == "C504C1020C0C" + "00000003"
    assert meter.gauge.value == 5009


FIRST = f"C102C1 {STORE} 02 00 00 00000001 02 0904"


def test_a_block_sent_twice_is_acknowledged_twice_and_taken_once(meter):
    assert meter.ask(FIRST) == meter.ask(FIRST) == "C502C100000001"
    second = "C103C1 00 00000002 02 4142"
    assert meter.ask(second) == meter.ask(second) == "C502C100000002"
    assert meter.ask("C103C1 01 00000003 02 4344") == "C503C10000000003"
    assert meter.store.contents == b"ABCD"


def test_a_block_with_the_same_number_and_other_octets_is_wrong(meter):
    meter.ask(FIRST)
    meter.ask("C103C1 00 00000002 02 4142")
    assert meter.ask("C103C1 00 00000002 02 4143") == "C503C11300000002"


def test_a_first_block_of_another_value_begins_anew(meter):
    meter.ask(FIRST)
    assert meter.ask(f"C102C1 {STORE} 02 00 00 00000001 02 0902") == "C502C100000001"
    assert meter.ask("C103C1 01 00000002 02 4344") == "C503C10000000002"
    assert meter.store.contents == b"CD"


@pytest.mark.parametrize("number", ["00000000", "00000003", "FFFFFFFF"])
def test_a_wrong_number_ends_the_transfer(meter, number):
    meter.ask(FIRST)
    assert meter.ask(f"C103C1 00 {number} 02 4142") == f"C503C113{number}"
    assert meter.ask("C103C1 00 00000002 02 4142") == "C503C11200000002"


def test_blocks_begin_with_number_1(meter):
    assert meter.ask(f"C102C1 {STORE} 02 00 00 00000002 02 0904") == "C503C11300000002"


def test_without_a_transfer_a_block_is_refused(meter):
    assert meter.ask("C103C1 01 00000002 00") == "C503C11200000002"
    meter.ask(FIRST)
    assert meter.ask("C103C2 01 00000002 02 4142") == "C503C21200000002"


def test_another_request_ends_a_transfer(meter):
    meter.ask(FIRST)
    meter.ask(f"C001C1 {GAUGE} 02 00")
    assert meter.ask("C103C1 01 00000002 02 4142") == "C503C11200000002"


def test_a_value_beyond_the_bound_is_aborted():
    meter = Meter(most_transfer=3).opened()
    meter.ask(FIRST)
    assert meter.ask("C103C1 00 00000002 02 4142") == "C503C11100000002"
    assert meter.ask("C103C1 01 00000003 02 4142") == "C503C11200000003"


@pytest.mark.parametrize(
    "octets", ["C101C1", f"C101C1 {GAUGE} 02 00", f"C102C1 {GAUGE} 02 00 01 0000", "C106C1", "C103C1 00"]
)
def test_what_is_no_set_is_refused(meter, octets):
    assert meter.ask(octets) == "D80103"


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6), st.integers(0, 6))
def test_the_parts_of_joined_blocks(texts, wanted):
    values = [b"\x09" + bytes((len(text),)) + text for text in texts]
    joined = b"".join(values)
    assert parted(bytes((len(values),)) + joined, wanted, True) == (values if wanted == len(values) else None)
    assert parted(joined, 1, False) == (values if len(values) == 1 else None)
