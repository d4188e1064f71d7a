"""``anymeter scan``: logical devices, associations, objects."""

from __future__ import annotations

import re

import pytest

import driver_meters
import open_meter
from anymeter.cli.scan import shown, station_form
from anymeter.links.events import Route
from anymeter.links.hdlc_discovery import Station
from anymeter.links.hdlc_secondary import HdlcSecondary
from cli_runs import objects, run
from test_schema import complaints


@pytest.fixture(scope="module")
def url():
    with open_meter.serving() as server:
        yield f"dlms+tcp://127.0.0.1:{server.port}"


def test_both_logical_devices(url):
    status, out, err = run("scan", url)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "logical device 1  ANY0000000000001"
    assert lines[1] == "logical devices: 1 ANY0000000000001, 2 ANY0000000000002"
    assert lines[2] == "association 0-0:40.0.1*255: version 1, client 16, server 1, logical-names, lowest"
    assert "logical device 2  ANY0000000000002" in lines
    [switch, _] = [line for line in lines if line.startswith("0-0:96.3.10*255")]
    assert "1:rw 2:rw 3:rw 4:rw" in switch
    assert {"1", "2"} <= set(switch.split("4:rw")[1].split())
    assert "70 v0 Disconnect control" in switch
    [own, _] = [line for line in lines if line.startswith("0-0:96.200.0*255")]
    assert "8258 v0 " in own


def test_only_one(url):
    assert "logical device 2" not in run("scan", "--only", url)[1]
    assert run("scan", "--only", f"{url}?server=2")[1].startswith("logical device 2  ANY0000000000002")


def test_json_is_an_object_a_logical_device(url):
    status, out, err = run("scan", "--json", url)
    found = objects(out)
    assert (status, err, [form["server"] for form in found]) == (0, "", [1, 2])
    for form in found:
        assert complaints("scan", form) == []
    first = found[0]
    assert first["devices"] == [{"server": 1, "name": "ANY0000000000001"}, {"server": 2, "name": "ANY0000000000002"}]
    assert first["associations"][0]["mechanism"] == "lowest"
    counter = next(one for one in first["objects"] if one["obis"] == "1-0:1.8.0*255")
    assert (counter["class_id"], counter["version"], counter["class"]) == (3, 0, "Register")
    assert counter["attributes"] == {"1": "read, write", "2": "read, write", "3": "read, write"}
    assert counter["methods"] == {"1": "access"}
    own = next(one for one in first["objects"] if one["obis"] == "0-0:96.200.0*255")
    assert (own["class_id"], own["class"]) == (0x2042, None)


def test_a_logical_device_that_refuses_us_is_partly_done():
    with open_meter.serving(open_meter.Meter(other_client=1)) as server:
        status, out, err = run("scan", f"dlms+tcp://127.0.0.1:{server.port}")
        assert status == 3
        assert "logical device 1" in out
        assert re.match(r"anymeter: 127\.0\.0\.1:\d+, client 16, server 2: the association was refused", err)
        status, out, _ = run("scan", "--json", f"dlms+tcp://127.0.0.1:{server.port}")
        assert [form.get("error") for form in objects(out)] == [None, "AssociationRefused"]


def test_a_meter_that_tells_nothing():
    with driver_meters.serving() as server:
        status, out, _ = run("scan", f"dlms+tcp://127.0.0.1:{server.port}")
        assert status == 0
        assert out == "logical device 1  (no name)\nthe object list may not be read in this association\n"
        [form] = objects(run("scan", "--json", f"dlms+tcp://127.0.0.1:{server.port}")[1])
        assert (form["name"], form["devices"], form["associations"], form["objects"]) == (None,) * 4
        assert complaints("scan", form) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [(None, ""), (b"ANY1", "ANY1"), (b"ANY1\0\0", "ANY1"), (b"AN\x01", "414E01"), (b"AN\xc4", "414EC4")],
)
def test_names_as_text(name, text):
    assert shown(name) == text


@pytest.fixture
def bus(monkeypatch):
    """An HDLC line with a meter at 17."""
    pair = (driver_meters.LINKS["hdlc"][0], lambda: HdlcSecondary(physical=17))
    monkeypatch.setitem(driver_meters.LINKS, "hdlc", pair)
    with open_meter.serving(kind="hdlc") as server:
        yield f"dlms+hdlc+tcp://127.0.0.1:{server.port}?timeout=0.05"


def test_who_is_on_an_hdlc_line(bus):
    assert run("scan", "--stations", "16-18", bus) == (0, "physical 17: is there\n", "")
    status, out, err = run("scan", "--stations", "17", "--json", bus)
    [form] = objects(out)
    assert (status, err, complaints("station", form)) == (0, "", [])
    assert (form["physical"], form["answer"]) == (17, "UA")


def test_nobody_is_on_an_hdlc_line(bus):
    assert run("scan", "--stations", "20", bus) == (1, "", "")


def test_stations_that_cannot_be_told():
    garbled = Station(Route(16, 1, 17), "")
    assert station_form(garbled)["answer"] is None
    assert complaints("station", station_form(garbled)) == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--stations", "16-18", "dlms+tcp://127.0.0.1:1"), "on an HDLC line"),
        (("--stations", "18-16", "dlms+hdlc+tcp://127.0.0.1:1"), "first-last"),
        (("--stations", "all", "dlms+hdlc+tcp://127.0.0.1:1"), "first-last"),
        (("--stations", "1-99999", "dlms+hdlc+tcp://127.0.0.1:1"), "up to 16383"),
    ],
)
def test_wrong_usage(arguments, why):
    status, out, err = run("scan", *arguments)
    assert (status, out) == (2, "")
    assert why in err
