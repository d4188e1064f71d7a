"""The schema of an encoded value gives the same octets back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.data import parse
from anymeter.cosem.infer import schema_of
from anymeter.cosem.schema import NULL_DATA, UNSIGNED, array, compact_array, structure
from anymeter.errors import DecodeError
from cosem.strategies import encoded, layout_types, values_of


@given(encoded)
def test_encoding_again_gives_the_same_octets(raw):
    assert schema_of(raw).encode(parse(raw)) == raw
    assert schema_of(b"\xaa" + raw + b"\xbb", 1) == schema_of(raw)


@given(layout_types.flatmap(lambda t: st.tuples(st.just(t), st.lists(values_of(t), min_size=1, max_size=4))))
def test_compact_arrays_too(pair):
    row, values = pair
    if len(b"".join(row.contents(v) for v in values)) < 8 * len(values):
        return
    raw = compact_array(row).encode(values)
    assert schema_of(raw) == compact_array(row)
    assert schema_of(raw).encode(parse(raw)) == raw


@pytest.mark.parametrize(
    ("written", "schema"),
    [
        ("0100", array()),
        ("010211051106", array(UNSIGNED)),
        ("0102110500", array(UNSIGNED, NULL_DATA)),
        ("0102 0201 00 0201 1105", array(structure(NULL_DATA), structure(UNSIGNED))),
        ("0200", structure()),
        ("131102 0102", compact_array(UNSIGNED)),
    ],
)
def test_shapes(written, schema):
    assert schema_of(bytes.fromhex(written)) == schema


@pytest.mark.parametrize(
    ("odd", "short"), [("03FF", "0301"), ("0982000141", "090141"), ("028101 00", "020100"), ("0403FF", "0403E0")]
)
def test_odd_forms_come_back_in_their_shortest(odd, short):
    raw = bytes.fromhex(odd)
    assert schema_of(raw).encode(parse(raw)) == bytes.fromhex(short)


def test_errors_are_those_of_skip():
    with pytest.raises(DecodeError, match="double-long-unsigned at octet 2: runs 1 octets past the end"):
        schema_of(bytes.fromhex("0201 06000000"))
