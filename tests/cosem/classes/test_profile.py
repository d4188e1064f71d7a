"""Profile generic: capturing by clock and method, sorting, selective access, setting, and what clocks do to it."""

from itertools import pairwise

import pytest

from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.demand import DemandRegister
from anymeter.cosem.classes.profile import ProfileGeneric, ProfileGenericV0
from anymeter.cosem.classes.profile_times import NO_STATUS
from anymeter.cosem.compression import expand
from anymeter.cosem.data import parse
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import (
    CHOICE,
    DOUBLE_LONG,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    FLOAT64,
    INTEGER,
    OCTET_STRING,
    UNSIGNED,
    structure,
)
from anymeter.cosem.selection import CAPTURE_OBJECT, CAPTURE_OBJECTS, CaptureObject, EntryDescriptor, RangeDescriptor
from anymeter.errors import AccessError
from anymeter.obis import Obis
from value_meters import CLOCK, COLUMNS, ENERGY, EXPORT, LOAD_PROFILE, STATUS, central_europe, meter, register, utc

START = utc("2026-06-10T10:00")


def load_profile(**values):
    made = {"capture_objects": COLUMNS, "capture_period": 900, "profile_entries": 10_000, **values}
    return ProfileGeneric(LOAD_PROFILE, **made)


def running(start=START, clock=None, **values):
    """A device at *start* and its load profile; the energy is the seconds since then."""
    profile = load_profile(**values)
    device = meter(profile, clock=clock)
    device.objects[ENERGY].bind(2, lambda now: int(now - start))
    device.advance(start)
    return device, profile


def by_hand(sort_method, entries=3, schema=DOUBLE_LONG, **values):
    """A profile of one Data object, captured by method."""
    profile = ProfileGeneric(
        LOAD_PROFILE,
        capture_objects=[(1, STATUS, 2, 0)],
        sort_method=sort_method,
        sort_object=(1, STATUS, 2, 0),
        profile_entries=entries,
        **values,
    )
    device = meter(profile)
    device.objects[STATUS].types = {2: schema}
    return device, profile


def capture_all(device, profile, values, now=START):
    for i, value in enumerate(values):
        device.objects[STATUS].value = value
        profile.invoke(2, INTEGER.encode(0), now + i)


def rows(profile, octets=None, now=START):
    return parse(profile.encoded(2, now) if octets is None else octets)


def times(profile, octets=None):
    return [str(DateTime(row[0])) for row in rows(profile, octets)]


def ranged(profile, start, end, now=START, **more):
    return profile.select(2, 1, RangeDescriptor(start=start, end=end, **more).encode(), now)


def entries(profile, *numbers, now=START):
    names = ("first", "last", "first_column", "last_column")
    return profile.select(2, 2, EntryDescriptor(**dict(zip(names, numbers, strict=False))).encode(), now)


# --- capturing ---


def test_the_first_entry_is_captured_with_the_next_multiple_of_the_period():
    device, profile = running(START + 61)
    assert device.next_due() == START + 900
    device.advance(START + 899)
    assert profile.get(7, START) == 0
    device.advance(START + 2000)
    assert times(profile) == ["2026-06-10T12:15:00+02:00", "2026-06-10T12:30:00+02:00"]
    assert [row[1:] for row in rows(profile)] == [(8, 839), (8, 1739)]


def test_a_row_on_the_wire():
    device, profile = running()
    device.advance(START + 900)
    row = "0203 090c07ea060a030c0f0000ff8880 1108 0600000384"
    assert profile.encoded(2, START).hex() == "0101" + row.replace(" ", "")
    assert profile.encoded(7, START).hex() == "0600000001"


def test_days_of_23_24_and_25_hours_have_their_captures():
    for day, count in (("2026-03-29", 92), ("2026-03-30", 96), ("2026-10-25", 100)):
        midnight = utc(f"{day}T00:00{'+02:00' if day != '2026-03-29' else '+01:00'}")
        device, profile = running(midnight)
        device.advance(midnight + count * 900)
        shown = times(profile)
        assert len(set(shown)) == len(shown) == count
        assert shown[-1][11:19] == "00:00:00"


