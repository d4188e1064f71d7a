"""Register activation: each unit counts in the registers of exactly one mask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.activation import ASSIGNMENT, MASK, RegisterActivation
from anymeter.cosem.classes.demand import DemandRegister
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED, OCTET_STRING
from anymeter.errors import AccessError
from anymeter.obis import Obis
from value_meters import meter, register, utc

START = utc("2026-06-10T10:00")
RATES = [Obis(f"1-0:1.8.{e}*255") for e in (1, 2, 3)]
MASKS = [(b"day", [1]), (b"night", [2]), (b"rest", [3]), (b"both", [1, 2])]


def tariff(active=b"day", assigned=tuple(RATES), masks=tuple(MASKS)):
    activation = RegisterActivation(
        "0-0:14.0.0*255",
        register_assignment=[(3, bytes(name)) for name in assigned],
        mask_list=list(masks),
        active_mask=active,
    )
    device = meter(activation, *map(register, RATES))
    return device, activation


def counts(device, now=START):
    return [device.objects[name].get(2, now) for name in RATES]


def switch(activation, mask, now):
    activation.write(4, OCTET_STRING.encode(mask), now)


def test_only_the_registers_of_the_active_mask_count():
    device, activation = tariff()
    activation.add(5, START)
    switch(activation, b"night", START)
    activation.add(7, START)
    switch(activation, b"both", START)
    activation.add(1, START)
    switch(activation, b"", START)
    activation.add(100, START)
    assert counts(device) == [6, 8, 0]


def test_a_mask_that_is_not_there_lets_none_count():
    device, activation = tariff(active=b"other")
    activation.add(5, START)
    assert counts(device) == [0, 0, 0]


def test_a_register_shows_at_any_time_what_went_by_while_it_was_active():
    device, activation = tariff()
    activation.measure(lambda now: int(now - START), START)
    assert counts(device, START + 10) == [10, 0, 0]
    switch(activation, b"night", START + 30)
    assert counts(device, START + 30) == [30, 0, 0]
    assert counts(device, START + 50) == [30, 20, 0]


def test_a_rate_register_that_is_reset_counts_from_there():
    device, activation = tariff()
    activation.measure(lambda now: int(now - START), START)
    rate = device.objects[RATES[0]]
    rate.invoke(1, None, START + 10)
    assert counts(device, START + 25) == [15, 0, 0]
    activation.invoke(1, ASSIGNMENT.encode((3, bytes(Obis("1-0:1.8.0*255")))), START + 25)
    assert counts(device, START + 30) == [20, 0, 0]


def test_a_demand_register_counts_too():
    name = Obis("1-0:1.4.1*255")
    demand = DemandRegister(name, types={2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED})
    activation = RegisterActivation(
        "0-0:14.0.0*255", register_assignment=[(5, bytes(name))], mask_list=[(b"m", [1])], active_mask=b"m"
    )
    meter(activation, demand).advance(START)
    activation.measure(lambda now: int(now - START), START)
    activation.settle(START + 100)
    assert demand.get(2, START + 100) == 400


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.sampled_from([b"day", b"night", b"rest"])), max_size=60),
    st.booleans(),
)
def test_the_rates_add_up_to_the_total(steps, measured):
    device, activation = tariff()
    total, now = 0, START
    if measured:
        activation.measure(lambda at: total, START)
    for amount, mask in steps:
        now += 1
        total += amount
        if not measured:
            activation.add(amount, now)
        switch(activation, mask, now)
        assert sum(counts(device, now)) == total


def test_adding_a_register():
    device, activation = tariff(assigned=RATES[:2])
    activation.invoke(1, ASSIGNMENT.encode((3, bytes(RATES[2]))), START)
    switch(activation, b"rest", START)
    activation.add(4, START)
    assert counts(device) == [0, 0, 4]


@pytest.mark.parametrize(
    ("number", "parameters", "result"),
    [
        (1, ASSIGNMENT.encode((3, bytes(RATES[0]))), 250),
        (1, ASSIGNMENT.encode((3, bytes(Obis("1-0:9.8.0*255")))), 4),
        (1, ASSIGNMENT.encode((4, bytes(Obis("1-0:1.8.0*255")))), 9),
        (2, MASK.encode((b"new", [4])), 250),
        (2, MASK.encode((b"new", [0])), 250),
        (3, OCTET_STRING.encode(b"day"), 250),
        (3, OCTET_STRING.encode(b"none"), 250),
        (2, OCTET_STRING.encode(b"day"), 12),
    ],
)
def test_what_is_refused(number, parameters, result):
    _, activation = tariff()
    with pytest.raises(AccessError) as refused:
        activation.invoke(number, parameters, START)
    assert refused.value.result == result
    assert (len(activation.register_assignment), activation.mask_list) == (3, MASKS)


def test_masks_are_added_replaced_and_deleted():
    device, activation = tariff()
    activation.invoke(2, MASK.encode((b"new", [2, 3])), START)
    activation.invoke(2, MASK.encode((b"day", [3])), START)
    activation.invoke(3, OCTET_STRING.encode(b"night"), START)
    assert [name for name, _ in activation.mask_list] == [b"rest", b"both", b"new", b"day"]
    activation.add(2, START)
    assert counts(device) == [0, 0, 2]


def test_what_was_counted_before_a_mask_changed_stays_where_it_was():
    device, activation = tariff()
    activation.measure(lambda now: int(now - START), START)
    activation.invoke(2, MASK.encode((b"day", [2])), START + 10)
    assert counts(device, START + 15) == [10, 5, 0]


def test_neither_masks_nor_registers_without_end():
    _, activation = tariff(masks=[(bytes([i]), [1]) for i in range(255)])
    with pytest.raises(AccessError):
        activation.invoke(2, MASK.encode((b"new", [1])), START)
    schema = activation.attributes[2].schema
    with pytest.raises(AccessError):
        activation.write(2, schema.encode([(3, bytes(RATES[0]))] * 256), START)


def test_outside_of_a_device_nothing_counts():
    activation = RegisterActivation("0-0:14.0.0*255", mask_list=list(MASKS), active_mask=b"day")
    activation.measure(lambda now: int(now), START)
    activation.settle(START + 5)
    assert activation.active() == []
