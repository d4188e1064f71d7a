"""Our server as a process: a meter with a register and a load profile of a month behind a TCP wrapper.

Prints the port it listens on and serves until its standard input closes.
"""

from __future__ import annotations

import asyncio
import sys

import cases

from anymeter.cosem.access import READ, Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, UNSIGNED
from anymeter.dlms.server import Server
from anymeter.drivers.serve import serve_tcp
from anymeter.obis import Obis

PERIOD = 900
BIG = 17
"""The client whose PDUs may be as long as there are any."""
CAPTURED = ((8, "0-0:1.0.0", 2), (1, "0-0:96.10.1", 2), (3, "1-0:1.8.0", 2), (3, "1-0:2.8.0", 2))


class Rows:
    """The entries of the profile: computed once, never captured."""

    def __init__(self):
        self.rows = [(cases.date_time(i), i % 8, 100_000 + i, 7 * i) for i in range(cases.MONTH)]

    def entries(self, now):
        return len(self.rows)

    def between(self, start, end, now):
        return 1, len(self.rows)

    def read(self, first, last, now):
        return self.rows[first - 1 : last]

    def reset(self, now):
        """Nothing is forgotten."""

    def capture(self, now):
        """Nothing is captured."""


def device():
    """Registers, a clock, a status and the profile of them; two clients with PDUs of 1,024 and 65,535 octets."""
    profile = ProfileGeneric(
        "1-0:99.1.0",
        capture_objects=[(cls, Obis(name), number, 0) for cls, name, number in CAPTURED],
        capture_period=PERIOD,
        profile_entries=cases.MONTH,
        sort_object=(8, Obis("0-0:1.0.0"), 2, 0),
    )
    profile.rows = Rows()
    objects = [
        Clock("0-0:1.0.0"),
        Data("0-0:96.10.1", value=0, types={2: UNSIGNED}),
        *(
            Register(name, value=value, scaler_unit=(0, 30), types={2: DOUBLE_LONG_UNSIGNED})
            for name, value in (("1-0:1.8.0", 123456), ("1-0:2.8.0", 4321))
        ),
        profile,
    ]
    rights = {obj.logical_name: Rights({n: READ for n in obj.attributes if n > 0}, {}, {2: (1, 2)}) for obj in objects}
    public = AssociationProfile(name="public", client=16, rights=rights)
    big = AssociationProfile(
        name="big",
        client=BIG,
        rights=rights,
        max_receive_pdu=0xFFFF,
        max_send_pdu=0xFFFF,
        object_name=Obis("0-0:40.0.2"),
    )
    return PhysicalDevice([LogicalDevice(1, b"ANY0000000000001", objects, [public, big])])


async def serve():
    server, over = Server(device()), asyncio.Event()
    async with await serve_tcp(lambda local, peer: server.line()) as serving:
        print(serving.port, flush=True)
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), over.set)
        await over.wait()


if __name__ == "__main__":
    asyncio.run(serve())
