"""Push lists to readings: lists of every shape, captured lists, and what must not pass."""

from __future__ import annotations

import struct
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from anymeter.bridge.push import Push, attribute_reading, push_octets, push_readings
from anymeter.bridge.push_rules import parse_rules, standard_rules
from anymeter.cosem import data
from anymeter.cosem.data import DONT_CARE, BitString, Date, Delta, Enum, Float32
from anymeter.cosem.datetimes import DateTime
from anymeter.dlms.blocks import join_blocks
from anymeter.errors import DecodeError
from anymeter.links import hdlc
from anymeter.obis import Obis
from shared import vectors

OWN = tomllib.loads((Path(__file__).parents[1] / "vectors" / "push.toml").read_text(encoding="utf-8"))["push"]
ENERGY = Obis("1-0:1.8.0")


def shown(reading):
    """A reading as the vectors write it."""
    value = reading.value.iso() if isinstance(reading.value, DateTime) else reading.value
    return f"{str(reading.obis).removesuffix('*255')} {value} {reading.unit}".rstrip()


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in OWN])
def test_lists_of_every_shape(vector):
    octets = bytes.fromhex("".join(vector["octets"].split()))
    push = push_octets(octets)
    assert [shown(r) for r in push.readings] == vector["readings"]
    assert push.meter_id == vector.get("meter")
    assert (push.time.iso() if push.time else None) == vector.get("time")
    assert push.layout == vector.get("layout", "")
    assert push.departs is vector.get("departs", False)
    assert [u.hex() for u in push.undecoded] == vector.get("undecoded", [])


@pytest.mark.parametrize(
    "vector", [pytest.param(v, id=v["name"]) for v in OWN if not (v.get("departs") or v.get("needs_octets"))]
)
def test_a_decoded_list_says_the_same(vector):
    octets = bytes.fromhex("".join(vector["octets"].split()))
    plain, whole = push_readings(data.parse(octets)), push_octets(octets)
    assert [shown(r) for r in plain.readings] == [shown(r) for r in whole.readings]
    assert (plain.meter_id, plain.time, plain.layout) == (whole.meter_id, whole.time, whole.layout)


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in OWN])
def test_every_reading_has_the_octets_of_its_value(vector):
    octets = bytes.fromhex("".join(vector["octets"].split()))
    for reading in push_octets(octets).readings:
        assert reading.raw
        assert reading.raw in octets


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in OWN])
def test_every_truncation_is_an_error(vector):
    octets = bytes.fromhex("".join(vector["octets"].split()))
    for size in range(len(octets)):
        with pytest.raises(DecodeError):
            push_octets(octets[:size])
    with pytest.raises(DecodeError):
        push_octets(octets + b"\0")


def body(vector):
    """The Data value of a captured notification: frames, blocks and header taken off."""
    expect = vector["expect"]
    apdu = bytes.fromhex(expect["plaintext"]) if expect.get("plaintext") else bytes.fromhex(vector["hex"])
    if apdu[:1] == b"\x7e":
        units = [u.apdu for u in hdlc.reassemble(hdlc.frames(apdu))]
        blocks = [(u[1], int.from_bytes(u[2:4], "big"), u[8 if u[6] == 0x81 else 7 :]) for u in units if u[0] == 0xE0]
        apdu = join_blocks(blocks)[0] if blocks else units[0]
    apdu = apdu.removeprefix(hdlc.LLC_RESPONSE)
    assert apdu[0] == 0x0F
    start = 5 + (14 if apdu[5:7] == b"\x09\x0c" else 1 + apdu[5])
    return apdu[start:]


@pytest.mark.parametrize("vector", vectors("dlms_vectors.jsonl", where=lambda v: v["id"].startswith("meter-")))
def test_captured_pushes(vector):
    push = push_octets(body(vector))
    found = {".".join(map(str, r.obis)): r for r in push.readings}
    for code, value in (vector["expect"].get("values") or {}).items():
        assert Decimal(str(value)) == found[code].value, code
    for code, text in (vector["expect"].get("strings") or {}).items():
        reading = found.get(code)
        if reading is None or not text:  # 0.0.0.0.0.0 stands for what has no code; "" for a value left out
            continue
        value = reading.value.iso().replace("T", " ") if isinstance(reading.value, DateTime) else reading.value
        assert value == text, code


