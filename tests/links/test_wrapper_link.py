"""Both ends of the wrapper, on a stream and in datagrams."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.links.events import Closed, Discarded, Opened, Route, Unit
from anymeter.links.link import Link
from anymeter.links.wrapper_link import MAX_ROUTES, WrapperLink

ROUTE = Route(16, 1)
AARQ = bytes.fromhex("601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0")
WRAPPED = bytes.fromhex("000100100001001F") + AARQ


def events(link):
    out = []
    while (event := link.next_event()) is not None:
        out.append(event)
    return out


def client(**options):
    link = WrapperLink(**options)
    link.open(ROUTE, 0.0)
    assert events(link) == [Opened(ROUTE, most(**options))]
    return link


def most(*, datagrams=False, **others):
    """Octets of the longest APDU: what the length field counts; 65,507 a UDP datagram carries, with 8 of the header."""
    return 65499 if datagrams else 65535


def test_it_is_a_link():
    for server in (False, True):
        link: Link = WrapperLink(server=server)
        assert link.next_event() is None
        assert link.data_to_send() == b""
        assert link.next_timeout() is None


def test_an_aarq_from_client_16_to_server_1():
    """Source: EN 13757-1:2014, 8.2.3, the printed example."""
    link = client()
    link.send(Unit(ROUTE, AARQ), 0.0)
    assert link.data_to_send() == WRAPPED
    assert link.data_to_send() == b""


@pytest.mark.parametrize("datagrams", [False, True])
def test_there_and_back(datagrams):
    near, far = client(datagrams=datagrams), WrapperLink(server=True, datagrams=datagrams)
    near.send(Unit(ROUTE, AARQ), 0.0)
    far.receive_data(near.data_to_send(), 0.0)
    assert events(far) == [Opened(ROUTE, most(datagrams=datagrams)), Unit(ROUTE, AARQ)]
    far.send(Unit(ROUTE, b"\x61\x29"), 0.0)
    answer = far.data_to_send()
    assert answer == bytes.fromhex("0001 0001 0010 0002 6129")
    near.receive_data(answer, 0.0)
    assert events(near) == [Unit(ROUTE, b"\x61\x29")]
    near.close(ROUTE, 0.0)
    assert events(near) == [Closed("", ROUTE)]
    with pytest.raises(LocalError):
        near.send(Unit(ROUTE, AARQ), 0.0)


def test_several_associations_on_one_connection():
    far = WrapperLink(server=True)
    near = client()
    near.open(Route(1, 1), 0.0)
    near.open(Route(16, 2), 0.0)
    for route in (ROUTE, Route(1, 1), Route(16, 2)):
        near.send(Unit(route, bytes((route.client, route.server))), 0.0)
    far.receive_data(near.data_to_send(), 0.0)
    units = [event for event in events(far) if isinstance(event, Unit)]
    assert units == [Unit(r, bytes((r.client, r.server))) for r in (ROUTE, Route(1, 1), Route(16, 2))]


def test_a_stream_gives_all_at_once_and_datagrams_one_by_one():
    for datagrams, sizes in ((False, [24]), (True, [11, 13])):
        link = client(datagrams=datagrams)
        link.send(Unit(ROUTE, b"abc"), 0.0)
        link.send(Unit(ROUTE, b"defgh"), 0.0)
        assert [len(link.data_to_send()) for _ in sizes] == sizes
        assert link.data_to_send() == b""


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.lists(st.integers(0, 2000), max_size=20))
def test_a_stream_may_be_cut_anywhere(apdus, cuts):
    near, far = client(), WrapperLink(server=True)
    for apdu in apdus:
        near.send(Unit(ROUTE, apdu), 0.0)
    octets = near.data_to_send()
    places = sorted({0, *(cut % (len(octets) + 1) for cut in cuts), len(octets)})
    for start, end in pairwise(places):
        far.receive_data(octets[start:end], 0.0)
    assert [event.apdu for event in events(far) if isinstance(event, Unit)] == apdus


def test_octet_by_octet():
    far = WrapperLink(server=True)
    for octet in WRAPPED * 3:
        far.receive_data(bytes((octet,)), 0.0)
    assert [event for event in events(far) if isinstance(event, Unit)] == [Unit(ROUTE, AARQ)] * 3


@pytest.mark.parametrize("bad", ["0002", "0100", "00020010", "FFFF001000010001AA", "7EA0"])
@pytest.mark.parametrize("server", [False, True])
def test_another_version_ends_a_stream(bad, server):
    link = WrapperLink(server=True) if server else client()
    link.receive_data((WRAPPED if server else b"") + bytes.fromhex(bad), 0.0)
    *_, discarded, closed = events(link)
    assert isinstance(discarded, Discarded)
    assert discarded.octets == bytes.fromhex(bad)
    assert closed == Closed("the peer sends no wrapper headers")
    link.receive_data(WRAPPED, 0.0)
    assert events(link) == []
    assert link.next_timeout() is None
    with pytest.raises(LocalError):
        link.send(Unit(ROUTE, b"\xc4", confirmed=False), 0.0)


def test_one_octet_of_a_version_is_not_enough_to_tell():
    link = WrapperLink(server=True)
    link.receive_data(b"\x00", 0.0)
    assert events(link) == []
    link.receive_data(b"\x02", 0.0)
    assert [type(event) for event in events(link)] == [Discarded, Closed]


@pytest.mark.parametrize("bad", ["", "00", "0001001000010001", "0001001000010001AABB", "0002001000010001AA", "7E" * 9])
def test_a_datagram_that_is_none_is_discarded_and_nothing_else(bad):
    link = WrapperLink(server=True, datagrams=True)
    link.receive_data(bytes.fromhex(bad), 0.0)
    assert [type(event) for event in events(link)] == [Discarded]
    link.receive_data(WRAPPED, 0.0)
    assert events(link) == [Opened(ROUTE, 65499), Unit(ROUTE, AARQ)]


def test_datagrams_out_of_order_and_twice_are_told_as_they_come():
    link = WrapperLink(server=True, datagrams=True)
    first, second = (bytes.fromhex("0001001000010001") + octet for octet in (b"\x01", b"\x02"))
    for octets in (second, first, first):
        link.receive_data(octets, 0.0)
    assert [event.apdu for event in events(link) if isinstance(event, Unit)] == [b"\x02", b"\x01", b"\x01"]


def test_a_wrapper_without_an_apdu():
    link = WrapperLink(server=True)
    link.receive_data(bytes.fromhex("0001001000010000") + WRAPPED, 0.0)
    assert [type(event) for event in events(link)] == [Discarded, Opened, Unit]


@pytest.mark.parametrize("size", [1, 65535])
def test_the_longest_apdu(size):
    near, far = client(), WrapperLink(server=True)
    near.send(Unit(ROUTE, bytes(size)), 0.0)
    far.receive_data(near.data_to_send(), 0.0)
    assert len(events(far)[-1].apdu) == size


def test_a_datagram_carries_less_than_the_length_field_could_say():
    link = client(datagrams=True)
    link.send(Unit(ROUTE, bytes(65499)), 0.0)
    assert len(link.data_to_send()) == 65507
    with pytest.raises(LocalError, match="65499"):
        link.send(Unit(ROUTE, bytes(65500)), 0.0)


def test_our_own_mistakes():
    link = client()
    for unit in (Unit(ROUTE, bytes(65536)), Unit(Route(16, 2), b"\xc0"), Unit(Route(16, 2), b"\xc0", confirmed=False)):
        with pytest.raises(LocalError):
            link.send(unit, 0.0)
    for route in (ROUTE, Route(65536, 1), Route(1, -1)):
        with pytest.raises(LocalError):
            link.open(route, 0.0)
    server = WrapperLink(server=True)
    with pytest.raises(LocalError):
        server.open(ROUTE, 0.0)
    with pytest.raises(LocalError):
        server.send(Unit(ROUTE, b"\xc4"), 0.0)


def test_an_empty_unit_sends_nothing():
    link = client()
    link.send(Unit(ROUTE, b""), 0.0)
    assert link.data_to_send() == b""


def test_a_push_needs_no_open_route():
    far = WrapperLink(server=True)
    far.send(Unit(Route(102, 1), b"\x0f\x00", confirmed=False), 0.0)
    listener = WrapperLink()
    listener.receive_data(far.data_to_send(), 0.0)
    assert events(listener) == [Unit(Route(102, 1), b"\x0f\x00", False)]


def test_swapped_wports_of_a_push():
    """Some meters leave source and destination as they were in the client's request."""
    swapped = bytes.fromhex("0001 0010 0001 0002 0F00")
    link = client()
    link.receive_data(swapped, 0.0)
    assert events(link) == [Unit(ROUTE, b"\x0f\x00", False)]
    listener = WrapperLink(clients=(16,))
    listener.receive_data(swapped, 0.0)
    assert events(listener) == [Unit(ROUTE, b"\x0f\x00", False)]
    listener.receive_data(bytes.fromhex("0001 0001 0010 0002 0F00"), 0.0)
    assert events(listener) == [Unit(ROUTE, b"\x0f\x00", False)]


