"""The client's end against frames made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.links import hdlc
from anymeter.links.events import Closed, Discarded, Opened, Route, Unit
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.link import Link
from hdlc_line import events, frame, kinds
from hdlc_strategies import ANY_FRAME

ROUTE = Route(16, 1)
CLIENT, SERVER = hdlc.Address(16), hdlc.Address(1)
RESPONSE = hdlc.LLC_RESPONSE
UA = hdlc.Frame(CLIENT, SERVER, 0x73).encode()


def meter(control, information=b"", *, segmented=False, of=SERVER):
    return frame(control, information, to=CLIENT, of=of, segmented=segmented)


def connected(parameters=hdlc.Parameters(), said=b"", **options):  # noqa: B008 - frozen
    link = HdlcPrimary(parameters, **options)
    link.open(ROUTE, 0.0)
    link.data_to_send()
    link.receive_data(meter("73", said), 0.0)
    assert any(isinstance(event, Opened) for event in events(link))
    return link


def test_it_is_a_link():
    link: Link = HdlcPrimary()
    assert link.next_event() is None
    assert link.data_to_send() == b""
    assert link.next_timeout() is None


def test_a_session_of_the_standards_examples():
    """SNRM, AARQ, AARE, GET of the clock, DISC. Source: EN 13757-1:2014, 8.2.2, the printed examples."""
    link = HdlcPrimary()
    link.open(ROUTE, 0.0)
    assert link.data_to_send() == bytes.fromhex("7EA0070321930F017E")
    assert link.next_timeout() == 3.0
    link.receive_data(UA, 0.1)
    assert events(link) == [Opened(ROUTE, 1 << 20)]
    link.send(Unit(ROUTE, bytes.fromhex("601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0")), 0.2)
    aarq = "7EA02B032110FBAFE6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
    assert link.data_to_send() == bytes.fromhex(aarq)
    link.receive_data(meter("30", RESPONSE + b"\x61\x29"), 0.3)
    assert events(link) == [Unit(ROUTE, b"\x61\x29")]
    link.send(Unit(ROUTE, bytes.fromhex("C001C100080000010000FF0200")), 0.4)
    assert link.data_to_send() == bytes.fromhex("7EA0190321326FD8E6E600C001C100080000010000FF0200601A7E")
    link.receive_data(meter("52", RESPONSE + b"\xc4\x01"), 0.5)
    assert events(link) == [Unit(ROUTE, b"\xc4\x01")]
    assert link.next_timeout() is None
    link.close(ROUTE, 0.6)
    assert kinds(link.data_to_send()) == ["DISC, P/F"]
    link.receive_data(UA, 0.7)
    assert events(link) == [Closed("", ROUTE)]
    assert link.next_timeout() is None


def test_proposals_are_written_as_the_client_sees_them():
    link = HdlcPrimary(hdlc.Parameters(200, 1024, 1, 7))
    link.open(ROUTE, 0.0)
    sent = hdlc.decode(link.data_to_send())
    assert hdlc.decode_parameters(sent.information) == hdlc.Parameters(200, 1024, 1, 7)


@pytest.mark.parametrize(
    ("said", "size", "window"),
    [
        ("", 128, 1),
        ("8180 12 050120 060120 070400000001 080400000001", 32, 1),
        ("8180 14 05020080 06020080 070400000001 080400000003", 128, 3),
        ("8180 07 0502019A 0601F0", 200, 1),
        ("8180 03 080102", 128, 2),
        ("8180 06 080107 060102", 32, 7),
    ],
)
def test_ua_lowers_what_was_proposed(said, size, window):
    """Its receive values are our transmit values; lengths and windows in one octet or more."""
    link = connected(hdlc.Parameters(200, 200, 7, 7), bytes.fromhex(said))
    link.send(Unit(ROUTE, bytes(2000)), 0.0)
    frames = hdlc.frames(link.data_to_send())
    assert [len(f.information) for f in frames] == [size] * window
    assert [f.poll_final for f in frames] == [False] * (window - 1) + [True]


def test_a_ua_that_cannot_be_read_means_the_defaults():
    link = HdlcPrimary(hdlc.Parameters(200, 200, 7, 7))
    link.open(ROUTE, 0.0)
    link.data_to_send()
    link.receive_data(meter("73", b"\x81\x80\x05\x05"), 0.0)
    discarded, opened = events(link)
    assert isinstance(discarded, Discarded)
    assert isinstance(opened, Opened)
    link.send(Unit(ROUTE, bytes(300)), 0.0)
    assert [len(f.information) for f in hdlc.frames(link.data_to_send())] == [128]


def test_segments_of_an_answer_are_fetched_with_rr():
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("30", RESPONSE + b"ab", segmented=True), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 1, P/F"]
    link.receive_data(meter("32", RESPONSE, segmented=True), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 2, P/F"]
    link.receive_data(meter("34", b"d"), 0.0)
    assert events(link) == [Unit(ROUTE, b"ab" + RESPONSE + b"d")]


@pytest.mark.parametrize("llc", ["E6E700", "FFE700", ""])
def test_llc_headers_of_all_kinds(llc):
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("30", bytes.fromhex(llc) + b"\xc4\x01"), 0.0)
    assert events(link) == [Unit(ROUTE, b"\xc4\x01")]


def test_an_answer_of_several_frames_ends_with_the_final_bit():
    link = connected(hdlc.Parameters(128, 128, 1, 3))
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    for control in ("20", "22"):
        link.receive_data(meter(control, b"ab", segmented=True), 0.0)
        assert link.data_to_send() == b""
    link.receive_data(meter("34", b"cd"), 0.0)
    assert events(link) == [Unit(ROUTE, b"ababcd")]


@pytest.mark.parametrize(("reject", "kind"), [(False, "RR"), (True, "REJ")])
def test_a_missing_frame_is_asked_for(reject, kind):
    link = connected(hdlc.Parameters(128, 128, 1, 3), reject=reject)
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("20", b"a", segmented=True) + meter("34", b"c"), 0.0)
    assert kinds(link.data_to_send()) == [f"{kind}, N(R) 1, P/F"]
    link.receive_data(meter("22", b"b", segmented=True) + meter("34", b"c"), 0.0)
    assert [e for e in events(link) if isinstance(e, Unit)] == [Unit(ROUTE, b"abc")]


def test_unacknowledged_frames_of_a_burst_go_again():
    link = connected(hdlc.Parameters(32, 128, 3, 1), bytes.fromhex("8180 03 080103"))
    link.send(Unit(ROUTE, bytes(96 - 3)), 0.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, N(S) 0 +", "I, N(R) 0, N(S) 1 +", "I, N(R) 0, P/F, N(S) 2"]
    link.receive_data(meter("31"), 0.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, N(S) 1 +", "I, N(R) 0, P/F, N(S) 2"]


def test_rej_is_understood():
    link = connected(hdlc.Parameters(32, 128, 3, 1), bytes.fromhex("8180 03 080103"))
    link.send(Unit(ROUTE, bytes(96 - 3)), 0.0)
    link.data_to_send()
    link.receive_data(meter("59"), 0.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, P/F, N(S) 2"]


def test_an_answer_to_an_older_poll_is_not_taken_for_the_answer():
    """After a repetition the meter answers twice; each answer out of step would call for one more frame for ever."""
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.handle_timeout(3.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, P/F, N(S) 0"]
    link.receive_data(meter("30", b"\xc4"), 3.1)
    link.send(Unit(ROUTE, b"\xc1"), 3.1)
    assert kinds(link.data_to_send()) == ["I, N(R) 1, P/F, N(S) 1"]
    link.receive_data(meter("30", b"\xc4"), 3.2)
    assert link.data_to_send() == b""
    link.receive_data(meter("31"), 3.2)
    assert link.data_to_send() == b""
    link.receive_data(meter("52", b"\xc5"), 3.3)
    assert [e for e in events(link) if isinstance(e, Unit)] == [Unit(ROUTE, b"\xc4"), Unit(ROUTE, b"\xc5")]


def test_an_impossible_acknowledgement_releases_the_connection():
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("91"), 0.0)
    assert kinds(link.data_to_send()) == ["DISC, P/F"]
    link.receive_data(UA, 0.0)
    assert events(link)[-1] == Closed("the meter acknowledges what was not sent", ROUTE)


def test_what_is_sent_while_the_link_gives_a_connection_up_is_dropped_and_closed_says_why():
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("91"), 0.0)
    link.send(Unit(ROUTE, b"\xc1"), 0.0)
    assert kinds(link.data_to_send()) == ["DISC, P/F"]
    link.receive_data(UA, 0.0)
    assert events(link)[-1] == Closed("the meter acknowledges what was not sent", ROUTE)
    assert link.data_to_send() == b""
    with pytest.raises(LocalError):
        link.send(Unit(ROUTE, b"\xc1"), 0.0)
    link = connected()
    link.close(ROUTE, 0.0)
    with pytest.raises(LocalError):
        link.send(Unit(ROUTE, b"\xc1"), 0.0)


@pytest.mark.parametrize(
    ("information", "words"), [("300004", "information field too long"), ("300008", "invalid N(R)"), ("30", "(FRMR)")]
)
def test_frmr_releases_the_connection_and_tells_why(information, words):
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("97", bytes.fromhex(information)), 0.0)
    assert kinds(link.data_to_send()) == ["DISC, P/F"]
    link.receive_data(UA, 0.0)
    assert words in events(link)[-1].why


def test_after_frmr_the_connection_may_be_set_up_anew():
    link = connected()
    link.send(Unit(ROUTE, bytes(300)), 0.0)
    link.data_to_send()
    link.receive_data(meter("97", bytes.fromhex("100004")), 0.0)
    assert kinds(link.data_to_send()) == ["DISC, P/F"]
    link.receive_data(UA, 0.0)
    assert events(link)[-1].route == ROUTE
    link.open(ROUTE, 1.0)
    assert kinds(link.data_to_send()) == ["SNRM, P/F"]
    link.receive_data(UA, 1.0)
    assert [type(event) for event in events(link)] == [Opened]
    link.send(Unit(ROUTE, b"\xc0"), 1.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, P/F, N(S) 0"]
    link.receive_data(meter("30", RESPONSE + b"\xc4"), 1.0)
    assert events(link) == [Unit(ROUTE, b"\xc4")]


def test_dm_refuses_or_ends_a_connection():
    link = HdlcPrimary()
    link.open(ROUTE, 0.0)
    link.data_to_send()
    link.receive_data(bytes.fromhex("7EA00721031F6BE97E"), 0.0)
    (closed,) = events(link)
    assert (closed.route, closed.timed_out) == (ROUTE, False)
    assert "DM" in closed.why
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("0F"), 0.0)
    assert "DM" in events(link)[0].why
    assert link.next_timeout() is None
    with pytest.raises(LocalError):
        link.send(Unit(ROUTE, b"\xc0"), 0.0)


def test_dm_to_disc_is_as_good_as_ua():
    link = connected()
    link.close(ROUTE, 0.0)
    link.data_to_send()
    link.receive_data(meter("1F"), 0.0)
    assert events(link) == [Closed("", ROUTE)]


def test_closing_while_set_up_still_releases():
    link = HdlcPrimary()
    link.open(ROUTE, 0.0)
    link.data_to_send()
    link.close(ROUTE, 0.1)
    assert link.data_to_send() == b""
    link.receive_data(UA, 0.2)
    assert kinds(link.data_to_send()) == ["DISC, P/F"]
    link.receive_data(UA, 0.3)
    assert events(link) == [Closed("", ROUTE)]


def test_closing_while_an_answer_is_due_waits_for_it():
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.close(ROUTE, 0.1)
    assert link.data_to_send() == b""
    link.receive_data(meter("30", b"\xc4"), 0.2)
    assert kinds(link.data_to_send()) == ["DISC, P/F"]


def test_closing_what_is_not_open():
    link = HdlcPrimary()
    link.close(ROUTE, 0.0)
    assert events(link) == [Closed("", ROUTE)]


def test_a_push_needs_no_connection():
    """From client's view 16 to logical device 1 of physical 17, in one UI frame or in segments."""
    link = HdlcPrimary()
    source = hdlc.Address(1, 17, 2)
    link.receive_data(meter("13", RESPONSE + b"\x0f\x00", of=source), 0.0)
    link.receive_data(meter("03", RESPONSE + b"\x0f", segmented=True, of=source), 0.0)
    link.receive_data(meter("13", b"\x01\x02", of=source), 0.0)
    assert events(link) == [Unit(Route(16, 1, 17), b"\x0f\x00", False), Unit(Route(16, 1, 17), b"\x0f\x01\x02", False)]