def test_daily_captures_come_at_local_midnight_and_leap_days_count():
    device, profile = running(utc("2028-02-26T12:00"), capture_period=86_400)
    device.advance(utc("2028-03-27T12:00"))
    shown = times(profile)
    assert shown[2:4] == ["2028-02-29T00:00:00+01:00", "2028-03-01T00:00:00+01:00"]
    assert shown[-1] == "2028-03-27T00:00:00+02:00"
    assert {text[11:19] for text in shown} == {"00:00:00"}


def test_captures_follow_the_clock_of_the_meter():
    clock = central_europe()
    clock.offset = 100
    device, profile = running(clock=clock)
    assert device.next_due() == START + 800
    device.advance(START + 800)
    assert times(profile) == ["2026-06-10T12:15:00+02:00"]
    assert rows(profile)[0][2] == 800


def test_a_drifting_clock_captures_on_the_full_quarter():
    clock = central_europe()
    clock.drift, clock.drift_since = 333.3, START
    device, profile = running(clock=clock)
    device.advance(START + 86_400)
    assert {text[14:25] for text in times(profile)} == {f"{q}:00+02:00" for q in ("00", "15", "30", "45")}


def test_demand_is_closed_before_it_is_captured():
    demand = DemandRegister("1-0:1.4.0*255", types={2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED})
    profile = load_profile(capture_objects=[(8, CLOCK, 2, 0), (5, demand.logical_name, 3, 0)])
    device = meter(profile, demand)
    device.advance(START)
    demand.add(100, START + 10)
    device.advance(START + 900)
    assert rows(profile)[0][1] == 400


def test_all_attributes_and_elements_of_one():
    columns = [(3, ENERGY, 0, 0), (3, ENERGY, 3, 2), (3, ENERGY, 3, 3), (3, ENERGY, 2, 1), (3, EXPORT, 2, 0)]
    _, profile = running(capture_period=0, capture_objects=columns)
    profile.invoke(2, None, START + 7)
    assert rows(profile) == [((bytes(ENERGY), 7, (0, 30)), 30, None, None, None)]


def test_without_a_period_only_the_method_captures():
    device, profile = running(capture_period=0)
    assert device.next_due() is None
    profile.invoke(2, INTEGER.encode(0), START + 5)
    assert rows(profile)[0][2] == 5


def test_the_period_can_be_set_and_begins_anew():
    device, profile = running()
    device.advance(START + 900)
    profile.write(4, DOUBLE_LONG_UNSIGNED.encode(60), START + 930)
    device.advance(START + 1020)
    assert [text[14:16] for text in times(profile)] == ["15", "16", "17"]
    profile.write(4, DOUBLE_LONG_UNSIGNED.encode(0), START + 1020)
    assert device.next_due() is None


def test_two_profiles_that_capture_each_other_stay_small():
    other = Obis("1-0:99.2.0*255")
    first = load_profile(capture_objects=[(7, other, 2, 0)], capture_period=0)
    second = ProfileGeneric(other, capture_objects=[(7, LOAD_PROFILE, 2, 0)], profile_entries=10_000)
    meter(first, second)
    for now in range(60):
        first.invoke(2, None, START + now)
        second.invoke(2, None, START + now)
    assert len(first.encoded(2, START)) < 60 * 0x10000


# --- sorting ---


def test_first_in_first_out():
    device, profile = by_hand(1)
    capture_all(device, profile, [1, 2])
    assert rows(profile) == [(1,), (2,)]
    capture_all(device, profile, [3, 4, 5])
    assert rows(profile) == [(3,), (4,), (5,)]
    assert profile.get(7, START) == 3


def test_last_in_first_out():
    device, profile = by_hand(2)
    capture_all(device, profile, [1, 2, 3, 4])
    assert rows(profile) == [(4,), (3,), (2,)]
    assert rows(profile, entries(profile, 1, 1)) == [(4,)]


