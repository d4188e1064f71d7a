"""What the layers of one message have said so far, on its way to becoming a Message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

import msgspec

from anymeter.bridge.naming import medium_of
from anymeter.bridge.reading import Message, Meter, Reading, Security
from anymeter.cosem.datetimes import DateTime
from anymeter.errors import DecodeError
from anymeter.links.events import Discarded


class Outcome:
    """Collects layers, readings and the rest from the outermost layer inwards; a part said first stays."""

    __slots__ = ("_layers", "_title", "meter", "readings", "security", "status", "time", "undecoded")

    def __init__(self, *layers: str) -> None:
        self._layers = list(layers)
        self._title: bytes | None = None
        self.meter: Meter | None = None
        self.time: DateTime | None = None
        self.status: list[str] = []
        self.security: Security | None = None
        self.readings: list[Reading] = []
        self.undecoded: list[bytes] = []

    def layer(self, name: str) -> None:
        """One layer further in; a layer that comes again is told once."""
        if name not in self._layers:
            self._layers.append(name)

    def through(self, layers: tuple[str, ...]) -> None:
        """Several layers, one behind the other."""
        for name in layers:
            if name not in self._layers:
                self._layers.append(name)

    @property
    def last_layer(self) -> str:
        """The innermost layer so far."""
        return self._layers[-1] if self._layers else ""

    def add(self, readings: Iterable[Reading], undecoded: Iterable[bytes] = ()) -> None:
        """Readings in the order they came, and the octets that stayed opaque."""
        self.readings += readings
        if undecoded:
            self.undecoded += filter(None, undecoded)

    def protected(self, mode: int, verified: bool) -> None:
        """A security layer; a message is verified when each of its layers is."""
        before = self.security
        if before is not None:
            mode, verified = before.mode, verified and before.verified
        self.security = Security(mode, verified)

    def sender(self, **known: str | int | None) -> None:
        """What a layer knows of the meter, where no other layer said it before."""
        meter = self.meter or Meter()
        fresh = {k: v for k, v in known.items() if v is not None and getattr(meter, k) is None}
        self.meter = msgspec.structs.replace(meter, **fresh) if fresh else self.meter

    def introduce(self, title: bytes | None) -> None:
        """The sender's system title: its first three letters are the maker's, the whole of it names a meter that tells
        no number of its own."""
        if title:
            letters = title[:3].decode("latin-1")
            self.sender(manufacturer=letters if letters.isascii() and letters.isalpha() else None)
            self._title = title

    def message(self, protocol: str) -> Message:
        """The finished message."""
        if self._title:
            self.sender(id=self._title.hex().upper())
        if self.meter is not None and self.meter.medium is None:
            self.sender(medium=medium_of(self.readings))
        return Message(
            protocol=protocol,
            layers=tuple(self._layers),
            meter=self.meter,
            time=self.time,
            status=tuple(dict.fromkeys(self.status)) if self.status else (),
            security=self.security,
            readings=tuple(self.readings),
            undecoded=tuple(self.undecoded),
        )


@cache
def kebab(name: str) -> str:
    """A class name as a layer: ``GetResponseNormal`` is ``get-response-normal``.

    >>> kebab("GetResponseNormal"), kebab("Aarq")
    ('get-response-normal', 'aarq')
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def refuse_lost(found: Sequence[object], what: str) -> None:
    """Where nothing but lost octets is left the reason is the message's error."""
    lost = [f for f in found if isinstance(f, Discarded)]
    if lost and len(lost) == len(found):
        raise DecodeError(lost[0].why, what=what, at=0)
