"""Finding the end of a value agrees with the walk of the COSEM room, on everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem import data
from anymeter.dlms.values import DEEPEST, value_end
from anymeter.errors import DecodeError

VALUES = [
    *("00", "FF", "0301", "0405F8", "0600001391", "0903414243", "0A00", "0C02C3A4", "0D42", "1105", "120001", "1605"),
    *("1501020304050607FF", "1907E4060A03100F2D0AFF8880", "0100", "0200", "010211011102", "0203000901FF02011205DC"),
    *("018180" + "00" * 128, "098180" + "00" * 128, "13020212110600010500 0207"),
]


@pytest.mark.parametrize("text", VALUES)
def test_values(text):
    octets = bytes.fromhex(text)
    try:
        expected = data.skip(octets + b"\x11", 0)
    except DecodeError:
        pytest.fail(f"{text} is no value")
    assert value_end(octets + b"\x11", 0) == expected
    assert value_end(b"\x11" + octets, 1) == len(octets) + 1
    for keep in range(len(octets)):
        with pytest.raises(DecodeError):
            value_end(octets[:keep], 0)


@pytest.mark.parametrize("depth", [1, DEEPEST - 1, DEEPEST, DEEPEST + 1, 31, 32, 33, 5000])
def test_depth_is_bounded_as_the_cosem_room_bounds_it(depth):
    octets = b"\x02\x01" * depth + b"\x00"
    try:
        expected = data.skip(octets, 0)
    except DecodeError:
        expected = None
    if expected is None:
        with pytest.raises(DecodeError):
            value_end(octets, 0)
    else:
        assert value_end(octets, 0) == expected


@given(st.binary(max_size=60))
def test_garbage_ends_where_the_other_walk_ends(raw):
    for octets in (raw, b"\x02\x03" + raw, b"\x01\x02\x09" + raw):
        try:
            expected = data.skip(octets, 0)
        except DecodeError as error:
            expected = (error.why, error.at)
        if isinstance(expected, tuple):
            with pytest.raises(DecodeError) as caught:
                value_end(octets, 0)
            assert (caught.value.why, caught.value.at) == expected
            continue
        assert value_end(octets, 0) == expected


def test_a_hostile_count_is_refused_before_it_is_walked():
    for octets in ("0184FFFFFFFF", "0284FFFFFFFF00", "0984FFFFFFFF41", "01820400" + "00" * 1023):
        with pytest.raises(DecodeError):
            value_end(bytes.fromhex(octets), 0)
