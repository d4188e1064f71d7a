"""Register and Extended register: resets, quantities, maxima and minima."""

from decimal import Decimal

import pytest

from anymeter.cosem.classes.demand import DemandRegister
from anymeter.cosem.classes.registers import ExtendedRegister, Register
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, INTEGER, OCTET_STRING, UNSIGNED
from anymeter.errors import AccessError
from value_meters import ENERGY, meter, register, utc

START = utc("2026-06-10T10:00")
MAXIMUM = "1-0:1.6.0*255"


def extended(name=MAXIMUM, **values):
    return ExtendedRegister(name, types={2: DOUBLE_LONG_UNSIGNED, 4: UNSIGNED}, scaler_unit=(0, 27), **values)


def taken(obj, now=START):
    return obj.get(2, now), DateTime(obj.get(5, now)).iso()[11:16]


def test_reset_sets_the_value_to_its_default_and_keeps_the_unit():
    energy = register(value=1234, scaler=-1)
    energy.invoke(1, INTEGER.encode(0), START)
    assert energy.encoded(2, START).hex() == "0600000000"
    assert energy.encoded(3, START).hex() == "02020fff161e"


def test_the_quantity_is_exact():
    assert register(value=1234, scaler=-3).quantity(START) == Decimal("1.234")
    assert register(value=7, scaler=2).quantity(START) == 700
    assert Register(ENERGY, value=5, types={2: UNSIGNED}).quantity(START) == 5


def test_a_counter_that_is_reset_counts_from_there():
    energy = register()
    energy.bind(2, lambda now: int(now) * 2)
    energy.invoke(1, None, 100)
    assert (energy.get(2, 100), energy.get(2, 130)) == (0, 60)
    energy.invoke(1, None, 130)
    assert energy.get(2, 135) == 10


@pytest.mark.parametrize("value", [b"text", True, 1.5, None])
def test_what_is_measured_and_no_count_cannot_be_reset(value):
    text = Register(ENERGY, types={2: OCTET_STRING})
    text.bind(2, lambda now: value)
    with pytest.raises(AccessError) as refused:
        text.invoke(1, None, START)
    assert refused.value.result == 250


def test_a_number_that_is_no_counter_cannot_be_reset():
    voltage = register(value=0, unit=35)
    voltage.bind(2, lambda now: 230)
    voltage.counts = False
    with pytest.raises(AccessError) as refused:
        voltage.invoke(1, None, START)
    assert refused.value.result == 250
    assert voltage.encoded(2, START).hex() == "06000000e6"


def test_a_counter_that_begins_anew_after_a_reset_is_shown_as_it_is():
    energy = register()
    energy.bind(2, lambda now: int(now) % 100)
    energy.invoke(1, None, 60)
    assert [energy.get(2, now) for now in (60, 99, 100, 130)] == [0, 39, 0, 30]


def test_reset_of_an_extended_register_is_a_capture():
    peak = extended(value=9)
    meter(peak)
    peak.invoke(1, None, START)
    assert taken(peak) == (0, "12:00")


def test_value_time_and_status_are_taken_together():
    peak = extended()
    meter(peak)
    assert DateTime(peak.get(5, START)).specified is False
    peak.capture(7, START + 60, status=4)
    assert (*taken(peak), peak.get(4, START)) == (7, "12:01", 4)


def test_a_maximum_keeps_the_first_of_the_largest_last_averages():
    demand = DemandRegister("1-0:1.4.0*255", types={2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED})
    peak, low = extended(), extended("1-0:1.3.0*255")
    device = meter(demand, peak, low)
    peak.keep_maximum("1-0:1.4.0*255")
    low.keep_minimum("1-0:1.4.0*255")
    device.advance(START)
    for period, energy in enumerate((10, 50, 20, 50, 10)):
        demand.add(energy, START + 900 * period)
        device.advance(START + 900 * (period + 1))
    assert (taken(peak), taken(low)) == ((200, "12:30"), (40, "12:15"))
    demand.add(100, START + 4600)  # the running average does not count
    assert demand.get(2, START + 4600) == 400
    assert taken(peak) == (200, "12:30")


def test_after_a_reset_the_maximum_begins_anew_and_the_minimum_takes_what_comes():
    demand = DemandRegister("1-0:1.4.0*255", types={2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED})
    low = extended()
    device = meter(demand, low)
    low.keep_minimum("1-0:1.4.0*255")
    device.advance(START)
    demand.add(10, START)
    device.advance(START + 900)
    low.invoke(1, None, START + 900)
    demand.add(30, START + 900)
    device.advance(START + 1800)
    assert taken(low) == (120, "12:30")
    low.noticed(demand, 2, 1, START + 2000)
    assert taken(low) == (120, "12:30")


def test_outside_of_a_device_there_is_nothing_to_follow():
    with pytest.raises(AccessError):
        extended().keep_maximum("1-0:1.4.0*255")
