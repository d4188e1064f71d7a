"""A profile as a client reads it: rows, columns, names, units, files."""

import io
from decimal import Decimal

import pytest

from anymeter.cosem.cells import array_of, compressed
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.profile_rows import Profile
from anymeter.cosem.schema import (
    DOUBLE_LONG_UNSIGNED,
    NULL_DATA,
    OCTET_STRING,
    OCTET_STRING_DATE_TIME,
    UNSIGNED,
    structure,
)
from anymeter.cosem.selection import CLOCK_TIME, CaptureObject
from anymeter.cosem.units import ScalerUnit
from anymeter.errors import DecodeError
from anymeter.obis import Obis

STATUS = CaptureObject(1, Obis("0-0:96.10.1*255"))
ENERGY = CaptureObject(3, Obis("1-0:1.8.0*255"))
EXPORT = CaptureObject(3, Obis("1-0:2.8.0*255"))
COLUMNS = (CLOCK_TIME, STATUS, ENERGY, EXPORT)
ROW = structure(OCTET_STRING_DATE_TIME, UNSIGNED, DOUBLE_LONG_UNSIGNED, DOUBLE_LONG_UNSIGNED)
NEW_YEAR = DateTime.of(2026, 1, 1, 4, 0, 0, 0, 0, -60, 0)
UNITS = {2: ScalerUnit.parse((-1, 30)), 3: ScalerUnit.parse((3, 30))}


def encoded(count=3):
    return [ROW.encode((NEW_YEAR.later(900 * i).octets, 8, 1000 + 7 * i, 5)) for i in range(count)]


def profile(rows=None, **more):
    settings = {"capture_period": 900, "scaler_units": UNITS, **more}
    return Profile(COLUMNS, array_of(encoded() if rows is None else rows), **settings)


def test_names_units_and_the_column_of_time():
    made = profile()
    assert made.names == ("0-0:1.0.0*255", "0-0:96.10.1*255", "1-0:1.8.0*255", "1-0:2.8.0*255")
    assert (made.units, made.time, len(made)) == (("", "", "Wh", "Wh"), 0, 3)
    assert Profile((ENERGY,), b"\x01\x00").time is None
    assert repr(Profile((ENERGY,), b"\x01\x00")) == "Profile(1-0:1.8.0*255: 0 entries)"


def test_names_tell_attributes_and_repeated_columns_apart():
    columns = (ENERGY, CaptureObject(3, ENERGY.logical_name, 3), CaptureObject(4, ENERGY.logical_name), ENERGY)
    made = Profile(columns, b"\x01\x00")
    assert made.names == ("1-0:1.8.0*255", "1-0:1.8.0*255#3", "1-0:1.8.0*255~3", "1-0:1.8.0*255~4")
    assert list(made.columns()) == list(made.names)


def test_rows_as_the_meter_holds_them_and_in_their_units():
    made = profile()
    assert list(made)[1] == (NEW_YEAR.later(900), 8, 1007, 5)
    assert made.scaled()[1][1:] == (8, Decimal("100.7"), 5000)
    assert profile(scaler_units={}).scaled() == made.rows


def test_null_data_is_written_out_in_rows_and_columns():
    plain = profile(encoded(50))
    short = profile(compressed(encoded(50), 0, 900))
    assert len(short.octets) < len(plain.octets) / 2
    assert short.rows == plain.rows
    for name, column in plain.columns().items():
        assert short.columns()[name].dtype == column.dtype, name
        assert short.columns()[name].tolist() == column.tolist()


def test_the_newest_first():
    newest = profile(compressed(encoded()[::-1], 0, -900), newest_first=True)
    assert newest.rows == profile().rows[::-1]


def test_null_data_that_means_no_value_stays():
    rows = [structure(UNSIGNED, UNSIGNED).encode((1, 2)), structure(NULL_DATA, NULL_DATA).encode((None, None))]
    made = Profile((ENERGY, EXPORT), array_of(rows), literal=(1,), scaler_units={1: UNITS[2]})
    assert made.rows == [(1, 2), (1, None)]
    assert made.scaled()[1] == (1, None)
    assert [made.columns()[name].tolist() for name in made.names] == [[1, 1], [2, None]]


