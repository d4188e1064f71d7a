"""Associations: every form of AARQ, every way an AARE says no, releases that nobody answers."""

import pytest

from anymeter.dlms.client.association import ANOTHER_VAA_NAME, MOST_OTHERS, UNPROPOSED, aarq, associate, release
from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.enums import ApplicationContext, Conformance, Mechanism, ReleaseResponseReason
from anymeter.dlms.fields import SHORT_CONFORMANCE_TAG
from anymeter.errors import AssociationRefused, DecodeError, LinkTimeout, LocalError, ServiceRefused
from client_talk import SILENCE, cuts, forever, talk

LN, LLS = "A1 09 0607 60857405080101", "A903020109 8A020780 8B0760857405080201 AC0A8008 6F70656E20757021"
# AARQ without security and the AARE that accepts it: the worked examples of the application layer.
AARQ = f"60 1D {LN} BE 10 04 0E 01 00 00 00 06 5F1F0400 007E1F 04B0"
AARE = f"61 29 {LN} A203020100 A305A103020100 BE10 040E 0800065F1F0400 00501F 01F4 0007"
PLAIN = Settings(conformance=0x007E1F, max_receive_pdu=1200)


def open_with(answer, settings=PLAIN):
    session = Session(settings)
    assert talk(associate(session), (None, answer)) is None
    return session


def aare(result="A203020100", diagnostic="A305A103020100", rest="", context=LN):
    body = bytes.fromhex(f"{context} {result} {diagnostic} {rest}")
    return bytes((0x61, len(body))) + body


def initiated(conformance="00501F", pdu="01F4", vaa="0007", version="06", lead="5F1F0400"):
    inner = bytes.fromhex(f"08 00 {version} {lead} {conformance} {pdu} {vaa}")
    return f"BE {len(inner) + 2:02X} 04 {len(inner):02X} {inner.hex()}"


def test_an_association_without_security():
    session = Session(PLAIN)
    talk(associate(session), (AARQ, AARE))
    assert session.associated
    assert (session.conformance, session.max_send_pdu, session.quirks) == (0x00501F, 500, ())


def test_a_password_goes_into_the_request():
    settings = Settings(
        mechanism=Mechanism.low_level, secret=b"open up!", user_id=9, conformance=0x007E1F, max_receive_pdu=1200
    )
    request = f"60 3B {LN} {LLS} BE10040E01000000065F1F0400007E1F04B0"
    session = Session(settings)
    talk(associate(session), (request, AARE))
    assert session.associated


def test_short_names_have_their_context_and_conformance():
    settings = Settings(context=ApplicationContext.short_names, max_receive_pdu=1200)
    session = Session(settings)
    request = aarq(session)
    assert request.context is ApplicationContext.short_names
    assert request.user_information[9:12] == settings.proposal.to_bytes(3, "big")
    sn = LN[:-2] + "02"
    talk(associate(session), (request.encode(), aare(rest=initiated("1C0320", vaa="FA00"), context=sn)))
    assert (session.conformance, session.quirks) == (0x1C0320 & settings.proposal, ())


@pytest.mark.parametrize("context", [c for c in ApplicationContext if c])
def test_every_context_is_asked_for_by_its_number(context):
    assert aarq(Session(Settings(context=context))).application_context_name[-1] == context


def test_title_and_user_go_into_the_request():
    request = aarq(Session(Settings(system_title=b"ANY12345", user_id=7))).encode()
    assert bytes.fromhex("A60A0408 414E593132333435") in request
    assert bytes.fromhex("A903020107") in request


def test_a_pre_established_association_says_nothing():
    session = Session(Settings(pre_established=True, max_send_pdu=200))
    assert talk(associate(session)) is None
    assert (session.associated, session.conformance, session.max_send_pdu) == (True, session.settings.proposal, 200)
    assert talk(release(session)) is None
    assert not session.associated


class Authenticator:
    challenge = b"K56iVagY"

    def __init__(self):
        self.proved = None

    def prove(self, session, aare):
        self.proved = aare.responding_authentication_value
        assert (yield b"\xc3") == b"\xc7"


