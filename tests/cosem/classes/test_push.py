"""Push setup: what is sent and when: windows, chance, retries and confirmations, in all versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.push import PushSetup, PushSetupV1, PushSetupV2, PushSetupV3
from anymeter.cosem.data import parse
from anymeter.cosem.datetimes import DateTime
from cosem.classes.surroundings import PROBE, device, europe, refused, shown, utc

NAME = "0-0:25.9.0*255"
LN = bytes(PROBE)
START = utc("2026-03-02 12:00:00")
OBJECTS = [(8500, LN, 2, 0)]
DESTINATION = (0, b"10.0.0.1:4059", 0)


def pushing(kind=PushSetup, clock=None, objects=OBJECTS, **more):
    one = kind(NAME, push_object_list=objects, send_destination_and_method=DESTINATION, **more)
    found = device(one, clock=clock)
    found.advance(START)
    return found, one


def moment(*, hour, day=None, year=None):
    return DateTime.of(year, None if year is None else 3, day, None, hour, 0, 0, 0).octets


def sent(found):
    return [(out.due - START, parse(out.body)) for out in found.outbox]


def test_a_push_carries_the_values_of_its_objects():
    found, one = pushing()
    found.objects[PROBE].value = 7
    one.invoke(1, b"\x0f\x00", START)
    (out,) = found.outbox
    assert (out.origin, out.body.hex(), out.due) == (one.logical_name, "0201120007", START)
    assert (out.destination, out.transport, out.message, out.client, out.confirmed) == (
        b"10.0.0.1:4059",
        0,
        0,
        0,
        False,
    )
    assert one.waiting == 0


def test_chance_delays_a_push_by_at_most_its_interval():
    for chosen, late in ((37, 37), (9999, 300), (-5, 0)):
        found, one = pushing(randomisation_start_interval=300)
        one.chance = lambda interval, chosen=chosen: chosen
        one.invoke(1, None, START)
        assert found.next_due() == (START + late if late else None)
        found.advance(START + 300)
        assert [at for at, _ in sent(found)] == [late]


def test_the_values_are_those_of_the_time_of_sending():
    found, one = pushing(randomisation_start_interval=60)
    one.chance = lambda interval: 60
    one.push(0, START)
    found.objects[PROBE].value = 9
    found.advance(START + 60)
    assert sent(found) == [(60, (9,))]


# --- windows ---


def test_outside_of_its_window_a_push_waits():
    found, one = pushing(communication_window=[(moment(hour=14), moment(hour=15))])
    one.push(0, START)
    assert found.next_due() == START + 7200
    found.advance(START + 9000)
    one.push(0, START + 9000)
    one.push(0, START + 10800)
    assert [at for at, _ in sent(found)] == [7200, 9000]
    assert found.next_due() == START + 26 * 3600


def test_a_window_over_midnight_and_one_of_several():
    found, one = pushing(
        communication_window=[(moment(hour=22), moment(hour=2)), (moment(hour=11), moment(hour=13))],
    )
    one.push(0, START)
    one.push(0, START + 2 * 3600)
    found.advance(START + 11 * 3600)
    one.push(0, START + 13 * 3600)
    assert [at // 3600 for at, _ in sent(found)] == [0, 10, 13]


def test_a_window_of_certain_dates_that_is_over_refuses():
    found, one = pushing(communication_window=[(moment(hour=1, day=1, year=2026), moment(hour=2, day=1, year=2026))])
    assert refused(lambda: one.push(0, START)) == 250
    assert found.outbox == []


def test_a_window_that_never_ends():
    found, one = pushing(communication_window=[(moment(hour=1, day=1, year=2026), b"\xff" * 9 + b"\x80\x00\xff")])
    one.push(0, START)
    assert [at for at, _ in sent(found)] == [0]


def test_windows_go_by_local_time():
    found, one = pushing(clock=europe(), communication_window=[(moment(hour=14), moment(hour=15))])
    one.push(0, START)
    assert shown(found.next_due()) == "2026-03-02 13:00:00"


# --- retries ---


def test_what_failed_is_sent_again_as_often_as_allowed():
    found, one = pushing(number_of_retries=2, repetition_delay=10)
    one.push(0, START)
    found.objects[PROBE].value = 500
    one.failed(START + 5)
    assert found.next_due() == START + 15
    found.advance(START + 15)
    one.failed(START + 20)
    found.advance(START + 30)
    one.failed(START + 40)
    one.failed(START + 41)
    found.advance(START + 1000)
    assert sent(found) == [(0, (0,)), (15, (0,)), (30, (0,))]
    assert one.waiting == 0


def test_what_was_delivered_is_done():
    found, one = pushing(number_of_retries=2, repetition_delay=10)
    one.push(0, START)
    one.push(0, START + 1)
    assert one.waiting == 2
    one.delivered(START + 2)
    one.failed(START + 3)
    one.delivered(START + 4)
    assert one.waiting == 1
    found.advance(START + 13)
    one.delivered(START + 14)
    assert one.waiting == 0


def test_retries_wait_for_the_window():
    found, one = pushing(
        number_of_retries=1, repetition_delay=7200, communication_window=[(moment(hour=11), moment(hour=13))]
    )
    one.push(0, START)
    one.failed(START + 1)
    assert shown(found.next_due()) == "2026-03-03 11:00:00"


def test_not_more_wait_than_can_be_kept():
    found, one = pushing(communication_window=[(moment(hour=14), moment(hour=15))])
    for _ in range(16):
        one.push(0, START)
    assert refused(lambda: one.push(0, START)) == 2
    untold, other = pushing(number_of_retries=1)
    for _ in range(40):
        other.push(0, START)
    assert (len(untold.outbox), other.waiting) == (40, 16)
    assert found.outbox == []


def test_growing_delays():
    _, one = pushing(PushSetupV2, repetition_delay=(10, 150, 40))
    assert [one.delay(n) for n in (1, 2, 3, 4, 5, 10_000)] == [10, 15, 22.5, 33.75, 40, 40]


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(1, 300))
def test_no_delay_is_longer_than_the_longest(least, exponent, most, tries):
    one = PushSetupV2(NAME, repetition_delay=(least, exponent, most))
    assert 0 <= one.delay(tries) <= most


# --- versions ---


def test_version_1_names_the_client():
    found, one = pushing(PushSetupV1, objects=[(*OBJECTS[0], (0, None))], push_client_SAP=32)
    one.push(0, START)
    assert (found.outbox[0].client, sent(found)) == (32, [(0, (0,))])


def test_version_2_waits_for_a_confirmation():
    found, one = pushing(
        PushSetupV2, objects=[(*OBJECTS[0], (0, None))], push_operation_method=2, repetition_delay=(10, 100, 10)
    )
    one.push(0, START)
    assert found.outbox[0].confirmed
    one.delivered(START + 1)
    assert one.waiting == 1
    one.delivered(START + 2, confirmed=True)
    assert one.waiting == 0
    assert DateTime(one.last_confirmation_date_time).iso() == "2026-03-02T12:00:02+00:00"


def test_version_2_forgets_on_reset():
    found, one = pushing(PushSetupV2, objects=[], communication_window=[(moment(hour=14), moment(hour=15))])
    one.push(0, START)
    one.invoke(2, b"\x0f\x00", START)
    found.advance(START + 9000)
    assert found.outbox == []


def test_version_3_has_columns():
    objects = [(8500, LN, 2, 0, (0, None), [])]
    found, one = pushing(PushSetupV3, objects=objects)
    one.push(0, START)
    assert sent(found) == [(0, (0,))]
    assert parse(one.encoded(2, 0)) == objects


@pytest.mark.parametrize("kind", [PushSetup, PushSetupV1, PushSetupV2, PushSetupV3])
def test_every_version_can_be_read_as_it_comes(kind):
    one = kind(NAME)
    for number in kind.attributes:
        assert one.encoded(number, 0)
    assert refused(lambda: one.push(0, 0)) == 250


def test_too_many_objects_are_refused():
    _, one = pushing()
    octets = one.attributes[2].schema.encode(OBJECTS * 1001)
    assert refused(lambda: one.write(2, octets, 0)) == 250
    assert one.push_object_list == OBJECTS


def test_chance_beyond_the_end_of_a_window_waits_for_the_next_one():
    window = [(moment(hour=13), moment(hour=14))]
    found, one = pushing(clock=europe(), communication_window=window, randomisation_start_interval=7200)
    one.chance = lambda interval: interval
    one.invoke(1, None, START)
    assert shown(found.next_due()) == "2026-03-03 12:00:00"


def test_a_clock_that_is_set_into_a_window_lets_what_waits_go():
    found, one = pushing(clock=europe(), communication_window=[(moment(hour=18), moment(hour=19))])
    one.invoke(1, None, START)
    assert shown(found.next_due()) == "2026-03-02 17:00:00"
    found.clock.set_utc(utc("2026-03-02 17:30:00"), START + 60)
    assert found.next_due() == START + 60
    found.advance(START + 60)
    assert len(found.outbox) == 1


def test_what_nobody_takes_out_of_the_device_does_not_grow_for_ever():
    found, one = pushing()
    for n in range(100):
        found.objects[PROBE].value = n
        one.invoke(1, None, START + n)
    assert [parse(out.body) for out in found.outbox] == [(n,) for n in range(36, 100)]
