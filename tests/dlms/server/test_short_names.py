"""READ and WRITE at the server: variables, parameterized access, methods, blocks both ways, what is refused."""

import pytest

from anymeter.cosem.enums import Conformance
from anymeter.dlms import apdu
from anymeter.dlms.short_names import DataBlockResult
from anymeter.wire import length_of
from dlms_meter import PUBLIC, SHORT, Meter, hexed, without

# The objects of the meter take their short names one after another from 0100 on.
GAUGE, STORE = 0x0100, 0x0150
VALUE, NOTE, KEY, HAPPENED = (f"{GAUGE + 8 * n:04X}" for n in (1, 2, 3, 4))
PRESS, TWICE, JAM, CRASH, REFUSE = (f"{GAUGE + 0x28 + 8 * n:04X}" for n in range(5))
CONTENTS = f"{STORE + 8:04X}"


class Talk(Meter):
    def __init__(self, conformance=None, pdu=0xFFFF, **settings):
        super().__init__(**settings)
        arguments = {} if conformance is None else {"conformance": conformance}
        self.opened(SHORT, pdu=pdu, **arguments)

    def ask(self, octets, client=SHORT, **more):
        return super().ask(octets, client, **more)


@pytest.fixture
def meter():
    return Talk()


def test_where_the_objects_are():
    meter = Talk()
    names, objects = meter.logical.short_names, meter.logical.objects
    assert names.base_of(meter.gauge.logical_name, objects) == GAUGE
    assert names.base_of(meter.store.logical_name, objects) == STORE


def test_a_variable_is_read(meter):
    assert meter.ask(f"05 01 02 {VALUE}") == "0C01" + "0006" + "00001391"


@pytest.mark.parametrize(
    ("variable", "result"),
    [
        ("02 0001", 4),
        (f"02 {GAUGE + 1:04X}", 4),
        (f"02 {KEY}", 3),
        (f"02 {PRESS}", 3),
        ("07 01 0001", 14),
        (f"04 {VALUE} 09 00", 13),
        (f"04 {REFUSE} 00 0F00", 2),
        (f"04 {CRASH} 00 0F00", 250),
    ],
    ids=["nothing", "between", "a secret", "a method", "a block of a write", "selector", "refused", "our mistake"],
)
def test_what_cannot_be_read_tells_why(meter, variable, result):
    assert meter.ask(f"05 01 {variable}") == f"0C0101{result:02X}"


def test_several_variables_in_order(meter):
    assert meter.ask(f"05 03 02 {NOTE} 02 0001 02 {HAPPENED}") == hexed("0C 03 00 0903 6B5768 01 04 00 1100")
    assert meter.ask("05 00") == "0C00"


def test_parameterized_access_selects_in_an_attribute(meter):
    assert meter.ask(f"05 01 04 {VALUE} 01 1105") == "0C01" + "0009021105"


def test_parameterized_access_invokes_a_method(meter):
    assert meter.ask(f"05 01 04 {TWICE} 00 0901 41") == "0C01" + "0009024141"
    assert meter.ask(f"05 01 04 {PRESS} 00 0F00") == "0C01" + "0000"
    assert meter.gauge.presses == 1


def test_parameterized_access_that_was_not_negotiated_is_out_of_scope():
    meter = Talk(without(Conformance.parameterized_access))
    assert meter.ask(f"05 01 04 {TWICE} 00 0901 41") == "0C01010D"


def test_from_fa00_on_it_is_the_association_itself(meter):
    assert meter.ask("05 01 02 FA00") == "0C01" + "0009060000280001FF"
    assert meter.ask("05 01 02 FA10") == "0C01" + "001102"
    assert meter.ask("05 01 02 FAF8") == "0C010104"


def test_a_device_without_an_object_for_the_association(meter):
    meter.logical.remove(meter.object("0-0:40.0.1").logical_name)
    assert meter.ask("05 01 02 FA00") == "0C010104"


def test_variables_are_written(meter):
    asked = f"06 04 02 {VALUE} 02 {HAPPENED} 02 {PRESS} 04 {VALUE} 01 00 04 06 00000007 1101 0F00 1105"
    assert meter.ask(asked) == hexed("0D 04 00 01 03 00 01 0D")
    assert (meter.gauge.value, meter.gauge.presses) == (7, 1)


@pytest.mark.parametrize(
    ("variable", "data", "result"),
    [("02 0001", "00", 4), (f"02 {VALUE}", "1105", 12), ("05 0001", "00", 14), (f"02 {CRASH}", "0F00", 250)],
)
def test_what_cannot_be_written_tells_why(meter, variable, data, result):
    assert meter.ask(f"06 01 {variable} 01 {data}") == f"0D0101{result:02X}"


