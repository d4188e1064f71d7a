"""Schedule and Special days table: days, seasons, order, and what the clock skips or repeats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.schedules import ANY_AGE, Schedule, SpecialDaysTable, special_days, within
from anymeter.cosem.recurrence import day_number
from anymeter.cosem.values import BitString
from anymeter.obis import Obis
from cosem.classes.surroundings import CLOCK, SCRIPTS, device, europe, refused, told, utc

ALWAYS = b"\xff" * 5
NAME = "0-0:12.0.0*255"
SPECIAL = "0-0:11.0.0*255"
WORKDAYS, WEEKEND, DAILY = "1111100", "0000011", "1111111"


def entry(index, time, script=None, days=DAILY, special="", window=ANY_AGE, begin=ALWAYS, end=ALWAYS, enable=True):
    hour, minute = map(int, time.split(":"))
    return (
        index,
        enable,
        bytes(SCRIPTS),
        index if script is None else script,
        bytes((hour, minute, 0, 0)),
        window,
        BitString.of(days),
        BitString.of(special),
        begin,
        end,
    )


def schedule(*entries, special=(), clock=None, start="2026-03-02 00:00:00"):
    one = Schedule(NAME, entries=list(entries))
    found = device(one, SpecialDaysTable(SPECIAL, entries=list(special)), clock=clock)
    found.advance(utc(start))
    return found


def run(found, until):
    found.advance(utc(until))
    return told(found)


def of(found):
    return found.objects[Obis(NAME)]


def test_entries_run_on_their_weekdays():
    found = schedule(entry(1, "06:00", days=WORKDAYS), entry(2, "08:00", days=WEEKEND), start="2026-03-06 00:00:00")
    assert run(found, "2026-03-09 12:00:00") == [
        ("2026-03-06 06:00:00", 1),
        ("2026-03-07 08:00:00", 2),
        ("2026-03-08 08:00:00", 2),
        ("2026-03-09 06:00:00", 1),
    ]


def test_a_special_day_goes_by_exec_specdays_alone():
    christmas = (1, bytes.fromhex("FFFF0C19FF"), 3)
    found = schedule(
        entry(1, "06:00"), entry(2, "09:00", days="0000000", special="0001"), special=[christmas], start="2026-12-24"
    )
    assert run(found, "2026-12-26 12:00:00") == [
        ("2026-12-24 06:00:00", 1),
        ("2026-12-25 09:00:00", 2),
        ("2026-12-26 06:00:00", 1),
    ]


def test_the_first_bit_of_exec_specdays_may_stand_for_another_day_id():
    christmas = (1, bytes.fromhex("FFFF0C19FF"), 3)
    found = schedule(entry(2, "09:00", special="001"), special=[christmas], start="2026-12-25")
    of(found).first_special_day = 1
    found.touched(of(found))
    assert run(found, "2026-12-25 23:00:00") == [("2026-12-25 09:00:00", 2)]


def test_entries_of_the_same_time_run_by_index():
    found = schedule(entry(3, "06:00", script=7), entry(1, "06:00", script=9), entry(2, "06:00", script=8))
    assert [number for _, number in run(found, "2026-03-02 07:00:00")] == [9, 8, 7]


def test_disabled_entries_and_script_0_do_nothing():
    found = schedule(entry(1, "06:00", enable=False), entry(2, "07:00", script=0))
    assert run(found, "2026-03-04 00:00:00") == []


def test_a_season_without_year_may_go_over_the_turn_of_the_year():
    winter = {"begin": bytes.fromhex("FFFF0C1FFF"), "end": bytes.fromhex("FFFF0102FF")}
    found = schedule(entry(1, "06:00", **winter), start="2026-12-29")
    assert [at[:10] for at, _ in run(found, "2028-01-01 00:00:00")] == [
        "2026-12-31",
        "2027-01-01",
        "2027-01-02",
        "2027-12-31",
    ]


@pytest.mark.parametrize(
    ("begin", "end", "day", "inside"),
    [
        ("07EA0301FF", "07EA0331FF"[:6] + "1FFF", (2026, 3, 15), True),
        ("07EA0301FF", "FFFFFFFFFF", (2026, 2, 28), False),
        ("FFFFFFFFFF", "07EA0301FF", (2026, 3, 2), False),
        ("FFFFFF0AFF", "FFFFFF14FF", (2026, 3, 15), True),
        ("FFFFFF0AFF", "FFFFFF14FF", (2026, 3, 21), False),
        ("FFFFFFFFFF", "FFFFFFFFFF", (1970, 1, 1), True),
    ],
)
def test_ranges_of_dates(begin, end, day, inside):
    assert within(bytes.fromhex(begin), bytes.fromhex(end), day_number(*day)) is inside


def test_an_entry_that_begins_far_away_is_found():
    begin = bytes.fromhex("080F0601FF")  # 2063
    found = schedule(entry(1, "06:00", begin=begin))
    assert found.next_due() == utc("2063-06-01 06:00:00")


def test_what_can_never_run_is_never_due():
    never = bytes.fromhex("07E40101FF")
    found = schedule(entry(1, "06:00", end=never), entry(2, "06:00", days="0000000"), entry(3, "24:00"))
    assert found.next_due() is None


def test_methods_insert_delete_enable_and_disable():
    found = schedule(entry(5, "06:00"))
    one = of(found)
    one.insert(entry(2, "07:00"), 0)
    one.insert(entry(5, "08:00"), 0)
    one.insert(entry(7, "09:00"), 0)
    assert [e[0] for e in one.entries] == [2, 5, 7]
    assert one.entries[1][4][0] == 8
    one.enable_disable((2, 5, 5, 5), 0)
    assert [e[1] for e in one.entries] == [False, True, True]
    one.enable_disable((0, 0, 2, 2), 0)
    assert [e[1] for e in one.entries] == [True, True, True]
    one.delete((1, 5), 0)
    assert [e[0] for e in one.entries] == [7]
    assert run(found, "2026-03-02 23:00:00") == [("2026-03-02 09:00:00", 7)]


def test_what_is_inserted_in_time_runs_and_what_is_past_does_not():
    found = schedule(entry(1, "06:00"))
    found.advance(utc("2026-03-02 10:00:00"))
    of(found).insert(entry(2, "09:00"), utc("2026-03-02 10:00:00"))
    of(found).insert(entry(3, "11:00"), utc("2026-03-02 10:00:00"))
    assert [number for _, number in run(found, "2026-03-03 00:00:00")] == [1, 3]


def test_too_many_entries_are_refused():
    found = schedule(*[entry(number, "06:00") for number in range(1000)])
    assert refused(lambda: of(found).insert(entry(1000, "06:00"), 0)) == 250
    assert refused(lambda: of(found).insert(entry(999, "07:00"), 0)) is None


# --- the clock ---


def set_clock(found, at, to):
    """At one instant, set the clock of the device to another time."""
    found.advance(utc(at))
    found.clock.set_utc(utc(to), utc(at))


def test_what_is_skipped_is_made_up_for_in_order_of_time_and_the_latest_of_each_script():
    found = schedule(entry(1, "10:00", script=4), entry(2, "09:00", script=5), entry(3, "08:00", script=4))
    set_clock(found, "2026-03-02 07:00:00", "2026-03-02 12:00:00")
    assert told(found) == [("2026-03-02 07:00:00", 5), ("2026-03-02 07:00:00", 4)]
    assert run(found, "2026-03-02 19:00:00") == told(found)
    assert len(told(found)) == 2


def test_what_is_skipped_for_longer_than_its_window_is_left_out():
    found = schedule(entry(1, "08:00", window=239), entry(2, "09:00", window=180), entry(3, "10:00", window=0))
    set_clock(found, "2026-03-02 07:00:00", "2026-03-02 12:00:00")
    assert [number for _, number in told(found)] == [2]


def test_after_days_of_power_loss_the_last_of_each_entry_is_executed_once():
    found = schedule(entry(1, "06:00"), entry(2, "22:00"), entry(3, "12:00", days="0000000"))
    of(found).catch_up(utc("2026-03-09 12:00:00"))
    assert [number for _, number in told(found)] == [2, 1]
    assert run(found, "2026-03-09 23:00:00")[2:] == [("2026-03-09 22:00:00", 2)]


def test_set_back_nothing_is_executed_again():
    found = schedule(entry(1, "06:00"), entry(2, "12:00"))
    set_clock(found, "2026-03-02 11:00:00", "2026-03-02 05:00:00")
    assert [number for _, number in run(found, "2026-03-02 13:00:00")] == [1]
    assert run(found, "2026-03-02 18:00:00") == [("2026-03-02 06:00:00", 1), ("2026-03-02 18:00:00", 2)]


def test_set_back_by_weeks_the_schedule_begins_anew():
    found = schedule(entry(1, "06:00"), start="2027-01-01")
    set_clock(found, "2027-01-01 11:00:00", "2026-03-02 05:00:00")
    assert run(found, "2027-01-01 12:30:00")[1:] == [("2027-01-01 12:00:00", 1)]


def test_a_synchronisation_loses_nothing_and_repeats_nothing():
    found = schedule(entry(1, "06:00"))
    set_clock(found, "2026-03-02 05:59:50", "2026-03-02 06:00:05")
    set_clock(found, "2026-03-02 05:59:55", "2026-03-02 05:59:58")
    assert [number for _, number in run(found, "2026-03-02 23:00:00")] == [1]


def test_daylight_saving_begins_what_is_left_out_runs_at_3():
    entries = [entry(n, time) for n, time in enumerate(("01:59", "02:00", "02:30", "03:00", "04:00"), 1)]
    found = schedule(*entries, clock=europe(), start="2026-03-29 00:00:00")
    assert run(found, "2026-03-29 03:00:00") == [
        ("2026-03-29 00:59:00", 1),
        ("2026-03-29 01:00:00", 2),
        ("2026-03-29 01:00:00", 3),
        ("2026-03-29 01:00:00", 4),
        ("2026-03-29 02:00:00", 5),
    ]


def test_daylight_saving_ends_the_doubled_hour_runs_once():
    entries = [entry(n, time) for n, time in enumerate(("01:59", "02:00", "02:30", "03:00"), 1)]
    found = schedule(*entries, clock=europe(), start="2026-10-24 23:00:00")
    assert run(found, "2026-10-25 06:00:00") == [
        ("2026-10-24 23:59:00", 1),
        ("2026-10-25 00:00:00", 2),
        ("2026-10-25 00:30:00", 3),
        ("2026-10-25 02:00:00", 4),
    ]


def test_a_clock_that_drifts_misses_nothing():
    clock = europe()
    clock.drift, clock.drift_since = 123.4, 0.0
    found = schedule(entry(1, "06:00"), entry(2, "18:00"), clock=clock, start="2026-01-01")
    assert len(run(found, "2027-01-01")) in (730, 731)


@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(-3000, 3000)), max_size=12))
def test_whatever_the_clock_does_no_entry_runs_twice_a_day(moves):
    found = schedule(entry(1, "06:00"), entry(2, "06:30"), start="2026-03-02 05:00:00")
    now = utc("2026-03-02 05:00:00")
    for wait, shift in moves:
        now += wait
        found.advance(now)
        found.clock.set_utc(found.clock.utc(now) + shift, now)
    of_a_day = [number for _, number in told(found)]
    days = found.clock.utc(now) // 86_400 - utc("2026-03-02") // 86_400 + 1
    assert all(of_a_day.count(number) <= max(days, 1) for number in (1, 2))


# --- the Special days table ---


def test_special_days_are_inserted_replaced_and_deleted():
    table = SpecialDaysTable(SPECIAL)
    table.insert((2, bytes.fromhex("FFFF0101FF"), 1), 0)
    table.insert((1, bytes.fromhex("FFFF0501FF"), 2), 0)
    table.insert((2, bytes.fromhex("07EA0101FF"), 3), 0)
    assert table.entries == [(1, bytes.fromhex("FFFF0501FF"), 2), (2, bytes.fromhex("07EA0101FF"), 3)]
    assert table.day_id(day_number(2026, 1, 1)) == 3
    assert table.day_id(day_number(2027, 1, 1)) is None
    table.delete(2, 0)
    assert refused(lambda: table.delete(2, 0)) == 250
    assert table.day_id(day_number(2026, 1, 1)) is None


def test_a_change_of_the_special_days_is_seen():
    found = schedule(entry(1, "06:00", days="0000000", special="0001"), start="2026-05-01")
    assert found.next_due() is None
    table = found.objects[Obis(SPECIAL)]
    table.insert((1, bytes.fromhex("FFFF0502FF"), 3), 0)
    found.touched(of(found))
    assert found.next_due() == utc("2026-05-02 06:00:00")


def test_which_table_belongs_to_an_object():
    one, other = SpecialDaysTable("0-0:11.0.0*255"), SpecialDaysTable("0-0:11.0.1*255")
    found = device(one, other)
    assert special_days(found, Obis("0-0:12.0.1*255")) is other
    assert special_days(found, Obis("0-0:12.0.7*255")) is one
    assert special_days(None, Obis(NAME)) is None
    assert special_days(device(), Obis(CLOCK)) is None


def test_an_entry_that_is_jumped_over_when_a_client_enables_daylight_saving_is_executed():
    clock = europe()
    clock.daylight_savings_enabled = False
    found = schedule(entry(1, "12:30", 7), clock=clock, start="2026-06-10 11:00:00")
    clock.write(8, b"\x03\x01", utc("2026-06-10 11:00:00"))
    assert told(found) == [("2026-06-10 11:00:00", 7)]
    assert run(found, "2026-06-10 23:00:00") == told(found)[:1]