def test_logical_devices_that_are_not_there():
    link = WrapperLink(server=True, saps=(2,))
    link.receive_data(WRAPPED, 0.0)
    (event,) = events(link)
    assert isinstance(event, Discarded)
    assert event.octets == WRAPPED


def test_routes_have_a_limit():
    link = WrapperLink(server=True)
    for number in range(MAX_ROUTES + 1):
        link.receive_data(bytes.fromhex(f"0001{number:04x}00010001AA"), 0.0)
    told = events(link)
    assert sum(isinstance(event, Opened) for event in told) == MAX_ROUTES
    assert isinstance(told[-1], Discarded)
    near = WrapperLink(max_routes=1)
    near.open(ROUTE, 0.0)
    with pytest.raises(LocalError):
        near.open(Route(1, 1), 0.0)


def test_a_client_that_stays_silent():
    link = WrapperLink(server=True, inactivity_timeout=60.0)
    link.receive_data(WRAPPED, 10.0)
    assert link.next_timeout() == 70.0
    link.receive_data(WRAPPED, 20.0)
    assert link.next_timeout() == 80.0
    link.receive_data(WRAPPED[:20], 79.0)
    link.handle_timeout(79.9)
    assert not [event for event in events(link) if isinstance(event, Closed)]
    link.handle_timeout(80.0)
    (closed,) = events(link)
    assert (closed.route, closed.timed_out) == (None, True)
    assert link.next_timeout() is None


