"""Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 partly done."""

from __future__ import annotations

import pytest

from anymeter.cli import status


@pytest.mark.parametrize(
    ("done", "failed", "wanted"),
    [(0, 0, 0), (1, 0, 0), (9, 0, 0), (0, 1, 1), (0, 9, 1), (1, 1, 3), (9, 1, 3), (1, 9, 3)],
)
def test_of(done, failed, wanted):
    assert status.of(done, failed) == wanted


def test_they_are_what_the_design_says():
    assert (status.DONE, status.FAILED, status.WRONG_USAGE, status.PARTLY) == (0, 1, 2, 3)
