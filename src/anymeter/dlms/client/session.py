"""The state of one association as the client sees it: what was settled beforehand, and what was negotiated.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from anymeter.cosem.associations import CURRENT, DEFAULT_CONFORMANCE, DEFAULT_SHORT_NAME_CONFORMANCE, PUBLIC_CLIENT
from anymeter.cosem.enums import ApplicationContext, Conformance, Mechanism
from anymeter.dlms.blocks import MOST_OCTETS
from anymeter.dlms.conversation import Conversation, Sent
from anymeter.errors import LocalError
from anymeter.obis import Obis

if TYPE_CHECKING:
    from anymeter.dlms.acse import Aare
    from anymeter.dlms.client.notifications import Notification

LARGEST_PDU: Final = 0xFFFF
"""Octets of an APDU where the peer sets no limit."""
_SHORT: Final = (ApplicationContext.short_names, ApplicationContext.short_names_ciphered)
_CIPHERED: Final = (ApplicationContext.logical_names_ciphered, ApplicationContext.short_names_ciphered)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a client wants and knows of a meter before it speaks to it. *secret* never shows in a repr.

    *client* and *server* are SAPs. *conformance*: the proposal, None for all that this client can do in the context.
    *max_receive_pdu* in octets, 0 for no limit; *max_send_pdu* caps what the server allows. *user_id*: client user.
    *confirmed* and *high_priority* are bits of every request that is answered.
    *repeats*: how often a request is sent again when its answer stays away, for links with datagrams.
    *window*: blocks of a general block transfer that are taken at a time; *general_blocks* sends every request so.

    For meters with habits: *deviation_sign* 1 (the standard's), -1 (the offset from UTC) or 0 (never specified);
    *association* is the logical name of the association object; *any_invoke_id* takes answers with a wrong one;
    *unnegotiated* asks for what was not negotiated; *release* False leaves RLRQ out; *strict* refuses departures in
    the AARE that are read otherwise; *most_references* limits the attributes of one request; *long_lists* sends lists
    that are too long for one request in blocks instead of dividing them.
    """

    client: int = PUBLIC_CLIENT
    server: int = 1
    context: ApplicationContext = ApplicationContext.logical_names
    mechanism: Mechanism = Mechanism.lowest
    secret: bytes = b""
    conformance: int | None = None
    max_receive_pdu: int = LARGEST_PDU
    max_send_pdu: int = LARGEST_PDU
    user_id: int | None = None
    system_title: bytes = b""
    pre_established: bool = False
    confirmed: bool = True
    high_priority: bool = True
    repeats: int = 0
    window: int = 8
    general_blocks: bool = False
    most_octets: int = MOST_OCTETS
    most_references: int = 64
    long_lists: bool = False
    deviation_sign: int = 1
    association: Obis = CURRENT
    any_invoke_id: bool = False
    unnegotiated: bool = False
    release: bool = True
    strict: bool = False

    @property
    def short_names(self) -> bool:
        """Whether objects are named by short names."""
        return self.context in _SHORT

    @property
    def ciphered(self) -> bool:
        """Whether APDUs may be ciphered."""
        return self.context in _CIPHERED

    @property
    def proposal(self) -> int:
        """The conformance to propose."""
        if self.conformance is not None:
            return self.conformance
        return DEFAULT_SHORT_NAME_CONFORMANCE if self.short_names else DEFAULT_CONFORMANCE

    def __repr__(self) -> str:
        shown = (
            f"{field.name}={getattr(self, field.name)!r}"
            for field in msgspec.structs.fields(self)
            if field.name != "secret" and getattr(self, field.name) != field.default
        )
        return f"Settings({', '.join(shown)})"


class Guard(Protocol):
    """The place of ciphering: between the services and the link."""

    overhead: int
    """Octets by which protection lengthens an APDU, at most."""

    def protect(self, apdu: bytes) -> bytes:
        """The APDU as it goes over the line."""

    def unprotect(self, apdu: bytes) -> bytes:
        """The APDU as it came, verified and in the clear; SecurityError. What is never ciphered passes as it is."""


