"""Attributes and methods as descriptors: on the class themselves, on an object what they hold and do."""

import pytest

from anymeter.cosem.members import UNSET, Attribute, Method, attribute, is_choice, method, reads, writes
from anymeter.cosem.model import InterfaceClass
from anymeter.cosem.schema import CHOICE, ENUM, INTEGER, LONG_UNSIGNED, OCTET_STRING, UNSIGNED, array


class Valve(InterfaceClass, class_id=8301, methods_at=0x20):
    """Valve."""

    state = attribute(2, ENUM, words={0: "shut", 1: "open"}, default=1)
    openings = attribute(3, LONG_UNSIGNED, dynamic=True)
    anything = attribute(4, CHOICE)
    pin = attribute(5, OCTET_STRING, secret=True)

    @method(1, INTEGER, returns=UNSIGNED)
    def shut(self, data: int, now: float) -> int:
        """Shut it."""
        self.put(2, 0, now)
        return 7

    @reads(openings)
    def _openings(self, now: float) -> int:
        return int(now)

    @writes(anything)
    def _anything(self, value: object, now: float) -> None:
        self.put(4, ("taken", value), now)


class ValveV1(Valve, class_id=8301, version=1):
    """A newer valve."""

    more = attribute(6, array(UNSIGNED))


def test_on_the_class_a_member_is_itself():
    assert isinstance(Valve.state, Attribute)
    assert isinstance(Valve.shut, Method)
    assert (Valve.state.number, Valve.state.name, Valve.state.class_id) == (2, "state", 8301)
    assert (Valve.shut.number, Valve.shut.name, Valve.shut.class_id, Valve.shut.__doc__) == (
        1,
        "shut",
        8301,
        "Shut it.",
    )


def test_on_an_object_it_is_what_it_holds_and_does():
    valve = Valve("0-0:96.3.10*255")
    assert (valve.state, valve.pin, valve.anything) == (1, b"", None)
    assert valve.shut(0, 5.0) == 7
    assert valve.state == 0
    valve.state = 1
    assert valve.get(2, 0) == 1


def test_a_subclass_has_members_of_its_own():
    assert ValveV1.state.owner is ValveV1
    assert Valve.state.owner is Valve
    assert ValveV1.state.words == {0: "shut", 1: "open"}
    assert ValveV1.shut.owner is ValveV1
    assert repr(ValveV1.more) == "<ValveV1.more, attribute 6>"
    assert repr(ValveV1.shut) == "<ValveV1.shut, method 1>"


def test_short_names_of_members_count_in_eights():
    assert [a.short_offset for a in Valve.attributes.values()] == [0, 8, 16, 24, 32]
    assert Valve.shut.short_offset == 0x20
    assert ValveV1.shut.short_offset is None, "a version does not inherit the offset: its methods may have moved"


def test_readers_and_writers_stand_between_the_object_and_its_client():
    valve = Valve("0-0:96.3.10*255")
    assert valve.encoded(3, 258.9) == bytes.fromhex("120102")
    valve.write(4, bytes.fromhex("1105"), 0)
    assert valve.anything == ("taken", 5)


def test_a_secret_says_so_and_so_does_a_choice():
    assert Valve.pin.secret
    assert not Valve.state.secret
    assert is_choice(Valve.anything)
    assert not is_choice(Valve.state)
    assert repr(UNSET) == "UNSET"


def test_the_default_is_the_first_value_of_the_type_unless_it_is_given():
    assert Valve.state.initial() == 1
    assert Valve.openings.initial() == 0
    assert Valve.anything.initial(UNSIGNED) == 0


def test_an_attribute_that_the_class_lacks_is_an_error_of_the_caller():
    with pytest.raises(TypeError, match="no attribute 'stat'"):
        Valve("0-0:96.3.10*255", stat=1)
