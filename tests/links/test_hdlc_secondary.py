"""The meter's end against frames made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.links import hdlc
from anymeter.links.events import Closed, Discarded, Opened, Route, Unit
from anymeter.links.hdlc_secondary import HdlcSecondary
from anymeter.links.link import Link
from hdlc_line import events, frame, kinds
from hdlc_strategies import ANY_FRAME

ROUTE = Route(16, 1, 17)
CLIENT, SERVER = hdlc.Address(16), hdlc.Address(1, 17, 2)
COMMAND = hdlc.LLC_COMMAND


def client(control, information=b"", *, segmented=False, to=SERVER, of=CLIENT):
    return frame(control, information, to=to, of=of, segmented=segmented)


def connected(parameters=hdlc.Parameters(), asked=b"", **options):  # noqa: B008 - frozen
    link = HdlcSecondary(parameters, physical=17, **options)
    link.receive_data(client("93", asked), 0.0)
    assert [hdlc.decode(link.data_to_send()).kind] == ["UA"]
    assert events(link) == [Opened(ROUTE, options.get("max_apdu", 1 << 20))]
    return link


def refusal(link):
    answer = hdlc.decode(link.data_to_send())
    assert answer.kind == "FRMR"
    assert answer.poll_final
    return hdlc.decode_rejection(answer.information)


def test_it_is_a_link():
    link: Link = HdlcSecondary()
    assert link.next_event() is None
    assert link.data_to_send() == b""
    assert link.next_timeout() is None
    with pytest.raises(LocalError):
        link.open(ROUTE, 0.0)


def test_a_session():
    """The frames to server 1 are the standard's printed examples. Source: EN 13757-1:2014, 8.2.2."""
    link = HdlcSecondary()
    route = Route(16, 1)
    link.receive_data(bytes.fromhex("7EA0070321930F017E"), 0.0)
    assert link.data_to_send() == hdlc.Frame(CLIENT, hdlc.Address(1), 0x73).encode()
    assert events(link) == [Opened(route, 1 << 20)]
    aarq = "7EA02B032110FBAFE6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"
    link.receive_data(bytes.fromhex(aarq), 0.1)
    (unit,) = events(link)
    assert unit == Unit(route, bytes.fromhex("601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0"))
    link.send(Unit(route, b"\x61\x29"), 0.1)
    answer = hdlc.decode(link.data_to_send())
    assert (hdlc.explain_control(answer.control), answer.information) == ("I, N(R) 1, P/F, N(S) 0", b"\xe6\xe7\x00a)")
    link.receive_data(bytes.fromhex("7EA0190321326FD8E6E600C001C100080000010000FF0200601A7E"), 0.2)
    assert events(link) == [Unit(route, bytes.fromhex("C001C100080000010000FF0200"))]
    link.receive_data(bytes.fromhex("7EA00703215303C77E"), 0.3)
    assert kinds(link.data_to_send()) == ["UA, P/F"]
    (closed,) = events(link)
    assert (closed.route, closed.timed_out) == (route, False)


def test_snrm_with_the_defaults_written_out_and_its_answer():
    """Client 16, LD 1 of physical 17, 410 octets both ways. Source: EN 13757-1:2014, 8.2.2, printed UA."""
    link = HdlcSecondary(hdlc.Parameters(410, 410), physical=17)
    link.receive_data(client("93", hdlc.encode_parameters(hdlc.Parameters(2030, 2030))), 0.0)
    expected = "7EA01F21022373E6C781801205019A06019A070400000001080400000001CCA27E"
    answer = hdlc.decode(link.data_to_send())
    assert (answer.destination, answer.source) == (CLIENT, SERVER)
    assert hdlc.decode_parameters(answer.information) == hdlc.Parameters(410, 410)
    printed = hdlc.decode(bytes.fromhex(expected))
    assert (printed.destination, printed.source, printed.kind) == (answer.destination, answer.source, "UA")