@pytest.mark.parametrize(
    ("method", "kept"),
    [(3, [9, 7, 7]), (4, [-8, -7, -1]), (5, [0, -1, 2]), (6, [9, -8, 7])],
)
def test_the_best_are_kept(method, kept):
    device, profile = by_hand(method)
    capture_all(device, profile, [7, -7, 2, 7, 0, 9, -8, -1])
    assert [row[0] for row in rows(profile)] == kept


def test_of_equal_values_the_older_comes_first_and_stays():
    device, profile = by_hand(3)
    profile.store(3, [(8, CLOCK, 2, 0), (1, STATUS, 2, 0)])
    capture_all(device, profile, [5, 5, 5, 5])
    assert [text[17:19] for text in times(profile)] == ["00", "01", "02"]


def test_ranking_by_a_value_that_is_not_captured_and_by_time():
    device, profile = by_hand(3)
    profile.sort_object = (8, CLOCK, 2, 0)
    capture_all(device, profile, [1, 2, 3, 4])
    assert rows(profile) == [(4,), (3,), (2,)]


def test_what_is_no_number_ranks_last():
    device, profile = by_hand(4, schema=CHOICE)
    for value in (None, True, b"text"):
        device.objects[STATUS].value = value
        profile.invoke(2, None, START)
    assert rows(profile) == [(True,), (None,), (b"text",)]


def test_a_profile_of_no_entries_keeps_none():
    device, profile = by_hand(1, entries=0)
    capture_all(device, profile, [1])
    assert rows(profile) == []


# --- selective access ---


@pytest.fixture
def day():
    """The captures of 2026-10-25, the day of 25 hours; every second row by energy is 450 more."""
    midnight = utc("2026-10-25T00:00+02:00")
    device, profile = running(midnight)
    device.advance(midnight + 100 * 900)
    return profile


def test_range_by_the_clock_includes_both_ends(day):
    found = ranged(
        day,
        DateTime.of(2026, 10, 25, None, 1, 0, 0, 0, -120),
        DateTime.of(2026, 10, 25, None, 1, 30, 0, 0, -120),
    )
    assert [t[11:16] for t in times(day, found)] == ["01:00", "01:15", "01:30"]


def test_a_range_in_utc_finds_the_same_rows(day):
    local = ranged(
        day, DateTime.of(2026, 10, 25, None, 2, 15, 0, 0, -60), DateTime.of(2026, 10, 25, None, 3, 0, 0, 0, -60)
    )
    in_utc = ranged(
        day, DateTime.of(2026, 10, 25, None, 1, 15, 0, 0, 0), DateTime.of(2026, 10, 25, None, 2, 0, 0, 0, 0)
    )
    assert local == in_utc
    assert times(day, local) == [f"2026-10-25T{t}:00+01:00" for t in ("02:15", "02:30", "02:45", "03:00")]


def test_the_doubled_hour_by_local_time_and_by_its_status(day):
    naive = ranged(day, DateTime.of(2026, 10, 25, None, 2, 0, 0), DateTime.of(2026, 10, 25, None, 3, 0, 0))
    assert len(rows(day, naive)) == 9
    second = ranged(
        day,
        DateTime.of(2026, 10, 25, None, 2, 0, 0, 0, None, 0),
        DateTime.of(2026, 10, 25, None, 3, 0, 0, 0, None, 0),
    )
    assert len(rows(day, second)) == 5


def test_open_ends_and_times_that_are_not_specified(day):
    everything = DateTime(b"\xff" * 12)
    assert len(rows(day, ranged(day, everything, everything))) == 100
    assert len(rows(day, ranged(day, None, None))) == 100
    one_day = DateTime.of(2026, 10, 25)
    assert len(rows(day, ranged(day, one_day, one_day))) == 99
    assert ranged(day, DateTime.of(2027, 1, 1), everything) == b"\x01\x00"
    assert ranged(day, DateTime.of(2026, 10, 26), DateTime.of(2026, 10, 24)) == b"\x01\x00"


