"""Whole sessions over TCP with our server, a process of its own: processor time of the client, and of the server."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

import cases
from meter import BIG
from processes import HERE, our_meter, tell_server
from timing import measure

import anymeter
from anymeter.cosem.classes.registers import Register

ENERGY, PROFILE = "1-0:1.8.0", "1-0:99.1.0"
AT_A_TIME = 10
"""Sessions in one run of the loop: what it takes to start the loop is not theirs."""


def blocking(url):
    """One item: connect, associate, read the value of a register, release, hang up."""

    def work():
        with anymeter.connect_sync(url) as meter:
            return meter.get(ENERGY, Register.value)

    return work, 123456, 1


def bare(url):
    """One item: the octets of :func:`blocking` over a socket and nothing else: what the machine takes by itself."""
    requests = []
    with anymeter.connect_sync(url, trace=lambda out, octets: requests.append(octets) if out else None) as meter:
        meter.get(ENERGY, Register.value)
    where = urlsplit(url)

    def work():
        with socket.create_connection((where.hostname, where.port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in requests:
                line.sendall(request)
                answer = line.recv(65536)
        return answer[8]

    return work, 0x63, 1


def blocking_reading(url):
    """One item: the same for a reading, so with scaler and unit."""

    def work():
        with anymeter.connect_sync(url) as meter:
            return str(meter.read(ENERGY).value)

    return work, "123456", 1


def in_loop(session, wanted):
    """Run a session so often in a loop of its own."""
    runner = asyncio.Runner()

    async def sessions():
        for _ in range(AT_A_TIME):
            found = await session()
        return found

    return lambda: runner.run(sessions()), wanted, AT_A_TIME


def awaited(url):
    """One item: the session of :func:`blocking` over asyncio."""

    async def session():
        async with anymeter.connect(url) as meter:
            return await meter.get(ENERGY, Register.value)

    return in_loop(session, 123456)


def awaited_reading(url):
    """One item: the session of :func:`blocking_reading` over asyncio."""

    async def session():
        async with anymeter.connect(url) as meter:
            return str((await meter.read(ENERGY)).value)

    return in_loop(session, "123456")


def profile(url):
    """One item: a month of quarters of an hour as typed columns, its layout and units read before."""
    opened = anymeter.connect_sync(url)
    meter = opened.__enter__()

    def work():
        assert opened
        columns = meter.profile(PROFILE).columns()
        return len(columns["0-0:1.0.0*255"]), int(columns["1-0:2.8.0*255"][-1])

    return work, (cases.MONTH, 7 * (cases.MONTH - 1)), 1


def awaited_profile(url):
    """One item: the same over asyncio."""

    async def session():
        async with anymeter.connect(url) as meter:
            columns = (await meter.profile(PROFILE)).columns()
            return len(columns["0-0:1.0.0*255"]), int(columns["1-0:2.8.0*255"][-1])

    return in_loop(session, (cases.MONTH, 7 * (cases.MONTH - 1)))


with our_meter() as (_, port):
    url = f"dlms+tcp://127.0.0.1:{port}"
    measure(
        {
            "session": lambda: blocking(url),
            "session-bare": lambda: bare(url),
            "session-reading": lambda: blocking_reading(url),
            "session-asyncio": lambda: awaited(url),
            "session-asyncio-reading": lambda: awaited_reading(url),
            "tcp-profile": lambda: profile(url),
            "tcp-profile-big": lambda: profile(f"{url}?client={BIG}"),
            "tcp-profile-asyncio": lambda: awaited_profile(url),
        }
    )
tell_server("server-session", HERE / "meter.py")
