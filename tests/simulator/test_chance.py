from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.simulator.chance import SCALE, between, mix, seed_of, share


def test_mix_is_splitmix64():
    # The first outputs of SplitMix64 from seed 1234567, as its reference code prints them (Vigna, splitmix64.c).
    assert [mix(1234567, n) for n in range(3)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(st.integers(), st.integers(0, 2**64), st.integers(1, 2**40))
def test_a_share_lies_below_the_most(seed, number, most):
    assert 0 <= share(seed, number, most) < most


@given(st.integers(), st.integers(0, 2**32), st.integers(-1000, 1000), st.integers(0, 2000))
def test_between_holds_its_bounds(seed, number, low, width):
    assert low <= between(seed, number, low, low + width) <= low + width


def test_shares_are_evenly_spread():
    counts = Counter(share(42, n, 8) for n in range(8000))
    assert len(counts) == 8
    assert all(900 < count < 1100 for count in counts.values())


def test_neighbours_do_not_resemble_each_other():
    values = [share(1, n) for n in range(2000)]
    rises = sum(b > a for a, b in itertools.pairwise(values))
    assert 930 < rises < 1070
    assert 0.48 * SCALE < sum(values) / len(values) < 0.52 * SCALE


@pytest.mark.parametrize(
    ("one", "other"),
    [((1, 2), (2, 1)), (("ab", "c"), ("a", "bc")), ((1,), ("1",)), ((1, "x"), (1,)), ((-1,), (1,)), ((0,), (0, 0))],
)
def test_seeds_of_different_parts_differ(one, other):
    assert seed_of(*one) != seed_of(*other)


def test_a_seed_is_the_same_in_every_process():
    assert seed_of(7, "water", "days") == seed_of(7, "water", "days")
