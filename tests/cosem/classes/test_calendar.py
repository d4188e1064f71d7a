"""Activity calendar: seasons, weeks, days, special days, the passive calendar, and a whole year in one go."""

import datetime as dt

import pytest

from anymeter.cosem.classes.calendar import ActivityCalendar
from anymeter.cosem.classes.schedules import SpecialDaysTable
from anymeter.cosem.classes.single_action import SingleActionSchedule
from anymeter.obis import Obis
from cosem.classes.surroundings import SCRIPTS, device, europe, refused, shown, told, utc
from cosem.classes.test_schedules import entry
from cosem.classes.test_schedules import schedule as a_schedule

NAME = "0-0:13.0.0*255"
WEEK_NAMES = (b"SU", b"WI")


def start(month, day, year=None, weekday=0xFF, hour=0):
    years = b"\xff\xff" if year is None else year.to_bytes(2, "big")
    return years + bytes((month, day, weekday, hour, 0, 0, 0)) + b"\x80\x00\xff"


def step(time, script):
    hour, minute = map(int, time.split(":"))
    return bytes((hour, minute, 0, 0)), bytes(SCRIPTS), script


def tables(shift=0):
    """Summer from April with a day tariff, winter from October with another one, a special day profile."""
    return {
        "season_profile_active": [(b"S", start(4, 1), b"SU"), (b"W", start(10, 1), b"WI")],
        "week_profile_table_active": [(b"SU", 1, 1, 1, 1, 1, 2, 2), (b"WI", 3, 3, 3, 3, 3, 2, 2)],
        "day_profile_table_active": [
            (1, [step("00:00", 2 + shift), step("06:00", 1 + shift), step("22:00", 2 + shift)]),
            (2, [step("00:00", 2 + shift)]),
            (3, [step("00:00", 2 + shift), step("07:00", 1 + shift), step("20:00", 2 + shift)]),
            (9, [step("00:00", 3 + shift)]),
        ],
    }


def calendar(*others, clock=None, at="2026-01-01", **values):
    one = ActivityCalendar(NAME, **(values or tables()))
    found = device(one, *others, clock=clock)
    found.advance(utc(at))
    return found


def of(found):
    return found.objects[Obis(NAME)]


def run(found, until):
    found.advance(utc(until))
    return told(found)


def passive(shift):
    return {name.replace("active", "passive"): value for name, value in tables(shift).items()}


def test_the_step_in_effect_is_executed_at_the_beginning():
    assert told(calendar(at="2026-01-01 12:00:00")) == [("2026-01-01 12:00:00", 1)]  # a Thursday in winter
    assert told(calendar(at="2026-01-01 06:59:00")) == [("2026-01-01 06:59:00", 2)]
    assert told(calendar(at="2026-07-04 12:00:00")) == [("2026-07-04 12:00:00", 2)]  # a Saturday in summer


def test_the_steps_of_some_days():
    found = calendar(at="2026-03-31 12:00:00")  # Tuesday; summer begins on Wednesday
    assert run(found, "2026-04-01 23:00:00") == [
        ("2026-03-31 12:00:00", 1),
        ("2026-03-31 20:00:00", 2),
        ("2026-04-01 00:00:00", 2),
        ("2026-04-01 06:00:00", 1),
        ("2026-04-01 22:00:00", 2),
    ]


def test_a_special_day_has_its_own_profile():
    table = SpecialDaysTable("0-0:11.0.0*255", entries=[(1, bytes.fromhex("FFFF0501FF"), 9)])
    found = calendar(table, at="2026-04-30 23:00:00")
    assert run(found, "2026-05-02 12:00:00")[1:] == [("2026-05-01 00:00:00", 3), ("2026-05-02 00:00:00", 2)]


def test_a_special_day_without_a_profile_is_an_ordinary_day():
    table = SpecialDaysTable("0-0:11.0.0*255", entries=[(1, bytes.fromhex("FFFF0501FF"), 77)])
    found = calendar(table, at="2026-05-01 05:00:00")
    assert run(found, "2026-05-01 12:00:00")[1:] == [("2026-05-01 06:00:00", 1)]


