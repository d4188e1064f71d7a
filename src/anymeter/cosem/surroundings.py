"""What an object sees of the device it lives in: other objects, the clock, and the way out for what is pushed."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from anymeter.cosem.datetimes import DateTime
from anymeter.obis import Obis


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """Something a device wants to send unasked: the encoded *body*, when (*due*), where to and how.

    *origin* names the object that pushes; *transport* and *message* are the numbers of Push setup's
    send_destination_and_method; *client* is the SAP it is meant for; *confirmed*: an answer is expected.
    """

    origin: Obis
    body: bytes
    due: float
    destination: bytes = b""
    transport: int = 0
    message: int = 0
    client: int = 0
    confirmed: bool = False


class LocalTime(Protocol):
    """The clock of a device."""

    def date_time(self, now: float) -> DateTime:
        """What the clock shows at *now*."""

    def instant(self, moment: DateTime) -> float | None:
        """The *now* at which the clock shows *moment*; None when that is not one instant (wildcards)."""


class Surroundings(Protocol):
    """The logical device, as one of its objects sees it."""

    outbox: list[Outgoing]

    @property
    def clock(self) -> LocalTime | None:
        """The Clock object of the device."""

    def find(self, class_id: int, name: Obis) -> Any:
        """The object of this class and name; AccessError when there is none."""

    def named(self, name: Obis) -> Any | None:
        """The object of this name, of whatever class; None when there is none."""

    def everything(self) -> list[Any]:
        """Every object of the device."""

    def changed(self, obj: Any, number: int, value: Any, now: float) -> None:
        """An attribute of *obj* has a new value: those that watch it are told."""

    def watch(self, name: Obis, number: int, watcher: Any) -> None:
        """Let ``watcher.noticed(obj, number, value, now)`` be called whenever this attribute changes."""

    def unwatch(self, watcher: Any) -> None:
        """Tell *watcher* nothing any more."""

    def touched(self, obj: Any) -> None:
        """When *obj* is due next may have changed."""

    def execute(self, script_table: Obis, selector: int, now: float) -> bool:
        """Run a script; whether every action of it succeeded. Selector 0 and a table that is not there do nothing."""

    def clock_set(self, old: float, new: float, now: float) -> None:
        """The clock showed *old* and shows *new* (seconds, UTC): every object is told."""
