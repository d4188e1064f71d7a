"""Short names: the same calls, other octets; the names come from the meter's object list."""

import pytest

import anymeter.cosem.model as model
from anymeter.cosem.schema import CHOICE, INTEGER
from anymeter.dlms.client import action, get, short_names
from anymeter.dlms.client import set as set_service
from anymeter.dlms.client.short_names import load, table
from anymeter.dlms.client.transfers import MOST_EMPTY
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor, SelectiveAccess
from anymeter.errors import AccessError, DecodeError, LinkTimeout, LocalError, ServiceRefused
from anymeter.obis import Obis
from client_talk import ENERGY, SILENCE, answered, cuts, forever, octets, short_session, talk, without

VALUE, SCALER = AttributeDescriptor(3, ENERGY, 2), AttributeDescriptor(3, ENERGY, 3)
RESET = MethodDescriptor(3, ENERGY, 1)
ASK_LIST = "05 01 02 FA08"
# A register at 00A0, so that its value is at 00A8 as in the worked example, and a class nobody knows at 8100.
LIST = "0C 01 00 01 02 0204 1000A0 120003 1100 09060100010800FF 0204 108100 1223FF 1101 09060000600200FF"


@pytest.fixture(autouse=True)
def registers(monkeypatch):
    monkeypatch.setattr(model, "_registry", {})

    class Register(model.InterfaceClass, class_id=3, methods_at=0x28):
        value = model.attribute(2, CHOICE)
        scaler_unit = model.attribute(3, CHOICE)

        @model.method(1, INTEGER)
        def reset(self, data, now):
            """Reset it."""

    return Register


def known(conformance=None, **rest):
    one = short_session(**({} if conformance is None else {"conformance": conformance}), **rest)
    one.names = table([(0xA0, 3, 0, ENERGY), (-0x7F00, 9215, 1, Obis("0-0:96.2.0*255"))])
    return one


def test_the_object_list_is_read_once_and_before_the_first_name():
    one = short_session()
    assert talk(get.get_value(one, VALUE), (ASK_LIST, LIST), ("05 01 02 00A8", "0C 01 00 12 0123")) == 0x0123
    assert talk(get.get_value(one, SCALER), ("05 01 02 00B0", "0C 01 00 0202 0F00 161E")) == (0, 30)
    assert talk(load(one)) is one.names


def test_reserved_names_need_no_object_list():
    one = short_session()
    name = AttributeDescriptor(1, Obis("0-0:42.0.0*255"), 2)
    assert talk(get.get_value(one, name), ("05 01 02 FD08", "0C 01 00 0903 414E59")) == b"ANY"
    saps = AttributeDescriptor(17, Obis("0-0:41.0.0*255"), 2)
    assert talk(get.get_value(one, saps), ("05 01 02 FC08", "0C 01 00 0100")) == []
    own = AttributeDescriptor(12, Obis("0-0:40.0.0*255"), 3)
    assert talk(get.get_value(one, own), ("05 01 02 FA10", "0C 01 00 0100")) == []


def test_negative_base_names_are_names_above_8000():
    unknown = AttributeDescriptor(9215, Obis("0-0:96.2.0*255"), 4)
    assert talk(get.get_value(known(), unknown), ("05 01 02 8118", "0C 01 00 00")) is None


def test_an_object_that_is_not_listed():
    missing = AttributeDescriptor(3, Obis("1-0:2.8.0*255"), 2)
    with pytest.raises(AccessError, match=r"1-0:2.8.0\*255 value: the meter lists no such object") as caught:
        talk(get.get_value(known(), missing))
    assert caught.value.result == 4
    with pytest.raises(AccessError, match="the meter lists no such object"):
        talk(action.invoke_octets(known(), MethodDescriptor(3, Obis("1-0:2.8.0*255"), 1)))
    with pytest.raises(AccessError, match="the meter lists no such object"):
        talk(get.get_value(known(), AttributeDescriptor(4, ENERGY, 2)))


