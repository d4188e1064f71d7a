"""ACTION: one, many, long parameters, long results; and every way an answer may be wrong."""

import pytest

from anymeter.cosem.model import InterfaceClass, method
from anymeter.cosem.schema import INTEGER, OCTET_STRING
from anymeter.dlms.client.action import invoke, invoke_many, invoke_octets
from anymeter.dlms.client.transfers import MOST_EMPTY
from anymeter.dlms.descriptors import MethodDescriptor
from anymeter.errors import AccessError, DecodeError, LocalError
from anymeter.obis import Obis
from client_talk import ENERGY, SILENCE, answered, cuts, forever, session, talk, without

SWITCH = MethodDescriptor(70, Obis("0-0:96.3.10*255"), 1)
RESET = MethodDescriptor(3, ENERGY, 1)
# action-request-normal and its answer: the worked examples of the application layer.
REQUEST = "C301C1 0046 000060030AFF 01 01 0F00"
DONE = "C701C1 00 00"


class Lock(InterfaceClass, class_id=9003):
    @method(1, INTEGER)
    def open(self, data, now):
        """Open it."""

    @method(2, OCTET_STRING, returns=OCTET_STRING)
    def challenge(self, data, now):
        """Answer a challenge."""
        return data


def switch(one=None, parameters=b"\x0f\x00", **rest):
    return invoke_octets(one or session(), SWITCH, parameters, **rest)


def test_a_method_without_result():
    assert talk(switch(), (REQUEST, DONE)) is None


def test_a_method_without_parameters():
    assert talk(switch(parameters=None), ("C301C1 0046 000060030AFF 01 00", DONE)) is None


def test_a_method_with_a_result():
    assert talk(switch(), (REQUEST, "C701C1 00 01 00 0902AABB")) == bytes.fromhex("0902AABB")


def test_a_method_by_its_declaration():
    assert talk(invoke(session(), ENERGY, Lock.open, 0), ("C301C1 232B 0100010800FF 01 01 0F00", DONE)) is None
    turn = ("C301C1 232B 0100010800FF 02 01 0902AABB", "C701C1 00 01 00 0902CCDD")
    assert talk(invoke(session(), ENERGY, Lock.challenge, b"\xaa\xbb"), turn) == b"\xcc\xdd"
    with pytest.raises(LocalError):
        next(invoke(session(), ENERGY, Lock.open, 1000))


def test_a_refusal_is_told_in_words():
    with pytest.raises(AccessError, match="object-unavailable") as caught:
        talk(switch(), (REQUEST, "C701C1 0B 00"))
    assert caught.value.result == 11


def test_the_result_may_be_refused_alone():
    with pytest.raises(AccessError, match=r"\(its result\): scope-of-access-violated"):
        talk(switch(), (REQUEST, "C701C1 00 01 01 0D"))
    assert talk(switch(), (REQUEST, "C701C1 00 01 01 00")) is None


def test_it_needs_to_be_negotiated():
    with pytest.raises(LocalError, match="action was not negotiated"):
        next(switch(session(without("action"))))
    with pytest.raises(LocalError, match="action was not negotiated"):
        next(invoke_many(session(without("action")), [(SWITCH, None)]))


def test_unconfirmed_asks_for_no_answer():
    one = session()
    assert talk(switch(one, unconfirmed=True)) is None
    assert [apdu.hex() for apdu in one.take_unsent()] == ["c301810046000060030aff01010f00"]


@pytest.mark.parametrize(
    "answer", [*cuts(DONE), *cuts("C701C1 00 01 00 0902AABB"), b"\xc7\x01\xc1\0\0\0", b"\xc7\x09\xc1\0\0"], ids=repr
)
def test_answers_of_another_form_are_errors(answer):
    with pytest.raises(DecodeError):
        talk(switch(), (REQUEST, answer))


# --- long parameters ---

LONG = bytes.fromhex("0910") + bytes(range(16))
FIRST = "C304C1 0046 000060030AFF 01 00 00000001 08" + LONG[:8].hex()
LAST = "C306C1 01 00000002 0A" + LONG[8:].hex()
NEXT = "C704C1 {:08X}"


