"""Image transfer: a new firmware brought to a meter block by block, resumed, verified and activated.

Source: EN 13757-1:2014, 6.4, after IEC 62056-6-2 (Image transfer, class_id 18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from anymeter.cosem.schema import BOOLEAN, DOUBLE_LONG_UNSIGNED, INTEGER, OCTET_STRING, structure
from anymeter.cosem.values import BitString
from anymeter.dlms.client.action import invoke_octets
from anymeter.dlms.client.block_transfer import told
from anymeter.dlms.client.get import get_value
from anymeter.dlms.client.notifications import is_notification
from anymeter.dlms.client.session import Session
from anymeter.dlms.client.set import set_octets
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.dlms.enums import ActionResult
from anymeter.errors import AccessError, DecodeError, LinkTimeout
from anymeter.obis import Obis

IMAGE_TRANSFER: Final = Obis("0-0:44.0.0*255")
CLASS: Final = 18
BLOCK_SIZE, BITMAP, FIRST_MISSING, ENABLED, STATUS = 2, 3, 4, 5, 6
INITIATE, BLOCK_TRANSFER, VERIFY, ACTIVATE = 1, 2, 3, 4

INITIATED, VERIFYING, VERIFIED, VERIFICATION_FAILED = 1, 2, 3, 4
ACTIVATING, ACTIVATED, ACTIVATION_FAILED = 5, 6, 7
"""States of image_transfer_status."""

MOST_BLOCK_SIZE: Final = 1 << 20
ROUNDS: Final = 3
"""How often blocks that the meter misses are sent again."""
MOST_OTHERS: Final = 64
_INTEGER_0: Final = INTEGER.encode(0)
_START: Final = structure(OCTET_STRING, DOUBLE_LONG_UNSIGNED)
_BLOCK: Final = structure(DOUBLE_LONG_UNSIGNED, OCTET_STRING)

Wait: TypeAlias = Callable[[Session], Conversation[None]]
"""A conversation that lets time pass between two looks at a state."""
Progress: TypeAlias = Callable[[int, int], object]
"""Told how many blocks the meter has, of how many."""


def transfer_image(
    session: Session,
    identifier: bytes,
    image: bytes,
    name: Obis = IMAGE_TRANSFER,
    *,
    resume: bool = False,
    progress: Progress | None = None,
) -> Conversation[int]:
    """Bring *image* to the meter; the number of blocks that were sent. AccessError where the meter refuses.

    With *resume* the blocks that the meter has are left out, if it is in the middle of a transfer of as many blocks;
    it cannot tell of which image.
    """
    enabled = yield from _read(session, name, ENABLED)
    if enabled is not True:
        raise AccessError(int(ActionResult.other_reason), f"{name} image transfer", "the meter has it disabled")
    size = yield from _read(session, name, BLOCK_SIZE)
    if not isinstance(size, int) or not 1 <= size <= MOST_BLOCK_SIZE:
        raise DecodeError(f"a block of {size} octets", what=f"{name} image_block_size")
    count = -(-len(image) // size)
    missing = (yield from _resumed(session, name, count)) if resume else None
    if missing is None:
        yield from _call(session, name, INITIATE, _START.encode((identifier, len(image))))
        missing = list(range(count))
    sent = 0
    for _ in range(ROUNDS):
        sent += yield from _send(session, name, image, size, count, missing, progress)
        first = yield from _read(session, name, FIRST_MISSING)
        if isinstance(first, int) and first >= count:
            return sent
        missing = list(_missing((yield from _read(session, name, BITMAP)), count))
        if not missing:
            return sent
    raise AccessError(int(ActionResult.other_reason), f"{name} image transfer", f"{len(missing)} blocks do not arrive")


def enable(session: Session, name: Obis = IMAGE_TRANSFER, *, enabled: bool = True) -> Conversation[None]:
    """Switch image transfer on or off."""
    yield from set_octets(session, AttributeDescriptor(CLASS, name, ENABLED), BOOLEAN.encode(enabled))


def pause(session: Session) -> Conversation[None]:
    """Wait for one response timeout, so that the meter gets on with what it does; notifications are taken meanwhile."""
    reply = b""
    for _ in range(MOST_OTHERS):
        try:
            octets = yield reply
        except LinkTimeout:
            return
        reply = told(session, octets) if is_notification(octets) else b""


def verify_image(
    session: Session, name: Obis = IMAGE_TRANSFER, *, wait: Wait = pause, polls: int = 60
) -> Conversation[None]:
    """Have the image verified, and look after it until it is; AccessError when it is not sound, or not in time."""
    yield from _settle(session, name, VERIFY, (VERIFYING, VERIFIED, VERIFICATION_FAILED), wait, polls)


def activate_image(
    session: Session, name: Obis = IMAGE_TRANSFER, *, wait: Wait = pause, polls: int = 60
) -> Conversation[None]:
    """Have the image activated, and look after it until it is. The meter may restart and end the association."""
    yield from _settle(session, name, ACTIVATE, (ACTIVATING, ACTIVATED, ACTIVATION_FAILED), wait, polls)


def _settle(
    session: Session, name: Obis, method: int, states: tuple[int, int, int], wait: Wait, polls: int
) -> Conversation[None]:
    working, done, failed = states
    words = "verification" if method == VERIFY else "activation"
    try:
        yield from _call(session, name, method, _INTEGER_0)
    except AccessError as error:
        if error.result != ActionResult.temporary_failure:
            raise
    for _ in range(polls):
        status = yield from _read(session, name, STATUS)
        if status == done:
            return
        if status == failed:
            raise AccessError(int(ActionResult.other_reason), f"{name} image transfer", f"the {words} failed")
        if status not in (working, INITIATED, VERIFIED):
            raise DecodeError(f"state {status} during {words}", what=f"{name} image_transfer_status")
        yield from wait(session)
    raise AccessError(int(ActionResult.temporary_failure), f"{name} image transfer", f"the {words} takes too long")


def _read(session: Session, name: Obis, number: int) -> Conversation[Any]:
    return (yield from get_value(session, AttributeDescriptor(CLASS, name, number)))


def _call(session: Session, name: Obis, number: int, parameters: bytes) -> Conversation[None]:
    yield from invoke_octets(session, MethodDescriptor(CLASS, name, number), parameters)


def _resumed(session: Session, name: Obis, count: int) -> Conversation[list[int] | None]:
    """The blocks that a transfer in progress still lacks; None when there is none of so many blocks."""
    if (yield from _read(session, name, STATUS)) != INITIATED:
        return None
    bitmap = yield from _read(session, name, BITMAP)
    if not isinstance(bitmap, BitString) or len(bitmap) != count:
        return None
    return list(_missing(bitmap, count))


def _missing(bitmap: Any, count: int) -> Iterator[int]:
    """The numbers of the blocks whose bit is not set; DecodeError when it is no bitmap of so many."""
    if not isinstance(bitmap, BitString) or len(bitmap) < count:
        raise DecodeError(f"no bit-string of {count} bits", what="image_transferred_blocks_status")
    return (number for number in range(count) if not bitmap[number])


def _send(
    session: Session,
    name: Obis,
    image: bytes,
    size: int,
    count: int,
    missing: list[int],
    progress: Progress | None,
) -> Conversation[int]:
    there = count - len(missing)
    for done, number in enumerate(missing, there + 1):
        block = image[number * size : (number + 1) * size]
        yield from _call(session, name, BLOCK_TRANSFER, _BLOCK.encode((number, block)))
        if progress is not None:
            progress(done, count)
    return len(missing)
