"""Date-times all at once: as one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.datetimes import Date, DateTime
from anymeter.cosem.moments import moments

PARTS = st.tuples(
    st.integers(0, 0xFFFF) | st.integers(1990, 2030),
    st.sampled_from([0, 1, 2, 4, 12, 13, 0xFD, 0xFE, 0xFF]) | st.integers(1, 12),
    st.sampled_from([0, 28, 29, 30, 31, 32, 0xFE, 0xFF]) | st.integers(1, 28),
    st.sampled_from([0, 7, 0xFF]),
    st.sampled_from([0, 23, 24, 0xFF]),
    st.sampled_from([0, 59, 60, 0xFF]),
    st.sampled_from([0, 59, 60, 0xFF]),
    st.sampled_from([0, 99, 100, 254, 0xFF]),
    st.integers(-0x8000, 0x7FFF),
    st.integers(0, 255),
)


def made(parts):
    raw = parts[0].to_bytes(2, "big") + bytes(parts[1:8]) + parts[8].to_bytes(2, "big", signed=True) + bytes([parts[9]])
    return DateTime(raw)


def matrix(values):
    return np.frombuffer(b"".join(v.octets for v in values), np.uint8).reshape(len(values), -1)


@given(PARTS)
def test_one_is_as_by_itself(parts):
    moment = made(parts)
    found = moments(matrix([moment]), 25)
    assert (found is not None) == moment.complete
    if found is not None:
        clock, deviation, status = found
        assert clock.dtype == "M8[ms]"
        assert clock[0] == np.datetime64(moment._local(), "ms")
        assert (deviation[0], status[0]) == (parts[8], parts[9])
        assert (deviation.dtype, status.dtype) == (np.int16, np.uint8)
    date = moment.date
    found = moments(matrix([date]), 26)
    assert (found is not None) == date.complete
    if found is not None:
        assert found[0].dtype == "M8[D]"
        assert found[0][0] == np.datetime64(date.to_date(), "D")


@given(st.lists(st.datetimes(), max_size=20), st.booleans())
def test_many_are_as_one_by_one(datetimes, spoilt):
    values = [DateTime.of_datetime(moment) for moment in datetimes]
    if spoilt:
        values.append(DateTime.of(2024, 2, 30, hour=1, minute=1, second=1))
    if not values:
        return
    found = moments(matrix(values), 25)
    assert (found is None) == spoilt
    if found is not None:
        assert found[0].tolist() == [v._local() for v in values]


@pytest.mark.parametrize(
    ("year", "day", "complete"),
    [(2023, 29, False), (2024, 29, True), (1900, 29, False), (2000, 29, True), (9999, 28, True)],
)
def test_leap_years(year, day, complete):
    value = Date.of(year, 2, day)
    assert value.complete is complete
    assert (moments(matrix([value]), 26) is not None) is complete


def test_a_time_of_day_is_no_moment():
    assert moments(np.zeros((3, 4), np.uint8), 27) is None


def test_none_at_all():
    assert [len(column) for column in moments(np.empty((0, 12), np.uint8), 25)] == [0, 0, 0]
