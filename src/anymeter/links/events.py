"""What a link says about octets that are no frame."""

from __future__ import annotations

import msgspec


class Discarded(msgspec.Struct, frozen=True):
    """Octets the standard says to ignore: noise between frames, a bad check sequence, a frame out of sequence."""

    why: str
    octets: bytes
