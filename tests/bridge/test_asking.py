"""What one asks a meter for, against a heat meter of ours over a loopback."""

from __future__ import annotations

import datetime as dt

import pytest

import driver_meters
import heat_meter
from anymeter.bridge.asking import CHUNK, Asking, likely_class
from anymeter.cosem.classes.image import ImageTransfer
from anymeter.cosem.schema import LONG_UNSIGNED
from anymeter.dlms.client.association import associate
from anymeter.dlms.client.session import Session, Settings
from anymeter.errors import AccessError, LocalError
from anymeter.links.events import Route
from anymeter.obis import Obis
from heat_meter import ENERGY, ENTRIES, HOURLY, SET_DATE, VOLUME

UTC = dt.UTC


@pytest.fixture
def meter():
    with heat_meter.meter() as found:
        yield found


class Counted:
    """How many requests a meter was asked."""

    def __init__(self, meter):
        self.count, line = 0, meter._line.server.line
        answer = line.answer

        def counted(unit, now):
            self.count += 1
            return answer(unit, now)

        line.answer = counted

    def __call__(self):
        count, self.count = self.count, 0
        return count


def ask(meter, conversation):
    return meter._run(conversation)


def test_a_value_takes_one_request_and_its_scaler_is_remembered(meter):
    requests = Counted(meter)
    [[energy]] = ask(meter, meter.asking.read([ENERGY]))
    assert (energy.obis, energy.value, energy.unit) == (ENERGY, 90_000, "Wh")
    assert requests() == 1
    assert len(ask(meter, meter.asking.read([ENERGY, VOLUME, "0-0:1.0.0", "0-0:96.1.0"]))) == 4
    assert requests() == 1


def test_a_class_guessed_wrong_is_looked_up_once(meter):
    requests = Counted(meter)
    assert likely_class(SET_DATE) == 3
    [[at_set_date]] = ask(meter, meter.asking.read([SET_DATE]))
    assert (at_set_date.value, str(at_set_date.time)) == (1_234_000, "2025-12-31T00:00:00")
    assert requests() > 2
    ask(meter, meter.asking.read([SET_DATE]))
    assert requests() == 1


def test_what_is_not_there_says_so(meter):
    [[energy], [nothing]] = ask(meter, meter.asking.read([ENERGY, "6-0:5.5.5"]))
    assert energy.value == 90_000
    assert (nothing.value, nothing.status) == (None, "object-undefined")
    with pytest.raises(AccessError, match="object-undefined"):
        ask(meter, meter.asking.read_one("6-0:5.5.5"))


def test_one_reading(meter):
    assert ask(meter, meter.asking.read_one("6-0:1.0.0")).value == 90_000


@pytest.mark.parametrize(
    ("name", "why"),
    [(HOURLY, "is a profile"), ("0-0:98.1.0", "is a profile")],
)
def test_what_has_no_value_by_its_name(meter, name, why):
    with pytest.raises(LocalError, match=why):
        ask(meter, meter.asking.read([name]))


def test_what_has_no_value_by_its_class(meter):
    with pytest.raises(LocalError, match=r"class 18 \(Image transfer\), which has no value: name an attribute"):
        ask(meter, meter.asking.read(["0-0:44.0.0"]))


def test_everything_that_has_a_value_and_may_be_read(meter):
    steps = []
    readings = ask(meter, meter.asking.read_all(lambda done, of: steps.append((done, of))))
    found = {reading.obis: reading for reading in readings}
    assert {ENERGY, VOLUME, SET_DATE, Obis("0-0:1.0.0"), Obis("0-0:42.0.0")} <= set(found)
    assert Obis(HOURLY) not in found
    assert not [reading for reading in readings if reading.status]
    assert steps[-1] == (len(found), len(found))


def test_the_public_client_sees_less():
    with heat_meter.meter("dlms+tcp://h", None) as meter:
        found = [reading.obis for reading in ask(meter, meter.asking.read_all())]
        assert Obis("0-0:42.0.0") in found
        assert ENERGY not in found
        with pytest.raises(AccessError, match="read-write-denied"):
            ask(meter, meter.asking.read_one(ENERGY))


def test_many_objects_go_in_chunks(meter):
    steps = []
    names = [ENERGY] * (2 * CHUNK + 1)
    assert len(ask(meter, meter.asking.read(names, lambda done, of: steps.append(done)))) == len(names)
    assert steps == [CHUNK, 2 * CHUNK, 2 * CHUNK + 1]


@pytest.mark.parametrize("attribute", [2, "2", "image_block_size", "image block size", "image-block-size"])
def test_any_attribute_by_number_or_name(meter, attribute):
    reading = ask(meter, meter.asking.read_attribute("0-0:44.0.0", attribute))
    assert reading.name == "image transfer, image block size"
    assert reading.value == meter.get("0-0:44.0.0", ImageTransfer.image_block_size)


def test_an_attribute_of_an_object_that_is_not_there_is_refused(meter):
    reading = ask(meter, meter.asking.read_attribute("1-0:1.8.0", 3))
    assert (reading.name, reading.value, reading.status) == ("1-0:1.8.0*255, attribute 3", None, "object-undefined")


