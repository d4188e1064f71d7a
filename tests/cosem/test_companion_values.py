from __future__ import annotations

import pytest

from anymeter.cosem import schema as t
from anymeter.cosem.companion_values import TYPES, convert, octets_of, type_named
from anymeter.cosem.datetimes import Date, DateTime, Time
from anymeter.cosem.values import BitString, Enum
from anymeter.errors import LocalError

PAIR = t.structure(number=t.LONG_UNSIGNED, name=t.OCTET_STRING)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("AMT0000000000001", b"AMT0000000000001"),
        ("", b""),
        ("hex:00fF 10", b"\x00\xff\x10"),
        ("1-0:1.8.0*255", b"\x01\x00\x01\x08\x00\xff"),
        ("1-0:1.8.0", b"1-0:1.8.0"),  # not all six groups: text
        ("time:22:00", b"\x16\x00\x00\xff"),
        ("time:06:15:30", b"\x06\x0f\x1e\xff"),
        ("time:*:15", b"\xff\x0f\x00\xff"),
        ("date:2026-12-31", b"\x07\xea\x0c\x1f\xff"),
        ("date:*-12-31", b"\xff\xff\x0c\x1f\xff"),
        ("date:*-03-last sun", b"\xff\xff\x03\xfe\x07"),
        ("date:*-*-second-last", b"\xff\xff\xff\xfd\xff"),
        ("date:*-begin-*", b"\xff\xff\xfe\xff\xff"),
        ("date:*-end-* mon", b"\xff\xff\xfd\xff\x01"),
        ("at:*-03-last sun 02:00", b"\xff\xff\x03\xfe\x07\x02\x00\x00\xff\x80\x00\xff"),
        ("at:2026-11-24 09:42:25", b"\x07\xea\x0b\x18\xff\x09\x2a\x19\xff\x80\x00\xff"),
        ("at:never", b"\xff" * 9 + b"\x80\x00\xff"),
        ("text:hex:00", b"hex:00"),
        ("ünit", "ünit".encode()),
        ("http://x", b"http://x"),
    ],
)
def test_octets_are_written_in_many_ways(text, octets):
    assert octets_of(text) == octets
    assert convert(t.OCTET_STRING, text) == (octets, t.OCTET_STRING)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hex:0", "not hexadecimal"),
        ("hex:zz", "not hexadecimal"),
        ("time:22", "22:00"),
        ("time:1:2:3:4", "22:00"),
        ("time:aa:00", "part of a time"),
        ("time:300:00", "one octet"),
        ("date:2026-12", "written as"),
        ("date:2026-dec-01", "month"),
        ("date:2026-12-31 xyz", "written as"),
        ("date:first-01-01", "year"),
        ("at:2026-12-31", "written as"),
        (5, "written as text"),
        (True, "written as text"),
    ],
)
def test_what_is_no_octets_is_refused(text, why):
    with pytest.raises(LocalError, match=why):
        octets_of(text)


@pytest.mark.parametrize(
    ("schema", "raw", "value"),
    [
        (t.LONG_UNSIGNED, 5, 5),
        (t.BOOLEAN, True, True),
        (t.ENUM, 3, Enum(3)),
        (t.VISIBLE_STRING, "abc", "abc"),
        (t.BIT_STRING, "0101", BitString.of("0101")),
        (t.FLOAT64, 1.5, 1.5),
        (t.DATE, "date:2026-12-31", Date.of(2026, 12, 31)),
        (t.TIME, "time:22:00", Time.of(22, 0, 0)),
        (t.DATE_TIME, "at:never", DateTime.of()),
        (t.OCTET_STRING_DATE_TIME, "at:never", DateTime.of().octets),
        (t.array(t.UNSIGNED), [1, 2], [1, 2]),
        (t.array(t.UNSIGNED), [], []),
        (PAIR, [1, "a"], (1, b"a")),
        (PAIR, {"name": "a", "number": 1}, (1, b"a")),
        (t.array(PAIR), [{"name": "a", "number": 1}, [2, "hex:00"]], [(1, b"a"), (2, b"\0")]),
        (t.one_of(t.NULL_DATA, t.array(t.INTEGER)), [1], [1]),
    ],
)
def test_values_take_the_type_they_are_for(schema, raw, value):
    found, kind = convert(schema, raw)
    assert found == value
    assert type(found) is type(value)
    kind.encode(found)


@pytest.mark.parametrize(
    ("raw", "value", "name"),
    [
        ({"long-unsigned": 5}, 5, "long-unsigned"),
        ({"octet-string": "1"}, b"1", "octet-string"),
        ({"null-data": True}, None, "null-data"),
        ({"structure": [{"integer": 1}, True]}, (1, True), "structure"),
        ({"array": [{"integer": 1}, {"integer": 2}]}, [1, 2], "array"),
        (True, True, "boolean"),
        ("text", "text", "visible-string"),
        ("hex:01", b"\x01", "octet-string"),
        ("1-0:1.8.0*255", b"\x01\x00\x01\x08\x00\xff", "octet-string"),
    ],
)
def test_an_open_type_is_named_or_shows_itself(raw, value, name):
    found, kind = convert(t.CHOICE, raw)
    assert (found, kind.name) == (value, name)
    assert kind.encode(found)


def test_what_is_open_inside_is_closed_in_the_type_that_comes_back():
    action = t.structure(service=t.ENUM, parameter=t.CHOICE)
    value, kind = convert(t.array(action), [[1, {"integer": 0}], [2, {"octet-string": "x"}]])
    assert value == [(1, 0), (2, b"x")]
    assert kind.encode(value).hex() == "0102020216010f0002021602090178"
    same, one = convert(t.array(action), [[1, {"integer": 0}], [2, {"integer": 3}]])
    assert len(one.parts) == 1
    assert one.encode(same).hex() == "0102020216010f00020216020f03"


@pytest.mark.parametrize(
    ("schema", "raw", "why"),
    [
        (t.UNSIGNED, 256, "does not fit"),
        (t.UNSIGNED, "5", "does not"),
        (t.UNSIGNED, True, "does not take"),
        (t.BOOLEAN, 1, "does not take"),
        (t.BIT_STRING, "012", "0 and 1"),
        (t.ENUM, 300, "does not fit"),
        (t.octets(4), "hex:00", "takes 4 octets"),
        (t.DATE, "time:22:00", "takes 5 octets"),
        (t.array(t.UNSIGNED), 5, "an array is a list"),
        (t.array(t.UNSIGNED, t.LONG), [1], "takes as many"),
        (PAIR, [1], "a structure of 2 fields"),
        (PAIR, {"name": "a"}, "'number' is missing"),
        (PAIR, {"name": "a", "number": 1, "other": 2}, "no field 'other'; the fields are number, name"),
        (t.CHOICE, 5, "say the type of 5"),
        (t.CHOICE, {"long-unsigned": 70000}, "does not fit"),
        (t.CHOICE, {"structure": 5}, "takes a list"),
        (t.CHOICE, {"no-such-type": 5}, "say the type"),
    ],
)
def test_what_does_not_fit_is_refused(schema, raw, why):
    with pytest.raises(LocalError, match=why):
        convert(schema, raw)


def test_types_have_the_names_of_the_standard():
    assert type_named("double-long-unsigned") is t.DOUBLE_LONG_UNSIGNED
    assert {"octet-string", "long64-unsigned", "float32", "bit-string", "date-time"} <= set(TYPES)
    with pytest.raises(LocalError, match=r"no type 'uint32'; the types are .*array|no type 'uint32'"):
        type_named("uint32")
