"""What a meter has: its objects with their classes, versions and rights, its logical devices, its associations.

Source: EN 13757-1:2014, 6.4 and 6.5, after IEC 62056-6-2 (Association LN and SN, SAP assignment).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from anymeter.cosem import data
from anymeter.cosem.access import Rights, access_of
from anymeter.cosem.enums import ApplicationContext, Mechanism
from anymeter.cosem.model import InterfaceClass
from anymeter.dlms.client import short_names
from anymeter.dlms.client.get import Progress, get_many, get_octets, get_value
from anymeter.dlms.client.naming import class_of, listed
from anymeter.dlms.client.session import Session
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.errors import AccessError, AnymeterError, DecodeError, LocalError
from anymeter.obis import Obis

ASSOCIATION_LN, ASSOCIATION_SN, SAP_ASSIGNMENT, DATA = 15, 12, 17, 1
OBJECT_LIST: Final = 2
ACCESS_RIGHTS_LIST: Final = 3
DEVICE_NAME: Final = Obis("0-0:42.0.0*255")
SAPS: Final = Obis("0-0:41.0.0*255")
MOST_OBJECTS: Final = 100_000
_BITS_FROM: Final = {ASSOCIATION_LN: 3, ASSOCIATION_SN: 4}
"""The version of the association class from which on access modes are bits."""
_OLD_ATTRIBUTE_MODES, _OLD_METHOD_MODES = 7, 3


class ObjectEntry(msgspec.Struct, frozen=True):
    """One entry of an object list: *rights* None where the list does not tell; *base_name* with short names."""

    class_id: int
    version: int
    name: Obis
    rights: Rights | None = None
    base_name: int | None = None

    @property
    def interface_class(self) -> type[InterfaceClass] | None:
        """The declaration of just this version; None where it is not known: the object is used by numbers then."""
        return class_of(self.class_id, self.version)

    def attribute(self, number: int) -> AttributeDescriptor:
        """What GET and SET point at."""
        return AttributeDescriptor(self.class_id, self.name, number)

    def may_read(self, number: int) -> bool:
        """Whether an attribute may be read, as far as the list tells."""
        return self.rights is None or self.rights.attributes.get(number, 0) & 1 == 1


class LogicalDeviceEntry(msgspec.Struct, frozen=True):
    """One entry of the SAP assignment: where a logical device is and what it is called."""

    sap: int
    name: bytes


class AssociationEntry(msgspec.Struct, frozen=True):
    """One association that a meter lists; None for what it does not let us read."""

    name: Obis
    version: int
    client: int | None = None
    server: int | None = None
    context: ApplicationContext | None = None
    mechanism: Mechanism | None = None


def object_list(session: Session, progress: Progress | None = None) -> Conversation[list[ObjectEntry]]:
    """The objects that this association may see; with short names the session knows them afterwards."""
    if session.short:
        return (yield from _short_list(session, progress))
    target = AttributeDescriptor(ASSOCIATION_LN, session.settings.association, OBJECT_LIST)
    rows = data.parse((yield from get_octets(session, target, None, progress)))
    return _entries(rows)


def logical_device_name(session: Session) -> Conversation[bytes]:
    """The COSEM logical device name, its maker's three letters first."""
    found = yield from get_value(session, AttributeDescriptor(DATA, DEVICE_NAME, 2))
    return found.encode("utf-8", "surrogateescape") if isinstance(found, str) else _octets(found, "device name")


def logical_devices(session: Session) -> Conversation[list[LogicalDeviceEntry]]:
    """The logical devices of the meter, as its management logical device lists them."""
    rows = yield from get_value(session, AttributeDescriptor(SAP_ASSIGNMENT, SAPS, 2))
    try:
        return [LogicalDeviceEntry(sap & 0xFFFF, _octets(name, "device name")) for sap, name in rows]
    except (TypeError, ValueError):
        raise DecodeError("the SAP assignment list is no array of SAP and name", what="object list") from None


