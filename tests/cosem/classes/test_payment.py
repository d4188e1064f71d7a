"""Account, credit and charge: facts of the tables in Blue Book Ed. 16, 4.6.2 to 4.6.4, and what they do."""

from __future__ import annotations

import pytest

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.parts import UNSPECIFIED
from anymeter.cosem.classes.payment import ACTIVE, CLOSED, NEW, Account, Charge, Credit
from anymeter.cosem.device import LogicalDevice
from anymeter.cosem.values import BitString
from anymeter.errors import AccessError
from class_cases import attributes, methods, rows

ACCOUNT = """
2 account_mode_and_status:st{account_mode en, account_status en}
3 current_credit_in_use:u8*
4 current_credit_status:bs*
5 available_credit:i32*
6 amount_to_clear:i32*
7 clearance_threshold:i32
8 aggregated_debt:i32*
9 credit_reference_list:ar os6
10 charge_reference_list:ar os6
11 credit_charge_configuration:ar st{credit_reference os6, charge_reference os6, collection_configuration bs}
12 token_gateway_configuration:ar st{credit_reference os6, token_proportion u8}
13 account_activation_time:dt
14 account_closure_time:dt
15 currency:st{currency_name utf8, currency_scale i8, currency_unit en}
16 low_credit_threshold:i32*
17 next_credit_available_threshold:i32*
18 max_provision:u16
19 max_provision_period:i32
"""
CREDIT = """
2 current_credit_amount:i32*
3 credit_type:en
4 priority:u8
5 warning_threshold:i32
6 limit:i32
7 credit_configuration:bs
8 credit_status:en*
9 preset_credit_amount:i32
10 credit_available_threshold:i32
11 period:ch(date-time | dt)
"""
UNIT_CHARGE = (
    "st{charge_per_unit_scaling st{commodity_scale i8, price_scale i8}, "
    "commodity_reference st{class_id u16, logical_name os6, attribute_index i8}, "
    "charge_table ar st{index os, charge_per_unit i16}}"
)
CHARGE = f"""
2 total_amount_paid:i32*
3 charge_type:en
4 priority:u8
5 unit_charge_active:{UNIT_CHARGE}
6 unit_charge_passive:{UNIT_CHARGE}
7 unit_charge_activation_time:dt
8 period:u32
9 charge_configuration:bs
10 last_collection_time:date-time*
11 last_collection_amount:i32*
12 total_amount_remaining:i32*
13 proportion:u16
"""
METHODS = {
    Account: ["1 activate_account(i8) +98", "2 close_account(i8) +A0", "3 reset_account(i8) +A8"],
    Credit: ["1 update_amount(i32) +58", "2 set_amount_to_value(i32) +60", "3 invoke_credit(i8) +68"],
    Charge: [
        "1 update_unit_charge(ar st{index os, charge_per_unit i16}) +68",
        "2 activate_passive_unit_charge(i8) +70",
        "3 collect(i8) +78",
        "4 update_total_amount_remaining(i32) +80",
        "5 set_total_amount_remaining(i32) +88",
    ],
}

MAY_DAY = 1_777_593_600  # 2026-05-01T00:00:00Z
MAY_DAY_OCTETS = bytes.fromhex("07ea0501ff00000000000000")
CHRISTMAS = 1_798_156_800  # 2026-12-25T00:00:00Z
CHRISTMAS_OCTETS = bytes.fromhex("07ea0c19ff00000000000000")


def device(*objects):
    return LogicalDevice(1, b"ANY0000000000001", [Clock("0-0:1.0.0*255"), *objects])


def account(status=NEW, **values):
    return Account("0-0:19.0.0*255", account_mode_and_status=(2, status), **values)


@pytest.mark.parametrize(
    ("cls", "class_id", "table"), [(Account, 111, ACCOUNT), (Credit, 112, CREDIT), (Charge, 113, CHARGE)]
)
def test_members(cls, class_id, table):
    assert (cls.class_id, cls.version) == (class_id, 0)
    assert attributes(cls) == rows(table)
    assert methods(cls) == METHODS[cls]


