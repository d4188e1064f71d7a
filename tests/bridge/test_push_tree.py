"""Push lists as trees: the values, their octets and the departures seen in the field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.push_tree import (
    OPAQUE,
    Descriptor,
    Leaf,
    TooLargeError,
    descriptor_of,
    is_obis,
    moment_of,
    tree_at,
    tree_of,
)
from anymeter.cosem import data
from anymeter.cosem.datetimes import DateTime
from anymeter.errors import DecodeError
from anymeter.obis import Obis

ENERGY = Obis("1-0:1.8.0").octets


def octets(text):
    return bytes.fromhex(text)


def values(node):
    if isinstance(node, Leaf):
        return node.value
    return [values(n) for n in node] if isinstance(node, list) else tuple(values(n) for n in node)


def leaves(node):
    return [node] if isinstance(node, Leaf) else [leaf for n in node for leaf in leaves(n)]


def test_every_leaf_has_its_octets():
    raw = octets("0102 0202 1105 0A026869 0600000007")
    node, departs = tree_at(raw)
    assert values(node) == [(5, "hi"), 7]
    assert [leaf.raw.hex() for leaf in leaves(node)] == ["1105", "0a026869", "0600000007"]
    assert not departs


@pytest.mark.parametrize("raw", ["0600000001", "0100", "0200", "00", "020201001100", "0181020011", "09820001AA"])
def test_a_tree_holds_what_the_general_decoder_gives(raw):
    try:
        wanted = data.parse(octets(raw))
    except DecodeError:
        with pytest.raises(DecodeError):
            tree_at(octets(raw))
        return
    assert values(tree_at(octets(raw))[0]) == wanted
    assert values(tree_of(wanted)) == wanted


@given(st.binary(max_size=80))
def test_garbage_raises_only_our_error(raw):
    try:
        node, departs = tree_at(raw)
    except DecodeError:
        return
    assert departs or values(node) == data.parse(raw) or "nan" in str(values(node))


@pytest.mark.parametrize("raw", ["", "01", "0181", "0184FFFFFFFF", "0202", "02010609", "0500", "FE"])
def test_broken_lists(raw):
    with pytest.raises(DecodeError) as caught:
        tree_at(octets(raw))
    assert caught.value.at is not None


def test_depth_is_bounded():
    assert tree_at(b"\x01\x01" * 31 + b"\x00")
    with pytest.raises(DecodeError):
        tree_at(b"\x01\x01" * 33 + b"\x00")


def test_a_descriptor_without_tags():
    node, departs = tree_at(octets("0101 0202 0003") + ENERGY + octets("02 0600000008"))
    assert departs
    assert values(node) == [(Descriptor(3, Obis("1-0:1.8.0"), 2), 8)]
    assert leaves(node)[0].raw == octets("0003") + ENERGY + b"\x02"


@pytest.mark.parametrize("head", ["0000", "0103", "0003"])
def test_a_descriptor_of_another_form_is_an_error(head):
    attribute = "00" if head == "0003" else "02"
    with pytest.raises(DecodeError):
        tree_at(octets("0101 0202" + head) + ENERGY + octets(attribute + "0600000008"))


def test_tag_and_length_of_a_code_swapped():
    node, departs = tree_at(octets("0101 0203 0609") + ENERGY + octets("10FFFE 0202 0F00 161B"))
    assert departs
    assert values(node) == [(ENERGY, -2, (0, 27))]


def test_departures_are_tried_only_where_the_encoding_is_broken():
    node, departs = tree_at(octets("0202 0609000102 1103"))
    assert values(node) == (0x09000102, 3)
    assert not departs


@pytest.mark.parametrize(
    ("value", "is_code"),
    [
        (ENERGY, True),
        (bytes(6), True),
        (b"160456", False),
        (b"\x13" + bytes(5), False),
        (bytes(5), False),
        ("1-0:1", False),
    ],
)
def test_codes_are_told_from_text(value, is_code):
    assert is_obis(value) is is_code


def test_descriptors_of_nine_octets():
    assert descriptor_of(octets("0003") + ENERGY + b"\x02") == Descriptor(3, Obis("1-0:1.8.0"), 2)
    for wrong in (b"", b"123456789", octets("0003") + ENERGY, octets("0003") + ENERGY + b"\xff"):
        assert descriptor_of(wrong) is None


@pytest.mark.parametrize(
    ("raw", "is_moment"),
    [
        ("07E80510050C1E00FF800000", True),
        ("FFFFFFFFFFFFFFFFFFFFFFFF", True),
        ("FFFFFE0307020000FF8000FF", True),
        ("313831323230303030303432", False),
        ("000000000000000000000000", False),
        ("07E80D10050C1E00FF800000", False),
        ("07E80520050C1E00FF800000", False),
        ("07E8051008 0C1E00FF800000", False),
        ("07E8051005181E00FF800000", False),
        ("07E80510050C3C00FF800000", False),
        ("07E80510050C1E3CFF800000", False),
        ("07E80510050C1E00FF8000", False),
    ],
)
def test_date_times_are_told_from_other_octets(raw, is_moment):
    assert (moment_of(octets(raw)) is not None) is is_moment


def test_a_date_time_is_one_whatever_it_holds():
    odd = DateTime(bytes(12))
    assert moment_of(odd) is odd
    assert moment_of("2024") is None


@pytest.mark.parametrize("count", [64, 65])
def test_many_elements_without_a_name_are_one_value(count):
    raw = b"\x01" + bytes((count,)) + b"\x11\x05" * count
    node, _ = tree_at(raw)
    if count == 64:
        assert values(node) == [5] * 64
        return
    assert (node.value, node.raw) == (OPAQUE, raw)


@pytest.mark.parametrize(
    "name",
    [b"\x09\x06" + ENERGY, b"\x09\x09\x00\x03" + ENERGY + b"\x02", b"\x02\x02\x09\x06" + ENERGY + b"\x11\x05"],
)
def test_many_elements_with_a_name_are_looked_into(name):
    node, _ = tree_at(b"\x01\x50" + b"\x11\x05" * 79 + name)
    assert len(node) == 80
    assert values(node)[:79] == [5] * 79


def test_text_is_no_name():
    """Six octets that begin above the media are text: nothing in such a list has a name."""
    raw = b"\x01\x50" + b"\x09\x06abcdef" * 80
    assert tree_at(raw)[0].value is OPAQUE


def test_a_broken_list_without_names_is_broken_where_it_breaks():
    raw = b"\x01\x50" + b"\x11\x05" * 79 + b"\x0b"
    with pytest.raises(DecodeError) as caught:
        tree_at(raw)
    assert caught.value.at == len(raw) - 1


def test_names_have_a_bound():
    """A name costs 24, what holds them 8, and there are 10,000 to spend."""

    def names(count):
        return b"\x02\x82" + count.to_bytes(2, "big") + (b"\x09\x06" + ENERGY) * count

    assert len(tree_at(names(416))[0]) == 416
    with pytest.raises(TooLargeError, match="more than a push list of 10000 octets has") as caught:
        tree_at(names(417))
    assert caught.value.at == 4 + 8 * 416


def test_leaves_of_one_or_two_octets_are_shared():
    node, _ = tree_at(octets("0104 1105 1105 00 00"))
    assert node[0] is node[1]
    assert node[2] is node[3]
    assert values(node) == [5, 5, None, None]
