"""Watching an attribute of another object, thresholds, and the scripts of crossings."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.single_action import SingleActionSchedule
from anymeter.cosem.classes.watching import Thresholds, Watched, act, execute, is_number, target_of
from cosem.classes.surroundings import PROBE, SCRIPTS, device, europe, told

LN = bytes(PROBE)
VALUE = (8500, LN, 2)


def owner():
    return SingleActionSchedule("0-0:15.0.9*255")


def test_what_a_reference_names():
    one = owner()
    assert target_of(one, VALUE) is None
    found = device(one)
    assert target_of(one, VALUE) is found.objects[PROBE]
    for wrong in ((8501, LN, 2), (8500, bytes(6), 2), (8500, LN, 99), (0, b"", 0)):
        assert target_of(one, wrong) is None


def test_a_value_that_is_put_is_told_and_one_that_is_computed_is_looked_at():
    one = owner()
    found = device(one, clock=europe())
    watched = Watched(one)
    watched.watch(VALUE, 100)
    assert (watched.value(100), watched.next_due()) == (0, None)
    found.objects[PROBE].bind("value", lambda now: now)
    assert (watched.value(101), watched.next_due()) == (101, 160)
    watched.looked(160)
    watched.period = 5
    assert watched.next_due() == 165
    watched.watch((8, bytes.fromhex("0000010000FF"), 2), 0)
    assert watched.next_due() == 5
    assert watched.meant(found.clock, 2)
    assert not watched.meant(found.objects[PROBE], 2)


def test_without_a_device_there_is_nothing_to_see():
    watched = Watched(owner())
    watched.watch(VALUE, 0)
    assert (watched.value(0), watched.next_due()) == (None, None)


def test_the_first_value_crosses_nothing():
    one = Thresholds()
    assert one.crossed(50, [10, 100]) == []
    assert one.crossed(10, [10, 100]) == [(0, False)]
    assert one.crossed(11, [10, 100]) == [(0, True)]
    assert one.crossed(101, [10, 100]) == [(1, True)]
    assert one.crossed(5, [10, 100]) == [(0, False), (1, False)]
    one.forget()
    assert one.crossed(200, [10, 100]) == []


@pytest.mark.parametrize("odd", [None, "text", b"\x00", True, (1, 2)])
def test_what_is_no_number_crosses_nothing(odd):
    one = Thresholds()
    assert one.crossed(5, [1, odd]) == []
    assert one.crossed(odd, [1, 2]) == []
    assert one.crossed(0, [1, odd]) == [(0, False)]
    assert not is_number(odd)


def test_other_thresholds_begin_anew():
    one = Thresholds()
    one.crossed(5, [1])
    assert one.crossed(0, [1, 2]) == []


@given(st.lists(st.integers(-5, 5), min_size=1), st.lists(st.integers(-5, 5), max_size=3))
def test_ups_and_downs_alternate(values, thresholds):
    one = Thresholds()
    seen = {n: [] for n in range(len(thresholds))}
    for value in values:
        for place, upwards in one.crossed(value, thresholds):
            assert (value > thresholds[place]) is upwards
            seen[place].append(upwards)
    for directions in seen.values():
        assert all(a is not b for a, b in pairwise(directions))


def test_scripts_of_crossings():
    one = owner()
    found = device(one)
    ups = ((bytes(SCRIPTS), 1), (bytes(SCRIPTS), 2))
    act(one, [(0, True), (0, False), (1, True)], [ups], 0)
    execute(one, (bytes(SCRIPTS), 0), 0)
    assert [number for _, number in told(found)] == [1, 2]
    execute(owner(), ups[0], 0)
    assert len(told(found)) == 2


def test_what_was_watched_before_is_forgotten_by_the_device():
    one = owner()
    found = device(one)
    watched = Watched(one)
    for d in range(200):
        watched.watch((1, bytes((0, 0, 96, d, 0, 255)), 2), 0)
    assert len(found._watchers) == 1
    watched.watch((0, b"", 0), 0)
    assert found._watchers == {}
