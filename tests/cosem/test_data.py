"""Decoding: every type, every error with its place, nothing hostile gets anywhere."""

import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import hostile
from anymeter.cosem import data
from anymeter.cosem.data import Bcd, BitString, DateTime, Delta, Enum, decode, parse, skip
from anymeter.errors import DecodeError
from cosem.strategies import BadError, encoded, profiles, reference
from shared import vectors


def expected_of(value):
    """What the shared vectors expect, in our types: octets are written in hex there, rows as lists."""
    if isinstance(value, list | tuple):
        return [expected_of(v) for v in value]
    return value.hex() if isinstance(value, bytes) else value


@pytest.mark.parametrize("vector", vectors("dlms_vectors.jsonl", where=lambda v: v["layer"] == "axdr"))
def test_shared_vectors(vector):
    raw, expect = bytes.fromhex(vector["hex"]), vector["expect"]
    value = parse(raw)
    assert data.schema_of(raw).encode(value) == raw
    if "value" in expect:
        assert expected_of(value) == expect["value"]
    if "rows" in expect:
        assert len(value) == expect["rows"]
    if "type" in expect:
        assert data.schema_of(raw).name == expect["type"]


@pytest.mark.parametrize("vector", vectors("dlms_vectors.jsonl", where=lambda v: v["layer"] == "axdr"))
def test_every_truncation_of_the_shared_vectors_is_an_error(vector):
    raw = bytes.fromhex(vector["hex"])
    for end in range(len(raw)):
        with pytest.raises(DecodeError):
            decode(raw[:end])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("03FF", True),
        ("0380", True),
        ("09820002AABB", b"\xaa\xbb"),
        ("098400000002AABB", b"\xaa\xbb"),
        ("02810111 05", (5,)),
        ("0182000111 05", [5]),
        ("0409FFFF", BitString.of("111111111")),
        ("0400", BitString.of("")),
        ("0D99", Bcd(-103)),
        ("16FF", Enum(255)),
        ("1CFB", Delta(-5)),
        ("0A02FFFE", "\udcff\udcfe"),
        ("0C03E282AC", "€"),
        ("0200", ()),
        ("0100", []),
        ("13110103010203"[:2] + "11" + "03010203", [1, 2, 3]),
        ("131100", []),
        ("1302020911 06 02AABB05 0007", [(b"\xaa\xbb", 5), (b"", 7)]),
        ("13FF00", []),
        ("130203 11 00 FF 0105", [(5, None, data.DONT_CARE)]),
    ],
)
def test_forms_that_a_peer_may_choose(written, value):
    raw = bytes.fromhex(written)
    assert parse(raw) == value
    assert [type(parse(raw))] == [type(value)]
    assert skip(raw) == len(raw)


@pytest.mark.parametrize(
    ("written", "at", "what", "why"),
    [
        ("", 0, "Data", "the message ends before a value"),
        ("07", 0, "Data", "7 is no data type"),
        ("0B00", 0, "Data", "11 is no data type"),
        ("2200", 0, "Data", "34 is no data type"),
        ("06000000", 0, "double-long-unsigned", "runs 1 octets past the end"),
        ("0202110511", 4, "unsigned", "runs 1 octets past the end"),
        ("02020011", 3, "unsigned", "runs 1 octets past the end"),
        ("0202", 0, "structure", "2 elements do not fit into the 0 octets left"),
        ("0184FFFFFFFF", 0, "array", "4294967295 elements do not fit"),
        ("0903AABB", 0, "octet-string", "runs 1 octets past the end"),
        ("0411AABB", 0, "bit-string", "runs 1 octets past the end"),
        ("0984FFFFFFFF", 0, "octet-string", "past the end"),
        ("0980", 1, "", "length"),
        ("098200", 1, "", "length"),
        ("09", 1, "", "length"),
        ("02020000" + "01" * 0, None, "", ""),
        ("1907E2", 0, "date-time", "runs 10 octets past the end"),
        ("13", 1, "TypeDescription", "the message ends before a type"),
        ("1313", 1, "TypeDescription", "19 is no type of a compact array"),
        ("130100", 1, "TypeDescription", "the message ends inside a count"),
        ("130205", 1, "TypeDescription", "5 types do not fit"),
        ("131103AABB", 0, "compact-array", "runs 1 octets past the end"),
        ("13120301 0203", 5, "compact-array, long-unsigned", "contents end inside an element"),
        ("13090305 0203", 4, "compact-array, octet-string", "contents end inside an element"),
        ("130001AA", 3, "compact-array", "contents for elements that take no octets"),
        ("13020001AA", 4, "compact-array", "contents for elements that take no octets"),
        ("1301000011 01AA", 6, "compact-array", "contents for elements that take no octets"),
        ("13020211 01FFFF00 0105", 10, "compact-array", "stands for more values than its octets can mean"),
    ],
)
def test_every_error_says_where_and_why(written, at, what, why):
    raw = bytes.fromhex(written)
    if at is None:
        assert parse(raw) == (None, None)
        return
    for walk in (decode, skip, data.explain, data.schema_of):
        with pytest.raises(DecodeError) as caught:
            walk(raw)
        assert caught.value.at == at
        assert what in caught.value.what
        assert why in caught.value.why
    with pytest.raises(DecodeError) as caught:
        decode(b"\x00" * 3 + raw, 3)
    assert caught.value.at == at + 3


