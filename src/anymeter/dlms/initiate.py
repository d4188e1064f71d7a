"""xDLMS Initiate, and the two ways a server says no to an APDU as a whole.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (InitiateRequest, ConfirmedServiceError, Exception-Response).
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from anymeter.dlms.enums import ERRORS, ConfirmedService, ErrorGroup
from anymeter.dlms.fields import ConformanceBlock, Service, ShortName, State, enumerated
from anymeter.wire import I8, U8, U16, Octets, Quirks, Wire, pdu
from anymeter.wire.kinds import Fixed, IfLeft, Presence

VERSION: Final = 6
"""The DLMS version number that every peer has."""

ResponseAllowed: TypeAlias = Annotated[bool, Presence(Fixed("?"), default=True)]
LowestCounter: TypeAlias = Annotated[int | None, IfLeft(Fixed("I"))]


@pdu(0x01)
class InitiateRequest(Wire, frozen=True):
    """initiateRequest."""

    dedicated_key: Octets | None
    response_allowed: ResponseAllowed
    quality_of_service: I8 | None
    version: U8
    conformance: ConformanceBlock
    max_receive_pdu_size: U16
    quirks: Quirks = ()

    def __repr__(self) -> str:
        """Everything but the dedicated key."""
        return f"InitiateRequest({', '.join(f'{name}={value}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        key = self.dedicated_key
        shown = [(name, repr(getattr(self, name))) for name in self.__struct_fields__[1:]]
        return [("dedicated_key", "None" if key is None else f"<{len(key)} octets>"), *shown]


@pdu(0x08)
class InitiateResponse(Wire, frozen=True):
    """initiateResponse; vaa_name is 0007 with logical names and FA00 with short names."""

    quality_of_service: I8 | None
    version: U8
    conformance: ConformanceBlock
    max_receive_pdu_size: U16
    vaa_name: ShortName
    quirks: Quirks = ()


@pdu(0x0E)
class ConfirmedServiceError(Wire, frozen=True):
    """confirmedServiceError."""

    service: Annotated[ConfirmedService, enumerated(ConfirmedService)]
    group: Annotated[ErrorGroup, enumerated(ErrorGroup)]
    code: U8

    @property
    def words(self) -> str:
        """Which service failed and why, in the standard's names."""
        names = ERRORS.get(self.group, ())
        why = names[self.code] if self.code < len(names) else f"code {self.code}"
        return f"{self.service.words}: {self.group.words}: {why}"


@pdu(0xD8)
class ExceptionResponse(Wire, frozen=True):
    """exception-response; an invocation-counter-error tells the lowest counter that is accepted."""

    state_error: State
    service_error: Service
    invocation_counter: LowestCounter = None