def test_high_level_security_has_its_place():
    authenticator = Authenticator()
    settings = Settings(mechanism=Mechanism.high_level_gmac, conformance=0x007E1F, max_receive_pdu=1200)
    session = Session(settings, authenticator=authenticator)
    # AARQ and AARE of mechanism 5 without ciphering: the worked examples of the application layer.
    request = f"60 36 {LN} 8A020780 8B0760857405080205 AC0A80084B35366956616759 BE10040E01000000065F1F0400007E1F04B0"
    answer = (
        f"61 42 {LN} A203020100 A305A10302010E 88020780 890760857405080205 AA0A8008503677524A323146"
        " BE10040E0800065F1F040000501F01F40007"
    )
    talk(associate(session), (request, answer), ("C3", "C7"))
    assert authenticator.proved == b"P6wRJ21F"


def test_high_level_security_needs_an_authenticator():
    with pytest.raises(LocalError, match="high-level-gmac needs an authenticator"):
        talk(associate(Session(Settings(mechanism=Mechanism.high_level_gmac))))


def test_a_meter_that_wants_more_is_refused():
    with pytest.raises(AssociationRefused, match="wants a high level authentication") as caught:
        open_with(aare(diagnostic="A305A10302010E", rest=initiated()))
    assert (caught.value.result, caught.value.diagnostic) == (0, 14)


@pytest.mark.parametrize(
    ("result", "diagnostic", "words"),
    [
        ("01", "A305A103020102", "application-context-name-not-supported (rejected-permanent)"),
        ("01", "A305A10302010D", "authentication-failure (rejected-permanent)"),
        ("01", "A305A10302010B", "authentication-mechanism-name-not-recognised (rejected-permanent)"),
        ("02", "A305A103020101", "no-reason-given (rejected-transient)"),
        ("01", "A305A203020102", "the ACSE provider says no-common-acse-version (rejected-permanent)"),
        ("01", "A305A103020163", "unknown-99 (rejected-permanent)"),
    ],
)
@pytest.mark.parametrize("information", ["", initiated()])
def test_a_refusal_is_told_in_words(result, diagnostic, words, information):
    with pytest.raises(AssociationRefused) as caught:
        open_with(aare("A2030201" + result, diagnostic, information))
    assert str(caught.value) == f"the association was refused: {words}"
    assert (caught.value.result, caught.value.diagnostic) == (int(result, 16), int(diagnostic[-2:], 16))


@pytest.mark.parametrize(
    ("code", "words"),
    [("01", "dlms-version-too-low"), ("02", "incompatible-conformance"), ("03", "pdu-size-too-short")],
)
@pytest.mark.parametrize("result", ["A203020101", "A203020100"])
def test_an_initiate_error_is_told_in_words(code, words, result):
    with pytest.raises(AssociationRefused, match=f"initiate-error: initiate: {words}"):
        open_with(aare(result, "A305A103020101", f"BE06 0404 0E0106{code}"))


def test_the_worked_example_of_a_version_too_low():
    with pytest.raises(AssociationRefused, match="dlms-version-too-low") as caught:
        open_with(f"611F {LN} A203020101 A305A103020101 BE06 0404 0E010601")
    assert (caught.value.result, caught.value.diagnostic) == (1, 1)


def test_an_initiate_error_may_come_bare():
    with pytest.raises(AssociationRefused, match="refused-by-the-VDE-handler"):
        open_with("0E010604")


def test_an_exception_response_refuses_too():
    with pytest.raises(ServiceRefused, match="service-not-allowed"):
        open_with("D80101")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (aare(), "accepted, but without user-information"),
        (aare(rest=initiated(), context=LN[:-2] + "02"), "short-names instead of 1, logical-names"),
        (aare(rest=initiated(), context=LN[:-2] + "03"), "logical-names-ciphered instead of"),
        (aare(rest=initiated(), context="A1 03 0601 55"), "55 instead of 1, logical-names"),
        (aare(rest=initiated(version="05")), "DLMS version 5 instead of 6"),
        (aare(rest=initiated(pdu="000B")), "11 octets are less than the 12"),
        (aare(rest="BE03 0401 01"), "InitiateResponse"),
        (aare(rest="BE02 0400"), "without user-information"),
        (b"", "nothing stands where 61 should"),
        (b"\x60\x00", "60 stands where 61 should"),
        (b"\x61\x00", "missing"),
    ],
)
def test_an_answer_that_does_not_fit_is_an_error(answer, why):
    with pytest.raises(DecodeError, match=why):
        open_with(answer)


@pytest.mark.parametrize("answer", cuts(AARE), ids=len)
def test_every_cut_of_an_answer_is_an_error(answer):
    with pytest.raises(DecodeError):
        open_with(answer)


def test_no_limit_for_the_pdu_size():
    assert open_with(aare(rest=initiated(pdu="0000"))).max_send_pdu == 0xFFFF