def test_an_unconfirmed_write_is_never_answered(meter):
    assert meter.ask(f"16 01 02 {VALUE} 01 06 00000007") == ""
    assert meter.gauge.value == 7
    assert meter.ask(f"16 02 02 {VALUE} 02 {VALUE} 01 06 00000008") == ""
    assert meter.ask("16") == ""
    assert meter.gauge.value == 7


@pytest.mark.parametrize(
    ("bit", "octets", "error"),
    [
        (Conformance.read, f"05 01 02 {VALUE}", "0E050302"),
        (Conformance.write, f"06 01 02 {VALUE} 01 06 00000007", "0E060302"),
        (Conformance.unconfirmed_write, f"16 01 02 {VALUE} 01 06 00000007", ""),
        (Conformance.multiple_references, f"05 02 02 {VALUE} 02 {VALUE}", "0E050302"),
        (Conformance.multiple_references, f"06 02 02 {VALUE} 02 {NOTE} 02 06 00000007 0901 41", "0E060302"),
        (Conformance.block_transfer_with_get_or_read, "05 01 05 0001", "0E050302"),
        (Conformance.block_transfer_with_get_or_read, f"05 01 06 01 0001 03 02 {VALUE}", "0E050302"),
        (Conformance.block_transfer_with_set_or_write, "06 01 07 01 0001 01 0901 00", "0E060302"),
    ],
)
def test_what_was_not_negotiated_is_refused(bit, octets, error):
    meter = Talk(without(bit))
    assert meter.ask(octets) == error
    assert meter.gauge.value == 5009


def test_services_by_logical_name_are_not_part_of_this_context(meter):
    assert meter.ask("C001C1 2008 0100010800FF 02 00") == "D80102"
    assert Meter().opened().ask(f"05 01 02 {VALUE}", PUBLIC) == "0E050302"


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("05", "0E050000"),
        ("05 01 03", "0E050000"),
        ("06 01 02 0108", "0E060000"),
        ("06 01 02 0108 02 00 00", "0E060000"),
    ],
)
def test_what_is_no_request_is_refused(meter, octets, error):
    assert meter.ask(octets) == error


# --- blocks ---


def fetched(meter, request):
    answer = meter.send(bytes.fromhex(request), SHORT)[0]
    raw, number = b"", 1
    while True:
        assert len(answer) <= meter.association.send_limit
        (block,) = apdu.decode(answer).results
        assert isinstance(block, DataBlockResult)
        assert block.number == number
        raw += block.raw
        if block.last:
            return raw
        answer = meter.send(bytes.fromhex(f"05 01 05 {number:04X}"), SHORT)[0]
        number += 1


@pytest.mark.parametrize("pdu", [12, 13, 128, 134, 135, 136, 1000])
def test_the_blocks_of_one_variable_join_to_its_value(pdu):
    meter = Talk(pdu=pdu)
    meter.store.contents = bytes(range(250)) * (1 if pdu < 128 else 20)
    assert fetched(meter, f"05 01 02 {CONTENTS}") == meter.store.encoded(2, 0)


def test_the_blocks_of_several_variables_join_to_all_results():
    meter = Talk(pdu=12)
    raw = fetched(meter, f"05 03 02 {VALUE} 02 {KEY} 02 {NOTE}")
    assert raw.hex().upper() == hexed("03 00 06 00001391 01 03 00 0903 6B5768")


@pytest.mark.parametrize(
    "other", [f"05 01 02 {VALUE}", f"06 01 02 {VALUE} 01 06 00000007", f"16 01 02 {VALUE} 01 06 00000007"]
)
def test_another_request_ends_a_transfer(other):
    for datagrams, going_on in ((False, "0C010110"), (True, "0C010201")):
        meter = Talk(pdu=20, datagrams=datagrams)
        meter.store.contents = bytes(16)
        assert meter.ask(f"05 01 02 {CONTENTS}").startswith("0C01020000010D")
        meter.ask(other)
        assert meter.ask("05 01 05 0001").startswith(going_on)
        begun = f"06 01 07 00 0001 01 0904 01 02 {VALUE}"
        assert meter.ask(begun) == "0D01020001"
        meter.ask(other)
        assert meter.ask("06 01 07 01 0002 01 0906 01 06 00000007") == ("0D0100" if datagrams else "0D010112")


def test_a_read_block_that_is_not_there():
    meter = Talk(pdu=12)
    assert meter.ask("05 01 05 0001") == "0C010110"
    meter.store.contents = bytes(12)
    first = meter.ask(f"05 01 02 {CONTENTS}")
    assert first == hexed("0C 01 02 00 0001 05 090C 000000")
    second = meter.ask("05 01 05 0001")
    assert meter.ask("05 01 05 0001") == second == hexed("0C 01 02 00 0002 05 0000000000")
    assert meter.ask("05 01 05 0003") == "0C010113"
    assert meter.ask("05 01 05 0002") == "0C010110"


