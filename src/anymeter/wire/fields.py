"""What `explain` is made of: one row for each field of a message."""

from __future__ import annotations

import msgspec


class Field(msgspec.Struct, frozen=True):
    """One field as it stands on the wire.

    *at* is the offset of its first octet in the message, *depth* how far it is nested, *meaning* the value
    in words, *clause* the place in the standard that defines it (empty when that is not known).
    """

    at: int
    octets: bytes
    name: str
    meaning: str = ""
    clause: str = ""
    depth: int = 0


def shifted(fields: list[Field], by: int, deeper: int = 0) -> list[Field]:
    """The same fields when their message begins *by* octets later, *deeper* levels further in."""
    return [msgspec.structs.replace(f, at=f.at + by, depth=f.depth + deeper) for f in fields]
