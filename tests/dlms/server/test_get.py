"""GET at the server: values and refusals, lists, blocks at every size, what was not negotiated."""

import pytest

from anymeter.cosem.enums import Conformance
from anymeter.dlms import apdu
from anymeter.dlms.enums import DataAccessResult
from anymeter.dlms.get import parse_result_list
from anymeter.dlms.server.get import item_of
from dlms_meter import GAUGE, GUARDED, STORE, Meter, hexed, without


def value_of(answer):
    return apdu.decode(bytes.fromhex(answer)).value


@pytest.fixture
def meter():
    return Meter().opened()


def test_a_value_with_the_invoke_id_and_priority_of_the_request(meter):
    assert meter.ask(f"C001C1 {GAUGE} 02 00") == "C401C10006" + "00001391"
    assert meter.ask(f"C00142 {GAUGE} 02 00") == "C401420006" + "00001391"
    assert meter.ask(f"C001C1 {GAUGE} 01 00") == "C401C10009060100010800FF"


def test_an_unconfirmed_service_class_is_answered_all_the_same(meter):
    assert meter.ask(f"C00181 {GAUGE} 02 00") == "C401810006" + "00001391"


@pytest.mark.parametrize(
    ("descriptor", "result"),
    [
        ("2008 0100020800FF 02", 4),
        ("2009 0100010800FF 02", 9),
        (f"{GAUGE} 09", 4),
        (f"{GAUGE} FF", 4),
        (f"{GAUGE} 04", 3),
        ("2009 0000600101FF 02", 3),
    ],
    ids=["no such object", "another class", "no such attribute", "no attribute -1", "a secret", "no right to read"],
)
def test_what_cannot_be_read_tells_why(meter, descriptor, result):
    assert meter.ask(f"C001C1 {descriptor} 00") == f"C401C101{result:02X}"


def test_a_right_that_demands_protection_denies_a_plain_request():
    meter = Meter().opened(GUARDED)
    assert meter.ask(f"C001C1 {GAUGE} 01 00", GUARDED) == "C401C10009060100010800FF"
    assert meter.ask(f"C001C1 {GAUGE} 02 00", GUARDED) == "C401C10103"


def test_a_selection_goes_to_the_object(meter):
    assert meter.ask(f"C001C1 {GAUGE} 02 01 01 1105") == "C401C100" + "09021105"


@pytest.mark.parametrize("selector", ["02", "03"], ids=["refused by the object", "not among the rights"])
def test_a_selector_that_is_not_there_is_out_of_scope(meter, selector):
    assert meter.ask(f"C001C1 {GAUGE} 02 01 {selector} 1105") == "C401C1010D"


def test_a_selection_that_was_not_negotiated_is_out_of_scope():
    meter = Meter().opened(conformance=without(Conformance.selective_access))
    assert meter.ask(f"C001C1 {GAUGE} 02 01 01 1105") == "C401C1010D"


def test_attribute_0_is_a_structure_with_null_data_for_what_cannot_be_read(meter):
    answer = meter.ask(f"C001C1 {GAUGE} 00 00")
    assert answer == hexed("C401C100 0205 0906 0100010800FF 06 00001391 0903 6B5768 00 1100")
    assert meter.ask("C001C1 2009 0000600101FF 00 00") == hexed("C401C100 0203 0906 0000600101FF 00 00")
    assert meter.ask(f"C001C1 {GAUGE} 00 01 01 00") == "C401C1010D"


def test_attribute_0_that_was_not_negotiated_is_denied():
    meter = Meter().opened(conformance=without(Conformance.attribute0_supported_with_get))
    assert meter.ask(f"C001C1 {GAUGE} 00 00") == "C401C10103"


def test_a_list_is_answered_in_its_order(meter):
    asked = f"C003C1 03 {GAUGE} 03 00 {GAUGE} 04 00 {GAUGE} 02 01 01 1105"
    assert meter.ask(asked) == hexed("C403C1 03 00 0903 6B5768 01 03 00 0902 1105")
    assert meter.ask("C003C1 00") == "C403C100"


