"""GET: one, many, long, in part; and every way an answer may be wrong."""

import pytest

from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import CHOICE
from anymeter.dlms.client.get import get, get_many, get_octets, get_value
from anymeter.dlms.client.transfers import MOST_EMPTY
from anymeter.dlms.descriptors import AttributeDescriptor, AttributeWithSelection, SelectiveAccess
from anymeter.errors import AccessError, DecodeError, LinkTimeout, LocalError, ServiceRefused
from anymeter.obis import Obis
from client_talk import ENERGY, SILENCE, answered, cuts, forever, session, talk, without

TIME = AttributeDescriptor(8, Obis("0-0:1.0.0*255"), 2)
VALUE = AttributeDescriptor(3, ENERGY, 2)
SCALER = AttributeDescriptor(3, Obis("1-0:15.8.6*255"), 3)
# get-request-normal and its answers: the worked examples of the application layer.
REQUEST = "C001C1 0008 0000010000FF 02 00"
SHOWN = "07E4060A03100F2D0AFF8880"


class Gauge(InterfaceClass, class_id=9001):
    level = attribute(2, CHOICE)


def test_an_attribute_as_octets():
    assert talk(get_octets(session(), TIME), (REQUEST, f"C401C1 00 090C{SHOWN}")) == bytes.fromhex("090C" + SHOWN)


def test_an_attribute_decoded():
    assert talk(get_value(session(), TIME), (REQUEST, f"C401C1 00 090C{SHOWN}")) == bytes.fromhex(SHOWN)


def test_an_attribute_by_its_declaration():
    asked = get(session(), "1-0:1.8.0", Gauge.level)
    assert talk(asked, ("C001C1 2329 0100010800FF 02 00", "C401C1 00 06000003E8")) == 1000


def test_a_part_of_an_attribute():
    selection = SelectiveAccess(2, bytes.fromhex("02041105"))
    request = "C001C1 0003 0100010800FF 02 01 02 02041105"
    selected = get_value(session(), VALUE, SelectiveAccess(2, bytes.fromhex("1105")))
    assert talk(selected, (request.replace("02041105", "1105"), "C401C1 00 0100")) == []
    with pytest.raises(LocalError, match="selective-access was not negotiated"):
        next(get_value(session(without("selective_access")), VALUE, selection))


def test_a_refusal_is_told_in_words():
    with pytest.raises(AccessError) as caught:
        talk(get_octets(session(), TIME), (REQUEST, "C401C1 01 03"))
    assert caught.value.result == 3
    assert str(caught.value).startswith("0-0:1.0.0*255 ")
    assert str(caught.value).endswith(": read-write-denied")


def test_attribute_0_needs_to_be_negotiated():
    everything = AttributeDescriptor(8, TIME.instance_id, 0)
    asked = get_value(session(), everything)
    assert talk(asked, ("C001C1 0008 0000010000FF 00 00", "C401C1 00 0202 1105 00")) == (5, None)
    with pytest.raises(LocalError, match="attribute0-supported-with-get was not negotiated"):
        next(get_value(session(without("attribute0_supported_with_get")), everything))


def test_get_needs_to_be_negotiated_or_wished():
    with pytest.raises(LocalError, match="get was not negotiated"):
        next(get_value(session(0), TIME))
    assert talk(get_value(session(0, unnegotiated=True), TIME), (REQUEST, "C401C1 00 1105")) == 5


@pytest.mark.parametrize("answer", cuts(f"C401C1 00 090C{SHOWN}"), ids=len)
def test_every_cut_of_an_answer_is_an_error(answer):
    with pytest.raises(DecodeError):
        talk(get_octets(session(), TIME), (REQUEST, answer))


@pytest.mark.parametrize(
    "answer", ["C401C1 00 1105 00", "C401C1 02 1105", "C401C1 00 01 84FFFFFFFF", "C404C1 00", "C403C1 01 00 1105"]
)
def test_answers_of_another_form_are_errors(answer):
    with pytest.raises(DecodeError):
        talk(get_octets(session(), TIME), (REQUEST, answer))


# --- blocks ---

FIRST = "C402C1 00 00000001 00 05 0909010203"
SECOND = "C402C1 00 00000002 00 02 0405"
LAST = "C402C1 01 00000003 00 04 06070809"
NEXT = "C002C1 {:08X}"
WHOLE = bytes.fromhex("0909010203040506070809")


def long_get(one=None, **rest):
    return get_octets(one or session(), TIME, **rest)


def test_a_long_value_comes_in_blocks():
    seen = []
    turns = [(REQUEST, FIRST), (NEXT.format(1), SECOND), (NEXT.format(2), LAST)]
    assert talk(long_get(progress=seen.append), *turns) == WHOLE
    assert seen == [5, 7, 11]


