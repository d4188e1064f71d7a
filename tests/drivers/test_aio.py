"""Lines over asyncio: several conversations at once, silence, hanging up, cancelling."""

from __future__ import annotations

import asyncio
import socket

import pytest

import driver_meters as meters
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.get import get_value
from anymeter.drivers import serve
from anymeter.drivers.aio import AsyncLine, connected_socket
from anymeter.errors import LinkError, LinkTimeout, LocalError
from anymeter.links.events import Unit
from driver_meters import GAUGE, HELD, OTHER, PUBLIC

STREAM, DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
KIND = {"wrapper": STREAM, "hdlc": STREAM, "datagrams": DATAGRAM}


def run(coroutine):
    async def bounded():
        async with asyncio.timeout(20):
            return await coroutine

    return asyncio.run(bounded())


async def connected(kind, port, host="127.0.0.1", **more):
    return await AsyncLine.connected(KIND[kind], host, port, meters.LINKS[kind][0](), **more)


async def read(line, session=None, route=PUBLIC):
    session = session or meters.session(route.client)
    await line.open(route)
    await line.run(route, associate(session), session.take_unsent)
    return await line.run(route, get_value(session, GAUGE), session.take_unsent)


def served(kind="wrapper", host="127.0.0.1", **settings):
    """The small meter on the loop that runs."""
    meter = meters.dlms_meter.Meter(datagrams=kind == "datagrams")
    start = serve.serve_udp if kind == "datagrams" else serve.serve_tcp
    line = lambda local, peer: meter.server.line(datagrams=kind == "datagrams")  # noqa: E731
    return start(line, host, 0, link=meters.LINKS[kind][1], settings=serve.Settings(**settings))


@pytest.mark.parametrize("kind", KIND)
def test_a_session(kind):
    async def main():
        octets = []
        async with await served(kind) as server:
            session = meters.session()
            line = await connected(kind, server.port, trace=lambda out, data: octets.append((out, data)))
            assert await read(line, session) == HELD
            await line.run(PUBLIC, release(session), session.take_unsent)
            await line.close(PUBLIC)
            line.hang_up()
        assert {out for out, _ in octets} == {True, False}

    run(main())


@pytest.mark.skipif(not meters.ipv6(), reason="no IPv6 here")
@pytest.mark.parametrize("kind", KIND)
def test_a_session_over_ipv6(kind):
    async def main():
        async with await served(kind, host="::1") as server:
            line = await connected(kind, server.port, host="::1")
            assert await read(line) == HELD
            line.hang_up()

    run(main())


def test_a_name_leads_to_an_address():
    async def main():
        async with await served() as server:
            line = await connected("wrapper", server.port, host="localhost")
            assert await read(line) == HELD
            line.hang_up()

    run(main())


@pytest.mark.parametrize("kind", KIND)
def test_several_associations_and_conversations_at_once(kind):
    async def main():
        async with await served(kind) as server:
            line = await connected(kind, server.port)
            sessions = {route: meters.session(route.client) for route in (PUBLIC, OTHER)}
            await asyncio.gather(*(line.open(route) for route in sessions))
            await asyncio.gather(*(line.run(route, associate(one)) for route, one in sessions.items()))
            many = [line.run(PUBLIC, get_value(sessions[PUBLIC], GAUGE)) for _ in range(20)]
            assert await asyncio.gather(*many) == [HELD] * 20
            line.hang_up()

    run(main())


def test_many_lines_at_once():
    async def main():
        async with await served() as server:

            async def one():
                line = await connected("wrapper", server.port)
                value = await read(line)
                line.hang_up()
                return value

            assert await asyncio.gather(*(one() for _ in range(50))) == [HELD] * 50

    run(main())


@pytest.mark.parametrize("kind", ["wrapper", "datagrams"])
def test_a_peer_that_says_nothing(kind):
    async def main():
        with meters.silent(KIND[kind]) as port:
            line = await connected(kind, port, timeout=0.02)
            with pytest.raises(LinkTimeout, match=r"did not answer within 0\.02 s"):
                await read(line)
            line.hang_up()

    run(main())


