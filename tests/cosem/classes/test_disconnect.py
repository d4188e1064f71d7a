"""Disconnect control: every trigger in every state of every mode, against the table of the standard written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.disconnect import MODES, DisconnectControl, DisconnectControlV1
from anymeter.cosem.classes.scripts import ScriptTable
from cosem.classes.surroundings import device, refused

NAME = "0-0:96.3.10*255"
OFF, ON, READY = 0, 1, 2

DO = {
    "remote_disconnect": lambda one: one.invoke(1, b"\x0f\x00", 0),
    "remote_reconnect": lambda one: one.invoke(2, b"\x0f\x00", 0),
    "manual_disconnect": lambda one: one.manual_disconnect(0),
    "manual_reconnect": lambda one: one.manual_reconnect(0),
    "local_disconnect": lambda one: one.invoke(-1, b"\x0f\x00", 0),
    "local_reconnect": lambda one: one.invoke(-2, b"\x0f\x00", 0),
}

# By mode: for each trigger the state it leads to from disconnected, connected, ready; None where it is refused.
CHART = {
    0: {},
    1: {
        "remote_disconnect": (None, OFF, OFF),
        "remote_reconnect": (READY, None, None),
        "manual_disconnect": (None, READY, None),
        "manual_reconnect": (None, None, ON),
        "local_disconnect": (None, READY, None),
    },
    2: {
        "remote_disconnect": (None, OFF, OFF),
        "remote_reconnect": (ON, None, None),
        "manual_disconnect": (None, READY, None),
        "manual_reconnect": (None, None, ON),
        "local_disconnect": (None, READY, None),
    },
    3: {
        "remote_disconnect": (None, OFF, OFF),
        "remote_reconnect": (READY, None, None),
        "manual_reconnect": (None, None, ON),
        "local_disconnect": (None, READY, None),
    },
    4: {
        "remote_disconnect": (None, OFF, OFF),
        "remote_reconnect": (ON, None, None),
        "manual_reconnect": (None, None, ON),
        "local_disconnect": (None, READY, None),
    },
    5: {
        "remote_disconnect": (None, OFF, OFF),
        "remote_reconnect": (READY, None, None),
        "manual_disconnect": (None, READY, None),
        "manual_reconnect": (None, None, ON),
        "local_disconnect": (None, READY, None),
        "local_reconnect": (None, None, ON),
    },
    6: {
        "remote_disconnect": (None, OFF, OFF),
        "remote_reconnect": (READY, None, None),
        "manual_reconnect": (None, None, ON),
        "local_disconnect": (None, READY, None),
        "local_reconnect": (None, None, ON),
    },
}


def control(mode, state, kind=DisconnectControl):
    return kind(NAME, control_mode=mode, control_state=state, output_state=state == ON)


@pytest.mark.parametrize("trigger", DO)
@pytest.mark.parametrize("state", [OFF, ON, READY])
@pytest.mark.parametrize("mode", CHART)
def test_every_trigger_in_every_state_of_every_mode(mode, state, trigger):
    one = control(mode, state)
    to = CHART[mode].get(trigger, (None, None, None))[state]
    assert refused(lambda: DO[trigger](one)) == (250 if to is None else None)
    assert one.control_state == (state if to is None else to)
    assert one.output_state is (one.control_state == ON)


def test_the_chart_is_whole():
    assert set(CHART) == set(MODES)


def test_a_meter_is_connected_from_the_factory():
    one = DisconnectControl(NAME)
    assert (one.output_state, one.control_state, one.control_mode) == (True, ON, 4)


def test_the_mode_may_be_set_but_nothing_connects_by_that():
    one = control(4, OFF)
    one.write(4, b"\x16\x05", 0)
    assert refused(lambda: one.write(4, b"\x16\x00", 0)) == 250
    assert refused(lambda: one.write(4, b"\x16\x07", 0)) == 250
    assert (one.control_mode, one.control_state) == (5, OFF)
    connected = control(4, ON)
    connected.write(4, b"\x16\x00", 0)
    assert connected.control_mode == 0


def test_the_valve_may_say_itself_whether_it_is_open():
    one = control(4, ON)
    one.bind("output_state", lambda now: True)
    one.remote_disconnect(0, 0)
    assert (one.get(2, 0), one.control_state) == (True, OFF)


def test_a_script_may_disconnect_locally():
    one = control(5, ON)
    ln = bytes(one.logical_name)
    scripts = ScriptTable("0-0:10.0.106*255", scripts=[(1, [(2, 70, ln, -1, 0)]), (2, [(2, 70, ln, 1, 0)])])
    found = device(one, scripts)
    assert found.execute(scripts.logical_name, 1, 0)
    assert one.control_state == READY
    assert found.execute(scripts.logical_name, 2, 0)
    assert one.control_state == OFF
    assert not found.execute(scripts.logical_name, 2, 0)


def test_mode_7_is_of_the_later_version():
    one = control(7, READY, DisconnectControlV1)
    one.local_reconnect(0, 0)
    assert one.control_state == ON
    assert refused(lambda: one.manual_disconnect(0)) == 250
    one.write(4, b"\x16\x07", 0)
    assert one.control_mode == 7


@given(st.sampled_from(sorted(MODES)[1:]), st.lists(st.sampled_from(sorted(DO)), max_size=30))
def test_a_disconnected_supply_only_comes_back_by_a_remote_command(mode, triggers):
    one = control(mode, ON)
    remote = True
    for trigger in triggers:
        before = one.control_state
        refused(lambda trigger=trigger: DO[trigger](one))
        if one.control_state == OFF:
            remote = False
        if trigger == "remote_reconnect" and before == OFF:
            remote = True
        assert one.output_state is (one.control_state == ON)
        assert one.control_state == OFF or remote


def test_the_state_is_not_set():
    one = control(4, OFF)
    assert refused(lambda: one.write(2, b"\x03\x01", 0)) == 3
    assert refused(lambda: one.write(3, b"\x16\x01", 0)) == 3
    assert one.control_state == OFF
