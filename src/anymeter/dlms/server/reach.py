"""What one association reaches of a logical device: the one place that decides and then reads, writes and invokes.

Everything comes back as a value: octets where there are some, else the number of a Data-Access-Result or Action-Result.
Source: EN 13757-1:2014, 6.4, 8.3.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from anymeter.cosem import access
from anymeter.cosem.associations import CURRENT, CURRENT_SHORT_NAME, AssociationProfile
from anymeter.cosem.device import FAULTS, LogicalDevice
from anymeter.cosem.enums import Conformance, DataAccessResult
from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.short_names import Member, members_of
from anymeter.cosem.walk import skip
from anymeter.dlms.descriptors import SelectiveAccess
from anymeter.errors import AccessError, DecodeError
from anymeter.obis import Obis
from anymeter.wire.lengths import length_at, length_of

SUCCESS: Final = 0
DENIED: Final = int(DataAccessResult.read_write_denied)
UNDEFINED: Final = int(DataAccessResult.object_undefined)
UNMATCHED: Final = int(DataAccessResult.type_unmatched)
SCOPE: Final = int(DataAccessResult.scope_of_access_violated)
ABORTED: Final = int(DataAccessResult.long_get_aborted)
OTHER_REASON: Final = int(DataAccessResult.other_reason)

_ALL_WITH_GET: Final = int(Conformance.attribute0_supported_with_get)
_ALL_WITH_SET: Final = int(Conformance.attribute0_supported_with_set)
_SELECTIVE: Final = int(Conformance.selective_access | Conformance.parameterized_access)
_DESCRIPTOR: Final = struct.Struct(">H6sb")
_NULL: Final = b"\x00"
_STRUCTURE: Final = 2
_MOST_CACHED: Final = 10_000

T = TypeVar("T")


class Target:
    """One attribute or method of one object, with the access an association has to it."""

    __slots__ = ("access", "demands", "name", "number", "obj", "readable", "selectors")

    def __init__(
        self, obj: InterfaceClass, number: int, allowed: int, readable: bool, selectors: tuple[int, ...] = ()
    ) -> None:
        self.obj, self.name, self.number = obj, obj.logical_name, number
        self.access, self.demands = allowed, allowed & access.REQUEST_PROTECTION
        self.readable, self.selectors = readable, selectors


class Reach:
    """The objects of *device* as the association *profile* sees them, with the negotiated *conformance*.

    *most*: octets of the longest value that is read, and of all values of one list. Errors of objects themselves go
    into *faults*.
    """

    def __init__(
        self,
        device: LogicalDevice,
        profile: AssociationProfile,
        conformance: int,
        most: int,
        faults: deque[tuple[str, Exception]],
    ) -> None:
        self.device, self.profile, self.conformance, self.most = device, profile, conformance, most
        self.faults = faults
        self.effects = 0
        """How often something was written or invoked."""
        self._objects = device.objects
        self._attributes: dict[bytes, Target] = {}

    # --- by logical names ---

    def get(self, descriptor: bytes, selection: SelectiveAccess | None, protection: int, now: float) -> bytes | int:
        """The octets of the attribute with this Cosem-Attribute-Descriptor, or the part that is selected."""
        try:
            target = self._attributes.get(descriptor)
            if target is None or self._objects.get(target.name) is not target.obj:
                target = self._attribute(descriptor)
            return self._read(target, selection, protection, now)
        except AccessError as error:
            return error.result
        except FAULTS as error:
            return self._fault(f"get {descriptor.hex()}", error)

    def set(
        self, descriptor: bytes, selection: SelectiveAccess | None, octets: bytes, protection: int, now: float
    ) -> int:
        """Set an attribute to an encoded value; the Data-Access-Result."""
        try:
            return self._write(self._attribute(descriptor), selection, octets, protection, now)
        except AccessError as error:
            return error.result
        except FAULTS as error:
            return self._fault(f"set {descriptor.hex()}", error)

    def act(self, descriptor: bytes, parameters: bytes | None, protection: int, now: float) -> tuple[int, bytes | None]:
        """Invoke the method with this Cosem-Method-Descriptor: the Action-Result, and what it returned."""
        try:
            class_id, name, number = _DESCRIPTOR.unpack(descriptor)
            obj = self.device.find(class_id, Obis(name), self.profile)
            return SUCCESS, self._invoke(self._method(obj, number), parameters, protection, now)
        except AccessError as error:
            return error.result, None
        except FAULTS as error:
            return self._fault(f"invoke {descriptor.hex()}", error), None

    def each(self, wanted: Iterable[T], read: Callable[[T], bytes | int]) -> list[bytes | int]:
        """What *read* says to each of a list, until the values are too long together: the others are aborted unread."""
        results: list[bytes | int] = []
        left = self.most
        for one in wanted:
            result = read(one) if left >= 0 else ABORTED
            if isinstance(result, bytes):
                left -= len(result)
                result = result if left >= 0 else ABORTED
            elif result == ABORTED:
                left = -1
            results.append(result)
        return results

    # --- by short names ---

    def member(self, short_name: int) -> Member | None:
        """What a short name stands for; from FA00 on it is the association itself."""
        if CURRENT_SHORT_NAME <= short_name < CURRENT_SHORT_NAME + 0x100:
            obj = self.device.named(self.profile.object_name)
            return None if obj is None else members_of(obj, CURRENT_SHORT_NAME).get(short_name)
        return self.device.short_names.at(short_name, self._objects)

    def read_member(self, found: Member, selection: SelectiveAccess | None, protection: int, now: float) -> bytes | int:
        """Read what a short name stands for; with a *selection* a method is invoked with its parameters."""
        try:
            if not found.is_method:
                return self._read(self._target(found.obj, found.number), selection, protection, now)
            if selection is None:
                return DENIED
            returned = self._invoke(self._method(found.obj, found.number), selection.parameters, protection, now)
            return _NULL if returned is None else returned
        except AccessError as error:
            return error.result
        except FAULTS as error:
            return self._fault(f"read {found}", error)

    def write_member(self, found: Member, octets: bytes, protection: int, now: float) -> int:
        """Write what a short name stands for; a method is invoked with what is written."""
        try:
            if found.is_method:
                self._invoke(self._method(found.obj, found.number), octets, protection, now)
                return SUCCESS
            return self._write(self._target(found.obj, found.number), None, octets, protection, now)
        except AccessError as error:
            return error.result
        except FAULTS as error:
            return self._fault(f"write {found}", error)

    # --- deciding ---

    def _attribute(self, descriptor: bytes) -> Target:
        class_id, name, number = _DESCRIPTOR.unpack(descriptor)
        obj = self.device.find(class_id, Obis(name), self.profile)
        target = self._target(obj, number)
        if len(self._attributes) < _MOST_CACHED:
            self._attributes[descriptor] = target
        return target

    def _target(self, obj: InterfaceClass, number: int) -> Target:
        """The attribute *number* of *obj*; 0 stands for all of them."""
        found = obj.attributes.get(number)
        if found is None and number:
            raise AccessError(UNDEFINED, f"{obj} attribute {number}")
        rights = self._rights(obj)
        if found is None:
            return Target(obj, 0, access.READ_WRITE if rights.visible else access.NONE, readable=rights.visible)
        allowed = rights.attributes.get(number, access.NONE)
        readable = allowed & access.READ != 0 and not found.secret
        return Target(obj, number, allowed, readable, rights.selectors.get(number, ()))

    def _method(self, obj: InterfaceClass, number: int) -> Target:
        if number not in obj.methods:
            raise AccessError(UNDEFINED, f"{obj} method {number}")
        return Target(obj, number, self._rights(obj).methods.get(number, access.NONE), readable=False)

    def _rights(self, obj: InterfaceClass) -> access.Rights:
        name, rights = obj.logical_name, self.profile.rights
        if name == self.profile.object_name and CURRENT in rights:
            return rights[CURRENT]
        return self.profile.rights_on(name)

    # --- doing ---

    def _read(self, target: Target, selection: SelectiveAccess | None, protection: int, now: float) -> bytes | int:
        if not target.readable or target.demands & ~protection:
            return DENIED
        if not target.number:
            return SCOPE if selection is not None else self._read_all(target.obj, protection, now)
        if selection is None:
            octets = target.obj.encoded(target.number, now)
        elif not self.conformance & _SELECTIVE or selection.selector not in target.selectors:
            return SCOPE
        else:
            octets = target.obj.select(target.number, selection.selector, selection.parameters, now)
        return octets if len(octets) <= self.most else ABORTED

    def _read_all(self, obj: InterfaceClass, protection: int, now: float) -> bytes | int:
        """Attribute 0: a structure of all attributes, null-data where one cannot be read."""
        if not self.conformance & _ALL_WITH_GET:
            return DENIED
        parts = []
        for number in _standard(obj):
            try:
                part = self._read(self._target(obj, number), None, protection, now)
            except AccessError:
                part = DENIED
            parts.append(part if isinstance(part, bytes) else _NULL)
        whole = bytes((_STRUCTURE,)) + length_of(len(parts)) + b"".join(parts)
        return whole if len(whole) <= self.most else ABORTED

    def _write(
        self, target: Target, selection: SelectiveAccess | None, octets: bytes, protection: int, now: float
    ) -> int:
        if not access.may(target.access, access.WRITE, protection):
            return DENIED
        if selection is not None:
            return SCOPE
        if not target.number:
            return self._write_all(target.obj, octets, protection, now)
        self.effects += 1
        target.obj.write(target.number, octets, now)
        return SUCCESS

    def _write_all(self, obj: InterfaceClass, octets: bytes, protection: int, now: float) -> int:
        """Attribute 0: a structure of all attributes; null-data leaves one as it is, so does the name it has already.

        Nothing is written unless all that is to be written may be, and is of its type.
        """
        if not self.conformance & _ALL_WITH_SET:
            return DENIED
        numbers = _standard(obj)
        parts = _fields(octets)
        if len(parts) != len(numbers):
            return UNMATCHED
        name = obj.encoded(1, now)
        wanted = [(n, part) for n, part in zip(numbers, parts, strict=True) if part != _NULL and (n, part) != (1, name)]
        targets = [self._target(obj, number) for number, _ in wanted]
        if not all(access.may(target.access, access.WRITE, protection) for target in targets):
            return DENIED
        for number, part in wanted:
            obj.accepted(number, part)
        for number, part in wanted:
            self.effects += 1
            obj.write(number, part, now)
        return SUCCESS

    def _invoke(self, target: Target, parameters: bytes | None, protection: int, now: float) -> bytes | None:
        if not access.may(target.access, access.ACCESS, protection):
            raise AccessError(DENIED, f"{target.obj} method {target.number}")
        self.effects += 1
        return target.obj.invoke(target.number, parameters, now)

    def _fault(self, what: str, error: Exception) -> int:
        """An object did what it must not: kept for whoever runs the server, the client is told other-reason."""
        self.faults.append((what, error))
        return OTHER_REASON


def _standard(obj: InterfaceClass) -> list[int]:
    return [number for number in obj.attributes if number > 0]


def _fields(octets: bytes) -> list[bytes]:
    """The encoded fields of an encoded structure; AccessError where it is none."""
    if octets[:1] != bytes((_STRUCTURE,)):
        raise AccessError(UNMATCHED, "attribute 0")
    try:
        count, at = length_at(octets, 1)
        parts = []
        for _ in range(count):
            end = skip(octets, at)
            parts.append(octets[at:end])
            at = end
    except DecodeError as error:
        raise AccessError(UNMATCHED, f"attribute 0 ({error})") from None
    return parts
