"""General block transfer, and the prefix of the gateway protocol.

Source: EN 13757-1:2014, 8.3 and 9.2.2.3.2.4, after IEC 62056-5-3 (General-Block-Transfer).
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anymeter.dlms.fields import Text
from anymeter.wire import U8, U16, Octets, Rest, Wire, pdu
from anymeter.wire.kinds import Fixed


def control_words(value: int) -> str:
    """The block control in words.

    >>> control_words(0x83), control_words(0x43)
    ('last block, window 3', 'streaming, window 3')
    """
    flags = [name for bit, name in ((0x80, "last block"), (0x40, "streaming")) if value & bit]
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
        return self.control & 0x80 != 0

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
