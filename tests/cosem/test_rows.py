"""Plans for the layouts of rows: the same result as the long way, within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem import rows, schema
from anymeter.cosem.data import parse
from anymeter.errors import DecodeError
from cosem.strategies import flat_rows, profiles, reference, simple_types, values_of


@pytest.fixture(autouse=True)
def _no_plans():
    rows._PLANS.clear()


def layouts():
    """Every plan that is known."""
    return [plan for tree in rows._PLANS.values() for plan in rows._leaves(tree)]


def profile(*kinds, count=40):
    body = [kinds[i % len(kinds)](i) for i in range(count)]
    return b"\x01\x82" + count.to_bytes(2, "big") + b"".join(body)


def with_time(i):
    return b"\x02\x03\x09\x0c" + bytes(11) + bytes([i]) + b"\x06" + i.to_bytes(4, "big") + b"\x11\x05"


def without_time(i):
    return b"\x02\x03\x00\x06" + i.to_bytes(4, "big") + b"\x11\x06"


def nested(i):
    return b"\x02\x02\x11" + bytes([i]) + b"\x02\x02\x0f\xfd\x16\x1e"


def text(i):
    return b"\x02\x02\x00\x0a" + bytes([i % 5]) + b"ABCDE"[: i % 5]


@pytest.mark.parametrize(
    "kinds", [(with_time,), (with_time, without_time), (nested,), (text,), (with_time, nested, text)]
)
@pytest.mark.parametrize("count", [1, 3, 4, 7, 8, 9, 40, 41, 73, 200])
def test_rows_of_a_few_layouts(kinds, count):
    raw = profile(*kinds, count=count)
    for _ in range(2):  # the second time with the plans of the first
        value = parse(raw)
        assert value == reference(raw)[0]
        assert [[type(v) for v in row] for row in value] == [[type(v) for v in row] for row in reference(raw)[0]]


def test_a_plan_is_made_for_each_layout():
    parse(profile(with_time, without_time, count=200))
    assert sorted(plan.size for plan in layouts()) == [len(without_time(0)), len(with_time(0))]
    parse(profile(text, count=200))
    assert len(layouts()) == 7


def test_layouts_that_begin_alike_stand_side_by_side():
    raw = profile(text, count=200)
    parse(raw)
    assert list(rows._PLANS) == [b"\x02\x02\x00"]
    assert sorted(plan.example for plan in layouts()) == sorted(text(i) for i in range(5))


@pytest.mark.parametrize("cut", [1, 5, 10])
def test_a_row_that_is_cut_off_is_an_error_also_with_a_plan(cut):
    raw = profile(with_time, without_time, count=80)
    parse(raw)
    with pytest.raises(DecodeError, match=r"past the end|do not fit|message ends"):
        parse(raw[:-cut])


def test_a_wrong_tag_in_a_row_is_an_error_with_its_place():
    raw = bytearray(profile(with_time, count=80))
    parse(bytes(raw))
    at = 4 + 50 * len(with_time(0)) + 16
    assert raw[at] == 6
    raw[at] = 7
    with pytest.raises(DecodeError, match=f"at octet {at}: 7 is no data type"):
        parse(bytes(raw))


def test_short_arrays_ask_for_a_plan_when_their_rows_add_up():
    rows._spare[0] = 0
    parse(profile(with_time, count=7))
    assert layouts() == []
    first = parse(profile(with_time, count=6))
    assert len(layouts()) == 1
    assert parse(profile(with_time, count=6)) == first


def test_no_plans_for_few_rows_long_rows_or_odd_elements():
    rows._spare[0] = 0
    parse(profile(with_time, count=7))
    parse(profile(lambda i: b"\x02\x01\x09\x82\x02\x01" + bytes(513)))
    parse(profile(lambda i: b"\x02\x01\x04\x03\xa0"))
    parse(profile(lambda i: b"\x02\x00"))
    parse(profile(lambda i: b"\x02\x81\x01\x00"))
    parse(profile(lambda i: b"\x02\x47" + b"\x11\x05" * 71))
    parse(profile(lambda i: b"\x02\x01" * 8 + b"\x11\x05"))
    assert layouts() == []


def test_plans_are_bounded():
    for first in range(0, 250, 50):
        parse(
            profile(
                *[
                    lambda i, n=n: b"\x02\x02\x00\x09" + bytes([n]) + bytes(n)
                    for n in range(first % 100, first % 100 + 20)
                ],
                count=160,
            )
        )
    assert 0 < len(layouts()) <= rows._MOST_PLANS
    for width in range(1, 62):
        for tag in (0x11, 0x0F, 0x16, 0x00, 0xFF):
            octets = b"\x00" if tag in (0, 255) else bytes([tag, 5])
            parse(profile(lambda i, w=width, o=octets: b"\x02" + bytes([w]) + o * w, count=8))
    assert 0 < len(rows._PLANS) <= rows._MOST_KEYS


def test_depth_is_the_same_with_a_plan():
    def deep(i):
        return b"\x02\x01" * 3 + b"\x11" + bytes([i])

    parse(profile(deep))
    assert len(layouts()) == 1
    inside = profile(deep)
    assert parse(b"\x01\x01" * 28 + inside)
    with pytest.raises(DecodeError, match="nested more than 32 deep"):
        parse(b"\x01\x01" * 29 + inside)


@given(profiles())
def test_plans_made_for_others_change_nothing(raw):
    """Plans stay from example to example here."""
    assert repr(parse(raw)) == repr(reference(raw)[0])


@given(st.lists(flat_rows, min_size=1, max_size=12), st.data())
def test_every_plan_of_a_tree_is_found_again(kinds, data):
    made = [kind.encode(data.draw(values_of(kind))) for kind in kinds]
    raw = b"\x01\x81\xc0" + b"".join(made[i % len(made)] for i in range(192))
    assert repr(parse(raw)) == repr(parse(raw)) == repr(reference(raw)[0])


@given(simple_types, st.data())
def test_every_type_in_a_plan(kind, data):
    row = schema.structure(kind, schema.UNSIGNED)
    made = [row.encode((data.draw(values_of(kind)), 7))] * 50
    raw = b"\x01\x32" + b"".join(made)
    assert repr(parse(raw)) == repr(reference(raw)[0])
