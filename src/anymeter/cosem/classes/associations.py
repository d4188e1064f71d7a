"""Association LN: an association whose objects are named by logical names. Class 15.

Source: EN 13757-1:2014, 4.3, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.4.4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from anymeter.cosem.associations import AssociationProfile
from anymeter.cosem.classes.object_lists import (
    ATTRIBUTE_ACCESS,
    BITS_FROM_LN,
    METHOD_ACCESS,
    METHOD_ACCESS_V0,
    OID_NAME,
    Listing,
    access_rights,
    context_name,
    fixed,
    mechanism_name,
    profile_of,
    replace_rights,
    rights_of,
    seen,
)
from anymeter.cosem.classes.parts import LN, blue_book, declined
from anymeter.cosem.conform import accept
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, refuse, writes
from anymeter.cosem.schema import (
    BIT_STRING,
    ENUM,
    INTEGER,
    LONG_UNSIGNED,
    NULL_DATA,
    OCTET_STRING,
    UNSIGNED,
    VISIBLE_STRING,
    Schema,
    array,
    structure,
)
from anymeter.cosem.values import BitString
from anymeter.errors import LocalError
from anymeter.obis import Obis

STATUS: Final = {0: "non-associated", 1: "association pending", 2: "associated"}
USER: Final = structure(id=UNSIGNED, name=VISIBLE_STRING)
_OBJECT_ID: Final = structure(class_id=LONG_UNSIGNED, logical_name=LN)
_DLMS_VERSION: Final = 6
_MOST_USERS: Final = 256


def _element(methods: Schema[Any]) -> Schema[tuple[Any, ...]]:
    """The type of one element of an object list."""
    access = structure(attribute_access=ATTRIBUTE_ACCESS, method_access=methods)
    return structure(class_id=LONG_UNSIGNED, version=UNSIGNED, logical_name=LN, access_rights=access)


ELEMENT_V0: Final = _element(METHOD_ACCESS_V0)
ELEMENT: Final = _element(METHOD_ACCESS)


class AssociationLn(InterfaceClass, class_id=15, methods_at=0x60, clause=blue_book("4.4.4")):
    """Association LN: what was agreed on with a client, and the objects it sees, but none it may do nothing with.

    ``association_status`` and the secret are kept here, the rest comes from the association of the device whose object
    this is. Selective access to the object list: 1 without access rights, 2 of certain classes, 3 and 4 of certain
    objects.
    """

    object_list = attribute(2, array(ELEMENT_V0), dynamic=True)
    associated_partners_id = attribute(3, structure(client_SAP=INTEGER, server_SAP=LONG_UNSIGNED))
    application_context_name = attribute(4, OID_NAME)
    xDLMS_context_info = attribute(  # noqa: N815
        5,
        structure(
            conformance=BIT_STRING,
            max_receive_pdu_size=LONG_UNSIGNED,
            max_send_pdu_size=LONG_UNSIGNED,
            dlms_version_number=UNSIGNED,
            quality_of_service=INTEGER,
            cyphering_info=OCTET_STRING,
        ),
    )
    authentication_mechanism_name = attribute(6, OID_NAME)
    secret = attribute(7, OCTET_STRING, secret=True)
    association_status = attribute(8, ENUM, dynamic=True, words=STATUS)

    def set_up(self) -> None:
        """*names_as_octets*: whether the names of context and mechanism are octets, and not structures.

        *replies* answers a client's reply to our challenge, where there is security with such a thing.
        """
        self.names_as_octets = False
        self.replies: Callable[[bytes, float], bytes] | None = None
        self._listing = Listing()

    # --- methods ---

    @method(1, OCTET_STRING, returns=OCTET_STRING)
    def reply_to_HLS_authentication(self, data: bytes, now: float) -> bytes:  # noqa: N802
        """Check the client's answer to our challenge, and answer its own; refused where there is no such security."""
        if self.replies is None:
            raise declined(self, "has no high level security")
        return self.replies(data, now)

    @method(2, OCTET_STRING)
    def change_HLS_secret(self, data: bytes, now: float) -> None:  # noqa: N802
        """Replace the secret."""
        self._set_secret(data, now)

    @method(3, ELEMENT_V0)
    def add_object(self, data: tuple[int, int, bytes, Any], now: float) -> None:
        """Let the association see an object of the device, with these rights."""
        class_id, version, name, access = data
        target = None if self.device is None else self.device.named(Obis(name))
        if target is None or (target.class_id, target.version) != (class_id, version):
            raise refuse(DataAccessResult.object_undefined, f"{self.logical_name} add_object {name.hex()}")
        try:
            rights = rights_of(access, bits=self.version >= BITS_FROM_LN)
        except LocalError as error:
            raise declined(self, str(error)) from None
        replace_rights(self, target.logical_name, rights)

    @method(4, ELEMENT_V0)
    def remove_object(self, data: tuple[int, int, bytes, Any], now: float) -> None:
        """Hide an object from the association."""
        name = Obis(data[2])
        if all(obj.logical_name != name for obj, _ in seen(self)) or name == self.logical_name:
            raise declined(self, f"does not list {name}")
        replace_rights(self, name, None)

    # --- what is read ---

    @property
    def _profile(self) -> AssociationProfile | None:
        return profile_of(self)

    @reads(object_list)
    def _object_list(self, now: float) -> list[Any]:
        return [self._entry(obj, rights) for obj, rights in seen(self)]

    def _entry(self, obj: InterfaceClass, rights: Any) -> tuple[Any, ...]:
        access = access_rights(obj, rights, bits=self.version >= BITS_FROM_LN, booleans=self.version == 0)
        return obj.class_id, obj.version, obj.logical_name, access

    def encoded(self, number: int, now: float) -> bytes:
        """The octets of an attribute's value; those of the object list are made once."""
        if number != AssociationLn.object_list.number:
            return super().encoded(number, now)
        return self._listing.octets(self, self.attributes[number].schema, lambda: self._object_list(now))

    def select(self, number: int, selector: int, parameters: bytes, now: float) -> bytes:
        """The octets of a part of the object list."""
        chosen = _SELECTORS.get(selector)
        if number != AssociationLn.object_list.number or chosen is None:
            return super().select(number, selector, parameters, now)
        schema, wanted = chosen
        given = accept(schema, parameters, f"{self.logical_name} object_list selector {selector}")
        found = [self._entry(obj, rights) for obj, rights in seen(self) if wanted(obj, given)]
        if selector == 1:
            found = [(*entry[:3], ([], [])) for entry in found]
        return self.attributes[number].schema.encode(found)

    @reads(associated_partners_id)
    def _associated_partners_id(self, now: float) -> tuple[int, int]:
        profile = self._profile
        if profile is None:
            partners: tuple[int, int] = self.stored(3)
            return partners
        client = profile.client & 0xFF
        return client - 256 * (client > 127), getattr(self.device, "sap", 0)

    @reads(application_context_name)
    def _application_context_name(self, now: float) -> Any:
        profile = self._profile
        return context_name(profile.context if profile else 0, octets=self.names_as_octets)

    @reads(xDLMS_context_info)
    def _context_info(self, now: float) -> tuple[Any, ...]:
        """What was negotiated where the server put it here, else what the association offers."""
        profile = self._profile
        if 5 in self.values or profile is None:
            known: tuple[Any, ...] = self.stored(5)
            return known
        conformance = BitString(profile.conformance.to_bytes(3, "big"), 24)
        return conformance, profile.max_receive_pdu, profile.max_send_pdu, _DLMS_VERSION, 0, b""

    @reads(authentication_mechanism_name)
    def _authentication_mechanism_name(self, now: float) -> Any:
        profile = self._profile
        return mechanism_name(profile.mechanism if profile else 0, octets=self.names_as_octets)

    @writes(
        object_list,
        associated_partners_id,
        application_context_name,
        xDLMS_context_info,
        authentication_mechanism_name,
        association_status,
    )
    def _set_what_is_agreed(self, value: Any, now: float) -> None:
        raise fixed(self, "is agreed on")

    @writes(secret)
    def _set_secret(self, value: bytes, now: float) -> None:
        if not value:
            raise declined(self, "takes no empty secret")
        self.put(7, value, now)


