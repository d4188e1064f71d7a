"""What was said before between one client and one server: it names the answers that don't name themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from anymeter.bridge.cosem_readings import SCALED, SCALER_UNIT, scaler_unit_of
from anymeter.dlms import access, acse, get
from anymeter.dlms.blocks import MOST_BLOCKS, MOST_OCTETS, GeneralBlockTransfer, join_blocks
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.dlms.enums import AccessKind, DataAccessResult
from anymeter.dlms.get import parse_result_list
from anymeter.errors import DecodeError
from anymeter.obis import Obis

SCALERS: Final = 4096

_DATABLOCK: Final = "GetResponseWithDatablock"

Answer: TypeAlias = tuple[AttributeDescriptor | None, "bytes | DataAccessResult"]
Answers: TypeAlias = list[Answer]


class _Asked(NamedTuple):
    """One GET request: the attributes it names, and whether it was one with a list."""

    attributes: tuple[AttributeDescriptor, ...]
    many: bool


class _Blocks:
    """The blocks of one answer so far."""

    __slots__ = ("number", "octets")

    def __init__(self) -> None:
        self.number, self.octets = 0, bytearray()


class Conversation:
    """One client and one server: open requests, blocks so far, scalers, system titles and the dedicated key.

    An invoke id names one request: the next request with it takes the place of one that was never answered.
    """

    def __init__(self) -> None:
        self.client_title: bytes | None = None
        self.server_title: bytes | None = None
        self.dedicated: bytes | None = None
        self._asked: dict[int, _Asked] = {}
        self._blocks: dict[int, _Blocks] = {}
        self._transfer: list[tuple[int, int, bytes]] = []
        self._transferred = 0
        self._scalers: dict[Obis, tuple[int, int]] = {}

    def scaler_unit(self, attribute: AttributeDescriptor | None) -> tuple[int, int] | None:
        """Scaler and unit of a register's value, when the register's own were read before."""
        if attribute is None or attribute.attribute_id not in SCALED.get(attribute.class_id, ()):
            return None
        return self._scalers.get(Obis(attribute.instance_id))

    def hear(self, apdu: Any) -> Answers | None:
        """Take note of an APDU; the answers it brings, None where it is no answer to a request."""
        heard = _HEARD.get(type(apdu))
        answers = heard(self, apdu) if heard else None
        for attribute, result in answers or ():
            self._note(attribute, result)
        return answers

    def _note(self, attribute: AttributeDescriptor | None, result: bytes | DataAccessResult) -> None:
        """Keep scaler and unit when this is where a register tells them."""
        if attribute is None or not isinstance(result, bytes):
            return
        if SCALER_UNIT.get(attribute.class_id) == attribute.attribute_id:
            told = scaler_unit_of(result)
            if told is not None:
                if len(self._scalers) >= SCALERS:
                    self._scalers.clear()
                self._scalers[Obis(attribute.instance_id)] = told

    def _ask(self, invoke: int, asked: _Asked) -> None:
        self._asked[invoke & 0x0F] = asked
        self._blocks.pop(invoke & 0x0F, None)

    def _is_list(self, invoke: int) -> bool:
        asked = self._asked.get(invoke & 0x0F)
        return asked is not None and asked.many

    def _named(self, invoke: int, results: tuple[bytes | DataAccessResult, ...]) -> Answers:
        """The results with the names that the open request of this invoke id gives them."""
        asked = self._asked.pop(invoke & 0x0F, None)
        names = asked.attributes if asked else ()
        if len(names) != len(results):
            return [(None, r) for r in results]
        return list(zip(names, results, strict=True))

    def _get_request(self, apdu: get.GetRequestNormal) -> None:
        self._ask(apdu.invoke, _Asked((apdu.attribute,), False))

    def _get_list(self, apdu: get.GetRequestWithList) -> None:
        self._ask(apdu.invoke, _Asked(tuple(a.attribute for a in apdu.attributes), True))

    def _get_response(self, apdu: get.GetResponseNormal) -> Answers:
        return self._named(apdu.invoke, (apdu.result,))

    def _get_response_list(self, apdu: get.GetResponseWithList) -> Answers:
        return self._named(apdu.invoke, apdu.results)

    def _get_block(self, apdu: get.GetResponseWithDatablock) -> Answers | None:
        """Blocks gather under their invoke id; the last one brings the answer."""
        invoke = apdu.invoke & 0x0F
        if isinstance(apdu.result, DataAccessResult):
            self._blocks.pop(invoke, None)
            return self._named(invoke, (apdu.result,))
        if apdu.number == 1:
            self._blocks[invoke] = _Blocks()
        blocks = self._blocks.get(invoke)
        if blocks is None:
            return None
        if apdu.number == blocks.number + 1:
            blocks.number = apdu.number
            blocks.octets += apdu.result
        elif apdu.number != blocks.number:
            del self._blocks[invoke]
            raise DecodeError(f"block {apdu.number} follows block {blocks.number}", what=_DATABLOCK, at=4)
        if len(blocks.octets) > MOST_OCTETS:
            del self._blocks[invoke]
            raise DecodeError(f"more than {MOST_OCTETS} octets in blocks", what=_DATABLOCK, at=4)
        if not apdu.last:
            return []
        del self._blocks[invoke]
        whole = bytes(blocks.octets)
        return self._named(invoke, parse_result_list(whole) if self._is_list(invoke) else (whole,))

    def transfer(self, block: GeneralBlockTransfer) -> list[bytes]:
        """Take one block of a general block transfer; the APDU it completes, if it does.

        Blocks without data acknowledge others. Raises DecodeError for a gap and for more than ``MOST_OCTETS`` octets.
        """
        if not block.data:
            return []
        if block.number == 1:
            self._transfer.clear()
            self._transferred = 0
        self._transfer.append((block.control, block.number, block.data))
        self._transferred += len(block.data)
        if not block.last and self._transferred <= MOST_OCTETS and len(self._transfer) <= MOST_BLOCKS:
            return []
        blocks, self._transfer, self._transferred = self._transfer, [], 0
        return join_blocks(blocks)

    @property
    def transferring(self) -> bool:
        """Whether a general block transfer has begun and not ended."""
        return bool(self._transfer)

    def _associate(self, apdu: acse.Aarq) -> None:
        self.client_title = apdu.calling_ap_title or self.client_title
        self.dedicated = None

    def _associated(self, apdu: acse.Aare) -> None:
        self.server_title = apdu.responding_ap_title or self.server_title

    def _access(self, apdu: access.AccessResponse) -> Answers:
        """The values of an ACCESS response, named where the specifications are echoed."""
        named = [getattr(s, "attribute", None) for s in apdu.specifications or (None,) * len(apdu.outcomes)]
        answers: Answers = []
        for name, value, outcome in zip(named, apdu.data, apdu.outcomes, strict=False):
            if outcome.result != DataAccessResult.success:
                answers.append((name, DataAccessResult(outcome.result)))
            elif outcome.kind == AccessKind.get:
                answers.append((name, value))
        return answers


_HEARD: Final[dict[type, Callable[[Conversation, Any], Answers | None]]] = {
    get.GetRequestNormal: Conversation._get_request,
    get.GetRequestWithList: Conversation._get_list,
    get.GetResponseNormal: Conversation._get_response,
    get.GetResponseWithList: Conversation._get_response_list,
    get.GetResponseWithDatablock: Conversation._get_block,
    acse.Aarq: Conversation._associate,
    acse.Aare: Conversation._associated,
    access.AccessResponse: Conversation._access,
}