def test_range_across_the_change_in_spring():
    device, profile = running(utc("2026-03-29T00:00+01:00"))
    device.advance(utc("2026-03-29T12:00"))
    found = ranged(profile, DateTime.of(2026, 3, 29, None, 1, 30, 0), DateTime.of(2026, 3, 29, None, 3, 30, 0))
    assert [t[11:25] for t in times(profile, found)] == [
        "01:30:00+01:00",
        "01:45:00+01:00",
        "03:00:00+02:00",
        "03:15:00+02:00",
        "03:30:00+02:00",
    ]


def test_selected_values_and_their_order(day):
    start = DateTime.of(2026, 10, 25, None, 1, 0, 0, 0, -120)
    energy, clock = CaptureObject(3, ENERGY), CaptureObject(8, CLOCK)
    assert rows(day, ranged(day, start, start, columns=(energy,))) == [(3600,)]
    ((value, time),) = rows(day, ranged(day, start, start, columns=(energy, clock)))
    assert (value, DateTime(time).hour) == (3600, 1)


def test_range_by_another_column(day):
    energy = CaptureObject(3, ENERGY)
    found = ranged(day, 900, 2700, restricting=energy, columns=(energy,))
    assert rows(day, found) == [(900,), (1800,), (2700,)]
    assert rows(day, ranged(day, 89_999, None, restricting=energy, columns=(energy,))) == [(90_000,)]
    with pytest.raises(AccessError) as refused:
        ranged(day, DateTime.of(2026, 10, 25), None, restricting=energy)
    assert refused.value.result == 12


def test_range_by_a_time_that_is_not_the_clock():
    demand = DemandRegister("1-0:1.4.0*255", types={2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED})
    column = CaptureObject(5, demand.logical_name, 6)
    profile = load_profile(capture_objects=[(3, ENERGY, 2, 0), column.value])
    device = meter(profile, demand)
    device.advance(START)
    device.advance(START + 3600)
    since = DateTime.of(2026, 6, 10, None, 12, 45, 0)
    assert len(rows(profile, ranged(profile, since, None, restricting=column))) == 2


@pytest.mark.parametrize(
    ("wanted", "result"),
    [
        ({"start": DateTime.of(2026, None, 1), "end": None}, 13),
        ({"start": 5, "end": None}, 12),
        ({"start": b"12345", "end": None}, 12),
        ({"start": None, "end": None, "restricting": CaptureObject(8, ENERGY)}, 13),
        ({"start": None, "end": None, "columns": (CaptureObject(3, EXPORT),)}, 13),
    ],
)
def test_ranges_that_are_refused(day, wanted, result):
    with pytest.raises(AccessError) as refused:
        day.select(2, 1, RangeDescriptor(**wanted).encode(), START)
    assert refused.value.result == result


@pytest.mark.parametrize(
    ("numbers", "energies"),
    [
        ((1, 2), [900, 1800]),
        ((99, 0), [89_100, 90_000]),
        ((0, 0), list(range(900, 90_001, 900))),
        ((100, 100), [90_000]),
        ((100, 2**32 - 1), [90_000]),
        ((101, 0), []),
        ((3, 2), []),
    ],
)
def test_entries(day, numbers, energies):
    assert [row[2] for row in rows(day, entries(day, *numbers))] == energies


def test_columns_of_entries(day):
    assert rows(day, entries(day, 1, 1, 2, 3)) == [(0x08, 900)]
    assert rows(day, entries(day, 1, 1, 3, 0)) == [(900,)]
    for first, last in ((3, 2), (4, 0), (1, 4)):
        with pytest.raises(AccessError) as refused:
            entries(day, 1, 1, first, last)
        assert refused.value.result == 13


@pytest.mark.parametrize(("number", "selector"), [(2, 3), (2, 0), (3, 1), (7, 2)])
def test_there_are_no_other_selectors(day, number, selector):
    with pytest.raises(AccessError) as refused:
        day.select(number, selector, EntryDescriptor().encode(), START)
    assert refused.value.result == 13


@pytest.mark.parametrize("octets", [b"", b"\x00", b"\x02\x04", bytes.fromhex("0204060000000106000000001200")])
def test_parameters_of_another_type(day, octets):
    for selector in (1, 2):
        with pytest.raises(AccessError) as refused:
            day.select(2, selector, octets, START)
        assert refused.value.result == 12


