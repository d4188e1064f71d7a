"""``anymeter call``: methods by name or number, with parameters and results."""

from __future__ import annotations

import re

import pytest

import open_meter
from cli_runs import objects, run
from open_meter import COUNTER, OWN, SWITCH
from test_schema import complaints


@pytest.fixture
def meter():
    return open_meter.Meter()


@pytest.fixture
def url(meter):
    with open_meter.serving(meter) as server:
        yield f"dlms+tcp://127.0.0.1:{server.port}"


@pytest.mark.parametrize("method", ["remote_disconnect", "1", "remote-disconnect"])
def test_a_method_without_parameters(meter, url, method):
    status, out, err = run("call", url, f"{SWITCH}.{method}")
    assert (status, err) == (0, "")
    assert out == "0-0:96.3.10*255 remote_disconnect done\n"
    assert meter.held(SWITCH, 3) == 0


def test_a_method_with_parameters(meter, url):
    before = meter.device.management.clock.date_time(meter.now).to_datetime()
    assert run("call", url, "0-0:1.0.0.shift_time", "--", "-60")[0] == 0
    after = meter.device.management.clock.date_time(meter.now).to_datetime()
    assert (before - after).total_seconds() == 60


def test_a_result(url):
    status, out, _ = run("call", url, f"{OWN}.1", "21", "--type", "long-unsigned")
    assert (status, out) == (0, "0-0:96.200.0*255 1 done: 12002A\n")


def test_json(url):
    status, out, _ = run("call", "--json", url, f"{OWN}.1", "21", "--type", "long-unsigned")
    assert status == 0
    assert objects(out) == [
        {"schema": "anymeter.called/1", "obis": "0-0:96.200.0*255", "method": 1, "name": "1", "returned": "12002A"}
    ]
    status, out, _ = run("call", "--json", url, f"{COUNTER}.reset")
    assert objects(out)[0]["returned"] is None
    assert complaints("called", objects(out)[0]) == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((COUNTER,), "names no method: write it behind the code, such as 1-0:1.8.0*255.reset"),
        ((f"{COUNTER}.explode",), "has no method 'explode'; it has reset"),
        (("0-0:1.0.0.shift_time",), "this method has parameters (long): give their value"),
        (("0-0:1.0.0.shift_time", "soon"), "is no long"),
        ((f"{OWN}.1", "21"), "name the type of the parameters with --type"),
        ((f"{OWN}.double",), "its class is not known: give the number"),
        (("reset",), "names no object"),
    ],
)
def test_wrong_usage(url, arguments, why):
    status, out, err = run("call", url, *arguments)
    assert (status, out) == (2, "")
    assert why in err


def test_what_the_meter_refuses(url):
    assert run("call", url, f"{SWITCH}.remote_disconnect")[0] == 0
    status, out, err = run("call", url, f"{SWITCH}.remote_disconnect")
    assert (status, out) == (1, "")
    assert re.fullmatch(r"anymeter: 0-0:96\.3\.10\*255 .*: other-reason\n", err)
