"""Walking: ends without values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.data import decode
from anymeter.cosem.schema import MAX_DEPTH, SIMPLE
from anymeter.cosem.walk import SIZES, skip
from anymeter.errors import DecodeError
from cosem.strategies import encoded


@given(encoded, st.binary(max_size=5), st.binary(max_size=5))
def test_ends_are_those_of_decode(raw, before, after):
    whole = before + raw + after
    assert skip(whole, len(before)) == decode(whole, len(before))[1] == len(before) + len(raw)


# composed from the table of data types in the spec: octets of contents
@pytest.mark.parametrize(
    ("tag", "size"),
    [
        (0, 0),
        (3, 1),
        (5, 4),
        (6, 4),
        (13, 1),
        (15, 1),
        (16, 2),
        (17, 1),
        (18, 2),
        (20, 8),
        (21, 8),
        (22, 1),
        (23, 4),
        (24, 8),
        (25, 12),
        (26, 5),
        (27, 4),
        (28, 1),
        (29, 2),
        (30, 4),
        (31, 1),
        (32, 2),
        (33, 4),
        (255, 0),
    ],
)
def test_sizes(tag, size):
    assert SIZES[tag] == 1 + size
    assert skip(bytes([tag]) + bytes(size)) == 1 + size
    if size:
        with pytest.raises(DecodeError, match="at octet 0: runs 1 octets past the end"):
            skip(bytes([tag]) + bytes(size - 1))


@pytest.mark.parametrize("tag", sorted(set(range(256)) - set(SIMPLE) - {1, 2, 19}))
def test_tags_that_are_no_types(tag):
    with pytest.raises(DecodeError, match=f"{tag} is no data type"):
        skip(bytes([tag]) + bytes(50))


VALUES = [
    *("00", "FF", "0301", "0405F8", "0600001391", "0903414243", "0A00", "0C02C3A4", "0D42", "1105", "120001", "1605"),
    *("1501020304050607FF", "1907E4060A03100F2D0AFF8880", "0100", "0200", "010211011102", "0203000901FF02011205DC"),
    *("018180" + "00" * 128, "098180" + "00" * 128, "13020212110600010500 0207"),
]


@pytest.mark.parametrize("text", VALUES)
def test_the_end_of_a_value_is_that_of_decode(text):
    octets = bytes.fromhex(text)
    try:
        expected = decode(octets + b"\x11")[1]
    except DecodeError:
        pytest.fail(f"{text} is no value")
    assert skip(octets + b"\x11", 0) == expected
    assert skip(b"\x11" + octets, 1) == len(octets) + 1
    for keep in range(len(octets)):
        with pytest.raises(DecodeError):
            skip(octets[:keep])


@pytest.mark.parametrize("depth", [1, 15, 16, 17, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 5000])
def test_depth_is_bounded_as_decode_bounds_it(depth):
    octets = b"\x02\x01" * depth + b"\x00"
    try:
        expected = decode(octets)[1]
    except DecodeError:
        expected = None
    if expected is None:
        with pytest.raises(DecodeError):
            skip(octets)
    else:
        assert skip(octets) == expected


@given(st.binary(max_size=60))
def test_garbage_ends_where_its_value_ends(raw):
    for octets in (raw, b"\x02\x03" + raw, b"\x01\x02\x09" + raw):
        try:
            expected = decode(octets)[1]
        except DecodeError as error:
            expected = (error.why, error.at)
        if isinstance(expected, tuple):
            with pytest.raises(DecodeError) as caught:
                skip(octets)
            assert (caught.value.why, caught.value.at) == expected
            continue
        assert skip(octets) == expected


def test_a_hostile_count_is_refused_before_it_is_walked():
    for octets in ("0184FFFFFFFF", "0284FFFFFFFF00", "0984FFFFFFFF41", "01820400" + "00" * 1023):
        with pytest.raises(DecodeError):
            skip(bytes.fromhex(octets))
