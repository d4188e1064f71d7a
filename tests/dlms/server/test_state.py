"""The state of one association."""

from collections import deque

from anymeter.cosem.enums import Conformance
from anymeter.dlms.server.block_transfer import BlockTransfer
from anymeter.dlms.server.reach import Reach
from anymeter.dlms.server.repeats import Repeats
from anymeter.dlms.server.settings import Settings
from anymeter.dlms.server.state import ASSOCIATED, PENDING, Association
from anymeter.dlms.server.transfers import GET, SET, LongAnswer, LongRequest
from anymeter.links.events import Route
from dlms_meter import PUBLIC, Meter


def association(**more):
    device = Meter().logical
    profile = device.associations[PUBLIC]
    reach = Reach(device, profile, int(Conformance.get | Conformance.set), 1000, deque())
    return Association(Route(PUBLIC, 1), device, profile, reach, 200, Settings(**more))


def test_a_new_one():
    new = association()
    assert (new.status, new.room, new.send_limit, new.receive_limit) == (ASSOCIATED, 200, 200, 1024)
    assert (new.answers, new.protection, new.guard, new.busy) == (True, 0, None, False)
    assert PENDING != ASSOCIATED


def test_what_it_allows():
    both = int(Conformance.get | Conformance.set)
    assert association().allows(both)
    assert association().allows(0)
    assert not association().allows(both | int(Conformance.action))


def test_it_is_busy_with_a_transfer_until_it_is_abandoned():
    one = association()
    one.answer = LongAnswer(GET, 0xC1, bytes(10), 3, b"")
    assert one.busy
    one.abandon()
    one.request = LongRequest(SET, 0xC1, None, b"")
    assert one.busy
    one.abandon()
    assert not one.busy


def test_general_blocks_keep_it_busy_while_they_are_under_way():
    one = association()
    one.blocks = BlockTransfer(3, 100)
    assert not one.busy
    one.blocks.send(bytes(50), 20)
    assert one.busy


def test_a_long_request_begins_anew_unless_only_its_first_block_has_come():
    one = association()
    running = one.begin(SET, b"request", 0xC1, "head", b"raw")
    running.take(1, b"raw", False)
    assert one.begin(SET, b"request", 0xC1, "head", b"raw") is running
    assert one.begin(SET, b"request", 0xC1, "another", b"raw") is not running
    running = one.begin(SET, b"request", 0xC1, "head", b"raw")
    running.take(1, b"raw", False)
    running.take(2, b"more", False)
    assert one.begin(SET, b"request", 0xC1, "head", b"raw") is not running


def test_where_datagrams_come_late_a_long_request_that_was_finished_does_not_begin_again():
    one = association()
    one.repeats = Repeats(10, 4)
    done = one.begin(SET, b"done", 0xC1, "head", b"raw")
    for number in (1, 2, 3):
        done.take(number, b"raw", True)
    assert one.begin(SET, b"done", 0xC1, "head", b"raw") is done
    one.finish(done)
    assert [one.is_late(SET, 0xC1, number) for number in (1, 2, 3, 4)] == [True, True, False, False]
    assert not one.is_late(SET, 0xC2, 1)
    assert not one.is_late(GET, 0xC1, 1)
    running = one.begin(SET, b"running", 0xC2, "head", b"raw")
    assert one.begin(SET, b"done", 0xC1, "head", b"raw") is not running
    assert one.request is running


def test_nothing_is_late_where_nothing_gets_lost():
    one = association()
    one.finish(one.begin(SET, b"done", 0xC1, "head", b"raw"))
    assert not one.is_late(SET, 0xC1, 0)


def test_a_long_answer_goes_on_when_an_old_request_comes_late():
    one = association()
    one.repeats = Repeats(10, 4)
    old, new = (LongAnswer(GET, 0xC1, bytes(10), 3, started) for started in (b"old", b"new"))
    assert one.answering(old) is old
    assert one.answering(LongAnswer(GET, 0xC1, b"", 3, b"old")) is old
    assert one.answering(new) is new
    again = LongAnswer(GET, 0xC1, b"", 3, b"old")
    assert one.answering(again) is again
    assert one.answer is new
    new.sent = new.blocks
    assert one.answering(again) is one.answer is again


def test_deadlines():
    one = association(transfer_timeout=60)
    one.touched = 100.0
    assert list(one.deadlines()) == []
    one.blocks = BlockTransfer(3, 100)
    one.blocks.receive(bytes.fromhex("E0 43 0001 0000 01 00"), 100.0, 5.0, False)
    assert list(one.deadlines()) == [160.0, 105.0]
