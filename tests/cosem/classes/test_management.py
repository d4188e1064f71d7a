"""SAP assignment, Function control and Communication port protection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.management import CommunicationPortProtection, FunctionControl, SapAssignment
from anymeter.cosem.data import parse
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from cosem.classes.surroundings import refused

SAPS = "0-0:41.0.0*255"


def physical():
    saps = SapAssignment(SAPS)
    devices = [
        LogicalDevice(1, b"ANYMANAGEMENT", [saps]),
        LogicalDevice(2, b"ANYHEAT"),
        LogicalDevice(3, b"ANYWATER"),
    ]
    return PhysicalDevice(devices), saps


def connect(one, sap, name):
    one.invoke(1, one.methods[1].schema.encode((sap, name)), 0)


def test_the_list_is_that_of_the_physical_device():
    _, one = physical()
    assert parse(one.encoded(2, 0)) == [(1, b"ANYMANAGEMENT"), (2, b"ANYHEAT"), (3, b"ANYWATER")]


def test_a_logical_device_alone_lists_itself():
    one = SapAssignment(SAPS, SAP_assignment_list=[(16, b"x")])
    assert one.get(2, 0) == [(16, b"x")]
    LogicalDevice(1, b"ANYALONE", [one])
    assert one.get(2, 0) == [(1, b"ANYALONE")]
    assert refused(lambda: connect(one, 2, b"ANYALONE")) == 250


def test_a_logical_device_is_moved_disconnected_and_connected_again():
    device, one = physical()
    connect(one, 20, b"ANYHEAT")
    assert (device.logical[20].name, device.logical[20].sap, 2 in device.logical) == (b"ANYHEAT", 20, False)
    connect(one, 0, b"ANYHEAT")
    assert 20 not in device.logical
    assert one.get(2, 0)[-1] == (0, b"ANYHEAT")
    connect(one, 0, b"ANYHEAT")
    connect(one, 2, b"ANYHEAT")
    assert one.get(2, 0) == [(1, b"ANYMANAGEMENT"), (2, b"ANYHEAT"), (3, b"ANYWATER")]


@pytest.mark.parametrize(
    ("sap", "name"),
    [(3, b"ANYHEAT"), (1, b"ANYHEAT"), (5, b"ANYMANAGEMENT"), (0, b"ANYMANAGEMENT"), (5, b"ANYGAS"), (2, b"ANYHEAT")],
)
def test_connections_that_are_refused(sap, name):
    device, one = physical()
    assert refused(lambda: connect(one, sap, name)) == 250
    assert sorted(device.logical) == [1, 2, 3]


# --- Function control ---


def functions():
    one = FunctionControl("0-0:44.1.0*255")
    told = []
    one.switched = lambda name, active, now: told.append((name, active, now))
    one.add_function((b"relay", [(70, bytes(6))]), 0)
    one.add_function((b"push", []), 0)
    return one, told


def test_functions_are_added_inactive_and_switched():
    one, told = functions()
    assert one.activation_status == [(b"relay", False), (b"push", False)]
    one.invoke(1, one.methods[1].schema.encode([(b"relay", True), (b"push", False)]), 5)
    assert (one.activation_status, told) == ([(b"relay", True), (b"push", False)], [(b"relay", True, 5)])


def test_an_unknown_function_refuses_the_whole():
    one, told = functions()
    assert refused(lambda: one.set_function_status([(b"relay", True), (b"gas", True)], 0)) == 250
    assert (dict(one.activation_status)[b"relay"], told) == (False, [])


def test_functions_are_changed_and_removed():
    one, _ = functions()
    one.set_function_status([(b"relay", True)], 0)
    one.add_function((b"relay", [(71, bytes(6))]), 0)
    assert one.function_list == [(b"push", []), (b"relay", [(71, bytes(6))])]
    assert dict(one.activation_status)[b"relay"] is True
    one.remove_function((b"relay", []), 0)
    assert (one.function_list, one.activation_status) == ([(b"push", [])], [(b"push", False)])
    assert refused(lambda: one.remove_function((b"relay", []), 0)) == 250


def test_not_more_functions_than_can_be_kept():
    one = FunctionControl("0-0:44.1.0*255", function_list=[(b"%d" % n, []) for n in range(1000)])
    assert refused(lambda: one.add_function((b"new", []), 0)) == 250
    one.add_function((b"7", []), 0)


# --- Communication port protection ---


def port(**more):
    values = {"allowed_failed_attempts": 2, "initial_lockout_time": 60, "steepness_factor": 3, "max_lockout_time": 1000}
    return CommunicationPortProtection("0-0:44.2.0*255", **{**values, **more})


def test_lockouts_grow_up_to_the_longest():
    one, now, lasted = port(), 0, []
    for _ in range(6):
        one.failed(now)
        end = now
        while one.locked(end):
            end += 1
        lasted.append(end - now)
        now = end
    assert lasted == [0, 0, 60, 180, 540, 1000]
    assert (one.failed_attempts, one.cumulative_failed_attempts) == (6, 6)


def test_the_status_says_so():
    one = port(allowed_failed_attempts=0)
    assert one.encoded(8, 0) == b"\x16\x00"
    one.failed(0)
    assert (one.get(8, 59), one.get(8, 60)) == (1, 0)


def test_reset_and_success_begin_anew():
    for again in (lambda one: one.invoke(1, b"\x0f\x00", 5), lambda one: one.succeeded(5)):
        one = port(allowed_failed_attempts=0)
        one.failed(0)
        again(one)
        assert (one.locked(6), one.failed_attempts, one.cumulative_failed_attempts) == (False, 0, 1)


def test_modes():
    one = port(allowed_failed_attempts=0)
    one.write(2, b"\x16\x00", 0)
    assert (one.get(8, 0), one.locked(10**9)) == (2, True)
    one.write(2, b"\x16\x02", 0)
    one.failed(0)
    assert not one.locked(1)
    assert refused(lambda: one.write(2, b"\x16\x03", 0)) == 250


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 255), st.integers(0, 0xFFFFFFFF), st.integers(1, 10**6))
def test_no_lockout_is_longer_than_the_longest(initial, steepness, longest, too_many):
    one = port(initial_lockout_time=initial, steepness_factor=steepness, max_lockout_time=longest)
    assert 0 <= one.lockout_time(too_many) <= longest