NAMES = {
    "active_power_import": "1.7.0", "active_power_export": "2.7.0",
    "reactive_power_import": "3.7.0", "reactive_power_export": "4.7.0",
    "active_power_import_total": "1.8.0", "active_power_export_total": "2.8.0",
    "reactive_power_import_total": "3.8.0", "reactive_power_export_total": "4.8.0",
    "current_l1": "31.7.0", "current_l2": "51.7.0", "current_l3": "71.7.0",
    "voltage_l1": "32.7.0", "voltage_l2": "52.7.0", "voltage_l3": "72.7.0",
    "active_power_import_l1": "21.7.0", "active_power_import_l2": "41.7.0",
    "reactive_power_import_l1": "23.7.0", "reactive_power_import_l2": "43.7.0",
    "list_ver_id": "0.2.129",
}  # fmt: skip
UNITS = {"1.7": "W", "2.7": "W", "3.7": "var", "4.7": "var", "1.8": "Wh", "2.8": "Wh", "3.8": "varh", "4.8": "varh"}


@pytest.mark.parametrize("vector", vectors("dlms_vectors.jsonl", where=lambda v: v["id"].startswith("han-")))
def test_captured_lists_of_nordic_meters_in_amperes_volts_and_watts(vector):
    push, expect = push_octets(body(vector)), vector["expect"]["decoded"]
    found = {f"{r.obis[2]}.{r.obis[3]}.{r.obis[4]}": r for r in push.readings}
    for name, code in NAMES.items():
        if name in expect:
            value = found[code].value
            assert value == expect[name] if isinstance(value, str) else value == Decimal(str(expect[name])), name
    for code, reading in found.items():
        group = code.rpartition(".")[0]
        wanted = UNITS.get(group, {"31.7": "A", "32.7": "V"}.get(group))
        assert wanted is None or reading.unit == wanted, code
    if "meter_id" in expect:
        assert push.meter_id == expect["meter_id"]
    if "1.0.0" in found:
        assert push.time == found["1.0.0"].value


def test_nothing_is_guessed():
    """No scaler, no unit: neither voltage nor energy gets one by its code."""
    for code in ("1-0:32.7.0", "1-0:1.8.0", "7-0:3.0.0"):
        (reading,) = push_readings((Obis(code), 230)).readings
        assert (reading.value, reading.unit) == (230, "")


def test_a_single_value_says_nothing_but_stays():
    assert push_octets(bytes.fromhex("0600000005")) == Push(undecoded=(bytes.fromhex("0600000005"),))
    assert push_readings(5).undecoded == (bytes.fromhex("140000000000000005"),)
    assert push_readings([]) == Push()
    assert push_readings(None) == Push()


def test_the_time_of_the_message_comes_first():
    own, other = DateTime.of(2024, 1, 1, hour=0), DateTime.of(2024, 1, 2, hour=0)
    value = (other.octets, ENERGY, 5)
    assert push_readings(value).time == other
    assert push_readings(value).undecoded == ()
    push = push_readings(value, time=own)
    assert push.time == own
    assert push.undecoded == (b"\x09\x0c" + other.octets,)
    assert push_readings((own.octets, ENERGY, 5), time=own).undecoded == ()
    assert push_readings(value, time=DateTime(b"\xff" * 12)).time == other


@pytest.mark.parametrize(
    ("value", "number", "status"),
    [
        (True, 1, None),
        (False, 0, None),
        (Enum(3), 3, None),
        (Delta(-3), -3, None),
        (-(2**63), -(2**63), None),
        (2**64 - 1, 2**64 - 1, None),
        (0.1, Decimal("0.1"), None),
        (Float32(struct.unpack(">f", struct.pack(">f", 0.1))[0]), Decimal("0.1"), None),
        (float("nan"), None, "not a number"),
        (float("inf"), None, "not a number"),
        (None, None, "no value"),
        (DONT_CARE, None, "no value"),
        (b"\xff" * 12, None, "no value"),
        ("text", "text", None),
        ("\udcff", "ff", None),
        (b"", "", None),
        (b"\x01\x02", "0102", None),
        (BitString.of("101"), "101", None),
        (Date.of(2024, 1, 2), "2024-01-02", None),
    ],
)
def test_values_of_every_type(value, number, status):
    reading = attribute_reading(ENERGY, value)
    assert (reading.number, reading.status) == (number, status)
    if number is not None:
        assert type(reading.number) is type(number)


