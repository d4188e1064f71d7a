"""From the ``[[association]]`` tables of a companion profile to associations, their objects and their rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from anymeter.cosem import companion_access
from anymeter.cosem.access import ACCESS, Rights
from anymeter.cosem.associations import (
    CURRENT,
    DEFAULT_CONFORMANCE,
    DEFAULT_SHORT_NAME_CONFORMANCE,
    AssociationProfile,
)
from anymeter.cosem.companion_toml import AssociationTable
from anymeter.cosem.companion_values import octets_of
from anymeter.cosem.enums import ApplicationContext, Conformance, Mechanism
from anymeter.cosem.model import InterfaceClass, interface_class
from anymeter.errors import LocalError
from anymeter.obis import Obis

LABORATORY: Final = 2
"""The client that may do everything, where a profile is opened for the laboratory."""
_SHORT: Final = (ApplicationContext.short_names, ApplicationContext.short_names_ciphered)
_ASSOCIATION_LN, _ASSOCIATION_SN = 15, 12
_REPLY_TO_HLS: Final = {_ASSOCIATION_LN: 1, _ASSOCIATION_SN: 8}


def object_of(table: AssociationTable, number: int) -> InterfaceClass:
    """The Association object of the association that is the *number*-th of its profile."""
    kind = _ASSOCIATION_SN if _context(table) in _SHORT else _ASSOCIATION_LN
    found = interface_class(kind, table.version)
    if found is None:
        raise LocalError(f"version: there is no version {table.version} of class {kind}")
    return found(_object_name(table, number))


def profile_of(
    table: AssociationTable, number: int, rights: Mapping[Obis, Rights], own: InterfaceClass
) -> AssociationProfile:
    """The association; *rights* on all objects but *own*, that of the association itself."""
    context = _context(table)
    if not 1 <= table.client <= 0xFFFF:
        raise LocalError(f"client: a SAP from 1 to 65535, not {table.client}")
    mechanism = Mechanism(_worded(Mechanism, table.mechanism, "mechanism"))
    mine = {own.logical_name: _rights_on_own(own, table, mechanism)}
    return AssociationProfile(
        name=table.name,
        client=table.client,
        context=context,
        mechanism=mechanism,
        secret=octets_of(table.secret),
        conformance=_conformance(table, short=context in _SHORT),
        max_receive_pdu=table.max_receive_pdu,
        max_send_pdu=table.max_send_pdu,
        rights={**mine, CURRENT: mine[own.logical_name], **rights},
        pre_established=table.pre_established,
        object_name=own.logical_name,
        version=table.version,
        users=tuple(table.users),
    )


def laboratory(secret: bytes, objects: Iterable[InterfaceClass]) -> tuple[AssociationProfile, InterfaceClass]:
    """An association that may do everything with all objects, low level security, and its Association object."""
    table = AssociationTable(
        name="laboratory", client=LABORATORY, mechanism="low-level", object="0-0:40.0.255*255", access="rwx"
    )
    own = object_of(table, 0)
    rights = {obj.logical_name: companion_access.parse(_everything(type(obj)), type(obj)) for obj in objects}
    profile = profile_of(table, 0, rights, own)
    return msgspec.structs.replace(profile, secret=secret), own


def _everything(kind: type[InterfaceClass]) -> str:
    own = [f"{number} rw" for number in kind.attributes if number < 0]
    return ", ".join(["rwx", *own, *(f"{number}() x" for number in kind.methods if number < 0)])


def _rights_on_own(own: InterfaceClass, table: AssociationTable, mechanism: Mechanism) -> Rights:
    rights = companion_access.parse(table.access or "r", type(own))
    reply = _REPLY_TO_HLS[own.class_id]
    if mechanism >= Mechanism.high_level and reply in own.methods:
        return Rights(rights.attributes, {**rights.methods, reply: ACCESS}, rights.selectors)
    return rights


def _context(table: AssociationTable) -> ApplicationContext:
    return ApplicationContext(_worded(ApplicationContext, table.context, "context"))


def _worded(kind: Any, word: str, key: str) -> int:
    for member in kind:
        if member.words == word:
            return int(member)
    raise LocalError(f"{key}: one of {', '.join(m.words for m in kind)}, not {word!r}")


def _conformance(table: AssociationTable, *, short: bool) -> int:
    if table.conformance is None:
        return DEFAULT_SHORT_NAME_CONFORMANCE if short else DEFAULT_CONFORMANCE
    bits = {bit.name.replace("_", "-"): int(bit) for bit in Conformance if bit.name}
    if unknown := [word for word in table.conformance if word not in bits]:
        raise LocalError(f"conformance: there is no {unknown[0]!r}, only {', '.join(bits)}")
    return sum(bits[word] for word in set(table.conformance))


def _object_name(table: AssociationTable, number: int) -> Obis:
    return Obis(table.object or f"0-0:40.0.{number}*255")