def test_silence_may_be_allowed_and_is_to_clients():
    for link in (WrapperLink(server=True, inactivity_timeout=None), client()):
        link.receive_data(WRAPPED[:4], 0.0)
        assert link.next_timeout() is None
        link.handle_timeout(1e9)
        assert events(link) == []


def test_a_silent_sender_of_datagrams_may_come_back():
    link = WrapperLink(server=True, datagrams=True, inactivity_timeout=60.0)
    link.receive_data(WRAPPED, 0.0)
    link.handle_timeout(60.0)
    link.receive_data(WRAPPED, 100.0)
    assert [type(event) for event in events(link)] == [Opened, Unit, Closed, Opened, Unit]
    assert link.next_timeout() == 160.0


def test_the_loss_of_the_carrier():
    link = WrapperLink(server=True)
    link.receive_data(WRAPPED + WRAPPED[:11], 0.0)
    link.send(Unit(ROUTE, b"\x61"), 0.0)
    link.connection_lost(1.0)
    *_, discarded, closed = events(link)
    assert discarded == Discarded("the APDU is cut off", WRAPPED[:11])
    assert closed == Closed("the line was lost")
    assert link.data_to_send() == b""


@given(st.lists(st.binary(max_size=60), max_size=10), st.booleans(), st.booleans())
def test_whatever_comes_raises_nothing(came, server, datagrams):
    link = WrapperLink(server=server, datagrams=datagrams)
    for now, octets in enumerate(came):
        link.receive_data(octets, float(now))
    told = events(link)
    if datagrams:
        assert not [event for event in told if isinstance(event, Closed)]
    assert all(isinstance(event, Opened | Unit | Discarded | Closed) for event in told)


@given(st.integers(0, 65535), st.integers(0, 65535), st.binary(min_size=1, max_size=40))
def test_any_wports(number, server, apdu):
    near, far, route = WrapperLink(), WrapperLink(server=True), Route(number, server)
    near.open(route, 0.0)
    near.send(Unit(route, apdu), 0.0)
    far.receive_data(near.data_to_send(), 0.0)
    assert events(far) == [Opened(route, 65535), Unit(route, apdu)]
    far.send(Unit(route, apdu), 0.0)
    near.receive_data(far.data_to_send(), 0.0)
    assert events(near) == [Opened(route, 65535), Unit(route, apdu)]
