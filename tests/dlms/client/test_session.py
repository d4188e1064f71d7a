"""The state of a session: invoke ids, what may be used, what fits."""

import pytest

from anymeter.dlms.client.session import LARGEST_PDU, Session, Settings
from anymeter.dlms.enums import ApplicationContext, Conformance
from anymeter.errors import LocalError


class Overhead:
    overhead = 21

    def protect(self, apdu):
        return apdu

    def unprotect(self, apdu):
        return apdu


def test_invoke_ids_go_from_1_to_15_and_round():
    session = Session()
    assert [session.next_invoke() for _ in range(16)] == [*range(0xC1, 0xD0), 0xC1]


@pytest.mark.parametrize(
    ("confirmed", "high", "first"), [(True, True, 0xC1), (True, False, 0x41), (False, True, 0x81), (False, False, 1)]
)
def test_service_class_and_priority_stand_in_the_upper_bits(confirmed, high, first):
    session = Session(Settings(confirmed=confirmed, high_priority=high))
    assert session.next_invoke() == first
    assert session.next_long_invoke() == (first & 0xF0) << 24 | 1


def test_long_invoke_ids_have_24_bits():
    session = Session()
    session._long_invoke = 0xFFFFFE
    assert [session.next_long_invoke() for _ in range(2)] == [0xC0FFFFFF, 0xC0000001]


def test_a_feature_is_there_when_it_was_negotiated():
    session = Session()
    session.negotiated(int(Conformance.get | Conformance.selective_access), 128)
    assert session.has(Conformance.get)
    assert not session.has(Conformance.set)
    session.require(Conformance.selective_access)
    with pytest.raises(LocalError, match="block-transfer-with-action was not negotiated"):
        session.require(Conformance.block_transfer_with_action)


def test_a_setting_asks_for_what_was_not_negotiated():
    session = Session(Settings(unnegotiated=True))
    session.require(Conformance.action)


@pytest.mark.parametrize(
    ("server", "cap", "effective"), [(0, 0xFFFF, LARGEST_PDU), (128, 0xFFFF, 128), (1024, 200, 200)]
)
def test_the_smaller_limit_holds(server, cap, effective):
    session = Session(Settings(max_send_pdu=cap))
    session.negotiated(0, server)
    assert session.max_send_pdu == effective


def length_octets(size):
    return 1 if size < 0x80 else 2 if size < 0x100 else 3


@pytest.mark.parametrize("guard", [None, Overhead()])
def test_room_is_the_most_that_fits(guard):
    session = Session(guard=guard)
    spare = guard.overhead if guard else 0
    for limit in [*range(20 + spare, 300 + spare), 1024, 16384, 65535]:
        session.negotiated(0, limit)
        size = session.room(8)
        assert 8 + length_octets(size) + size + spare <= limit
        assert 8 + length_octets(size + 1) + size + 1 + spare > limit


def test_no_room_is_our_mistake():
    session = Session()
    session.negotiated(0, 12)
    with pytest.raises(LocalError, match="no block fits into the 12 octets"):
        session.room(12)


def test_what_fits_counts_the_protection():
    session = Session(guard=Overhead())
    session.negotiated(0, 100)
    assert session.fits(bytes(79))
    assert not session.fits(bytes(80))


def test_what_waits_to_be_sent_leaves_with_the_next_request():
    session = Session()
    assert session.with_unsent(b"request") == b"request"
    session.unsent += [b"one", b"two"]
    assert session.with_unsent(b"request") == (b"one", b"two", b"request")
    session.unsent.append(b"three")
    assert session.with_unsent(b"") == (b"three",)
    session.unsent.append(b"four")
    assert session.take_unsent() == [b"four"]
    assert session.take_unsent() == []


def test_forgetting_goes_back_to_before_the_association():
    session = Session()
    session.negotiated(int(Conformance.get), 128)
    session.names, session.server_system_title = {}, b"title"
    session.forget()
    assert (session.associated, session.conformance, session.max_send_pdu) == (False, 0, LARGEST_PDU)
    assert (session.names, session.server_system_title) == (None, b"")


def test_the_proposal_fits_the_referencing():
    logical, short = Settings(), Settings(context=ApplicationContext.short_names)
    assert Conformance(logical.proposal) & (Conformance.get | Conformance.read) == Conformance.get
    assert Conformance(short.proposal) & (Conformance.get | Conformance.read) == Conformance.read
    assert Settings(conformance=0x10).proposal == 0x10


def test_contexts_say_what_they_are():
    ciphered = Settings(context=ApplicationContext.short_names_ciphered)
    assert (ciphered.short_names, ciphered.ciphered) == (True, True)
    assert (Settings().short_names, Settings().ciphered) == (False, False)


def test_the_secret_never_shows():
    settings = Settings(client=1, secret=b"12345678")
    assert repr(settings) == "Settings(client=1)"
    assert "12345678" not in repr(Session(settings))
    assert repr(Session(settings)) == "<Session of client 1 with server 1, not associated>"


def test_without_an_association_nothing_can_be_asked():
    one = Session(Settings())
    with pytest.raises(LocalError, match="no get: there is no association"):
        one.require(Conformance.get)
    one.negotiated(0, 0)
    with pytest.raises(LocalError, match="get was not negotiated"):
        one.require(Conformance.get)