def long_call(one=None):
    return switch(one or session(max_send_pdu=26), LONG)


def test_long_parameters_go_in_blocks():
    assert talk(long_call(), (FIRST, NEXT.format(1)), (LAST, DONE)) is None


def test_every_block_fits_and_all_of_them_make_the_parameters():
    value = bytes.fromhex("09820400") + bytes(range(256)) * 4
    for limit in (26, 128, 150, 300, 512):
        sent = []

        def reply(request, sent=sent, limit=limit):
            assert len(request) <= limit
            start = 12 if request[1] == 4 else 3
            size = {0x81: 2, 0x82: 3}.get(request[start + 5], 1)
            sent.append(request[start + 5 + size :])
            assert int.from_bytes(request[start + 1 : start + 5], "big") == len(sent)
            return b"\xc7\x01\xc1\x00\x00" if request[start] else b"\xc7\x04\xc1" + request[start + 1 : start + 5]

        assert answered(switch(session(max_send_pdu=limit), value), reply) is None
        assert b"".join(sent) == value


def test_blocks_need_to_be_negotiated():
    neither = without("block_transfer_with_action", "general_block_transfer")
    with pytest.raises(LocalError, match="no block transfer was negotiated"):
        next(long_call(session(neither, max_send_pdu=26)))


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([NEXT.format(2)], "block 2 was acknowledged instead of 1"),
        ([NEXT.format(1), NEXT.format(2)], "the last block was acknowledged, but no result came"),
        ([DONE], "the result came after block 1, which was not the last"),
        (["C704C1 0001"], "ActionResponseNextPblock"),
    ],
)
def test_a_wrong_acknowledgement_is_an_error(answers, why):
    with pytest.raises(DecodeError, match=why):
        talk(long_call(), *((None, answer) for answer in answers))


def test_the_meter_may_break_it_off():
    with pytest.raises(AccessError, match="long-action-aborted"):
        talk(long_call(), (FIRST, "C701C1 0F 00"))


def test_acknowledgements_that_come_again_are_passed_over():
    turns = [(FIRST, NEXT.format(1)), (LAST, NEXT.format(1)), ("", DONE)]
    assert talk(long_call(), *turns) is None


def test_a_block_is_sent_again_on_silence():
    turns = [(FIRST, SILENCE), (FIRST, NEXT.format(1)), (LAST, SILENCE), (LAST, DONE)]
    assert talk(long_call(session(max_send_pdu=26, repeats=1)), *turns) is None


# --- long results ---

PART_1, PART_2 = "C702C1 00 00000001 03 0904AA", "C702C1 01 00000002 03 BBCCDD"
ASK_ON = "C302C1 {:08X}"
RESULT = bytes.fromhex("0904AABBCCDD")


def test_a_long_result_comes_in_blocks():
    assert talk(switch(), (REQUEST, PART_1), (ASK_ON.format(1), PART_2)) == RESULT


def test_a_long_result_may_be_an_outcome_with_all_its_parts():
    turns = [(REQUEST, "C702C1 00 00000001 05 0001000904"), (ASK_ON.format(1), "C702C1 01 00000002 04 AABBCCDD")]
    assert talk(switch(), *turns) == RESULT


def test_long_both_ways():
    turns = [(FIRST, NEXT.format(1)), (LAST, PART_1), (ASK_ON.format(1), PART_2)]
    assert talk(long_call(), *turns) == RESULT


def test_parts_that_come_again_are_passed_over():
    turns = [(FIRST, NEXT.format(1)), (LAST, PART_1), (ASK_ON.format(1), PART_1), ("", NEXT.format(1)), ("", PART_2)]
    assert talk(long_call(), *turns) == RESULT


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("C702C1 01 00000003 03 BBCCDD", "block 3 came instead of 2"),
        ("C702C1 01 00000002 02 BBCC", "octet"),
        ("C702C1 01 00000002 04 BBCCDDEE", "octet|DataBlock|ActionOutcome"),
        ("C701C1 00 00", "a result came instead of a block"),
        ("C703C1 00", "ActionResponseWithPblock"),
    ],
)
def test_a_wrong_part_is_an_error(answer, why):
    with pytest.raises(DecodeError, match=why):
        talk(switch(), (REQUEST, PART_1), (ASK_ON.format(1), answer))