@pytest.mark.parametrize(
    ("code", "octets", "value"),
    [
        ("0-0:96.1.0", b"12345678", "12345678"),
        ("0-1:96.1.0", b"G0001\0\0", "G0001"),
        ("0-0:42.0.0", b"LGZ1030000000001", "LGZ1030000000001"),
        ("1-0:0.2.0", b"V1.2", "V1.2"),
        ("0-0:96.14.0", b"T3", "T3"),
        ("0-0:96.1.0", b"\x01\x02\xff", "0102ff"),
        ("0-0:97.97.0", b"AB", "4142"),
        ("0-0:96.1.0", "12345678\0\0\0\0", "12345678"),
        ("0-0:96.1.7", "\0\0\0\0", ""),
        ("1-0:1.8.0", b"AB", "4142"),
    ],
)
def test_octet_strings_are_text_where_the_object_holds_text_and_zeros_fill_texts_up(code, octets, value):
    assert attribute_reading(Obis(code), octets).value == value


def test_one_attribute():
    reading = attribute_reading(ENERGY, 1234, scaler_unit=(-1, 30), time=DateTime.of(2024))
    assert (reading.value, reading.unit, reading.time) == (Decimal("123.4"), "Wh", DateTime.of(2024))
    structured = attribute_reading(ENERGY, [1, (2, b"\x03")])
    assert (structured.number, structured.status) == (None, "structured")
    assert structured.raw.hex() == "01021400000000000000010202140000000000000002090103"


def test_capture_times_go_to_their_register():
    """Extended register (class 4): attribute 5 is the capture time. Source: IEC 62056-6-2."""
    gas, moment = Obis("0-1:24.2.1").octets, DateTime.of(2024, 5, 6, hour=7, minute=0, second=0)
    value = [(4, gas, 2, 815), (4, gas, 3, (-3, Enum(13))), (4, gas, 5, moment.octets)]
    (reading,) = push_readings(value).readings
    assert (reading.value, reading.unit, reading.time) == (Decimal("0.815"), "m3", moment)
    (reading,) = push_readings([(gas, 815, (-3, Enum(13)), moment.octets)]).readings
    assert reading.time == moment


def test_structured_values_stay_as_octets():
    octets = bytes.fromhex("0202 0906 0100630100FF 0102 0600000001 0600000002")
    push = push_octets(octets)
    assert push.readings == ()
    assert push.undecoded == (
        bytes.fromhex("09060100630100FF01020600000001" + "0600000002")[:8] + push.undecoded[0][8:],
    )
    assert push.undecoded[0].endswith(bytes.fromhex("010206000000010600000002"))


def test_what_follows_a_value_is_not_lost():
    push = push_octets(bytes.fromhex("0203 0906 0100010800FF 0600000001 1103"))
    assert [r.value for r in push.readings] == [1]
    assert push.undecoded == (b"\x11\x03",)


def test_rules_of_ones_own():
    rules = parse_rules(
        '[[positional]]\nname = "mine"\nsource = "me"\ncolumns = ["1-0:1.8.0 number Wh 3", "0-0:1.0.0 time"]\n'
    )
    moment = DateTime.of(2024, 5, 6, hour=7)
    push = push_readings((42, moment.octets), rules=rules)
    assert [shown(r) for r in push.readings] == ["1-0:1.8.0 42000 Wh", "0-0:1.0.0 2024-05-06T07:--"]
    assert (push.layout, push.time) == ("mine", moment)
    assert push_readings((601,), rules=rules).readings == ()


