"""What meters send unasked: put together, decoded, confirmed, kept within bounds."""

from __future__ import annotations

import message_cases as cases
from anymeter.bridge.reading import Message
from anymeter.decoding import KeyRing
from anymeter.dlms.blocks import LAST, GeneralBlockTransfer
from anymeter.dlms.client.notifications import notification
from anymeter.drivers import postbox as module
from anymeter.drivers.postbox import Postbox
from anymeter.errors import DecodeError
from anymeter.links.events import Route, Unit

A = Route(16, 1)
ENERGY = "0202 0906 0100010800FF 06 0000138D"
PUSH = bytes.fromhex("0F 00000001 00" + ENERGY)
CONFIRMED = bytes.fromhex("0F 40000007 00" + ENERGY)


def make(keys=None):
    told, arrived = [], []
    box = Postbox(keys, lambda route, apdu: told.append((route, apdu)), lambda: arrived.append(True))
    return box, told, arrived


def test_a_notification_is_decoded():
    box, told, arrived = make()
    box.unit(Unit(A, PUSH, False))
    [message] = box.messages
    assert isinstance(message, Message)
    assert [(str(r.obis), r.value) for r in message.readings] == [("1-0:1.8.0*255", 5005)]
    assert (told, arrived) == ([], [True])


def test_one_that_asks_for_it_is_confirmed():
    box, told, _ = make()
    box.unit(Unit(A, CONFIRMED))
    assert told == [(A, bytes.fromhex("10 40000007 00"))]


def test_one_that_a_conversation_met_is_confirmed_already():
    box, told, _ = make()
    box.take(notification(CONFIRMED))
    assert (len(box.messages), told) == (1, [])


def test_late_answers_say_nothing_new():
    box, told, arrived = make()
    for apdu in ("C401C100060000138D", "6100", "D80101", ""):
        box.unit(Unit(A, bytes.fromhex(apdu)))
    assert (list(box.messages), told, arrived) == ([], [], [])


def test_one_in_blocks_is_put_together_route_by_route():
    box, _, _ = make()
    for start in range(0, len(PUSH), 8):
        piece = PUSH[start : start + 8]
        last = LAST if start + 8 >= len(PUSH) else 0
        block = GeneralBlockTransfer(last, start // 8 + 1, 0, piece).encode()
        for route in (A, Route(16, 2)):
            box.unit(Unit(route, block, False))
    assert [len(message.readings) for message in box.messages] == [1, 1]


def test_a_block_that_is_missing_is_an_error():
    box, _, _ = make()
    box.unit(Unit(A, GeneralBlockTransfer(0, 3, 0, b"ab").encode(), False))
    [error] = box.messages
    assert isinstance(error, DecodeError)
    assert "block 1 is missing" in str(error)


def test_what_cannot_be_decoded_is_an_error():
    box, _, _ = make()
    box.unit(Unit(A, b"\x0f\x00\x00", False))
    assert isinstance(box.messages[0], DecodeError)


def test_keys_are_used():
    gas = next(v for v in cases.OWN if v["name"].startswith("DLMS push over the TCP wrapper, ciphered"))
    apdu = cases.octets(gas)[8:]
    box, _, _ = make(KeyRing(default={name: gas[name] for name in ("encryption", "authentication") if name in gas}))
    box.take(notification(apdu))
    assert isinstance(box.messages[0], Message)


def test_the_oldest_go(monkeypatch):
    box, _, _ = make()
    for _ in range(module.KEPT + 5):
        box.unit(Unit(A, b"\x0f\x00", False))
    assert len(box.messages) == module.KEPT


def test_senders_are_forgotten_when_there_are_too_many():
    box, _, _ = make()
    half = GeneralBlockTransfer(0, 1, 0, PUSH[:8]).encode()
    for client in range(module.MOST_ROUTES + 1):
        box.unit(Unit(Route(client, 1), half, False))
    assert len(box._inboxes) == 1
