"""What one asks a meter for, as conversations: readings by OBIS, everything it offers, profiles, what it is.

The class of an object is guessed from its code first, and looked up in the object list where the guess is wrong: most
readings then need one request. Source: EN 13757-1:2014, 6.4, 6.5 and 11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

import anymeter.cosem.classes  # noqa: F401 (declares them: they name attributes and methods)
from anymeter.bridge import cosem_readings as cosem
from anymeter.bridge.reading import Meaning, Reading
from anymeter.cosem import data
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.members import Attribute, is_choice
from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.profile_rows import Profile
from anymeter.cosem.schema import Schema
from anymeter.cosem.selection import CaptureObject, EntryDescriptor, Selection
from anymeter.cosem.units import ScalerUnit
from anymeter.dlms.client import objects as listing
from anymeter.dlms.client import profiles
from anymeter.dlms.client.get import Progress, get_many
from anymeter.dlms.client.naming import class_of, logical_name
from anymeter.dlms.client.objects import AssociationEntry, LogicalDeviceEntry, ObjectEntry
from anymeter.dlms.client.session import Session
from anymeter.dlms.client.set import set_alike, set_attribute
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.errors import AccessError, AnymeterError, LocalError, ServiceRefused
from anymeter.obis import Obis

T = TypeVar("T")

CHUNK: Final = 32
"""Objects that are asked for at a time."""
_ELSEWHERE: Final = frozenset(
    (
        DataAccessResult.object_undefined,
        DataAccessResult.object_class_inconsistent,
        DataAccessResult.object_unavailable,
    )
)
_ABSTRACT: Final = {1: cosem.CLOCK, 98: cosem.PROFILE_GENERIC, 99: cosem.PROFILE_GENERIC}
_MAXIMA: Final = (6, 16, 26)
"""Value group D of maxima since the last reset, for electricity."""

Steps: TypeAlias = Callable[[int, int], object]
"""Told how much is done, of how much."""


class Scan(msgspec.Struct, frozen=True):
    """What a logical device says of itself in one association; None for what it does not let us read."""

    name: bytes | None
    devices: tuple[LogicalDeviceEntry, ...] | None
    associations: tuple[AssociationEntry, ...] | None
    objects: tuple[ObjectEntry, ...] | None


def likely_class(name: Obis) -> int:
    """The class that an object of this name mostly has.

    >>> [likely_class(Obis(code)) for code in ("1-0:1.8.0", "0-0:1.0.0", "1-0:1.6.0", "0-0:96.1.0", "7-0:99.1.0")]
    [3, 8, 4, 1, 7]
    """
    a, c, d = name[0], name[2], name[3]
    if a == 0:
        return _ABSTRACT.get(c, cosem.DATA)
    if c in (98, 99):
        return cosem.PROFILE_GENERIC
    if c in (0, 94, 96, 97):
        return cosem.DATA
    return cosem.EXTENDED_REGISTER if a == 1 and d in _MAXIMA else cosem.REGISTER


class Asking:
    """One association, and what has been learnt of its objects: their classes and scalers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._entries: dict[Obis, ObjectEntry] | None = None
        self._classes: dict[Obis, int] = {}
        self._scalers: dict[Obis, tuple[int, int]] = {}

    # --- what there is ---

    def objects(self, progress: Progress | None = None) -> Conversation[list[ObjectEntry]]:
        """The object list; read once, then remembered."""
        if self._entries is None:
            entries = yield from listing.object_list(self.session, progress)
            self._entries = {entry.name: entry for entry in entries}
            self._classes = {entry.name: entry.class_id for entry in entries}
        return list(self._entries.values())

    def entry(self, name: Obis | str) -> Conversation[ObjectEntry]:
        """What the object list says of one object; LocalError when it is not in it."""
        obis = logical_name(name)
        yield from self.objects()
        assert self._entries is not None
        found = self._entries.get(obis)
        if found is None:
            raise LocalError(f"this association knows no object {obis}")
        return found

    def scan(self, progress: Progress | None = None) -> Conversation[Scan]:
        """What this logical device says of itself."""
        name = yield from _allowed(listing.logical_device_name(self.session))
        devices = yield from _allowed(listing.logical_devices(self.session))
        entries = yield from _allowed(self.objects(progress))
        associations = None
        if entries is not None:
            associations = yield from _allowed(listing.associations(self.session, entries))
        return Scan(name, _tuple(devices), _tuple(associations), _tuple(entries))

    # --- readings ---

    def read(self, names: Sequence[Obis | str], progress: Steps | None = None) -> Conversation[list[list[Reading]]]:
        """The readings of each object, mostly one; one that is refused has no value, and its status says why.

        LocalError for objects whose class has no value: profiles, and those that do something.
        """
        wanted = [logical_name(name) for name in names]
        if self.session.short:
            yield from self.objects()
        found: list[list[Reading]] = []
        for start in range(0, len(wanted), CHUNK):
            some = yield from self._found(wanted[start : start + CHUNK])
            found += [self._readings(*one) for one in some]
            if progress is not None:
                progress(len(found), len(wanted))
        return found

    def read_one(self, name: Obis | str) -> Conversation[Reading]:
        """The reading of one object, the first where it has several; AccessError when it is refused."""
        if self.session.short:
            yield from self.objects()
        [(obis, class_id, outcomes)] = yield from self._found([logical_name(name)])
        first = outcomes[cosem.VALUES[class_id][0]]
        if isinstance(first, AnymeterError):
            raise first
        return self._readings(obis, class_id, outcomes)[0]

    def read_all(self, progress: Steps | None = None) -> Conversation[list[Reading]]:
        """The readings of everything that has a value and may be read."""
        entries = yield from self.objects()
        names = [entry.name for entry in entries if entry.class_id in cosem.VALUES and entry.may_read(2)]
        readings = yield from self.read(names, progress)
        return [reading for some in readings for reading in some]

    def read_attribute(self, name: Obis | str, attribute: int | str) -> Conversation[Reading]:
        """The reading of any attribute, named by its number or as its class calls it."""
        obis = logical_name(name)
        if all(entry.name != obis for entry in (yield from self.objects())):
            meaning = Meaning(name=f"{obis}, attribute {attribute}")
            return Reading(meaning, None, status=DataAccessResult.object_undefined.words)
        target, cls = yield from self.attribute(obis, attribute)
        [outcome] = yield from get_many(self.session, [target])
        return cosem.attribute_readings(cls, target, outcome)

    def attribute(
        self, name: Obis | str, attribute: int | str
    ) -> Conversation[tuple[AttributeDescriptor, type[InterfaceClass] | None]]:
        """Where an attribute is, and the class of its object where that is known; LocalError."""
        entry = yield from self.entry(name)
        cls = class_of(entry.class_id, entry.version) or class_of(entry.class_id)
        members = {} if cls is None else {found.name: found.number for found in cls.attributes.values()}
        return entry.attribute(_number(entry, attribute, members, "attribute")), cls

    def method(self, name: Obis | str, method: int | str) -> Conversation[tuple[ObjectEntry, int]]:
        """The object, and the number of one of its methods; LocalError."""
        entry = yield from self.entry(name)
        cls = class_of(entry.class_id, entry.version) or class_of(entry.class_id)
        members = {} if cls is None else {found.name: found.number for found in cls.methods.values()}
        return entry, _number(entry, method, members, "method")

    def _found(self, names: list[Obis]) -> Conversation[list[tuple[Obis, int, dict[int, cosem.Outcome]]]]:
        """The class of each object, and the outcomes of its attributes."""
        classes = [self._class(name) for name in names]
        found = yield from self._ask(list(zip(names, classes, strict=True)))
        lost = [i for i, name in enumerate(names) if name not in self._classes and _is_elsewhere(found[i])]
        if lost and self._entries is None:
            yield from _allowed(self.objects())
        again = [i for i in lost if self._classes.get(names[i], classes[i]) != classes[i]]
        if again:
            anew = yield from self._ask([(names[i], self._class(names[i])) for i in again])
            for i, outcomes in zip(again, anew, strict=True):
                found[i], classes[i] = outcomes, self._class(names[i])
        return list(zip(names, classes, found, strict=True))

    def _class(self, name: Obis) -> int:
        class_id = self._classes.get(name) or likely_class(name)
        if class_id not in cosem.VALUES:
            raise LocalError(_valueless(name, class_id))
        return class_id

    def _ask(self, wanted: list[tuple[Obis, int]]) -> Conversation[list[dict[int, cosem.Outcome]]]:
        """The outcomes of each object, by attribute."""
        numbers = [cosem.wanted(class_id, scaler_known=name in self._scalers) for name, class_id in wanted]
        targets = [
            AttributeDescriptor(class_id, name, number)
            for (name, class_id), some in zip(wanted, numbers, strict=True)
            for number in some
        ]
        outcomes = iter((yield from get_many(self.session, targets)))
        return [{number: next(outcomes) for number in some} for some in numbers]

    def _readings(self, name: Obis, class_id: int, outcomes: dict[int, cosem.Outcome]) -> list[Reading]:
        told = outcomes.get(cosem.SCALER_UNIT.get(class_id, 0))
        if isinstance(told, bytes):
            scaler_unit = cosem.scaler_unit_of(told)
            if scaler_unit is not None:
                self._scalers[name] = scaler_unit
        if any(isinstance(outcome, bytes) for outcome in outcomes.values()):
            self._classes[name] = class_id
        return cosem.object_readings(class_id, name, outcomes, scaler_unit=self._scalers.get(name))

    # --- setting ---

    def set(
        self, name: Obis | str, attribute: Attribute[T], value: T, schema: Schema[Any] | None = None
    ) -> Conversation[None]:
        """Set an attribute. Where its class leaves the type open, *schema* says it, or it stays that of its value."""
        if schema is None and is_choice(attribute):
            target = AttributeDescriptor(attribute.class_id, logical_name(name), attribute.number)
            yield from set_alike(self.session, target, value)
        else:
            yield from set_attribute(self.session, name, attribute, value, schema=schema)

    # --- profiles ---

    def profile(
        self,
        name: Obis | str,
        *,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        entries: int | tuple[int, int] | None = None,
        progress: Progress | None = None,
    ) -> Conversation[Profile]:
        """The entries of a profile with the units of its columns: all, by time, the last *entries*, or first and last.

        *since* and *until* are both included; naive ones are local time of the meter. Entries count from 1.
        """
        obis = logical_name(name)
        if entries is not None and (since is not None or until is not None):
            raise LocalError("a profile is read by time or by entries, not by both")
        try:
            layout = yield from profiles.read_layout(self.session, obis)
        except AccessError as error:
            raise AccessError(error.result, f"{obis} read as a profile", error.words) from None
        scaler_units = yield from self._units(layout.columns)
        selection = yield from self._selection(obis, layout, since, until, entries)
        buffer = yield from profiles.read_buffer(self.session, obis, selection, layout=layout, progress=progress)
        return Profile(
            buffer.columns,
            buffer.octets,
            capture_period=layout.capture_period,
            newest_first=layout.newest_first,
            scaler_units=scaler_units,
            deviation_sign=self.session.settings.deviation_sign or 1,
        )

    def _selection(
        self,
        name: Obis,
        layout: profiles.Layout,
        since: dt.datetime | None,
        until: dt.datetime | None,
        entries: int | tuple[int, int] | None,
    ) -> Conversation[Selection | None]:
        if since is not None or until is not None:
            zone = (since or until or dt.datetime.min).tzinfo
            start, end = since or dt.datetime(1970, 1, 1, tzinfo=zone), until or dt.datetime(2099, 12, 31, tzinfo=zone)
            if (start.tzinfo is None) != (end.tzinfo is None):
                raise LocalError(f"{start.isoformat()} and {end.isoformat()}: give both an offset, or neither")
            if start > end:
                raise LocalError(f"from {start.isoformat()} to {end.isoformat()} is no span of time")
            return profiles.between(self.session, layout, start, end)
        if entries is None:
            return None
        if isinstance(entries, tuple):
            return EntryDescriptor(first=entries[0], last=entries[1])
        if entries < 1:
            raise LocalError(f"the last {entries} entries are none")
        if layout.newest_first:
            return EntryDescriptor(first=1, last=entries)
        count = yield from profiles.entries_in_use(self.session, name)
        return EntryDescriptor(first=max(count - entries + 1, 1), last=count)

    def _units(self, columns: Sequence[CaptureObject]) -> Conversation[dict[int, ScalerUnit]]:
        """Scaler and unit of each column that has them and lets us read them."""
        scaled = {
            i: AttributeDescriptor(column.class_id, column.logical_name, cosem.SCALER_UNIT[column.class_id])
            for i, column in enumerate(columns)
            if column.attribute in cosem.SCALED.get(column.class_id, ()) and not column.data_index
        }
        distinct = list(dict.fromkeys(scaled.values()))
        outcomes = dict(zip(distinct, (yield from get_many(self.session, distinct)), strict=True)) if distinct else {}
        return {
            i: ScalerUnit.parse(data.parse(octets))
            for i, target in scaled.items()
            if isinstance(octets := outcomes[target], bytes)
        }


