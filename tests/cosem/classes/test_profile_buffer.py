"""The buffer of a profile, against a list that is sorted and cut anew each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.profile_buffer import (
    FAREST_FROM_ZERO,
    FIFO,
    LARGEST,
    LIFO,
    NEAREST_TO_ZERO,
    SMALLEST,
    SORT_METHODS,
    Buffer,
)

BEST_FIRST = {
    LARGEST: lambda value: -value,
    SMALLEST: lambda value: value,
    NEAREST_TO_ZERO: abs,
    FAREST_FROM_ZERO: lambda value: -abs(value),
}


def row(number):
    return number.to_bytes(4, "big")


def filled(capacity, method, count):
    buffer = Buffer(capacity, method)
    for i in range(count):
        buffer.add(row(i), i)
    return buffer


def test_the_numbers_of_the_sort_methods():
    assert [name.split()[0] for name in SORT_METHODS.values()] == [
        "fifo",
        "lifo",
        "largest",
        "smallest",
        "nearest",
        "farest",
    ]
    assert list(SORT_METHODS) == [1, 2, 3, 4, 5, 6]


@given(st.integers(0, 12), st.integers(0, 4000), st.integers(0, 14), st.integers(0, 14))
def test_rings_keep_the_last_and_give_any_part(capacity, count, first, last):
    expected = [row(i) for i in range(count)][-capacity:] if capacity else []
    for method in (FIFO, LIFO):
        buffer = filled(capacity, method, count)
        ordered = expected if method == FIFO else expected[::-1]
        assert buffer.rows() == ordered
        assert len(buffer) == len(ordered)
        assert buffer.rows(first, last) == [r for i, r in enumerate(ordered, 1) if first <= i <= last]


@given(st.sampled_from(sorted(BEST_FIRST)), st.integers(1, 5), st.lists(st.integers(-9, 9), max_size=30))
def test_rankings_keep_the_best_the_older_of_equals_first(method, capacity, values):
    buffer = Buffer(capacity, method)
    for i, value in enumerate(values):
        buffer.add(row(i), i, value)
    order = sorted(range(len(values)), key=lambda i: (BEST_FIRST[method](values[i]), i))
    assert buffer.rows() == [row(i) for i in order[:capacity]]


def test_what_has_no_value_ranks_last():
    buffer = Buffer(2, LARGEST)
    for i, value in enumerate((None, -5, None)):
        buffer.add(row(i), i, value)
    assert buffer.rows() == [row(1), row(0)]


@pytest.mark.parametrize("method", [FIFO, LIFO])
@given(
    times=st.lists(st.integers(0, 20), max_size=20),
    start=st.none() | st.integers(0, 20),
    end=st.none() | st.integers(0, 20),
)
def test_by_time_of_capture_in_whatever_order_they_came(method, times, start, end):
    buffer = Buffer(8, method)
    for i, time in enumerate(times):
        buffer.add(row(i), time)
    kept = list(enumerate(times))[-8:]
    expected = [row(i) for i, t in kept if (start is None or t >= start) and (end is None or t <= end)]
    assert buffer.captured(start, end) == (expected if method == FIFO else expected[::-1])


def test_by_time_in_a_ring_that_has_gone_around():
    buffer = filled(10, FIFO, 2500)
    assert buffer.captured(2491, 2493) == [row(2491), row(2492), row(2493)]
    assert buffer.captured(None, 2490) == [row(2490)]
    assert buffer.captured(0, 100) == []


def test_dropping_and_clearing():
    buffer = filled(5, FIFO, 7)
    buffer.drop(4)
    assert buffer.rows() == [row(2), row(3), row(5), row(6)]
    buffer.drop(99)
    buffer.add(row(9), 9)
    buffer.add(row(10), 10)
    assert buffer.rows() == [row(3), row(5), row(6), row(9), row(10)]
    buffer.clear()
    assert (len(buffer), buffer.rows(), buffer.capacity) == (0, [], 5)