def test_too_long_without_any_block_transfer_is_refused():
    bits = Conformance.block_transfer_with_get_or_read, Conformance.general_block_transfer
    meter = Talk(without(*bits), pdu=12)
    meter.store.contents = bytes(12)
    assert meter.ask(f"05 01 02 {CONTENTS}") == "0E050301"
    many = f"02 {VALUE}" * 6
    assert meter.ask(f"06 06 {many} 06" + "06 00000007" * 6) == "0E060301"
    assert meter.gauge.value == 5009
    assert meter.ask(f"06 05 {many[:35]} 05" + "06 00000007" * 5) == "0D05" + "00" * 5
    assert meter.gauge.value == 7


def test_values_that_are_too_long_together_are_aborted():
    meter = Talk(most_transfer=100)
    meter.store.contents = bytes(40)
    whole = "00 0928" + "00" * 40
    assert meter.ask("05 04" + f"02 {CONTENTS}" * 3 + f"02 {VALUE}") == hexed(f"0C04 {whole} {whole} 010F 010F")


def test_without_blocks_of_its_own_a_read_goes_in_general_blocks():
    meter = Talk(without(Conformance.block_transfer_with_get_or_read), pdu=12)
    meter.store.contents = bytes(12)
    assert meter.ask(f"05 01 02 {CONTENTS}") == hexed("E0 0A 0001 0000 05 0C 01 00 090C")


def test_more_blocks_than_have_numbers_are_refused():
    meter = Talk(without(Conformance.general_block_transfer), pdu=12)
    meter.store.contents = bytes(5 * 0xFFFF)
    assert meter.ask(f"05 01 02 {CONTENTS}") == "0E050301"


def sent(meter, request, size):
    """The answer to a request cut into blocks."""
    octets = bytes.fromhex(request)
    parts = [octets[at : at + size] for at in range(1, len(octets), size)]
    for number, part in enumerate(parts, 1):
        last = number == len(parts)
        where = bytes((last,)) + number.to_bytes(2, "big")
        counted = length_of(len(part)) + part
        block = b"\x05\x01\x06" + where + counted if octets[0] == 5 else b"\x06\x01\x07" + where + b"\x01\x09" + counted
        (answer,) = meter.send(block, SHORT)
        if not last:
            assert answer == (b"\x0c\x01\x03" if octets[0] == 5 else b"\x0d\x01\x02") + number.to_bytes(2, "big")
    return answer.hex().upper()


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_long_read_comes_in_blocks(meter, size):
    assert sent(meter, f"05 02 02 {NOTE} 04 {TWICE} 00 0901 41", size) == hexed("0C 02 00 0903 6B5768 00 0902 4141")


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_long_write_comes_in_blocks(meter, size):
    assert sent(meter, f"06 02 02 {NOTE} 02 {HAPPENED} 02 0902 4142 1101", size) == "0D02000103"
    assert meter.gauge.note == b"AB"


def test_joined_blocks_that_are_no_request(meter):
    assert sent(meter, "05 01 02", 1) == "0E050000"
    assert sent(meter, "05 01 06 01 0001 01 00", 3) == "0C01010E"
    assert sent(meter, "06 01 02 0108", 3) == "0E060000"
    assert sent(meter, "06 01 07 01 0001 01 0901 00", 3) == "0D01010E"


def test_a_block_of_a_write_is_an_octet_string(meter):
    assert meter.ask("06 01 07 01 0001 01 1105") == "0D01010C"
    assert meter.ask("06 02 07 01 0001 02 0108 02 0901 00 06 00000007") == "0D02010E00"


def test_blocks_out_of_order(meter):
    assert meter.ask("06 01 07 00 0002 01 0901 00") == "0D010112"
    assert meter.ask("06 01 07 00 0001 01 0901 01") == "0D01020001"
    assert meter.ask("06 01 07 00 0001 01 0901 01") == "0D01020001"
    assert meter.ask("05 01 06 00 0002 01 02") == "0C010112"
    meter.ask("06 01 07 00 0001 01 0901 01")
    assert meter.ask("06 01 07 00 0003 01 0901 00") == "0D010113"
    assert meter.ask("06 01 07 00 0002 01 0901 00") == "0D010112"


def test_a_request_beyond_the_bound_is_aborted():
    meter = Talk(most_transfer=3)
    assert meter.ask("05 01 06 00 0001 02 0102") == "0C01030001"
    assert meter.ask("05 01 06 00 0002 02 0102") == "0C010111"