@pytest.mark.parametrize("answer", cuts(PART_2), ids=len)
def test_every_cut_of_a_part_is_an_error(answer):
    with pytest.raises(DecodeError):
        talk(switch(), (REQUEST, PART_1), (ASK_ON.format(1), answer))


def test_the_meter_may_break_off_its_result():
    with pytest.raises(AccessError, match="long-action-aborted") as caught:
        talk(switch(), (REQUEST, PART_1), (ASK_ON.format(1), "C701C1 0F 00"))
    assert caught.value.result == 15


def part_after(sent, data):
    number = int.from_bytes(sent[3:7], "big") + 1 if sent[1] == 2 else 1
    return bytes.fromhex(f"C702C1 00 {number:08X} {len(data):02X}") + data


@pytest.mark.parametrize(("data", "size"), [(b"", 0), (bytes(100), 10_100)])
def test_parts_do_not_go_on_for_ever(data, size):
    with pytest.raises(DecodeError, match=f"{size} octets came in .* and no end"):
        forever(switch(session(most_octets=10_000)), lambda sent: part_after(sent, data), 100 + MOST_EMPTY)


# --- many ---

CALLS = [(SWITCH, b"\x0f\x00"), (RESET, None)]
LIST = "C303C1 02 0046 000060030AFF 01 0003 0100010800FF 01 02 0F00 00"


def test_many_methods_go_together():
    value, refusal = talk(invoke_many(session(), CALLS), (LIST, "C703C1 02 00 01 00 1105 03 00"))
    assert (value, refusal.result) == (b"\x11\x05", 3)


def test_nothing_is_invoked_for_nothing():
    assert talk(invoke_many(session(), [])) == []


def test_without_multiple_references_they_go_one_by_one():
    turns = [(REQUEST, DONE), ("C301C2 0003 0100010800FF 01 00", "C701C2 03 00")]
    none, refusal = talk(invoke_many(session(without("multiple_references")), CALLS), *turns)
    assert (none, refusal.result) == (None, 3)


def test_many_are_split_so_that_requests_fit():
    turns = [(None, "C703C1 02 00 00 00 00"), (None, "C701C2 00 00")]
    assert talk(invoke_many(session(max_send_pdu=40), [*CALLS, CALLS[0]]), *turns) == [None] * 3


def test_one_refusal_may_answer_all():
    assert [one.result for one in talk(invoke_many(session(), CALLS), (LIST, "C701C1 0B 00"))] == [11, 11]


def test_a_long_answer_to_many_comes_in_blocks():
    turns = [(LIST, "C702C1 00 00000001 04 02000100"), (ASK_ON.format(1), "C702C1 01 00000002 04 11050300")]
    value, refusal = talk(invoke_many(session(), CALLS), *turns)
    assert (value, refusal.result) == (b"\x11\x05", 3)


@pytest.mark.parametrize(
    "answer",
    [
        "C703C1 01 00 00",
        "C703C1 03 00 00 00 00 00 00",
        "C703C1 84FFFFFFFF",
        "C703C1 02 00 00",
        "C702C1 01 00000001 02 0200",
        "C702C1 01 00000001 06 020000000000",
    ],
)
def test_a_result_for_each(answer):
    with pytest.raises(DecodeError):
        talk(invoke_many(session(), CALLS), (LIST, answer))


def test_a_setting_sends_long_lists_in_blocks():
    """38 octets: 27 of them lead the first block, 8 the others; the parameters are a list with its count."""
    one = session(max_send_pdu=38, long_lists=True)
    values = "02" + LONG.hex() + "00"
    turns = [
        (f"C305C1 02 0046 000060030AFF 01 0003 0100010800FF 01 00 00000001 0A {values[:20]}", NEXT.format(1)),
        (f"C306C1 01 00000002 0A {values[20:]}", "C703C1 02 00 00 03 00"),
    ]
    none, refusal = talk(invoke_many(one, [(SWITCH, LONG), (RESET, None)]), *turns)
    assert (none, refusal.result) == (None, 3)
