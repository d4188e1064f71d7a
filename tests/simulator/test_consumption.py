from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.units import by_text
from anymeter.errors import LocalError
from anymeter.simulator.consumption import Quantity, Site, media, quantities
from anymeter.simulator.curves import QUARTER, YEAR
from anymeter.simulator.zone import CENTRAL_EUROPE, DAY, HOUR, day_of

NOW = day_of(2026, 11, 24) * DAY
SEEDS = range(1, 13)


def site(meter, world=1):
    return Site.of(world, meter, CENTRAL_EUROPE, NOW)


def model(medium, meter=1, world=1):
    return quantities(medium, site(meter, world))


def amount(quantity, begin, end):
    return Decimal(quantity.at(end) - quantity.at(begin)).scaleb(quantity.exponent)


def value(quantity, now):
    return Decimal(quantity.at(now)).scaleb(quantity.exponent)


# What a household in Central Europe uses in a year, by common knowledge: water about 120 l a person and day, a third of
# it hot; heat of a flat 5 to 20 MWh, gas 8 to 30 MWh, electricity 1.5 to 5 MWh. Units of an allocator are its own.
YEARS = [
    ("cold-water", "volume", 60, 250),
    ("hot-water", "volume", 20, 90),
    ("heat", "energy", 4_500_000, 20_000_000),
    ("heat", "volume", 100, 800),
    ("cooling", "energy", 500_000, 3_500_000),
    ("gas", "volume", 700, 2800),
    ("gas", "energy", 8_000_000, 30_000_000),
    ("electricity", "import", 1_500_000, 5_500_000),
    ("electricity", "export", 0, 5_500_000),
    ("heat-cost-allocator", "units", 200, 2600),
]


@pytest.mark.parametrize(("medium", "name", "low", "high"), YEARS)
@pytest.mark.parametrize("meter", SEEDS)
def test_a_year_takes_what_households_take(medium, name, low, high, meter):
    assert low <= amount(model(medium, meter)[name], NOW - YEAR, NOW) <= high or site(meter).since > NOW - YEAR


@pytest.mark.parametrize("medium", media())
def test_what_is_counted_never_falls(medium):
    for name, quantity in model(medium, 3).items():
        instants = [NOW - 3 * DAY + i * 1717 for i in range(400)] + [NOW + i * 45 * DAY for i in range(60)]
        values = [quantity.at(i) for i in sorted(instants)]
        if quantity.counts:
            assert values == sorted(values), (medium, name)
            assert values[-1] > values[0] or name in ("export", "export.1", "export.2")


@given(medium=st.sampled_from(media()), meter=st.integers(0, 10**6), now=st.integers(0, 4_000_000_000))
def test_the_same_seed_gives_the_same_values_and_units_are_cosem_units(medium, meter, now):
    one, other = model(medium, meter), model(medium, meter)
    for name, quantity in one.items():
        assert quantity.at(now) == other[name].at(now)
        assert by_text(quantity.unit).code
        assert isinstance(quantity.at(now), int)


def test_seeds_make_different_meters_with_the_same_weather():
    one, other = model("heat", 1), model("heat", 2)
    assert one["energy"].at(NOW) != other["energy"].at(NOW)
    assert one["outdoor.temperature"].at(NOW) == other["outdoor.temperature"].at(NOW)
    assert one["outdoor.temperature"].at(NOW) != model("heat", 1, world=2)["outdoor.temperature"].at(NOW)


@pytest.mark.parametrize("medium", media())
def test_a_meter_counts_from_its_installation_on(medium):
    where = site(5)
    for name, quantity in quantities(medium, where).items():
        if quantity.counts:
            assert quantity.at(where.since) == 0, name
            assert quantity.at(where.since - 100 * DAY) == 0, name


@pytest.mark.parametrize("meter", SEEDS)
def test_rates_add_up_to_the_total(meter):
    found = model("electricity", meter)
    for now in range(NOW, NOW + 40 * DAY, 33_333):
        total, first, second = (found[name].at(now) for name in ("import", "import.1", "import.2"))
        assert total == first + second
        assert found["export"].at(now) == found["export.1"].at(now) + found["export.2"].at(now)


