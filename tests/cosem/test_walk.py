"""Walking: ends without values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.data import decode
from anymeter.cosem.schema import SIMPLE
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
