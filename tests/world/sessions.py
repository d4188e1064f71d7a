"""One session that does a bit of everything, and what must come of it however bad the line is."""

from __future__ import annotations

from anymeter.cosem.selection import EntryDescriptor
from anymeter.dlms.client.action import invoke_octets
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.get import get_value
from anymeter.dlms.client.profiles import read_buffer
from anymeter.dlms.client.set import set_octets
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.drivers.loopback import Loopback
from anymeter.errors import AnymeterError
from world.device import ENERGY, HELD, PROFILE, ROUTES, STORE, stamp

ENERGY_VALUE = AttributeDescriptor(3, ENERGY, 2)
STORED = AttributeDescriptor(1, STORE, 2)
WRITTEN = bytes(range(100))
ROWS = [(stamp(n), 7 * n) for n in range(2, 9)]
RESET = MethodDescriptor(3, ENERGY, 1)

STEPS = (
    ("associate", associate, lambda got: got is None),
    ("get", lambda one: get_value(one, ENERGY_VALUE), lambda got: got == HELD),
    ("set", lambda one: set_octets(one, STORED, b"\x09\x64" + WRITTEN), lambda got: got is None),
    ("what was set", lambda one: get_value(one, STORED), lambda got: got == WRITTEN),
    ("action", lambda one: invoke_octets(one, RESET, b"\x0f\x00"), lambda got: got is None),
    ("profile", lambda one: _rows(one), lambda got: got == ROWS),
    ("release", release, lambda got: True),
)
"""What the client does, how, and whether what came of it is right."""


def _rows(one):
    read = yield from read_buffer(one, PROFILE, EntryDescriptor(first=2, last=8))
    return [(time.octets if hasattr(time, "octets") else time, value) for time, value in read.profile().rows]


class Outcome:
    """How far a session came: *done* steps, the *error* that ended it or None, the seconds it took."""

    def __init__(self, done: list[str], wrong: list[str], error: AnymeterError | None, seconds: float) -> None:
        self.done, self.wrong, self.error, self.seconds = done, wrong, error, seconds

    @property
    def whole(self) -> bool:
        """Whether everything was done."""
        return self.error is None and len(self.done) == len(STEPS) + 2

    def __repr__(self) -> str:
        return f"{self.done}, {self.error!r}, {self.seconds} s, wrong: {self.wrong}"


def attempt(over: Loopback, one) -> Outcome:
    """Run the session until its end or its first error; errors that are none of ours pass."""
    route, began = ROUTES[one.settings.client], over.now
    done: list[str] = []
    wrong: list[str] = []
    error = None
    try:
        over.open(route)
        done.append("open")
        for name, builder, right in STEPS:
            got = over.run(route, builder(one), one.take_unsent)
            done.append(name)
            if not right(got):
                wrong.append(f"{name}: {got!r}")
        over.close(route)
        done.append("close")
    except AnymeterError as e:
        error = e
    seconds = over.now - began
    over.hang_up()
    return Outcome(done, wrong, error, seconds)


def fresh(meter):
    """The meter as it was before a session."""
    meter.obj(STORE).store(2, b"")
    meter.obj(ENERGY).store(2, HELD)
    return meter
