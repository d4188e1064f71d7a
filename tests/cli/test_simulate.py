"""``anymeter simulate``: what it says it serves, and when it ends."""

from __future__ import annotations

import json

import pytest

from anymeter.drivers.urls import parse
from anymeter.simulator.example import EXAMPLE
from cli_runs import run

WORLD = """
name = "street"
start = 2026-11-24T10:00:00Z
speed = 60
[[meters]]
companion = "electricity"
count = 2
port = 14100
[[meters]]
companion = "heat"
link = "hdlc"
spread = "line"
count = 2
port = 14200
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "street.toml"
    path.write_text(WORLD)
    return path


def test_a_plan_says_what_there_would_be(file):
    status, out, err = run("simulate", "--plan", str(file))
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "street: 4 meters, from 2026-11-24T10:00:00Z, 60 times as fast",
        "AMT0000000000001  electricity  dlms+tcp://127.0.0.1:14100",
        "AMT0000000000002  electricity  dlms+tcp://127.0.0.1:14101",
        "AMT0000000000003  heat         dlms+hdlc+tcp://127.0.0.1:14200?physical=17",
        "AMT0000000000004  heat         dlms+hdlc+tcp://127.0.0.1:14200?physical=18",
    ]


def test_one_meter_is_one(tmp_path):
    path = tmp_path / "one.toml"
    path.write_text('start = 2026-03-01T00:00:00Z\n[[meters]]\ncompanion = "gas"\n')
    assert run("simulate", "--plan", str(path))[1].startswith("world: 1 meter, from 2026-03-01T00:00:00Z\n")


def test_json_is_a_line_a_meter(file):
    status, out, _ = run("simulate", "--plan", "--json", str(file))
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [row["name"] for row in rows] == [f"AMT{n:013}" for n in range(1, 5)]
    assert rows[2] == {
        "name": "AMT0000000000003",
        "companion": "heat",
        "medium": "heat",
        "url": "dlms+hdlc+tcp://127.0.0.1:14200?physical=17",
    }
    assert all(parse(row["url"]) for row in rows)


def test_many_meters_are_counted_not_listed(file):
    file.write_text('[[meters]]\ncompanion = "gas"\ncount = 1000\n')
    out = run("simulate", "--plan", str(file))[1].splitlines()
    assert out[0].startswith("world: 1000 meters, from 20")
    assert len(out) == 21
    assert out[-1] == "… and 981 more, up to AMT0000000001000 at dlms+tcp://127.0.0.1:5058"
    assert len(run("simulate", "--plan", "--json", str(file))[1].splitlines()) == 1000


def test_the_example_is_a_world(file):
    status, out, _ = run("simulate", "--example")
    assert (status, out) == (0, EXAMPLE)
    file.write_text(out)
    status, out, _ = run("simulate", "--plan", str(file))
    assert status == 0
    assert "street: 7 meters" in out


def test_it_serves_until_its_time_is_over(file):
    file.write_text('[[meters]]\ncompanion = "heat"\nport = 0\ncount = 2\n')
    status, out, err = run("simulate", "--for", "0.01", str(file))
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[-1] == "It ends in 0.01 s."
    ports = [parse(line.split()[-1]).port for line in lines[1:3]]
    assert all(ports)
    assert ports[0] != ports[1]
    assert len(run("simulate", "--for", "0.01", "--json", str(file))[1].splitlines()) == 2


def test_an_interrupt_ends_it_well(file, monkeypatch):
    def interrupted(coroutine):
        coroutine.close()
        raise KeyboardInterrupt

    monkeypatch.setattr("anymeter.cli.simulate.asyncio.run", interrupted)
    assert run("simulate", str(file))[0] == 0


def test_a_port_that_is_taken_is_told(file):
    file.write_text('[[meters]]\ncompanion = "heat"\nhost = "192.0.2.1"\n')
    status, out, err = run("simulate", "--for", "0.01", str(file))
    assert (status, out) == (1, "")
    assert err.startswith("anymeter: cannot listen on 192.0.2.1:4059")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "name a world file, or see one with --example"),
        (("no-such.toml",), "no-such.toml cannot be read"),
    ],
)
def test_wrong_usage_is_one_sentence(arguments, why):
    status, _, err = run("simulate", *arguments)
    assert status == 2
    assert why in err


def test_a_mistake_in_the_world_names_its_place(file):
    file.write_text('[[meters]]\ncompanion = "beer"\n')
    status, out, err = run("simulate", str(file))
    assert (status, out) == (2, "")
    assert "street.toml, meters 1 (beer), companion: no companion profile 'beer'" in err
