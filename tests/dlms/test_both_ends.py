"""Our client and our server, without a link between them: what one says the other must understand."""

import random

import pytest

from anymeter.cosem import data
from anymeter.dlms.access import AccessAction, AccessGet, AccessSet
from anymeter.dlms.client.access import access
from anymeter.dlms.client.action import invoke, invoke_many, invoke_octets
from anymeter.dlms.client.association import associate, release
from anymeter.dlms.client.get import get, get_many, get_octets, get_value
from anymeter.dlms.client.session import Session, Settings
from anymeter.dlms.client.set import set_alike, set_attribute, set_many, set_octets
from anymeter.dlms.client.short_names import table
from anymeter.dlms.descriptors import AttributeDescriptor, MethodDescriptor, SelectiveAccess
from anymeter.dlms.enums import ApplicationContext, Conformance, Mechanism, ReleaseResponseReason
from anymeter.errors import (
    AccessError,
    AssociationRefused,
    DecodeError,
    LinkTimeout,
    LocalError,
    ServiceRefused,
)
from anymeter.obis import Obis
from dlms_meter import CIPHERED, HIGH, LOW, PASSWORD, PUBLIC, SHORT, STANDING, Gauge, Meter, Store, without

GAUGE, STORE = Obis("1-0:1.8.0*255"), Obis("0-0:96.1.0*255")
VALUE, NOTE = AttributeDescriptor(0x2008, GAUGE, 2), AttributeDescriptor(0x2008, GAUGE, 3)
KEY, HAPPENED = AttributeDescriptor(0x2008, GAUGE, 4), AttributeDescriptor(0x2008, GAUGE, 5)
CONTENTS, ROWS = AttributeDescriptor(0x2009, STORE, 2), AttributeDescriptor(0x2009, STORE, 3)
PRESS, TWICE = MethodDescriptor(0x2008, GAUGE, 1), MethodDescriptor(0x2008, GAUGE, 2)
STALE = 9.0
"""Seconds after which a datagram that is late does not come any more."""
PDUS = [40, 128, 1024, 0xFFFF]


class Both:
    """A meter and a client of it; *lose*, *double* and *late*: how likely a datagram fares so."""

    def __init__(self, meter=None, client=PUBLIC, lose=0.0, double=0.0, late=0.0, seed=0, **settings):
        self.meter = meter or Meter()
        self.session = Session(Settings(client=client, **settings))
        self.dice, self.lose, self.double, self.late = random.Random(seed), lose, double, late
        self.coming, self.delayed = [], []

    def deliver(self, apdus, server=True):
        """What arrives of *apdus*."""
        for apdu in apdus:
            if self.dice.random() < self.lose:
                continue
            if self.dice.random() < self.late:
                self.delayed.append((server, self.meter.now, apdu))
                continue
            yield apdu
            if self.dice.random() < self.double:
                yield apdu
        if self.delayed and self.dice.random() < 0.5:
            yield from (a for to, at, a in self.delayed if to is server and self.meter.now - at < STALE)
            self.delayed = [one for one in self.delayed if one[0] is not server]

    def send(self, sent):
        for apdu in self.deliver([one for one in ((sent,) if isinstance(sent, bytes) else sent) if one]):
            answers = self.meter.send(apdu, self.session.settings.client)
            self.coming += self.deliver(answers, server=False)

    def run(self, conversation):
        """Run a conversation to its end; where nothing comes, time passes and the client hears of it."""
        try:
            sent = next(conversation)
            for _ in range(200_000):
                self.send(sent)
                if self.coming:
                    sent = conversation.send(self.coming.pop(0))
                else:
                    self.meter.now += 3.0
                    sent = conversation.throw(LinkTimeout("silence"))
        except StopIteration as end:
            self.send(tuple(self.session.take_unsent()))
            return end.value
        raise AssertionError("no end")

    def opened(self):
        self.run(associate(self.session))
        return self

    def named(self):
        """With short names known, as an object list would tell them."""
        names, objects = self.meter.logical.short_names, self.meter.logical.objects
        rows = [(names.base_of(name, objects), obj.class_id, 0, name) for name, obj in objects.items()]
        self.session.names = table(rows)
        return self


def test_an_association_comes_and_goes():
    both = Both()
    both.run(associate(both.session))
    assert (both.session.max_send_pdu, len(both.meter.line.associations)) == (1024, 1)
    assert both.run(release(both.session)) is ReleaseResponseReason.normal
    assert not both.meter.line.associations


