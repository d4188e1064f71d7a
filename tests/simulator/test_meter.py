from __future__ import annotations

import datetime as dt
import zoneinfo
from itertools import pairwise

import pytest

from anymeter.cosem import data
from anymeter.cosem.companion import Companion, Identity, shipped
from anymeter.cosem.companion_check import Observed, ObservedObject, check
from anymeter.cosem.datetimes import DateTime
from anymeter.dlms.client.get import get_octets
from anymeter.dlms.client.session import Settings
from anymeter.dlms.server.server import Server
from anymeter.drivers.connect_sync import BlockingMeter
from anymeter.drivers.loopback import Loopback
from anymeter.errors import AccessError
from anymeter.links.events import Route
from anymeter.links.wrapper_link import WrapperLink
from anymeter.obis import Obis
from anymeter.simulator import meter
from anymeter.simulator.consumption import Site, media, quantities
from anymeter.simulator.zone import CENTRAL_EUROPE, DAY, HOUR

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 11, 24, 10, 7, 30, tzinfo=dt.UTC).timestamp()


def made(name, number=1, now=NOW):
    site = Site.of(1, number, CENTRAL_EUROPE, int(now))
    return meter.build(Companion.load(name), Identity(number), site).management, site


def value(device, name, now=NOW, attribute=2):
    return device.objects[Obis(name)].get(attribute, now)


def moment(octets):
    return DateTime(octets).to_datetime().timestamp()


@pytest.mark.parametrize("name", shipped())
def test_every_value_of_every_meter_fits_its_type_at_any_time(name):
    device, site = made(name)
    for now in (site.since - DAY, site.since + 1, NOW, NOW + 3650 * DAY):
        for obj in device.objects.values():
            for number, attribute in obj.attributes.items():
                if not attribute.secret and (obj.class_id, number) != (7, 2):
                    assert obj.encoded(number, now)


@pytest.mark.parametrize("name", [n for n in shipped() if n in media()])
def test_registers_hold_what_was_counted(name):
    device, site = made(name)
    own = [o for n, o in device.objects.items() if n.a and o.class_id == 3 and o.sources]
    assert len(own) >= 2
    found = quantities(name, site)
    counted = sum(q.counts for q in found.values())
    assert counted >= 2
    for register in own:
        register.encoded(2, NOW)


def test_a_register_shows_its_own_resolution():
    device, site = made("heat")
    energy = quantities("heat", site)["energy"].at(int(NOW))
    assert value(device, "6-0:1.0.0*255") == energy // 10**9  # 10**-6 Wh, shown in kWh
    assert value(device, "6-0:2.0.0*255") == quantities("heat", site)["volume"].at(int(NOW)) // 10**4


def test_the_set_date_value_is_that_of_the_end_of_the_year():
    device, site = made("cold-water")
    new_year = dt.datetime(2026, 1, 1, tzinfo=BERLIN).timestamp()
    assert value(device, "8-0:1.2.0*255") == value(device, "8-0:1.0.0*255", new_year)
    assert moment(value(device, "8-0:1.2.0*255", attribute=5)) == new_year
    device.objects[Obis("8-0:0.1.10*255")].put(2, b"\xff\xff\x06\x0f\xff", NOW)  # each 15 June
    june = dt.datetime(2026, 6, 16, tzinfo=BERLIN).timestamp()
    assert value(device, "8-0:1.2.0*255") == value(device, "8-0:1.0.0*255", june)
    assert site.since < june
    device.objects[Obis("8-0:0.1.10*255")].put(2, b"\xff\xff\x06\x1e\xff", NOW)
    assert moment(value(device, "8-0:1.2.0*255", attribute=5)) == dt.datetime(2026, 7, 1, tzinfo=BERLIN).timestamp()
    device.objects[Obis("8-0:0.1.10*255")].put(2, b"\xff" * 5, NOW)
    assert value(device, "8-0:1.2.0*255") == value(device, "8-0:1.0.0*255", new_year)


def test_an_allocator_begins_anew_after_its_set_date():
    number = next(n for n in range(1, 50) if made("heat-cost-allocator", n)[1].since < NOW - 800 * DAY)
    device, _ = made("heat-cost-allocator", number)
    last, first = (dt.datetime(2026, 1, 1, tzinfo=BERLIN).timestamp() + s for s in (-1, 0))
    assert value(device, "4-0:1.0.0*255", first) == 0
    assert value(device, "4-0:1.2.0*255", first) == pytest.approx(value(device, "4-0:1.0.0*255", last), abs=1)
    assert value(device, "4-0:1.0.0*255", last) > 100


