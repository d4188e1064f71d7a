"""Servers over asyncio: many meters behind one socket, faults on request, bounds, an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

import driver_meters as meters
from anymeter.drivers import serve
from anymeter.drivers.serve import Fault, Settings, serve_tcp, serve_udp
from anymeter.errors import LinkError
from anymeter.links.events import Discarded, Route, Unit
from anymeter.links.wrapper import Wpdu


def run(coroutine):
    async def bounded():
        async with asyncio.timeout(20):
            return await coroutine

    return asyncio.run(bounded())


class Parrot:
    """Answers with its name, what it heard and the time of its device."""

    def __init__(self, name=b"", due=None):
        self.name, self.due, self.gone = name, due, []

    def answer(self, unit, now):
        return [Unit(unit.route, self.name + unit.apdu + b"@%d" % now)]

    def closed(self, route, now):
        self.gone.append(route)

    def next_timeout(self):
        return self.due

    def handle_timeout(self, now):
        self.due = None
        return [Unit(Route(16, 1), b"late", False)]


def asked(apdu):
    return Wpdu(16, 1, apdu).encode()


def answered(apdu):
    return Wpdu(1, 16, apdu).encode()


class Client(asyncio.Protocol, asyncio.DatagramProtocol):
    """Collects what comes."""

    def __init__(self):
        self.octets, self.changed, self.over = b"", asyncio.Event(), asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.octets += data
        self.changed.set()

    def datagram_received(self, data, addr):
        self.data_received(data)

    def connection_lost(self, exc):
        self.over.set()

    async def until(self, octets):
        while octets not in self.octets:
            self.changed.clear()
            await self.changed.wait()
        return self.octets


@contextlib.asynccontextmanager
async def client(port, host="127.0.0.1", datagrams=False):
    loop = asyncio.get_running_loop()
    if datagrams:
        transport, one = await loop.create_datagram_endpoint(Client, remote_addr=(host, port))
        one.send = transport.sendto
    else:
        transport, one = await loop.create_connection(Client, host, port)
        one.send = transport.write
    try:
        yield one
    finally:
        transport.abort()
        await asyncio.sleep(0)


def served(start, line, **settings):
    settings = {"clock": lambda: 1000.0, "tick": 0.005} | settings
    return start(lambda local, peer: line, "127.0.0.1", 0, settings=Settings(**settings))


BOTH = pytest.mark.parametrize(("start", "datagrams"), [(serve_tcp, False), (serve_udp, True)])


@BOTH
def test_what_comes_is_answered_with_the_time_of_the_device(start, datagrams):
    async def main():
        async with await served(start, Parrot()) as serving, client(serving.port, datagrams=datagrams) as one:
            one.send(asked(b"polly"))
            assert await one.until(b"@1000") == answered(b"polly@1000")
            [connection] = serving.connections
            assert connection.local == ("127.0.0.1", serving.port)
            assert connection.peer == one.transport.get_extra_info("sockname")

    run(main())


@pytest.mark.skipif(not meters.ipv6(), reason="no IPv6 here")
@pytest.mark.parametrize("start", [serve_tcp, serve_udp])
def test_over_ipv6(start):
    async def main():
        async with await start(lambda local, peer: Parrot(local[0].encode()), "::1") as serving:
            assert serving.addresses[0][0] == "::1"
            async with client(serving.port, "::1", start is serve_udp) as one:
                one.send(asked(b"!"))
                await one.until(b"::1!@")

    run(main())


def test_one_socket_serves_many_meters_told_apart_by_their_address():
    async def main():
        async with await serve_tcp(lambda local, peer: Parrot(local[0].encode()), "0.0.0.0") as serving:
            for host in ("127.0.0.1", "127.0.0.2", "127.1.2.3"):
                async with client(serving.port, host) as one:
                    one.send(asked(b"!"))
                    await one.until(host.encode() + b"!@")

    run(main())


@BOTH
def test_who_is_turned_away(start, datagrams):
    async def main():
        async with await start(lambda local, peer: None) as serving, client(serving.port, datagrams=datagrams) as one:
            one.send(asked(b"hello?"))
            if not datagrams:
                await one.over.wait()
            await asyncio.sleep(0.01)
            assert (one.octets, serving.connections) == (b"", set())

    run(main())


def test_more_connections_than_allowed_are_turned_away():
    async def main():
        async with await served(serve_tcp, Parrot(), most=1) as serving, client(serving.port) as first:
            first.send(asked(b"a"))
            await first.until(b"a@")
            async with client(serving.port) as second:
                await second.over.wait()
            first.send(asked(b"b"))
            await first.until(b"b@")

    run(main())


def test_of_too_many_senders_the_one_longest_silent_is_forgotten():
    async def main():
        lines = {}

        def make(local, peer):
            return lines.setdefault(peer, Parrot())

        async with (
            await serve_udp(make, settings=Settings(most=2)) as serving,
            client(serving.port, datagrams=True) as first,
            client(serving.port, datagrams=True) as second,
            client(serving.port, datagrams=True) as third,
        ):
            for one, word in ((first, b"a"), (second, b"b"), (first, b"c"), (third, b"d")):
                one.send(asked(word))
                await one.until(word + b"@")
            gone = lines[second.transport.get_extra_info("sockname")].gone
            assert (gone, len(serving.connections)) == ([None], 2)
            second.send(asked(b"e"))
            await second.until(b"e@")

    run(main())


@BOTH
def test_who_is_silent_is_forgotten(start, datagrams):
    async def main():
        line = Parrot()
        async with await served(start, line, idle=0.01) as serving, client(serving.port, datagrams=datagrams) as one:
            one.send(asked(b"a"))
            await one.until(b"a@")
            while serving.connections:
                await asyncio.sleep(0.005)
            assert line.gone == [None]

    run(main())


def test_what_the_line_wants_to_send_later():
    async def main():
        line = Parrot(due=1000.0)
        async with await served(serve_tcp, line) as serving, client(serving.port) as one:
            one.send(asked(b"a"))
            await one.until(answered(b"late"))

    run(main())


def test_a_push():
    async def main():
        async with await served(serve_tcp, Parrot()) as serving, client(serving.port) as one:
            one.send(asked(b"a"))
            await one.until(b"a@")
            for connection in serving.connections:
                connection.push([Unit(Route(16, 1), b"news", False)])
            await one.until(answered(b"news"))

    run(main())


def test_a_link_that_gives_its_peer_up_ends_the_connection():
    async def main():
        events = []
        async with await served(serve_tcp, Parrot(), watch=events.append) as serving, client(serving.port) as one:
            one.send(b"GET / HTTP/1.1\r\n\r\n")
            await one.over.wait()
        assert any(isinstance(event, Discarded) for event in events)

    run(main())


def test_octets_that_are_lost_or_changed():
    async def main():
        faults = iter([Fault(drop=True), Fault(octets=answered(b"other")), None])
        async with (
            await served(serve_tcp, Parrot(), faults=lambda octets: next(faults)) as serving,
            client(serving.port) as one,
        ):
            for word in (b"a", b"b", b"c"):
                one.send(asked(word))
                await asyncio.sleep(0.01)
            assert await one.until(b"c@") == answered(b"other") + answered(b"c@1000")

    run(main())


def test_octets_that_are_late_stay_in_order():
    async def main():
        faults = iter([Fault(delay=0.03), Fault(delay=0.0)])
        async with (
            await served(serve_tcp, Parrot(), faults=lambda octets: next(faults)) as serving,
            client(serving.port) as one,
        ):
            loop = asyncio.get_running_loop()
            start = loop.time()
            one.send(asked(b"a"))
            await asyncio.sleep(0.005)
            one.send(asked(b"b"))
            assert await one.until(b"b@") == answered(b"a@1000") + answered(b"b@1000")
            assert loop.time() - start >= 0.03

    run(main())


def test_a_peer_that_is_hung_up_on():
    async def main():
        async with (
            await served(serve_tcp, Parrot(), faults=lambda octets: Fault(hang_up=True)) as serving,
            client(serving.port) as one,
        ):
            one.send(asked(b"a"))
            await one.over.wait()
            assert one.octets == answered(b"a@1000")

    run(main())


def test_a_peer_that_does_not_read_is_not_listened_to():
    async def main():
        async with await served(serve_tcp, Parrot(bytes(60_000))) as serving:
            with socket.create_connection(("127.0.0.1", serving.port)) as sock:
                sock.setblocking(False)
                full = 0
                while full < 10:
                    try:
                        sock.send(asked(bytes(5000)) * 10)
                        full = 0
                    except BlockingIOError:
                        full += 1
                    await asyncio.sleep(0.001)
                [connection] = serving.connections
                assert 0 < connection._write.__self__.get_write_buffer_size() < 100 * 65_000

    run(main())


def test_closing_hangs_up_on_everybody():
    async def main():
        line = Parrot()
        serving = await served(serve_tcp, line)
        async with client(serving.port) as one:
            one.send(asked(b"a"))
            await one.until(b"a@")
            await serving.close()
            await one.over.wait()
        assert (line.gone, serving.connections) == ([None], set())
        with pytest.raises(OSError):
            await asyncio.get_running_loop().create_connection(Client, "127.0.0.1", serving.port)

    run(main())


@pytest.mark.parametrize("start", [serve_tcp, serve_udp])
def test_an_address_that_is_taken(start):
    async def main():
        async with await served(start, Parrot()) as serving:
            place = rf"127\.0\.0\.1:{serving.port}"
            with pytest.raises(LinkError, match=f"cannot listen on {place}: address already in use"):
                await start(lambda local, peer: None, "127.0.0.1", serving.port)

    run(main())


def test_the_bounds():
    assert Settings().most == serve.MOST_CONNECTIONS
    assert Settings().idle == serve.IDLE == 300.0
