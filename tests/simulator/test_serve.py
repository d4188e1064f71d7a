from __future__ import annotations

import asyncio

import pytest

import anymeter
from anymeter.cosem.companion import Companion
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.model import InterfaceClass
from anymeter.dlms.server.server import Server
from anymeter.drivers.connect import connect
from anymeter.errors import LinkError, LinkTimeout, LocalError, ServiceRefused
from anymeter.obis import Obis
from anymeter.simulator.serve import _turn, live_on, serve
from anymeter.simulator.world import World

REAL = 1_790_000_000.0
PASSWORD = "12345678"
MAIN = {"electricity": "1-0:1.8.0*255", "heat": "6-0:1.0.0*255", "cold-water": "8-0:1.0.0*255", "gas": "7-0:3.0.0*255"}


def world(text, real=REAL):
    return World.parse(text, real, "test.toml")


def run(function, text, clock=lambda: REAL):
    async def main():
        served = world(text)
        async with asyncio.timeout(30), serve(served, clock) as serving:
            return await function(serving)

    return asyncio.run(main())


async def main_register(serving, plan, url, **options):
    extra = "&".join(f"{name}={value}" for name, value in {"client": 32, **options}.items())
    async with connect(f"{url}{'&' if '?' in url else '?'}{extra}", password=PASSWORD) as meter:
        name = MAIN[serving.world.text.meters[plan.group].companion]
        reading = await meter.read(name)
        return reading.number


def held(serving, plan):
    name = MAIN[serving.world.text.meters[plan.group].companion]
    return serving.world.device(plan).management.objects[Obis(name)].get(2, REAL)


EVERY_LINK = """
[[meters]]
companion = "electricity"
count = 2
port = 0
[[meters]]
companion = "heat"
count = 3
link = "hdlc"
spread = "line"
port = 0
[[meters]]
companion = "cold-water"
count = 2
link = "udp"
port = 0
[[meters]]
companion = "gas"
link = "hdlc"
port = 0
physical = 100
"""


def test_every_meter_answers_at_its_place_with_its_own_values():
    async def read(serving):
        assert serving.world.made == 0
        values = [await main_register(serving, plan, url) for plan, url in serving.places]
        assert values == [held(serving, plan) for plan, _ in serving.places]
        assert len(set(values)) == 8
        assert serving.world.made == 8

    run(read, EVERY_LINK)


def test_addresses_are_told_apart_on_one_socket():
    text = '[[meters]]\ncompanion = "heat"\ncount = 300\nspread = "addresses"\nhost = "127.9.0.1"\nport = 0\n'

    async def read(serving):
        assert len({url.rpartition(":")[2] for _, url in serving.places}) == 1
        assert len(serving.places) == 300
        for index in (0, 17, 299):
            plan, url = serving.places[index]
            assert await main_register(serving, plan, url) == held(serving, plan)
        assert serving.world.made == 3
        nobody = f"dlms+tcp://127.8.0.1:{serving.places[0][1].rpartition(':')[2]}"
        with pytest.raises(LinkError):
            await main_register(serving, serving.places[0][0], nobody)

    run(read, text.replace("port = 0", f"port = {_free_port()}"))


def _free_port():
    import socket

    with socket.socket() as found:
        found.bind(("0.0.0.0", 0))
        return found.getsockname()[1]


def test_the_time_of_the_world_is_the_time_of_its_meters():
    text = 'start = 2020-02-29T12:00:00Z\nspeed = 3600\n[[meters]]\ncompanion = "heat"\nport = 0\n'
    real = [REAL]

    async def read(serving):
        _, url = serving.places[0]
        seen = []
        async with connect(f"{url}?client=16") as meter:
            for step in (0.0, 24.0):
                real[0] = REAL + step
                seen.append((await meter.read("0-0:1.0.0*255")).number)
        shown = [moment if isinstance(moment, DateTime) else DateTime(bytes(moment)) for moment in seen]
        assert [str(moment) for moment in shown] == ["2020-02-29T13:00:00+01:00", "2020-03-01T13:00:00+01:00"]

    run(read, text, clock=lambda: real[0])


def test_a_line_that_hangs_up_gives_one_clear_error():
    text = '[[meters]]\ncompanion = "heat"\nport = 0\nfaults = { hang_up = 1.0 }\n'

    async def read(serving):
        with pytest.raises(LinkError):
            await main_register(serving, *serving.places[0])

    run(read, text)


def test_what_is_dropped_is_missed_in_time():
    text = '[[meters]]\ncompanion = "heat"\nport = 0\nfaults = { drop = 1.0 }\n'

    async def read(serving):
        with pytest.raises(LinkTimeout):
            await main_register(serving, *serving.places[0], timeout=0.2)

    run(read, text)


def test_a_busy_meter_refuses():
    text = '[[meters]]\ncompanion = "heat"\nport = 0\nfaults = { busy = 1.0 }\n'

    async def read(serving):
        with pytest.raises(ServiceRefused):
            await main_register(serving, *serving.places[0])

    run(read, text)


def test_lost_datagrams_are_asked_for_again():
    text = (
        'seed = 3\n[[meters]]\ncompanion = "cold-water"\nlink = "udp"\nport = 0\ncount = 4\nfaults = { drop = 0.3 }\n'
    )

    async def read(serving):
        for plan, url in serving.places:
            number = await main_register(serving, plan, url, timeout=4, retries=8)
            assert number == held(serving, plan)

    run(read, text)


