"""Time at the primary: repeats, deadlines that octets cannot stretch, polls."""

from __future__ import annotations

import pytest

from anymeter.links import hdlc
from anymeter.links.events import Closed, Route, Unit
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.hdlc_turns import CLOSING, OPENING, UP
from hdlc_line import events, frame, kinds

ROUTE = Route(16, 1)
CLIENT, SERVER = hdlc.Address(16), hdlc.Address(1)


def meter(control, information=b"", *, segmented=False):
    return frame(control, information, to=CLIENT, of=SERVER, segmented=segmented)


def in_state(state, **options):
    """A link that has just sent what *state* sends, at time 0."""
    link = HdlcPrimary(hdlc.Parameters(), **options)
    link.open(ROUTE, 0.0)
    sent = link.data_to_send()
    if state is OPENING:
        return link, sent
    link.receive_data(meter("73"), 0.0)
    if state is UP:
        link.send(Unit(ROUTE, b"\xc0"), 0.0)
    else:
        link.close(ROUTE, 0.0)
    sent = link.data_to_send()
    events(link)
    return link, sent


@pytest.mark.parametrize("state", [OPENING, UP, CLOSING])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_peer_that_never_answers(state, retries):
    """Asked again after each time-out, the same frame; then closed by the deadline."""
    link, sent = in_state(state, response_timeout=2.0, retries=retries)
    for number in range(1, retries + 1):
        assert link.next_timeout() == 2.0 * number
        link.handle_timeout(2.0 * number)
        assert link.data_to_send() == sent
    link.handle_timeout(2.0 * (retries + 1))
    assert link.data_to_send() == b""
    (closed,) = events(link)
    assert (closed.route, closed.timed_out) == (ROUTE, True)
    assert "no answer" in closed.why
    assert link.next_timeout() is None


@pytest.mark.parametrize("state", [OPENING, UP, CLOSING])
def test_too_early_a_call_does_nothing(state):
    link, _ = in_state(state)
    link.handle_timeout(2.9)
    assert link.data_to_send() == b""
    assert link.next_timeout() == 3.0


@pytest.mark.parametrize("state", [OPENING, UP, CLOSING])
@pytest.mark.parametrize(
    "drip", [b"\x7e", b"\x55", b"\x7e\xa7\xff", frame("11", to=hdlc.Address(99), of=SERVER), meter("03", b"\x01")]
)
def test_trickling_octets_stretch_no_deadline(state, drip):
    """u9n/dlms-cosem #93: a time-out that starts anew with each octet has no effect."""
    link, _ = in_state(state)
    now, ended = 0.0, None
    while ended is None:
        now += 0.5
        assert now <= 12.5
        link.receive_data(drip, now)
        if (link.next_timeout() or 1e9) <= now:
            link.handle_timeout(now)
        link.data_to_send()
        ended = next((event for event in events(link) if isinstance(event, Closed)), None)
    assert ended.timed_out
    assert now <= 12.5


def test_frames_in_sequence_prolong_the_wait_but_not_for_ever():
    link, _ = in_state(UP)
    for number in range(7):
        now = 2.5 * (number + 1)
        link.receive_data(meter(f"{0x20 | (number % 8) << 1:02x}", b"abc", segmented=True), now)
        assert link.next_timeout() == now + 3.0
    link.receive_data(meter("2e", b"abc", segmented=True), 19.0)
    assert link.next_timeout() == 17.5 + 3.0


def test_a_first_segment_that_comes_after_the_turn_is_followed_up():
    """The meter gave the turn back with RR and sends all the same: the rest is still fetched."""
    link, _ = in_state(UP)
    link.receive_data(meter("31"), 0.1)
    link.receive_data(meter("30", b"abc", segmented=True), 0.2)
    assert kinds(link.data_to_send()) == ["RR, N(R) 1, P/F"]


def test_tries_of_the_set_up_do_not_count_for_what_follows():
    link, _ = in_state(OPENING, retries=3)
    for now in (3.0, 6.0, 9.0):
        link.handle_timeout(now)
        link.data_to_send()
    link.receive_data(meter("73"), 9.1)
    link.send(Unit(ROUTE, b"\xc0"), 9.2)
    for now in (9.2, 12.2, 15.2, 18.2):
        link.handle_timeout(now)
        assert kinds(link.data_to_send()) == ["I, N(R) 0, P/F, N(S) 0"]