_SELECTORS: Final[dict[int, tuple[Schema[Any], Callable[[InterfaceClass, Any], bool]]]] = {
    1: (NULL_DATA, lambda obj, given: True),
    2: (array(LONG_UNSIGNED), lambda obj, given: obj.class_id in given),
    3: (array(_OBJECT_ID), lambda obj, given: (obj.class_id, obj.logical_name) in given),
    4: (_OBJECT_ID, lambda obj, given: (obj.class_id, obj.logical_name) == given),
}


class AssociationLnV1(AssociationLn, class_id=15, version=1, methods_at=0x60):
    """Association LN: methods may demand authentication, and there is a reference to a Security setup."""

    object_list = attribute(2, array(ELEMENT), dynamic=True)
    security_setup_reference = attribute(9, OCTET_STRING, default=bytes(6))

    @method(3, ELEMENT)
    def add_object(self, data: tuple[int, int, bytes, Any], now: float) -> None:
        """Let the association see an object of the device, with these rights."""
        AssociationLn.add_object.function(self, data, now)

    @method(4, ELEMENT)
    def remove_object(self, data: tuple[int, int, bytes, Any], now: float) -> None:
        """Hide an object from the association."""
        AssociationLn.remove_object.function(self, data, now)


class AssociationLnV2(AssociationLnV1, class_id=15, version=2, methods_at=0x60):
    """Association LN: with users of the client."""

    user_list = attribute(10, array(USER))
    current_user = attribute(11, USER, dynamic=True)

    @method(5, USER)
    def add_user(self, data: tuple[int, str], now: float) -> None:
        """Add a user, in place of the one with this id."""
        self.put(10, with_user(self, self._users(now), data), now)

    @method(6, USER)
    def remove_user(self, data: tuple[int, str], now: float) -> None:
        """Remove a user."""
        self.put(10, without_user(self, self._users(now), data), now)

    @reads(user_list)
    def _users(self, now: float) -> list[tuple[int, str]]:
        return users_of(self, 10)

    @writes(user_list)
    def _set_users(self, value: list[tuple[int, str]], now: float) -> None:
        self.put(10, checked_users(self, value), now)


