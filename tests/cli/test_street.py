"""The street of ``anymeter demo``: a dozen meters, read over every link."""

from __future__ import annotations

import io

from anymeter.cli import street
from anymeter.cosem.companion import shipped
from anymeter.simulator.example import STREET
from anymeter.simulator.world import World


def shown():
    out = io.StringIO()
    return street.show(out), out.getvalue()


def test_every_meter_is_read():
    (read, lost), text = shown()
    assert (read, lost) == (12, 0)
    lines = text.splitlines()
    assert lines[0] == street.TITLE
    assert sum(line.startswith("AMT") for line in lines) == 12
    for link in ("tcp", "udp", "hdlc"):
        assert any(f"  {link}  " in line for line in lines), link
    for unit in ("kWh", "m³", "°C", "m³/h"):
        assert any(line.endswith(unit) for line in lines), unit


def test_the_street_has_every_medium():
    world = World.parse(STREET, 0.0)
    assert {table.companion for table in world.text.meters} == set(shipped())
    assert len(world.plans) == 12
    assert {plan.link for plan in world.plans} == {"tcp", "udp", "hdlc"}
    assert {plan.port for plan in world.plans} == {0}


def test_a_meter_that_does_not_answer_is_told_and_counted(monkeypatch):
    text = '[[meters]]\ncompanion = "heat"\ncount = 2\nport = 0\nfaults = { hang_up = 1.0 }\n'
    monkeypatch.setattr(street, "STREET", text)
    (read, lost), printed = shown()
    assert (read, lost) == (0, 2)
    assert printed.count("AMT000000000000") == 2
