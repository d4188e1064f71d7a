"""Periods through everything that happens to the clock, and the bits of a profile status."""

import pytest

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.profile_times import NO_STATUS, StatusBits, Timing, clock_of, with_bits, zone_of
from anymeter.cosem.schema import (
    BIT_STRING,
    DOUBLE_LONG,
    DOUBLE_LONG_UNSIGNED,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
)
from anymeter.cosem.values import BitString
from value_meters import central_europe, meter, utc

START = utc("2026-06-10T10:00")


def started(at=START, period=900, clock=None):
    timing = Timing()
    timing.start(at, period, clock)
    return timing


def test_periods_end_at_multiples():
    timing = started(START + 100)
    assert timing.due == START + 900
    timing.passed(900, None)
    assert timing.due == START + 1800
    assert Timing().next_due(None) is None
    assert started(period=0).due is None


def test_device_time_is_not_the_time_of_the_clock():
    clock = central_europe()
    clock.offset = 60
    assert started(clock=clock).next_due(clock) == START + 840


def test_no_clock_goes_on_for_ever():
    assert started(utc("2199-12-31T23:50"), 3600).next_due(None) is None


@pytest.mark.parametrize(("new", "disturbs"), [(START + 30, False), (START - 30, False), (START + 31, True)])
def test_small_changes_do_not_disturb(new, disturbs):
    clock = Clock("0-0:1.0.0*255")
    timing = started(START, clock=clock)
    assert timing.moved(START, new, 900, clock) is disturbs
    assert timing.disturbed is disturbs
    timing.passed(900, clock)
    assert timing.disturbed is False


def test_a_clock_that_is_set_back_makes_times_repeat():
    timing = started(START)
    for _ in range(4):
        timing.passed(900, None)
    assert timing.moved(START + 4000, START + 1000, 900, None)
    assert (timing.due, timing.repeated) == (START + 1800, START + 4000)
    while timing.due < START + 4500:
        assert timing.repeated is not None
        timing.passed(900, None)
    timing.passed(900, None)
    assert timing.repeated is None


def test_set_back_twice_the_later_time_counts():
    timing = started(START)
    timing.moved(START + 4000, START + 1000, 900, None)
    timing.moved(START + 1100, START + 100, 900, None)
    assert (timing.due, timing.repeated) == (START + 900, START + 4000)


def test_missed_periods():
    timing = started(START)
    assert list(timing.missed(START + 2700, 900, None, 100)) == [START + 900, START + 1800]
    assert timing.due == START + 2700
    assert list(timing.missed(START + 2700, 900, None, 100)) == []
    assert list(timing.missed(START + 2701, 900, None, 100)) == [START + 2700]


def test_of_very_many_missed_periods_the_last():
    timing = started(START)
    found = list(timing.missed(START + 900 * 1_000_000 + 1, 900, None, 3))
    assert found == [START + 900 * n for n in (999_998, 999_999, 1_000_000)]
    assert timing.due == START + 900 * 1_000_001
    assert list(timing.missed(START + 900 * 1_000_005, 900, None, 0)) == []


def test_without_a_period_nothing_is_missed():
    assert list(started(period=0).missed(START + 9000, 0, None, 9)) == []


def test_bits_of_the_clock():
    clock = central_europe(status=1)
    bits = StatusBits()
    assert bits.of_clock(clock, START) == 0x0A
    assert bits.of_clock(clock, utc("2026-12-01")) == 0x02
    assert (bits.of_clock(None, START), NO_STATUS.of_clock(clock, START)) == (0, 0)
    assert StatusBits(daylight_saving=0x40).of_clock(central_europe(), START) == 0x40


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (UNSIGNED.encode(1), UNSIGNED.encode(0x85)),
        (LONG_UNSIGNED.encode(0x100), LONG_UNSIGNED.encode(0x184)),
        (DOUBLE_LONG_UNSIGNED.encode(0), DOUBLE_LONG_UNSIGNED.encode(0x84)),
        (b"\x16\x00", b"\x16\x84"),
        *((cell, cell) for cell in (b"\x00", DOUBLE_LONG.encode(1), OCTET_STRING.encode(b"a"))),
        (BIT_STRING.encode(BitString.of("101")), BIT_STRING.encode(BitString.of("101"))),
    ],
)
def test_bits_are_added_to_unsigned_numbers_alone(cell, expected):
    assert with_bits(cell, 0x84) == expected


def test_bits_beyond_the_number_are_left_out():
    assert with_bits(UNSIGNED.encode(0), 0x1FF).hex() == "11ff"


def test_the_clock_of_a_device():
    device = meter()
    assert clock_of(device) is device.clock
    assert clock_of(None) is None
    assert zone_of(None).offset(START) == (0, False)
    assert zone_of(clock_of(device)).offset(START) == (7200, True)
