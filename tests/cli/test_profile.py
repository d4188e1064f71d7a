"""``anymeter profile``: a table, CSV, Parquet, JSON; parts by time and by entries."""

from __future__ import annotations

import datetime as dt
import sys

import pytest

import heat_meter
from anymeter.cli.profile import moment, span
from anymeter.cli.talking import PASSWORD
from anymeter.errors import LocalError
from cli_runs import objects, run
from heat_meter import ENTRIES, HOURLY
from test_schema import complaints


@pytest.fixture(scope="module")
def url():
    with heat_meter.serving() as server:
        yield f"dlms+tcp://127.0.0.1:{server.port}?client=32"


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv(PASSWORD, heat_meter.PASSWORD)


def energies(out):
    return [int(line.split()[-2]) // 3000 for line in out.splitlines()[1:]]


def test_a_table(url):
    status, out, err = run("profile", url, HOURLY)
    assert (status, err) == (0, "")
    assert out.splitlines()[0].split() == [
        "0-0:1.0.0*255",
        "0-0:96.10.1*255",
        "6-0:1.0.0*255",
        "Wh",
        "6-0:2.0.0*255",
        "m3",
    ]
    assert energies(out) == list(range(1, ENTRIES + 1))


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--entries", "2"], [29, 30]),
        (["--entries", "3-5"], [3, 4, 5]),
        (["--since", "2026-03-01T02:00+00:00", "--until", "2026-03-01T04:00+00:00"], [2, 3, 4]),
        (["--since", "2026-03-02T06:00"], [29, 30]),
        (["--until", "2026-03-01T03:00Z"], [1, 2, 3]),
    ],
)
def test_parts(url, options, wanted):
    status, out, _ = run("profile", url, HOURLY, *options)
    assert (status, energies(out)) == (0, wanted)


def test_csv(url, tmp_path):
    status, out, _ = run("profile", url, HOURLY, "--entries", "1-2", "--csv", "-")
    assert (status, out.splitlines()) == (
        0,
        [
            "0-0:1.0.0*255,0-0:96.10.1*255,6-0:1.0.0*255 [Wh],6-0:2.0.0*255 [m3]",
            "2026-03-01T02:00:00+01:00,0,3000,0.01",
            "2026-03-01T03:00:00+01:00,0,6000,0.02",
        ],
    )
    file = tmp_path / "day.csv"
    assert run("profile", url, HOURLY, "--entries", "1-2", "--csv", str(file)) == (0, "6-0:99.1.1*255: 2 entries\n", "")
    assert file.read_text() == out


def test_parquet(url, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "day.parquet"
    assert run("profile", url, HOURLY, "--parquet", str(file))[0] == 0
    table = parquet.read_table(file)
    assert table.num_rows == ENTRIES
    assert table.column("6-0:1.0.0*255").to_pylist()[:2] == [3000, 6000]
    assert table.column("0-0:1.0.0*255").to_pylist()[0] == dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC)


def test_parquet_needs_pyarrow(url, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    status, _, err = run("profile", url, HOURLY, "--parquet", str(tmp_path / "x"))
    assert status == 2
    assert "pip install pyarrow" in err


def test_json(url):
    status, out, err = run("profile", "--json", url, HOURLY, "--entries", "2")
    head, *entries = objects(out)
    assert (status, err) == (0, "")
    assert head == {
        "schema": "anymeter.profile/1",
        "obis": "6-0:99.1.1*255",
        "entries": 2,
        "columns": [
            {"name": "0-0:1.0.0*255", "unit": ""},
            {"name": "0-0:96.10.1*255", "unit": ""},
            {"name": "6-0:1.0.0*255", "unit": "Wh"},
            {"name": "6-0:2.0.0*255", "unit": "m3"},
        ],
    }
    assert [entry["values"][0] for entry in entries] == ["2026-03-02T06:00:00+01:00", "2026-03-02T07:00:00+01:00"]
    assert '"values":["2026-03-02T07:00:00+01:00",0,90000,0.30]' in out
    assert complaints("profile", head) == []
    assert [complaints("entry", entry) for entry in entries] == [[], []]


def test_a_place_that_cannot_be_written(url, tmp_path):
    status, out, err = run("profile", url, HOURLY, "--csv", str(tmp_path / "no" / "day.csv"))
    assert (status, out) == (2, "")
    assert "cannot be written: there is no folder" in err
    status, out, err = run("profile", url, HOURLY, "--csv", str(tmp_path))
    assert (status, out) == (2, "")
    assert "Is a directory" in err


def test_a_missing_folder_is_told_before_the_meter_is_asked():
    assert (
        "there is no folder" in run("profile", "dlms+tcp://nobody.invalid", HOURLY, "--parquet", "/no/where.parquet")[2]
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((HOURLY, "--entries", "0"), "--entries '0': write the number"),
        ((HOURLY, "--since", "yesterday"), "--since 'yesterday' is no time"),
        ((HOURLY, "--entries", "2", "--since", "2026-03-01"), "by time or by entries"),
        ((HOURLY, "--since", "2026-03-02", "--until", "2026-03-01"), "is no span of time"),
        ((HOURLY, "--since", "2026-03-01T00:00Z", "--until", "2026-03-02"), "give both an offset, or neither"),
        ((f"{HOURLY}.3",), "names an attribute"),
        (("99.1.1",), "names no object"),
    ],
)
def test_wrong_usage(url, arguments, why):
    status, out, err = run("profile", url, *arguments)
    assert (status, out) == (2, "")
    assert why in err


def test_what_is_no_profile(url):
    status, out, err = run("profile", url, "6-0:1.0.0")
    assert (status, out) == (1, "")
    assert "object-class-inconsistent" in err


@pytest.mark.parametrize("text", ["", "0", "-1", "1-", "2-1", "0-5", "a", "1.5", "１"])
def test_spans_that_cannot_be_meant(text):
    with pytest.raises(LocalError, match="--entries"):
        span(text)


def test_spans_and_moments():
    assert (span("5"), span("1-1"), span(None)) == (5, (1, 1), None)
    assert moment("2026-03-01", "--since") == dt.datetime(2026, 3, 1)
    assert moment(None, "--since") is None
    with pytest.raises(LocalError, match="--until"):
        moment("1.3.2026", "--until")
