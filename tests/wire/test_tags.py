"""Comparing tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.wire.tags import same_tag


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_tags_are_the_same_when_every_octet_is(one, other):
    assert same_tag(one, other) is (one == other)
    assert same_tag(one, bytes(one))


@pytest.mark.parametrize("place", [0, 5, 11])
def test_one_bit_makes_another_tag(place):
    tag = bytes(range(12))
    assert not same_tag(tag, tag[:place] + bytes((tag[place] ^ 1,)) + tag[place + 1 :])
