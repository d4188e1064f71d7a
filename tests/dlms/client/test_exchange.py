"""One request, its answer, and everything else that may come."""

import pytest

from anymeter.dlms.client.exchange import ANY, MOST_OTHERS, exchange, refused, send_only
from anymeter.errors import DecodeError, LinkTimeout, LocalError, SecurityError, ServiceRefused
from client_talk import SILENCE, forever, session, talk, without

REQUEST = "C001 C1 0008 0000010000FF 02 00"
ANSWER = bytes.fromhex("C401 C1 00 1105")
LATE = bytes.fromhex("C401 C0 00 1107")
PUSHED = bytes.fromhex("0F 00000001 00 1105")


def ask(one, invoke=0xC1, tag=0xC4, **rest):
    return exchange(one, bytes.fromhex(REQUEST), tag, invoke, **rest)


def test_an_answer_is_returned_as_it_came():
    assert talk(ask(session()), (REQUEST, ANSWER)) == ANSWER


def test_only_the_id_of_the_answer_counts_not_its_priority():
    assert talk(ask(session()), (REQUEST, "C401 01 00 1105")) == bytes.fromhex("C401 01 00 1105")


def test_late_answers_are_passed_over():
    late_set, late_action = "C501 CF 00", "C701 CE 00 00"
    assert talk(ask(session()), (REQUEST, LATE), ("", late_set), ("", late_action), ("", ANSWER)) == ANSWER


def test_answers_of_the_association_that_come_again_are_passed_over():
    assert talk(ask(session()), (REQUEST, "6100"), ("", "6303800100"), ("", ANSWER)) == ANSWER


def test_a_setting_takes_any_invoke_id():
    assert talk(ask(session(any_invoke_id=True)), (REQUEST, LATE)) == LATE


def test_a_service_without_ids_takes_any():
    answer = bytes.fromhex("0C 01 00 1105")
    assert talk(exchange(session(), b"\x05\x01\x02\x01\x00", 0x0C, ANY), ("0501020100", answer)) == answer


def test_stale_answers_are_passed_over():
    stale = "C401 C1 00 1106"
    asked = ask(session(), stale=lambda octets: octets == bytes.fromhex(stale))
    assert talk(asked, (REQUEST, stale), ("", stale), ("", ANSWER)) == ANSWER


def test_silence_after_an_answer_to_another_request_says_so():
    with pytest.raises(LinkTimeout, match=r"silent: all that came was an answer to an earlier request \(c401c0\)"):
        talk(ask(session()), (REQUEST, LATE), ("", SILENCE))


def test_silence_is_silence():
    with pytest.raises(LinkTimeout, match="stays silent"):
        talk(ask(session()), (REQUEST, SILENCE))


def test_a_request_is_repeated_as_often_as_the_settings_say():
    one = session(repeats=2)
    assert talk(ask(one), (REQUEST, SILENCE), (REQUEST, SILENCE), (REQUEST, ANSWER)) == ANSWER
    with pytest.raises(LinkTimeout):
        talk(ask(one), (REQUEST, SILENCE), (REQUEST, SILENCE), (REQUEST, SILENCE))


def test_a_request_is_repeated_after_a_late_answer_too():
    assert talk(ask(session(repeats=1)), (REQUEST, LATE), ("", SILENCE), (REQUEST, ANSWER)) == ANSWER


def test_notifications_go_to_the_watcher():
    seen = []
    one = session(watcher=seen.append)
    event = "C2 00 0003 0100010800FF 02 06 000003E8"
    assert talk(ask(one), (REQUEST, PUSHED), ("", event), ("", ANSWER)) == ANSWER
    assert [type(n.apdu).__name__ for n in seen] == ["DataNotification", "EventNotification"]


def test_a_confirmed_notification_is_confirmed_at_once():
    confirmed = "0F 40000007 00 1105"
    assert talk(ask(session()), (REQUEST, confirmed), ("10 40000007 00", ANSWER)) == ANSWER


def test_a_broken_notification_does_not_harm_the_request():
    seen = []
    assert talk(ask(session(watcher=seen.append)), (REQUEST, "0F 0000"), ("", ANSWER)) == ANSWER
    assert "DataNotification" in str(seen[0].error)


def test_an_exception_response_is_told_in_words():
    with pytest.raises(ServiceRefused, match="service-not-allowed, service-not-supported") as caught:
        talk(ask(session()), (REQUEST, "D8 01 02"))
    assert (caught.value.state, caught.value.service, caught.value.invocation_counter) == (1, 2, None)


