"""What a client says and hears, as a generator: no I/O, no clock, no event loop. Every driver runs the same one."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Sent: TypeAlias = bytes | tuple[bytes, ...]
"""One APDU, several in a burst, or ``b""``: nothing, just wait for the next one that comes."""

Conversation: TypeAlias = Generator[Sent, bytes, T]
"""Yields what to send, is sent the next APDU that comes, and returns its outcome.

Silence beyond the response timeout is thrown in as :class:`anymeter.errors.LinkTimeout`: a conversation that can
repeat itself catches it, all others let it pass.
"""
