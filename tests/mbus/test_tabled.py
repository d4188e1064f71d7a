import pytest

from anymeter.mbus.tabled import codes, rows

TABLES = ["ci", "ci_obsolete", "device_types", "status", "application_errors", "applications", "security_modes"]


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_every_column(name):
    found = list(rows(name))
    assert found
    for row in found:
        assert None not in row
        assert None not in row.values()
        assert not any(v.startswith("#") for v in row.values())


@pytest.mark.parametrize(
    ("name", "column", "base"),
    [
        ("ci", "ci", 16),
        ("device_types", "code", 16),
        ("application_errors", "code", 16),
        ("security_modes", "mode", 10),
    ],
)
def test_no_code_is_claimed_twice(name, column, base):
    claimed = [code for row in rows(name) for code in codes(row[column], base)]
    assert len(claimed) == len(set(claimed))


def test_ranges():
    assert list(codes("A0-A2")) == [0xA0, 0xA1, 0xA2]
    assert list(codes("16-18", 10)) == [16, 17, 18]