def test_layouts_need_every_kind_to_fit():
    assert push_readings((Enum(1),)).layout == ""
    assert push_readings((True,)).layout == ""
    assert push_readings(("text",)).layout == ""
    assert push_readings([601]).layout == ""


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**31), 2**31), st.integers(0, 255).map(Enum), st.binary(max_size=13),
    st.text(max_size=5), st.just(ENERGY.octets), st.just(DateTime.of(2024, 1, 1).octets), st.floats(),
    st.just(DONT_CARE),
)  # fmt: skip
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=6) | st.lists(inner, max_size=6).map(tuple), max_leaves=25
)


@given(TREES)
def test_any_value_gives_readings_and_no_error(value):
    for reading in push_readings(value).readings:
        assert reading.obis is not None


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda b: b"\x02\x02" + b))
def test_garbage_raises_only_our_error(octets):
    try:
        push = push_octets(octets)
    except DecodeError:
        return
    assert isinstance(push, Push)


def code(place):
    """A code that differs from its neighbours, tagged."""
    return b"\x09\x06\x01\x00\x01" + bytes((place % 97 + 1, place // 97 % 256, 255))


def after_a_code(element):
    """A list of one code and then 10 kB of *element*."""
    count = (hostile.SIZE - 12) // len(element)
    return b"\x01\x82" + (count + 1).to_bytes(2, "big") + code(1) + element * count


FLOODS = {
    "a count without elements": bytes.fromhex("0184FFFFFFFF"),
    "nested arrays": b"\x01\x01" * 5000,
    "nested structures": b"\x02\x02" * 5000,
    "null-data": hostile.array(b"\x00"),
    "one octet each": hostile.array(b"\x11\x05"),
    "two octets each": hostile.array(lambda i: b"\x12" + i.to_bytes(2, "big")),
    "empty structures": hostile.array(b"\x02\x00"),
    "empty arrays": hostile.array(b"\x01\x00", tag=2),
    "arrays of null-data": hostile.array(b"\x01\x01\x00"),
    "arrays as deep as may be": hostile.array(b"\x01\x01" * 28 + b"\x01\x00"),
    "octets that are no text": hostile.array(b"\x0a\x01\xff"),
    "bit strings": hostile.array(b"\x04\x01\x80"),
    "codes": hostile.array(code),
    "codes in a structure": hostile.array(code, tag=2),
    "codes with a value": hostile.array(lambda i: b"\x02\x02" + code(i) + b"\x11" + bytes((i % 256,))),
    "codes with nothing": hostile.array(lambda i: b"\x02\x02" + code(i) + b"\x00"),
    "codes with scaler and unit": hostile.array(
        lambda i: b"\x02\x03" + code(i) + b"\x06" + i.to_bytes(4, "big") + b"\x02\x02\x0f\x00\x16\x1e"
    ),
    "class, code and attribute": hostile.array(
        lambda i: b"\x02\x04\x12\x00\x03" + code(i) + b"\x0f\x02\x06" + i.to_bytes(4, "big")
    ),
    "descriptors": hostile.array(lambda i: b"\x09\x09\x00\x03" + code(i)[2:] + b"\x02"),
    "tag and length swapped": hostile.array(lambda i: b"\x02\x02\x06\x09" + code(i)[2:] + b"\x00"),
    "a code and null-data": after_a_code(b"\x00"),
    "a code and small numbers": after_a_code(b"\x11\x05"),
    "a code and numbers": after_a_code(b"\x12\x34\x56"),
    "a code and strings": after_a_code(b"\x09\x01\x07"),
    "a compact array of octets": hostile.compact(b"\x11"),
    "a compact array of structures": hostile.compact(b"\x02\x01\x11"),
    "a compact array of strings": hostile.compact(b"\x09", b"\x00"),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_no_list_takes_more_than_ten_times_its_size(flood):
    assert hostile.peak(push_octets, FLOODS[flood].ljust(6)) <= (10 if len(FLOODS[flood]) > 100 else 2000)


def registers(count, size):
    """A list of registers with scaler and unit, brought to *size* octets by a text at its end."""
    one = [b"\x02\x03" + code(i) + b"\x06" + i.to_bytes(4, "big") + b"\x02\x02\x0f\x00\x16\x1e" for i in range(count)]
    body = b"\x02\x82" + (count + 1).to_bytes(2, "big") + b"".join(one)
    rest = max(size - len(body) - 4, 1)
    return body + b"\x09\x82" + rest.to_bytes(2, "big") + b"\x07" * rest


def test_many_registers_are_read_within_the_bound():
    octets = registers(170, 10_000)
    assert len(push_octets(octets).readings) == 170
    assert hostile.peak(push_octets, octets) <= 10


def test_a_longer_list_may_hold_more():
    """What is told grows with the octets: one register for each fifty-eight of them."""
    assert len(push_octets(registers(400, 24_000)).readings) == 400


def test_more_than_a_push_list_has_stays_as_it_came():
    octets = registers(400, 10_000)
    assert push_octets(octets) == Push(undecoded=(octets,))
    with pytest.raises(DecodeError):
        push_octets(octets[:-1])
    with pytest.raises(DecodeError):
        push_octets(octets + b"\x00")


def test_a_profile_beside_registers_is_one_opaque_value():
    rows = b"\x01\x81\xc8" + b"\x02\x02\x11\x05\x12\x01\x02" * 200
    octets = b"\x02\x03" + b"\x02\x02" + code(1) + b"\x11\x05" + b"\x02\x02" + code(2) + rows + rows
    push = push_octets(octets)
    assert [r.value for r in push.readings] == [5]
    assert push.undecoded == (code(2) + rows, rows)


def test_a_compact_array_of_codes_and_values():
    """Its elements have no tags: their types stand in front. Source: IEC 62056-5-3, compact-array."""
    rows = b"".join(b"\x06" + code(i)[2:] + bytes((i,)) for i in (1, 2))
    octets = b"\x13\x02\x02\x09\x11" + bytes((len(rows),)) + rows
    assert [(str(r.obis), r.value) for r in push_octets(octets).readings] == [
        ("1-0:1.2.0*255", 1),
        ("1-0:1.3.0*255", 2),
    ]


def test_a_compact_array_without_strings_names_nothing():
    octets = b"\x13\x02\x02\x12\x11\x06\x00\x01\x05\x00\x02\x07"
    assert push_octets(octets) == Push(undecoded=(octets,))


def test_departures_are_bounded_as_well():
    octets = b"\x01\x82\x02\x58" + b"".join(b"\x02\x02\x00\x03" + code(i)[2:] + b"\x02\x11\x05" for i in range(600))
    with pytest.raises(DecodeError, match="more than a push list"):
        push_octets(octets)
    few = b"\x01\x82\x00\x64" + b"".join(b"\x02\x02\x00\x03" + code(i)[2:] + b"\x02\x11\x05" for i in range(100))
    assert len(push_octets(few).readings) == 100


def test_a_last_element_is_the_meter_only_where_it_is_text():
    """Netz NÖ: date-time, scaled objects, the number of the meter; anything else at the end stays opaque."""
    moment = b"\x09\x0c" + DateTime.of(2024, 5, 6, hour=7, minute=0, second=0).octets
    scaled = code(7) + b"\x06\x00\x00\x00\x05" + b"\x02\x02\x0f\x00\x16\x1e"
    text = push_octets(b"\x02\x05" + moment + scaled + b"\x09\x04" + b"1KFM")
    assert (text.meter_id, text.undecoded) == ("1KFM", ())
    number = push_octets(b"\x02\x05" + moment + scaled + b"\x11\x04")
    assert (number.meter_id, number.undecoded) == (None, (b"\x11\x04",))


def test_a_value_that_readings_cannot_carry_is_an_error():
    with pytest.raises(DecodeError, match="a value of type object"):
        attribute_reading(ENERGY, object())


def test_every_layout_is_reached_by_a_vector_of_our_own():
    reached = {vector.get("layout") for vector in OWN}
    rules = standard_rules()
    assert {layout.name for layout in (*rules.positional, *rules.fixed, *rules.last)} <= reached
