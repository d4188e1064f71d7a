"""The street of ``anymeter demo``: a dozen simulated meters on this machine, and a client that reads them all."""

from __future__ import annotations

import asyncio
import time
from typing import Final, TextIO

from anymeter.bridge.reading import Reading
from anymeter.cli import render
from anymeter.cli.screen import Screen
from anymeter.drivers.connect import connect
from anymeter.errors import AnymeterError
from anymeter.simulator.example import STREET
from anymeter.simulator.serve import Serving, serve
from anymeter.simulator.world import Plan, World

TITLE: Final = "A street of simulated meters, read over TCP, UDP and HDLC"
_HEADS: Final = ("meter", "kind", "over", "reading", "value", "unit")
_PASSWORD: Final = "12345678"
_AT_ONCE: Final = 4
_READ: Final = {
    "electricity": ("1-0:1.8.0*255", "1-0:1.7.0*255"),
    "gas": ("7-0:13.2.0*255", "7-0:52.0.0*255"),
    "heat": ("6-0:1.0.0*255", "6-0:10.0.0*255"),
    "cooling": ("5-0:1.0.0*255", "5-0:10.0.0*255"),
    "cold-water": ("8-0:1.0.0*255", "8-0:2.0.0*255"),
    "hot-water": ("9-0:1.0.0*255", "9-0:3.0.0*255"),
    "heat-cost-allocator": ("4-0:1.0.0*255", "4-0:7.0.255*255"),
    "access-point": ("0-1:24.2.1*255", "0-2:24.2.1*255", "0-3:24.2.1*255", "0-4:24.2.1*255"),
}


def show(out: TextIO) -> tuple[int, int]:
    """Start the street, read every meter, print what came; how many meters were read, and how many were not."""
    screen = Screen(out)
    screen.line((TITLE, "title"))
    found = asyncio.run(_read_all())
    rows: list[list[str]] = []
    failed: list[str] = []
    for name, kind, link, what in found:
        if isinstance(what, AnymeterError):
            failed.append(f"{name}: {what}")
            continue
        for number, reading in enumerate(what):
            head = [name, kind, link] if number == 0 else ["", "", ""]
            rows.append([*head, *render.row(reading)[1:4]])
    screen.table(_HEADS, rows, right=(4,), flexible=3)
    for line in failed:
        screen.line((line, "red"))
    out.write("\n")
    return len(found) - len(failed), len(failed)


_Found = tuple[str, str, str, "list[Reading] | AnymeterError"]


async def _read_all() -> list[_Found]:
    world = World.parse(STREET, time.time(), "the street")
    gate = asyncio.Semaphore(_AT_ONCE)
    async with serve(world, time.time) as serving:
        return await asyncio.gather(*(_read(serving, plan, url, gate) for plan, url in serving.places))


async def _read(serving: Serving, plan: Plan, url: str, gate: asyncio.Semaphore) -> _Found:
    companion = serving.world.companion(serving.world.text.meters[plan.group])
    name = plan.identity.fill(companion.devices[0].name)
    option = "&" if "?" in url else "?"
    async with gate:
        try:
            async with connect(f"{url}{option}client=32", password=_PASSWORD) as meter:
                readings = [await meter.read(code) for code in _READ[companion.name]]
        except AnymeterError as error:
            return name, companion.name, plan.link, error
    return name, companion.name, plan.link, readings
