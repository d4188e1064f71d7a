"""What links say about octets that are no frame."""

from __future__ import annotations

import pytest

from anymeter.links import hdlc
from anymeter.links.events import Discarded


def test_discarded_octets_are_values():
    assert Discarded("no flag", b"\x01") == Discarded("no flag", b"\x01")
    assert Discarded("no flag", b"\x01") != Discarded("no flag", b"\x02")
    assert len({Discarded("no flag", b"\x01"), Discarded("no flag", b"\x01")}) == 1


def test_they_do_not_change():
    with pytest.raises(AttributeError):
        Discarded("no flag", b"\x01").why = "other"


def test_every_link_speaks_of_the_same_class():
    assert hdlc.Discarded is Discarded
    assert isinstance(hdlc.frames(b"\x01")[0], Discarded)