@pytest.mark.parametrize("number", [0, -1])
def test_attributes_without_short_names_are_our_mistake(number):
    with pytest.raises(LocalError, match=f"attribute {number} has no short name"):
        next(get.get_value(known(), AttributeDescriptor(3, ENERGY, number)))


def test_a_refused_object_list_is_told():
    with pytest.raises(AccessError, match="read-write-denied"):
        talk(load(short_session()), (ASK_LIST, "0C 01 01 03"))


@pytest.mark.parametrize(
    "rows",
    [
        "1105",
        "0101 1105",
        "0101 0202 1105 1106",
        "0101 0204 1105 1106 1107 1108",
        "0101 0204 1105 1106 1107 06FFFFFFFF",
    ],
)
def test_an_object_list_of_another_form_is_an_error(rows):
    with pytest.raises(DecodeError, match="no array of base_name"):
        talk(load(short_session()), (ASK_LIST, "0C 01 00" + rows))


# --- reading ---


def test_a_refusal_is_told_in_words():
    with pytest.raises(AccessError, match=r"1-0:1.8.0\*255 value: object-undefined"):
        talk(get.get_octets(known(), VALUE), ("05 01 02 00A8", "0C 01 01 04"))


def test_a_confirmed_service_error_refuses_the_request():
    with pytest.raises(ServiceRefused, match="read: service: pdu-size"):
        talk(get.get_octets(known(), VALUE), ("05 01 02 00A8", "0E 05 03 01"))


def test_a_part_of_an_attribute_is_a_parameterized_access():
    selected = get.get_octets(known(), VALUE, SelectiveAccess(2, b"\x11\x05"))
    assert talk(selected, ("05 01 04 00A8 02 1105", "0C 01 00 0100")) == b"\x01\x00"
    with pytest.raises(LocalError, match="parameterized-access was not negotiated"):
        next(get.get_octets(known(without("parameterized_access")), VALUE, SelectiveAccess(2, b"\x00")))


def test_what_was_not_negotiated_is_not_asked_for():
    for feature, call in (
        ("read", lambda one: get.get_octets(one, VALUE)),
        ("write", lambda one: set_service.set_octets(one, VALUE, b"\0")),
        ("unconfirmed-write", lambda one: set_service.set_octets(one, VALUE, b"\0", unconfirmed=True)),
        ("parameterized-access", lambda one: action.invoke_octets(one, RESET, returns=True)),
    ):
        with pytest.raises(LocalError, match=f"^{feature} was not negotiated"):
            talk(call(known(without(feature.replace("-", "_")))))


ANSWER = "0C 01 00 12 0123"


@pytest.mark.parametrize(
    "answer",
    [*cuts(ANSWER), *map(octets, ["0C 00", "0C 02 00 1105 00 1106", "0C 01 03 0001", "0C 01 04", ANSWER + "00"])],
)
def test_answers_of_another_form_are_errors(answer):
    with pytest.raises(DecodeError):
        talk(get.get_octets(known(), VALUE), ("05 01 02 00A8", answer))


def test_many_attributes_go_together():
    turn = ("05 02 02 00A8 02 00B0", "0C 02 00 1105 01 03")
    value, refusal = talk(get.get_many(known(), [VALUE, SCALER]), turn)
    assert (value, refusal.result) == (b"\x11\x05", 3)


def test_an_object_that_is_not_listed_among_many():
    missing = AttributeDescriptor(3, Obis("1-0:2.8.0*255"), 2)
    refusal, value = talk(get.get_many(known(), [missing, VALUE]), ("05 01 02 00A8", "0C 01 00 1105"))
    assert (refusal.result, value) == (4, b"\x11\x05")


def test_many_are_split_so_that_requests_fit_or_as_negotiated():
    turns = [("05 02 02 00A8 02 00B0", "0C 02 00 1101 00 1102"), ("05 01 02 00A8", "0C 01 00 1103")]
    assert len(talk(get.get_many(known(max_send_pdu=14), [VALUE, SCALER, VALUE]), *turns)) == 3
    turns = [("05 01 02 00A8", "0C 01 00 1101"), ("05 01 02 00B0", "0C 01 00 1102")]
    assert len(talk(get.get_many(known(without("multiple_references")), [VALUE, SCALER]), *turns)) == 2


