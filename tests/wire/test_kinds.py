"""Field kinds by themselves: what they read, refuse and say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.wire.fields import Field
from anymeter.wire.kinds import (
    MOST,
    Choice,
    Counted,
    Delimited,
    Empty,
    Fixed,
    Flags,
    IfLeft,
    Kind,
    Many,
    Presence,
    Tail,
    Variant,
    in_words,
)


def skip_toy(buf, at):
    if at + 1 >= len(buf):
        raise DecodeError("no toy", at=at)
    if buf[at] == 1:
        return at + 2
    if buf[at] == 2:
        return at + 2 + buf[at + 1]
    raise DecodeError("no toy", at=at)


TOY = Delimited(skip_toy, lambda buf, at: [Field(at, buf[at : skip_toy(buf, at)], "toy")])
BOTH_WAYS = [
    (Fixed("B"), 5, "05"),
    (Fixed("h"), -2, "FFFE"),
    (Fixed("?"), True, "01"),
    (Fixed("3s"), b"abc", "616263"),
    (Counted(), b"ab", "026162"),
    (Counted(), bytes(200), "81C8" + "00" * 200),
    (Tail(), b"abc", "616263"),
    (TOY, b"\x02\x01a", "020161"),
    (Empty(), None, ""),
    (Presence(Fixed("B")), None, "00"),
    (Presence(Fixed("B")), 5, "0105"),
    (Presence(Fixed("?"), default=True), True, "00"),
    (Presence(Fixed("?"), default=True), False, "0100"),
    (IfLeft(Fixed("B")), 5, "05"),
    (Many(Fixed("B")), (1, 2, 3), "03010203"),
    (Many(Many(Fixed("B"))), ((1,), ()), "02010100"),
    (Choice({4: Fixed("B"), 9: Counted()}), b"ab", "09026162"),
    (Flags(), (), ""),
]


@pytest.mark.parametrize(("kind", "value", "octets"), BOTH_WAYS)
def test_both_ways(kind, value, octets):
    message = bytes.fromhex(octets)
    assert kind.write(value) == message
    assert kind.read(b"\xee" + message, 1) == (value, 1 + len(message))
    assert kind.least <= len(message)


@pytest.mark.parametrize(("kind", "value", "octets"), BOTH_WAYS)
def test_rows_end_where_the_value_ends(kind, value, octets):
    message = bytes.fromhex(octets)
    rows, end = kind.rows("field", message, 0, 3)
    assert end == len(message)
    assert sum(len(row.octets) for row in rows if row.depth == 3) <= len(message)
    assert all(row.depth >= 3 for row in rows)


@pytest.mark.parametrize(("kind", "value", "octets"), [case for case in BOTH_WAYS if case[2]])
def test_every_truncation_is_an_error_that_is_named(kind, value, octets):
    message = bytes.fromhex(octets)
    if isinstance(kind, Tail | IfLeft):
        return
    for keep in range(len(message)):
        with pytest.raises(DecodeError):
            kind.read(message[:keep], 0)
        with pytest.raises(DecodeError) as caught:
            kind.rows("field", message[:keep], 0, 0)
        assert caught.value.what.startswith("field")


def test_kinds_do_their_own_work():
    with pytest.raises(NotImplementedError):
        Kind().read(b"", 0)
    with pytest.raises(NotImplementedError):
        Kind().write(None)


def test_sizes_are_those_that_do_not_change():
    sizes = TOY.sizes
    assert (sizes[0], sizes[1], sizes[2]) == (0, 2, 0)
    assert len(sizes) == 256


def test_a_delimited_value_may_not_run_past_the_end():
    with pytest.raises(DecodeError, match="the value runs past the end"):
        TOY.read(b"\x02\x05a", 0)


def test_a_choice_names_what_it_knows():
    kind = Choice({4: Fixed("B"), 9: Counted()}, {4: "number"})
    with pytest.raises(DecodeError, match="choice 5 is none of 4, 9"):
        kind.read(b"\x05\x00", 0)
    assert [row.meaning for row in kind.rows("x", b"\x04\x07", 0, 0)[0]] == ["number", "7"]
    with pytest.raises(LocalError, match="float is none of the alternatives"):
        kind.write(1.5)


@pytest.mark.parametrize("octet", [2, 0x0C, 0xFF])
def test_a_presence_octet_is_0_or_1(octet):
    with pytest.raises(DecodeError, match=f"not {octet:02X}"):
        Presence(Fixed("B")).read(bytes((octet, 0)), 0)


def test_what_is_absent_says_what_stands_for_it():
    assert Presence(Fixed("?"), default=True).rows("allowed", b"\0", 0, 0)[0][0].meaning == "absent, so true"
    assert Presence(Fixed("B")).rows("maybe", b"\0", 0, 0)[0][0].meaning == "absent"


def test_a_list_is_bounded():
    kind = Many(Fixed("B"))
    assert len(kind.read(b"\x82\x02\x00" + bytes(MOST), 0)[0]) == MOST
    with pytest.raises(DecodeError, match=f"513 items are more than the {MOST}"):
        kind.read(b"\x82\x02\x01" + bytes(MOST + 1), 0)
    with pytest.raises(LocalError, match="513 items"):
        kind.write(range(MOST + 1))


def test_a_count_is_checked_against_the_least_of_an_item():
    with pytest.raises(DecodeError, match="3 items are announced, 11 octets are left"):
        Many(Fixed("I")).read(b"\x03" + bytes(11), 0)


def test_a_variant_reads_and_writes_its_own_form():
    kind = Variant(lambda buf, at: (buf[at], at + 1, "odd"), lambda value, quirks: bytes((value, len(quirks))))
    assert kind.read(b"\x05", 0) == (5, 1)
    assert kind.write(5) == b"\x05\x00"


@pytest.mark.parametrize(("value", "words"), [(b"ab", "2 octets"), (True, "true"), (5, "5"), (None, "None")])
def test_words_for_what_has_no_meaning(value, words):
    assert in_words(value) == words


@given(st.binary(max_size=30))
def test_garbage(raw):
    for kind, _, _ in BOTH_WAYS:
        try:
            _, end = kind.read(raw, 0)
        except DecodeError:
            continue
        assert end <= len(raw)
        assert kind.rows("x", raw, 0, 0)[1] == end
