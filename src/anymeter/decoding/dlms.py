"""DLMS messages to readings: from the link's units through protection and block transfer to what the APDU says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from anymeter.bridge.cosem_readings import is_value, of_attribute
from anymeter.bridge.naming import named
from anymeter.bridge.push import attribute_reading, push_octets
from anymeter.bridge.reading import Meaning, Reading
from anymeter.cosem import data
from anymeter.cosem.datetimes import DateTime
from anymeter.decoding.conversation import Conversation
from anymeter.decoding.keys import KeyRing, MeterKeys
from anymeter.decoding.outcome import Outcome, kebab
from anymeter.decoding.recognise import LLC, is_data
from anymeter.dlms import apdu as apdus
from anymeter.dlms.acse import Aare, Aarq, Rlre, Rlrq
from anymeter.dlms.action import ActionResponseNormal
from anymeter.dlms.blocks import GatewayRequest, GatewayResponse, GeneralBlockTransfer
from anymeter.dlms.ciphered import AUTHENTICATED, TAG, CipheredService
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.dlms.enums import ActionResult, DataAccessResult
from anymeter.dlms.get import GetResponseWithDatablock
from anymeter.dlms.initiate import ConfirmedServiceError, ExceptionResponse, InitiateRequest
from anymeter.dlms.notifications import DataNotification, EventNotification
from anymeter.dlms.security import Keys, is_protected, unprotect
from anymeter.dlms.short_names import InformationReport, ReadResponse
from anymeter.errors import DecodeError, LocatedError, SecurityError
from anymeter.obis import Obis

NESTING: Final = 6
MORE_BLOCKS: Final = "more-blocks-follow"
"""The status of a message that is one block of a longer answer."""
NOT_READ: Final = "list-not-read"
"""The status of a list that stays whole: nothing in it has a code, or it is longer than push lists are."""
_SIGNED: Final = 0xDF
Place: TypeAlias = Callable[[int, int], int]
"""Where an octet of a unit stands in the message: the unit's number, the octet's offset in it."""


class ApplicationLayer:
    """Reads the APDUs of one client and one server into an outcome."""

    def __init__(self, keys: KeyRing, title: bytes | None = None) -> None:
        self._keys, self._title = keys, title
        self.conversation = Conversation()
        self._unfinished = False

    def read(self, units: Iterable[bytes], outcome: Outcome, place: Place = lambda _, at: at) -> None:
        """The APDUs of one message in order; a run of general-block-transfer blocks is one APDU.

        *place* tells where an octet of a unit, by the unit's number, stands in the message: errors name that offset.
        """
        self._unfinished = False
        for n, octets in enumerate(units):
            skipped = 3 if octets[:3] in LLC else 0
            try:
                self._apdu(octets[skipped:], outcome, 0)
            except LocatedError as e:
                raise e.moved(partial(_skipping, place, n, skipped)) from None
        if self._unfinished:
            outcome.status.append(MORE_BLOCKS)

    def _apdu(self, octets: bytes, outcome: Outcome, depth: int) -> None:
        if depth > NESTING:
            raise DecodeError("APDUs are nested too deep", what="APDU", at=0)
        if is_protected(octets):
            plain = self._unprotected(octets, outcome)
            if plain is not None:
                self._inside(plain, lambda: len(octets) - _sealed(octets, plain), outcome, depth)
            return
        if is_data(octets):
            outcome.layer("data")
            self._list(octets, None, outcome)
            return
        apdu = apdus.decode(octets)
        outcome.layer(kebab(type(apdu).__name__))
        outcome.status += getattr(apdu, "quirks", ())
        if isinstance(apdu, GatewayRequest | GatewayResponse):
            self._inside(apdu.apdu, lambda: len(octets) - len(apdu.apdu), outcome, depth)
            return
        if isinstance(apdu, GeneralBlockTransfer):
            wholes = self.conversation.transfer(apdu)
            self._unfinished = self.conversation.transferring
            for whole in wholes:
                try:
                    self._apdu(whole, outcome, depth + 1)
                except LocatedError as e:  # the octets came in several blocks: the last one stands for all
                    raise e.moved(lambda _: 0) from None
            return
        self._said(apdu, outcome)
        inside = apdu.user_information if isinstance(apdu, _ACSE) else b""
        if inside:
            self._inside(inside, lambda: octets.rfind(inside), outcome, depth)

    def _inside(self, octets: bytes, start: Callable[[], int], outcome: Outcome, depth: int) -> None:
        """An APDU inside another, which tells where it begins when an error has to be located."""
        try:
            self._apdu(octets, outcome, depth + 1)
        except LocatedError as e:
            raise e.moved(lambda at: start() + at) from None

    def _unprotected(self, octets: bytes, outcome: Outcome) -> bytes | None:
        """The APDU inside a protected one; None, its octets kept, where there is no key for it."""
        protected = apdus.decode(octets)
        outcome.layer(kebab(protected.name if isinstance(protected, CipheredService) else type(protected).__name__))
        title = self._sender(protected)
        outcome.introduce(title)
        ring = self._keys.of_title(title)
        if not ring and octets[0] != _SIGNED:
            outcome.protected(protected.content[0], False)
            outcome.undecoded.append(octets)
            return None
        try:
            plain, protection = unprotect(octets, keys_of(ring, self.conversation.dedicated), title)
        except SecurityError as e:
            raise SecurityError(e.why, what=e.what or outcome.last_layer, at=e.at or 0) from None
        outcome.protected(protection.control or 0, protection.verified)
        return plain

    def _sender(self, protected: Any) -> bytes | None:
        """The system title of who protected an APDU: told in it, by the association, or by our caller."""
        told = getattr(protected, "system_title", b"") or getattr(protected, "originator", b"")
        if told or not isinstance(protected, CipheredService):
            return told or self._title
        talk = self.conversation
        asks = protected.name.endswith("equest")
        return (talk.client_title if asks else talk.server_title) or self._title

    def _said(self, apdu: Any, outcome: Outcome) -> None:
        """What a plain APDU says."""
        answers = self.conversation.hear(apdu)
        for attribute, result in answers or ():
            self._answer(attribute, result, outcome)
        if isinstance(apdu, GetResponseWithDatablock):
            self._unfinished = not apdu.last
            if answers is None and isinstance(apdu.result, bytes):
                outcome.undecoded.append(apdu.result)
        said = _SAID.get(type(apdu))
        if said is not None:
            said(self, apdu, outcome)

    def _notified(self, apdu: DataNotification, outcome: Outcome) -> None:
        self._list(apdu.data, apdu.when, outcome)

    def _happened(self, apdu: EventNotification, outcome: Outcome) -> None:
        outcome.time = outcome.time or apdu.when
        self._answer(apdu.attribute, apdu.data, outcome)

    def _reported(self, apdu: InformationReport, outcome: Outcome) -> None:
        for octets in apdu.data:
            self._answer(None, octets, outcome)

    def _read(self, apdu: ReadResponse, outcome: Outcome) -> None:
        for result in apdu.results:
            if isinstance(result, bytes | DataAccessResult):
                self._answer(None, result, outcome)

    def _excepted(self, apdu: ExceptionResponse, outcome: Outcome) -> None:
        outcome.status += (apdu.state_error.words, apdu.service_error.words)

    def _failed(self, apdu: ConfirmedServiceError, outcome: Outcome) -> None:
        outcome.status.append(apdu.words)

    def _returned(self, apdu: ActionResponseNormal, outcome: Outcome) -> None:
        """What a method returned, or why it did not run."""
        if apdu.outcome.result != ActionResult.success:
            outcome.status.append(apdu.outcome.result.words)
        if apdu.outcome.returned is not None:
            self._answer(None, apdu.outcome.returned, outcome)

    def _associated(self, apdu: Aare, outcome: Outcome) -> None:
        """A refusal, and why; an association that waits for its authentication is told as well."""
        if apdu.result or apdu.diagnostic:
            outcome.status += (apdu.result.words, apdu.diagnostic.words)

    def _proposed(self, apdu: InitiateRequest, outcome: Outcome) -> None:
        self.conversation.dedicated = apdu.dedicated_key or None

    def _answer(
        self, attribute: AttributeDescriptor | None, result: bytes | DataAccessResult, outcome: Outcome
    ) -> None:
        """The value of one attribute, or why there is none."""
        if isinstance(result, DataAccessResult):
            obis = None if attribute is None else Obis(attribute.instance_id)
            if attribute is None:
                outcome.status.append(result.words)
            else:
                outcome.add([named(Reading(Meaning(obis=obis), None, status=result.words))])
            return
        value = data.parse(result)
        if attribute is not None and not is_value(attribute):
            outcome.add([of_attribute(attribute, value, result)])
        elif isinstance(value, list | tuple):
            self._list(result, None, outcome, attribute)
        elif attribute is None:
            outcome.add([unnamed(value, result)])
        else:
            reading = attribute_reading(
                Obis(attribute.instance_id), value, scaler_unit=self.conversation.scaler_unit(attribute)
            )
            outcome.add([named(msgspec.structs.replace(reading, raw=result))])

    def _list(
        self, octets: bytes, time: DateTime | None, outcome: Outcome, attribute: AttributeDescriptor | None = None
    ) -> None:
        """A push list, or a structured attribute: whatever in it is named by a code."""
        push = push_octets(octets, time=time)
        if push.departs:
            outcome.status.append("encoding-departs")
        outcome.time = outcome.time or push.time
        if push.meter_id:
            outcome.sender(id=push.meter_id)
        if not push.readings and attribute is not None:
            reading = attribute_reading(Obis(attribute.instance_id), data.parse(octets))
            outcome.add([named(msgspec.structs.replace(reading, raw=octets))])
            return
        if push.undecoded == (octets,):
            outcome.status.append(NOT_READ)
        outcome.add(map(named, push.readings), push.undecoded)


def _skipping(place: Place, unit: int, skipped: int, at: int) -> int:
    return place(unit, skipped + at)


def _sealed(octets: bytes, plain: bytes) -> int:
    """How many octets a protected APDU has from its ciphertext on, which is as long as *plain*; a tag may follow."""
    tag = TAG if octets[0] != _SIGNED and apdus.decode(octets).content[0] & AUTHENTICATED else 0
    return len(plain) + tag


def keys_of(ring: MeterKeys, dedicated: bytes | None = None) -> Keys:
    """The keys of a meter as the application layer takes them; *dedicated* is the association's."""
    return Keys(
        encryption=ring.get("encryption") or ring.get("key"),
        authentication=ring.get("authentication"),
        broadcast=ring.get("broadcast"),
        dedicated=ring.get("dedicated") or dedicated,
        master=ring.get("master"),
    )


def unnamed(value: Any, octets: bytes) -> Reading:
    """A value that nothing names: its octets say all there is to say."""
    reading = attribute_reading(Obis(bytes(6)), value)
    return msgspec.structs.replace(reading, meaning=Meaning(name="value"), raw=octets)


_ACSE: Final = (Aarq, Aare, Rlrq, Rlre)
_SAID: Final[dict[type, Callable[[ApplicationLayer, Any, Outcome], None]]] = {
    DataNotification: ApplicationLayer._notified,
    EventNotification: ApplicationLayer._happened,
    InformationReport: ApplicationLayer._reported,
    ReadResponse: ApplicationLayer._read,
    ExceptionResponse: ApplicationLayer._excepted,
    ConfirmedServiceError: ApplicationLayer._failed,
    ActionResponseNormal: ApplicationLayer._returned,
    Aare: ApplicationLayer._associated,
    InitiateRequest: ApplicationLayer._proposed,
}
