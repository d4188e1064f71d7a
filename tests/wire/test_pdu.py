"""The compiler: every field kind both ways, and that the generated code and the kinds agree."""

import inspect
import linecache
import subprocess
import sys
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.errors import DecodeError, LocalError
from anymeter.wire import I8, I16, U8, U16, U32, Octets, Quirks, Rest, Wire, pdu
from anymeter.wire.kinds import Choice, Counted, Delimited, Empty, Fixed, IfLeft, Many, Presence, Variant
from anymeter.wire.pdu import Nested, fields_of, kind_of, summary


@pdu()
class Point(Wire, frozen=True):
    """A point: two numbers."""

    x: U8
    y: I16


@pdu(1)
class One(Wire, frozen=True):
    """First alternative."""

    x: U8


@pdu(2)
class Two(Wire, frozen=True):
    """Second alternative."""

    text: Octets


def skip_one(buf, at):
    """A toy encoding: 1 and an octet, or 2, a length and octets."""
    if at >= len(buf) or buf[at] not in (1, 2) or at + 1 >= len(buf):
        raise DecodeError("no toy value", at=at)
    return at + 2 if buf[at] == 1 else at + 2 + buf[at + 1]


TOY = Delimited(skip_one, lambda buf, at: [])


def parse_odd(buf, at):
    if at >= len(buf):
        raise DecodeError("nothing", at=at)
    return (buf[at] & 0x7F, at + 1, "high-bit" if buf[at] & 0x80 else "")


ODD = Variant(parse_odd, lambda value, quirks: bytes((value | (0x80 if "high-bit" in quirks else 0),)))


@pdu(0xAA, 0xBB)
class Everything(Wire, frozen=True):
    """Everything there is; with a tail."""

    a: U8
    b: U16
    c: U32
    d: I8
    flag: bool
    point: Point
    four: Annotated[bytes, Fixed("4s")]
    text: Octets
    maybe: U16 | None
    usual: Annotated[bool, Presence(Fixed("?"), default=True)]
    points: tuple[Point, ...]
    choice: One | Two
    maybe_list: tuple[U8, ...] | None
    toy: Annotated[bytes, TOY]
    toy_or_number: Annotated[bytes | int | None, Choice({0: TOY, 1: Fixed("B"), 2: Empty()})]
    odd: Annotated[int, ODD]
    rest: Rest
    quirks: Quirks = ()


VALUE = Everything(
    1, 2, 3, -4, True, Point(5, -6), b"four", b"text", None, True, (Point(7, 8), Point(9, 10)), Two(b"two"), (1, 2),
    b"\x02\x01z", 7, 0x11, b"rest",
)  # fmt: skip
OCTETS = bytes.fromhex(
    "AABB 01 0002 00000003 FC 01 05FFFA 666F7572 0474657874 00 00 02 070008 09000A 02 0374776F 01 02 0102 02017A"
    "01 07 11 72657374"
)


def test_everything_both_ways():
    assert VALUE.encode() == OCTETS
    assert Everything.parse(OCTETS) == VALUE
    assert Everything.decode(b"zz" + OCTETS, 2) == (VALUE, 2 + len(OCTETS))


def test_values_are_immutable_and_compare():
    with pytest.raises(AttributeError):
        VALUE.a = 2
    assert hash(Point(1, 2)) == hash(Point(1, 2))
    assert Point(1, 2) != Point(2, 1)


def test_explain_covers_every_octet_in_order():
    rows = Everything.explain(OCTETS)
    at = 0
    for row in rows:
        assert OCTETS[row.at : row.at + len(row.octets)] == row.octets
        assert row.at <= at
        at = max(at, row.at + len(row.octets))
    assert at == len(OCTETS)
    assert [row.name for row in rows][:5] == ["Everything", "a", "b", "c", "d"]
    assert rows[0].meaning == "Everything there is"
    assert {row.name: row.depth for row in rows}["y"] == 2


@pytest.mark.parametrize("keep", range(len(OCTETS) - 4))
def test_every_truncation_names_class_and_field(keep):
    with pytest.raises(DecodeError) as caught:
        Everything.parse(OCTETS[:keep])
    assert caught.value.what.startswith("Everything")
    assert caught.value.at <= keep


def test_another_head_is_told():
    with pytest.raises(DecodeError, match="begins with aabc, not aabb"):
        Everything.parse(b"\xaa\xbc" + OCTETS[2:])
    with pytest.raises(DecodeError, match="begins with nothing"):
        Everything.explain(b"")


def test_octets_left_over_are_told():
    with pytest.raises(DecodeError, match="Point at octet 3: 1 octets are left over"):
        Point.parse(b"\1\2\3\4")


@pytest.mark.parametrize(("octet", "value"), [("00", False), ("01", True), ("FF", True)])
def test_any_octet_but_zero_is_true(octet, value):
    changed = OCTETS[:10] + bytes.fromhex(octet) + OCTETS[11:]
    assert Everything.parse(changed).flag is value


def test_a_default_is_written_as_absent_and_other_values_as_present():
    values = {name: getattr(VALUE, name) for name in VALUE.__struct_fields__}
    other = Everything(**(values | {"usual": False, "maybe": 0x1234}))
    assert bytes.fromhex("0474657874 01 1234 01 00") in other.encode()
    assert Everything.parse(other.encode()) == other


