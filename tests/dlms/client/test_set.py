"""SET: one, many, long; and every way an answer may be wrong."""

import pytest

from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import CHOICE, DOUBLE_LONG_UNSIGNED, LONG_UNSIGNED
from anymeter.dlms.client.set import set_alike, set_attribute, set_many, set_octets
from anymeter.dlms.descriptors import AttributeDescriptor, SelectiveAccess
from anymeter.errors import AccessError, DecodeError, LinkTimeout, LocalError
from anymeter.obis import Obis
from client_talk import ENERGY, SILENCE, answered, cuts, session, talk, without

TIME = AttributeDescriptor(8, Obis("0-0:1.0.0*255"), 2)
VALUE = AttributeDescriptor(3, ENERGY, 2)
SHOWN = bytes.fromhex("090C07E4060A03100F2D0AFF8880")
# set-request-normal and its answer: the worked examples of the application layer.
REQUEST = "C101C1 0008 0000010000FF 02 00" + SHOWN.hex()


class Gauge(InterfaceClass, class_id=9002):
    limit = attribute(2, LONG_UNSIGNED)
    level = attribute(3, CHOICE)


def test_an_encoded_value():
    assert talk(set_octets(session(), TIME, SHOWN), (REQUEST, "C501C1 00")) is None


def test_a_value_of_a_declared_type():
    asked = set_attribute(session(), "1-0:1.8.0", Gauge.limit, 1000)
    assert talk(asked, ("C101C1 232A 0100010800FF 02 00 1203E8", "C501C1 00")) is None


def test_a_type_that_the_class_leaves_open_is_given_or_looked_up():
    given = set_attribute(session(), ENERGY, Gauge.level, 5, schema=DOUBLE_LONG_UNSIGNED)
    assert talk(given, ("C101C1 232A 0100010800FF 03 00 0600000005", "C501C1 00")) is None
    turns = [("C001C1 0003 0100010800FF 02 00", "C401C1 00 120001")]
    turns += [("C101C2 0003 0100010800FF 02 00 120005", "C501C2 00")]
    assert talk(set_alike(session(), VALUE, 5), *turns) is None
    with pytest.raises(LocalError):
        next(set_attribute(session(), ENERGY, Gauge.level, 5))


def test_a_value_that_does_not_fit_is_our_mistake():
    with pytest.raises(LocalError, match="70000 does not fit"):
        next(set_attribute(session(), ENERGY, Gauge.limit, 70000))


def test_a_part_of_an_attribute():
    asked = set_octets(session(), VALUE, b"\x11\x05", SelectiveAccess(1, b"\x00"))
    assert talk(asked, ("C101C1 0003 0100010800FF 02 01 01 00 1105", "C501C1 00")) is None
    with pytest.raises(LocalError, match="selective-access was not negotiated"):
        next(set_octets(session(without("selective_access")), VALUE, b"\0", SelectiveAccess(1, b"\x00")))


def test_what_was_not_negotiated_is_not_asked_for():
    with pytest.raises(LocalError, match="set was not negotiated"):
        next(set_octets(session(without("set")), VALUE, b"\0"))
    everything = AttributeDescriptor(3, ENERGY, 0)
    with pytest.raises(LocalError, match="attribute0-supported-with-set was not negotiated"):
        next(set_octets(session(without("attribute0_supported_with_set")), everything, b"\0"))


def test_a_refusal_is_told_in_words():
    with pytest.raises(AccessError, match="type-unmatched") as caught:
        talk(set_octets(session(), TIME, SHOWN), (REQUEST, "C501C1 0C"))
    assert caught.value.result == 12


def test_unconfirmed_asks_for_no_answer():
    one = session()
    assert talk(set_octets(one, VALUE, b"\x11\x05", unconfirmed=True)) is None
    assert [apdu.hex() for apdu in one.take_unsent()] == ["c1018100030100010800ff02001105"]


@pytest.mark.parametrize(
    "answer", [*cuts("C501C1 00"), b"\xc5\x01\xc1\x00\x00", b"\xc5\x05\xc1\x00", b"\xc5\x09\xc1\x00"]
)
def test_answers_of_another_form_are_errors(answer):
    with pytest.raises(DecodeError):
        talk(set_octets(session(), TIME, SHOWN), (REQUEST, answer))


# --- blocks ---

LONG = bytes.fromhex("0910") + bytes(range(16))


def long_set(one=None):
    return set_octets(one or session(max_send_pdu=26), VALUE, LONG)


def test_a_long_value_goes_in_blocks():
    """26 octets: 18 of them lead the first block, 8 the others, the length of its data takes one."""
    turns = [
        ("C102C1 0003 0100010800FF 02 00 00 00000001 07" + LONG[:7].hex(), "C502C1 00000001"),
        ("C103C1 01 00000002 0B" + LONG[7:].hex(), "C503C1 00 00000002"),
    ]
    assert talk(long_set(), *turns) is None


def test_every_block_fits_and_all_of_them_make_the_value():
    value = bytes.fromhex("09820400") + bytes(range(256)) * 4
    for limit in (26, 128, 150, 300, 512):
        sent = []

        def reply(request, sent=sent, limit=limit):
            assert len(request) <= limit
            sent.append(request)
            start = 13 if request[1] == 2 else 3
            last, number = request[start], request[start + 1 : start + 5]
            assert int.from_bytes(number, "big") == len(sent)
            return b"\xc5\x03\xc1\x00" + number if last else b"\xc5\x02\xc1" + number

        assert answered(set_octets(session(max_send_pdu=limit), VALUE, value), reply) is None
        assert b"".join(block_data(request) for request in sent) == value
        assert {request[1] for request in sent[1:]} <= {3}


