"""APDUs: a response decoded, a request encoded, a ciphered response verified, decrypted and decoded."""

from __future__ import annotations

import cases
from timing import measure

from anymeter.dlms import apdu
from anymeter.dlms.descriptors import AttributeDescriptor
from anymeter.dlms.get import GetRequestNormal
from anymeter.dlms.security import Keys, protect, unprotect
from anymeter.obis import Obis


def get_response():
    """One item: an APDU to a number."""

    def work():
        return apdu.decode(cases.GET_RESPONSE).value

    return work, 123456, 1


def get_request():
    """One item: an APDU from its fields, made anew each time."""
    energy = Obis("1-0:1.8.0")

    def work():
        return GetRequestNormal(0xC1, AttributeDescriptor(3, energy, 2)).encode()

    return work, cases.GET_REQUEST, 1


def glo_get_response():
    """One item: an APDU of 200 octets to an octet-string."""
    keys, octets = Keys(encryption=cases.KEY, authentication=cases.AUTH_KEY), cases.glo_get_response()

    def work():
        return apdu.decode(unprotect(octets, keys, cases.SYSTEM_TITLE)[0]).value

    return work, bytes(range(173)), 1


def glo_get_response_of_numbers():
    """One item: an APDU to a list of rows of a date-time and three numbers."""
    keys = Keys(encryption=cases.KEY, authentication=cases.AUTH_KEY)
    row = bytes.fromhex("0204 090C 07E40A0603100F2D00FFC400 06000003E8 06000003E8 1100")
    plain = bytes.fromhex("C401C100 0106") + row * 6
    octets = protect(plain, keys, cases.SYSTEM_TITLE, cases.COUNTER)

    def work():
        return len(apdu.decode(unprotect(octets, keys, cases.SYSTEM_TITLE)[0]).value)

    return work, 6, 1


measure(
    {
        "get-response": get_response,
        "get-request": get_request,
        "glo-get-response-200": glo_get_response,
        "glo-get-response of 24 values": glo_get_response_of_numbers,
    }
)
