"""The Association object of an association, as the server sees it: what it keeps for us, and what we show in it.

The class and version of the object are the device's choice, and it may have none: what it has no place for is left
out. Source: EN 13757-1:2014, 6.5, after IEC 62056-6-2 (Association LN, Association SN).
"""

from __future__ import annotations

from typing import Any

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.device import FAULTS, LogicalDevice
from anymeter.cosem.members import Attribute
from anymeter.cosem.values import BitString
from anymeter.dlms.initiate import VERSION
from anymeter.dlms.server.state import Association


def secret_of(device: LogicalDevice, profile: AssociationProfile) -> bytes:
    """The password in force: the one the object keeps, as clients may change it there, else that of *profile*."""
    kept = getattr(device.named(profile.object_name), "secret", b"")
    return kept if isinstance(kept, bytes) and kept else profile.secret


def users_of(device: LogicalDevice, profile: AssociationProfile, now: float) -> dict[int, str]:
    """The users that may ask, by their number; empty: anybody may."""
    obj: Any = device.named(profile.object_name)
    listed = getattr(type(obj), "user_list", None)
    return dict(obj.get(listed.number, now) if isinstance(listed, Attribute) else profile.users)


def show(association: Association, status: int, now: float) -> None:
    """Let the object show whether it is associated, what was negotiated and with which user."""
    obj: Any = association.device.named(association.profile.object_name)
    if obj is None:
        return
    try:
        _show(association, obj, status, now)
    except FAULTS as error:
        association.reach.faults.append((f"show {association.route}", error))


def _show(association: Association, obj: Any, status: int, now: float) -> None:
    device, profile = association.device, association.profile
    _put(obj, "association_status", status, now)
    if not status:
        return
    conformance = BitString(association.conformance.to_bytes(3, "big"), 24)
    sizes = profile.max_receive_pdu, association.send_limit
    _put(obj, "xDLMS_context_info", (conformance, *sizes, VERSION, 0, b""), now)
    if association.user is not None:
        name = users_of(device, profile, now).get(association.user, "")
        _put(obj, "current_user", (association.user & 0xFF, name), now)


def _put(obj: Any, name: str, value: Any, now: float) -> None:
    found = getattr(type(obj), name, None)
    if isinstance(found, Attribute):
        obj.put(found.number, value, now)