def test_octets_left_over():
    with pytest.raises(DecodeError, match="at octet 2: 1 octets left over"):
        parse(b"\x11\x05\x00")
    assert decode(b"\x11\x05\x00") == (5, 2)


@pytest.mark.parametrize("head", ["01", "02"])
def test_depth(head):
    level = bytes.fromhex(head + "01")
    value = parse(level * 32 + b"\x11\x05")
    for _ in range(32):
        value = value[0]
    assert value == 5
    for levels in (33, 5000):
        for walk in (decode, skip, data.explain, data.schema_of):
            with pytest.raises(DecodeError, match="at octet 64: nested more than 32 deep"):
                walk(level * levels + b"\x11\x05")


def test_depth_of_type_descriptions():
    nested = b"\x02\x01"
    value = parse(b"\x13" + nested * 32 + b"\x11" + b"\x00")
    assert value == []
    with pytest.raises(DecodeError, match="TypeDescription at octet 65: nested more than 32 deep"):
        parse(b"\x13" + nested * 33 + b"\x11\x00")
    with pytest.raises(DecodeError, match="nested more than 32 deep"):
        parse(b"\x13" + b"\x01\x00\x01" * 3000 + b"\x11\x00")


HOSTILE = {
    "count": bytes.fromhex("0184FFFFFFFF"),
    "count with something behind": bytes.fromhex("0184FFFFFFFF") + bytes(10_000),
    "nested arrays": b"\x01\x01" * 5000,
    "nested structures": b"\x02\x7f" * 5000,
    "compact array of nothing": bytes.fromhex("13 01FFFF 01FFFF 01FFFF 00 00"),
    "compact array of much nothing": bytes.fromhex("13 0202 11 01FFFF 01FFFF 00 822000") + bytes(0x2000),
    "compact array of empty structures": bytes.fromhex("13 0202 11 01FFFF 0200 822000") + bytes(0x2000),
    "compact array of empty arrays": bytes.fromhex("13 0202 11 01FFFF 010000 11 822000") + bytes(0x2000),
    "compact array of long rows": b"\x13\x02\x82\x20\x00" + b"\x11" + b"\x00" * 0x1FFF + b"\x82\x07\xd0" + bytes(2000),
    "long length": b"\x09" + b"\xff" + b"\xff" * 127,
    "zeros": b"\x01\x82\x27\x0c" + bytes(9996),
    "rows that all differ": b"\x01\x82\x0d\x00" + b"".join(b"\x02\x01" + bytes([0x11, i % 251]) for i in range(0xD00)),
    "arrays of rows that all differ": b"\x01\x81\xc8"
    + b"".join(
        b"\x01\x10" + b"".join(b"\x02\x02\x00" + (b"\x0a\x01A", b"\x00")[i * j % 3 > 1] for j in range(16))
        for i in range(200)
    ),
}


def goes_through(walk, raw):
    try:
        walk(raw)
    except DecodeError:
        return False
    return True


@pytest.mark.parametrize("raw", list(HOSTILE.values()), ids=list(HOSTILE))
def test_hostile_octets_take_little_memory(raw):
    walks = (decode, skip, data.schema_of)
    assert max(hostile.peak(walk, raw) for walk in walks) <= 32 + 10_000 / len(raw)
    assert len({goes_through(walk, raw) for walk in walks}) == 1


def words(size):
    """Integers that differ, so that none is shared: *size* octets each."""
    return lambda place: (place * 7919 % (1 << 8 * size)).to_bytes(size, "big")


