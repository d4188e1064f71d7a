"""The Clock: what it shows, how it is set and adjusted, whom it tells."""

import datetime as dt

import pytest

from anymeter.cosem.classes.clock import Clock, is_synchronisation
from anymeter.cosem.classes.demand import DemandRegister
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.device import LogicalDevice
from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.schema import INTEGER, LONG, OCTET_STRING_DATE_TIME, encode
from anymeter.errors import AccessError
from value_meters import CLOCK, central_europe, shown, utc

NOON = utc("2026-06-10T12:00")


class Listener(InterfaceClass, class_id=8300):
    """Notes what the clock tells."""

    def set_up(self):
        self.heard = []

    def clock_changed(self, old, new, now):
        self.heard.append((old, new, now))


def test_it_shows_local_time_with_deviation_and_daylight_saving():
    clock = central_europe()
    assert shown(clock.get(2, NOON)) == "2026-06-10T14:00:00+02:00"
    assert clock.encoded(2, NOON).hex() == "090c07ea060a030e000000ff8880"
    assert clock.get(4, NOON) == 0x80
    winter = utc("2026-12-31T23:30")
    assert clock.encoded(2, winter).hex() == "090c07eb010105001e0000ffc400"
    assert clock.encoded(4, winter).hex() == "1100"
    assert shown(clock.get(2, NOON + 0.29)) == "2026-06-10T14:00:00.29+02:00"


def test_before_and_after_each_change_of_2026():
    clock = central_europe()
    texts = [shown(clock.get(2, utc("2026-03-29T01:00") + s)) for s in (-1, 0)]
    assert texts == ["2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00"]
    texts = [shown(clock.get(2, utc("2026-10-25T01:00") + s)) for s in (-1, 0)]
    assert texts == ["2026-10-25T02:59:59+02:00", "2026-10-25T02:00:00+01:00"]


def test_without_daylight_saving_the_rules_do_not_count():
    clock = central_europe()
    clock.write(8, b"\x03\x00", NOON)
    assert shown(clock.get(2, NOON)) == "2026-06-10T13:00:00+01:00"
    clock.write(3, LONG.encode(0), NOON)
    assert shown(clock.get(2, NOON)) == "2026-06-10T12:00:00+00:00"
    with pytest.raises(AccessError) as refused:
        clock.write(3, LONG.encode(2000), NOON)
    assert refused.value.result == 250


def test_a_meter_with_the_other_sign():
    clock = Clock(CLOCK, time_zone=60)
    clock.deviation_sign = -1
    assert clock.get(2, NOON)[9:11].hex() == "003c"
    assert shown(clock.get(2, NOON))[:19] == "2026-06-10T13:00:00"
    assert clock.instant(DateTime(clock.get(2, NOON))) == NOON


@pytest.mark.parametrize("now", [NOON, utc("2026-03-29T00:59:59"), utc("2026-10-25T00:30"), utc("2026-10-25T01:30")])
def test_what_is_shown_is_one_instant(now):
    clock = central_europe()
    clock.offset = 77
    assert clock.instant(clock.date_time(now)) == now
    naive = DateTime(clock.date_time(now).octets[:9] + b"\x80\x00" + clock.date_time(now).octets[11:])
    assert clock.instant(naive) == now
    assert clock.instant(DateTime.of(2026, 6, None)) is None


def test_offset_and_drift():
    clock = central_europe()
    clock.offset, clock.drift, clock.drift_since = 5, 100.0, NOON
    assert clock.utc(NOON) == NOON + 5
    assert clock.utc(NOON + 86_400) == NOON + 86_400 + 5 + 8.64
    assert clock.at(clock.utc(NOON + 86_400)) == pytest.approx(NOON + 86_400, abs=1e-3)
    assert clock.at_local(clock.local(NOON)) == pytest.approx(NOON)
    assert shown(clock.get(2, clock.at(NOON + 3600))) == "2026-06-10T15:00:00+02:00"


