"""``anymeter write``: the type is the meter's own, and never guessed."""

from __future__ import annotations

import pytest

import open_meter
from cli_runs import objects, run
from open_meter import COUNTER, EMPTY, HIDDEN, OWN, ROWS, SWITCH, TEXT
from test_schema import complaints


@pytest.fixture
def meter():
    return open_meter.Meter()


@pytest.fixture
def url(meter):
    with open_meter.serving(meter) as server:
        yield f"dlms+tcp://127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("target", "text", "number", "held"),
    [
        (COUNTER, "77", 2, 77),
        (f"{COUNTER}.value", "0x10", 2, 16),
        (f"{COUNTER}.scaler_unit", "[-3, 13]", 3, (-3, 13)),
        (TEXT, "0815", 2, "0815"),
        (EMPTY, "hex:0102", 2, b"\x01\x02"),
        (EMPTY, "text:ab", 2, b"ab"),
        (ROWS, '[[2, "hex:FF"], [3, "text:b"]]', 2, [(2, b"\xff"), (3, b"b")]),
        (f"{SWITCH}.control_mode", "2", 4, 2),
        (OWN, "9", 2, 9),
        (f"{OWN}.2", "8", 2, 8),
    ],
)
def test_a_value_is_written(meter, url, target, text, number, held):
    status, out, err = run("write", url, target, "--", text)
    assert (status, err) == (0, "")
    assert "written" in out
    assert meter.held(target.split("*")[0].rsplit(".", 1)[0] if target.count(".") > 2 else target, number) == held


def test_the_clock_is_set(meter, url):
    assert run("write", url, "0-0:1.0.0", "2026-03-01T08:30:00+01:00")[0] == 0
    clock = meter.device.management.clock
    assert clock.date_time(meter.now).to_datetime().isoformat() == "2026-03-01T07:30:00+00:00"


def test_json(url):
    status, out, _ = run("write", "--json", url, COUNTER, "77")
    assert status == 0
    assert complaints("written", objects(out)[0]) == []
    assert objects(out) == [
        {
            "schema": "anymeter.written/1",
            "obis": "1-0:1.8.0*255",
            "attribute": 2,
            "name": "value",
            "type": "double-long-unsigned",
            "raw": "060000004D",
        }
    ]


def test_a_type_that_nobody_tells_has_to_be_named(meter, url):
    status, _, err = run("write", url, HIDDEN, "9")
    assert status == 2
    assert "name it with --type" in err
    assert meter.held(HIDDEN) == 7
    assert run("write", url, HIDDEN, "9", "--type", "unsigned")[0] == 0
    assert meter.held(HIDDEN) == 9


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((EMPTY, "0102"), "is not clear"),
        ((COUNTER, "many"), "is no double-long-unsigned"),
        ((COUNTER, "99999999999"), "double-long-unsigned"),
        ((COUNTER, "1", "--type", "u32"), "is no type"),
        (("1-0:2.8.0", "1"), "knows no object"),
        ((f"{COUNTER}.colour", "1"), "has no attribute 'colour'"),
        (("counter", "1"), "names no object"),
    ],
)
def test_wrong_usage(meter, url, arguments, why):
    status, out, err = run("write", url, *arguments)
    assert (status, out) == (2, "")
    assert why in err
    assert meter.held(COUNTER) == 5


def test_what_the_meter_refuses(url):
    status, out, err = run("write", url, COUNTER, "1", "--type", "unsigned")
    assert (status, out) == (1, "")
    assert err == "anymeter: 1-0:1.8.0*255 value: type-unmatched\n"
    status, out, _ = run("write", "--json", url, f"{COUNTER}.logical_name", "hex:000000000000")
    [form] = objects(out)
    assert (status, form["error"]) == (1, "AccessError")
