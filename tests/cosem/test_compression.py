"""Rows as captured from rows as sent."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.compression import expand, later_octets
from anymeter.cosem.data import parse
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.values import Delta, Enum
from anymeter.errors import LocalError
from shared import vectors

NEW_YEAR = DateTime.of(2019, 12, 31, 2, 23, 0, 0, None, -60, 0)


@pytest.mark.parametrize(
    "vector", vectors("dlms_vectors.jsonl", where=lambda v: v["id"] == "axdr-profile-null-timestamps")
)
def test_the_shared_profile_without_times(vector):
    period = vector["expect"]["capture_period_s"]
    rows = expand(parse(bytes.fromhex(vector["hex"])), clock=0, capture_period=period)
    times = [DateTime(row[0]).to_datetime() for row in rows]
    assert {(b - a).total_seconds() for a, b in pairwise(times)} == {period}
    assert len({row[1:] for row in rows}) == 1


def test_times_roll_on_whatever_their_form():
    rows = [(NEW_YEAR, NEW_YEAR.octets, 1_577_833_200), (None, None, None), (None, None, None)]
    texts = ["2019-12-31T23:00:00+01:00", "2020-01-01T00:00:00+01:00", "2020-01-01T01:00:00+01:00"]
    assert [row[0].iso() for row in expand(rows, clock=0, capture_period=3600)] == texts
    assert [DateTime(row[1]).iso() for row in expand(rows, clock=1, capture_period=3600)] == texts
    assert [row[2] for row in expand(rows, clock=2, capture_period=3600)] == [
        1_577_833_200 + 3600 * i for i in range(3)
    ]


def test_the_newest_first():
    rows = expand([(NEW_YEAR, 1), (None, None)], clock=0, capture_period=900, newest_first=True)
    assert rows[1] == (NEW_YEAR.later(-900), 1)


@pytest.mark.parametrize(
    "first",
    [
        DateTime.of(2019),
        DateTime.of(9999, 12, 31, None, 23, 59, 59),
        b"\xff" * 12,
        b"short",
        "text",
        None,
        True,
        Delta(4),
    ],
)
def test_a_time_that_cannot_be_known_stays_null(first):
    assert expand([(first, 1), (None, 2), (None, 3)], clock=0, capture_period=60)[1:] == [(None, 2), (None, 3)]


def test_no_period_no_time():
    assert expand([(NEW_YEAR, 1), (None, None)], clock=0) == [(NEW_YEAR, 1), (None, 1)]


def test_null_data_repeats():
    assert expand([(1, "a"), (None, None), (2, None)]) == [(1, "a"), (1, "a"), (2, "a")]
    assert expand([(None, 1), (None, None), (5, None)]) == [(None, 1), (None, 1), (5, 1)]
    assert expand([(None,), (False,), (None,), (0,)]) == [(None,), (False,), (False,), (0,)]


def test_null_data_that_says_there_is_no_value():
    assert expand([(1, 2), (None, None)], literal={1}) == [(1, 2), (1, None)]


def test_short_rows():
    rows = [(1, 2, 3), (4,), (), (5, None)]
    assert expand(rows, width=3) == [(1, 2, 3), (4, 2, 3), (4, 2, 3), (5, 2, 3)]
    assert expand(rows) == [(1, 2, 3), (4,), (), (5, 2)]
    with pytest.raises(LocalError, match="a row of 3 values in a profile of 2 columns"):
        expand(rows, width=2)


def test_deltas_add_up():
    rows = [(100, Enum(3)), (Delta(-5), Delta(1)), (Delta(5), None), (None, Delta(1))]
    assert expand(rows) == [(100, 3), (95, 4), (100, 4), (100, 5)]
    assert not any(isinstance(value, Delta) for row in expand(rows) for value in row)


@pytest.mark.parametrize("first", [None, "text", 1.5, True, Delta(3)])
def test_a_delta_with_no_number_before_it_stays(first):
    (_, (value,)) = expand([(first,), (Delta(2),)])
    assert value == 2
    assert isinstance(value, Delta)


def compressed(rows, period):
    """What a meter makes of rows: null-data where a value repeats or a time goes on by one period."""
    out, before = [], None
    for row in rows:
        sent = list(row)
        if before is not None:
            sent = [None if new == old else new for new, old in zip(row, before, strict=True)]
            sent[0] = None if row[0] == before[0] + period else row[0]
            if isinstance(sent[1], int):
                sent[1] = Delta(sent[1] - before[1])
            while len(sent) > 1 and sent[-1] is None:
                sent.pop()
        out.append(tuple(sent))
        before = row
    return out


@given(
    st.lists(st.tuples(st.integers(0, 5).map(lambda i: i * 60), st.integers(0, 3), st.sampled_from("ab"))),
    st.sampled_from([60, 120]),
)
def test_what_a_meter_compresses_comes_back(rows, period):
    assert expand(compressed(rows, period), width=3, clock=0, capture_period=period) == rows


def test_octets_of_a_later_time():
    assert DateTime(later_octets(NEW_YEAR.octets, 3600)).iso() == "2020-01-01T00:00:00+01:00"
    assert DateTime(later_octets(NEW_YEAR.octets, -3600)).iso() == "2019-12-31T22:00:00+01:00"


@pytest.mark.parametrize(
    ("octets", "step"),
    [(NEW_YEAR.octets, 0), (NEW_YEAR.octets[:11], 60), (b"\xff" * 12, 60), (NEW_YEAR.octets, 10**12)],
)
def test_octets_that_have_no_later_time(octets, step):
    assert later_octets(octets, step) is None