def test_the_newest_first_by_range():
    device, profile = running(sort_method=2)
    device.advance(START + 3600)
    shown = times(profile, ranged(profile, None, DateTime.of(2026, 6, 10, None, 12, 30, 0)))
    assert [t[11:16] for t in shown] == ["12:30", "12:15"]


def test_null_data_for_what_repeats(day):
    plain = rows(day)
    day.null_compression = True
    short = rows(day)
    assert short[1] == (None, None, 1800)
    assert short[11][0] is not None  # 02:00 comes again: not one period after 02:45
    assert len(day.encoded(2, START)) < 1200
    assert expand(short, width=3, clock=0, capture_period=900) == plain
    found = rows(day, entries(day, 5, 7, 2, 3))
    assert found == [(8, 4500), (None, 5400), (None, 6300)]


def test_a_ring_that_has_gone_around_is_read_in_order():
    device, profile = running(profile_entries=10)
    device.advance(START + 900 * 3000)
    assert [row[2] for row in rows(profile)] == [900 * i for i in range(2991, 3001)]
    assert rows(profile, entries(profile, 10, 10))[0][2] == 900 * 3000
    since = DateTime(rows(profile)[8][0])
    assert [row[2] for row in rows(profile, ranged(profile, since, None))] == [900 * 2999, 900 * 3000]


def test_version_0_reads_by_methods():
    profile = ProfileGenericV0(LOAD_PROFILE, capture_objects=COLUMNS, capture_period=900, profile_entries=9)
    device = meter(profile)
    device.advance(START)
    device.advance(START + 1800)
    assert profile.invoke(4, EntryDescriptor(first=2).encode(), START) == entries(profile, 2)
    by_range = RangeDescriptor(start=None, end=DateTime.of(2026, 6, 10, None, 12, 15, 0)).encode()
    assert len(parse(profile.invoke(3, by_range, START))) == 1
    assert len(profile.get_buffer_by_index((1, 0, 1, 0), START)) == 2
    assert len(profile.get_buffer_by_range((COLUMNS[0], None, None, []), START)) == 2
    with pytest.raises(AccessError):
        profile.invoke(3, b"\x00", START)
    assert set(ProfileGeneric.methods) == {1, 2}


# --- setting ---


def test_reset_empties_the_buffer_and_keeps_the_columns():
    device, profile = running()
    device.advance(START + 1800)
    profile.invoke(1, INTEGER.encode(0), START + 1800)
    assert (profile.get(7, START), profile.encoded(2, START), len(profile.columns)) == (0, b"\x01\x00", 3)
    device.advance(START + 2700)
    assert profile.get(7, START) == 1


@pytest.mark.parametrize(
    ("number", "octets"),
    [
        (3, CAPTURE_OBJECTS.encode([(8, CLOCK, 2, 0)])),
        (5, ENUM.encode(2)),
        (6, CAPTURE_OBJECT.encode((3, ENERGY, 2, 0))),
        (8, DOUBLE_LONG_UNSIGNED.encode(5)),
    ],
)
def test_what_empties_the_buffer_when_it_is_set(number, octets):
    device, profile = running()
    device.advance(START + 3600)
    profile.write(number, octets, START + 3600)
    assert profile.get(7, START) == 0
    assert profile.encoded(number, START) == octets
    device.advance(START + 3600 + 9000)
    assert profile.get(7, START) == (5 if number == 8 else 10)


@pytest.mark.parametrize(
    ("number", "octets", "result"),
    [
        (2, b"\x01\x00", 3),
        (7, DOUBLE_LONG_UNSIGNED.encode(0), 3),
        (3, CAPTURE_OBJECTS.encode([(3, EXPORT, 2, 0)]), 4),
        (3, CAPTURE_OBJECTS.encode([(8, ENERGY, 2, 0)]), 9),
        (3, CAPTURE_OBJECTS.encode([(3, ENERGY, 7, 0)]), 4),
        (3, CAPTURE_OBJECTS.encode([(3, ENERGY, 2, 0x8001)]), 13),
        (3, CAPTURE_OBJECTS.encode([(3, ENERGY, 2, 0)] * 256), 250),
        (3, DOUBLE_LONG_UNSIGNED.encode(1), 12),
        (5, ENUM.encode(0), 250),
        (5, ENUM.encode(7), 250),
        (6, CAPTURE_OBJECT.encode((3, EXPORT, 2, 0)), 4),
        (8, DOUBLE_LONG_UNSIGNED.encode(1_000_001), 250),
    ],
)
def test_what_cannot_be_set(number, octets, result):
    device, profile = running()
    device.advance(START + 900)
    with pytest.raises(AccessError) as refused:
        profile.write(number, octets, START)
    assert refused.value.result == result
    assert profile.get(7, START) == 1