def block_data(request):
    start = 18 if request[1] == 2 else 8
    lengths = {0x81: 2, 0x82: 3}.get(request[start], 1)
    return request[start + lengths :]


def test_blocks_need_to_be_negotiated():
    neither = without("block_transfer_with_set_or_write", "general_block_transfer")
    with pytest.raises(LocalError, match="no block transfer was negotiated"):
        next(long_set(session(neither, max_send_pdu=26)))


def blocks(*answers):
    return [(None, answer) for answer in answers]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (["C502C1 00000002"], "block 2 was acknowledged instead of 1"),
        (["C502C1 00000000"], "silent: all that came was an answer"),
        (["C502C1 00000001", "C502C1 00000002"], "the last block was acknowledged, but no result came"),
        (["C503C1 00 00000001"], "success was answered to block 1, which was not the last"),
        (["C501C1 00"], "success was answered to block 1"),
        (["C502C1 000001"], "SetResponseDatablock"),
        (["C509C1 00000001"], "SetResponse"),
    ],
)
def test_a_wrong_acknowledgement_is_an_error(answers, why):
    with pytest.raises((DecodeError, LinkTimeout), match=why):
        talk(long_set(), *blocks(*answers), *[("", SILENCE)] * ("silent" in why))


@pytest.mark.parametrize("refusal", ["C503C1 13 00000001", "C501C1 11", "C503C1 11 00000001"])
def test_the_meter_may_break_it_off(refusal):
    with pytest.raises(AccessError, match=r"data-block-number-invalid|long-set-aborted"):
        talk(long_set(), *blocks(refusal))


def test_the_result_of_the_last_block_counts():
    with pytest.raises(AccessError, match="read-write-denied"):
        talk(long_set(), *blocks("C502C1 00000001", "C503C1 03 00000002"))
    assert talk(long_set(), *blocks("C502C1 00000001", "C501C1 00")) is None


def test_acknowledgements_that_come_again_are_passed_over():
    assert talk(long_set(), *blocks("C502C1 00000001", "C502C1 00000001", "C503C1 00 00000002")) is None


def test_a_block_is_sent_again_on_silence():
    again = session(max_send_pdu=26, repeats=1)
    first = "C102C1 0003 0100010800FF 02 00 00 00000001 07" + LONG[:7].hex()
    last = "C103C1 01 00000002 0B" + LONG[7:].hex()
    turns = [(first, SILENCE), (first, "C502C1 00000001"), (last, SILENCE), (last, "C503C1 00 00000002")]
    assert talk(long_set(again), *turns) is None


# --- many ---

ITEMS = [(VALUE, b"\x11\x05"), (TIME, b"\x11\x06")]
LIST = "C104C1 02 0003 0100010800FF 02 00 0008 0000010000FF 02 00 02 1105 1106"


def test_many_attributes_go_together():
    first, second = talk(set_many(session(), ITEMS), (LIST, "C505C1 02 00 03"))
    assert (first, second.result) == (None, 3)


def test_nothing_is_set_for_nothing():
    assert talk(set_many(session(), [])) == []


def test_without_multiple_references_they_go_one_by_one():
    turns = [("C101C1 0003 0100010800FF 02 00 1105", "C501C1 00"), ("C101C2 0008 0000010000FF 02 00 1106", "C501C2 03")]
    first, second = talk(set_many(session(without("multiple_references")), ITEMS), *turns)
    assert (first, second.result) == (None, 3)


def test_many_are_split_so_that_requests_fit():
    turns = [(None, "C505C1 02 00 00"), (None, "C501C2 00")]
    assert talk(set_many(session(max_send_pdu=48), [*ITEMS, ITEMS[0]]), *turns) == [None] * 3


def test_a_long_value_among_many_goes_alone():
    """A list whose values do not fit at all is left to the blocks of single requests."""
    turns = [(None, "C502C1 00000001"), (None, "C503C1 00 00000002"), (None, "C501C2 00")]
    assert talk(set_many(session(max_send_pdu=26), [(VALUE, LONG), ITEMS[0]]), *turns) == [None, None]


def test_one_refusal_may_answer_all():
    assert [one.result for one in talk(set_many(session(), ITEMS), (LIST, "C501C1 0B"))] == [11, 11]


@pytest.mark.parametrize("answer", ["C505C1 01 00", "C505C1 03 00 00 00", "C505C1 84FFFFFFFF", "C505C1 02 00"])
def test_a_result_for_each(answer):
    with pytest.raises(DecodeError):
        talk(set_many(session(), ITEMS), (LIST, answer))


def test_a_setting_sends_long_lists_in_blocks():
    """40 octets: 29 of them lead the first block, 8 the others; the values are a list with its count."""
    one = session(max_send_pdu=40, long_lists=True)
    values = "02" + LONG.hex() + "1106"
    heads = "02 0003 0100010800FF 02 00 0008 0000010000FF 02 00"
    turns = [
        (f"C105C1 {heads} 00 00000001 0A {values[:20]}", "C502C1 00000001"),
        (f"C103C1 01 00000002 0B {values[20:]}", "C504C1 02 00 03 00000002"),
    ]
    first, second = talk(set_many(one, [(VALUE, LONG), ITEMS[1]]), *turns)
    assert (first, second.result) == (None, 3)
