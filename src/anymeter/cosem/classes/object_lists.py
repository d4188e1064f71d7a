"""The object list of an association: the objects it sees, and what it may do with them.

Source: EN 13757-1:2014, 4.3, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.4.3, 4.4.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

from anymeter.cosem.access import NONE, Rights, access_of, mode_of
from anymeter.cosem.associations import CURRENT, AssociationProfile
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, refuse
from anymeter.cosem.schema import (
    BOOLEAN,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    NULL_DATA,
    OCTET_STRING,
    UNSIGNED,
    Schema,
    array,
    one_of,
    structure,
)
from anymeter.errors import AccessError
from anymeter.obis import Obis

BITS_FROM_LN, BITS_FROM_SN = 3, 4
"""The versions of Association LN and SN from which on an access_mode is a bit mask."""

ATTRIBUTE_ACCESS: Final = array(
    structure(attribute_id=INTEGER, access_mode=ENUM, access_selectors=one_of(NULL_DATA, array(INTEGER)))
)
METHOD_ACCESS: Final = array(structure(method_id=INTEGER, access_mode=ENUM))
METHOD_ACCESS_V0: Final = array(structure(method_id=INTEGER, access_mode=BOOLEAN))

OID_NAME: Final = one_of(
    structure(
        joint_iso_ctt_element=UNSIGNED,
        country_element=UNSIGNED,
        country_name_element=LONG_UNSIGNED,
        identified_organization_element=UNSIGNED,
        DLMS_UA_element=UNSIGNED,
        context_element=UNSIGNED,
        id_element=UNSIGNED,
    ),
    OCTET_STRING,
)
"""The name of an application context or of an authentication mechanism."""

OID: Final = bytes.fromhex("608574050801")
"""The arcs of an application context name, as the contents of an object identifier; the last one follows."""
_ARCS: Final = (2, 16, 756, 5, 8)
_CONTEXT, _MECHANISM = 1, 2

Access: TypeAlias = tuple[list[tuple[int, int, list[int] | None]], list[tuple[int, int]]]


def profile_of(obj: InterfaceClass) -> AssociationProfile | None:
    """The association that an Association object stands for; None where the device has none such."""
    associations: Mapping[int, AssociationProfile] = getattr(obj.device, "associations", {})
    return next((p for p in associations.values() if p.object_name == obj.logical_name), None)


def seen(obj: InterfaceClass) -> list[tuple[InterfaceClass, Rights]]:
    """The objects that the association of *obj* may do anything with, in the order of the device."""
    profile = profile_of(obj)
    if profile is None or obj.device is None:
        return []
    found = ((other, rights_on(profile, other.logical_name)) for other in obj.device.everything())
    return [(other, rights) for other, rights in found if rights.visible]


def rights_on(profile: AssociationProfile, name: Obis) -> Rights:
    """The rights on an object; those on the association's own object may stand under the name of the current one."""
    if name == profile.object_name and CURRENT in profile.rights:
        return profile.rights[CURRENT]
    return profile.rights_on(name)


def access_rights(obj: InterfaceClass, rights: Rights, *, bits: bool, booleans: bool = False) -> Access:
    """attribute_access and method_access of an object, its modes as bits, as enumeration, or methods as booleans."""
    attributes = [
        (n, mode_of(rights.attributes.get(n, NONE), bits=bits), list(rights.selectors.get(n, ())) or None)
        for n in obj.attributes
    ]
    methods = [(n, mode_of(rights.methods.get(n, NONE), method=True, bits=bits)) for n in obj.methods]
    return attributes, [(n, mode != 0) for n, mode in methods] if booleans else methods


def rights_of(access: Access, *, bits: bool) -> Rights:
    """The rights that attribute_access and method_access stand for; LocalError for modes that do not exist."""
    attributes, methods = access
    return Rights(
        {n: access_of(int(mode), bits=bits) for n, mode, _ in attributes},
        {n: access_of(int(mode), method=True, bits=bits) for n, mode in methods},
        {n: tuple(selectors) for n, _, selectors in attributes if selectors},
    )


def fixed(obj: InterfaceClass, what: str) -> AccessError:
    """The error for a client that sets what was agreed on beforehand."""
    return refuse(DataAccessResult.read_write_denied, f"{obj.logical_name} {what}")


def replace_rights(obj: InterfaceClass, name: Obis, rights: Rights | None) -> None:
    """Give the association of *obj* other rights on an object, or none; associations that are open keep theirs."""
    profile = profile_of(obj)
    if profile is None:
        return
    kept = {known: own for known, own in profile.rights.items() if known != name}
    changed = kept if rights is None else {**kept, name: rights}
    associations: dict[int, AssociationProfile] = getattr(obj.device, "associations", {})
    associations[profile.client] = msgspec.structs.replace(profile, rights=changed)


def context_name(last: int, *, octets: bool) -> Any:
    """An application context name, as a structure of its arcs or as octets."""
    return _name(_CONTEXT, last, octets)


def mechanism_name(last: int, *, octets: bool) -> Any:
    """An authentication mechanism name, as a structure of its arcs or as octets.

    >>> mechanism_name(5, octets=True).hex(), mechanism_name(5, octets=False)
    ('60857405080205', (2, 16, 756, 5, 8, 2, 5))
    """
    return _name(_MECHANISM, last, octets)


def _name(kind: int, last: int, octets: bool) -> Any:
    return OID[:-1] + bytes((kind, last)) if octets else (*_ARCS, kind, last)


class Listing:
    """The octets of an object list, kept until the objects or the rights change."""

    def __init__(self) -> None:
        self._of: tuple[Any, list[Any]] | None = None
        self._octets = b""

    def octets(self, obj: InterfaceClass, schema: Schema[Any], make: Any) -> bytes:
        """The octets of what *make* makes for the association of *obj*."""
        objects = [] if obj.device is None else obj.device.everything()
        profile = profile_of(obj)
        known = self._of
        if (
            known is None
            or known[0] is not profile
            or len(known[1]) != len(objects)
            or any(a is not b for a, b in zip(known[1], objects, strict=True))
        ):
            self._of, self._octets = (profile, objects), schema.encode(make())
        return self._octets