def _allowed(conversation: Conversation[Any]) -> Conversation[Any]:
    """The outcome of a conversation, None where the meter refuses it."""
    try:
        return (yield from conversation)
    except (AccessError, ServiceRefused):
        return None


def _is_elsewhere(outcomes: dict[int, cosem.Outcome]) -> bool:
    """Whether an object is not there under the class that was asked for."""
    first = next(iter(outcomes.values()))
    return isinstance(first, AccessError) and first.result in _ELSEWHERE


def _number(entry: ObjectEntry, given: int | str, members: dict[str, int], what: str) -> int:
    if isinstance(given, int) or given.lstrip("-").isdecimal():
        return int(given)
    number = members.get(given.replace("-", "_").replace(" ", "_"))
    if number is None:
        known = ", ".join(members) or "its class is not known: give the number"
        raise LocalError(f"{entry.name} of class {entry.class_id} has no {what} {given!r}; it has {known}")
    return number


def _valueless(name: Obis, class_id: int) -> str:
    if class_id == cosem.PROFILE_GENERIC:
        return f"{name} is a profile: read it as one, or name an attribute of it"
    cls = class_of(class_id)
    words = "" if cls is None else f" ({(cls.__doc__ or cls.__name__).partition(':')[0]})"
    return f"{name} is of class {class_id}{words}, which has no value: name an attribute of it"


def _tuple(items: list[Any] | None) -> tuple[Any, ...] | None:
    return None if items is None else tuple(items)


__all__ = ["Asking", "Scan", "likely_class"]