def test_a_meter_that_sends_is_not_busy_any_more():
    link, _ = in_state(UP)
    link.receive_data(meter("35"), 0.1)
    link.handle_timeout(link.next_timeout() or 0.0)
    link.data_to_send()
    link.receive_data(meter("30", b"\xc4"), 0.3)
    link.send(Unit(ROUTE, b"\xc1"), 0.4)
    assert kinds(link.data_to_send()) == ["I, N(R) 1, P/F, N(S) 1"]


def test_a_frame_that_comes_again_does_not_prolong_it():
    link, _ = in_state(UP)
    link.receive_data(meter("20", b"abc", segmented=True), 1.0)
    link.receive_data(meter("20", b"abc", segmented=True), 3.0)
    assert link.next_timeout() == 4.0


def test_one_frame_goes_again_but_of_several_the_meter_is_asked_first():
    link = HdlcPrimary(hdlc.Parameters(32, 32, 3, 3))
    link.open(ROUTE, 0.0)
    link.data_to_send()
    link.receive_data(meter("73", bytes.fromhex("8180 06 060120 080103")), 0.0)
    link.send(Unit(ROUTE, bytes(80)), 0.0)
    assert len(kinds(link.data_to_send())) == 3
    link.handle_timeout(3.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]
    link.receive_data(meter("31"), 3.1)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, N(S) 1 +", "I, N(R) 0, P/F, N(S) 2"]
    link.receive_data(meter("31"), 3.2)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, N(S) 1 +", "I, N(R) 0, P/F, N(S) 2"]


def test_an_answer_without_progress_counts_as_a_try():
    link = HdlcPrimary(hdlc.Parameters(32, 32, 3, 3), retries=3)
    link.open(ROUTE, 0.0)
    link.data_to_send()
    link.receive_data(meter("73", bytes.fromhex("8180 06 060120 080103")), 0.0)
    link.send(Unit(ROUTE, bytes(80)), 0.0)
    asked = 0
    while link.data_to_send():
        asked += 1
        link.receive_data(meter("11"), 0.1 * asked)
    assert asked == 4
    assert [event.timed_out for event in events(link) if isinstance(event, Closed)] == [True]


def test_the_answer_hidden_behind_noise_is_found_at_the_deadline():
    link, _ = in_state(UP, inter_octet_timeout=None)
    link.receive_data(b"\x7e\xa7\xff" + meter("30", b"\xc4"), 1.0)
    link.handle_timeout(3.0)
    assert [event for event in events(link) if isinstance(event, Unit)] == [Unit(ROUTE, b"\xc4")]
    assert link.data_to_send() == b""


def test_a_last_segment_that_never_comes():
    link, _ = in_state(UP, busy_timeout=5.0, poll_interval=1.0)
    link.receive_data(meter("30", b"abc", segmented=True), 0.0)
    now = 0.0
    for _ in range(20):
        link.data_to_send()
        link.receive_data(meter("31"), now)
        due = link.next_timeout()
        if due is None:
            break
        now = due
        link.handle_timeout(now)
    assert events(link) == [Closed("the rest of an APDU does not come", ROUTE, True)]
    assert now <= 6.0


def test_a_connection_may_be_kept_alive():
    link, _ = in_state(UP, keep_alive=30.0)
    link.receive_data(meter("30", b"\xc4"), 1.0)
    for now in (31.0, 61.0, 91.0, 121.0, 151.0):
        assert link.next_timeout() == now
        link.handle_timeout(now)
        assert kinds(link.data_to_send()) == ["RR, N(R) 1, P/F"]
        link.receive_data(meter("31"), now)
    assert [type(event) for event in events(link)] == [Unit]


def test_what_waits_to_be_sent_is_due_at_once():
    """A driver that asks for the time before it asks for octets does not wait for ever."""
    link = HdlcPrimary()
    link.open(ROUTE, 5.0)
    assert link.next_timeout() == 5.0


def test_turns_go_round():
    link = HdlcPrimary()
    routes = [Route(16, number) for number in (1, 2, 3)]
    for route in routes:
        link.open(route, 0.0)
    order = []
    for _ in range(6):
        asked = hdlc.decode(link.data_to_send())
        order.append(asked.destination.upper)
        link.receive_data(frame("73" if asked.kind == "SNRM" else "31", to=CLIENT, of=asked.destination), 0.0)
        if asked.kind == "SNRM":
            link.send(Unit(Route(16, asked.destination.upper), b"\xc0"), 0.0)
    assert order == [1, 2, 3, 1, 2, 3]
