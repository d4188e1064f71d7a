"""What a server allows its clients, whatever device it serves."""

from __future__ import annotations

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds and habits of a server; sizes in octets, times in seconds of the device's time.

    *most_associations* over all lines, more are turned away for the time being. *most_transfer*: the longest value or
    APDU that is sent or taken in blocks, and what a list may ask for together. *transfer_timeout*: how long an
    unfinished transfer is kept. *window*: blocks of general block transfer that are taken at a time, 1 to 63;
    *silence*: how long they may stay away before the missing ones are asked for. *repeat_window*: how long a datagram
    that changed something is remembered, so that it has no effect when it comes again; *most_repeats*: how many of
    them an association remembers.
    """

    most_associations: int = 1024
    most_transfer: int = 1 << 24
    transfer_timeout: float = 120.0
    window: int = 10
    silence: float = 5.0
    repeat_window: float = 10.0
    most_repeats: int = 16

    def at_speed(self, speed: float) -> Settings:
        """The same for a device whose time runs *speed* times as fast as that of its clients."""
        return msgspec.structs.replace(
            self,
            transfer_timeout=self.transfer_timeout * speed,
            silence=self.silence * speed,
            repeat_window=self.repeat_window * speed,
        )
