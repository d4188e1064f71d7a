"""A meter made of paper: what a conversation must say, and what it is told, octet by octet."""

from __future__ import annotations

from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.enums import ApplicationContext, Conformance
from anymeter.errors import LinkTimeout
from anymeter.obis import Obis

SILENCE = object()
"""In the place of an answer: the response timeout runs out."""
ENERGY = Obis("1-0:1.8.0*255")
ALL = 0x7FFFFF


def octets(text):
    """Hexadecimal octets, with spaces where they help to read; octets stay themselves."""
    return text if isinstance(text, bytes) else bytes.fromhex(text)


def said(sent):
    """What was sent, as hexadecimal text; a burst as a list of them."""
    return [one.hex() for one in sent] if isinstance(sent, tuple) else sent.hex()


def wanted(text):
    """What must be sent, in the same form; None for anything."""
    return [octets(one).hex() for one in text] if isinstance(text, list | tuple) else octets(text).hex()


def talk(conversation, *turns):
    """Run a conversation: each turn is what it must say (None: anything) and what it is told; its outcome.

    It must end after the last turn and not before.
    """
    answer = None
    for place, (must, reply) in enumerate(turns, 1):
        try:
            if answer is SILENCE:
                sent = conversation.throw(LinkTimeout("the meter stays silent"))
            else:
                sent = conversation.send(answer)
        except StopIteration as end:
            raise AssertionError(f"it ended before turn {place} with {end.value!r}") from None
        if must is not None:
            assert said(sent) == wanted(must), f"turn {place}"
        answer = reply if reply is SILENCE else octets(reply)
    try:
        sent = (
            conversation.throw(LinkTimeout("the meter stays silent"))
            if answer is SILENCE
            else conversation.send(answer)
        )
    except StopIteration as end:
        return end.value
    raise AssertionError(f"it goes on after the last turn and says {said(sent)}")


def answered(conversation, reply):
    """Run a conversation with *reply*, a function of what was sent that gives the answer or SILENCE; its outcome."""
    sent = next(conversation)
    while True:
        answer = reply(sent)
        try:
            if answer is SILENCE:
                sent = conversation.throw(LinkTimeout("the meter stays silent"))
            else:
                sent = conversation.send(answer)
        except StopIteration as end:
            return end.value


def forever(conversation, reply, most=100_000):
    """Run a conversation whose peer never ends: it must end by itself, within so many turns; its outcome."""
    turns = iter(range(most))

    def bounded(sent):
        assert next(turns, None) is not None, f"no end after {most} turns"
        return octets(reply(sent))

    return answered(conversation, bounded)


def session(conformance=ALL, max_send_pdu=0, watcher=None, **settings):
    """A session whose association stands."""
    made = Session(Settings(**settings), watcher=watcher)
    made.negotiated(conformance, max_send_pdu)
    return made


def short_session(conformance=ALL, max_send_pdu=0, **settings):
    """The same with short names."""
    return session(conformance, max_send_pdu, context=ApplicationContext.short_names, **settings)


def without(*features):
    """All of the conformance but these."""
    return ALL & ~sum(Conformance[name] for name in features)


def cuts(text):
    """Every beginning of an answer that is shorter than it."""
    whole = octets(text)
    return [whole[:n] for n in range(len(whole))]
