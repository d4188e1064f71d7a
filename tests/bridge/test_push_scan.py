"""What names what in a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.bridge.push_scan import scaler_unit, scan
from anymeter.bridge.push_tree import Leaf, tree_of
from anymeter.cosem.data import Enum
from anymeter.obis import Obis

A, B = Obis("1-0:1.8.0").octets, Obis("1-0:2.8.0").octets
WH = (0, Enum(30))


def plain(node):
    if node is None or isinstance(node, Leaf):
        return None if node is None else node.value
    return [plain(n) for n in node]


def items(value):
    return [(str(i.obis), plain(i.value), i.scaler, i.unit) for i in scan(tree_of(value)).items]


def loose(value):
    return [leaf.value for leaf in scan(tree_of(value)).loose]


@pytest.mark.parametrize(
    "value",
    [
        (A, 5, WH),
        [(A, 5, WH)],
        [(A, WH, 5)],
        [(5, WH, A)],
        [(5, 3, WH, A)],
        [(A, (5, WH))],
        [(A, 5, 0, Enum(30))],
        (A, 5, 0, Enum(30)),
        [(3, A, 2, 5, WH)],
        [(3, A, 2, 5), (3, A, 3, WH)],
        ([(3, A, 2, 0), (3, A, 3, 0)], 5, WH),
        ([(3, A, 2, 0), (3, A, 3, 0)], (5, WH)),
        ([(40, B, 2, 0), (3, A, 2, 0), (3, A, 3, 0)], 5, WH),
        [b"\x00\x03" + A + b"\x02", 5, WH],
        [[[(A, 5, WH)]]],
    ],
)
def test_one_object_in_every_shape(value):
    assert items(value) == [("1-0:1.8.0*255", 5, 0, 30)]
    assert loose(value) == []


@pytest.mark.parametrize("value", [(A, 5, B, 6), [(A, 5), (B, 6)], ((5, A), (6, B)), [(3, A, 2, 5), (3, B, 2, 6)]])
def test_two_objects(value):
    assert items(value) == [("1-0:1.8.0*255", 5, None, None), ("1-0:2.8.0*255", 6, None, None)]


def test_class_and_attribute_are_kept():
    (item,) = scan(tree_of([(3, A, 2, 5)])).items
    assert (item.class_id, item.attribute) == (3, 2)
    (item,) = scan(tree_of([(5, 3, WH, A)])).items
    assert item.class_id == 3


def test_a_code_without_a_value():
    assert items((A, B, 6)) == [("1-0:1.8.0*255", None, None, None), ("1-0:2.8.0*255", 6, None, None)]
    assert items((A,)) == [("1-0:1.8.0*255", None, None, None)]


def test_in_a_pair_the_second_is_the_value_even_if_it_looks_like_a_code():
    (item,) = scan(tree_of((A, B))).items
    assert item.value.value == B


def test_what_stands_before_any_code_is_loose():
    assert loose(("text", None, A, 5)) == ["text"]
    assert loose((1, (2, 3))) == [1, 2, 3]


def test_what_follows_a_value_belongs_to_it():
    (item,) = scan(tree_of((A, 5, 7, "x"))).items
    assert [leaf.value for leaf in item.extra] == [7, "x"]
    (item,) = scan(tree_of((A, 5, (1, 2)))).items
    assert [plain(node) for node in item.extra] == [[1, 2]]


def test_structures_after_a_flat_pair_are_objects_of_their_own():
    assert items((A, 5, (B, 6, WH))) == [("1-0:1.8.0*255", 5, None, None), ("1-0:2.8.0*255", 6, 0, 30)]


def test_a_structured_value_stays_whole():
    assert items((A, [1, 2, 3])) == [("1-0:1.8.0*255", [1, 2, 3], None, None)]


def test_definitions_that_do_not_match_the_values_are_objects_themselves():
    """Four elements {class, code, attribute, x} are then an object with the value x."""
    assert items(([(3, A, 2, 8), (3, B, 2, 9)], 1, 2, 3)) == [
        ("1-0:1.8.0*255", 8, None, None),
        ("1-0:2.8.0*255", 9, None, None),
    ]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ((-3, Enum(30)), (-3, 30)),
        ([1, Enum(255)], (1, 255)),
        ((30, Enum(1)), (30, 1)),
        ((31, Enum(1)), None),
        ((1, 30), None),
        ((True, Enum(1)), None),
        ((Enum(1), Enum(1)), None),
        ((1, Enum(1), 2), None),
        (5, None),
    ],
)
def test_scaler_and_unit(value, wanted):
    assert scaler_unit(tree_of(value)) == wanted


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.integers(-5, 500)), max_size=8), st.booleans())
def test_flat_or_nested_the_objects_are_the_same(pairs, with_units):
    nested = [(code, n, WH) if with_units else (code, n) for code, n in pairs]
    flat = tuple(x for entry in nested for x in entry)
    assert items(nested) == items(flat)
    assert [i[1] for i in items(nested)] == [n for _, n in pairs]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ((True, A, 2, 5), ("1-0:1.8.0*255", 2)),
        ((0, A, 2, 5), ("1-0:1.8.0*255", 2)),
        ((0x10000, A, 2, 5), ("1-0:1.8.0*255", 2)),
        ((3, A, 128, 5), ("1-0:1.8.0*255", 128)),
        ((3, A, (2,), 5), ("1-0:1.8.0*255", [2])),
    ],
)
def test_what_is_no_class_or_attribute_is_a_value(value, kept):
    """Class 1 to 65535, attribute of seven bits: anything else is not a key of three elements."""
    (item,) = scan(tree_of([value])).items
    assert (str(item.obis), plain(item.value)) == kept
    assert item.class_id is None


@pytest.mark.parametrize("value", [(5, "x", A), (5, 3, 4, A), (5, 3, (1, 2), A), ([5], A), (5, 3, WH, 7, A)])
def test_what_does_not_end_with_its_code(value):
    """Before the code only value, class, and scaler with unit may stand."""
    found = scan(tree_of([value]))
    assert [(str(item.obis), item.value) for item in found.items] == [("1-0:1.8.0*255", None)]


@pytest.mark.parametrize(
    "value",
    [
        ([], 5, 6),
        ([3, 4], 5, 6),
        ([(3, A, 2)], 5),
        ([(3, A, 2, "x")], 5),
        ([(3, A, 2, 0), (3, B, 2, 0)], 5, 6, 7, 8),
    ],
)
def test_lists_that_only_begin_like_definitions(value):
    assert all(item.class_id is None or item.attribute for item in scan(tree_of(value)).items)
    assert ("1-0:2.8.0*255", 6, None, None) not in items(value)


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ([(3, A, 2, 5), (3, A, 3, WH)], [(5, 30, 0)]),
        ([(3, A, 3, WH), (3, A, 2, 5)], [(5, 30, 0)]),
        ([(3, A, 2, 5), (3, B, 3, WH)], [(5, None, 0), (None, 30, 0)]),
        ([(3, A, 2, 5, WH), (3, A, 3, (1, Enum(27)))], [(5, 30, 0), (None, 27, 0)]),
        ([(4, A, 2, 5), (4, A, 5, "now")], [(5, None, 1)]),
        ([(5, A, 2, 5), (5, A, 6, "now")], [(5, None, 1)]),
        ([(4, A, 2, 5), (4, A, 4, "now")], [(5, None, 0), ("now", None, 0)]),
    ],
)
def test_attributes_go_to_the_value_of_their_register(entries, wanted):
    """Scaler and unit are attribute 3; the capture time is attribute 5 of class 4, 6 of class 5."""
    made = scan(tree_of(entries)).items
    assert [
        (plain(i.value) if i.value is None or not isinstance(plain(i.value), list) else None, i.unit, len(i.extra))
        for i in made
    ] == wanted


def test_extra_is_taken_from_the_end():
    (item,) = scan(tree_of((A, 5, 7, "x"))).items
    assert item.take_last().value == "x"
    assert item.take_last().value == 7
    assert item.take_last() is None