@pytest.mark.parametrize(
    ("own", "asked", "said"),
    [
        (hdlc.Parameters(2030, 2030, 7, 7), hdlc.Parameters(128, 256, 1, 3), hdlc.Parameters(256, 128, 3, 1)),
        (hdlc.Parameters(64, 32, 2, 1), hdlc.Parameters(128, 128, 7, 7), hdlc.Parameters(64, 32, 2, 1)),
        (hdlc.Parameters(2030, 2030, 7, 7), hdlc.Parameters(2030, 2030, 7, 7), hdlc.Parameters(2030, 2030, 7, 7)),
    ],
)
def test_ua_says_what_the_server_will_do(own, asked, said):
    """Server transmit <= client receive, server receive <= client transmit. Source: EN 13757-1:2014, 8.2.2."""
    link = HdlcSecondary(own)
    link.receive_data(client("93", hdlc.encode_parameters(asked)), 0.0)
    assert hdlc.decode_parameters(hdlc.decode(link.data_to_send()).information) == said


def test_an_snrm_that_says_nothing_means_the_defaults():
    link = HdlcSecondary(hdlc.Parameters(2030, 2030, 7, 7))
    link.receive_data(client("93"), 0.0)
    answer = hdlc.decode(link.data_to_send())
    assert hdlc.decode_parameters(answer.information) == hdlc.Parameters()
    link = HdlcSecondary(hdlc.Parameters(64, 64))
    link.receive_data(client("93"), 0.0)
    assert hdlc.decode_parameters(hdlc.decode(link.data_to_send()).information) == hdlc.Parameters(64, 64)


def test_an_snrm_that_cannot_be_read_is_refused():
    link = HdlcSecondary()
    link.receive_data(client("93", b"\x81\x80\x05\x05"), 0.0)
    assert kinds(link.data_to_send()) == ["DM, P/F"]
    assert all(isinstance(event, Discarded) for event in events(link))


@pytest.mark.parametrize("to", [hdlc.Address(1), hdlc.Address(1, 17, 2), hdlc.Address(1, 17, 4)])
def test_the_answer_has_the_form_of_the_question(to):
    link = HdlcSecondary(physical=17)
    link.receive_data(client("93", to=to), 0.0)
    answer = hdlc.decode(link.data_to_send())
    assert (answer.destination, answer.source) == (CLIENT, to)


@pytest.mark.parametrize(
    "to",
    [
        hdlc.Address(1, 18, 2),
        hdlc.Address(2, 17, 2),
        hdlc.Address(0, 17, 2),
        hdlc.Address(1, 0, 2),
        hdlc.Address(1, 0x7E, 2),
        hdlc.Address(1, 0x7F, 2),
        hdlc.Address(1, 0x3FFF, 4),
        hdlc.Address(0x7F, 17, 2),
    ],
)
@pytest.mark.parametrize("control", ["93", "53", "10", "11", "13"])
def test_others_and_all_stations_get_no_answer(to, control):
    link = HdlcSecondary(physical=17, saps=(1,))
    link.receive_data(client(control, COMMAND + b"\xc0" if control in ("10", "13") else b"", to=to), 0.0)
    assert link.data_to_send() == b""
    assert not [event for event in events(link) if isinstance(event, Opened)]


@pytest.mark.parametrize("to", [hdlc.Address(1, 0x7F, 2), hdlc.Address(1, 0x3FFF, 4), hdlc.Address(0x7F, 0x7F, 2)])
def test_a_broadcast_is_heard(to):
    link = HdlcSecondary(physical=17, saps=(1,))
    link.receive_data(client("13", COMMAND + b"\xc1\x01", to=to), 0.0)
    assert events(link) == [Unit(Route(16, to.upper, 17), b"\xc1\x01", False)]
    assert link.data_to_send() == b""


