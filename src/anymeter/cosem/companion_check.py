"""Does a device keep to its companion profile? Compares the profile with what a client read from the device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from anymeter.cosem import data
from anymeter.cosem.access import Rights, mode_of, words_of
from anymeter.cosem.associations import CURRENT, AssociationProfile
from anymeter.cosem.companion import Companion
from anymeter.cosem.conform import fits
from anymeter.cosem.describe import type_text
from anymeter.cosem.enums import Conformance
from anymeter.cosem.infer import schema_of
from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.units import unit
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis

_BITS_FROM_LN, _BITS_FROM_SN = 3, 4
_UNIT: Final = "scaler_unit"
_CAPTURE: Final = ("capture_objects", "capture_period")


class ObservedObject(msgspec.Struct, frozen=True):
    """One entry of an object list. *attributes* and *methods*: access bits by number; None where it shows no rights."""

    name: Obis
    class_id: int
    version: int
    attributes: Mapping[int, int] | None = None
    methods: Mapping[int, int] | None = None


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What one client saw of one logical device.

    *values* are the octets of attributes by name and number; *conformance* and *max_send_pdu* (octets that the server
    takes) were negotiated; None where that is not known.
    """

    client: int
    objects: Sequence[ObservedObject]
    values: Mapping[tuple[Obis, int], bytes] = {}
    conformance: int | None = None
    max_send_pdu: int | None = None


class Finding(msgspec.Struct, frozen=True):
    """One way in which the device is not what the profile says.

    *kind*: association, missing, class, version, access, type, unit, capture, conformance, pdu-size, extra.
    """

    kind: str
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}: {self.found}, but the profile says {self.expected}"


def check(companion: Companion, observed: Observed, *, sap: int = 1, extras: bool = False) -> list[Finding]:
    """Every way in which the logical device at *sap* differs from *companion*; nothing when it keeps to it.

    Objects that the profile does not name are findings only with *extras*. :class:`LocalError` when the profile has no
    such logical device.
    """
    device = next((d for d in companion.devices if d.sap == sap), None)
    if device is None:
        raise LocalError(f"{companion.name} has no logical device at SAP {sap}")
    association = next((a for a in device.associations if a.client == observed.client), None)
    if association is None:
        wanted = ", ".join(f"{a.client} ({a.name})" for a in device.associations)
        return [Finding("association", f"client {observed.client}", f"clients {wanted}", "an association")]
    found = list(_of_association(association, observed))
    bits = association.version >= (_BITS_FROM_SN if association.short_names else _BITS_FROM_LN)
    seen = {o.name: o for o in observed.objects}
    for prototype in device.objects:
        name = prototype.logical_name
        rights = association.rights.get(name)
        if rights is None or not rights.visible:
            continue
        shown = seen.pop(name, None)
        if shown is not None:
            found += _of_object(prototype, rights, shown, observed.values, bits)
        elif name not in device.optional and not (name == association.object_name and CURRENT in seen):
            title = companion.titles.get(name, f"class {prototype.class_id}")
            found.append(Finding("missing", str(name), f"there is one ({title})", "there is no such object"))
    seen.pop(CURRENT, None)
    if extras:
        found += [Finding("extra", str(o.name), "nothing", f"an object of class {o.class_id}") for o in seen.values()]
    return found


def _of_association(association: AssociationProfile, observed: Observed) -> Iterator[Finding]:
    who = f"association of client {observed.client}"
    if observed.conformance is not None and association.conformance & ~observed.conformance:
        lacking = Conformance(association.conformance & ~observed.conformance).words
        yield Finding("conformance", who, Conformance(association.conformance).words, f"it lacks {lacking}")
    if observed.max_send_pdu is not None and observed.max_send_pdu < association.max_receive_pdu:
        size = observed.max_send_pdu
        yield Finding("pdu-size", who, f"it takes {association.max_receive_pdu} octets", f"it takes {size} octets")


def _of_object(
    prototype: InterfaceClass,
    rights: Rights,
    shown: ObservedObject,
    values: Mapping[tuple[Obis, int], bytes],
    bits: bool,
) -> Iterator[Finding]:
    name = str(shown.name)
    if shown.class_id != prototype.class_id:
        yield Finding("class", name, f"class {prototype.class_id}", f"it is of class {shown.class_id}")
        return
    if shown.version != prototype.version:
        yield Finding("version", name, f"version {prototype.version}", f"it is of version {shown.version}")
    yield from _of_rights(prototype, rights, shown, bits)
    for (of, number), octets in values.items():
        if of == shown.name and number in prototype.attributes:
            yield from _of_value(prototype, number, octets)


def _of_rights(prototype: InterfaceClass, rights: Rights, shown: ObservedObject, bits: bool) -> Iterator[Finding]:
    """Rights are compared as the version of the association can tell them: older ones know no encryption."""
    attributes: Mapping[int, Any] = prototype.attributes
    methods: Mapping[int, Any] = prototype.methods
    pairs = ((False, attributes, rights.attributes, shown.attributes), (True, methods, rights.methods, shown.methods))
    for method, members, wanted, given in pairs:
        for number, member in members.items() if given is not None else ():
            has, should = (given or {}).get(number, 0), wanted.get(number, 0)
            if mode_of(has, method=method, bits=bits) != mode_of(should, method=method, bits=bits):
                what = f"{shown.name} {member.name}{'()' if method else ''}"
                yield Finding("access", what, words_of(should, method=method), words_of(has, method=method))


def _of_value(prototype: InterfaceClass, number: int, octets: bytes) -> Iterator[Finding]:
    attribute = prototype.attributes[number]
    what = f"{prototype.logical_name} {attribute.name}"
    declared = prototype.schema_of(number)
    try:
        kind, value = schema_of(octets), data.parse(octets)
    except DecodeError as error:
        yield Finding("type", what, type_text(declared), f"its octets cannot be decoded ({error})")
        return
    if not fits(declared, kind, value):
        yield Finding("type", what, type_text(declared), f"it is {type_text(kind)}")
    elif number in prototype.values and octets != prototype.encoded(number, 0):
        if attribute.name == _UNIT:
            yield Finding("unit", what, _scale(prototype.stored(number)), f"it is {_scale(value)}")
        elif attribute.name in _CAPTURE:
            wanted = prototype.stored(number)
            yield Finding("capture", what, _captured(wanted), f"it is {_captured(value)}")


def _scale(value: Any) -> str:
    scaler, code = value
    return f"10^{scaler} {unit(code).text}".rstrip()


def _captured(value: Any) -> str:
    if not isinstance(value, list):
        return f"{value} s"
    return ", ".join(f"{Obis(bytes(name))} {number}" for _, name, number, *_ in value) or "nothing"
