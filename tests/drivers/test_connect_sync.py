"""A meter, blocking: over a loopback, and over sockets."""

from __future__ import annotations

import datetime as dt
import io
import socket

import pytest

import anymeter
import driver_meters
import heat_meter
from anymeter.cosem.classes.clock import Clock
from anymeter.cosem.classes.image import ImageTransfer
from anymeter.cosem.classes.registers import Register
from anymeter.dlms.client.clock import read_clock
from anymeter.drivers import serve
from anymeter.drivers.connect_sync import connect_sync
from anymeter.errors import AccessError, AssociationRefused, LinkError, LinkTimeout, LocalError
from anymeter.links.events import Route, Unit
from heat_meter import ENERGY, ENTRIES, HOURLY

PUSH = bytes.fromhex("0F 00000001 00 0202 0906 0100010800FF 06 0000138D")
SCHEMES = {"wrapper": "dlms+tcp", "datagrams": "dlms+udp", "hdlc": "dlms+hdlc+tcp"}


def url(kind, port, options="client=32"):
    return f"{SCHEMES[kind]}://127.0.0.1:{port}?{options}"


@pytest.mark.parametrize("kind", SCHEMES)
def test_a_meter_over_sockets(kind):
    with heat_meter.serving(kind) as server:
        with connect_sync(url(kind, server.port), password=heat_meter.PASSWORD) as meter:
            energy = meter.read("6-0:1.0.0")
            assert (energy.value, energy.unit) == (90_000, "Wh")
            assert len(meter.profile(HOURLY)) == ENTRIES
        with connect_sync(url(kind, server.port, "")) as meter:
            assert meter.read("0-0:42.0.0").value == "AMT0000000004711"


def test_it_is_a_name_of_the_package():
    assert anymeter.connect_sync is connect_sync


@pytest.mark.parametrize("kind", driver_meters.LINKS)
def test_a_meter_over_a_loopback(kind):
    with heat_meter.meter(kind=kind) as meter:
        assert meter.read(ENERGY).value == 90_000
        line = meter._line
        assert line.server.line.associations
    assert not line.server.line.associations


def test_reading():
    with heat_meter.meter() as meter:
        assert [(r.value, r.unit) for r in meter.read(ENERGY, "0-0:96.1.0")] == [(90_000, "Wh"), ("00004711", "")]
        steps = []
        assert len(meter.read(progress=lambda *step: steps.append(step))) == steps[-1][0]
        assert [r.obis for r in meter.read(ENERGY, progress=lambda *step: None)] == [ENERGY]
        with pytest.raises(AccessError, match="object-undefined"):
            meter.read("6-0:5.5.5")
        assert meter.read(ENERGY, "6-0:5.5.5")[1].status == "object-undefined"


def test_attributes_methods_and_any_conversation():
    with heat_meter.meter() as meter:
        assert meter.get(ENERGY, Register.scaler_unit) == (3, 30)
        with pytest.raises(AccessError, match="read-write-denied"):
            meter.set("0-0:44.0.0", ImageTransfer.image_transfer_enabled, True)
        with pytest.raises(AccessError, match="read-write-denied"):
            meter.call(ENERGY, Register.reset, 0)
        shown = meter.run(read_clock)
        assert shown.octets == bytes(meter.get("0-0:1.0.0", Clock.time))
        assert shown.to_datetime() == dt.datetime.fromtimestamp(heat_meter.NOW, dt.UTC)


def test_profiles_become_rows_and_columns_and_csv():
    with heat_meter.meter() as meter:
        profile = meter.profile(HOURLY, entries=(1, 2))
        assert [row[2] for row in profile] == [3, 6]
        assert profile.columns()["6-0:1.0.0*255"].tolist() == [3, 6]
        out = io.StringIO()
        profile.to_csv(out)
        assert out.getvalue().splitlines()[1].endswith(",3000,0.01")


def test_objects_and_a_scan():
    with heat_meter.meter() as meter:
        octets = []
        assert ENERGY in {entry.name for entry in meter.objects(octets.append)}
        assert octets
        assert meter.scan().name == b"AMT0000000004711"


