"""General block transfer at the server: bursts, windows, lost, doubled and late blocks, both directions, aborts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.cosem.enums import Conformance
from anymeter.dlms import apdu
from anymeter.dlms.blocks import GeneralBlockTransfer, join_blocks
from anymeter.dlms.server.block_transfer import ABORT, BlockTransfer, unconfirmed
from anymeter.errors import DecodeError, LocalError
from anymeter.wire import length_of
from dlms_meter import GAUGE, SHORT, STORE, Meter, hexed, without

LAST, STREAMING = 0x80, 0x40
SMALL = st.integers(0, 5)
REQUEST = bytes.fromhex(f"C001C1 {STORE} 02 00")


def block(control, number, acknowledged=0, data=b""):
    octets = bytes((0xE0, control)) + number.to_bytes(2, "big") + acknowledged.to_bytes(2, "big")
    return octets + length_of(len(data)) + data


def read(octets):
    found = apdu.decode(octets)
    return found.control, found.number, found.acknowledged, found.data


@pytest.fixture
def meter():
    meter = Meter().opened(pdu=27)
    meter.store.contents = bytes(range(54))
    return meter


ANSWER = bytes.fromhex("C401C100 0936") + bytes(range(54))
"""Three blocks of 20 octets."""


def test_the_example_of_three_blocks(meter):
    """Spec 02 section 7: a request of one block, a window of 3, an answer of three."""
    answers = meter.send(block(LAST | 3, 1, 0, REQUEST))
    assert [read(octets) for octets in answers] == [
        (STREAMING | 10, 1, 1, ANSWER[:20]),
        (STREAMING | 10, 2, 1, ANSWER[20:40]),
        (LAST | 10, 3, 1, ANSWER[40:]),
    ]
    assert meter.association.busy
    assert meter.send(block(LAST | 3, 2, 3)) == []
    assert not meter.association.busy


def test_the_window_of_the_client_may_change(meter):
    assert [read(o)[:3] for o in meter.send(block(LAST | 1, 1, 0, REQUEST))] == [(10, 1, 1)]
    assert [read(o)[:3] for o in meter.send(block(LAST | 2, 2, 1))] == [(STREAMING | 10, 2, 2), (LAST | 10, 3, 2)]
    assert meter.send(block(LAST | 3, 3, 3)) == []


def test_a_window_of_0_is_one_block_at_a_time(meter):
    assert [read(o)[:3] for o in meter.send(block(LAST, 1, 0, REQUEST))] == [(10, 1, 1)]


def test_a_lost_block_is_sent_again_from_there_on(meter):
    meter.send(block(LAST | 3, 1, 0, REQUEST))
    again = [read(octets) for octets in meter.send(block(LAST | 3, 2, 1))]
    assert again == [(STREAMING | 10, 2, 2, ANSWER[20:40]), (LAST | 10, 3, 2, ANSWER[40:])]
    assert len(meter.send(block(LAST | 3, 3, 2))) == 1


def test_a_late_acknowledgement_is_ignored(meter):
    meter.send(block(LAST | 1, 1, 0, REQUEST))
    meter.send(block(LAST | 1, 2, 1))
    meter.send(block(LAST | 1, 3, 2))
    assert meter.send(block(LAST | 1, 2, 1)) == []
    assert meter.association.busy


def test_an_acknowledgement_of_what_was_never_sent_aborts(meter):
    meter.send(block(LAST | 1, 1, 0, REQUEST))
    assert meter.send(block(LAST | 1, 2, 9)) == [ABORT] == [bytes.fromhex("E0 80 0000 0000 00")]
    assert not meter.association.busy


def test_an_abort_of_the_client_is_silence(meter):
    meter.send(block(LAST | 3, 1, 0, REQUEST))
    assert meter.send(ABORT) == []
    assert not meter.association.busy
    meter.send(block(STREAMING | 3, 1, 0, REQUEST[:5]))
    assert meter.send(ABORT) == []
    assert not meter.association.busy


def test_a_new_request_ends_an_answer(meter):
    meter.send(block(LAST | 3, 1, 0, REQUEST))
    answers = meter.send(block(LAST | 3, 1, 0, bytes.fromhex(f"C001C1 {GAUGE} 02 00")))
    assert [read(octets) for octets in answers] == [(LAST | 10, 1, 1, bytes.fromhex("C401C100 06 00001391"))]


# --- a request in several blocks ---

SET = bytes.fromhex(f"C101C1 {STORE} 02 00 0904 41424344")


def test_a_request_in_one_burst(meter):
    assert meter.send(block(STREAMING | 3, 1, 0, SET[:8])) == []
    assert meter.send(block(STREAMING | 3, 2, 0, SET[8:16])) == []
    answers = meter.send(block(LAST | 3, 3, 0, SET[16:]))
    assert [read(octets) for octets in answers] == [(LAST | 10, 1, 3, bytes.fromhex("C501C100"))]
    assert meter.store.contents == b"ABCD"


def test_a_request_in_two_bursts(meter):
    assert meter.send(block(STREAMING | 3, 1, 0, SET[:8])) == []
    assert [read(o) for o in meter.send(block(3, 2, 0, SET[8:16]))] == [(10, 1, 2, b"")]
    answers = meter.send(block(LAST | 3, 3, 1, SET[16:]))
    assert [read(octets) for octets in answers] == [(LAST | 10, 2, 3, bytes.fromhex("C501C100"))]


def test_a_client_that_does_not_count_our_acknowledgements(meter):
    assert [read(o) for o in meter.send(block(3, 1, 0, SET[:8]))] == [(10, 1, 1, b"")]
    answers = meter.send(block(LAST | 3, 2, 0, SET[8:]))
    assert [read(octets) for octets in answers] == [(LAST | 10, 1, 2, bytes.fromhex("C501C100"))]


def test_what_comes_behind_a_gap_is_not_kept(meter):
    meter.send(block(STREAMING | 5, 1, 0, SET[:4]))
    assert meter.send(block(STREAMING | 5, 3, 0, SET[8:12])) == []
    assert [read(o) for o in meter.send(block(LAST | 5, 4, 0, SET[12:]))] == [(10, 1, 1, b"")]
    assert meter.send(block(STREAMING | 5, 2, 1, SET[4:8])) == []
    assert meter.send(block(STREAMING | 5, 3, 1, SET[8:12])) == []
    assert len(meter.send(block(LAST | 5, 4, 1, SET[12:]))) == 1
    assert meter.store.contents == b"ABCD"


def test_a_first_block_that_got_lost_is_asked_for(meter):
    assert meter.send(block(STREAMING | 5, 2, 0, SET[4:8])) == []
    assert [read(o) for o in meter.send(block(LAST | 5, 3, 0, SET[8:]))] == [(10, 1, 0, b"")]
    meter.send(block(STREAMING | 5, 1, 1, SET[:4]))
    meter.send(block(STREAMING | 5, 2, 1, SET[4:8]))
    assert len(meter.send(block(LAST | 5, 3, 1, SET[8:]))) == 1


def test_a_doubled_block_is_taken_once(meter):
    for number in (1, 1, 2, 1, 2):
        at = 8 * (number - 1)
        assert meter.send(block(STREAMING | 5, number, 0, SET[at : at + 8])) == []
    assert len(meter.send(block(LAST | 5, 3, 0, SET[16:]))) == 1
    assert meter.store.contents == b"ABCD"


def test_a_first_block_with_other_octets_begins_anew(meter):
    meter.send(block(STREAMING | 5, 1, 0, b"\xc3\x01"))
    meter.send(block(STREAMING | 5, 2, 0, b"whatever"))
    meter.send(block(STREAMING | 5, 1, 0, SET[:8]))
    assert read(meter.send(block(LAST | 5, 2, 0, SET[8:]))[0])[3] == bytes.fromhex("C501C100")


def test_a_client_whose_numbers_go_on(meter):
    meter.send(block(LAST | 3, 1, 0, REQUEST))
    meter.send(block(LAST | 3, 2, 3))
    answers = meter.send(block(LAST | 3, 3, 3, bytes.fromhex(f"C001C1 {GAUGE} 02 00")))
    assert [read(octets) for octets in answers] == [(LAST | 10, 4, 3, bytes.fromhex("C401C100 06 00001391"))]


def test_silence_in_the_middle_of_a_burst_is_ended_by_asking_for_the_rest(meter):
    meter.now = 100.0
    meter.send(block(STREAMING | 5, 1, 0, SET[:8]))
    assert meter.line.next_timeout() == 105
    assert meter.line.handle_timeout(104.9) == []
    (unit,) = meter.line.handle_timeout(105)
    assert read(unit.apdu) == (10, 1, 1, b"")
    assert [len(meter.line.handle_timeout(at)) for at in (106, 110, 115, 120, 125)] == [0, 1, 1, 0, 0]
    assert meter.line.next_timeout() == 220
    assert meter.line.handle_timeout(220) == []
    assert not meter.association.busy
    assert meter.line.next_timeout() is None


def test_an_apdu_beyond_the_bound_is_aborted():
    meter = Meter(most_transfer=10).opened()
    meter.send(block(STREAMING | 5, 1, 0, bytes(6)))
    assert meter.send(block(STREAMING | 5, 2, 0, bytes(5))) == [ABORT]
    assert not meter.association.busy


# --- what it carries ---


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (f"C301C1 {GAUGE} 01 00", "C701C10000"),
        (f"D9 40000001 00 01 01 {GAUGE} 02 01 00", "DA 40000001 00 00 01 06 00001391 01 01 00"),
        ("C009C1", "D80103"),
        ("FF", "D80202"),
        ("C801C1", "D80105"),
        ("E0 80 0001 0000 00", "D80102"),
        ("6200", "D80102"),
        ("", ""),
    ],
    ids=["action", "access", "broken", "unknown", "ciphered", "blocks in blocks", "a release", "nothing"],
)
def test_any_apdu(meter, request_, answer):
    answers = meter.send(block(LAST | 3, 1, 0, bytes.fromhex(request_)))
    assert b"".join(read(octets)[3] for octets in answers) == bytes.fromhex(answer)
    assert all(len(octets) <= 27 for octets in answers)
    assert len(meter.line.associations) == 1


def test_an_unconfirmed_request_gets_no_blocks(meter):
    assert meter.send(block(LAST, 1, 0, bytes.fromhex(f"C30181 {GAUGE} 01 00"))) == []
    assert meter.gauge.presses == 1


def test_the_blocks_of_a_service_are_not_used_inside(meter):
    """The answer is not limited by the PDU size: general blocks carry it whole."""
    answers = meter.send(block(LAST | 63, 1, 0, REQUEST))
    assert join_blocks((c, n, data) for c, n, _, data in map(read, answers)) == [ANSWER]


def test_short_names(meter):
    meter.open(SHORT, pdu=27)
    answers = meter.send(block(LAST | 3, 1, 0, bytes.fromhex("05 01 02 0108")), SHORT)
    assert read(answers[0])[3] == bytes.fromhex("0C 01 00 06 00001391")


def test_what_was_not_negotiated_is_refused():
    meter = Meter().opened(conformance=without(Conformance.general_block_transfer))
    assert meter.send(block(LAST | 3, 1, 0, REQUEST)) == [b"\xd8\x01\x02"]
    assert not meter.association.busy


@pytest.mark.parametrize("octets", ["E0", "E0 83 0001 0000", "E0 83 0001 0000 05 00", "E0 83 0001 0000 00 00"])
def test_what_is_no_block_is_refused(meter, octets):
    assert meter.ask(octets) == "D80103"


def test_the_server_begins_when_an_answer_is_too_long():
    """First one block, as the client's window is not known yet."""
    meter = Meter().opened(pdu=27, conformance=without(Conformance.block_transfer_with_get_or_read))
    meter.store.contents = bytes(range(54))
    assert [read(octets) for octets in meter.send(REQUEST)] == [(10, 1, 0, ANSWER[:20])]
    assert [read(o)[:3] for o in meter.send(block(LAST | 5, 1, 1))] == [(STREAMING | 10, 2, 1), (LAST | 10, 3, 1)]
    assert meter.send(block(LAST | 5, 2, 3)) == []
    assert next(read(o)[:3] for o in meter.send(REQUEST)) == (STREAMING | 10, 1, 0)


