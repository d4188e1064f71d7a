"""General block transfer put together from a capture, where nobody acknowledges. Source: IEC 62056-5-3, GBT."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from anymeter.errors import DecodeError

LAST_BLOCK: Final = 0x80
MAX_OCTETS: Final = 1 << 24

_WHAT: Final = "general-block-transfer"


def join_blocks(blocks: Iterable[tuple[int, int, bytes]]) -> list[bytes]:
    """The APDUs that runs of blocks carry; a block is (block control, block number, block data).

    A run begins with number 1 and ends with the block whose control says so; a block sent again is passed over.
    Raises DecodeError, *at* being the place among the blocks, for a gap, a run that never ends, or an abort.
    """
    out: list[bytes] = []
    parts: list[bytes] = []
    at = -1
    for at, (control, number, data) in enumerate(blocks):
        if number == 0:
            if data or parts or not control & LAST_BLOCK:
                raise DecodeError("the transfer was aborted", what=_WHAT, at=at)
            continue
        if parts and number == len(parts) and data == parts[-1]:
            continue
        if number == 1 and not parts:
            size = 0
        elif number != len(parts) + 1:
            raise DecodeError(f"block {number} follows block {len(parts)}", what=_WHAT, at=at)
        parts.append(data)
        size += len(data)
        if size > MAX_OCTETS:
            raise DecodeError(f"more than {MAX_OCTETS} octets", what=_WHAT, at=at)
        if control & LAST_BLOCK:
            out.append(b"".join(parts))
            parts = []
    if parts:
        raise DecodeError(f"the last block is missing after block {len(parts)}", what=_WHAT, at=at)
    return out