def test_one_block_may_be_all():
    assert talk(long_get(), (REQUEST, "C402C1 01 00000001 00 02 1105")) == b"\x11\x05"


def test_a_block_that_comes_twice_is_passed_over():
    turns = [(REQUEST, FIRST), (NEXT.format(1), FIRST), ("", SECOND), (NEXT.format(2), FIRST), ("", SECOND), ("", LAST)]
    assert talk(long_get(), *turns) == WHOLE


def test_a_block_is_asked_for_again_on_silence():
    turns = [(REQUEST, SILENCE), (REQUEST, FIRST), (NEXT.format(1), SILENCE), (NEXT.format(1), SECOND)]
    assert talk(long_get(session(repeats=1)), *turns, (NEXT.format(2), LAST)) == WHOLE


def test_silence_ends_it_where_nothing_is_repeated():
    with pytest.raises(LinkTimeout):
        talk(long_get(), (REQUEST, FIRST), (NEXT.format(1), SILENCE))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("C402C1 00 00000003 00 02 0405", "block 3 came instead of 2"),
        ("C402C1 00 00000002 00 05 0405", "GetResponseWithDatablock"),
        ("C401C1 00 1105", "GetResponseWithDatablock"),
        ("C402C1 01 00000002 00 06 040506070809 00", "left over"),
        ("C402C1 01 00000002 00 02 0405", "octet"),
        ("C402C1 01 00000002 00 07 04050607080900", "1 octets left over after the value"),
    ],
)
def test_a_wrong_block_is_an_error(answer, why):
    with pytest.raises(DecodeError, match=why):
        talk(long_get(), (REQUEST, FIRST), (NEXT.format(1), answer))


@pytest.mark.parametrize("answer", [*cuts(SECOND), *cuts(LAST)], ids=len)
def test_every_cut_of_a_block_is_an_error(answer):
    with pytest.raises(DecodeError):
        talk(long_get(), (REQUEST, FIRST), (NEXT.format(1), answer))


def test_the_first_block_is_number_1():
    with pytest.raises(DecodeError, match="block 2 came instead of 1"):
        talk(long_get(), (REQUEST, SECOND))


@pytest.mark.parametrize("refusal", ["C402C1 01 00000002 01 0F", "C402C1 01 00000000 01 0F", "C401C1 01 0F"])
def test_the_meter_may_break_it_off(refusal):
    with pytest.raises(AccessError, match="long-get-aborted") as caught:
        talk(long_get(), (REQUEST, FIRST), (NEXT.format(1), refusal))
    assert caught.value.result == 15


def test_an_exception_in_the_middle_ends_it():
    with pytest.raises(ServiceRefused):
        talk(long_get(), (REQUEST, FIRST), (NEXT.format(1), "D80103"))


def block_after(sent, data):
    number = int.from_bytes(sent[3:7], "big") + 1 if sent[1] == 2 else 1
    return bytes.fromhex(f"C402C1 00 {number:08X} 00 {len(data):02X}") + data


def test_blocks_without_data_do_not_go_on_for_ever():
    with pytest.raises(DecodeError, match=f"0 octets came in {MOST_EMPTY + 1} blocks, and no end"):
        forever(long_get(), lambda sent: block_after(sent, b""))


def test_blocks_do_not_go_on_for_ever():
    one = session(most_octets=10_000)
    with pytest.raises(DecodeError, match="10100 octets came in 101 blocks, and no end"):
        forever(long_get(one), lambda sent: block_after(sent, bytes(100)))


def test_the_same_block_does_not_come_for_ever():
    with pytest.raises(DecodeError, match="none is the answer"):
        forever(long_get(), lambda sent: FIRST)


# --- many ---


def test_many_attributes_go_together():
    request = "C003C1 02 0003 0100010800FF 02 00 0003 01000F0806FF 03 00"
    answer = "C403C1 02 00 06000003E8 01 03"
    value, refusal = talk(get_many(session(), [VALUE, SCALER]), (request, answer))
    assert value == bytes.fromhex("06000003E8")
    assert isinstance(refusal, AccessError)
    assert refusal.result == 3


def test_nothing_is_asked_for_nothing():
    assert talk(get_many(session(), [])) == []


def test_a_part_among_many():
    item = AttributeWithSelection(VALUE, SelectiveAccess(2, b"\x11\x05"))
    request = "C003C1 02 0003 0100010800FF 02 01 02 1105 0008 0000010000FF 02 00"
    assert talk(get_many(session(), [item, TIME]), (request, "C403C1 02 00 1101 00 1102")) == [b"\x11\x01", b"\x11\x02"]


