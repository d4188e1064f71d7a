"""The place of ciphering in a server: what takes the protection off a request and puts it on the answer."""

from __future__ import annotations

from typing import Protocol


class Guard(Protocol):
    """The protection of one association. An association without one refuses whatever is ciphered."""

    overhead: int
    """How many octets protection adds to an APDU at most."""

    def opened(self, octets: bytes, now: float) -> tuple[bytes, int]:
        """The APDU inside a protected one, and its protection in the REQUEST bits of :mod:`anymeter.cosem.access`.

        Raises SecurityError or DecodeError; then nothing of the request is served.
        """

    def closed(self, response: bytes, request: bytes, now: float) -> bytes:
        """*response*, protected as the answer to the protected *request*."""
