"""Compact data: values without tags, and the template that says what they are."""

import pytest

from anymeter.cosem.classes.compact import CompactData, CompactDataV0
from anymeter.cosem.classes.data import Data
from anymeter.cosem.classes.profile import ProfileGeneric
from anymeter.cosem.compact import described
from anymeter.cosem.data import parse
from anymeter.cosem.datetimes import DateTime
from anymeter.cosem.schema import CHOICE, ENUM, OCTET_STRING, array, structure
from anymeter.errors import AccessError
from anymeter.obis import Obis
from value_meters import CLOCK, COLUMNS, ENERGY, EXPORT, LOAD_PROFILE, STATUS, meter, utc

NAME = Obis("0-0:66.0.1*255")
OTHER = Obis("0-0:66.0.2*255")
START = utc("2026-06-10T10:00")
NONE = (0, None)


def compact(*columns, kind=CompactDataV0, name=NAME, **values):
    return kind(name, capture_objects=list(columns), **values)


def taken(obj, now=START):
    return obj.get(2, now).hex(), obj.get(5, now).hex(), obj.get(4, now)


def test_buffer_and_template_by_hand():
    data = compact((62, NAME, 4, 0), (1, STATUS, 2, 0), (3, ENERGY, 2, 0), (3, ENERGY, 3, 0))
    device = meter(data, Data("0-0:96.1.0*255"))
    device.objects[ENERGY].value = 0x01020304
    assert taken(data) == ("", "", 0)
    data.invoke(2, None, START)
    # template_id 0, status 0, energy, {scaler 0, unit 30}
    assert taken(data) == ("0000" + "01020304" + "001e", "0204" + "11" + "11" + "06" + "02020f16", 0)


def test_the_contents_read_as_a_compact_array_of_one_row():
    data = compact((8, CLOCK, 2, 0), (3, ENERGY, 2, 0))
    meter(data)
    data.invoke(2, None, START)
    buffer, template = data.get(2, START), data.get(5, START)
    assert described(template, 0)[1] == len(template)
    ((time, energy),) = parse(b"\x13" + template + bytes((len(buffer),)) + buffer)
    assert (DateTime(time).iso(), energy) == ("2026-06-10T12:00:00+02:00", 0)


def test_the_template_id_changes_with_the_structure_and_with_nothing_else():
    data = compact((62, NAME, 4, 0), (1, STATUS, 2, 0), template_id=255)
    device = meter(data)
    data.invoke(2, None, START)
    device.objects[STATUS].value = 7
    data.invoke(2, None, START)
    assert taken(data) == ("ff07", "02021111", 255)
    device.objects[STATUS].types, device.objects[STATUS].value = {2: OCTET_STRING}, b"ab"
    data.invoke(2, None, START)
    assert taken(data) == ("00026162", "02021109", 0)


def test_implicit_capture_on_reading():
    data = compact((3, ENERGY, 2, 0), capture_method=1)
    device = meter(data)
    device.objects[ENERGY].bind(2, lambda now: int(now - START))
    assert data.encoded(2, START + 5).hex() == "090400000005"
    with pytest.raises(AccessError) as refused:
        data.invoke(2, None, START)
    assert refused.value.result == 3
    data.write(6, ENUM.encode(0), START)
    assert data.get(2, START + 9).hex() == "00000005"


def test_objects_that_capture_themselves_or_each_other_come_to_an_end():
    first = compact((62, NAME, 2, 0), (62, OTHER, 2, 0), (62, NAME, 0, 0), capture_method=1)
    second = compact((62, NAME, 2, 0), name=OTHER, capture_method=1)
    meter(first, second)
    first.get(2, START)
    assert second.get(2, START)[:1] != b""


def test_what_two_capture_of_each_other_does_not_grow_without_end():
    first = compact(*[(62, OTHER, 2, 0)] * 3)
    second = compact(*[(62, NAME, 2, 0)] * 3, (3, ENERGY, 2, 0), name=OTHER)
    meter(first, second)
    for _ in range(40):
        first.invoke(2, None, START)
        second.invoke(2, None, START)
    assert len(first.get(2, START)) <= 3 * 0x10000


def test_reset_and_what_cannot_be_set():
    data = compact((3, ENERGY, 2, 0))
    meter(data)
    data.invoke(2, None, START)
    data.invoke(1, None, START)
    assert data.get(2, START) == b""
    schema = data.schema_of(3)
    for number, octets, result in (
        (2, OCTET_STRING.encode(b""), 3),
        (5, OCTET_STRING.encode(b""), 3),
        (6, ENUM.encode(2), 250),
        (3, schema.encode([(3, EXPORT, 2, 0)]), 4),
    ):
        with pytest.raises(AccessError) as refused:
            data.write(number, octets, START)
        assert refused.value.result == result
    data.invoke(2, None, START)
    data.write(3, schema.encode([(1, STATUS, 2, 0)]), START)
    assert (data.get(2, START), data.get(3, START)) == (b"", [(1, STATUS, 2, 0)])


def with_profile(restriction):
    profile = ProfileGeneric(LOAD_PROFILE, capture_objects=COLUMNS, capture_period=900, profile_entries=100)
    data = compact((7, LOAD_PROFILE, 2, 0, restriction), kind=CompactData)
    device = meter(profile, data)
    device.advance(START)
    device.advance(START + 3600)
    data.invoke(2, None, START)
    return data


@pytest.mark.parametrize(
    ("restriction", "rows"),
    [
        (NONE, 4),
        ((2, (2, 3)), 2),
        ((2, (4, 0)), 1),
        ((1, (DateTime.of(2026, 6, 10, None, 12, 30, 0).octets, b"\xff" * 12)), 3),
        ((2, (9, 0)), 0),
    ],
)
def test_a_part_of_a_profile(restriction, rows):
    data = with_profile(restriction)
    template = data.get(5, START)
    assert template[:5].hex() == f"020101{rows:04x}"
    assert len(data.get(2, START)) == rows * (13 + 1 + 4)


def test_what_no_template_can_say_is_refused():
    mixed = Data("0-0:96.1.0*255", value=[None, b""], types={2: array(CHOICE, CHOICE)})
    odd = Data("0-0:96.1.1*255", value=[(None,), (b"",)], types={2: array(structure(CHOICE))})
    for obj in (mixed, odd):
        data = compact((1, obj.logical_name, 2, 0))
        meter(data, obj)
        with pytest.raises(AccessError) as refused:
            data.invoke(2, None, START)
        assert refused.value.result == 250
    mixed.value = []
    mixed.types = {2: array(CHOICE)}
    data = compact((1, mixed.logical_name, 2, 0))
    meter(data, mixed.clone())
    data.invoke(2, None, START)
    assert taken(data)[:2] == ("", "0201" + "01000000")


def test_the_versions():
    assert (CompactDataV0.version, CompactData.version) == (0, 1)
    assert len(CompactDataV0.attributes[3].schema.parts[0].parts) == 4
    assert len(CompactData.attributes[3].schema.parts[0].parts) == 5
    assert CompactData.methods[2].short_offset == 0x38
