"""What attributes and methods are called, in errors and for people."""

from __future__ import annotations

import anymeter.cosem.classes  # noqa: F401 - importing it declares the classes that are looked up here
from anymeter.cosem.enums import ActionResult, DataAccessResult
from anymeter.cosem.model import InterfaceClass, interface_class
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.errors import AccessError
from anymeter.obis import Obis

NEWEST = 4
"""No interface class has a higher version."""


def logical_name(name: Obis | str) -> Obis:
    """A logical name, however it is written; LocalError."""
    return name if name.__class__ is Obis else Obis(name)


def listed(class_id: object, version: object, name: object) -> tuple[int, int, Obis]:
    """Class, version and name of an object as a meter lists it; ValueError when they are none."""
    if isinstance(class_id, int) and isinstance(version, int) and isinstance(name, bytes) and len(name) == 6:
        return class_id, version, Obis(bytes(name))
    raise ValueError


def class_of(class_id: int, version: int | None = None) -> type[InterfaceClass] | None:
    """The interface class of this version, or without one the newest whose members are known; None for unknown ones.

    >>> class_of(70).version, class_of(70, 2).version  # of version 2 only the name is known
    (1, 2)
    """
    if version is not None:
        return interface_class(class_id, version)
    found = [cls for v in range(NEWEST, -1, -1) if (cls := interface_class(class_id, v)) is not None]
    return next((cls for cls in found if not cls.catalogued), found[0] if found else None)


def attribute_words(target: AttributeDescriptor) -> str:
    """Object and attribute in words.

    >>> attribute_words(AttributeDescriptor(9999, Obis("1-0:1.8.0"), 2))
    '1-0:1.8.0*255 attribute 2 of class 9999'
    """
    cls = class_of(target.class_id)
    found = cls.attributes.get(target.attribute_id) if cls else None
    if found is not None:
        return f"{target.instance_id} {found.name}"
    return f"{target.instance_id} attribute {target.attribute_id} of class {target.class_id}"


def method_words(target: MethodDescriptor) -> str:
    """Object and method in words.

    >>> method_words(MethodDescriptor(9999, Obis("1-0:1.8.0"), 1))
    '1-0:1.8.0*255 method 1 of class 9999'
    """
    cls = class_of(target.class_id)
    found = cls.methods.get(target.method_id) if cls else None
    if found is not None:
        return f"{target.instance_id} {found.name}"
    return f"{target.instance_id} method {target.method_id} of class {target.class_id}"


def attribute_refused(result: int, target: AttributeDescriptor) -> AccessError:
    """The error for a Data-Access-Result that is not success."""
    return AccessError(int(result), attribute_words(target), DataAccessResult(result).words)


def method_refused(result: int, target: MethodDescriptor) -> AccessError:
    """The error for an Action-Result that is not success."""
    return AccessError(int(result), method_words(target), ActionResult(result).words)