def test_an_association_by_password():
    both = Both(client=LOW, mechanism=Mechanism.low_level, secret=PASSWORD).opened()
    assert both.run(get_value(both.session, VALUE)) == 5009
    wrong = Both(client=LOW, mechanism=Mechanism.low_level, secret=b"87654321")
    with pytest.raises(AssociationRefused, match="authentication-failure") as caught:
        wrong.opened()
    assert caught.value.diagnostic == 13


@pytest.mark.parametrize(
    ("client", "settings", "words"),
    [
        (SHORT, {}, "application-context-name-not-supported"),
        (CIPHERED, {}, "application-context-name-not-supported"),
        (LOW, {}, "authentication-required|authentication-mechanism-name-required"),
        (HIGH, {}, "authentication-required|authentication-mechanism-name-required"),
        (PUBLIC, {"conformance": 0}, "initiate: incompatible-conformance"),
        (PUBLIC, {"max_receive_pdu": 11}, "initiate: pdu-size-too-short"),
        (99, {}, "calling-AP-title|no-reason-given|refused"),
    ],
)
def test_a_refused_association_says_why(client, settings, words):
    both = Both(client=client, **settings)
    with pytest.raises(AssociationRefused, match=words):
        both.opened()
    assert not both.session.associated


def test_a_pre_established_association():
    both = Both(client=STANDING, pre_established=True).opened()
    assert both.run(get_value(both.session, VALUE)) == 5009


def test_without_an_association_every_request_is_refused():
    both = Both()
    both.session.negotiated(both.session.settings.proposal, 0)
    with pytest.raises(ServiceRefused, match="service-not-allowed"):
        both.run(get_value(both.session, VALUE))


def test_typed_calls():
    both = Both().opened()
    assert both.run(get(both.session, GAUGE, Gauge.note)) == b"kWh"
    both.run(set_attribute(both.session, GAUGE, Gauge.note, b"MWh"))
    assert both.run(get(both.session, GAUGE, Gauge.note)) == b"MWh"
    assert both.run(invoke(both.session, GAUGE, Gauge.press, 0)) is None
    assert both.run(invoke(both.session, GAUGE, Gauge.twice, b"ab")) == b"abab"
    assert both.run(get(both.session, GAUGE, Gauge.happened)) == 1


def test_a_value_keeps_its_type():
    both = Both().opened()
    both.run(set_alike(both.session, VALUE, 7))
    assert both.run(get_octets(both.session, VALUE)) == bytes.fromhex("0600000007")


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (lambda s: get_octets(s, KEY), 3),
        (lambda s: get_octets(s, AttributeDescriptor(0x2008, GAUGE, 9)), None),
        (lambda s: get_octets(s, AttributeDescriptor(3, GAUGE, 2)), 9),
        (lambda s: get_octets(s, AttributeDescriptor(0x2008, Obis("1-0:2.8.0"), 2)), 4),
        (lambda s: set_octets(s, VALUE, b"\x09\x00"), 12),
        (lambda s: set_octets(s, HAPPENED, b"\x11\x05"), 3),
        (lambda s: invoke_octets(s, MethodDescriptor(0x2008, GAUGE, 5), b"\x0f\x00"), 2),
        (lambda s: invoke_octets(s, MethodDescriptor(0x2008, GAUGE, 3), b"\x0f\x00"), 250),
    ],
)
def test_a_refusal_has_its_number(call, result):
    both = Both().opened()
    with pytest.raises(AccessError) as caught:
        both.run(call(both.session))
    assert result is None or caught.value.result == result


def test_a_part_and_all_of_an_object():
    both = Both().opened()
    assert both.run(get_value(both.session, VALUE, SelectiveAccess(1, b"\x11\x05"))) == b"\x11\x05"
    everything = both.run(get_value(both.session, AttributeDescriptor(0x2008, GAUGE, 0)))
    assert everything == (bytes(GAUGE), 5009, b"kWh", None, 0)


LONG = random.Random(1).randbytes(64 * 1024)


@pytest.mark.parametrize("pdu", PDUS)
@pytest.mark.parametrize("receive", PDUS)
def test_a_long_value_goes_and_comes(pdu, receive):
    both = Both(Meter(pdu=pdu), max_receive_pdu=receive).opened()
    value = LONG[: 2000 if 40 in (pdu, receive) else None]
    both.run(set_attribute(both.session, STORE, Store.contents, value))
    assert both.meter.store.contents == value
    assert both.run(get(both.session, STORE, Store.contents)) == value
    assert both.run(invoke(both.session, GAUGE, Gauge.twice, value)) == value * 2