def test_a_push_in_an_i_frame_to_no_station():
    """As a meter of the field does it that nobody has connected to."""
    link = HdlcPrimary()
    for apdu in (b"\x0f\x00", b"\x0f\x01"):
        link.receive_data(frame("10", RESPONSE + apdu, to=hdlc.Address(0), of=hdlc.Address(1, 0, 2)), 0.0)
    assert events(link) == [Unit(Route(0, 1, 0), b"\x0f\x00", False), Unit(Route(0, 1, 0), b"\x0f\x01", False)]
    assert link.data_to_send() == b""


def test_a_push_does_not_end_the_turn():
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("13", RESPONSE + b"\x0f\x00"), 0.0)
    assert link.data_to_send() == b""
    link.receive_data(meter("30", RESPONSE + b"\xc4"), 0.0)
    assert events(link) == [Unit(ROUTE, b"\x0f\x00", False), Unit(ROUTE, b"\xc4")]


def test_a_push_whose_sender_no_llc_tells_comes_from_its_source():
    link = HdlcPrimary()
    link.receive_data(meter("13", b"\xe0\x40"), 0.0)
    assert events(link) == [Unit(ROUTE, b"\xe0\x40", False)]


@pytest.mark.parametrize(
    "octets",
    [
        frame("13", hdlc.LLC_COMMAND + b"\xc0", to=SERVER, of=CLIENT),
        frame("13", RESPONSE + b"\x0f", to=hdlc.Address(0), of=SERVER),
        frame("30", RESPONSE + b"\x0f", to=hdlc.Address(32), of=SERVER),
        frame("30", RESPONSE + b"\x0f", to=CLIENT, of=hdlc.Address(2)),
        frame("73", to=CLIENT, of=SERVER),
    ],
)
def test_what_others_say_is_discarded(octets):
    link = HdlcPrimary()
    link.receive_data(octets, 0.0)
    (event,) = events(link)
    assert isinstance(event, Discarded)
    assert event.octets == octets
    assert link.data_to_send() == b""