def test_clones_capture_for_themselves():
    device, profile = running()
    other = profile.clone()
    twin = meter(other)
    twin.advance(START)
    twin.advance(START + 1800)
    device.advance(START + 900)
    assert (profile.get(7, START), other.get(7, START)) == (1, 2)
    assert rows(other)[0][2] == 0


# --- when the clock is changed ---


def test_a_small_change_loses_nothing_and_repeats_nothing():
    device, profile = running()
    device.advance(START + 890)
    device.objects[CLOCK].set_utc(START + 915, START + 890)
    device.advance(START + 891)
    device.objects[CLOCK].set_utc(START + 890, START + 891)
    device.advance(START + 1900)
    assert [t[11:19] for t in times(profile)] == ["12:15:00", "12:30:00"]
    assert {row[1] for row in rows(profile)} == {0x08}


def forward(missing="each", **more):
    device, profile = running()
    profile.missing = missing
    for name, value in more.items():
        setattr(profile, name, value)
    device.advance(START + 1000)
    device.objects[CLOCK].set_utc(START + 4600, START + 1000)
    device.advance(START + 1000 + 1700)
    return profile


def test_set_forward_every_missed_period_has_a_flagged_row():
    profile = forward()
    assert [t[11:16] for t in times(profile)] == ["12:15", "12:30", "12:45", "13:00", "13:15", "13:30", "13:45"]
    values = [row[1:] for row in rows(profile)]
    assert values[:1] + values[-2:] == [(8, 900), (0x28, 1800), (8, 2700)]
    assert values[1:5] == [(0x2C, 1000)] * 4  # as it stood when the clock was set


def test_set_forward_one_row_or_none():
    assert [t[11:16] for t in times(forward("once"))] == ["12:15", "13:15", "13:30", "13:45"]
    assert [t[11:16] for t in times(forward("none"))] == ["12:15", "13:30", "13:45"]


def test_missed_rows_may_have_null_data_for_the_values():
    assert [row[2] for row in rows(forward(missing_values="null"))] == [900, None, None, None, None, 1800, 2700]


def test_missed_rows_have_values_where_null_data_means_no_change():
    profile = forward(null_compression=True, missing_values="null")
    full = expand(rows(profile), width=3, clock=0, capture_period=900)
    assert [row[2] for row in full] == [900, 1000, 1000, 1000, 1000, 1800, 2700]


def test_where_no_status_tells_that_a_row_is_not_valid_it_has_null_data():
    device, profile = running(capture_objects=[COLUMNS[0], COLUMNS[2]])
    device.objects[CLOCK].set_utc(START + 2000, START + 100)
    assert [row[1] for row in rows(profile)] == [None, None]


def test_meters_without_a_status_bit_for_it():
    assert {row[1] for row in rows(forward(status_bits=NO_STATUS))} == {0}


def test_set_forward_by_decades_fills_no_more_than_there_is_room_for():
    device, profile = running(start=utc("2000-01-01"), profile_entries=50)
    device.objects[CLOCK].set_utc(utc("2026-06-10T12:07"), utc("2000-01-01"))
    assert len(rows(profile)) == 50
    assert times(profile)[-1] == "2026-06-10T14:00:00+02:00"
    assert device.next_due() == utc("2000-01-01T00:08")


def backward(repeats):
    device, profile = running()
    profile.repeats = repeats
    device.advance(START + 2800)
    device.objects[CLOCK].set_utc(START + 1000, START + 2800)
    device.advance(START + 2800 + 3600)
    return profile


