"""Companion profiles: what a kind of meter is, written down, built from, and checked against.

>>> water = Companion.load("cold-water")
>>> device = water.build(Identity(number=4711))
>>> device.management.name, str(device.management.objects[Obis("8-0:1.0.0*255")].logical_name)
(b'AMT0000000004711', '8-0:1.0.0*255')

Source: EN 13757-1:2014, 6.3 (companion specifications), 6.5 (management of a device); the roles of Table 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Self

import msgspec

import anymeter.cosem.classes  # noqa: F401  (declares every interface class)
from anymeter.cosem import companion_access, companion_associations, companion_toml
from anymeter.cosem.access import Rights
from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.companion_objects import Personal, filled, object_of
from anymeter.cosem.companion_toml import AssociationTable, DeviceTable, LinkTable, ObjectTable, Text, shipped
from anymeter.cosem.companion_values import convert
from anymeter.cosem.device import LogicalDevice, PhysicalDevice
from anymeter.cosem.model import InterfaceClass
from anymeter.errors import LocalError
from anymeter.obis import Obis

__all__ = ["Companion", "Identity", "shipped"]

_EVERYWHERE: Final = "all"


class Identity(msgspec.Struct, frozen=True):
    """What makes a meter this one: its number, and the three letters of its maker."""

    number: int = 1
    manufacturer: str = "AMT"

    @property
    def words(self) -> dict[str, Any]:
        """What a profile's patterns may name: ``{number}``, ``{serial}`` with eight digits, ``{manufacturer}``."""
        return {
            "number": self.number,
            "serial": f"{self.number:08d}",
            "manufacturer": self.manufacturer,
            "system_title": self.system_title.hex(),
        }

    @property
    def system_title(self) -> bytes:
        """Eight octets: the maker's letters and the number in five octets."""
        return self.manufacturer.encode() + (self.number % (1 << 40)).to_bytes(5, "big")

    def fill(self, pattern: str, device_name: str = "") -> str:
        """A pattern with the words of this meter and of a logical device in it; :class:`LocalError` for others."""
        try:
            return pattern.format_map(self.words | {"device_name": device_name})
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise LocalError(f"the pattern {pattern!r} cannot be filled in: {error!r}") from None


class LogicalTemplate(msgspec.Struct, frozen=True):
    """One logical device of a profile: the objects are cloned for each meter, everything else is shared."""

    sap: int
    name: str
    objects: tuple[InterfaceClass, ...]
    personal: tuple[Personal, ...]
    associations: tuple[AssociationProfile, ...]
    base_names: Mapping[Obis, int]
    optional: frozenset[Obis] = frozenset()

    def build(self, identity: Identity) -> LogicalDevice:
        """The logical device of one meter."""
        objects = [prototype.clone() for prototype in self.objects]
        name = identity.fill(self.name)
        fill = partial(identity.fill, device_name=name)
        for index, number, raw in self.personal:
            obj = objects[index]
            obj.store(number, convert(obj.schema_of(number), filled(raw, fill))[0])
        return LogicalDevice(self.sap, name.encode(), objects, self.associations, self.base_names)


