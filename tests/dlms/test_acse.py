"""Associations: names in words, secrets that do not show, and rejections without user-information."""

import pytest

import dlms_cases as cases
from anymeter.dlms import apdu
from anymeter.dlms.acse import Aare, Aarq, Rlre, context_of, context_words, mechanism_of, mechanism_words
from anymeter.dlms.enums import (
    ApplicationContext,
    AssociationResult,
    Mechanism,
    ProviderDiagnostic,
    UserDiagnostic,
)
from anymeter.errors import DecodeError

LN = bytes.fromhex("60857405080101")


@pytest.mark.parametrize("v", cases.of_class("Aarq", "Aare", "Rlrq", "Rlre"))
def test_elements_may_stand_in_any_order(v):
    whole = cases.octets(v)
    decoded = apdu.decode(whole)
    parts = [row.octets for row in type(decoded).explain(whole) if row.depth == 1]
    body = b"".join(reversed(parts))
    assert apdu.decode(whole[:1] + bytes((len(body),)) + body) == decoded


@pytest.mark.parametrize(("last", "context"), [(1, "logical_names"), (4, "short_names_ciphered"), (9, "unknown_9")])
def test_the_application_context(last, context):
    assert context_of(LN[:-1] + bytes((last,))).name == context
    assert context_words(LN) == "1, logical-names"


@pytest.mark.parametrize("mechanism", Mechanism)
def test_the_mechanism(mechanism):
    name = bytes.fromhex("608574050802") + bytes((mechanism,))
    assert mechanism_of(name) is mechanism
    assert mechanism_words(name) == f"{int(mechanism)}, {mechanism.words}"


@pytest.mark.parametrize("name", [None, b"", b"\x2a", LN[:-1], LN + b"\x01"])
def test_names_that_are_not_of_dlms(name):
    assert context_of(name) is None
    assert mechanism_of(name) is None
    assert context_words(name or b"") == mechanism_words(name or b"") == (name or b"").hex()


def test_a_password_does_not_show_and_a_challenge_does():
    low = apdu.decode(bytes.fromhex("601DA1090607608574050801018A0207808B0760857405080201AC0380013F"))
    assert "<1 octets>" in repr(low)
    aarq = Aarq(
        application_context_name=LN,
        mechanism_name=bytes.fromhex("60857405080201"),
        calling_authentication_value=b"password",
        user_information=bytes.fromhex("0101100011"),
    )
    assert "password" not in repr(aarq) + str(aarq.__rich_repr__())
    assert "0011" not in repr(aarq)
    high = Aarq(
        application_context_name=LN,
        mechanism_name=bytes.fromhex("60857405080205"),
        calling_authentication_value=b"challenge",
    )
    assert "challenge" in repr(high)
    assert "password" not in repr(Aarq(application_context_name=LN, calling_authentication_value=b"password"))


@pytest.mark.parametrize(
    ("diagnostic", "octets"),
    [
        (UserDiagnostic.authentication_failure, "A305A10302010D"),
        (ProviderDiagnostic.no_common_acse_version, "A305A203020102"),
    ],
)
def test_the_source_of_a_diagnostic_is_its_type(diagnostic, octets):
    aare = Aare(application_context_name=LN, result=AssociationResult.rejected_permanent, diagnostic=diagnostic)
    assert bytes.fromhex(octets) in aare.encode()
    assert type(apdu.decode(aare.encode()).diagnostic) is type(diagnostic)


def test_a_rejection_may_have_no_user_information():
    aare = apdu.decode(bytes.fromhex("6117A109060760857405080101A203020101A305A103020102"))
    assert aare.user_information is None
    assert aare.context is ApplicationContext.logical_names
    assert aare.mechanism is None


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        ("6117A109060760857405080101A203020101A305A303020102", "tag A3 stands where A1 or A2 should"),
        ("6118A109060760857405080101A2040202 0101A305A103020102", "257 is out of range"),
        ("6117A109060760857405080101A2030201FFA305A103020102", "-1 is out of range"),
    ],
)
def test_errors(octets, why):
    with pytest.raises(DecodeError, match=why):
        apdu.decode(bytes.fromhex(octets))


def test_the_words_of_explain():
    whole = bytes.fromhex(
        "6142A109060760857405080101A203020100A305A10302010E88020780890760857405080205"
    ) + bytes.fromhex("AA0A8008503677524A323146BE10040E0800065F1F040000501F01F40007")
    words = {row.name: row.meaning for row in apdu.explain(whole)}
    assert words["diagnostic"] == "14, authentication-required"
    assert words["mechanism_name"] == "5, high-level-gmac"
    assert words["responder_acse_requirements"] == "authentication"
    assert words["responding_authentication_value"] == '503677524a323146 "P6wRJ21F"'
    assert words["result"] == "0, accepted"


def test_an_rlre_may_be_empty():
    assert Rlre().encode() == b"\x63\x00"
    assert apdu.decode(b"\x63\x00") == Rlre()
