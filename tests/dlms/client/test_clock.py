"""The clock: read, set and shifted, with each habit of writing the deviation."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from anymeter.cosem.datetimes import DateTime
from anymeter.dlms.client.clock import moment_of, read_clock, set_clock, shift_clock, shown_as
from anymeter.errors import AccessError, DecodeError, LocalError
from anymeter.obis import Obis
from client_talk import session, talk

ASK = "C001C1 0008 0000010000FF 02 00"
# 2018-06-01 00:03:00 CEST: the worked example of date-time; its deviation is -120 minutes.
SUMMER = dt.datetime(2018, 6, 1, 0, 3, tzinfo=ZoneInfo("Europe/Berlin"))
SHOWN = "07E2 06 01 05 00 03 00 00"


def test_the_clock_is_read_as_the_meter_writes_it():
    octets = "07E20601FF000300FF FF88 80"
    for value in ("090C" + octets, "19" + octets):
        shown = talk(read_clock(session()), (ASK, "C401C1 00" + value))
        assert shown == DateTime(bytes.fromhex(octets))
    other = talk(
        read_clock(session(), Obis("0-1:1.0.0*255")), (ASK.replace("0000010000", "0001010000"), "C401C1 00 19" + octets)
    )
    assert other.iso() == "2018-06-01T00:03:00+02:00"


@pytest.mark.parametrize("value", ["1105", "0908 0000000000000000"])
def test_a_clock_of_another_form_is_an_error(value):
    with pytest.raises(DecodeError, match="date-time"):
        talk(read_clock(session()), (ASK, "C401C1 00" + value))


@pytest.mark.parametrize(("sign", "hours"), [(1, 2), (-1, -2), (0, 2)])
def test_a_moment_is_read_with_the_habit_of_the_meter(sign, hours):
    shown = DateTime(bytes.fromhex("07E20601FF000300FF FF88 80"))
    assert moment_of(session(deviation_sign=sign), shown).utcoffset() == dt.timedelta(hours=hours)


@pytest.mark.parametrize(("sign", "deviation"), [(1, "FF88"), (-1, "0078"), (0, "8000")])
def test_the_clock_is_set_with_the_habit_of_the_meter(sign, deviation):
    request = f"C101C1 0008 0000010000FF 02 00 090C {SHOWN} {deviation} 80"
    assert talk(set_clock(session(deviation_sign=sign), SUMMER), (request, "C501C1 00")) is None


def test_winter_time_has_no_daylight_saving_bit():
    winter = SUMMER.replace(month=1)
    assert shown_as(session(), winter).octets[9:].hex() == "ffc400"
    assert shown_as(session(deviation_sign=-1), winter).octets[9:].hex() == "003c00"


def test_a_naive_moment_leaves_the_deviation_unspecified():
    for sign in (1, 0, -1):
        assert shown_as(session(deviation_sign=sign), SUMMER.replace(tzinfo=None)).octets[9:].hex() == "800000"


def test_what_was_set_is_read_as_the_same_moment():
    for sign in (1, -1):
        one = session(deviation_sign=sign)
        assert moment_of(one, shown_as(one, SUMMER)) == SUMMER


def test_a_refusal_is_told():
    with pytest.raises(AccessError, match="read-write-denied"):
        talk(set_clock(session(), SUMMER), (None, "C501C1 03"))


@pytest.mark.parametrize(("seconds", "octets"), [(-900, "FC7C"), (0, "0000"), (900, "0384")])
def test_the_clock_is_shifted(seconds, octets):
    request = f"C301C1 0008 0000010000FF 06 01 10 {octets}"
    assert talk(shift_clock(session(), seconds), (request, "C701C1 00 00")) is None


@pytest.mark.parametrize("seconds", [-901, 901])
def test_a_clock_is_not_shifted_far(seconds):
    with pytest.raises(LocalError, match="up to 900 seconds"):
        next(shift_clock(session(), seconds))