def test_a_list_that_was_not_negotiated_is_refused():
    meter = Meter().opened(conformance=without(Conformance.multiple_references))
    assert meter.ask(f"C003C1 01 {GAUGE} 02 00") == "D80102"


def test_get_that_was_not_negotiated_is_refused():
    meter = Meter().opened(conformance=without(Conformance.get))
    assert meter.ask(f"C001C1 {GAUGE} 02 00") == "D80102"


@pytest.mark.parametrize(
    "octets",
    [
        "C001",
        "C001C1",
        f"C001C1 {GAUGE} 02",
        f"C001C1 {GAUGE} 02 00 00",
        f"C001C1 {GAUGE} 02 02",
        "C009C1",
        "C003C1 7F",
    ],
)
def test_what_is_no_get_is_refused(meter, octets):
    assert meter.ask(octets) == "D80103"


# --- blocks ---


def fetched(meter, request, invoke=0xC1, most=100_000):
    """A long answer, all blocks joined; each within the client's PDU."""
    answer = meter.send(bytes.fromhex(request))[0]
    raw, number = b"", 1
    while True:
        assert len(answer) <= meter.association.send_limit
        block = apdu.decode(answer)
        assert (block.invoke, block.number) == (invoke, number)
        raw += block.result
        assert len(raw) <= most
        if block.last:
            return raw
        answer = meter.send(bytes.fromhex(f"C002{invoke:02X}{number:08X}"))[0]
        number += 1


@pytest.mark.parametrize("pdu", [12, 13, 64, 127, 128, 140, 141, 255, 256, 265, 266, 1024, 19_999])
def test_blocks_join_to_the_value_at_every_size(pdu):
    meter = Meter().opened(pdu=pdu)
    meter.store.contents = bytes(range(256)) * (1 if pdu < 100 else 90)
    raw = fetched(meter, f"C001C1 {STORE} 02 00")
    assert raw == meter.store.encoded(2, 0)


def test_a_value_that_just_fits_comes_whole():
    meter = Meter().opened(pdu=20)
    meter.store.contents = bytes(14)
    assert meter.ask(f"C001C1 {STORE} 02 00") == "C401C100" + "090E" + "00" * 14
    meter.store.contents = bytes(15)
    assert meter.ask(f"C001C1 {STORE} 02 00") == "C402C10000000001000A" + "090F" + "00" * 8


def test_the_blocks_of_a_list_join_to_all_results():
    meter = Meter().opened(pdu=20)
    raw = fetched(meter, f"C003C1 03 {GAUGE} 02 00 {GAUGE} 04 00 {STORE} 01 00")
    results = parse_result_list(raw)
    assert results == (meter.gauge.encoded(2, 0), DataAccessResult.read_write_denied, meter.store.encoded(1, 0))


@pytest.fixture
def long():
    meter = Meter().opened(pdu=20)
    meter.store.contents = bytes(range(35))
    assert meter.ask(f"C001C1 {STORE} 02 00") == "C402C10000000001000A" + "0923" + bytes(range(8)).hex().upper()
    return meter


def test_a_next_block_sent_twice_is_answered_twice(long):
    second = long.ask("C002C1 00000001")
    assert second.startswith("C402C10000000002000A08")
    assert long.ask("C002C1 00000001") == second
    assert long.ask("C002C1 00000002").startswith("C402C10000000003000A12")


@pytest.mark.parametrize("number", ["00000000", "00000002", "FFFFFFFF"])
def test_a_wrong_block_number_ends_the_transfer(long, number):
    assert long.ask(f"C002C1 {number}") == f"C402C101{number}0113"
    assert long.ask("C002C1 00000001") == "C402C101000000010110"


def test_a_block_too_far_back_is_a_wrong_one_where_nothing_gets_lost(long):
    for number in (1, 2):
        long.ask(f"C002C1 {number:08X}")
    assert long.ask("C002C1 00000001") == "C402C101000000010113"


def test_after_the_last_block_nothing_is_in_progress(long):
    for number in (1, 2, 3):
        answer = long.ask(f"C002C1 {number:08X}")
    assert answer == "C402C101000000040007" + bytes(range(28, 35)).hex().upper()
    assert long.ask("C002C1 00000003") == answer
    assert long.ask("C002C1 00000004") == "C402C101000000040110"


