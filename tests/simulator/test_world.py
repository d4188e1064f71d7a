from __future__ import annotations

import datetime as dt

import pytest

from anymeter.errors import LocalError
from anymeter.obis import Obis
from anymeter.simulator.world import SCHEMA, Endpoint, World, WorldTime

REAL = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC).timestamp()
STREET = """
name = "street"
seed = 7

[[meters]]
companion = "cold-water"
count = 3
first = 101
port = 4100

[[meters]]
companion = "electricity"
count = 2
link = "hdlc"
spread = "line"
port = 4200
physical = 20

[[meters]]
companion = "heat"
count = 300
spread = "addresses"
host = "127.1.0.250"
link = "udp"

[[meters]]
companion = "gas"
manufacturer = "XYZ"
port = 0
count = 2
"""


@pytest.fixture(scope="module")
def street():
    return World.parse(STREET, REAL, "street.toml")


def test_every_meter_has_a_place_of_its_own(street):
    plans = street.plans
    assert len(plans) == 307
    assert len({(p.link, p.host, p.port, p.physical) for p in plans if p.port}) == 305
    water, power, heat, gas = plans[:3], plans[3:5], plans[5:305], plans[305:]
    assert [(p.identity.number, p.port) for p in water] == [(101, 4100), (102, 4101), (103, 4102)]
    assert [(p.port, p.physical) for p in power] == [(4200, 20), (4200, 21)]
    assert (heat[0].host, heat[5].host, heat[6].host, heat[299].host) == (
        "127.1.0.250", "127.1.0.255", "127.1.1.0", "127.1.2.37",
    )  # fmt: skip
    assert {p.port for p in heat} == {4059}
    assert [(p.port, p.identity.manufacturer) for p in gas] == [(0, "XYZ"), (0, "XYZ")]
    assert [p.identity.number for p in plans] == list(range(101, 408)), "numbers go on from group to group"


def test_urls_are_those_that_a_client_takes(street):
    plans = street.plans
    assert plans[0].url == "dlms+tcp://127.0.0.1:4100"
    assert plans[4].url == "dlms+hdlc+tcp://127.0.0.1:4200?physical=21"
    assert plans[5].url == "dlms+udp://127.1.0.250:4059"
    six = World.parse('host = "::1"\n[[meters]]\ncompanion = "heat"', REAL).plans[0]
    assert six.url == "dlms+tcp://[::1]:4059"


def test_meters_on_one_line_share_an_endpoint(street):
    endpoints = street.endpoints
    assert len(endpoints) == 3 + 1 + 300 + 2
    line = next(e for e in endpoints if e.link == "hdlc")
    assert isinstance(line, Endpoint)
    assert [p.physical for p in line.plans] == [20, 21]


def test_a_meter_is_made_when_it_is_asked_for():
    world = World.parse(STREET, REAL)
    assert world.made == 0
    first = world.device(world.plans[0])
    assert world.made == 1
    assert world.device(world.plans[0]) is first
    assert first.management.name == b"AMT0000000000101"
    assert world.device(world.plans[-1]).management.name == b"XYZ0000000000407"


def test_the_same_world_holds_the_same_meters():
    volume = Obis("8-0:1.0.0*255")

    def read(text, index):
        world = World.parse(text, REAL)
        return world.device(world.plans[index]).management.objects[volume].get(2, REAL)

    assert read(STREET, 0) == read(STREET, 0) > 0
    assert read(STREET, 0) != read(STREET, 1)
    assert read(STREET, 0) != read(STREET.replace("seed = 7", "seed = 8"), 0)
    alone = '[[meters]]\ncompanion = "cold-water"\nfirst = 102\n'
    assert read("seed = 7\n" + alone, 0) == read(STREET, 1), "a meter stays itself in another file"


def test_clocks_are_as_wrong_as_they_may_be():
    text = '[[meters]]\ncompanion = "gas"\ncount = 40\nclock = { offset = 60, drift = 100 }\n'
    world = World.parse(text, REAL)
    clocks = [world.device(plan).management.clock for plan in world.plans]
    offsets = [clock.utc(REAL) - REAL for clock in clocks]
    assert all(-60 <= o <= 60 for o in offsets)
    assert len(set(offsets)) > 20
    later = [clock.utc(REAL + 1_000_000) - REAL - 1_000_000 - o for clock, o in zip(clocks, offsets, strict=True)]
    assert all(-100 <= drift <= 100 for drift in later)
    assert len(set(later)) > 20
    right = World.parse('[[meters]]\ncompanion = "gas"', REAL)
    assert right.device(right.plans[0]).management.clock.utc(REAL) == REAL


