"""Requests name their answers; scalers, blocks, titles and keys are kept for what comes later, within bounds."""

from __future__ import annotations

import pytest

import dlms_talk as talk
from anymeter.decoding import conversation
from anymeter.decoding.conversation import SCALERS, Conversation
from anymeter.dlms import acse
from anymeter.dlms.access import AccessGet, AccessOutcome, AccessResponse
from anymeter.dlms.blocks import GeneralBlockTransfer
from anymeter.dlms.enums import AccessKind, DataAccessResult
from anymeter.errors import DecodeError
from anymeter.obis import Obis
from dlms_talk import EXPORT, IMPORT, WH

ONE, TWO = talk.number(1), talk.number(2)
DENIED = DataAccessResult.read_write_denied


@pytest.fixture
def heard():
    return Conversation()


def named(answers):
    return [(None if a is None else str(Obis(a.instance_id)), result) for a, result in answers]


def test_an_answer_gets_the_name_of_its_request(heard):
    assert heard.hear(talk.ask()) is None
    assert named(heard.hear(talk.answer(ONE))) == [("1-0:1.8.0*255", ONE)]


def test_an_answer_without_a_request_has_no_name(heard):
    assert heard.hear(talk.answer(ONE)) == [(None, ONE)]


def test_a_request_is_answered_once(heard):
    heard.hear(talk.ask())
    heard.hear(talk.answer(ONE))
    assert heard.hear(talk.answer(TWO)) == [(None, TWO)]


def test_requests_under_way_at_once_are_told_apart_by_their_invoke_ids(heard):
    heard.hear(talk.ask(IMPORT, invoke=1))
    heard.hear(talk.ask(EXPORT, invoke=2))
    assert named(heard.hear(talk.answer(TWO, invoke=2))) == [("1-0:2.8.0*255", TWO)]
    assert named(heard.hear(talk.answer(ONE, invoke=1))) == [("1-0:1.8.0*255", ONE)]


def test_priority_and_confirmation_are_no_part_of_the_invoke_id(heard):
    heard.hear(talk.ask(invoke=1))
    assert named(heard.hear(talk.get.GetResponseNormal(0x01, ONE))) == [("1-0:1.8.0*255", ONE)]


def test_a_lost_answer_does_not_shift_the_names_of_those_after_it(heard):
    heard.hear(talk.ask(IMPORT))
    heard.hear(talk.ask(EXPORT))
    assert named(heard.hear(talk.answer(TWO))) == [("1-0:2.8.0*255", TWO)]
    assert heard.hear(talk.answer(ONE)) == [(None, ONE)]


def test_a_request_sent_twice_names_one_answer(heard):
    heard.hear(talk.ask(IMPORT))
    heard.hear(talk.ask(IMPORT))
    heard.hear(talk.answer(ONE))
    heard.hear(talk.ask(EXPORT))
    assert named(heard.hear(talk.answer(TWO))) == [("1-0:2.8.0*255", TWO)]


def test_a_list_is_named_in_its_order(heard):
    heard.hear(talk.ask_list(talk.attribute(IMPORT), talk.attribute(EXPORT)))
    assert named(heard.hear(talk.answer_list(ONE, DENIED))) == [("1-0:1.8.0*255", ONE), ("1-0:2.8.0*255", DENIED)]


@pytest.mark.parametrize("results", [(ONE,), (ONE, TWO, ONE), ()])
def test_a_list_of_another_length_stays_without_names(heard, results):
    heard.hear(talk.ask_list(talk.attribute(IMPORT), talk.attribute(EXPORT)))
    assert heard.hear(talk.answer_list(*results)) == [(None, r) for r in results]


def test_a_scaler_is_kept_for_the_value(heard):
    heard.hear(talk.ask(number=3))
    heard.hear(talk.answer(talk.scaler_unit(-1)))
    assert heard.scaler_unit(talk.attribute()) == (-1, WH)
    assert heard.scaler_unit(talk.attribute(EXPORT)) is None
    assert heard.scaler_unit(talk.attribute(number=3)) is None
    assert heard.scaler_unit(None) is None


@pytest.mark.parametrize(
    ("kind", "holds", "values"), [(3, 3, (2,)), (4, 3, (2,)), (5, 4, (2, 3)), (1, 3, ()), (7, 4, ())]
)
def test_which_attribute_of_a_class_holds_the_scaler(heard, kind, holds, values):
    heard.hear(talk.ask(number=holds, kind=kind))
    heard.hear(talk.answer(talk.scaler_unit(2)))
    scaled = [n for n in range(1, 10) if heard.scaler_unit(talk.attribute(number=n, kind=kind))]
    assert tuple(scaled) == values


@pytest.mark.parametrize("result", [talk.number(5), DENIED, talk.SCALER_UNIT.encode((1, 2))[:2] + b"\x0f\x01\x0f\x02"])
def test_what_is_no_scaler_is_not_kept(heard, result):
    heard.hear(talk.ask(number=3))
    heard.hear(talk.answer(result))
    assert heard.scaler_unit(talk.attribute()) is None


def test_scalers_are_bounded(heard):
    for i in range(SCALERS + 5):
        heard.hear(talk.ask(Obis(bytes((1, 0, i >> 8, i & 255, 0, 255))), number=3))
        heard.hear(talk.answer(talk.scaler_unit(0)))
    assert len(heard._scalers) <= SCALERS


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_blocks_make_one_answer(heard, size):
    heard.hear(talk.ask())
    parts = [ONE[i : i + size] for i in range(0, len(ONE), size)]
    for place, part in enumerate(parts[:-1], start=1):
        assert heard.hear(talk.answer_block(part, place)) == []
    assert named(heard.hear(talk.answer_block(parts[-1], len(parts), last=True))) == [("1-0:1.8.0*255", ONE)]


