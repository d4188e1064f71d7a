"""Sensor manager: the thresholds of the raw and of the processed value."""

from anymeter.cosem.classes.sensors import SensorManagement
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import LONG_UNSIGNED, array
from cosem.classes.surroundings import PROBE, SCRIPTS, Probe, device, told

LN = bytes(PROBE)


def crossing(number):
    return (bytes(SCRIPTS), number), (bytes(SCRIPTS), number + 1)


def sensor(**more):
    one = SensorManagement(
        "0-0:96.55.0*255",
        raw_value=10,
        raw_value_thresholds=[50],
        raw_value_actions=[crossing(1)],
        processed_value=(8500, LN, 2),
        processed_value_thresholds=[100, 200],
        processed_value_actions=[crossing(3), crossing(5)],
        types={7: LONG_UNSIGNED, 11: array(LONG_UNSIGNED), 14: array(LONG_UNSIGNED)},
        **more,
    )
    found = device(one)
    found.advance(1000)
    return found, one, found.objects[PROBE]


def numbers(found):
    return [number for _, number in told(found)]


def test_the_raw_value_executes_scripts_and_has_a_time():
    found, one, _ = sensor()
    one.measured(51, 2000)
    one.measured(50, 3000)
    assert numbers(found) == [1, 2]
    assert DateTime(one.capture_time).iso() == "1970-01-01T00:50:00+00:00"
    assert one.encoded(7, 0).hex() == "120032"


def test_the_processed_value_executes_scripts_of_its_own():
    found, _, probe = sensor()
    for value in (101, 201, 0):
        probe.put(2, value, 1)
    assert numbers(found) == [3, 5, 4, 6]


def test_nothing_is_executed_at_the_beginning_nor_by_new_thresholds():
    found, one, probe = sensor()
    probe.put(2, 150, 1)
    one.write(14, bytes.fromhex("010112008C"), 2)
    one.write(11, bytes.fromhex("0101120005"), 2)
    assert numbers(found) == [3]
    probe.put(2, 140, 3)
    one.measured(5, 4)
    assert numbers(found) == [3, 4, 2]


def test_another_processed_value():
    found, one, probe = sensor()
    other = Probe("0-0:96.50.2*255")
    found.add(other)
    one.write(13, one.attributes[13].schema.encode((8500, bytes(other.logical_name), 2)), 1)
    probe.put(2, 150, 2)
    other.put(2, 150, 3)
    assert numbers(found) == [3]


def test_reset_sets_the_raw_value_to_0():
    found, one, _ = sensor()
    one.measured(80, 2000)
    one.invoke(1, b"\x0f\x00", 3000)
    assert (one.raw_value, numbers(found)) == (0, [1, 2])


def test_values_that_change_unseen_are_looked_at():
    found, one, probe = sensor()
    one.bind("raw_value", lambda now: 80 if now > 1100 else 0)
    found.touched(one)
    found.advance(1200)
    assert told(found) == [("1970-01-01 00:18:40", 1)]
    other_found, other, other_probe = sensor()
    other_probe.bind("value", lambda now: 150 if now > 1100 else 0)
    other_found.touched(other)
    other_found.advance(1200)
    assert told(other_found) == [("1970-01-01 00:18:40", 3)]
    assert probe.value == 0


def test_a_sensor_alone_can_be_read():
    one = SensorManagement("0-0:96.55.0*255")
    assert all(one.encoded(number, 0) for number in one.attributes)
    assert one.methods[1].short_offset == 0x80