def test_more_blocks_than_have_numbers_are_refused():
    meter = Meter().opened(pdu=12)
    meter.store.contents = bytes(5 * 0xFFFF)
    assert meter.send(block(LAST | 3, 1, 0, REQUEST)) == [b"\xd8\x01\x04"]


def test_on_datagrams_the_last_block_again_has_no_effect_again():
    meter = Meter(datagrams=True).opened(pdu=27)
    press = block(LAST | 3, 1, 0, bytes.fromhex(f"C301C1 {GAUGE} 01 00"))
    assert meter.send(press) == meter.send(press)
    assert meter.gauge.presses == 1


def test_on_datagrams_the_request_again_brings_what_the_client_has_not_got():
    meter = Meter(datagrams=True).opened(pdu=27)
    meter.store.contents = bytes(range(54))
    asked = block(LAST | 1, 1, 0, REQUEST)
    assert [read(o)[:2] for o in meter.send(asked)] == [(10, 1)]
    assert [read(o)[:2] for o in meter.send(block(LAST | 1, 2, 1))] == [(10, 2)]
    meter.store.contents = b"changed"
    assert [read(o)[:2] for o in meter.send(block(LAST | 1, 1, 1, REQUEST))] == [(10, 2)]
    assert [read(o)[1::2] for o in meter.send(asked)] == [(1, ANSWER[:20])]
    assert [read(o)[:2] for o in meter.send(block(LAST | 1, 3, 2))] == [(LAST | 10, 3)]