@pytest.mark.parametrize(
    ("found", "value", "words"),
    [
        (Credit.credit_type, 2, "emergency credit"),
        (Credit.credit_status, 1, "selectable"),
        (Charge.charge_type, 0, "consumption-based collection"),
        (Charge.charge_type, 2, "payment-event-based collection"),
    ],
)
def test_words(found, value, words):
    assert found.words[value] == words


# --- Account ---


def test_an_account_lives():
    obj = account()
    device(obj)
    obj.invoke(1, b"\x0f\x00", MAY_DAY)
    assert obj.account_mode_and_status == (2, ACTIVE)
    assert obj.account_activation_time[:8].hex() == "07ea050105000000"
    obj.invoke(2, b"\x0f\x00", CHRISTMAS)
    assert obj.account_mode_and_status == (2, CLOSED)
    assert obj.account_closure_time[:8].hex() == "07ea0c1905000000"
    obj.store(5, 1000)
    obj.invoke(3, b"\x0f\x00", CHRISTMAS)
    assert obj.account_mode_and_status == (2, NEW)
    assert (obj.available_credit, obj.account_activation_time) == (0, UNSPECIFIED)


@pytest.mark.parametrize(
    ("status", "refused"), [(NEW, (2, 3)), (ACTIVE, (1, 3)), (CLOSED, (1, 2)), (0, (1, 2, 3)), (9, (1, 2, 3))]
)
def test_what_does_not_fit_the_status_is_refused(status, refused):
    for number in refused:
        obj = account(status)
        with pytest.raises(AccessError) as error:
            obj.invoke(number, b"\x0f\x00", 0)
        assert error.value.result == 250
        assert obj.account_mode_and_status == (2, status)


def test_an_account_becomes_active_and_is_closed_by_its_times():
    obj = account(account_activation_time=MAY_DAY_OCTETS, account_closure_time=CHRISTMAS_OCTETS)
    world = device(obj)
    world.advance(MAY_DAY - 1)
    assert obj.account_mode_and_status == (2, NEW)
    world.advance(MAY_DAY)
    assert obj.account_mode_and_status == (2, ACTIVE)
    world.advance(CHRISTMAS - 1)
    assert obj.account_mode_and_status == (2, ACTIVE)
    world.advance(CHRISTMAS + 86_400)
    assert obj.account_mode_and_status == (2, CLOSED)
    assert obj.next_due() is None
    assert obj.account_activation_time == MAY_DAY_OCTETS


def test_without_times_nothing_happens_by_itself():
    obj = account()
    world = device(obj)
    world.advance(MAY_DAY)
    assert obj.next_due() is None
    assert obj.account_mode_and_status == (2, NEW)


def test_a_time_that_a_client_sets_counts():
    obj = account()
    world = device(obj)
    world.advance(MAY_DAY - 100)
    obj.write(13, b"\x09\x0c" + MAY_DAY_OCTETS, MAY_DAY - 100)
    world.advance(MAY_DAY + 1)
    assert obj.account_mode_and_status == (2, ACTIVE)


def test_the_flags_of_a_new_account():
    assert account().encoded(4, 0).hex() == "040800"
    assert account(current_credit_status=BitString.of("01000000")).encoded(4, 0).hex() == "040840"


# --- Credit ---


def credit(amount=0, status=0):
    return Credit("0-0:19.10.0*255", current_credit_amount=amount, credit_status=status)


@pytest.mark.parametrize(("amount", "change", "sum_"), [(100, -30, 70), (0, -5, -5), (2**31 - 2, 1, 2**31 - 1)])
def test_an_amount_is_changed_by_a_difference(amount, change, sum_):
    obj = credit(amount)
    obj.invoke(1, b"\x05" + change.to_bytes(4, "big", signed=True), 0)
    assert obj.current_credit_amount == sum_


@pytest.mark.parametrize(("amount", "change"), [(2**31 - 1, 1), (-(2**31), -1)])
def test_an_amount_does_not_run_over(amount, change):
    obj = credit(amount)
    with pytest.raises(AccessError) as refused:
        obj.invoke(1, b"\x05" + change.to_bytes(4, "big", signed=True), 0)
    assert refused.value.result == 250
    assert obj.current_credit_amount == amount