# What the objects of Python take: 28 octets a number above 255, 40 and 8 for each element a tuple, 56 and 8 a list,
# 33 and its octets a string, and a reference of 8 octets each. Encoded, a value may take as little as one octet: where
# the bound is above ten, it is that which makes it so.
DENSE = {
    "null-data": (hostile.array(b"\x00"), 10),
    "boolean": (hostile.array(b"\x03\x01"), 5),
    "unsigned": (hostile.array(b"\x11\x05"), 5),
    "enum": (hostile.array(b"\x16\x1e"), 5),
    "delta-integer": (hostile.array(b"\x1c\xff"), 5),
    "long-unsigned": (hostile.array(lambda i: b"\x12" + words(2)(i)), 14),
    "double-long-unsigned": (hostile.array(lambda i: b"\x06" + words(4)(i)), 8),
    "long64": (hostile.array(lambda i: b"\x14" + words(8)(i)), 5),
    "float32": (hostile.array(lambda i: b"\x17\x42" + words(3)(i)), 10),
    "date-time": (hostile.array(b"\x19" + bytes(12)), 7),
    "empty octet-strings": (hostile.array(b"\x09\x00"), 5),
    "octet-strings of one octet": (hostile.array(lambda i: b"\x09\x01" + words(1)(i)), 4),
    "octet-strings of two octets": (hostile.array(lambda i: b"\x09\x02" + words(2)(i)), 11),
    "strings of one octet that is no text": (hostile.array(b"\x0a\x01\xff"), 4),
    "empty bit-strings": (hostile.array(b"\x04\x00"), 5),
    "structures of null-data": (hostile.array(b"\x02\x01\x00"), 8),
    "structures of two numbers": (hostile.array(lambda i: b"\x02\x02\x12" + words(2)(i) + b"\x12\x00\x01"), 16),
    "a profile": (hostile.array(lambda i: b"\x02\x02\x09\x0c" + bytes(10) + words(2)(i) + b"\x06" + words(4)(i)), 9),
    "empty structures": (hostile.array(b"\x02\x00"), 5),
    "empty arrays": (hostile.array(b"\x01\x00"), 33),
    "arrays of null-data": (hostile.array(b"\x01\x01\x00"), 25),
    "arrays as deep as may be": (hostile.array(b"\x01\x01" * 30 + b"\x01\x00"), 36),
    "a compact array of octets": (hostile.compact(b"\x11"), 10),
    "a compact array of deltas": (hostile.compact(b"\x1c"), 10),
    "a compact array of structures": (hostile.compact(b"\x02\x01\x11"), 13),
    "a compact array of empty strings": (hostile.compact(b"\x09", b"\x00"), 10),
    "a compact array of empty bit-strings": (hostile.compact(b"\x04", b"\x00"), 10),
}


@pytest.mark.parametrize("kind", DENSE)
def test_dense_octets_take_what_their_objects_take(kind):
    raw, times = DENSE[kind]
    assert hostile.peak(decode, raw) <= times
    assert hostile.peak(skip, raw) < 1


def test_a_profile_takes_a_few_times_its_octets():
    rows = b"".join(
        b"\x02\x04\x09\x0c" + bytes(8) + i.to_bytes(4, "big") + b"\x11\x05\x06" + i.to_bytes(4, "big") + b"\x12\x01\x00"
        for i in range(400)
    )
    raw = b"\x01\x82\x01\x90" + rows
    tracemalloc.start()
    try:
        value = parse(raw)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(value) == 400
    assert kept <= peak <= 10 * len(raw) + 100_000


@given(encoded)
def test_every_truncation_is_an_error(raw):
    for end in range(len(raw)):
        for walk in (decode, skip):
            with pytest.raises(DecodeError):
                walk(raw[:end])


def outcome(walk, raw):
    """What a decoder makes of octets, comparable also where it is not a number; None for an error."""
    try:
        value, end = walk(raw)
    except (DecodeError, BadError):
        return None
    return repr(value), end


@given(st.binary(max_size=60))
@example(b"\x01\x08" + b"\x02\x01\x00" * 8)
def test_garbage_is_read_as_by_the_plainest_decoder(raw):
    if b"\x13" not in raw:
        assert outcome(decode, raw) == outcome(reference, raw)


@given(
    st.binary(max_size=60), st.sampled_from([b"\x13", b"\x13\x02", b"\x13\x01\x00", b"\x01\x04\x02", b"\x02\x02\x13"])
)
def test_garbage_raises_only_decode_errors_and_all_walks_agree(raw, head):
    raw = head + raw
    decoded = outcome(decode, raw)
    try:
        end = skip(raw)
    except DecodeError:
        assert decoded is None
        return
    assert decoded is not None
    assert decoded[1] == end
    assert data.explain(raw)
    again = data.schema_of(raw).encode(decode(raw)[0])
    assert repr(parse(again)) == decoded[0]


@given(profiles(), st.data())
def test_profiles_are_read_as_by_the_plainest_decoder(raw, extra):
    assert outcome(decode, raw) == outcome(reference, raw)
    damaged = bytearray(raw)
    for _ in range(extra.draw(st.integers(1, 3))):
        damaged[extra.draw(st.integers(0, len(raw) - 1))] = extra.draw(st.sampled_from([0, 1, 2, 6, 9, 10, 17, 255]))
    if 19 not in damaged:
        assert outcome(decode, bytes(damaged)) == outcome(reference, bytes(damaged))
    cut = extra.draw(st.integers(0, len(raw) - 1))
    assert outcome(decode, raw[:cut]) is None


def test_tags_25_to_27_are_values_of_our_own():
    assert parse(b"\x19" + bytes(12)) == DateTime(bytes(12))
    assert [type(v).__name__ for v in parse(b"\x02\x03\x19" + bytes(12) + b"\x1a" + bytes(5) + b"\x1b" + bytes(4))] == [
        "DateTime",
        "Date",
        "Time",
    ]
