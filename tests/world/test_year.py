"""A year of an electricity meter: two tariffs by calendar, demand, load profile, billing, both clock changes."""

import datetime as dt
from itertools import pairwise

import pytest

from anymeter.cosem.access import READ, Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.activation import RegisterActivation
from anymeter.cosem.classes.associations import AssociationLnV1
from anymeter.cosem.classes.calendar import ActivityCalendar
from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.demand import DemandRegister
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.classes.registers import Register
from anymeter.cosem.classes.scripts import ScriptTable
from anymeter.cosem.classes.single_action import SingleActionSchedule
from anymeter.cosem.companion import Companion, Identity
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.schema import DOUBLE_LONG_UNSIGNED
from anymeter.dlms.client.get import get_value
from anymeter.dlms.client.profiles import between, read_buffer, read_layout
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.dlms.server import Server
from anymeter.drivers.loopback import Loopback
from anymeter.obis import Obis
from world.lines import LINKS, Talk, session

BEGIN, END = (int(dt.datetime(y, 12, 31, 23, tzinfo=dt.UTC).timestamp()) for y in (2025, 2026))
"""The year 2026 by the clocks of central Europe, in UTC."""
SUMMER = tuple(int(dt.datetime(2026, m, d, 1, tzinfo=dt.UTC).timestamp()) for m, d in ((3, 29), (10, 25)))
QUARTER, DAY = 900, 86400

CLOCK, SCRIPTS, CALENDAR = Obis("0-0:1.0.0"), Obis("0-0:10.0.100"), Obis("0-0:13.0.0")
TOTAL, HIGH, LOW = Obis("1-0:1.8.0"), Obis("1-0:1.8.1"), Obis("1-0:1.8.2")
DEMAND, TARIFFS = Obis("1-0:1.4.0"), Obis("0-0:14.0.0")
LOAD, BILLING, BILLING_DAY = Obis("1-0:99.1.0"), Obis("0-0:98.1.0"), Obis("0-0:15.0.0")


def counted(now):
    """Wh that have gone through the meter: 500 W, and something each day that grows and shrinks with the year."""
    seconds = int(now) - BEGIN
    days = seconds // DAY
    return seconds * 5 // 36 + 40 * days + abs(days - 180) * 3 * days // 365


def local(now):
    """Seconds of local time, by the rule of the European Union, worked out without the package."""
    return now + (7200 if SUMMER[0] <= now < SUMMER[1] else 3600)


def is_high(now):
    """Whether the high tariff counts: from 6 to 22 o'clock local time."""
    return 6 * 3600 <= local(now) % DAY < 22 * 3600


def clock():
    return Clock(
        CLOCK,
        time_zone=-60,
        daylight_savings_begin=bytes.fromhex("FFFF03FE0702000000800000"),
        daylight_savings_end=bytes.fromhex("FFFF0AFE0703000000800000"),
        daylight_savings_deviation=60,
        daylight_savings_enabled=True,
    )


def energy(name):
    return Register(name, value=0, scaler_unit=(0, 30), types={2: DOUBLE_LONG_UNSIGNED})


def captured(*pairs):
    return [(8, CLOCK.octets, 2, 0), *((class_id, name.octets, number, 0) for class_id, name, number in pairs)]


def objects():
    """The meter, and how its parts are tied together."""
    activate = [(1, [(1, 6, TARIFFS.octets, 4, b"HIGH")]), (2, [(1, 6, TARIFFS.octets, 4, b"LOW")])]
    steps = [(bytes((hour, 0, 0, 0)), SCRIPTS.octets, script) for hour, script in ((0, 2), (6, 1), (22, 2))]
    registers = [(3, TOTAL, 2), (3, HIGH, 2), (3, LOW, 2)]
    return [
        clock(),
        energy(TOTAL),
        energy(HIGH),
        energy(LOW),
        DemandRegister(DEMAND, scaler_unit=(0, 27), types=dict.fromkeys((2, 3), DOUBLE_LONG_UNSIGNED)),
        RegisterActivation(
            TARIFFS,
            register_assignment=[(3, HIGH.octets), (3, LOW.octets)],
            mask_list=[(b"HIGH", [1]), (b"LOW", [2])],
            active_mask=b"LOW",
        ),
        ScriptTable(SCRIPTS, scripts=[*activate, (3, [(2, 7, BILLING.octets, 2, 0)])]),
        ActivityCalendar(
            CALENDAR,
            season_profile_active=[(b"ALL", bytes.fromhex("FFFF0101FF00000000800000"), b"WEEK")],
            week_profile_table_active=[(b"WEEK", 1, 1, 1, 1, 1, 1, 1)],
            day_profile_table_active=[(1, steps)],
        ),
        SingleActionSchedule(
            BILLING_DAY,
            executed_script=(SCRIPTS.octets, 3),
            execution_time=[(bytes(4), bytes.fromhex("FFFFFF01FF"))],
        ),
        ProfileGeneric(
            LOAD,
            capture_objects=captured(*registers, (5, DEMAND, 3)),
            capture_period=QUARTER,
            profile_entries=40_000,
        ),
        ProfileGeneric(BILLING, capture_objects=captured(*registers), profile_entries=24),
        AssociationLnV1("0-0:40.0.1"),
    ]


