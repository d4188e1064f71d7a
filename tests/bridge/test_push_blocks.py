"""General block transfer put together from captures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.push_blocks import LAST_BLOCK, join_blocks
from anymeter.errors import DecodeError

STREAMING = 0x40


def blocks(octets, size):
    cuts = [octets[i : i + size] for i in range(0, len(octets), size)]
    last = len(cuts) - 1
    return [(LAST_BLOCK if i == last else STREAMING, i + 1, cut) for i, cut in enumerate(cuts)]


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=100), st.integers(1, 40)), max_size=4))
def test_runs_join_to_what_was_cut(apdus):
    run = [block for octets, size in apdus for block in blocks(octets, size)]
    assert join_blocks(run) == [octets for octets, _ in apdus]


@given(st.binary(min_size=2, max_size=100), st.integers(1, 9), st.data())
def test_a_block_sent_again_counts_once(octets, size, data):
    run = blocks(octets, size)
    place = data.draw(st.integers(0, len(run) - 1))
    if len(run) > 1 and place < len(run) - 1:
        run.insert(place, run[place])
    assert join_blocks(run) == [octets]


@given(st.binary(min_size=20, max_size=60), st.data())
def test_a_missing_block_is_an_error(octets, data):
    run = blocks(octets, 5)
    place = data.draw(st.integers(0, len(run) - 1))
    del run[place]
    with pytest.raises(DecodeError):
        join_blocks(run)


@pytest.mark.parametrize(
    ("run", "why", "at"),
    [
        ([(STREAMING, 2, b"a")], "block 2 follows block 0", 0),
        ([(STREAMING, 1, b"a"), (LAST_BLOCK, 3, b"c")], "block 3 follows block 1", 1),
        ([(STREAMING, 1, b"a")], "the last block is missing after block 1", 0),
        ([(STREAMING, 1, b"a"), (STREAMING, 1, b"b")], "block 1 follows block 1", 1),
        ([(STREAMING, 1, b"a"), (LAST_BLOCK, 0, b"")], "the transfer was aborted", 1),
        ([(STREAMING, 0, b"a")], "the transfer was aborted", 0),
    ],
)
def test_broken_runs(run, why, at):
    with pytest.raises(DecodeError) as caught:
        join_blocks(run)
    assert (caught.value.why, caught.value.at) == (why, at)


def test_no_blocks_and_an_abort_alone():
    assert join_blocks([]) == []
    assert join_blocks([(LAST_BLOCK, 0, b"")]) == []


def test_runs_have_a_limit():
    run = ((STREAMING, i, bytes(1 << 20)) for i in range(1, 30))
    with pytest.raises(DecodeError, match="more than 16777216 octets"):
        join_blocks(run)
