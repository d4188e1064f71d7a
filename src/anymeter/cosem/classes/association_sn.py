"""Association SN: an association whose objects are named by short names. Class 12.

Source: EN 13757-1:2014, 4.3, 6.4; DLMS UA 1000-1 Ed. 16, Part 2, 4.4.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from anymeter.cosem.access import READ, Rights, may
from anymeter.cosem.associations import CURRENT_SHORT_NAME
from anymeter.cosem.classes.associations import USER, checked_users, users_of, with_user, without_user
from anymeter.cosem.classes.object_lists import (
    ATTRIBUTE_ACCESS,
    BITS_FROM_SN,
    METHOD_ACCESS,
    Listing,
    access_rights,
    fixed,
    seen,
)
from anymeter.cosem.classes.parts import LN, blue_book, declined
from anymeter.cosem.conform import accept
from anymeter.cosem.enums import DataAccessResult
from anymeter.cosem.model import InterfaceClass, attribute, method, reads, refuse, writes
from anymeter.cosem.schema import (
    CHOICE,
    INTEGER,
    LONG,
    LONG_UNSIGNED,
    OCTET_STRING,
    STRUCTURE,
    UNSIGNED,
    array,
    structure,
)
from anymeter.wire.lengths import length_of

_ELEMENT: Final = structure(base_name=LONG, class_id=LONG_UNSIGNED, version=UNSIGNED, logical_name=LN)
_ACCESS: Final = structure(base_name=LONG, attribute_access=ATTRIBUTE_ACCESS, method_access=METHOD_ACCESS)
_OBJECT_ID: Final = structure(class_id=LONG_UNSIGNED, logical_name=LN)
_ATTRIBUTE_ID: Final = structure(class_id=LONG_UNSIGNED, logical_name=LN, attribute_index=INTEGER)
_READ_BY_NAME: Final = 3
_BY_CLASS, _BY_NAME = 1, 2


class AssociationSn(InterfaceClass, class_id=12, methods_at=0x20, clause=blue_book("4.4.3")):
    """Association SN: the objects that a client sees, with their short names, but none it may do nothing with.

    Selective access to the object list: 1 by class, 2 by class and logical name.
    """

    object_list = attribute(2, array(_ELEMENT), dynamic=True)

    def set_up(self) -> None:
        """*secret* is what the methods change. *replies* answers a client's reply to our challenge."""
        self.secret = b""
        self.replies: Callable[[bytes, float], bytes] | None = None
        self._listing = Listing()

    # --- what is read ---

    @reads(object_list)
    def _object_list(self, now: float) -> list[Any]:
        return [self._entry(obj) for obj, _ in self._named()]

    def _named(self) -> list[tuple[InterfaceClass, Rights]]:
        """What the client sees and can name: of the associations by short names this one alone, FA00."""
        return [(obj, rights) for obj, rights in seen(self) if obj is self or obj.class_id != self.class_id]

    def _entry(self, obj: InterfaceClass) -> tuple[int, int, int, bytes]:
        return self._base_name(obj), obj.class_id, obj.version, obj.logical_name

    def _base_name(self, obj: InterfaceClass) -> int:
        """The base name as the signed number that it is on the wire."""
        device: Any = self.device
        base = CURRENT_SHORT_NAME
        if obj.class_id != self.class_id:
            base = device.short_names.base_of(obj.logical_name, device.objects)
        return base - 0x10000 if base > 0x7FFF else base

    def encoded(self, number: int, now: float) -> bytes:
        """The octets of an attribute's value; those of the object list are made once."""
        if number != AssociationSn.object_list.number:
            return super().encoded(number, now)
        return self._listing.octets(self, self.attributes[number].schema, lambda: self._object_list(now))

    def select(self, number: int, selector: int, parameters: bytes, now: float) -> bytes:
        """The octets of a part of the object list."""
        if number != AssociationSn.object_list.number or selector not in (_BY_CLASS, _BY_NAME):
            return super().select(number, selector, parameters, now)
        schema: Any = LONG_UNSIGNED if selector == _BY_CLASS else _OBJECT_ID
        given = accept(schema, parameters, f"{self.logical_name} object_list selector {selector}")
        if selector == _BY_CLASS:
            return array(_ELEMENT).encode(self.getlist_by_classid(given, now))
        return array(_ELEMENT).encode([self.getobj_by_logicalname(given, now)])

    @writes(object_list)
    def _set_object_list(self, value: Any, now: float) -> None:
        raise fixed(self, "object_list")

    # --- methods ---

    @method(1, LONG_UNSIGNED, returns=array(_ELEMENT))
    def getlist_by_classid(self, data: int, now: float) -> list[Any]:
        """The objects of a class."""
        return [self._entry(obj) for obj, _ in self._named() if obj.class_id == data]

    @method(2, _OBJECT_ID, returns=_ELEMENT)
    def getobj_by_logicalname(self, data: tuple[int, bytes], now: float) -> tuple[Any, ...]:
        """The object of this class and name."""
        found = [obj for obj, _ in self._named() if (obj.class_id, obj.logical_name) == data]
        if not found:
            raise refuse(DataAccessResult.object_undefined, f"{self.logical_name} lists no {data}")
        return self._entry(found[0])

    @method(3, array(_ATTRIBUTE_ID), returns=CHOICE)
    def read_by_logicalname(self, data: list[tuple[int, bytes, int]], now: float) -> list[bytes]:
        """The octets of attributes by their logical names; refused as a whole where one may not be read."""
        return [self._read(*one, now) for one in data]

    @method(5, OCTET_STRING)
    def change_LLS_secret(self, data: bytes, now: float) -> None:  # noqa: N802
        """Replace the secret of low level security."""
        self._set_secret(data)

    @method(6, OCTET_STRING)
    def change_HLS_secret(self, data: bytes, now: float) -> None:  # noqa: N802
        """Replace the secret of high level security."""
        self._set_secret(data)

    @method(8, OCTET_STRING, returns=OCTET_STRING)
    def reply_to_HLS_authentication(self, data: bytes, now: float) -> bytes:  # noqa: N802
        """Check the client's answer to our challenge, and answer its own; refused where there is no such security."""
        if self.replies is None:
            raise declined(self, "has no high level security")
        return self.replies(data, now)

    def invoke(self, number: int, octets: bytes | None, now: float) -> bytes | None:
        """Invoke a method with encoded parameters; the octets of its result, None where it has none."""
        if number != _READ_BY_NAME:
            return super().invoke(number, octets, now)
        given = accept(array(_ATTRIBUTE_ID), octets or b"", f"{self.logical_name} read_by_logicalname")
        values = self.read_by_logicalname(given, now)
        return bytes((STRUCTURE,)) + length_of(len(values)) + b"".join(values)

    def _read(self, class_id: int, name: bytes, number: int, now: float) -> bytes:
        what = f"{self.logical_name} read {name.hex()} {number}"
        for obj, rights in seen(self):
            if (obj.class_id, obj.logical_name) == (class_id, name):
                found = obj.attributes.get(number)
                if found is None:
                    break
                if found.secret or not may(rights.attributes.get(number, 0), READ):
                    raise refuse(DataAccessResult.read_write_denied, what)
                return obj.encoded(number, now)
        raise refuse(DataAccessResult.object_undefined, what)

    def _set_secret(self, secret: bytes) -> None:
        if not secret:
            raise declined(self, "takes no empty secret")
        self.secret = secret


