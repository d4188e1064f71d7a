"""Register monitor: crossings and what is none. Parameter monitor: changes, and the digest of the parameters."""

import hashlib

import pytest

from anymeter.cosem.classes.monitors import ParameterMonitor, ParameterMonitorV1, RegisterMonitor
from anymeter.cosem.classes.scripts import ScriptTable
from anymeter.cosem.data import parse
from anymeter.cosem.model import InterfaceClass, attribute
from anymeter.cosem.schema import LONG_UNSIGNED, OCTET_STRING, VISIBLE_STRING, array
from cosem.classes.surroundings import PROBE, SCRIPTS, Probe, device, refused, shown, told

LN = bytes(PROBE)
MONITOR = "0-0:16.1.0*255"
VALUE = (8500, LN, 2)


def script(number):
    return bytes(SCRIPTS), number


def monitor(value=0, thresholds=(100,), actions=None, **more):
    one = RegisterMonitor(
        MONITOR,
        thresholds=list(thresholds),
        monitored_value=VALUE,
        actions=actions or [(script(2 * n + 1), script(2 * n + 2)) for n in range(len(thresholds))],
        types={2: array(LONG_UNSIGNED)},
    )
    found = device(one)
    found.objects[PROBE].value = value
    found.advance(0)
    return found, one, found.objects[PROBE]


def numbers(found):
    return [number for _, number in told(found)]


def test_crossings_execute_their_scripts():
    found, _, probe = monitor()
    for now, value in enumerate((100, 101, 150, 100, 99, 200), 1):
        probe.put(2, value, now)
    assert [(at[-1], number) for at, number in told(found)] == [("2", 1), ("4", 2), ("6", 1)]


def test_the_initial_read_executes_nothing():
    found, _, probe = monitor(value=500)
    assert numbers(found) == []
    probe.put(2, 5, 1)
    assert numbers(found) == [2]


def test_two_thresholds_make_a_hysteresis():
    found, _, probe = monitor(thresholds=(80, 100), actions=[(script(0), script(1)), (script(2), script(0))], value=90)
    for value in (99, 101, 90, 101, 79, 85, 70):
        probe.put(2, value, 1)
    assert numbers(found) == [2, 2, 1, 1]


def test_both_thresholds_crossed_at_once_execute_in_order():
    found, _, probe = monitor(thresholds=(10, 20))
    probe.put(2, 30, 1)
    probe.put(2, 0, 1)
    assert numbers(found) == [1, 3, 2, 4]


def test_new_thresholds_are_no_crossing():
    found, one, probe = monitor(value=50)
    one.write(2, bytes.fromhex("0101120005"), 1)
    assert numbers(found) == []
    probe.put(2, 4, 2)
    assert numbers(found) == [2]


def test_another_value_may_be_monitored():
    found, one, probe = monitor(value=50)
    other = Probe("0-0:96.50.2*255", value=500)
    found.add(other)
    one.write(3, one.attributes[3].schema.encode((8500, bytes(other.logical_name), 2)), 1)
    probe.put(2, 500, 2)
    other.put(2, 1, 3)
    assert numbers(found) == [2]


def test_as_many_actions_as_thresholds():
    _, one, _ = monitor()
    pair = one.attributes[4].schema.encode([(script(1), script(2))] * 2)
    assert refused(lambda: one.write(4, pair, 0)) == 250
    one.write(4, one.attributes[4].schema.encode([(script(3), script(4))]), 0)
    assert one.actions == [(script(3), script(4))]


def test_a_computed_value_is_looked_at():
    found, one, probe = monitor(value=50)
    probe.bind("value", lambda now: int(now))
    found.touched(one)
    found.advance(180)
    assert [at[-8:] for at, _ in told(found)] == ["00:02:00"]
    assert found.next_due() == 240


def test_nothing_to_monitor():
    one = RegisterMonitor(MONITOR, thresholds=[1], monitored_value=(8500, bytes(6), 2), types={2: array(LONG_UNSIGNED)})
    found = device(one)
    found.advance(0)
    found.objects[PROBE].put(2, 7, 1)
    assert numbers(found) == []


def test_a_script_that_changes_what_is_monitored_does_not_go_round_in_circles():
    found, one, probe = monitor()
    ups = ScriptTable("0-0:10.0.1*255", scripts=[(1, [(1, 8500, LN, 2, 0)])])
    downs = ScriptTable("0-0:10.0.2*255", scripts=[(1, [(1, 8500, LN, 2, 500)])])
    found.add(ups)
    found.add(downs)
    one.actions = [((bytes(ups.logical_name), 1), (bytes(downs.logical_name), 1))]
    probe.put(2, 101, 1)
    assert probe.value in (0, 500)


# --- Parameter monitor ---


