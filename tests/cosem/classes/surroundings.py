"""A device for the tests of classes with behaviour: what happens to its probes is written down."""

from __future__ import annotations

import datetime as dt

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.scripts import ScriptTable
from anymeter.cosem.device import LogicalDevice
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import CHOICE, INTEGER, LONG_UNSIGNED
from anymeter.errors import AccessError
from anymeter.obis import Obis

SCRIPTS = Obis("0-0:10.0.100*255")
PROBE = Obis("0-0:96.50.1*255")
CLOCK = "0-0:1.0.0*255"
_EPOCH = dt.datetime(1970, 1, 1)


class Probe(InterfaceClass, class_id=8500):
    """Writes down what is done to it, and when."""

    value = attribute(2, LONG_UNSIGNED)
    open = attribute(3, CHOICE)

    def set_up(self):
        self.log = []

    @method(1, LONG_UNSIGNED)
    def note(self, data, now):
        """Note."""
        self.log.append((now, data))

    @method(2, INTEGER)
    def fail(self, data, now):
        """Fail."""
        raise AccessError(1, "probe", "hardware-fault")


def utc(text):
    """Seconds since 1970 of a date-time in UTC."""
    return int((dt.datetime.fromisoformat(text) - _EPOCH).total_seconds())


def shown(seconds):
    """The date-time of seconds since 1970."""
    return (_EPOCH + dt.timedelta(seconds=seconds)).isoformat(sep=" ")


def europe(**more):
    """A clock of central Europe."""
    return Clock(
        CLOCK,
        time_zone=-60,
        daylight_savings_begin=bytes.fromhex("FFFF03FE0702000000800000"),
        daylight_savings_end=bytes.fromhex("FFFF0AFE0703000000800000"),
        daylight_savings_deviation=60,
        daylight_savings_enabled=True,
        **more,
    )


def notes(count=30, probe=PROBE):
    """A script table whose script n notes n."""
    return ScriptTable(SCRIPTS, scripts=[(n, [(2, 8500, bytes(probe), 1, n)]) for n in range(1, count + 1)])


def device(*objects, clock=None, associations=()):
    """A device with a clock (UTC without another one), scripts that note their number, and the probe they note to."""
    kept = [clock or Clock(CLOCK), notes(), Probe(PROBE), *objects]
    return LogicalDevice(1, b"ANY0000000000001", kept, associations)


def told(of):
    """What the scripts of a device noted: when (as text, UTC) and their number."""
    return [(shown(at), number) for at, number in of.objects[PROBE].log]


def refused(act):
    """The number with which something is refused, None when it is not."""
    try:
        act()
    except AccessError as error:
        return error.result
    return None
