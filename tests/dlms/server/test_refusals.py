"""Refusals as a whole: which form for which request, and silence for what is never answered."""

import pytest

from anymeter.dlms import apdu
from anymeter.dlms.server import refusals
from anymeter.dlms.server.refusals import refused, unanswered

WAYS = {
    "NOT_ASSOCIATED": ("service-not-allowed", "operation-not-possible", "vde-state-error: no-dlms-context"),
    "NOT_NEGOTIATED": ("service-not-allowed", "service-not-supported", "service: service-unsupported"),
    "UNKNOWN": ("service-unknown", "service-not-supported", "service: service-unsupported"),
    "UNDECODABLE": ("service-not-allowed", "other-reason", "application-reference: other"),
    "TOO_LONG": ("service-not-allowed", "pdu-too-long", "service: pdu-size"),
    "DECIPHERING": ("service-not-allowed", "deciphering-error", "application-reference: deciphering-error"),
}


def test_every_way_is_here():
    ways = {name for name, value in vars(refusals).items() if isinstance(value, refusals.Refusal)}
    assert ways == set(WAYS)


@pytest.mark.parametrize(("way", "words"), WAYS.items(), ids=WAYS)
def test_both_forms_say_the_same(way, words):
    state, service, error = words
    exception = apdu.decode(refused(b"\xc0\x01\xc1", getattr(refusals, way)))
    assert (exception.state_error.words, exception.service_error.words) == (state, service)
    assert apdu.decode(refused(b"\x05", getattr(refusals, way))).words == f"read: {error}"
    assert apdu.decode(refused(b"\x06", getattr(refusals, way))).words == f"write: {error}"


@pytest.mark.parametrize(
    "request_", ["C0", "C101C1", "C301FF", "D940000001", "60", "E0", "DB", "FF", "C1", "C101", "D9", ""]
)
def test_what_is_refused_by_an_exception(request_):
    assert refused(bytes.fromhex(request_), refusals.UNKNOWN) == b"\xd8\x02\x02"


@pytest.mark.parametrize("request_", ["C10181", "C30100", "D900000001", "16", "1601"])
def test_an_unconfirmed_request_is_refused_by_silence(request_):
    assert unanswered(bytes.fromhex(request_))
    assert refused(bytes.fromhex(request_), refusals.UNKNOWN) == b""


@pytest.mark.parametrize("request_", ["C00181", "C101C1", "C30140", "D9C0000001", "05", "06", ""])
def test_what_is_answered(request_):
    assert not unanswered(bytes.fromhex(request_))
