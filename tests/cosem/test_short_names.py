"""Short names: what they stand for, the reserved ones, and no two alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anymeter.cosem.model import InterfaceClass, attribute, method
from anymeter.cosem.schema import INTEGER, UNSIGNED
from anymeter.cosem.short_names import FIRST, RESERVED, ShortNames, bases_of, members_of, span_of
from anymeter.errors import LocalError
from anymeter.obis import Obis


class Small(InterfaceClass, class_id=8330):
    """Two attributes."""

    value = attribute(2, UNSIGNED)


class Large(InterfaceClass, class_id=8331, methods_at=0x28):
    """Three attributes, and methods behind a gap as Register has it."""

    value = attribute(2, UNSIGNED)
    unit = attribute(3, UNSIGNED)
    own = attribute(-1, UNSIGNED)

    @method(1, INTEGER)
    def reset(self, data, now):
        """Reset."""

    @method(3, INTEGER)
    def other(self, data, now):
        """Another, after a gap in the numbers."""

    @method(-1, INTEGER)
    def secret(self, data, now):
        """The manufacturer's own: it has no short name."""


def name(i):
    return Obis(f"0-0:96.1.{i}*255")


def test_attributes_count_in_eights_and_methods_from_the_offset_of_the_class():
    members = members_of(Large(name(1)), 0x1000)
    told = {short: (member.number, member.is_method) for short, member in members.items()}
    assert told == {
        0x1000: (1, False),
        0x1008: (2, False),
        0x1010: (3, False),
        0x1028: (1, True),
        0x1038: (3, True),
    }
    assert (span_of(Large(name(1))), span_of(Small(name(1)))) == (0x40, 0x10)


def test_reserved_names_mean_the_same_everywhere():
    objects = {n: Small(n) for n in [*RESERVED.values(), name(1)]}
    bases = bases_of(objects.values(), {})
    assert {base: bases[n] for base, n in RESERVED.items()} == {base: base for base in RESERVED}
    assert bases[name(1)] == FIRST


def test_fixed_names_stay_and_the_others_go_around_them():
    objects = [Small(name(i)) for i in range(4)]
    assert bases_of(objects, {name(2): 0x108}) == {
        name(2): 0x108,
        name(0): 0x118,
        name(1): 0x128,
        name(3): 0x138,
    }


def test_overlapping_names_are_a_mistake():
    with pytest.raises(LocalError, match="overlap at 2008"):
        bases_of([Small(name(0)), Small(name(1))], {name(0): 0x2000, name(1): 0x2008})


def test_names_run_out():
    class Huge(InterfaceClass, class_id=8332, methods_at=0x7000):
        """Takes half of all names."""

        @method(1, INTEGER)
        def go(self, data, now):
            """Go."""

    with pytest.raises(LocalError, match="no short names are left"):
        bases_of([Huge(name(i)) for i in range(3)], {})


def test_an_association_by_short_names_has_no_name_of_its_own(monkeypatch):
    monkeypatch.setattr(Small, "class_id", 12)
    assert bases_of([Small(name(1))], {}) == {}


def test_names_are_given_anew_when_objects_change():
    objects = {name(1): Small(name(1))}
    names = ShortNames({})
    assert names.at(FIRST + 8, objects).number == 2
    assert names.at(FIRST + 4, objects) is None
    objects[name(2)] = Large(name(2))
    names.forget()
    assert names.base_of(name(2), objects) == FIRST + 0x10
    assert names.at(FIRST + 0x38, objects).is_method
    with pytest.raises(KeyError):
        names.base_of(name(3), objects)


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.dictionaries(st.integers(0, 39), st.integers(0, 100)))
def test_no_two_members_share_a_name(large, fixed):
    objects = [(Large if big else Small)(name(i)) for i, big in enumerate(large)]
    placed = {name(i): 0x4000 + at * 8 for i, at in fixed.items() if i < len(objects)}
    try:
        bases = bases_of(objects, placed)
    except LocalError:
        return
    members = [short for obj in objects for short in members_of(obj, bases[obj.logical_name])]
    assert len(members) == len(set(members))
    assert set(bases) == {obj.logical_name for obj in objects}