def test_a_broadcast_in_segments():
    link = HdlcSecondary(physical=17)
    to = hdlc.Address(1, 0x7F, 2)
    link.receive_data(client("03", COMMAND + b"\xc1", to=to, segmented=True), 0.0)
    link.receive_data(client("03", b"\x01", to=to), 0.0)
    assert events(link) == [Unit(ROUTE, b"\xc1\x01", False)]


def test_calling_means_the_device_that_called():
    link = HdlcSecondary(physical=17, calling=True)
    to = hdlc.Address(1, 0x7E, 2)
    link.receive_data(client("93", to=to), 0.0)
    assert hdlc.decode(link.data_to_send()).source == to
    assert events(link) == [Opened(ROUTE, 1 << 20)]


@pytest.mark.parametrize("control", ["10", "11", "15", "19", "53"])
def test_what_needs_a_connection_is_answered_with_dm_when_polled(control):
    link = HdlcSecondary(physical=17)
    link.receive_data(client(control), 0.0)
    assert kinds(link.data_to_send()) == ["DM, P/F"]
    if control != "53":
        link.receive_data(client(f"{int(control, 16) & 0xEF:02x}"), 0.0)
        assert link.data_to_send() == b""


def test_dm_is_that_of_the_standard():
    """Source: EN 13757-1:2014, 8.2.2, the printed DM from server 1 to client 16."""
    link = HdlcSecondary()
    link.receive_data(bytes.fromhex("7EA00703215303C77E"), 0.0)
    assert link.data_to_send() == bytes.fromhex("7EA00721031F6BE97E")


