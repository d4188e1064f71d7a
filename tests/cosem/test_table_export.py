"""Columns as tables of pyarrow and pandas: exact numbers, times in UTC."""

import datetime as dt
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.datetimes import Date, DateTime
from anymeter.cosem.table_export import to_arrow, to_pandas
from anymeter.errors import LocalError

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
pytest.importorskip("pandas")

NOON = np.array(["2026-06-10T12:00:00.250", "2026-12-10T12:00:00"], "M8[ms]")


def arrow(scalers=None, units=None, sign=1, **columns):
    return to_arrow(columns, scalers or {}, units or {}, sign)


def frame(scalers=None, sign=1, exact=False, **columns):
    return to_pandas(columns, scalers or {}, {}, sign, exact)


def numbers(dtype):
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    return st.lists(st.integers(low, high), max_size=6).map(lambda values: np.array(values, dtype))


@given(
    st.sampled_from(["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"]).flatmap(numbers),
    st.integers(-25, 12),
)
def test_scaled_integers_are_exact(column, scaler):
    made = arrow({"v": scaler}, v=column)["v"]
    assert made.to_pylist() == [int(value) * Decimal(10) ** scaler for value in column.tolist()]
    if scaler < 0:
        assert made.type.scale == -scaler
    exact = frame({"v": scaler}, exact=True, v=column)["v"].tolist()
    assert exact == [int(value) * Decimal(10) ** scaler for value in column.tolist()]


def test_what_is_not_scaled_keeps_its_type():
    table = arrow(a=np.array([1, 2], "u4"), b=np.array([True, False]), c=np.array([0.5, 1.5], "f4"))
    assert [str(field.type) for field in table.schema] == ["uint32", "bool", "float"]
    assert table.column_names == ["a", "b", "c"]


def test_a_kind_follows_from_the_type_and_not_from_the_values():
    small, wide = np.array([1], "u4"), np.array([1], "u8")
    assert str(arrow({"v": 3}, v=small)["v"].type) == "int64"
    assert str(arrow({"v": 3}, v=wide)["v"].type) == "decimal128(38, 0)"
    assert str(arrow({"v": -3}, v=wide)["v"].type) == "decimal128(20, 3)"


def test_times_are_in_utc():
    deviation = np.array([-120, -60], "i2")
    made = to_arrow({"t": NOON, "t.deviation": deviation}, {}, {}, 1)["t"]
    assert str(made.type) == "timestamp[ms, tz=UTC]"
    assert [t.isoformat() for t in made.to_pylist()] == [
        "2026-06-10T10:00:00.250000+00:00",
        "2026-12-10T11:00:00+00:00",
    ]
    series = to_pandas({"t": NOON, "t.deviation": deviation}, {}, {}, 1)["t"]
    assert series[1].isoformat() == "2026-12-10T11:00:00+00:00"
    other = to_arrow({"t": NOON, "t.deviation": -deviation}, {}, {}, -1)["t"]
    assert other.to_pylist() == made.to_pylist()


def test_times_stay_local_where_a_deviation_is_missing():
    columns = {"t": NOON, "t.deviation": np.array([-120, -0x8000], "i2")}
    made = to_arrow(columns, {}, {}, 1)["t"]
    assert str(made.type) == "timestamp[ms]"
    assert made.to_pylist()[1] == dt.datetime(2026, 12, 10, 12)
    assert to_pandas(columns, {}, {}, 1)["t"][1].isoformat() == "2026-12-10T12:00:00"


def test_values_of_several_kinds():
    table = arrow(
        {"n": -1, "f": 2},
        n=np.array([5, None, 7], object),
        m=np.array([1, b"\xab", None], object),
        t=np.array([DateTime.of(2026, 1, 1), None, Date.of(2026, 2)], object),
        v=np.array([b"ab", b"cd", b"ef"], "V2"),
        e=np.array([None, None, None], object),
        f=np.array([0.5, 1.5, 2.5], "f4"),
        x=np.array([5, Decimal("0.5"), None], object),
    )
    assert table["n"].to_pylist() == [Decimal("0.5"), None, Decimal("0.7")]
    assert table["m"].to_pylist() == ["1", "ab", None]
    assert table["t"].to_pylist() == ["2026-01-01", None, "2026-02---"]
    assert table["v"].to_pylist() == [b"ab", b"cd", b"ef"]
    assert table["e"].to_pylist() == [None, None, None]
    assert table["f"].to_pylist() == [50.0, 150.0, 250.0]
    assert table["x"].to_pylist() == [Decimal("5.0"), Decimal("0.5"), None]


def test_a_frame_of_several_kinds():
    made = frame(
        {"i": -1, "k": 3, "f": 1, "n": -1},
        i=np.array([1, 2], "u4"),
        k=np.array([1, 2], "i4"),
        f=np.array([0.5, 1.5], "f4"),
        n=np.array([5, None], object),
        v=np.array([b"ab", b"cd"], "V2"),
    )
    assert made["i"].tolist() == [0.1, 0.2]
    assert made["k"].tolist() == [1000, 2000]
    assert made["f"].tolist() == [5.0, 15.0]
    assert made["n"].tolist()[0] == Decimal("0.5")
    assert made["v"].tolist() == [b"ab", b"cd"]


def test_nothing_gives_an_empty_table():
    made = to_arrow(
        {"t": NOON[:0], "t.deviation": np.array([], "i2"), "v": np.array([], "u4")}, {"v": -3}, {"v": "Wh"}, 1
    )
    assert (made.num_rows, str(made["v"].type)) == (0, "decimal128(20, 3)")
    assert made.schema.field("v").metadata == {b"unit": b"Wh"}
    assert len(to_pandas({"v": np.array([], "u4")}, {"v": -3}, {}, 1)) == 0


@pytest.mark.parametrize(("package", "export"), [("pyarrow", to_arrow), ("pandas", to_pandas)])
def test_without_the_packages_the_error_names_the_extra(monkeypatch, package, export):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(LocalError, match=rf"{package} is not installed: pip install 'anymeter\[tables\]'"):
        export({}, {}, {}, 1)
