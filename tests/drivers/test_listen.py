"""Listening for what meters push, over every carrier."""

from __future__ import annotations

import asyncio
import socket

import pytest

from anymeter.bridge.reading import Message
from anymeter.drivers import listen as module
from anymeter.drivers.listen import Heard, listen
from anymeter.errors import DecodeError, LinkError, LocalError
from anymeter.links.events import Closed, Route, Unit
from anymeter.links.hdlc_secondary import HdlcSecondary
from anymeter.links.wrapper import Wpdu

ENERGY = "0202 0906 0100010800FF 06 0000138D"
PUSH = bytes.fromhex("0F 00000001 00" + ENERGY)
CONFIRMED = bytes.fromhex("0F 40000007 00" + ENERGY)
CONFIRMATION = bytes.fromhex("10 40000007 00")


def run(coroutine):
    async def bounded():
        async with asyncio.timeout(20):
            return await coroutine

    return asyncio.run(bounded())


async def sent(listener, octets, kind=socket.SOCK_STREAM, answer=0):
    """Send to the listener; our address, and the octets that come back."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, listener.addresses[0])
        await loop.sock_sendall(sock, octets)
        back = b""
        while len(back) < answer:
            back += await loop.sock_recv(sock, 1000)
        return sock.getsockname(), back


def energy(heard):
    assert isinstance(heard.message, Message)
    return [(str(r.obis), r.value) for r in heard.message.readings]


@pytest.mark.parametrize(
    ("url", "kind"), [("dlms+tcp://127.0.0.1:0", socket.SOCK_STREAM), ("dlms+udp://127.0.0.1:0", socket.SOCK_DGRAM)]
)
def test_a_push_over_the_wrapper(url, kind):
    async def main():
        async with listen(url) as listener:
            peer, _ = await sent(listener, Wpdu(1, 16, PUSH).encode(), kind)
            heard = await anext(listener)
            assert heard.peer == peer
            assert energy(heard) == [("1-0:1.8.0*255", 5005)]

    run(main())


def test_one_that_asks_for_it_is_confirmed():
    async def main():
        async with listen("dlms+tcp://127.0.0.1:0") as listener:
            _, back = await sent(listener, Wpdu(1, 16, CONFIRMED).encode(), answer=14)
            assert back == Wpdu(16, 1, CONFIRMATION).encode()
            await anext(listener)

    run(main())


def test_a_push_in_a_ui_frame():
    async def main():
        meter = HdlcSecondary()
        meter.send(Unit(Route(16, 1, 17), PUSH, False), 0.0)
        async with listen("dlms+hdlc+tcp://127.0.0.1:0") as listener:
            await sent(listener, meter.data_to_send())
            assert energy(await anext(listener)) == [("1-0:1.8.0*255", 5005)]

    run(main())


def test_several_messages_in_their_order():
    async def main():
        async with listen("dlms+tcp://127.0.0.1:0") as listener:
            await sent(listener, Wpdu(1, 16, PUSH).encode() * 2 + Wpdu(1, 16, b"\x0f\x00").encode())
            found = [await anext(listener) for _ in range(3)]
            assert [type(heard.message) for heard in found] == [Message, Message, DecodeError]
            async for heard in _two(listener):
                assert energy(heard)

    async def _two(listener):
        await sent(listener, Wpdu(1, 16, PUSH).encode() * 2)
        for _ in range(2):
            yield await anext(listener)

    run(main())


def test_noise_is_told():
    async def main():
        async with listen("dlms+tcp://127.0.0.1:0") as listener:
            await sent(listener, b"GET / HTTP/1.1\r\n\r\n")
            heard = await anext(listener)
            assert heard.peer is None
            assert isinstance(heard.message, DecodeError)
            listener.noise(Closed())
            listener.take(Heard(None, DecodeError("next")))
            assert str((await anext(listener)).message) == "next"

    run(main())


def test_who_does_not_take_messages_loses_the_oldest():
    async def main():
        async with listen("dlms+tcp://127.0.0.1:0") as listener:
            for number in range(module.KEPT + 3):
                listener.take(Heard(None, DecodeError(str(number))))
            assert listener.lost == 3
            assert str((await anext(listener)).message) == "3"

    run(main())


def test_what_is_no_place_to_listen():
    async def main():
        async with listen("dlms+tcp://127.0.0.1:0") as listener:
            with pytest.raises(LinkError, match="cannot listen"):
                async with listen(f"dlms+tcp://127.0.0.1:{listener.addresses[0][1]}"):
                    pass
        with pytest.raises(LocalError, match="cannot be used yet"):
            async with listen("p1+tcp://127.0.0.1:1"):
                pass

    run(main())


def test_an_ear_has_nothing_else_to_do():
    async def main():
        async with listen("dlms+tcp://127.0.0.1:0") as listener:
            ear = listener.served(("127.0.0.1", 1), ("127.0.0.1", 2))
            assert ear.next_timeout() is None
            assert ear.handle_timeout(0.0) == ()
            ear.closed(None, 0.0)
            assert listener.__aiter__() is listener

    run(main())
