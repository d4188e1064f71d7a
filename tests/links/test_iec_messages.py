"""One message of IEC 62056-21 at a time, both ways."""

import re
from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.links.iec_messages import (
    Acknowledge,
    Command,
    Data,
    Identification,
    OptionSelect,
    Repeat,
    Request,
    block_check,
    decode,
    seven_bits,
    with_check,
)
from shared import vectors

TEXT = st.text("".join(map(chr, range(0x20, 0x7F))), max_size=30).map(str.encode)
MESSAGES = st.one_of(
    st.builds(Request, st.text("0123456789", max_size=32)),
    st.builds(
        Identification, st.sampled_from(["ANY", "LGz"]), st.sampled_from("05AX"), st.text("\\2ABC 1", max_size=16)
    ),
    st.builds(OptionSelect, st.sampled_from("012"), st.sampled_from("0459"), st.sampled_from("0126")),
    st.just(Acknowledge()),
    st.just(Repeat()),
    st.builds(Command, st.sampled_from("PWREB"), st.sampled_from("012345"), st.none() | TEXT, st.booleans()),
    st.builds(Data, TEXT, st.booleans()),
)


# Source: IEC 62056-21, messages and their octets; the break's check character is printed there.
@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"/?!\r\n", Request()),
        (b"/?00012345!\r\n", Request("00012345")),
        (b"/ANY5\\2METER\r\n", Identification("ANY", "5", "\\2METER")),
        (b"/ANY M1\r\n", Identification("ANY", " ", "M1")),
        (b"\x06050\r\n", OptionSelect("0", "5", "0")),
        (b"\x06252\r\n", OptionSelect("2", "5", "2")),
        (b"\x06", Acknowledge()),
        (b"\x15", Repeat()),
        (b"\x01B0\x03\x71", Command("B", "0")),
        (b"\x01P0\x02()\x03\x60", Command("P", "0", b"()")),
        (b"\x02(ER01)\x03\x14", Data(b"(ER01)")),
    ],
)
def test_messages(octets, message):
    assert decode(octets) == (message, len(octets))
    assert message.encode() == octets


@given(MESSAGES)
def test_round_trip(message):
    octets = message.encode()
    assert decode(b"?" + octets + b"\r\n", 1) == (message, len(octets) + 1)


@pytest.mark.parametrize("v", vectors("iec62056_21.jsonl", where=lambda v: "protocol-bcc" in v["id"]))
def test_check_characters_that_others_assert(v):
    blocks = [bytes.fromhex(x) for x in re.findall(r'fromhex\("([0-9a-f]+)"\)', v["expect_raw"])]
    texts = re.findall(r'data = b"([^"]+)"', v["expect_raw"])
    blocks += [t.encode().decode("unicode_escape").encode("latin-1") for t in texts]
    assert len(blocks) >= 2
    for block in blocks:
        assert block_check(block[1:-1]) == block[-1]
        message, end = decode(block)
        assert (message.verified, end, message.encode()) == (True, len(block), block)


@given(st.binary(max_size=600))
def test_the_check_is_an_exclusive_or(octets):
    assert block_check(octets) == reduce(xor, octets, 0) & 0x7F


def test_a_wrong_check_names_both_values():
    with pytest.raises(DecodeError, match="72 received, 71 computed") as e:
        decode(b"\x01B0\x03\x72")
    assert e.value.at == 4


@given(TEXT, st.integers(0, 6), st.data())
def test_one_bit_changed_is_noticed(text, bit, data):
    block = bytearray(with_check(b"\x02" + text))
    at = data.draw(st.integers(1, len(block) - 1))
    block[at] ^= 1 << bit
    try:
        message, end = decode(bytes(block))
    except DecodeError:
        return
    # A changed end mark moves the end: the block is not verified, or does not reach its check character.
    assert end != len(block) or not message.verified


def test_without_the_last_octet_the_block_is_not_verified():
    message, end = decode(b"\x021.8.0(1)\x03")
    assert (message.verified, end) == (False, 10)


@pytest.mark.parametrize(
    "octets", [b"", b"x", b"/AN5\r\n", b"/ANY5METER", b"\x02abc", b"\x01b0\x03\x00", b"\x01R1\x02a(1)"]
)
def test_refused(octets):
    with pytest.raises(DecodeError):
        decode(octets)


def test_lines_that_lost_cr_still_fit_their_check():
    sent = with_check(b"\x021.8.0(1)\r\n!\r\n")
    for kept in (sent.replace(b"\r\n", b"\n"), sent.replace(b"\r", b"\n")):
        message, _ = decode(kept)
        assert message.verified