def test_an_address_that_cannot_be_had_is_told():
    async def twice(serving):
        _, url = serving.places[0]
        port = url.rpartition(":")[2]
        other = world(f'[[meters]]\ncompanion = "heat"\nport = {port}\n')
        with pytest.raises(LinkError, match="cannot listen on"):
            async with serve(other, lambda: REAL):
                pytest.fail("both listen")

    run(twice, '[[meters]]\ncompanion = "heat"\nport = 0\n')


def test_what_a_meter_pushes_goes_to_its_target():
    got = []

    async def main():
        came = asyncio.Event()

        async def receive(reader, writer):
            got.append(await reader.read())
            writer.close()
            came.set()

        async with asyncio.timeout(30), await asyncio.start_server(receive, "127.0.0.1", 0) as listener:
            port = listener.sockets[0].getsockname()[1]
            target = f'push = {{ to = "127.0.0.1:{port}" }}'
            served = world(f'[[meters]]\ncompanion = "heat"\nport = 0\n{target}\n')
            async with serve(served, lambda: REAL) as serving:
                management = serving.server(serving.places[0][0]).device.management
                management.objects[Obis("0-0:25.9.0*255")].invoke(1, b"\x0f\x00", REAL)
                await came.wait()

    asyncio.run(main())
    (octets,) = got
    version, source, destination, length = (int.from_bytes(octets[i : i + 2], "big") for i in (0, 2, 4, 6))
    assert (version, source, destination, length) == (1, 1, 102, len(octets) - 8)
    assert octets[8] == 0x0F, "data-notification"
    assert b"AMT0000000000001" in octets


@pytest.mark.parametrize("every", [600, 0])
def test_meters_push_as_often_as_the_world_says(every, monkeypatch):
    """Twenty hours pass at once: the meter pushes without being told to, unless it is left to its own schedules."""
    monkeypatch.setattr("anymeter.simulator.serve._TICK", 0.01)
    times = [REAL]
    got = []

    async def main():
        came = asyncio.Event()

        async def receive(reader, writer):
            got.append(await reader.read())
            writer.close()
            came.set()

        async with asyncio.timeout(30), await asyncio.start_server(receive, "127.0.0.1", 0) as listener:
            port = listener.sockets[0].getsockname()[1]
            target = f'push = {{ to = "127.0.0.1:{port}", every = {every} }}'
            served = world(f'[[meters]]\ncompanion = "heat"\nport = 0\n{target}\n')
            async with serve(served, lambda: times[-1]) as serving:
                await asyncio.sleep(0)
                times.append(REAL + 72_000)
                if every == 0:
                    serving.server(serving.places[0][0]).device.management.objects[Obis("0-0:25.9.0*255")].push(0, REAL)
                await came.wait()

    asyncio.run(main())
    (octets,) = got
    readings = {str(reading.obis): reading.value for reading in anymeter.decode(octets).readings}
    assert readings["0-0:42.0.0*255"] == "AMT0000000000001"
    assert set(readings) == {"0-0:42.0.0*255", "0-0:1.0.0*255", "0-0:97.98.0*255"}


def test_not_all_meters_push_at_the_same_time():
    served = world('[[meters]]\ncompanion = "heat"\ncount = 20\nport = 0\npush = { to = "h:1" }\n')
    target = served.text.meters[0].push
    first = [
        next(now for now in range(3601) if _turn(plan, target, now + 1) > _turn(plan, target, 0))
        for plan in served.plans
    ]
    assert len(set(first)) > 15


def test_an_error_of_the_serving_itself_is_told():
    async def wait(serving):
        async def broken():
            raise LinkError("no more sockets")

        task = asyncio.create_task(broken())
        task.add_done_callback(serving.ended)
        with pytest.raises(LinkError, match="no more sockets"):
            await serving.failed()
        serving.ended(task)

    run(wait, '[[meters]]\ncompanion = "heat"\nport = 0\n')


def test_a_push_to_nobody_is_lost_and_nothing_else():
    text = f'[[meters]]\ncompanion = "heat"\nport = 0\npush = {{ to = "127.0.0.1:{_free_port()}" }}\n'

    async def wait(serving):
        plan, url = serving.places[0]
        management = serving.server(plan).device.management
        management.objects[Obis("0-0:25.9.0*255")].invoke(1, b"\x0f\x00", REAL)
        while management.outbox:
            await asyncio.sleep(0)
        assert await main_register(serving, plan, url) == held(serving, plan)

    run(wait, text)


def test_a_server_in_faster_time_waits_as_long_for_its_clients():
    async def waits(serving):
        return serving.server(serving.places[0][0]).settings

    text = 'speed = 3600.0\n[[meters]]\ncompanion = "heat"\nport = 0\n'
    settings = run(waits, text)
    assert (settings.transfer_timeout, settings.repeat_window) == (120 * 3600, 10 * 3600)


class Broken(InterfaceClass, class_id=8600):
    """Is due every ten seconds and fails from the second time on."""

    def set_up(self):
        self.runs = []

    def next_due(self):
        return REAL + 10 * len(self.runs)

    def run(self, now):
        self.runs.append(now)
        if len(self.runs) > 1:
            raise LocalError("broken")


def test_a_meter_with_a_mistake_lives_on():
    server, broken = Server(Companion.load("cold-water").build()), Broken("0-0:96.90.0*255")
    server.device.management.add(broken)
    live_on(server, REAL - 1)
    assert (broken.runs, list(server.faults)) == ([], [])
    live_on(server, REAL + 5)
    live_on(server, REAL + 10)
    assert broken.runs == [REAL, REAL + 10]
    ((what, error),) = server.faults
    assert what == f"advance to {REAL + 10}"
    assert str(error) == "broken"