def test_unconfirmed_units_go_in_ui_frames_without_a_poll():
    link = HdlcPrimary(hdlc.Parameters(32, 128))
    link.send(Unit(Route(16, 0x7F, 0x7F), bytes(50), confirmed=False), 0.0)
    sent = link.data_to_send()
    assert kinds(sent) == ["UI +", "UI"]
    assert hdlc.frames(sent)[0].destination == hdlc.Address(0x7F, 0x7F, 2)
    assert link.next_timeout() is None


def test_unconfirmed_units_keep_to_the_length_that_was_agreed():
    link = connected(hdlc.Parameters(128, 128), bytes.fromhex("8180 03 060120"))
    link.send(Unit(ROUTE, bytes(50), confirmed=False), 0.0)
    assert [len(f.information) for f in hdlc.frames(link.data_to_send())] == [32, 21]


def test_rnr_is_waited_out_with_rr():
    link = connected(poll_interval=0.5)
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("15"), 0.0)
    assert link.data_to_send() == b""
    assert link.next_timeout() == 0.5
    for now in (0.5, 1.0, 1.5):
        link.handle_timeout(now)
        assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]
        link.receive_data(meter("15"), now)
    link.handle_timeout(2.0)
    link.data_to_send()
    link.receive_data(meter("11"), 2.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, P/F, N(S) 0"]


def test_a_meter_that_stays_busy_is_given_up():
    link = connected(poll_interval=1.0, busy_timeout=10.0)
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    now, polls = 0.0, 0
    while link.data_to_send():
        polls += 1
        link.receive_data(meter("15"), now)
        now = link.next_timeout() or now
        link.handle_timeout(now)
    assert polls == 11
    assert events(link) == [Closed("the meter stays busy (RNR)", ROUTE, True)]


def test_an_answer_that_takes_its_time_is_polled_for():
    link = connected(poll_interval=0.5)
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("31"), 0.0)
    assert link.next_timeout() == 0.5
    link.handle_timeout(0.5)
    assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]
    link.receive_data(meter("30", b"\xc4"), 0.6)
    assert events(link) == [Unit(ROUTE, b"\xc4")]
    assert link.next_timeout() is None