def test_power_is_what_the_counter_rises_by():
    found = model("electricity", 4)
    for begin in range(NOW, NOW + 2 * DAY, QUARTER):
        rise = found["import"].at(begin + QUARTER) - found["import"].at(begin)
        assert found["power.import"].at(begin + 100) == pytest.approx(rise * 4, abs=50)
        assert found["power.import.last"].at(begin + QUARTER + 7) == found["power.import"].at(begin)


def test_the_sun_shines_by_day_and_on_some_roofs_only():
    with_panels = [m for m in range(1, 60) if amount(model("electricity", m)["export"], NOW, NOW + YEAR) > 0]
    assert 8 < len(with_panels) < 35
    feeding = model("electricity", with_panels[0])["power.export"]
    summer = day_of(2026, 7, 1) * DAY
    assert feeding.at(summer + 11 * HOUR) > 0
    assert feeding.at(summer + 23 * HOUR) == 0


@pytest.mark.parametrize("medium", ["heat", "cooling"])
def test_heat_is_volume_times_temperature_difference(medium):
    found = model(medium, 6)
    energy = float(amount(found["energy"], NOW, NOW + YEAR))
    volume = float(amount(found["volume"], NOW, NOW + YEAR))
    kelvin = float(value(found["temperature.difference"], NOW))
    assert energy == pytest.approx(volume * kelvin * 1163, rel=0.01)
    flow, back = (value(found[f"temperature.{side}"], NOW) for side in ("flow", "return"))
    assert (flow > back) is (medium == "heat")
    assert abs(flow - back) == value(found["temperature.difference"], NOW)
    power, rate = value(found["power"], NOW), value(found["flow"], NOW)
    assert float(power) == pytest.approx(float(rate) * kelvin * 1163, rel=0.02)


def test_gas_is_converted_as_annex_c_says():
    found = model("gas", 8)
    for month in range(12):
        begin = NOW + month * 30 * DAY
        pressure, celsius = float(value(found["pressure"], begin)), float(value(found["temperature"], begin))
        factor = pressure / 1.01325 * 273.15 / (273.15 + celsius)
        assert float(value(found["conversion.factor"], begin)) == pytest.approx(factor, abs=2e-5)
        metered, based = (float(amount(found[n], begin, begin + 10 * DAY)) for n in ("volume", "volume.base"))
        assert based / metered == pytest.approx(factor, rel=0.01)
        energy = float(amount(found["energy"], begin, begin + 10 * DAY))
        assert energy == pytest.approx(based * float(value(found["calorific.value"], begin)), rel=1e-6)


def test_instruments_show_what_is_possible():
    for meter in SEEDS:
        power, gas, water = (model(m, meter) for m in ("electricity", "gas", "cold-water"))
        for now in range(NOW, NOW + YEAR, 3 * DAY + 4321):
            assert 215 < value(power["voltage.1"], now) < 245
            assert Decimal("49.9") < value(power["frequency"], now) < Decimal("50.1")
            assert 0 <= value(power["current.2"], now) < 63
            assert -5 < value(gas["temperature"], now) < 25
            assert 1 < value(gas["pressure"], now) < Decimal("1.1")
            assert 4 < value(water["temperature"], now) < 18
            assert -25 < value(power["outdoor.temperature"], now) < 40


def test_winter_heats_and_summer_cools():
    january, july = day_of(2026, 1, 15) * DAY, day_of(2026, 7, 15) * DAY
    heat, cooling = model("heat", 2)["energy"], model("cooling", 2)["energy"]
    assert amount(heat, january, january + 10 * DAY) > 8 * amount(heat, july, july + 10 * DAY)
    assert amount(cooling, july, july + 10 * DAY) > 20 * amount(cooling, january, january + 10 * DAY)


@given(st.integers(0, 10**12), st.integers(-9, 9))
def test_scaling_rounds_down(number, scaler):
    exact = Decimal(number).scaleb(-6)
    scaled = Quantity("m3", -6, lambda now: number).scaled(scaler)(0)
    assert Decimal(scaled).scaleb(scaler) <= exact < Decimal(scaled + 1).scaleb(scaler)


def test_a_medium_without_a_model_is_refused_by_name():
    with pytest.raises(LocalError, match="no model of consumption for 'beer', only for cold-water"):
        quantities("beer", site(1))
