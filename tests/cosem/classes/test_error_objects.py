"""Error and alarm objects: bits and their meaning, filters, edges, and what waits for a reset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.error_objects import (
    SEVERITIES,
    ErrorBit,
    alarm_objects,
    bits_of,
    clear_errors,
    default_bits,
    meanings,
    raise_errors,
    reset_errors,
)
from anymeter.cosem.schema import BIT_STRING, DOUBLE_LONG_UNSIGNED
from anymeter.cosem.values import BitString
from anymeter.errors import LocalError
from anymeter.obis import Obis
from cosem.classes.surroundings import device

ERRORS = Obis("0-1:97.97.2*255")
NAMES = (ERRORS, *alarm_objects(ERRORS))


def registers(filter_=0b1111, schema=DOUBLE_LONG_UNSIGNED):
    values = (0, 0, filter_, 0) if schema is not BIT_STRING else [BitString.of(b * 8) for b in "0010"]
    made = [Data(name, value=value, types={2: schema}) for name, value in zip(NAMES, values, strict=True)]
    device(*made)
    return made


def values(made):
    return [bits_of(obj.stored(2)) for obj in made]


def test_the_names_that_belong_together():
    assert [str(name) for name in NAMES[1:]] == ["0-1:97.98.2*255", "0-1:97.98.12*255", "0-1:97.98.22*255"]
    with pytest.raises(LocalError, match="no error register"):
        alarm_objects(Obis("0-1:97.97.10*255"))


def test_an_error_that_passes_the_filter_is_an_alarm():
    made = registers()
    raise_errors(made[0], [1, 5], 0)
    assert values(made) == [0b100010, 0b10, 0b1111, 0b10]


def test_the_alarm_goes_with_the_error_and_the_descriptor_stays():
    made = registers()
    raise_errors(made[0], [1], 0)
    clear_errors(made[0], [1], 1)
    raise_errors(made[0], [2], 2)
    assert values(made) == [0b100, 0b100, 0b1111, 0b110]
    made[3].write(2, bytes.fromhex("0600000000"), 3)
    raise_errors(made[0], [2], 4)
    assert values(made)[3] == 0
    clear_errors(made[0], [2], 5)
    raise_errors(made[0], [2], 6)
    assert values(made)[3] == 0b100


def test_latched_errors_wait_for_a_reset():
    made = registers()
    raise_errors(made[0], [0, 1], 0)
    clear_errors(made[0], [0, 1], 1, latched=0b1)
    assert values(made)[0] == 0b1
    reset_errors(made[0], 2, present=[3])
    assert values(made)[:2] == [0b1000, 0b1000]
    reset_errors(made[0], 3)
    assert values(made)[:2] == [0, 0]


def test_registers_of_bit_strings_begin_with_bit_0():
    made = registers(schema=BIT_STRING)
    raise_errors(made[0], [0, 2], 0)
    assert [str(obj.stored(2)) for obj in made] == ["10100000", "10100000", "1" * 8, "10100000"]
    raise_errors(made[0], [9], 1)
    assert str(made[0].stored(2)) == "1010000001"
    assert made[0].encoded(2, 0).hex() == "040aa040"


def test_a_register_alone_has_no_alarms():
    alone = Data(ERRORS, types={2: DOUBLE_LONG_UNSIGNED}, value=0)
    raise_errors(alone, [3], 0)
    assert alone.stored(2) == 8
    device(alone)
    clear_errors(alone, [3], 0)
    assert alone.stored(2) == 0
    empty = Data("0-0:97.97.0*255", types={2: BIT_STRING})
    raise_errors(empty, [31], 0)
    assert str(empty.stored(2)) == "0" * 31 + "1"


def test_nothing_new_changes_nothing():
    made = registers()
    raise_errors(made[0], [1], 0)
    made[1].put(2, 0, 0)
    raise_errors(made[0], [1], 1)
    assert values(made)[1] == 0


def test_what_bits_mean():
    assert sorted(default_bits()) == list(range(32))
    assert [default_bits()[n].severity for n in (0, 7, 8, 15, 16, 31)] == [
        "alert",
        "alert",
        "warning",
        "warning",
        "indication",
        "indication",
    ]
    assert {error.severity for error in default_bits().values()} == set(SEVERITIES)
    mine = {4: ErrorBit(4, "warning", "E04", "battery low")}
    assert meanings(0b1_0001_0000, mine) == [mine[4], ErrorBit(8, "indication")]
    assert meanings(None) == meanings(0) == []


@pytest.mark.parametrize("wrong", [-1, "text", b"\x01", 1.5])
def test_values_without_bits(wrong):
    with pytest.raises(LocalError, match="no register"):
        bits_of(wrong)


@pytest.mark.parametrize("bit", [-1, 64])
def test_bits_that_do_not_exist(bit):
    with pytest.raises(LocalError, match="bits 0 to 63"):
        raise_errors(registers()[0], [bit], 0)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 7)), max_size=30), st.integers(0, 255))
def test_the_alarm_register_is_always_the_errors_that_pass(steps, mask):
    made = registers(mask)
    ever = 0
    for on, bit in steps:
        (raise_errors if on else clear_errors)(made[0], [bit], 0)
        errors, alarms, _, descriptor = values(made)
        ever |= errors & mask
        assert alarms == errors & mask
        assert descriptor == ever