def test_a_quirk_is_told_and_written_again():
    changed = OCTETS[:-5] + b"\x91rest"
    value = Everything.parse(changed)
    assert (value.odd, value.quirks) == (0x11, ("high-bit",))
    assert value.encode() == changed


@pytest.mark.parametrize("choice", [b"\x00\x01\x05", b"\x01\x05", b"\x02"])
def test_each_alternative_of_a_choice(choice):
    value, end = Choice({0: TOY, 1: Fixed("B"), 2: Empty()}).read(choice, 0)
    assert end == len(choice)
    assert Choice({0: TOY, 1: Fixed("B"), 2: Empty()}).write(value) == choice


def test_a_choice_among_pdus_is_written_by_class():
    kind = kind_of(One | Two)
    assert kind.write(One(5)) == b"\x01\x05"
    assert kind.read(b"\x02\x01a", 0) == (Two(b"a"), 3)
    with pytest.raises(LocalError, match="none of the alternatives"):
        kind.write(Point(1, 2))


@pytest.mark.parametrize(
    "wrong",
    [
        Point(256, 0),
        Point(-1, 0),
        Point(0, 1 << 15),
        Point("a", 0),
        Point(None, 0),
    ],
)
def test_values_that_do_not_fit_are_our_mistake(wrong):
    with pytest.raises(LocalError, match="Point cannot be encoded"):
        wrong.encode()


def test_fixed_octets_are_neither_padded_nor_cut():
    @pdu()
    class Four(Wire, frozen=True):
        octets: Annotated[bytes, Fixed("4s")]

    Four.__annotations__["octets"] = Annotated[bytes, Fixed("4s")]
    for octets in (b"abc", b"abcde"):
        with pytest.raises(LocalError, match="octets takes 4 octets"):
            Four(octets).encode()
        with pytest.raises(LocalError, match="4 octets are needed, not"):
            Fixed("4s").write(octets)
    assert Four(b"abcd").encode() == b"abcd"


def test_the_source_can_be_seen():
    Point.decode(b"\1\2\3")
    assert "def decode" in inspect.getsource(Point.decode)
    assert any(name == "<anymeter pdu Point>" for name in linecache.cache)


def test_nothing_is_compiled_before_it_is_used():
    program = (
        "import linecache, anymeter.dlms.apdu as apdu;"
        "compiled = lambda: [name for name in linecache.cache if 'anymeter pdu' in name];"
        "print(compiled()); apdu.decode(bytes.fromhex('C501C100')); print(compiled())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['<anymeter pdu SetResponseNormal>']"]


def test_kinds_of_annotations():
    kinds = {name: type(kind) for name, kind in fields_of(Everything)}
    assert kinds["text"] is Counted
    assert kinds["maybe"] is Presence
    assert kinds["points"] is Many
    assert kinds["choice"] is Choice
    assert kinds["point"] is Nested
    with pytest.raises(LocalError, match="is not a field of a PDU"):
        kind_of(dict)


def test_the_summary_is_the_first_words_of_the_docstring():
    assert summary(Point) == "A point"
    assert summary(int) != ""


def test_a_field_that_may_be_left_out_at_the_end():
    kind = IfLeft(Fixed("I"))
    assert kind.read(b"", 0) == (None, 0)
    assert kind.read(b"\0\0\0\1", 0) == (1, 4)
    assert kind.write(None) == b""
    with pytest.raises(DecodeError, match="4 octets are needed, 1 are left"):
        kind.read(b"\0", 0)


@given(st.binary(max_size=60))
def test_generated_code_and_kinds_agree_on_garbage(raw):
    for message in (raw, OCTETS[:2] + raw, OCTETS[:20] + raw, OCTETS[:40] + raw):
        try:
            value, end = Everything.decode(message)
        except DecodeError:
            with pytest.raises(DecodeError):
                Everything.explain(message)
            continue
        assert Everything.parse(value.encode()) == value
        assert sum(len(row.octets) for row in Everything.explain(message)) >= end


@given(
    st.builds(
        Everything,
        st.integers(0, 255),
        st.integers(0, 65535),
        st.integers(0, 2**32 - 1),
        st.integers(-128, 127),
        st.booleans(),
        st.builds(Point, st.integers(0, 255), st.integers(-(2**15), 2**15 - 1)),
        st.binary(min_size=4, max_size=4),
        st.binary(max_size=300),
        st.none() | st.integers(0, 65535),
        st.booleans(),
        st.lists(st.builds(Point, st.integers(0, 255), st.just(0)), max_size=200).map(tuple),
        st.builds(One, st.integers(0, 255)) | st.builds(Two, st.binary(max_size=200)),
        st.none() | st.lists(st.integers(0, 255), max_size=200).map(tuple),
        st.binary(max_size=100).map(lambda octets: bytes((2, len(octets))) + octets),
        st.none() | st.integers(0, 255) | st.just(b"\x01\x05"),
        st.integers(0, 127),
        st.binary(max_size=20),
        st.sampled_from([(), ("high-bit",)]),
    )
)
def test_every_value_is_read_back(value):
    assert Everything.parse(value.encode()) == value
