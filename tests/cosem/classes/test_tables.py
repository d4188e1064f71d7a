"""Utility tables, Register table, Status mapping, Measurement data monitoring."""

import pytest

from anymeter.cosem.classes.tables import MeasurementDataMonitoring, RegisterTable, StatusMapping, UtilityTables
from anymeter.cosem.schema import (
    DOUBLE_LONG_UNSIGNED,
    INTEGER,
    LONG,
    LONG_UNSIGNED,
    OCTET_STRING,
    UNSIGNED,
    compact_array,
)
from anymeter.cosem.values import BitString
from anymeter.errors import AccessError
from anymeter.obis import Obis
from value_meters import STATUS, meter, register

NAME = Obis("1-0:1.8.0*255")


def test_the_length_of_a_table_is_that_of_its_octets():
    table = UtilityTables("0-0:65.0.1*255", table_id=1, buffer=b"")
    assert table.encoded(3, 0).hex() == "0600000000"
    table.write(4, OCTET_STRING.encode(bytes(300)), 0)
    assert table.get(3, 0) == 300
    with pytest.raises(AccessError) as refused:
        table.write(3, DOUBLE_LONG_UNSIGNED.encode(5), 0)
    assert refused.value.result == 3


def rates(group_e=(1, 2, 9), attribute=2):
    table = RegisterTable("1-0:98.10.0*255", table_cell_definition=(3, bytes(NAME), list(group_e), attribute))
    meter(table, *(register(Obis(f"1-0:1.8.{e}*255"), value=10 * e) for e in (1, 2)))
    return table


def test_the_cells_of_a_register_table():
    table = rates((1, 2))
    assert [str(name) for name in table.names()] == ["1-0:1.8.1*255", "1-0:1.8.2*255"]
    assert table.encoded(2, 0).hex() == "0100"
    table.invoke(2, INTEGER.encode(0), 0)
    assert table.encoded(2, 0).hex() == "0102060000000a0600000014"
    table.invoke(1, INTEGER.encode(0), 0)
    assert table.encoded(2, 0).hex() == "010206000000000600000000"


def test_a_cell_without_an_object_is_null_data():
    table = rates()
    table.invoke(2, None, 0)
    assert table.encoded(2, 0).hex() == "0103060000000a060000001400"
    table.invoke(1, None, 0)
    assert table.encoded(2, 0).hex() == "01030600000000060000000000"


def test_a_register_table_of_scalers_and_one_outside_of_a_device():
    table = rates((1,), attribute=3)
    table.invoke(2, None, 0)
    assert table.encoded(2, 0).hex() == "010102020f00161e"
    with pytest.raises(AccessError):
        RegisterTable("1-0:98.10.0*255", table_cell_definition=(3, bytes(NAME), [1], 2)).invoke(2, None, 0)


def test_tables_that_show_each_other_come_to_an_end():
    first, second = (
        RegisterTable(f"1-0:98.10.{e}*255", table_cell_definition=(61, bytes(Obis("1-0:98.10.0*255")), [1 - e], 2))
        for e in (0, 1)
    )
    meter(first, second)
    for _ in range(100):
        first.invoke(2, None, 0)
        second.invoke(2, None, 0)
        assert len(first.encoded(2, 0)) < 100


@pytest.mark.parametrize(
    ("word", "schema", "mapping", "expected"),
    [
        (BitString.of("0101"), None, 100, [101, 103]),
        (0b1010, UNSIGNED, 100, [101, 103]),
        (b"\x41", OCTET_STRING, 0, [1, 7]),
        ("A", None, 0, [1, 7]),
        (BitString.of("0101"), None, [7, 9, 11, 13], [9, 13]),
        (BitString.of("0101"), None, [7, 9], [9]),
        (0, UNSIGNED, 5, []),
    ],
)
def test_status_bits_as_entries_of_a_reference_table(word, schema, mapping, expected):
    status = StatusMapping(STATUS, status_word=word, mapping_table=(3, mapping), types={2: schema} if schema else None)
    assert status.entries(0) == expected


def test_a_status_mapping_on_the_wire():
    one = StatusMapping(STATUS, status_word=5, mapping_table=(3, 100))
    assert (one.encoded(2, 0).hex(), one.encoded(3, 0).hex()) == ("1105", "02021103120064")
    several = StatusMapping(STATUS, mapping_table=(3, [1, 2]))
    assert several.encoded(3, 0).hex() == "020211030102120001120002"
    with pytest.raises(AccessError):
        one.write(2, LONG.encode(5), 0)
    one.write(2, LONG_UNSIGNED.encode(5), 0)
    assert one.get(2, 0) == 5


def test_a_waveform_is_kept_when_it_is_triggered():
    monitor = MeasurementDataMonitoring("1-0:99.99.0*255", types={2: compact_array(LONG)})
    with pytest.raises(AccessError) as refused:
        monitor.invoke(2, None, 100)
    assert refused.value.result == 250
    monitor.sampled = lambda now: [1, -1]
    monitor.invoke(2, None, 1.5)
    assert (monitor.encoded(2, 0).hex(), monitor.get(3, 0)) == ("1310040001ffff", 1_500_000)
    monitor.invoke(1, None, 2)
    assert (monitor.get(2, 0), monitor.get(3, 0)) == ([], 0)


def test_the_numbers_of_the_classes():
    classes = (UtilityTables, RegisterTable, StatusMapping, MeasurementDataMonitoring)
    assert [c.class_id for c in classes] == [26, 61, 63, 66]
    assert [max(c.attributes) for c in classes] == [4, 4, 3, 9]
