"""A toy protection for tests of the place where ciphering goes: every octet is turned over behind a tag."""

from __future__ import annotations

from anymeter.cosem.access import AUTHENTICATED_REQUEST
from anymeter.errors import SecurityError

TAG = b"\xdb\xa5"


class Turned:
    """Implements :class:`anymeter.dlms.server.guard.Guard`; a last octet that does not sum up is a forgery."""

    overhead = 3

    def opened(self, octets, now):
        body = octets[2:-1]
        if octets[:2] != TAG or octets[-1] != sum(body) & 0xFF:
            raise SecurityError("does not verify", what="toy", at=0)
        return bytes(octet ^ 0xFF for octet in body), AUTHENTICATED_REQUEST

    def closed(self, response, request, now):
        return turned(response)


def turned(apdu):
    """An APDU under this protection."""
    body = bytes(octet ^ 0xFF for octet in apdu)
    return TAG + body + bytes((sum(body) & 0xFF,))