def test_what_an_identification_offers():
    c, b, a = (Identification("ANY", z, "") for z in "5CX")
    assert (Identification("ANY", " ", "M1").mode, Identification("ANY", " ", "M1").baud) == ("A", 300)
    assert [(i.mode, i.baud) for i in (c, b, a)] == [("C", 9600), ("B", 2400), ("A", 300)]
    assert Identification("ANY", "5", "\\2X").mode == "E"
    assert [Identification(m, "0", "").reaction_time for m in ("ANY", "ANy")] == [0.2, 0.02]
    assert Identification("ISk", "5", "").flag == "ISK"


@given(st.binary(max_size=60).map(lambda b: bytes(c & 0x7F for c in b)))
def test_parity_bits_are_taken_off_when_all_octets_have_them(octets):
    even = bytes(c | 0x80 * (c.bit_count() % 2) for c in octets)
    assert seven_bits(even) == octets
    assert seven_bits(octets) == octets
    assert seven_bits(bytes(c | 0x80 for c in octets)) == octets


def test_a_foreign_letter_is_no_parity_bit():
    assert seven_bits(b"/FLU5\xab76") == b"/FLU5\xab76"


def test_a_check_belongs_to_a_block():
    with pytest.raises(LocalError):
        with_check(b"abc")


@given(st.binary(max_size=80))
def test_garbage_raises_only_our_error(octets):
    try:
        _, end = decode(octets)
    except DecodeError as error:
        refused = error
    else:
        assert 0 < end <= len(octets)
        return
    assert refused.why
    assert 0 <= refused.at <= len(octets)


# Source: IEC 62056-21, baud rate identification.
@pytest.mark.parametrize(
    ("mark", "mode", "baud"),
    [
        ("A", "B", 600), ("B", "B", 1200), ("C", "B", 2400), ("D", "B", 4800), ("E", "B", 9600), ("F", "B", 19200),
        ("0", "C", 300), ("1", "C", 600), ("2", "C", 1200), ("3", "C", 2400), ("4", "C", 4800), ("5", "C", 9600),
        ("6", "C", 19200), ("G", "A", 300), ("a", "A", 300), ("9", "A", 300), ("~", "A", 300),
    ],
)  # fmt: skip
def test_every_speed_mark(mark, mode, baud):
    who = Identification("ANY", mark, "METER")
    assert (who.mode, who.baud) == (mode, baud)
    assert decode(who.encode()) == (who, len(who.encode()))


@pytest.mark.parametrize(("letters", "seconds"), [("ANY", 0.2), ("ANy", 0.02), ("any", 0.02), ("AnY", 0.2)])
def test_the_third_letter_tells_the_reaction_time(letters, seconds):
    who = Identification(letters, "5", "")
    assert (who.reaction_time, who.flag) == (seconds, "ANY")


@pytest.mark.parametrize(
    ("text", "mode"), [("\\2METER", "E"), ("\\2", "E"), ("\\@\\2X", "E"), ("METER\\2", "C"), ("\\3X", "C")]
)
def test_hdlc_is_offered_before_the_text(text, mode):
    assert Identification("ANY", "5", text).mode == mode
    assert Identification("ANY", "A", text).mode == "B"


# Source: IEC 62056-21, programming mode; check characters exclusive-ored by hand.
@pytest.mark.parametrize(
    ("octets", "command"),
    [
        (b"\x01B0\x03\x71", Command("B", "0")),
        (b"\x01P0\x02(1234)\x03\x64", Command("P", "0", b"(1234)")),
        (b"\x01R1\x021.8.0()\x03\x5a", Command("R", "1", b"1.8.0()")),
        (b"\x01W3\x02(A)\x04\x22", Command("W", "3", b"(A)", partial=True)),
    ],
)
def test_commands(octets, command):
    assert reduce(xor, octets[1:-1]) == octets[-1]
    assert decode(octets) == (command, len(octets))
    assert command.encode() == octets


@pytest.mark.parametrize("bit", range(7))
def test_every_bit_of_the_check_character_counts(bit):
    block = bytearray(Data(b"1.8.0(1)").encode())
    assert decode(bytes(block))[0].verified
    block[-1] ^= 1 << bit
    with pytest.raises(DecodeError, match="wrong block check character") as caught:
        decode(bytes(block))
    assert caught.value.at == len(block) - 1


@given(st.binary(max_size=70))
def test_folding_halves_is_the_exclusive_or_of_all(octets):
    assert block_check(octets) == reduce(xor, octets, 0) & 0x7F
