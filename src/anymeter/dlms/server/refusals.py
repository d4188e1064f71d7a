"""How a server says no to a request as a whole.

================================================= ================== ==========================================
what is wrong                                     exception-response confirmedServiceError
================================================= ================== ==========================================
there is no association                           not-allowed, 1     vde-state-error, no-dlms-context
the service or its form was not negotiated        not-allowed, 2     service, service-unsupported
no service has this tag                           unknown, 2
the octets do not make the APDU they begin        not-allowed, 3     application-reference, other
request or answer are longer than a PDU may be    not-allowed, 4     service, pdu-size
it is ciphered and cannot be deciphered           not-allowed, 5     application-reference, deciphering-error
================================================= ================== ==========================================

(not-allowed and unknown are the state errors service-not-allowed and service-unknown; the numbers are service errors:
1 operation-not-possible, 2 service-not-supported, 3 other-reason, 4 pdu-too-long, 5 deciphering-error.)

readRequest and writeRequest are refused by a confirmedServiceError, all others by an exception-response; unconfirmed
requests by silence. Source: EN 13757-1:2014, 8.3, after IEC 62056-5-3 (Exception-Response, ConfirmedServiceError);
which number stands for what is uncertain where the standard leaves it open.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """One way to say no: the octets of both forms."""

    exception: bytes
    error: bytes


NOT_ASSOCIATED: Final = Refusal(b"\xd8\x01\x01", b"\x02\x01")
NOT_NEGOTIATED: Final = Refusal(b"\xd8\x01\x02", b"\x03\x02")
UNKNOWN: Final = Refusal(b"\xd8\x02\x02", b"\x03\x02")
UNDECODABLE: Final = Refusal(b"\xd8\x01\x03", b"\x00\x00")
TOO_LONG: Final = Refusal(b"\xd8\x01\x04", b"\x03\x01")
DECIPHERING: Final = Refusal(b"\xd8\x01\x05", b"\x00\x06")

_SHORT_NAME_SERVICES: Final = {0x05: b"\x0e\x05", 0x06: b"\x0e\x06"}
_CONFIRMED: Final = 0x40


def refused(request: bytes, why: Refusal) -> bytes:
    """The answer that says no to *request*; empty when it is one that is never answered.

    >>> refused(bytes.fromhex("05 01 02 00A8"), NOT_ASSOCIATED).hex(), refused(b"\\xc0\\x01", NOT_ASSOCIATED).hex()
    ('0e050201', 'd80101')
    """
    if unanswered(request):
        return b""
    head = _SHORT_NAME_SERVICES.get(request[0]) if request else None
    return why.exception if head is None else head + why.error


def unanswered(request: bytes) -> bool:
    """Whether a request is an unconfirmed one.

    A GET is always confirmed, so it is answered even where its service class says otherwise, as that of old clients
    does.
    """
    tag = request[:1]
    if tag in (b"\xc1", b"\xc3"):
        return len(request) > 2 and not request[2] & _CONFIRMED
    if tag == b"\xd9":
        return len(request) > 1 and not request[1] & _CONFIRMED
    return tag == b"\x16"