def test_a_block_of_the_request_that_comes_late_does_not_disturb_the_answer():
    meter = Meter(datagrams=True).opened(pdu=27)
    meter.store.contents = bytes(range(54))
    first, last = block(STREAMING | 1, 1, 0, REQUEST[:5]), block(LAST | 1, 2, 0, REQUEST[5:])
    assert meter.send(first) == []
    assert [read(o)[:2] for o in meter.send(last)] == [(10, 1)]
    assert meter.send(first) == []
    assert [read(o)[:2] for o in meter.send(block(LAST | 1, 3, 1))] == [(10, 2)]
    assert meter.send(block(LAST | 1, 4, 3)) == [ABORT]


def test_a_request_that_comes_anew_is_done_once_and_answered_twice():
    """The client has heard no acknowledgement at all."""
    meter = Meter(datagrams=True).opened(pdu=27)
    press = bytes.fromhex(f"C301C1 {GAUGE} 01 00")
    blocks = [block(STREAMING | 3, 1, 0, press[:5]), block(LAST | 3, 2, 0, press[5:])]
    answers = [meter.send(octets) for octets in blocks * 2]
    assert answers == [[], [block(LAST | 10, 1, 2, bytes.fromhex("C701C10000"))]] * 2
    meter.send(block(LAST | 3, 3, 1))
    assert [meter.send(octets) for octets in blocks] == answers[:2]
    assert meter.gauge.presses == 1