def easter_monday_2026():
    return bytes.fromhex("07EA0406FF")


def test_a_year_with_seasons_weeks_and_special_days():
    table = SpecialDaysTable(
        "0-0:11.0.0*255",
        entries=[
            (1, bytes.fromhex("FFFF0101FF"), 9),
            (2, easter_monday_2026(), 9),
            (3, bytes.fromhex("FFFF0C19FF"), 9),
        ],
    )
    found = calendar(table, clock=europe(), at="2025-12-31 22:59:59")
    run(found, "2026-12-31 22:59:59")
    special = {dt.date(2026, 1, 1), dt.date(2026, 4, 6), dt.date(2026, 12, 25)}
    summer_time = (utc("2026-03-29 01:00:00"), utc("2026-10-25 01:00:00"))
    expected = []
    for number in range(365):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number)
        if day in special:
            steps = [(0, 3)]
        elif day.weekday() >= 5:
            steps = [(0, 2)]
        elif 4 <= day.month <= 9:
            steps = [(0, 2), (6, 1), (22, 2)]
        else:
            steps = [(0, 2), (7, 1), (20, 2)]
        for hour, script in steps:
            at = utc(f"{day} {hour:02}:00:00")
            at -= 7200 if summer_time[0] <= at - 3600 < summer_time[1] - (3600 if hour else 0) else 3600
            expected.append((shown(at), script))
    assert told(found)[1:] == expected
    assert len(expected) > 800


def test_a_season_may_begin_in_the_middle_of_a_day():
    values = tables()
    values["season_profile_active"][0] = (b"S", start(4, 1, hour=21), b"SU")
    found = calendar(at="2026-04-01 06:30:00", **values)
    assert run(found, "2026-04-02 05:00:00") == [
        ("2026-04-01 06:30:00", 2),
        ("2026-04-01 07:00:00", 1),
        ("2026-04-01 20:00:00", 2),
        ("2026-04-01 21:00:00", 1),
        ("2026-04-01 22:00:00", 2),
        ("2026-04-02 00:00:00", 2),
    ]


def test_a_season_may_begin_with_daylight_saving():
    values = tables()
    values["season_profile_active"] = [(b"S", start(0xFE, 0xFF), b"SU"), (b"W", start(0xFD, 0xFF), b"WI")]
    found = calendar(clock=europe(), at="2026-03-26 20:00:00", **values)
    hours = [at[11:13] for at, number in run(found, "2026-04-01 00:00:00") if number == 1]
    assert hours == ["06", "04", "04"]  # winter Friday 07:00 +01:00, summer Monday and Tuesday 06:00 +02:00


def test_a_season_with_a_year_ends_when_the_next_one_begins():
    values = tables()
    values["season_profile_active"] = [(b"A", start(1, 1, 2026), b"SU"), (b"B", start(1, 3, 2026), b"WI")]
    found = calendar(at="2025-12-31 12:00:00", **values)
    switched = [at for at, number in run(found, "2026-01-06 00:00:00") if number == 1]
    assert switched == ["2026-01-01 06:00:00", "2026-01-02 06:00:00", "2026-01-05 07:00:00"]


def test_a_day_that_begins_without_a_step_keeps_that_of_the_day_before():
    values = tables()
    values["day_profile_table_active"] = [(1, [step("06:00", 1)]), (2, []), (3, [step("06:00", 1)])]
    found = calendar(at="2026-07-05 12:00:00", **values)  # a Sunday
    assert told(found) == [("2026-07-05 12:00:00", 1)]
    assert shown(of(found).current[0]) == "2026-07-03 06:00:00"


@pytest.mark.parametrize("missing", ["season_profile_active", "week_profile_table_active", "day_profile_table_active"])
def test_a_calendar_with_a_hole_does_nothing(missing):
    found = calendar(**{**tables(), missing: []})
    assert run(found, "2026-02-01") == []
    assert found.next_due() is None


# --- the passive calendar ---