def test_a_world_begins_when_it_says_or_now():
    assert World.parse(STREET, REAL).start == REAL
    text = "start = 2020-01-01T00:00:00Z\n" + STREET
    assert World.parse(text, REAL).start == dt.datetime(2020, 1, 1, tzinfo=dt.UTC).timestamp()
    naive = "start = 2020-01-01T00:00:00\n" + STREET
    assert World.parse(naive, REAL).start == dt.datetime(2020, 1, 1, tzinfo=dt.UTC).timestamp()


def test_time_may_run_faster():
    time = WorldTime(start=1000.0, began=50.0, speed=60.0)
    assert time.at(50.0) == 1000.0
    assert time.at(51.0) == 1060.0
    assert time.real(1060.0) == 51.0


def test_a_laboratory_opens_the_meters():
    text = '[[meters]]\ncompanion = "heat"\nlaboratory = "letmein"\n[[meters]]\ncompanion = "heat"\nport = 4060\n'
    world = World.parse(text, REAL)
    opened, closed = (world.device(plan).management for plan in world.plans)
    assert opened.associations[2].secret == b"letmein"
    assert 2 not in closed.associations


def test_a_profile_may_be_a_file_beside_the_world(tmp_path):
    (tmp_path / "own.toml").write_text(
        'name = "own"\ninclude = ["common"]\n[[object]]\nname = "0-0:10.0.1*255"\nclass = 9\n'
    )
    text = '[[meters]]\ncompanion = "own.toml"\n'
    world = World.parse(text, REAL, "w.toml", str(tmp_path))
    assert world.device(world.plans[0]).management.name == b"AMT0000000000001"
    with pytest.raises(LocalError, match=r"no companion profile .own\.toml."):
        World.parse(text, REAL, "w.toml")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("meters = ", "w.toml: Invalid value"),
        ('schema = "x"', f"w.toml, schema: this is '{SCHEMA}', not 'x'"),
        ("speed = 0", "w.toml, speed: a number above 0"),
        ("speed = -1", "speed"),
        ('[[meters]]\ncompanion = "gas"\nfirst = -1', "first: a number from 0"),
        (
            '[[meters]]\ncompanion = "gas"\n[[meters]]\ncompanion = "heat"\nfirst = 1',
            "w.toml, meters 2: two meters are AMT 1",
        ),
        ("colour = 1", "w.toml: .*unknown field `colour`"),
        ("[[meters]]\ncount = 1", "w.toml: .*required field `companion`"),
        ('[[meters]]\ncompanion = "beer"', r"w.toml, meters 1 \(beer\), companion: no companion profile 'beer'"),
        ('[[meters]]\ncompanion = "gas"\ncount = -1', r"meters 1 \(gas\), count: from 0 to"),
        ('[[meters]]\ncompanion = "gas"\nport = 65000\ncount = 1000', "port: 1000 ports from 65000 on go beyond 65535"),
        ('[[meters]]\ncompanion = "gas"\nhost = "localhost"', "host: 'localhost' does not appear to be"),
        ('[[meters]]\ncompanion = "gas"\nhost = "255.255.255.255"\nspread = "addresses"\ncount = 2', "host: "),
        ('[[meters]]\ncompanion = "gas"\nspread = "line"', "spread: only HDLC has many meters on one line"),
        ('[[meters]]\ncompanion = "gas"\nlink = "hdlc"\nspread = "line"\nphysical = 5', "physical: addresses from 16"),
        ('[[meters]]\ncompanion = "gas"\nlink = "smoke"', "w.toml: Invalid enum value 'smoke'"),
        ('[[meters]]\ncompanion = "gas"\nmanufacturer = "Maker"', "manufacturer: three capital letters"),
        ('[[meters]]\ncompanion = "gas"\nfaults = { drop = 2.0 }', "drop is a probability"),
        ('[[meters]]\ncompanion = "gas"\npush = { to = "nowhere" }', "push: a target is written as host:port"),
        ('[[meters]]\ncompanion = "gas"\npush = { to = "a:70000" }', "push: a target is written as host:port"),
        ('[[meters]]\ncompanion = "gas"\npush = { to = "a:1", every = -1 }', "push, every: seconds, 0 for never"),
        ('[[meters]]\ncompanion = "gas"\nfaults = { dorp = 0.1 }', "unknown field `dorp`"),
    ],
)
def test_mistakes_name_the_file_and_the_table(text, why):
    with pytest.raises(LocalError, match=why):
        World.parse(text, REAL, "w.toml")


def test_two_meters_at_one_place_are_a_mistake():
    text = '[[meters]]\ncompanion = "gas"\n[[meters]]\ncompanion = "heat"\n'
    with pytest.raises(LocalError, match=r"2 meters answer at tcp 127.0.0.1 port 4059"):
        _ = World.parse(text, REAL).endpoints