def test_what_was_not_proposed_does_not_count():
    answer = aare(rest=initiated("00FE1F"))
    session = open_with(answer)
    assert (session.conformance, session.quirks) == (0x007E1F, (UNPROPOSED,))
    strict = Settings(conformance=0x007E1F, strict=True)
    with pytest.raises(DecodeError, match=r"unproposed-conformance \(attribute0-supported-with-set\)"):
        open_with(answer, strict)


@pytest.mark.parametrize(
    ("answer", "quirk"),
    [(initiated(vaa="0000"), ANOTHER_VAA_NAME), (initiated(lead="5F0400"), SHORT_CONFORMANCE_TAG)],
)
def test_departures_are_read_and_told(answer, quirk):
    assert open_with(aare(rest=answer)).quirks == (quirk,)
    with pytest.raises(DecodeError, match=quirk):
        open_with(aare(rest=answer), Settings(conformance=0x007E1F, strict=True))


def test_features_are_known_afterwards():
    session = open_with(AARE)
    assert session.has(Conformance.get)
    with pytest.raises(LocalError):
        session.require(Conformance.multiple_references | Conformance.access)


def test_late_answers_and_notifications_are_passed_over():
    seen = []
    session = Session(PLAIN, watcher=seen.append)
    talk(associate(session), (AARQ, "6303800100"), ("", "C401C1001105"), ("", "0F 40000001 00 1105"), (None, AARE))
    assert session.associated
    assert len(seen) == 1


def test_the_request_is_repeated_on_silence():
    session = Session(Settings(conformance=0x007E1F, max_receive_pdu=1200, repeats=1))
    talk(associate(session), (AARQ, SILENCE), (AARQ, AARE))
    with pytest.raises(LinkTimeout):
        talk(associate(session), (AARQ, SILENCE), (AARQ, SILENCE))
    assert not session.associated


def test_others_without_end_are_an_error():
    with pytest.raises(DecodeError, match=f"{MOST_OTHERS} APDUs came and none is the answer"):
        forever(associate(Session(PLAIN)), lambda sent: "6303800100")


def test_a_second_association_forgets_the_first():
    session = open_with(AARE)
    session.names = {}
    talk(associate(session), (AARQ, aare(rest=initiated(pdu="0080"))))
    assert (session.names, session.max_send_pdu) == (None, 128)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("6303800100", ReleaseResponseReason.normal),
        ("6303800101", ReleaseResponseReason.not_finished),
        ("6300", None),
        ("D80101", None),
        ("0E010600", None),
        ("6305800100", None),
        ("FF", None),
        (SILENCE, None),
    ],
)
def test_a_release_ends_the_association_whatever_comes(answer, reason):
    session = open_with(AARE)
    assert talk(release(session), ("6203800100", answer)) is reason
    assert not session.associated
    assert talk(release(session)) is None


class Mirror:
    """Ciphers by turning every octet over."""

    overhead = 0

    def protect(self, apdu):
        return bytes(octet ^ 0xFF for octet in apdu)

    unprotect = protect


def test_a_guard_stands_before_the_initiate_of_a_ciphered_context():
    ciphered = ApplicationContext.logical_names_ciphered
    session = Session(Settings(context=ciphered, conformance=0x007E1F, max_receive_pdu=1200), guard=Mirror())
    initiate = Mirror().protect(bytes.fromhex("01000000065F1F0400007E1F04B0"))
    request = aarq(session)
    assert request.user_information == initiate
    plain = initiated()
    answer = plain[:12] + Mirror().protect(bytes.fromhex(plain[12:])).hex()
    talk(associate(session), (request.encode(), aare(rest=answer, context=LN[:-2] + "03")))
    assert session.max_send_pdu == 500
    assert talk(release(session), ("62 15 800100 BE10 040E" + initiate.hex(), "6303800100")) == 0


def test_a_release_passes_over_a_late_answer():
    session = open_with(AARE)
    assert talk(release(session), ("6203800100", "C401C1001105"), ("", "6303800100")) is ReleaseResponseReason.normal


def test_some_meters_know_no_release():
    session = open_with(AARE, Settings(conformance=0x007E1F, release=False))
    assert talk(release(session)) is None
    assert not session.associated


def test_a_lost_line_passes_through_a_release():
    session = open_with(AARE)
    conversation = release(session)
    next(conversation)
    with pytest.raises(KeyError):
        conversation.throw(KeyError())
    assert not session.associated
