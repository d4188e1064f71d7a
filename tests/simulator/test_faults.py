from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.dlms.apdu import decode
from anymeter.simulator.faults import BUSY, Faults, Rates

SENT = b"\x00\x01\x00\x01\x00\x10\x00\x03abc"


def all_of(faults, count=2000):
    return [faults.disturb(SENT) for _ in range(count)]


def test_without_rates_nothing_goes_wrong():
    faults = Faults(Rates(), 1)
    assert all(out == [(0.0, SENT)] for out in all_of(faults, 200))
    assert not any(faults.is_busy() for _ in range(200))
    assert not Rates().any


@pytest.mark.parametrize("kind", ["drop", "hang_up", "flip", "delay"])
def test_a_fault_strikes_about_as_often_as_its_rate(kind):
    def struck(out):
        return {
            "drop": out == [],
            "hang_up": out is None,
            "flip": bool(out) and out[0][1] != SENT,
            "delay": bool(out) and out[0][0] > 0,
        }[kind]

    rates = Rates(**{kind: 0.1})
    assert rates.any
    assert 140 < sum(map(struck, all_of(Faults(rates, 5)))) < 260


def test_busy_strikes_about_as_often_as_its_rate():
    faults = Faults(Rates(busy=0.25), 5)
    assert 400 < sum(faults.is_busy() for _ in range(2000)) < 600


def test_the_same_seed_gives_the_same_faults():
    rates = Rates(drop=0.1, delay=0.2, flip=0.1, hang_up=0.05)
    assert all_of(Faults(rates, 3), 300) == all_of(Faults(rates, 3), 300)
    assert all_of(Faults(rates, 3), 300) != all_of(Faults(rates, 4), 300)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 1000))
def test_flip_changes_exactly_one_bit(octets, seed):
    out = Faults(Rates(flip=1.0), seed).disturb(octets)
    assert out is not None
    ((_, changed),) = out
    assert len(changed) == len(octets)
    assert (int.from_bytes(changed, "big") ^ int.from_bytes(octets, "big")).bit_count() == 1


def test_nothing_has_no_bit_to_flip():
    assert Faults(Rates(flip=1.0), 1).disturb(b"") == [(0.0, b"")]


def test_delays_stay_below_the_longest():
    out = all_of(Faults(Rates(delay=1.0, delay_seconds=2.5), 1), 500)
    seconds = [part[0] for parts in out for part in parts or ()]
    assert len(seconds) == 500
    assert all(0 < s <= 2.5 for s in seconds)
    assert len(set(seconds)) > 400


def test_busy_is_an_exception_response():
    found = decode(BUSY)
    assert type(found).__name__ == "ExceptionResponse"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"drop": 1.5}, "drop is a probability"),
        ({"busy": -0.1}, "busy is a probability"),
        ({"delay_seconds": -1}, "not negative"),
        ({"dorp": 0.1}, "dorp"),
        ({"drop": "often"}, "float"),
    ],
)
def test_rates_that_are_none_are_refused(raw, why):
    with pytest.raises(msgspec.ValidationError, match=why):
        msgspec.convert(raw, Rates)


def test_rates_are_read_from_a_table():
    assert msgspec.convert({"drop": 0.5, "delay_seconds": 1}, Rates) == Rates(drop=0.5, delay_seconds=1.0)
