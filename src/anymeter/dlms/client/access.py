"""ACCESS: requests of several kinds in one APDU.

Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (ACCESS service).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from anymeter.dlms.access import AccessRequest, AccessResponse, Specification
from anymeter.dlms.client.exchange import ACCESS_RESPONSE, ANY, Stale, exchange
from anymeter.dlms.client.session import Session
from anymeter.dlms.conversation import Conversation
from anymeter.dlms.enums import Conformance
from anymeter.errors import DecodeError

SELF_DESCRIPTIVE: Final = 1 << 28
BREAK_ON_ERROR: Final = 1 << 29
_ID: Final = 0xFFFFFF
_WHAT: Final = "AccessResponse"


def access(
    session: Session,
    items: Sequence[tuple[Specification, bytes]],
    *,
    break_on_error: bool = False,
    self_descriptive: bool = False,
) -> Conversation[list[tuple[int, bytes]]]:
    """Get, set and invoke in one request; each item comes with its data (null-data for a get).

    For each item the number of its result (0: done) and the octets of the data that came (null-data for none).
    With *break_on_error* nothing is done after the first failure.
    """
    session.require(Conformance.access)
    invoke = session.next_long_invoke()
    options = (BREAK_ON_ERROR if break_on_error else 0) | (SELF_DESCRIPTIVE if self_descriptive else 0)
    specifications, values = tuple(item for item, _ in items), tuple(value for _, value in items)
    request = AccessRequest(invoke | options, b"", specifications, values).encode()
    stale = None if session.settings.any_invoke_id else _other_than(invoke & _ID)
    answer = AccessResponse.parse((yield from exchange(session, request, ACCESS_RESPONSE, ANY, stale)))
    if not len(answer.data) == len(answer.outcomes) == len(items):
        counts = f"{len(answer.data)} values and {len(answer.outcomes)} results"
        raise DecodeError(f"{counts} came for {len(items)} requests", what=_WHAT)
    return [(int(one.result), octets) for one, octets in zip(answer.outcomes, answer.data, strict=True)]


def _other_than(wanted: int) -> Stale:
    """Whether an answer has another id than *wanted*; one cut short is left to the decoder."""

    def stale(octets: bytes) -> bool:
        return len(octets) >= 5 and int.from_bytes(octets[2:5], "big") != wanted

    return stale