def test_an_exception_response_tells_the_lowest_counter():
    error = refused(bytes.fromhex("D8 01 06 00001234"))
    assert (error.state, error.service, error.invocation_counter) == (1, 6, 0x1234)
    assert str(error).endswith("invocation-counter-error, the lowest accepted is 4660")


def test_a_confirmed_service_error_is_told_in_words():
    with pytest.raises(ServiceRefused, match="read: access: scope-of-access-violated"):
        talk(ask(session()), (REQUEST, "0E 05 05 01"))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "nothing stands where c4 should"),
        ("C4", "ends after its first octets"),
        ("C4 01", "ends after its first octets"),
        ("C0 01 C1", "c0 stands where c4 should"),
        ("FF", "ff stands where c4 should"),
        ("D8", "ExceptionResponse"),
        ("D8 01", "ExceptionResponse"),
        ("0E 05", "ConfirmedServiceError"),
        ("E0 80 00", "GeneralBlockTransfer"),
    ],
)
def test_anything_else_is_an_error(answer, why):
    with pytest.raises(DecodeError, match=why):
        talk(ask(session()), (REQUEST, answer))


@pytest.mark.parametrize("other", [LATE, PUSHED])
def test_others_without_end_are_an_error(other):
    with pytest.raises(DecodeError, match=f"{MOST_OTHERS + 1} APDUs came and none is the answer"):
        forever(ask(session()), lambda sent: other)


def test_a_long_request_needs_a_block_transfer():
    one = session(without("general_block_transfer"), max_send_pdu=12)
    with pytest.raises(LocalError, match="13 octets is more than the 12 that this meter takes"):
        next(ask(one))


def test_a_long_request_goes_by_general_blocks():
    answer = "E0 81 0001 0001 06" + ANSWER.hex()
    one = session(max_send_pdu=20)
    request = bytes.fromhex("C101 C1 0003 0100010800FF 02 00 09 06 010203040506")
    first, second = "E0 48 0001 0000 0D" + request[:13].hex(), "E0 88 0002 0000 08" + request[13:].hex()
    first = first.replace("E0 48", "E0 08")
    acknowledged = "E0 08 0001 0001 00"
    asked = exchange(one, request, 0xC4, 0xC1)
    assert talk(asked, ((first,), acknowledged), ((second.replace("0002 0000", "0002 0001"),), answer)) == ANSWER


def test_a_setting_sends_everything_by_general_blocks():
    turn = (("E0 88 0001 0000 0D" + REQUEST,), "E0 81 0001 0001 06" + ANSWER.hex())
    assert talk(ask(session(general_blocks=True)), turn) == ANSWER


def test_an_answer_may_come_by_general_blocks_unasked():
    one = session()
    turns = [(REQUEST, "E0 01 0001 0000 03 C401C1"), (("E0 88 0001 0001 00",), "E0 81 0002 0001 03 001105")]
    assert talk(ask(one), *turns) == ANSWER
    assert [apdu.hex() for apdu in one.take_unsent()] == ["e08800020002" + "00"]


def test_a_notification_by_general_blocks_is_told_apart():
    seen = []
    block = "E0 80 0001 0000 08" + PUSHED.hex()
    assert talk(ask(session(watcher=seen.append)), (REQUEST, block), ("", ANSWER)) == ANSWER
    assert seen[0].apdu.value == 5


def test_what_asks_for_no_answer_leaves_with_the_next_request():
    one = session()
    send_only(one, b"\x16")
    assert talk(ask(one), (["16", REQUEST], ANSWER)) == ANSWER
    assert one.take_unsent() == []


def test_what_asks_for_no_answer_must_fit():
    with pytest.raises(LocalError, match="13 octets are more than the 12"):
        send_only(session(max_send_pdu=12), bytes(13))


class Mirror:
    """Ciphers by turning every octet over."""

    overhead = 0

    def protect(self, apdu):
        return bytes(octet ^ 0xFF for octet in apdu)

    def unprotect(self, apdu):
        if apdu[:1] == b"\x00":
            raise SecurityError("the tag does not verify")
        return apdu if apdu[:1] == b"\xd8" else bytes(octet ^ 0xFF for octet in apdu)


def test_a_guard_stands_between_the_services_and_the_link():
    one = session()
    one.guard = guard = Mirror()
    request = guard.protect(bytes.fromhex(REQUEST))
    assert talk(ask(one), (request, guard.protect(ANSWER))) == ANSWER
    with pytest.raises(ServiceRefused):
        talk(ask(one), (request, "D8 01 02"))
    with pytest.raises(SecurityError, match="does not verify"):
        talk(ask(one), (request, "00"))
