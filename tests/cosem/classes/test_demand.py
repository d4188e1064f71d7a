"""The Demand register: block and sliding averages by numbers worked by hand, resets, and what clocks do to it."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.demand import DemandRegister
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, FLOAT64, INTEGER, LONG_UNSIGNED, UNSIGNED
from anymeter.errors import AccessError
from value_meters import CLOCK, meter, utc

START = utc("2026-06-10T10:00")
NUMBERS = {2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED, 5: UNSIGNED}


def demand(start=START, types=NUMBERS, **values):
    made = DemandRegister("1-0:1.4.0*255", types=types, **values)
    device = meter(made)
    device.advance(start)
    return device, made


def clock_time(obj, number, now):
    return DateTime(obj.get(number, now)).iso()[11:19]


def test_block_demand():
    device, block = demand()
    block.add(100, START + 60)
    assert block.get(2, START + 60) == 400  # 100 Wh in a quarter of an hour are 400 W
    block.add(50, START + 800)
    assert (block.get(2, START + 899), block.get(3, START + 899)) == (600, 0)
    device.advance(START + 900)
    assert (block.get(2, START + 900), block.get(3, START + 900)) == (0, 600)
    assert (clock_time(block, 6, START + 950), clock_time(block, 7, START + 950)) == ("12:15:00", "12:15:00")


def test_sliding_demand_over_three_periods():
    device, sliding = demand(number_of_periods=3)
    last = []
    for period, energy in enumerate((90, 180, 60, 0, 30)):
        sliding.add(energy, START + 900 * period + 10)
        device.advance(START + 900 * (period + 1))
        last.append(sliding.get(3, START))
    # (90) (90+180) (90+180+60) (180+60+0) (60+0+30), each over three quarters of an hour
    assert last == [120, 360, 440, 320, 120]


def test_the_running_average_holds_the_last_periods_and_what_came_since():
    device, sliding = demand(number_of_periods=3)
    for period, energy in enumerate((90, 180, 60)):
        sliding.add(energy, START + 900 * period)
        device.advance(START + 900 * (period + 1))
    now = START + 2700
    assert sliding.get(2, now) == (180 + 60) * 4 // 3
    sliding.add(75, now + 100)
    assert sliding.get(2, now + 100) == (180 + 60 + 75) * 4 // 3
    assert clock_time(sliding, 7, now + 100) == "12:15:00"
    assert clock_time(sliding, 6, now + 100) == "12:45:00"


@pytest.mark.parametrize(
    ("energy", "scaler", "energy_scaler", "expected"),
    [(1, 0, 0, 4), (1, 3, 0, 0), (125, 3, 0, 1), (124, 3, 0, 0), (Decimal("0.1"), -1, 0, 4), (3, 0, 3, 12_000)],
)
def test_scalers_and_rounding_to_the_nearest(energy, scaler, energy_scaler, expected):
    _, block = demand(scaler_unit=(scaler, 27))
    block.energy_scaler = energy_scaler
    block.add(energy, START)
    assert block.get(2, START) == expected


def test_nothing_is_lost_to_fractions():
    _, block = demand(period=700, number_of_periods=7)
    block.add(Decimal("0.001"), START)
    block.add(1, START)
    assert block.average(START) == Fraction(1001, 1000) * 3600 / 4900


def test_an_average_on_a_float():
    _, block = demand(types={2: FLOAT64}, scaler_unit=(0, 27))
    block.add(Decimal("0.125"), START)
    assert block.get(2, START) == 0.5


def test_energy_from_a_counter():
    device, block = demand()
    block.measure(lambda now: 5000 + int(now - START) * 2, START)
    device.advance(START + 1800)
    assert block.get(3, START + 1800) == 7200
    assert block.get(2, START + 1800 + 450) == 3600


def test_the_first_period_ends_with_the_clock_and_the_others_are_whole():
    device, _ = demand(start=START + 100)
    assert device.next_due() == START + 900
    device.advance(START + 900)
    assert device.next_due() == START + 1800


def test_periods_that_are_not_aligned():
    block = DemandRegister("1-0:1.4.0*255", types=NUMBERS)
    block.aligned = False
    device = meter(block)
    device.advance(START + 100)
    assert device.next_due() == START + 1000
    device.advance(START + 1000)
    assert device.next_due() == START + 1900


def test_next_period_ends_the_running_one():
    device, block = demand()
    block.add(100, START + 10)
    block.invoke(2, INTEGER.encode(0), START + 890)
    assert (block.get(3, START + 890), block.get(2, START + 890)) == (400, 0)
    assert clock_time(block, 6, START + 890) == clock_time(block, 7, START + 890) == "12:14:50"
    assert device.next_due() == START + 1800  # not ten seconds later


def test_reset_forgets_everything_and_begins_anew():
    device, sliding = demand(number_of_periods=2)
    sliding.add(100, START)
    device.advance(START + 900)
    sliding.add(100, START + 1000)
    sliding.invoke(1, INTEGER.encode(0), START + 1000)
    assert (sliding.get(2, START + 1000), sliding.get(3, START + 1000)) == (0, 0)
    assert clock_time(sliding, 6, START + 1000) == "12:16:40"
    assert clock_time(sliding, 7, START + 1000) == "12:01:40"
    device.advance(START + 1800)
    assert sliding.get(3, START + 1800) == 0


@pytest.mark.parametrize(("number", "octets"), [(8, DOUBLE_LONG_UNSIGNED.encode(60)), (9, LONG_UNSIGNED.encode(4))])
def test_another_period_resets(number, octets):
    device, block = demand()
    block.add(100, START)
    device.advance(START + 900)
    block.write(number, octets, START + 930)
    assert (block.get(3, START + 930), block.encoded(number, START)) == (0, octets)
    assert device.next_due() == (START + 960 if number == 8 else START + 1800)


@pytest.mark.parametrize(("number", "octets"), [(8, DOUBLE_LONG_UNSIGNED.encode(0)), (9, LONG_UNSIGNED.encode(0))])
def test_no_period_at_all_is_refused(number, octets):
    _, block = demand()
    block.add(100, START)
    with pytest.raises(AccessError) as refused:
        block.write(number, octets, START)
    assert (refused.value.result, block.get(2, START)) == (250, 400)


def test_a_synchronisation_only_stretches_the_period():
    device, block = demand()
    block.add(100, START)
    device.advance(START + 880)
    device.objects[CLOCK].set_utc(START + 900 - 10, START + 880)
    device.advance(START + 890)
    assert (block.get(3, START), block.get(5, START)) == (400, 0)
    assert device.next_due() == START + 1790


def test_setting_the_clock_ends_the_period_as_disturbed():
    device, block = demand()
    block.add(100, START)
    device.objects[CLOCK].set_utc(START + 4000, START + 500)
    assert (block.get(3, START), block.get(5, START)) == (400, 0x24)
    assert clock_time(block, 6, START) == "13:06:40"
    block.add(25, START + 600)
    device.advance(START + 1000)
    assert (block.get(3, START), block.get(5, START)) == (100, 0x24)
    device.advance(START + 1900)
    assert (block.get(3, START), block.get(5, START)) == (0, 0)


def test_a_status_that_is_no_number_stays():
    device, block = demand(types={2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED})
    device.advance(START + 900)
    assert block.get(5, START) is None


def test_a_long_gap_is_passed_over():
    device, block = demand(period=1)
    block.measure(lambda now: int(now - START), START)
    block.add(0, START + 10_000_000)
    assert block.get(3, START + 10_000_000) == 3600
    assert (
        clock_time(block, 6, START + 10_000_000)
        == DateTime(device.objects[CLOCK].get(2, START + 10_000_000)).iso()[11:19]
    )


def test_windows_that_began_before_1970():
    _, block = demand(period=2**32 - 1, number_of_periods=65_535)
    block.add(1, START)
    assert (block.get(7, START), block.get(2, START)) == (b"\xff" * 9 + b"\x80\x00\xff", 0)


def test_before_it_is_started_it_is_due_never():
    block = DemandRegister("1-0:1.4.0*255", types=NUMBERS)
    assert (block.next_due(), block.get(7, START), block.get(2, START)) == (None, b"\xff" * 9 + b"\x80\x00\xff", 0)
    block.add(25, START)
    assert block.get(2, START) == 100
    assert block.get(7, START) == b"\xff" * 9 + b"\x80\x00\xff"


def test_a_clone_measures_for_itself():
    _, block = demand()
    block.add(100, START)
    other = block.clone()
    assert (other.get(2, START), block.get(2, START)) == (0, 400)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40), st.integers(1, 5))
def test_sliding_averages_are_those_of_their_definition(energies, periods):
    device, sliding = demand(period=3600, number_of_periods=periods)
    for hour, energy in enumerate(energies):
        sliding.add(energy, START + 3600 * hour + 1)
        device.advance(START + 3600 * (hour + 1))
        window = energies[max(0, hour + 1 - periods) : hour + 1]
        assert sliding.get(3, START) == (2 * sum(window) + periods) // (2 * periods)


@pytest.mark.parametrize("number", [2, 3, 5, 6, 7])
def test_a_client_cannot_set_what_is_measured(number):
    register = DemandRegister("1-0:1.4.0*255", types={2: UNSIGNED, 3: UNSIGNED, 5: UNSIGNED})
    octets = register.encoded(number, 0)
    with pytest.raises(AccessError) as error:
        register.write(number, octets, 0)
    assert error.value.result == 3


def test_a_window_of_very_many_periods_adds_up_exactly():
    register = DemandRegister(
        "1-0:1.4.0*255", period=60, number_of_periods=1000, types={2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED}
    )
    meter(register).advance(0)
    for minute in range(1500):
        register.add(Decimal("0.1") if minute % 2 else Fraction(1, 3), minute * 60)
    window = 500 * Fraction(1, 10) + 500 * Fraction(1, 3)
    register.run(1500 * 60)
    assert register.average(1500 * 60) == (window - Fraction(1, 3)) * 3600 / 60_000
    assert register.last_average_value == round(window * 3600 / 60_000)
