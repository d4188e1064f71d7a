"""Authentication tags, compared in a time that does not tell where they differ."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


@cache
def _compare_digest() -> Callable[[bytes, bytes], bool]:
    from hmac import compare_digest  # noqa: PLC0415 (it brings OpenSSL along, which plain messages do without)

    return compare_digest


def same_tag(one: bytes, other: bytes) -> bool:
    """Whether two tags, digests or challenges are the same octets.

    >>> same_tag(b"\x01\x02", b"\x01\x02"), same_tag(b"\x01\x02", b"\x01")
    (True, False)
    """
    return _compare_digest()(one, other)