def test_the_passive_calendar_is_activated_at_its_time_with_all_its_parts():
    one = {**tables(), **passive(10), "calendar_name_active": b"old", "calendar_name_passive": b"new"}
    found = calendar(at="2026-01-02 12:00:00", **one, activate_passive_calendar_time=start(1, 2, 2026, hour=15))
    assert run(found, "2026-01-02 23:00:00") == [
        ("2026-01-02 12:00:00", 1),
        ("2026-01-02 15:00:00", 11),
        ("2026-01-02 20:00:00", 12),
    ]
    assert of(found).calendar_name_active == b"new"
    assert of(found).season_profile_active == of(found).season_profile_passive


def test_activation_at_the_instant_of_a_step_executes_the_new_one_only():
    found = calendar(
        at="2026-01-02 12:00:00",
        **tables(),
        **passive(10),
        activate_passive_calendar_time=start(1, 2, 2026, hour=20),
    )
    assert run(found, "2026-01-02 23:00:00")[1:] == [("2026-01-02 20:00:00", 12)]


def test_a_client_may_activate_at_once():
    found = calendar(at="2026-01-02 12:00:00", **tables(), **passive(10))
    of(found).invoke(1, b"\x0f\x00", utc("2026-01-02 13:00:00"))
    assert run(found, "2026-01-02 13:00:00")[1:] == [("2026-01-02 13:00:00", 11)]


def test_a_time_that_is_written_counts_once():
    found = calendar(at="2026-01-02 12:00:00", **tables(), **passive(10))
    octets = b"\x09\x0c" + start(1, 3, 2026, hour=12)
    of(found).write(10, octets, utc("2026-01-02 13:00:00"))
    assert found.next_due() == utc("2026-01-02 20:00:00")
    run(found, "2026-01-04 00:00:00")
    assert ("2026-01-03 12:00:00", 12) in told(found)
    of(found).put(5, tables(5)["day_profile_table_active"], utc("2026-01-04"))
    assert run(found, "2026-01-05 00:00:00")[-1] == ("2026-01-05 00:00:00", 7)
    of(found).write(10, octets, utc("2026-01-05 01:00:00"))
    assert run(found, "2026-01-05 01:00:00")[-1] == ("2026-01-05 01:00:00", 12)


@pytest.mark.parametrize("never", [start(1, 3), b"\xff" * 9 + b"\x80\x00\xff"])
def test_a_time_with_wildcards_never_activates(never):
    found = calendar(at="2026-01-02 12:00:00", **tables(), **passive(10))
    of(found).write(10, b"\x09\x0c" + never, utc("2026-01-02 12:00:00"))
    assert all(number < 10 for _, number in run(found, "2026-01-05"))


def test_an_activation_before_the_device_began_is_past():
    found = calendar(at="2026-01-02", **tables(), **passive(10), activate_passive_calendar_time=start(1, 1, 2026))
    assert all(number < 10 for _, number in run(found, "2026-01-05"))


# --- the clock ---


def test_set_forward_the_step_in_effect_is_executed_unless_it_is_the_same():
    found = calendar(at="2026-01-02 12:00:00")
    found.clock.set_utc(utc("2026-01-02 21:00:00"), utc("2026-01-02 12:00:00"))
    found.clock.set_utc(utc("2026-01-03 02:00:00"), utc("2026-01-02 12:30:00"))
    assert told(found) == [("2026-01-02 12:00:00", 1), ("2026-01-02 12:00:00", 2)]


def test_set_forward_over_the_activation():
    found = calendar(
        at="2026-01-02 12:00:00", **tables(), **passive(10), activate_passive_calendar_time=start(1, 3, 2026)
    )
    found.clock.set_utc(utc("2026-01-03 08:00:00"), utc("2026-01-02 12:00:00"))
    assert told(found)[1:] == [("2026-01-02 12:00:00", 12)]


def test_set_back_nothing_is_executed_again():
    found = calendar(at="2026-01-02 12:00:00")
    run(found, "2026-01-02 20:30:00")
    found.clock.set_utc(utc("2026-01-02 18:00:00"), utc("2026-01-02 20:30:00"))
    assert run(found, "2026-01-02 23:30:00")[1:] == [("2026-01-02 20:00:00", 2)]