# --- the machine alone ---


def test_the_window_is_within_its_six_bits():
    assert [BlockTransfer(window, 100).window for window in (-1, 0, 1, 63, 64)] == [1, 1, 1, 63, 63]


def test_what_is_no_block_raises():
    with pytest.raises(DecodeError):
        BlockTransfer(1, 100).receive(b"\xe0\x80", 0, 5, False)


def test_no_block_fits_into_so_few_octets():
    assert BlockTransfer(1, 100).send(b"x", 7) is None
    assert BlockTransfer(1, 3).send(b"long", 100) is None


def test_blocks_that_nobody_acknowledges():
    blocks = [read(octets) for octets in unconfirmed(bytes(range(25)), 17)]
    assert blocks == [
        (STREAMING, 1, 0, bytes(range(10))),
        (STREAMING, 2, 0, bytes(range(10, 20))),
        (LAST, 3, 0, bytes(range(20, 25))),
    ]
    assert all(len(octets) <= 300 for octets in unconfirmed(bytes(5000), 300))


class Client:
    """A client of general block transfer that keeps nothing behind a gap, written for this test alone."""

    def __init__(self, window, request, size):
        self.window = window
        self.parts = [request[at : at + size] for at in range(0, len(request), size)]
        self.acked, self.received, self.raw, self.done = 0, 0, b"", False

    def sends(self, window):
        """The next burst, or an acknowledgement."""
        left = range(self.acked + 1, min(self.acked + window, len(self.parts)) + 1)
        if not left:
            return [block(LAST | self.window, len(self.parts) + 1, self.received)]
        return [
            block(
                self.window | (LAST if n == len(self.parts) else 0) | (STREAMING if n != left[-1] else 0),
                n,
                self.received,
                self.parts[n - 1],
            )
            for n in left
        ]

    def takes(self, octets):
        control, number, acknowledged, data = read(octets)
        self.acked = max(self.acked, acknowledged)
        if number == self.received + 1 and not self.done:
            self.received = number
            self.raw += data
            self.done = bool(control & LAST)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(12, 60),
    st.integers(1, 20),
    st.integers(1, 20),
    st.lists(st.booleans(), max_size=120),
    st.binary(max_size=60),
)
def test_whatever_gets_lost_it_arrives_once(pdu, theirs, ours, losses, text):
    meter = Meter(window=ours, datagrams=True).opened(pdu=pdu)
    asked = bytes.fromhex(f"C301C1 {GAUGE} 02 01") + b"\x09" + length_of(len(text)) + text
    client, lost = Client(theirs, asked, 7), iter(losses)
    for _ in range(1000):
        answers = [a for sent in client.sends(ours) if not next(lost, False) for a in meter.send(sent)]
        for octets in answers:
            assert len(octets) <= pdu
            if not next(lost, False):
                client.takes(octets)
        if client.done:
            break
    assert client.raw == bytes.fromhex("C701C1000100") + b"\x09" + length_of(2 * len(text)) + text + text


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(0, 5), st.integers(0, 5), st.binary(max_size=5)), max_size=30)
)
def test_any_blocks_in_any_order(blocks):
    meter = Meter(most_transfer=40).opened(pdu=12)
    for control, number, acknowledged, data in blocks:
        for octets in meter.send(GeneralBlockTransfer(control, number, acknowledged, data).encode()):
            assert len(octets) <= 12


def test_hexed_is_what_it_says():
    assert hexed("e0 80") == "E080"


def test_too_much_for_blocks_that_nobody_acknowledges():
    assert len(unconfirmed(bytes(65535 * 5), 12)) == 65535
    for payload, limit in ((bytes(65535 * 5 + 1), 12), (b"1", 7)):
        with pytest.raises(LocalError, match="do not go in blocks"):
            unconfirmed(payload, limit)
