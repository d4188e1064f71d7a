"""General block transfer, and the prefix of the gateway protocol.

Source: EN 13757-1:2014, 8.3 and 9.2.2.3.2.4, after IEC 62056-5-3 (General-Block-Transfer).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, TypeAlias

from anymeter.dlms.fields import Text
from anymeter.errors import DecodeError
from anymeter.wire import U8, U16, Octets, Rest, Wire, pdu
from anymeter.wire.kinds import Fixed

LAST: Final = 0x80
"""The bit of the block control that says: no block follows."""
MOST_OCTETS: Final = 1 << 24
"""Octets that the blocks of one APDU, or of one long answer, may make."""
MOST_BLOCKS: Final = 0xFFFF
"""A block number has 16 bits."""
_WHAT: Final = "general-block-transfer"


def control_words(value: int) -> str:
    """The block control in words.

    >>> control_words(0x83), control_words(0x43)
    ('last block, window 3', 'streaming, window 3')
    """
    flags = [name for bit, name in ((LAST, "last block"), (0x40, "streaming")) if value & bit]
    return ", ".join([*flags, f"window {value & 0x3F}"])


BlockControl: TypeAlias = Annotated[int, Fixed("B", control_words)]


@pdu(0xE0)
class GeneralBlockTransfer(Wire, frozen=True):
    """general-block-transfer."""

    control: BlockControl
    number: U16
    acknowledged: U16
    data: Octets

    @property
    def last(self) -> bool:
        """Whether this block completes the APDU."""
        return self.control & LAST != 0

    @property
    def streaming(self) -> bool:
        """Whether more blocks follow before an answer is due."""
        return self.control & 0x40 != 0

    @property
    def window(self) -> int:
        """How many blocks the sender of this one takes at a time."""
        return self.control & 0x3F


@pdu(0xE6)
class GatewayRequest(Wire, frozen=True):
    """gateway request: a prefix that names network and device, then any APDU."""

    network_id: U8
    address: Text
    apdu: Rest


@pdu(0xE7)
class GatewayResponse(Wire, frozen=True):
    """gateway response: a prefix that names network and device, then any APDU."""

    network_id: U8
    address: Text
    apdu: Rest


def join_blocks(blocks: Iterable[tuple[int, int, bytes]]) -> list[bytes]:
    """The APDUs that runs of blocks carry; a block is (block control, block number, block data).

    A run begins with number 1 and ends with the block whose control says so; a block sent again is passed over.
    Raises DecodeError, *at* being the place among the blocks, for a gap, a run that never ends, or an abort.
    """
    out: list[bytes] = []
    parts: list[bytes] = []
    size, at = 0, -1
    for at, (control, number, data) in enumerate(blocks):
        if number == 0:
            if data or parts or not control & LAST:
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
        if size > MOST_OCTETS:
            raise DecodeError(f"more than {MOST_OCTETS} octets", what=_WHAT, at=at)
        if control & LAST:
            out.append(b"".join(parts))
            parts = []
    if parts:
        raise DecodeError(f"the last block is missing after block {len(parts)}", what=_WHAT, at=at)
    return out