def test_set_back_the_earlier_step_may_be_wanted():
    found = calendar(at="2026-01-02 12:00:00")
    of(found).follows_backward = True
    run(found, "2026-01-02 20:30:00")
    found.clock.set_utc(utc("2026-01-02 18:00:00"), utc("2026-01-02 20:30:00"))
    assert run(found, "2026-01-02 23:00:00")[2:] == [("2026-01-02 20:30:00", 1), ("2026-01-02 22:30:00", 2)]


def test_set_back_by_a_year_the_calendar_follows():
    found = calendar(at="2027-01-04 12:00:00")
    found.clock.set_utc(utc("2026-01-02 21:00:00"), utc("2027-01-04 12:00:00"))
    assert told(found)[1:] == [("2027-01-04 12:00:00", 2)]
    assert found.next_due() == utc("2027-01-04 15:00:00")


def test_after_a_power_loss_the_step_in_effect_is_executed():
    found = calendar(at="2026-01-02 12:00:00")
    of(found).catch_up(utc("2026-01-05 08:00:00"))
    assert told(found) == [("2026-01-02 12:00:00", 1)]
    of(found).catch_up(utc("2026-01-05 21:00:00"))
    assert told(found)[1:] == [("2026-01-05 21:00:00", 2)]


def test_daylight_saving():
    values = tables()
    values["day_profile_table_active"] = [(n, [step("00:00", 1), step("02:30", 2)]) for n in (1, 2, 3)]
    found = calendar(clock=europe(), at="2026-03-28 23:00:00", **values)
    assert run(found, "2026-03-29 12:00:00") == [("2026-03-28 23:00:00", 1), ("2026-03-29 01:00:00", 2)]
    found = calendar(clock=europe(), at="2026-10-24 22:00:00", **values)
    assert run(found, "2026-10-25 12:00:00") == [("2026-10-24 22:00:00", 1), ("2026-10-25 00:30:00", 2)]


def test_at_one_instant_the_calendar_comes_before_schedule_and_single_action():
    found = a_schedule(entry(20, "07:00"), entry(10, "07:00"), start="2026-01-02 00:00:00")
    single = SingleActionSchedule("0-0:15.0.0*255", executed_script=(bytes(SCRIPTS), 30))
    single.execution_time = [(bytes((7, 0, 0, 0)), b"\xff" * 5)]
    found.add(single)
    found.add(ActivityCalendar(NAME, **tables()))
    found.advance(utc("2026-01-02 06:00:00"))
    assert [number for _, number in run(found, "2026-01-02 07:00:00")][-4:] == [1, 10, 20, 30]


def test_writing_a_table_changes_what_comes_not_what_is_past():
    found = calendar(at="2026-01-02 12:00:00")
    changed = [(3, [step("00:00", 2), step("11:00", 5), step("13:00", 6)])]
    of(found).put(5, changed, utc("2026-01-02 12:30:00"))
    assert run(found, "2026-01-02 23:00:00")[1:] == [("2026-01-02 13:00:00", 6)]


def test_types_of_what_is_written():
    one = of(calendar())
    assert refused(lambda: one.write(3, bytes.fromhex("01010203090153090C0901"), 0)) == 12
    assert refused(lambda: one.write(10, bytes.fromhex("090100"), 0)) == 12


def test_a_time_zone_that_a_client_sets_ahead_brings_the_step_of_that_time():
    found = calendar(clock=europe(), at="2026-06-10 19:50:00")
    before = len(told(found))
    found.clock.write(3, bytes.fromhex("10FF88"), utc("2026-06-10 19:50:00"))
    assert [note for _, note in told(found)[before:]] == [2]


def test_a_time_zone_that_a_client_sets_back_neither_repeats_nor_loses_a_step():
    found = calendar(clock=europe(), at="2026-06-10 03:00:00")
    found.advance(utc("2026-06-10 04:10:00"))
    before = len(told(found))
    found.clock.write(3, bytes.fromhex("100000"), utc("2026-06-10 04:10:00"))
    found.advance(utc("2026-06-10 22:00:00"))
    assert told(found)[before:] == [("2026-06-10 21:00:00", 2)]
