"""Every error anymeter raises, one class for each thing a caller can do about it.

``AnymeterError``
    ``DecodeError``          the peer's octets are not what the standard allows (drop, count, go on)
    ``SecurityError``        a tag, counter, key or signature does not verify (never retry)
    ``ApplicationError``     an M-Bus device reported an application error (``.code``)
    ``LocalError``           you asked for something illegal (a mistake on our side)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self


class AnymeterError(Exception):
    """Root of every error raised by this package."""


class LocatedError(AnymeterError):
    """An error about received octets: *why*, in *what*, and *at* which octet, counted from 0."""

    def __init__(self, why: str, *, what: str = "", at: int | None = None) -> None:
        self.why, self.what, self.at = why, what, at
        super().__init__(why, what, at)

    def moved(self, place: Callable[[int], int]) -> Self:
        """This error, told of the octets around: *place* takes an offset inside them to the one in the whole."""
        if self.at is not None:
            self.at = place(self.at)
            self.args = (self.why, self.what, self.at)
        return self

    def __str__(self) -> str:
        where = " ".join(filter(None, (self.what, f"at octet {self.at}" if self.at is not None else "")))
        return f"{where}: {self.why}" if where else self.why


class DecodeError(LocatedError):
    """Octets that break the encoding: says where, in what, and why.

    >>> print(DecodeError("length runs past the end", what="octet-string", at=3))
    octet-string at octet 3: length runs past the end
    """


class SecurityError(LocatedError):
    """A tag, counter, key or signature does not verify, or the key that is needed is not there."""


class ApplicationError(LocatedError):
    """An M-Bus device answered with an application error; *code* is its number. Source: EN 13757-3."""

    def __init__(self, why: str, *, code: int, what: str = "", at: int | None = None) -> None:
        super().__init__(why, what=what, at=at)
        self.code = code


class LocalError(AnymeterError):
    """The call is illegal in this state, or an argument is out of range."""