def test_demand_is_the_power_of_the_quarter_that_runs():
    device, _ = made("electricity")
    demand = Obis("1-0:1.4.0*255")
    assert value(device, str(demand)) == value(device, "1-0:1.7.0*255")
    assert value(device, str(demand), attribute=3) == value(device, str(demand), NOW - 900)
    assert moment(value(device, str(demand), attribute=6)) == NOW // 900 * 900


@pytest.mark.parametrize(
    ("name", "profile", "columns", "period"),
    [
        ("electricity", "1-0:99.1.0*255", ["1-0:1.8.0*255", "1-0:2.8.0*255"], 900),
        ("cold-water", "8-0:99.1.1*255", ["8-0:1.0.0*255"], HOUR),
        ("heat", "6-0:99.1.1*255", ["6-0:1.0.0*255", "6-0:2.0.0*255"], HOUR),
        ("gas", "7-0:99.99.2*255", ["7-0:3.0.0*255", "7-0:13.2.0*255"], HOUR),
    ],
)
def test_load_profiles_hold_what_the_registers_held(name, profile, columns, period):
    device, _ = made(name)
    buffer = device.objects[Obis(profile)]
    rows = data.parse(buffer.encoded(2, NOW))
    assert len(rows) == buffer.get(7, NOW) > 1000
    times = [moment(row[0]) for row in rows]
    assert times[-1] == NOW // period * period
    assert all(later - earlier == period for earlier, later in pairwise(times))
    for row, at in ((rows[0], times[0]), (rows[500], times[500]), (rows[-1], times[-1])):
        assert list(row[2:]) == [value(device, column, at) for column in columns]


def test_a_limiter_sees_the_power_that_is_simulated():
    device, _ = made("electricity")
    limiter, power = (device.objects[Obis(name)] for name in ("0-0:17.0.0*255", "1-0:1.7.0*255"))
    highest = max(power.get(2, NOW + quarter * 900) for quarter in range(96))
    limiter.put(4, highest - 1, NOW)
    limiter.put(11, ((b"\0\0\x0a\0\x6a\xff", 1), (b"\0\0\x0a\0\x6a\xff", 0)), NOW)
    device.advance(NOW)
    switch = device.objects[Obis("0-0:96.3.10*255")]
    assert switch.get(3, NOW) == 1
    device.advance(NOW + DAY)
    assert switch.get(3, NOW) != 1, "too much for the limiter: disconnected"


def test_a_profile_that_a_client_changes_begins_anew():
    device, _ = made("electricity")
    buffer = device.objects[Obis("1-0:99.1.0*255")]
    columns = buffer.stored(3)[:1] + buffer.stored(3)[2:3]
    buffer.write(3, buffer.schema_of(3).encode(columns), NOW)
    assert buffer.get(7, NOW) == 0
    rows = data.parse(buffer.encoded(2, NOW + 3600))
    assert len(rows) == 4
    assert all(len(row) == 2 for row in rows)
    buffer.write(4, b"\x06" + (3600).to_bytes(4, "big"), NOW + 3600)
    assert buffer.get(7, NOW + 3 * 3600) == 2
    buffer.write(8, b"\x06" + (3).to_bytes(4, "big"), NOW + 3600)
    assert buffer.get(7, NOW + 90_000) == 3
    buffer.write(4, b"\x06" + bytes(4), NOW + 90_000)
    assert buffer.rows is None


def test_a_profile_is_reset():
    device, _ = made("heat")
    buffer = device.objects[Obis("6-0:99.1.1*255")]
    buffer.invoke(1, b"\x0f\x00", NOW)
    assert data.parse(buffer.encoded(2, NOW)) == []
    assert buffer.get(7, NOW + 7200) == 2


def test_what_is_counted_can_be_reset_and_what_is_measured_cannot():
    device, _ = made("electricity")
    energy, voltage = device.objects[Obis("1-0:1.8.0*255")], device.objects[Obis("1-0:32.7.0*255")]
    before = energy.get(2, NOW + DAY) - energy.get(2, NOW)
    energy.invoke(1, None, NOW)
    assert (energy.get(2, NOW), energy.get(2, NOW + DAY)) == (0, before)
    with pytest.raises(AccessError, match="no count"):
        voltage.invoke(1, None, NOW)
    assert voltage.encoded(2, NOW + DAY)


