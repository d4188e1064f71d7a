"""Initiate, and the ways a server says no."""

import pytest

from anymeter.dlms import apdu
from anymeter.dlms.enums import Conformance, ServiceError, StateError
from anymeter.dlms.initiate import ConfirmedServiceError, ExceptionResponse, InitiateRequest, InitiateResponse
from anymeter.errors import DecodeError


def test_a_dedicated_key_does_not_show():
    request = InitiateRequest(b"Secret! " * 2, True, None, 6, Conformance.get, 0)
    assert "Secret" not in repr(request) + str(request.__rich_repr__())
    assert "dedicated_key=<16 octets>" in repr(request)
    assert "dedicated_key=None" in repr(InitiateRequest(None, True, None, 6, Conformance.get, 0))


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        ("0E010601", "initiate-error: initiate: dlms-version-too-low"),
        ("0E060402", "write: definition: object-class-inconsistent"),
        ("0E050563", "read: access: code 99"),
        ("0E051401", "read: unknown-20: code 1"),
    ],
)
def test_a_confirmed_service_error_in_words(octets, words):
    assert ConfirmedServiceError.parse(bytes.fromhex(octets)).words == words


@pytest.mark.parametrize("keep", [4, 5, 6])
def test_the_counter_of_an_exception_is_whole_or_absent(keep):
    whole = ExceptionResponse.parse(bytes.fromhex("D8020600000101"))
    assert whole.invocation_counter == 257
    with pytest.raises(DecodeError, match="4 octets are needed"):
        ExceptionResponse.parse(whole.encode()[:keep])
    assert ExceptionResponse.parse(whole.encode()[:3]).invocation_counter is None


CONFORMANCE = Conformance.get | Conformance.set


@pytest.mark.parametrize(
    ("made", "octets"),
    [
        (InitiateRequest(None, True, None, 6, CONFORMANCE, 0), "01 00 00 00 06 5F1F0400 000018 0000"),
        (
            InitiateRequest(b"k" * 16, False, -1, 6, CONFORMANCE, 9),
            "01 0110" + "6B" * 16 + "0100 01FF 06 5F1F0400 000018 0009",
        ),
        (InitiateResponse(None, 6, CONFORMANCE, 500, 7), "08 00 06 5F1F0400 000018 01F4 0007"),
        (ExceptionResponse(StateError.service_unknown, ServiceError.pdu_too_long), "D8 02 04"),
        (ExceptionResponse(StateError(9), ServiceError.invocation_counter_error, 1), "D8 09 06 00000001"),
    ],
)
def test_made_of_values_and_read_back(made, octets):
    assert made.encode() == bytes.fromhex(octets)
    assert apdu.decode(made.encode()) == made


def test_any_non_zero_octet_allows_a_response():
    decoded = InitiateRequest.parse(bytes.fromhex("01 00 01 FF 00 06 5F1F0400 000018 0000"))
    assert decoded.response_allowed is True


def test_conformance_words_stand_in_the_rows():
    rows = {row.name: row.meaning for row in apdu.explain(bytes.fromhex("01 00 00 00 06 5F1F0400 000018 0000"))}
    assert rows["conformance"] == "get, set"
    assert rows["response_allowed presence"] == "absent, so true"
    assert rows["dedicated_key presence"] == "absent"
