"""A meter over asyncio: the same as blocking, and several at once."""

from __future__ import annotations

import asyncio

import pytest

import anymeter
import driver_meters
import heat_meter
from anymeter.cosem.classes.image import ImageTransfer
from anymeter.cosem.classes.registers import Register
from anymeter.dlms.client import session
from anymeter.dlms.client.clock import read_clock
from anymeter.dlms.server import Server
from anymeter.drivers import connect_sync, serve
from anymeter.drivers.connect import AsyncMeter, connect
from anymeter.errors import AccessError, AssociationRefused, LinkError, LinkTimeout, LocalError
from anymeter.links.events import Route, Unit
from heat_meter import ENERGY, ENTRIES, HOURLY, PASSWORD, VOLUME

PUSH = bytes.fromhex("0F 00000001 00 0202 0906 0100010800FF 06 0000138D")
SCHEMES = {"wrapper": "dlms+tcp", "datagrams": "dlms+udp", "hdlc": "dlms+hdlc+tcp"}


def run(coroutine):
    async def bounded():
        async with asyncio.timeout(20):
            return await coroutine

    return asyncio.run(bounded())


def served(kind="wrapper", **settings):
    """A heat meter on the loop that runs."""
    server = Server(heat_meter.device())
    settings = serve.Settings(**({"clock": lambda: heat_meter.NOW} | settings))
    line = lambda local, peer: server.line(datagrams=kind == "datagrams")  # noqa: E731
    start = serve.serve_udp if kind == "datagrams" else serve.serve_tcp
    return start(line, link=driver_meters.LINKS[kind][1], settings=settings)


def url(server, options="client=32", kind="wrapper"):
    return f"{SCHEMES[kind]}://127.0.0.1:{server.port}?{options}"


@pytest.mark.parametrize("kind", SCHEMES)
def test_a_meter(kind):
    async def main():
        async with await served(kind) as server, connect(url(server, kind=kind), password=PASSWORD) as meter:
            energy = await meter.read("6-0:1.0.0")
            assert (energy.value, energy.unit) == (90_000, "Wh")
            assert [r.obis for r in await meter.read(ENERGY, VOLUME)] == [ENERGY, VOLUME]
            assert len(await meter.profile(HOURLY)) == ENTRIES
            assert [row[2] for row in await meter.profile(HOURLY, entries=2)] == [87, 90]

    run(main())


def test_it_is_a_name_of_the_package():
    assert anymeter.connect is connect


def test_everything_else():
    async def main():
        async with await served() as server, connect(url(server), password=PASSWORD) as meter:
            steps = []
            assert len(await meter.read(progress=lambda *step: steps.append(step))) == steps[-1][0]
            assert await meter.get(ENERGY, Register.scaler_unit) == (3, 30)
            with pytest.raises(AccessError, match="read-write-denied"):
                await meter.set("0-0:44.0.0", ImageTransfer.image_transfer_enabled, True)
            with pytest.raises(AccessError, match="read-write-denied"):
                await meter.call(ENERGY, Register.reset, 0)
            with pytest.raises(AccessError, match="object-undefined"):
                await meter.read("6-0:5.5.5")
            assert (await meter.run(read_clock)).to_datetime().timestamp() == heat_meter.NOW
            assert ENERGY in {entry.name for entry in await meter.objects()}
            assert (await meter.scan()).name == b"AMT0000000004711"

    run(main())


def test_several_things_at_once():
    async def main():
        async with await served() as server, connect(url(server), password=PASSWORD) as meter:
            found = await asyncio.gather(*(meter.read(name) for name in (ENERGY, VOLUME) * 10))
            assert [reading.obis for reading in found] == [ENERGY, VOLUME] * 10
            async with meter.association(client=16, mechanism=0, secret=b"") as public:
                name, energy = await asyncio.gather(public.read("0-0:42.0.0"), meter.read(ENERGY))
                assert (name.value, energy.value) == ("AMT0000000004711", 90_000)

    run(main())


def test_many_meters_at_once():
    async def main():
        async with await served() as server:

            async def one():
                async with connect(url(server), password=PASSWORD) as meter:
                    return (await meter.read(ENERGY)).value

            assert await asyncio.gather(*(one() for _ in range(30))) == [90_000] * 30

    run(main())


def test_what_the_meter_sends_unasked():
    async def main():
        async with await served() as server, connect(url(server), password=PASSWORD) as meter:
            for connection in server.connections:
                connection.push([Unit(Route(32, 1), PUSH, False)] * 2)
            found = []
            async for message in meter.listen():
                found.append([(str(r.obis), r.value) for r in message.readings])
                if len(found) == 2:
                    break
            assert found == [[("1-0:1.8.0*255", 5005)]] * 2
            assert [message async for message in meter.listen(0.01)] == []

    run(main())


def test_without_a_postbox_nothing_is_heard():
    async def main():
        async with await served() as server, connect(url(server), password=PASSWORD) as meter:
            other = AsyncMeter(meter._line, meter.session.settings, Route(32, 1))
            assert [message async for message in other.listen(1.0)] == []

    run(main())


def test_a_wrong_password_is_refused():
    async def main():
        async with await served() as server:
            with pytest.raises(AssociationRefused, match="authentication-failure"):
                async with connect(url(server), password="wrong"):
                    pass

    run(main())


def test_nobody_answers():
    async def main():
        with driver_meters.silent() as port, pytest.raises(LinkTimeout, match="did not answer"):
            async with connect(f"dlms+tcp://127.0.0.1:{port}?timeout=0.05"):
                pass

    run(main())


def test_in_haste_nothing_is_released():
    async def main():
        async with await served() as server:

            async def hang():
                async with connect(url(server), password=PASSWORD):
                    await asyncio.Event().wait()

            task = asyncio.create_task(hang())
            while not server.connections:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while server.connections:
                await asyncio.sleep(0.001)

    run(main())


def test_a_meter_that_hangs_up_in_the_middle():
    async def several(server):
        async with connect(url(server, "")) as meter:
            for _ in range(5):
                await meter.read("0-0:42.0.0")

    async def main():
        count = iter(range(100))
        async with await served(faults=lambda octets: serve.Fault(hang_up=next(count) == 1)) as server:
            with pytest.raises(LinkError, match=r"the peer closed the connection|reset by peer"):
                await several(server)

    run(main())


def test_mistakes_are_told_before_anything_is_sent():
    async def main():
        with pytest.raises(LocalError):
            async with connect("dlms+tcp://h?password=1"):
                pass

    run(main())


def test_both_meters_have_the_same_methods():
    def names(cls):
        return {name for name in vars(cls) if not name.startswith("_")}

    assert names(AsyncMeter) == names(connect_sync.BlockingMeter)


def test_a_meter_says_who_speaks_to_whom():
    settings = session.Settings(client=32, server=1)
    for kind in (AsyncMeter, connect_sync.BlockingMeter):
        assert repr(kind(None, settings, Route(32, 1, 17))) == f"<{kind.__name__}: {Route(32, 1, 17)}>"
