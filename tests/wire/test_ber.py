"""BER: tags, long lengths, elements in any order, unknown ones, and what is refused."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.wire import pdu
from anymeter.wire.ber import MOST_ELEMENTS, SHORT_LENGTH, Element, Elements, Integer, elements_of, tlv, tlv_at


@pdu(0x6F)
class Message(Elements, frozen=True, kw_only=True):
    """A message: with one element it must have."""

    name: Annotated[bytes, Element(0xA1, 0x06)]
    number: Annotated[int | None, Integer(0xA2, 0x02)] = None
    deep: Annotated[bytes | None, Element(0xA3, 0xA4, 0xA5, 0x04)] = None
    others: tuple[bytes, ...] = ()
    quirks: tuple[str, ...] = ()


WHOLE = bytes.fromhex("6F 14 A1 04 06 02 4142 A2 03 02 01 FF A3 07 A4 05 A5 03 04 01 5A")
VALUE = Message(name=b"AB", number=-1, deep=b"Z")


def test_both_ways():
    assert len(WHOLE) == 22
    assert Message.parse(WHOLE) == VALUE
    assert VALUE.encode() == WHOLE
    assert Message.decode(b"zz" + WHOLE, 2) == (VALUE, 24)


def test_elements_in_any_order_and_unknown_ones_are_kept():
    octets = tlv(0x6F, bytes.fromhex("A2 03 02 01 FF 9F8101 01 33 A1 04 06 02 4142 85 00"))
    decoded = Message.parse(octets)
    assert (decoded.name, decoded.number) == (b"AB", -1)
    assert decoded.others == (bytes.fromhex("9F81010133"), bytes.fromhex("8500"))
    assert Message.parse(decoded.encode()) == decoded


def test_long_lengths_are_read():
    octets = bytes.fromhex("6F 82000A A1 8107 06 83000002 4142")
    decoded = Message.parse(octets)
    assert decoded.name == b"AB"


@pytest.mark.parametrize("n", [0, 1, -1, 127, 128, -128, -129, 255, 32767, -32768, 2**31])
def test_integers_take_the_fewest_octets(n):
    element = Integer(0x02)
    octets = element.write(n)
    assert element.read(octets, 2, len(octets)) == n
    assert len(octets) - 2 == max((n + (n < 0)).bit_length() // 8 + 1, 1)


ERRORS = {
    "": "begins with nothing, not 6f",
    "60 00": "begins with 60, not 6f",
    "6F": "the element has no length",
    "6F 05 A1": "5 octets are announced, 1 are left",
    "6F 80 0000": "indefinite",
    "6F 00": "the element is missing",
    "6F 06 A1 04 06 03 4142": "3 octets are announced, 2 are left",
    "6F 06 A1 04 04 02 4142": "tag 04 stands where 06 should",
    "6F 07 A1 05 06 02 4142 00": "1 octets are left over inside the element",
    "6F 0C A1 04 06 02 4142 A1 04 06 02 4142": "the element stands twice",
    "6F 0A A1 04 06 02 4142 A2 02 02 00": "an integer of 0 octets",
    "6F 02 9F 81": "the element has no length",
}


@pytest.mark.parametrize(("octets", "why"), ERRORS.items())
def test_errors_say_why_and_where(octets, why):
    with pytest.raises(DecodeError, match=why) as caught:
        Message.parse(bytes.fromhex(octets))
    assert caught.value.at is not None
    assert caught.value.what.startswith("Message")


@pytest.mark.parametrize("keep", range(22))
def test_every_truncation_is_an_error(keep):
    with pytest.raises(DecodeError):
        Message.parse(WHOLE[:keep])


def test_an_outer_length_that_is_too_short_is_told():
    octets = WHOLE[:1] + b"\x06" + WHOLE[2:]
    assert Message.parse(octets).quirks == (SHORT_LENGTH,)
    assert Message.parse(octets).number == -1
    with pytest.raises(DecodeError, match="left over"):
        Message.parse(WHOLE + b"\x85\x00")


def test_too_many_elements():
    with pytest.raises(DecodeError, match=f"more than {MOST_ELEMENTS} elements"):
        Message.parse(tlv(0x6F, b"\x85\x00" * (MOST_ELEMENTS + 1)))


def test_values_that_do_not_fit_are_our_mistake():
    with pytest.raises(LocalError, match=r"Message\.number cannot be encoded"):
        Message(name=b"A", number="one").encode()


def test_explain_names_every_element():
    rows = Message.explain(WHOLE)
    assert [(row.name, row.at, row.depth) for row in rows] == [
        ("Message", 0, 0), ("name", 2, 1), ("number", 8, 1), ("deep", 13, 1),
    ]  # fmt: skip
    assert rows[0].meaning == "A message"
    unknown = Message.explain(tlv(0x6F, bytes.fromhex("A1 04 06 02 4142 8500")))[-1]
    assert (unknown.name, unknown.meaning) == ("element 85", "unknown")


def test_an_integer_that_means_nothing_is_refused():
    def small(n):
        if n > 3:
            raise ValueError
        return n

    element = Integer(0x02, make=small)
    assert element.value(b"\x03", 0) == 3
    with pytest.raises(DecodeError, match="4 is out of range"):
        element.value(b"\x04", 0)
    with pytest.raises(DecodeError, match="an integer of 9 octets"):
        element.value(bytes(9), 0)


def test_tags_of_several_octets():
    assert tlv_at(bytes.fromhex("5F1F 02 4142"), 0, 5) == (b"\x5f\x1f", 3, 5)
    assert tlv_at(bytes.fromhex("5F8101 00"), 0, 4) == (b"\x5f\x81\x01", 4, 4)


def test_declared_elements_are_found_by_name():
    assert list(elements_of(Message)) == ["name", "number", "deep"]


@given(st.binary(max_size=60))
def test_garbage(raw):
    for message in (raw, b"\x6f" + raw, WHOLE[:9] + raw, tlv(0x6F, raw)):
        try:
            decoded, end = Message.decode(message)
        except DecodeError:
            continue
        assert end <= len(message)
        assert Message.explain(message)
        assert Message.parse(decoded.encode()).name == decoded.name