def test_nobody_listens():
    async def main():
        with pytest.raises(LinkError, match=r"127\.0\.0\.1:\d+: connection refused"):
            await connected("wrapper", meters.closed_port())

    run(main())


def test_nobody_listens_for_datagrams():
    async def main():
        line = await connected("datagrams", meters.closed_port())
        with pytest.raises(LinkError, match="connection refused"):
            await read(line)
        line.hang_up()

    run(main())


def test_no_such_host():
    async def main():
        with pytest.raises(LinkError, match="no host is called"):
            await connected_socket(STREAM, "nowhere.invalid", 1, 5.0)

    run(main())


def test_a_name_server_that_says_nothing(monkeypatch):
    async def main():
        async def never(*_, **__):
            await asyncio.Event().wait()

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
        with pytest.raises(LinkTimeout, match=r"no name server tells the address of 'meter\.example'"):
            await connected_socket(STREAM, "meter.example", 1, 0.01)

    run(main())


def test_a_connection_that_is_not_answered(monkeypatch):
    async def main():
        async def never(sock, address):
            await asyncio.Event().wait()

        port = meters.closed_port()
        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
        with pytest.raises(LinkTimeout, match=rf"127\.0\.0\.1:{port} did not answer within 0\.01 s"):
            await connected_socket(STREAM, "127.0.0.1", port, 0.01)

    run(main())


def test_a_peer_that_hangs_up():
    async def main():
        async with await served(faults=lambda octets: serve.Fault(drop=True, hang_up=True)) as server:
            line = await connected("wrapper", server.port)
            with pytest.raises(LinkError, match="the peer closed the connection") as e:
                await read(line)
            assert not isinstance(e.value, LinkTimeout)
            with pytest.raises(LinkError):
                await line.listen(1.0)
            line.hang_up()

    run(main())


def test_a_conversation_that_is_cancelled_makes_room_for_the_next():
    async def main():
        drop = [True]
        async with await served(faults=lambda octets: serve.Fault(drop=drop[0])) as server:
            line, session = await connected("wrapper", server.port), meters.session()
            await line.open(PUBLIC)
            task = asyncio.create_task(line.run(PUBLIC, associate(session)))
            await asyncio.sleep(0)
            assert not task.done()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            drop[0] = False
            await line.run(PUBLIC, associate(session))
            assert await line.run(PUBLIC, get_value(session, GAUGE)) == HELD
            line.hang_up()

    run(main())


def test_what_comes_unasked():
    async def main():
        units = []
        async with await served() as server:
            line, session = await connected("wrapper", server.port, unasked=units.append), meters.session()
            assert await read(line, session) == HELD
            await line.listen(0.001)
            assert units == []
            for connection in server.connections:
                connection.push([Unit(PUBLIC, b"\x0f\x00\x00\x00\x01\x00\x00", False)])
            await line.listen(10.0)
            assert [unit.apdu[:1] for unit in units] == [b"\x0f"]
            line.tell(PUBLIC, b"\x10\x00\x00\x00\x01\x00")
            assert await line.run(PUBLIC, get_value(session, GAUGE)) == HELD
            line.hang_up()

    run(main())


def test_a_listener_hears_that_the_line_is_down():
    async def main():
        async with await served() as server:
            line = await connected("wrapper", server.port)
            assert await read(line) == HELD
            listening = asyncio.create_task(line.listen(10.0))
            await asyncio.sleep(0)
            await server.close()
            await listening
            with pytest.raises(LinkError):
                await line.listen(10.0)
            line.hang_up()

    run(main())


def test_a_line_that_was_hung_up_is_down():
    async def main():
        async with await served() as server:
            line = await connected("wrapper", server.port)
            await line.open(PUBLIC)
            line.hang_up()
            await asyncio.sleep(0.001)
            with pytest.raises(LinkError, match="closed"):
                await line.run(PUBLIC, associate(meters.session()))

    run(main())


def test_what_the_link_refuses_is_the_callers_mistake():
    async def main():
        async with await served() as server:
            line = await connected("wrapper", server.port)
            await line.open(PUBLIC)
            with pytest.raises(LocalError):
                await line.open(PUBLIC)
            line.hang_up()

    run(main())