def test_setting_the_time_tells_every_object():
    listener, clock = Listener("0-0:96.1.0*255"), central_europe()
    LogicalDevice(1, b"ANY", [listener, clock])
    clock.write(2, encode(OCTET_STRING_DATE_TIME, DateTime.of(2026, 6, 10, None, 15, 0, 0, 0, -120)), NOON)
    assert listener.heard == [(NOON, NOON + 3600, NOON)]
    assert shown(clock.get(2, NOON + 1)) == "2026-06-10T15:00:01+02:00"
    assert shown(clock.get(2, utc("2026-12-10T12:00"))) == "2026-12-10T14:00:00+01:00"


def test_a_time_without_deviation_is_local_and_a_date_time_type_is_taken_too():
    clock = central_europe()
    clock.write(2, b"\x19" + DateTime.of(2026, 12, 24, None, 18, 0, 0).octets, NOON)
    assert shown(clock.get(2, NOON)) == "2026-12-24T18:00:00+01:00"


def test_parts_that_are_not_specified_stay():
    clock = central_europe()
    clock.write(2, OCTET_STRING_DATE_TIME.encode(DateTime.of(None, None, None, None, 8, 15, 0).octets), NOON)
    assert shown(clock.get(2, NOON)) == "2026-06-10T08:15:00+02:00"
    clock.write(2, OCTET_STRING_DATE_TIME.encode(DateTime.of(2027, 1, 2).octets), NOON)
    assert shown(clock.get(2, NOON)) == "2027-01-02T08:15:00+01:00"


def test_setting_the_time_makes_an_invalid_clock_valid():
    clock = central_europe(status=0x03)
    assert clock.get(4, NOON) == 0x83
    clock.write(2, OCTET_STRING_DATE_TIME.encode(clock.get(2, NOON)[:11] + b"\xff"), NOON)
    assert clock.get(4, NOON) == 0x80
    clock.write(2, OCTET_STRING_DATE_TIME.encode(clock.get(2, NOON)[:11] + b"\x02"), NOON)
    assert clock.get(4, NOON) == 0x82


@pytest.mark.parametrize(
    "moment",
    [
        DateTime.of(2026, 2, 30, None, 0, 0, 0),
        DateTime.of(2026, 0xFE, 1, None, 0, 0, 0),
        DateTime.of(1969, 12, 31, None, 12, 0, 0),
        DateTime.of(2200, 1, 2, None, 0, 0, 0),
        DateTime.of(9999, 12, 31, None, 23, 59, 59, None, -720),
        DateTime.of(1, 1, 1, None, 0, 0, 0, None, 840),
    ],
)
def test_times_that_are_refused(moment):
    clock = central_europe()
    with pytest.raises(AccessError) as refused:
        clock.write(2, OCTET_STRING_DATE_TIME.encode(moment.octets), NOON)
    assert refused.value.result == 250
    assert clock.utc(NOON) == NOON


def test_octets_of_another_length_are_of_the_wrong_type():
    with pytest.raises(AccessError) as refused:
        central_europe().write(2, b"\x09\x05\x07\xea\x01\x01\xff", NOON)
    assert refused.value.result == 12


@pytest.mark.parametrize(
    ("method", "time", "expected"),
    [
        (1, "10:07:29", "10:00:00"),
        (1, "10:07:30", "10:15:00"),
        (1, "23:59:00", "00:00:00"),
        (3, "10:07:29", "10:07:00"),
        (3, "10:07:31", "10:08:00"),
        (2, "10:07:29", "10:00:00"),
    ],
)
def test_adjusting(method, time, expected):
    clock = central_europe()
    now = utc(f"2026-06-10T{time}+02:00")
    clock.invoke(method, INTEGER.encode(0), now)
    assert shown(clock.get(2, now))[11:19] == expected


