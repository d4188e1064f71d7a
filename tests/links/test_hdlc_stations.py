"""Reserved addresses, and who answers to which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.links import hdlc
from anymeter.links.events import Route
from anymeter.links.hdlc_stations import ALL_STATION, CALLING, Stations, client_address, narrow, server_address, to_all

CLIENT = hdlc.Address(16)
ANY = Stations(None, None, (1, 2, 4), False)
SOME = Stations((17, 20), None, (1, 2, 4), False)


@pytest.mark.parametrize(
    ("route", "octets", "expected"),
    [
        (Route(16, 1), None, "03"),
        (Route(16, 1), 1, "03"),
        (Route(16, 1, 17), None, "0223"),
        (Route(16, 1, 17), 2, "0223"),
        (Route(16, 1, 17), 4, "00020023"),
        (Route(16, 1, 1000), None, "0002 0ed1"),
        (Route(16, 200, 17), None, "02900023"),
        (Route(16, 1, CALLING), None, "02fd"),
        (Route(16, 1, CALLING), 4, "0002fefd"),
        (Route(16, ALL_STATION, ALL_STATION), 4, "fefefeff"),
    ],
)
def test_the_form_of_a_route(route, octets, expected):
    """LD 1, physical 17 is 02 23 and 00 02 00 23. Source: EN 13757-1:2014, 8.2.2."""
    assert server_address(route, octets).encode() == bytes.fromhex(expected)


@pytest.mark.parametrize(
    ("route", "octets"),
    [
        (Route(16, 1, 17), 1),
        (Route(16, 1), 2),
        (Route(16, 1), 4),
        (Route(16, 0x80), None),
        (Route(16, 0x80), 1),
        (Route(16, 1, 200), 2),
        (Route(16, 0x4000, 1), None),
        (Route(16, 1, -1), None),
    ],
)
def test_routes_that_fit_no_address(route, octets):
    with pytest.raises(LocalError):
        server_address(route, octets)


@pytest.mark.parametrize("client", [-1, 128])
def test_a_client_has_one_octet(client):
    with pytest.raises(LocalError):
        client_address(Route(client, 1))


def test_reserved_values_of_two_forms_are_one():
    assert [narrow(value, 4) for value in (0, 1, 0x3FFE, 0x3FFF)] == [0, 1, CALLING, ALL_STATION]
    assert narrow(0x7E, 2) == CALLING


@pytest.mark.parametrize("form", [1, 2, 4])
def test_a_server_without_restrictions_answers_to_all_forms(form):
    server = hdlc.Address(1) if form == 1 else hdlc.Address(1, 17, form)
    assert ANY.route(CLIENT, server) == Route(16, 1, None if form == 1 else 17)


@pytest.mark.parametrize(
    ("server", "mine"),
    [
        (hdlc.Address(1, 17, 2), True),
        (hdlc.Address(1, 17, 4), True),
        (hdlc.Address(1), True),
        (hdlc.Address(1, 18, 2), False),
        (hdlc.Address(2, 17, 2), False),
        (hdlc.Address(0, 17, 2), False),
        (hdlc.Address(1, 0, 2), False),
        (hdlc.Address(1, CALLING, 2), False),
        (hdlc.Address(1, 0x3FFE, 4), False),
        (hdlc.Address(1, ALL_STATION, 2), True),
        (hdlc.Address(1, 0x3FFF, 4), True),
    ],
)
def test_a_server_answers_to_its_own_addresses(server, mine):
    """Source: EN 13757-1:2014, reserved addresses: no-station 0, calling 7E, all-station 7F."""
    route = Stations(17, (1,), (1, 2, 4), False).route(CLIENT, server)
    assert route == (Route(16, 1, None if server.octets == 1 else 17) if mine else None)


def test_no_station_as_a_client_is_nobody():
    assert ANY.route(hdlc.Address(0), hdlc.Address(1)) is None


@pytest.mark.parametrize("octets", [2, 4])
def test_the_device_that_called_answers_to_calling(octets):
    server = server_address(Route(16, 1, CALLING), octets)
    assert Stations(17, None, (2, 4), True).route(CLIENT, server) == Route(16, 1, 17)
    assert Stations(None, None, (2, 4), True).route(CLIENT, server) == Route(16, 1, CALLING)


def test_forms_may_be_fewer():
    only = Stations(17, None, (4,), False)
    assert only.route(CLIENT, hdlc.Address(1, 17, 2)) is None
    assert only.route(CLIENT, hdlc.Address(1, 17, 4)) == Route(16, 1, 17)


def test_all_logical_devices_are_asked_at_once_whatever_there_is():
    assert Stations(17, (1, 2), (2, 4), False).route(CLIENT, hdlc.Address(0x7F, 17, 2)) == Route(16, ALL_STATION, 17)
    assert Stations(17, (1, 2), (2, 4), False).route(CLIENT, hdlc.Address(0x3FFF, 17, 4)) == Route(16, ALL_STATION, 17)


@pytest.mark.parametrize(
    ("server", "broadcast"),
    [
        (hdlc.Address(1), False),
        (hdlc.Address(0x7F), True),
        (hdlc.Address(1, 0x7F, 2), True),
        (hdlc.Address(0x7F, 17, 2), True),
        (hdlc.Address(1, 0x3FFF, 4), True),
        (hdlc.Address(1, 17, 4), False),
    ],
)
def test_who_is_meant_by_all(server, broadcast):
    assert to_all(server) is broadcast


@given(st.integers(1, 0x7D), st.integers(1, 0x7D), st.integers(1, 0x7D), st.sampled_from([2, 4]))
def test_what_a_client_calls_its_server_hears(client, upper, lower, octets):
    route = Route(client, upper, lower)
    heard = Stations(lower, (upper,), (octets,), False).route(client_address(route), server_address(route, octets))
    assert heard == route


@pytest.mark.parametrize(("lower", "answers"), [(17, True), (20, True), (18, False), (16, False)])
def test_several_devices_on_one_line_answer_to_their_own_addresses(lower, answers):
    route = SOME.route(CLIENT, hdlc.Address(1, lower, 2))
    assert route == (Route(16, 1, lower) if answers else None)


def test_a_call_to_all_stations_reaches_several_devices_as_such():
    assert SOME.route(CLIENT, hdlc.Address(1, 0x7F, 2)) == Route(16, 1, ALL_STATION)


def test_an_address_without_a_device_means_none_of_several():
    assert SOME.route(CLIENT, hdlc.Address(1, None, 1)) is None
    assert Stations((17,), None, (1, 2, 4), False).route(CLIENT, hdlc.Address(1, None, 1)) == Route(16, 1)
