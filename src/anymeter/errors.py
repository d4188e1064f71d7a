"""Every error anymeter raises, one class for each thing a caller can do about it.

``AnymeterError``
    ``DecodeError``          the peer's octets are not what the standard allows (drop, count, go on)
    ``SecurityError``        a tag, counter, key or signature does not verify (never retry)
    ``ApplicationError``     an M-Bus device reported an application error (``.code``)
    ``LinkError``            the line is gone or its peer answers nonsense (reconnect, retry)
        ``LinkTimeout``      the peer stayed silent
    ``AssociationRefused``   the meter refused the association (context, credentials, resources)
    ``ServiceRefused``       the meter refused a whole request (``.state``, ``.service``)
    ``AccessError``          the meter refused one attribute or method (``.result``): report and go on
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


class LinkError(AnymeterError):
    """The line is gone, or carries nothing that can be understood."""


class LinkTimeout(LinkError):  # noqa: N818
    """The peer stayed silent until the last retry."""


class AssociationRefused(AnymeterError):  # noqa: N818
    """The meter refused an association; *result* and *diagnostic* are those of its AARE, *why* says them in words."""

    def __init__(self, result: int, diagnostic: int, why: str) -> None:
        self.result, self.diagnostic, self.why = result, diagnostic, why
        super().__init__(result, diagnostic, why)

    def __str__(self) -> str:
        return f"the association was refused: {self.why}"


class ServiceRefused(AnymeterError):  # noqa: N818
    """The meter refused a request as a whole, by exception-response or confirmedServiceError.

    *state* and *service* are the numbers of an exception-response, None for the other; *invocation_counter* is the
    lowest one that the meter accepts, where it told.
    """

    def __init__(
        self, why: str, *, state: int | None = None, service: int | None = None, invocation_counter: int | None = None
    ) -> None:
        self.why, self.state, self.service, self.invocation_counter = why, state, service, invocation_counter
        super().__init__(why, state, service, invocation_counter)

    def __str__(self) -> str:
        return self.why


class AccessError(AnymeterError):
    """One attribute or method was refused; *result* is the number of the Data-Access-Result or Action-Result.

    >>> print(AccessError(3, "1-0:1.8.0*255 value"))
    1-0:1.8.0*255 value: refused with result 3
    """

    def __init__(self, result: int, what: str, words: str = "") -> None:
        self.result, self.what, self.words = result, what, words
        super().__init__(result, what, words)

    def __str__(self) -> str:
        return f"{self.what}: {self.words or f'refused with result {self.result}'}"


class LocalError(AnymeterError):
    """The call is illegal in this state, or an argument is out of range."""
