"""What a meter sends unasked, told apart from answers, and confirmed where it asks for that.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (DataNotification, EventNotification, InformationReport).
"""

from __future__ import annotations

from typing import Final

import msgspec

from anymeter.dlms import apdu
from anymeter.dlms.blocks import LAST, MOST_OCTETS, GeneralBlockTransfer
from anymeter.dlms.notifications import DataNotification, DataNotificationConfirm
from anymeter.errors import DecodeError
from anymeter.wire import Wire

DATA_NOTIFICATION: Final = 0x0F
TAGS: Final = frozenset((DATA_NOTIFICATION, 0xC2, 0x18))
"""DataNotification, EventNotification, InformationReport."""
PROTECTED: Final = frozenset((0x38, 0x58, 0xCA, 0xD2, 0xDB, 0xDC, 0xDD, 0xDF))
"""What a notification may be inside: InformationReport and EventNotification ciphered, general protection."""
_CONFIRMED: Final = 1 << 30
_BLOCK: Final = 0xE0


class Notification(msgspec.Struct, frozen=True):
    """What came unasked: its *octets*, and the *apdu* they are; None where *error* tells why they are none.

    A protected one is the APDU that protects it; what it asks for inside is for those who have the keys.
    """

    octets: bytes
    apdu: Wire | None = None
    error: DecodeError | None = None

    @property
    def confirmation(self) -> bytes | None:
        """The APDU that confirms it; None where no confirmation is asked for."""
        if isinstance(self.apdu, DataNotification) and self.apdu.invoke & _CONFIRMED:
            return DataNotificationConfirm(self.apdu.invoke).encode()
        return None


def is_notification(octets: bytes) -> bool:
    """Whether an APDU is one that a meter sends unasked, in the clear."""
    return octets[:1] != b"" and octets[0] in TAGS


def is_protected(octets: bytes) -> bool:
    """Whether an APDU that nobody asked for may be a protected notification."""
    return octets[:1] != b"" and octets[0] in PROTECTED


def notification(octets: bytes) -> Notification:
    """What came unasked, decoded as far as it can be; raises nothing for what a peer sends."""
    try:
        return Notification(octets, apdu.decode(octets))
    except DecodeError as error:
        return Notification(octets, error=error)


class Inbox:
    """Puts together what a meter pushes, protected or not.

    It comes in one APDU each, or by general block transfer without acknowledgement.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def receive(self, octets: bytes) -> Notification | None:
        """The notification that *octets* are, or complete; None while blocks are missing.

        DecodeError for a block out of order (what came before it is dropped) and for APDUs that are no notifications.
        """
        if octets[:1] == bytes((_BLOCK,)):
            whole = self._block(GeneralBlockTransfer.parse(octets))
            if whole is None:
                return None
            octets = whole
        if not is_notification(octets) and not is_protected(octets):
            raise DecodeError(f"{octets[:1].hex() or 'nothing'} is no notification", what="APDU", at=0)
        return notification(octets)

    def _block(self, block: GeneralBlockTransfer) -> bytes | None:
        if block.number == 1:
            self._parts, self._size = [], 0
        if block.number != len(self._parts) + 1:
            if block.number and block.number == len(self._parts) and block.data == self._parts[-1]:
                return None
            missing, self._parts = len(self._parts) + 1, []
            raise DecodeError(f"block {block.number} came, block {missing} is missing", what="general-block-transfer")
        self._parts.append(block.data)
        self._size += len(block.data)
        if self._size > MOST_OCTETS:
            self._parts = []
            raise DecodeError(f"more than {MOST_OCTETS} octets", what="general-block-transfer")
        if not block.control & LAST:
            return None
        whole, self._parts = b"".join(self._parts), []
        return whole
