"""``anymeter read`` against a heat meter of ours."""

from __future__ import annotations

import re

import pytest

import heat_meter
from anymeter.cli.talking import PASSWORD
from cli_runs import objects, run
from test_schema import complaints

SCHEMES = {"wrapper": "dlms+tcp", "datagrams": "dlms+udp", "hdlc": "dlms+hdlc+tcp"}


@pytest.fixture(scope="module")
def url():
    with heat_meter.serving() as server:
        yield f"dlms+tcp://127.0.0.1:{server.port}?client=32"


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv(PASSWORD, heat_meter.PASSWORD)


def test_everything_it_offers(url):
    status, out, err = run("read", url)
    assert (status, err) == (0, "")
    lines = {line.split()[0]: line.split() for line in out.splitlines()}
    assert next(iter(lines)) == "OBIS"
    assert lines["6-0:1.0.0*255"][1:] == ["energy", "90", "kWh"]
    assert lines["6-0:2.0.0*255"][1:] == ["volume", "0.30", "m³"]
    assert lines["6-0:1.2.0*255"][-4:] == ["1234", "kWh", "2025-12-31", "00:00:00"]
    assert lines["0-0:42.0.0*255"][-1] == "AMT0000000004711"
    assert "6-0:99.1.1*255" not in lines


@pytest.mark.parametrize("kind", SCHEMES)
def test_over_every_carrier(kind):
    with heat_meter.serving(kind) as server:
        status, out, _ = run("read", f"{SCHEMES[kind]}://127.0.0.1:{server.port}?client=32", "6-0:1.0.0")
    assert status == 0
    assert out.splitlines()[1].split() == ["6-0:1.0.0*255", "energy", "90", "kWh"]


def test_chosen_objects_and_attributes_in_their_order(url):
    status, out, _ = run("read", url, "6-0:2.0.0", "0-0:44.0.0.image_block_size", "6-0:1.0.0.3", "6-0:1.0.0")
    assert status == 0
    names = ["6-0:2.0.0*255", "0-0:44.0.0*255.image_block_size", "6-0:1.0.0*255.3", "6-0:1.0.0*255"]
    assert [line.split("  ")[0] for line in out.splitlines()[1:]] == names
    assert "image transfer, image block size" in out
    assert re.search(r"energy, scaler unit +\[3, 30\]$", out, re.M)


def test_json_is_one_message(url):
    status, out, err = run("read", "--json", url, "6-0:1.0.0", "6-0:1.2.0")
    [form] = objects(out)
    assert (status, err) == (0, "")
    assert complaints("message", form) == []
    assert (form["protocol"], form["layers"], form["meter"]["medium"]) == ("dlms", ["wrapper"], "heat")
    assert [(r["obis"], r["value"], r["unit"]) for r in form["readings"]] == [
        ("6-0:1.0.0*255", 90000, "Wh"),
        ("6-0:1.2.0*255", 1234000, "Wh"),
    ]
    assert form["readings"][1]["time"] == "2025-12-31T00:00:00"


def test_what_is_refused_is_partly_done(url):
    status, out, _ = run("read", url, "6-0:1.0.0", "6-0:5.5.5")
    assert status == 3
    assert out.splitlines()[-1].split()[-2:] == ["–", "object-undefined"]
    status, out, _ = run("read", "--json", url, "6-0:5.5.5")
    [form] = objects(out)
    assert (status, form["readings"][0]["status"]) == (1, "object-undefined")


def test_an_attribute_that_is_refused(url):
    status, out, err = run("read", url, "0-0:43.0.0.2", "6-0:1.0.0")
    assert (status, err) == (3, "")
    assert re.search(r"^0-0:43\.0\.0\*255\.2 .* – +object-undefined$", out, re.M)
    assert re.search(r"^6-0:1\.0\.0\*255 .* 90  kWh$", out, re.M)
    status, out, _ = run("read", url, "0-0:40.0.2.secret")
    assert status == 1
    assert "read-write-denied" in out


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("1.8.0", "names no object"),
        ("6-0:99.1.1", "is a profile: read it as one"),
        ("0-0:44.0.0", "has no value: name an attribute"),
        ("6-0:1.0.0.colour", "has no attribute 'colour'; it has logical_name, value, scaler_unit"),
    ],
)
def test_wrong_usage(url, wanted, why):
    status, out, err = run("read", url, wanted)
    assert (status, out) == (2, "")
    assert why in err
    assert err.count("\n") <= 1