def test_an_amount_is_set():
    obj = credit(100)
    obj.invoke(2, b"\x05\xff\xff\xff\xfe", 0)
    assert obj.encoded(2, 0).hex() == "05fffffffe"
    with pytest.raises(AccessError):
        obj.invoke(2, b"\x06\x00\x00\x00\x01", 0)


@pytest.mark.parametrize(("status", "after"), [(0, None), (1, 2), (2, None), (3, None), (4, None)])
def test_only_a_selectable_credit_is_invoked(status, after):
    obj = credit(status=status)
    if after is None:
        with pytest.raises(AccessError) as refused:
            obj.invoke(3, b"\x0f\x00", 0)
        assert refused.value.result == 250
    else:
        obj.invoke(3, b"\x0f\x00", 0)
    assert obj.credit_status == (status if after is None else after)


@pytest.mark.parametrize("octets", ["19" + MAY_DAY_OCTETS.hex(), "090c" + MAY_DAY_OCTETS.hex()])
def test_a_period_is_a_date_time_either_way(octets):
    obj = credit()
    obj.write(11, bytes.fromhex(octets), 0)
    assert MAY_DAY_OCTETS in obj.encoded(11, 0)


# --- Charge ---

SCALING, COMMODITY = (-3, -2), (3, bytes((1, 0, 1, 8, 0, 255)), 2)


def charge(**values):
    passive = (SCALING, COMMODITY, [(b"\x01", 10), (b"\x02", 20)])
    return Charge("0-0:19.20.0*255", unit_charge_passive=passive, **values)


def test_prices_are_changed_and_become_active():
    obj = charge()
    obj.invoke(1, bytes.fromhex("0102 0202 0901 02 100019 0202 0901 03 10001e"), 0)
    assert obj.unit_charge_passive == (SCALING, COMMODITY, [(b"\x01", 10), (b"\x02", 25), (b"\x03", 30)])
    assert obj.unit_charge_active[2] == []
    obj.invoke(2, b"\x0f\x00", 0)
    assert obj.unit_charge_active == obj.unit_charge_passive


def test_prices_are_limited_in_number():
    obj = charge()
    many = [(n.to_bytes(2, "big"), 1) for n in range(255)]
    with pytest.raises(AccessError) as refused:
        obj.invoke(1, Charge.update_unit_charge.schema.encode(many), 0)
    assert refused.value.result == 250
    assert len(obj.unit_charge_passive[2]) == 2


def test_prices_become_active_by_their_time_once():
    obj = charge(unit_charge_activation_time=MAY_DAY_OCTETS)
    world = device(obj)
    world.advance(MAY_DAY - 1)
    assert obj.unit_charge_active[2] == []
    world.advance(MAY_DAY)
    assert obj.unit_charge_active[2] == [(b"\x01", 10), (b"\x02", 20)]
    obj.invoke(1, bytes.fromhex("0101 0202 0901 01 100001"), MAY_DAY)
    world.advance(CHRISTMAS)
    assert obj.unit_charge_active[2] == [(b"\x01", 10), (b"\x02", 20)]
    obj.write(7, b"\x09\x0c" + CHRISTMAS_OCTETS, CHRISTMAS)
    world.advance(CHRISTMAS + 1)
    assert obj.unit_charge_active[2] == [(b"\x01", 1), (b"\x02", 20)]


def test_what_remains_is_changed_and_set():
    obj = charge(total_amount_remaining=50)
    obj.invoke(4, b"\x05\xff\xff\xff\xf6", 0)
    assert obj.total_amount_remaining == 40
    obj.invoke(5, b"\x05\x00\x00\x00\x07", 0)
    assert obj.total_amount_remaining == 7
    obj.store(12, 2**31 - 1)
    with pytest.raises(AccessError):
        obj.invoke(4, b"\x05\x00\x00\x00\x01", 0)


def test_collecting_is_the_makers():
    with pytest.raises(AccessError) as refused:
        charge().invoke(3, b"\x0f\x00", 0)
    assert refused.value.result == 250