def associations(session: Session, entries: list[ObjectEntry]) -> Conversation[list[AssociationEntry]]:
    """The associations among *entries*, with as much of them as may be read."""
    found = []
    for entry in entries:
        if entry.class_id == ASSOCIATION_LN and not session.short:
            wanted = [entry.attribute(number) for number in (3, 4, 6)]
            outcomes = yield from get_many(session, wanted)
            partners, context, mechanism = (_value(one) for one in outcomes)
            client, server = partners if _is_pair(partners) else (None, None)
            found.append(
                AssociationEntry(
                    entry.name,
                    entry.version,
                    None if client is None else client & 0xFF,
                    None if server is None else server & 0xFFFF,
                    None if (arc := _last_arc(context)) is None else ApplicationContext(arc),
                    None if (arc := _last_arc(mechanism)) is None else Mechanism(arc),
                )
            )
        elif entry.class_id in (ASSOCIATION_LN, ASSOCIATION_SN):
            found.append(AssociationEntry(entry.name, entry.version))
    return found


def _value(outcome: bytes | AnymeterError) -> Any:
    return data.parse(outcome) if isinstance(outcome, bytes) else None


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, int) for part in value)


def _last_arc(value: Any) -> int | None:
    """The last arc of an object identifier, which stands as a structure of its arcs or as its octets."""
    if isinstance(value, tuple | list) and len(value) == 7 and isinstance(value[-1], int):
        return value[-1] & 0xFF
    return value[-1] if isinstance(value, bytes) and len(value) in (7, 9) else None


def _octets(value: Any, what: str) -> bytes:
    if not isinstance(value, bytes):
        raise DecodeError("no octet-string", what=what)
    return value


def _entries(rows: Any) -> list[ObjectEntry]:
    """The object list of an Association LN; DecodeError when the rows are none."""
    rows = _rows(rows)
    try:
        versions = [version for class_id, version, _, _ in rows if class_id == ASSOCIATION_LN]
        bits = bool(versions) and max(versions) >= _BITS_FROM[ASSOCIATION_LN]
        return [
            ObjectEntry(*listed(class_id, version, name), _rights(access, bits))
            for class_id, version, name, access in rows
        ]
    except (TypeError, ValueError, AttributeError, AnymeterError):
        raise DecodeError("no array of class_id, version, logical_name, access_rights", what="object list") from None


def _rows(rows: Any) -> list[Any]:
    if not isinstance(rows, list) or len(rows) > MOST_OBJECTS:
        raise DecodeError("no array, or too long a one", what="object list")
    return rows


def _rights(access: Any, bits: bool) -> Rights:
    attributes, methods = access
    return Rights(
        {_number(number): _access(mode, bits) for number, mode, _ in attributes},
        {_number(number): _access(mode, bits, method=True) for number, mode in methods},
        {number: tuple(map(_number, selectors)) for number, _, selectors in attributes if selectors},
    )


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def _access(mode: Any, bits: bool, *, method: bool = False) -> int:
    """The access of a mode. Numbers that the older enumeration lacks are read as the bits of the newer versions."""
    mode = _number(mode)
    known = _OLD_METHOD_MODES if method else _OLD_ATTRIBUTE_MODES
    return access_of(mode, method=method, bits=bits or mode >= known)


def _short_list(session: Session, progress: Progress | None) -> Conversation[list[ObjectEntry]]:
    target = AttributeDescriptor(ASSOCIATION_SN, session.settings.association, OBJECT_LIST)
    rows = _rows(data.parse((yield from short_names.read(session, target, None, progress))))
    session.names = short_names.table(rows)
    versions = [version for _, class_id, version, _ in rows if class_id == ASSOCIATION_SN]
    bits = bool(versions) and max(versions) >= _BITS_FROM[ASSOCIATION_SN]
    try:
        told = yield from get_value(session, AttributeDescriptor(ASSOCIATION_SN, target.instance_id, 3))
        rights = {base & 0xFFFF: _rights(access, bits) for base, *access in told}
    except AccessError:
        rights = {}
    except (TypeError, ValueError, LocalError):
        raise DecodeError("no array of base_name and access", what="access rights list") from None
    return [
        ObjectEntry(*listed(class_id, version, name), rights.get(base & 0xFFFF), base & 0xFFFF)
        for base, class_id, version, name in rows
    ]
