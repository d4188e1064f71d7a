"""A heat meter of the shipped companion profile with known contents, for tests that read meters from end to end."""

from __future__ import annotations

import datetime as dt

import driver_meters
from anymeter.cosem.companion import Companion, Identity
from anymeter.dlms.server import Server
from anymeter.drivers.connect_sync import BlockingMeter
from anymeter.drivers.loopback import Loopback
from anymeter.drivers.postbox import Postbox
from anymeter.drivers.settings import connection
from anymeter.obis import Obis

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC).timestamp()
NOW = START + 30 * 3600 + 60
"""Thirty hours on: the hourly profile has thirty entries."""
HOURLY = "6-0:99.1.1"
ENTRIES = 30
READER, PASSWORD = 32, "12345678"
"""The client that reads everything, and its password."""
ENERGY, VOLUME, SET_DATE = Obis("6-0:1.0.0"), Obis("6-0:2.0.0"), Obis("6-0:1.2.0")


def device():
    """Energy counts 3 kWh an hour, volume 1 litre; at the set date it was 1234 kWh."""
    made = Companion.load("heat").build(Identity(number=4711))
    objects = made.management.objects
    objects[ENERGY].bind(2, lambda now: 3 * int((now - START) // 3600))
    objects[VOLUME].bind(2, lambda now: int((now - START) // 3600))
    objects[SET_DATE].values |= {2: 1234, 5: bytes.fromhex("07E9 0C 1F FF 00 00 00 00 8000 00")}
    made.advance(START)
    for hour in range(1, ENTRIES + 1):
        made.advance(START + hour * 3600)
    made.advance(NOW)
    return made


def loopback(kind="wrapper", made=None, **more):
    """A loopback to a heat meter."""
    line = Server(made or device()).line(datagrams=kind == "datagrams")
    return Loopback(*driver_meters.ends(kind), line, device_time=NOW, **more)


def meter(url="dlms+tcp://h?client=32", password=PASSWORD, kind="wrapper", postbox=None, made=None):
    """A blocking meter over a loopback, for ``with``."""
    found = connection(url, None, password)
    unasked = None if postbox is None else postbox.unit
    line = loopback(kind, made, unasked=unasked)
    return BlockingMeter(line, found.settings, found.route, postbox)


def with_postbox():
    """The same with what it sends unasked, and what it was told."""
    told = []
    postbox = Postbox(None, lambda route, apdu: told.append(apdu))
    return meter(postbox=postbox), told


class Served:
    """What answers for a heat meter behind a socket, for :func:`driver_meters.serving`."""

    def __init__(self, made=None):
        self.server, self.now = Server(made or device()), NOW


def serving(kind="wrapper", made=None, **settings):
    """A heat meter behind a socket of ours, in the background; its password is :data:`PASSWORD`."""
    return driver_meters.serving(kind, Served(made), **settings)
