"""What LN services point at: attributes, methods, and a selection within an attribute.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (Cosem-Attribute-Descriptor and its kin).
"""

from __future__ import annotations

from anymeter.dlms.fields import Data, LogicalName
from anymeter.wire import I8, U8, U16, U32, Octets, Wire, pdu


@pdu()
class AttributeDescriptor(Wire, frozen=True):
    """Cosem-Attribute-Descriptor; attribute 0 means all of them, negative ones are the manufacturer's."""

    class_id: U16
    instance_id: LogicalName
    attribute_id: I8


@pdu()
class MethodDescriptor(Wire, frozen=True):
    """Cosem-Method-Descriptor."""

    class_id: U16
    instance_id: LogicalName
    method_id: I8


@pdu()
class SelectiveAccess(Wire, frozen=True):
    """Selective-Access-Descriptor."""

    selector: U8
    parameters: Data


@pdu()
class AttributeWithSelection(Wire, frozen=True):
    """Cosem-Attribute-Descriptor-With-Selection."""

    attribute: AttributeDescriptor
    selection: SelectiveAccess | None = None


@pdu()
class DataBlock(Wire, frozen=True):
    """DataBlock-SA: one block of a long request or answer; blocks count from 1."""

    last: bool
    number: U32
    raw: Octets
