"""What happens to one request of an open association on its way in and out."""

import pytest

from anymeter.dlms import apdu
from anymeter.dlms.ciphered import SERVICES as CIPHERED
from anymeter.dlms.server.exchange import ANSWERS, SPECIAL, plain, served
from anymeter.dlms.server.services import SERVICES
from dlms_meter import GAUGE, STORE, Meter

GET = bytes.fromhex(f"C001C1 {GAUGE} 02 00")


def test_every_tag_there_is_has_its_place():
    """A request is served, taken apart, or taken note of; all others are answers."""
    plainly = {head[0] for head in SERVICES}
    assert not plainly & SPECIAL
    known = {head[0] for head in apdu.APDUS}
    gateway_and_initiate = {0xE6, 0xE7, 0x01}
    assert known - plainly - SPECIAL == gateway_and_initiate


@pytest.mark.parametrize("tag", sorted(CIPHERED))
def test_a_ciphered_tag_is_an_answer_when_the_plain_one_is(tag):
    inner, name = CIPHERED[tag]
    assert (tag in ANSWERS) is (inner in ANSWERS)
    assert ("esponse" in name or "Error" in name or "eport" in name or "event" in name) is (tag in ANSWERS)


def test_a_plain_request_and_any_request():
    association = Meter().opened().association
    assert plain(association, GET, 0) == served(association, GET, 0) == [bytes.fromhex("C401C100 06 00001391")]


def test_an_answer_of_general_blocks_keeps_within_the_pdu():
    meter = Meter().opened(pdu=20)
    meter.store.contents = bytes(100)
    asked = bytes.fromhex(f"D9 40000001 00 01 01 {STORE} 02 01 00")
    (first,) = served(meter.association, asked, 5)
    assert len(first) == 20
    assert meter.association.busy
    assert meter.association.touched == 5


def test_only_what_has_an_effect_is_remembered():
    meter = Meter(datagrams=True).opened()
    association = meter.association
    served(association, GET, 0)
    assert association.repeats.answer(GET, 0) is None
    press = bytes.fromhex(f"C301C1 {GAUGE} 01 00")
    served(association, press, 0)
    assert association.repeats.answer(press, 0) == [bytes.fromhex("C701C10000")]


def test_what_is_refused_has_no_effect():
    meter = Meter(datagrams=True).opened()
    denied = bytes.fromhex(f"C101C1 {GAUGE} 05 00 1101")
    served(meter.association, denied, 0)
    assert meter.association.repeats.answer(denied, 0) is None
