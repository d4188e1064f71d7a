"""Image transfer: new firmware, block by block. Class 18.

Source: EN 13757-1:2014, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.4.6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec

from anymeter.cosem.classes.parts import blue_book, declined
from anymeter.cosem.enums import ActionResult, DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, refuse, writes
from anymeter.cosem.schema import (
    BIT_STRING,
    BOOLEAN,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    OCTET_STRING,
    array,
    structure,
)
from anymeter.cosem.values import BitString

NOT_INITIATED, INITIATED, VERIFYING, VERIFIED, NOT_VERIFIED, ACTIVATING, ACTIVATED, NOT_ACTIVATED = range(8)

WORDS: Final = {
    NOT_INITIATED: "image transfer not initiated",
    INITIATED: "image transfer initiated",
    VERIFYING: "image verification initiated",
    VERIFIED: "image verification successful",
    NOT_VERIFIED: "image verification failed",
    ACTIVATING: "image activation initiated",
    ACTIVATED: "image activation successful",
    NOT_ACTIVATED: "image activation failed",
}

Info: TypeAlias = tuple[int, bytes, bytes]
"""image_to_activate_size, image_to_activate_identification, image_to_activate_signature."""


class ImageState(msgspec.Struct, frozen=True):
    """All that an image transfer must not forget: what is kept when the power goes."""

    status: int
    enabled: bool
    block_size: int
    identifier: bytes = b""
    image: bytes = b""
    blocks: bytes = b""
    info: tuple[Info, ...] = ()


class ImageTransfer(InterfaceClass, class_id=18, methods_at=0x40, clause=blue_book("4.4.6")):
    """Image transfer: initiated, blocks in any order, verified, activated. What has come stays until initiated anew.

    Every block has image_block_size octets, as it was when initiated, the last one what is left; a block that comes
    again replaces itself.
    Verification and activation that take time are answered with temporary-failure; image_transfer_status tells when
    they are done.
    """

    image_block_size = attribute(2, DOUBLE_LONG_UNSIGNED, default=200)
    image_transferred_blocks_status = attribute(3, BIT_STRING, dynamic=True)
    image_first_not_transferred_block_number = attribute(4, DOUBLE_LONG_UNSIGNED, dynamic=True)
    image_transfer_enabled = attribute(5, BOOLEAN)
    image_transfer_status = attribute(6, ENUM, dynamic=True, words=WORDS)
    image_to_activate_info = attribute(
        7,
        array(
            structure(
                image_to_activate_size=DOUBLE_LONG_UNSIGNED,
                image_to_activate_identification=OCTET_STRING,
                image_to_activate_signature=OCTET_STRING,
            )
        ),
        dynamic=True,
    )

    def set_up(self) -> None:
        """What the device does with an image: plain attributes to set.

        *verifier* says whether an image is good, after *verification_time* seconds; *activator* makes it the one that
        runs and says whether that worked, after *activation_time*; *signature* is what image_to_activate_info shows.
        *most* is the size of the largest image.
        """
        self.verifier: Callable[[bytes], bool] = lambda image: True
        self.activator: Callable[[bytes], bool] = lambda image: True
        self.signature: Callable[[bytes], bytes] = lambda image: b""
        self.verification_time: float = 0
        self.activation_time: float = 0
        self.most = 1 << 24
        self._identifier = b""
        self._block = 1
        self._image = bytearray()
        self._come = bytearray()
        self._first = 0
        self._until: float | None = None

    # --- what has come ---

    @property
    def blocks(self) -> int:
        """How many blocks the image has."""
        return -(-len(self._image) // self._block) if self._image else 0

    @property
    def image(self) -> bytes:
        """The image as far as it has come, zeros where it has not."""
        return bytes(self._image)

    @property
    def complete(self) -> bool:
        """Whether all blocks have come."""
        return 0 < self.blocks <= self._first

    @writes(
        image_transferred_blocks_status,
        image_first_not_transferred_block_number,
        image_transfer_status,
        image_to_activate_info,
    )
    def _set_what_follows(self, value: Any, now: float) -> None:
        raise refuse(DataAccessResult.read_write_denied, f"{self.logical_name} follows from the transfer")

    @reads(image_transferred_blocks_status)
    def _status(self, now: float) -> BitString:
        return BitString(bytes(self._come), self.blocks)

    @reads(image_first_not_transferred_block_number)
    def _first_not_transferred(self, now: float) -> int:
        return self._first

    # --- the transfer ---

    @method(1, structure(image_identifier=OCTET_STRING, image_size=DOUBLE_LONG_UNSIGNED))
    def image_transfer_initiate(self, data: tuple[bytes, int], now: float) -> None:
        """Begin: forget what has come before."""
        self._allowed(frozenset(WORDS) - {VERIFYING, ACTIVATING}, "initiate")
        identifier, size = data
        if not 0 < size <= self.most or self.image_block_size == 0:
            raise declined(self, f"image of {size} octets")
        self._identifier, self._image, self._block = identifier, bytearray(size), self.image_block_size
        self._come, self._first = bytearray((self.blocks + 7) // 8), 0
        self.put(7, [], now)
        self.put(6, INITIATED, now)

    @method(2, structure(image_block_number=DOUBLE_LONG_UNSIGNED, image_block_value=OCTET_STRING))
    def image_block_transfer(self, data: tuple[int, bytes], now: float) -> None:
        """Take one block, whichever is next, or again."""
        self._allowed({INITIATED}, "block")
        number, octets = data
        at = number * self._block
        if at >= len(self._image) or len(octets) != min(self._block, len(self._image) - at):
            raise declined(self, f"block {number} of {len(octets)} octets")
        self._image[at : at + len(octets)] = octets
        self._come[number // 8] |= 0x80 >> number % 8
        while self._first < self.blocks and self._come[self._first // 8] & 0x80 >> self._first % 8:
            self._first += 1

    @method(3, INTEGER)
    def image_verify(self, data: int, now: float) -> None:
        """Verify the image; where that takes time, temporary-failure until it is done."""
        self._allowed({INITIATED, VERIFYING, VERIFIED, NOT_VERIFIED, NOT_ACTIVATED}, "verify")
        if self.image_transfer_status != VERIFYING:
            self._whole()
            self._until = now + self.verification_time
            self.put(6, VERIFYING, now)
        self._finish(now)
        if self.image_transfer_status == VERIFYING:
            raise self._running("verify")
        if self.image_transfer_status == NOT_VERIFIED:
            raise declined(self, "image is not good")

    @method(4, INTEGER)
    def image_activate(self, data: int, now: float) -> None:
        """Activate the image; one that was not verified is verified first."""
        self._allowed({INITIATED, VERIFIED, ACTIVATING, NOT_ACTIVATED}, "activate")
        if self.image_transfer_status == INITIATED:
            self.image_verify(data, now)
        if self.image_transfer_status != ACTIVATING:
            self._until = now + self.activation_time
            self.put(6, ACTIVATING, now)
        self._finish(now)
        if self.image_transfer_status == ACTIVATING:
            raise self._running("activate")
        if self.image_transfer_status == NOT_ACTIVATED:
            raise declined(self, "image cannot be activated")

    def _allowed(self, states: set[int] | frozenset[int], what: str) -> None:
        if not self.image_transfer_enabled or self.image_transfer_status not in states:
            state = WORDS[self.image_transfer_status] if self.image_transfer_enabled else "image transfer not enabled"
            raise declined(self, f"{what}: {state}")

    def _whole(self) -> None:
        if not self.complete:
            raise declined(self, f"block {self._first} of {self.blocks} has not come")

    def _running(self, what: str) -> Exception:
        return refuse(ActionResult.temporary_failure, f"{self.logical_name} {what} is under way")

    # --- time ---

    def next_due(self) -> float | None:
        """When verification or activation is done."""
        return self._until

    def run(self, now: float) -> None:
        """End verification or activation."""
        self._finish(now)

    def _finish(self, now: float) -> None:
        if self._until is None or self._until > now:
            return
        self._until = None
        if self.image_transfer_status == VERIFYING:
            good = self.verifier(self.image)
            if good:
                self.put(7, [(len(self._image), self._identifier, self.signature(self.image))], now)
            self.put(6, VERIFIED if good else NOT_VERIFIED, now)
        elif self.image_transfer_status == ACTIVATING:
            self.put(6, ACTIVATED if self.activator(self.image) else NOT_ACTIVATED, now)

    # --- power ---

    def snapshot(self) -> ImageState:
        """What must survive when the power goes."""
        info = tuple(self.image_to_activate_info)
        return ImageState(
            self.image_transfer_status,
            self.image_transfer_enabled,
            self._block if self._image else self.image_block_size,
            self._identifier,
            self.image,
            bytes(self._come),
            info,
        )

    def restore(self, state: ImageState, now: float) -> None:
        """Go on where *state* was taken; verification and activation that were under way begin anew."""
        self._identifier, self._image, self._come = state.identifier, bytearray(state.image), bytearray(state.blocks)
        self._block = max(state.block_size, 1)
        values: dict[int, Any] = {2: state.block_size, 5: state.enabled, 6: state.status, 7: list(state.info)}
        for number, value in values.items():
            self.put(number, value, now)
        come = (n for n in range(self.blocks) if not self._come[n // 8] & 0x80 >> n % 8)
        self._first = next(come, self.blocks)
        durations = {VERIFYING: self.verification_time, ACTIVATING: self.activation_time}
        self._until = now + durations[state.status] if state.status in durations else None
