"""General block transfer and the gateway prefix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlms_cases as cases
from anymeter.dlms import apdu
from anymeter.dlms.blocks import LAST, GeneralBlockTransfer, control_words, join_blocks
from anymeter.errors import DecodeError

STREAMING = 0x40


@pytest.mark.parametrize(
    ("control", "last", "streaming", "window"),
    [(0x80, True, False, 0), (0x43, False, True, 3), (0xFF, True, True, 63), (0x00, False, False, 0)],
)
def test_block_control(control, last, streaming, window):
    block = GeneralBlockTransfer(control, 1, 0, b"")
    assert (block.last, block.streaming, block.window) == (last, streaming, window)
    assert f"window {window}" in control_words(control)


def test_only_a_complete_block_is_explained_inside():
    inner = bytes.fromhex("C002C100000001")
    complete = GeneralBlockTransfer(0x80, 1, 0, inner).encode()
    assert "GetRequestNext" in cases.names_of(apdu.explain(complete))
    for control, number in ((0x40, 1), (0x80, 2)):
        part = GeneralBlockTransfer(control, number, 0, inner).encode()
        assert "GetRequestNext" not in cases.names_of(apdu.explain(part))


def test_gateway_prefixes_nest_and_end():
    message = bytes.fromhex("C002C100000001")
    for _ in range(20):
        message = b"\xe6\x00\x01\x05" + message
    rows = apdu.explain(message)
    assert max(row.depth for row in rows) <= apdu.MAX_NESTING + 1
    cases.check_tiles(rows, message)


def cut(octets, size):
    cuts = [octets[i : i + size] for i in range(0, len(octets), size)]
    last = len(cuts) - 1
    return [(LAST if i == last else STREAMING, i + 1, cut) for i, cut in enumerate(cuts)]


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=100), st.integers(1, 40)), max_size=4))
def test_runs_join_to_what_was_cut(apdus):
    run = [block for octets, size in apdus for block in cut(octets, size)]
    assert join_blocks(run) == [octets for octets, _ in apdus]


@given(st.binary(min_size=2, max_size=100), st.integers(1, 9), st.data())
def test_a_block_sent_again_counts_once(octets, size, data):
    run = cut(octets, size)
    place = data.draw(st.integers(0, len(run) - 1))
    if len(run) > 1 and place < len(run) - 1:
        run.insert(place, run[place])
    assert join_blocks(run) == [octets]


@given(st.binary(min_size=20, max_size=60), st.data())
def test_a_missing_block_is_an_error(octets, data):
    run = cut(octets, 5)
    place = data.draw(st.integers(0, len(run) - 1))
    del run[place]
    with pytest.raises(DecodeError):
        join_blocks(run)


@pytest.mark.parametrize(
    ("run", "why", "at"),
    [
        ([(STREAMING, 2, b"a")], "block 2 follows block 0", 0),
        ([(STREAMING, 1, b"a"), (LAST, 3, b"c")], "block 3 follows block 1", 1),
        ([(STREAMING, 1, b"a")], "the last block is missing after block 1", 0),
        ([(STREAMING, 1, b"a"), (STREAMING, 1, b"b")], "block 1 follows block 1", 1),
        ([(STREAMING, 1, b"a"), (LAST, 0, b"")], "the transfer was aborted", 1),
        ([(STREAMING, 0, b"a")], "the transfer was aborted", 0),
    ],
)
def test_broken_runs(run, why, at):
    with pytest.raises(DecodeError) as caught:
        join_blocks(run)
    assert (caught.value.why, caught.value.at) == (why, at)


def test_no_blocks_and_an_abort_alone():
    assert join_blocks([]) == []
    assert join_blocks([(LAST, 0, b"")]) == []


def test_runs_have_a_limit():
    run = ((STREAMING, i, bytes(1 << 20)) for i in range(1, 30))
    with pytest.raises(DecodeError, match="more than 16777216 octets"):
        join_blocks(run)