class AssociationLnV3(AssociationLnV2, class_id=15, version=3, methods_at=0x60):
    """Association LN: access modes are bit masks that also name encryption and signatures."""


def users_of(obj: InterfaceClass, number: int) -> list[tuple[int, str]]:
    """The users as they were last set, else those of the association."""
    profile = profile_of(obj)
    stored: list[tuple[int, str]] = obj.stored(number)
    return stored if number in obj.values or profile is None else list(profile.users)


def checked_users(obj: InterfaceClass, users: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The users, refused where there are too many."""
    if len(users) > _MOST_USERS:
        raise declined(obj, f"takes {_MOST_USERS} users")
    return users


def with_user(obj: InterfaceClass, users: list[tuple[int, str]], user: tuple[int, str]) -> list[tuple[int, str]]:
    """The users and one more, in order of their ids."""
    kept = [known for known in users if known[0] != user[0]]
    if len(kept) >= _MOST_USERS:
        raise declined(obj, f"takes {_MOST_USERS} users")
    return sorted([*kept, user])


def without_user(obj: InterfaceClass, users: list[tuple[int, str]], user: tuple[int, str]) -> list[tuple[int, str]]:
    """The users but one; refused where it is not there."""
    if user not in users:
        raise declined(obj, f"has no user {user}")
    return [known for known in users if known != user]
