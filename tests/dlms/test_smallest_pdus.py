"""The shortest PDUs that may be negotiated: no APDU is longer, and what can be carried is carried."""

import pytest

from anymeter.dlms.client.action import invoke, invoke_many
from anymeter.dlms.client.association import associate
from anymeter.dlms.client.get import get, get_many
from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.client.set import set_attribute, set_many
from anymeter.dlms.client.short_names import table
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.dlms.enums import ApplicationContext, Conformance
from anymeter.errors import LocalError
from anymeter.obis import Obis
from client_talk import answered
from dlms_meter import PUBLIC, SHORT, Gauge, Meter, Store, without

GAUGE, STORE = Obis("1-0:1.8.0*255"), Obis("0-0:96.1.0*255")
VALUE, NOTE, KEY = (AttributeDescriptor(0x2008, GAUGE, number) for number in (2, 3, 4))
CONTENTS = AttributeDescriptor(0x2009, STORE, 2)
TWICE = MethodDescriptor(0x2008, GAUGE, 2)
LONG = bytes(range(256)) + bytes(44)
OCTETS = b"\x09\x82\x01\x2c" + LONG
SERVICE_BLOCKS = [
    Conformance.block_transfer_with_get_or_read,
    Conformance.block_transfer_with_set_or_write,
    Conformance.block_transfer_with_action,
]
GENERAL, LISTS = Conformance.general_block_transfer, Conformance.multiple_references


class Narrow:
    """A meter that takes *pdu* octets and a client that takes *receive*, both held to it."""

    def __init__(self, client, pdu, receive, *gone):
        context = ApplicationContext.short_names if client == SHORT else ApplicationContext.logical_names
        self.meter = Meter(pdu=pdu, conformance=without(*gone))
        self.session = Session(Settings(client=client, context=context, max_receive_pdu=receive))
        self.pdu, self.receive = 0xFFFF, 0xFFFF
        self.run(associate(self.session))
        self.pdu, self.receive = pdu, receive
        self.coming = []

    def run(self, conversation):
        self.coming = []
        return answered(conversation, self.reply)

    def reply(self, sent):
        for apdu in (sent,) if isinstance(sent, bytes) else sent:
            assert len(apdu) <= self.pdu
            self.coming += self.meter.send(apdu, self.session.settings.client)
        answer = self.coming.pop(0)
        assert len(answer) <= self.receive
        return answer


@pytest.mark.parametrize("pdu", [12, 13, 14, 17, 18, 19, 20, 21, 33, 64])
@pytest.mark.parametrize("receive", [12, 13, 64])
@pytest.mark.parametrize("gone", [[], SERVICE_BLOCKS, [LISTS]], ids=["all", "general blocks", "no lists"])
def test_everything_is_carried_where_general_blocks_are(pdu, receive, gone):
    both = Narrow(PUBLIC, pdu, receive, *gone)
    one, store = both.session, both.meter.store
    both.run(set_attribute(one, STORE, Store.contents, LONG))
    assert store.contents == LONG
    assert both.run(get(one, STORE, Store.contents)) == LONG
    assert both.run(invoke(one, GAUGE, Gauge.twice, LONG)) == LONG * 2
    value, contents, key = both.run(get_many(one, [VALUE, CONTENTS, KEY]))
    assert (value.hex(), contents, key.result) == ("0600001391", OCTETS, 3)
    assert both.run(set_many(one, [(NOTE, b"\x09\x01x"), (CONTENTS, b"\x09\x00"), (NOTE, b"\x09\x01y")])) == [None] * 3
    assert (both.meter.gauge.note, store.contents) == (b"y", b"")
    returned = both.run(invoke_many(one, [(TWICE, b"\x09\x01a"), (TWICE, OCTETS)]))
    assert returned == [b"\x09\x02aa", b"\x09\x82\x02\x58" + LONG * 2]


@pytest.mark.parametrize("pdu", [20, 21, 33, 47, 64])
@pytest.mark.parametrize("gone", [[GENERAL], [GENERAL, LISTS]], ids=["lists", "no lists"])
def test_20_octets_are_enough_for_the_blocks_of_each_service(pdu, gone):
    """The first block of a SET has 19 octets beside its own."""
    both = Narrow(PUBLIC, pdu, 12, *gone)
    one = both.session
    both.run(set_attribute(one, STORE, Store.contents, LONG))
    assert both.run(get(one, STORE, Store.contents)) == LONG
    assert both.run(invoke(one, GAUGE, Gauge.twice, LONG)) == LONG * 2
    assert both.run(get_many(one, [CONTENTS, VALUE])) == [OCTETS, bytes.fromhex("0600001391")]


def test_what_nothing_carries_is_told_before_anything_is_sent():
    both = Narrow(PUBLIC, 12, 12, GENERAL)
    with pytest.raises(LocalError, match="a request of 13 octets is more than the 12"):
        both.run(get(both.session, STORE, Store.contents))
    with pytest.raises(LocalError, match="no block fits into the 12 octets"):
        both.run(set_attribute(both.session, STORE, Store.contents, LONG))
    assert both.meter.store.contents == b""


@pytest.mark.parametrize("pdu", [12, 13, 14, 20, 33, 64])
@pytest.mark.parametrize("receive", [12, 13, 20, 64])
def test_short_names_need_no_more(pdu, receive):
    both = Narrow(SHORT, pdu, receive, GENERAL)
    names, objects = both.meter.logical.short_names, both.meter.logical.objects
    both.session.names = table([(names.base_of(name, objects), o.class_id, 0, name) for name, o in objects.items()])
    both.run(set_attribute(both.session, STORE, Store.contents, LONG))
    assert both.meter.store.contents == LONG
    assert both.run(get(both.session, STORE, Store.contents)) == LONG
    value, contents, key = both.run(get_many(both.session, [VALUE, CONTENTS, KEY]))
    assert (value.hex(), contents, key.result) == ("0600001391", OCTETS, 3)