def test_blocks_of_a_list(heard):
    heard.hear(talk.ask_list(talk.attribute(IMPORT), talk.attribute(EXPORT)))
    whole = talk.results_octets(ONE, DENIED)
    assert heard.hear(talk.answer_block(whole[:4], 1)) == []
    heard.hear(talk.get.GetRequestNext(0xC1, 1))
    found = heard.hear(talk.answer_block(whole[4:], 2, last=True))
    assert named(found) == [("1-0:1.8.0*255", ONE), ("1-0:2.8.0*255", DENIED)]


def test_a_block_sent_again_is_passed_over(heard):
    heard.hear(talk.ask())
    heard.hear(talk.answer_block(ONE[:2], 1))
    heard.hear(talk.answer_block(ONE[2:3], 2))
    assert heard.hear(talk.answer_block(ONE[2:3], 2)) == []
    assert named(heard.hear(talk.answer_block(ONE[3:], 3, last=True))) == [("1-0:1.8.0*255", ONE)]


def test_a_gap_among_blocks_is_an_error_and_ends_the_run(heard):
    heard.hear(talk.answer_block(ONE[:2], 1))
    with pytest.raises(DecodeError, match="block 3 follows block 1"):
        heard.hear(talk.answer_block(ONE[2:], 3, last=True))
    assert heard.hear(talk.answer_block(ONE, 4, last=True)) is None


def test_a_block_whose_beginning_was_not_heard_is_no_answer(heard):
    assert heard.hear(talk.answer_block(ONE, 2, last=True)) is None


def test_a_new_request_forgets_half_an_answer(heard):
    heard.hear(talk.answer_block(ONE[:2], 1))
    heard.hear(talk.ask())
    assert heard.hear(talk.answer_block(ONE[2:], 2, last=True)) is None


def test_a_result_in_place_of_a_block(heard):
    heard.hear(talk.ask())
    assert named(heard.hear(talk.answer_block(DENIED, 1, last=True))) == [("1-0:1.8.0*255", DENIED)]


def test_blocks_are_bounded(heard, monkeypatch):
    monkeypatch.setattr(conversation, "MOST_OCTETS", 100)
    heard.hear(talk.answer_block(bytes(60), 1))
    with pytest.raises(DecodeError, match="more than 100 octets"):
        heard.hear(talk.answer_block(bytes(60), 2))
    assert not heard._blocks


def block(octets, number, last=False):
    return GeneralBlockTransfer(0x80 if last else 0x00, number, 0, octets)


def test_general_block_transfer(heard):
    assert heard.transfer(block(b"ab", 1)) == []
    assert heard.transferring
    assert heard.transfer(block(b"", 1, last=True)) == [], "an acknowledgement"
    assert heard.transfer(block(b"cd", 2)) == []
    assert heard.transfer(block(b"cd", 2)) == [], "sent again"
    assert heard.transfer(block(b"e", 3, last=True)) == [b"abcde"]
    assert not heard.transferring


def test_a_general_block_transfer_begins_anew_with_block_1(heard):
    heard.transfer(block(b"lost", 1))
    heard.transfer(block(b"new", 1))
    assert heard.transfer(block(b"!", 2, last=True)) == [b"new!"]


def test_a_gap_in_a_general_block_transfer_is_an_error(heard):
    heard.transfer(block(b"ab", 1))
    with pytest.raises(DecodeError, match="block 3 follows block 1"):
        heard.transfer(block(b"e", 3, last=True))
    assert not heard.transferring


def test_general_block_transfers_are_bounded(heard, monkeypatch):
    monkeypatch.setattr(conversation, "MOST_OCTETS", 100)
    heard.transfer(block(bytes(60), 1))
    with pytest.raises(DecodeError, match="the last block is missing"):
        heard.transfer(block(bytes(60), 2))
    assert not heard.transferring


def test_titles_of_an_association(heard):
    names = {"application_context_name": acse.CONTEXT + b"\x03"}
    heard.hear(acse.Aarq(**names, calling_ap_title=b"CLIENT01"))
    heard.hear(acse.Aare(**names, result=0, diagnostic=0, responding_ap_title=b"METER001"))
    assert (heard.client_title, heard.server_title) == (b"CLIENT01", b"METER001")
    heard.hear(acse.Aare(**names, result=0, diagnostic=0))
    assert heard.server_title == b"METER001"


def test_a_new_association_has_no_dedicated_key_yet(heard):
    heard.dedicated = bytes(16)
    heard.hear(acse.Aarq(application_context_name=acse.CONTEXT + b"\x03"))
    assert heard.dedicated is None


def outcome(kind, result=DataAccessResult.success):
    return AccessOutcome(kind, result)


def test_access_names_its_answers_itself(heard):
    asked = (AccessGet(talk.attribute(IMPORT)), AccessGet(talk.attribute(EXPORT)))
    done = outcome(AccessKind.get), outcome(AccessKind.get, DENIED)
    found = heard.hear(AccessResponse(1, None, asked, (ONE, b"\x00"), done))
    assert named(found) == [("1-0:1.8.0*255", ONE), ("1-0:2.8.0*255", DENIED)]


def test_access_without_specifications_has_no_names(heard):
    found = heard.hear(AccessResponse(1, None, None, (ONE,), (outcome(AccessKind.get),)))
    assert found == [(None, ONE)]


def test_what_was_set_is_no_reading(heard):
    assert heard.hear(AccessResponse(1, None, None, (b"\x00",), (outcome(AccessKind.set),))) == []


def test_what_says_nothing_of_requests_is_passed_over(heard):
    assert heard.hear(talk.get.GetRequestNext(0xC1, 1)) is None
    assert heard.hear(object()) is None