class Authenticator(Protocol):
    """The place of high level security: the four passes."""

    challenge: bytes
    """The client's, for the AARQ."""

    def prove(self, session: Session, aare: Aare) -> Conversation[None]:
        """Passes three and four; SecurityError or AssociationRefused."""


class ShortName(msgspec.Struct, frozen=True):
    """Where an object is found by short name: that of its logical name, and its class version."""

    base: int
    version: int


class Session:
    """One association as the client sees it. Conversations read it and change it; it does nothing by itself.

    *unsent* are APDUs that ask for no answer (confirmations, unconfirmed services, last acknowledgements): they leave
    with the next request; a driver sends them when a conversation has ended.
    """

    __slots__ = (
        "_flags",
        "_invoke",
        "_long_invoke",
        "associated",
        "authenticator",
        "conformance",
        "guard",
        "max_send_pdu",
        "names",
        "quirks",
        "server_system_title",
        "settings",
        "short",
        "unsent",
        "watcher",
    )

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        guard: Guard | None = None,
        authenticator: Authenticator | None = None,
        watcher: Callable[[Notification], Any] | None = None,
    ) -> None:
        self.settings = settings = settings or Settings()
        self.guard, self.authenticator, self.watcher = guard, authenticator, watcher
        self.short = settings.short_names
        self._invoke = self._long_invoke = 0
        self._flags = settings.confirmed << 6 | settings.high_priority << 7
        self.forget()

    def forget(self) -> None:
        """Back to before the association."""
        self.associated = False
        self.conformance = 0
        self.max_send_pdu = self.settings.max_send_pdu
        self.server_system_title = b""
        self.quirks: tuple[str, ...] = ()
        self.names: dict[tuple[int, Obis], ShortName] | None = None
        self.unsent: list[bytes] = []

    def negotiated(self, conformance: int, max_send_pdu: int) -> None:
        """The association stands: what may be used, and how long an APDU the server takes (0: no limit)."""
        self.associated = True
        self.conformance = conformance
        self.max_send_pdu = min(max_send_pdu or LARGEST_PDU, self.settings.max_send_pdu)

    def next_invoke(self) -> int:
        """The Invoke-Id-And-Priority of the next request; ids go from 1 to 15 and round."""
        self._invoke = number = self._invoke % 15 + 1
        return self._flags | number

    def next_long_invoke(self) -> int:
        """The Long-Invoke-Id-And-Priority of the next request."""
        self._long_invoke = number = self._long_invoke % 0xFFFFFF + 1
        return self._flags << 24 | number

    def has(self, feature: int) -> bool:
        """Whether a feature of the conformance may be used."""
        return self.conformance & feature != 0 or self.settings.unnegotiated

    def require(self, feature: Conformance) -> None:
        """LocalError when a feature was not negotiated."""
        if not self.has(feature):
            if not self.associated:
                raise LocalError(f"no {feature.words}: there is no association with this meter")
            raise LocalError(f"{feature.words} was not negotiated with this meter")

    def room(self, fixed: int) -> int:
        """Octets of a length-led octet string that fit into an APDU beside *fixed* others; LocalError when none do."""
        left = self.max_send_pdu - fixed - (self.guard.overhead if self.guard else 0)
        size = left - 1 if left <= 0x80 else max(0x7F, left - 2) if left <= 0x101 else max(0xFF, left - 3)
        if size < 1:
            raise LocalError(f"no block fits into the {self.max_send_pdu} octets that this meter takes")
        return size

    def fits(self, apdu: bytes) -> bool:
        """Whether an APDU may be sent in one piece."""
        return len(apdu) + (self.guard.overhead if self.guard else 0) <= self.max_send_pdu

    def with_unsent(self, apdu: bytes) -> Sent:
        """The APDU with those that wait to be sent before it."""
        if not self.unsent:
            return apdu
        waiting, self.unsent = self.unsent, []
        return (*waiting, apdu) if apdu else tuple(waiting)

    def take_unsent(self) -> list[bytes]:
        """The APDUs that ask for no answer and have not been sent yet; they are the caller's now."""
        waiting, self.unsent = self.unsent, []
        return waiting

    def __repr__(self) -> str:
        state = "associated" if self.associated else "not associated"
        return f"<Session of client {self.settings.client} with server {self.settings.server}, {state}>"