def test_the_measuring_period_is_that_of_the_device():
    clock = central_europe()
    device = LogicalDevice(1, b"ANY", [clock, ProfileGeneric("1-0:99.1.0*255", capture_period=3600)])
    now = utc("2026-06-10T10:31:00")
    clock.invoke(2, None, now)
    assert clock.utc(now) == utc("2026-06-10T11:00")
    device.add(DemandRegister("1-0:1.4.0*255", period=1800))
    clock.offset = 0
    clock.invoke(2, None, now)
    assert clock.utc(now) == utc("2026-06-10T10:30")
    clock.measuring_period, clock.offset = 60, 0
    clock.invoke(2, None, now)
    assert clock.utc(now) == now


@pytest.mark.parametrize(("seconds", "refused"), [(900, False), (-900, False), (901, True), (-901, True), (0, False)])
def test_shifting(seconds, refused):
    clock = central_europe()
    if refused:
        with pytest.raises(AccessError) as error:
            clock.invoke(6, LONG.encode(seconds), NOON)
        assert error.value.result == 250
    else:
        clock.invoke(6, LONG.encode(seconds), NOON)
    assert clock.utc(NOON) == NOON + (0 if refused else seconds)


def preset(clock, *texts):
    moments = [DateTime.of_datetime(dt.datetime.fromisoformat(t)) for t in texts]
    schema = clock.methods[5].schema
    clock.invoke(5, schema.encode(tuple(m.octets for m in moments)), NOON)


def test_a_preset_time_is_used_once_within_its_validity():
    clock = central_europe()
    preset(clock, "2026-06-10T15:00:00", "2026-06-10T13:30:00", "2026-06-10T14:30:00")
    with pytest.raises(AccessError):
        clock.invoke(4, None, NOON - 3600)
    clock.invoke(4, None, NOON)
    assert clock.utc(NOON) == NOON + 3600
    with pytest.raises(AccessError):
        clock.invoke(4, None, NOON)


def test_a_preset_time_with_wildcards_is_refused():
    clock = central_europe()
    any_time = DateTime.of(2026, 1, 1).octets
    with pytest.raises(AccessError):
        clock.invoke(5, clock.methods[5].schema.encode((any_time, any_time, any_time)), NOON)


def test_what_is_a_synchronisation():
    clock = central_europe()
    assert is_synchronisation(clock, 100, 130)
    assert is_synchronisation(clock, 130, 100)
    assert not is_synchronisation(clock, 100, 131)
    clock.clock_sync_limit = 9
    assert not is_synchronisation(clock, 100, 110)
    assert not is_synchronisation(None, 100, 100)


def test_clones_share_rules_and_nothing_else():
    clock = central_europe()
    other = clock.clone()
    assert other.zone is clock.zone
    other.set_utc(NOON + 100, NOON)
    other.write(3, LONG.encode(0), NOON)
    assert (clock.utc(NOON), clock.time_zone) == (NOON, -60)
    assert shown(other.get(2, NOON)) == "2026-06-10T13:01:40+01:00"


@pytest.mark.parametrize(
    ("number", "octets", "shows"),
    [
        (3, "10FF88", "2026-06-10T15:00:00+03:00"),
        (5, "090CFFFF07FE07020000008000FF", "2026-06-10T13:00:00+01:00"),
        (6, "090CFFFF05FE07030000008000FF", "2026-06-10T13:00:00+01:00"),
        (7, "0F1E", "2026-06-10T13:30:00+01:30"),
        (8, "0300", "2026-06-10T13:00:00+01:00"),
    ],
)
def test_other_rules_of_local_time_are_told_to_the_device(number, octets, shows):
    listener, clock = Listener("0-0:96.1.0*255"), central_europe()
    LogicalDevice(1, b"ANY0000000000001", [clock, listener])
    clock.offset = 5
    clock.write(number, bytes.fromhex(octets), NOON - 5)
    assert listener.heard == [(NOON, NOON, NOON - 5)]
    assert shown(clock.get(2, NOON - 5)) == shows


def test_the_sign_of_the_deviation_may_be_changed_at_any_time():
    clock = central_europe()
    assert clock.encoded(2, NOON).hex().endswith("ff8880")
    clock.deviation_sign = -1
    clock.time_zone = 60
    assert clock.encoded(2, NOON).hex() == "090c07ea060a030e000000007880"
