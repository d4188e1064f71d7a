"""Script table: order, failures, scripts inside scripts, and the types of parameters."""

import pytest

from anymeter.cosem.classes.scripts import ScriptTable
from anymeter.cosem.data import parse
from anymeter.obis import Obis
from cosem.classes.surroundings import PROBE, SCRIPTS, Probe, device, notes, refused

LN = bytes(PROBE)
WRITE, EXECUTE = 1, 2
OTHER = Obis("0-0:10.0.101*255")


def table(*actions, name=OTHER, identifier=1):
    return ScriptTable(name, scripts=[(identifier, list(actions))])


def probe_of(found):
    return found.objects[PROBE]


def test_actions_are_carried_out_in_order():
    one = table((EXECUTE, 8500, LN, 1, 7), (WRITE, 8500, LN, 2, 500), (EXECUTE, 8500, LN, 1, 8))
    found = device(one)
    one.execute(1, 100)
    assert probe_of(found).log == [(100, 7), (100, 8)]
    assert probe_of(found).value == 500


def test_script_0_does_nothing_and_an_unknown_one_is_refused():
    one = table((EXECUTE, 8500, LN, 1, 7), identifier=0)
    found = device(one)
    one.execute(0, 1)
    assert one.invoke(1, bytes.fromhex("120000"), 1) is None
    assert probe_of(found).log == []
    assert refused(lambda: one.execute(2, 1)) == 250


def test_a_failing_action_does_not_stop_the_others_and_is_told():
    one = table(
        (EXECUTE, 8500, LN, 1, 1),
        (EXECUTE, 8500, LN, 2, 0),
        (WRITE, 3, bytes(6), 2, 5),
        (WRITE, 8500, LN, 9, 5),
        (7, 8500, LN, 1, 1),
        (EXECUTE, 8500, LN, 1, 2),
    )
    found = device(one)
    assert refused(lambda: one.execute(1, 1)) == 1
    assert [error.result for error in one.failures] == [1, 4, 4, 250]
    assert probe_of(found).log == [(1, 1), (1, 2)]
    assert not found.execute(OTHER, 1, 2)
    found.objects[SCRIPTS].execute(3, 3)
    assert one.failures


def test_a_parameter_of_the_wrong_type_is_refused():
    one = table((EXECUTE, 8500, LN, 1, b"text"), (WRITE, 8500, LN, 2, 70_000))
    device(one)
    assert refused(lambda: one.execute(1, 1)) == 12
    assert [error.result for error in one.failures] == [12, 12]


def test_a_script_may_call_scripts_of_another_table_but_not_of_its_own():
    one = table((EXECUTE, 9, bytes(SCRIPTS), 1, 5), (EXECUTE, 9, bytes(OTHER), 1, 1), (EXECUTE, 8500, LN, 1, 6))
    found = device(one)
    assert refused(lambda: one.execute(1, 1)) == 250
    assert probe_of(found).log == [(1, 5), (1, 6)]
    one.scripts = [(1, [(EXECUTE, 9, bytes(SCRIPTS), 1, 5)])]
    one.execute(1, 2)
    assert one.failures == []


def test_scripts_that_call_scripts_take_a_limited_number_of_actions():
    many = ScriptTable(OTHER, scripts=[(1, [(EXECUTE, 9, bytes(SCRIPTS), 1, 1)] * 900)])
    found = device(many)
    assert refused(lambda: many.execute(1, 1)) == 250
    assert len(probe_of(found).log) == 500
    assert "1000 actions" in str(many.failures[0])


def test_what_a_client_writes_keeps_its_types():
    one = table()
    found = device(one)
    octets = bytes.fromhex("0101 0202 120005 0101 0205 1602 122134 0906 000060320 1FF 0F01 120009".replace(" ", ""))
    one.write(2, octets, 0)
    assert one.encoded(2, 0) == octets
    one.execute(5, 3)
    assert probe_of(found).log == [(3, 9)]
    one.write(2, octets.replace(bytes.fromhex("120009"), bytes.fromhex("1109")), 0)
    assert refused(lambda: one.execute(5, 3)) == 12


def test_numbers_take_the_type_of_what_they_go_to():
    mixed = ScriptTable(
        OTHER,
        scripts=[
            (1, [(EXECUTE, 9, bytes(SCRIPTS), 1, 2), (WRITE, 9, bytes(SCRIPTS), 2, None)]),
            (2, [(WRITE, 8, bytes(6), 3, -60)]),
        ],
    )
    assert parse(mixed.encoded(2, 0))[1] == (2, [(1, 8, bytes(6), 3, -60)])
    assert bytes.fromhex("120002") in mixed.encoded(2, 0)
    assert bytes.fromhex("10ffc4") in mixed.encoded(2, 0)


def test_a_parameter_may_be_left_out():
    one = table((EXECUTE, 8500, LN, 2, None))
    device(one)
    assert refused(lambda: one.execute(1, 1)) == 1


def test_a_table_in_no_device_fails():
    assert refused(lambda: notes().execute(1, 1)) == 250


@pytest.mark.parametrize("wrong", ["1101", "", "12"])
def test_the_identifier_is_a_long_unsigned(wrong):
    assert refused(lambda: notes().invoke(1, bytes.fromhex(wrong), 0)) == 12


def test_a_clone_keeps_its_scripts_and_forgets_its_failures():
    one = table((EXECUTE, 8500, LN, 2, 0))
    device(one)
    assert refused(lambda: one.execute(1, 1)) == 1
    other = one.clone()
    assert (other.failures, other.scripts) == ([], one.scripts)
    device(other, Probe("0-0:96.50.2*255"))
    assert refused(lambda: other.execute(1, 1)) == 1
