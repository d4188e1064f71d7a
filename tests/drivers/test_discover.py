"""Discovery on an HDLC line behind a socket."""

from __future__ import annotations

import pytest

import driver_meters
from anymeter.drivers.discover import stations
from anymeter.drivers.serve import Fault
from anymeter.errors import LinkError
from anymeter.links.events import Route
from anymeter.links.hdlc_discovery import addresses
from anymeter.links.hdlc_secondary import HdlcSecondary


@pytest.fixture
def only_18(monkeypatch):
    pair = (driver_meters.LINKS["hdlc"][0], lambda: HdlcSecondary(physical=18))
    monkeypatch.setitem(driver_meters.LINKS, "hdlc", pair)


def test_who_is_there(only_18):
    steps, octets = [], []
    with driver_meters.serving("hdlc") as server:
        found = stations(
            "127.0.0.1",
            server.port,
            addresses(range(17, 20)),
            seconds=0.03,
            progress=lambda *step: steps.append(step),
            trace=lambda *one: octets.append(one),
        )
    assert [(station.route, station.answer) for station in found] == [(Route(16, 1, 18), "UA")]
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert [out for out, _ in octets] == [True, True, False, True, False, True]


def test_nobody_is_there():
    with driver_meters.silent() as port:
        assert stations("127.0.0.1", port, addresses([17]), seconds=0.01) == []


def test_a_line_that_breaks_off():
    server = driver_meters.serving("hdlc", faults=lambda octets: Fault(drop=True, hang_up=True))
    with server, pytest.raises(LinkError, match=r"closed the connection|reset by peer"):
        stations("127.0.0.1", server.port, addresses([17, 18]), seconds=5.0)


def test_nobody_listens():
    with pytest.raises(LinkError, match="connection refused"):
        stations("127.0.0.1", driver_meters.closed_port(), addresses([17]))
