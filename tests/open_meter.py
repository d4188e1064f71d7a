"""A meter that lets everybody do everything, with two logical devices, for tests of writing, calling and scanning."""

from __future__ import annotations

import driver_meters
from anymeter.cosem.access import ACCESS, READ_WRITE, WRITE, Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.associations import AssociationLnV1
from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.disconnect import DisconnectControl
from anymeter.cosem.classes.management import SapAssignment
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import (
    DOUBLE_LONG_UNSIGNED,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    VISIBLE_STRING,
    array,
    structure,
)
from anymeter.dlms.server import Server

COUNTER, TEXT, ROWS, SWITCH = "1-0:1.8.0", "0-0:96.1.0", "0-0:96.13.0", "0-0:96.3.10"
HIDDEN, OWN, EMPTY, NAME = "0-0:96.13.1", "0-0:96.200.0", "0-0:96.13.2", "0-0:42.0.0"
NOW = 1_772_323_200.0


class Own(InterfaceClass, class_id=0x2042):
    """Own: a class that only its maker knows."""

    value = attribute(2, UNSIGNED)

    @method(1, LONG_UNSIGNED, returns=LONG_UNSIGNED)
    def double(self, data, now):
        return 2 * data


def objects(name):
    """What both logical devices have."""
    return [
        Data(NAME, value=name, types={2: OCTET_STRING}),
        Clock("0-0:1.0.0"),
        Register(COUNTER, value=5, scaler_unit=(3, 30), types={2: DOUBLE_LONG_UNSIGNED}),
        Data(TEXT, value="4711", types={2: VISIBLE_STRING}),
        Data(ROWS, value=[(1, b"a")], types={2: array(structure(UNSIGNED, OCTET_STRING))}),
        Data(EMPTY, value=b"", types={2: OCTET_STRING}),
        Data(HIDDEN, value=7, types={2: UNSIGNED}),
        DisconnectControl(SWITCH),
        Own(OWN, value=3),
        AssociationLnV1("0-0:40.0.1"),
    ]


def logical(sap, name, *more, client=16):
    """A logical device in which *client* may do everything, but not read what is hidden."""
    found = [*objects(name), *more]
    rights = {one.logical_name: _all(one) for one in found}
    rights[found[6].logical_name] = Rights({1: READ_WRITE, 2: WRITE})
    return LogicalDevice(sap, name, found, [AssociationProfile(name="open", client=client, rights=rights)])


def _all(one):
    return Rights(dict.fromkeys(one.attributes, READ_WRITE), dict.fromkeys(one.methods, ACCESS))


class Meter:
    """What answers, for :func:`driver_meters.serving`; the second logical device knows *other_client* only."""

    def __init__(self, other_client=16):
        first = logical(1, b"ANY0000000000001", SapAssignment("0-0:41.0.0"))
        self.device = PhysicalDevice([first, logical(2, b"ANY0000000000002", client=other_client)], b"ANY\0\0\0\0\1")
        self.server, self.now = Server(self.device), NOW
        self.device.advance(NOW)

    def held(self, name, number=2):
        """What an attribute of the first logical device holds."""
        from anymeter.obis import Obis

        return self.device.management.objects[Obis(name)].get(number, self.now)


def serving(meter=None, kind="wrapper", **settings):
    """The meter behind a socket of ours, in the background."""
    return driver_meters.serving(kind, meter or Meter(), **settings)
