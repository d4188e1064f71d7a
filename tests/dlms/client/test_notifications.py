"""What comes unasked: told apart, confirmed, put together from blocks."""

import pytest

from anymeter.dlms.blocks import LAST, MOST_OCTETS, GeneralBlockTransfer
from anymeter.dlms.client.notifications import Inbox, is_notification, is_protected, notification
from anymeter.dlms.notifications import DataNotification, EventNotification
from anymeter.dlms.short_names import InformationReport
from anymeter.errors import DecodeError

# The worked examples of the application layer: data-notification, event-notification, information report.
DATA = bytes.fromhex("0F 00000001 00 0203 120001 0600000064 1102")
CONFIRMED = bytes.fromhex("0F 40000007 00 1105")
EVENT = bytes.fromhex("C2 00 0003 0100010800FF 02 06 000003E8")
REPORT = bytes.fromhex("18 00 01 02 00A8 01 06 000003E8")


@pytest.mark.parametrize(
    ("octets", "kind"), [(DATA, DataNotification), (EVENT, EventNotification), (REPORT, InformationReport)]
)
def test_notifications_are_told_by_their_tag(octets, kind):
    assert is_notification(octets)
    found = notification(octets)
    assert (type(found.apdu), found.octets, found.error, found.confirmation) == (kind, octets, None, None)


@pytest.mark.parametrize("octets", [b"", b"\xc4\x01\xc1\x00\x00", b"\xd8\x01\x01", b"\xe0"])
def test_others_are_none(octets):
    assert not is_notification(octets)


def test_a_confirmed_notification_has_its_confirmation():
    assert notification(CONFIRMED).confirmation == bytes.fromhex("10 40000007 00")


@pytest.mark.parametrize("whole", [DATA, EVENT, REPORT])
def test_a_broken_notification_is_kept_and_says_why(whole):
    for end in range(1, len(whole)):
        found = notification(whole[:end])
        assert (found.apdu, found.octets, found.confirmation) == (None, whole[:end], None)
        assert isinstance(found.error, DecodeError)


def block(number, data, *, last=False, window=0):
    return GeneralBlockTransfer((LAST if last else 0x40) | window, number, 0, data).encode()


def test_an_inbox_takes_whole_notifications():
    assert Inbox().receive(DATA).apdu.value == (1, 100, 2)
    with pytest.raises(DecodeError, match="c4 is no notification"):
        Inbox().receive(b"\xc4\x01")
    with pytest.raises(DecodeError, match="nothing is no notification"):
        Inbox().receive(b"")


# general-glo-ciphering with an empty title, glo-event-notification, ded-information-report: 7 octets protected each.
@pytest.mark.parametrize("octets", ["DB 00 07 20 00000001 AABB", "CA 07 20 00000001 AABB", "58 07 20 00000001 AABB"])
def test_a_protected_one_is_taken_as_it_is(octets):
    octets = bytes.fromhex(octets)
    assert is_protected(octets)
    assert not is_notification(octets)
    for came in (octets, block(1, octets, last=True)):
        found = Inbox().receive(came)
        assert (found.octets, found.error, found.confirmation) == (octets, None, None)
        assert found.apdu is not None


@pytest.mark.parametrize("octets", ["", "0F", "C4", "CC", "C8", "E0", "28"])
def test_answers_and_requests_that_are_protected_are_none(octets):
    assert not is_protected(bytes.fromhex(octets))


def test_an_inbox_puts_blocks_together():
    inbox = Inbox()
    assert inbox.receive(block(1, DATA[:5])) is None
    assert inbox.receive(block(2, DATA[5:10])) is None
    assert inbox.receive(block(2, DATA[5:10])) is None
    assert inbox.receive(block(3, DATA[10:], last=True)).apdu.value == (1, 100, 2)
    assert inbox.receive(block(1, EVENT, last=True)).apdu.value == 1000


def test_a_missing_block_is_told_and_the_next_run_is_taken():
    inbox = Inbox()
    inbox.receive(block(1, DATA[:5]))
    with pytest.raises(DecodeError, match="block 3 came, block 2 is missing"):
        inbox.receive(block(3, DATA[10:], last=True))
    assert inbox.receive(block(1, DATA[:5])) is None
    assert inbox.receive(block(2, DATA[5:], last=True)).apdu.value == (1, 100, 2)


def test_a_new_run_replaces_an_unfinished_one():
    inbox = Inbox()
    inbox.receive(block(1, EVENT[:5]))
    assert inbox.receive(block(1, DATA, last=True)).apdu.value == (1, 100, 2)


def test_blocks_make_no_more_than_a_limit():
    inbox = Inbox()
    data = bytes(1 << 20)
    for number in range(1, 17):
        assert inbox.receive(block(number, data)) is None
    with pytest.raises(DecodeError, match=f"more than {MOST_OCTETS} octets"):
        inbox.receive(block(17, data))
    assert inbox.receive(block(1, DATA, last=True)) is not None


def test_what_blocks_make_must_be_a_notification():
    with pytest.raises(DecodeError, match="no notification"):
        Inbox().receive(block(1, b"\xc4\x01\xc1\x00\x00", last=True))