@pytest.fixture(scope="module")
def lived():
    """A meter that has lived through 2026."""
    kept = objects()
    rights = {one.logical_name: Rights(dict.fromkeys(one.attributes, READ), {}, {2: (1, 2)}) for one in kept}
    sizes = {"max_receive_pdu": 4096, "max_send_pdu": 4096}
    device = LogicalDevice(
        1, b"ANY0000000002026", kept, [AssociationProfile(name="public", client=16, rights=rights, **sizes)]
    )
    found = device.objects
    found[TOTAL].bind(2, counted)
    found[TARIFFS].measure(counted, BEGIN)
    found[DEMAND].measure(counted, BEGIN)
    device.advance(BEGIN)
    device.advance(END)
    return PhysicalDevice([device])


@pytest.fixture(scope="module")
def asked(lived):
    """A client of it, on the last evening of the year."""
    server = Server(lived)
    client, meter = LINKS["wrapper"]
    over = Loopback(client(), meter(), server.line(), device_time=END)
    yield Talk(over, session()).open()
    assert not server.faults


@pytest.fixture(scope="module")
def load(asked):
    """Every entry of the load profile: time in UTC seconds, total, high, low, demand."""
    rows = asked(read_buffer, LOAD).profile().rows
    return [(int(time.to_datetime().timestamp()), *rest) for time, *rest in rows]


@pytest.mark.slow
def test_the_load_profile_has_no_gap_and_nothing_twice(load):
    assert [row[0] for row in load] == list(range(load[0][0], END + 1, QUARTER))
    assert load[0][0] in (BEGIN, BEGIN + QUARTER)
    assert len(load) in (365 * 96, 365 * 96 + 1)


@pytest.mark.slow
def test_every_entry_is_what_was_counted_then_and_both_tariffs_make_the_total(load):
    for now, total, high, low, _ in load:
        assert total == counted(now)
        assert high + low == total


@pytest.mark.slow
def test_each_quarter_is_counted_by_the_tariff_of_its_time(load):
    for (_, _, high, low, _), (now, _, later_high, later_low, _) in pairwise(load):
        began = now - QUARTER
        amount = counted(now) - counted(began)
        assert (later_high - high, later_low - low) == ((amount, 0) if is_high(began) else (0, amount)), began


@pytest.mark.slow
def test_demand_is_the_energy_of_a_quarter_as_power(load):
    for now, *_, demand in load[2:]:
        ends = {4 * (counted(at) - counted(at - QUARTER)) for at in (now, now - QUARTER)}
        assert demand in ends, now


@pytest.mark.slow
def test_days_of_23_and_25_hours(load):
    days = {}
    for now in (now for now, *_ in load if now > BEGIN):
        day = local(now - QUARTER) // DAY
        days[day] = days.get(day, 0) + 1
    assert sorted(set(days.values())) == [92, 96, 100]
    assert (days[local(SUMMER[0]) // DAY], days[local(SUMMER[1]) // DAY]) == (92, 100)


@pytest.mark.slow
def test_billing_on_the_first_of_every_month_at_local_midnight(asked):
    rows = asked(read_buffer, BILLING).profile().rows
    times = [int(time.to_datetime().timestamp()) for time, *_ in rows]
    firsts = [
        int(dt.datetime(y, m, 1, tzinfo=dt.UTC).timestamp()) - (7200 if 4 <= m <= 10 else 3600)
        for y, m in [*((2026, m) for m in range(1, 13)), (2027, 1)]
    ]
    assert times in (firsts, firsts[1:])
    for now, (_, total, high, low) in zip(times, rows, strict=True):
        assert total == counted(now) == high + low


@pytest.mark.slow
def test_the_registers_at_the_end(asked):
    total, high, low = (asked(get_value, AttributeDescriptor(3, name, 2)) for name in (TOTAL, HIGH, LOW))
    assert total == counted(END) == high + low
    expected = sum(counted(at + QUARTER) - counted(at) for at in range(BEGIN, END, QUARTER) if is_high(at))
    assert high == expected


@pytest.mark.slow
@pytest.mark.parametrize("day", [SUMMER[0], SUMMER[1], BEGIN + 200 * DAY])
def test_a_day_read_by_range_has_all_its_quarters(asked, day):
    layout = asked(read_layout, LOAD)
    began = int(day - local(day) % DAY)
    ended = began + {SUMMER[0]: 23, SUMMER[1]: 25}.get(day, 24) * 3600
    since, until = (dt.datetime.fromtimestamp(at, dt.UTC) for at in (began + 1, ended))
    rows = asked(read_buffer, LOAD, between(asked.session, layout, since, until), layout=layout).profile().rows
    assert [int(time.to_datetime().timestamp()) for time, *_ in rows] == list(
        range(began + QUARTER, ended + 1, QUARTER)
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["electricity", "heat", "gas", "cold-water", "heat-cost-allocator"])
def test_the_shipped_meters_live_through_a_year_as_well(name):
    device = Companion.load(name).build(Identity(number=7))
    device.advance(BEGIN)
    for month in range(1, 13):
        device.advance(BEGIN + (END - BEGIN) * month // 12)
    due = device.next_due()
    assert due is None or due > END