def test_set_backward_times_repeat_and_are_flagged_until_they_are_new():
    found = rows(backward("keep"))
    shown = [DateTime(row[0]).iso()[11:16] for row in found]
    assert shown == ["12:15", "12:30", "12:45", "12:30", "12:45", "13:00", "13:15"]
    assert [row[1] for row in found] == [8, 8, 8, 0x28, 0x28, 8, 8]


def test_set_backward_the_newest_may_win():
    found = rows(backward("replace"))
    shown = [DateTime(row[0]).iso()[11:16] for row in found]
    assert shown == ["12:15", "12:30", "12:45", "13:00", "13:15"]
    assert [row[2] for row in found] == [900, 2800 + 800, 2800 + 1700, 2800 + 2600, 2800 + 3500]


def test_range_access_when_times_repeat():
    profile = backward("keep")
    at = DateTime.of(2026, 6, 10, None, 12, 30, 0)
    assert [row[2] for row in rows(profile, ranged(profile, at, at))] == [1800, 3600]


def test_captures_by_method_after_the_clock_was_set_are_plain():
    device, profile = running(capture_period=0)
    device.objects[CLOCK].set_utc(START + 5000, START)
    profile.invoke(2, None, START + 1)
    assert rows(profile)[0][1] == 8


def test_an_invalid_clock_shows_in_the_status():
    device, profile = running(clock=central_europe(status=1))
    device.advance(START + 900)
    assert rows(profile)[0][1] == 0x0A


def test_a_power_failure_leaves_flagged_rows():
    device, profile = running()
    device.advance(START + 950)
    profile.power_returned(START + 4000)
    device.advance(START + 5400)
    assert [(t[11:16], row[1], row[2]) for t, row in zip(times(profile), rows(profile), strict=True)] == [
        ("12:15", 8, 900),
        ("12:30", 0x8C, 4000),
        ("12:45", 0x8C, 4000),
        ("13:00", 0x8C, 4000),
        ("13:15", 0x88, 4500),
        ("13:30", 8, 5400),
    ]


def test_rankings_are_not_filled():
    device, profile = running(sort_method=3, sort_object=(3, ENERGY, 2, 0), profile_entries=9)
    device.objects[CLOCK].set_utc(START + 9100, START)
    assert rows(profile) == []


# --- computed entries ---