def test_the_gas_day_begins_at_six():
    device, _ = made("gas")
    rows = data.parse(device.objects[Obis("7-0:99.99.3*255")].encoded(2, NOW))
    assert {DateTime(row[0]).hour for row in rows} == {6}
    assert len(rows) > 30


@pytest.mark.parametrize("name", shipped())
def test_billing_periods_end_with_the_month(name):
    device, _ = made(name, 2)
    (buffer,) = [o for n, o in device.objects.items() if o.class_id == 7 and n.c == 98]
    rows = data.parse(buffer.encoded(2, NOW))
    hour = 6 if name == "gas" else 0
    assert len(rows) >= 1
    assert {(DateTime(row[0]).day, DateTime(row[0]).hour) for row in rows} == {(1, hour)}
    assert DateTime(rows[-1][0]).month == 11
    assert value(device, "0-0:0.1.0*255") >= 1


def test_a_log_of_events_is_not_computed():
    device, _ = made("electricity")
    log = device.objects[Obis("0-0:99.98.0*255")]
    assert log.rows is None
    assert log.get(7, NOW) == 0


def test_an_access_point_shows_the_meters_behind_it():
    device, _ = made("access-point")
    for channel in range(1, 5):
        assert device.objects[Obis(f"0-{channel}:24.1.0*255")].class_id == 72
        assert value(device, f"0-{channel}:24.2.1*255") > 0
        rows = data.parse(device.objects[Obis(f"0-{channel}:24.3.0*255")].encoded(2, NOW))
        assert rows[-1][1] == value(device, f"0-{channel}:24.2.1*255", NOW // HOUR * HOUR)
        assert moment(value(device, f"0-{channel}:24.2.1*255", attribute=5)) == NOW // HOUR * HOUR
    assert value(device, "0-3:24.2.1*255") != value(device, "0-4:24.2.1*255")


def test_a_day_goes_by_with_its_rates():
    device, _ = made("electricity")
    rate = Obis("0-0:96.14.0*255")
    seen = {}
    midnight = dt.datetime(2026, 11, 25, tzinfo=BERLIN).timestamp()
    device.advance(midnight - HOUR)
    for hour in range(25):
        device.advance(midnight + hour * HOUR)
        seen[hour] = device.objects[rate].get(2, midnight + hour * HOUR)
    assert [h for h, r in seen.items() if r == 1] == list(range(6, 22))


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("role", ["public", "reader"])
def test_a_client_sees_what_the_profile_says(name, role):
    companion = Companion.load(name)
    device = meter.build(companion, Identity(7), Site.of(1, 7, CENTRAL_EUROPE, int(NOW)))
    device.advance(NOW)
    profile = companion.association(role)
    line = Loopback(WrapperLink(), WrapperLink(server=True), Server(device).line(), device_time=NOW)
    settings = Settings(client=profile.client, mechanism=profile.mechanism, secret=profile.secret)
    with BlockingMeter(line, settings, Route(profile.client, 1)) as client:
        entries = client.objects()
        values = {
            (entry.name, number): client.run(get_octets, entry.attribute(number))
            for entry in entries
            for number in (entry.rights.attributes if entry.rights else ())
            if entry.may_read(number) and (entry.class_id, number) not in ((7, 2), (15, 2))
        }
        negotiated, size = client.session.conformance, client.session.max_send_pdu
    observed = Observed(
        client=profile.client,
        objects=[
            ObservedObject(
                e.name, e.class_id, e.version, e.rights and e.rights.attributes, e.rights and e.rights.methods
            )
            for e in entries
        ],
        values=values,
        conformance=negotiated,
        max_send_pdu=size,
    )
    assert check(companion, observed, extras=True) == []
    assert len(values) > 10 if role == "public" else len(values) > 80


def test_profiles_without_a_medium_still_keep_their_time():
    text = """
    name = "own"
    medium = "beer"
    include = ["common"]
    [[object]]
    name = "0-0:10.0.1*255"
    class = 9
    access = "tariff"
    """
    site = Site.of(1, 1, CENTRAL_EUROPE, int(NOW))
    device = meter.build(Companion.parse(text), Identity(), site).management
    assert device.objects[Obis("0-0:96.8.0*255")].get(2, NOW) == int(NOW) - site.since