@pytest.mark.parametrize("pdu", PDUS)
@pytest.mark.parametrize("blocks", ["general_block_transfer", "none"])
def test_the_same_with_general_blocks(pdu, blocks):
    service = ["block_transfer_with_get_or_read", "block_transfer_with_set_or_write", "block_transfer_with_action"]
    gone = service if blocks == "general_block_transfer" else [*service, "general_block_transfer"]
    both = Both(
        Meter(pdu=pdu, conformance=without(*(Conformance[name] for name in gone))), max_receive_pdu=pdu
    ).opened()
    value = LONG[: 2000 if pdu == 40 else 30_000]
    calls = [
        lambda: set_attribute(both.session, STORE, Store.contents, value),
        lambda: get(both.session, STORE, Store.contents),
        lambda: invoke(both.session, GAUGE, Gauge.twice, value),
    ]
    if blocks == "none" and pdu < len(value):
        with pytest.raises(LocalError, match="no block transfer was negotiated"):
            both.run(calls[0]())
        both.meter.store.contents = value
        with pytest.raises((AccessError, ServiceRefused)):
            both.run(calls[1]())
        return
    assert [both.run(call()) for call in calls] == [None, value, value * 2]


@pytest.mark.parametrize("window", [1, 3, 63])
def test_a_setting_sends_everything_in_general_blocks(window):
    both = Both(Meter(pdu=60, window=window), max_receive_pdu=60, window=window, general_blocks=True).opened()
    both.run(set_attribute(both.session, STORE, Store.contents, LONG[:5000]))
    assert both.run(get(both.session, STORE, Store.contents)) == LONG[:5000]
    assert both.run(get_value(both.session, VALUE)) == 5009


def test_many_at_once():
    both = Both().opened()
    value, key, note = both.run(get_many(both.session, [VALUE, KEY, NOTE]))
    assert (value, key.result, note) == (bytes.fromhex("0600001391"), 3, b"\x09\x03kWh")
    assert both.run(set_many(both.session, [(NOTE, b"\x09\x01A"), (HAPPENED, b"\x11\x01")]))[1].result == 3
    first, second = both.run(invoke_many(both.session, [(TWICE, b"\x09\x01x"), (PRESS, None)]))
    assert (first, second, both.meter.gauge.note) == (b"\x09\x02xx", None, b"A")


@pytest.mark.parametrize("pdu", [60, 128])
def test_many_long_ones_at_once(pdu):
    both = Both(Meter(pdu=pdu), max_receive_pdu=pdu, long_lists=True).opened()
    value = b"\x09\x82" + len(LONG[:1000]).to_bytes(2, "big") + LONG[:1000]
    assert both.run(set_many(both.session, [(CONTENTS, value), (NOTE, b"\x09\x01A")])) == [None, None]
    assert both.run(get_many(both.session, [CONTENTS, NOTE])) == [value, b"\x09\x01A"]
    results = both.run(invoke_many(both.session, [(TWICE, value), (TWICE, b"\x09\x01x")]))
    assert [data.parse(one) for one in results] == [LONG[:1000] * 2, b"xx"]


def test_access_does_three_things_at_once():
    both = Both().opened()
    items = [(AccessSet(NOTE), b"\x09\x01A"), (AccessGet(NOTE), b"\0"), (AccessAction(PRESS), b"\x0f\x00")]
    assert both.run(access(both.session, items)) == [(0, b"\0"), (0, b"\x09\x01A"), (0, b"\0")]
    failing = [(AccessGet(KEY), b"\0"), (AccessAction(PRESS), b"\x0f\x00")]
    results = both.run(access(both.session, failing, break_on_error=True, self_descriptive=True))
    assert results[0][0] == 3
    assert results[1][0] != 0
    assert both.meter.gauge.happened == 1


def test_unconfirmed_services_do_what_they_say():
    both = Both().opened()
    both.run(set_octets(both.session, NOTE, b"\x09\x01A", unconfirmed=True))
    both.run(invoke_octets(both.session, PRESS, b"\x0f\x00", unconfirmed=True))
    assert (both.meter.gauge.note, both.meter.gauge.presses) == (b"A", 1)


# --- short names ---


