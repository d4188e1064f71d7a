"""Hostile messages: truncated, of one octet, nested without end: our errors with their place, and little memory."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import message_cases as cases
from anymeter.decoding import Decoder, decode
from anymeter.decoding.form import error_form, message_form, to_json
from anymeter.decoding.recognise import PROTOCOLS
from anymeter.errors import AnymeterError, DecodeError, LocalError
from shared import REASON

STEPS = 40
"""So many truncations of a long shared message; short ones have them all."""
SIZE = 10_000
CONSTANT = 1 << 20
"""What tables and caches may take beside the ten octets for each octet of the message."""


def check(error, size=None):
    """An error of ours that says why, in what and where; the place is in a message of *size* octets, or behind it."""
    assert isinstance(error, AnymeterError)
    if isinstance(error, LocalError):
        assert str(error)
        return
    assert error.why
    assert error.what, error
    assert error.at is not None, error
    assert error.at >= 0
    assert size is None or error.at <= size + 1  # a flag may have been added behind


def feed(decoder, message):
    """Decode and explain; what goes wrong is checked, what goes right is written as JSON."""
    try:
        to_json(message_form(decoder.decode(message)))
    except AnymeterError as e:
        check(e, len(message))
        to_json(error_form(e, str(message)))
    try:
        fields, error = decoder.explain(message)
    except AnymeterError as e:
        check(e)
        return
    assert all(f.at >= 0 for f in fields)
    if error is not None:
        check(error)


@pytest.mark.parametrize("v", cases.params(cases.OWN))
def test_every_truncation_of_our_own(v):
    octets, decoder = cases.octets(v), cases.decoder(v)
    for stop in range(len(octets)):
        feed(decoder, octets[:stop])


CHECKED = ("mbus-wired", "wmbus-a", "wmbus-b", "wrapper", "p1", "general-glo-ciphering")
"""Links whose messages end where a length or a check says."""
IN_A_ROW = ("over the M-Bus transport layer", "blocks in a row")


@pytest.mark.parametrize(
    "v", cases.params([v for v in cases.GOOD if v["layers"][0] in CHECKED and not v["name"].endswith(IN_A_ROW)])
)
def test_every_truncation_is_an_error_where_a_length_or_a_check_tells(v):
    octets = cases.octets(v).rstrip(b"\r\n")
    protocol = "dlms" if v["layers"][0].startswith("general") else v["protocol"]
    protocol = "wrapper" if v["layers"][0] == "wrapper" else protocol
    for stop in range(len(octets)):
        with pytest.raises(DecodeError):
            Decoder(cases.ring(v), protocol=protocol).decode(octets[:stop])


@pytest.mark.parametrize("v", cases.params(cases.OWN))
def test_every_octet_of_our_own_changed(v):
    octets, decoder = cases.octets(v), cases.decoder(v)
    for at in range(len(octets)):
        for wrong in (0x00, 0xFF, octets[at] ^ 0x80):
            feed(decoder, octets[:at] + bytes((wrong,)) + octets[at + 1 :])


SHARED = list(cases.shared())
SHARES = 16


@pytest.mark.parametrize("share", range(SHARES))
def test_every_truncation_of_the_shared(share):
    if not SHARED:
        pytest.skip(REASON)
    for _, vector, octets in SHARED[share::SHARES]:
        decoder = cases.decoder(vector)
        step = max(1, len(octets) // STEPS)
        for stop in {*range(0, len(octets), step), *range(min(len(octets), 12)), max(0, len(octets) - 1), len(octets)}:
            feed(decoder, octets[:stop])


def test_the_shared_are_all_there():
    if not SHARED:
        pytest.skip(REASON)
    assert len(SHARED) > 700


COUNT = bytes.fromhex("0184FFFFFFFF")
NESTED = b"\x01\x01" * 5000
FILLS = [
    b"\x00", b"\xff", b"\x2f", b"\x68", b"\x7e", b"\x01", b"\x02", b"\x10", b"\x16", b"\x44", b"\x72", b"\x7a", b"\xe5",
    b"\xdb", b"\xe0", b"(", b")", b"/", b"!", b"0", b"9", b"\r\n", b"\x01\x01", b"\x02\x01", b"\x13\x00", b"\x0d\xe0",
    b"\x0d\xef", b"\x0d\xf6", b"\x0d\xbf", b"\x8f", b"\x8f\x80", b"\x0c\xfc", b"\x7c\xff", b"\xfb\xfb", b"\x1f",
    b"\x0f", b"\x60\x80", b"\x09\x84", b"1.8.0(", b"(1*kWh)", b"0-0:1.0.0(1)(2)\r\n", b"\x7e\xa0\x07",
    b"\x68\xff\xff\x68",
    b"\x00\x01\x00\x01\x00\x10\x00\x01", b"\x10\x40\x01\x41\x16", b"\xe0\x00\x00\x01\x00\x00\x01A", b"\x13\x02\x01",
]  # fmt: skip
HEADS = {
    "alone": b"",
    "data-notification": bytes.fromhex("0F0000000100"),
    "get-response": bytes.fromhex("C401C100"),
    "get-response-list": bytes.fromhex("C403C1"),
    "access-response": bytes.fromhex("DA00000001"),
    "aarq": bytes.fromhex("6084000030D4"),
    "aare": bytes.fromhex("6184000030D4"),
    "general-glo": bytes.fromhex("DB0000"),
    "wrapper": bytes.fromhex("00010001001027100F0000000100"),
    "hdlc": bytes.fromhex("7EA7FF0302"),
    "m-bus": bytes.fromhex("72785634122D2C010700000000"),
    "wireless": bytes.fromhex("FF442D2C785634120107780"[:22]) + b"\x78",
    "readout": b"/ABC5X\r\n\x02",
    "p1": b"/ABC5X\r\n\r\n",
}


@pytest.mark.parametrize("octets", [COUNT, bytes.fromhex("0F0000000100") + COUNT, bytes.fromhex("C401C100") + COUNT])
def test_a_count_of_four_thousand_millions(octets):
    for protocol in (None, "dlms"):
        with pytest.raises(DecodeError) as e:
            Decoder(protocol=protocol).decode(octets)
        check(e.value)


@pytest.mark.parametrize("head", [b"", bytes.fromhex("0F0000000100"), bytes.fromhex("C401C100")])
@pytest.mark.parametrize("end", [b"", b"\x00", b"\x01\x00"])
def test_five_thousand_arrays_in_each_other(head, end):
    feed(Decoder(), head + NESTED + end)
    with pytest.raises(DecodeError) as e:
        Decoder(protocol="dlms").decode(head + NESTED + end)
    check(e.value)


@pytest.mark.parametrize("head", HEADS)
def test_ten_thousand_octets_of_a_kind(head):
    for fill in FILLS:
        octets = (HEADS[head] + fill * SIZE)[:SIZE]
        feed(Decoder(), octets)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ten_thousand_octets_of_a_kind_read_as_any_protocol(protocol):
    for fill in FILLS:
        feed(Decoder(protocol=protocol), (fill * SIZE)[:SIZE])


def peak(message, protocol=None):
    """How many octets decoding takes at most."""
    decoder = Decoder(protocol=protocol)
    feed(Decoder(protocol=protocol), message[:100])
    tracemalloc.start()
    try:
        cases.attempt(decoder.decode, message)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("head", HEADS)
def test_memory_stays_in_proportion(head):
    worst = {}
    for fill in FILLS:
        octets = (HEADS[head] + fill * SIZE)[:SIZE]
        worst[fill] = peak(octets)
    over = {fill: used for fill, used in worst.items() if used > 10 * SIZE + CONSTANT}
    assert not over


@pytest.mark.parametrize("octets", [COUNT, NESTED, COUNT * 1000], ids=["count", "nested", "counts"])
def test_memory_of_counts_and_nests(octets):
    assert peak(octets, "dlms") <= 10 * len(octets) + CONSTANT


def test_a_decoder_that_hears_garbage_for_long_does_not_grow():
    decoder = Decoder()
    tracemalloc.start()
    try:
        for n in range(3000):
            feed(decoder, n.to_bytes(2, "big") * 50)
            if n == 1000:
                before = tracemalloc.get_traced_memory()[0]
        assert tracemalloc.get_traced_memory()[0] - before < 8 * CONSTANT
    finally:
        tracemalloc.stop()


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_octets(octets):
    feed(Decoder(), octets)


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text(text):
    feed(Decoder(), text)


@settings(max_examples=300)
@given(st.text("0123456789().*-:/!\r\n&kWhm3ABCF", max_size=200))
def test_any_readout(text):
    feed(Decoder(), text)


@settings(max_examples=400)
@given(st.sampled_from(PROTOCOLS), st.sampled_from(sorted(HEADS)), st.binary(max_size=200))
def test_any_octets_read_as_any_protocol(protocol, head, octets):
    feed(Decoder(protocol=protocol), octets)
    feed(Decoder(), HEADS[head] + octets)


@settings(max_examples=300)
@given(st.sampled_from(cases.OWN), st.data())
def test_our_own_with_octets_changed(vector, data):
    octets = bytearray(cases.octets(vector))
    for at in data.draw(st.lists(st.integers(0, len(octets) - 1), max_size=4)):
        octets[at] = data.draw(st.integers(0, 255))
    feed(cases.decoder(vector), bytes(octets))


@pytest.mark.parametrize("wrong", [None, 5, ["68"], object()])
def test_what_is_neither_octets_nor_text_is_the_callers_mistake(wrong):
    with pytest.raises((LocalError, TypeError)):
        decode(wrong)