def test_the_invoke_id_of_a_transfer_is_that_of_its_request(long):
    assert long.ask("C002C2 00000001") == "C402C201000000010110"
    assert long.ask("C00281 00000001").startswith("C402810000000002")


def test_another_request_ends_a_transfer(long):
    assert long.ask(f"C001C1 {GAUGE} 02 00") == "C401C10006" + "00001391"
    assert long.ask("C002C1 00000001") == "C402C101000000010110"


def test_the_same_request_reads_anew(long):
    long.store.contents = bytes(35)
    assert long.ask(f"C001C1 {STORE} 02 00") == "C402C10000000001000A" + "0923" + "00" * 8


def test_without_a_transfer_there_is_no_next_block():
    assert Meter().opened().ask("C00201 00000001") == "C40201" + "01" + "00000001" + "0110"


BLOCKS = Conformance.block_transfer_with_get_or_read


def test_without_any_block_transfer_a_long_answer_is_other_reason():
    meter = Meter().opened(pdu=12, conformance=without(BLOCKS, Conformance.general_block_transfer))
    meter.gauge.note = b"seven.."
    assert meter.ask(f"C001C1 {GAUGE} 03 00") == "C401C101FA"
    assert meter.ask(f"C003C1 02 {GAUGE} 01 00 {GAUGE} 02 00") == "D80104"
    assert meter.ask("C002C1 00000001") == "D80102"


def test_a_value_beyond_the_bound_is_aborted():
    meter = Meter(most_transfer=100).opened(pdu=50)
    meter.store.contents = bytes(99)
    assert meter.ask(f"C001C1 {STORE} 02 00") == "C401C1010F"
    meter.store.contents = bytes(98)
    assert meter.ask(f"C001C1 {STORE} 02 00").startswith("C402C100")


def test_values_that_are_too_long_together_are_aborted():
    meter = Meter(most_transfer=100).opened()
    meter.store.contents = bytes(40)
    whole = "00 0928" + "00" * 40
    asked = f"C003C1 04 {STORE} 02 00 {STORE} 02 00 {STORE} 02 00 {GAUGE} 02 00"
    assert meter.ask(asked) == hexed(f"C403C1 04 {whole} {whole} 010F 010F")
    meter.store.contents = bytes(99)
    assert meter.ask(f"C003C1 02 {STORE} 02 00 {GAUGE} 02 00") == "C403C102010F010F"


def test_an_object_that_is_too_long_as_a_whole_is_aborted():
    meter = Meter(most_transfer=50).opened()
    meter.store.contents = bytes(40)
    assert meter.ask(f"C001C1 {STORE} 02 00").startswith("C401C1000928")
    assert meter.ask(f"C001C1 {STORE} 00 00") == "C401C1010F"


def test_a_datagram_has_no_room_for_the_longest_pdu():
    for datagrams, answer in ((False, "C401C1"), (True, "C402C1")):
        meter = Meter(datagrams=datagrams).opened(pdu=0)
        meter.store.contents = bytes(65527)
        response = meter.ask(f"C001C1 {STORE} 02 00")
        assert response.startswith(answer)
        assert len(response) // 2 <= (65499 if datagrams else 65535)


def test_on_datagrams_any_block_that_was_sent_may_be_asked_for_again():
    meter = Meter(datagrams=True).opened(pdu=20)
    meter.store.contents = bytes(35)
    first = meter.ask(f"C001C1 {STORE} 02 00")
    blocks = [meter.ask(f"C002C1 {number:08X}") for number in (1, 2)]
    assert meter.ask("C002C1 00000001") == blocks[0]
    assert meter.ask(f"C001C1 {STORE} 02 00") == first
    meter.ask(f"C001C2 {GAUGE} 02 00")
    assert meter.ask("C002C1 00000003").startswith("C402C101")


def test_an_item_of_a_list_is_octets_or_a_number():
    assert item_of(b"") == b"\x00"
    assert item_of(250) == b"\x01\xfa"
