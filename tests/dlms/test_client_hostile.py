"""Whatever a meter answers, a conversation ends with a value or with one of our errors about the peer."""

import random

import pytest

from anymeter.cosem import data
from anymeter.cosem.selection import EntryDescriptor
from anymeter.dlms.access import AccessGet
from anymeter.dlms.client.access import access
from anymeter.dlms.client.action import invoke_many, invoke_octets
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.clock import read_clock
from anymeter.dlms.client.get import get_many, get_octets, get_value
from anymeter.dlms.client.images import pause, transfer_image, verify_image
from anymeter.dlms.client.objects import (
    ObjectEntry,
    associations,
    logical_device_name,
    logical_devices,
    object_list,
)
from anymeter.dlms.client.profiles import read_buffer, read_chunks, read_layout
from anymeter.dlms.client.session import Session
from anymeter.dlms.client.set import set_many, set_octets
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor
from anymeter.errors import AccessError, AssociationRefused, DecodeError, LinkTimeout, ServiceRefused
from anymeter.obis import Obis
from client_talk import ENERGY, session, short_session

ALLOWED = (DecodeError, AccessError, ServiceRefused, LinkTimeout, AssociationRefused)
VALUE, NOTE = AttributeDescriptor(3, ENERGY, 2), AttributeDescriptor(3, ENERGY, 3)
RESET = MethodDescriptor(3, ENERGY, 1)
OWN = Obis("0-0:40.0.0*255")
LONG = b"\x09\x82\x01\x00" + bytes(256)
TALKS = {
    "associate": lambda s: associate(s),
    "release": lambda s: release(s),
    "get": lambda s: get_value(s, VALUE),
    "get many": lambda s: get_many(s, [VALUE, NOTE]),
    "set": lambda s: set_octets(s, VALUE, b"\x11\x05"),
    "set long": lambda s: set_octets(s, VALUE, LONG),
    "set many": lambda s: set_many(s, [(VALUE, b"\x11\x05"), (NOTE, b"\x11\x06")]),
    "action": lambda s: invoke_octets(s, RESET, b"\x0f\x00", returns=True),
    "action long": lambda s: invoke_octets(s, RESET, LONG),
    "action many": lambda s: invoke_many(s, [(RESET, None), (RESET, b"\x0f\x00")]),
    "access": lambda s: access(s, [(AccessGet(VALUE), b"\x00")]),
    "objects": lambda s: object_list(s),
    "name": lambda s: logical_device_name(s),
    "devices": lambda s: logical_devices(s),
    "associations": lambda s: associations(s, [ObjectEntry(15, 1, OWN)]),
    "clock": lambda s: read_clock(s),
    "layout": lambda s: read_layout(s, ENERGY, units=True),
    "buffer": lambda s: read_buffer(s, ENERGY, EntryDescriptor()),
    "chunks": lambda s: read_chunks(s, ENERGY),
    "image": lambda s: transfer_image(s, b"v2", bytes(1000), resume=True),
    "verify": lambda s: verify_image(s, polls=3),
    "pause": lambda s: pause(s),
}
VALUES = [bytes.fromhex(text) for text in (
    "00", "0301", "0600000010", "06FFFFFFFF", "0900", "0906 0100010800FF", "0100", "0101 1105", "0200", "16FF",
    "0401FF",
    "0101 0204 120003 1100 09060100010800FF 0202 0100 0100", "0101 0204 120003 09060100010800FF 0F02 120000",
    "0202 0F01 161E", "090C 07E4060A03100F2D0AFF8880", "0101 0202 120001 0903414E59", "0103 1105", "1301", "0A03414243",
)]  # fmt: skip
FORMS = [bytes.fromhex(text) for text in (
    "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007",
    "6303800100", "C401C100", "C401C10103", "C402C1000000000100", "C402C1010000000100", "C402C10100000002010F",
    "C403C10200",
    "C501C100", "C502C100000001", "C503C10000000001", "C505C1020000", "C701C10000", "C701C1000100", "C702C10000000001",
    "C702C10100000001", "C703C102000000", "C704C100000001", "DAC00000010000", "0C0100", "0C01020000010411", "0D0100",
    "0D01020001", "0D010003", "D80102", "0E060301", "E083000100000D", "E0030001000003", "0F0000000100", "0F4000000100",
    "C200000301000108", "18000102", "",
)]  # fmt: skip


def answer(dice, sent):
    """Octets that look like an answer to *sent*: a form, a value, then harm."""
    made = bytearray(dice.choice(FORMS))
    last = sent[-1] if isinstance(sent, tuple) else sent
    if len(made) > 3 and made[0] >= 0xC4 and len(last) > 2 and last[0] >= 0xC0 and dice.random() < 0.9:
        made[2] = last[2]
    if dice.random() < 0.8:
        value = dice.choice(VALUES)
        made += value if dice.random() < 0.7 else bytes((len(value),)) + value
    for _ in range(dice.choice((0, 0, 0, 1, 2, 5))):
        if made:
            made[dice.randrange(len(made))] = dice.choice((0, 1, 2, 0x7F, 0x80, 0x84, 0xFF, dice.randrange(256)))
    if dice.random() < 0.1:
        del made[dice.randrange(len(made) + 1) :]
    return bytes(made)


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("short", [False, True], ids=["logical names", "short names"])
def test_a_conversation_ends_well_or_with_an_error_about_the_peer(talk, short):
    dice = random.Random(talk)
    for _ in range(300):
        one = short_session(max_send_pdu=60) if short else session(max_send_pdu=60)
        if short and talk in ("get many", "set", "set many", "action", "action long", "action many"):
            one.names = {}
        conversation = TALKS[talk](one)
        sent = None
        try:
            sent = next(conversation)
            for _ in range(3000):
                if dice.random() < 0.1:
                    sent = conversation.throw(LinkTimeout("silence"))
                else:
                    sent = conversation.send(answer(dice, sent))
            pytest.fail("no end")
        except (StopIteration, *ALLOWED):
            pass


def test_a_value_that_decodes_at_a_cost_is_refused():
    """A length of 2 GB, an array of 4 billion, nesting without end."""
    for value in ("0984 7FFFFFFF 00", "0184 FFFFFFFF 00", "01 01" * 5000 + "00", "1384FFFFFFFF"):
        conversation = get_octets(session(), VALUE)
        next(conversation)
        with pytest.raises(DecodeError):
            conversation.send(bytes.fromhex("C401C100" + value))


def test_the_values_of_these_tests_are_mostly_good():
    good = 0
    for value in VALUES:
        try:
            data.parse(value)
        except DecodeError:
            continue
        good += 1
    assert good >= len(VALUES) - 5


def test_a_fresh_session_says_nothing_without_an_association():
    assert Session().take_unsent() == []
