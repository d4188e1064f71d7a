"""An association as agreed on beforehand: who asks, how, and what it may do. Source: EN 13757-1:2014, 4.3, 6.4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from anymeter.cosem.access import NO_RIGHTS, Rights
from anymeter.cosem.enums import ApplicationContext, Conformance, Mechanism
from anymeter.obis import Obis

PUBLIC_CLIENT: Final = 16
MANAGEMENT_DEVICE: Final = 1
CURRENT: Final = Obis("0-0:40.0.0*255")
"""The association that asks, whichever it is."""
CURRENT_SHORT_NAME: Final = 0xFA00
"""The same with short names."""

DEFAULT_CONFORMANCE: Final = int(
    Conformance.general_block_transfer
    | Conformance.attribute0_supported_with_set
    | Conformance.priority_mgmt_supported
    | Conformance.attribute0_supported_with_get
    | Conformance.block_transfer_with_get_or_read
    | Conformance.block_transfer_with_set_or_write
    | Conformance.block_transfer_with_action
    | Conformance.multiple_references
    | Conformance.data_notification
    | Conformance.access
    | Conformance.get
    | Conformance.set
    | Conformance.selective_access
    | Conformance.event_notification
    | Conformance.action
)
DEFAULT_SHORT_NAME_CONFORMANCE: Final = int(
    Conformance.read
    | Conformance.write
    | Conformance.unconfirmed_write
    | Conformance.block_transfer_with_get_or_read
    | Conformance.block_transfer_with_set_or_write
    | Conformance.multiple_references
    | Conformance.information_report
    | Conformance.parameterized_access
)


class AssociationProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One association that a logical device offers.

    *client* is the SAP that may ask for it; *conformance* what the server supports; *max_receive_pdu* and
    *max_send_pdu* in octets. *object_name* is that of its own Association object, *version* that object's class
    version. *rights* by logical name. *secret* never shows in a repr.
    """

    name: str
    client: int
    context: ApplicationContext = ApplicationContext.logical_names
    mechanism: Mechanism = Mechanism.lowest
    secret: bytes = b""
    conformance: int = DEFAULT_CONFORMANCE
    max_receive_pdu: int = 1024
    max_send_pdu: int = 1024
    rights: Mapping[Obis, Rights] = {}
    pre_established: bool = False
    object_name: Obis = Obis("0-0:40.0.1*255")
    version: int = 1
    users: tuple[tuple[int, str], ...] = ()

    def rights_on(self, name: Obis) -> Rights:
        """The rights on the object of this name."""
        return self.rights.get(name, NO_RIGHTS)

    @property
    def short_names(self) -> bool:
        """Whether objects are named by short names."""
        return self.context in (ApplicationContext.short_names, ApplicationContext.short_names_ciphered)

    @property
    def ciphered(self) -> bool:
        """Whether APDUs may be ciphered."""
        return self.context in (ApplicationContext.logical_names_ciphered, ApplicationContext.short_names_ciphered)

    def __repr__(self) -> str:
        return f"AssociationProfile({self.name!r}, client={self.client}, {self.context.words}, {self.mechanism.words})"
