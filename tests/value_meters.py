"""Devices for the tests of interface classes that keep values over time: a clock, registers and what captures them."""

import datetime as dt

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.device import LogicalDevice
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, UNSIGNED
from anymeter.obis import Obis

CLOCK, STATUS, ENERGY, EXPORT = (
    Obis(name) for name in ("0-0:1.0.0*255", "0-0:96.10.1*255", "1-0:1.8.0*255", "1-0:2.8.0*255")
)
LOAD_PROFILE = Obis("1-0:99.1.0*255")
LAST_SUNDAY_OF_MARCH = DateTime.of(None, 3, 0xFE, 7, 2, 0, 0, 0).octets
LAST_SUNDAY_OF_OCTOBER = DateTime.of(None, 10, 0xFE, 7, 3, 0, 0, 0).octets
COLUMNS = [(8, CLOCK, 2, 0), (1, STATUS, 2, 0), (3, ENERGY, 2, 0)]


def utc(text):
    """The instant of an ISO time, UTC where it names no offset.

    >>> utc("1970-01-02"), utc("1970-01-01T01:00+01:00")
    (86400, 0)
    """
    moment = dt.datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())


def central_europe(**values):
    """A clock of CET with daylight saving."""
    return Clock(
        CLOCK,
        time_zone=-60,
        daylight_savings_begin=LAST_SUNDAY_OF_MARCH,
        daylight_savings_end=LAST_SUNDAY_OF_OCTOBER,
        daylight_savings_deviation=60,
        daylight_savings_enabled=True,
        **values,
    )


def register(name=ENERGY, value=0, scaler=0, unit=30):
    """A register of 32 bits."""
    return Register(name, value=value, scaler_unit=(scaler, unit), types={2: DOUBLE_LONG_UNSIGNED})


def meter(*more, clock=None):
    """A device with a clock, a profile status, an energy register and *more*."""
    clock = central_europe() if clock is None else clock
    status = Data(STATUS, value=0, types={2: UNSIGNED})
    return LogicalDevice(1, b"ANY0000000000001", [clock, status, register(), *more])


def shown(octets):
    """The date-time in these octets as text."""
    return str(DateTime(octets))