def test_attributes_and_methods_that_are_not_there(meter):
    with pytest.raises(LocalError, match="has no attribute 'size'; it has logical_name, image_block_size"):
        ask(meter, meter.asking.attribute("0-0:44.0.0", "size"))
    with pytest.raises(LocalError, match="has no method 'begin'; it has image_transfer_initiate"):
        ask(meter, meter.asking.method("0-0:44.0.0", "begin"))
    with pytest.raises(LocalError, match=r"knows no object 1-0:1\.8\.0"):
        ask(meter, meter.asking.entry("1-0:1.8.0"))
    entry, number = ask(meter, meter.asking.method("0-0:44.0.0", "image_verify"))
    assert (entry.class_id, number) == (18, 3)


def test_the_object_list_is_read_once(meter):
    requests = Counted(meter)
    assert len(ask(meter, meter.asking.objects())) > 30
    assert requests() >= 1
    ask(meter, meter.asking.objects())
    ask(meter, meter.asking.entry(ENERGY))
    assert requests() == 0


def test_a_scan(meter):
    scan = ask(meter, meter.asking.scan())
    assert scan.name == b"AMT0000000004711"
    assert [(device.sap, device.name) for device in scan.devices] == [(1, scan.name)]
    assert [(one.client, one.server) for one in scan.associations] == [(32, 1)]
    assert {entry.class_id for entry in scan.objects} >= {1, 3, 4, 7, 8, 15, 17}


def test_a_scan_of_a_meter_that_tells_nothing():
    line = driver_meters.loopback()
    session = Session(Settings())
    line.open(Route(16, 1))
    line.run(Route(16, 1), associate(session))
    scan = line.run(Route(16, 1), Asking(session).scan())
    assert (scan.name, scan.devices, scan.associations, scan.objects) == (None, None, None, None)


def test_a_whole_profile(meter):
    profile = ask(meter, meter.asking.profile(HOURLY))
    assert profile.names == ("0-0:1.0.0*255", "0-0:96.10.1*255", "6-0:1.0.0*255", "6-0:2.0.0*255")
    assert profile.units == ("", "", "Wh", "m3")
    assert [row[2] for row in profile.scaled()] == [3000 * hour for hour in range(1, ENTRIES + 1)]


def test_what_is_no_profile_is_told_so(meter):
    with pytest.raises(AccessError, match=r"^6-0:1\.0\.0\*255 read as a profile: object-") as e:
        ask(meter, meter.asking.profile("6-0:1.0.0"))
    assert e.value.result in (4, 9)


def test_a_profile_by_entries(meter):
    def energies(entries):
        return [row[2] // 3 for row in ask(meter, meter.asking.profile(HOURLY, entries=entries)).rows]

    assert energies(2) == [29, 30]
    assert energies(500) == list(range(1, 31))
    assert energies((3, 5)) == [3, 4, 5]
    assert energies((29, 0)) == [29, 30]


def test_a_profile_by_time(meter):
    def hours(since, until):
        return [row[2] // 3 for row in ask(meter, meter.asking.profile(HOURLY, since=since, until=until)).rows]

    def at(hour):
        return dt.datetime(2026, 3, 1, hour, tzinfo=UTC)

    assert hours(at(2), at(4)) == [2, 3, 4]
    assert hours(at(22), None)[0] == 22
    assert len(hours(at(22), None)) == ENTRIES - 21
    assert hours(None, at(3)) == [1, 2, 3]
    assert hours(dt.datetime(2026, 3, 1, 3), dt.datetime(2026, 3, 1, 5)) == [2, 3, 4]


@pytest.mark.parametrize(
    "wrong",
    [
        {"entries": 0},
        {"entries": -1},
        {"entries": 1, "since": dt.datetime(2026, 1, 1)},
        {"since": dt.datetime(2026, 1, 2), "until": dt.datetime(2026, 1, 1)},
        {"since": dt.datetime(2026, 1, 1), "until": dt.datetime(2026, 1, 2, tzinfo=UTC)},
    ],
)
def test_what_part_of_a_profile_cannot_be_meant(meter, wrong):
    with pytest.raises(LocalError):
        ask(meter, meter.asking.profile(HOURLY, **wrong))


def test_a_value_keeps_its_type_or_takes_another(meter):
    log = []
    meter._line.server.line.answer = _noting(meter._line.server.line.answer, log)
    with pytest.raises(AccessError):
        ask(meter, meter.asking.set(ENERGY, _register_value(), 5))
    assert log[-1][-5:] == bytes.fromhex("0600000005")
    with pytest.raises(AccessError):
        ask(meter, meter.asking.set(ENERGY, _register_value(), 5, LONG_UNSIGNED))
    assert log[-1][-3:] == bytes.fromhex("120005")


def _register_value():
    from anymeter.cosem.classes.registers import Register

    return Register.value


def _noting(answer, log):
    def noted(unit, now):
        log.append(unit.apdu)
        return answer(unit, now)

    return noted
