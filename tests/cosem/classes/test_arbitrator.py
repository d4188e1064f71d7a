"""Arbitrator: permissions, weights, ties, and what is remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.classes.arbitrator import Arbitrator
from anymeter.cosem.values import BitString
from cosem.classes.surroundings import SCRIPTS, device, refused, told

UTILITY, CONSUMER, SAFETY = 1, 2, 3
CONNECT, DISCONNECT, HOLD = "100", "010", "001"


def arbitrator():
    one = Arbitrator(
        "0-0:96.3.20*255",
        actions=[(bytes(SCRIPTS), 11), (bytes(SCRIPTS), 12), (bytes(SCRIPTS), 13)],
        permissions_table=[BitString.of("111"), BitString.of("110"), BitString.of("010")],
        weightings_table=[[10, 10, 5], [3, 3, 0], [0, 100, 0]],
    )
    return device(one), one


def ask(one, actor, wanted, now=0):
    one.invoke(1, one.methods[1].schema.encode((actor, BitString.of(wanted))), now)


def numbers(found):
    return [number for _, number in told(found)]


def test_the_greatest_weight_has_its_way():
    found, one = arbitrator()
    ask(one, CONSUMER, CONNECT)
    assert (numbers(found), one.last_outcome) == ([11], 1)
    ask(one, UTILITY, DISCONNECT)
    assert one.weights() == [3, 10, 0]
    assert (numbers(found), one.last_outcome) == ([11, 12], 2)
    ask(one, CONSUMER, CONNECT)
    assert one.last_outcome == 2
    ask(one, UTILITY, CONNECT)
    assert (one.weights(), one.last_outcome) == ([13, 0, 0], 1)
    ask(one, SAFETY, DISCONNECT)
    assert one.last_outcome == 2


def test_a_tie_changes_nothing():
    found, one = arbitrator()
    ask(one, UTILITY, "110")
    assert (numbers(found), one.last_outcome) == ([], 0)
    ask(one, CONSUMER, CONNECT)
    assert numbers(found) == [11]


def test_a_request_takes_the_place_of_the_one_before():
    found, one = arbitrator()
    ask(one, UTILITY, HOLD)
    ask(one, UTILITY, "000")
    assert one.weights() == [0, 0, 0]
    assert [str(bits) for bits in one.most_recent_requests_table] == ["000", "000", "000"]
    assert numbers(found) == [13]


@pytest.mark.parametrize(
    ("actor", "wanted", "result"),
    [(CONSUMER, "101", 3), (SAFETY, CONNECT, 3), (0, "100", 250), (4, "100", 250), (1, "10", 250)],
)
def test_requests_that_are_refused(actor, wanted, result):
    found, one = arbitrator()
    assert refused(lambda: ask(one, actor, wanted)) == result
    assert (numbers(found), one.most_recent_requests_table) == ([], [])


def test_reset_forgets():
    found, one = arbitrator()
    ask(one, UTILITY, CONNECT)
    one.invoke(2, b"\x0f\x00", 0)
    assert (one.weights(), one.last_outcome, numbers(found)) == ([0, 0, 0], 0, [11])
    assert [str(bits) for bits in one.most_recent_requests_table] == ["000"] * 3


def test_an_arbitrator_without_tables():
    one = Arbitrator("0-0:96.3.20*255")
    assert one.weights() == []
    assert refused(lambda: ask(one, 1, "")) == 250


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["000", "100", "010", "110", "001"])), max_size=20))
def test_the_outcome_always_had_the_greatest_weight(requests):
    found, one = arbitrator()
    for actor, wanted in requests:
        before = len(numbers(found))
        refused(lambda actor=actor, wanted=wanted: ask(one, actor, wanted))
        if len(numbers(found)) > before:
            weights = one.weights()
            assert weights[one.last_outcome - 1] == max(weights)
            assert weights.count(max(weights)) == 1
