"""Conversations are plain generators: any loop that answers what they yield is a driver."""

import pytest

from anymeter.dlms.conversation import Conversation
from anymeter.errors import LinkTimeout


def echo_twice() -> Conversation[list[bytes]]:
    first = yield b"\x01"
    try:
        second = yield (b"\x02", b"\x03")
    except LinkTimeout:
        second = yield b""
    return [first, second]


def test_a_conversation_sends_is_answered_and_returns():
    talk = echo_twice()
    assert next(talk) == b"\x01"
    assert talk.send(b"a") == (b"\x02", b"\x03")
    with pytest.raises(StopIteration) as done:
        talk.send(b"b")
    assert done.value.value == [b"a", b"b"]


def test_silence_is_thrown_in_and_may_be_caught():
    talk = echo_twice()
    next(talk)
    talk.send(b"a")
    assert talk.throw(LinkTimeout("no answer")) == b""
    with pytest.raises(StopIteration) as done:
        talk.send(b"late")
    assert done.value.value == [b"a", b"late"]
