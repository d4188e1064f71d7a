"""Primary and secondary back to back over a line where everything goes wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anymeter.links import hdlc
from anymeter.links.events import Closed, Discarded, Opened, Route, Unit
from anymeter.links.hdlc_primary import HdlcPrimary
from anymeter.links.hdlc_secondary import HdlcSecondary
from hdlc_line import ROUTE, Line, events, split

REQUESTS = [b"\x60\x1d", bytes(range(200)), b"\xc0\x01", b"\x62"]
ANSWERS = [b"\x61", bytes(300), b"\xc4", b"\x63\x00"]


def answering(requests=REQUESTS, answers=ANSWERS):
    table = dict(zip(requests, answers, strict=True))
    return lambda unit: [Unit(unit.route, table[unit.apdu])]


def line(parameters=hdlc.Parameters(), own=None, **options):  # noqa: B008 - frozen
    primary = HdlcPrimary(parameters)
    secondary = HdlcSecondary(parameters if own is None else own, physical=17)
    return Line(primary, secondary, answer=answering(), **options)


def session(on):
    """Set up, ask all, release; stops where the line is closed."""
    on.open()
    for request in REQUESTS:
        if on.closed:
            return on
        on.ask(request)
    if not on.closed:
        on.close()
    return on


def right(on):
    """Each request met once and in order, each answer told once and in order, the line released."""
    assert [unit.apdu for unit in on.requests] == REQUESTS
    assert [unit.apdu for unit in on.units] == ANSWERS
    assert on.closed == [Closed("", ROUTE)]


def right_or_closed(on):
    """Right, or one clear end; never anything wrong or out of order."""
    told = [unit.apdu for unit in on.units]
    assert told == ANSWERS[: len(told)]
    met = [unit.apdu for unit in on.requests]
    assert met == REQUESTS[: len(met)]
    assert len(on.closed) == 1
    if on.closed[0].why == "":
        assert told == ANSWERS
    else:
        assert on.closed[0].route == ROUTE


FRAMES = session(line()).count
WIDE = hdlc.Parameters(32, 32, 3, 3)
WIDE_FRAMES = session(line(WIDE)).count


def test_a_session_takes_no_time():
    on = session(line())
    right(on)
    assert on.now == 0.0
    assert FRAMES == 18
    assert on.discarded == []


def test_the_conversation_frame_by_frame():
    on = Line(HdlcPrimary(), HdlcSecondary(physical=17))
    on.open()
    on.ask(b"\xc0")
    on.ask(bytes(200))
    on.close()
    assert on.trace == [
        "> SNRM, P/F",
        "< UA, P/F",
        "> I, N(R) 0, P/F, N(S) 0",
        "< I, N(R) 1, P/F, N(S) 0",
        "> I, N(R) 1, P/F, N(S) 1 +",
        "< RR, N(R) 2, P/F",
        "> I, N(R) 1, P/F, N(S) 2",
        "< I, N(R) 3, P/F, N(S) 1 +",
        "> RR, N(R) 2, P/F",
        "< I, N(R) 3, P/F, N(S) 2",
        "> DISC, P/F",
        "< UA, P/F",
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16])
def test_octets_in_pieces(size):
    right(session(line(pieces=lambda octets: [octets[i : i + size] for i in range(0, len(octets), size)])))


def test_a_session_cut_at_every_octet():
    total = 0

    def measured(octets):
        nonlocal total
        total += len(octets)
        return [octets]

    session(line(pieces=measured))
    for place in range(0, total, 3):
        seen = 0

        def cut(octets, place=place):
            nonlocal seen
            at = place - seen
            seen += len(octets)
            return [octets[:at], octets[at:]] if 0 < at < len(octets) else [octets]

        right(session(line(pieces=cut)))


@pytest.mark.parametrize("lost", range(FRAMES))
def test_any_frame_may_be_lost(lost):
    on = session(line(fault=lambda number, octets: b"" if number == lost else octets))
    right(on)
    assert on.now == 3.0


@pytest.mark.parametrize("lost", range(WIDE_FRAMES))
def test_any_frame_may_be_lost_with_a_window_of_three(lost):
    right(session(line(WIDE, fault=lambda number, octets: b"" if number == lost else octets)))


@pytest.mark.parametrize("lost", range(FRAMES))
def test_two_frames_in_a_row_may_be_lost(lost):
    right(session(line(fault=lambda number, octets: b"" if number in (lost, lost + 1) else octets)))


@pytest.mark.parametrize("twice", range(FRAMES))
def test_any_frame_may_come_twice(twice):
    right(session(line(fault=lambda number, octets: octets * 2 if number == twice else octets)))


def test_all_frames_may_come_twice():
    right(session(line(fault=lambda number, octets: octets * 2)))
    right(session(line(WIDE, fault=lambda number, octets: octets * 2)))


@pytest.mark.parametrize("late", range(1, FRAMES - 1))
def test_a_frame_may_come_again_late(late):
    """After the frame that followed it. Not so SNRM: it resets the meter, and what it had taken is taken again."""
    kept = []

    def fault(number, octets):
        kept.append(octets)
        return octets + kept[late] if number == late + 2 else octets

    right_or_closed(session(line(fault=fault)))


@pytest.mark.parametrize("bad", range(FRAMES))
@pytest.mark.parametrize("place", [0, 1, 2, 4, 6, -3, -2, -1])
def test_an_octet_may_be_wrong(bad, place):
    def fault(number, octets):
        if number != bad:
            return octets
        broken = bytearray(octets)
        broken[place] ^= 0x21
        return bytes(broken)

    right(session(line(fault=fault)))


NOISE = [b"\x00", b"\xff" * 30, b"\x7e", b"\x7e\x7e\x7e", b"\x7e\xa7\xff", b"\x7e\xa0\x0a\x03", bytes(5000)]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("at", range(0, FRAMES, 3))
def test_noise_between_frames(noise, at):
    right(session(line(fault=lambda number, octets: noise + octets if number == at else octets)))


@pytest.mark.parametrize("noise", NOISE)
def test_noise_is_told(noise):
    on = session(line(fault=lambda number, octets: noise + octets if number == 1 else octets))
    if noise.strip(b"\x7e"):
        assert on.discarded


@pytest.mark.parametrize("routes", [(Route(16, 1, 17),), (Route(1, 1, 1),), (Route(16, 1),), (Route(1, 1),)])
def test_echo(routes):
    """On a line of two wires everybody hears himself; client 1 and server 1 even have the same address."""
    for route in routes:
        on = Line(
            HdlcPrimary(hdlc.Parameters(64, 64)), HdlcSecondary(hdlc.Parameters(64, 64)), answer=answering(), echo=True
        )
        on.open(route)
        for request in REQUESTS:
            on.ask(request, route)
        on.close(route)
        assert [unit.apdu for unit in on.requests] == REQUESTS
        assert [unit.apdu for unit in on.units] == ANSWERS
        assert on.closed == [Closed("", route)]
        assert on.now == 0.0
        assert set(on.discarded) == {"the echo of our own frame"}


@pytest.mark.parametrize("window_up", range(1, 8))
@pytest.mark.parametrize("window_down", range(1, 8))
def test_windows_of_all_sizes(window_up, window_down):
    parameters = hdlc.Parameters(64, 64, window_up, window_down)
    own = hdlc.Parameters(64, 64, window_down, window_up)
    on = Line(HdlcPrimary(parameters), HdlcSecondary(own, physical=17))
    on.open()
    on.ask(bytes(1000))
    on.close()
    assert [len(unit.apdu) for unit in on.units] == [1001]
    segments = -(-1003 // 64)
    down = -(-1004 // 64)
    assert sum(one.startswith("> I") for one in on.trace) == segments
    assert sum(one.startswith("< I") for one in on.trace) == down
    assert sum(one.startswith("< RR") for one in on.trace) == -(-segments // window_up) - 1
    assert sum(one.startswith("> RR") for one in on.trace) == -(-down // window_down) - 1


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (hdlc.Parameters(32, 2030, 1, 7), hdlc.Parameters(2030, 2030, 7, 7)),
        (hdlc.Parameters(2030, 2030, 7, 7), hdlc.Parameters(100, 200, 2, 3)),
        (hdlc.Parameters(), hdlc.Parameters(2030, 2030, 7, 7)),
    ],
)
def test_frames_are_as_long_as_was_agreed(client, server):
    sizes = {"up": 0, "down": 0}

    def measured(number, octets):
        found = hdlc.decode(octets)
        way = "up" if found.source == hdlc.Address(16) else "down"
        if found.kind == "I":
            sizes[way] = max(sizes[way], len(found.information))
        return octets

    on = Line(HdlcPrimary(client), HdlcSecondary(server, physical=17), fault=measured)
    on.open()
    on.ask(bytes(5000))
    assert len(on.units[0].apdu) == 5001
    assert sizes["up"] == min(client.max_information_transmit, server.max_information_receive)
    assert sizes["down"] == min(client.max_information_receive, server.max_information_transmit)


@pytest.mark.parametrize("window", [1, 7])
def test_64_kilobytes_in_frames_of_128_octets(window):
    parameters = hdlc.Parameters(128, 128, window, window)
    big = bytes(range(256)) * 256
    on = Line(HdlcPrimary(parameters), HdlcSecondary(parameters, physical=17), answer=lambda u: [Unit(u.route, u.apdu)])
    on.open()
    on.ask(big)
    assert on.units == [Unit(ROUTE, big)]
    assert on.requests == [Unit(ROUTE, big)]


def test_long_transfers_over_a_line_that_loses_every_tenth_frame():
    parameters = hdlc.Parameters(128, 128, 5, 5)
    on = Line(
        HdlcPrimary(parameters),
        HdlcSecondary(parameters, physical=17, inactivity_timeout=None),
        answer=lambda unit: [Unit(unit.route, unit.apdu[::-1])],
        fault=lambda number, octets: b"" if number % 10 == 9 else octets,
        limit=5000.0,
    )
    on.open()
    on.ask(bytes(range(256)) * 40)
    assert [unit.apdu for unit in on.units] == [(bytes(range(256)) * 40)[::-1]]


def test_several_apdus_in_one_burst():
    on = Line(
        HdlcPrimary(WIDE), HdlcSecondary(WIDE, physical=17), answer=lambda unit: [Unit(unit.route, unit.apdu)] * 2
    )
    on.open()
    for apdu in (b"\x01", b"\x02", b"\x03"):
        on.primary.send(Unit(ROUTE, apdu), on.now)
    on.run()
    assert [unit.apdu for unit in on.requests] == [b"\x01", b"\x02", b"\x03"]
    on.ask(b"")
    assert [unit.apdu[0] for unit in on.units] == [1, 1, 2, 2, 3, 3]


def test_many_devices_and_clients_on_one_line():
    secondaries = [HdlcSecondary(physical=number, saps=(1, 2)) for number in (17, 18, 200)]
    on = Line(HdlcPrimary(), *secondaries, answer=lambda unit: [])
    on.answer = lambda unit: [Unit(unit.route, bytes((unit.route.client, unit.route.server, unit.route.physical or 0)))]
    routes = [Route(c, s, p) for p in (17, 18, 200) for s in (1, 2) for c in (16, 1)]
    for route in routes:
        on.primary.open(route, on.now)
    on.run()
    assert [one.route for one in on.opened] == routes
    for route in routes:
        on.primary.send(Unit(route, bytes(300)), on.now)
    on.run()
    assert {unit.route: unit.apdu for unit in on.units} == {r: bytes((r.client, r.server, r.physical)) for r in routes}
    for route in routes:
        on.primary.close(route, on.now)
    on.run()
    assert len(on.closed) == len(routes)
    assert on.now == 0.0


def test_one_meter_that_is_silent_does_not_stop_the_others():
    on = Line(HdlcPrimary(), HdlcSecondary(physical=17), HdlcSecondary(physical=18))
    for physical in (17, 18, 19):
        on.primary.open(Route(16, 1, physical), on.now)
    on.run()
    assert [one.route.physical for one in on.opened] == [17, 18]
    assert [(one.route.physical, one.timed_out) for one in on.closed] == [(19, True)]
    for physical in (17, 18):
        on.ask(b"\xc0", Route(16, 1, physical))
    assert len(on.units) == 2


def test_a_broadcast_reaches_all_and_nobody_answers():
    on = Line(HdlcPrimary(), HdlcSecondary(physical=17), HdlcSecondary(physical=18), answer=lambda unit: [])
    on.primary.send(Unit(Route(16, 1, 0x7F), b"\xc1" + bytes(200), confirmed=False), 0.0)
    on.run()
    assert [unit.route for unit in on.requests] == [Route(16, 1, 17), Route(16, 1, 18)]
    assert {(unit.apdu, unit.confirmed) for unit in on.requests} == {(b"\xc1" + bytes(200), False)}
    assert on.trace == ["> UI +", "> UI"]


def test_a_push_while_the_line_is_idle_and_while_it_is_not():
    on = line()
    push = Unit(ROUTE, b"\x0f" + bytes(300), confirmed=False)
    on.secondaries[0].send(push, 0.0)
    on.run()
    assert on.units == [push]
    on.open()
    on.secondaries[0].send(push, 0.0)
    on.ask(REQUESTS[0])
    assert Unit(ROUTE, ANSWERS[0]) in on.units
    assert on.units.count(push) == 2


def test_a_meter_busy_for_a_while():
    on = line()
    on.open()
    on.secondaries[0].set_busy(ROUTE, True, 0.0)
    on.primary.send(Unit(ROUTE, REQUESTS[1]), 0.0)
    on.run(idle=True)
    for _ in range(20):
        on.now += 0.1
        on.primary.handle_timeout(on.now)
        on.run(idle=True)
    assert not on.requests
    on.secondaries[0].set_busy(ROUTE, False, on.now)
    on.run()
    assert [unit.apdu for unit in on.units] == [ANSWERS[1]]


def test_the_loss_of_the_carrier_ends_everything():
    on = line()
    on.open()
    on.primary.send(Unit(ROUTE, REQUESTS[0]), 0.0)
    on.primary.data_to_send()
    on.primary.receive_data(b"\x7e\xa0\x20", 0.0)
    for link in (on.primary, on.secondaries[0]):
        link.connection_lost(1.0)
        told = events(link)
        assert told[-1] == Closed("the line was lost")
        assert link.next_timeout() is None
        assert link.data_to_send() == b""
    on.primary.open(ROUTE, 2.0)
    on.run()
    on.ask(REQUESTS[0])
    assert [unit.apdu for unit in on.units] == [ANSWERS[0]]


@pytest.mark.parametrize("end", ["primary", "secondary"])
def test_a_frame_whose_rest_does_not_come_is_given_up(end):
    link = HdlcPrimary(inter_octet_timeout=0.025) if end == "primary" else HdlcSecondary(inter_octet_timeout=0.025)
    link.receive_data(b"\x7e\xa0\x40\x21", 1.0)
    assert link.next_timeout() == 1.025
    link.handle_timeout(1.025)
    (event,) = events(link)
    assert isinstance(event, Discarded)
    assert link.next_timeout() is None


def test_a_late_driver_gives_it_up_too():
    link = HdlcSecondary(inter_octet_timeout=0.025)
    link.receive_data(b"\x7e\xa0\x40\x21", 1.0)
    link.receive_data(bytes.fromhex("7EA0070321930F017E"), 2.0)
    assert [type(event) for event in events(link)] == [Discarded, Opened]


def test_no_time_between_octets_is_too_long_when_none_is_set():
    link = HdlcSecondary(inter_octet_timeout=None)
    for number, octet in enumerate(bytes.fromhex("7EA0070321930F017E")):
        link.receive_data(bytes((octet,)), 100.0 * number)
    assert [type(event) for event in events(link)] == [Opened]


def test_a_false_start_hides_no_frame_for_long():
    """The length in the noise reaches far beyond the frame; the time between octets shows it."""
    link = HdlcSecondary()
    link.receive_data(b"\x7e\xa7\xff" + bytes.fromhex("7EA0070321930F017E"), 0.0)
    assert events(link) == []
    due = link.next_timeout()
    assert due == 1.0
    link.handle_timeout(due)
    assert [type(event) for event in events(link)] == [Discarded, Opened]
    assert split(link.data_to_send())


FAULTS = st.sampled_from(["", "", "", "lost", "twice", "flip", "noise", "start", "late"])


@given(
    st.lists(FAULTS, max_size=40), st.sampled_from([hdlc.Parameters(), WIDE, hdlc.Parameters(64, 32, 7, 2)]), st.data()
)
@settings(max_examples=150, deadline=None)
def test_whatever_goes_wrong_the_result_is_right_or_the_line_is_closed(faults, parameters, data):
    kept = [b""]

    def fault(number, octets):
        what = faults[number] if number < len(faults) else ""
        kept.append(octets)
        if what == "flip":
            broken = bytearray(octets)
            broken[data.draw(st.integers(0, len(octets) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            return bytes(broken)
        return {
            "lost": b"",
            "twice": octets * 2,
            "noise": data.draw(st.binary(max_size=20)) + octets if what == "noise" else b"",
            "start": b"\x7e\xa7\xff" + octets,
            "late": kept[-2] + octets,
        }.get(what, octets)

    on = line(parameters, fault=fault)
    on.secondaries[0]._inactivity = None
    right_or_closed(session(on))


@given(
    st.binary(min_size=1, max_size=2000),
    st.integers(32, 300),
    st.integers(32, 300),
    st.integers(1, 7),
    st.integers(1, 7),
)
@settings(max_examples=60, deadline=None)
def test_any_apdu_goes_through_any_agreement(apdu, up, down, window_up, window_down):
    on = Line(
        HdlcPrimary(hdlc.Parameters(up, down, window_up, window_down)),
        HdlcSecondary(hdlc.Parameters(2030, 2030, 7, 7), physical=17),
        answer=lambda unit: [Unit(unit.route, unit.apdu)],
    )
    on.open()
    on.ask(apdu)
    assert on.units == [Unit(ROUTE, apdu)]
