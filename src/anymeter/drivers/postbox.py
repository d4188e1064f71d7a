"""What meters send unasked, decoded, until somebody takes it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from anymeter.bridge.reading import Message
from anymeter.decoding import Decoder, KeyRing
from anymeter.dlms.client.notifications import Inbox, Notification, is_notification, is_protected
from anymeter.errors import AnymeterError, DecodeError
from anymeter.links.events import Route, Unit

KEPT: Final = 1000
"""Messages that are kept for whoever listens; the oldest go."""
MOST_ROUTES: Final = 256
"""Senders whose unfinished messages are kept at a time."""
_BLOCK: Final = 0xE0

Received: TypeAlias = Message | AnymeterError
"""A message, or why it is none."""


class Postbox:
    """Puts what comes unasked together, decodes it, keeps it.

    *confirm* is called with the APDU that confirms a message which asks for that, *arrived* for every message.
    """

    def __init__(
        self,
        keys: KeyRing | None,
        confirm: Callable[[Route, bytes], None],
        arrived: Callable[[], None] | None = None,
    ) -> None:
        self.messages: deque[Received] = deque(maxlen=KEPT)
        self._keys = keys
        self._decoder: Decoder | None = None
        self._confirm, self._arrived = confirm, arrived
        self._inboxes: dict[Route, Inbox] = {}

    def unit(self, unit: Unit) -> None:
        """A unit came that nobody waits for; late answers to what was given up say nothing new."""
        apdu = unit.apdu
        if not is_notification(apdu) and not is_protected(apdu) and apdu[:1] != bytes((_BLOCK,)):
            return
        inbox = self._inboxes.get(unit.route)
        if inbox is None:
            if len(self._inboxes) >= MOST_ROUTES:
                self._inboxes.clear()
            inbox = self._inboxes[unit.route] = Inbox()
        try:
            found = inbox.receive(apdu)
        except DecodeError as error:
            self._keep(error)
            return
        if found is not None:
            if found.confirmation is not None:
                self._confirm(unit.route, found.confirmation)
            self.take(found)

    def take(self, found: Notification) -> None:
        """A notification came; where a conversation met it, it is confirmed already."""
        if self._decoder is None:
            self._decoder = Decoder(self._keys, protocol="dlms")
        try:
            self._keep(self._decoder.decode(found.octets))
        except AnymeterError as error:
            self._keep(error)

    def _keep(self, message: Received) -> None:
        self.messages.append(message)
        if self._arrived is not None:
            self._arrived()
