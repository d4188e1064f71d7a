"""Lines over blocking sockets."""

from __future__ import annotations

import socket
import sys

import pytest

import driver_meters as meters
from anymeter.dlms.client.association import release
from anymeter.dlms.client.get import get_octets, get_value
from anymeter.dlms.client.set import set_octets
from anymeter.drivers import blocking, serve
from anymeter.drivers.blocking import BlockingLine, connected_socket
from anymeter.errors import LinkError, LinkTimeout, LocalError
from anymeter.links.events import Unit
from driver_meters import GAUGE, HELD, PUBLIC, STORE

STREAM, DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
KIND = {"wrapper": STREAM, "hdlc": STREAM, "datagrams": DATAGRAM}


def connected(kind, port, host="127.0.0.1", **more):
    return BlockingLine.connected(KIND[kind], host, port, meters.LINKS[kind][0](), **more)


@pytest.mark.parametrize("kind", KIND)
def test_a_session(kind):
    octets = []
    with meters.serving(kind) as server:
        line, session = (
            connected(kind, server.port, trace=lambda out, data: octets.append((out, data))),
            meters.session(),
        )
        assert meters.read(line, session) == HELD
        line.run(PUBLIC, release(session), session.take_unsent)
        line.close(PUBLIC)
        line.hang_up()
    assert {out for out, _ in octets} == {True, False}
    assert octets[0][0] is True


@pytest.mark.skipif(not meters.ipv6(), reason="no IPv6 here")
@pytest.mark.parametrize("kind", KIND)
def test_a_session_over_ipv6(kind):
    with meters.serving(kind, host="::1") as server:
        line = connected(kind, server.port, host="::1")
        assert meters.read(line) == HELD
        assert line.pump.where == f"[::1]:{server.port}"
        line.hang_up()


def test_a_name_leads_to_an_address():
    with meters.serving() as server:
        line = connected("wrapper", server.port, host="localhost")
        assert meters.read(line) == HELD
        line.hang_up()


def test_more_octets_than_the_socket_takes_at_once():
    value = b"\x09\x83\x40\x00\x00" + bytes(1 << 22)
    with meters.serving(meter=meters.dlms_meter.Meter(pdu=0)) as server:
        line, session = connected("wrapper", server.port, timeout=60.0), meters.session()
        assert meters.read(line, session) == HELD
        line.run(PUBLIC, set_octets(session, STORE, value), session.take_unsent)
        assert line.run(PUBLIC, get_octets(session, STORE), session.take_unsent) == value
        line.hang_up()


def test_nobody_listens():
    with pytest.raises(LinkError, match=r"127\.0\.0\.1:\d+: connection refused"):
        connected("wrapper", meters.closed_port())


def test_nobody_listens_for_datagrams():
    line = connected("datagrams", meters.closed_port())
    with pytest.raises(LinkError, match="connection refused"):
        meters.read(line)
    line.hang_up()


def test_no_such_host():
    with pytest.raises(LinkError, match="no host is called"):
        connected_socket(STREAM, "nowhere.invalid", 1, 1.0)


def test_a_name_without_addresses(monkeypatch):
    monkeypatch.setattr(blocking.hosts, "resolved", lambda *_: [])
    with pytest.raises(LinkError, match="there is no such address"):
        connected_socket(STREAM, "h", 1, 1.0)


def test_the_first_address_that_can_be_reached_is_taken(monkeypatch):
    with meters.silent() as port:
        refused, good = ("127.0.0.1", meters.closed_port()), ("127.0.0.1", port)
        addresses = [(socket.AF_INET, refused), (socket.AF_INET, good)]
        monkeypatch.setattr(blocking.hosts, "resolved", lambda *_: addresses)
        with connected_socket(STREAM, "h", port, 1.0) as sock:
            assert sock.getpeername() == good


def test_a_connection_that_is_not_answered(monkeypatch):
    monkeypatch.setattr(blocking, "_poller", lambda sock: lambda writing, until: False)
    monkeypatch.setattr(socket.socket, "connect_ex", lambda self, address: 115)
    with pytest.raises(LinkTimeout, match=r"10\.0\.0\.5:4059 did not answer within 2 s"):
        connected_socket(STREAM, "10.0.0.5", 4059, 2.0)


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM])
def test_a_peer_that_says_nothing(kind):
    with meters.silent(kind) as port:
        line = BlockingLine.connected(
            kind, "127.0.0.1", port, meters.LINKS["datagrams" if kind == DATAGRAM else "wrapper"][0](), timeout=0.02
        )
        with pytest.raises(LinkTimeout, match=r"did not answer within 0\.02 s"):
            meters.read(line)
        line.hang_up()


def test_a_peer_that_hangs_up():
    faults = lambda octets: serve.Fault(drop=True, hang_up=True)  # noqa: E731
    with meters.serving(faults=faults) as server:
        line = connected("wrapper", server.port)
        with pytest.raises(LinkError, match="the peer closed the connection") as e:
            meters.read(line)
        assert not isinstance(e.value, LinkTimeout)
        with pytest.raises(LinkError, match="the peer closed"):
            line.listen(1.0)
        line.hang_up()


def test_a_peer_that_speaks_no_wrapper():
    with meters.serving(faults=lambda octets: serve.Fault(octets=b"HTTP/1.1 400 Bad Request")) as server:
        line = connected("wrapper", server.port)
        with pytest.raises(LinkError, match="no wrapper headers"):
            meters.read(line)
        line.hang_up()


def test_an_interrupted_conversation_is_given_up(monkeypatch):
    with meters.silent() as port:
        line = BlockingLine.connected(STREAM, "127.0.0.1", port, meters.LINKS["wrapper"][0]())
        line.open(PUBLIC)
        closed = []

        def talk():
            try:
                yield b"\x60\x00"
            finally:
                closed.append(True)

        def interrupted():
            raise KeyboardInterrupt

        monkeypatch.setattr(line, "_turn", interrupted)
        with pytest.raises(KeyboardInterrupt):
            line.run(PUBLIC, talk())
        assert closed == [True]
        line.hang_up()


def test_what_comes_unasked():
    units = []
    with meters.serving() as server:
        line, session = connected("wrapper", server.port, unasked=units.append), meters.session()
        assert meters.read(line, session) == HELD
        line.listen(0.01)
        assert units == []

        async def push():
            for connection in server.serving.connections:
                connection.push([Unit(PUBLIC, b"\x0f\x00\x00\x00\x01\x00\x00", False)])

        server.run(push())
        for _ in range(100):
            line.listen(0.1)
            if units:
                break
        assert [unit.apdu[:1] for unit in units] == [b"\x0f"]
        line.tell(PUBLIC, b"\x10\x00\x00\x00\x01\x00")
        assert line.run(PUBLIC, get_value(session, GAUGE), session.take_unsent) == HELD
        line.hang_up()


def test_without_poll_select_does(monkeypatch):
    monkeypatch.delattr(blocking.select, "poll", raising=sys.platform != "win32")
    with meters.serving() as server:
        line = connected("wrapper", server.port)
        assert meters.read(line) == HELD
        line.hang_up()


def test_what_the_link_refuses_is_the_callers_mistake():
    with meters.serving() as server:
        line = connected("wrapper", server.port)
        line.open(PUBLIC)
        with pytest.raises(LocalError):
            line.open(PUBLIC)
        line.hang_up()
