"""Limiter: durations over and under the threshold to the second, and the emergency profile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.limiter import Limiter
from anymeter.cosem.classes.parts import UNSPECIFIED
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import LONG_UNSIGNED
from cosem.classes.surroundings import PROBE, SCRIPTS, device, refused, shown, told, utc

LN = bytes(PROBE)
OVER, UNDER = 1, 2
START = utc("2026-03-02 12:00:00")


def limiter(value=0, over=60, under=30, normal=100, emergency=50, groups=(7,), **more):
    one = Limiter(
        "0-0:17.0.0*255",
        monitored_value=(8500, LN, 2),
        threshold_normal=normal,
        threshold_emergency=emergency,
        min_over_threshold_duration=over,
        min_under_threshold_duration=under,
        emergency_profile_group_id_list=list(groups),
        actions=((bytes(SCRIPTS), OVER), (bytes(SCRIPTS), UNDER)),
        types={4: LONG_UNSIGNED, 5: LONG_UNSIGNED},
        **more,
    )
    found = device(one)
    found.objects[PROBE].value = value
    found.advance(START)
    return found, one, found.objects[PROBE]


def at(seconds):
    return START + seconds


def log(found):
    return [(utc(when) - START, number) for when, number in told(found)]


def profile(number, start, duration):
    moment = UNSPECIFIED if start is None else DateTime.of(2026, 3, 2, None, 12, start, 0, 0).octets
    return number, moment, duration


def write_profile(one, *parts, now=START):
    one.write(8, one.attributes[8].schema.encode(profile(*parts)), now)


def test_over_for_long_enough_then_under_for_long_enough():
    found, _, probe = limiter()
    probe.put(2, 101, at(10))
    found.advance(at(69))
    assert log(found) == []
    found.advance(at(200))
    assert log(found) == [(70, OVER)]
    probe.put(2, 100, at(200))
    found.advance(at(1000))
    assert log(found) == [(70, OVER), (230, UNDER)]


def test_a_break_begins_the_duration_anew():
    found, _, probe = limiter()
    probe.put(2, 101, at(0))
    probe.put(2, 100, at(59))
    probe.put(2, 150, at(60))
    found.advance(at(119))
    assert log(found) == []
    found.advance(at(121))
    assert log(found) == [(120, OVER)]


def test_going_up_further_does_not():
    found, _, probe = limiter()
    for second, value in ((0, 101), (20, 200), (40, 150)):
        probe.put(2, value, at(second))
    found.advance(at(100))
    assert log(found) == [(60, OVER)]


def test_under_is_executed_only_after_over():
    found, _, probe = limiter()
    probe.put(2, 101, at(0))
    probe.put(2, 0, at(30))
    found.advance(at(1000))
    assert log(found) == []


def test_without_durations_scripts_are_executed_at_once():
    found, _, probe = limiter(over=0, under=0)
    probe.put(2, 101, at(5))
    probe.put(2, 0, at(6))
    assert log(found) == [(5, OVER), (6, UNDER)]


def test_a_value_that_is_over_from_the_beginning():
    found, _, _ = limiter(value=500)
    found.advance(at(60))
    assert log(found) == [(60, OVER)]


def test_a_threshold_that_is_written_counts_at_once():
    found, one, _ = limiter(value=90)
    one.write(4, bytes.fromhex("120050"), at(10))
    assert (one.threshold_active, one.encoded(3, 0).hex()) == (80, "120050")
    found.advance(at(100))
    assert log(found) == [(70, OVER)]


def test_a_computed_value_is_looked_at():
    found, one, probe = limiter(over=0)
    probe.bind("value", lambda now: 200 if now >= at(130) else 0)
    found.touched(one)
    found.advance(at(200))
    assert log(found) == [(180, OVER)]


def test_another_value_may_be_limited():
    found, one, probe = limiter(value=500)
    one.write(2, one.attributes[2].schema.encode((8500, bytes(6), 2)), at(10))
    probe.put(2, 600, at(20))
    found.advance(at(500))
    assert log(found) == []


def test_no_numbers_no_limit():
    found, one, probe = limiter(value=500)
    one.types = {}
    one.put(4, None, at(1))
    one.run(at(1))
    found.advance(at(500))
    assert log(found) == []
    probe.put(2, 5, at(501))


# --- emergencies ---


def test_an_emergency_has_its_own_threshold_from_its_time_for_its_duration():
    found, one, _ = limiter(value=70, over=0, under=0)
    write_profile(one, 7, 10, 300)
    assert (one.threshold_active, one.emergency_profile_active) == (100, False)
    assert found.next_due() == at(600)
    found.advance(at(600))
    assert (one.threshold_active, one.emergency_profile_active) == (50, True)
    found.advance(at(899))
    assert one.emergency_profile_active
    found.advance(at(900))
    assert (one.threshold_active, one.emergency_profile_active) == (100, False)
    assert log(found) == [(600, OVER), (900, UNDER)]
    assert found.next_due() is None


def test_an_emergency_of_another_group_does_not_count():
    found, one, _ = limiter(value=70, over=0, groups=(1, 2))
    write_profile(one, 7, 10, 300)
    assert found.next_due() is None
    one.write(9, bytes.fromhex("0101120007"), at(700))
    assert one.emergency_profile_active
    assert log(found) == [(700, OVER)]


def test_a_new_profile_ends_the_emergency():
    found, one, _ = limiter(value=70, over=0, under=0)
    write_profile(one, 7, 10, 300)
    found.advance(at(700))
    write_profile(one, 7, 30, 60, now=at(700))
    assert not one.emergency_profile_active
    found.advance(at(5000))
    assert log(found) == [(600, OVER), (700, UNDER), (1800, OVER), (1860, UNDER)]


@pytest.mark.parametrize(("start", "duration"), [(None, 300), (0, 0)])
def test_profiles_that_never_begin(start, duration):
    found, one, _ = limiter()
    write_profile(one, 7, start, duration)
    found.advance(at(100))
    assert not one.emergency_profile_active


def test_an_emergency_that_has_begun_already_lasts_until_its_end():
    found, one, _ = limiter(value=70, over=0, under=0)
    write_profile(one, 7, 0, 300, now=at(100))
    assert one.emergency_profile_active
    found.advance(at(300))
    assert not one.emergency_profile_active


def test_an_emergency_goes_by_the_clock():
    found, one, _ = limiter(value=70, over=0)
    write_profile(one, 7, 30, 300)
    found.clock.set_utc(at(1800), at(10))
    assert one.emergency_profile_active
    assert shown(at(0)) == "2026-03-02 12:00:00"


def test_the_emergency_threshold_may_be_written_while_it_counts():
    found, one, _ = limiter(value=70, over=0, under=0)
    write_profile(one, 7, 1, 300)
    found.advance(at(60))
    one.write(5, bytes.fromhex("12005A"), at(61))
    assert one.threshold_active == 90
    assert log(found) == [(60, OVER), (61, UNDER)]


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 200)), max_size=20))
def test_over_and_under_alternate_and_never_come_early(steps):
    found, _, probe = limiter()
    now, since, over = START, None, False
    expected = []
    for wait, value in steps:
        end = now + wait
        if since is not None and since + (30 if over else 60) <= end:
            now = since + (30 if over else 60)
            over, since = not over, None
            expected.append((now - START, OVER if over else UNDER))
        now = end
        found.advance(now)
        probe.put(2, value, now)
        if (value > 100) is over:
            since = None
        elif since is None:
            since = now
    assert log(found) == expected


def test_the_active_threshold_is_not_set():
    _, one, _ = limiter()
    assert refused(lambda: one.write(3, bytes.fromhex("120001"), 0)) == 3
    assert refused(lambda: one.write(10, b"\x03\x01", 0)) == 3
    assert (one.threshold_active, one.emergency_profile_active) == (100, False)