def test_an_answer_that_never_comes_is_polled_for_only_so_long():
    link = connected(poll_interval=1.0, busy_timeout=5.0)
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.receive_data(meter("31"), 0.0)
    for now in range(1, 6):
        link.handle_timeout(float(now))
        link.data_to_send()
        link.receive_data(meter("31"), float(now))
    assert link.next_timeout() is None
    assert events(link) == []
    link.send(Unit(ROUTE, b"\xc1"), 9.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, P/F, N(S) 1"]


def test_an_empty_unit_gives_the_server_the_turn():
    link = connected()
    link.send(Unit(ROUTE, b""), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]
    link.receive_data(meter("10", RESPONSE + b"\xc2"), 0.0)
    assert events(link) == [Unit(ROUTE, b"\xc2")]


def test_we_may_be_busy_too():
    link = connected(hdlc.Parameters(128, 128, 1, 2))
    link.set_busy(ROUTE, True, 0.0)
    assert kinds(link.data_to_send()) == ["RNR, N(R) 0, P/F"]
    link.receive_data(meter("11"), 0.0)
    assert link.data_to_send() == b""
    assert link.next_timeout() is None
    link.set_busy(ROUTE, False, 1.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]


def test_frames_that_come_while_we_are_busy_come_again():
    link = connected()
    link.send(Unit(ROUTE, b"\xc0"), 0.0)
    link.data_to_send()
    link.set_busy(ROUTE, True, 0.0)
    link.receive_data(meter("30", b"\xc4"), 0.0)
    link.set_busy(ROUTE, False, 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]
    link.receive_data(meter("30", b"\xc4"), 0.0)
    assert [e for e in events(link) if isinstance(e, Unit)] == [Unit(ROUTE, b"\xc4")]


@pytest.mark.parametrize(
    ("route", "octets", "answers"),
    [
        (Route(16, 1), None, hdlc.Address(1, 17, 2)),
        (Route(16, 1, 17), None, hdlc.Address(1)),
        (Route(16, 1, 17), None, hdlc.Address(1, 17, 4)),
        (Route(16, 1, 17), 4, hdlc.Address(1, 17, 2)),
        (Route(16, 1, 0x7E), None, hdlc.Address(1, 17, 2)),
        (Route(16, 1, 0x7E), 4, hdlc.Address(1, 17, 4)),
    ],
)
def test_a_meter_may_answer_in_another_form(route, octets, answers):
    link = HdlcPrimary(address_octets=octets)
    link.open(route, 0.0)
    link.data_to_send()
    link.receive_data(meter("73", of=answers), 0.0)
    assert events(link) == [Opened(route, 1 << 20)]


@pytest.mark.parametrize("other", [hdlc.Address(2, 17, 2), hdlc.Address(1, 18, 2), hdlc.Address(1, 18, 4)])
def test_another_meter_is_not_taken_for_it(other):
    link = HdlcPrimary()
    link.open(Route(16, 1, 17), 0.0)
    link.data_to_send()
    link.receive_data(meter("73", of=other), 0.0)
    assert [type(event) for event in events(link)] == [Discarded]


def test_our_own_mistakes():
    link = connected(max_apdu=1000, max_connections=2)
    for unit in (Unit(ROUTE, bytes(1001)), Unit(Route(16, 2), b"\xc0"), Unit(Route(200, 2), b"", confirmed=False)):
        with pytest.raises(LocalError):
            link.send(unit, 0.0)
    with pytest.raises(LocalError):
        link.open(ROUTE, 0.0)
    with pytest.raises(LocalError):
        link.open(Route(16, 0x80), 0.0)
    with pytest.raises(LocalError):
        link.set_busy(Route(16, 2), True, 0.0)
    link.open(Route(16, 2), 0.0)
    with pytest.raises(LocalError):
        link.open(Route(16, 3), 0.0)
    with pytest.raises(LocalError):
        HdlcPrimary(hdlc.Parameters(10))


@given(st.lists(ANY_FRAME | st.binary(max_size=40), max_size=12), st.booleans())
def test_whatever_comes_raises_nothing_and_ends(came, ask):
    link = connected()
    if ask:
        link.send(Unit(ROUTE, bytes(300)), 0.0)
    now = 0.0
    for one in came:
        link.data_to_send()
        link.receive_data(one if isinstance(one, bytes) else one.encode(), now)
    for _ in range(3000):
        link.data_to_send()
        due = link.next_timeout()
        if due is None:
            break
        now = max(now, due)
        link.handle_timeout(now)
    else:
        raise AssertionError("a timer that never ends")
    assert now < 200
    assert all(event is not None for event in events(link))


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=6), st.booleans()), max_size=30))
def test_frames_of_the_meter_in_any_order(controls):
    """The same, with the right addresses: no state lets it hang or raise."""
    link = connected(hdlc.Parameters(128, 128, 3, 3), bytes.fromhex("8180 03 080103"))
    link.send(Unit(ROUTE, bytes(1000)), 0.0)
    now = 0.0
    for control, octets, segmented in controls:
        link.data_to_send()
        now += 0.01
        link.receive_data(meter(f"{control:x}", octets, segmented=segmented), now)
    while (due := link.next_timeout()) is not None:
        link.data_to_send()
        due = link.next_timeout()
        if due is None:
            break
        now = max(due, now)
        assert now < 300
        link.handle_timeout(now)
    units = [event for event in events(link) if isinstance(event, Unit)]
    assert len(units) <= len(controls)
