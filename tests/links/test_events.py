"""What a link tells its driver."""

import msgspec
import pytest

from anymeter.links.events import Closed, Discarded, Opened, Route, Unit


def test_a_route_is_a_key_and_reads_well():
    assert {Route(16, 1): "a"}[Route(16, 1)] == "a"
    assert Route(16, 1) != Route(16, 1, 17)
    assert (str(Route(16, 1)), str(Route(16, 1, 17))) == ("client 16, server 1", "client 16, server 1/17")


def test_a_unit_is_confirmed_unless_it_says_otherwise():
    assert Unit(Route(16, 1), b"\xc0").confirmed
    assert not Unit(Route(16, 1), b"\xc0", confirmed=False).confirmed


def test_what_closed_without_a_route_is_the_whole_line():
    assert Closed() == Closed("", None, False)
    assert Opened(Route(16, 1)).max_apdu is None


@pytest.mark.parametrize("event", [Route(16, 1), Unit(Route(16, 1), b""), Closed(), Discarded("noise", b"\x00")])
def test_events_do_not_change(event):
    with pytest.raises(AttributeError):
        setattr(event, msgspec.structs.fields(event)[0].name, None)