def test_many_are_split_so_that_requests_fit():
    one = session(max_send_pdu=30)
    first = "C003C1 02 0003 0100010800FF 02 00 0003 01000F0806FF 03 00"
    last = "C001C2 0008 0000010000FF 02 00"
    turns = [(first, "C403C1 02 00 1101 00 1102"), (last, "C401C2 00 1103")]
    assert talk(get_many(one, [VALUE, SCALER, TIME]), *turns) == [b"\x11\x01", b"\x11\x02", b"\x11\x03"]


def test_a_setting_limits_how_many_go_together():
    turns = [(None, "C403C1 02 00 1101 00 1102"), (None, "C403C2 02 00 1103 00 1104")]
    assert len(talk(get_many(session(most_references=2), [VALUE] * 4), *turns)) == 4


def test_without_multiple_references_they_go_one_by_one():
    one = session(without("multiple_references", "access"))
    turns = [("C001C1 0003 0100010800FF 02 00", "C401C1 00 1101"), ("C001C2 0003 01000F0806FF 03 00", "C401C2 01 04")]
    value, refusal = talk(get_many(one, [VALUE, SCALER]), *turns)
    assert (value, refusal.result) == (b"\x11\x01", 4)


def test_access_takes_them_together_where_lists_are_not_negotiated():
    request = "D9 C0000001 00 02 01 0003 0100010800FF 02 01 0003 01000F0806FF 03 02 00 00"
    answer = "DA C0000001 00 00 02 1101 00 02 01 00 01 04"
    value, refusal = talk(get_many(session(without("multiple_references")), [VALUE, SCALER]), (request, answer))
    assert (value, refusal.result) == (b"\x11\x01", 4)


def test_what_is_too_long_for_access_is_read_one_by_one():
    one = session(without("multiple_references"))
    turns = [
        (None, "D80104"),
        ("C001C1 0003 0100010800FF 02 00", "C401C1 00 1101"),
        ("C001C2 0003 01000F0806FF 03 00", "C401C2 01 04"),
    ]
    value, refusal = talk(get_many(one, [VALUE, SCALER]), *turns)
    assert (value, refusal.result) == (b"\x11\x01", 4)
    with pytest.raises(ServiceRefused, match="operation-not-possible"):
        talk(get_many(one, [VALUE, SCALER]), (None, "D80101"))


def test_one_refusal_may_answer_all():
    refusals = talk(get_many(session(), [VALUE, SCALER]), (None, "C401C1 01 0B"))
    assert [one.result for one in refusals] == [11, 11]


def test_a_long_answer_to_many_comes_in_blocks():
    turns = [(None, "C402C1 00 00000001 00 04 02001101"), (NEXT.format(1), "C402C1 01 00000002 00 02 0103")]
    value, refusal = talk(get_many(session(), [VALUE, SCALER]), *turns)
    assert (value, refusal.result) == (b"\x11\x01", 3)


def test_a_long_answer_to_many_may_be_broken_off():
    turns = [(None, "C402C1 00 00000001 00 04 02001101"), (NEXT.format(1), "C402C1 01 00000002 01 0F")]
    assert [one.result for one in talk(get_many(session(), [VALUE, SCALER]), *turns)] == [15, 15]


@pytest.mark.parametrize("answer", ["C403C1 01 00 1101", "C403C1 03 00 1101 00 1102 00 1103", "C403C1 00"])
def test_a_result_for_each(answer):
    with pytest.raises(DecodeError, match="results came for 2 attributes"):
        talk(get_many(session(), [VALUE, SCALER]), (None, answer))


@pytest.mark.parametrize("answer", cuts("C403C1 02 00 06000003E8 01 03"), ids=len)
def test_every_cut_of_a_list_is_an_error(answer):
    with pytest.raises(DecodeError):
        talk(get_many(session(), [VALUE, SCALER]), (None, answer))


def test_hostile_counts_are_refused():
    for answer in ("C403C1 84FFFFFFFF", "C403C1 82FFFF 00 00", "C402C1 01 00000001 00 84FFFFFFFF"):
        with pytest.raises(DecodeError):
            talk(get_many(session(), [VALUE, SCALER]), (None, answer))


def test_a_peer_that_repeats_every_answer_changes_nothing():
    """A carrier that doubles and delays: each answer comes twice, the second time after the next request."""
    data = bytes(range(200))
    value = b"\x09\x81\xc8" + data
    blocks = [value[i : i + 40] for i in range(0, len(value), 40)]
    waiting = []

    def reply(sent):
        if not sent:
            return waiting.pop(0)
        number = int.from_bytes(sent[3:7], "big") if sent[1] == 2 else 0
        head = bytes.fromhex(f"C402C1 {number == len(blocks) - 1:02X} {number + 1:08X} 00 {len(blocks[number]):02X}")
        waiting.extend([head + blocks[number]] * 2)
        return waiting.pop(0)

    assert answered(long_get(), reply) == value