class Computed:
    """One entry an hour since START: its time and number."""

    def __init__(self):
        self.since, self.captures = 0, 0

    def entries(self, now):
        return int(now - START) // 3600 - self.since

    def between(self, start, end, now):
        first = 1 if start is None else max(1, -int((START - start) // 3600) - self.since)
        last = self.entries(now) if end is None else min(self.entries(now), int(end - START) // 3600 - self.since)
        return first, last

    def read(self, first, last, now):
        shown = central_europe()
        return [
            (shown.date_time(START + 3600 * i).octets, None if i == 3 else 0, i)
            for i in range(first + self.since, last + self.since + 1)
        ]

    def reset(self, now):
        self.since = int(now - START) // 3600

    def capture(self, now):
        self.captures += 1


@pytest.fixture
def computed():
    device, profile = running()
    profile.rows = Computed()
    device.touched(profile)
    assert device.next_due() is None
    return profile


def test_computed_rows_are_read_like_captured_ones(computed):
    now = START + 5 * 3600
    assert (computed.get(7, now), [row[2] for row in rows(computed, now=now)]) == (5, [1, 2, 3, 4, 5])
    assert rows(computed, entries(computed, 2, 3, 2, 0, now=now)) == [(0, 2), (None, 3)]
    since = DateTime.of(2026, 6, 10, None, 14, 0, 0)
    assert [row[2] for row in rows(computed, ranged(computed, since, None, now=now))] == [2, 3, 4, 5]
    energy = CaptureObject(3, ENERGY)
    assert len(rows(computed, ranged(computed, 2, 3, now=now, restricting=energy))) == 2
    assert ranged(computed, DateTime.of(2027, 1, 1), None, now=now) == b"\x01\x00"


def test_computed_rows_by_a_clock_that_is_fast(computed):
    computed.device.objects[CLOCK].offset = 3600
    since = DateTime.of(2026, 6, 10, None, 14, 0, 0)
    assert len(rows(computed, ranged(computed, since, None, now=START + 18_000))) == 5


def test_computed_rows_newest_first(computed):
    computed.write(5, ENUM.encode(2), START)
    now = START + 5 * 3600
    assert [row[2] for row in rows(computed, now=now)] == [5, 4, 3, 2, 1]
    assert [row[2] for row in rows(computed, entries(computed, 1, 2, now=now))] == [5, 4]
    until = DateTime.of(2026, 6, 10, None, 14, 0, 0)
    assert [row[2] for row in rows(computed, ranged(computed, None, until, now=now))] == [2, 1]


def test_computed_rows_are_reset_and_captured_by_their_source(computed):
    computed.invoke(1, None, START + 7200)
    computed.invoke(2, None, START + 7200)
    assert (computed.get(7, START + 10_800), computed.rows.captures) == (1, 1)


# --- much of it ---


def test_a_year_of_quarters_with_demand():
    demand = DemandRegister(
        "1-0:1.4.0*255", number_of_periods=3, types={2: DOUBLE_LONG_UNSIGNED, 3: DOUBLE_LONG_UNSIGNED, 5: UNSIGNED}
    )
    start, end = utc("2026-01-01T00:00+01:00"), utc("2027-01-01T00:00+01:00")
    profile = load_profile(capture_objects=[*COLUMNS, (5, demand.logical_name, 3, 0)], profile_entries=40_000)
    device = meter(profile, demand)
    device.advance(start)
    device.objects[ENERGY].bind(2, lambda now: int(now - start))
    demand.measure(lambda now: int(now - start), start)
    device.advance(end)
    found = rows(profile)
    assert len(found) == 365 * 96
    assert all(b[2] - a[2] == 900 for a, b in pairwise(found))
    assert {row[3] for row in found[3:]} == {3600}
    assert len({row[0] for row in found}) == len(found)
    november = ranged(profile, DateTime.of(2026, 11, 1, None, 0, 15, 0), DateTime.of(2026, 12, 1, None, 0, 0, 0))
    assert len(rows(profile, november)) == 30 * 96


def test_a_hundred_thousand_rows_can_be_served():
    device, profile = by_hand(1, entries=100_000)
    capture_all(device, profile, range(100_500))
    octets = profile.encoded(2, START)
    assert len(octets) == 5 + 100_000 * 7
    assert parse(octets)[::99_999] == [(500,), (100_499,)]
    assert rows(profile, entries(profile, 50_000, 50_001)) == [(50_499,), (50_500,)]


def test_a_device_without_a_clock_counts_in_utc():
    profile = load_profile(capture_objects=[(1, STATUS, 2, 0)], capture_period=3600)
    device = meter(profile, clock=Clock("0-1:1.0.0*255"))
    device.advance(START)
    device.advance(START + 7200)
    assert rows(profile) == [(0,), (0,)]


def test_float_and_text_columns():
    text, number = Data("0-0:96.1.0*255", value=b"abc", types={2: OCTET_STRING}), Data(EXPORT, types={2: FLOAT64})
    number.value = 1.5
    profile = load_profile(capture_objects=[(1, text.logical_name, 2, 0), (1, EXPORT, 2, 0)], capture_period=0)
    meter(profile, text, number)
    profile.invoke(2, None, START)
    text.value = b"longer text"
    profile.invoke(2, None, START)
    assert rows(profile, entries(profile, 1, 0, 1, 1)) == [(b"abc",), (b"longer text",)]
    found = ranged(profile, b"b", None, restricting=CaptureObject(1, text.logical_name))
    assert rows(profile, found) == [(b"longer text", 1.5)]
    assert structure(OCTET_STRING, FLOAT64).encode((b"abc", 1.5)) in profile.encoded(2, START)


def test_registers_of_several_meters_do_not_mix():
    assert register() is not register()
    assert running()[1].stored_entries is not running()[1].stored_entries
