"""Who answers on a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.links import hdlc
from anymeter.links.events import Route
from anymeter.links.hdlc_discovery import Station, addresses, discover
from anymeter.links.hdlc_secondary import HdlcSecondary
from hdlc_line import events, frame, kinds

CLIENT = hdlc.Address(16)


def run(search, line):
    """Drive *search*; *line* gets what is sent and returns what comes, the wait is over when nothing does."""
    sent, waited = [], 0.0
    try:
        probe = next(search)
        while True:
            if probe.octets:
                sent.append(probe.octets)
            came = line(probe.octets) if probe.octets else b""
            waited += 0 if came else probe.seconds
            probe = search.send(came)
    except StopIteration as done:
        return done.value, sent, waited


def line_of(*secondaries):
    def line(octets):
        for secondary in secondaries:
            secondary.receive_data(octets, 0.0)
        return b"".join(secondary.data_to_send() for secondary in secondaries)

    return line


def test_addresses_are_every_logical_device_of_every_physical_one():
    assert list(addresses([17, 18], [1, 2], client=1)) == [Route(1, s, p) for p in (17, 18) for s in (1, 2)]
    assert list(addresses()) == [Route(16, 1)]


def test_meters_are_found_and_left_disconnected():
    meters = [HdlcSecondary(hdlc.Parameters(64, 64), physical=p, address_octets=(2, 4)) for p in (17, 33)]
    found, sent, waited = run(discover(addresses(range(16, 40)), seconds=0.5), line_of(*meters))
    assert [station.route.physical for station in found] == [17, 33]
    assert {station.answer for station in found} == {"UA"}
    assert {station.parameters for station in found} == {hdlc.Parameters(64, 64)}
    assert [kinds(octets)[0] for octets in sent].count("DISC, P/F") == 2
    assert waited == 22 * 0.5
    for meter in meters:
        meter.receive_data(frame("11", to=hdlc.Address(1, 17, 2), of=CLIENT), 1.0)
        assert kinds(meter.data_to_send()) in (["DM, P/F"], [])
        events(meter)


def test_logical_devices_are_found():
    found, _, _ = run(discover(addresses([17], range(1, 20))), line_of(HdlcSecondary(physical=17, saps=(1, 16))))
    assert [station.route.server for station in found] == [1, 16]


@pytest.mark.parametrize("octets", [None, 2, 4])
def test_the_form_of_the_addresses_is_a_choice(octets):
    _, sent, _ = run(discover(addresses([17]), address_octets=octets), lambda octets: b"")
    assert hdlc.decode(sent[0]).destination.octets == (octets or 2)


def test_one_that_refuses_is_there_too():
    refusing = lambda octets: frame("1F", to=CLIENT, of=hdlc.Address(1, 17, 2))  # noqa: E731
    found, sent, _ = run(discover(addresses([17])), refusing)
    assert found == [Station(Route(16, 1, 17), "DM", hdlc.Address(1, 17, 2))]
    assert len(sent) == 1


def test_nobody_is_asked_as_often_as_wanted():
    found, sent, waited = run(discover(addresses([17]), seconds=2.0, repeats=2), lambda octets: b"")
    assert found == []
    assert len(sent) == 3
    assert waited == 6.0


def test_two_at_once_are_told_as_something():
    found, _, _ = run(discover(addresses([17])), lambda octets: b"\x7e\xa0\x1f\x55\x55\x55")
    assert found == [Station(Route(16, 1, 17), "")]


def test_an_answer_in_pieces_and_behind_an_echo():
    search = discover(addresses([17]))
    probe = next(search)
    answer = probe.octets + frame("73", to=CLIENT, of=hdlc.Address(1, 17, 2))
    for octet in answer[:-1]:
        probe = search.send(bytes((octet,)))
        assert probe.octets == b""
    probe = search.send(answer[-1:])
    assert kinds(probe.octets) == ["DISC, P/F"]
    with pytest.raises(StopIteration) as done:
        search.send(b"")
    assert [station.answer for station in done.value.value] == ["UA"]


@pytest.mark.parametrize(
    ("answers", "there"),
    [
        (hdlc.Address(1), True),
        (hdlc.Address(1, 17, 4), True),
        (hdlc.Address(1, 18, 2), False),
        (hdlc.Address(2, 17, 2), False),
    ],
)
def test_only_its_own_answer_counts(answers, there):
    found, _, _ = run(discover(addresses([17])), lambda octets: frame("73", to=CLIENT, of=answers))
    assert bool(found) is there


def test_parameters_that_cannot_be_read_are_none():
    found, _, _ = run(discover(addresses()), lambda octets: frame("73", b"\x81\x80\x05", to=CLIENT, of=hdlc.Address(1)))
    assert found == [Station(Route(16, 1), "UA", hdlc.Address(1), None)]


def test_a_route_without_an_address_is_our_own_mistake():
    with pytest.raises(LocalError):
        next(discover([Route(16, 1), Route(16, 0x4000, 1)]))


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_whatever_comes_it_ends(came):
    queue = list(came)
    found, sent, _ = run(discover(addresses([17, 18])), lambda octets: queue.pop() if queue else b"")
    assert len(found) <= 2
    assert len(sent) <= 4