def test_one_refusal_may_answer_all():
    turn = ("05 02 02 00A8 02 00B0", "0C 01 01 0B")
    assert [one.result for one in talk(get.get_many(known(), [VALUE, SCALER]), turn)] == [11, 11]


# --- long answers ---

PART_1, PART_2 = "0C 01 02 00 0001 04 0906 AABB", "0C 01 02 01 0002 04 CCDDEEFF"
ASK, ASK_ON = "05 01 02 00A8", "05 01 05 {:04X}"
WHOLE = octets("0906 AABBCCDDEEFF")


def test_a_long_value_comes_in_blocks():
    seen = []
    asked = get.get_octets(known(), VALUE, progress=seen.append)
    assert talk(asked, (ASK, PART_1), (ASK_ON.format(1), PART_2)) == WHOLE
    assert seen == [4, 8]


def test_a_long_value_may_be_a_list_of_one_result():
    turns = [(ASK, "0C 01 02 00 0001 04 01000906"), (ASK_ON.format(1), "0C 01 02 01 0002 06 AABBCCDDEEFF")]
    assert talk(get.get_octets(known(), VALUE), *turns) == WHOLE


def test_long_values_are_a_list_of_results():
    turns = [("05 02 02 00A8 02 00B0", "0C 01 02 00 0001 03 020011"), (ASK_ON.format(1), "0C 01 02 01 0002 03 050103")]
    value, refusal = talk(get.get_many(known(), [VALUE, SCALER]), *turns)
    assert (value, refusal.result) == (b"\x11\x05", 3)


def test_a_block_that_comes_again_is_passed_over():
    turns = [(ASK, PART_1), (ASK_ON.format(1), PART_1), ("", PART_2)]
    assert talk(get.get_octets(known(), VALUE), *turns) == WHOLE


def test_a_block_is_asked_for_again_on_silence():
    turns = [(ASK, PART_1), (ASK_ON.format(1), SILENCE), (ASK_ON.format(1), PART_2)]
    assert talk(get.get_octets(known(repeats=1), VALUE), *turns) == WHOLE
    with pytest.raises(LinkTimeout):
        talk(get.get_octets(known(), VALUE), (ASK, PART_1), (ASK_ON.format(1), SILENCE))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("0C 01 02 01 0003 04 CCDDEEFF", "block 3 came instead of 2"),
        ("0C 01 02 01 0002 03 CCDDEE", "ReadResponse|octet"),
        ("0C 01 02 01 0002 05 CCDDEEFF00", "ReadResponse|left over"),
        ("0C 01 03 0001", "0 values came for 1 variables"),
    ],
)
def test_a_wrong_block_is_an_error(answer, why):
    with pytest.raises(DecodeError, match=why):
        talk(get.get_octets(known(), VALUE), (ASK, PART_1), (ASK_ON.format(1), answer))


def test_the_meter_may_break_it_off():
    with pytest.raises(AccessError, match="data-block-unavailable"):
        talk(get.get_octets(known(), VALUE), (ASK, PART_1), (ASK_ON.format(1), "0C 01 01 0E"))


@pytest.mark.parametrize("answer", cuts(PART_2), ids=len)
def test_every_cut_of_a_block_is_an_error(answer):
    with pytest.raises(DecodeError):
        talk(get.get_octets(known(), VALUE), (ASK, PART_1), (ASK_ON.format(1), answer))


@pytest.mark.parametrize(("size", "most"), [(0, MOST_EMPTY + 2), (100, 102)])
def test_blocks_do_not_go_on_for_ever(size, most):
    def reply(sent):
        number = int.from_bytes(sent[3:5], "big") + 1 if sent[2] == 5 else 1
        return f"0C 01 02 00 {number:04X} {size:02X}" + "00" * size

    with pytest.raises(DecodeError, match="blocks, and no end"):
        forever(get.get_octets(known(most_octets=10_000), VALUE), reply, most)


