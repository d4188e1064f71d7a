"""Rows of explain, and rows that stand elsewhere."""

import pytest

from anymeter.wire.fields import Field, shifted


def test_a_row_is_a_value():
    row = Field(3, b"ab", "name", "two letters", "clause 5", 1)
    assert (row.at, row.octets, row.name, row.meaning, row.clause, row.depth) == (
        3, b"ab", "name", "two letters", "clause 5", 1,
    )  # fmt: skip
    with pytest.raises(AttributeError):
        row.at = 4


def test_what_is_not_said_is_empty():
    assert Field(0, b"", "name") == Field(0, b"", "name", "", "", 0)


@pytest.mark.parametrize(("by", "deeper"), [(0, 0), (5, 0), (0, 2), (7, 1)])
def test_rows_of_a_message_that_begins_later(by, deeper):
    rows = [Field(0, b"a", "first", "A"), Field(1, b"b", "second", "B", "9", 1)]
    moved = shifted(rows, by, deeper)
    assert [(row.at, row.depth) for row in moved] == [(by, deeper), (by + 1, deeper + 1)]
    assert [(row.octets, row.name, row.meaning, row.clause) for row in moved] == [
        (row.octets, row.name, row.meaning, row.clause) for row in rows
    ]


def test_rows_are_not_changed_in_place():
    rows = [Field(0, b"a", "first")]
    shifted(rows, 9, 9)
    assert rows == [Field(0, b"a", "first")]