class AssociationSnV1(AssociationSn, class_id=12, version=1, methods_at=0x20):
    """Association SN: with access rights."""

    access_rights_list = attribute(3, array(_ACCESS), dynamic=True)

    @writes(access_rights_list)
    def _set_access_rights_list(self, value: Any, now: float) -> None:
        raise fixed(self, "access_rights_list")

    @reads(access_rights_list)
    def _access_rights_list(self, now: float) -> list[Any]:
        bits = self.version >= BITS_FROM_SN
        return [(self._base_name(obj), *access_rights(obj, rights, bits=bits)) for obj, rights in self._named()]


class AssociationSnV2(AssociationSnV1, class_id=12, version=2, methods_at=0x20):
    """Association SN: with a reference to a Security setup."""

    security_setup_reference = attribute(4, OCTET_STRING, default=bytes(6))


class AssociationSnV3(AssociationSnV2, class_id=12, version=3, methods_at=0x30):
    """Association SN: with users of the client."""

    user_list = attribute(5, array(USER))
    current_user = attribute(6, USER, dynamic=True)

    @method(9, USER)
    def add_user(self, data: tuple[int, str], now: float) -> None:
        """Add a user, in place of the one with this id."""
        self.put(5, with_user(self, self._users(now), data), now)

    @method(10, USER)
    def remove_user(self, data: tuple[int, str], now: float) -> None:
        """Remove a user."""
        self.put(5, without_user(self, self._users(now), data), now)

    @reads(user_list)
    def _users(self, now: float) -> list[tuple[int, str]]:
        return users_of(self, 5)

    @writes(user_list)
    def _set_users(self, value: list[tuple[int, str]], now: float) -> None:
        self.put(5, checked_users(self, value), now)


class AssociationSnV4(AssociationSnV3, class_id=12, version=4, methods_at=0x30):
    """Association SN: access modes are bit masks that also name encryption and signatures."""
