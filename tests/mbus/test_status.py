import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import LocalError
from anymeter.mbus.status import reception_dbm, reception_status, status_meaning, status_names, status_of


@pytest.mark.parametrize(
    ("status", "names"),
    [
        (0x00, ()),
        (0x01, ("busy",)),
        (0x02, ("application-error",)),
        (0x03, ("abnormal",)),
        (0x04, ("power-low",)),
        (0x08, ("permanent-error",)),
        (0x10, ("temporary-error",)),
        (0x1C, ("power-low", "permanent-error", "temporary-error")),
        (0xE0, ("manufacturer-5", "manufacturer-6", "manufacturer-7")),
    ],
)
def test_status_of_a_meter(status, names):
    assert status_names(status) == names
    assert status_of(names) == status


@given(st.integers(0, 255))
def test_round_trip(status):
    assert status_of(status_names(status)) == status
    assert status_meaning(status)


def test_statuses_that_cannot_be():
    with pytest.raises(LocalError, match="excludes"):
        status_of(["busy", "application-error"])
    with pytest.raises(LocalError, match="no status"):
        status_of(["tired"])


def test_words():
    assert status_meaning(0) == "no error"
    assert status_meaning(0x06) == "any application error, power low"


@pytest.mark.parametrize(("status", "dbm"), [(0, None), (1, -128), (30, -70), (63, -4), (0xC0, None), (0x5E, -70)])
def test_reception_level_of_the_partner(status, dbm):
    assert reception_dbm(status) == dbm
    assert reception_status(dbm) == status & 0x3F


@pytest.mark.parametrize("dbm", [-130, -3, 0, 20])
def test_levels_that_cannot_be_said(dbm):
    with pytest.raises(LocalError):
        reception_status(dbm)
