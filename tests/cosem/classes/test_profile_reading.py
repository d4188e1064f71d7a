"""Limits of ranges and the rows between them."""

import pytest

from anymeter.cosem.cells import row_of
from anymeter.cosem.classes.local_time import Zone
from anymeter.cosem.classes.profile_reading import bound, place_of, rank_of, times_within, values_within
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import (
    DATE_TIME,
    DOUBLE_LONG_UNSIGNED,
    FLOAT64,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
)
from anymeter.cosem.selection import CaptureObject
from anymeter.errors import AccessError
from anymeter.obis import Obis
from value_meters import LAST_SUNDAY_OF_MARCH, LAST_SUNDAY_OF_OCTOBER, utc

BERLIN = Zone(3600, 3600, LAST_SUNDAY_OF_MARCH, LAST_SUNDAY_OF_OCTOBER)
NOON = DateTime.of(2026, 6, 10, 3, 12, 0, 0, 0, -120)


@pytest.mark.parametrize(
    ("value", "upper", "expected"),
    [
        (NOON, False, "2026-06-10T10:00:00"),
        (NOON.octets, True, "2026-06-10T10:00:00"),
        (DateTime.of(2026, 6, 10, None, 12), False, "2026-06-10T10:00:00"),
        (DateTime.of(2026, 6, 10, None, 12), True, "2026-06-10T10:59:59"),
        (DateTime.of(2026, 6, 10), False, "2026-06-09T22:00:00"),
        (DateTime.of(2026, 6, 10), True, "2026-06-10T21:59:59"),
        (DateTime.of(2026, 12, 10, None, 0, 0, 0, deviation=0), False, "2026-12-10T00:00:00"),
    ],
)
def test_limits_of_a_range_of_times(value, upper, expected):
    assert bound(value, BERLIN, "buffer", upper=upper) == utc(expected)


@pytest.mark.parametrize("value", [None, b"\xff" * 12, DateTime(b"\xff" * 12)])
def test_no_limit(value):
    assert bound(value, BERLIN, "buffer", upper=True) is None


@pytest.mark.parametrize(
    ("value", "result"),
    [(5, 12), (b"", 12), ("text", 12), ([], 12), (DateTime.of(None, 6, 10), 13), (DateTime.of(2026, 6, 31), 13)],
)
def test_what_is_no_limit_of_a_range_of_times(value, result):
    with pytest.raises(AccessError) as refused:
        bound(value, BERLIN, "buffer", upper=False)
    assert refused.value.result == result


def test_rows_by_a_column_of_times():
    hours = [DateTime.of(2026, 6, 10, None, hour, 0, 0, 0, -120).octets for hour in (11, 12, 13)]
    rows = [row_of([UNSIGNED.encode(i), OCTET_STRING_DATE_TIME.encode(t)]) for i, t in enumerate(hours)]
    rows.append(row_of([UNSIGNED.encode(3), b"\x00"]))
    rows.append(row_of([UNSIGNED.encode(4), DATE_TIME.encode(DateTime(hours[2]))]))
    rows.append(row_of([UNSIGNED.encode(5), OCTET_STRING_DATE_TIME.encode(b"\xff" * 12)]))
    noon = utc("2026-06-10T10:00")
    assert times_within(rows, 1, noon, None, BERLIN) == [rows[1], rows[2], rows[4]]
    assert times_within(rows, 1, None, noon, BERLIN) == rows[:2]
    assert times_within([], 1, None, None, BERLIN) == []


def test_rows_by_a_column_of_numbers_or_texts():
    rows = [
        row_of([cell]) for cell in (UNSIGNED.encode(5), b"\x00", FLOAT64.encode(7.5), DOUBLE_LONG_UNSIGNED.encode(9))
    ]
    assert values_within(rows, 0, 6, 9, "buffer") == rows[2:]
    assert values_within(rows, 0, None, None, "buffer") == [rows[0], *rows[2:]]
    texts = [row_of([OCTET_STRING.encode(text)]) for text in (b"a", b"b", b"c")]
    assert values_within(texts, 0, b"b", None, "buffer") == texts[1:]
    with pytest.raises(AccessError) as refused:
        values_within(texts, 0, 5, None, "buffer")
    assert refused.value.result == 12


def test_which_column_it_is():
    columns = [CaptureObject(3, Obis("1-0:1.8.0*255"), 2), CaptureObject(3, Obis("1-0:1.8.0*255"), 3)]
    assert place_of(columns, columns[1], "buffer") == 1
    with pytest.raises(AccessError) as refused:
        place_of(columns, CaptureObject(4, Obis("1-0:1.8.0*255")), "buffer")
    assert refused.value.result == 13


@pytest.mark.parametrize(
    ("cell", "rank"),
    [
        (UNSIGNED.encode(5), 5),
        (FLOAT64.encode(-0.5), -0.5),
        (OCTET_STRING_DATE_TIME.encode(NOON.octets), utc("2026-06-10T10:00")),
        (DATE_TIME.encode(NOON), utc("2026-06-10T10:00")),
        (OCTET_STRING_DATE_TIME.encode(b"\xff" * 12), None),
        (OCTET_STRING.encode(b"text"), None),
        (b"\x00", None),
    ],
)
def test_by_what_rows_are_ranked(cell, rank):
    assert rank_of(cell, BERLIN) == rank
