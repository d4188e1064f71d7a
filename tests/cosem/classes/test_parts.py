"""What the interface classes share."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.parts import (
    BAUD,
    LN,
    MOST,
    UNSPECIFIED,
    WINDOW,
    blue_book,
    clear,
    clearing,
    declined,
    due,
    grown,
    out_of_reach,
    shown,
)
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, INTEGER, LONG_UNSIGNED, OCTET_STRING_DATE_TIME, array
from anymeter.errors import AccessError, LocalError


class Odometer(InterfaceClass, class_id=8201):
    """A class of ours that counts."""

    turns = attribute(2, DOUBLE_LONG_UNSIGNED, dynamic=True)
    start = attribute(3, LONG_UNSIGNED, dynamic=True, default=7)
    ratio = attribute(4, LONG_UNSIGNED)
    stops = attribute(5, array(INTEGER), dynamic=True)
    until = attribute(6, OCTET_STRING_DATE_TIME)
    drive = out_of_reach(1, INTEGER, "Drive away.")
    zero = clearing(2, "Begin anew.")


class Wall:
    """A clock that shows the instant as its year."""

    def date_time(self, now):
        return DateTime(bytes((7, 0xD0 + int(now))) + UNSPECIFIED[2:])

    def instant(self, moment):
        return moment.octets[1] - 0xD0


class House:
    """A device with a clock, or without."""

    def __init__(self, clock):
        self.clock, self.told = clock, []

    def changed(self, obj, number, value, now):
        self.told.append((number, value, now))

    def touched(self, obj):
        pass


def odometer(clock=None):
    obj = Odometer("0-0:96.1.0*255", turns=5, start=9, ratio=3, stops=[1, 2])
    obj.device = House(clock)
    return obj


def test_the_speeds_are_numbered_as_everywhere():
    assert (BAUD[0], BAUD[5], BAUD[9]) == ("300 Bd", "9600 Bd", "115200 Bd")
    assert sorted(BAUD) == list(range(10))


def test_a_reference_has_six_octets():
    assert LN.encode(bytes((0, 0, 1, 0, 0, 255))).hex() == "09060000010000ff"
    with pytest.raises(LocalError):
        LN.encode(b"\x00")


def test_a_window_is_a_pair_of_date_times():
    assert WINDOW.fields == ("start_time", "end_time")
    assert WINDOW.encode((UNSPECIFIED, UNSPECIFIED)).hex() == "0202" + 2 * "090cffffffffffffffffff8000ff"


def test_a_citation():
    assert blue_book("4.7.1") == "DLMS UA 1000-1 Ed. 16, Part 2, 4.7.1"


def test_clearing_sets_what_is_dynamic_to_where_it_begins_and_tells():
    obj = odometer()
    clear(obj, 3)
    assert (obj.turns, obj.start, obj.ratio, obj.stops) == (0, 7, 3, [])
    assert obj.device.told == [(2, 0, 3), (3, 7, 3), (5, [], 3)]


def test_a_method_that_clears():
    odometer = Odometer("0-0:96.9.0*255", turns=5, start=9, ratio=3)
    assert odometer.invoke(2, INTEGER.encode(0), 0) is None
    assert (odometer.turns, odometer.start, odometer.ratio) == (0, 7, 3)
    assert (Odometer.zero.name, Odometer.zero.__doc__) == ("zero", "Begin anew.")
    with pytest.raises(AccessError):
        odometer.invoke(2, b"\x09\x00", 0)


def test_what_the_clock_shows():
    assert shown(odometer(Wall()), 4).octets == bytes((7, 0xD4)) + UNSPECIFIED[2:]
    assert shown(odometer(), 4).octets == UNSPECIFIED
    alone = Odometer("0-0:96.1.0*255")
    assert shown(alone, 4).octets == UNSPECIFIED


def test_when_a_moment_comes():
    moment = bytes((7, 0xD9)) + UNSPECIFIED[2:]
    assert due(odometer(Wall()), moment) == 9
    assert due(odometer(Wall()), UNSPECIFIED) is None
    assert due(odometer(), moment) is None


def test_a_list_grows_up_to_a_bound():
    few = [1, 2]
    assert grown(odometer(), few, 3) == [1, 2, 3]
    assert few == [1, 2]
    assert len(grown(odometer(), [0] * (MOST - 1), 1)) == MOST
    with pytest.raises(AccessError) as refused:
        grown(odometer(), [0] * MOST, 1)
    assert refused.value.result == 250


def test_a_refusal_names_the_object():
    refused = declined(odometer(), "turn")
    assert (refused.result, refused.what) == (250, "0-0:96.1.0*255 turn")


@pytest.mark.parametrize("octets", [None, b"\x0f\x00", b"\x0f\x05"])
def test_a_method_out_of_reach_is_refused(octets):
    with pytest.raises(AccessError) as refused:
        odometer().invoke(1, octets, 0)
    assert refused.value.result == 250
    assert refused.value.what.endswith(" drive")


def test_a_method_out_of_reach_takes_only_its_parameters():
    with pytest.raises(AccessError) as refused:
        odometer().invoke(1, b"\x11\x05", 0)
    assert refused.value.result == 12
    assert Odometer.drive.__doc__ == "Drive away."


def test_a_device_that_can_overrides_the_method():
    class Cab(Odometer, class_id=8203):
        """A class whose method works."""

        @method(1, INTEGER)
        def drive(self, data, now):
            self.put(2, self.turns + 1, now)

    cab = Cab("0-0:96.1.0*255", turns=1)
    assert cab.invoke(1, None, 0) is None
    assert cab.turns == 2