def short(**more):
    meter = {key: more.pop(key) for key in ("pdu",) if key in more}
    settings = {"context": ApplicationContext.short_names, "client": SHORT}
    return Both(Meter(**meter), **settings, **more).opened().named()


def test_short_names_do_the_same():
    both = short()
    assert both.run(get(both.session, GAUGE, Gauge.note)) == b"kWh"
    both.run(set_attribute(both.session, GAUGE, Gauge.note, b"MWh"))
    assert both.run(get_many(both.session, [VALUE, NOTE])) == [bytes.fromhex("0600001391"), b"\x09\x03MWh"]
    assert both.run(get_value(both.session, VALUE, SelectiveAccess(1, b"\x11\x05"))) == b"\x11\x05"
    both.run(set_octets(both.session, NOTE, b"\x09\x01A", unconfirmed=True))
    assert both.meter.gauge.note == b"A"
    with pytest.raises(AccessError, match="read-write-denied"):
        both.run(get_octets(both.session, KEY))


def test_short_names_of_methods():
    both = short()
    with pytest.raises(LocalError, match="is not known"):
        both.run(invoke_octets(both.session, PRESS, b"\x0f\x00"))


@pytest.mark.parametrize("pdu", [40, 128, 1024])
def test_long_values_by_short_names(pdu):
    both = short(pdu=pdu, max_receive_pdu=pdu)
    value = LONG[: 2000 if pdu == 40 else 30_000]
    both.run(set_attribute(both.session, STORE, Store.contents, value))
    assert both.meter.store.contents == value
    assert both.run(get(both.session, STORE, Store.contents)) == value
    found, note = both.run(get_many(both.session, [CONTENTS, NOTE]))
    assert (data.parse(found), data.parse(note)) == (value, b"kWh")


# --- a carrier that loses, doubles and delays ---


TROUBLE = [(0.1, 0, 0), (0, 0.3, 0), (0, 0, 0.2), (0.1, 0.2, 0.1)]


@pytest.mark.parametrize("seed", range(60))
def test_datagrams_bring_the_right_result_or_one_clear_error(seed):
    """Lost, doubled and late datagrams: what comes back is right, and what is done is done once."""
    lose, double, late = TROUBLE[seed % 4]
    meter = Meter(pdu=60, datagrams=True, repeat_window=60)
    both = Both(meter, lose=lose, double=double, late=late, seed=seed, max_receive_pdu=60, repeats=4)
    value, done, got = LONG[seed : seed + 400], 0, []
    try:
        both.opened()
        both.run(set_attribute(both.session, STORE, Store.contents, value))
        for _ in range(3):
            got.append(both.run(get(both.session, STORE, Store.contents)))
            both.run(invoke(both.session, GAUGE, Gauge.press, 0))
            done += 1
        got.append(both.run(invoke(both.session, GAUGE, Gauge.twice, value))[:400])
    except (LinkTimeout, AccessError, ServiceRefused, DecodeError) as error:
        failed = error
    else:
        failed = None
    assert got == [value] * len(got)
    assert meter.gauge.presses in (done, done + (failed is not None))
    if not late and not lose:
        assert failed is None


@pytest.mark.parametrize("seed", range(20))
def test_general_blocks_over_a_line_that_loses_them(seed):
    """Four bursts in a row do not get lost with these seeds."""
    meter = Meter(pdu=60, datagrams=True)
    both = Both(meter, max_receive_pdu=60, repeats=4, general_blocks=True, seed=seed).opened()
    both.lose = 0.05
    meter.store.contents = LONG[seed : seed + 1000]
    assert both.run(get(both.session, STORE, Store.contents)) == LONG[seed : seed + 1000]


def test_several_clients_on_one_line():
    meter = Meter(pdu=60)
    clients = [Both(meter), Both(meter, LOW, mechanism=Mechanism.low_level, secret=PASSWORD)]
    for one in clients:
        one.opened()
    meter.store.contents = LONG[:500]
    talks = [(one, get_octets(one.session, CONTENTS)) for one in clients]
    sent = {one: next(talk) for one, talk in talks}
    got = {}
    while len(got) < 2:
        for one, talk in talks:
            if one not in got:
                (answer,) = meter.send(sent[one], one.session.settings.client)
                try:
                    sent[one] = talk.send(answer)
                except StopIteration as end:
                    got[one] = data.parse(end.value)
    assert list(got.values()) == [LONG[:500]] * 2