# --- long requests ---


def test_a_long_request_goes_in_blocks():
    """20 octets: 8 of them lead a block, the length of its data takes one."""
    selection = SelectiveAccess(2, octets("0911") + bytes(17))
    body = "01 04 00A8 02 0911" + "00" * 17
    parts = [octets(body)[i : i + 11].hex() for i in range(0, 24, 11)]
    turns = [
        ("05 01 06 00 0001 0B" + parts[0], "0C 01 03 0001"),
        ("05 01 06 00 0002 0B" + parts[1], "0C 01 03 0002"),
        ("05 01 06 01 0003 02" + parts[2], "0C 01 00 1105"),
    ]
    assert talk(get.get_octets(known(max_send_pdu=20), VALUE, selection), *turns) == b"\x11\x05"


def test_a_long_value_is_written_in_blocks():
    value = octets("0910") + bytes(range(16))
    body = (octets("01 02 00A8 01") + value).hex()
    parts = [body[i : i + 22] for i in range(0, len(body), 22)]
    turns = [
        (f"06 01 07 00 0001 01 09 0B{parts[0]}", "0D 01 02 0001"),
        (f"06 01 07 00 0002 01 09 0B{parts[1]}", "0D 01 02 0002"),
        (f"06 01 07 01 0003 01 09 {len(parts[2]) // 2:02X}{parts[2]}", "0D 01 00"),
    ]
    one = known(max_send_pdu=20)
    assert talk(set_service.set_octets(one, VALUE, value), *turns) is None
    with pytest.raises(AccessError, match="block 1 of a long request: long-set-aborted"):
        talk(set_service.set_octets(one, VALUE, value), (None, "0D 01 01 11"))
    with pytest.raises(DecodeError, match="block 1 was not acknowledged"):
        talk(set_service.set_octets(one, VALUE, value), (None, "0D 01 02 0002"))
    with pytest.raises(DecodeError, match="block 1 was not acknowledged"):
        talk(set_service.set_octets(one, VALUE, value), (None, "0D 01 00"))


def test_acknowledgements_and_blocks_that_come_late_are_passed_over():
    selection = SelectiveAccess(2, octets("0911") + bytes(17))
    turns = [
        (None, "0C 01 03 0001"),
        (None, "0C 01 03 0001"),
        ("", "0C 01 03 0002"),
        (None, "0C 01 03 0002"),
        ("", "0C 01 03 0001"),
        ("", "0C 01 02 00 0001 02 0903"),
        (ASK_ON.format(1), "0C 01 02 00 0002 01 41"),
        (ASK_ON.format(2), "0C 01 02 00 0001 02 0903"),
        ("", "0C 01 02 01 0003 02 4243"),
    ]
    assert talk(get.get_octets(known(max_send_pdu=20), VALUE, selection), *turns) == octets("0903 414243")
    value = octets("0910") + bytes(range(16))
    turns = [
        (None, "0D 01 02 0001"),
        (None, "0D 01 02 0001"),
        ("", "0D 01 02 0002"),
        (None, "0D 01 02 0002"),
        ("", "0D 01 02 0001"),
        ("", "0D 01 00"),
    ]
    assert talk(set_service.set_octets(known(max_send_pdu=20), VALUE, value), *turns) is None


def test_every_block_fits():
    sent = []

    def reply(request):
        assert len(request) <= 50
        sent.append(request)
        return b"\x0d\x01\x00" if request[3] else b"\x0d\x01\x02" + request[4:6]

    value = b"\x09\x81\xc8" + bytes(200)
    assert answered(set_service.set_octets(known(max_send_pdu=50), VALUE, value), reply) is None
    assert b"".join(request[9:] for request in sent) == octets("01 02 00A8 01") + value