def test_a_poll_without_an_answer_is_answered_with_rr():
    link = connected()
    link.receive_data(client("11"), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 1, P/F"]
    link.send(Unit(ROUTE, b"\xc4"), 0.1)
    assert link.data_to_send() == b""
    link.receive_data(client("11"), 0.2)
    assert kinds(link.data_to_send()) == ["I, N(R) 1, P/F, N(S) 0"]


def test_nothing_is_said_without_a_poll():
    link = connected(hdlc.Parameters(128, 128, 7, 7), bytes.fromhex("8180 03 070103"))
    link.receive_data(client("00", COMMAND + b"ab", segmented=True), 0.0)
    assert link.data_to_send() == b""
    link.receive_data(client("12", b"cd"), 0.0)
    assert events(link) == [Unit(ROUTE, b"abcd")]
    assert kinds(link.data_to_send()) == ["RR, N(R) 2, P/F"]


def test_an_answer_may_have_its_time():
    link = connected(patience=2.0)
    link.receive_data(client("10", COMMAND + b"\xc0"), 10.0)
    assert link.data_to_send() == b""
    assert link.next_timeout() == 12.0
    link.send(Unit(ROUTE, b"\xc4"), 11.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 1, P/F, N(S) 0"]
    link.receive_data(client("32", COMMAND + b"\xc0"), 20.0)
    assert link.data_to_send() == b""
    link.handle_timeout(22.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 2, P/F"]
    assert link.next_timeout() == 140.0


@pytest.mark.parametrize("window", range(1, 8))
def test_a_long_answer_fills_the_window(window):
    asked = hdlc.encode_parameters(hdlc.Parameters(128, 32, 1, window))
    link = connected(hdlc.Parameters(2030, 2030, 7, 7), asked)
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    link.send(Unit(ROUTE, bytes(500)), 0.0)
    sent = hdlc.frames(link.data_to_send())
    assert [f.send_number for f in sent] == list(range(window))
    assert [f.poll_final for f in sent] == [False] * (window - 1) + [True]
    assert {len(f.information) for f in sent} == {32}
    assert sent[0].information[:3] == hdlc.LLC_RESPONSE
    link.receive_data(client("31"), 0.0)
    assert [f.send_number for f in hdlc.frames(link.data_to_send())] == [(1 + i) % 8 for i in range(window)]


@pytest.mark.parametrize(("control", "again"), [("11", True), ("19", True), ("15", False)])
def test_what_is_not_acknowledged_goes_again_but_not_to_a_busy_client(control, again):
    link = connected()
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    link.send(Unit(ROUTE, b"\xc4"), 0.0)
    first = link.data_to_send()
    link.receive_data(client(control), 0.0)
    if again:
        assert link.data_to_send() == first
    else:
        assert kinds(link.data_to_send()) == ["RR, N(R) 1, P/F"]
        link.receive_data(client("11"), 0.0)
        assert link.data_to_send() == first


def test_a_client_that_sends_is_not_busy_any_more():
    link = connected()
    link.receive_data(client("15"), 0.0)
    link.data_to_send()
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    link.send(Unit(ROUTE, b"\xc4"), 0.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 1, P/F, N(S) 0"]


def test_two_polls_at_once_have_one_answer():
    link = connected()
    link.send(Unit(ROUTE, b"\xc4"), 0.0)
    link.receive_data(client("11") * 2, 0.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 0, P/F, N(S) 0"]


def test_a_repeated_request_is_answered_again_but_met_once():
    link = connected()
    for _ in range(2):
        link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
        if (unit := link.next_event()) and isinstance(unit, Unit):
            link.send(Unit(ROUTE, b"\xc4"), 0.0)
        assert kinds(link.data_to_send()) == ["I, N(R) 1, P/F, N(S) 0"]
    assert not [event for event in events(link) if isinstance(event, Unit)]


@pytest.mark.parametrize(("reject", "kind"), [(False, "RR"), (True, "REJ")])
def test_a_gap_is_told_with_the_number_that_is_expected(reject, kind):
    link = connected(hdlc.Parameters(128, 128, 1, 3), bytes.fromhex("8180 03 070103"), reject=reject)
    link.receive_data(client("00", COMMAND + b"a", segmented=True) + client("14", b"c"), 0.0)
    assert kinds(link.data_to_send()) == [f"{kind}, N(R) 1, P/F"]
    link.receive_data(client("02", b"b", segmented=True) + client("14", b"c"), 0.0)
    assert [e for e in events(link) if isinstance(e, Unit)] == [Unit(ROUTE, b"abc")]
    assert kinds(link.data_to_send()) == ["RR, N(R) 3, P/F"]


def test_a_busy_meter_says_rnr_and_takes_nothing():
    link = connected()
    link.set_busy(ROUTE, True, 0.0)
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    assert kinds(link.data_to_send()) == ["RNR, N(R) 0, P/F"]
    link.set_busy(ROUTE, False, 0.0)
    link.receive_data(client("11"), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    assert [e for e in events(link) if isinstance(e, Unit)] == [Unit(ROUTE, b"\xc0")]


def test_frmr_for_a_control_field_nobody_knows():
    link = connected()
    link.receive_data(client("BB"), 0.0)
    said = refusal(link)
    assert (said.control, said.undefined_control) == (0xBB, True)


def test_frmr_for_srej():
    link = connected()
    link.receive_data(client("1D"), 0.0)
    assert refusal(link).undefined_control


def test_frmr_for_too_long_a_field():
    link = connected(hdlc.Parameters(64, 64))
    link.receive_data(client("10", COMMAND + bytes(61)), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 1, P/F"]
    link.receive_data(client("12", COMMAND + bytes(62)), 0.0)
    said = refusal(link)
    assert (said.information_too_long, said.send_number, said.receive_number) == (True, 0, 1)


def test_frmr_for_a_field_where_none_belongs():
    link = connected()
    link.receive_data(client("11", b"x"), 0.0)
    assert refusal(link).information_not_allowed


@pytest.mark.parametrize("control", ["91", "90"])
def test_frmr_for_an_acknowledgement_of_what_was_not_sent(control):
    link = connected()
    link.receive_data(client(control, b"" if control == "91" else COMMAND + b"\xc0"), 0.0)
    assert refusal(link).invalid_receive_number
    assert not [event for event in events(link) if isinstance(event, Unit)]


def test_after_frmr_only_a_new_connection_helps():
    link = connected()
    link.receive_data(client("91"), 0.0)
    first = link.data_to_send()
    for control in ("10", "11", "15", "19", "1D", "BB"):
        link.receive_data(client(control), 0.0)
        assert link.data_to_send() == first
    events(link)
    link.receive_data(client("93"), 0.0)
    assert kinds(link.data_to_send()) == ["UA, P/F"]
    closed, opened = events(link)
    assert (closed.route, opened.route) == (ROUTE, ROUTE)
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    assert events(link) == [Unit(ROUTE, b"\xc0")]


def test_disc_after_frmr():
    link = connected()
    link.receive_data(client("91"), 0.0)
    link.data_to_send()
    link.receive_data(client("53"), 0.0)
    assert kinds(link.data_to_send()) == ["UA, P/F"]


def test_disc_in_the_middle_of_a_long_answer_and_of_a_long_request():
    link = connected()
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    link.send(Unit(ROUTE, bytes(1000)), 0.0)
    assert kinds(link.data_to_send()) == ["I, N(R) 1, P/F, N(S) 0 +"]
    link.receive_data(client("12", COMMAND + b"\xc1", segmented=True), 0.0)
    events(link)
    link.receive_data(client("53"), 0.0)
    assert kinds(link.data_to_send()) == ["UA, P/F"]
    assert [type(event) for event in events(link)] == [Closed]
    assert link.next_timeout() is None
    with pytest.raises(LocalError):
        link.send(Unit(ROUTE, b"\xc4"), 0.0)
    link.receive_data(client("31"), 0.0)
    assert kinds(link.data_to_send()) == ["DM, P/F"]
    link.receive_data(client("93"), 0.0)
    link.data_to_send()
    events(link)
    link.receive_data(client("10", COMMAND + b"\xc2"), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 1, P/F"]
    assert events(link) == [Unit(ROUTE, b"\xc2")]


def test_of_two_clients_one_released_leaves_the_other_where_it_was():
    link, other = connected(), hdlc.Address(1)
    link.receive_data(client("93", of=other), 0.0)
    link.data_to_send()
    events(link)
    for of in (CLIENT, other):
        link.receive_data(client("00", COMMAND + b"\xc0", segmented=True, of=of), 0.0)
    link.receive_data(client("53"), 0.0)
    assert hdlc.decode(link.data_to_send()).destination == CLIENT
    link.receive_data(client("12", b"\x01", of=other), 0.0)
    closed, unit = events(link)
    assert (closed.route, unit) == (ROUTE, Unit(Route(1, 1, 17), b"\xc0\x01"))
    link.send(Unit(Route(1, 1, 17), b"\xc4"), 0.0)
    answer = hdlc.decode(link.data_to_send())
    assert (answer.destination, hdlc.explain_control(answer.control)) == (other, "I, N(R) 2, P/F, N(S) 0")


def test_frames_behind_one_of_seven_that_was_lost_come_again():
    """A window of 7 and REJ: the fourth frame is lost, the three behind it are not kept."""
    window = bytes.fromhex("8180 0C 070400000007 080400000007")
    link = connected(hdlc.Parameters(window_transmit=7, window_receive=7), window, reject=True)
    controls = [f"{number << 1 | (0x10 if number == 6 else 0):02X}" for number in range(7)]
    frames = [client(c, COMMAND * (n == 0) + bytes((n,)), segmented=n < 6) for n, c in enumerate(controls)]
    link.receive_data(b"".join(frames[:3] + frames[4:]), 0.0)
    assert kinds(link.data_to_send()) == ["REJ, N(R) 3, P/F"]
    link.receive_data(b"".join(frames[3:]), 0.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 7, P/F"]
    assert [event for event in events(link) if isinstance(event, Unit)] == [Unit(ROUTE, bytes(range(7)))]


def test_snrm_again_begins_anew():
    link = connected()
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    link.send(Unit(ROUTE, b"\xc4"), 0.0)
    link.data_to_send()
    events(link)
    link.receive_data(client("93"), 1.0)
    assert kinds(link.data_to_send()) == ["UA, P/F"]
    closed, opened = events(link)
    assert isinstance(closed, Closed)
    assert isinstance(opened, Opened)
    link.receive_data(client("11"), 1.0)
    assert kinds(link.data_to_send()) == ["RR, N(R) 0, P/F"]


def test_the_same_route_in_another_form_replaces_the_first():
    link = connected()
    link.receive_data(client("93", to=hdlc.Address(1, 17, 4)), 0.0)
    assert [type(event) for event in events(link)] == [Closed, Opened]
    link.data_to_send()
    link.receive_data(client("11"), 0.0)
    assert kinds(link.data_to_send()) == ["DM, P/F"]


def test_a_client_that_stays_silent_is_forgotten():
    link = connected(inactivity_timeout=30.0)
    assert link.next_timeout() == 30.0
    link.receive_data(client("11"), 20.0)
    link.data_to_send()
    assert link.next_timeout() == 50.0
    link.handle_timeout(49.9)
    assert events(link) == []
    link.handle_timeout(50.0)
    (closed,) = events(link)
    assert (closed.route, closed.timed_out) == (ROUTE, True)
    link.receive_data(client("11"), 51.0)
    assert kinds(link.data_to_send()) == ["DM, P/F"]


def test_a_client_may_be_silent_for_ever():
    link = connected(inactivity_timeout=None)
    assert link.next_timeout() is None
    link.handle_timeout(1e9)
    assert events(link) == []


def test_noise_does_not_keep_a_connection_alive():
    link = connected(inactivity_timeout=30.0)
    for now in range(0, 30, 5):
        link.receive_data(b"\x55" * 10 + client("11", to=hdlc.Address(2, 18, 2)), float(now))
    link.handle_timeout(30.0)
    assert [event.timed_out for event in events(link) if isinstance(event, Closed)] == [True]


def test_several_clients_and_logical_devices_at_once():
    link = HdlcSecondary(physical=17)
    routes = [(c, s) for c in (16, 1, 32) for s in (1, 2)]
    for c, s in routes:
        link.receive_data(client("93", to=hdlc.Address(s, 17, 2), of=hdlc.Address(c)), 0.0)
    assert kinds(link.data_to_send()) == ["UA, P/F"] * 6
    events(link)
    for c, s in routes:
        octets = client("10", COMMAND + bytes((c, s)), to=hdlc.Address(s, 17, 2), of=hdlc.Address(c))
        link.receive_data(octets, 0.0)
        (unit,) = events(link)
        assert unit == Unit(Route(c, s, 17), bytes((c, s)))
        link.send(Unit(unit.route, b"\xc4"), 0.0)
        answer = hdlc.decode(link.data_to_send())
        assert (answer.destination.upper, answer.source.upper) == (c, s)


def test_connections_have_a_limit():
    link = HdlcSecondary(max_connections=2)
    for number in (1, 2, 3):
        link.receive_data(client("93", to=hdlc.Address(number)), 0.0)
    assert kinds(link.data_to_send()) == ["UA, P/F", "UA, P/F", "DM, P/F"]


def test_too_long_a_request_is_dropped_whole():
    link = connected(max_apdu=200)
    link.next_event()
    for number in range(8):
        link.receive_data(client(f"{0x10 | (number % 8) << 1:02x}", bytes(100), segmented=number < 7), 0.0)
        link.data_to_send()
    assert [type(event) for event in events(link)] == [Discarded]
    link.receive_data(client("10", COMMAND + b"\xc0"), 0.0)
    assert events(link) == [Unit(ROUTE, b"\xc0")]


def test_a_push_goes_out_when_nobody_is_polled():
    link = HdlcSecondary(physical=17)
    link.send(Unit(ROUTE, b"\x0f\x00", confirmed=False), 0.0)
    (sent,) = hdlc.frames(link.data_to_send())
    assert (sent.kind, sent.destination, sent.source) == ("UI", CLIENT, SERVER)
    assert sent.information == hdlc.LLC_RESPONSE + b"\x0f\x00"
    link.send(Unit(Route(16, 1, 0x7E), bytes(200), confirmed=False), 0.0)
    sent = hdlc.frames(link.data_to_send())
    assert [f.segmented for f in sent] == [True, False]
    assert sent[0].source == hdlc.Address(1, 0x7E, 2)


def test_a_push_waits_for_the_line():
    link = HdlcSecondary(physical=17)
    octets = client("93")
    link.receive_data(octets[:5], 0.0)
    link.send(Unit(ROUTE, b"\x0f\x00", confirmed=False), 0.0)
    assert link.data_to_send() == b""
    link.receive_data(octets[5:], 0.1)
    assert kinds(link.data_to_send()) == ["UA, P/F", "UI, P/F"]


def test_a_connected_client_is_pushed_to_in_its_form():
    link = HdlcSecondary(physical=17)
    link.receive_data(client("93", to=hdlc.Address(1, 17, 4)), 0.0)
    link.data_to_send()
    link.send(Unit(ROUTE, b"\x0f\x00", confirmed=False), 0.0)
    assert hdlc.decode(link.data_to_send()).source == hdlc.Address(1, 17, 4)


def test_closing_a_route_answers_dm():
    link = connected()
    link.close(ROUTE, 0.0)
    assert events(link) == [Closed("", ROUTE)]
    link.receive_data(client("11"), 0.0)
    assert kinds(link.data_to_send()) == ["DM, P/F"]
    link.close(ROUTE, 0.0)
    assert events(link)[-1] == Closed("", ROUTE)


def test_our_own_mistakes():
    link = connected(max_apdu=100)
    for unit in (Unit(ROUTE, bytes(101)), Unit(Route(1, 1, 17), b"\xc4")):
        with pytest.raises(LocalError):
            link.send(unit, 0.0)
    with pytest.raises(LocalError):
        link.set_busy(Route(1, 1, 17), True, 0.0)


@pytest.mark.parametrize("control", ["73", "1F", "97"])
def test_answers_of_others_are_none_of_our_business(control):
    link = connected()
    link.receive_data(client(control), 0.0)
    assert link.data_to_send() == b""
    assert [type(event) for event in events(link)] == [Discarded]


@given(st.lists(ANY_FRAME | st.binary(max_size=40), max_size=20))
def test_whatever_comes_raises_nothing(came):
    link = HdlcSecondary()
    for now, one in enumerate(came):
        link.receive_data(one if isinstance(one, bytes) else one.encode(), float(now))
        for event in events(link):
            if isinstance(event, Unit) and event.confirmed:
                link.send(event, float(now))
        link.data_to_send()
    link.handle_timeout(1e9)
    assert link.next_timeout() is None


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=6), st.booleans()), max_size=40))
def test_every_poll_has_one_answer_and_nothing_else_has(controls):
    link = connected(hdlc.Parameters(128, 128, 3, 3), bytes.fromhex("8180 06 070103 080103"))
    for control, octets, segmented in controls:
        sent_by_us = control & 0xEF in (0x63, 0x0F, 0x87)
        link.receive_data(client(f"{control:x}", octets, segmented=segmented), 1.0)
        answer = [f for f in hdlc.frames(link.data_to_send()) if isinstance(f, hdlc.Frame)]
        polled = control & 0x10 or control & 0xEF in (0x83, 0x43)
        connected_now = bool(link._routes)
        if sent_by_us or not polled:
            assert not [f for f in answer if f.kind not in ("UA", "DM")]
        elif connected_now:
            assert [f.poll_final for f in answer] == [False] * (len(answer) - 1) + [True]