def test_another_association_on_the_same_line():
    with heat_meter.meter() as meter:
        with meter.association(client=16, mechanism=0, secret=b"") as public:
            assert public.read("0-0:42.0.0").value == "AMT0000000004711"
            with pytest.raises(AccessError):
                public.read(ENERGY)
            assert meter.read(ENERGY).value == 90_000
        assert meter.read(ENERGY).value == 90_000
        assert list(meter._line.server.line.associations) == [Route(32, 1)]


def test_what_the_meter_sends_unasked():
    meter, told = heat_meter.with_postbox()
    with meter:
        line = meter._line
        line.push([Unit(Route(32, 1), PUSH, False)])
        [message] = meter.listen(0.0)
        assert [(str(r.obis), r.value) for r in message.readings] == [("1-0:1.8.0*255", 5005)]
        assert told == []


def test_without_a_postbox_nothing_is_heard():
    with heat_meter.meter() as meter:
        assert list(meter.listen(0.0)) == []


def test_listening_over_a_socket_ends_in_time():
    with heat_meter.serving() as server, connect_sync(url("wrapper", server.port, "")) as meter:
        assert list(meter.listen(0.01)) == []

        async def push():
            for connection in server.serving.connections:
                connection.push([Unit(Route(16, 1), PUSH, False)])

        server.run(push())
        assert len(list(meter.listen(0.2))) == 1


def test_a_wrong_password_is_refused():
    with (
        pytest.raises(AssociationRefused, match="authentication-failure") as e,
        heat_meter.meter(password="wrong") as meter,
    ):
        meter.read(ENERGY)
    assert e.value.diagnostic == 13


@pytest.mark.parametrize("kind", ["wrapper", "hdlc"])
def test_a_refused_association_takes_its_route_down(kind):
    meter = heat_meter.meter(password="wrong", kind=kind)
    with pytest.raises(AssociationRefused), meter:
        pass
    meter._line.open(Route(32, 1))


def test_an_error_of_the_callers_still_releases():
    meter = heat_meter.meter()
    with pytest.raises(ZeroDivisionError), meter:
        raise ZeroDivisionError
    assert not meter._line.server.line.associations


@pytest.mark.parametrize("error", [KeyboardInterrupt, LinkError("gone")])
def test_in_haste_nothing_is_released(error):
    meter = heat_meter.meter()
    with pytest.raises((KeyboardInterrupt, LinkError)), meter:
        raise error
    assert meter._line.server.line.associations


def test_a_line_that_breaks_off_while_releasing_is_no_error():
    with heat_meter.meter() as meter:
        assert meter.read(ENERGY).value == 90_000
        meter._line.hang_up()


def once(where, seconds=0.05):
    """Connect and read the name."""
    with connect_sync(f"{where}&timeout={seconds}") as meter:
        return {meter.read("0-0:42.0.0").value for _ in range(5)}


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        ("wrapper", "", r"did not answer within 0\.05 s"),
        ("datagrams", "&retries=1", r"did not answer within 0\.025 s"),
        ("hdlc", "&retries=1", "no answer, asked 2 times"),
    ],
)
def test_nobody_answers(kind, options, why):
    silent = driver_meters.silent(socket.SOCK_DGRAM if kind == "datagrams" else socket.SOCK_STREAM)
    with silent as port, pytest.raises(LinkTimeout, match=rf"127\.0\.0\.1:{port}:? {why}"):
        once(url(kind, port, "client=16") + options)


def test_a_meter_that_hangs_up_in_the_middle():
    count = iter(range(100))
    server = heat_meter.serving(faults=lambda octets: serve.Fault(hang_up=next(count) == 1))
    with server, pytest.raises(LinkError, match=r"the peer closed the connection|reset by peer"):
        once(url("wrapper", server.port, "client=16"), 5)


def test_mistakes_are_told_before_anything_is_sent():
    for wrong in ("http://h", "dlms+tcp://h?password=1", "dlms+tcp://h?authentication=low"):
        with pytest.raises(LocalError), connect_sync(wrong):
            pass


def test_the_octets_can_be_seen():
    octets = []
    server = heat_meter.serving()
    with server, connect_sync(url("wrapper", server.port, ""), trace=lambda *one: octets.append(one)) as meter:
        meter.read("0-0:42.0.0")
    assert [out for out, _ in octets] == [True, False] * 3
    assert octets[0][1][:6] == bytes.fromhex("0001 0010 0001")