def parameter_monitor(kind=ParameterMonitor, **more):
    one = kind("0-0:16.2.0*255", parameter_list=[VALUE, (8500, LN, 3)], **more)
    found = device(one)
    found.objects[PROBE].types = {3: VISIBLE_STRING}
    found.objects[PROBE].values[3] = "abc"
    found.advance(1000)
    return found, one, found.objects[PROBE]


def test_a_change_is_shown_with_its_value_and_time():
    _, one, probe = parameter_monitor()
    assert one.changed_parameter == (0, bytes(6), 0, None)
    probe.put(2, 7, 2000)
    assert parse(one.encoded(2, 0)) == (8500, LN, 2, 7)
    assert one.encoded(2, 0).endswith(bytes.fromhex("120007"))
    assert one.capture_time.hex() == "07b2010104002114" + "00" + "000000"
    probe.put(3, "xyz", 3000)
    assert parse(one.encoded(2, 0)) == (8500, LN, 3, "xyz")


def test_the_same_value_again_is_no_change():
    _, one, probe = parameter_monitor()
    probe.put(2, 0, 2000)
    assert one.changed_parameter == (0, bytes(6), 0, None)
    probe.put(2, 1, 2000)
    probe.put(2, 1, 3000)
    assert one.capture_time[5:8] == bytes((0, 33, 20))
    assert shown(2000)[-8:] == "00:33:20"


def test_parameters_are_added_and_deleted():
    _, one, probe = parameter_monitor()
    one.delete_parameter(VALUE, 0)
    assert refused(lambda: one.delete_parameter(VALUE, 0)) == 250
    probe.put(2, 5, 2000)
    assert one.changed_parameter[0] == 0
    one.invoke(1, one.methods[1].schema.encode(VALUE), 0)
    one.add_parameter(VALUE, 0)
    assert one.parameter_list == [(8500, LN, 3), VALUE]
    probe.put(2, 6, 2000)
    assert one.changed_parameter == (*VALUE, 6)
    one.parameter_list = [(8500, LN, 3)] * 1000
    assert refused(lambda: one.add_parameter(VALUE, 0)) == 250


def test_parameters_may_be_listed_before_the_device_runs():
    one = ParameterMonitor("0-0:16.2.0*255")
    one.add_parameter(VALUE, 0)
    found = device(one)
    found.objects[PROBE].put(2, 5, 0)
    assert one.changed_parameter[0] == 0
    found.advance(1)
    found.objects[PROBE].put(2, 6, 2)
    assert one.changed_parameter[3] == 6


@pytest.mark.parametrize(("number", "name", "size"), [(0, "sha256", 32), (1, "sha384", 48), (2, "sha512", 64)])
def test_the_digest_is_that_of_the_encoded_values(number, name, size):
    _, one, probe = parameter_monitor(ParameterMonitorV1, hash_algorithm_id=number)
    values = bytes.fromhex("120000") + b"\x0a\x03abc"
    assert one.get(7, 0) == hashlib.new(name, values).digest()
    assert one.encoded(8, 0) == b"\x02\x02" + values
    assert one.get(8, 0) == (0, "abc")
    before = one.get(7, 0)
    probe.put(2, 1, 0)
    assert one.get(7, 0) != before
    assert len(before) == size


def test_unknown_hashes_and_lost_parameters():
    found, one, _ = parameter_monitor(ParameterMonitorV1)
    assert refused(lambda: one.write(6, b"\x16\x09", 0)) == 250
    one.write(6, b"\x16\x01", 0)
    found.remove(PROBE)
    assert one.encoded(8, 0) == bytes.fromhex("02020000")
    assert one.encoded(4, 0).startswith(b"\x01\x02")


class Vault(InterfaceClass, class_id=8506):
    """Holds a secret."""

    key = attribute(2, OCTET_STRING, secret=True)


def test_a_secret_is_never_shown():
    vault = Vault("0-0:96.71.0*255", key=b"secret")
    of_vault = (8506, bytes(vault.logical_name), 2)
    one = ParameterMonitorV1("0-0:16.2.0*255", parameter_list=[of_vault])
    found = device(one, vault)
    found.advance(0)
    vault.put(2, b"another", 1)
    assert one.changed_parameter[0] == 0
    assert (one.encoded(8, 1), one.get(8, 1)) == (b"\x02\x01\x00", (None,))
    one.parameter_list = []
    assert refused(lambda: one.add_parameter(of_vault, 0)) == 250


def test_a_parameter_that_is_deleted_is_not_watched_any_more():
    one = ParameterMonitor("0-0:16.2.0*255", parameter_list=[(8500, bytes(PROBE), 2)])
    found = device(one)
    found.advance(0)
    one.delete_parameter((8500, bytes(PROBE), 2), 1)
    assert found._watchers == {}
    found.objects[PROBE].put(2, 9, 2)
    assert one.changed_parameter[3] is None