class Companion(msgspec.Struct, frozen=True):
    """A companion profile, ready to build meters from."""

    name: str
    title: str
    medium: str
    manufacturer: str
    link: LinkTable
    devices: tuple[LogicalTemplate, ...]
    titles: Mapping[Obis, str] = {}

    @classmethod
    def load(cls, name_or_path: str, folder: str = ".") -> Self:
        """The profile of this name that comes with the package, or in the file at this path from *folder* on.

        Raises :class:`LocalError` when there is none, or it is not one.
        """
        return cls.of(companion_toml.load(name_or_path, folder))

    @classmethod
    def parse(cls, text: str, where: str = "companion profile") -> Self:
        """The profile that *text* writes; :class:`LocalError` names *where*, the table and the key."""
        return cls.of(companion_toml.parse(text, where))

    @classmethod
    def of(cls, text: Text) -> Self:
        """The profile of a checked text."""
        for device in text.device:
            _at(text, f"device {device.sap}, name", Identity().fill, device.name)
        names = {association.name for association in text.association}
        for preset, by_name in text.access.items():
            if unknown := set(by_name) - names:
                raise LocalError(f"{text.source}, access.{preset}: there is no association {min(unknown)!r}")
        return cls(
            name=text.name,
            title=text.title,
            medium=text.medium,
            manufacturer=text.identity.manufacturer,
            link=text.link,
            devices=tuple(_template(text, device) for device in text.device),
            titles={Obis(o.name): o.title for o in text.object if o.title},
        )

    def build(self, identity: Identity | None = None) -> PhysicalDevice:
        """A meter of this kind; many share what they never change."""
        identity = identity or Identity(manufacturer=self.manufacturer)
        return PhysicalDevice([device.build(identity) for device in self.devices], identity.system_title)

    def association(self, name: str, sap: int = 1) -> AssociationProfile:
        """The association of this name in the logical device at *sap*; :class:`LocalError` where there is none."""
        for device in self.devices:
            for found in device.associations:
                if device.sap == sap and found.name == name:
                    return found
        raise LocalError(f"{self.name} has no association {name!r} at SAP {sap}")

    def laboratory(self, secret: str) -> Self:
        """The same profile with one association more: client 2, low level security, and everything allowed."""
        return msgspec.structs.replace(self, devices=tuple(_opened(d, secret.encode()) for d in self.devices))


def _opened(device: LogicalTemplate, secret: bytes) -> LogicalTemplate:
    profile, own = companion_associations.laboratory(secret, device.objects)
    associations = (*device.associations, profile)
    return msgspec.structs.replace(device, associations=associations, objects=(*device.objects, own))


def _at(text: Text, place: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """What *function* returns; a mistake is told with the place it was made at."""
    try:
        return function(*arguments)
    except LocalError as error:
        raise LocalError(f"{text.source}, {place}: {error}") from None


def _template(text: Text, device: DeviceTable) -> LogicalTemplate:
    tables = [(f"object {i} ({o.name})", o) for i, o in enumerate(text.object, 1)]
    tables = [(place, o) for place, o in tables if o.device in (device.sap, _EVERYWHERE)]
    known: dict[Obis, int] = {}
    for place, o in tables:
        name = _at(text, f"{place}, name", Obis, o.name)
        if name in known:
            raise LocalError(f"{text.source}, {place}: this name is taken")
        known[name] = o.class_id
    objects: list[InterfaceClass] = []
    personal: list[Personal] = []
    for place, o in tables:
        obj, own = _at(text, place, object_of, o, known)
        personal += [Personal(len(objects), p.number, p.raw) for p in own]
        objects.append(obj)
    associations = []
    described = list(zip(tables, objects, strict=True))
    for number, a in enumerate(text.association, 1):
        if a.device is None or device.sap in a.device:
            place = f"association {number} ({a.name})"
            owned = _at(text, place, companion_associations.object_of, a, number)
            if owned.logical_name in known:
                raise LocalError(f"{text.source}, {place}, object: this name is taken")
            objects.append(owned)
            rights = {o.logical_name: r for (w, t), o in described if (r := _rights(text, w, t, a, type(o)))}
            associations.append(_at(text, place, companion_associations.profile_of, a, number, rights, owned))
    return LogicalTemplate(
        sap=device.sap,
        name=device.name,
        objects=tuple(objects),
        personal=tuple(personal),
        associations=tuple(associations),
        base_names={Obis(o.name): o.base_name for _, o in tables if o.base_name is not None},
        optional=frozenset(Obis(o.name) for _, o in tables if o.optional),
    )


def _rights(
    text: Text, place: str, table: ObjectTable, association: AssociationTable, kind: type[InterfaceClass]
) -> Rights | None:
    """What *association* may do with the object of *table*; None where nothing is said."""
    written = table.access
    if isinstance(written, str):
        if written not in text.access:
            raise LocalError(f"{text.source}, {place}, access: there is no [access.{written}]")
        written = text.access[written]
    if unknown := set(written) - {a.name for a in text.association}:
        raise LocalError(f"{text.source}, {place}, access: there is no association {min(unknown)!r}")
    if association.name not in written:
        return None
    found: Rights = _at(
        text, f"{place}, access.{association.name}", companion_access.parse, written[association.name], kind
    )
    return found
