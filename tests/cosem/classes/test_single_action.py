"""Single action schedule: the five types, and what the clock skips or repeats."""

import pytest

from anymeter.cosem.classes.single_action import SingleActionSchedule
from anymeter.obis import Obis
from cosem.classes.surroundings import SCRIPTS, device, europe, refused, told, utc

NAME = "0-0:15.0.0*255"
T6, T7 = bytes((6, 0, 0, 0)), bytes((7, 0, 0, 0))
FIXED, OTHER = bytes.fromhex("07EA0305FF"), bytes.fromhex("07EA0406FF")
MONTHLY, YEARLY = bytes.fromhex("FFFFFF01FF"), bytes.fromhex("FFFF0101FF")


def schedule(kind, *times, start="2026-03-02", clock=None, script=3):
    one = SingleActionSchedule(NAME, type=kind, executed_script=(bytes(SCRIPTS), script))
    found = device(one, clock=clock)
    found.advance(utc(start))
    one.write(4, one.attributes[4].schema.encode(list(times)), utc(start))
    return found


def of(found):
    return found.objects[Obis(NAME)]


def run(found, until):
    found.advance(utc(until))
    return told(found)


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        (1, []),
        (1, [(T6, FIXED)]),
        (1, [(T6, MONTHLY)]),
        (2, [(T6, FIXED), (T6, OTHER)]),
        (3, [(T6, MONTHLY), (T6, OTHER)]),
        (4, [(T6, FIXED), (T7, OTHER)]),
        (5, [(T6, MONTHLY), (T7, OTHER)]),
    ],
)
def test_times_that_a_type_allows(kind, times):
    assert of(schedule(kind, *times)).execution_time == times


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        (1, [(T6, FIXED), (T6, OTHER)]),
        (2, [(T6, FIXED), (T7, OTHER)]),
        (2, [(T6, MONTHLY)]),
        (3, [(T6, MONTHLY), (T7, YEARLY)]),
        (4, [(T6, FIXED), (T7, MONTHLY)]),
        (5, [(T6, MONTHLY)] * 1001),
    ],
)
def test_times_that_a_type_does_not_allow(kind, times):
    one = of(schedule(kind))
    assert refused(lambda: one.write(4, one.attributes[4].schema.encode(times), 0)) == 250
    assert one.execution_time == []


def test_there_are_five_types():
    one = of(schedule(1))
    one.write(3, b"\x16\x05", 0)
    for wrong in (0, 6):
        octets = bytes((0x16, wrong))
        assert refused(lambda octets=octets: one.write(3, octets, 0)) == 250
    assert one.type == 5


def test_a_certain_time_comes_once():
    found = schedule(1, (T6, FIXED))
    assert run(found, "2030-01-01") == [("2026-03-05 06:00:00", 3)]
    assert found.next_due() is None


def test_a_time_that_has_passed_never_comes():
    assert schedule(1, (T6, FIXED), start="2026-03-05 06:00:01").next_due() is None


def test_wildcards_come_again():
    found = schedule(5, (T6, MONTHLY), (T7, OTHER))
    assert run(found, "2026-06-01 06:00:00") == [
        ("2026-04-01 06:00:00", 3),
        ("2026-04-06 07:00:00", 3),
        ("2026-05-01 06:00:00", 3),
        ("2026-06-01 06:00:00", 3),
    ]


def test_the_last_day_of_february_and_a_weekday():
    found = schedule(3, (T6, bytes.fromhex("FFFF02FEFF")), (T6, bytes.fromhex("FFFFFFFE07")), start="2028-02-01")
    assert [at for at, _ in run(found, "2028-03-31")] == [
        "2028-02-27 06:00:00",
        "2028-02-29 06:00:00",
        "2028-03-26 06:00:00",
    ]


def test_two_times_that_fall_together_run_once():
    found = schedule(3, (T6, MONTHLY), (T6, YEARLY), start="2026-12-31")
    assert run(found, "2027-01-01 12:00:00") == [("2027-01-01 06:00:00", 3)]


def test_a_time_that_is_skipped_is_made_up_for_once_where_that_is_wanted():
    for wanted in (True, False):
        found = schedule(4, (T6, FIXED), (T7, FIXED))
        of(found).runs_missed = wanted
        found.clock.set_utc(utc("2026-03-06"), utc("2026-03-02"))
        assert run(found, "2026-03-07") == [("2026-03-02 00:00:00", 3)] * wanted


def test_set_back_it_does_not_run_again():
    found = schedule(1, (T6, FIXED))
    run(found, "2026-03-05 07:00:00")
    found.clock.set_utc(utc("2026-03-05 05:00:00"), utc("2026-03-05 07:00:00"))
    assert run(found, "2026-03-06 07:00:00") == [("2026-03-05 06:00:00", 3)]


def test_daylight_saving():
    half_past_2 = bytes((2, 30, 0, 0))
    found = schedule(3, (half_past_2, b"\xff" * 5), clock=europe(), start="2026-03-28 12:00:00")
    assert run(found, "2026-03-30 12:00:00")[0] == ("2026-03-29 01:00:00", 3)
    found = schedule(3, (half_past_2, b"\xff" * 5), clock=europe(), start="2026-10-24 12:00:00")
    assert run(found, "2026-10-26 12:00:00") == [("2026-10-25 00:30:00", 3), ("2026-10-26 01:30:00", 3)]


def test_without_a_device_nothing_happens():
    one = SingleActionSchedule(NAME, execution_time=[(T6, MONTHLY)], executed_script=(bytes(SCRIPTS), 3))
    one.started(0)
    assert one.next_due() == 6 * 3600
    one.run(6 * 3600)
    assert one.next_due() == 31 * 86_400 + 6 * 3600
