"""The table of services: what an APDU begins with, who serves it, and what must have been negotiated for it.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from anymeter.cosem.enums import Conformance
from anymeter.dlms.server import access, action, get, short_names
from anymeter.dlms.server import set as set_service
from anymeter.dlms.server.refusals import NOT_ASSOCIATED, NOT_NEGOTIATED, UNDECODABLE, UNKNOWN, refused, unanswered
from anymeter.dlms.server.state import PENDING, Association
from anymeter.errors import DecodeError

Handler: TypeAlias = Callable[[Association, bytes, float], bytes]


class Service(msgspec.Struct, frozen=True):
    """One form of a service: its handler, the bits of the conformance that it *needs*.

    *goes_on*: it may belong to a transfer that is under way; any other request ends one. *pending*: it is also served
    while a high level authentication is not finished.
    """

    handler: Handler
    needs: int
    goes_on: bool = False
    pending: bool = False


_GET: Final = int(Conformance.get)
_SET: Final = int(Conformance.set)
_ACTION: Final = int(Conformance.action)
_LIST: Final = int(Conformance.multiple_references)
_GET_BLOCKS: Final = int(Conformance.get | Conformance.block_transfer_with_get_or_read)
_SET_BLOCKS: Final = int(Conformance.set | Conformance.block_transfer_with_set_or_write)
_ACTION_BLOCKS: Final = int(Conformance.action | Conformance.block_transfer_with_action)

SERVICES: Final[dict[bytes, Service]] = {
    b"\xc0\x01": Service(get.normal, _GET),
    b"\xc0\x02": Service(get.following, _GET_BLOCKS, goes_on=True),
    b"\xc0\x03": Service(get.with_list, _GET | _LIST),
    b"\xc1\x01": Service(set_service.normal, _SET),
    b"\xc1\x02": Service(set_service.first_block, _SET_BLOCKS, goes_on=True),
    b"\xc1\x03": Service(set_service.block, _SET_BLOCKS, goes_on=True),
    b"\xc1\x04": Service(set_service.with_list, _SET | _LIST),
    b"\xc1\x05": Service(set_service.first_block_of_list, _SET_BLOCKS | _LIST, goes_on=True),
    b"\xc3\x01": Service(action.normal, _ACTION, pending=True),
    b"\xc3\x02": Service(action.following, _ACTION_BLOCKS, goes_on=True),
    b"\xc3\x03": Service(action.with_list, _ACTION | _LIST),
    b"\xc3\x04": Service(action.first_block, _ACTION_BLOCKS, goes_on=True),
    b"\xc3\x05": Service(action.first_block_of_list, _ACTION_BLOCKS | _LIST, goes_on=True),
    b"\xc3\x06": Service(action.block, _ACTION_BLOCKS, goes_on=True),
    b"\xd9": Service(access.served, int(Conformance.access)),
    b"\x05": Service(short_names.read, int(Conformance.read), goes_on=True, pending=True),
    b"\x06": Service(short_names.write, int(Conformance.write), goes_on=True, pending=True),
    b"\x16": Service(short_names.unconfirmed_write, int(Conformance.unconfirmed_write)),
}
"""By the first octet, or by two where the second chooses among forms of the service."""

_WITH_FORMS: Final = frozenset(head[0] for head in SERVICES if len(head) > 1)


def serve(association: Association, octets: bytes, now: float) -> bytes:
    """The answer to a plain service request; empty when it gets none."""
    service = SERVICES.get(octets[:2]) or SERVICES.get(octets[:1])
    if service is None:
        return refused(octets, UNDECODABLE if octets and octets[0] in _WITH_FORMS else UNKNOWN)
    if association.conformance & service.needs != service.needs:
        return refused(octets, NOT_NEGOTIATED)
    if association.status == PENDING and not service.pending:
        return refused(octets, NOT_ASSOCIATED)
    if not service.goes_on and association.repeats is None:
        association.abandon()
    try:
        response = service.handler(association, octets, now)
    except DecodeError:
        return refused(octets, UNDECODABLE)
    if octets[0] != 0xC0 and unanswered(octets):
        return b""
    return response
