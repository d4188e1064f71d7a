"""General block transfer and the gateway prefix."""

import pytest

import dlms_cases as cases
from anymeter.dlms import apdu
from anymeter.dlms.blocks import GeneralBlockTransfer, control_words


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