def test_a_request_of_one_piece_that_is_too_long_needs_blocks():
    one = known(without("block_transfer_with_set_or_write", "general_block_transfer"), max_send_pdu=20)
    with pytest.raises(LocalError, match="no block transfer was negotiated"):
        next(set_service.set_octets(one, VALUE, bytes(30)))


# --- writing ---


def test_a_value_is_written():
    assert (
        talk(set_service.set_octets(known(), VALUE, octets("120001")), ("06 01 02 00A8 01 120001", "0D 01 00")) is None
    )
    with pytest.raises(AccessError, match=r"1-0:1.8.0\*255 value: type-unmatched"):
        talk(set_service.set_octets(known(), VALUE, octets("120001")), (None, "0D 01 01 0C"))


def test_many_values_are_written_one_by_one():
    turns = [("06 01 02 00A8 01 1105", "0D 01 00"), ("06 01 02 00B0 01 1106", "0D 01 01 03")]
    none, refusal = talk(set_service.set_many(known(), [(VALUE, b"\x11\x05"), (SCALER, b"\x11\x06")]), *turns)
    assert (none, refusal.result) == (None, 3)


@pytest.mark.parametrize("answer", [*cuts("0D 01 01 0C"), *map(octets, ["0D 00", "0D 02 00 00", "0D 01 02 0001"])])
def test_write_answers_of_another_form_are_errors(answer):
    with pytest.raises(DecodeError):
        talk(set_service.set_octets(known(), VALUE, b"\x11\x05"), (None, answer))


def test_an_unconfirmed_write_asks_for_no_answer():
    one = known()
    assert talk(set_service.set_octets(one, VALUE, b"\x11\x05", unconfirmed=True)) is None
    assert talk(action.invoke_octets(one, RESET, unconfirmed=True)) is None
    assert [apdu.hex() for apdu in one.take_unsent()] == ["16010200a8011105", "16010200c8010f00"]


# --- methods ---


def test_a_method_is_written():
    """Its name: the base name, the offset of the class, 8 for each method before it."""
    assert talk(action.invoke_octets(known(), RESET), ("06 01 02 00C8 01 0F00", "0D 01 00")) is None
    assert talk(action.invoke_octets(known(), RESET, b"\x0f\x01"), ("06 01 02 00C8 01 0F01", "0D 01 00")) is None
    with pytest.raises(AccessError, match=r"1-0:1.8.0\*255 reset: read-write-denied"):
        talk(action.invoke_octets(known(), RESET), (None, "0D 01 01 03"))


def test_a_method_with_a_result_is_read():
    asked = action.invoke_octets(known(), RESET, b"\x0f\x00", returns=True)
    assert talk(asked, ("05 01 04 00C8 00 0F00", "0C 01 00 1105")) == b"\x11\x05"
    with pytest.raises(AccessError, match="reset: object-unavailable"):
        talk(action.invoke_octets(known(), RESET, returns=True), (None, "0C 01 01 0B"))
    assert talk(action.invoke_octets(known(), RESET, returns=True), (None, "0C 01 01 00")) is None


def test_a_method_whose_short_name_is_not_known_is_our_mistake():
    unknown = MethodDescriptor(9215, Obis("0-0:96.2.0*255"), 1)
    for target in (unknown, MethodDescriptor(3, ENERGY, 0), MethodDescriptor(3, ENERGY, -1)):
        with pytest.raises(LocalError, match=r"the short name of .* is not known"):
            talk(action.invoke_octets(known(), target))


def test_many_methods_go_one_by_one():
    turns = [("06 01 02 00C8 01 0F00", "0D 01 00"), ("06 01 02 00C8 01 0F00", "0D 01 01 03")]
    none, refusal = talk(action.invoke_many(known(), [(RESET, None), (RESET, None)]), *turns)
    assert (none, refusal.result) == (None, 3)


def test_the_known_names_are_those_of_the_standard():
    assert {f"{entry.base:04X}" for entry in short_names.KNOWN.values()} == {"FA00", "FB00", "FC00", "FD00"}
