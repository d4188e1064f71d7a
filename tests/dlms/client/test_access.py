"""ACCESS: several requests in one APDU."""

import pytest

from anymeter.dlms.access import AccessAction, AccessGet, AccessSet
from anymeter.dlms.client.access import access
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.errors import DecodeError, LocalError
from anymeter.obis import Obis
from client_talk import ENERGY, SILENCE, cuts, session, talk, without

TIME = AttributeDescriptor(8, Obis("0-0:1.0.0*255"), 2)
GET = (AccessGet(TIME), b"\x00")
SET = (AccessSet(AttributeDescriptor(3, ENERGY, 2)), b"\x11\x05")
ACTION = (AccessAction(MethodDescriptor(3, ENERGY, 1)), b"\x0f\x00")
# The worked example of the application layer, with our id: access-request (get).
REQUEST = "D9 40000001 00 01 01 0008 0000010000FF 02 01 00"
ANSWER = "DA 40000001 00 00 01 1105 01 01 00"


def plain(**settings):
    return session(high_priority=False, **settings)


def test_one_get():
    assert talk(access(plain(), [GET]), (REQUEST, ANSWER)) == [(0, b"\x11\x05")]


def test_three_kinds_at_once():
    request = (
        "D9 C0000001 00 03 01 0008 0000010000FF 02 02 0003 0100010800FF 02 03 0003 0100010800FF 01 03 00 1105 0F00"
    )
    answer = "DA C0000001 00 00 03 1107 00 00 03 01 00 02 03 03 FA"
    assert talk(access(session(), [GET, SET, ACTION]), (request, answer)) == [
        (0, b"\x11\x07"),
        (3, b"\0"),
        (250, b"\0"),
    ]


def test_options_stand_in_the_invoke_id():
    request = REQUEST.replace("D9 40", "D9 70")
    answer = "DA 70000001 00 01 01 01 0008 0000010000FF 02 01 1105 01 01 00"
    asked = access(plain(), [GET], break_on_error=True, self_descriptive=True)
    assert talk(asked, (request, answer)) == [(0, b"\x11\x05")]


def test_an_answer_with_another_id_is_passed_over():
    late = ANSWER.replace("40000001", "40000010")
    assert talk(access(plain(), [GET]), (REQUEST, late), ("", ANSWER)) == [(0, b"\x11\x05")]
    assert talk(access(plain(any_invoke_id=True), [GET]), (REQUEST, late)) == [(0, b"\x11\x05")]


def test_a_request_is_repeated_with_its_id():
    assert talk(access(plain(repeats=1), [GET]), (REQUEST, SILENCE), (REQUEST, ANSWER)) == [(0, b"\x11\x05")]


def test_it_needs_to_be_negotiated():
    with pytest.raises(LocalError, match="access was not negotiated"):
        next(access(session(without("access")), [GET]))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("DA 40000001 00 00 00 01 01 00", "0 values and 1 results came for 1 requests"),
        ("DA 40000001 00 00 02 1105 1106 02 01 00 01 00", "2 values and 2 results"),
        ("DA 40000001 00 00 01 1105 00", "1 values and 0 results"),
        ("DA 40000001 00 00 84FFFFFFFF", "AccessResponse"),
        (ANSWER + "00", "left over"),
    ],
)
def test_a_result_for_each(answer, why):
    with pytest.raises(DecodeError, match=why):
        talk(access(plain(), [GET]), (REQUEST, answer))


@pytest.mark.parametrize("answer", cuts(ANSWER), ids=len)
def test_every_cut_of_an_answer_is_an_error(answer):
    with pytest.raises(DecodeError):
        talk(access(plain(), [GET]), (REQUEST, answer))