def test_rows_that_end_early_and_deltas():
    octets = bytes.fromhex("0103 0202 06000000ff 1105 0201 1c02 0202 1c05 00")
    made = Profile((ENERGY, STATUS), octets)
    assert made.rows == [(255, 5), (257, 5), (262, 5)]
    columns = made.columns()
    assert columns["1-0:1.8.0*255"].tolist() == [255, 257, 262]
    assert str(columns["1-0:1.8.0*255"].dtype) == "uint32"


def test_a_compact_array():
    octets = bytes.fromhex("13 0202 06 11 0a 00000001 05 00000002 06".replace(" ", ""))
    made = Profile((ENERGY, STATUS), octets)
    assert (len(made), made.rows) == (2, [(1, 5), (2, 6)])


def test_a_profile_of_a_month_as_typed_columns():
    columns = profile(encoded(2976)).columns()
    assert {name: str(column.dtype) for name, column in columns.items()} == {
        "0-0:1.0.0*255": "datetime64[ms]",
        "0-0:1.0.0*255.deviation": "int16",
        "0-0:1.0.0*255.status": "uint8",
        "0-0:96.10.1*255": "uint8",
        "1-0:1.8.0*255": "uint32",
        "1-0:2.8.0*255": "uint32",
    }
    assert (len(columns["1-0:1.8.0*255"]), columns["1-0:1.8.0*255"][-1]) == (2976, 1000 + 7 * 2975)


@pytest.mark.parametrize("octets", ["", "00", "1105", "0101 1105", "0101 0203 1105 1105 1105", "0102 0202 1105 1105"])
def test_what_is_no_profile_of_these_columns(octets):
    made = Profile((ENERGY, STATUS), bytes.fromhex(octets))
    with pytest.raises(DecodeError):
        _ = made.rows
    with pytest.raises(DecodeError):
        made.columns()


def test_csv():
    file = io.StringIO()
    rows = encoded(2)
    text = structure(OCTET_STRING_DATE_TIME, OCTET_STRING, NULL_DATA, DOUBLE_LONG_UNSIGNED)
    rows.append(text.encode((NEW_YEAR.later(1800).octets, b"\xab", None, 1)))
    profile(rows, literal=(2,)).to_csv(file)
    assert file.getvalue().splitlines() == [
        "0-0:1.0.0*255,0-0:96.10.1*255,1-0:1.8.0*255 [Wh],1-0:2.8.0*255 [Wh]",
        "2026-01-01T00:00:00+01:00,8,100.0,5000",
        "2026-01-01T00:15:00+01:00,8,100.7,5000",
        "2026-01-01T00:30:00+01:00,ab,,1000",
    ]


def test_csv_of_a_meter_with_the_other_sign():
    file = io.StringIO()
    moment = DateTime.of(2026, 1, 1, 4, 0, 0, 0, 0, 60, 0)
    octets = array_of([structure(OCTET_STRING_DATE_TIME).encode((moment.octets,))])
    Profile((CLOCK_TIME,), octets, deviation_sign=-1).to_csv(file)
    assert file.getvalue().splitlines()[1] == "2026-01-01T00:00:00+01:00"


def test_tables_have_the_values_in_their_units():
    table = profile().to_arrow()
    assert table["1-0:1.8.0*255"].to_pylist() == [Decimal("100.0"), Decimal("100.7"), Decimal("101.4")]
    assert table.schema.field("1-0:1.8.0*255").metadata == {b"unit": b"Wh"}
    assert table["1-0:2.8.0*255"].to_pylist() == [5000] * 3
    frame = profile().to_pandas()
    assert frame["1-0:1.8.0*255"].tolist() == [100.0, 100.7, 101.4]
    assert frame.attrs["units"] == {"1-0:1.8.0*255": "Wh", "1-0:2.8.0*255": "Wh"}
    assert profile().to_pandas(exact=True)["1-0:1.8.0*255"].tolist()[1] == Decimal("100.7")
