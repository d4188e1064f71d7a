"""A world that answers: its endpoints over TCP, UDP and HDLC, its time, its faults, and what its meters push.

Each meter is made when somebody first speaks to it. All sockets are those of :mod:`anymeter.drivers.serve`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Final

import msgspec

from anymeter.cosem.classes.push import PushSetup
from anymeter.cosem.companion_toml import HdlcTable
from anymeter.cosem.device import FAULTS, PhysicalDevice
from anymeter.cosem.surroundings import Outgoing
from anymeter.dlms.server.line import Line
from anymeter.dlms.server.server import Server
from anymeter.dlms.server.settings import Settings
from anymeter.drivers import serve as sockets
from anymeter.drivers.aio import AsyncLine
from anymeter.drivers.server_end import Answering
from anymeter.errors import AccessError, AnymeterError
from anymeter.links.events import Route
from anymeter.links.hdlc_parameters import Parameters
from anymeter.links.hdlc_secondary import HdlcSecondary
from anymeter.links.link import Link
from anymeter.links.wrapper_link import WrapperLink
from anymeter.simulator.chance import seed_of
from anymeter.simulator.faults import Faults
from anymeter.simulator.lines import MeterLine, MultiDrop
from anymeter.simulator.world import Endpoint, Plan, PushTable, World, WorldTime, target_of

MOST_ADDRESSES: Final = 256
"""Endpoints of one group that differ in their address alone get a socket each; from here on they share one."""
_PUSH_CLIENT: Final = 102
_TICK: Final = 1.0
_MOST_PUSHES: Final = 64


class Serving:
    """A world that runs. *places*: where each meter answers; *servers*: the meters that were spoken to."""

    def __init__(self, world: World, real: Callable[[], float]) -> None:
        self.world = world
        self.time = WorldTime(world.start, real(), world.text.speed)
        self.places: list[tuple[Plan, str]] = []
        self.servers: dict[Plan, Server] = {}
        self._real = real
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def now(self) -> float:
        """The time of the world."""
        return self.time.at(self._real())

    async def failed(self) -> None:
        """Wait for the end of the serving, and raise what ended it."""
        await asyncio.shield(self._over)

    def ended(self, task: asyncio.Task[None]) -> None:
        """A task that serves has come to its end; an error of it is one of the serving."""
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._over.done():
            self._over.set_exception(error)

    def server(self, plan: Plan) -> Server:
        """The server of a meter, which is made with it."""
        found = self.servers.get(plan)
        if found is None:
            settings = Settings().at_speed(self.world.text.speed)
            found = self.servers[plan] = Server(self.world.device(plan), settings)
        return found

    def line(self, plan: Plan) -> MeterLine:
        """A line to a meter."""
        rates = self.world.text.meters[plan.group].faults
        faults = Faults(rates, plan.seed) if rates.busy else None
        return MeterLine(self.server(plan), faults, datagrams=plan.link == "udp")

    def _bus(self, plans: tuple[Plan, ...]) -> MultiDrop:
        return MultiDrop({plan.physical or 0: partial(self.line, plan) for plan in plans})

    def _settings(self, plan: Plan) -> sockets.Settings:
        """What goes wrong on the way out differs from endpoint to endpoint."""
        rates = self.world.text.meters[plan.group].faults
        if not rates.any:
            return sockets.Settings(clock=self.now)
        faults = Faults(rates, seed_of(plan.seed, "line"))
        return sockets.Settings(clock=self.now, faults=lambda octets: _fault(faults, octets))

    def _hdlc(self, endpoint: Endpoint) -> Callable[[], Link]:
        table = self.world.companion(self.world.text.meters[endpoint.plans[0].group]).link.hdlc
        parameters = _parameters(table)
        physical = [plan.physical for plan in endpoint.plans if plan.physical is not None]
        return lambda: HdlcSecondary(parameters, physical=physical, inactivity_timeout=table.inactivity_timeout)

    async def listen(self, stack: AsyncExitStack) -> None:
        """Listen at every endpoint; LinkError when one cannot be had."""
        shared: dict[tuple[int, int], list[Endpoint]] = {}
        for endpoint in self.world.endpoints:
            plan = endpoint.plans[0]
            table = self.world.text.meters[plan.group]
            if table.spread == "addresses" and table.count > MOST_ADDRESSES and endpoint.link == "tcp":
                shared.setdefault((plan.group, endpoint.port), []).append(endpoint)
            else:
                await self._listen_at(endpoint, stack)
        for endpoints in shared.values():
            await self._listen_for_all(endpoints, stack)

    async def _listen_at(self, endpoint: Endpoint, stack: AsyncExitStack) -> None:
        first = endpoint.plans[0]
        settings = self._settings(first)
        if endpoint.link == "udp":
            serving = await sockets.serve_udp(
                lambda local, peer: self.line(first), endpoint.host, endpoint.port, settings=settings
            )
        else:
            hdlc = endpoint.link == "hdlc"

            def served(local: sockets.Peer, peer: sockets.Peer) -> Answering:
                return self._bus(endpoint.plans) if hdlc else self.line(first)

            link = self._hdlc(endpoint) if hdlc else None
            serving = await sockets.serve_tcp(served, endpoint.host, endpoint.port, link=link, settings=settings)
        await stack.enter_async_context(serving)
        self.places += [(p, msgspec.structs.replace(p, port=serving.port).url) for p in endpoint.plans]

    async def _listen_for_all(self, endpoints: list[Endpoint], stack: AsyncExitStack) -> None:
        """One socket for many addresses; who is meant, the local address of a connection says."""
        plans = {endpoint.host: endpoint.plans[0] for endpoint in endpoints}
        first = endpoints[0]
        host = "::" if ":" in first.host else "0.0.0.0"

        def served(local: sockets.Peer, peer: sockets.Peer) -> Answering | None:
            plan = plans.get(local[0])
            return None if plan is None else self.line(plan)

        settings = self._settings(first.plans[0])
        serving = await stack.enter_async_context(await sockets.serve_tcp(served, host, first.port, settings=settings))
        self.places += [(p, msgspec.structs.replace(p, port=serving.port).url) for p in plans.values()]

    # --- what meters send unasked ---

    async def push(self) -> None:
        """Let the meters that push live on, and send what they put out, for ever."""
        pushing = [(p, t) for p in self.world.plans if (t := self.world.text.meters[p.group].push) is not None]
        gate = asyncio.Semaphore(_MOST_PUSHES)
        turns = {plan: _turn(plan, target, self.now()) for plan, target in pushing}
        while True:
            now = self.now()
            sends = []
            for plan, target in pushing:
                server = self.server(plan)
                turn = _turn(plan, target, now)
                if turn > turns[plan]:
                    turns[plan] = turn
                    _push_all(server.device, now)
                live_on(server, now)
                for sap, logical in server.device.logical.items():
                    ready = [out for out in logical.outbox if out.due <= now]
                    if ready:
                        logical.outbox[:] = [out for out in logical.outbox if out.due > now]
                        sends += [self._send(server.line(), sap, out, target, gate) for out in ready]
            await asyncio.gather(*sends)
            await asyncio.sleep(_TICK)

    async def _send(self, line: Line, sap: int, out: Outgoing, target: PushTable, gate: asyncio.Semaphore) -> None:
        """Send one notification; a target that is not there loses it, as a meter without retries would."""
        host, port = target_of(target.to)
        kind = socket.SOCK_STREAM if target.transport == "tcp" else socket.SOCK_DGRAM
        route = Route(out.client or _PUSH_CLIENT, sap)
        _, units = line.notify(route, out, self.now())
        async with gate:
            try:
                link = WrapperLink(server=True, datagrams=target.transport == "udp")
                connected = await AsyncLine.connected(kind, host, port, link)
                for unit in units:
                    connected.tell(unit.route, unit.apdu)
                await asyncio.sleep(0)
                connected.hang_up()
            except AnymeterError:
                return


def live_on(server: Server, now: float) -> None:
    """Do what is due in a meter; what goes wrong in it is kept with the faults of its server."""
    due = server.device.next_due()
    if due is None or due > now:
        return
    try:
        server.device.advance(now)
    except FAULTS as error:
        server.faults.append((f"advance to {now}", error))


@asynccontextmanager
async def serve(world: World, real: Callable[[], float]) -> AsyncIterator[Serving]:
    """Let *world* answer; *real* is the real clock. Raises LinkError when an endpoint cannot be had."""
    serving = Serving(world, real)
    async with AsyncExitStack() as stack:
        await serving.listen(stack)
        pushing = any(table.push is not None for table in world.text.meters)
        task = asyncio.create_task(serving.push()) if pushing else None
        if task is not None:
            task.add_done_callback(serving.ended)
        try:
            yield serving
        finally:
            if task is not None:
                task.cancel()


def _turn(plan: Plan, target: PushTable, now: float) -> int:
    """How often a meter has had to push by then; not all meters push at the same time."""
    return int((now - plan.seed % target.every) // target.every) if target.every else 0


def _push_all(device: PhysicalDevice, now: float) -> None:
    """Let every Push setup of a meter push."""
    for logical in device.logical.values():
        for obj in list(logical.objects.values()):
            if isinstance(obj, PushSetup):
                with suppress(AccessError):  # too much is under way, or its window is closed: the next turn will do
                    obj.push(0, now)


def _fault(faults: Faults, octets: bytes) -> sockets.Fault | None:
    out = faults.disturb(octets)
    if out is None:
        return sockets.Fault(drop=True, hang_up=True)
    if not out:
        return sockets.Fault(drop=True)
    ((delay, changed),) = out
    return sockets.Fault(delay=delay, octets=changed) if delay or changed is not octets else None


def _parameters(table: HdlcTable) -> Parameters:
    return Parameters(
        max_information_transmit=table.max_info_transmit,
        max_information_receive=table.max_info_receive,
        window_transmit=table.window_transmit,
        window_receive=table.window_receive,
    )
